//! CLIENT LIST and CLIENT INFO: one line a connection.

use alloc::vec::Vec;

use super::args::{Args, Cursor, integer, is};
use super::auth::protocol;
use super::connection::ROW;
use super::context::Context;
use super::figures::{self, Figure};
use super::registry::Registry;
use super::spec::{Flags, Flow, Spec};
use crate::error::Error;
use crate::state::{Listening, Session, SessionId};
use crate::time::{UnixMillis, elapsed};

/// CLIENT INFO.
pub(super) const INFO: Spec = Spec {
    name: "info",
    arity: 2,
    flags: Flags::NOSCRIPT.with(Flags::LOADING).with(Flags::STALE),
    tips: &["nondeterministic_output"],
    since: "6.2.0",
    summary: "Tells what the connection is like.",
    handler: |ctx, _| {
        list(ctx, |_, is_caller| is_caller);
        Ok(Flow::Done)
    },
    ..ROW
};

/// CLIENT LIST.
pub(super) const LIST: Spec = Spec {
    name: "list",
    arity: -2,
    flags: Flags::ADMIN.with(Flags::NOSCRIPT).with(Flags::LOADING).with(Flags::STALE),
    tips: &["nondeterministic_output"],
    since: "2.4.0",
    summary: "Tells what every connection is like.",
    complexity: "O(N) with N connections.",
    syntax: "[TYPE <NORMAL|MASTER|REPLICA|PUBSUB>] [ID client-id [client-id ...]]",
    handler: filtered_list,
    ..ROW
};

/// What CLIENT LIST and CLIENT KILL take for the kind of a client.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One that does not listen.
    Normal,
    /// One that listens to channels.
    Listener,
    /// Replication, which does not exist here.
    Other,
}

impl Kind {
    /// Parses the name of a kind.
    pub(super) fn parse(word: &[u8]) -> Result<Self, Error> {
        if is(word, "normal") {
            Ok(Self::Normal)
        } else if is(word, "pubsub") {
            Ok(Self::Listener)
        } else if ["master", "slave", "replica"].iter().any(|kind| is(word, kind)) {
            Ok(Self::Other)
        } else {
            Err(Error::unknown_client_type(word))
        }
    }

    /// Whether a client is of this kind.
    pub(super) fn includes(self, session: &Session) -> bool {
        self == if session.listens() { Self::Listener } else { Self::Normal }
    }
}

fn filtered_list(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let mut words = Cursor::new(args, 2);
    if words.left() == 0 {
        list(ctx, |_, _| true);
    } else if words.left() == 2 && words.keyword("type", 1) {
        let kind = Kind::parse(words.expect()?)?;
        list(ctx, |session, _| kind.includes(session));
    } else if words.keyword("id", 1) {
        list_by_id(ctx, words.rest())?;
    } else {
        return Err(Error::SYNTAX);
    }
    Ok(Flow::Done)
}

/// In the order of the request; IDs that nobody has are passed over.
fn list_by_id(ctx: &mut Context<'_>, ids: Args<'_>) -> Result<(), Error> {
    for id in ids.iter() {
        integer(id).map_err(|_| Error::INVALID_CLIENT_ID)?;
    }
    let mut text = Vec::new();
    for id in ids.iter().filter_map(|id| integer(id).ok()) {
        if let Some(session) = ctx.state.sessions.get(id as SessionId) {
            line(&mut text, session, ctx.commands, ctx.now);
        }
    }
    ctx.out.verbatim(&text);
    Ok(())
}

/// Lists the sessions that `wanted` accepts, told which is the caller's.
fn list(ctx: &mut Context<'_>, wanted: impl Fn(&Session, bool) -> bool) {
    let mut text = Vec::new();
    for session in ctx.state.sessions.iter() {
        let is_caller = session.id == ctx.session;
        if wanted(session, is_caller) && (is_caller || !session.closing) {
            line(&mut text, session, ctx.commands, ctx.now);
        }
    }
    ctx.out.verbatim(&text);
}

