//! The machine: time and bytes in; replies, effects and the next deadline out.

mod limits;
mod dispatch;
mod blocking;
mod transaction;
mod recovery;
mod journal;
mod rewrite;

pub use journal::Durability;
pub use recovery::{FileEnd, Recovered, RecoveryError};

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::command::Effects;
use crate::error::Error;
use crate::reply::{Form, Writer};
use crate::resp::{Limits, Step};
use crate::span::{Span, Spans};
use crate::state::{Config, Session, SessionId, State};
use crate::time::UnixMillis;

/// Replies that wait for the host, of one session.
#[derive(Clone, Copy, Debug)]
pub struct Output<'a> {
    /// RESP bytes, or the blob of the packed form.
    pub bytes: &'a [u8],
    /// The words of the packed form.
    pub words: &'a [u32],
    /// Whether to close the session once this is sent.
    pub close: bool,
}

/// Streams, consumer groups and the sessions that work on them. See the crate's contract.
#[derive(Debug)]
pub struct Engine {
    state: State,
    effects: Effects,
    /// Sessions whose blocked read has ended and whose waiting requests can go on.
    runnable: VecDeque<SessionId>,
    /// Sessions whose output the host has not been told of.
    outputs: VecDeque<SessionId>,
    /// Spans of the present packed request; kept to save an allocation per call.
    spans: Vec<Span>,
    limits: limits::MemoryEstimate,
    /// The journal that is being read.
    recovery: Option<Box<recovery::Recovery>>,
    /// The journal that is being written.
    journal: Option<Box<journal::Journal>>,
}

