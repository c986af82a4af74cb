//! XGROUP: creates, moves and removes consumer groups and their consumers.

use super::args::{Args, Cursor, entry_id};
use super::context::Context;
use super::help;
use super::spec::{Flags, Flow, Keys, Spec};
use super::xcfgset::record_limits;
use crate::error::Error;
use crate::id::EntryId;
use crate::state::Events;
use crate::stream::Stream;

/// XGROUP.
pub const XGROUP: Spec = Spec {
    name: "xgroup",
    arity: -2,
    flags: Flags::NONE,
    keys: Keys::None,
    categories: &[],
    tips: &[],
    since: "5.0.0",
    group: "stream",
    summary: "Holds the commands for consumer groups.",
    complexity: "Depends on subcommand.",
    syntax: "",
    handler: |_, _| Err(Error::arity("xgroup")),
    subcommands: &[&CREATE, &CREATECONSUMER, &DELCONSUMER, &DESTROY, &HELP, &SETID],
};

/// A row of XGROUP: all are about one stream.
const fn row(name: &'static str, arity: i8, flags: Flags) -> Spec {
    Spec {
        name,
        arity,
        flags: Flags::WRITE.with(flags),
        keys: Keys::SECOND,
        categories: &["@stream"],
        tips: &[],
        since: "5.0.0",
        group: "stream",
        summary: "",
        complexity: "O(1)",
        syntax: "",
        handler: |_, _| Err(Error::SYNTAX),
        subcommands: &[],
    }
}

const CREATE: Spec = Spec {
    summary: "Creates a consumer group.",
    syntax: "key group <id|$> [MKSTREAM] [ENTRIESREAD entries-read]",
    handler: create,
    ..row("create", -5, Flags::DENYOOM)
};

const CREATECONSUMER: Spec = Spec {
    since: "6.2.0",
    summary: "Creates a consumer in a group.",
    syntax: "key group consumer",
    handler: create_consumer,
    ..row("createconsumer", 5, Flags::DENYOOM)
};

const DELCONSUMER: Spec = Spec {
    summary: "Removes a consumer and its pending entries.",
    complexity: "O(N) with N entries pending for the consumer.",
    syntax: "key group consumer",
    handler: delete_consumer,
    ..row("delconsumer", 5, Flags::NONE)
};

const DESTROY: Spec = Spec {
    summary: "Removes a consumer group with its consumers and pending entries.",
    complexity: "O(N) with N entries pending in the group.",
    syntax: "key group",
    handler: destroy,
    ..row("destroy", 4, Flags::NONE)
};

const SETID: Spec = Spec {
    summary: "Sets the last-delivered ID of a group.",
    syntax: "key group <id|$> [ENTRIESREAD entries-read]",
    handler: set_id,
    ..row("setid", -5, Flags::NONE)
};

const HELP: Spec = Spec {
    arity: 2,
    flags: Flags::LOADING.with(Flags::STALE),
    keys: Keys::None,
    summary: "Lists the subcommands.",
    handler: |ctx, _| {
        help::reply(ctx.out, "XGROUP", HELP_LINES);
        Ok(Flow::Done)
    },
    ..row("help", 2, Flags::NONE)
};

const HELP_LINES: &str = concat!(
    "CREATE <key> <groupname> <id|$> [option]\n",
    "    Create a new consumer group. Options are:\n",
    "    * MKSTREAM\n",
    "      Create the empty stream if it does not exist.\n",
    "    * ENTRIESREAD entries_read\n",
    "      Set the group's entries_read counter (internal use).\n",
    "CREATECONSUMER <key> <groupname> <consumer>\n",
    "    Create a new consumer in the specified group.\n",
    "DELCONSUMER <key> <groupname> <consumer>\n",
    "    Remove the specified consumer.\n",
    "DESTROY <key> <groupname>\n",
    "    Remove the specified group.\n",
    "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]\n",
    "    Set the current group ID and entries_read counter.\n",
);

/// The words after the ID.
#[derive(Clone, Copy, Debug, Default)]
struct Options {
    make_stream: bool,
    entries_read: Option<u64>,
}

