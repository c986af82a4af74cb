//! Requests that are kept for later: queued in MULTI, or waiting for a key.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::span::{Span, Spans};
use crate::time::UnixMillis;

/// Names a session for the host and for CLIENT ID. Never used twice by one engine.
pub type SessionId = u64;

/// A request kept for later: queued in MULTI, or blocked.
#[derive(Clone, Debug)]
pub struct Arguments {
    bytes: Box<[u8]>,
    spans: Box<[Span]>,
}

impl Arguments {
    /// Copies a request out of its buffer.
    pub fn new<'a>(words: impl Iterator<Item = &'a [u8]>) -> Self {
        let (mut bytes, mut spans) = (Vec::new(), Vec::new());
        for word in words {
            let start = bytes.len() as u32;
            bytes.extend_from_slice(word);
            spans.push(Span { start, end: bytes.len() as u32 });
        }
        Self { bytes: bytes.into(), spans: spans.into() }
    }

    /// The words.
    #[must_use]
    pub fn words(&self) -> Spans<'_> {
        Spans::new(&self.bytes, &self.spans)
    }
}

/// A read that waits: to be run again from its arguments when one of its keys is ready.
#[derive(Debug)]
pub struct BlockedCall {
    /// The command, with `$` replaced by the ID that it meant when it was called.
    pub arguments: Arguments,
    /// The keys that it waits for, in the database that it was called in.
    pub keys: Vec<Box<[u8]>>,
    /// That database.
    pub db: u32,
    /// When it gives up; `None` never.
    pub deadline: Option<UnixMillis>,
    /// When it is worth another try although nothing happened; `None` never.
    pub wakes_at: Option<UnixMillis>,
    /// Whether it wants to hear that a key is gone: XREADGROUP does, XREAD does not.
    pub wakes_on_missing: bool,
    /// Its place in the queues of its keys; 0 while it is in none.
    pub(super) place: u64,
}

impl BlockedCall {
    /// A read that is in no queue yet.
    #[must_use]
    pub fn new(
        arguments: Arguments,
        keys: Vec<Box<[u8]>>,
        db: u32,
        deadline: Option<UnixMillis>,
        wakes_on_missing: bool,
    ) -> Self {
        Self { arguments, keys, db, deadline, wakes_at: None, wakes_on_missing, place: 0 }
    }
}
