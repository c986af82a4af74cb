//! The page: a table for each group of commands, and the list of deliberate differences.

use std::fmt::Write as _;

use brooklet::command::table::COMMANDS;
use notation::coverage::Coverage;
use notation::differences::{UNSHOWN_ERRORS, UNSHOWN_WORDS};

use super::differences::DIFFERENCES;
use super::facts::{Fact, GROUPS};

/// A row of the command table, as the page needs it.
struct Row {
    name: String,
    syntax: &'static str,
}

/// The whole page.
pub fn page(facts: &[Fact], coverage: &Coverage) -> String {
    let rows: Vec<_> = COMMANDS.all().filter(|found| !found.is_container()).collect();
    let row = |found: &brooklet::command::registry::Found| Row {
        name: found.full_name().replace('|', " "),
        syntax: found.syntax(),
    };
    let rows: Vec<Row> = rows.iter().map(row).collect();
    let mut out = head(coverage.scenarios);
    for (group, title) in GROUPS {
        let facts: Vec<_> = facts.iter().filter(|fact| fact.group == group).collect();
        section(&mut out, title, &facts, &rows, coverage);
    }
    out += "## Other types\n\nLists, hashes, sets, sorted sets and what else Redis has (arrays, bitmaps, \
            cluster,\ngeo, HyperLogLog, modules) are absent: their commands are unknown commands.\n\n";
    tail(&mut out);
    out
}

fn head(scenarios: usize) -> String {
    format!(
        "<!-- Written by `cargo xtask compatibility`; edit what it reads instead. -->\n\n\
        # Compatibility\n\n\
        What Brooklet has of Redis 8.10.2, held against {scenarios} scenarios that were recorded \
        from it\n(`tests/transcripts`) and replay on every edge.\n\n\
        A number in brackets says in how many scenarios the command, or the command with this \
        word, is\naccepted. A version is the Redis that had it first; at a word, where that is a \
        later one than the\ncommand's.\n\n"
    )
}

fn section(out: &mut String, title: &str, facts: &[&Fact], rows: &[Row], coverage: &Coverage) {
    let mut lines = String::new();
    let mut absent = Vec::new();
    for fact in facts {
        let Some(row) = rows.iter().find(|row| row.name == fact.name) else {
            // A container is there if one of its subcommands is; if none is, it stands for them.
            let (container, subcommand) = fact.name.split_once(' ').unwrap_or((&fact.name, ""));
            let has_some = rows.iter().any(|row| row.name.starts_with(&format!("{container} ")));
            if has_some != subcommand.is_empty() {
                absent.push(format!("`{}`", fact.name.to_uppercase()));
            }
            continue;
        };
        let name = fact.name.to_uppercase();
        let count = coverage.command(&fact.name);
        let count = if count == 0 { String::new() } else { format!(" ({count})") };
        let (has, lacks) = words(fact, row, coverage);
        writeln!(lines, "| `{name}`{count} | {} | {has} | {lacks} |", fact.since)
            .expect("a String takes everything");
    }
    write!(out, "## {title}\n\n").expect("a String takes everything");
    if !lines.is_empty() {
        *out += "| Command | Redis | Words | Not here |\n|---|---|---|---|\n";
        *out += &lines;
        out.push('\n');
    }
    if !absent.is_empty() {
        write!(out, "Absent: {}.\n\n", absent.join(", ")).expect("a String takes everything");
    }
}

/// The words that both have, and those that only Redis has.
fn words(fact: &Fact, row: &Row, coverage: &Coverage) -> (String, String) {
    let parts = row.syntax.split(|char: char| char.is_whitespace() || "[]<>|".contains(char));
    let ours: Vec<_> = parts.collect();
    let (mut has, mut lacks) = (Vec::new(), Vec::new());
    for (word, since) in &fact.words {
        let since = if *since == fact.since { String::new() } else { format!(" {since}") };
        if !ours.contains(&word.as_str()) {
            lacks.push(format!("`{word}`{since}"));
            continue;
        }
        let count = coverage.word(&fact.name, word);
        let count = if count == 0 { String::new() } else { format!(" ({count})") };
        has.push(format!("`{}`{since}{count}", word.replace('|', "\\|")));
    }
    (has.join(", "), lacks.join(", "))
}

fn tail(out: &mut String) {
    *out += "## Deliberate differences\n\n| Where | In Brooklet | Why |\n|---|---|---|\n";
    for (place, what, why) in DIFFERENCES {
        writeln!(out, "| {place} | {what} | {why} |").expect("a String takes everything");
    }
    *out += "\n## What no scenario shows\n\n";
    for (command, word, why) in UNSHOWN_WORDS {
        let call = format!("{command} {word}");
        writeln!(out, "- `{}`: {why}.", call.trim_end().to_uppercase())
            .expect("a String takes everything");
    }
    for (text, why) in UNSHOWN_ERRORS {
        writeln!(out, "- The error `{}`: {why}.", text.trim_end_matches(" \\"))
            .expect("a String takes everything");
    }
}
