//! XREADGROUP: new entries for a consumer of a group, or the consumer's own history.

use alloc::vec::Vec;

use super::args::{Args, entry_id};
use super::claims::{self, Delivery, Recipient};
use super::context::{Context, View};
use super::read_budget::Budget;
use super::read_options::{ReadOptions, Reader};
use super::spec::{Flags, Flow, Keys, Spec};
use super::xgroup::{notify_consumer, record_consumer, record_set_id};
use super::{Command, entries};
use crate::error::Error;
use crate::id::EntryId;
use crate::reply::Writer;
use crate::stream::{ConsumerId, Delivered, Entry, Group, Log, ReadClaimed, Redelivered, Stream};
use crate::time::{Millis, UnixMillis};

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
    summary: "Delivers entries to a consumer of a group: new, idle, or its own again; can wait.",
    complexity: "O(M log P) with M entries in the reply and P pending in the group.",
    syntax: "GROUP group consumer [COUNT count] [MAXCOUNT count] [MAXSIZE bytes] [BLOCK milliseconds] [CLAIM min-idle-time] [NOACK] STREAMS key [key ...] id [id ...]",
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

/// `XREADGROUP GROUP group consumer [COUNT n] [MAXCOUNT n] [MAXSIZE bytes] [BLOCK ms]
/// [CLAIM min-idle] [NOACK] STREAMS key [key …] id [id …]`
#[derive(Clone, Debug)]
pub struct Xreadgroup<'a> {
    /// The group.
    pub group: &'a [u8],
    /// The consumer; made if it does not exist.
    pub consumer: &'a [u8],
    /// How much the reply may show.
    budget: Budget,
    /// How long pending entries must have been idle to be delivered before new ones; `None` for
    /// new ones only.
    pub min_idle: Option<Millis>,
    /// Whether deliveries leave no pending entry.
    pub no_ack: bool,
    /// The streams, each with what to read.
    streams: Vec<Source<'a>>,
}

/// A stream that has the group. No command takes a key away while it reads, so places stay.
#[derive(Clone, Copy, Debug)]
struct Source<'a> {
    key: &'a [u8],
    /// Where the key lies in its database.
    place: u32,
    from: From,
}

fn xreadgroup(ctx: &mut Context<'_>, words: Args<'_>) -> Result<Flow, Error> {
    let options = ReadOptions::parse(words, Reader::Group, ctx.now)?;
    let command = Xreadgroup::parse(ctx, &options)?;
    let served = command.run(ctx)?;
    if served.is_empty()
        && let Some(mut call) = options.blocked_call(ctx, words, true, |_| None)
    {
        call.wakes_at = command.claimable_at(ctx)?;
        return Ok(Flow::Block(call));
    }
    let (view, out) = ctx.reply();
    command.render(&served, view, out);
    Ok(Flow::Done)
}

impl<'a> Xreadgroup<'a> {
    /// Checks every stream, its group and its ID before any of them is served.
    fn parse(ctx: &mut Context<'_>, options: &ReadOptions<'a>) -> Result<Self, Error> {
        let (group, consumer) = options.group.ok_or(Error::MISSING_GROUP)?;
        let streams = options
            .pairs()
            .map(|(key, id)| {
                ctx.miss(key);
                let found = ctx.find_stream(key)?;
                let found = found.filter(|(_, stream)| stream.groups().get(group).is_some());
                let (place, _) = found.ok_or_else(|| Error::no_group_in_read(key, group))?;
                Ok(Source { key, place, from: from(id)? })
            })
            .collect::<Result<_, Error>>()?;
        let (no_ack, min_idle) = (options.no_ack, options.min_idle);
        let budget = Budget::new(options, ctx.out.form());
        Ok(Self { group, consumer, budget, min_idle, no_ack, streams })
    }

