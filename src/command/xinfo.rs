//! XINFO: what streams, groups and consumers are like.

use super::args::{Args, Cursor};
use super::context::Context;
use super::spec::{Flags, Flow, Keys, Spec};
use super::{entries, help};
use crate::error::Error;
use crate::id::EntryId;
use crate::reply::Writer;
use crate::stream::{Consumer, ConsumerId, Group, Idempotency, Log, Stream};
use crate::time::elapsed;

/// XINFO.
pub const XINFO: Spec = Spec {
    name: "xinfo",
    arity: -2,
    flags: Flags::NONE,
    keys: Keys::None,
    categories: &[],
    tips: &[],
    since: "5.0.0",
    group: "stream",
    summary: "Holds the commands that look at streams.",
    complexity: "Depends on subcommand.",
    syntax: "",
    handler: |_, _| Err(Error::arity("xinfo")),
    subcommands: &[&CONSUMERS, &GROUPS, &HELP, &STREAM],
};

const CONSUMERS: Spec = Spec {
    name: "consumers",
    arity: 4,
    flags: Flags::READONLY,
    keys: Keys::SECOND,
    categories: &["@stream"],
    tips: &["nondeterministic_output"],
    summary: "Lists the consumers of a group.",
    complexity: "O(N) with N consumers.",
    syntax: "key group",
    handler: consumers,
    ..XINFO_ROW
};

const GROUPS: Spec = Spec {
    name: "groups",
    arity: 3,
    flags: Flags::READONLY,
    keys: Keys::SECOND,
    categories: &["@stream"],
    summary: "Lists the consumer groups of a stream.",
    complexity: "O(N) with N groups.",
    syntax: "key",
    handler: groups,
    ..XINFO_ROW
};

const STREAM: Spec = Spec {
    name: "stream",
    arity: -3,
    flags: Flags::READONLY,
    keys: Keys::SECOND,
    categories: &["@stream"],
    summary: "Tells what a stream is like; FULL shows its entries, groups and pending entries too.",
    complexity: "O(N) with N blocks; FULL adds what it shows.",
    syntax: "key [FULL [COUNT count]]",
    handler: stream,
    ..XINFO_ROW
};

const HELP: Spec = Spec {
    name: "help",
    arity: 2,
    flags: Flags::LOADING.with(Flags::STALE),
    categories: &["@stream"],
    summary: "Lists the subcommands.",
    complexity: "O(1)",
    handler: |ctx, _| {
        help::reply(ctx.out, "XINFO", HELP_LINES);
        Ok(Flow::Done)
    },
    ..XINFO_ROW
};

const XINFO_ROW: Spec = Spec { handler: consumers, subcommands: &[], ..BASE };

const BASE: Spec = Spec {
    name: "",
    arity: 2,
    flags: Flags::NONE,
    keys: Keys::None,
    categories: &[],
    tips: &[],
    since: "5.0.0",
    group: "stream",
    summary: "",
    complexity: "",
    syntax: "",
    handler: consumers,
    subcommands: &[],
};

// The bracket that is never closed stands in Redis' own text.
const HELP_LINES: &str = concat!(
    "CONSUMERS <key> <groupname>\n",
    "    Show consumers of <groupname>.\n",
    "GROUPS <key>\n",
    "    Show the stream consumer groups.\n",
    "STREAM <key> [FULL [COUNT <count>]\n",
    "    Show information about the stream.\n",
);

fn found<'c>(ctx: &'c mut Context<'_>, words: Args<'_>) -> Result<&'c Stream, Error> {
    ctx.read_stream(words.get(2).unwrap_or_default())?.ok_or(Error::NO_SUCH_KEY)
}

fn groups(ctx: &mut Context<'_>, words: Args<'_>) -> Result<Flow, Error> {
    found(ctx, words)?;
    ctx.looked_up(true);
    let key = words.get(2).unwrap_or_default();
    let (view, out) = ctx.reply();
    let Some(stream) = view.stream(key) else { return Err(Error::NO_SUCH_KEY) };
    out.array(stream.groups().len());
    for (name, group) in stream.groups().iter() {
        out.map(6);
        pair(out, "name", |out| out.bulk(name));
        pair(out, "consumers", |out| out.unsigned(group.consumer_count() as u64));
        pair(out, "pending", |out| out.unsigned(group.pending_count() as u64));
        position(out, group, stream.log());
    }
    Ok(Flow::Done)
}

fn consumers(ctx: &mut Context<'_>, words: Args<'_>) -> Result<Flow, Error> {
    let (key, name) = (words.get(2).unwrap_or_default(), words.get(3).unwrap_or_default());
    if found(ctx, words)?.groups().get(name).is_none() {
        return Err(Error::no_group_for_key(name, key));
    }
    ctx.looked_up(true);
    let (view, out) = ctx.reply();
    let group = view.stream(key).and_then(|stream| stream.groups().get(name));
    let Some(group) = group else { return Err(Error::NO_SUCH_KEY) };
    out.array(group.consumer_count());
    for (id, consumer) in group.consumers() {
        let inactive = consumer.active_at().map_or(-1, |at| view.now.wrapping_sub(at));
        out.map(4);
        pair(out, "name", |out| out.bulk(consumer.name()));
        pair(out, "pending", |out| out.unsigned(group.owned_count(id) as u64));
        pair(out, "idle", |out| out.integer(elapsed(view.now, consumer.seen_at())));
        pair(out, "inactive", |out| out.integer(inactive));
    }
    Ok(Flow::Done)
}

