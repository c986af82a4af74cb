//! Replays sessions that were recorded from a real Redis (`tests/transcripts/*.txt`), byte for
//! byte and in both protocols. No Redis is needed here; `cargo xtask record` asked it before.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use brooklet::reply::Form;
use brooklet::{Config, Engine};
use notation::play::{Server, Step, expected, play};
use notation::text::request;
use notation::{Protocol, Reply, Scenario, Script};

/// An engine behind the player's clients.
struct Host {
    engine: Engine,
    clock: i64,
    sessions: BTreeMap<String, u64>,
    heard: BTreeMap<String, (Vec<u8>, bool)>,
}

impl Host {
    fn new() -> Self {
        Self {
            engine: Engine::new(Config::default()),
            clock: 0,
            sessions: BTreeMap::new(),
            heard: BTreeMap::new(),
        }
    }

    fn session(&self, client: &str) -> Result<u64, String> {
        self.sessions.get(client).copied().ok_or_else(|| format!("{client} is not connected"))
    }

    /// Takes what the engine has to say to anybody.
    fn drain(&mut self) {
        while let Some(id) = self.engine.next_output() {
            let Some(output) = self.engine.output(id) else { continue };
            let name = self.sessions.iter().find(|(_, session)| **session == id);
            let name = name.expect("every session has a client").0.clone();
            let (bytes, closed) = self.heard.entry(name).or_default();
            bytes.extend_from_slice(output.bytes);
            *closed |= output.close;
            self.engine.consume(id);
            if *closed {
                self.engine.close_session(id);
            }
        }
    }
}

impl Server for Host {
    fn reset(&mut self, settings: &[(String, String)], clock: i64) -> Result<(), String> {
        *self = Self { clock, ..Self::new() };
        let session = self.open("setting", Protocol::Two)?;
        for (name, value) in settings {
            let words = ["CONFIG", "SET", name, value];
            self.send("setting", &request(&words))?;
            let (heard, _) = self.heard("setting")?;
            if heard != b"+OK\r\n" {
                return Err(format!("% {name} {value}: {}", heard.escape_ascii()));
            }
        }
        self.engine.close_session(session.cast_unsigned());
        self.sessions.clear();
        Ok(())
    }

    fn open(&mut self, client: &str, protocol: Protocol) -> Result<i64, String> {
        let form = match protocol {
            Protocol::Two => Form::Resp2,
            Protocol::Three => Form::Resp3,
        };
        let opened = self.engine.open_session(self.clock, form);
        let id = opened.map_err(|error| error.text().escape_ascii().to_string())?;
        self.sessions.insert(client.into(), id);
        Ok(id.cast_signed())
    }

    fn send(&mut self, client: &str, bytes: &[u8]) -> Result<(), String> {
        self.engine.exchange(self.clock, self.session(client)?, bytes);
        self.drain();
        Ok(())
    }

    fn leave(&mut self, client: &str) -> Result<(), String> {
        self.engine.close_session(self.session(client)?);
        self.sessions.remove(client);
        Ok(())
    }

    fn set_clock(&mut self, clock: i64) -> Result<(), String> {
        self.clock = clock;
        self.engine.tick(clock);
        self.drain();
        Ok(())
    }

    fn heard(&mut self, client: &str) -> Result<(Vec<u8>, bool), String> {
        Ok(self.heard.remove(client).unwrap_or_default())
    }
}

#[test]
fn every_transcript_replays() {
    let (mut scenarios, mut failures) = (0, String::new());
    for path in files() {
        let text = std::fs::read_to_string(&path).expect("the file was listed");
        let script = Script::parse(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        assert!(script.origin.is_some(), "{path:?}: the first line does not say who was recorded");
        for scenario in &script.scenarios {
            scenarios += 1;
            for protocol in [Protocol::Two, Protocol::Three] {
                if let Err(difference) = replay(scenario, protocol) {
                    let file = path.file_name().unwrap_or_default().display();
                    let (line, name) = (scenario.line, &scenario.name);
                    writeln!(failures, "\n{file}:{line}: {name} ({protocol:?})\n{difference}")
                        .expect("a String takes everything");
                }
            }
        }
    }
    assert!(failures.is_empty(), "of {scenarios} scenarios:\n{failures}");
    assert!(scenarios > 0, "no scenario was found");
}

fn files() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let entries = directory.read_dir().expect("the directory is part of the repository");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let mut files: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|it| it == "txt")).collect();
    files.sort();
    files
}

/// Replays a scenario up to the first step that differs.
fn replay(scenario: &Scenario, protocol: Protocol) -> Result<(), String> {
    let steps = play(scenario, protocol, &mut Host::new())?;
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
