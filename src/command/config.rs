//! CONFIG: settings, told and changed while the engine runs.

use alloc::vec::Vec;

use super::args::Args;
use super::connection::ROW;
use super::context::Context;
use super::help;
use super::parameters::{PARAMETERS, Parameter, parameter};
use super::setting::Setting;
use super::spec::{Flags, Flow, Spec};
use crate::error::Error;
use crate::glob;

/// CONFIG.
pub const CONFIG: Spec = Spec {
    name: "config",
    arity: -2,
    flags: Flags::NONE,
    summary: "Holds the commands about settings.",
    complexity: "Depends on subcommand.",
    subcommands: &[&GET, &HELP, &RESETSTAT, &REWRITE, &SET],
    ..SERVER
};

const GET: Spec = Spec {
    name: "get",
    arity: -3,
    summary: "Tells the settings whose names match.",
    complexity: "O(N) with N patterns.",
    syntax: "parameter [parameter ...]",
    handler: |ctx, args| {
        get(ctx, args);
        Ok(Flow::Done)
    },
    ..SERVER
};

const HELP: Spec = Spec {
    name: "help",
    arity: 2,
    flags: Flags::LOADING.with(Flags::STALE),
    since: "5.0.0",
    summary: "Lists the subcommands.",
    handler: |ctx, _| {
        help::reply(ctx.out, "CONFIG", HELP_LINES);
        Ok(Flow::Done)
    },
    ..SERVER
};

const RESETSTAT: Spec = Spec {
    name: "resetstat",
    arity: 2,
    tips: TO_ALL_NODES,
    summary: "Sets the counters of INFO to zero.",
    handler: |ctx, _| {
        ctx.state.statistics.reset();
        ctx.out.ok();
        Ok(Flow::Done)
    },
    ..SERVER
};

const REWRITE: Spec = Spec {
    name: "rewrite",
    arity: 2,
    tips: TO_ALL_NODES,
    since: "2.8.0",
    summary: "Would write the settings to a file, which there is not.",
    handler: |_, _| Err(Error::NO_CONFIG_FILE),
    ..SERVER
};

const SET: Spec = Spec {
    name: "set",
    arity: -4,
    tips: TO_ALL_NODES,
    summary: "Changes settings: all that are named, or none.",
    complexity: "O(N) with N settings.",
    syntax: "parameter value [parameter value ...]",
    handler: set,
    ..SERVER
};

const TO_ALL_NODES: &[&str] = &["request_policy:all_nodes", "response_policy:all_succeeded"];
const SERVER: Spec = Spec {
    flags: Flags::ADMIN.with(Flags::NOSCRIPT).with(Flags::LOADING).with(Flags::STALE),
    categories: &[],
    since: "2.0.0",
    group: "server",
    ..ROW
};

const HELP_LINES: &str = concat!(
    "GET <pattern>\n",
    "    Return parameters matching the glob-like <pattern> and their values.\n",
    "SET <directive> <value>\n",
    "    Set the configuration <directive> to <value>.\n",
    "RESETSTAT\n",
    "    Reset statistics reported by the INFO command.\n",
    "REWRITE\n",
    "    Rewrite the configuration file.\n",
);

/// Every matching name once, an old name like a new one; a plain name as it was written.
fn get(ctx: &mut Context<'_>, args: Args<'_>) {
    let config = &ctx.state.config;
    let map = ctx.out.begin_map();
    let mut told: Vec<&[u8]> = Vec::new();
    let mut tell = |name, parameter: &Parameter| {
        if !told.iter().any(|other: &&[u8]| other.eq_ignore_ascii_case(name)) {
            told.push(name);
            ctx.out.bulk(name);
            ctx.out.bulk(&parameter.value(config));
        }
    };
    for pattern in args.from(2).iter() {
        if !pattern.iter().any(|byte| b"[*?".contains(byte)) {
            if let Some(parameter) = parameter(pattern) {
                tell(pattern, parameter);
            }
            continue;
        }
        for parameter in PARAMETERS {
            for name in parameter.names().map(str::as_bytes) {
                if glob::matches_ignoring_case(pattern, name) {
                    tell(name, parameter);
                }
            }
        }
    }
    let count = told.len();
    ctx.out.end_map(map, count);
}

const IMMUTABLE: &str = "can't set immutable config";

/// One pair of CONFIG SET.
struct Named<'a> {
    parameter: &'static Parameter,
    /// The name that the request uses, in lower case.
    name: &'static str,
    value: &'a [u8],
}

