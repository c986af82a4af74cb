//! Records in ID order: sorted leaves of slots, four bytes a record.

use alloc::vec;
use alloc::vec::Vec;

use super::slab::{Slab, Slot};
use crate::id::EntryId;
use crate::ordered::Ordered;

/// Slots in a full leaf.
const LEAF: usize = 128;

/// A leaf this small looks for a neighbour to join.
const SMALL: usize = 32;

/// The room of an only leaf that stays when it empties: many consumers read one entry, acknowledge
/// it, and read the next one.
const KEPT: usize = 8;

/// Slots ordered by the IDs of their records. A group has one, and one for each consumer.
#[derive(Clone, Debug, Default)]
pub(super) struct SlotIndex {
    /// By a lower bound of the leaf's IDs, above all IDs of the leaf before.
    leaves: Ordered<Vec<Slot>>,
    len: usize,
}

impl SlotIndex {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Adds a record that is not there yet.
    pub(super) fn insert(&mut self, slab: &Slab, id: EntryId, slot: Slot) {
        self.len += 1;
        let Some((_, leaf)) = self.leaves.floor_mut(id) else {
            return self.insert_first(id, slot);
        };
        let at = match leaf.last() {
            Some(&last) if slab.id(last) > id => position(slab, leaf, id),
            _ => leaf.len(),
        };
        if leaf.len() < LEAF {
            leaf.insert(at, slot);
        } else if at == LEAF {
            // Appending leaves full leaves behind.
            self.leaves.insert(id.into(), vec![slot]);
        } else {
            let mut upper = leaf.split_off(LEAF / 2);
            if at <= LEAF / 2 {
                leaf.insert(at, slot);
            } else {
                upper.insert(at - LEAF / 2, slot);
            }
            self.leaves.insert(slab.id(upper[0]).into(), upper);
        }
    }

    /// Adds a record below all others.
    fn insert_first(&mut self, id: EntryId, slot: Slot) {
        let first = self.leaves.first().filter(|(_, leaf)| leaf.len() < LEAF);
        let first = first.map(|(key, _)| key);
        let mut leaf = first.and_then(|key| self.leaves.remove(key.into())).unwrap_or_default();
        leaf.insert(0, slot);
        self.leaves.insert(id.into(), leaf);
    }

    /// Removes the record at `id`, if it is there.
    pub(super) fn remove(&mut self, slab: &Slab, id: EntryId) {
        let Some((key, leaf)) = self.leaves.floor_mut(id) else { return };
        let at = position(slab, leaf, id);
        if leaf.get(at).is_none_or(|&slot| slab.id(slot) != id) {
            return;
        }
        leaf.remove(at);
        self.len -= 1;
        let left = leaf.len();
        if left == 0 {
            if leaf.capacity() > KEPT || self.leaves.len() > 1 {
                self.leaves.remove(key.into());
            }
        } else if left <= SMALL && left.is_power_of_two() {
            // Powers of two only: a leaf that drains beside a full one asks a few times, not often.
            self.join_neighbour(key, left);
        }
    }

    fn join_neighbour(&mut self, key: EntryId, len: usize) {
        let fits = |leaf: &Vec<Slot>| leaf.len() + len <= LEAF / 2;
        let before = key.predecessor().and_then(|below| self.leaves.floor(below));
        let before = before.filter(|(_, leaf)| fits(leaf)).map(|(key, _)| key);
        let after = self.leaves.with(self.leaves.index().from(key.into(), true)).next();
        let after = after.filter(|(_, _, leaf)| fits(leaf)).map(|(key, _, _)| key.id());
        let (lower, upper) = match (before, after) {
            (Some(before), _) => (before, key),
            (None, Some(after)) => (key, after),
            (None, None) => return,
        };
        if let Some(upper) = self.leaves.remove(upper.into())
            && let Some(leaf) = self.leaves.get_mut(lower)
        {
            leaf.extend(upper);
        }
    }

    pub(super) fn find(&self, slab: &Slab, id: EntryId) -> Option<Slot> {
        let (_, leaf) = self.leaves.floor(id)?;
        let slot = *leaf.get(position(slab, leaf, id))?;
        (slab.id(slot) == id).then_some(slot)
    }

    pub(super) fn first(&self) -> Option<Slot> {
        self.leaves.first()?.1.first().copied()
    }

    pub(super) fn last(&self) -> Option<Slot> {
        self.leaves.last()?.1.last().copied()
    }

