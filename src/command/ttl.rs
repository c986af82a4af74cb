//! When keys go away: TTL, PTTL, EXPIRETIME, PEXPIRETIME.

use super::args::{Args, Cursor};
use super::context::Context;
use super::spec::{Flags, Flow, Keys, Spec};
use crate::error::Error;
use crate::keyspace::Slot;
use crate::time::{Millis, UnixMillis};

/// TTL.
pub const TTL: Spec = Spec {
    name: "ttl",
    arity: 2,
    flags: Flags::READONLY.with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@keyspace"],
    tips: &["nondeterministic_output"],
    since: "1.0.0",
    group: "generic",
    summary: "Tells in how many seconds a key goes away; -1 is never, -2 is no such key.",
    complexity: "O(1)",
    syntax: "key",
    handler: |ctx, args| reply(ctx, args, |at, now| seconds(left(at, now))),
    subcommands: &[],
};

/// PTTL.
pub const PTTL: Spec = Spec {
    name: "pttl",
    since: "2.6.0",
    summary: "Tells in how many milliseconds a key goes away; -1 is never, -2 is no such key.",
    handler: |ctx, args| reply(ctx, args, left),
    ..TTL
};

/// EXPIRETIME.
pub const EXPIRETIME: Spec = Spec {
    name: "expiretime",
    tips: &[],
    since: "7.0.0",
    summary: "Tells at which Unix second a key goes away; -1 is never, -2 is no such key.",
    handler: |ctx, args| reply(ctx, args, |at, _| seconds(at)),
    ..TTL
};

/// PEXPIRETIME.
pub const PEXPIRETIME: Spec = Spec {
    name: "pexpiretime",
    tips: &[],
    since: "7.0.0",
    summary: "Tells at which Unix millisecond a key goes away; -1 is never, -2 is no such key.",
    handler: |ctx, args| reply(ctx, args, |at, _| at),
    ..TTL
};

const NO_EXPIRY: i64 = -1;
const NO_KEY: i64 = -2;

fn reply(
    ctx: &mut Context<'_>,
    args: Args<'_>,
    shown: fn(UnixMillis, UnixMillis) -> i64,
) -> Result<Flow, Error> {
    let key = Cursor::new(args, 1).expect()?;
    let slot = ctx.slot(ctx.db, key);
    let found = slot.is_some();
    let number = match slot.map(Slot::expires_at) {
        None => NO_KEY,
        Some(None) => NO_EXPIRY,
        Some(Some(at)) => shown(at, ctx.now),
    };
    ctx.read(key, found);
    ctx.out.integer(number);
    Ok(Flow::Done)
}

fn left(at: UnixMillis, now: UnixMillis) -> Millis {
    at.saturating_sub(now).max(0)
}

/// Whole seconds, half a second counts as one.
fn seconds(millis: Millis) -> i64 {
    millis / 1000 + (millis % 1000 + 500) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_second_rounds_up_and_nothing_overflows() {
        assert_eq!(seconds(1_499), 1);
        assert_eq!(seconds(1_500), 2);
        assert_eq!(seconds(i64::MAX), 9_223_372_036_854_776);
    }
}
