//! The records of pending entries: 36 bytes each, in chunks whose slots are used again.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::mem;

use crate::id::EntryId;
use crate::ordered::Ordered;
use crate::time::UnixMillis;

/// Where a record lies; [`NONE`] is no record.
pub(super) type Slot = u32;

pub(super) const NONE: Slot = u32::MAX;

/// Records in a chunk.
const CHUNK: usize = 256;

/// Delivery counts from here on, and times outside of 48 bits, are kept beside the record.
const COUNT_ELSEWHERE: u64 = 0xffff;

/// Packed so that 256 of them take no padding: a record is read or written as a copy.
#[derive(Clone, Copy, Debug)]
#[repr(C, packed(4))]
struct Record {
    id: EntryId,
    /// Delivery time in the upper 48 bits, delivery count in the lower 16.
    delivery: u64,
    owner: u32,
    /// The neighbours in delivery order; `next` of a free record is the next free one.
    prev: Slot,
    next: Slot,
}

#[derive(Clone, Debug)]
struct Chunk {
    records: Vec<Record>,
    /// The first free record among those in use before.
    free: Slot,
    live: usize,
}

/// All records of one group.
#[derive(Clone, Debug, Default)]
pub(super) struct Slab {
    chunks: Vec<Chunk>,
    /// Chunks with room, and some that are gone; the lowest is filled first, so that the upper
    /// ones can go.
    open: BinaryHeap<Reverse<u32>>,
    /// The memory of one emptied chunk, for a list that grows and shrinks around a chunk's end.
    spare: Vec<Record>,
    /// By slot.
    elsewhere: Ordered<(UnixMillis, u64)>,
    /// Chunks that hold memory.
    allocated: usize,
}

impl Slab {
    /// A new record, unlinked, delivered never.
    pub(super) fn insert(&mut self, id: EntryId, owner: u32) -> Slot {
        let record = Record { id, delivery: 0, owner, prev: NONE, next: NONE };
        let index = self.open_chunk();
        let chunk = &mut self.chunks[index as usize];
        let base = index * CHUNK as u32;
        let slot = chunk.free;
        let slot = if slot == NONE {
            chunk.records.push(record);
            base + chunk.records.len() as u32 - 1
        } else {
            let free = &mut chunk.records[slot as usize % CHUNK];
            chunk.free = free.next;
            *free = record;
            slot
        };
        chunk.live += 1;
        if chunk.live == CHUNK {
            self.open.pop();
        }
        slot
    }

    /// The lowest chunk with room, with memory for its records.
    fn open_chunk(&mut self) -> u32 {
        while self.open.peek().is_some_and(|Reverse(index)| !self.has_room(*index)) {
            self.open.pop();
        }
        let index = if let Some(&Reverse(index)) = self.open.peek() {
            index
        } else {
            let index = self.chunks.len() as u32;
            self.chunks.push(Chunk { records: Vec::new(), free: NONE, live: 0 });
            self.open.push(Reverse(index));
            index
        };
        let chunk = &mut self.chunks[index as usize];
        if chunk.records.capacity() == 0 {
            self.allocated += 1;
            chunk.records = mem::take(&mut self.spare);
            // A small group stays small: only its first chunk grows step by step.
            if index > 0 {
                chunk.records.reserve_exact(CHUNK);
            }
        }
        index
    }

    fn has_room(&self, index: u32) -> bool {
        self.chunks.get(index as usize).is_some_and(|chunk| chunk.live < CHUNK)
    }

    /// Frees a record that is linked nowhere any more.
    pub(super) fn remove(&mut self, slot: Slot) {
        self.forget_elsewhere(slot);
        let index = slot / CHUNK as u32;
        let chunk = &mut self.chunks[index as usize];
        chunk.records[slot as usize % CHUNK].next = chunk.free;
        chunk.free = slot;
        if chunk.live == CHUNK {
            self.open.push(Reverse(index));
        }
        chunk.live -= 1;
        if chunk.live == 0 {
            chunk.free = NONE;
            chunk.records.clear();
            if index > 0 {
                self.release(index);
            }
        }
    }

    /// Gives back the memory of an empty chunk, and the empty chunks at the end.
    fn release(&mut self, index: u32) {
        self.spare = mem::take(&mut self.chunks[index as usize].records);
        self.allocated -= 1;
        while self.chunks.len() > 1 && self.chunks.last().is_some_and(|chunk| chunk.live == 0) {
            self.chunks.pop();
        }
    }

