//! Counters that INFO shows.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::time::UnixMillis;

/// What `INFO commandstats` says of one command. The engine has no clock, so it counts no time.
#[derive(Clone, Copy, Debug, Default)]
pub struct CommandStatistics {
    /// Calls that ran to their end.
    pub calls: u64,
    /// Calls refused before they ran.
    pub rejected: u64,
    /// Calls that ended in an error.
    pub failed: u64,
}

/// Counters since the start, or since CONFIG RESETSTAT.
#[derive(Debug, Default)]
pub struct Statistics {
    /// When the engine saw its first input.
    pub started_at: Option<UnixMillis>,
    /// Commands that ran.
    pub commands_processed: u64,
    /// Sessions opened.
    pub connections_received: u64,
    /// Sessions refused by `maxclients`.
    pub connections_rejected: u64,
    /// Keys that expired.
    pub expired_keys: u64,
    /// Lookups of read commands that found a key.
    pub keyspace_hits: u64,
    /// Lookups of read commands that found none.
    pub keyspace_misses: u64,
    /// Changes since the start (`rdb_changes_since_last_save`).
    pub changes: u64,
    /// Bytes of requests.
    pub input_bytes: u64,
    /// Error replies.
    pub errors: u64,
    /// Error replies by code, sorted; at most [`Statistics::MAX_CODES`] codes.
    pub errors_by_code: Vec<(Box<[u8]>, u64)>,
    /// Per command, by its place in the table.
    pub commands: Vec<CommandStatistics>,
}

impl Statistics {
    /// Error codes that are counted one by one; clients cannot make up more.
    pub const MAX_CODES: usize = 128;

    /// Counts an error reply.
    pub fn error(&mut self, code: &[u8]) {
        self.errors += 1;
        match self.errors_by_code.binary_search_by(|(known, _)| (**known).cmp(code)) {
            Ok(index) => self.errors_by_code[index].1 += 1,
            Err(index) if self.errors_by_code.len() < Self::MAX_CODES => {
                self.errors_by_code.insert(index, (code.into(), 1));
            }
            Err(_) => {}
        }
    }

    /// The counters of one command.
    pub fn command(&mut self, index: usize) -> &mut CommandStatistics {
        if self.commands.len() <= index {
            self.commands.resize(index + 1, CommandStatistics::default());
        }
        &mut self.commands[index]
    }

    /// CONFIG RESETSTAT.
    pub fn reset(&mut self) {
        let (started_at, changes) = (self.started_at, self.changes);
        *self = Self { started_at, changes, ..Self::default() };
    }
}
