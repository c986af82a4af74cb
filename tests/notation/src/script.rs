//! Scripts: scenarios of steps, each with what clients heard; read, and written as they were read.

use crate::text::{quote, words};
use crate::{Origin, Protocol, Reply};

/// One file.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// Where the replies come from; `None` before they were recorded.
    pub origin: Option<Origin>,
    /// Lines before the first scenario.
    pub preamble: Vec<String>,
    /// The scenarios.
    pub scenarios: Vec<Scenario>,
}

/// A story that begins on an empty server at the time [`crate::play::START`].
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// What it shows.
    pub name: String,
    /// The line of its name in the file.
    pub line: usize,
    /// Comments and blank lines between the name and the first step.
    pub notes: Vec<String>,
    /// Settings of the server: name and value.
    pub settings: Vec<(String, String)>,
    /// What happens.
    pub steps: Vec<Step>,
}

/// One thing that happens.
#[derive(Clone, Debug)]
pub struct Step {
    /// The step's line as written.
    pub text: String,
    /// Its number in the file.
    pub line: usize,
    /// What it means.
    pub action: Action,
    /// What clients heard of it.
    pub heard: Vec<Heard>,
    /// Comments and blank lines after it.
    pub notes: Vec<String>,
}

/// What happens in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// `@ 1000`: it is this many milliseconds past 1970.
    Clock(i64),
    /// `alice> PING`: a client sends a command.
    Command(String, Vec<Vec<u8>>),
    /// `alice! "PING\r\n"`: a client sends bytes.
    Raw(String, Vec<u8>),
    /// `alice leaves`: a client closes its connection.
    Leave(String),
}

/// Something that a client heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Who; `None` is the client of the step.
    pub client: Option<String>,
    /// What.
    pub what: What,
    /// In which protocol only; `None` is both.
    pub only: Option<Protocol>,
}

/// What there is to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A reply.
    Reply(Reply),
    /// The server closed the connection.
    Closed,
}

impl Script {
    /// Reads a file; an error names its line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut script = Self::default();
        let mut lines = text.lines().zip(1..).peekable();
        if let Some((first, _)) = lines.peek() {
            script.origin = Origin::parse(first).map_err(|error| format!("line 1: {error}"))?;
            lines.next_if(|_| script.origin.is_some());
        }
        while let Some((line, number)) = lines.next() {
            let at = |error: String| format!("line {number}: {error}");
            if line.starts_with("  ") {
                let mut block = line.to_owned();
                while let Some((next, _)) = lines.next_if(|(next, _)| next.starts_with("  ")) {
                    block = format!("{block}\n{next}");
                }
                let steps = script.scenarios.last_mut().and_then(|it| it.steps.last_mut());
                let step = steps.ok_or_else(|| at("a reply without a step".into()))?;
                step.heard = heard(&block).map_err(at)?;
            } else {
                script.line(line, number).map_err(at)?;
            }
        }
        Ok(script)
    }

    fn line(&mut self, line: &str, number: usize) -> Result<(), String> {
        if let Some(name) = line.strip_prefix("== ") {
            let name = name.to_owned();
            self.scenarios.push(Scenario { name, line: number, ..Scenario::default() });
            return Ok(());
        }
        let Some(scenario) = self.scenarios.last_mut() else {
            if line.is_empty() || line.starts_with('#') {
                self.preamble.push(line.to_owned());
                return Ok(());
            }
            return Err("a step outside of any scenario".into());
        };
        if let Some(setting) = line.strip_prefix("% ") {
            let (name, value) = setting.split_once(' ').ok_or("a setting needs a value")?;
            scenario.settings.push((name.into(), value.into()));
        } else if line.is_empty() || line.starts_with('#') {
            let notes = scenario.steps.last_mut().map_or(&mut scenario.notes, |it| &mut it.notes);
            notes.push(line.to_owned());
        } else {
            let (text, action) = (line.to_owned(), Action::parse(line)?);
            let (heard, notes) = (Vec::new(), Vec::new());
            scenario.steps.push(Step { text, line: number, action, heard, notes });
        }
        Ok(())
    }
}

impl std::fmt::Display for Script {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lines = |out: &mut std::fmt::Formatter<'_>, lines: &[String]| {
            lines.iter().try_for_each(|line| writeln!(out, "{line}"))
        };
        if let Some(origin) = &self.origin {
            writeln!(out, "{origin}")?;
        }
        lines(out, &self.preamble)?;
        for scenario in &self.scenarios {
            writeln!(out, "== {}", scenario.name)?;
            for (name, value) in &scenario.settings {
                writeln!(out, "% {name} {value}")?;
            }
            lines(out, &scenario.notes)?;
            for step in &scenario.steps {
                writeln!(out, "{}", step.text)?;
                step.heard.iter().try_for_each(|heard| writeln!(out, "  {heard}"))?;
                lines(out, &step.notes)?;
            }
        }
        Ok(())
    }
}

