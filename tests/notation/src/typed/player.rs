//! The clients of a scenario: their commands become calls while their sessions remember nothing.

use std::collections::BTreeMap;
use std::fmt;

use super::client::{Client, Input, Waiting};
use super::json::{Json, to_name, to_number};
use super::{Calls, Outcome, call, find};
use crate::play::Server;
use crate::resp::parse_all;
use crate::{Protocol, Reply, Value};

/// Plays through typed functions where it can.
#[derive(Debug)]
pub struct Player<S> {
    server: S,
    clients: BTreeMap<String, Client>,
    /// There are passwords, which typed functions do not ask for.
    locked: bool,
    share: Share,
}

/// How much went through typed functions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Commands that have a typed function, but for malformed ones.
    pub commands: usize,
    /// Those that went through it.
    pub typed: usize,
}

impl Share {
    /// Whether it is as much as the transcripts allow. The others stand in transactions, or have
    /// words for which the contract has no argument.
    #[must_use]
    pub fn is_enough(self) -> bool {
        self.commands > 8000 && self.typed * 100 >= self.commands * 92
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} commands by typed functions", self.typed, self.commands)
    }
}

impl<S: Calls> Player<S> {
    /// A player that has played nothing yet.
    pub fn new(server: S) -> Self {
        Self { server, clients: BTreeMap::new(), locked: false, share: Share::default() }
    }

    /// How much of what was played went through typed functions.
    pub fn share(&self) -> Share {
        self.share
    }

    fn client(&mut self, name: &str) -> Result<&mut Client, String> {
        self.clients.get_mut(name).ok_or_else(|| format!("{name} is not connected"))
    }

    /// Sends what a client says, unless it waits.
    fn input(&mut self, name: &str, input: Input) -> Result<(), String> {
        let client = self.client(name)?;
        if client.waiting.is_some() {
            client.behind.push_back(input);
            return Ok(());
        }
        match input {
            Input::Bytes(bytes) => {
                self.server.send(name, &bytes)?;
                let reply = self.hear(name)?;
                // Nobody has read what was said.
                self.client(name)?.apart = true;
                self.client(name)?.heard.extend(reply);
            }
            Input::Command(words) => self.perform(name, &words)?,
        }
        self.settle()
    }

    fn perform(&mut self, name: &str, words: &[Vec<u8>]) -> Result<(), String> {
        let row = find(words);
        let locked = self.locked;
        let client = self.client(name)?;
        let (plain, three) = (client.is_plain() && !locked, client.protocol == Protocol::Three);
        let call = row.filter(|_| plain).and_then(|(read, rest)| call(read, rest));
        let Some(call) = call.filter(|call| three || !call.sized) else {
            let reply = self.raw(name, words)?;
            self.share.commands += usize::from(row.is_some() && !reply.starts_with(b"-"));
            self.client(name)?.heard.extend(reply);
            return Ok(());
        };
        self.share.commands += 1;
        self.share.typed += 1;
        let outcome = self.server.call(call.function, &call.arguments)?;
        self.answer(name, words, outcome, call.reply)
    }

    /// Sends a command raw; returns what its client hears of it.
    fn raw(&mut self, name: &str, words: &[Vec<u8>]) -> Result<Vec<u8>, String> {
        self.server.command(name, words)?;
        let reply = self.hear(name)?;
        self.locked |= words.iter().any(|word| word.eq_ignore_ascii_case(b"requirepass"));
        self.client(name)?.remember(words, &reply);
        Ok(reply)
    }

    fn hear(&mut self, name: &str) -> Result<Vec<u8>, String> {
        let (bytes, closed) = self.server.heard(name)?;
        let client = self.client(name)?;
        client.closed |= closed;
        client.silent &= bytes.is_empty();
        Ok(bytes)
    }

    /// Tells a client what its call came to.
    fn answer(
        &mut self,
        name: &str,
        words: &[Vec<u8>],
        outcome: Outcome,
        reply: fn(&Json) -> Option<Reply>,
    ) -> Result<(), String> {
        let result = match outcome {
            Ok(result) => result,
            Err(error) => {
                let reply = self.refusal(name, words, &error)?;
                self.client(name)?.hears(&reply);
                return Ok(());
            }
        };
        if to_name(&result["tag"]) == Some("pending") {
            let read = to_number(&result["val"]).ok_or("a read without a number")?;
            let words = words.to_vec();
            self.client(name)?.waiting = Some(Waiting { read, words, reply });
            return Ok(());
        }
        let told = reply(&result).ok_or_else(|| format!("no result of this call: {result}"))?;
        match told {
            Reply::Map(told) => self.complete(name, words, &told),
            told => {
                self.client(name)?.hears(&told);
                Ok(())
            }
        }
    }

