//! MEMORY: what a key costs.

use super::args::{Args, Cursor};
use super::connection::ROW;
use super::context::Context;
use super::help;
use super::spec::{Flags, Flow, Keys, Spec};
use crate::error::Error;
use crate::keyspace::key_bytes;

/// MEMORY.
pub const MEMORY: Spec = Spec {
    name: "memory",
    arity: -2,
    flags: Flags::NONE,
    categories: &[],
    since: "4.0.0",
    group: "server",
    summary: "Holds the commands about memory.",
    complexity: "Depends on subcommand.",
    subcommands: &[&HELP, &USAGE],
    ..ROW
};

const HELP: Spec = Spec {
    name: "help",
    arity: 2,
    flags: Flags::LOADING.with(Flags::STALE),
    categories: &[],
    since: "4.0.0",
    group: "server",
    summary: "Lists the subcommands.",
    handler: |ctx, _| {
        help::reply(ctx.out, "MEMORY", HELP_LINES);
        Ok(Flow::Done)
    },
    ..ROW
};

const USAGE: Spec = Spec {
    name: "usage",
    arity: -3,
    flags: Flags::READONLY,
    keys: Keys::SECOND,
    categories: &[],
    since: "4.0.0",
    group: "server",
    summary: "Estimates the memory that a key and its value take.",
    complexity: "O(N) with N consumers; nothing is sampled.",
    syntax: "key [SAMPLES count]",
    handler: usage,
    ..ROW
};

const HELP_LINES: &str = concat!(
    "USAGE <key> [SAMPLES <count>]\n",
    "    Return memory in bytes used by <key> and its value. Nested values are\n",
    "    sampled up to <count> times (default: 5, 0 means sample all).\n",
);

fn usage(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let mut words = Cursor::new(args, 3);
    while words.left() > 0 {
        if !words.keyword("samples", 1) || words.integer()? < 0 {
            return Err(Error::SYNTAX);
        }
    }
    let key = args.get(2).unwrap_or_default();
    let bytes = ctx.value(key).map(|value| key_bytes(key) + value.memory_bytes());
    ctx.looked_up(bytes.is_some());
    match bytes {
        Some(bytes) => ctx.out.integer(bytes as i64),
        None => ctx.out.null(),
    }
    Ok(Flow::Done)
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use crate::testing::Client;

    #[test]
    fn a_longer_value_takes_more() {
        let mut client = Client::new();
        client.transcript(
            r"
            MEMORY USAGE none => nil
            MEMORY USAGE none SAMPLES => -ERR syntax error
            MEMORY USAGE none SAMPLES x => -ERR value is not an integer or out of range
            MEMORY USAGE none SAMPLES -1 => -ERR syntax error
            MEMORY USAGE none FOO 1 => -ERR syntax error
            MEMORY FOO => -ERR unknown subcommand 'FOO'. Try MEMORY HELP.
            ",
        );
        let mut usage = |value: &str| -> u64 {
            client.run(&format!("SET k {value}"));
            client.run("MEMORY USAGE k SAMPLES 0")[1..].parse().expect("a number")
        };
        assert!(usage(&"x".repeat(5_000)) > usage("x") + 4_000);
    }
}
