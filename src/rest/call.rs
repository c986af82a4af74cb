//! Runs the commands of one request, in a session of its own that ends with it.

use alloc::vec::Vec;

use super::answer::{Answer, Refusal};
use super::encode::{push_answer, push_error, push_resp2};
use super::words::Words;
use super::work::{Form, Kind};
use crate::engine::Engine;
use crate::error::Error;
use crate::reply::{self, Unpacked, Unpacker};
use crate::state::SessionId;
use crate::time::UnixMillis;

/// What a request came to so far.
#[derive(Debug)]
pub enum Step {
    /// Write the journal, then take the next step.
    Settle,
    /// A read has found nothing: take the next step when the session of the call has output, or end
    /// the wait by [`Call::give_up`].
    Wait,
    /// This is the answer, for [`super::Rest::complete`].
    Done(Answer),
}

/// One command of a request.
#[derive(Debug)]
pub(super) enum Prepared {
    /// It is run; whether it is a read that may wait.
    Runs(Words, bool),
    /// It was refused.
    Refused(Refusal),
    /// It waited, and the wait was ended: it has found nothing.
    CalledOff,
}

/// The commands of a request, on their way through an engine.
#[derive(Debug)]
pub struct Call {
    kind: Kind,
    form: Form,
    commands: Vec<Prepared>,
    session: Option<SessionId>,
    /// How many commands the engine was given.
    sent: usize,
    /// How many of those have been answered.
    told: usize,
    /// Whether nothing waits any more.
    is_over: bool,
    status: u16,
    out: Vec<u8>,
    /// Why a transaction was not run.
    failure: Option<Answer>,
}

impl Call {
    /// A transaction with a command that was refused is refused, and so is a command alone.
    pub(super) fn new(
        kind: Kind,
        form: Form,
        mut commands: Vec<Prepared>,
    ) -> Result<Self, Refusal> {
        let is_refused = |it: &Prepared| matches!(it, Prepared::Refused(_));
        if kind != Kind::Pipeline
            && let Some(at) = commands.iter().position(is_refused)
            && let Prepared::Refused(refusal) = commands.swap_remove(at)
        {
            return Err(refusal);
        }
        if kind == Kind::Transaction {
            commands.insert(0, Prepared::Runs(Words::of(&[b"MULTI"]), false));
            commands.push(Prepared::Runs(Words::of(&[b"EXEC"]), false));
        }
        let (out, status) = (Vec::new(), 200);
        let (session, failure) = (None, None);
        let (sent, told, is_over) = (0, 0, false);
        Ok(Self { kind, form, commands, session, sent, told, is_over, status, out, failure })
    }

