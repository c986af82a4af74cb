//! What a command says of itself: one row that drives dispatch, COMMAND and help.

use super::args::Args;
use super::context::Context;
use crate::error::Error;
use crate::state::{BlockedCall, Transaction};

/// What is left to do after a command ran.
#[derive(Debug)]
pub enum Flow {
    /// It has replied.
    Done,
    /// It waits; there is no reply yet.
    Block(BlockedCall),
    /// Run these commands now, as one transaction (EXEC).
    Execute(Transaction),
}

/// Runs a command: parse, change state, reply.
pub type Handler = fn(&mut Context<'_>, Args<'_>) -> Result<Flow, Error>;

/// Properties of a command, as COMMAND INFO names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(pub u32);

impl Flags {
    /// No property.
    pub const NONE: Self = Self(0);
    /// Changes keys.
    pub const WRITE: Self = Self(1);
    /// Reads keys.
    pub const READONLY: Self = Self(1 << 1);
    /// Refused when memory is full.
    pub const DENYOOM: Self = Self(1 << 2);
    /// For operators.
    pub const ADMIN: Self = Self(1 << 3);
    /// Not in scripts.
    pub const NOSCRIPT: Self = Self(1 << 4);
    /// May wait.
    pub const BLOCKING: Self = Self(1 << 5);
    /// Allowed while a server loads its data.
    pub const LOADING: Self = Self(1 << 6);
    /// Allowed on a replica with stale data.
    pub const STALE: Self = Self(1 << 7);
    /// Takes about constant time.
    pub const FAST: Self = Self(1 << 8);
    /// Allowed before AUTH.
    pub const NO_AUTH: Self = Self(1 << 9);
    /// Keys are found by the command's own rule.
    pub const MOVABLE_KEYS: Self = Self(1 << 10);
    /// Not shown by MONITOR.
    pub const SKIP_MONITOR: Self = Self(1 << 11);
    /// Not in the slow log.
    pub const SKIP_SLOWLOG: Self = Self(1 << 12);
    /// Runs at once inside MULTI instead of being queued.
    pub const NOT_QUEUED: Self = Self(1 << 13);
    /// Allowed while another command runs too long.
    pub const ALLOW_BUSY: Self = Self(1 << 15);
    /// Touches every key without naming any.
    pub const ALL_KEYS: Self = Self(1 << 16);
    /// Refused unless `enable-debug-command` allows it.
    pub const PROTECTED: Self = Self(1 << 20);

    /// About channels.
    pub const PUBSUB: Self = Self(1 << 17);
    /// Allowed in RESP2 while the session listens to channels.
    pub const LISTENING: Self = Self(1 << 18);

    /// Names of the flags, in the order of COMMAND INFO.
    pub const NAMES: [(Self, &'static str); 15] = [
        (Self::WRITE, "write"),
        (Self::READONLY, "readonly"),
        (Self::DENYOOM, "denyoom"),
        (Self::ADMIN, "admin"),
        (Self::PUBSUB, "pubsub"),
        (Self::NOSCRIPT, "noscript"),
        (Self::BLOCKING, "blocking"),
        (Self::LOADING, "loading"),
        (Self::STALE, "stale"),
        (Self::SKIP_MONITOR, "skip_monitor"),
        (Self::SKIP_SLOWLOG, "skip_slowlog"),
        (Self::FAST, "fast"),
        (Self::NO_AUTH, "no_auth"),
        (Self::MOVABLE_KEYS, "movablekeys"),
        (Self::ALLOW_BUSY, "allow_busy"),
    ];

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` are set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Where a command's keys stand among its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// There are none.
    None,
    /// From `first` to `last` (counted from the end when negative), every `step`th.
    Range {
        /// Index of the first key.
        first: i8,
        /// Index of the last key; −1 is the last argument.
        last: i8,
        /// Distance between keys.
        step: i8,
    },
    /// After STREAMS, the first half of the words (XREAD, XREADGROUP).
    Streams,
}

impl Keys {
    /// One key, the first argument.
    pub const FIRST: Self = Self::Range { first: 1, last: 1, step: 1 };
    /// One key, the argument after the subcommand.
    pub const SECOND: Self = Self::Range { first: 2, last: 2, step: 1 };
    /// Every argument.
    pub const ALL: Self = Self::Range { first: 1, last: -1, step: 1 };
    /// The first two arguments.
    pub const PAIR: Self = Self::Range { first: 1, last: 2, step: 1 };
}

/// A command as its file writes it down; the registry keeps it in a shorter form.
#[derive(Debug)]
pub struct Spec {
    /// Name in lower case; of a subcommand without its container.
    pub name: &'static str,
    /// Number of words with the name; negative: at least so many.
    pub arity: i8,
    /// Properties.
    pub flags: Flags,
    /// Where its keys stand.
    pub keys: Keys,
    /// ACL categories beyond those that the flags imply, such as `@stream`.
    pub categories: &'static [&'static str],
    /// Hints for clients and proxies, as COMMAND INFO gives them.
    pub tips: &'static [&'static str],
    /// The Redis version that had it first.
    pub since: &'static str,
    /// COMMAND DOCS' group.
    pub group: &'static str,
    /// One sentence for people.
    pub summary: &'static str,
    /// Cost, for people.
    pub complexity: &'static str,
    /// Its arguments in Redis' notation: `key [COUNT count] id [id ...]`. COMMAND DOCS and
    /// hints are made from it.
    pub syntax: &'static str,
    /// What runs it. A container's handler runs when it is called without a subcommand.
    pub handler: Handler,
    /// Its subcommands.
    pub subcommands: &'static [&'static Spec],
}
