//! Several strings at once: MSET, MSETNX, MGET.

use super::args::Args;
use super::context::Context;
use super::spec::{Flags, Flow, Keys, Spec};
use crate::error::Error;
use crate::keyspace::Value;

/// MSET.
pub const MSET: Spec = Spec {
    name: "mset",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    keys: Keys::Range { first: 1, last: -1, step: 2 },
    categories: &["@string"],
    tips: &["request_policy:multi_shard", "response_policy:all_succeeded"],
    since: "1.0.1",
    group: "string",
    summary: "Sets several keys to strings at once.",
    complexity: "O(N) with N keys.",
    syntax: "key value [key value ...]",
    handler: mset,
    subcommands: &[],
};

/// MSETNX.
pub const MSETNX: Spec = Spec {
    name: "msetnx",
    tips: &[],
    summary: "Sets several keys to strings at once if none of them exists.",
    handler: msetnx,
    ..MSET
};

/// MGET.
pub const MGET: Spec = Spec {
    name: "mget",
    arity: -2,
    flags: Flags::READONLY.with(Flags::FAST),
    keys: Keys::ALL,
    categories: &["@string"],
    tips: &["request_policy:multi_shard"],
    since: "1.0.0",
    group: "string",
    summary: "Returns the strings of several keys; null for what is missing or no string.",
    complexity: "O(N) with N keys.",
    syntax: "key [key ...]",
    handler: |ctx, args| Ok(mget(ctx, args)),
    subcommands: &[],
};

fn mset(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    set_all(ctx, pairs(args, "mset")?);
    ctx.out.ok();
    Ok(Flow::Done)
}

fn msetnx(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let pairs = pairs(args, "msetnx")?;
    let free = pairs.iter().step_by(2).all(|key| ctx.value(key).is_none());
    if free {
        set_all(ctx, pairs);
    }
    ctx.out.integer(free.into());
    Ok(Flow::Done)
}

/// Keys, each with its value after it.
fn pairs<'a>(args: Args<'a>, name: &str) -> Result<Args<'a>, Error> {
    let pairs = args.from(1);
    if pairs.len().is_multiple_of(2) { Ok(pairs) } else { Err(Error::arity(name)) }
}

fn set_all(ctx: &mut Context<'_>, pairs: Args<'_>) {
    for (key, value) in pairs.iter().step_by(2).zip(pairs.iter().skip(1).step_by(2)) {
        ctx.set(key, Value::String(value.to_vec()), "set");
    }
    ctx.changed(pairs.len() as u64 / 2);
    if let Some(mut effect) = ctx.effects.begin(ctx.db, 1 + pairs.len()) {
        effect.word(b"MSET");
        for word in pairs.iter() {
            effect.word(word);
        }
    }
}

fn mget(ctx: &mut Context<'_>, args: Args<'_>) -> Flow {
    let keys = args.from(1);
    ctx.out.array(keys.len());
    for key in keys.iter() {
        let value = ctx.state.keyspace.get(ctx.db, key);
        let found = value.is_some();
        match value {
            Some(Value::String(bytes)) => ctx.out.bulk(bytes),
            _ => ctx.out.null(),
        }
        ctx.read(key, found);
    }
    Flow::Done
}

#[cfg(test)]
mod tests {
    use crate::testing::Client;

    #[test]
    fn all_or_nothing() {
        let mut client = Client::new();
        client.transcript(
            r#"
            MSET a 1 b 2 a 3 => OK
            MGET a b none => ["3", "2", nil]
            MSETNX c 1 a 2 => :0
            EXISTS c => :0
            MSETNX c 1 d 2 c 3 => :1
            MGET c d => ["3", "2"]
            XADD s 1-1 f v => "1-1"
            MGET s a => [nil, "3"]
            MSETNX s 1 => :0
            MSET s 1 => OK
            MSET a 1 b => -ERR wrong number of arguments for 'mset' command
            MSETNX a 1 b => -ERR wrong number of arguments for 'msetnx' command
            "#,
        );
        assert_eq!(
            client.effects(),
            ["MSET a 1 b 2 a 3", "MSET c 1 d 2 c 3", "XADD s 1-1 f v", "MSET s 1"]
        );
    }
}