impl Options {
    /// Scanned before the key is looked up, so a bad option wins over a bad key.
    fn parse(words: Args<'_>, may_make_stream: bool) -> Result<Self, Error> {
        let mut options = Self::default();
        let mut cursor = Cursor::new(words, 5);
        while cursor.left() > 0 {
            if may_make_stream && cursor.keyword("MKSTREAM", 0) {
                options.make_stream = true;
            } else if cursor.keyword("ENTRIESREAD", 1) {
                let count = cursor.integer()?;
                if count < -1 {
                    return Err(Error::INVALID_ENTRIES_READ);
                }
                options.entries_read = u64::try_from(count).ok();
            } else {
                return Err(syntax(words));
            }
        }
        Ok(options)
    }

    /// The counter that the group gets: never more than the stream has added, unless an effect
    /// repeats what deliveries made of a counter that was told wrong.
    fn counter(self, stream: Option<&Stream>, exact: bool) -> Option<u64> {
        let added = stream.map_or(0, |stream| stream.log().entries_added());
        self.entries_read.map(|count| if exact { count } else { count.min(added) })
    }
}

fn syntax(words: Args<'_>) -> Error {
    Error::subcommand_syntax(words.get(1).unwrap_or_default(), "xgroup")
}

/// The key, the group and the word after it, which the arity has promised.
fn names(words: Args<'_>) -> (&[u8], &[u8], &[u8]) {
    let word = |index| words.get(index).unwrap_or_default();
    (word(2), word(3), word(4))
}

/// The stream that every subcommand but CREATE … MKSTREAM demands.
fn stream<'c>(ctx: &'c Context<'_>, key: &[u8]) -> Result<&'c Stream, Error> {
    ctx.stream(key)?.ok_or(Error::XGROUP_NEEDS_KEY)
}

/// As [`stream`], with the group in it.
fn stream_with_group<'c>(
    ctx: &'c Context<'_>,
    key: &[u8],
    group: &[u8],
) -> Result<&'c Stream, Error> {
    let stream = stream(ctx, key)?;
    match stream.groups().get(group) {
        Some(_) => Ok(stream),
        None => Err(Error::no_group_for_key(group, key)),
    }
}

fn create(ctx: &mut Context<'_>, words: Args<'_>) -> Result<Flow, Error> {
    const MOST_WORDS: usize = 8;
    let options = Options::parse(words, true)?;
    let (key, group, id) = names(words);
    let existing = ctx.stream(key)?;
    if existing.is_none() && !options.make_stream {
        return Err(Error::XGROUP_NEEDS_KEY);
    }
    if words.len() > MOST_WORDS {
        return Err(syntax(words));
    }
    let last_delivered = match id {
        b"$" => existing.map_or(EntryId::MIN, |stream| stream.log().last_id()),
        id => entry_id(id)?,
    };
    let counter = options.counter(existing, ctx.exact);
    let is_new = existing.is_none();
    let (stream, _) = ctx.stream_or_create(key, true)?.ok_or(Error::NO_SUCH_KEY)?;
    if !stream.create_group(group, last_delivered, counter) {
        return Err(Error::BUSY_GROUP);
    }
    let words = 5 + usize::from(is_new) + 2 * usize::from(counter.is_some());
    if let Some(mut effect) = ctx.effects.begin(ctx.db, words) {
        effect.word(b"XGROUP").word(b"CREATE").word(key).word(group).id(last_delivered);
        if is_new {
            effect.word(b"MKSTREAM");
        }
        if let Some(counter) = counter {
            effect.word(b"ENTRIESREAD").integer(counter as i64);
        }
    }
    if let Some(limits) = ctx.new_stream_limits(is_new) {
        record_limits(ctx, key, limits);
    }
    if is_new {
        ctx.touch(key);
        ctx.signal(key);
    }
    ctx.notify(Events::STREAM, "xgroup-create", key);
    ctx.changed(1);
    ctx.out.ok();
    Ok(Flow::Done)
}

