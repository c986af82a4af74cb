//! Replays a corpus against a server and tells where it says something else.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::play::{Server, Step, expected, play};
use crate::script::{Action, Scenario, Script};
use crate::{Protocol, Reply};

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Scenarios that were played.
    pub played: usize,
    /// Scenarios that this server cannot play.
    pub left_out: usize,
    /// Scenarios that went otherwise.
    pub failed: usize,
    /// Where they did, for people.
    pub failures: String,
}

/// The scripts of a folder, by name.
pub fn scripts(folder: &Path) -> Result<Vec<(PathBuf, Script)>, String> {
    let said = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in folder.read_dir().map_err(said)? {
        paths.push(entry.map_err(said)?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|it| it == "txt"));
    paths.sort();
    let read = |path: PathBuf| {
        let error = |error: String| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(&path).map_err(|it| error(it.to_string()))?;
        let script = Script::parse(&text).map_err(error)?;
        match script.origin {
            Some(_) => Ok((path, script)),
            None => Err(error("the first line does not say where its replies come from".into())),
        }
    };
    paths.into_iter().map(read).collect()
}

/// Replays every scenario that `plays` lets pass, in each of the protocols.
pub fn replay(
    scripts: &[(PathBuf, Script)],
    server: &mut impl Server,
    protocols: &[Protocol],
    plays: impl Fn(&Scenario) -> bool,
) -> Outcome {
    let mut outcome = Outcome::default();
    for (path, script) in scripts {
        let file = path.file_name().unwrap_or_default().display();
        for scenario in &script.scenarios {
            if !plays(scenario) {
                outcome.left_out += 1;
                continue;
            }
            outcome.played += 1;
            for protocol in protocols {
                if let Err(difference) = check(scenario, *protocol, server) {
                    let (line, name) = (scenario.line, &scenario.name);
                    outcome.failed += 1;
                    writeln!(
                        outcome.failures,
                        "\n{file}:{line}: {name} ({protocol:?})\n{difference}"
                    )
                    .expect("a String takes everything");
                }
            }
        }
    }
    outcome
}

/// Replays a scenario up to the first step that differs.
pub fn check(
    scenario: &Scenario,
    protocol: Protocol,
    server: &mut impl Server,
) -> Result<(), String> {
    let steps = play(scenario, protocol, server)?;
    for (step, actual) in scenario.steps.iter().zip(&steps) {
        let expected = expected(&step.action, &step.heard, protocol, actual);
        let heard = |step: &Step| -> Vec<_> {
            step.iter().map(|(name, value, _)| (name.clone(), value.clone())).collect()
        };
        if heard(&expected) != heard(actual) {
            let (expected, actual) = (shown(&expected), shown(actual));
            return Err(format!("  {}\n  Redis:\n{expected}  Brooklet:\n{actual}", step.text));
        }
    }
    Ok(())
}

fn shown(step: &Step) -> String {
    let lines = step.iter().map(|(name, value, _)| match value {
        Some(value) => format!("    {name}: {}\n", Reply::alone(value).text(4)),
        None => format!("    {name}: (closed)\n"),
    });
    lines.collect()
}

/// Whether a scenario consists of calls: commands with one reply each, none sent while another
/// waits. A session without a protocol of its own can play it.
#[must_use]
pub fn is_calls(scenario: &Scenario) -> bool {
    /// Commands that change how a session talks.
    const TALK: [&str; 7] =
        ["HELLO", "RESET", "SUBSCRIBE", "PSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "REPLY"];
    let mut waiting: Vec<&str> = Vec::new();
    for step in &scenario.steps {
        match &step.action {
            Action::Raw(..) => return false,
            Action::Command(client, words) => {
                let talks = |word: &Vec<u8>| {
                    TALK.iter().any(|talk| word.eq_ignore_ascii_case(talk.as_bytes()))
                };
                if words.iter().take(2).any(talks) || waiting.contains(&client.as_str()) {
                    return false;
                }
                waiting.push(client);
            }
            Action::Clock(_) | Action::Leave(_) => {}
        }
        let actor = step.action.client();
        let heard = |client: &&str| {
            step.heard.iter().any(|it| it.client.as_deref().or(actor) == Some(*client))
        };
        waiting.retain(|client| !heard(client));
    }
    true
}
