//! The stream data type: entries, consumer groups and what they owe each other. It knows no key
//! names, no clock and no protocol.

mod varint;
mod listpack;
mod radix;
mod entry;
mod block;
mod range;
mod log;
mod node;
#[cfg(test)]
mod testing;

mod consumer;
mod pending;
mod lag;
mod group;
mod read;
mod claim;
mod groups;
mod trim;
mod idempotency;
mod load;

pub use block::{BlockLimits, Names};
pub use claim::{AutoClaim, AutoClaimed, Claim, Claimed, Dropped, Nack, NackMode};
pub use consumer::{Consumer, ConsumerId};
pub use entry::{Entry, Fields};
pub use group::Group;
pub use groups::{Groups, References};
pub use idempotency::{Idempotency, IdempotencyLimits, Producer};
pub use log::{AddError, Counters, Log, MAX_ENTRIES_ADDED};
pub use node::{NewEntry, NewNode, Node};
pub use pending::{MAX_DELIVERY_COUNT, Pending};
pub use range::{Cursor, Range};
pub use read::{Delivered, ReadClaimed, Redelivered};
pub use trim::{Threshold, Trim};

use crate::id::EntryId;

/// A stream: its entries, its consumer groups, and what its producers may say twice.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    log: Log,
    groups: Groups,
    idempotency: Idempotency,
}

/// What deleting one entry by name came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// There is no such entry, or it is not pending where it should be.
    NotFound,
    /// It is gone.
    Deleted,
    /// It stays, since a group still refers to it.
    Referenced,
}

impl Stream {
    /// An empty stream that keeps idempotent IDs within `limits`.
    #[must_use]
    pub fn new(limits: IdempotencyLimits) -> Self {
        Self { idempotency: Idempotency::new(limits), ..Self::default() }
    }

    /// What is known about idempotent production.
    #[must_use]
    pub const fn idempotency(&self) -> &Idempotency {
        &self.idempotency
    }

    /// The same, to change it.
    pub const fn idempotency_mut(&mut self) -> &mut Idempotency {
        &mut self.idempotency
    }

    /// The entries.
    #[must_use]
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// The entries, to append and to set the last ID. Removing goes through the stream.
    pub const fn log_mut(&mut self) -> &mut Log {
        &mut self.log
    }

    /// The groups.
    #[must_use]
    pub const fn groups(&self) -> &Groups {
        &self.groups
    }

    /// One group to change, and the entries it reads.
    pub fn group_mut(&mut self, name: &[u8]) -> Option<(&mut Group, &Log)> {
        Some((self.groups.get_mut(name)?, &self.log))
    }

    /// Creates a group that was delivered everything up to `last_delivered_id`. Says whether the
    /// name was free. The caller caps the counter; an effect repeats one that has grown past the
    /// cap.
    pub fn create_group(
        &mut self,
        name: &[u8],
        last_delivered_id: EntryId,
        entries_read: Option<u64>,
    ) -> bool {
        self.groups.create(name, last_delivered_id, entries_read)
    }

    /// Destroys a group with all it has. Says whether it existed.
    pub fn destroy_group(&mut self, name: &[u8]) -> bool {
        self.groups.destroy(name)
    }

    /// Trims and returns how many entries went; `limits` are those that entries are added with.
    pub fn trim(&mut self, trim: &Trim, limits: BlockLimits) -> u64 {
        trim::trim(&mut self.log, &mut self.groups, trim, limits)
    }

    /// Deletes an entry by name, as XDEL and XDELEX do. A reference counts, and is erased, even
    /// where the entry does not exist.
    pub fn delete(&mut self, id: EntryId, references: References) -> Deletion {
        match references {
            References::Acked if self.groups.refer_to(id) => return Deletion::Referenced,
            References::Delete => self.groups.erase(id),
            References::Acked | References::Keep => {}
        }
        if self.log.delete(id) { Deletion::Deleted } else { Deletion::NotFound }
    }

    /// Acknowledges an entry in one group and deletes it, as XACKDEL does: found means pending
    /// there, whether or not the entry still exists.
    pub fn ack_and_delete(
        &mut self,
        group: &[u8],
        id: EntryId,
        references: References,
    ) -> Deletion {
        if !self.groups.get_mut(group).is_some_and(|group| group.ack(id)) {
            return Deletion::NotFound;
        }
        match self.delete(id, references) {
            Deletion::Referenced => Deletion::Referenced,
            Deletion::Deleted | Deletion::NotFound => Deletion::Deleted,
        }
    }

    /// The bytes that the stream holds, to the precision of a good estimate. One step a consumer.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.log.memory_bytes() + self.groups.memory_bytes() + self.idempotency.memory_bytes()
    }

    /// Whether both are in the same state: entries, counters, groups, owners, delivery times,
    /// counts and order. When consumers were seen and active does not matter.
    #[must_use]
    pub fn same_state(&self, other: &Self) -> bool {
        self.log.same_state(&other.log)
            && self.groups.same_state(&other.groups)
            && self.idempotency.same_state(&other.idempotency)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod model;
