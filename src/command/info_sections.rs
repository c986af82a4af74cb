//! The sections of INFO and their fields.
//!
//! Fields of a server process that an engine does not have (sockets, threads, forks, processor
//! time) are left out, or zero where clients and dashboards expect them.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt::{Display, Write};

use super::auth::REDIS_VERSION;
use super::parameters::parameter;
use super::registry::Registry;
use crate::state::{Config, State};
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
    pub fn write(&self, facts: &Facts<'_>, report: &mut String) {
        report.push_str("# ");
        report.push_str(self.title);
        report.push_str("\r\n");
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
    Section::new("cluster", "Cluster", |_, fields| fields.add("cluster_enabled", 0)),
    Section::new("keyspace", "Keyspace", keyspace),
];

/// Lines of `field:value`.
struct Fields<'a>(&'a mut String);

impl Fields<'_> {
    fn add(&mut self, name: &str, value: impl Display) {
        // Writing to a string does not fail.
        let _ = write!(self.0, "{name}:{value}\r\n");
    }

    fn zeros(&mut self, names: &[&str]) {
        for name in names {
            self.add(name, 0);
        }
    }

    /// A number of bytes, and the same as people read it.
    fn bytes(&mut self, name: &str, bytes: u64) {
        self.add(name, bytes);
        let _ = write!(self.0, "{name}_human:{}\r\n", Human(bytes));
    }
}

/// A number of bytes with two decimals and a unit.
struct Human(u64);

impl Display for Human {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let units = [(40, 'T'), (30, 'G'), (20, 'M'), (10, 'K')];
        match units.into_iter().find(|(shift, _)| self.0 >> shift > 0) {
            None => write!(f, "{}B", self.0),
            Some((shift, unit)) => {
                let hundredths = (u128::from(self.0) * 100 + (1 << (shift - 1))) >> shift;
                write!(f, "{}.{:02}{unit}", hundredths / 100, hundredths % 100)
            }
        }
    }
}

fn setting<'s>(config: &'s Config, name: &str) -> Cow<'s, str> {
    match parameter(name.as_bytes()).map(|parameter| parameter.value(config)) {
        Some(Cow::Borrowed(bytes)) => String::from_utf8_lossy(bytes),
        Some(Cow::Owned(bytes)) => String::from_utf8_lossy(&bytes).into_owned().into(),
        None => "".into(),
    }
}

/// The name of this run, the same for the same seed.
fn run_id(config: &Config) -> String {
    alloc::format!("{:016x}{:024x}", config.seed, config.seed.rotate_left(32))
}

fn server(facts: &Facts<'_>, fields: &mut Fields<'_>) {
    let config = &facts.state.config;
    let started_at = facts.state.statistics.started_at.unwrap_or(facts.now);
    let uptime = elapsed(facts.now, started_at) / 1000;
    let hz = setting(config, "hz");
    fields.add("redis_version", REDIS_VERSION);
    fields.add("brooklet_version", env!("CARGO_PKG_VERSION"));
    fields.add("redis_mode", "standalone");
    fields.add("arch_bits", usize::BITS);
    fields.add("process_id", config.process_id);
    fields.add("run_id", run_id(config));
    fields.add("tcp_port", config.port);
    fields.add("server_time_usec", i128::from(facts.now) * 1000);
    fields.add("uptime_in_seconds", uptime);
    fields.add("uptime_in_days", uptime / 86_400);
    fields.add("hz", &hz);
    fields.add("configured_hz", &hz);
    fields.add("executable", "");
    fields.add("config_file", "");
}

fn clients(facts: &Facts<'_>, fields: &mut Fields<'_>) {
    let State { sessions, blocked, watched, config, .. } = facts.state;
    let (keys, on_missing) = blocked.key_counts();
    let open = sessions.iter().filter(|session| !session.closing).count();
    fields.add("connected_clients", open);
    fields.add("cluster_connections", 0);
    fields.add("maxclients", config.max_sessions);
    fields.add("blocked_clients", blocked.len());
    fields.zeros(&["tracking_clients", "pubsub_clients"]);
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
    fields.add("maxmemory_policy", setting(config, "maxmemory-policy"));
    fields.add("mem_fragmentation_ratio", "1.00");
    fields.add("mem_allocator", "unknown");
    fields.zeros(&["active_defrag_running", "lazyfree_pending_objects", "lazyfreed_objects"]);
}

