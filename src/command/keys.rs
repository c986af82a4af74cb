//! Keys by name: DEL, UNLINK, EXISTS, TOUCH, TYPE.

use super::args::{Args, Cursor};
use super::context::Context;
use super::spec::{Flags, Flow, Keys, Spec};
use crate::error::Error;
use crate::keyspace::Value;

/// DEL.
pub const DEL: Spec = Spec {
    name: "del",
    arity: -2,
    flags: Flags::WRITE,
    keys: Keys::ALL,
    categories: &["@keyspace"],
    tips: &["request_policy:multi_shard", "response_policy:agg_sum"],
    since: "1.0.0",
    group: "generic",
    summary: "Removes keys and says how many there were.",
    complexity: "O(N) with N keys, and for a stream O(M) with its M blocks and pending entries.",
    syntax: "key [key ...]",
    handler: |ctx, args| Ok(delete(ctx, args)),
    subcommands: &[],
};

/// UNLINK.
pub const UNLINK: Spec = Spec {
    name: "unlink",
    flags: Flags::WRITE.with(Flags::FAST),
    since: "4.0.0",
    summary: "Removes keys as DEL does; there is no background thread to leave the freeing to.",
    ..DEL
};

/// EXISTS.
pub const EXISTS: Spec = Spec {
    name: "exists",
    arity: -2,
    flags: Flags::READONLY.with(Flags::FAST),
    keys: Keys::ALL,
    categories: &["@keyspace"],
    tips: &["request_policy:multi_shard", "response_policy:agg_sum"],
    since: "1.0.0",
    group: "generic",
    summary: "Counts which of the keys exist; a key given twice counts twice.",
    complexity: "O(N) with N keys.",
    syntax: "key [key ...]",
    handler: |ctx, args| Ok(count(ctx, args)),
    subcommands: &[],
};

/// TOUCH.
pub const TOUCH: Spec = Spec {
    name: "touch",
    since: "3.2.1",
    summary: "Counts which of the keys exist; reading a key leaves no trace on it here.",
    ..EXISTS
};

/// TYPE.
pub const TYPE: Spec = Spec {
    name: "type",
    arity: 2,
    flags: Flags::READONLY.with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@keyspace"],
    tips: &[],
    since: "1.0.0",
    group: "generic",
    summary: "Tells the type of a key's value: string, stream, or none.",
    complexity: "O(1)",
    syntax: "key",
    handler: type_name,
    subcommands: &[],
};

fn delete(ctx: &mut Context<'_>, args: Args<'_>) -> Flow {
    let mut removed = 0;
    for key in args.from(1).iter() {
        removed += u64::from(ctx.remove(key));
    }
    if removed > 0 {
        ctx.changed(removed);
        ctx.effects.verbatim(ctx.db, args);
    }
    ctx.out.unsigned(removed);
    Flow::Done
}

fn count(ctx: &mut Context<'_>, args: Args<'_>) -> Flow {
    let mut found = 0;
    for key in args.from(1).iter() {
        let exists = ctx.value(key).is_some();
        ctx.read(key, exists);
        found += u64::from(exists);
    }
    ctx.out.unsigned(found);
    Flow::Done
}

fn type_name(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let key = Cursor::new(args, 1).expect()?;
    let name = ctx.value(key).map(Value::type_name);
    ctx.read(key, name.is_some());
    ctx.out.simple(name.unwrap_or("none"));
    Ok(Flow::Done)
}

#[cfg(test)]
mod tests {
    use crate::testing::Client;

    #[test]
    fn keys_that_are_given_twice() {
        let mut client = Client::new();
        client.transcript(
            r"
            MSET a 1 b 2 c 3 => OK
            EXISTS a a none => :2
            TOUCH a a none => :2
            DEL a a none => :1
            UNLINK b c c => :2
            EXISTS a b c => :0
            DEL a => :0
            DEL => -ERR wrong number of arguments for 'del' command
            ",
        );
        let effects = ["MSET a 1 b 2 c 3", "DEL a a none", "UNLINK b c c"];
        assert_eq!(client.effects(), effects, "a removal of nothing is no change");
        assert_eq!(client.engine.state().statistics.changes, 6);
    }

    #[test]
    fn types() {
        let mut client = Client::new();
        client.transcript(
            r#"
            SET string "" => OK
            XADD stream 1-1 f v => "1-1"
            TYPE string => string
            TYPE stream => stream
            TYPE none => none
            "#,
        );
        let statistics = &client.engine.state().statistics;
        assert_eq!((statistics.keyspace_hits, statistics.keyspace_misses), (2, 1));
    }
}
