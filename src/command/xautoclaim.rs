//! XAUTOCLAIM: claims whatever was idle for long enough, a part of the pending entries at a time.

use alloc::vec::Vec;

use super::args::{Args, Cursor, interval_start};
use super::claims::{self, Delivery, Recipient};
use super::context::{Context, View};
use super::spec::{Flags, Keys, Spec};
use super::xack::record_ack;
use super::xgroup::{notify_consumer, record_consumer};
use super::{Command, entries, finish};
use crate::error::Error;
use crate::id::EntryId;
use crate::number::parse_i64;
use crate::reply::Writer;
use crate::stream::{AutoClaim, AutoClaimed, Group};
use crate::time::Millis;

/// XAUTOCLAIM.
pub const XAUTOCLAIM: Spec = Spec {
    name: "xautoclaim",
    arity: -6,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@stream"],
    tips: &["nondeterministic_output"],
    since: "6.2.0",
    group: "stream",
    summary: "Makes a consumer the owner of whatever was idle for long enough, a part at a time.",
    complexity: "O(1) with a small COUNT: it looks at ten times COUNT pending entries at most.",
    syntax: "key group consumer min-idle-time start [COUNT count] [JUSTID]",
    handler: |ctx, args| {
        let command = Xautoclaim::parse(ctx, args)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// `XAUTOCLAIM key group consumer min-idle start [COUNT n] [JUSTID]`
#[derive(Clone, Copy, Debug)]
pub struct Xautoclaim<'a> {
    /// The stream's key.
    pub key: &'a [u8],
    /// The group.
    pub group: &'a [u8],
    /// The new owner; made if it does not exist.
    pub consumer: &'a [u8],
    /// How long an entry must have been idle.
    pub min_idle: Millis,
    /// Where the scan starts.
    pub start: EntryId,
    /// How many entries to claim or drop.
    pub count: u64,
    /// Whether to reply with IDs only, and leave delivery counts as they are.
    pub just_id: bool,
}

/// Redis allocates 16 bytes for each of COUNT, which bounds it.
const MAX_COUNT: i64 = i64::MAX / 16;
const DEFAULT_COUNT: u64 = 100;

impl<'a> Xautoclaim<'a> {
    /// Parses the words; every error in them comes before a look at what the key holds.
    pub fn parse(ctx: &mut Context<'_>, words: Args<'a>) -> Result<Self, Error> {
        let mut cursor = Cursor::new(words, 1);
        let (key, group, consumer) = (cursor.expect()?, cursor.expect()?, cursor.expect()?);
        ctx.miss(key);
        let min_idle = parse_i64(cursor.expect()?)
            .ok_or_else(|| Error::invalid_argument("min-idle-time", "XAUTOCLAIM"))?;
        let start = interval_start(cursor.expect()?)?;
        let (mut count, mut just_id) = (DEFAULT_COUNT, false);
        while cursor.left() > 0 {
            if cursor.keyword("COUNT", 1) {
                let wanted = parse_i64(cursor.expect()?);
                let wanted = wanted.filter(|count| (1..=MAX_COUNT).contains(count));
                count = wanted.ok_or(Error::COUNT_NOT_POSITIVE)? as u64;
            } else if cursor.keyword("JUSTID", 0) {
                just_id = true;
            } else {
                return Err(Error::SYNTAX);
            }
        }
        let stream = ctx.stream(key)?;
        if stream.and_then(|stream| stream.groups().get(group)).is_none() {
            return Err(Error::no_group(key, group));
        }
        Ok(Self { key, group, consumer, min_idle: min_idle.max(0), start, count, just_id })
    }
}

impl Command for Xautoclaim<'_> {
    type Outcome = AutoClaimed;

    fn run(&self, ctx: &mut Context<'_>) -> Result<AutoClaimed, Error> {
        let (now, recording) = (ctx.now, ctx.effects.enabled());
        let Some((group, log)) = ctx.stream_mut(self.key)?.and_then(|s| s.group_mut(self.group))
        else {
            return Err(Error::no_group(self.key, self.group));
        };
        let (consumer, created) = group.see_consumer(self.consumer, now);
        let claim = AutoClaim {
            consumer,
            min_idle: self.min_idle,
            start: self.start,
            count: self.count,
            just_id: self.just_id,
        };
        let outcome = group.autoclaim(log, &claim, now);
        let deliveries = if recording { deliveries(group, &outcome.claimed) } else { Vec::new() };
        let last_delivered_id = group.last_delivered_id();
        let changes = outcome.claimed.len() + outcome.dropped.len() + usize::from(created);
        ctx.changed(changes as u64);
        if created {
            notify_consumer(ctx, self.key);
        }
        let recipient = Recipient { key: self.key, group: self.group, consumer: self.consumer };
        if created && outcome.claimed.is_empty() {
            record_consumer(ctx, self.key, self.group, self.consumer);
        }
        claims::record(ctx, recipient, &deliveries, last_delivered_id);
        if recording {
            let dropped: Vec<_> = outcome.dropped.iter().map(|dropped| dropped.id).collect();
            record_ack(ctx, self.key, self.group, &dropped);
        }
        Ok(outcome)
    }

    fn render(&self, outcome: &AutoClaimed, view: View<'_>, out: &mut Writer) {
        out.array(3);
        out.id(outcome.next.unwrap_or(EntryId::MIN));
        out.array(outcome.claimed.len());
        let mut cursor = view.stream(self.key).map(|stream| stream.log().cursor());
        for &id in &outcome.claimed {
            let entry = cursor.as_mut().filter(|_| !self.just_id).and_then(|c| c.seek(id));
            match entry {
                Some(entry) => entries::entry(out, &entry),
                None => out.id(id),
            }
        }
        out.array(outcome.dropped.len());
        for dropped in &outcome.dropped {
            out.id(dropped.id);
        }
    }
}

fn deliveries(group: &Group, ids: &[EntryId]) -> Vec<Delivery> {
    let pending = ids.iter().filter_map(|&id| group.pending(id));
    pending
        .map(|pending| Delivery {
            id: pending.id,
            at: pending.delivered_at,
            count: pending.delivery_count,
        })
        .collect()
}