    /// The slots from `id` on, ascending.
    pub(super) fn from(&self, slab: &Slab, id: EntryId) -> impl Iterator<Item = Slot> {
        let straddling = id.predecessor().and_then(|below| self.leaves.floor(below));
        let front = straddling.map(|(_, leaf)| &leaf[position(slab, leaf, id)..]);
        let rest = self.leaves.with(self.leaves.index().from(id.into(), false));
        let rest = rest.flat_map(|(_, _, leaf)| leaf);
        front.unwrap_or_default().iter().chain(rest).copied()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let slots = (self.len * 2).min(self.leaves.len() * LEAF) * size_of::<Slot>();
        slots + self.leaves.memory_bytes()
    }
}

/// Where `id` is, or would be, in a leaf.
///
/// Each comparison reads a record elsewhere in memory. IDs that grow evenly are found at once
/// where the line between the leaf's ends passes; the rest by halving what is left.
fn position(slab: &Slab, leaf: &[Slot], id: EntryId) -> usize {
    let (Some(&first), Some(&last)) = (leaf.first(), leaf.last()) else { return 0 };
    let (first, last) = (slab.id(first), slab.id(last));
    if id <= first {
        return 0;
    }
    if id > last {
        return leaf.len();
    }
    let guess = interpolate(first, last, id, leaf.len() - 1);
    let (lower, upper) = leaf.split_at(guess);
    match upper.first() {
        Some(&slot) if slab.id(slot) < id => {
            guess + upper.partition_point(|&slot| slab.id(slot) < id)
        }
        _ if lower.last().is_none_or(|&slot| slab.id(slot) < id) => guess,
        _ => lower.partition_point(|&slot| slab.id(slot) < id),
    }
}

/// How far from `first` to `last`, in `steps`, `id` lies between them.
fn interpolate(first: EntryId, last: EntryId, id: EntryId, steps: usize) -> usize {
    let (part, whole) = if last.ms > first.ms {
        (id.ms - first.ms, last.ms - first.ms)
    } else {
        (id.seq - first.seq, last.seq - first.seq)
    };
    // Thirty-two bits of the whole are plenty, and leave room to multiply.
    let shift = 64u32.saturating_sub(whole.leading_zeros()).saturating_sub(32);
    ((part >> shift) * steps as u64 / (whole >> shift).max(1)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixture {
        slab: Slab,
        index: SlotIndex,
    }

    impl Fixture {
        fn new() -> Self {
            Self { slab: Slab::default(), index: SlotIndex::default() }
        }

        fn insert(&mut self, number: u64) {
            let id = EntryId::new(number, 0);
            let slot = self.slab.insert(id, 0);
            self.index.insert(&self.slab, id, slot);
        }

        fn remove(&mut self, number: u64) {
            self.index.remove(&self.slab, EntryId::new(number, 0));
        }

        fn ids(&self, from: u64) -> Vec<u64> {
            let slots = self.index.from(&self.slab, EntryId::new(from, 0));
            slots.map(|slot| self.slab.id(slot).ms).collect()
        }
    }

    #[test]
    fn any_order_of_insertion_is_sorted() {
        let mut fixture = Fixture::new();
        (0..1000).for_each(|number| fixture.insert(number * 7919 % 1000));
        assert_eq!(fixture.ids(0), (0..1000).collect::<Vec<_>>());
        assert_eq!(fixture.ids(777), (777..1000).collect::<Vec<_>>());
        for number in 0..1000 {
            let found = fixture.index.find(&fixture.slab, EntryId::new(number, 0));
            assert_eq!(found.map(|slot| fixture.slab.id(slot).ms), Some(number));
        }
        assert_eq!(fixture.index.find(&fixture.slab, EntryId::new(5, 1)), None);
    }

    #[test]
    fn appended_leaves_are_full() {
        let mut fixture = Fixture::new();
        (0..1280).for_each(|number| fixture.insert(number));
        assert_eq!(fixture.index.leaves.len(), 10);
    }

    #[test]
    fn sparse_leaves_join_and_empty_ones_go() {
        let mut fixture = Fixture::new();
        (0..1280).for_each(|number| fixture.insert(number));
        (0..1280).filter(|number| number % 16 != 0).for_each(|number| fixture.remove(number));
        assert_eq!(fixture.ids(0), (0..1280).step_by(16).collect::<Vec<_>>());
        assert!(fixture.index.leaves.len() <= 4, "{}", fixture.index.leaves.len());
        (0..1280).for_each(|number| fixture.remove(number));
        assert_eq!((fixture.index.leaves.len(), fixture.index.len()), (0, 0));
        assert_eq!((fixture.index.first(), fixture.index.last()), (None, None));
    }
}