/// Writes a line as Redis does, without what only a process with sockets could tell.
fn line(text: &mut Vec<u8>, session: &Session, commands: &'static Registry, now: UnixMillis) {
    let seconds = |since| elapsed(now, since) / 1000;
    let address = |address| if str::is_empty(address) { "?:0" } else { address };
    let command = session.last_command.and_then(|number| commands.numbered(number));
    let (queued, queued_bytes) = match &session.transaction {
        Some(transaction) => (transaction.queued.len() as i64, transaction.bytes),
        None => (-1, 0),
    };
    let listening = |kind| Figure::from(session.listening_count(kind));
    let waiting = session.out.bytes().len();
    let buffer = session.input.capacity();
    let command = command.map_or_else(|| "NULL".into(), |found| found.full_name());
    let memory = size_of::<Session>() + buffer + waiting + queued_bytes;
    let flags = flags(session);
    let (library, version) = &session.library;
    let figures: [(&str, Figure<'_>); 24] = [
        ("id=", session.id.into()),
        (" addr=", address(&*session.peer.0).into()),
        (" laddr=", address(&*session.peer.1).into()),
        (" fd=", (-1_i64).into()),
        (" name=", (&*session.name).into()),
        (" age=", seconds(session.opened_at).into()),
        (" idle=", seconds(session.last_command_at).into()),
        (" flags=", (&*flags).into()),
        (" db=", u64::from(session.db).into()),
        (" sub=", listening(Listening::Channel)),
        (" psub=", listening(Listening::Pattern)),
        (" ssub=", listening(Listening::Shard)),
        (" multi=", queued.into()),
        (" watch=", session.watching.len().into()),
        (" qbuf=", session.input.len().into()),
        (" qbuf-free=", (buffer - session.input.len()).into()),
        (" argv-mem=0 multi-mem=", queued_bytes.into()),
        (" rbs=0 rbp=0 obl=", waiting.into()),
        (" oll=0 omem=0 tot-mem=", memory.into()),
        (" events=r cmd=", (&*command).into()),
        (" user=default redir=-1 resp=", protocol(session.out.form()).into()),
        (" lib-name=", (&**library).into()),
        (" lib-ver=", (&**version).into()),
        (" io-thread=0 tot-cmds=", session.commands.into()),
    ];
    for (name, value) in figures {
        figures::push(text, &[name.into(), value]);
    }
    text.push(b'\n');
}

fn flags(session: &Session) -> Vec<u8> {
    let flags = [
        (session.listens(), b'P'),
        (session.transaction.is_some(), b'x'),
        (session.blocked.is_some(), b'b'),
        (session.watch_broken, b'd'),
        (session.closing, b'c'),
        (session.no_evict, b'e'),
        (session.no_touch, b'T'),
    ];
    let set: Vec<u8> = flags.into_iter().filter(|(is_set, _)| *is_set).map(|flag| flag.1).collect();
    if set.is_empty() { b"N".into() } else { set }
}

#[cfg(test)]
mod tests {
    use crate::testing::Client;

    #[test]
    fn a_line_tells_what_a_session_is_like() {
        let mut client = Client::new();
        client.engine.set_peer(1, "127.0.0.1:5000", "127.0.0.1:6379");
        client.advance(2_500);
        client.run("CLIENT SETNAME me");
        client.run("CLIENT SETINFO LIB-NAME lib");
        client.run("CLIENT NO-EVICT ON");
        client.run("SELECT 2");
        client.run("WATCH k");
        let line = client.run("CLIENT INFO");
        for part in [
            "id=1 addr=127.0.0.1:5000 laddr=127.0.0.1:6379 ",
            " name=me age=2 idle=0 flags=e db=2 ",
            " multi=-1 watch=1 ",
            " cmd=client|info user=default redir=-1 resp=2 lib-name=lib lib-ver= ",
            r#" tot-cmds=5\n""#,
        ] {
            assert!(line.contains(part), "{part} in {line}");
        }
    }

    #[test]
    fn others_are_listed_by_number_and_kind() {
        let mut client = Client::new();
        let reader = client.open();
        client.run_on(reader, "XREAD BLOCK 0 STREAMS s $");
        let all = client.run("CLIENT LIST");
        assert!(all.contains("id=2 ") && all.contains("flags=b ") && all.contains("cmd=xread "));
        assert_eq!(all.matches("id=").count(), 2);
        assert_eq!(client.run("CLIENT LIST TYPE normal").matches("id=").count(), 2);
        assert_eq!(client.run("CLIENT LIST ID 2 99 1").matches("id=").count(), 2);
        client.transcript(
            r#"
            CLIENT LIST TYPE pubsub => ""
            CLIENT LIST ID 99 => ""
            CLIENT LIST ID a => -ERR Invalid client ID
            CLIENT LIST ID => -ERR syntax error
            CLIENT LIST TYPE foo => -ERR Unknown client type 'foo'
            CLIENT LIST TYPE normal ID 1 => -ERR syntax error
            CLIENT LIST FOO bar => -ERR syntax error
            "#,
        );
    }
}
