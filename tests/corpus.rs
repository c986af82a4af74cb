//! What the transcripts must show: every command, every word of its syntax line, every error text.

use std::path::{Path, PathBuf};

use brooklet::command::table::COMMANDS;
use notation::Script;
use notation::coverage::Coverage;

/// Words that no scenario has a command accept, with the reason.
const WORDS_LEFT_OUT: &[(&str, &str, &str)] = &[];

/// Errors that no scenario has, with the reason.
const ERRORS_LEFT_OUT: &[(&str, &str)] = &[];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in folder.read_dir().expect("a folder of the repository").flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(files(&path, extension));
        } else if path.extension().is_some_and(|it| it == extension) {
            all.push(path);
        }
    }
    all.sort();
    all
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn coverage() -> Coverage {
    let mut coverage = Coverage::default();
    for path in files(&root().join("tests/transcripts"), "txt") {
        coverage.add(&Script::parse(&read(&path)).expect("transcripts.rs checks it"));
    }
    coverage
}

/// The words of a syntax line that stand for themselves.
fn literals(syntax: &str) -> impl Iterator<Item = &str> {
    let words = syntax.split(|char: char| char.is_whitespace() || "[]<>|".contains(char));
    words.filter(|word| {
        let first = word.chars().next();
        first.is_some_and(|first| !first.is_ascii_lowercase()) && *word != "..."
    })
}

#[test]
fn every_command_and_every_word_of_its_syntax_is_shown() {
    let coverage = coverage();
    let mut missing = Vec::new();
    for found in COMMANDS.all().filter(|found| found.spec.subcommands.is_empty()) {
        let name = found.full_name().replace('|', " ");
        if coverage.command(&name) == 0 {
            missing.push(name.clone());
        }
        for word in literals(found.spec.syntax) {
            let excused = WORDS_LEFT_OUT.iter().any(|it| (it.0, it.1) == (name.as_str(), word));
            if (coverage.word(&name, word) == 0) != excused {
                missing.push(format!("{name} {word}"));
            }
        }
    }
    assert!(missing.is_empty(), "no scenario, or an excuse that has one:\n{missing:#?}");
}

/// The beginnings of error texts in a source: string literals that start with an error's code.
fn error_texts(source: &str) -> Vec<String> {
    let shipped = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = shipped.lines().filter(|line| !line.trim_start().starts_with("//"));
    let literals = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
    let error = |text: &&str| {
        let code = text.split(' ').next().unwrap_or_default();
        let known = ["ERR", "OOM", "NOAUTH", "WRONGTYPE", "WRONGPASS", "UNBLOCKED", "NOPROTO"];
        let known = known.contains(&code) || ["NOGROUP", "EXECABORT"].contains(&code);
        text.len() > code.len() + 1 && (known || code.starts_with("BUSY"))
    };
    literals.filter(error).map(str::to_owned).collect()
}

#[test]
fn every_error_text_is_shown() {
    let coverage = coverage();
    let mut missing = Vec::new();
    for path in files(&root().join("src"), "rs") {
        for text in error_texts(&read(&path)) {
            let excused = ERRORS_LEFT_OUT.iter().any(|(excused, _)| *excused == text);
            if coverage.heard(text.as_bytes()) == excused {
                missing.push(text);
            }
        }
    }
    assert!(missing.is_empty(), "no scenario, or an excuse that has one:\n{missing:#?}");
}
