//! The server as a whole: TIME, DBSIZE, FLUSHDB, FLUSHALL, SWAPDB.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::args::{Args, integer, is};
use super::connection::ROW;
use super::context::Context;
use super::spec::{Flags, Flow, Spec};
use crate::error::Error;
use crate::number::Decimal;
use crate::state::State;

/// TIME.
pub const TIME: Spec = Spec {
    name: "time",
    arity: 1,
    categories: &[],
    tips: &["nondeterministic_output"],
    since: "2.6.0",
    summary: "Tells the server's time: Unix seconds, and microseconds of the present one.",
    handler: |ctx, _| {
        time(ctx);
        Ok(Flow::Done)
    },
    ..SERVER
};

/// DBSIZE.
pub const DBSIZE: Spec = Spec {
    name: "dbsize",
    arity: 1,
    flags: Flags::READONLY.with(Flags::FAST),
    tips: &["request_policy:all_shards", "response_policy:agg_sum"],
    summary: "Counts the keys of the database.",
    handler: |ctx, _| {
        let keys = ctx.state.keyspace.database(ctx.db).len();
        ctx.out.integer(keys as i64);
        Ok(Flow::Done)
    },
    ..SERVER
};

/// FLUSHDB.
pub const FLUSHDB: Spec = Spec {
    name: "flushdb",
    summary: "Removes all keys of the database.",
    complexity: "O(N) with N keys.",
    handler: |ctx, args| {
        let db = ctx.db;
        flush(ctx, args, db..db + 1)
    },
    ..FLUSHALL
};

/// FLUSHALL.
pub const FLUSHALL: Spec = Spec {
    name: "flushall",
    arity: -1,
    flags: Flags::WRITE,
    categories: &["@keyspace", "@dangerous"],
    tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
    summary: "Removes all keys of all databases.",
    complexity: "O(N) with N keys in all databases.",
    syntax: "[ASYNC|SYNC]",
    handler: |ctx, args| {
        let databases = ctx.state.keyspace.database_count();
        flush(ctx, args, 0..databases)
    },
    ..SERVER
};

/// SWAPDB.
pub const SWAPDB: Spec = Spec {
    name: "swapdb",
    arity: 3,
    flags: Flags::WRITE.with(Flags::FAST),
    categories: &["@keyspace", "@dangerous"],
    since: "4.0.0",
    summary: "Exchanges the keys of two databases.",
    complexity: "O(N) with N keys that will expire, watched keys and awaited keys.",
    syntax: "index1 index2",
    handler: swap,
    ..SERVER
};

const SERVER: Spec = Spec { categories: &["@keyspace"], group: "server", ..ROW };

fn time(ctx: &mut Context<'_>) {
    let (seconds, millis) = (ctx.now.div_euclid(1000), ctx.now.rem_euclid(1000));
    ctx.out.array(2);
    ctx.out.bulk(Decimal::signed(seconds).as_bytes());
    ctx.out.bulk(Decimal::signed(millis * 1000).as_bytes());
}

/// ASYNC and SYNC are the same here: memory is freed before the reply.
fn flush(
    ctx: &mut Context<'_>,
    args: Args<'_>,
    databases: core::ops::Range<u32>,
) -> Result<Flow, Error> {
    match (args.get(1), args.len()) {
        (None, _) => {}
        (Some(word), 2) if is(word, "async") || is(word, "sync") => {}
        _ => return Err(Error::SYNTAX),
    }
    let mut removed = 0;
    for db in databases.clone() {
        touch_existing(ctx.state, db, db);
        ctx.state.blocked.signal_database(db);
        removed += ctx.state.keyspace.flush(db);
    }
    ctx.changed(removed as u64);
    if removed > 0 {
        let name: &[u8] = if databases.len() == 1 { b"FLUSHDB" } else { b"FLUSHALL" };
        ctx.effect(&[name]);
    }
    ctx.out.ok();
    Ok(Flow::Done)
}

