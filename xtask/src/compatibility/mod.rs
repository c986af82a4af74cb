//! `cargo xtask compatibility`: writes docs/compatibility.md from the command table, the corpus and
//! what Redis says of its commands.

mod differences;
mod facts;
mod page;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use clap::Args;
use notation::coverage::Coverage;
use notation::replay::scripts;

use crate::{paths, report};
use facts::Fact;

/// What may be said on the command line.
#[derive(Args)]
pub struct Options {
    /// Ask this Redis anew what its commands are, for docs/redis-commands.txt
    #[arg(long)]
    server: Option<PathBuf>,
}

/// Writes the page.
pub fn run(options: &Options) -> Result<()> {
    if let Some(server) = &options.server {
        let facts = facts::ask(server)?;
        fs::write(facts_path(), facts::text(&facts))?;
        report::say(&format!("{}: {} commands", paths::shown(&facts_path()), facts.len()));
    }
    fs::write(page_path(), generate()?)?;
    report::say(&format!("{} is written", paths::shown(&page_path())));
    Ok(())
}

fn facts_path() -> PathBuf {
    paths::root().join("docs/redis-commands.txt")
}

fn page_path() -> PathBuf {
    paths::root().join("docs/compatibility.md")
}

fn generate() -> Result<String> {
    let path = facts_path();
    let text = fs::read_to_string(&path).with_context(|| paths::shown(&path))?;
    let facts = text.lines().filter(|line| !line.starts_with('#')).map(Fact::parse);
    let facts = facts.collect::<Option<Vec<_>>>().context("docs/redis-commands.txt")?;
    let mut coverage = Coverage::default();
    let scripts = scripts(&paths::tests().join("transcripts")).map_err(|error| anyhow!(error))?;
    for (_, script) in &scripts {
        coverage.add(script);
    }
    Ok(page::page(&facts, &coverage))
}

#[cfg(test)]
mod tests {
    use super::{generate, page_path};

    /// Counts of scenarios may lag behind: two branches that add some would both be right, and
    /// the page wrong once they are together.
    fn without_counts(page: &str) -> String {
        let mut parts = page.split('(');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let rest = part.trim_start_matches(|char: char| char.is_ascii_digit());
            text.push('(');
            text.push_str(rest);
        }
        text.lines().filter(|line| !line.contains(" scenarios that ")).collect()
    }

    #[test]
    fn the_page_says_what_is() {
        let page = generate().expect("the page can be made");
        let committed = std::fs::read_to_string(page_path()).unwrap_or_default();
        let same = without_counts(&page) == without_counts(&committed);
        assert!(same, "docs/compatibility.md is stale: cargo xtask compatibility");
    }
}
