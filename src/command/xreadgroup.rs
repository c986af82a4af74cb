//! XREADGROUP: new entries for a consumer of a group, or the consumer's own history.

use alloc::vec::Vec;

use super::args::{Args, entry_id};
use super::claims::{self, Delivery, Recipient};
use super::context::{Context, View};
use super::read_options::{ReadOptions, Reader};
use super::spec::{Flags, Flow, Keys, Spec};
use super::xgroup::{record_consumer, record_set_id};
use super::{Command, entries};
use crate::error::Error;
use crate::id::EntryId;
use crate::reply::Writer;
use crate::stream::{Delivered, Group, Log, Redelivered, Stream};

/// XREADGROUP.
pub const XREADGROUP: Spec = Spec {
    name: "xreadgroup",
    arity: -7,
    flags: Flags::WRITE.with(Flags::BLOCKING).with(Flags::MOVABLE_KEYS),
    keys: Keys::Streams,
    categories: &["@stream"],
    tips: &[],
    since: "5.0.0",
    group: "stream",
    summary: "Delivers new entries to a consumer of a group, or the consumer's own pending ones again; can wait for new ones.",
    complexity: "O(M log P) with M entries in the reply and P pending in the group.",
    syntax: "GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key [key ...] id [id ...]",
    handler: xreadgroup,
    subcommands: &[],
};

/// What to read of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// `>`: entries that the group was never delivered.
    New,
    /// An ID: what is pending for this consumer after it.
    History(EntryId),
}

/// `XREADGROUP GROUP group consumer [COUNT n] [BLOCK ms] [NOACK] STREAMS key [key …] id [id …]`
#[derive(Clone, Debug)]
pub struct Xreadgroup<'a> {
    /// The group.
    pub group: &'a [u8],
    /// The consumer; made if it does not exist.
    pub consumer: &'a [u8],
    /// Entries of each stream at most; 0 for all.
    pub count: u64,
    /// Whether deliveries leave no pending entry.
    pub no_ack: bool,
    /// Keys, each with what to read.
    pub streams: Vec<(&'a [u8], From)>,
}

fn xreadgroup(ctx: &mut Context<'_>, words: Args<'_>) -> Result<Flow, Error> {
    let options = ReadOptions::parse(words, Reader::Group, ctx.now)?;
    let command = Xreadgroup::parse(ctx, &options)?;
    let served = command.run(ctx)?;
    if served.is_empty()
        && let Some(call) = options.blocked_call(ctx, words, true, |_| None)
    {
        return Ok(Flow::Block(call));
    }
    let (view, out) = ctx.reply();
    command.render(&served, view, out);
    Ok(Flow::Done)
}

impl<'a> Xreadgroup<'a> {
    /// Checks every stream, its group and its ID before any of them is served.
    fn parse(ctx: &Context<'_>, options: &ReadOptions<'a>) -> Result<Self, Error> {
        let (group, consumer) = options.group.ok_or(Error::MISSING_GROUP)?;
        let streams = options
            .pairs()
            .map(|(key, id)| {
                let stream = ctx.stream(key)?;
                if stream.and_then(|stream| stream.groups().get(group)).is_none() {
                    return Err(Error::no_group_in_read(key, group));
                }
                Ok((key, from(id)?))
            })
            .collect::<Result<_, Error>>()?;
        let count = options.count as u64;
        Ok(Self { group, consumer, count, no_ack: options.no_ack, streams })
    }
}

fn from(word: &[u8]) -> Result<From, Error> {
    match word {
        b"$" => Err(Error::LAST_ID_IN_XREADGROUP),
        b"+" => Err(Error::LAST_ENTRY_IN_XREADGROUP),
        b">" => Ok(From::New),
        word => match entry_id(word)? {
            // In Redis `>` is the greatest ID, so that ID means `>`.
            EntryId::MAX => Ok(From::New),
            after => Ok(From::History(after)),
        },
    }
}

/// What one stream was read for.
#[derive(Clone, Debug)]
pub enum Served {
    /// A run of new entries.
    New(Delivered),
    /// The consumer's own pending entries.
    History(Vec<Redelivered>),
}

