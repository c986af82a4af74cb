//! The order of steps around every command: find → allow → queue or run → effects → reply →
//! serve blocked readers.

use super::Engine;
use crate::command::registry::Found;
use crate::command::table::COMMANDS;
use crate::command::{Args, Context, Flags, Flow};
use crate::error::Error;
use crate::reply::{Form, Writer};
use crate::state::{Arguments, DebugCommand, ReplyMode, SessionId, State};
use crate::time::UnixMillis;

impl Engine {
    /// Runs one request of a session and everything that follows from it.
    pub(super) fn request(&mut self, now: UnixMillis, id: SessionId, words: Args<'_>) {
        let Some(name) = words.get(0) else { return };
        if name == b"POST" || name == b"Host:" {
            self.with_session(id, |session| session.closing = true);
            self.announce(id);
            return;
        }
        let Some(mut out) = self.take_writer(id) else { return };
        let start = out.position();
        match self.allow(id, words) {
            Err(error) => self.reject(id, words, &error, &mut out),
            Ok(found) if self.must_queue(id, found) => self.queue(id, found, words, &mut out),
            Ok(found) => {
                self.effects.begin_batch();
                let flow = self.run(now, id, found, words, &mut out, true);
                self.follow(now, id, flow, &mut out);
                self.effects.end_batch();
            }
        }
        if self.is_muted(id) {
            out.rewind(start);
        }
        self.give_writer(id, out);
        self.limit_output(id);
        self.announce(id);
        self.serve_ready(now);
        self.announce_told();
    }

    /// The checks before a command: does it exist, has it the right number of words, may this
    /// session call it, is there memory for it.
    fn allow(&mut self, id: SessionId, words: Args<'_>) -> Result<Found, Error> {
        let found = COMMANDS.find(words).inspect_err(|_| self.count_bad_arity(words))?;
        let session = self.state.sessions.get(id).ok_or(Error::NO_AUTH)?;
        let authenticated = session.authenticated;
        let listens_only = session.out.form() == Form::Resp2 && session.listens();
        let (flags, replaying) = (found.flags(), session.replaying);
        let denyoom = match &session.transaction {
            Some(transaction) if found.name() == "exec" => transaction.denyoom,
            _ => flags.contains(Flags::DENYOOM),
        };
        let debug = match self.state.config.debug_command {
            DebugCommand::No => false,
            DebugCommand::Local => session.is_local(),
            DebugCommand::Yes => true,
        };
        let refused = if flags.contains(Flags::PROTECTED) && !debug {
            Some(Error::DEBUG_NOT_ALLOWED)
        } else if !authenticated && !flags.contains(Flags::NO_AUTH) {
            Some(Error::NO_AUTH)
        } else if denyoom && !replaying && self.out_of_memory(words.iter().map(<[u8]>::len).sum()) {
            Some(Error::OUT_OF_MEMORY)
        } else if denyoom && !replaying && self.state.persistence.full {
            Some(Error::DISK_FULL)
        } else if listens_only && !flags.contains(Flags::LISTENING) {
            Some(Error::listens_only(&found.full_name()))
        } else {
            None
        };
        match refused {
            None => Ok(found),
            Some(error) => {
                self.state.statistics.command(found.number.into()).rejected += 1;
                Err(error)
            }
        }
    }

    /// A command that exists but was called with the wrong number of words counts as rejected.
    fn count_bad_arity(&mut self, words: Args<'_>) {
        let Some(command) = words.get(0).and_then(|name| COMMANDS.command(name)) else { return };
        let subcommand = words.get(1).and_then(|word| command.subcommand(word));
        if !command.is_container() || subcommand.is_some() || words.len() == 1 {
            let found = subcommand.unwrap_or(command);
            self.state.statistics.command(found.number.into()).rejected += 1;
        }
    }

