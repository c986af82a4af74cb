//! Channels: SUBSCRIBE and its like, PUBLISH, PUBSUB.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::args::Args;
use super::context::Context;
use super::help;
use super::spec::{Flags, Flow, Keys, Spec};
use crate::error::Error;
use crate::glob;
use crate::reply::Writer;
use crate::state::{Listening, ReplyMode, State};

/// SUBSCRIBE.
pub const SUBSCRIBE: Spec = Spec {
    name: "subscribe",
    arity: -2,
    flags: JOIN,
    summary: "Listens to channels.",
    complexity: "O(N) with N channels.",
    syntax: "channel [channel ...]",
    handler: |ctx, args| Ok(join(ctx, args, Listening::Channel)),
    ..ROW
};

/// UNSUBSCRIBE.
pub const UNSUBSCRIBE: Spec = Spec {
    name: "unsubscribe",
    arity: -1,
    flags: LEAVE,
    summary: "Listens no more to channels, or to any.",
    complexity: "O(N) with N channels.",
    syntax: "[channel [channel ...]]",
    handler: |ctx, args| Ok(leave(ctx, args, Listening::Channel)),
    ..ROW
};

/// PSUBSCRIBE.
pub const PSUBSCRIBE: Spec = Spec {
    name: "psubscribe",
    arity: -2,
    flags: JOIN,
    summary: "Listens to all channels whose names match patterns.",
    complexity: "O(N) with N patterns.",
    syntax: "pattern [pattern ...]",
    handler: |ctx, args| Ok(join(ctx, args, Listening::Pattern)),
    ..ROW
};

/// PUNSUBSCRIBE.
pub const PUNSUBSCRIBE: Spec = Spec {
    name: "punsubscribe",
    arity: -1,
    flags: LEAVE,
    summary: "Listens no more by patterns, or by any.",
    complexity: "O(N) with N patterns.",
    syntax: "[pattern [pattern ...]]",
    handler: |ctx, args| Ok(leave(ctx, args, Listening::Pattern)),
    ..ROW
};

/// SSUBSCRIBE.
pub const SSUBSCRIBE: Spec = Spec {
    name: "ssubscribe",
    arity: -2,
    flags: JOIN,
    keys: Keys::ALL,
    since: "7.0.0",
    summary: "Listens to shard channels.",
    complexity: "O(N) with N channels.",
    syntax: "shardchannel [shardchannel ...]",
    handler: |ctx, args| {
        if ctx.may_block {
            Ok(join(ctx, args, Listening::Shard))
        } else {
            Err(Error::SSUBSCRIBE_IN_MULTI)
        }
    },
    ..ROW
};

/// SUNSUBSCRIBE.
pub const SUNSUBSCRIBE: Spec = Spec {
    name: "sunsubscribe",
    arity: -1,
    flags: LEAVE,
    keys: Keys::ALL,
    since: "7.0.0",
    summary: "Listens no more to shard channels, or to any.",
    complexity: "O(N) with N channels.",
    syntax: "[shardchannel [shardchannel ...]]",
    handler: |ctx, args| Ok(leave(ctx, args, Listening::Shard)),
    ..ROW
};

/// PUBLISH.
pub const PUBLISH: Spec = Spec {
    name: "publish",
    arity: 3,
    flags: ABOUT.with(Flags::FAST),
    summary: "Tells a message to everybody who listens to a channel.",
    complexity: "O(N+M) with N who listen to it and M patterns.",
    syntax: "channel message",
    handler: |ctx, args| Ok(publish(ctx, args, false)),
    ..ROW
};

/// SPUBLISH.
pub const SPUBLISH: Spec = Spec {
    name: "spublish",
    arity: 3,
    flags: ABOUT.with(Flags::FAST),
    keys: Keys::FIRST,
    since: "7.0.0",
    summary: "Tells a message to everybody who listens to a shard channel.",
    complexity: "O(N) with N who listen to it.",
    syntax: "shardchannel message",
    handler: |ctx, args| Ok(publish(ctx, args, true)),
    ..ROW
};