    /// With CLAIM, when a read that found nothing is worth another try: when the pending entry
    /// that is first in line has been idle long enough, or would be if it were delivered now.
    fn claimable_at(&self, ctx: &Context<'_>) -> Result<Option<UnixMillis>, Error> {
        let Some(min_idle) = self.min_idle else { return Ok(None) };
        let mut delivered_at = None;
        for source in &self.streams {
            let Some(stream) = ctx.stream(source.key)? else { continue };
            let group = stream.groups().get(self.group);
            let next = group.and_then(|group| group.next_claimable(stream.log()));
            let times = [delivered_at, next.map(|pending| pending.delivered_at)];
            delivered_at = times.into_iter().flatten().min();
        }
        Ok(Some(delivered_at.unwrap_or(ctx.now).saturating_add(min_idle)))
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
    /// Entries that were idle, then a run of new ones.
    New {
        /// The idle entries, as they were before they were claimed; `None` without CLAIM.
        claimed: Option<Vec<ReadClaimed>>,
        /// The new ones.
        run: Option<Delivered>,
    },
    /// The consumer's own pending entries.
    History(Vec<Redelivered>),
}

impl Command for Xreadgroup<'_> {
    /// What was served, by index of the stream. A history is always served, though it be empty.
    type Outcome = Vec<(usize, Served)>;

