//! The parameters of CONFIG: where each lives, and what it may be.
//!
//! Some change the engine. The others are those that clients, dashboards and test suites set in
//! passing; they have no effect here, but are checked, remembered and told again.

use alloc::borrow::Cow;
use alloc::boxed::Box;

use super::output_limits;
use super::setting::{Kind, Setting};
use crate::number::Decimal;
use crate::state::{Config, Events, State};

/// One parameter.
#[derive(Debug)]
pub(super) struct Parameter {
    /// Its name in lower case; behind a blank the one that it had in older versions, if any.
    names: &'static str,
    /// What it may be.
    pub kind: Kind,
    place: Place,
}

/// Where a parameter's value lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    MaxClients,
    MaxMemory,
    Password,
    MaxBulkLen,
    QueryBufferLimit,
    OutputBufferLimits,
    NodeMaxEntries,
    NodeMaxBytes,
    IdempotencySeconds,
    IdempotencyEntries,
    Events,
    RewritePercentage,
    RewriteMinBytes,
    /// Known, but chosen before the engine started.
    Port,
    Databases,
    DebugCommand,
    Fixed(&'static str),
    /// Without effect: this unless CONFIG SET said otherwise.
    Remembered(&'static str),
}

impl Parameter {
    const fn new(names: &'static str, kind: Kind, place: Place) -> Self {
        Self { names, kind, place }
    }

    /// Its names, the present one first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.names.split(' ')
    }

    /// Its name in lower case.
    pub fn name(&self) -> &'static str {
        self.names().next().unwrap_or_default()
    }

    /// The one of its names that a word is, in any case.
    pub fn spelled(&self, word: &[u8]) -> Option<&'static str> {
        self.names().find(|name| name.as_bytes().eq_ignore_ascii_case(word))
    }

    /// Whether CONFIG SET cannot change it.
    pub fn is_fixed(&self) -> bool {
        matches!(self.place, Place::Port | Place::Databases | Place::DebugCommand | Place::Fixed(_))
    }

    /// Whether it is one that the host has decided, for it writes a journal: that there is one
    /// (`appendonly`), and when it is flushed (`appendfsync`).
    pub fn is_decided(&self, state: &State) -> bool {
        state.persistence.enabled && self.name().starts_with("append")
    }

    /// Its present value.
    pub fn value<'s>(&self, config: &'s Config) -> Cow<'s, [u8]> {
        let number = match self.place {
            Place::MaxClients => config.max_sessions,
            Place::MaxMemory => config.max_memory,
            Place::MaxBulkLen => config.max_bulk_len,
            Place::QueryBufferLimit => config.query_buffer_limit,
            Place::NodeMaxEntries => config.block_limits.max_entries,
            Place::NodeMaxBytes => config.block_limits.max_bytes,
            Place::IdempotencySeconds => config.idempotency.seconds.into(),
            Place::IdempotencyEntries => config.idempotency.entries.into(),
            Place::RewritePercentage => config.rewrite_percentage,
            Place::RewriteMinBytes => config.rewrite_min_bytes,
            Place::Port => config.port.into(),
            Place::Databases => config.databases.into(),
            Place::Password => return config.password.as_deref().unwrap_or_default().into(),
            Place::DebugCommand => return config.debug_command.name().as_bytes().into(),
            Place::Fixed(value) => return value.as_bytes().into(),
            Place::OutputBufferLimits => {
                let limits = [config.output_buffer_limit, config.listener_buffer_limit];
                let set = config.remembered.get(self.name().as_bytes());
                return set
                    .map_or_else(|| output_limits::with_hard(limits), |text| text.to_vec())
                    .into();
            }
            Place::Events | Place::Remembered(_) => {
                let default =
                    if let Place::Remembered(default) = self.place { default } else { "" };
                let set = config.remembered.get(self.name().as_bytes());
                return set.map_or(default.as_bytes(), |value| value).into();
            }
        };
        Decimal::unsigned(number).as_bytes().to_vec().into()
    }

    /// Sets it.
    pub fn set(&self, state: &mut State, setting: Setting) {
        let (text, number) = (setting.text, setting.number);
        let config = &mut state.config;
        // The kinds keep these within 32 bits.
        let small = number as u32;
        match self.place {
            Place::MaxClients => config.max_sessions = number,
            Place::MaxMemory => config.max_memory = number,
            Place::MaxBulkLen => config.max_bulk_len = number,
            Place::QueryBufferLimit => config.query_buffer_limit = number,
            Place::NodeMaxEntries => config.block_limits.max_entries = number,
            Place::NodeMaxBytes => config.block_limits.max_bytes = number,
            Place::IdempotencySeconds => config.idempotency.seconds = small,
            Place::IdempotencyEntries => config.idempotency.entries = small,
            Place::RewritePercentage => config.rewrite_percentage = number,
            Place::RewriteMinBytes => config.rewrite_min_bytes = number,
            Place::Password => set_password(state, text),
            Place::OutputBufferLimits => {
                [config.output_buffer_limit, config.listener_buffer_limit] =
                    output_limits::hard(&text);
                config.remembered.insert(self.name().as_bytes(), text);
            }
            Place::Events => {
                config.events = Events(small);
                config.remembered.insert(self.name().as_bytes(), text);
            }
            Place::Remembered(_) => {
                config.remembered.insert(self.name().as_bytes(), text);
            }
            Place::Port | Place::Databases | Place::DebugCommand | Place::Fixed(_) => {}
        }
    }
}

