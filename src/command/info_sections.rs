//! The sections of INFO and their fields.
//!
//! Fields of a server process that an engine does not have (sockets, threads, forks, processor
//! time) are left out, or zero where clients and dashboards expect them.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::auth::REDIS_VERSION;
use super::figures::{self, Figure};
use super::parameters::parameter;
use super::registry::Registry;
use crate::number::Decimal;
use crate::state::{Config, Listening, State};
use crate::time::{UnixMillis, elapsed};

/// What the report is made from.
pub(super) struct Facts<'a> {
    /// Everything that there is.
    pub state: &'a State,
    /// The command table.
    pub commands: &'static Registry,
    /// The present.
    pub now: UnixMillis,
}

/// One section.
pub(super) struct Section {
    /// Its name in lower case.
    pub name: &'static str,
    /// Whether INFO without arguments shows it.
    pub by_default: bool,
    title: &'static str,
    fields: fn(&Facts<'_>, &mut Fields<'_>),
}

impl Section {
    const fn new(
        name: &'static str,
        title: &'static str,
        fields: fn(&Facts<'_>, &mut Fields<'_>),
    ) -> Self {
        Self { name, by_default: true, title, fields }
    }

    /// Writes its title and its fields.
    pub fn write(&self, facts: &Facts<'_>, report: &mut Vec<u8>) {
        report.extend_from_slice(b"# ");
        report.extend_from_slice(self.title.as_bytes());
        report.extend_from_slice(b"\r\n");
        (self.fields)(facts, &mut Fields(report));
    }
}

/// Every section, in Redis' order.
pub(super) const SECTIONS: &[Section] = &[
    Section::new("server", "Server", server),
    Section::new("clients", "Clients", clients),
    Section::new("memory", "Memory", memory),
    Section::new("persistence", "Persistence", persistence),
    Section::new("stats", "Stats", stats),
    Section::new("replication", "Replication", replication),
    Section::new("cpu", "CPU", cpu),
    Section {
        by_default: false,
        ..Section::new("commandstats", "Commandstats", command_statistics)
    },
    Section::new("errorstats", "Errorstats", error_statistics),
    Section::new("cluster", "Cluster", |_, fields| fields.add("cluster_enabled", 0_i64)),
    Section::new("keyspace", "Keyspace", keyspace),
];

/// Lines of `field:value`.
struct Fields<'a>(&'a mut Vec<u8>);

impl Fields<'_> {
    fn add<'v>(&mut self, name: &str, value: impl Into<Figure<'v>>) {
        self.field(name, value.into());
    }

    #[inline(never)]
    fn field(&mut self, name: &str, value: Figure<'_>) {
        self.line(&[name.into(), ":".into(), value]);
    }

    fn line(&mut self, parts: &[Figure<'_>]) {
        figures::push(self.0, parts);
        self.0.extend_from_slice(b"\r\n");
    }

    fn zeros(&mut self, names: &[&str]) {
        for name in names {
            self.add(name, 0_i64);
        }
    }

    /// A number of bytes, and the same as people read it.
    fn bytes(&mut self, name: &str, bytes: u64) {
        self.add(name, bytes);
        self.line(&[name.into(), "_human:".into(), (&*human(bytes)).into()]);
    }
}

/// A number of bytes with two decimals and a unit.
fn human(bytes: u64) -> String {
    let units = [(40, "T"), (30, "G"), (20, "M"), (10, "K")];
    let Some((shift, unit)) = units.into_iter().find(|(shift, _)| bytes >> shift > 0) else {
        return [Decimal::unsigned(bytes).as_str(), "B"].concat();
    };
    let (whole, rest) = (bytes >> shift, bytes & ((1 << shift) - 1));
    // Below 2^40 the product fits; above, the last bits do not show in two decimals.
    let (rest, shift) = if shift == 40 { (rest >> 10, 30) } else { (rest, shift) };
    let hundredths = (rest * 100 + (1 << (shift - 1))) >> shift;
    let (whole, hundredths) = (whole + hundredths / 100, hundredths % 100);
    let zero = if hundredths < 10 { "0" } else { "" };
    let (whole, hundredths) = (Decimal::unsigned(whole), Decimal::unsigned(hundredths));
    [whole.as_str(), ".", zero, hundredths.as_str(), unit].concat()
}

fn setting<'s>(config: &'s Config, name: &str) -> Cow<'s, [u8]> {
    parameter(name.as_bytes()).map(|parameter| parameter.value(config)).unwrap_or_default()
}

