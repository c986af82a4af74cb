//! Limits and settings, with their defaults and units.

use alloc::boxed::Box;

use super::events::Events;
use crate::named::Named;
use crate::stream::{BlockLimits, IdempotencyLimits};

/// What a host configures. CONFIG SET changes most of it while the engine runs.
#[derive(Clone, Debug)]
pub struct Config {
    /// Open sessions at most (`maxclients`); one more is refused. Default 10,000.
    pub max_sessions: u64,
    /// Bytes that keys and values may keep (`maxmemory`); 0 is no limit, the default. Above it,
    /// commands that could add data get an `OOM` error; reads, XACK and deletions go on.
    pub max_memory: u64,
    /// The password that AUTH asks for (`requirepass`). Default none.
    pub password: Option<Box<[u8]>>,
    /// Bytes in one argument (`proto-max-bulk-len`). Default 512 MiB.
    pub max_bulk_len: u64,
    /// Bytes of requests that may wait in one session (`client-query-buffer-limit`); the session
    /// is closed above it. Default 1 GiB, on 32-bit hosts 256 MiB.
    pub query_buffer_limit: u64,
    /// Bytes of replies that may wait for the host in one session; the session is closed above it.
    /// Default 1 GiB, on 32-bit hosts 256 MiB.
    pub output_buffer_limit: u64,
    /// The same for sessions that listen to channels. Default 32 MiB.
    pub listener_buffer_limit: u64,
    /// Which events of keys are published (`notify-keyspace-events`). Default none.
    pub events: Events,
    /// Numbered databases. Default 16; fixed once the engine runs.
    pub databases: u32,
    /// The port that INFO shows; the engine opens none.
    pub port: u16,
    /// Seed of RANDOMKEY's choice.
    pub seed: u64,
    /// When a stream opens a new block (`stream-node-max-entries`, `stream-node-max-bytes`).
    pub block_limits: BlockLimits,
    /// For how long, and how many, a new stream keeps idempotent IDs (`stream-idmp-duration`,
    /// `stream-idmp-maxsize`).
    pub idempotency: IdempotencyLimits,
    /// Who may call DEBUG (`enable-debug-command`). Default nobody; fixed once the engine runs.
    pub debug_command: DebugCommand,
    /// By how many percent a journal grows before it is rewritten (`auto-aof-rewrite-percentage`);
    /// 0 is never. Default 100.
    pub rewrite_percentage: u64,
    /// Bytes of a journal that is too small to be rewritten (`auto-aof-rewrite-min-size`). Default
    /// 64 MiB.
    pub rewrite_min_bytes: u64,
    /// Whether changes are recorded as effects for a journal. Default false.
    pub record_effects: bool,
    /// The process that INFO shows; 0 where there is none, the default.
    pub process_id: u32,
    /// What CONFIG SET changed of settings that have no effect here, such as `save` or `hz`.
    pub remembered: Named<Box<[u8]>>,
}

/// Who may call DEBUG.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DebugCommand {
    /// Nobody.
    #[default]
    No,
    /// Sessions of this machine: those in the host's own process, and those whose other end is a
    /// loopback address or a path.
    Local,
    /// Everybody.
    Yes,
}

impl DebugCommand {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::No, Self::Local, Self::Yes];

    /// As `enable-debug-command` names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Local => "local",
            Self::Yes => "yes",
        }
    }
}

const WAITING_BYTES: u64 = if usize::BITS > 32 { 1 << 30 } else { 256 << 20 };

impl Default for Config {
    fn default() -> Self {
        Self {
            max_sessions: 10_000,
            max_memory: 0,
            password: None,
            max_bulk_len: 512 << 20,
            query_buffer_limit: WAITING_BYTES,
            output_buffer_limit: WAITING_BYTES,
            listener_buffer_limit: 32 << 20,
            events: Events::default(),
            databases: 16,
            port: 6379,
            seed: 0x9e37_79b9_7f4a_7c15,
            block_limits: BlockLimits { max_entries: 100, max_bytes: 4096 },
            idempotency: IdempotencyLimits::default(),
            debug_command: DebugCommand::No,
            rewrite_percentage: 100,
            rewrite_min_bytes: 64 << 20,
            record_effects: false,
            process_id: 0,
            remembered: Named::default(),
        }
    }
}
