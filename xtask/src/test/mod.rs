//! `cargo xtask test`: every suite, a failing one included, and one summary at the end.

mod log;
mod needs;
mod suites;
mod summary;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};
use clap::Args;

use crate::interrupt;
use crate::report::{Colour, paint, say, seconds};
use log::Log;
use needs::Needs;
use suites::{SUITES, Suite};
use summary::Outcome;

/// Which suites to run, and how loud.
#[derive(Args)]
pub struct Options {
    /// Run only suites whose name contains one of these words
    filters: Vec<String>,
    /// Name the suites and end
    #[arg(long)]
    list: bool,
    /// Show what suites print while they run, not only when they fail
    #[arg(long, short)]
    verbose: bool,
}

/// Runs the chosen suites and says how each of them ended.
pub fn run(options: &Options) -> Result<ExitCode> {
    if options.list {
        for suite in SUITES {
            println!("{:<14} {}", suite.name, suite.about);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let chosen = choose(&options.filters)?;
    let begun = Instant::now();
    let mut needs = Needs::default();
    interrupt::listen()?;
    let mut outcomes = Vec::new();
    for suite in chosen {
        outcomes.push(perform(suite, &mut needs, options.verbose));
        interrupt::check()?;
    }
    print!("\n{}", summary::table(&outcomes, paint));
    let failed = outcomes.iter().filter(|outcome| outcome.result.is_err()).count();
    let took = seconds(begun.elapsed());
    if failed == 0 {
        println!("{} in {took}", paint(Colour::Green, "All suites passed"));
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} in {took}", paint(Colour::Red, &format!("{failed} of {} failed", outcomes.len())));
    Ok(ExitCode::FAILURE)
}

/// The suites that the filters name; a filter that names none is a mistake.
fn choose(filters: &[String]) -> Result<Vec<&'static Suite>> {
    for filter in filters {
        let known = SUITES.iter().any(|suite| suite.name.contains(filter));
        ensure!(known, "no suite is named like {filter}: cargo xtask test --list names them");
    }
    let wanted = |suite: &&Suite| {
        filters.is_empty() || filters.iter().any(|filter| suite.name.contains(filter))
    };
    Ok(SUITES.iter().filter(wanted).collect())
}

/// Sets up what the suite needs and runs it; what cannot be set up fails the suite.
fn perform(suite: &'static Suite, needs: &mut Needs, verbose: bool) -> Outcome {
    let prepared = needs.prepare(suite.needs);
    let begun = Instant::now();
    let result = prepared.and_then(|()| {
        say(&paint(Colour::Bold, &format!("── {} · {}", suite.name, suite.about)));
        let mut log = Log::create(suite.name, verbose)?;
        (suite.run)(&mut log).inspect_err(|error| log.show(error))
    });
    let took = begun.elapsed();
    match &result {
        Ok(note) => say(&format!("{} {} {note}", paint(Colour::Green, "✓"), seconds(took))),
        Err(error) => say(&format!("{} {}: {error:#}", paint(Colour::Red, "✗"), suite.name)),
    }
    Outcome { suite: suite.name, result: result.map_err(|error| format!("{error:#}")), took }
}

#[cfg(test)]
mod tests {
    use super::choose;
    use super::suites::SUITES;

    fn names(filters: &[&str]) -> Vec<&'static str> {
        let filters: Vec<_> = filters.iter().map(ToString::to_string).collect();
        choose(&filters).unwrap().into_iter().map(|suite| suite.name).collect()
    }

    #[test]
    fn filters_choose_by_a_part_of_the_name() {
        assert_eq!(names(&[]).len(), SUITES.len());
        assert_eq!(names(&["clip", "fm"]), ["fmt", "clippy"]);
    }

    #[test]
    fn a_filter_without_a_suite_is_an_error() {
        let error = choose(&["fmt".into(), "clipy".into()]).err().unwrap().to_string();
        assert!(error.contains("clipy"), "{error}");
    }
}
