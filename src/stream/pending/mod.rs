//! The pending entries of a group: by ID, by consumer and by delivery time.
//!
//! One record of 36 bytes an entry, threaded by delivery time, and two slots in sorted leaves:
//! one for the group, one for the consumer that owns it. About 46 bytes in all.

mod slab;
mod index;
mod timeline;

use alloc::vec::Vec;

use self::index::SlotIndex;
use self::slab::{NONE, Slab, Slot};
use self::timeline::Timeline;
use super::consumer::ConsumerId;
use crate::agenda::Agenda;
use crate::id::EntryId;
use crate::time::UnixMillis;

/// The highest delivery count, where it stops counting: an entry that XNACK called fatal.
pub const MAX_DELIVERY_COUNT: u64 = i64::MAX as u64;

/// An entry that was delivered and not acknowledged. The entry itself may be deleted by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The entry.
    pub id: EntryId,
    /// Who has to deal with it; `None` after a negative acknowledgement.
    pub consumer: Option<ConsumerId>,
    /// When it was delivered last; 0 after a negative acknowledgement.
    pub delivered_at: UnixMillis,
    /// How often it was delivered, up to [`MAX_DELIVERY_COUNT`].
    pub delivery_count: u64,
}

impl Pending {
    /// The delivery count after one more delivery.
    #[must_use]
    pub const fn next_count(&self) -> u64 {
        if self.delivery_count < MAX_DELIVERY_COUNT {
            self.delivery_count + 1
        } else {
            MAX_DELIVERY_COUNT
        }
    }
}

/// All pending entries of a group.
#[derive(Clone, Debug, Default)]
pub(super) struct PendingList {
    slab: Slab,
    by_id: SlotIndex,
    by_consumer: Vec<SlotIndex>,
    by_time: Timeline,
}

impl PendingList {
    pub(super) const fn len(&self) -> usize {
        self.by_id.len()
    }

    /// How many belong to nobody.
    pub(super) const fn nacked(&self) -> usize {
        self.by_time.zone_len()
    }

    pub(super) fn owned(&self, consumer: ConsumerId) -> usize {
        self.of(consumer).map_or(0, SlotIndex::len)
    }

    pub(super) fn first(&self) -> Option<Pending> {
        self.by_id.first().map(|slot| self.at(slot))
    }

    pub(super) fn last(&self) -> Option<Pending> {
        self.by_id.last().map(|slot| self.at(slot))
    }

    pub(super) fn get(&self, id: EntryId) -> Option<Pending> {
        self.by_id.find(&self.slab, id).map(|slot| self.at(slot))
    }

    /// From `id` on, ascending.
    pub(super) fn from(&self, id: EntryId) -> impl Iterator<Item = Pending> {
        self.by_id.from(&self.slab, id).map(|slot| self.at(slot))
    }

    /// What one consumer owns from `id` on, ascending.
    pub(super) fn owned_from(
        &self,
        consumer: ConsumerId,
        id: EntryId,
    ) -> impl Iterator<Item = Pending> {
        let slots = self.of(consumer).map(|index| index.from(&self.slab, id));
        slots.into_iter().flatten().map(|slot| self.at(slot))
    }

    /// In delivery order: negatively acknowledged ones first, then the oldest delivery.
    pub(super) fn by_time(&self) -> impl Iterator<Item = Pending> {
        self.by_time_after(None)
    }

    /// The same behind the entry at `after`, if that is pending; else from the start.
    pub(super) fn by_time_after(&self, after: Option<EntryId>) -> impl Iterator<Item = Pending> {
        let slot = |slot| (slot != NONE).then_some(slot);
        let after = after.and_then(|id| self.by_id.find(&self.slab, id));
        let first = after.map_or(self.by_time.head(), |after| self.slab.next(after));
        let slots =
            core::iter::successors(slot(first), move |&previous| slot(self.slab.next(previous)));
        slots.map(|slot| self.at(slot))
    }

    /// Adds an entry that is not pending, as the latest delivery, its first.
    pub(super) fn append(&mut self, id: EntryId, consumer: ConsumerId, at: UnixMillis) {
        let slot = self.slab.insert(id, consumer.index());
        self.slab.set_delivery(slot, at, 1);
        self.by_id.insert(&self.slab, id, slot);
        self.own(consumer, id, slot);
        self.by_time.append(&mut self.slab, slot);
    }

    /// Adds an entry that is not pending to the end of the negatively acknowledged ones.
    pub(super) fn append_nacked(&mut self, id: EntryId, count: u64) {
        let slot = self.slab.insert(id, NONE);
        self.slab.set_delivery(slot, 0, count);
        self.by_id.insert(&self.slab, id, slot);
        self.by_time.insert_in_zone(&mut self.slab, slot);
    }

    /// Whether an entry is not pending for sure, by a look at the highest one.
    pub(super) fn is_above(&self, id: EntryId) -> bool {
        self.by_id.last().is_none_or(|slot| self.slab.id(slot) < id)
    }

    /// Delivers a pending entry again. Says whether it was pending.
    pub(super) fn deliver(
        &mut self,
        id: EntryId,
        consumer: ConsumerId,
        at: UnixMillis,
        count: u64,
    ) -> bool {
        let Some(slot) = self.by_id.find(&self.slab, id) else { return false };
        let owner = self.slab.owner(slot);
        self.by_time.unlink(&mut self.slab, slot, owner == NONE);
        self.slab.set_delivery(slot, at, count);
        if owner != consumer.index() {
            self.disown(owner, id);
            self.slab.set_owner(slot, consumer.index());
            self.own(consumer, id, slot);
        }
        self.by_time.insert(&mut self.slab, slot, at);
        true
    }