fn set_id(ctx: &mut Context<'_>, words: Args<'_>) -> Result<Flow, Error> {
    let options = Options::parse(words, false)?;
    let (key, group, id) = names(words);
    let stream = stream_with_group(ctx, key, group)?;
    if !matches!(words.len(), 5 | 7) {
        return Err(syntax(words));
    }
    let last_delivered = match id {
        b"$" => stream.log().last_id(),
        id => EntryId::parse_or_extreme(id, 0).ok_or(Error::INVALID_ID)?,
    };
    let counter = options.counter(Some(stream), ctx.exact);
    if let Some((group, _)) = ctx.stream_mut(key)?.and_then(|stream| stream.group_mut(group)) {
        group.set_position(last_delivered, counter);
    }
    record_set_id(ctx, key, group, last_delivered, counter);
    ctx.notify(Events::STREAM, "xgroup-setid", key);
    ctx.changed(1);
    ctx.out.ok();
    Ok(Flow::Done)
}

/// `XGROUP SETID key group id ENTRIESREAD n`, −1 where the counter is unknown.
pub(super) fn record_set_id(
    ctx: &mut Context<'_>,
    key: &[u8],
    group: &[u8],
    last_delivered: EntryId,
    entries_read: Option<u64>,
) {
    if let Some(mut effect) = ctx.effects.begin(ctx.db, 7) {
        let counter = entries_read.map_or(-1, |count| count as i64);
        effect.word(b"XGROUP").word(b"SETID").word(key).word(group).id(last_delivered);
        effect.word(b"ENTRIESREAD").integer(counter);
    }
}

/// `XGROUP CREATECONSUMER key group consumer`
pub(super) fn record_consumer(ctx: &mut Context<'_>, key: &[u8], group: &[u8], consumer: &[u8]) {
    ctx.effect(&[b"XGROUP", b"CREATECONSUMER", key, group, consumer]);
}

/// Tells listeners of a new consumer.
pub(super) fn notify_consumer(ctx: &mut Context<'_>, key: &[u8]) {
    ctx.notify(Events::STREAM, "xgroup-createconsumer", key);
}

fn destroy(ctx: &mut Context<'_>, words: Args<'_>) -> Result<Flow, Error> {
    let (key, group, _) = names(words);
    stream(ctx, key)?;
    let destroyed = ctx.stream_mut(key)?.is_some_and(|stream| stream.destroy_group(group));
    if destroyed {
        ctx.effect(&[b"XGROUP", b"DESTROY", key, group]);
        ctx.notify(Events::STREAM, "xgroup-destroy", key);
        ctx.signal(key);
        ctx.changed(1);
    }
    ctx.out.integer(i64::from(destroyed));
    Ok(Flow::Done)
}

fn create_consumer(ctx: &mut Context<'_>, words: Args<'_>) -> Result<Flow, Error> {
    let (key, group, consumer) = names(words);
    stream_with_group(ctx, key, group)?;
    let now = ctx.now;
    let target = ctx.stream_mut(key)?.and_then(|stream| stream.group_mut(group));
    let created = target.is_some_and(|(group, _)| group.create_consumer(consumer, now));
    if created {
        record_consumer(ctx, key, group, consumer);
        notify_consumer(ctx, key);
        ctx.changed(1);
    }
    ctx.out.integer(i64::from(created));
    Ok(Flow::Done)
}

fn delete_consumer(ctx: &mut Context<'_>, words: Args<'_>) -> Result<Flow, Error> {
    let (key, group, consumer) = names(words);
    stream_with_group(ctx, key, group)?;
    let target = ctx.stream_mut(key)?.and_then(|stream| stream.group_mut(group));
    let pending = target.and_then(|(group, _)| group.delete_consumer(consumer));
    if pending.is_some() {
        ctx.effect(&[b"XGROUP", b"DELCONSUMER", key, group, consumer]);
        ctx.notify(Events::STREAM, "xgroup-delconsumer", key);
        ctx.changed(1);
    }
    ctx.out.integer(pending.unwrap_or(0) as i64);
    Ok(Flow::Done)
}
