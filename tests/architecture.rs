//! The house rules that a compiler does not check: which way the arrows point, how large rooms
//! are, what a core must not name.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const LONGEST_FILE: usize = 800;
const LONGEST_LINE: usize = 100;
const LONGEST_FUNCTION: usize = 70;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// The sources below a folder, without what Cargo made of them.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("target") {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The part of a file that ships: everything before its test module.
fn shipped(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod tests").map_or(text, |end| &text[..end])
}

/// The modules that a `mod.rs` or `lib.rs` declares, in order.
fn declared(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| {
            let line =
                line.strip_prefix("pub(crate) ").or(line.strip_prefix("pub ")).unwrap_or(line);
            line.strip_prefix("mod ")?.strip_suffix(';').map(str::to_owned)
        })
        .collect()
}

/// The modules of the same folder that a file names through `prefix`.
fn named<'t>(text: &'t str, prefix: &str) -> Vec<&'t str> {
    let mut names = Vec::new();
    for (start, _) in text.match_indices(prefix) {
        let rest = &text[start + prefix.len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let list = &list[..list.find('}').unwrap_or(list.len())];
            names.extend(list.split(',').map(|name| name.trim().split("::").next().unwrap_or("")));
        } else {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            names.push(&rest[..end]);
        }
    }
    names
}

/// The one cycle: a row of the command table holds the function that runs in a context, and
/// COMMAND, run in a context, speaks of the table.
const ALLOWED: [(&str, &str); 1] = [("command/spec.rs", "context")];

/// A file may name only modules that are declared before its own: the order of `mod` lines is the
/// architecture, and it has no cycles.
#[test]
fn arrows_point_to_modules_declared_before() {
    let mut wrong = Vec::new();
    for home in rust_files(&root().join("src")) {
        let folder = home.parent().expect("a folder");
        let is_home = home.ends_with("mod.rs") || home.ends_with("lib.rs");
        if !is_home {
            continue;
        }
        let order: BTreeMap<String, usize> =
            declared(&read(&home)).into_iter().enumerate().map(|(at, name)| (name, at)).collect();
        let prefix = if home.ends_with("lib.rs") { "crate::" } else { "super::" };
        for (module, place) in &order {
            let file = folder.join(format!("{module}.rs"));
            let inside = folder.join(module);
            let files = if file.exists() { vec![file] } else { rust_files(&inside) };
            for path in files {
                let direct = path.parent() == Some(folder) || path.ends_with("mod.rs");
                if prefix == "super::" && !direct {
                    continue;
                }
                let text = read(&path);
                for name in named(shipped(&text), prefix) {
                    let allowed =
                        ALLOWED.iter().any(|(end, of)| path.ends_with(end) && *of == name);
                    if !allowed && order.get(name).is_some_and(|at| at > place) {
                        wrong.push(format!("{} names {name}, declared later", path.display()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_its_job_first_and_keeps_its_size() {
    let mut wrong = Vec::new();
    for folder in ["src", "tests", "benches", "xtask/src"] {
        for path in rust_files(&root().join(folder)) {
            let text = read(&path);
            if !text.starts_with("//! ") {
                wrong.push(format!("{}: no `//!` sentence at the top", path.display()));
            }
            if text.lines().count() > LONGEST_FILE {
                wrong.push(format!("{}: over {LONGEST_FILE} lines", path.display()));
            }
            for (number, line) in text.lines().enumerate() {
                let is_text = line.contains('"');
                if line.chars().count() > LONGEST_LINE && !is_text {
                    wrong.push(format!("{}:{}: too long", path.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn functions_fit_a_screen() {
    let mut wrong = Vec::new();
    for path in rust_files(&root().join("src")) {
        let text = read(&path);
        let mut start = None;
        for (number, line) in text.lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let code = line.trim_start();
            let is_function = ["fn ", "pub fn ", "pub(super) fn ", "pub(crate) fn ", "const fn "]
                .iter()
                .any(|prefix| code.starts_with(prefix));
            if is_function && !line.ends_with(';') {
                start = Some((number, indent));
            } else if let Some((begin, depth)) = start
                && code == "}"
                && indent == depth
            {
                if number - begin + 1 > LONGEST_FUNCTION {
                    wrong.push(format!("{}:{}", path.display(), begin + 1));
                }
                start = None;
            }
        }
    }
    assert!(wrong.is_empty(), "functions over {LONGEST_FUNCTION} lines:\n{}", wrong.join("\n"));
}

/// Time, chance, threads, files and output come from the host; so does everything that a clock or
/// a socket would tell. Hash maps iterate in an order of their own.
#[test]
fn the_core_names_nothing_outside_itself() {
    const BANNED: [&str; 9] = [
        "std::",
        "Instant",
        "SystemTime",
        "HashMap",
        "HashSet",
        "println!",
        "unsafe ",
        "todo!(",
        "unimplemented!(",
    ];
    let mut wrong = Vec::new();
    for path in rust_files(&root().join("src")) {
        if path.components().any(|part| part.as_os_str() == "bindings") {
            continue;
        }
        let text = read(&path);
        for (number, line) in shipped(&text).lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            let allowed = code.contains("impl std::error::Error");
            if let Some(word) = BANNED.iter().find(|word| code.contains(**word))
                && !allowed
            {
                wrong.push(format!("{}:{}: {word}", path.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The data type knows no keys, no protocol and no sessions; commands know no engine.
#[test]
fn rooms_know_only_what_they_may() {
    let forbidden: [(&str, &[&str]); 3] = [
        ("src/stream", &["crate::keyspace", "crate::reply", "crate::resp", "crate::state"]),
        ("src/command", &["crate::engine"]),
        ("src/bindings", &["crate::stream", "crate::command"]),
    ];
    for (folder, words) in forbidden {
        for path in rust_files(&root().join(folder)) {
            let text = read(&path);
            for word in words {
                assert!(!shipped(&text).contains(word), "{} names {word}", path.display());
            }
        }
    }
}

/// The flavours of the component's contract have the same records: hosts of both share them.
#[test]
fn both_contracts_speak_of_the_same() {
    let types = |folder: &str| read(&root().join(folder).join("types.wit"));
    assert_eq!(types("wit").replace("0.1.0", "0.2.0"), types("wit/wasi-0.3"));
}
