//! DUMP: a value in Redis' own serialization.

use super::args::{Args, Cursor};
use super::context::Context;
use super::spec::{Flags, Flow, Keys, Spec};
use crate::error::Error;
use crate::rdb;

/// DUMP.
pub const DUMP: Spec = Spec {
    name: "dump",
    arity: 2,
    flags: Flags::READONLY,
    keys: Keys::FIRST,
    categories: &["@keyspace"],
    tips: &["nondeterministic_output"],
    since: "2.6.0",
    group: "generic",
    summary: "Gives a value as bytes that RESTORE takes, here and in Redis.",
    complexity: "O(N) with the N bytes of the value.",
    syntax: "key",
    handler: dump,
    subcommands: &[],
};

fn dump(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let key = Cursor::new(args, 1).expect()?;
    let now = ctx.now;
    if let Ok(Some(stream)) = ctx.stream_mut(key) {
        stream.idempotency_mut().expire(now);
    }
    let payload = ctx.value(key).map(|value| rdb::dump(value, now));
    ctx.read(key, payload.is_some());
    match payload {
        Some(payload) => ctx.out.bulk(&payload),
        None => ctx.out.null(),
    }
    Ok(Flow::Done)
}
