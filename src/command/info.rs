//! INFO: which sections of the report are wanted.

use alloc::vec::Vec;

use super::args::{Args, is};
use super::connection::ROW;
use super::context::Context;
use super::info_sections::{Facts, SECTIONS};
use super::spec::{Flags, Flow, Spec};

/// INFO.
pub const INFO: Spec = Spec {
    name: "info",
    arity: -1,
    flags: Flags::LOADING.with(Flags::STALE),
    categories: &["@dangerous"],
    tips: &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
    group: "server",
    summary: "Reports on the server, in sections of `field:value` lines.",
    complexity: "O(N) with N keys for the sections memory and keyspace, otherwise O(1).",
    syntax: "[section [section ...]]",
    handler: |ctx, args| {
        info(ctx, args);
        Ok(Flow::Done)
    },
    ..ROW
};

fn info(ctx: &mut Context<'_>, args: Args<'_>) {
    let wanted = args.from(1);
    let named = |name: &str| wanted.iter().any(|word| is(word, name));
    let all = named("all") || named("everything");
    let default = wanted.is_empty() || named("default");
    let facts = Facts { state: ctx.state, commands: ctx.commands, now: ctx.now };
    let mut report = Vec::new();
    for section in SECTIONS {
        if all || default && section.by_default || named(section.name) {
            if !report.is_empty() {
                report.extend_from_slice(b"\r\n");
            }
            section.write(&facts, &mut report);
        }
    }
    ctx.out.verbatim(&report);
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use crate::state::Config;
    use crate::testing::Client;

    fn section(client: &mut Client, name: &str) -> alloc::string::String {
        client.run(&format!("INFO {name}")).trim_matches('"').replace(r"\r\n", "\n")
    }

    #[test]
    fn sections_by_name_in_a_fixed_order() {
        let mut client = Client::new();
        let report = section(&mut client, "KEYSPACE replication keyspace nosuch");
        assert!(report.starts_with("# Replication\nrole:master\n"), "{report}");
        assert!(report.ends_with("\n\n# Keyspace\n"), "{report}");
        assert_eq!(section(&mut client, "nosuch"), "");
        assert!(!section(&mut client, "").contains("# Commandstats"));
        assert!(section(&mut client, "all").contains("# Commandstats"));
        assert!(section(&mut client, "everything default").contains("# Server"));
    }

    #[test]
    fn what_clients_and_dashboards_read() {
        let mut client = Client::with(Config { process_id: 42, ..Config::default() });
        client.advance(90_061_500);
        let report = section(&mut client, "");
        for line in [
            "redis_version:8.10.2",
            "redis_mode:standalone",
            "process_id:42",
            "tcp_port:6379",
            "uptime_in_seconds:90061",
            "uptime_in_days:1",
            "connected_clients:1",
            "maxclients:10000",
            "maxmemory:0",
            "maxmemory_human:0B",
            "maxmemory_policy:noeviction",
            "loading:0",
            "aof_enabled:0",
            "role:master",
            "used_cpu_sys:0.000000",
            "cluster_enabled:0",
        ] {
            assert!(report.lines().any(|other| other == line), "{line} in {report}");
        }
        assert!(report.contains(concat!("brooklet_version:", env!("CARGO_PKG_VERSION"), "\n")));
    }

    #[test]
    fn calls_and_errors_are_counted() {
        let mut client = Client::new();
        client.run("XGROUP CREATE s g $ MKSTREAM");
        client.run("XGROUP CREATE s g $ MKSTREAM");
        client.run("XGROUP CREATE s");
        client.run("GET s");
        let report = section(&mut client, "commandstats");
        let line = "cmdstat_xgroup|create:calls=2,usec=0,usec_per_call=0.00,rejected_calls=1,failed_calls=1";
        assert!(report.lines().any(|other| other == line), "{report}");
        assert!(!report.contains("cmdstat_ping"), "never called");
        let errors = "# Errorstats\nerrorstat_BUSYGROUP:count=1\nerrorstat_ERR:count=1\nerrorstat_WRONGTYPE:count=1\n";
        assert_eq!(section(&mut client, "errorstats"), errors);
        assert!(section(&mut client, "stats").contains("\ntotal_error_replies:3\n"));
    }

    #[test]
    fn those_who_wait_are_counted() {
        let mut client = Client::new();
        client.run("XGROUP CREATE s g $ MKSTREAM");
        for read in ["XREAD BLOCK 0 STREAMS s t $ $", "XREADGROUP GROUP g c BLOCK 0 STREAMS s >"] {
            let reader = client.open();
            client.run_on(reader, read);
        }
        client.run("WATCH a b");
        let report = section(&mut client, "clients");
        for line in [
            "connected_clients:3",
            "blocked_clients:2",
            "watching_clients:1",
            "clients_in_timeout_table:0",
            "total_watched_keys:2",
            "total_blocking_keys:2",
            "total_blocking_keys_on_nokey:1",
        ] {
            assert!(report.lines().any(|other| other == line), "{line} in {report}");
        }
    }

    #[test]
    fn keys_and_when_they_expire() {
        let mut client = Client::new();
        client.run("SET a 1");
        client.run("SET b 1 PX 1000");
        client.run("SET c 1 PX 3000");
        client.run("SELECT 3");
        client.run("SET a 1");
        let keys = "# Keyspace\ndb0:keys=3,expires=2,avg_ttl=2000,subexpiry=0\ndb3:keys=1,expires=0,avg_ttl=0,subexpiry=0\n";
        assert_eq!(section(&mut client, "keyspace"), keys);
        assert!(section(&mut client, "persistence").contains("\nrdb_changes_since_last_save:4\n"));
    }
}
