//! What the machine remembers besides keys: sessions, blocked readers, watched keys, listeners,
//! counters.

mod events;
mod config;
mod call;
mod session;
mod blocked;
mod watch;
mod listeners;
mod statistics;
mod persistence;

pub use blocked::{Blocked, Interruption};
pub use call::{Arguments, BlockedCall, SessionId};
pub use config::{Config, DebugCommand};
pub use events::Events;
pub use listeners::{Listeners, Listening};
pub use persistence::Persistence;
pub use session::{ReplyMode, Session, Sessions, Transaction};
pub use statistics::{CommandStatistics, Statistics};
pub use watch::Watched;

use crate::keyspace::Keyspace;
use crate::stream::IdempotencyLimits;

/// Everything that commands read and change.
#[derive(Debug)]
pub struct State {
    /// The keys.
    pub keyspace: Keyspace,
    /// The open sessions.
    pub sessions: Sessions,
    /// Limits and settings.
    pub config: Config,
    /// Blocked readers and the keys that became ready for them.
    pub blocked: Blocked,
    /// Watched keys.
    pub watched: Watched,
    /// Who listens to which channels.
    pub listeners: Listeners,
    /// Counters that INFO shows.
    pub statistics: Statistics,
    /// The journal, as far as it is told of.
    pub persistence: Persistence,
    /// The state of the generator behind RANDOMKEY; seeded by the host.
    pub random: u64,
    /// Bytes that commands have added since memory was last looked at, where their requests do not
    /// show it: copies, and strings that grow in great steps.
    pub unseen_bytes: u64,
    /// The idempotency limits that the engine started with; a journal is read under these.
    pub initial_idempotency: IdempotencyLimits,
}

impl State {
    /// Empty state under a configuration.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            keyspace: Keyspace::new(config.databases),
            sessions: Sessions::default(),
            blocked: Blocked::new(config.databases),
            watched: Watched::new(config.databases),
            listeners: Listeners::default(),
            statistics: Statistics::default(),
            persistence: Persistence::default(),
            random: config.seed | 1,
            unseen_bytes: 0,
            initial_idempotency: config.idempotency,
            config,
        }
    }

    /// The next number of a fixed sequence (xorshift): no input, no surprise on replay.
    pub fn next_random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}