/// PUBSUB.
pub const PUBSUB: Spec = Spec {
    name: "pubsub",
    arity: -2,
    flags: Flags::NONE,
    since: "2.8.0",
    summary: "Holds the commands about who listens to what.",
    complexity: "Depends on subcommand.",
    subcommands: &[&CHANNELS, &HELP, &NUMPAT, &NUMSUB, &SHARDCHANNELS, &SHARDNUMSUB],
    ..ROW
};

const CHANNELS: Spec = Spec {
    name: "channels",
    arity: -2,
    since: "2.8.0",
    summary: "Names the channels that are listened to.",
    complexity: "O(N) with N channels.",
    syntax: "[pattern]",
    handler: |ctx, args| channels(ctx, args, Listening::Channel),
    ..ROW
};

const HELP: Spec = Spec {
    name: "help",
    arity: 2,
    flags: Flags::LOADING.with(Flags::STALE),
    since: "6.2.0",
    summary: "Lists the subcommands.",
    handler: |ctx, _| {
        help::reply(ctx.out, "PUBSUB", HELP_LINES);
        Ok(Flow::Done)
    },
    ..ROW
};

const NUMPAT: Spec = Spec {
    name: "numpat",
    arity: 2,
    since: "2.8.0",
    summary: "Tells how many patterns are listened by.",
    handler: |ctx, _| {
        ctx.out.unsigned(ctx.state.listeners.len(Listening::Pattern) as u64);
        Ok(Flow::Done)
    },
    ..ROW
};

const NUMSUB: Spec = Spec {
    name: "numsub",
    arity: -2,
    since: "2.8.0",
    summary: "Tells how many listen to channels by their names.",
    complexity: "O(N) with N channels.",
    syntax: "[channel [channel ...]]",
    handler: |ctx, args| Ok(counts(ctx, args, Listening::Channel)),
    ..ROW
};

const SHARDCHANNELS: Spec = Spec {
    name: "shardchannels",
    since: "7.0.0",
    summary: "Names the shard channels that are listened to.",
    handler: |ctx, args| channels(ctx, args, Listening::Shard),
    ..CHANNELS
};

const SHARDNUMSUB: Spec = Spec {
    name: "shardnumsub",
    since: "7.0.0",
    summary: "Tells how many listen to shard channels.",
    syntax: "[shardchannel [shardchannel ...]]",
    handler: |ctx, args| Ok(counts(ctx, args, Listening::Shard)),
    ..NUMSUB
};

const ABOUT: Flags = Flags::PUBSUB.with(Flags::LOADING).with(Flags::STALE);
const LEAVE: Flags = ABOUT.with(Flags::NOSCRIPT).with(Flags::LISTENING);
const JOIN: Flags = LEAVE.with(Flags::DENYOOM);

const ROW: Spec = Spec {
    name: "",
    arity: 0,
    flags: ABOUT,
    keys: Keys::None,
    categories: &[],
    tips: &[],
    since: "2.0.0",
    group: "pubsub",
    summary: "",
    complexity: "O(1)",
    syntax: "",
    handler: |_, _| Err(Error::SYNTAX),
    subcommands: &[],
};

const HELP_LINES: &str = concat!(
    "CHANNELS [<pattern>]\n",
    "    Return the currently active channels matching a <pattern> (default: '*').\n",
    "NUMPAT\n",
    "    Return number of subscriptions to patterns.\n",
    "NUMSUB [<channel> ...]\n",
    "    Return the number of subscribers for the specified channels, excluding\n",
    "    pattern subscriptions(default: no channels).\n",
    "SHARDCHANNELS [<pattern>]\n",
    "    Return the currently active shard level channels matching a <pattern> (default: '*').\n",
    "SHARDNUMSUB [<shardchannel> ...]\n",
    "    Return the number of subscribers for the specified shard level channel(s)\n",
);