impl Command for Xreadgroup<'_> {
    /// What was served, by index of the stream. A history is always served, though it be empty.
    type Outcome = Vec<(usize, Served)>;

    fn run(&self, ctx: &mut Context<'_>) -> Result<Self::Outcome, Error> {
        let mut outcome = Vec::with_capacity(1);
        for (index, (key, from)) in self.streams.iter().enumerate() {
            if let Some(served) = self.read(ctx, key, *from)? {
                outcome.push((index, served));
            }
        }
        Ok(outcome)
    }

    fn render(&self, outcome: &Self::Outcome, view: View<'_>, out: &mut Writer) {
        if outcome.is_empty() {
            return out.null_array();
        }
        let keyed = out.begin_keyed();
        for (index, served) in outcome {
            let Some((key, _)) = self.streams.get(*index) else { continue };
            out.key(key);
            match (served, view.stream(key)) {
                (Served::New(run), Some(stream)) => {
                    let count = usize::try_from(run.count).unwrap_or(usize::MAX);
                    entries::range(out, stream, run.first, run.last, count);
                }
                (Served::History(history), Some(stream)) => render_history(out, stream, history),
                _ => out.array(0),
            }
        }
        out.end_keyed(keyed, outcome.len());
    }
}

impl Xreadgroup<'_> {
    /// Reads one stream; `None` when it has nothing to serve.
    fn read(&self, ctx: &mut Context<'_>, key: &[u8], from: From) -> Result<Option<Served>, Error> {
        let now = ctx.now;
        let Some((group, log)) = ctx.stream_mut(key)?.and_then(|s| s.group_mut(self.group)) else {
            return Err(Error::no_group_in_read(key, self.group));
        };
        let (consumer, created) = group.see_consumer(self.consumer, now);
        let before = group.last_delivered_id();
        let served = match from {
            From::New => {
                group.read_new(log, consumer, self.count, self.no_ack, now).map(Served::New)
            }
            From::History(after) => {
                Some(Served::History(group.read_history(log, consumer, after, self.count, now)))
            }
        };
        let after = (group.last_delivered_id(), group.entries_read());
        if created {
            ctx.changed(1);
        }
        if matches!(served, Some(Served::New(_))) {
            ctx.changed(1);
        }
        if ctx.effects.enabled() {
            self.record(ctx, key, created, served.as_ref(), before, after)?;
        }
        Ok(served)
    }

    fn record(
        &self,
        ctx: &mut Context<'_>,
        key: &[u8],
        created: bool,
        served: Option<&Served>,
        before: EntryId,
        (last_delivered_id, entries_read): (EntryId, Option<u64>),
    ) -> Result<(), Error> {
        let recipient = Recipient { key, group: self.group, consumer: self.consumer };
        let deliveries = match (
            served,
            ctx.stream(key)?.and_then(|s| Some((s.groups().get(self.group)?, s.log()))),
        ) {
            (Some(served), Some((group, log)))
                if !self.no_ack || !matches!(served, Served::New(_)) =>
            {
                deliveries(served, group, log)
            }
            _ => Vec::new(),
        };
        if created && deliveries.is_empty() {
            record_consumer(ctx, key, self.group, self.consumer);
        }
        claims::record(ctx, recipient, &deliveries, before);
        if matches!(served, Some(Served::New(_))) {
            record_set_id(ctx, key, self.group, last_delivered_id, entries_read);
        }
        Ok(())
    }
}

/// The pending entries as they are after a read.
fn deliveries(served: &Served, group: &Group, log: &Log) -> Vec<Delivery> {
    let delivery = |id| {
        let pending = group.pending(id)?;
        Some(Delivery { id, at: pending.delivered_at, count: pending.delivery_count })
    };
    match served {
        Served::New(run) => {
            log.range(run.first, run.last).filter_map(|entry| delivery(entry.id)).collect()
        }
        Served::History(history) => history
            .iter()
            .filter(|redelivered| redelivered.exists)
            .filter_map(|redelivered| delivery(redelivered.id))
            .collect(),
    }
}

/// Entries that are gone show a null where their fields were.
fn render_history(out: &mut Writer, stream: &Stream, history: &[Redelivered]) {
    let mut cursor = stream.log().cursor();
    out.array(history.len());
    for redelivered in history {
        if let Some(entry) = cursor.seek(redelivered.id) {
            entries::entry(out, &entry);
        } else {
            out.array(2);
            out.id(redelivered.id);
            out.null_array();
        }
    }
}
