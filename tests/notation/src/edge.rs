//! A server in another program, which is told line by line what clients do.
//!
//! Each line in has one line out: `ok` and what there is to tell, or `error` and why. Bytes are
//! written in hexadecimal, nothing as `-`.
//!
//! | In | Out |
//! |---|---|
//! | `reset CLOCK` | `ok`: the server is empty and new |
//! | `open CLIENT PROTOCOL` | `ok ID`: CLIENT ID of a new connection that speaks RESP 2 or 3 |
//! | `command CLIENT WORD …` | `ok` |
//! | `send CLIENT BYTES` | `ok` |
//! | `leave CLIENT` | `ok` |
//! | `clock CLOCK` | `ok`: it is so late now, and what was due has happened |
//! | `heard CLIENT` | `ok BYTES`, and ` closed` behind it if the server closed the connection |
//!
//! An edge with typed functions, which act on database 0, knows three lines more. Values are JSON,
//! as `typed/json.rs` has them; a RESULT is `{"ok": …}` or `{"err": …}`.
//!
//! | In | Out |
//! |---|---|
//! | `call FUNCTION ARGUMENTS` | `ok RESULT`; of a read that waits `{"tag": "=pending", "val": READ}` |
//! | `take READ` | `ok RESULT`, or `ok null`: it still waits |
//! | `end READ` | `ok`: it does not wait any more |

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::Protocol;
use crate::play::Server;
use crate::typed::json::Json;
use crate::typed::{Calls, Outcome};

/// How often it is seen whether a program has ended, and how long that takes.
const PATIENCE: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// A running program; it ends with this value.
#[derive(Debug)]
pub struct Edge {
    child: Child,
    /// Gone when it is dropped: the program ends with it.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Edge {
    /// Starts the program.
    pub fn start(mut program: Command) -> Result<Self, String> {
        program.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = program.spawn().map_err(|error| format!("{program:?}: {error}"))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(output)) = (input, output) else {
            return Err("both ends are piped".into());
        };
        Ok(Self { child, input: Some(input), output: BufReader::new(output) })
    }

    /// Says a line; returns what stands behind `ok`.
    fn say(&mut self, line: &str) -> Result<String, String> {
        let said = |error: std::io::Error| format!("the edge is gone: {error}");
        let input = self.input.as_mut().expect("it is open while the edge is there");
        input.write_all(format!("{line}\n").as_bytes()).map_err(said)?;
        let mut answer = String::new();
        self.output.read_line(&mut answer).map_err(said)?;
        match answer.trim_end().strip_prefix("ok") {
            Some(rest) => Ok(rest.trim_start().to_owned()),
            None => Err(format!("{line}: {}", answer.trim_end())),
        }
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        drop(self.input.take());
        // Programs have programs of their own to end.
        for _ in 0..PATIENCE {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(PAUSE);
        }
        // Nothing is left to do about a failure here; the edge holds no data.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server for Edge {
    fn reset(&mut self, clock: i64) -> Result<(), String> {
        self.say(&format!("reset {clock}")).map(drop)
    }

    fn open(&mut self, client: &str, protocol: Protocol) -> Result<i64, String> {
        let number = match protocol {
            Protocol::Two => 2,
            Protocol::Three => 3,
        };
        let id = self.say(&format!("open {client} {number}"))?;
        id.parse().map_err(|_| format!("not the ID of a connection: {id}"))
    }

    fn command(&mut self, client: &str, words: &[Vec<u8>]) -> Result<(), String> {
        let words: Vec<_> = words.iter().map(|word| hex(word)).collect();
        self.say(&format!("command {client} {}", words.join(" "))).map(drop)
    }

    fn send(&mut self, client: &str, bytes: &[u8]) -> Result<(), String> {
        self.say(&format!("send {client} {}", hex(bytes))).map(drop)
    }

    fn leave(&mut self, client: &str) -> Result<(), String> {
        self.say(&format!("leave {client}")).map(drop)
    }

    fn set_clock(&mut self, clock: i64) -> Result<(), String> {
        self.say(&format!("clock {clock}")).map(drop)
    }

    fn heard(&mut self, client: &str) -> Result<(Vec<u8>, bool), String> {
        let answer = self.say(&format!("heard {client}"))?;
        let (bytes, closed) = match answer.strip_suffix(" closed") {
            Some(bytes) => (bytes, true),
            None => (answer.as_str(), false),
        };
        unhex(bytes).map(|bytes| (bytes, closed)).ok_or_else(|| format!("no bytes: {answer}"))
    }
}

impl Calls for Edge {
    fn call(&mut self, function: &str, arguments: &[Json]) -> Result<Outcome, String> {
        let arguments = Json::from(arguments);
        let answer = self.say(&format!("call {function} {arguments}"))?;
        outcome(&answer)?.ok_or_else(|| format!("{function} has no result"))
    }

    fn take(&mut self, read: u64) -> Result<Option<Outcome>, String> {
        outcome(&self.say(&format!("take {read}"))?)
    }

    fn end(&mut self, read: u64) -> Result<(), String> {
        self.say(&format!("end {read}")).map(drop)
    }
}

fn outcome(answer: &str) -> Result<Option<Outcome>, String> {
    let said = || format!("no result: {answer}");
    let mut answer: Json = serde_json::from_str(answer).map_err(|_| said())?;
    if answer.is_null() {
        return Ok(None);
    }
    let mut part = |name| answer.get_mut(name).map(Json::take);
    match (part("ok"), part("err")) {
        (Some(result), None) => Ok(Some(Ok(result))),
        (None, Some(error)) => Ok(Some(Err(error))),
        _ => Err(said()),
    }
}

fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "-".into();
    }
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text == "-" {
        return Some(Vec::new());
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(unhex(&hex(&all)), Some(all));
        assert_eq!(unhex(&hex(b"")), Some(Vec::new()));
        assert_eq!((unhex("0"), unhex("0g")), (None, None));
    }
}
