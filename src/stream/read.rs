//! What XREADGROUP does to a group: new entries, a consumer's own history, and idle ones claimed.

use alloc::vec::Vec;

use super::consumer::ConsumerId;
use super::entry::Entry;
use super::group::Group;
use super::lag::after_delivery;
use super::log::Log;
use super::pending::Pending;
use crate::id::EntryId;
use crate::time::{Millis, UnixMillis};

/// A run of entries that were just delivered for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The first of them.
    pub first: EntryId,
    /// The last; everything alive between the two was delivered.
    pub last: EntryId,
    /// How many there are.
    pub count: u64,
}

/// An entry of a consumer's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redelivered {
    /// The entry.
    pub id: EntryId,
    /// Whether it still exists; otherwise it stays pending as it was.
    pub exists: bool,
}

/// A pending entry that a read claimed because it was idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadClaimed {
    /// The entry.
    pub id: EntryId,
    /// How long it was idle. As in Redis that is the Unix time for an entry that was negatively
    /// acknowledged, and negative for one whose delivery lies in the future.
    pub idle: Millis,
    /// Its delivery count before this delivery.
    pub delivery_count: u64,
}

impl Group {
    /// Delivers up to `count` entries above the last delivered one (0: all of them) and makes
    /// them pending, unless `noack`. An entry that is pending already changes hands and counts
    /// as delivered once.
    pub fn read_new(
        &mut self,
        log: &Log,
        consumer: ConsumerId,
        count: u64,
        noack: bool,
        now: UnixMillis,
    ) -> Option<Delivered> {
        let start = self.last_delivered_id.successor()?;
        let limit = if count == 0 { u64::MAX } else { count };
        let mut delivered: Option<Delivered> = None;
        for entry in log.range(start, EntryId::MAX) {
            let id = entry.id;
            self.entries_read = after_delivery(log, self.last_delivered_id, self.entries_read, id);
            self.last_delivered_id = id;
            if !noack {
                self.deliver_new(id, consumer, now);
            }
            let run = delivered.get_or_insert(Delivered { first: id, last: id, count: 0 });
            run.last = id;
            run.count += 1;
            if run.count >= limit {
                break;
            }
        }
        if delivered.is_some() && !noack {
            self.consumers.activate(consumer, now);
        }
        delivered
    }

    fn deliver_new(&mut self, id: EntryId, consumer: ConsumerId, now: UnixMillis) {
        if self.pending.is_above(id) || !self.pending.deliver(id, consumer, now, 1) {
            self.pending.append(id, consumer, now);
        }
    }

    /// Delivers again what the consumer owns above `after`: up to `count` entries, 0 for all, and
    /// as long as `admit` says so. Entries that are gone are listed and left alone.
    pub fn read_history(
        &mut self,
        log: &Log,
        consumer: ConsumerId,
        after: EntryId,
        count: u64,
        now: UnixMillis,
        admit: &mut dyn FnMut(EntryId, Option<&Entry<'_>>) -> bool,
    ) -> Vec<Redelivered> {
        let Some(start) = after.successor() else { return Vec::new() };
        let mut entries = log.cursor();
        let history: Vec<(Pending, bool)> = self
            .pending
            .owned_from(consumer, start)
            .take(at_most(count))
            .map(|pending| (pending, entries.seek(pending.id)))
            .take_while(|(pending, entry)| admit(pending.id, entry.as_ref()))
            .map(|(pending, entry)| (pending, entry.is_some()))
            .collect();
        for (pending, _) in history.iter().filter(|(_, exists)| *exists) {
            self.pending.deliver(pending.id, consumer, now, pending.next_count());
        }
        history.iter().map(|&(pending, exists)| Redelivered { id: pending.id, exists }).collect()
    }

    /// Claims what was idle for at least `min_idle`, longest idle first: up to `count` entries,
    /// 0 for all, and as long as `admit` says so. Entries that are gone are passed over and stay
    /// pending.
    pub fn read_idle(
        &mut self,
        log: &Log,
        consumer: ConsumerId,
        min_idle: Millis,
        count: u64,
        now: UnixMillis,
        admit: &mut dyn FnMut(&ReadClaimed, &Entry<'_>) -> bool,
    ) -> Vec<ReadClaimed> {
        let claimed = |pending: &Pending| ReadClaimed {
            id: pending.id,
            idle: now.wrapping_sub(pending.delivered_at),
            delivery_count: pending.delivery_count,
        };
        let mut entries = log.cursor();
        // Chosen before anything moves: what this call delivers cannot come up again in it.
        let mut idle: Vec<Pending> = Vec::new();
        // Redis moves what it claims in front of deliveries that lie in the future, and stops when
        // it comes to that. With one more record in between it does.
        let (mut moved, mut meets_moved) = (false, false);
        for pending in self.pending.by_time() {
            let in_future = pending.delivered_at > now;
            meets_moved |= moved && !in_future;
            if !is_idle(&pending, min_idle, now) || in_future && meets_moved {
                break;
            }
            let Some(entry) = entries.seek(pending.id) else { continue };
            if idle.len() == at_most(count) || !admit(&claimed(&pending), &entry) {
                break;
            }
            moved |= !in_future;
            idle.push(pending);
        }
        for pending in &idle {
            self.pending.deliver(pending.id, consumer, now, pending.next_count());
            self.consumers.activate(consumer, now);
        }
        idle.iter().map(claimed).collect()
    }

    /// The pending entry that `XREADGROUP … CLAIM` would take first, idle or not: the first in
    /// delivery order that still exists. Passes over those that do not, one look-up each.
    #[must_use]
    pub fn next_claimable(&self, log: &Log) -> Option<Pending> {
        let mut entries = log.cursor();
        self.pending.by_time().find(|pending| entries.seek(pending.id).is_some())
    }

    /// Whether [`Group::read_idle`] would claim anything.
    #[must_use]
    pub fn has_claimable(&self, log: &Log, min_idle: Millis, now: UnixMillis) -> bool {
        self.next_claimable(log).is_some_and(|pending| is_idle(&pending, min_idle, now))
    }
}

/// Idle time is unsigned here, as in Redis: a delivery in the future is idle for ever.
fn is_idle(pending: &Pending, min_idle: Millis, now: UnixMillis) -> bool {
    now.wrapping_sub(pending.delivered_at) as u64 >= min_idle.max(0) as u64
}

fn at_most(count: u64) -> usize {
    if count == 0 { usize::MAX } else { usize::try_from(count).unwrap_or(usize::MAX) }
}