impl Action {
    fn parse(line: &str) -> Result<Self, String> {
        if let Some(time) = line.strip_prefix("@ ") {
            return time.trim().parse().map(Self::Clock).map_err(|error| error.to_string());
        }
        if let Some(name) = line.strip_suffix(" leaves") {
            return client(name).map(Self::Leave);
        }
        let at = line.find(['>', '!']).ok_or("not a step")?;
        let (name, rest) = (client(&line[..at])?, &line[at + 1..]);
        let words = words(rest)?;
        match (line.as_bytes()[at], words.len()) {
            (_, 0) => Err("nothing is sent".into()),
            (b'>', _) => Ok(Self::Command(name, words)),
            _ => Ok(Self::Raw(name, words.concat())),
        }
    }

    /// A command as a step's line.
    #[must_use]
    pub fn line(&self) -> String {
        match self {
            Self::Clock(time) => format!("@ {time}"),
            Self::Leave(client) => format!("{client} leaves"),
            Self::Raw(client, bytes) => format!("{client}! {}", quote(bytes)),
            Self::Command(client, words) => {
                let words = words.iter().map(|word| crate::text::word(word));
                format!("{client}> {}", words.collect::<Vec<_>>().join(" "))
            }
        }
    }

    /// Whose step it is.
    #[must_use]
    pub fn client(&self) -> Option<&str> {
        match self {
            Self::Clock(_) => None,
            Self::Command(client, _) | Self::Raw(client, _) | Self::Leave(client) => Some(client),
        }
    }
}

/// A client's name: lower-case letters.
fn client(name: &str) -> Result<String, String> {
    if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase()) {
        Ok(name.to_owned())
    } else {
        Err(format!("not a client's name: {name}"))
    }
}

impl std::fmt::Display for Heard {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let only = match self.only {
            None => "",
            Some(Protocol::Two) => "2| ",
            Some(Protocol::Three) => "3| ",
        };
        let client = self.client.as_ref().map_or(String::new(), |client| format!("{client}: "));
        let prefix = format!("{only}{client}");
        match &self.what {
            What::Reply(reply) => write!(out, "{prefix}{}", reply.text(2)),
            What::Closed => write!(out, "{prefix}(closed)"),
        }
    }
}

/// Reads the indented block after a step.
fn heard(block: &str) -> Result<Vec<Heard>, String> {
    let mut all = Vec::new();
    let mut rest = block.trim();
    while !rest.is_empty() {
        let mut only = None;
        for (prefix, protocol) in [("2| ", Protocol::Two), ("3| ", Protocol::Three)] {
            if let Some(tail) = rest.strip_prefix(prefix) {
                (only, rest) = (Some(protocol), tail.trim_start());
            }
        }
        let mut name = None;
        if let Some((label, tail)) = rest.split_once(": ")
            && let Ok(client) = client(label)
        {
            (name, rest) = (Some(client), tail);
        }
        let (what, tail) = match rest.strip_prefix("(closed)") {
            Some(tail) => (What::Closed, tail),
            None => Reply::parse(rest).map(|(reply, tail)| (What::Reply(reply), tail))?,
        };
        all.push(Heard { client: name, what, only });
        rest = tail.trim_start();
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"recorded from Redis 8.10.2
# What this file is about.

== A reader waits
% stream-node-max-entries 10
# Nobody writes at first.
alice> XREAD BLOCK 100 STREAMS s $
bob> XADD s 1-1 f "a \x00"
  "1-1"
  alice: <"s": [["1-1", ["f", "a \x00"]]]>
@ 2000
  alice: nil-array

alice! "PING\r\nQUIT\r\n"
  +PONG
  +OK
  (closed)
bob> LOLWUT
  -ERR unknown command
  2| nil
  3| :1
bob leaves
"#;

    #[test]
    fn a_script_is_written_as_it_was_read() {
        let script = Script::parse(TEXT).unwrap();
        assert_eq!(script.to_string(), TEXT);
        for step in &script.scenarios[0].steps {
            assert_eq!(step.action.line(), step.text);
        }
        assert_eq!(script.scenarios[0].steps[4].heard.len(), 3);
        assert_eq!(script.origin, Some(Origin::Recorded("8.10.2".into())));
    }

    #[test]
    fn mistakes_name_their_line() {
        for (text, line) in [
            ("alice> PING", 1),
            ("written by hand: ", 1),
            ("== x\n  +OK", 2),
            ("== x\n\nA> PING", 3),
        ] {
            let error = Script::parse(text).unwrap_err();
            assert!(error.starts_with(&format!("line {line}:")), "{error}");
        }
    }
}
