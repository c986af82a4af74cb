//! Writing the state down while the engine goes on: as the base of its journal, or for elsewhere.

use alloc::vec::Vec;

use super::Engine;
use crate::journal::{Export, Profile, Rewrite};
use crate::stream::IdempotencyLimits;
use crate::time::UnixMillis;

impl Engine {
    /// Begins to rewrite the state as a base; `false` when one is being written already, there is
    /// no journal, or something is in no frame yet. It holds what all frames up to the last one
    /// did, so those after it belong into a new increment. That last one may still be on its way:
    /// take [`Engine::next_frame`], then call this.
    ///
    /// Costs a copy of all keys; slices cost what they hold.
    pub fn begin_rewrite(&mut self, now: UnixMillis) -> bool {
        if !self.effects.bytes().is_empty() {
            return false;
        }
        let Some(journal) = self.journal.as_deref_mut().filter(|it| it.rewrite.is_none()) else {
            return false;
        };
        let (state, sequence) = (&self.state, journal.writer.sequence());
        let (limits, profile) = (state.initial_idempotency, Profile::default());
        journal.rewrite = Some(Rewrite::new(&state.keyspace, limits, sequence, profile));
        self.effects.begin_file();
        self.state.persistence.begin_rewrite(now);
        true
    }

    /// The next frame of the base, with about so many bytes of commands; the last one says so.
    /// `None` when no rewrite goes on.
    pub fn next_base_frame(&mut self, now: UnixMillis, bytes: usize) -> Option<(Vec<u8>, bool)> {
        let journal = self.journal.as_deref_mut()?;
        let next = journal.rewrite.as_mut()?.next_frame(&journal.writer, now, bytes);
        if next.1 {
            journal.rewrite = None;
        }
        self.state.persistence.wrote_base(next.0.len());
        Some(next)
    }

    /// The base is the journal's now, or the rewrite was given up and what there is of it is of no
    /// use.
    pub fn end_rewrite(&mut self, now: UnixMillis, done: bool) {
        if let Some(journal) = self.journal.as_deref_mut() {
            journal.rewrite = None;
        }
        self.state.persistence.end_rewrite(now, done);
    }

    /// Whether it is time for [`Engine::begin_rewrite`]: BGREWRITEAOF asks for it, or the journal
    /// has grown so far (`auto-aof-rewrite-percentage`).
    #[must_use]
    pub fn rewrite_due(&self) -> bool {
        self.state.persistence.is_rewrite_due(&self.state.config)
    }

    /// Begins an export: the state as a file that a Redis of the profile's version loads
    /// (`appendonly.aof`), and every Brooklet as a base. No journal is needed; several may go on.
    ///
    /// Costs a copy of all keys; frames cost what they hold.
    #[must_use]
    pub fn export(&self, profile: Profile) -> Export {
        let position = self.journal_position().unwrap_or_default();
        // Redis' own: where the file goes to, ours may not be set.
        let limits = IdempotencyLimits::default();
        Export::new(&self.state.keyspace, limits, profile, position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Durability;
    use crate::reply::Form;
    use crate::state::Config;
    use crate::testing::told;

    #[test]
    fn clients_ask_for_a_rewrite_and_hear_of_it() {
        let mut engine = Engine::new(Config::default());
        let one = engine.open_session(0, Form::Resp2).expect("a session");
        engine.start_journal(3, 7, Durability::Confirmed);
        engine.tell_appendfsync("always");
        told(&mut engine, one, "XADD s 1-0 f v\r\nXDEL s 1-0\r\n");
        let started = "+Background append only file rewriting started\r\n";
        assert!(!engine.rewrite_due());
        assert_eq!(told(&mut engine, one, "BGREWRITEAOF\r\n"), started);
        assert!(engine.rewrite_due());
        assert!(engine.begin_rewrite(1000));
        assert!(!engine.rewrite_due());
        assert_eq!(
            told(&mut engine, one, "BGREWRITEAOF\r\n"),
            "-ERR Background append only file rewriting already in progress\r\n"
        );
        assert!(told(&mut engine, one, "INFO persistence\r\n").contains("in_progress:1\r\n"));
        let mut base = 0;
        while let Some((frame, _)) = engine.next_base_frame(1000, 100) {
            base += frame.len();
        }
        engine.end_rewrite(3000, true);
        let info = told(&mut engine, one, "INFO persistence\r\n");
        let size = alloc::format!("aof_current_size:{base}\r\naof_base_size:{base}\r\n");
        for line in ["aof_enabled:1\r\n", "aof_last_rewrite_time_sec:2\r\n", &size] {
            assert!(info.contains(line), "{line} in {info}");
        }
        assert_eq!(
            told(&mut engine, one, "CONFIG GET append*\r\n"),
            "*4\r\n$11\r\nappendfsync\r\n$6\r\nalways\r\n$10\r\nappendonly\r\n$3\r\nyes\r\n"
        );
        assert!(told(&mut engine, one, "CONFIG SET appendonly no\r\n").contains("can't set"));
        assert_eq!(told(&mut engine, one, "CONFIG SET appendonly yes\r\n"), "+OK\r\n");
        let queued = "MULTI\r\nBGREWRITEAOF\r\nEXEC\r\n";
        assert!(
            told(&mut engine, one, queued).contains("+Background append only file rewriting s")
        );
        assert!(engine.rewrite_due());
    }
}
