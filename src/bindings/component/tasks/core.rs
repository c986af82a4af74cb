//! An engine with its clock, its journal and those who wait for it.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::answer;
use super::generated::brooklet::streams::clock;
use super::generated::brooklet::streams::types::Error;
use super::journal::{self, Recovered};
use super::log::{Done, Journal, Step};
use super::session;
use super::words::Words;
use crate::engine::Engine;
use crate::state::SessionId;
use crate::time::UnixMillis;

/// Packed sessions that are kept for the next calls.
const IDLE: usize = 8;

/// The longest that the host is asked to wait. Without a deadline it is asked, too: hosts take
/// calls that wait for nothing of theirs for calls that wait for each other.
const DAY: UnixMillis = 24 * 60 * 60 * 1000;

/// A database that handles, sessions and calls share.
pub(super) type Shared = Rc<RefCell<Core>>;

/// The time until which the host waits, and its call.
type Timer = (UnixMillis, Pin<Box<dyn Future<Output = ()>>>);

/// See the module.
pub(super) struct Core {
    pub(super) engine: Engine,
    pub(super) journal: Option<Journal>,
    pub(super) recovered: Recovered,
    /// Why the database has stopped.
    failure: Option<Error>,
    /// Packed sessions without a call.
    idle: Vec<SessionId>,
    /// Who waits, in the order of sessions.
    waiting: Vec<(SessionId, Waker)>,
    /// Reads of groups whose callers are gone, although something was found for them.
    abandoned: Vec<(SessionId, Box<[u8]>)>,
    /// What the host does for the journal, and who drives it.
    step: Option<Step>,
    writer: Option<SessionId>,
    /// Until when the host waits, and for whom.
    timer: Option<Timer>,
    keeper: Option<SessionId>,
}

/// The time, by the host's clock.
fn now() -> UnixMillis {
    clock::now().min(i64::MAX as u64) as UnixMillis
}