/// All values are checked before the first is set.
fn set(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let words = args.from(2);
    if !words.len().is_multiple_of(2) {
        return Err(Error::SYNTAX);
    }
    let mut named: Vec<Named<'_>> = Vec::new();
    for (word, value) in words.iter().step_by(2).zip(words.iter().skip(1).step_by(2)) {
        let parameter = parameter(word).ok_or_else(|| Error::unknown_parameter(word))?;
        let name = parameter.spelled(word).unwrap_or_default();
        if parameter.is_fixed() {
            return Err(Error::invalid_parameter(name, IMMUTABLE));
        }
        if named.iter().any(|other| core::ptr::eq(other.parameter, parameter)) {
            return Err(Error::invalid_parameter(name, "duplicate parameter"));
        }
        named.push(Named { parameter, name, value });
    }
    let mut checked: Vec<(&Parameter, Setting)> = Vec::with_capacity(named.len());
    for Named { parameter, name, value } in named {
        let present = parameter.value(&ctx.state.config);
        let setting = parameter.kind.check(value, &present);
        let setting = setting.map_err(|why| Error::invalid_parameter(name, &why))?;
        if parameter.is_decided(ctx.state) && *setting.text != *present {
            return Err(Error::invalid_parameter(name, IMMUTABLE));
        }
        checked.push((parameter, setting));
    }
    for (parameter, setting) in checked {
        parameter.set(ctx.state, setting);
    }
    ctx.out.ok();
    Ok(Flow::Done)
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use crate::testing::Client;

    #[test]
    fn settings_by_name_and_pattern() {
        Client::new().transcript(
            r#"
            CONFIG GET port PORT p?rt => ["port", "6379"]
            CONFIG GET Stream-NODE-max-ENTRIES => ["Stream-NODE-max-ENTRIES", "100"]
            CONFIG GET stream-node-* nosuch
                => ["stream-node-max-entries", "100", "stream-node-max-bytes", "4096"]
            CONFIG GET *slave-read-only replica-read-only
                => ["slave-read-only", "yes", "replica-read-only", "yes"]
            CONFIG GET nosuch => []
            CONFIG GET => -ERR wrong number of arguments for 'config|get' command
            "#,
        );
    }

    #[test]
    fn all_or_nothing() {
        Client::new().transcript(
            r#"
            CONFIG SET hz 12 timeout x
                => -ERR CONFIG SET failed (possibly related to argument 'timeout') - argument
                | couldn't be parsed into an integer
            CONFIG GET hz => ["hz", "10"]
            CONFIG SET hz 12 foo bar
                => -ERR Unknown option or number of arguments for CONFIG SET - 'foo'
            CONFIG SET databases 3 foo bar
                => -ERR CONFIG SET failed (possibly related to argument 'databases') - can't set
                | immutable config
            CONFIG SET HZ 1 hz 2
                => -ERR CONFIG SET failed (possibly related to argument 'hz') - duplicate
                | parameter
            CONFIG SET a b c => -ERR syntax error
            CONFIG SET hz 1000 timeout 7 => OK
            CONFIG GET hz timeout => ["hz", "500", "timeout", "7"]
            "#,
        );
    }

    #[test]
    fn values_are_checked_by_kind() {
        let mut client = Client::new();
        for (setting, why) in [
            ("maxclients 0", "argument must be between 1 and 4294967295 inclusive"),
            ("maxmemory -1", "argument must be a memory value"),
            ("maxmemory 1.5mb", "argument must be a memory value"),
            (
                "proto-max-bulk-len 10",
                "argument must be between 1048576 and 9223372036854775807 inclusive",
            ),
            ("stream-idmp-duration 0", "argument must be between 1 and 86400 inclusive"),
            (
                "stream-node-max-entries 9223372036854775808",
                "argument couldn't be parsed into an integer",
            ),
            ("appendonly maybe", "argument must be 'yes' or 'no'"),
            ("appendfsync x", "argument(s) must be one of the following: everysec, always, no"),
            ("save '1 2 3'", "Invalid save parameters"),
            ("save '0 1'", "Invalid save parameters"),
            (
                "notify-keyspace-events Z",
                "Invalid event class character. Use 'Ag$lshzxeKEtmdnocaSTIV'.",
            ),
            (
                "client-output-buffer-limit x",
                "Wrong number of arguments in buffer limit configuration.",
            ),
            (
                "client-output-buffer-limit 'x 0 0 0'",
                "Invalid client class specified in buffer limit configuration.",
            ),
        ] {
            let name = setting.split(' ').next().expect("a name");
            let reply =
                format!("-ERR CONFIG SET failed (possibly related to argument '{name}') - {why}");
            assert_eq!(client.run(&format!("CONFIG SET {setting}")), reply);
        }
    }

    #[test]
    fn canonical_values_are_told() {
        Client::new().transcript(
            r#"
            CONFIG SET maxmemory 1gb stream-node-max-bytes 4kb lua-time-limit 100 => OK
            CONFIG GET maxmemory stream-node-max-bytes busy-reply-threshold
                => ["maxmemory", "1073741824", "stream-node-max-bytes", "4096",
                | "busy-reply-threshold", "100"]
            CONFIG SET maxmemory-policy AllKeys-LRU save "900 1  300 10" => OK
            CONFIG GET maxmemory-policy save
                => ["maxmemory-policy", "allkeys-lru", "save", "900 1 300 10"]
            CONFIG SET client-output-buffer-limit "normal 1mb 0 0 replica 0 0 0" => OK
            CONFIG GET client-output-buffer-limit
                => ["client-output-buffer-limit", "normal 1048576 0 0 slave 0 0 0 pubsub 33554432
                | 8388608 60"]
            "#,
        );
    }

    #[test]
    fn settings_take_effect() {
        let mut client = Client::new();
        let other = client.open();
        client.transcript(
            r"
            SET k v => OK
            CONFIG SET requirepass pw maxclients 2 maxmemory 1 => OK
            PING => PONG
            SET k v => -OOM command not allowed when used memory > 'maxmemory'.
            ",
        );
        assert!(client.engine.open_session(client.now, crate::reply::Form::Resp2).is_err());
        assert_eq!(client.run_on(other, "RESET"), "RESET");
        assert!(client.run_on(other, "PING").starts_with("-NOAUTH"));
        assert_eq!(client.run("CONFIG SET requirepass ''"), "OK");
        assert_eq!(client.run_on(other, "PING"), "PONG");
    }

    #[test]
    fn counters_begin_again() {
        let mut client = Client::new();
        client.run("FOO");
        assert_eq!(client.engine.state().statistics.errors, 1);
        client.run("CONFIG RESETSTAT");
        assert_eq!(client.engine.state().statistics.errors, 0);
        assert_eq!(
            client.run("CONFIG REWRITE"),
            "-ERR The server is running without a config file"
        );
    }
}
