//! XPENDING: what a group was delivered and has not acknowledged.

use super::args::{Args, Cursor, interval_end, interval_start, is};
use super::context::{Context, View};
use super::spec::{Flags, Keys, Spec};
use super::{Command, finish};
use crate::error::Error;
use crate::id::EntryId;
use crate::number::Decimal;
use crate::reply::Writer;
use crate::stream::{Group, Pending};
use crate::time::{Millis, elapsed};

/// XPENDING.
pub const XPENDING: Spec = Spec {
    name: "xpending",
    arity: -3,
    flags: Flags::READONLY,
    keys: Keys::FIRST,
    categories: &["@stream"],
    tips: &["nondeterministic_output"],
    since: "5.0.0",
    group: "stream",
    summary: "Tells what a group was delivered and has not acknowledged: a summary, or entry by entry.",
    complexity: "O(log N + M) with N entries pending and M looked at; the summary takes O(C) with C consumers.",
    syntax: "key group [[IDLE min-idle-time] start end count [consumer]]",
    handler: |ctx, args| {
        let command = Xpending::parse(ctx, args)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// `XPENDING key group [[IDLE ms] start end count [consumer]]`
#[derive(Clone, Copy, Debug)]
pub struct Xpending<'a> {
    /// The stream's key.
    pub key: &'a [u8],
    /// The group.
    pub group: &'a [u8],
    /// The interval of the extended form; `None` asks for the summary.
    pub interval: Option<Interval<'a>>,
}

/// Which pending entries the extended form lists.
#[derive(Clone, Copy, Debug)]
pub struct Interval<'a> {
    /// How long owned entries must have been idle.
    pub min_idle: Millis,
    /// The first ID.
    pub first: EntryId,
    /// The last ID.
    pub last: EntryId,
    /// How many at most.
    pub count: usize,
    /// Whose entries only.
    pub consumer: Option<&'a [u8]>,
}

impl<'a> Xpending<'a> {
    /// Parses the words: their number, IDLE, count, start and end; only then the key. Words after
    /// the consumer are ignored, as Redis does.
    pub fn parse(ctx: &mut Context<'_>, words: Args<'a>) -> Result<Self, Error> {
        let mut cursor = Cursor::new(words, 1);
        let (key, group) = (cursor.expect()?, cursor.expect()?);
        let interval = match words.len() {
            3 => None,
            6..=9 => Some(Interval::parse(words)?),
            _ => return Err(Error::SYNTAX),
        };
        let stream = ctx.read_stream(key)?;
        if stream.and_then(|stream| stream.groups().get(group)).is_none() {
            return Err(Error::no_group(key, group));
        }
        Ok(Self { key, group, interval })
    }
}

impl<'a> Interval<'a> {
    fn parse(words: Args<'a>) -> Result<Self, Error> {
        let mut cursor = Cursor::new(words, 3);
        let mut min_idle = 0;
        if cursor.peek().is_some_and(|word| is(word, "IDLE")) {
            cursor.word();
            min_idle = cursor.integer()?;
            if words.len() < 8 {
                return Err(Error::SYNTAX);
            }
        }
        let (start, end) = (cursor.expect()?, cursor.expect()?);
        let count = cursor.integer()?.max(0);
        Ok(Self {
            min_idle,
            first: interval_start(start)?,
            last: interval_end(end)?,
            count: usize::try_from(count).unwrap_or(usize::MAX),
            consumer: cursor.word(),
        })
    }

    /// Whether an entry was idle for long enough. One that nobody owns always was.
    fn admits(&self, pending: &Pending, now: i64) -> bool {
        pending.consumer.is_none() || elapsed(now, pending.delivered_at) >= self.min_idle
    }
}

impl Command for Xpending<'_> {
    /// Whether the group exists; the reply is read from it.
    type Outcome = ();

    fn run(&self, ctx: &mut Context<'_>) -> Result<(), Error> {
        ctx.looked_up(true);
        Ok(())
    }

    fn render(&self, (): &(), view: View<'_>, out: &mut Writer) {
        let group = view.stream(self.key).and_then(|stream| stream.groups().get(self.group));
        match (group, &self.interval) {
            (Some(group), None) => summary(out, group),
            (Some(group), Some(interval)) => extended(out, group, interval, view.now),
            (None, _) => out.null_array(),
        }
    }
}

fn summary(out: &mut Writer, group: &Group) {
    out.array(4);
    out.unsigned(group.pending_count() as u64);
    let (Some(first), Some(last)) = (group.first_pending(), group.last_pending()) else {
        out.null();
        out.null();
        return out.null_array();
    };
    out.id(first.id);
    out.id(last.id);
    let consumers = out.begin_array();
    let mut listed = 0;
    for (id, consumer) in group.consumers() {
        let owned = group.owned_count(id);
        if owned > 0 {
            out.array(2);
            out.bulk(consumer.name());
            out.bulk(Decimal::unsigned(owned as u64).as_bytes());
            listed += 1;
        }
    }
    out.end_array(consumers, listed);
}

fn extended(out: &mut Writer, group: &Group, interval: &Interval<'_>, now: i64) {
    match interval.consumer {
        None => rows(out, group, interval, now, group.pending_from(interval.first)),
        Some(name) => match group.find_consumer(name) {
            Some(consumer) => {
                rows(out, group, interval, now, group.owned_from(consumer, interval.first));
            }
            None => out.array(0),
        },
    }
}

fn rows(
    out: &mut Writer,
    group: &Group,
    interval: &Interval<'_>,
    now: i64,
    pending: impl Iterator<Item = Pending>,
) {
    let rows = out.begin_array();
    let mut written = 0;
    let inside = pending.take_while(|pending| pending.id <= interval.last);
    for pending in inside.filter(|pending| interval.admits(pending, now)).take(interval.count) {
        out.array(4);
        out.id(pending.id);
        out.bulk(group.owner_name(&pending));
        out.integer(match pending.consumer {
            Some(_) => elapsed(now, pending.delivered_at),
            None => -1,
        });
        out.unsigned(pending.delivery_count);
        written += 1;
    }
    out.end_array(rows, written);
}