fn join(ctx: &mut Context<'_>, args: Args<'_>, kind: Listening) -> Flow {
    let word = ["subscribe", "psubscribe", "ssubscribe"][kind as usize];
    for name in args.from(1).iter() {
        change(ctx, kind, word, Some(name), true);
    }
    Flow::Done
}

/// Each name has an answer, also one that was not listened to; so has nothing at all.
fn leave(ctx: &mut Context<'_>, args: Args<'_>, kind: Listening) -> Flow {
    let word = ["unsubscribe", "punsubscribe", "sunsubscribe"][kind as usize];
    let names: Vec<Box<[u8]>> = match args.len() {
        1 => ctx.session().listened(kind),
        _ => args.from(1).iter().map(Box::from).collect(),
    };
    if names.is_empty() {
        change(ctx, kind, word, None, false);
    }
    for name in &names {
        change(ctx, kind, word, Some(name), false);
    }
    Flow::Done
}

/// Lets the session listen to one name, or no more, and answers so. The answers are pushes:
/// CLIENT REPLY does not silence them.
fn change(ctx: &mut Context<'_>, kind: Listening, word: &str, name: Option<&[u8]>, join: bool) {
    let State { sessions, listeners, .. } = &mut *ctx.state;
    let Some(session) = sessions.get_mut(ctx.session) else { return };
    if let Some(name) = name {
        if join {
            listeners.join(session, kind, name);
        } else {
            listeners.leave(session, kind, name);
        }
    }
    let count = match kind {
        Listening::Shard => session.listening_count(kind),
        _ => {
            session.listening_count(Listening::Channel)
                + session.listening_count(Listening::Pattern)
        }
    };
    let is_muted = session.reply_mode != ReplyMode::On;
    let out: &mut Writer = if is_muted { &mut session.out } else { &mut *ctx.out };
    out.push(3);
    out.text(word);
    match name {
        Some(name) => out.bulk(name),
        None => out.null(),
    }
    out.unsigned(count as u64);
}

fn publish(ctx: &mut Context<'_>, args: Args<'_>, shard: bool) -> Flow {
    let word = |index| args.get(index).unwrap_or_default();
    let told = ctx.state.publish(word(1), word(2), shard);
    ctx.out.unsigned(told as u64);
    Flow::Done
}

fn channels(ctx: &mut Context<'_>, args: Args<'_>, kind: Listening) -> Result<Flow, Error> {
    if args.len() > 3 {
        return Err(Error::subcommand_syntax(args.get(1).unwrap_or_default(), "pubsub"));
    }
    let pattern = args.get(2).unwrap_or(b"*");
    let list = ctx.out.begin_array();
    let mut count = 0;
    for (name, _) in ctx.state.listeners.iter(kind) {
        if glob::matches(pattern, name) {
            ctx.out.bulk(name);
            count += 1;
        }
    }
    ctx.out.end_array(list, count);
    Ok(Flow::Done)
}