fn swap(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let (first, second) = (args.get(1).unwrap_or_default(), args.get(2).unwrap_or_default());
    let a = index(first).ok_or(Error::INVALID_FIRST_DB)?;
    let b = index(second).ok_or(Error::INVALID_SECOND_DB)?;
    let databases = ctx.state.keyspace.database_count();
    let db = |index: i32| {
        u32::try_from(index).ok().filter(|db| *db < databases).ok_or(Error::DB_OUT_OF_RANGE)
    };
    let (a, b) = (db(a)?, db(b)?);
    if a != b {
        touch_existing(ctx.state, a, b);
        touch_existing(ctx.state, b, a);
        ctx.state.keyspace.swap(a, b);
        ctx.state.blocked.signal_database(a);
        ctx.state.blocked.signal_database(b);
        ctx.effect(&[b"SWAPDB", first, second]);
    }
    ctx.changed(1);
    ctx.out.ok();
    Ok(Flow::Done)
}

fn index(word: &[u8]) -> Option<i32> {
    i32::try_from(integer(word).ok()?).ok()
}

/// Breaks the transactions that watch a key of `db` which exists there, or in `other`, whose keys
/// come in its place.
pub(super) fn touch_existing(state: &mut State, db: u32, other: u32) {
    let State { sessions, watched, keyspace, .. } = state;
    if watched.is_empty() {
        return;
    }
    let exists = |key: &[u8]| keyspace.get(db, key).is_some() || keyspace.get(other, key).is_some();
    let touched: Vec<Box<[u8]>> =
        watched.keys(db).filter(|key| exists(key)).map(Into::into).collect();
    for key in touched {
        watched.touch(sessions, db, &key);
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use crate::testing::Client;

    #[test]
    fn time_is_the_hosts() {
        let mut client = Client::new();
        client.now = 1_700_000_000_123;
        assert_eq!(client.run("TIME"), r#"["1700000000", "123000"]"#);
    }

    #[test]
    fn flushing_removes_one_database_or_all() {
        let mut client = Client::new();
        client.transcript(
            r"
            SET a 1 => OK
            SELECT 1 => OK
            SET b 1 PX 1000 => OK
            DBSIZE => :1
            FLUSHDB maybe => -ERR syntax error
            FLUSHDB SYNC ASYNC => -ERR syntax error
            FLUSHDB async => OK
            DBSIZE => :0
            SELECT 0 => OK
            DBSIZE => :1
            FLUSHALL SYNC => OK
            DBSIZE => :0
            ",
        );
        assert_eq!(client.engine.deadline(), None, "nothing is left to expire");
        client.effects();
        client.run("FLUSHALL");
        assert!(client.effects().is_empty(), "there was nothing to remove");
    }

    #[test]
    fn flushing_tells_those_who_watch_and_wait() {
        let mut client = Client::new();
        let reader = client.open();
        client.run("XGROUP CREATE s g $ MKSTREAM");
        client.run_on(reader, "XREADGROUP GROUP g c BLOCK 0 STREAMS s >");
        client.run("WATCH s missing");
        client.run("FLUSHALL");
        client.run("MULTI");
        assert_eq!(client.run("EXEC"), "nil-array");
        assert!(client.heard(reader).starts_with("-NOGROUP"));
        client.run("WATCH missing");
        client.run("FLUSHALL");
        client.run("MULTI");
        assert_eq!(client.run("EXEC"), "[]", "a missing key did not change");
    }

    #[test]
    fn databases_change_places() {
        let mut client = Client::new();
        let reader = client.open();
        client.run_on(reader, "XREAD BLOCK 0 STREAMS s 0");
        client.transcript(
            r#"
            SELECT 1 => OK
            XADD s 1-1 f v => "1-1"
            SWAPDB a 1 => -ERR invalid first DB index
            SWAPDB 0 b => -ERR invalid second DB index
            SWAPDB 0 16 => -ERR DB index is out of range
            SWAPDB -1 0 => -ERR DB index is out of range
            WATCH s => OK
            SWAPDB 0 1 => OK
            DBSIZE => :0
            MULTI => OK
            EXEC => nil-array
            "#,
        );
        assert_eq!(client.heard(reader), r#"[["s", [["1-1", ["f", "v"]]]]]"#);
        assert_eq!(client.effects().last().map(String::as_str), Some("SWAPDB 0 1"));
    }
}
