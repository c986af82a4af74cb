//! CLIENT: what a connection says of itself, and what it does to others' waits.

use super::args::{Args, Cursor, integer, is, is_plain};
use super::client_kill::KILL;
use super::client_list::{INFO, LIST};
use super::connection::ROW;
use super::context::Context;
use super::help;
use super::spec::{Flags, Flow, Spec};
use crate::error::Error;
use crate::state::{Interruption, ReplyMode};

/// CLIENT.
pub const CLIENT: Spec = Spec {
    name: "client",
    arity: -2,
    flags: Flags::NONE,
    categories: &[],
    since: "2.4.0",
    summary: "Holds the commands about connections.",
    complexity: "Depends on subcommand.",
    subcommands: &[
        &GETNAME,
        &HELP,
        &ID,
        &INFO,
        &KILL,
        &LIST,
        &NO_EVICT,
        &NO_TOUCH,
        &REPLY,
        &SETINFO,
        &SETNAME,
        &TRACKINGINFO,
        &UNBLOCK,
    ],
    ..ROW
};

/// What the rows of subcommands have in common.
const SUBCOMMAND: Spec = Spec { flags: OWN, ..ROW };
const OWN: Flags = Flags::NOSCRIPT.with(Flags::LOADING).with(Flags::STALE);
const TO_ALL_NODES: &[&str] = &["request_policy:all_nodes", "response_policy:all_succeeded"];

const GETNAME: Spec = Spec {
    name: "getname",
    arity: 2,
    since: "2.6.9",
    summary: "Tells the connection's name.",
    handler: |ctx, _| {
        get_name(ctx);
        Ok(Flow::Done)
    },
    ..SUBCOMMAND
};

const HELP: Spec = Spec {
    name: "help",
    arity: 2,
    flags: Flags::LOADING.with(Flags::STALE),
    since: "5.0.0",
    summary: "Lists the subcommands.",
    handler: |ctx, _| {
        help::reply(ctx.out, "CLIENT", HELP_LINES);
        Ok(Flow::Done)
    },
    ..SUBCOMMAND
};

const ID: Spec = Spec {
    name: "id",
    arity: 2,
    since: "5.0.0",
    summary: "Tells the connection's number.",
    handler: |ctx, _| {
        ctx.out.integer(ctx.session as i64);
        Ok(Flow::Done)
    },
    ..SUBCOMMAND
};

const NO_EVICT: Spec = Spec {
    name: "no-evict",
    arity: 3,
    flags: Flags::ADMIN.with(OWN),
    since: "7.0.0",
    summary: "Keeps the connection when memory for clients runs short.",
    syntax: "<ON|OFF>",
    handler: |ctx, args| {
        ctx.session().no_evict = on_or_off(args)?;
        ctx.out.ok();
        Ok(Flow::Done)
    },
    ..SUBCOMMAND
};

const NO_TOUCH: Spec = Spec {
    name: "no-touch",
    arity: 3,
    since: "7.2.0",
    summary: "Lets the connection's reads leave no trace in the age of keys.",
    syntax: "<ON|OFF>",
    handler: |ctx, args| {
        ctx.session().no_touch = on_or_off(args)?;
        ctx.out.ok();
        Ok(Flow::Done)
    },
    ..SUBCOMMAND
};

const REPLY: Spec = Spec {
    name: "reply",
    arity: 3,
    since: "3.2.0",
    summary: "Turns the replies to this connection on and off, or skips the next.",
    syntax: "<ON|OFF|SKIP>",
    handler: reply,
    ..SUBCOMMAND
};

const SETINFO: Spec = Spec {
    name: "setinfo",
    arity: 4,
    tips: TO_ALL_NODES,
    since: "7.2.0",
    summary: "Names the library that the client uses, or its version.",
    syntax: "<LIB-NAME libname|LIB-VER libver>",
    handler: set_info,
    ..SUBCOMMAND
};

const SETNAME: Spec = Spec {
    name: "setname",
    arity: 3,
    tips: TO_ALL_NODES,
    since: "2.6.9",
    summary: "Names the connection.",
    syntax: "connection-name",
    handler: set_name,
    ..SUBCOMMAND
};

const TRACKINGINFO: Spec = Spec {
    name: "trackinginfo",
    arity: 2,
    since: "6.2.0",
    summary: "Tells how the connection's cache is kept informed: it is not.",
    handler: |ctx, _| {
        tracking_info(ctx);
        Ok(Flow::Done)
    },
    ..SUBCOMMAND
};

const UNBLOCK: Spec = Spec {
    name: "unblock",
    arity: -3,
    flags: Flags::ADMIN.with(OWN),
    since: "5.0.0",
    summary: "Ends the wait of another connection's blocked read.",
    complexity: "O(log N) with N connections.",
    syntax: "client-id [TIMEOUT|ERROR]",
    handler: unblock,
    ..SUBCOMMAND
};

