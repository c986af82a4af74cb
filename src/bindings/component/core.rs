//! An engine with its clock, its journal and its host: what every input of the component does.

use alloc::rc::Rc;
use alloc::string::String;
use core::cell::RefCell;

use super::answer::{self, Answer};
use super::generated::brooklet::streams::types::Error;
use super::generated::brooklet::streams::{clock, wake};
use super::log::{Journal, Recovered};
use super::words::Words;
use crate::engine::Engine;
use crate::reply::{Form, Unpacked, Unpacker};
use crate::state::{Config, DebugCommand, SessionId};
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
        const DEBUG: &str = "enable-debug-command";
        let mut config = Config::default();
        for (_, value) in settings.iter().filter(|(name, _)| name == DEBUG) {
            let known = DebugCommand::ALL.into_iter().find(|it| it.name() == value);
            config.debug_command = known.unwrap_or_default();
        }
        let mut core = Self {
            name,
            engine: Engine::new(config),
            journal: None,
            recovered: Recovered::default(),
            failure: None,
            caller: None,
            scheduled: None,
        };
        for (name, value) in settings.iter().filter(|(name, _)| name != DEBUG) {
            let words = Words::of(&[b"CONFIG", b"SET", name.as_bytes(), value.as_bytes()]);
            core.ask(&words)?;
        }
        if let Some(session) = core.caller.take() {
            core.engine.close_session(session);
        }
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

    /// Opens a session for packed calls. It needs no password: who calls is no client.
    #[inline(never)]
    pub(super) fn open_packed(&mut self, now: UnixMillis) -> Result<SessionId, Error> {
        let opened = self.engine.open_session(now, Form::Packed);
        let session = opened.map_err(|error| answer::error(error.text()))?;
        if let Some(password) = self.engine.state().config.password.clone() {
            self.engine.call(now, session, Words::of(&[b"AUTH", &password]).bytes());
            self.engine.consume(session);
        }
        Ok(session)
    }

    /// Runs a command that does not wait.
    #[inline(never)]
    pub(super) fn ask(&mut self, words: &Words) -> Result<Answer, Error> {
        let now = self.begin()?;
        let session = match self.caller {
            Some(session) => session,
            None => self.open_packed(now)?,
        };
        self.caller = Some(session);
        self.engine.call(now, session, words.bytes());
        self.settle(now, session)?;
        self.answer(session).unwrap_or(Err(Error::Closed))
    }

    /// Takes what a packed session was told; `None` when that is nothing.
    #[inline(never)]
    pub(super) fn answer(&mut self, session: SessionId) -> Option<Result<Answer, Error>> {
        let output = self.engine.output(session)?;
        let answer = match Unpacker::new(output.words, output.bytes).value() {
            Unpacked::Error(text) => Err(answer::error(text)),
            _ => Ok(Answer::copy(output.words, output.bytes)),
        };
        self.engine.consume(session);
        Some(answer)
    }
}
