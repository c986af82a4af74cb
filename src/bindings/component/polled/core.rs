//! An engine with its clock, its journal and its host: what every input of the component does.

use alloc::rc::Rc;
use alloc::string::String;
use core::cell::RefCell;

use super::answer::Answer;
use super::generated::brooklet::streams::types::Error;
use super::generated::brooklet::streams::{clock, wake};
use super::journal::Recovered;
use super::log::Journal;
use super::session;
use super::words::Words;
use crate::engine::Engine;
use crate::state::SessionId;
use crate::time::UnixMillis;

/// A database that handles, sessions and pending reads share.
pub(super) type Shared = Rc<RefCell<Core>>;

/// See the module.
#[derive(Debug)]
pub(super) struct Core {
    name: String,
    pub(super) engine: Engine,
    pub(super) journal: Option<Journal>,
    pub(super) recovered: Recovered,
    /// Why the database has stopped.
    failure: Option<Error>,
    /// The session of typed calls that do not wait.
    caller: Option<SessionId>,
    /// What the host was told of the next tick.
    scheduled: Option<UnixMillis>,
}

/// The time, by the host's clock.
fn now() -> UnixMillis {
    clock::now().min(i64::MAX as u64) as UnixMillis
}

impl Core {
    /// Opens a database.
    pub(super) fn open(
        name: String,
        durable: bool,
        settings: &[(String, String)],
    ) -> Result<Self, Error> {
        let mut core = Self {
            name,
            engine: session::engine(now(), settings)?,
            journal: None,
            recovered: Recovered::default(),
            failure: None,
            caller: None,
            scheduled: None,
        };
        if durable {
            let (journal, recovered) = Journal::open(&core.name, &mut core.engine, now())?;
            (core.journal, core.recovered) = (Some(journal), recovered);
            // What was recovered may expire.
            core.schedule(now());
        }
        Ok(core)
    }

    /// The time of an input, unless the database has stopped.
    #[inline(never)]
    pub(super) fn begin(&self) -> Result<UnixMillis, Error> {
        match &self.failure {
            None => Ok(now()),
            Some(failure) => Err(failure.clone()),
        }
    }

    /// What follows every input: the journal has what it changed, and the host hears of everybody
    /// who was told something, but `about` whom the call was.
    #[inline(never)]
    pub(super) fn settle(&mut self, now: UnixMillis, about: SessionId) -> Result<(), Error> {
        if let Some(journal) = &mut self.journal {
            let appended = journal.append(&mut self.engine, now);
            self.stop_at(appended)?;
        }
        while let Some(id) = self.engine.next_output() {
            if id != about {
                wake::ready(&self.name, id);
            }
        }
        self.schedule(now);
        Ok(())
    }

    /// Lets time pass.
    pub(super) fn tick(&mut self) -> Result<(), Error> {
        let now = self.begin()?;
        self.engine.tick(now);
        self.settle(now, 0)?;
        if let Some(journal) = &mut self.journal {
            let rewritten = journal.rewrite(&mut self.engine, now);
            self.stop_at(rewritten)?;
        }
        self.schedule(now);
        Ok(())
    }

    fn stop_at(&mut self, result: Result<(), Error>) -> Result<(), Error> {
        result.inspect_err(|failure| self.failure = Some(failure.clone()))
    }

    fn schedule(&mut self, now: UnixMillis) {
        let journal = self.journal.as_ref();
        let rewrites = journal.is_some_and(|it| it.rewriting || self.engine.rewrite_due());
        let next = if rewrites { Some(now) } else { self.engine.deadline() };
        if next != self.scheduled {
            self.scheduled = next;
            wake::schedule(&self.name, next.map(|at| at as u64));
        }
    }

    /// Runs a command that does not wait.
    #[inline(never)]
    pub(super) fn ask(&mut self, words: &Words) -> Result<Answer, Error> {
        let now = self.begin()?;
        let caller = match self.caller {
            Some(caller) => caller,
            None => session::open(&mut self.engine, now)?,
        };
        self.caller = Some(caller);
        self.engine.call(now, caller, words.bytes());
        self.settle(now, caller)?;
        session::take(&mut self.engine, caller).unwrap_or(Err(Error::Closed))
    }
}
