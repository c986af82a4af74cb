//! Connections: PING, ECHO, SELECT, QUIT, RESET.

use alloc::boxed::Box;

use super::args::{Args, integer};
use super::context::Context;
use super::spec::{Flags, Flow, Keys, Spec};
use crate::error::Error;
use crate::reply::Form;
use crate::state::{ReplyMode, State};

/// PING.
pub const PING: Spec = Spec {
    name: "ping",
    arity: -1,
    flags: Flags::FAST.with(Flags::LISTENING),
    tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
    summary: "Answers PONG, or the message given.",
    syntax: "[message]",
    handler: ping,
    ..ROW
};

/// ECHO.
pub const ECHO: Spec = Spec {
    name: "echo",
    arity: 2,
    summary: "Answers the message given.",
    syntax: "message",
    handler: |ctx, args| {
        echo(ctx, args);
        Ok(Flow::Done)
    },
    ..ROW
};

/// SELECT.
pub const SELECT: Spec = Spec {
    name: "select",
    arity: 2,
    summary: "Chooses the database that later commands work in.",
    syntax: "index",
    handler: select,
    ..ROW
};

/// QUIT.
pub const QUIT: Spec = Spec {
    name: "quit",
    arity: -1,
    flags: AT_ONCE,
    summary: "Closes the connection once it has answered.",
    handler: |ctx, _| {
        quit(ctx);
        Ok(Flow::Done)
    },
    ..ROW
};

/// RESET.
pub const RESET: Spec = Spec {
    name: "reset",
    arity: 1,
    flags: AT_ONCE,
    since: "6.2.0",
    summary: "Makes the connection as it was when it was opened.",
    handler: |ctx, _| {
        reset(ctx);
        Ok(Flow::Done)
    },
    ..ROW
};

/// What may be called before AUTH and while a transaction is queued.
pub(super) const HANDSHAKE: Flags = Flags::NOSCRIPT
    .with(Flags::LOADING)
    .with(Flags::STALE)
    .with(Flags::FAST)
    .with(Flags::NO_AUTH)
    .with(Flags::ALLOW_BUSY);

const AT_ONCE: Flags = HANDSHAKE.with(Flags::NOT_QUEUED).with(Flags::LISTENING);

/// What the rows of this group have in common.
pub(super) const ROW: Spec = Spec {
    name: "",
    arity: 0,
    flags: Flags::LOADING.with(Flags::STALE).with(Flags::FAST),
    keys: Keys::None,
    categories: &["@connection"],
    tips: &[],
    since: "1.0.0",
    group: "connection",
    summary: "",
    complexity: "O(1)",
    syntax: "",
    handler: |_, _| Err(Error::SYNTAX),
    subcommands: &[],
};

fn ping(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let in_resp2 = ctx.out.form() == Form::Resp2;
    match (args.get(1), args.len()) {
        (message, ..=2) if in_resp2 && ctx.session().listens() => {
            ctx.out.array(2);
            ctx.out.text("pong");
            ctx.out.bulk(message.unwrap_or_default());
        }
        (None, _) => ctx.out.simple("PONG"),
        (Some(message), 2) => ctx.out.bulk(message),
        _ => return Err(Error::arity("ping")),
    }
    Ok(Flow::Done)
}

fn echo(ctx: &mut Context<'_>, args: Args<'_>) {
    ctx.out.bulk(args.get(1).unwrap_or_default());
}

fn select(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let index = integer(args.get(1).unwrap_or_default())?;
    let index = i32::try_from(index).map_err(|_| Error::NOT_A_SMALL_INTEGER)?;
    let db = u32::try_from(index).map_err(|_| Error::DB_OUT_OF_RANGE)?;
    if db >= ctx.state.keyspace.database_count() {
        return Err(Error::DB_OUT_OF_RANGE);
    }
    ctx.session().db = db;
    ctx.out.ok();
    Ok(Flow::Done)
}

fn quit(ctx: &mut Context<'_>) {
    ctx.session().closing = true;
    ctx.out.ok();
}

/// The library's name and version stay, as Redis keeps them.
fn reset(ctx: &mut Context<'_>) {
    ctx.unwatch();
    let State { sessions, listeners, .. } = &mut *ctx.state;
    if let Some(session) = sessions.get_mut(ctx.session) {
        listeners.clear(session);
    }
    let authenticated = ctx.state.config.password.is_none();
    let session = ctx.session();
    session.transaction = None;
    session.db = 0;
    session.authenticated = authenticated;
    session.name = Box::default();
    session.no_evict = false;
    session.no_touch = false;
    if session.reply_mode == ReplyMode::Off {
        session.reply_mode = ReplyMode::On;
    }
    session.out.set_form(Form::Resp2);
    ctx.out.set_form(Form::Resp2);
    ctx.out.simple("RESET");
}

#[cfg(test)]
mod tests {
    use crate::testing::Client;

    #[test]
    fn small_talk() {
        Client::new().transcript(
            r#"
            PING => PONG
            PING "a b" => "a b"
            PING a b => -ERR wrong number of arguments for 'ping' command
            ECHO hello => "hello"
            ECHO => -ERR wrong number of arguments for 'echo' command
            "#,
        );
    }

    #[test]
    fn databases_are_apart() {
        Client::new().transcript(
            r#"
            SET k zero => OK
            SELECT 15 => OK
            GET k => nil
            SELECT 16 => -ERR DB index is out of range
            SELECT -1 => -ERR DB index is out of range
            SELECT a => -ERR value is not an integer or out of range
            SELECT 3000000000
                => -ERR value is out of range, value must between -2147483648 and 2147483647
            SELECT 0 => OK
            GET k => "zero"
            "#,
        );
    }

    #[test]
    fn quit_answers_and_drops_the_rest() {
        let mut client = Client::new();
        let session = client.open();
        assert_eq!(client.run_on(session, "QUIT\r\nPING"), "OK");
        assert!(client.engine.output(session).expect("to close").close);
        assert_eq!(client.run_on(session, "PING"), "", "nothing is read after QUIT");
    }

    #[test]
    fn reset_forgets_all_but_the_library() {
        let mut client = Client::new();
        client.transcript(
            r"
            CLIENT SETNAME me => OK
            CLIENT SETINFO LIB-NAME lib => OK
            SELECT 3 => OK
            WATCH k => OK
            MULTI => OK
            RESET => RESET
            EXEC => -ERR EXEC without MULTI
            CLIENT GETNAME => nil
            ",
        );
        let line = client.run("CLIENT INFO");
        assert!(line.contains(" db=0 ") && line.contains(" watch=0 "), "{line}");
        assert!(line.contains(" lib-name=lib "), "{line}");
        assert!(client.run("HELLO 3").starts_with('{'), "a map in RESP3");
        client.run("RESET");
        assert!(client.run("HELLO").starts_with('['), "RESP2 again");
    }
}