    /// Answers with an error before the command ran; a transaction that it was meant for is lost,
    /// at once if it was EXEC itself.
    fn reject(&mut self, id: SessionId, words: Args<'_>, error: &Error, out: &mut Writer) {
        let is_exec = words.get(0).is_some_and(|name| name.eq_ignore_ascii_case(b"exec"));
        let State { sessions, watched, statistics, .. } = &mut self.state;
        if let Some(session) = sessions.get_mut(id) {
            if is_exec {
                session.transaction = None;
                watched.clear(session);
            } else if let Some(transaction) = &mut session.transaction {
                transaction.aborted = true;
            }
        }
        let discarded = is_exec.then(|| Error::exec_discarded(error));
        let error = discarded.as_ref().unwrap_or(error);
        statistics.error(error.code());
        out.error(error);
    }

    fn must_queue(&self, id: SessionId, found: Found) -> bool {
        let in_transaction =
            self.state.sessions.get(id).is_some_and(|session| session.transaction.is_some());
        in_transaction && !found.flags().contains(Flags::NOT_QUEUED)
    }

    fn queue(&mut self, id: SessionId, found: Found, words: Args<'_>, out: &mut Writer) {
        let limit = self.state.config.query_buffer_limit;
        let bytes: usize = words.iter().map(|word| word.len() + 8).sum();
        let mut overflow = false;
        self.with_session(id, |session| {
            if let Some(transaction) = &mut session.transaction {
                transaction.bytes += bytes;
                transaction.denyoom |= found.flags().contains(Flags::DENYOOM);
                overflow = transaction.bytes as u64 > limit;
                if !overflow {
                    transaction.queued.push(Arguments::new(words.iter()));
                }
            }
        });
        if overflow {
            let error = Error::fixed(
                "ERR the transaction is larger than client-query-buffer-limit, send it in parts",
            );
            self.reject(id, words, &error, out);
        } else {
            out.simple("QUEUED");
        }
    }

    /// Runs one command and counts it; the reply or the error is in `out` unless it blocks.
    pub(super) fn run(
        &mut self,
        now: UnixMillis,
        id: SessionId,
        found: Found,
        words: Args<'_>,
        out: &mut Writer,
        may_block: bool,
    ) -> Option<Flow> {
        let session = self.state.sessions.get_mut(id)?;
        session.last_command = Some(found.number);
        session.last_command_at = now;
        let (db, replaying, exact) = (session.db, session.replaying, session.exact);
        let start = out.position();
        let mut ctx = Context {
            now,
            commands: &COMMANDS,
            state: &mut self.state,
            effects: &mut self.effects,
            out,
            session: id,
            db,
            may_block,
            replaying,
            exact,
        };
        let result = (found.handler())(&mut ctx, words);
        if let Ok(Flow::Block(call)) = result {
            return Some(Flow::Block(call));
        }
        self.state.statistics.commands_processed += 1;
        self.with_session(id, |session| session.commands += 1);
        let counters = self.state.statistics.command(found.number.into());
        counters.calls += 1;
        match result {
            Ok(flow) => Some(flow),
            Err(error) => {
                counters.failed += 1;
                self.state.statistics.error(error.code());
                out.rewind(start);
                out.error(&error);
                None
            }
        }
    }

    /// What a command left to do.
    fn follow(&mut self, now: UnixMillis, id: SessionId, flow: Option<Flow>, out: &mut Writer) {
        match flow {
            None | Some(Flow::Done) => {}
            Some(Flow::Block(call)) => self.block(id, call),
            Some(Flow::Execute(transaction)) => self.execute(now, id, &transaction, out),
        }
    }

    /// Whether CLIENT REPLY silences the command that just ran; moves SKIP one command on.
    fn is_muted(&mut self, id: SessionId) -> bool {
        let Some(session) = self.state.sessions.get_mut(id) else { return false };
        let mode = session.reply_mode;
        session.reply_mode = match mode {
            ReplyMode::SkipNext => ReplyMode::Skip,
            ReplyMode::Skip => ReplyMode::On,
            other => other,
        };
        mode != ReplyMode::On
    }
}
