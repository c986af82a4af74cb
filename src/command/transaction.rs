//! Transactions: MULTI, EXEC, DISCARD, WATCH, UNWATCH.

use super::args::Args;
use super::connection::ROW;
use super::context::Context;
use super::spec::{Flags, Flow, Keys, Spec};
use crate::error::Error;
use crate::state::{State, Transaction};

/// MULTI.
pub const MULTI: Spec = Spec {
    name: "multi",
    arity: 1,
    flags: FAST.with(Flags::NOT_QUEUED),
    since: "1.2.0",
    summary: "Begins a transaction: what follows is queued until EXEC.",
    handler: multi,
    ..TRANSACTION
};

/// EXEC.
pub const EXEC: Spec = Spec {
    name: "exec",
    arity: 1,
    flags: Flags::NOSCRIPT
        .with(Flags::LOADING)
        .with(Flags::STALE)
        .with(Flags::SKIP_SLOWLOG)
        .with(Flags::NOT_QUEUED),
    since: "1.2.0",
    summary: "Runs the queued commands at one instant, unless a watched key changed.",
    complexity: "Depends on commands in the transaction.",
    handler: exec,
    ..TRANSACTION
};

/// DISCARD.
pub const DISCARD: Spec = Spec {
    name: "discard",
    arity: 1,
    flags: FAST.with(Flags::NOT_QUEUED),
    since: "2.0.0",
    summary: "Forgets the queued commands and the watched keys.",
    complexity: "O(N) with N queued commands.",
    handler: discard,
    ..TRANSACTION
};

/// WATCH.
pub const WATCH: Spec = Spec {
    name: "watch",
    arity: -2,
    flags: FAST.with(Flags::NOT_QUEUED),
    keys: Keys::ALL,
    since: "2.2.0",
    summary: "Makes the next EXEC do nothing if one of these keys changes before.",
    complexity: "O(1) for every key.",
    syntax: "key [key ...]",
    handler: watch,
    ..TRANSACTION
};

/// UNWATCH.
pub const UNWATCH: Spec = Spec {
    name: "unwatch",
    arity: 1,
    since: "2.2.0",
    summary: "Forgets the watched keys.",
    handler: |ctx, _| {
        ctx.unwatch();
        ctx.out.ok();
        Ok(Flow::Done)
    },
    ..TRANSACTION
};

const FAST: Flags = Flags::NOSCRIPT
    .with(Flags::LOADING)
    .with(Flags::STALE)
    .with(Flags::FAST)
    .with(Flags::ALLOW_BUSY);

const TRANSACTION: Spec =
    Spec { flags: FAST, categories: &["@transaction"], group: "transactions", ..ROW };

fn multi(ctx: &mut Context<'_>, _: Args<'_>) -> Result<Flow, Error> {
    let session = ctx.session();
    if session.transaction.is_some() {
        return Err(Error::NESTED_MULTI);
    }
    session.transaction = Some(Transaction::default());
    ctx.out.ok();
    Ok(Flow::Done)
}

/// The watched keys are forgotten whatever comes of it.
fn exec(ctx: &mut Context<'_>, _: Args<'_>) -> Result<Flow, Error> {
    let session = ctx.session();
    let transaction = session.transaction.take().ok_or(Error::EXEC_WITHOUT_MULTI)?;
    let broken = session.watch_broken;
    ctx.unwatch();
    if transaction.aborted {
        return Err(Error::EXEC_ABORTED);
    }
    if broken {
        ctx.out.null_array();
        return Ok(Flow::Done);
    }
    Ok(Flow::Execute(transaction))
}

fn discard(ctx: &mut Context<'_>, _: Args<'_>) -> Result<Flow, Error> {
    ctx.session().transaction.take().ok_or(Error::DISCARD_WITHOUT_MULTI)?;
    ctx.unwatch();
    ctx.out.ok();
    Ok(Flow::Done)
}