/// The name of this run, the same for the same seed.
fn run_id(config: &Config) -> String {
    let digits = |number: u64| (0..16).map(move |at| (number >> (60 - 4 * at)) as usize & 15);
    let digits = digits(config.seed).chain([0; 8]).chain(digits(config.seed.rotate_left(32)));
    digits.map(|digit| char::from(b"0123456789abcdef"[digit])).collect()
}

fn server(facts: &Facts<'_>, fields: &mut Fields<'_>) {
    let config = &facts.state.config;
    let started_at = facts.state.statistics.started_at.unwrap_or(facts.now);
    let uptime = elapsed(facts.now, started_at) / 1000;
    let hz = setting(config, "hz");
    fields.add("redis_version", REDIS_VERSION);
    fields.add("brooklet_version", env!("CARGO_PKG_VERSION"));
    fields.add("redis_mode", "standalone");
    fields.add("arch_bits", u64::from(usize::BITS));
    fields.add("process_id", u64::from(config.process_id));
    fields.add("run_id", &*run_id(config));
    fields.add("tcp_port", u64::from(config.port));
    fields.add("server_time_usec", facts.now.saturating_mul(1000));
    fields.add("uptime_in_seconds", uptime);
    fields.add("uptime_in_days", uptime / 86_400);
    fields.add("hz", &*hz);
    fields.add("configured_hz", &*hz);
    fields.add("executable", "");
    fields.add("config_file", "");
}

fn clients(facts: &Facts<'_>, fields: &mut Fields<'_>) {
    let State { sessions, blocked, watched, config, .. } = facts.state;
    let (keys, on_missing) = blocked.key_counts();
    let open = sessions.iter().filter(|session| !session.closing).count();
    fields.add("connected_clients", open);
    fields.add("cluster_connections", 0_i64);
    fields.add("maxclients", config.max_sessions);
    fields.add("blocked_clients", blocked.len());
    fields.add("tracking_clients", 0_i64);
    fields.add("pubsub_clients", sessions.iter().filter(|session| session.listens()).count());
    fields.add("watching_clients", watched.watchers());
    fields.add("clients_in_timeout_table", blocked.deadline_count());
    fields.add("total_watched_keys", watched.len());
    fields.add("total_blocking_keys", keys);
    fields.add("total_blocking_keys_on_nokey", on_missing);
}

/// Walks over all keys. What an allocator keeps around them is not known.
fn memory(facts: &Facts<'_>, fields: &mut Fields<'_>) {
    let State { keyspace, config, .. } = facts.state;
    let used = keyspace.memory_bytes() as u64;
    fields.bytes("used_memory", used);
    fields.bytes("used_memory_rss", used);
    fields.bytes("used_memory_peak", used);
    fields.add("used_memory_dataset", used);
    fields.bytes("used_memory_lua", 0);
    fields.bytes("maxmemory", config.max_memory);
    fields.add("maxmemory_policy", &*setting(config, "maxmemory-policy"));
    fields.add("mem_fragmentation_ratio", "1.00");
    fields.add("mem_allocator", "unknown");
    fields.zeros(&["active_defrag_running", "lazyfree_pending_objects", "lazyfreed_objects"]);
}

fn persistence(facts: &Facts<'_>, fields: &mut Fields<'_>) {
    let statistics = &facts.state.statistics;
    fields.zeros(&["loading", "async_loading"]);
    fields.add("rdb_changes_since_last_save", statistics.changes);
    fields.add("rdb_bgsave_in_progress", 0_i64);
    fields.add("rdb_last_save_time", statistics.started_at.unwrap_or(facts.now) / 1000);
    fields.add("rdb_last_bgsave_status", "ok");
    fields.add("rdb_last_bgsave_time_sec", -1_i64);
    fields.add("rdb_current_bgsave_time_sec", -1_i64);
    let journal = &facts.state.persistence;
    let status = |failed| if failed { "err" } else { "ok" };
    let since = journal.rewriting_since.map(|since| elapsed(facts.now, since) / 1000);
    fields.add("aof_enabled", u64::from(journal.enabled));
    fields.add("aof_rewrite_in_progress", u64::from(since.is_some()));
    fields.add("aof_rewrite_scheduled", u64::from(journal.scheduled));
    fields.add("aof_last_rewrite_time_sec", journal.last_rewrite_seconds.unwrap_or(-1));
    fields.add("aof_current_rewrite_time_sec", since.unwrap_or(-1));
    fields.add("aof_last_bgrewrite_status", status(journal.failures > 0));
    fields.add("aof_rewrites", journal.rewrites);
    fields.add("aof_rewrites_consecutive_failures", journal.failures);
    fields.add("aof_last_write_status", status(journal.full));
    if journal.enabled {
        fields.add("aof_current_size", journal.bytes);
        fields.add("aof_base_size", journal.base_bytes);
        fields.zeros(&["aof_pending_rewrite", "aof_buffer_length"]);
        fields.zeros(&["aof_pending_bio_fsync", "aof_delayed_fsync"]);
    }
}