    /// Takes a pending entry from its owner. Says whether it was pending.
    pub(super) fn nack(&mut self, id: EntryId, count: u64) -> bool {
        let Some(slot) = self.by_id.find(&self.slab, id) else { return false };
        let owner = self.slab.owner(slot);
        self.by_time.unlink(&mut self.slab, slot, owner == NONE);
        self.disown(owner, id);
        self.slab.set_owner(slot, NONE);
        self.slab.set_delivery(slot, 0, count);
        self.by_time.insert_in_zone(&mut self.slab, slot);
        true
    }

    /// Removes a pending entry. Says whether it was there.
    pub(super) fn remove(&mut self, id: EntryId) -> bool {
        let Some(slot) = self.by_id.find(&self.slab, id) else { return false };
        let owner = self.slab.owner(slot);
        self.by_time.unlink(&mut self.slab, slot, owner == NONE);
        self.disown(owner, id);
        self.by_id.remove(&self.slab, id);
        self.slab.remove(slot);
        true
    }

    /// Removes all that a consumer owns and returns how many these were.
    pub(super) fn remove_owned(&mut self, consumer: ConsumerId) -> usize {
        let Some(index) = self.by_consumer.get_mut(consumer.index() as usize) else { return 0 };
        let index = core::mem::take(index);
        let slots: Vec<Slot> = index.from(&self.slab, EntryId::MIN).collect();
        for &slot in &slots {
            self.by_time.unlink(&mut self.slab, slot, false);
            self.by_id.remove(&self.slab, self.slab.id(slot));
            self.slab.remove(slot);
        }
        slots.len()
    }

    /// Adds an entry above all others that has no place yet: [`PendingList::give`] it to a
    /// consumer or [`PendingList::give_up`] on it, then [`PendingList::settle`].
    pub(super) fn load(&mut self, id: EntryId, at: UnixMillis, count: u64) -> bool {
        let above = self.is_above(id);
        if above {
            let slot = self.slab.insert(id, NONE);
            self.slab.set_delivery(slot, at, count);
            self.by_id.insert(&self.slab, id, slot);
        }
        above
    }

    /// Gives a loaded entry to a consumer. Says whether it was there and had no place.
    pub(super) fn give(&mut self, id: EntryId, consumer: ConsumerId) -> bool {
        let Some(slot) = self.without_place(id) else { return false };
        self.slab.set_owner(slot, consumer.index());
        self.own(consumer, id, slot);
        true
    }

    /// Puts a loaded entry at the end of the negatively acknowledged ones. Says whether it was
    /// there and had no place.
    pub(super) fn give_up(&mut self, id: EntryId) -> bool {
        let Some(slot) = self.without_place(id) else { return false };
        let (_, count) = self.slab.delivery(slot);
        self.slab.set_delivery(slot, 0, count);
        self.by_time.insert_in_zone(&mut self.slab, slot);
        true
    }

    fn without_place(&self, id: EntryId) -> Option<Slot> {
        let slot = self.by_id.find(&self.slab, id)?;
        let free = self.slab.owner(slot) == NONE && !self.by_time.holds(&self.slab, slot);
        free.then_some(slot)
    }

    /// Links what consumers own by delivery time, and by ID where that is the same. Says whether
    /// every loaded entry has a place now.
    pub(super) fn settle(&mut self) -> bool {
        // Slots of a fresh list ascend as the IDs do.
        let mut order = Agenda::default();
        for slot in self.by_id.from(&self.slab, EntryId::MIN) {
            if self.slab.owner(slot) != NONE {
                order.insert(self.slab.delivery(slot).0, slot.into(), b"");
            }
        }
        for (_, slot) in order.iter() {
            self.by_time.append(&mut self.slab, slot as Slot);
        }
        self.nacked() + order.len() == self.len()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let indexes = core::iter::once(&self.by_id).chain(&self.by_consumer);
        self.slab.memory_bytes()
            + self.by_consumer.capacity() * size_of::<SlotIndex>()
            + indexes.map(SlotIndex::memory_bytes).sum::<usize>()
    }

    fn at(&self, slot: Slot) -> Pending {
        let (delivered_at, delivery_count) = self.slab.delivery(slot);
        let owner = self.slab.owner(slot);
        let consumer = (owner != NONE).then(|| ConsumerId::new(owner));
        Pending { id: self.slab.id(slot), consumer, delivered_at, delivery_count }
    }

    fn of(&self, consumer: ConsumerId) -> Option<&SlotIndex> {
        self.by_consumer.get(consumer.index() as usize)
    }

    fn own(&mut self, consumer: ConsumerId, id: EntryId, slot: Slot) {
        let index = consumer.index() as usize;
        if index >= self.by_consumer.len() {
            self.by_consumer.resize_with(index + 1, SlotIndex::default);
        }
        self.by_consumer[index].insert(&self.slab, id, slot);
    }

    fn disown(&mut self, owner: u32, id: EntryId) {
        if let Some(index) = self.by_consumer.get_mut(owner as usize) {
            index.remove(&self.slab, id);
        }
    }
}

#[cfg(test)]
mod tests;