/// Whoever is in stays in; without a password everybody is.
fn set_password(state: &mut State, password: Box<[u8]>) {
    if password.is_empty() {
        state.config.password = None;
        state.sessions.iter_mut().for_each(|session| session.authenticated = true);
    } else {
        state.config.password = Some(password);
    }
}

const fn flag(name: &'static str, default: &'static str) -> Parameter {
    Parameter::new(name, Kind::Flag, Place::Remembered(default))
}

const fn integer(name: &'static str, min: i64, max: i64, default: &'static str) -> Parameter {
    Parameter::new(name, Kind::Integer(min, max), Place::Remembered(default))
}

const fn memory(name: &'static str, min: u64, default: &'static str) -> Parameter {
    Parameter::new(name, Kind::Memory(min, MAX), Place::Remembered(default))
}

/// The values have blanks between them.
const fn choice(name: &'static str, values: &'static str, default: &'static str) -> Parameter {
    Parameter::new(name, Kind::Choice(values), Place::Remembered(default))
}

const fn fixed(name: &'static str, value: &'static str) -> Parameter {
    Parameter::new(name, Kind::Text, Place::Fixed(value))
}

const INT: i64 = i32::MAX as i64;
const LONG: i64 = i64::MAX;
const MAX: u64 = i64::MAX as u64;
const MEBIBYTE: u64 = 1 << 20;
const POLICIES: &str = "volatile-lru volatile-lfu volatile-random volatile-ttl volatile-lrm \
    allkeys-lru allkeys-lfu allkeys-random allkeys-lrm noeviction";