fn stats(facts: &Facts<'_>, fields: &mut Fields<'_>) {
    let statistics = &facts.state.statistics;
    fields.add("total_connections_received", statistics.connections_received);
    fields.add("total_commands_processed", statistics.commands_processed);
    fields.add("instantaneous_ops_per_sec", 0_i64);
    fields.add("total_net_input_bytes", statistics.input_bytes);
    fields.add("total_net_output_bytes", 0_i64);
    fields.add("instantaneous_input_kbps", "0.00");
    fields.add("instantaneous_output_kbps", "0.00");
    fields.add("rejected_connections", statistics.connections_rejected);
    fields.zeros(&["sync_full", "sync_partial_ok", "sync_partial_err"]);
    fields.add("expired_keys", statistics.expired_keys);
    fields.zeros(&["evicted_keys", "evicted_clients"]);
    fields.add("keyspace_hits", statistics.keyspace_hits);
    fields.add("keyspace_misses", statistics.keyspace_misses);
    let listeners = &facts.state.listeners;
    fields.add("pubsub_channels", listeners.len(Listening::Channel));
    fields.add("pubsub_patterns", listeners.len(Listening::Pattern));
    fields.add("pubsubshard_channels", listeners.len(Listening::Shard));
    fields.zeros(&["latest_fork_usec", "total_forks"]);
    fields.zeros(&["tracking_total_keys", "unexpected_error_replies"]);
    fields.add("total_error_replies", statistics.errors);
}

fn replication(facts: &Facts<'_>, fields: &mut Fields<'_>) {
    fields.add("role", "master");
    fields.add("connected_slaves", 0_i64);
    fields.add("master_failover_state", "no-failover");
    fields.add("master_replid", &*run_id(&facts.state.config));
    fields.add("master_repl_offset", 0_i64);
    fields.add("second_repl_offset", -1_i64);
    fields.add("repl_backlog_active", 0_i64);
    fields.add("repl_backlog_size", &*setting(&facts.state.config, "repl-backlog-size"));
    fields.zeros(&["repl_backlog_first_byte_offset", "repl_backlog_histlen"]);
}

/// The engine has no clock to measure itself with.
fn cpu(_: &Facts<'_>, fields: &mut Fields<'_>) {
    for name in ["sys", "user", "sys_children", "user_children"] {
        fields.line(&["used_cpu_".into(), name.into(), ":0.000000".into()]);
    }
}

fn command_statistics(facts: &Facts<'_>, fields: &mut Fields<'_>) {
    for found in facts.commands.all() {
        let counters = facts.state.statistics.commands.get(usize::from(found.number));
        let Some(counters) = counters.copied() else { continue };
        if counters.calls + counters.rejected + counters.failed > 0 {
            fields.line(&[
                "cmdstat_".into(),
                found.full_name().as_str().into(),
                ":calls=".into(),
                counters.calls.into(),
                ",usec=0,usec_per_call=0.00,rejected_calls=".into(),
                counters.rejected.into(),
                ",failed_calls=".into(),
                counters.failed.into(),
            ]);
        }
    }
}

fn error_statistics(facts: &Facts<'_>, fields: &mut Fields<'_>) {
    for (code, count) in &facts.state.statistics.errors_by_code {
        let (code, count) = ((&**code).into(), (*count).into());
        fields.line(&["errorstat_".into(), code, ":count=".into(), count]);
    }
}

fn keyspace(facts: &Facts<'_>, fields: &mut Fields<'_>) {
    let keyspace = &facts.state.keyspace;
    for db in 0..keyspace.database_count() {
        let keys = keyspace.database(db).len();
        if keys == 0 {
            continue;
        }
        let (expires, average) = keyspace.expiring(db, facts.now);
        fields.line(&[
            "db".into(),
            u64::from(db).into(),
            ":keys=".into(),
            keys.into(),
            ",expires=".into(),
            expires.into(),
            ",avg_ttl=".into(),
            average.into(),
            ",subexpiry=0".into(),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use super::human;

    #[test]
    fn bytes_for_people() {
        for (bytes, text) in [
            (0, "0B"),
            (1023, "1023B"),
            (1024, "1.00K"),
            (854_568, "834.54K"),
            (25_276_063_744, "23.54G"),
            (u64::MAX, "16777216.00T"),
        ] {
            assert_eq!(human(bytes), text);
        }
    }
}
