//! An engine with its journal: what a request does to both.

use alloc::string::String;

use super::journal::{Failure, Journal};
use crate::engine::Engine;
use crate::rest::{Answer, Call, Step};
use crate::state::Config;
use crate::time::UnixMillis;

/// Bytes of a journal that is not worth being rewritten. A new instance reads all of it, so that is
/// less than elsewhere.
const REWRITE_MIN_BYTES: u64 = 1 << 20;

/// A database.
#[derive(Debug)]
pub(super) struct Database {
    name: String,
    engine: Engine,
    journal: Journal,
    /// Whether the present request has written something.
    has_written: bool,
}

impl Database {
    /// Reads the database whose journal has this name.
    pub(super) fn open(name: &str, now: UnixMillis) -> Result<Self, Failure> {
        let config = Config { rewrite_min_bytes: REWRITE_MIN_BYTES, ..Config::default() };
        let mut engine = Engine::new(config);
        let journal = Journal::open(name, &mut engine, now)?;
        Ok(Self { name: name.into(), engine, journal, has_written: false })
    }

    /// The epoch of the writer whose work this is.
    pub(super) fn epoch(&self) -> u64 {
        self.journal.epoch()
    }

    /// Whether it has all that was written.
    pub(super) fn is_current(&mut self) -> Result<bool, Failure> {
        self.journal.is_current(&self.name)
    }

    /// Whether the request can be run again from the start.
    pub(super) fn can_repeat(&self) -> bool {
        !self.has_written
    }

    /// Runs a request to its end. Nobody else can be called meanwhile, so nothing waits.
    pub(super) fn run(&mut self, mut call: Call, now: UnixMillis) -> Result<Answer, Failure> {
        self.has_written = false;
        loop {
            let step = call.step(&mut self.engine, now);
            self.has_written |= self.journal.append(&mut self.engine, now)?;
            while self.engine.next_output().is_some() {}
            match step {
                Step::Done(answer) => return Ok(answer),
                Step::Wait => call.give_up(&mut self.engine, now),
                Step::Settle => {}
            }
        }
    }

    /// Writes the journal anew, if it has grown enough for that.
    pub(super) fn rewrite(&mut self, now: UnixMillis) -> Result<(), Failure> {
        self.journal.rewrite(&mut self.engine, now)
    }
}
