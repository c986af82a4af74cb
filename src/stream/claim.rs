//! Who answers for an entry: XCLAIM, XAUTOCLAIM and XNACK on one group.

use alloc::vec::Vec;

use super::consumer::ConsumerId;
use super::entry::Entry;
use super::group::Group;
use super::log::Log;
use super::pending::{MAX_DELIVERY_COUNT, Pending};
use super::range::Cursor;
use crate::id::EntryId;
use crate::time::{Millis, UnixMillis};

/// Records that XAUTOCLAIM copies at a time.
const BATCH: usize = 128;

/// How XCLAIM claims.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The new owner.
    pub consumer: ConsumerId,
    /// How long an owned entry must have been idle.
    pub min_idle: Millis,
    /// The delivery time to set.
    pub delivered_at: UnixMillis,
    /// The delivery count to set.
    pub retry_count: Option<u64>,
    /// Whether an entry that is not pending becomes pending.
    pub force: bool,
    /// Whether this is no delivery: the count stays.
    pub just_id: bool,
}

/// What XCLAIM did with one ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed<'a> {
    /// Nothing: not pending, or not idle for long enough.
    Skipped,
    /// The entry is gone from the stream, so it is no longer pending either.
    Dropped(Dropped),
    /// It belongs to the claimer now.
    Entry(Entry<'a>),
}

/// A pending entry that was dropped because the entry is gone from the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// The entry.
    pub id: EntryId,
    /// Who owned it.
    pub consumer: Option<ConsumerId>,
}

/// How XAUTOCLAIM claims.
#[derive(Clone, Copy, Debug)]
pub struct AutoClaim {
    /// The new owner.
    pub consumer: ConsumerId,
    /// How long an owned entry must have been idle.
    pub min_idle: Millis,
    /// Where the scan starts.
    pub start: EntryId,
    /// How many results to collect; ten times as many records are looked at.
    pub count: u64,
    /// Whether this is no delivery: the count stays.
    pub just_id: bool,
}

/// What XAUTOCLAIM found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AutoClaimed {
    /// The first pending entry that was not looked at; `None` at the end.
    pub next: Option<EntryId>,
    /// What belongs to the claimer now.
    pub claimed: Vec<EntryId>,
    /// What was dropped.
    pub dropped: Vec<Dropped>,
}

/// What a negative acknowledgement does to the delivery count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NackMode {
    /// As if this delivery had not been: one less.
    Silent,
    /// The delivery counts.
    Fail,
    /// The highest count there is.
    Fatal,
}

/// How XNACK gives entries back.
#[derive(Clone, Copy, Debug)]
pub struct Nack {
    /// What happens to the delivery count …
    pub mode: NackMode,
    /// … unless it is given.
    pub retry_count: Option<u64>,
    /// Whether an entry that is not pending becomes pending.
    pub force: bool,
}

impl Group {
    /// Claims one entry, which `entries` looks up.
    pub fn claim<'a>(
        &mut self,
        entries: &mut Cursor<'a>,
        id: EntryId,
        claim: &Claim,
        now: UnixMillis,
    ) -> Claimed<'a> {
        let pending = self.pending.get(id);
        let Some(entry) = entries.seek(id) else {
            return match pending {
                Some(pending) => Claimed::Dropped(self.drop_pending(&pending)),
                None => Claimed::Skipped,
            };
        };
        let delivery_count = match pending {
            Some(pending) if is_busy(&pending, claim.min_idle, now) => return Claimed::Skipped,
            Some(pending) if claim.just_id => pending.delivery_count,
            Some(pending) => pending.next_count(),
            None if claim.force => {
                self.pending.append(id, claim.consumer, now);
                if claim.just_id { 1 } else { 2 }
            }
            None => return Claimed::Skipped,
        };
        let delivery_count = claim.retry_count.unwrap_or(delivery_count).min(MAX_DELIVERY_COUNT);
        self.pending.deliver(id, claim.consumer, claim.delivered_at, delivery_count);
        self.consumers.activate(claim.consumer, now);
        Claimed::Entry(entry)
    }

    /// Claims idle entries in ID order, and drops those that are gone from the stream.
    pub fn autoclaim(&mut self, log: &Log, claim: &AutoClaim, now: UnixMillis) -> AutoClaimed {
        let mut found = AutoClaimed::default();
        let mut entries = log.cursor();
        let mut attempts = claim.count.saturating_mul(10);
        let mut wanted = claim.count;
        let mut next = Some(claim.start);
        while let Some(start) = next
            && attempts > 0
            && wanted > 0
        {
            let size = BATCH.min(usize::try_from(attempts).unwrap_or(BATCH));
            let batch: Vec<Pending> = self.pending.from(start).take(size).collect();
            let Some(last) = batch.last() else { break };
            next = last.id.successor();
            for pending in &batch {
                if wanted == 0 {
                    next = Some(pending.id);
                    break;
                }
                attempts -= 1;
                wanted -=
                    u64::from(self.autoclaim_one(&mut entries, pending, claim, now, &mut found));
            }
        }
        found.next = next.and_then(|id| self.pending.from(id).next()).map(|pending| pending.id);
        found
    }

    /// Says whether the record counts as a result.
    fn autoclaim_one(
        &mut self,
        entries: &mut Cursor<'_>,
        pending: &Pending,
        claim: &AutoClaim,
        now: UnixMillis,
        found: &mut AutoClaimed,
    ) -> bool {
        if entries.seek(pending.id).is_none() {
            let dropped = self.drop_pending(pending);
            found.dropped.push(dropped);
            return true;
        }
        if is_busy(pending, claim.min_idle, now) {
            return false;
        }
        let count = if claim.just_id { pending.delivery_count } else { pending.next_count() };
        self.pending.deliver(pending.id, claim.consumer, now, count);
        self.consumers.activate(claim.consumer, now);
        found.claimed.push(pending.id);
        true
    }

    /// Gives one entry back to the group. Says whether it is pending, and nobody's, now.
    pub fn nack(&mut self, log: &Log, id: EntryId, nack: &Nack) -> bool {
        let counted = |delivery_count: u64| {
            let count = nack.retry_count.unwrap_or(match nack.mode {
                NackMode::Silent => delivery_count.saturating_sub(1),
                NackMode::Fail => delivery_count,
                NackMode::Fatal => MAX_DELIVERY_COUNT,
            });
            count.min(MAX_DELIVERY_COUNT)
        };
        if let Some(pending) = self.pending.get(id) {
            return self.pending.nack(id, counted(pending.delivery_count));
        }
        let create = nack.force && log.contains(id);
        if create {
            self.pending.append_nacked(id, counted(0));
        }
        create
    }

    fn drop_pending(&mut self, pending: &Pending) -> Dropped {
        self.pending.remove(pending.id);
        Dropped { id: pending.id, consumer: pending.consumer }
    }
}

/// Whether its owner is still taken to work on it.
fn is_busy(pending: &Pending, min_idle: Millis, now: UnixMillis) -> bool {
    let idle = now.saturating_sub(pending.delivered_at);
    pending.consumer.is_some() && min_idle > 0 && idle < min_idle
}
