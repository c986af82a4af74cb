//! A client of a scenario: whether its session remembers something that a call does not know.

use std::collections::VecDeque;

use super::json::Json;
use crate::{Protocol, Reply};

/// Commands after which a client hears other things than replies, or none.
const APART: [&str; 6] =
    ["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "MONITOR", "CLIENT REPLY", "CLIENT TRACKING"];

/// A client, and what of its session matters to calls.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) protocol: Protocol,
    pub(super) heard: Vec<u8>,
    pub(super) closed: bool,
    /// Its session remembers something that a typed function does not know: a database, a
    /// transaction, what it listens to.
    selected: bool,
    queues: bool,
    pub(super) apart: bool,
    /// Its session has not answered yet.
    pub(super) silent: bool,
    pub(super) waiting: Option<Waiting>,
    /// What it sent meanwhile.
    pub(super) behind: VecDeque<Input>,
}

/// A typed read that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) read: u64,
    pub(super) words: Vec<Vec<u8>>,
    pub(super) reply: fn(&Json) -> Option<Reply>,
}

/// What a client sends.
#[derive(Debug)]
pub(super) enum Input {
    Command(Vec<Vec<u8>>),
    Bytes(Vec<u8>),
}

impl Client {
    /// A client that has just connected.
    pub(super) fn new(protocol: Protocol) -> Self {
        Self {
            protocol,
            heard: Vec::new(),
            closed: false,
            selected: false,
            queues: false,
            apart: false,
            silent: false,
            waiting: None,
            behind: VecDeque::new(),
        }
    }

    /// Nothing but its protocol matters to what it hears.
    pub(super) fn is_plain(&self) -> bool {
        !(self.selected || self.queues || self.apart || self.silent)
    }

    /// Adds a reply to what it has heard.
    pub(super) fn hears(&mut self, reply: &Reply) {
        reply.value(self.protocol).write(&mut self.heard);
    }

    /// Notes what a command has changed for those that follow.
    pub(super) fn remember(&mut self, words: &[Vec<u8>], reply: &[u8]) {
        let done = !reply.starts_with(b"-");
        let second = words.get(1).map_or(&b""[..], Vec::as_slice);
        if is(words, "MULTI") {
            self.queues = true;
        } else if is(words, "EXEC") || is(words, "DISCARD") {
            self.queues = false;
        } else if is(words, "SELECT") && done {
            self.selected = second != b"0";
        } else if is(words, "HELLO") && done {
            self.protocol = match second {
                b"2" => Protocol::Two,
                b"3" => Protocol::Three,
                _ => self.protocol,
            };
        } else if is(words, "RESET") {
            *self = Self { heard: std::mem::take(&mut self.heard), ..Self::new(Protocol::Two) };
        }
        self.apart |= APART.iter().any(|command| is(words, command));
        self.silent = reply.is_empty();
    }
}

/// Whether a command begins with these words.
fn is(words: &[Vec<u8>], command: &str) -> bool {
    let mut words = words.iter();
    command
        .split(' ')
        .all(|part| words.next().is_some_and(|word| word.eq_ignore_ascii_case(part.as_bytes())))
}