impl Core {
    /// Opens a database.
    pub(super) async fn open(
        name: String,
        durable: bool,
        settings: &[(String, String)],
    ) -> Result<Self, Error> {
        let mut core = Self {
            engine: session::engine(now(), settings)?,
            journal: None,
            recovered: Recovered::default(),
            failure: None,
            idle: Vec::new(),
            waiting: Vec::new(),
            abandoned: Vec::new(),
            step: None,
            writer: None,
            timer: None,
            keeper: None,
        };
        if durable {
            let (journal, recovered) = Journal::open(&name, &mut core.engine, now()).await?;
            (core.journal, core.recovered) = (Some(journal), recovered);
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

    /// A packed session for a call.
    pub(super) fn lend(&mut self, now: UnixMillis) -> Result<SessionId, Error> {
        match self.idle.pop() {
            Some(session) => Ok(session),
            None => session::open(&mut self.engine, now),
        }
    }

    /// Takes a session back.
    pub(super) fn take_back(&mut self, session: SessionId) {
        if self.idle.len() < IDLE {
            self.idle.push(session);
        } else {
            self.engine.close_session(session);
        }
    }

    /// What follows every input: whoever was told something is woken, and the keeper when there is
    /// a time to watch that comes earlier.
    #[inline(never)]
    pub(super) fn settle(&mut self) {
        while let Some(id) = self.engine.next_output() {
            if let Ok(place) = self.place(id) {
                self.waiting[place].1.wake_by_ref();
            } else if self.abandoned.iter().any(|(session, _)| *session == id) {
                self.give_back(id);
            }
        }
        let earlier = match (self.engine.deadline(), &self.timer) {
            (Some(deadline), Some((at, _))) => deadline < *at,
            (deadline, _) => deadline.is_some(),
        };
        if earlier && let Some(keeper) = self.keeper {
            self.wake(keeper);
        }
    }

    fn place(&self, session: SessionId) -> Result<usize, usize> {
        self.waiting.binary_search_by_key(&session, |(session, _)| *session)
    }

    pub(super) fn wake(&self, session: SessionId) {
        if let Ok(place) = self.place(session) {
            self.waiting[place].1.wake_by_ref();
        }
    }

    /// Whether a read of this session waits.
    pub(super) fn is_blocked(&self, session: SessionId) -> bool {
        self.engine.state().sessions.get(session).is_some_and(|it| it.blocked.is_some())
    }

    /// Whether replies of this session wait for the journal.
    pub(super) fn is_held(&self, session: SessionId) -> bool {
        self.engine.state().sessions.get(session).is_some_and(|it| !it.awaited.is_empty())
    }

    /// Whether something is to be written.
    fn has_work(&self) -> bool {
        let Some(journal) = &self.journal else { return false };
        self.step.is_some()
            || self.engine.has_frame()
            || journal.is_rewriting()
            || self.engine.rewrite_due()
    }

    /// Whether a rewrite is under way or due.
    pub(super) fn rewrites(&self) -> bool {
        let journal = self.journal.as_ref();
        journal.is_some_and(|it| it.is_rewriting() || self.engine.rewrite_due())
    }

    /// One turn of a call that waits: it does its part of what all wait for. `true`: something was
    /// written, and there may be more to do.
    #[inline(never)]
    pub(super) fn turn(&mut self, session: SessionId, cx: &mut Context<'_>) -> Result<bool, Error> {
        match self.place(session) {
            Ok(place) => self.waiting[place].1.clone_from(cx.waker()),
            Err(place) => self.waiting.insert(place, (session, cx.waker().clone())),
        }
        if self.keeper.is_none() && !self.is_held(session) {
            self.keeper = Some(session);
        }
        if self.keeper == Some(session) {
            self.keep_time(cx);
        }
        if self.writer.is_none() && self.has_work() {
            self.writer = Some(session);
        }
        if self.writer == Some(session) { self.write(cx) } else { Ok(false) }
    }

    /// Goes on with a step for the journal.
    fn write(&mut self, cx: &mut Context<'_>) -> Result<bool, Error> {
        let Self { engine, journal: Some(journal), step, .. } = self else { return Ok(false) };
        if step.is_none() {
            *step = journal.step(engine, now());
        }
        let Some((done, future)) = step else {
            self.writer = None;
            return Ok(false);
        };
        let Poll::Ready(result) = future.as_mut().poll(cx) else { return Ok(false) };
        let done = *done;
        (self.step, self.writer) = (None, None);
        if let Err(error) = result {
            return Err(self.stop(journal::failure(error)));
        }
        if let Some(journal) = &mut self.journal {
            journal.stepped(done, &mut self.engine, now());
        }
        if let Done::Committed = done {
            // Whoever has asked for it waits for it.
            self.waiting.iter().for_each(|(_, waker)| waker.wake_by_ref());
        }
        self.settle();
        Ok(true)
    }

    /// Whether this call must see a step to its end before it returns: the host tells the call that
    /// has asked last, and would tell nobody.
    pub(super) fn must_stay(&self, session: SessionId) -> bool {
        self.writer == Some(session) && self.step.is_some()
    }

    /// Nothing is acknowledged any more.
    fn stop(&mut self, failure: Error) -> Error {
        for (_, waker) in self.waiting.drain(..) {
            waker.wake();
        }
        self.failure.insert(failure).clone()
    }

    /// Watches the clock until the next deadline, or a time before it.
    fn keep_time(&mut self, cx: &mut Context<'_>) {
        let deadline = self.engine.deadline().unwrap_or(UnixMillis::MAX);
        if self.timer.as_ref().is_none_or(|(at, _)| *at > deadline) {
            let at = deadline.min(now().saturating_add(DAY));
            self.timer = Some((at, Box::pin(clock::wait_until(at as u64))));
        }
        let Some((_, timer)) = &mut self.timer else { return };
        if timer.as_mut().poll(cx).is_ready() {
            self.timer = None;
            self.engine.tick(now());
            self.settle();
            // Others come first, even if the host's clock stands still.
            cx.waker().wake_by_ref();
        }
    }

    /// A call does not wait any more: what it did for all is handed over.
    #[inline(never)]
    pub(super) fn leave(&mut self, session: SessionId) {
        if let Ok(place) = self.place(session) {
            self.waiting.remove(place);
        }
        if self.writer == Some(session) {
            self.writer = None;
        }
        if self.keeper == Some(session) {
            (self.keeper, self.timer) = (None, None);
        }
        self.hand_over();
    }

    /// Wakes who has to do what nobody does.
    pub(super) fn hand_over(&mut self) {
        if self.failure.is_some() {
            return;
        }
        if self.writer.is_none()
            && self.has_work()
            && let Some((_, waker)) = self.waiting.first()
        {
            waker.wake_by_ref();
        }
        if self.keeper.is_none()
            && let Some((_, waker)) = self.waiting.iter().find(|(id, _)| !self.is_held(*id))
        {
            waker.wake_by_ref();
        }
    }

    /// A call of a packed session was cancelled. A read of a `group` gives back what was found.
    pub(super) fn cancel(&mut self, session: SessionId, group: Option<Box<[u8]>>) {
        match group {
            Some(group) if self.failure.is_none() && !self.is_blocked(session) => {
                self.abandoned.push((session, group));
                if self.engine.output(session).is_some() {
                    self.give_back(session);
                }
            }
            _ => self.engine.close_session(session),
        }
        self.leave(session);
    }

    /// Gives the entries back that an abandoned read has found.
    fn give_back(&mut self, session: SessionId) {
        let Some(place) = self.abandoned.iter().position(|(id, _)| *id == session) else { return };
        let (_, group) = self.abandoned.swap_remove(place);
        if let Some(Ok(found)) = session::take(&mut self.engine, session) {
            for stream in answer::streams(&mut found.reply()) {
                let ids: Vec<_> = stream.entries.iter().map(|entry| entry.id).collect();
                let mut words = Words::of(&[b"XNACK", &stream.key, &group, b"SILENT"]);
                words.id_block(&ids);
                self.engine.call(now(), session, words.bytes());
            }
        }
        self.engine.close_session(session);
    }
}
