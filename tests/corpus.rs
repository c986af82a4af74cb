//! What the transcripts must show: every command, every word of its syntax line, every error text.

use std::path::{Path, PathBuf};

use brooklet::command::table::COMMANDS;
use notation::coverage::Coverage;
use notation::differences::{UNSHOWN_ERRORS, UNSHOWN_WORDS};
use notation::replay::scripts;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in folder.read_dir().expect("a folder of the repository").flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
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
    let scripts = scripts(&root().join("tests/transcripts")).expect("scripts that can be read");
    let mut coverage = Coverage::default();
    for (_, script) in &scripts {
        coverage.add(script);
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
    for found in COMMANDS.all().filter(|found| !found.is_container()) {
        let name = found.full_name().replace('|', " ");
        for word in std::iter::once("").chain(literals(found.syntax())) {
            let excused = UNSHOWN_WORDS.iter().any(|it| (it.0, it.1) == (name.as_str(), word));
            if (coverage.word(&name, word) == 0) != excused {
                missing.push(format!("{name} {word}"));
            }
        }
    }
    assert!(missing.is_empty(), "no scenario, or an excuse that has one:\n{missing:#?}");
}

/// The beginnings of error texts in a source: string literals that start with an error's code, and
/// what is wrong with a request's protocol.
fn error_texts(source: &str) -> Vec<String> {
    const CODES: [&str; 9] = [
        "ERR",
        "EXECABORT",
        "NOAUTH",
        "NOGROUP",
        "NOPROTO",
        "OOM",
        "UNBLOCKED",
        "WRONGPASS",
        "WRONGTYPE",
    ];
    let shipped = source.split("#[cfg(test)]").next().unwrap_or_default();
    let protocol = shipped.contains("Error::protocol(b\"");
    let lines = shipped.lines().filter(|line| !line.trim_start().starts_with("//"));
    let literals = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
    let error = |text: &str| {
        let (code, words) = text.split_once(' ')?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b' ';
        if !words.is_empty() && (CODES.contains(&code) || code.starts_with("BUSY")) {
            Some(text.to_owned())
        } else {
            let fault = protocol && text.bytes().all(plain);
            fault.then(|| format!("ERR Protocol error: {text}"))
        }
    };
    literals.filter_map(error).collect()
}

/// Whether a source answers HTTP: its texts are no replies.
fn is_rest(path: &Path) -> bool {
    ["src/rest", "src/bindings/http"].iter().any(|room| path.starts_with(root().join(room)))
}

#[test]
fn every_error_text_is_shown() {
    let coverage = coverage();
    let mut missing = Vec::new();
    for path in sources(&root().join("src")).into_iter().filter(|path| !is_rest(path)) {
        for text in error_texts(&read(&path)) {
            let excused = UNSHOWN_ERRORS.iter().any(|(excused, _)| *excused == text);
            if coverage.heard(text.as_bytes()) == excused {
                missing.push(text);
            }
        }
    }
    assert!(missing.is_empty(), "no scenario, or an excuse that has one:\n{missing:#?}");
}

/// Errors that no request of `tests/rest` is answered with, and why.
const UNSHOWN_IN_REST: [(&str, &str); 7] = [
    ("ERR The connection is closed", "somebody else closes it meanwhile: tests/rest.rs"),
    ("ERR a command ended the transaction: nothing was run", "no command that could is let in"),
    ("ERR another writer has taken over: ask it", "takes two instances: examples/host-http"),
    ("ERR events need a host that keeps requests open, and this one answers at once", ONE_KNOWS),
    ("ERR max number of waiting requests reached. Limit: ", "takes as many that wait"),
    ("ERR the body of the request ended early", "no client that means well does that"),
    ("WRONGPASS no token is configured, so only requests from this ", "takes a host without one"),
];
const ONE_KNOWS: &str = "the handler of the npm package answers with events";

#[test]
fn every_error_text_of_rest_is_shown() {
    let cases = root().join("tests/rest").read_dir().expect("requests and answers").flatten();
    let cases =
        cases.map(|it| it.path()).filter(|path| path.extension().is_some_and(|it| it == "json"));
    let shown: Vec<String> = cases.map(|path| read(&path)).collect();
    let mut missing = Vec::new();
    for path in sources(&root().join("src")).into_iter().filter(|path| is_rest(path)) {
        for text in error_texts(&read(&path)) {
            // A literal that goes on in the next line.
            let text = text.trim_end_matches('\\');
            let excused = UNSHOWN_IN_REST.iter().any(|(excused, _)| *excused == text);
            if shown.iter().any(|cases| cases.contains(text)) == excused {
                missing.push(text.to_owned());
            }
        }
    }
    assert!(missing.is_empty(), "no request, or an excuse that has one:\n{missing:#?}");
}
