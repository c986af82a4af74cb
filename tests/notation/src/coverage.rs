//! What a corpus shows: which commands with which words were accepted, and which errors were heard.

use std::collections::{BTreeMap, BTreeSet};

use crate::script::{Action, Step, What};
use crate::{Reply, Script};

/// What the scenarios of some scripts show.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// How many scenarios there are.
    pub scenarios: usize,
    /// How many of them have a command, and a command with a word, that was accepted.
    accepted: BTreeMap<(String, String), usize>,
    /// Every error text that was heard.
    errors: BTreeSet<Vec<u8>>,
}

impl Coverage {
    /// Adds what a script shows.
    pub fn add(&mut self, script: &Script) {
        for scenario in &script.scenarios {
            self.scenarios += 1;
            let mut seen = BTreeSet::new();
            for step in &scenario.steps {
                self.listen(step);
                if let Some(words) = accepted(step) {
                    for name in names(&words) {
                        let pair = |word: &String| (name.clone(), word.clone());
                        seen.extend(words.iter().map(pair));
                        seen.insert((name, String::new()));
                    }
                }
            }
            for pair in seen {
                *self.accepted.entry(pair).or_default() += 1;
            }
        }
    }

    /// In how many scenarios a command was accepted; `name` is `xadd` or `xgroup create`.
    #[must_use]
    pub fn command(&self, name: &str) -> usize {
        self.word(name, "")
    }

    /// In how many scenarios a command was accepted with this word in it.
    #[must_use]
    pub fn word(&self, name: &str, word: &str) -> usize {
        let pair = (name.to_ascii_lowercase(), word.to_ascii_lowercase());
        self.accepted.get(&pair).copied().unwrap_or_default()
    }

    /// Whether an error that begins like this was heard.
    #[must_use]
    pub fn heard(&self, beginning: &[u8]) -> bool {
        self.errors.iter().any(|error| error.starts_with(beginning))
    }

    fn listen(&mut self, step: &Step) {
        for heard in &step.heard {
            if let What::Reply(reply) = &heard.what {
                self.collect(reply);
            }
        }
    }

    fn collect(&mut self, reply: &Reply) {
        match reply {
            Reply::Error(text) => drop(self.errors.insert(text.clone())),
            Reply::Array(replies) => replies.iter().for_each(|reply| self.collect(reply)),
            _ => {}
        }
    }
}

/// The words of a command that was not answered with an error, in lower case.
fn accepted(step: &Step) -> Option<Vec<String>> {
    let Action::Command(_, words) = &step.action else { return None };
    let refused = step
        .heard
        .iter()
        .any(|heard| heard.client.is_none() && matches!(heard.what, What::Reply(Reply::Error(_))));
    let lower = |word: &Vec<u8>| String::from_utf8_lossy(word).to_ascii_lowercase();
    (!refused).then(|| words.iter().map(lower).collect())
}

/// What a command may be called: by its first word, or by its first two if it has subcommands.
fn names(words: &[String]) -> Vec<String> {
    let long = words.get(1).map(|second| format!("{} {second}", words[0]));
    std::iter::once(words[0].clone()).chain(long).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_counted_not_steps() {
        let text = "== one\n\
            a> XADD s MAXLEN 5 * f v\n  \"1-0\"\n\
            a> XADD s maxlen 6 * f v\n  \"2-0\"\n\
            a> XADD s LIMIT 6 * f v\n  -ERR syntax error, LIMIT\n\
            == two\n\
            a> XGROUP CREATE s g 0\n  +OK\n\
            a> EXEC\n  [+OK, -\"ERR inside\"]\n";
        let mut coverage = Coverage::default();
        coverage.add(&Script::parse(text).unwrap());
        assert_eq!(coverage.scenarios, 2);
        assert_eq!((coverage.command("XADD"), coverage.word("xadd", "MAXLEN")), (1, 1));
        assert_eq!(coverage.word("xadd", "LIMIT"), 0, "it was refused");
        assert_eq!(coverage.command("xgroup create"), 1);
        assert!(coverage.heard(b"ERR syntax") && coverage.heard(b"ERR inside"));
        assert!(!coverage.heard(b"WRONGTYPE"));
    }
}