    /// The text of an error. What the contract has a case for has the text that Redis has, too.
    fn refusal(&mut self, name: &str, words: &[Vec<u8>], error: &Json) -> Result<Reply, String> {
        let tag = to_name(&error["tag"]).ok_or("an error without a name")?;
        let code = match tag {
            "refused" => {
                let part = |name: &str| to_name(&error["val"][name]).unwrap_or_default();
                let text = format!("{} {}", part("code"), part("message"));
                return Ok(Reply::Error(text.into_bytes()));
            }
            "wrong-type" => "WRONGTYPE ",
            "no-group" => "NOGROUP ",
            "busy-group" => "BUSYGROUP ",
            "out-of-memory" => "OOM ",
            "no-room" => "MISCONF ",
            _ => return Err(format!("the database has stopped: {error}")),
        };
        let bytes = self.raw(name, words)?;
        match parse_all(&bytes).as_deref() {
            Ok([Value::Error(text)]) if text.starts_with(code.as_bytes()) => {
                Ok(Reply::Error(text.clone()))
            }
            _ => Err(format!("the call failed with {tag}, Redis says {}", bytes.escape_ascii())),
        }
    }

    /// The contract tells less of a stream than Redis: what it tells must be the same, and the rest
    /// is as a session hears it.
    fn complete(
        &mut self,
        name: &str,
        words: &[Vec<u8>],
        told: &[(Reply, Reply)],
    ) -> Result<(), String> {
        let bytes = self.raw(name, words)?;
        let client = self.client(name)?;
        let flat = |(key, value): (Value, Value)| [key, value];
        let all = match parse_all(&bytes).ok().and_then(|mut it| it.pop()) {
            Some(Value::Map(pairs)) => pairs.into_iter().flat_map(flat).collect(),
            Some(Value::Array(all)) => all,
            _ => Vec::new(),
        };
        for (key, value) in told {
            let (key, value) = (key.value(client.protocol), value.value(client.protocol));
            if !all.chunks(2).any(|pair| *pair == [key.clone(), value.clone()]) {
                return Err(format!("{key:?} is {value:?} only in the call"));
            }
        }
        client.heard.extend(bytes);
        Ok(())
    }

    /// Reads that wait are asked, and whoever waits no more goes on.
    fn settle(&mut self) -> Result<(), String> {
        for name in self.clients.keys().cloned().collect::<Vec<_>>() {
            let Some(waiting) = self.client(&name)?.waiting.take() else { continue };
            let Some(outcome) = self.server.take(waiting.read)? else {
                self.client(&name)?.waiting = Some(waiting);
                continue;
            };
            self.answer(&name, &waiting.words, outcome, waiting.reply)?;
            for input in std::mem::take(&mut self.client(&name)?.behind) {
                self.input(&name, input)?;
            }
        }
        Ok(())
    }

    fn forget(&mut self, name: &str) -> Result<(), String> {
        match self.clients.remove(name).and_then(|client| client.waiting) {
            Some(waiting) => self.server.end(waiting.read),
            None => Ok(()),
        }
    }
}

impl<S: Calls> Server for Player<S> {
    fn reset(&mut self, clock: i64) -> Result<(), String> {
        for name in self.clients.keys().cloned().collect::<Vec<_>>() {
            self.forget(&name)?;
        }
        self.locked = false;
        self.server.reset(clock)
    }

    fn open(&mut self, client: &str, protocol: Protocol) -> Result<i64, String> {
        self.forget(client)?;
        let id = self.server.open(client, protocol)?;
        self.clients.insert(client.into(), Client::new(protocol));
        Ok(id)
    }

    fn command(&mut self, client: &str, words: &[Vec<u8>]) -> Result<(), String> {
        self.input(client, Input::Command(words.to_vec()))
    }

    fn send(&mut self, client: &str, bytes: &[u8]) -> Result<(), String> {
        self.input(client, Input::Bytes(bytes.to_vec()))
    }

    fn leave(&mut self, client: &str) -> Result<(), String> {
        self.forget(client)?;
        self.server.leave(client)?;
        self.settle()
    }

    fn set_clock(&mut self, clock: i64) -> Result<(), String> {
        self.server.set_clock(clock)?;
        self.settle()
    }

    fn heard(&mut self, client: &str) -> Result<(Vec<u8>, bool), String> {
        let later = self.hear(client)?;
        let client = self.client(client)?;
        let mut heard = std::mem::take(&mut client.heard);
        heard.extend(later);
        Ok((heard, client.closed))
    }
}