fn stream(ctx: &mut Context<'_>, words: Args<'_>) -> Result<Flow, Error> {
    found(ctx, words)?;
    let full = full_count(words)?;
    ctx.looked_up(true);
    let (now, key) = (ctx.now, words.get(2).unwrap_or_default());
    if let Some(stream) = ctx.stream_mut(key)? {
        stream.idempotency_mut().expire(now);
    }
    let (view, out) = ctx.reply();
    let Some(stream) = view.stream(key) else { return Err(Error::NO_SUCH_KEY) };
    out.map(if full.is_some() { 15 } else { 16 });
    counters(out, stream.log());
    idempotency(out, stream.idempotency());
    match full {
        None => summary(out, stream),
        Some(count) => details(out, stream, count),
    }
    Ok(Flow::Done)
}

/// `FULL [COUNT n]`: `None` without FULL. A negative count means the default, zero means all.
fn full_count(words: Args<'_>) -> Result<Option<usize>, Error> {
    const DEFAULT: usize = 10;
    let syntax = || Error::subcommand_syntax(words.get(1).unwrap_or_default(), "xinfo");
    let mut cursor = Cursor::new(words, 3);
    if cursor.left() == 0 {
        return Ok(None);
    }
    if !cursor.keyword("FULL", 0) {
        return Err(syntax());
    }
    if cursor.left() == 0 {
        return Ok(Some(DEFAULT));
    }
    if cursor.left() != 2 || !cursor.keyword("COUNT", 1) {
        return Err(syntax());
    }
    Ok(Some(match cursor.integer()? {
        0 => usize::MAX,
        count => usize::try_from(count).unwrap_or(if count < 0 { DEFAULT } else { usize::MAX }),
    }))
}

fn pair(out: &mut Writer, key: &str, value: impl FnOnce(&mut Writer)) {
    out.text(key);
    value(out);
}

fn counters(out: &mut Writer, log: &Log) {
    pair(out, "length", |out| out.unsigned(log.len()));
    pair(out, "radix-tree-keys", |out| out.unsigned(log.block_count() as u64));
    pair(out, "radix-tree-nodes", |out| out.unsigned(log.radix_tree_nodes()));
    pair(out, "last-generated-id", |out| out.id(log.last_id()));
    pair(out, "max-deleted-entry-id", |out| out.id(log.max_deleted_id()));
    pair(out, "entries-added", |out| out.unsigned(log.entries_added()));
    pair(out, "recorded-first-entry-id", |out| out.id(log.first_id()));
}

fn idempotency(out: &mut Writer, idempotency: &Idempotency) {
    let limits = idempotency.limits();
    let tracked: usize = idempotency.producers().map(|(_, producer)| producer.len()).sum();
    for (name, value) in [
        ("idmp-duration", limits.seconds.into()),
        ("idmp-maxsize", limits.entries.into()),
        ("pids-tracked", idempotency.producer_count() as u64),
        ("iids-tracked", tracked as u64),
        ("iids-added", idempotency.added()),
        ("iids-duplicates", idempotency.duplicates()),
    ] {
        pair(out, name, |out| out.unsigned(value));
    }
}

fn summary(out: &mut Writer, stream: &Stream) {
    pair(out, "groups", |out| out.unsigned(stream.groups().len() as u64));
    let ends =
        [("first-entry", stream.log().first_entry()), ("last-entry", stream.log().last_entry())];
    for (name, entry) in ends {
        pair(out, name, |out| match &entry {
            Some(entry) => entries::entry(out, entry),
            None => out.null(),
        });
    }
}

fn details(out: &mut Writer, stream: &Stream, count: usize) {
    out.text("entries");
    entries::range(out, stream, EntryId::MIN, EntryId::MAX, count);
    out.text("groups");
    out.array(stream.groups().len());
    for (name, group) in stream.groups().iter() {
        out.map(8);
        pair(out, "name", |out| out.bulk(name));
        position(out, group, stream.log());
        pair(out, "pel-count", |out| out.unsigned(group.pending_count() as u64));
        pair(out, "nacked-count", |out| out.unsigned(group.nacked_count() as u64));
        out.text("pending");
        group_pending(out, group, count);
        out.text("consumers");
        out.array(group.consumer_count());
        for (id, consumer) in group.consumers() {
            consumer_details(out, group, id, consumer, count);
        }
    }
}

/// Where a group stands: last-delivered ID, entries read, lag.
fn position(out: &mut Writer, group: &Group, log: &Log) {
    pair(out, "last-delivered-id", |out| out.id(group.last_delivered_id()));
    let read = group.entries_read().map(|count| count as i64);
    for (name, value) in [("entries-read", read), ("lag", group.lag(log))] {
        pair(out, name, |out| match value {
            Some(value) => out.integer(value),
            None => out.null(),
        });
    }
}

fn group_pending(out: &mut Writer, group: &Group, count: usize) {
    out.array(group.pending_count().min(count));
    for pending in group.pending_from(EntryId::MIN).take(count) {
        out.array(4);
        out.id(pending.id);
        out.bulk(group.owner_name(&pending));
        out.integer(pending.delivered_at);
        out.unsigned(pending.delivery_count);
    }
}

fn consumer_details(
    out: &mut Writer,
    group: &Group,
    id: ConsumerId,
    consumer: &Consumer,
    count: usize,
) {
    let owned = group.owned_count(id);
    out.map(5);
    pair(out, "name", |out| out.bulk(consumer.name()));
    pair(out, "seen-time", |out| out.integer(consumer.seen_at()));
    pair(out, "active-time", |out| out.integer(consumer.active_at().unwrap_or(-1)));
    pair(out, "pel-count", |out| out.unsigned(owned as u64));
    out.text("pending");
    out.array(owned.min(count));
    for pending in group.owned_from(id, EntryId::MIN).take(count) {
        out.array(3);
        out.id(pending.id);
        out.integer(pending.delivered_at);
        out.unsigned(pending.delivery_count);
    }
}