impl Engine {
    /// An empty engine.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            effects: Effects::new(config.record_effects),
            state: State::new(config),
            runnable: VecDeque::new(),
            outputs: VecDeque::new(),
            spans: Vec::new(),
            limits: limits::MemoryEstimate::default(),
            recovery: None,
            journal: None,
        }
    }

    /// The state, to look at: sessions, counters, keys.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Opens a session that speaks RESP2 until HELLO says otherwise, or gets packed replies.
    ///
    /// # Errors
    /// [`Error::TOO_MANY_SESSIONS`] when `max_sessions` are open: close one, or raise `maxclients`.
    pub fn open_session(&mut self, now: UnixMillis, form: Form) -> Result<SessionId, Error> {
        let statistics = &mut self.state.statistics;
        statistics.started_at.get_or_insert(now);
        if self.state.sessions.len() as u64 >= self.state.config.max_sessions {
            statistics.connections_rejected += 1;
            return Err(Error::TOO_MANY_SESSIONS);
        }
        statistics.connections_received += 1;
        let authenticated = self.state.config.password.is_none();
        Ok(self.state.sessions.open(form, authenticated, now))
    }

    /// Tells what CLIENT LIST shows of the other end and of ours, such as `127.0.0.1:50000`.
    pub fn set_peer(&mut self, session: SessionId, peer: &str, local: &str) {
        if let Some(session) = self.state.sessions.get_mut(session) {
            session.peer = (peer.into(), local.into());
        }
    }

    /// Closes a session whose client is gone: its blocked read, its transaction, what it watches
    /// and listens to are forgotten, its output too. Unknown sessions are ignored.
    pub fn close_session(&mut self, session: SessionId) {
        let Some(mut session) = self.state.sessions.remove(session) else { return };
        self.state.watched.clear(&mut session);
        self.state.listeners.clear(&mut session);
        if let Some(call) = &session.blocked {
            self.state.blocked.remove(session.id, call);
        }
    }

    /// Takes in request bytes of a RESP session and runs every whole request. What is left waits
    /// for more bytes, or for a blocked read to end.
    pub fn exchange(&mut self, now: UnixMillis, id: SessionId, input: &[u8]) {
        self.advance(now);
        self.state.statistics.input_bytes += input.len() as u64;
        let Some(session) = self.state.sessions.get_mut(id) else { return };
        if session.closing {
            return;
        }
        if session.input.is_empty() && session.blocked.is_none() {
            let read = self.pump(now, id, input);
            if let Some(session) = self.state.sessions.get_mut(id) {
                session.input.extend_from_slice(&input[read..]);
            }
        } else {
            session.input.extend_from_slice(input);
            self.pump_waiting(now, id);
        }
        self.limit_input(id);
        self.run_runnable(now);
    }

    /// Runs one command of a packed session: `u32` count, then for each word `u32` length and its
    /// bytes, little endian. `true`: the reply is in [`Engine::output`]. `false`: the session is
    /// blocked or waits for the journal, and the reply comes with a later input.
    pub fn call(&mut self, now: UnixMillis, id: SessionId, request: &[u8]) -> bool {
        self.advance(now);
        if self.state.sessions.get(id).is_none_or(|session| session.blocked.is_some()) {
            return false;
        }
        let mut spans = core::mem::take(&mut self.spans);
        match packed_words(request, &mut spans) {
            Some(words) if !words.is_empty() => self.request(now, id, words),
            _ => self.refuse(id, &Error::protocol(b"invalid packed request")),
        }
        spans.clear();
        self.spans = spans;
        self.run_runnable(now);
        self.state.sessions.get(id).is_some_and(|it| it.blocked.is_none() && it.awaited.is_empty())
    }

    /// Ends a blocked read without a reply. `true`: it was blocked, and has delivered nothing.
    pub fn cancel(&mut self, now: UnixMillis, id: SessionId) -> bool {
        self.advance(now);
        let cancelled = self.unblock(id);
        self.run_runnable(now);
        cancelled
    }

    /// Expires keys and ends reads whose time has come. Early, late and repeated ticks are
    /// harmless; every other input does the same first.
    pub fn tick(&mut self, now: UnixMillis) {
        self.advance(now);
        self.run_runnable(now);
    }

    /// When the next tick is needed; `None` while nothing waits for time to pass.
    #[must_use]
    pub fn deadline(&self) -> Option<UnixMillis> {
        let expired = self.state.keyspace.next_expiry().map(|at| at.saturating_add(1));
        let deadlines = [expired, self.state.blocked.next_deadline()];
        deadlines.into_iter().flatten().min()
    }

    /// A session with output that the host has not been told of; ask until `None` after each input.
    pub fn next_output(&mut self) -> Option<SessionId> {
        while let Some(id) = self.outputs.pop_front() {
            let Some(session) = self.state.sessions.get_mut(id) else { continue };
            session.announced = false;
            if session.closing || session.has_released() {
                return Some(id);
            }
        }
        None
    }

    /// The output of a session; `None` when nothing waits, or what waits is for a frame of the
    /// journal to be confirmed.
    #[must_use]
    pub fn output(&self, id: SessionId) -> Option<Output<'_>> {
        let session = self.state.sessions.get(id)?;
        let (bytes, words) = session.released();
        let close = session.closing && session.awaited.is_empty();
        if bytes.is_empty() && words.is_empty() && !close {
            return None;
        }
        Some(Output { bytes, words, close })
    }

    /// Forgets output that the host has taken.
    pub fn consume(&mut self, id: SessionId) {
        if let Some(session) = self.state.sessions.get_mut(id) {
            session.consume();
        }
    }

    /// Effects recorded since the last [`Engine::consume_effects`]: RESP commands for the journal.
    #[must_use]
    pub fn effects(&self) -> &[u8] {
        self.effects.bytes()
    }

    /// Forgets effects that the host has taken.
    pub fn consume_effects(&mut self) {
        self.effects.clear();
    }

    /// Runs whole requests at the start of `buffer`; returns how many bytes they were.
    fn pump(&mut self, now: UnixMillis, id: SessionId, buffer: &[u8]) -> usize {
        let Some(session) = self.state.sessions.get_mut(id) else { return buffer.len() };
        let mut decoder = core::mem::take(&mut session.decoder);
        let mut read = 0;
        while let Some(limits) = self.may_read(id) {
            match decoder.decode(&buffer[read..], limits) {
                Ok(Step::Request(len)) => {
                    self.request(now, id, decoder.arguments(&buffer[read..]));
                    read += len;
                    decoder.reset();
                }
                Ok(Step::Incomplete) => break,
                Err(error) => {
                    self.refuse(id, &error);
                    read = buffer.len();
                }
            }
        }
        match self.state.sessions.get_mut(id) {
            Some(session) if !session.closing => {
                session.decoder = decoder;
                read
            }
            _ => buffer.len(),
        }
    }

    /// Runs the requests that wait in a session's own buffer.
    fn pump_waiting(&mut self, now: UnixMillis, id: SessionId) {
        let Some(session) = self.state.sessions.get_mut(id) else { return };
        if session.blocked.is_some() {
            return;
        }
        let mut buffer = core::mem::take(&mut session.input);
        let read = self.pump(now, id, &buffer);
        if let Some(session) = self.state.sessions.get_mut(id)
            && read < buffer.len()
        {
            buffer.drain(..read);
            session.input = buffer;
        }
    }

    /// Lets sessions go on whose blocked read has ended.
    fn run_runnable(&mut self, now: UnixMillis) {
        while let Some(id) = self.runnable.pop_front() {
            self.pump_waiting(now, id);
        }
    }

    /// The limits for the next request of a session; `None` when it must not be read now.
    fn may_read(&self, id: SessionId) -> Option<Limits> {
        let session = self.state.sessions.get(id)?;
        let limits = Limits {
            max_bulk_len: self.state.config.max_bulk_len,
            authenticated: session.authenticated,
        };
        (session.blocked.is_none() && !session.closing).then_some(limits)
    }

    /// Answers with an error and closes.
    fn refuse(&mut self, id: SessionId, error: &Error) {
        self.state.statistics.error(error.code());
        if let Some(session) = self.state.sessions.get_mut(id) {
            session.out.error(error);
            session.closing = true;
            session.input = Vec::new();
        }
        self.announce(id);
    }

    /// Puts a session on the list of those that have output for the host, or of those whose output
    /// waits for a frame of the journal.
    fn announce(&mut self, id: SessionId) {
        let awaited = self.awaited_frame();
        let Some(session) = self.state.sessions.get_mut(id) else { return };
        let waited = !session.awaited.is_empty();
        session.hold(awaited);
        let (waits, releases) = (!session.awaited.is_empty(), session.has_released());
        if (releases || session.closing && !waits) && !session.announced {
            session.announced = true;
            self.outputs.push_back(id);
        }
        if waits && !waited {
            self.await_frame(id);
        }
    }

    /// Announces the sessions that were told something.
    fn announce_told(&mut self) {
        for id in self.state.listeners.take_told() {
            self.with_session(id, |session| session.told = false);
            self.announce(id);
        }
    }

    /// Lends a session's writer to a command that replies to it.
    fn take_writer(&mut self, id: SessionId) -> Option<Writer> {
        let session = self.state.sessions.get_mut(id)?;
        let form = session.out.form();
        Some(core::mem::replace(&mut session.out, Writer::new(form)))
    }

    /// Takes the writer back. Behind the reply comes what the session was told in the meantime.
    fn give_writer(&mut self, id: SessionId, writer: Writer) {
        if let Some(session) = self.state.sessions.get_mut(id) {
            let told = core::mem::replace(&mut session.out, writer);
            if !told.is_empty() {
                session.out.append(&told);
            }
        }
    }

    /// Applies `change` to a session, if it is open.
    fn with_session(&mut self, id: SessionId, change: impl FnOnce(&mut Session)) {
        if let Some(session) = self.state.sessions.get_mut(id) {
            change(session);
        }
    }
}

/// The words of a packed request; `None` when it is cut short.
fn packed_words<'a>(request: &'a [u8], spans: &'a mut Vec<Span>) -> Option<Spans<'a>> {
    let number = |at: usize| -> Option<u32> {
        let bytes = request.get(at..at.checked_add(4)?)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    let count = number(0)?;
    let mut at: usize = 4;
    for _ in 0..count {
        let len = number(at)? as usize;
        let end = (at + 4).checked_add(len)?;
        if end > request.len() {
            return None;
        }
        spans.push(Span { start: at as u32 + 4, end: end as u32 });
        at = end;
    }
    Some(Spans::new(request, spans))
}
