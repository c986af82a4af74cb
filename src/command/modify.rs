//! Strings that are changed in place: INCR, DECR, INCRBY, DECRBY, APPEND.

use super::args::{Args, Cursor, integer};
use super::context::Context;
use super::spec::{Flags, Flow, Keys, Spec};
use crate::error::Error;
use crate::keyspace::Value;
use crate::number::Decimal;
use crate::state::Events;

/// INCR.
pub const INCR: Spec = Spec {
    name: "incr",
    arity: 2,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@string"],
    tips: &[],
    since: "1.0.0",
    group: "string",
    summary: "Adds 1 to the integer of a key; a missing key counts as 0.",
    complexity: "O(1)",
    syntax: "key",
    handler: |ctx, args| add(ctx, args, 1),
    subcommands: &[],
};

/// DECR.
pub const DECR: Spec = Spec {
    name: "decr",
    summary: "Takes 1 from the integer of a key; a missing key counts as 0.",
    handler: |ctx, args| add(ctx, args, -1),
    ..INCR
};

/// INCRBY.
pub const INCRBY: Spec = Spec {
    name: "incrby",
    arity: 3,
    summary: "Adds a number to the integer of a key; a missing key counts as 0.",
    syntax: "key increment",
    handler: |ctx, args| add(ctx, args, integer(args.get(2).unwrap_or_default())?),
    ..INCR
};

/// DECRBY.
pub const DECRBY: Spec = Spec {
    name: "decrby",
    arity: 3,
    summary: "Takes a number from the integer of a key; a missing key counts as 0.",
    syntax: "key decrement",
    handler: |ctx, args| {
        let decrement = integer(args.get(2).unwrap_or_default())?;
        add(ctx, args, decrement.checked_neg().ok_or(Error::DECREMENT_OVERFLOW)?)
    },
    ..INCR
};

/// APPEND.
pub const APPEND: Spec = Spec {
    name: "append",
    arity: 3,
    since: "2.0.0",
    summary: "Appends to the string of a key, which it creates if need be.",
    complexity: "O(N) with N bytes appended, on average.",
    syntax: "key value",
    handler: append,
    ..INCR
};

/// Adds to the integer at a key; the expiry time stays.
fn add(ctx: &mut Context<'_>, args: Args<'_>, increment: i64) -> Result<Flow, Error> {
    let key = Cursor::new(args, 1).expect()?;
    let present = ctx.string(key)?.map_or(Ok(0), integer)?;
    let sum = present.checked_add(increment).ok_or(Error::INCREMENT_OVERFLOW)?;
    let text = Decimal::signed(sum);
    match ctx.string_mut(key)? {
        Some(bytes) => {
            bytes.clear();
            bytes.extend_from_slice(text.as_bytes());
            ctx.touch(key);
            ctx.notify(Events::STRING, "incrby", key);
        }
        None => ctx.set(key, Value::String(text.as_bytes().to_vec()), "incrby"),
    }
    ctx.changed(1);
    ctx.effects.verbatim(ctx.db, args);
    ctx.out.integer(sum);
    Ok(Flow::Done)
}

/// Appends to the string at a key; the expiry time stays. Only a string that exists is held
/// against the limit: a new one was, when its request came in.
fn append(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let mut words = Cursor::new(args, 1);
    let (key, suffix) = (words.expect()?, words.expect()?);
    let limit = ctx.state.config.max_bulk_len;
    let len = if let Some(bytes) = ctx.string_mut(key)? {
        let len = bytes.len() as u64 + suffix.len() as u64;
        if len > limit {
            return Err(Error::STRING_TOO_LONG);
        }
        let before = bytes.capacity();
        bytes.extend_from_slice(suffix);
        let grown = bytes.capacity() - before;
        ctx.state.unseen_bytes += grown as u64;
        ctx.touch(key);
        ctx.notify(Events::STRING, "append", key);
        len
    } else {
        ctx.set(key, Value::String(suffix.to_vec()), "append");
        suffix.len() as u64
    };
    ctx.changed(1);
    ctx.effects.verbatim(ctx.db, args);
    ctx.out.unsigned(len);
    Ok(Flow::Done)
}

#[cfg(test)]
mod tests {
    use crate::state::Config;
    use crate::testing::Client;

    #[test]
    fn counting() {
        let mut client = Client::new();
        client.transcript(
            r#"
            INCR n => :1
            INCRBY n 41 => :42
            DECR n => :41
            DECRBY n -9 => :50
            PEXPIRE n 1000 => :1
            INCRBY n -50 => :0
            PTTL n => :1000
            SET n 9223372036854775807 => OK
            INCR n => -ERR increment or decrement would overflow
            DECRBY n -9223372036854775808 => -ERR decrement would overflow
            SET n 01 => OK
            INCR n => -ERR value is not an integer or out of range
            INCRBY n x => -ERR value is not an integer or out of range
            GET n => "01"
            XADD s 1-1 f v => "1-1"
            INCR s => -WRONGTYPE Operation against a key holding the wrong kind of value
            "#,
        );
        assert_eq!(client.effects()[..3], ["INCR n", "INCRBY n 41", "DECR n"]);
    }

    #[test]
    fn appending() {
        let mut client = Client::with(Config { max_bulk_len: 4, ..Config::default() });
        client.transcript(
            r#"
            APPEND k "" => :0
            EXISTS k => :1
            APPEND k abcd => :4
            APPEND k e => -ERR string exceeds maximum allowed size (proto-max-bulk-len)
            GET k => "abcd"
            "#,
        );
    }
}