    fn run(&self, ctx: &mut Context<'_>) -> Result<Self::Outcome, Error> {
        let mut outcome = Vec::with_capacity(1);
        let mut budget = self.budget;
        let mut min_idle = self.min_idle;
        for (index, source) in self.streams.iter().enumerate() {
            if budget.is_spent() {
                break;
            }
            if matches!(source.from, From::History(_)) {
                // As in Redis, one history turns CLAIM off for all that follow.
                min_idle = None;
            }
            if let Some(served) = self.read(ctx, source, min_idle, &mut budget)? {
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
            let Some(source) = self.streams.get(*index) else { continue };
            out.key(source.key);
            match (served, view.stream_at(source.place)) {
                (Served::New { claimed: None, run: Some(run) }, Some(stream)) => {
                    let count = usize::try_from(run.count).unwrap_or(usize::MAX);
                    entries::range(out, stream, run.first, run.last, count);
                }
                (Served::New { claimed: Some(claimed), run }, Some(stream)) => {
                    render_claimed(out, stream, claimed, run.as_ref());
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
    fn read(
        &self,
        ctx: &mut Context<'_>,
        &Source { key, place, from }: &Source<'_>,
        min_idle: Option<Millis>,
        budget: &mut Budget,
    ) -> Result<Option<Served>, Error> {
        let now = ctx.now;
        let stream = ctx.stream_at(place);
        let Some((group, log)) = stream.and_then(|stream| stream.group_mut(self.group)) else {
            return Err(Error::no_group_in_read(key, self.group));
        };
        let (consumer, created) = group.see_consumer(self.consumer, now);
        let before = group.last_delivered_id();
        let served = match from {
            From::New => {
                let has_new = log.last_live_id() > before;
                let claims = |min_idle| group.has_claimable(log, min_idle, now);
                (has_new || min_idle.is_some_and(claims)).then(|| {
                    let count = budget.begin_stream(key);
                    self.deliver(group, log, consumer, min_idle, count, budget, now)
                })
            }
            From::History(after) => {
                let count = budget.begin_stream(key);
                let mut admit = |id, entry: Option<&Entry<'_>>| budget.admit(id, entry, None);
                let history = group.read_history(log, consumer, after, count, now, &mut admit);
                Some(Served::History(history))
            }
        };
        if served.is_some() {
            budget.end_stream();
        }
        let after = (group.last_delivered_id(), group.entries_read());
        let delivered = matches!(&served, Some(Served::New { claimed, run })
            if run.is_some() || claimed.as_ref().is_some_and(|claimed| !claimed.is_empty()));
        ctx.changed(u64::from(created) + u64::from(delivered));
        if created {
            notify_consumer(ctx, key);
        }
        if ctx.effects.enabled() {
            self.record(ctx, key, created, served.as_ref(), before, after)?;
        }
        Ok(served)
    }

    /// Claims what is idle, if asked to; then delivers new entries as far as COUNT and the budget
    /// allow.
    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one read, told apart by their types"
    )]
    fn deliver(
        &self,
        group: &mut Group,
        log: &Log,
        consumer: ConsumerId,
        min_idle: Option<Millis>,
        count: u64,
        budget: &mut Budget,
        now: UnixMillis,
    ) -> Served {
        let claimed = min_idle.map(|min_idle| {
            let mut admit = |claimed: &ReadClaimed, entry: &Entry<'_>| {
                budget.admit(claimed.id, Some(entry), Some((claimed.idle, claimed.delivery_count)))
            };
            group.read_idle(log, consumer, min_idle, count, now, &mut admit)
        });
        let first = claimed.as_ref().map_or(0, |claimed| claimed.len() as u64);
        if count > 0 && first >= count {
            return Served::New { claimed, run: None };
        }
        let left = count.saturating_sub(first);
        let left = if budget.is_unlimited() {
            Some(left)
        } else {
            admitted(budget, group, log, min_idle.is_some(), left)
        };
        let run = left.and_then(|left| group.read_new(log, consumer, left, self.no_ack, now));
        Served::New { claimed, run }
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
        let stream = ctx.stream(key)?;
        let group = stream.and_then(|s| Some((s.groups().get(self.group)?, s.log())));
        let deliveries = match (served, group) {
            (Some(served), Some((group, log))) => deliveries(served, group, log, self.no_ack),
            _ => Vec::new(),
        };
        if created && deliveries.is_empty() {
            record_consumer(ctx, key, self.group, self.consumer);
        }
        claims::record(ctx, recipient, &deliveries, before);
        if matches!(served, Some(Served::New { run: Some(_), .. })) {
            record_set_id(ctx, key, self.group, last_delivered_id, entries_read);
        }
        Ok(())
    }
}

/// How many new entries the budget admits of `count`, 0 for all; `None` for not even one.
fn admitted(
    budget: &mut Budget,
    group: &Group,
    log: &Log,
    with_idle: bool,
    count: u64,
) -> Option<u64> {
    let limit = if count == 0 { usize::MAX } else { usize::try_from(count).unwrap_or(usize::MAX) };
    let idle_and_count = with_idle.then_some((0, 0));
    let first = group.last_delivered_id().successor()?;
    let entries = log.range(first, EntryId::MAX).take(limit);
    let fit = entries.take_while(|entry| budget.admit(entry.id, Some(entry), idle_and_count));
    Some(fit.count() as u64).filter(|&fit| fit > 0)
}

/// The pending entries as they are after a read.
fn deliveries(served: &Served, group: &Group, log: &Log, no_ack: bool) -> Vec<Delivery> {
    let delivery = |id| {
        let pending = group.pending(id)?;
        Some(Delivery { id, at: pending.delivered_at, count: pending.delivery_count })
    };
    match served {
        Served::New { claimed, run } => {
            let claimed = claimed.iter().flatten().map(|claimed| claimed.id);
            // Entries that are delivered without acknowledgement may still be pending from before.
            let run = run.filter(|_| !no_ack).into_iter();
            let new = run.flat_map(|run| log.range(run.first, run.last)).map(|entry| entry.id);
            claimed.chain(new).filter_map(delivery).collect()
        }
        Served::History(history) => history
            .iter()
            .filter(|redelivered| redelivered.exists)
            .filter_map(|redelivered| delivery(redelivered.id))
            .collect(),
    }
}

/// Each entry with how long it was idle and how often it had been delivered: a new one neither.
fn render_claimed(
    out: &mut Writer,
    stream: &Stream,
    claimed: &[ReadClaimed],
    run: Option<&Delivered>,
) {
    let mut cursor = stream.log().cursor();
    out.array(claimed.len() + run.map_or(0, |run| run.count as usize));
    let mut element = |entry: &Entry<'_>, idle: i64, delivery_count: u64| {
        out.array(4);
        out.id(entry.id);
        entries::fields(out, entry);
        out.integer(idle);
        out.unsigned(delivery_count);
    };
    for claimed in claimed {
        if let Some(entry) = cursor.seek(claimed.id) {
            element(&entry, claimed.idle, claimed.delivery_count);
        }
    }
    if let Some(run) = run {
        stream.log().range(run.first, run.last).for_each(|entry| element(&entry, 0, 0));
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
