//! XCLAIM: makes a consumer the owner of pending entries.

use alloc::vec::Vec;

use super::args::{Args, Cursor, entry_id};
use super::claims::{self, Delivery, Recipient};
use super::context::{Context, View};
use super::spec::{Flags, Keys, Spec};
use super::xack::record_ack;
use super::xgroup::{notify_consumer, record_consumer, record_set_id};
use super::{Command, entries, finish};
use crate::error::Error;
use crate::id::EntryId;
use crate::number::parse_i64;
use crate::reply::Writer;
use crate::stream::{Claim, Claimed};
use crate::time::{Millis, UnixMillis};

/// XCLAIM.
pub const XCLAIM: Spec = Spec {
    name: "xclaim",
    arity: -6,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@stream"],
    tips: &["nondeterministic_output"],
    since: "5.0.0",
    group: "stream",
    summary: "Makes a consumer the owner of pending entries that were idle for long enough.",
    complexity: "O(log N) for each ID, with N entries pending in the group.",
    syntax: "key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]",
    handler: |ctx, args| {
        let command = Xclaim::parse(ctx, args)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// `XCLAIM key group consumer min-idle id [id …] [IDLE ms] [TIME unix-ms] [RETRYCOUNT n] [FORCE]
/// [JUSTID] [LASTID id]`
#[derive(Clone, Debug)]
pub struct Xclaim<'a> {
    /// The stream's key.
    pub key: &'a [u8],
    /// The group.
    pub group: &'a [u8],
    /// The new owner; made if it does not exist.
    pub consumer: &'a [u8],
    /// How long an entry must have been idle.
    pub min_idle: Millis,
    /// The entries to claim.
    pub ids: Vec<EntryId>,
    /// The delivery time that they get; `None` for now.
    pub delivered_at: Option<UnixMillis>,
    /// The delivery count that they get; `None` for one more.
    pub retry_count: Option<u64>,
    /// Whether entries that are not pending become so.
    pub force: bool,
    /// Whether to reply with IDs only, and leave delivery counts as they are.
    pub just_id: bool,
    /// The least last-delivered ID that the group has afterwards.
    pub last_id: Option<EntryId>,
}

impl<'a> Xclaim<'a> {
    /// Parses the words: key and group come first, then the idle time. Words are IDs as long as
    /// they read as IDs; the first that does not begins the options.
    pub fn parse(ctx: &mut Context<'_>, words: Args<'a>) -> Result<Self, Error> {
        let mut cursor = Cursor::new(words, 1);
        let (key, group) = (cursor.expect()?, cursor.expect()?);
        let stream = ctx.read_stream(key)?;
        if stream.and_then(|stream| stream.groups().get(group)).is_none() {
            return Err(Error::no_group(key, group));
        }
        let consumer = cursor.expect()?;
        let min_idle = named_integer(cursor.expect()?, "min-idle-time")?.max(0);
        let mut ids = Vec::new();
        while let Some(id) = cursor.peek().and_then(|word| EntryId::parse(word, 0)) {
            ids.push(id);
            cursor.word();
        }
        let mut claim = Self {
            key,
            group,
            consumer,
            min_idle,
            ids,
            delivered_at: None,
            retry_count: None,
            force: false,
            just_id: false,
            last_id: None,
        };
        while let Some(word) = cursor.peek() {
            if !claim.accept(&mut cursor, ctx.now)? {
                return Err(Error::unrecognized_option("XCLAIM", word));
            }
        }
        Ok(claim)
    }

    fn accept(&mut self, cursor: &mut Cursor<'a>, now: UnixMillis) -> Result<bool, Error> {
        if cursor.keyword("FORCE", 0) {
            self.force = true;
        } else if cursor.keyword("JUSTID", 0) {
            self.just_id = true;
        } else if cursor.keyword("IDLE", 1) {
            let idle = named_integer(cursor.expect()?, "IDLE option")?;
            self.delivered_at = Some(now.saturating_sub(idle));
        } else if cursor.keyword("TIME", 1) {
            self.delivered_at = Some(named_integer(cursor.expect()?, "TIME option")?);
        } else if cursor.keyword("RETRYCOUNT", 1) {
            let count = named_integer(cursor.expect()?, "RETRYCOUNT option")?;
            self.retry_count = u64::try_from(count).ok();
        } else if cursor.keyword("LASTID", 1) {
            self.last_id = Some(entry_id(cursor.expect()?)?);
        } else {
            return Ok(false);
        }
        Ok(true)
    }
}

fn named_integer(word: &[u8], name: &str) -> Result<i64, Error> {
    parse_i64(word).ok_or_else(|| Error::invalid_argument(name, "XCLAIM"))
}

/// What XCLAIM did.
#[derive(Debug, Default)]
pub struct Outcome {
    claimed: Vec<Delivery>,
    dropped: Vec<EntryId>,
}

impl Command for Xclaim<'_> {
    type Outcome = Outcome;

    fn run(&self, ctx: &mut Context<'_>) -> Result<Outcome, Error> {
        let now = ctx.now;
        // A delivery that lies in the future is none, unless a journal says that it is.
        let possible = |at: &UnixMillis| ctx.replaying || (0..=now).contains(at);
        let delivered_at = self.delivered_at.filter(possible).unwrap_or(now);
        let Some((group, log)) = ctx.stream_mut(self.key)?.and_then(|s| s.group_mut(self.group))
        else {
            return Err(Error::no_group(self.key, self.group));
        };
        let advanced = self.last_id.is_some_and(|id| group.advance(id));
        let (consumer, created) = group.see_consumer(self.consumer, now);
        let claim = Claim {
            consumer,
            min_idle: self.min_idle,
            delivered_at,
            retry_count: self.retry_count,
            force: self.force,
            just_id: self.just_id,
        };
        let mut entries = log.cursor();
        let mut outcome = Outcome::default();
        outcome.claimed.reserve(self.ids.len());
        for &id in &self.ids {
            match group.claim(&mut entries, id, &claim, now) {
                Claimed::Skipped => {}
                Claimed::Dropped(dropped) => outcome.dropped.push(dropped.id),
                Claimed::Entry(_) => {
                    let (at, count) = group
                        .pending(id)
                        .map_or((now, 0), |pending| (pending.delivered_at, pending.delivery_count));
                    outcome.claimed.push(Delivery { id, at, count });
                }
            }
        }
        let position = (group.last_delivered_id(), group.entries_read());
        if created {
            notify_consumer(ctx, self.key);
        }
        self.record(ctx, &outcome, created, advanced, position);
        Ok(outcome)
    }

    fn render(&self, outcome: &Outcome, view: View<'_>, out: &mut Writer) {
        let Some(stream) = view.stream(self.key) else { return out.array(0) };
        let mut cursor = stream.log().cursor();
        out.array(outcome.claimed.len());
        for delivery in &outcome.claimed {
            match cursor.seek(delivery.id).filter(|_| !self.just_id) {
                Some(entry) => entries::entry(out, &entry),
                None => out.id(delivery.id),
            }
        }
    }
}

impl Xclaim<'_> {
    fn record(
        &self,
        ctx: &mut Context<'_>,
        outcome: &Outcome,
        created: bool,
        advanced: bool,
        (last_delivered_id, entries_read): (EntryId, Option<u64>),
    ) {
        let changes = outcome.claimed.len() + outcome.dropped.len();
        ctx.changed(changes as u64 + u64::from(created) + u64::from(advanced));
        let recipient = Recipient { key: self.key, group: self.group, consumer: self.consumer };
        if created && outcome.claimed.is_empty() {
            record_consumer(ctx, self.key, self.group, self.consumer);
        }
        claims::record(ctx, recipient, &outcome.claimed, last_delivered_id);
        record_ack(ctx, self.key, self.group, &outcome.dropped);
        if advanced && outcome.claimed.is_empty() {
            record_set_id(ctx, self.key, self.group, last_delivered_id, entries_read);
        }
    }
}