fn counts(ctx: &mut Context<'_>, args: Args<'_>, kind: Listening) -> Flow {
    let names = args.from(2);
    ctx.out.array(2 * names.len());
    for name in names.iter() {
        ctx.out.bulk(name);
        ctx.out.unsigned(ctx.state.listeners.count(kind, name) as u64);
    }
    Flow::Done
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use crate::reply::Form;
    use crate::state::{Config, Listening};
    use crate::testing::Client;

    #[test]
    fn who_listens_is_told() {
        let mut client = Client::new();
        let (a, b) = (client.open(), client.open());
        let answer = "[\"subscribe\", \"c\", :1] [\"subscribe\", \"d\", :2]";
        assert_eq!(client.run_on(a, "SUBSCRIBE c d"), answer);
        assert_eq!(
            client.run_on(b, "HELLO 3\r\nPSUBSCRIBE c*").split(' ').next(),
            Some("{\"server\":")
        );
        assert_eq!(client.run("PUBLISH c hello"), ":2");
        assert_eq!(client.heard(a), "[\"message\", \"c\", \"hello\"]");
        assert_eq!(client.heard(b), ">[\"pmessage\", \"c*\", \"c\", \"hello\"]");
        assert_eq!(client.run("PUBLISH d x"), ":1");
        assert_eq!(client.run("SPUBLISH d x"), ":0", "shard channels are others");
    }

    #[test]
    fn who_leaves_leaves_nothing_behind() {
        let mut client = Client::new();
        for end in ["close", "RESET", "QUIT", "UNSUBSCRIBE\r\nPUNSUBSCRIBE\r\nSUNSUBSCRIBE"] {
            let session = client.open();
            client.run_on(session, "SUBSCRIBE a b\r\nPSUBSCRIBE a*\r\nSSUBSCRIBE a");
            if end == "close" {
                client.engine.close_session(session);
            } else {
                client.run_on(session, end);
                assert_eq!(client.run("PUBLISH a x"), ":0", "{end}");
                client.engine.close_session(session);
            }
            for kind in [Listening::Channel, Listening::Pattern, Listening::Shard] {
                assert_eq!(client.engine.state().listeners.len(kind), 0, "{end}");
            }
        }
    }

    #[test]
    fn a_message_to_oneself_comes_after_the_reply() {
        let mut client = Client::new();
        client.run("HELLO 3\r\nSUBSCRIBE c");
        assert_eq!(client.run("PUBLISH c x"), ":1 >[\"message\", \"c\", \"x\"]");
        client.run("CLIENT REPLY OFF");
        assert_eq!(client.run("PUBLISH c x"), ">[\"message\", \"c\", \"x\"]");
        assert_eq!(client.run("SUBSCRIBE d"), ">[\"subscribe\", \"d\", :2]");
    }

    /// A host in the same process must be able to tell a message from the reply that it waits for.
    #[test]
    fn packed_sessions_tell_messages_from_replies() {
        let mut client = Client::new();
        let session = client.engine.open_session(client.now, Form::Packed).expect("one more");
        let call = |client: &mut Client, words: &[&str]| {
            let mut request = (words.len() as u32).to_le_bytes().to_vec();
            for word in words {
                request.extend((word.len() as u32).to_le_bytes());
                request.extend(word.as_bytes());
            }
            client.engine.call(client.now, session, &request)
        };
        assert!(call(&mut client, &["SUBSCRIBE", "c"]), "answered");
        client.engine.consume(session);
        assert!(!call(&mut client, &["XREAD", "BLOCK", "0", "STREAMS", "s", "$"]), "it waits");
        client.run("PUBLISH c hello");
        let output = client.engine.output(session).expect("a message");
        assert_eq!(output.words[..2], [7 | 3 << 3, 3], "a push of three");
        assert_eq!(output.bytes, b"messagechello");
    }

    #[test]
    fn a_listener_that_does_not_take_its_messages_is_closed() {
        let mut client = Client::with(Config { listener_buffer_limit: 1000, ..Config::default() });
        let session = client.open();
        client.run_on(session, "SUBSCRIBE c");
        let message = "x".repeat(400);
        for told in [1, 1, 1, 0] {
            assert_eq!(client.run(&format!("PUBLISH c {message}")), format!(":{told}"));
        }
        let output = client.engine.output(session).expect("to close");
        assert!(output.close && output.bytes.is_empty());
    }

    #[test]
    fn many_names_need_memory() {
        let mut client = Client::new();
        client.run("CONFIG SET maxmemory 100kb");
        let session = client.open();
        let names = format!("SUBSCRIBE {}", "x".repeat(200));
        let oom =
            (0..1000).any(|n| client.run_on(session, &format!("{names}{n}")).starts_with("-OOM"));
        assert!(oom, "somewhere on the way to 400 kB");
    }
}