/// Every parameter, those with an effect first.
#[rustfmt::skip]
pub(super) static PARAMETERS: &[Parameter] = &[
    Parameter::new("maxclients", Kind::Integer(1, u32::MAX as i64), Place::MaxClients),
    Parameter::new("maxmemory", Kind::Memory(0, u64::MAX), Place::MaxMemory),
    Parameter::new("requirepass", Kind::Text, Place::Password),
    Parameter::new("proto-max-bulk-len", Kind::Memory(MEBIBYTE, MAX), Place::MaxBulkLen),
    Parameter::new("client-query-buffer-limit", Kind::Memory(MEBIBYTE, MAX), Place::QueryBufferLimit),
    Parameter::new("client-output-buffer-limit", Kind::OutputLimits, Place::OutputBufferLimits),
    Parameter::new("stream-node-max-entries", Kind::Integer(0, LONG), Place::NodeMaxEntries),
    Parameter::new("stream-node-max-bytes", Kind::Memory(0, MAX), Place::NodeMaxBytes),
    Parameter::new("stream-idmp-duration", Kind::Integer(1, 86_400), Place::IdempotencySeconds),
    Parameter::new("stream-idmp-maxsize", Kind::Integer(1, 10_000), Place::IdempotencyEntries),
    Parameter::new("notify-keyspace-events", Kind::Events, Place::Events),
    Parameter::new("auto-aof-rewrite-percentage", Kind::Integer(0, INT), Place::RewritePercentage),
    Parameter::new("auto-aof-rewrite-min-size", Kind::Memory(0, MAX), Place::RewriteMinBytes),
    Parameter::new("port", Kind::Text, Place::Port),
    Parameter::new("databases", Kind::Text, Place::Databases),
    Parameter::new("enable-debug-command", Kind::Text, Place::DebugCommand),
    fixed("bind", ""),
    fixed("cluster-enabled", "no"),
    fixed("daemonize", "no"),
    fixed("dbfilename", "dump.rdb"),
    fixed("dir", ""),
    fixed("rdbchecksum", "yes"),
    fixed("replicaof slaveof", ""),
    fixed("supervised", "no"),
    fixed("tls-port", "0"),
    fixed("unixsocket", ""),
    integer("acllog-max-len", 0, LONG, "128"),
    integer("active-expire-effort", 1, 10, "1"),
    flag("activedefrag", "no"),
    flag("activerehashing", "yes"),
    flag("aof-load-truncated", "yes"),
    flag("aof-rewrite-incremental-fsync", "yes"),
    flag("aof-timestamp-enabled", "no"),
    flag("aof-use-rdb-preamble", "yes"),
    choice("appendfsync", "everysec always no", "everysec"),
    flag("appendonly", "no"),
    integer("busy-reply-threshold lua-time-limit", 0, LONG, "5000"),
    flag("crash-log-enabled", "yes"),
    flag("crash-memcheck-enabled", "yes"),
    flag("dynamic-hz", "yes"),
    integer("hash-max-listpack-entries hash-max-ziplist-entries", 0, LONG, "512"),
    memory("hash-max-listpack-value hash-max-ziplist-value", 0, "64"),
    memory("hll-sparse-max-bytes", 0, "3000"),
    Parameter::new("hz", Kind::Hz, Place::Remembered("10")),
    integer("latency-monitor-threshold", 0, LONG, "0"),
    flag("latency-tracking", "yes"),
    flag("lazyfree-lazy-eviction", "no"),
    flag("lazyfree-lazy-expire", "no"),
    flag("lazyfree-lazy-server-del", "no"),
    flag("lazyfree-lazy-user-del", "no"),
    flag("lazyfree-lazy-user-flush", "no"),
    integer("lfu-decay-time", 0, INT, "1"),
    integer("lfu-log-factor", 0, INT, "10"),
    integer("list-compress-depth", 0, INT, "0"),
    integer("list-max-listpack-size list-max-ziplist-size", -INT - 1, INT, "-2"),
    choice("loglevel", "debug verbose notice warning nothing", "notice"),
    memory("maxmemory-clients", 0, "0"),
    integer("maxmemory-eviction-tenacity", 0, 100, "10"),
    choice("maxmemory-policy", POLICIES, "noeviction"),
    integer("maxmemory-samples", 1, 64, "5"),
    integer("min-replicas-max-lag min-slaves-max-lag", 0, INT, "10"),
    integer("min-replicas-to-write min-slaves-to-write", 0, INT, "0"),
    flag("no-appendfsync-on-rewrite", "no"),
    flag("protected-mode", "yes"),
    flag("rdb-save-incremental-fsync", "yes"),
    flag("rdbcompression", "yes"),
    memory("repl-backlog-size", 1, "1048576"),
    integer("repl-backlog-ttl", 0, LONG, "3600"),
    flag("repl-diskless-sync", "yes"),
    integer("repl-diskless-sync-delay", 0, INT, "5"),
    integer("repl-ping-replica-period repl-ping-slave-period", 1, INT, "10"),
    integer("repl-timeout", 1, INT, "60"),
    flag("replica-lazy-flush slave-lazy-flush", "no"),
    integer("replica-priority slave-priority", 0, INT, "100"),
    flag("replica-read-only slave-read-only", "yes"),
    flag("replica-serve-stale-data slave-serve-stale-data", "yes"),
    choice("sanitize-dump-payload", "no yes clients", "no"),
    Parameter::new("save", Kind::Save, Place::Remembered("")),
    integer("set-max-intset-entries", 0, LONG, "512"),
    integer("set-max-listpack-entries", 0, LONG, "128"),
    integer("set-max-listpack-value", 0, LONG, "64"),
    integer("slowlog-log-slower-than", -1, LONG, "10000"),
    integer("slowlog-max-len", 0, LONG, "128"),
    flag("stop-writes-on-bgsave-error", "yes"),
    integer("tcp-keepalive", 0, INT, "300"),
    integer("timeout", 0, INT, "0"),
    integer("tracking-table-max-keys", 0, LONG, "1000000"),
    integer("zset-max-listpack-entries zset-max-ziplist-entries", 0, LONG, "128"),
    memory("zset-max-listpack-value zset-max-ziplist-value", 0, "64"),
];

/// The parameter with this name, in any case.
pub(super) fn parameter(name: &[u8]) -> Option<&'static Parameter> {
    PARAMETERS.iter().find(|parameter| parameter.spelled(name).is_some())
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn names_are_unique_and_defaults_are_valid() {
        let config = Config::default();
        let mut names: Vec<_> = PARAMETERS.iter().flat_map(Parameter::names).collect();
        names.sort_unstable();
        assert!(names.is_sorted_by(|a, b| a < b));
        for parameter in PARAMETERS {
            let value = parameter.value(&config).into_owned();
            let setting = parameter.kind.check(&value, &value);
            let text = setting.map(|setting| setting.text.into_vec());
            assert_eq!(text.as_deref(), Ok(&*value), "{}", parameter.name());
        }
    }
}