    #[inline]
    fn record(&self, slot: Slot) -> &Record {
        &self.chunks[slot as usize / CHUNK].records[slot as usize % CHUNK]
    }

    #[inline]
    fn record_mut(&mut self, slot: Slot) -> &mut Record {
        &mut self.chunks[slot as usize / CHUNK].records[slot as usize % CHUNK]
    }

    #[inline]
    pub(super) fn id(&self, slot: Slot) -> EntryId {
        self.record(slot).id
    }

    pub(super) fn owner(&self, slot: Slot) -> u32 {
        self.record(slot).owner
    }

    pub(super) fn set_owner(&mut self, slot: Slot, owner: u32) {
        self.record_mut(slot).owner = owner;
    }

    pub(super) fn prev(&self, slot: Slot) -> Slot {
        self.record(slot).prev
    }

    pub(super) fn next(&self, slot: Slot) -> Slot {
        self.record(slot).next
    }

    pub(super) fn set_prev(&mut self, slot: Slot, prev: Slot) {
        self.record_mut(slot).prev = prev;
    }

    pub(super) fn set_next(&mut self, slot: Slot, next: Slot) {
        self.record_mut(slot).next = next;
    }

    /// Delivery time and count.
    pub(super) fn delivery(&self, slot: Slot) -> (UnixMillis, u64) {
        let packed = self.record(slot).delivery;
        match packed & COUNT_ELSEWHERE {
            COUNT_ELSEWHERE => self.elsewhere.get(beside(slot)).copied().unwrap_or_default(),
            count => ((packed >> 16) as i64, count),
        }
    }

    pub(super) fn set_delivery(&mut self, slot: Slot, at: UnixMillis, count: u64) {
        self.forget_elsewhere(slot);
        let packed = if (0..1 << 48).contains(&at) && count < COUNT_ELSEWHERE {
            (at as u64) << 16 | count
        } else {
            self.elsewhere.insert(beside(slot).into(), (at, count));
            COUNT_ELSEWHERE
        };
        self.record_mut(slot).delivery = packed;
    }

    fn forget_elsewhere(&mut self, slot: Slot) {
        if self.record(slot).delivery & COUNT_ELSEWHERE == COUNT_ELSEWHERE {
            self.elsewhere.remove(beside(slot).into());
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let first = self.chunks.first().map_or(0, |chunk| chunk.records.capacity());
        let full = self.allocated.saturating_sub(usize::from(first > 0)) * CHUNK;
        (first + full + self.spare.capacity()) * size_of::<Record>()
            + self.chunks.capacity() * size_of::<Chunk>()
            + self.elsewhere.memory_bytes()
    }
}

/// The key of a slot's delivery in [`Slab::elsewhere`].
fn beside(slot: Slot) -> EntryId {
    EntryId::new(slot.into(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_used_again_and_chunks_released() {
        let mut slab = Slab::default();
        let slots: Vec<_> =
            (0..1000).map(|number| slab.insert(EntryId::new(number, 0), 0)).collect();
        assert_eq!(slots, (0..1000).collect::<Vec<_>>());
        slots[256..].iter().for_each(|&slot| slab.remove(slot));
        assert_eq!((slab.chunks.len(), slab.allocated), (1, 1));
        slab.remove(7);
        slab.remove(3);
        let reused: Vec<_> = (0..3).map(|ms| slab.insert(EntryId::new(ms, 1), 0)).collect();
        assert_eq!(reused, [3, 7, 256]);
        assert_eq!(slab.id(7), EntryId::new(1, 1));
        assert!(slab.spare.capacity() == 0, "the spare chunk came into use again");
    }

    #[test]
    fn extreme_deliveries_are_exact() {
        let mut slab = Slab::default();
        let slot = slab.insert(EntryId::MAX, 3);
        for delivery in [
            (1_795_311_718_399, 1),
            (-1, 1),
            (1 << 48, 2),
            ((1 << 48) - 1, 0xfffe),
            (0, 0xffff),
            (i64::MAX, i64::MAX as u64),
            (5, 0),
        ] {
            slab.set_delivery(slot, delivery.0, delivery.1);
            assert_eq!(slab.delivery(slot), delivery);
        }
        assert!(slab.elsewhere.is_empty(), "what fits again is kept in the record again");
        assert_eq!(size_of::<Record>(), 36);
    }
}
