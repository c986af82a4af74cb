//! An engine with its journal: what a request does to both.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::task::Waker;

use super::journal::{Failure, Journal};
use crate::engine::Engine;
use crate::rest::{Answer, Call, Step};
use crate::state::{Config, SessionId};
use crate::time::UnixMillis;

/// Bytes of a journal that is not worth being rewritten. A new instance reads all of it, so that is
/// less than elsewhere.
const REWRITE_MIN_BYTES: u64 = 1 << 20;

/// A database that requests share.
pub(super) type Shared = Rc<RefCell<Database>>;

/// A database.
#[derive(Debug)]
pub(super) struct Database {
    name: String,
    engine: Engine,
    journal: Journal,
    /// Whether its journal has failed, or somebody else writes it.
    has_stopped: bool,
    /// Requests that wait, by their sessions.
    waiting: Vec<(SessionId, Waker)>,
}

/// What a turn of a request came to.
#[derive(Debug)]
pub(super) enum Turn {
    Done(Answer),
    /// It waits for what others do.
    Wait,
}

impl Database {
    /// Reads the database whose journal has this name.
    pub(super) fn open(name: &str, now: UnixMillis) -> Result<Shared, Failure> {
        let config = Config { rewrite_min_bytes: REWRITE_MIN_BYTES, ..Config::default() };
        let mut engine = Engine::new(config);
        let journal = Journal::open(name, &mut engine, now)?;
        let (name, has_stopped, waiting) = (name.into(), false, Vec::new());
        Ok(Rc::new(RefCell::new(Self { name, engine, journal, has_stopped, waiting })))
    }

    /// The epoch of the writer whose work this is.
    pub(super) fn epoch(&self) -> u64 {
        self.journal.epoch()
    }

    /// Whether it has all that was written. Who waits for one that has not is told to look again.
    pub(super) fn is_current(&mut self) -> Result<bool, Failure> {
        let is_current = !self.has_stopped && self.journal.is_current(&self.name)?;
        if !is_current {
            self.stop();
        }
        Ok(is_current)
    }

    /// Goes on with a request, and notes whether it has written something.
    pub(super) fn turn(
        &mut self,
        call: &mut Call,
        now: UnixMillis,
        has_written: &mut bool,
    ) -> Result<Turn, Failure> {
        if self.has_stopped {
            return Err(Failure::Overtaken);
        }
        loop {
            let step = call.step(&mut self.engine, now);
            self.settle(now, has_written)?;
            match step {
                Step::Done(answer) => return Ok(Turn::Done(answer)),
                Step::Wait => return Ok(Turn::Wait),
                Step::Settle => {}
            }
        }
    }

    /// The journal has what was changed, and whoever was told something goes on.
    fn settle(&mut self, now: UnixMillis, has_written: &mut bool) -> Result<(), Failure> {
        let appended = self.journal.append(&mut self.engine, now, has_written);
        if appended.is_err() {
            self.stop();
        }
        while let Some(session) = self.engine.next_output() {
            if let Some((_, waker)) = self.waiting.iter().find(|(waits, _)| *waits == session) {
                waker.wake_by_ref();
            }
        }
        appended
    }

    fn stop(&mut self) {
        self.has_stopped = true;
        for (_, waker) in self.waiting.drain(..) {
            waker.wake();
        }
    }

    /// Ends the wait of a request: it has found nothing.
    pub(super) fn give_up(&mut self, call: &mut Call, now: UnixMillis) {
        call.give_up(&mut self.engine, now);
    }

    /// Writes the journal anew, if it has grown enough for that.
    pub(super) fn rewrite(&mut self, now: UnixMillis) {
        if !self.has_stopped && self.journal.rewrite(&mut self.engine, now).is_err() {
            self.stop();
        }
    }
}

#[cfg(feature = "http-async")]
impl Database {
    /// How many requests wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// When time itself has something to tell.
    pub(super) fn deadline(&self) -> Option<UnixMillis> {
        self.engine.deadline()
    }

    /// Lets time pass.
    pub(super) fn tick(&mut self, now: UnixMillis) -> Result<(), Failure> {
        if self.has_stopped {
            return Err(Failure::Overtaken);
        }
        self.engine.tick(now);
        self.settle(now, &mut false)
    }

    /// Whether a request still waits, which is then woken when that changes.
    pub(super) fn waits(&mut self, session: SessionId, waker: &Waker) -> bool {
        self.waiting.retain(|(waits, _)| *waits != session);
        let known = self.engine.state().sessions.get(session);
        let waits = !self.has_stopped && known.is_some_and(|it| it.blocked.is_some());
        if waits {
            self.waiting.push((session, waker.clone()));
        }
        waits
    }

    /// Forgets a request, whose client is gone or which has its answer.
    pub(super) fn forget(&mut self, call: Call) {
        let session = call.session();
        self.waiting.retain(|(waits, _)| Some(*waits) != session);
        call.abandon(&mut self.engine);
    }
}