fn persistence(facts: &Facts<'_>, fields: &mut Fields<'_>) {
    let statistics = &facts.state.statistics;
    fields.zeros(&["loading", "async_loading"]);
    fields.add("rdb_changes_since_last_save", statistics.changes);
    fields.add("rdb_bgsave_in_progress", 0);
    fields.add("rdb_last_save_time", statistics.started_at.unwrap_or(facts.now) / 1000);
    fields.add("rdb_last_bgsave_status", "ok");
    fields.add("rdb_last_bgsave_time_sec", -1);
    fields.add("rdb_current_bgsave_time_sec", -1);
    fields.zeros(&["aof_enabled", "aof_rewrite_in_progress", "aof_rewrite_scheduled"]);
    fields.add("aof_last_rewrite_time_sec", -1);
    fields.add("aof_current_rewrite_time_sec", -1);
    fields.add("aof_last_bgrewrite_status", "ok");
    fields.add("aof_last_write_status", "ok");
}

fn stats(facts: &Facts<'_>, fields: &mut Fields<'_>) {
    let statistics = &facts.state.statistics;
    fields.add("total_connections_received", statistics.connections_received);
    fields.add("total_commands_processed", statistics.commands_processed);
    fields.add("instantaneous_ops_per_sec", 0);
    fields.add("total_net_input_bytes", statistics.input_bytes);
    fields.add("total_net_output_bytes", 0);
    fields.add("instantaneous_input_kbps", "0.00");
    fields.add("instantaneous_output_kbps", "0.00");
    fields.add("rejected_connections", statistics.connections_rejected);
    fields.zeros(&["sync_full", "sync_partial_ok", "sync_partial_err"]);
    fields.add("expired_keys", statistics.expired_keys);
    fields.zeros(&["evicted_keys", "evicted_clients"]);
    fields.add("keyspace_hits", statistics.keyspace_hits);
    fields.add("keyspace_misses", statistics.keyspace_misses);
    fields.zeros(&["pubsub_channels", "pubsub_patterns", "latest_fork_usec", "total_forks"]);
    fields.zeros(&["tracking_total_keys", "unexpected_error_replies"]);
    fields.add("total_error_replies", statistics.errors);
}

fn replication(facts: &Facts<'_>, fields: &mut Fields<'_>) {
    fields.add("role", "master");
    fields.add("connected_slaves", 0);
    fields.add("master_failover_state", "no-failover");
    fields.add("master_replid", run_id(&facts.state.config));
    fields.add("master_repl_offset", 0);
    fields.add("second_repl_offset", -1);
    fields.add("repl_backlog_active", 0);
    fields.add("repl_backlog_size", setting(&facts.state.config, "repl-backlog-size"));
    fields.zeros(&["repl_backlog_first_byte_offset", "repl_backlog_histlen"]);
}

/// The engine has no clock to measure itself with.
fn cpu(_: &Facts<'_>, fields: &mut Fields<'_>) {
    for name in ["sys", "user", "sys_children", "user_children"] {
        let _ = write!(fields.0, "used_cpu_{name}:0.000000\r\n");
    }
}

fn command_statistics(facts: &Facts<'_>, fields: &mut Fields<'_>) {
    for found in facts.commands.all() {
        let counters = facts.state.statistics.commands.get(usize::from(found.number));
        let Some(counters) = counters.copied() else { continue };
        if counters.calls + counters.rejected + counters.failed > 0 {
            let _ = write!(
                fields.0,
                "cmdstat_{}:calls={},usec=0,usec_per_call=0.00,rejected_calls={},failed_calls={}\r\n",
                found.full_name(),
                counters.calls,
                counters.rejected,
                counters.failed,
            );
        }
    }
}

fn error_statistics(facts: &Facts<'_>, fields: &mut Fields<'_>) {
    for (code, count) in &facts.state.statistics.errors_by_code {
        let code = String::from_utf8_lossy(code);
        let _ = write!(fields.0, "errorstat_{code}:count={count}\r\n");
    }
}

fn keyspace(facts: &Facts<'_>, fields: &mut Fields<'_>) {
    let keyspace = &facts.state.keyspace;
    for db in 0..keyspace.database_count() {
        let keys = keyspace.database(db).len();
        if keys == 0 {
            continue;
        }
        let (expires, sum) = keyspace.expiring(db);
        let average = match expires {
            0 => 0,
            count => sum / count as i128 - i128::from(facts.now),
        };
        let _ = write!(
            fields.0,
            "db{db}:keys={keys},expires={expires},avg_ttl={average},subexpiry=0\r\n"
        );
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::Human;

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
            assert_eq!(Human(bytes).to_string(), text);
        }
    }
}
