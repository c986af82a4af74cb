//! Blocked reads: put to wait, run again when a key is ready, ended when their time has come.

use alloc::boxed::Box;

use super::Engine;
use crate::command::Flow;
use crate::command::table::COMMANDS;
use crate::error::Error;
use crate::keyspace::Value;
use crate::state::{BlockedCall, Events, Interruption, SessionId};
use crate::time::UnixMillis;

impl Engine {
    /// Puts a session to wait.
    pub(super) fn block(&mut self, id: SessionId, mut call: BlockedCall) {
        self.state.blocked.add(id, &mut call);
        self.with_session(id, |session| session.blocked = Some(Box::new(call)));
    }

    /// Ends a session's wait without a reply; its waiting requests go on. `false` when it did
    /// not wait.
    pub(super) fn unblock(&mut self, id: SessionId) -> bool {
        let Some(session) = self.state.sessions.get_mut(id) else { return false };
        let Some(call) = session.blocked.take() else { return false };
        self.state.blocked.remove(id, &call);
        self.runnable.push_back(id);
        true
    }

    /// Lets time pass: keys expire, reads that waited long enough end with a null, and reads that
    /// claim what is idle long enough by now are run again.
    pub(super) fn advance(&mut self, now: UnixMillis) {
        for (db, key) in self.state.blocked.take_changed() {
            if !self.is_stream(db, &key) {
                self.state.blocked.forget_wake(db, &key);
            }
        }
        self.expire_keys(now);
        while let Some(id) = self.state.blocked.due(now) {
            self.end_wait(id, None);
        }
        while let Some((db, key)) = self.state.blocked.next_wake(now) {
            if self.is_stream(db, &key) {
                self.state.blocked.signal(db, &key);
                self.serve_ready(now);
            }
        }
    }

    fn is_stream(&self, db: u32, key: &[u8]) -> bool {
        matches!(self.state.keyspace.get(db, key), Some(Value::Stream(_)))
    }

    /// Ends a session's wait with a null or an error, and counts the call as one that ran.
    fn end_wait(&mut self, id: SessionId, error: Option<&Error>) {
        let Some(session) = self.state.sessions.get_mut(id) else { return };
        if session.blocked.is_none() {
            return;
        }
        let command = session.last_command;
        match error {
            None => session.out.null_array(),
            Some(error) => session.out.error(error),
        }
        self.unblock(id);
        let statistics = &mut self.state.statistics;
        statistics.commands_processed += 1;
        if let Some(number) = command {
            let counters = statistics.command(number.into());
            counters.calls += 1;
            counters.failed += u64::from(error.is_some());
        }
        if let Some(error) = error {
            statistics.error(error.code());
        }
        self.announce(id);
    }

    /// Does what CLIENT UNBLOCK and CLIENT KILL asked for.
    fn interrupt_sessions(&mut self) {
        for (id, why) in self.state.blocked.take_interruptions() {
            match why {
                Interruption::Timeout => self.end_wait(id, None),
                Interruption::Error => self.end_wait(id, Some(&Error::UNBLOCKED)),
                Interruption::Kill => {
                    self.unblock(id);
                    self.with_session(id, |session| session.closing = true);
                    self.announce(id);
                }
            }
        }
    }

    /// Runs reads again whose keys became ready: keys in the order in which they were signalled,
    /// the readers of each first come first served. A read that finds nothing waits again
    /// behind all others.
    pub(super) fn serve_ready(&mut self, now: UnixMillis) {
        self.interrupt_sessions();
        loop {
            let ready = self.state.blocked.take_ready();
            if ready.is_empty() {
                return;
            }
            for (db, key) in ready {
                let is_stream = self.is_stream(db, &key);
                for (id, wakes_on_missing) in self.state.blocked.readers(db, &key) {
                    if is_stream || wakes_on_missing {
                        self.run_again(now, id);
                    }
                }
            }
        }
    }

    fn run_again(&mut self, now: UnixMillis, id: SessionId) {
        let Some(session) = self.state.sessions.get_mut(id) else { return };
        let Some(mut call) = session.blocked.take() else { return };
        let Ok(found) = COMMANDS.find(call.arguments.words()) else { return };
        let Some(mut out) = self.take_writer(id) else { return };
        self.effects.begin_batch();
        let flow = self.run(now, id, found, call.arguments.words(), &mut out, true);
        self.effects.end_batch();
        self.give_writer(id, out);
        self.state.blocked.remove(id, &call);
        if let Some(Flow::Block(again)) = flow {
            // It waits at the end of every queue again: behind all others for its other keys.
            call.wakes_at = again.wakes_at;
            self.state.blocked.add(id, &mut call);
            self.with_session(id, |session| session.blocked = Some(call));
            return;
        }
        self.runnable.push_back(id);
        self.limit_output(id);
        self.announce(id);
    }

    fn expire_keys(&mut self, now: UnixMillis) {
        let mut expired = false;
        // A key still lives in the millisecond that is its time.
        while let Some((db, key)) = self.state.keyspace.due(now.saturating_sub(1)) {
            self.state.keyspace.remove(db, &key);
            self.state.statistics.expired_keys += 1;
            self.state.watched.touch(&mut self.state.sessions, db, &key);
            self.state.notify(Events::EXPIRED, "expired", db, &key);
            self.state.blocked.signal(db, &key);
            self.effects.begin_batch();
            self.effects.command(db, &[b"DEL", &key]);
            self.effects.end_batch();
            expired = true;
        }
        if expired {
            self.serve_ready(now);
            self.announce_told();
        }
    }
}
