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

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::Protocol;
use crate::play::Server;

/// A running program; it ends with this value.
#[derive(Debug)]
pub struct Edge {
    child: Child,
    input: ChildStdin,
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
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    /// Says a line; returns what stands behind `ok`.
    fn say(&mut self, line: &str) -> Result<String, String> {
        let said = |error: std::io::Error| format!("the edge is gone: {error}");
        self.input.write_all(format!("{line}\n").as_bytes()).map_err(said)?;
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
