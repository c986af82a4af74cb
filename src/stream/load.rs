//! Groups that come from elsewhere: made part by part, with every contradiction refused.

use super::Stream;
use super::group::Group;
use super::idempotency::IdempotencyLimits;
use super::lag::position;
use super::log::Log;
use super::pending::MAX_DELIVERY_COUNT;
use crate::id::EntryId;
use crate::time::UnixMillis;

impl Stream {
    /// A stream without groups that keeps idempotent IDs within `limits`.
    #[must_use]
    pub fn from_log(log: Log, limits: IdempotencyLimits) -> Self {
        Self { log, ..Self::new(limits) }
    }

    /// Adds a group. `None`: the name is taken, or it has read more than was ever added.
    pub fn load_group(
        &mut self,
        name: &[u8],
        last_delivered_id: EntryId,
        entries_read: Option<u64>,
    ) -> Option<&mut Group> {
        let possible = entries_read.is_none_or(|read| read <= self.log.entries_added());
        if !possible || !self.create_group(name, last_delivered_id, entries_read) {
            return None;
        }
        self.groups.get_mut(name)
    }

    /// How many entries a group that was delivered everything up to `id` would have read, as far
    /// as that can be known.
    #[must_use]
    pub fn position(&self, id: EntryId) -> Option<u64> {
        position(&self.log, id)
    }
}

impl Group {
    /// Adds a pending entry that belongs to nobody yet. `false`: it is not above all others.
    #[must_use]
    pub fn load_pending(&mut self, id: EntryId, delivered_at: UnixMillis, count: u64) -> bool {
        self.pending.load(id, delivered_at, count.min(MAX_DELIVERY_COUNT))
    }

    /// Adds a consumer and gives it pending entries. `false`: the name is taken, or one of the
    /// entries is not pending or has an owner.
    #[must_use]
    pub fn load_consumer(
        &mut self,
        name: &[u8],
        seen_at: UnixMillis,
        active_at: Option<UnixMillis>,
        mut owned: impl Iterator<Item = EntryId>,
    ) -> bool {
        let (consumer, created) = self.consumers.create(name, seen_at);
        self.consumers.date(consumer, seen_at, active_at);
        created && owned.all(|id| self.pending.give(id, consumer))
    }

    /// Puts pending entries of nobody into the zone of the negatively acknowledged, and all others
    /// into the order of their times. `false`: one of them is not pending or has an owner, or an
    /// entry is left that has neither an owner nor a place in the zone.
    #[must_use]
    pub fn load_nacked(&mut self, mut nacked: impl Iterator<Item = EntryId>) -> bool {
        nacked.all(|id| self.pending.give_up(id)) && self.pending.settle()
    }
}