const HELP_LINES: &str = concat!(
    "GETNAME\n",
    "    Return the name of the current connection.\n",
    "ID\n",
    "    Return the ID of the current connection.\n",
    "INFO\n",
    "    Return information about the current client connection.\n",
    "KILL <ip:port>\n",
    "    Kill connection made from <ip:port>.\n",
    "KILL <option> <value> [<option> <value> [...]]\n",
    "    Kill connections. Options are:\n",
    "    * ADDR (<ip:port>|<unixsocket>:0)\n",
    "      Kill connections made from the specified address\n",
    "    * LADDR (<ip:port>|<unixsocket>:0)\n",
    "      Kill connections made to specified local address\n",
    "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)\n",
    "      Kill connections by type.\n",
    "    * USER <username>\n",
    "      Kill connections authenticated by <username>.\n",
    "    * SKIPME (YES|NO)\n",
    "      Skip killing current connection (default: yes).\n",
    "    * ID <client-id>\n",
    "      Kill connections by client id.\n",
    "    * MAXAGE <maxage>\n",
    "      Kill connections older than the specified age.\n",
    "LIST [options ...]\n",
    "    Return information about client connections. Options:\n",
    "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)\n",
    "      Return clients of specified type.\n",
    "REPLY (ON|OFF|SKIP)\n",
    "    Control the replies sent to the current connection.\n",
    "SETNAME <name>\n",
    "    Assign the name <name> to the current connection.\n",
    "SETINFO <option> <value>\n",
    "    Set client meta attr. Options are:\n",
    "    * LIB-NAME: the client lib name.\n",
    "    * LIB-VER: the client lib version.\n",
    "UNBLOCK <clientid> [TIMEOUT|ERROR]\n",
    "    Unblock the specified blocked client.\n",
    "TRACKINGINFO\n",
    "    Report tracking status for the current connection.\n",
    "NO-EVICT (ON|OFF)\n",
    "    Protect current client connection from eviction.\n",
    "NO-TOUCH (ON|OFF)\n",
    "    Will not touch LRU/LFU stats when this mode is on.\n",
);

fn on_or_off(args: Args<'_>) -> Result<bool, Error> {
    match args.get(2) {
        Some(word) if is(word, "on") => Ok(true),
        Some(word) if is(word, "off") => Ok(false),
        _ => Err(Error::SYNTAX),
    }
}

fn get_name(ctx: &mut Context<'_>) {
    match ctx.state.sessions.get(ctx.session) {
        Some(session) if !session.name.is_empty() => ctx.out.bulk(&session.name),
        _ => ctx.out.null(),
    }
}

fn set_name(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let name = args.get(2).unwrap_or_default();
    if !is_plain(name) {
        return Err(Error::INVALID_CLIENT_NAME);
    }
    ctx.session().name = name.into();
    ctx.out.ok();
    Ok(Flow::Done)
}

fn set_info(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let mut words = Cursor::new(args, 2);
    let (attribute, value) = (words.expect()?, words.expect()?);
    let is_name = is(attribute, "lib-name");
    if !is_name && !is(attribute, "lib-ver") {
        return Err(Error::unrecognized_attribute(attribute));
    }
    if !is_plain(value) {
        return Err(Error::invalid_attribute_value(attribute));
    }
    let (name, version) = &mut ctx.session().library;
    *(if is_name { name } else { version }) = value.into();
    ctx.out.ok();
    Ok(Flow::Done)
}

fn reply(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let word = args.get(2).unwrap_or_default();
    let session = ctx.session();
    if is(word, "on") {
        session.reply_mode = ReplyMode::On;
        ctx.out.ok();
    } else if is(word, "off") {
        session.reply_mode = ReplyMode::Off;
    } else if !is(word, "skip") {
        return Err(Error::SYNTAX);
    } else if session.reply_mode != ReplyMode::Off {
        session.reply_mode = ReplyMode::SkipNext;
    }
    Ok(Flow::Done)
}

fn tracking_info(ctx: &mut Context<'_>) {
    ctx.out.map(3);
    ctx.out.text("flags");
    ctx.out.set(1);
    ctx.out.text("off");
    ctx.out.text("redirect");
    ctx.out.integer(-1);
    ctx.out.text("prefixes");
    ctx.out.array(0);
}