    /// The session that runs it, as [`Engine::next_output`] names it.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        self.session
    }

    /// Whether a read that waits begins behind what there is now (`$`): run again, it would begin
    /// later, and pass over what came meanwhile.
    #[must_use]
    pub fn begins_now(&self) -> bool {
        self.commands.iter().any(|command| match command {
            Prepared::Runs(words, true) => words.iter().any(|word| word == b"$"),
            _ => false,
        })
    }

    /// Goes on as far as it can. After every step the journal has to be written.
    pub fn step(&mut self, engine: &mut Engine, now: UnixMillis) -> Step {
        let session = match self.open(engine, now) {
            Ok(session) => session,
            // As many sessions are open as there may be.
            Err(error) => {
                return Step::Done(Answer::busy(&[str::from_utf8(error.text()).unwrap_or("ERR")]));
            }
        };
        self.send(engine, now, session);
        let is_open = self.take(engine, session);
        let is_whole = self.sent == self.commands.len() && self.told == self.sent;
        if is_whole || !is_open {
            engine.close_session(session);
            return Step::Done(if is_whole { self.answer() } else { closed() });
        }
        if is_blocked(engine, session) { Step::Wait } else { Step::Settle }
    }

    /// Ends the wait: a read has found nothing, and no other one of the request waits. What is
    /// there already is read all the same.
    pub fn give_up(&mut self, engine: &mut Engine, now: UnixMillis) {
        self.is_over = true;
        if let Some(session) = self.session {
            self.end_wait(engine, now, session);
        }
    }

    /// Forgets the request, whose client is gone. A read that waited has delivered nothing.
    pub fn abandon(self, engine: &mut Engine) {
        if let Some(session) = self.session {
            engine.close_session(session);
        }
    }

    /// Sends all that can be sent at once, so that one write of the journal is enough.
    fn send(&mut self, engine: &mut Engine, now: UnixMillis, session: SessionId) {
        while let Some(Prepared::Runs(words, _)) = self.commands.get(self.sent) {
            if is_blocked(engine, session) {
                return;
            }
            engine.call(now, session, words.bytes());
            self.sent += 1;
            self.end_wait(engine, now, session);
            self.pass_refused();
        }
    }

    fn open(&mut self, engine: &mut Engine, now: UnixMillis) -> Result<SessionId, Error> {
        if let Some(session) = self.session {
            return Ok(session);
        }
        let session = engine.open_session(now, reply::Form::Packed)?;
        // A token opens what a password does.
        if let Some(password) = engine.state().config.password.clone() {
            engine.call(now, session, Words::of(&[b"AUTH", &password]).bytes());
            engine.consume(session);
        }
        self.session = Some(session);
        self.pass_refused();
        Ok(session)
    }

    /// What was refused is not sent.
    fn pass_refused(&mut self) {
        while let Some(Prepared::Refused(_)) = self.commands.get(self.sent) {
            self.sent += 1;
        }
    }

    fn end_wait(&mut self, engine: &mut Engine, now: UnixMillis, session: SessionId) {
        if !self.is_over || !is_blocked(engine, session) {
            return;
        }
        engine.cancel(now, session);
        let behind = &mut self.commands[..self.sent];
        if let Some(waited) = behind.iter_mut().rfind(|it| matches!(it, Prepared::Runs(..))) {
            *waited = Prepared::CalledOff;
        }
    }

    /// Takes the replies that are there; `false`: the session has ended.
    fn take(&mut self, engine: &mut Engine, session: SessionId) -> bool {
        let Some(output) = engine.output(session) else {
            self.tell_others();
            return engine.state().sessions.get(session).is_some();
        };
        let mut replies = Unpacker::new(output.words, output.bytes);
        self.tell_others();
        while !replies.is_empty() && self.told < self.sent {
            self.tell(&mut replies);
            self.tell_others();
        }
        let is_open = !output.close;
        engine.consume(session);
        is_open
    }

    /// Answers what the engine does not.
    fn tell_others(&mut self) {
        while self.told < self.sent {
            self.separate();
            match (&self.commands[self.told], self.form.is_resp2) {
                (Prepared::Runs(..), _) => return,
                (Prepared::CalledOff, true) => self.out.extend_from_slice(b"*-1\r\n"),
                (Prepared::CalledOff, false) => self.out.extend_from_slice(b"{\"result\":null}"),
                (Prepared::Refused(refusal), true) => {
                    self.out.extend_from_slice(&[b"-", refusal.text.as_bytes(), b"\r\n"].concat());
                }
                (Prepared::Refused(refusal), false) => {
                    push_error(&mut self.out, refusal.text.as_bytes());
                }
            }
            self.told += 1;
        }
    }

    /// Begins a pipeline's list, or goes on with it.
    fn separate(&mut self) {
        let is_list = self.kind == Kind::Pipeline && !self.form.is_resp2;
        let mark = if self.told == 0 { b'[' } else { b',' };
        if is_list && self.out.last() != Some(&mark) {
            self.out.push(mark);
        }
    }

    fn tell(&mut self, replies: &mut Unpacker<'_>) {
        let pairs = matches!(self.commands[self.told], Prepared::Runs(_, true));
        let mut ahead = *replies;
        let is_error = matches!(ahead.value(), Unpacked::Error(_));
        if self.kind == Kind::Transaction {
            self.tell_transaction(replies);
        } else if self.form.is_resp2 {
            push_resp2(&mut self.out, replies, pairs);
        } else {
            push_answer(&mut self.out, replies, self.form.in_base64, pairs);
        }
        if self.kind == Kind::Command && is_error {
            self.status = 400;
        }
        self.told += 1;
    }

    fn tell_transaction(&mut self, replies: &mut Unpacker<'_>) {
        const ENDED: &str = "ERR a command ended the transaction: nothing was run";
        let is_last = self.told + 1 == self.commands.len();
        let value = replies.value();
        match value {
            Unpacked::Array(len) if is_last => {
                for index in 0..len {
                    self.out.push(if index == 0 { b'[' } else { b',' });
                    // In front of them is MULTI.
                    let pairs = matches!(self.commands[index + 1], Prepared::Runs(_, true));
                    push_answer(&mut self.out, replies, self.form.in_base64, pairs);
                }
                self.out.push(b']');
            }
            Unpacked::Error(text) => self.fail(str::from_utf8(text).unwrap_or("ERR")),
            Unpacked::Text(b"QUEUED") => {}
            _ if self.told == 0 => {}
            _ => self.fail(ENDED),
        }
    }

    fn fail(&mut self, text: &str) {
        self.failure.get_or_insert_with(|| Answer::error(400, &[text]));
    }

    fn answer(&mut self) -> Answer {
        if let Some(failure) = self.failure.take() {
            return failure;
        }
        let is_resp2 = self.form.is_resp2 && self.kind != Kind::Transaction;
        if self.kind == Kind::Pipeline && !is_resp2 {
            self.out.push(b']');
        }
        let kind = if is_resp2 { "application/octet-stream" } else { "application/json" };
        let body = core::mem::take(&mut self.out);
        let answer = Answer::new(self.status, kind, body).with("cache-control", "no-store");
        Answer { tells: true, ..answer }
    }
}

fn is_blocked(engine: &Engine, session: SessionId) -> bool {
    engine.state().sessions.get(session).is_some_and(|session| session.blocked.is_some())
}

fn closed() -> Answer {
    Answer::error(503, &["ERR The connection is closed"])
}
