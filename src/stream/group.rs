//! A consumer group: how far it was delivered, its consumers, and what they have not acknowledged.

use super::consumer::{Consumer, ConsumerId, Consumers};
use super::lag::lag;
use super::log::Log;
use super::pending::{Pending, PendingList};
use crate::id::EntryId;
use crate::time::UnixMillis;

/// A consumer group of a stream.
#[derive(Clone, Debug)]
pub struct Group {
    pub(super) last_delivered_id: EntryId,
    pub(super) entries_read: Option<u64>,
    pub(super) consumers: Consumers,
    pub(super) pending: PendingList,
}

impl Group {
    /// A group without consumers.
    pub(super) fn new(last_delivered_id: EntryId, entries_read: Option<u64>) -> Self {
        Self {
            last_delivered_id,
            entries_read,
            consumers: Consumers::default(),
            pending: PendingList::default(),
        }
    }

    /// The ID up to which entries were delivered.
    #[must_use]
    pub const fn last_delivered_id(&self) -> EntryId {
        self.last_delivered_id
    }

    /// How many entries were read; `None` when that is unknown.
    #[must_use]
    pub const fn entries_read(&self) -> Option<u64> {
        self.entries_read
    }

    /// How many entries are still to be delivered; `None` when that is unknown.
    #[must_use]
    pub fn lag(&self, log: &Log) -> Option<i64> {
        lag(log, self.last_delivered_id, self.entries_read)
    }

    /// Moves the group, back or forth, as XGROUP SETID does. What is pending stays pending. The
    /// caller caps the counter; an effect repeats one that has grown past the cap.
    pub fn set_position(&mut self, id: EntryId, entries_read: Option<u64>) {
        self.last_delivered_id = id;
        self.entries_read = entries_read;
    }

    /// Moves the group forward to `id`, as XCLAIM's LASTID does. Says whether it moved.
    pub fn advance(&mut self, id: EntryId) -> bool {
        let forward = id > self.last_delivered_id;
        self.last_delivered_id = self.last_delivered_id.max(id);
        forward
    }

    /// How many consumers there are.
    #[must_use]
    pub fn consumer_count(&self) -> usize {
        self.consumers.len()
    }

    /// The consumer of that name.
    #[must_use]
    pub fn find_consumer(&self, name: &[u8]) -> Option<ConsumerId> {
        self.consumers.find(name)
    }

    /// The consumer behind a handle; `None` once it is deleted.
    #[must_use]
    pub fn consumer(&self, consumer: ConsumerId) -> Option<&Consumer> {
        self.consumers.get(consumer)
    }

    /// The name of a record's owner; empty where nobody owns it.
    #[must_use]
    pub fn owner_name(&self, pending: &Pending) -> &[u8] {
        pending.consumer.and_then(|owner| self.consumer(owner)).map_or(b"", Consumer::name)
    }

    /// The consumers in the byte order of their names.
    pub fn consumers(&self) -> impl Iterator<Item = (ConsumerId, &Consumer)> {
        self.consumers.iter()
    }

    /// Creates a consumer. Says whether the name was free.
    pub fn create_consumer(&mut self, name: &[u8], now: UnixMillis) -> bool {
        self.consumers.create(name, now).1
    }

    /// The consumer that asks for entries, created if need be and seen now. The flag says whether
    /// it was created.
    pub fn see_consumer(&mut self, name: &[u8], now: UnixMillis) -> (ConsumerId, bool) {
        let (consumer, created) = self.consumers.create(name, now);
        self.consumers.see(consumer, now);
        (consumer, created)
    }

    /// Sets when a consumer was seen and active; the one at this place among the names.
    pub fn set_consumer_times(
        &mut self,
        index: usize,
        seen_at: UnixMillis,
        active_at: Option<UnixMillis>,
    ) {
        self.consumers.set_times(index, seen_at, active_at);
    }

    /// Deletes a consumer with all that it owns. Returns how many entries these were, or `None`
    /// when there is no such consumer. Costs a look-up for each of them.
    pub fn delete_consumer(&mut self, name: &[u8]) -> Option<usize> {
        let consumer = self.consumers.find(name)?;
        let pending = self.pending.remove_owned(consumer);
        self.consumers.delete(consumer);
        Some(pending)
    }

    /// How many entries are pending.
    #[must_use]
    pub const fn pending_count(&self) -> usize {
        self.pending.len()
    }

    /// How many pending entries were negatively acknowledged and belong to nobody.
    #[must_use]
    pub const fn nacked_count(&self) -> usize {
        self.pending.nacked()
    }

    /// How many pending entries a consumer owns.
    #[must_use]
    pub fn owned_count(&self, consumer: ConsumerId) -> usize {
        self.pending.owned(consumer)
    }

    /// The pending entry of the lowest ID.
    #[must_use]
    pub fn first_pending(&self) -> Option<Pending> {
        self.pending.first()
    }

    /// The pending entry of the highest ID.
    #[must_use]
    pub fn last_pending(&self) -> Option<Pending> {
        self.pending.last()
    }

    /// The pending entry at `id`.
    #[must_use]
    pub fn pending(&self, id: EntryId) -> Option<Pending> {
        self.pending.get(id)
    }

    /// The pending entries from `id` on, ascending.
    pub fn pending_from(&self, id: EntryId) -> impl Iterator<Item = Pending> {
        self.pending.from(id)
    }

    /// The pending entries of one consumer from `id` on, ascending.
    pub fn owned_from(&self, consumer: ConsumerId, id: EntryId) -> impl Iterator<Item = Pending> {
        self.pending.owned_from(consumer, id)
    }

    /// The pending entries in the order in which `XREADGROUP … CLAIM` takes them: those that were
    /// negatively acknowledged, then the oldest delivery first.
    pub fn pending_by_time(&self) -> impl Iterator<Item = Pending> {
        self.pending.by_time()
    }

    /// The same behind the one at `after`, if that is pending.
    pub fn pending_by_time_after(&self, after: Option<EntryId>) -> impl Iterator<Item = Pending> {
        self.pending.by_time_after(after)
    }

    /// Acknowledges an entry. Says whether it was pending.
    pub fn ack(&mut self, id: EntryId) -> bool {
        self.pending.remove(id)
    }

    /// The bytes that the group holds. One step a consumer.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.pending.memory_bytes() + self.consumers.memory_bytes()
    }

    /// Whether both are in the same state, but for when consumers were seen and active.
    #[must_use]
    pub fn same_state(&self, other: &Self) -> bool {
        let names = |group: &Self| -> alloc::vec::Vec<alloc::boxed::Box<[u8]>> {
            group.consumers().map(|(_, consumer)| consumer.name().into()).collect()
        };
        let same = |(ours, theirs): (Pending, Pending)| {
            ours.id == theirs.id
                && ours.delivered_at == theirs.delivered_at
                && ours.delivery_count == theirs.delivery_count
                && ours.consumer.is_some() == theirs.consumer.is_some()
                && self.owner_name(&ours) == other.owner_name(&theirs)
        };
        self.last_delivered_id == other.last_delivered_id
            && self.entries_read == other.entries_read
            && names(self) == names(other)
            && self.pending_count() == other.pending_count()
            && self.nacked_count() == other.nacked_count()
            && self.pending_by_time().zip(other.pending_by_time()).all(same)
    }
}