fn unblock(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let why = match (args.get(3), args.len()) {
        (None, _) => Interruption::Timeout,
        (Some(word), 4) if is(word, "timeout") => Interruption::Timeout,
        (Some(word), 4) if is(word, "error") => Interruption::Error,
        (Some(_), 4) => return Err(Error::INVALID_UNBLOCK_REASON),
        _ => return Err(Error::subcommand_syntax(args.get(1).unwrap_or_default(), "client")),
    };
    let id = integer(args.get(2).unwrap_or_default())? as u64;
    let waits = ctx.state.sessions.get(id).is_some_and(|session| session.blocked.is_some());
    let ended = waits && ctx.state.blocked.interrupt(id, why);
    ctx.out.integer(i64::from(ended));
    Ok(Flow::Done)
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use crate::testing::Client;

    #[test]
    fn names_are_one_printable_word() {
        Client::new().transcript(
            r#"
            CLIENT GETNAME => nil
            CLIENT SETNAME me => OK
            CLIENT SETNAME "a b"
                => -ERR Client names cannot contain spaces, newlines or special characters.
            CLIENT GETNAME => "me"
            CLIENT SETNAME "" => OK
            CLIENT GETNAME => nil
            CLIENT SETINFO lib-name "a b"
                => -ERR lib-name cannot contain spaces, newlines or special characters.
            CLIENT SETINFO foo bar => -ERR Unrecognized option 'foo'
            CLIENT SETINFO LIB-VER 1.2 => OK
            "#,
        );
    }

    #[test]
    fn subcommands_that_are_not_there() {
        Client::new().transcript(
            r#"
            CLIENT => -ERR wrong number of arguments for 'client' command
            CLIENT MAINT_NOTIFICATIONS ON
                => -ERR unknown subcommand 'MAINT_NOTIFICATIONS'. Try CLIENT HELP.
            CLIENT SETNAME => -ERR wrong number of arguments for 'client|setname' command
            CLIENT NO-EVICT maybe => -ERR syntax error
            CLIENT NO-TOUCH ON => OK
            CLIENT REPLY maybe => -ERR syntax error
            CLIENT TRACKINGINFO => ["flags", ["off"], "redirect", :-1, "prefixes", []]
            CLIENT ID => :1
            "#,
        );
    }

    #[test]
    fn replies_are_skipped_and_turned_off() {
        let mut client = Client::new();
        assert_eq!(client.run("CLIENT REPLY SKIP\r\nPING a\r\nPING b"), "\"b\"");
        let twice = "CLIENT REPLY SKIP\r\nCLIENT REPLY SKIP\r\nPING a\r\nPING b";
        assert_eq!(client.run(twice), "\"b\"");
        assert_eq!(client.run("CLIENT REPLY SKIP\r\nFOO\r\nPING b"), "\"b\"", "errors too");
        let off = "CLIENT REPLY OFF\r\nPING\r\nCLIENT REPLY SKIP\r\nPING";
        assert_eq!(client.run(off), "");
        assert_eq!(client.run("CLIENT REPLY ON\r\nPING x"), "OK \"x\"");
        assert_eq!(client.run("CLIENT REPLY SKIP\r\nCLIENT REPLY ON"), "OK");
        assert_eq!(client.run("CLIENT REPLY OFF\r\nRESET\r\nPING x"), "RESET \"x\"");
        assert_eq!(client.run("CLIENT REPLY SKIP\r\nRESET\r\nPING x"), "\"x\"");
    }

    #[test]
    fn a_wait_is_ended_by_somebody_else() {
        let mut client = Client::new();
        let reader = client.open();
        let read = "XREAD BLOCK 0 STREAMS s $";
        client.run_on(reader, read);
        assert_eq!(client.run(&format!("CLIENT UNBLOCK {reader}")), ":1");
        assert_eq!(client.heard(reader), "nil-array");
        assert_eq!(client.run(&format!("CLIENT UNBLOCK {reader}")), ":0", "it waits no longer");
        client.run_on(reader, read);
        assert_eq!(client.run(&format!("CLIENT UNBLOCK {reader} ERROR")), ":1");
        assert_eq!(client.heard(reader), "-UNBLOCKED client unblocked via CLIENT UNBLOCK");
        client.transcript(
            r"
            CLIENT UNBLOCK 99 => :0
            CLIENT UNBLOCK x => -ERR value is not an integer or out of range
            CLIENT UNBLOCK x FOO => -ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR
            CLIENT UNBLOCK 1 ERROR x
                => -ERR unknown subcommand or wrong number of arguments for 'UNBLOCK'. Try CLIENT
                | HELP.
            ",
        );
    }

    /// The reply to the second wish went to the reader as well, which then took it for the answer
    /// to its next command: every later answer was one behind.
    #[test]
    fn a_wait_is_ended_once() {
        let mut client = Client::new();
        let reader = client.open();
        client.run_on(reader, "XREAD BLOCK 0 STREAMS s $");
        client.run("MULTI");
        client.run(&format!("CLIENT UNBLOCK {reader}"));
        client.run(&format!("CLIENT UNBLOCK {reader} ERROR"));
        assert_eq!(client.run("EXEC"), "[:1, :0]");
        assert_eq!(client.heard(reader), "nil-array");
    }
}