fn watch(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let State { sessions, watched, .. } = &mut *ctx.state;
    if let Some(session) = sessions.get_mut(ctx.session) {
        if session.transaction.is_some() {
            return Err(Error::WATCH_IN_MULTI);
        }
        for key in args.from(1).iter() {
            watched.add(session, ctx.db, key);
        }
    }
    ctx.out.ok();
    Ok(Flow::Done)
}

#[cfg(test)]
mod tests {
    use crate::testing::Client;

    #[test]
    fn commands_are_queued_and_run_together() {
        let mut client = Client::new();
        client.transcript(
            r#"
            MULTI => OK
            SET k 1 => QUEUED
            INCR k => QUEUED
            XADD k * f v => QUEUED
            EXEC => [OK, :2, -WRONGTYPE Operation against a key holding the wrong kind of value]
            MULTI => OK
            EXEC => []
            GET k => "2"
            "#,
        );
        assert_eq!(client.effects(), ["MULTI", "SET k 1", "INCR k", "EXEC"]);
    }

    #[test]
    fn a_transaction_happens_at_one_instant() {
        Client::new().transcript(
            r#"
            MULTI => OK
            XADD s * a 1 => QUEUED
            XADD s * a 2 => QUEUED
            EXEC => ["1000000-0", "1000000-1"]
            "#,
        );
    }

    #[test]
    fn what_cannot_be_queued_aborts() {
        Client::new().transcript(
            r"
            MULTI => OK
            SET k 1 => QUEUED
            FOO => -ERR unknown command 'FOO'
            GET => -ERR wrong number of arguments for 'get' command
            EXEC => -EXECABORT Transaction discarded because of previous errors.
            GET k => nil
            MULTI => OK
            EXEC now
                => -EXECABORT Transaction discarded because of: wrong number of arguments for
                | 'exec' command
            EXEC => -ERR EXEC without MULTI
            ",
        );
    }

    #[test]
    fn nesting_and_watching_inside_do_not_abort() {
        Client::new().transcript(
            r"
            MULTI => OK
            MULTI => -ERR MULTI calls can not be nested
            WATCH k => -ERR WATCH inside MULTI is not allowed
            UNWATCH => QUEUED
            EXEC => [OK]
            MULTI => OK
            SET k 1 => QUEUED
            DISCARD => OK
            DISCARD => -ERR DISCARD without MULTI
            EXISTS k => :0
            ",
        );
    }

    #[test]
    fn a_watched_key_that_changed_stops_exec() {
        let mut client = Client::new();
        let other = client.open();
        for (change, broken) in [
            ("SET k 2", true),
            ("DEL k", true),
            ("PEXPIRE k 1", true),
            ("SET other 1", false),
            ("GET k", false),
        ] {
            client.run("SET k 1");
            client.run("WATCH k k");
            client.run_on(other, change);
            client.run("MULTI");
            client.run("PING");
            let reply = if broken { "nil-array" } else { "[PONG]" };
            assert_eq!(client.run("EXEC"), reply, "{change}");
        }
        client.transcript(
            r"
            WATCH k => OK
            SET k 3 => OK
            UNWATCH => OK
            MULTI => OK
            EXEC => []
            ",
        );
    }

    #[test]
    fn a_watched_key_that_expired_stops_exec() {
        let mut client = Client::new();
        client.run("SET k 1 PX 10");
        client.run("WATCH k");
        client.run("MULTI");
        client.now += 11;
        assert_eq!(client.run("EXEC"), "nil-array");
    }

    #[test]
    fn a_bad_command_weighs_more_than_a_watched_key() {
        let mut client = Client::new();
        client.run("WATCH k");
        client.run("SET k 1");
        client.run("MULTI");
        client.run("FOO");
        let abort = "-EXECABORT Transaction discarded because of previous errors.";
        assert_eq!(client.run("EXEC"), abort);
    }

    #[test]
    fn reads_inside_do_not_wait() {
        Client::new().transcript(
            r"
            MULTI => OK
            XREAD BLOCK 0 STREAMS s $ => QUEUED
            EXEC => [nil-array]
            ",
        );
    }
}
