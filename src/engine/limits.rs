//! Limits: memory, waiting requests, waiting replies.

use super::Engine;
use crate::error::Error;
use crate::state::SessionId;

/// How much memory keys and listeners keep: exact at the last walk over them, a bound since.
#[derive(Debug, Default)]
pub(super) struct MemoryEstimate {
    counted: u64,
    /// Bytes that requests may have added since, generously.
    added: u64,
}

impl Engine {
    /// Whether a command that adds data must be refused. Walks them only when the bound since
    /// the last walk could have passed the limit.
    pub(super) fn out_of_memory(&mut self, request_bytes: usize) -> bool {
        let limit = self.state.config.max_memory;
        if limit == 0 {
            return false;
        }
        // A request can at most double a buffer of its own size and add a few nodes; commands that
        // add more have said so.
        self.limits.added += 1024 + 4 * request_bytes as u64;
        self.limits.added += core::mem::take(&mut self.state.unseen_bytes);
        if self.limits.counted + self.limits.added > limit {
            let keys = self.state.keyspace.memory_bytes();
            self.limits.counted = (keys + self.state.listeners.memory_bytes()) as u64;
            self.limits.added = 0;
        }
        self.limits.counted > limit
    }

    /// Closes a session that has sent more than may wait.
    pub(super) fn limit_input(&mut self, id: SessionId) {
        let limit = self.state.config.query_buffer_limit;
        let waiting = self.state.sessions.get(id).map_or(0, |session| session.input.len() as u64);
        if waiting > limit {
            self.unblock(id);
            self.refuse(
                id,
                &Error::of(&[
                    b"ERR Protocol error: too much input waits, see client-query-buffer-limit",
                ]),
            );
        }
    }

    /// Closes a session whose replies grew past what may wait; they are dropped.
    pub(super) fn limit_output(&mut self, id: SessionId) {
        if let Some(session) = self.state.sessions.get_mut(id) {
            session.limit_output(&self.state.config);
        }
    }
}
