//! What Redis says of its commands: since when each is there, and each of its words.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use notation::Value;
use notation::resp;

use crate::differential::Oracle;

/// A command, or a subcommand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Where COMMAND DOCS files it.
    pub group: String,
    /// `xadd`, `xgroup create`.
    pub name: String,
    /// The version that had it first.
    pub since: String,
    /// Words of its syntax, each with the version that had it first.
    pub words: Vec<(String, String)>,
}

/// Groups that the page goes through one command at a time.
pub const GROUPS: [(&str, &str); 8] = [
    ("stream", "Streams"),
    ("generic", "Keys"),
    ("string", "Strings"),
    ("transactions", "Transactions"),
    ("pubsub", "Publish and subscribe"),
    ("connection", "Connections"),
    ("server", "Server"),
    ("scripting", "Scripts"),
];

impl Fact {
    /// Reads a line: group, name with `|`, version, then words as `WORD=version`.
    pub fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split(' ');
        let mut next = || parts.next().map(str::to_owned);
        let (group, name, since) = (next()?, next()?.replace('|', " "), next()?);
        let words = parts.map(|part| {
            let (word, since) = part.rsplit_once('=')?;
            Some((word.to_owned(), since.to_owned()))
        });
        Some(Self { group, name, since, words: words.collect::<Option<_>>()? })
    }
}

/// All facts as a file.
pub fn text(facts: &[Fact]) -> String {
    let line = |fact: &Fact| {
        let name = fact.name.replace(' ', "|");
        let words = fact.words.iter().map(|(word, since)| format!(" {word}={since}"));
        format!("{} {name} {}{}\n", fact.group, fact.since, words.collect::<String>())
    };
    let head = "# What Redis 8.10.2 says in COMMAND DOCS: since when commands and their words are \
                there.\n# Written by `cargo xtask compatibility --server PATH`.\n";
    head.to_owned() + &facts.iter().map(line).collect::<String>()
}

/// Asks a server.
pub fn ask(server: &Path) -> Result<Vec<Fact>> {
    let reply = Oracle::start(Some(server))?.control(&[b"COMMAND", b"DOCS"])?;
    let (docs, _) = resp::parse(&reply).map_err(|fault| anyhow!("COMMAND DOCS: {fault:?}"))?;
    let mut facts = Vec::new();
    for (name, doc) in pairs(&docs) {
        add(&name, doc, &mut facts).with_context(|| name.clone())?;
    }
    facts.retain(|fact| GROUPS.iter().any(|(group, _)| *group == fact.group));
    facts.sort_by(|one, other| (&one.group, &one.name).cmp(&(&other.group, &other.name)));
    Ok(facts)
}

fn add(name: &str, doc: &Value, facts: &mut Vec<Fact>) -> Result<()> {
    let get = |key: &str| pairs(doc).into_iter().find(|(it, _)| it == key).map(|(_, value)| value);
    let said = |key: &str| get(key).and_then(string).with_context(|| format!("no {key}"));
    let (group, since) = (said("group")?, said("since")?);
    if let Some(subcommands) = get("subcommands") {
        for (subcommand, doc) in pairs(subcommands) {
            add(&subcommand.replace('|', " "), doc, facts)?;
        }
    }
    let mut words = Vec::new();
    if let Some(arguments) = get("arguments") {
        collect(arguments, &since, &mut words);
    }
    if let Some(Value::Array(history)) = get("history") {
        remember(history, &since, &mut words);
    }
    facts.push(Fact { group, name: name.into(), since, words });
    Ok(())
}

/// Some words have no version of their own; then the command's history may name them, in
/// backquotes. The first mention is the one that counts.
fn remember(history: &[Value], since: &str, words: &mut [(String, String)]) {
    let plain = |word: &str| word.replace(['_', '-'], "").to_ascii_uppercase();
    for entry in history {
        let Value::Array(entry) = entry else { continue };
        let [Some(version), Some(text)] = [0, 1].map(|at| entry.get(at).and_then(string)) else {
            continue;
        };
        for named in text.split('`').skip(1).step_by(2) {
            let word = words.iter_mut().find(|(word, _)| plain(word) == plain(named));
            if let Some((_, known)) = word.filter(|(_, known)| *known == since) {
                known.clone_from(&version);
            }
        }
    }
}

/// Tokens of arguments, outer ones first.
fn collect(arguments: &Value, since: &str, words: &mut Vec<(String, String)>) {
    let Value::Array(arguments) = arguments else { return };
    for argument in arguments {
        let fields = pairs(argument);
        let get = |key: &str| fields.iter().find(|(it, _)| it == key).map(|(_, value)| *value);
        let since = get("since").and_then(string).unwrap_or_else(|| since.to_owned());
        // Redis names the token of an empty string so.
        let token = get("token").and_then(string).filter(|token| token != "\"\"");
        if let Some(token) = token.filter(|token| words.iter().all(|(word, _)| word != token)) {
            words.push((token, since.clone()));
        }
        if let Some(parts) = get("arguments") {
            collect(parts, &since, words);
        }
    }
}

fn pairs(value: &Value) -> Vec<(String, &Value)> {
    let Value::Array(values) = value else { return Vec::new() };
    let pairs = values.chunks_exact(2).map(|pair| Some((string(&pair[0])?, &pair[1])));
    pairs.flatten().collect()
}

fn string(value: &Value) -> Option<String> {
    match value {
        Value::Bulk(text) | Value::Simple(text) => String::from_utf8(text.clone()).ok(),
        _ => None,
    }
}
