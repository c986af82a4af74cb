//! Records in the order of delivery, with the negatively acknowledged ones in front.

use core::mem;

use super::slab::{NONE, Slab, Slot};
use crate::time::UnixMillis;

/// A doubly linked list through the records. Its head is the zone of negatively acknowledged
/// records, first come first served; behind it lie the owned ones by delivery time.
#[derive(Clone, Debug)]
pub(super) struct Timeline {
    head: Slot,
    tail: Slot,
    /// The last record of the zone.
    zone_tail: Slot,
    zone_len: usize,
}

impl Default for Timeline {
    fn default() -> Self {
        Self { head: NONE, tail: NONE, zone_tail: NONE, zone_len: 0 }
    }
}

impl Timeline {
    pub(super) const fn head(&self) -> Slot {
        self.head
    }

    pub(super) const fn zone_len(&self) -> usize {
        self.zone_len
    }

    /// Whether a record is linked.
    pub(super) fn holds(&self, slab: &Slab, slot: Slot) -> bool {
        self.head == slot || slab.prev(slot) != NONE
    }

    /// Links a record that is new to the list at its end, whatever its time.
    pub(super) fn append(&mut self, slab: &mut Slab, slot: Slot) {
        self.link_behind(slab, self.tail, slot);
    }

    /// Links a record by its delivery time, behind those of the same time.
    ///
    /// Walks from the end over all later deliveries, as Redis does: no step when time goes
    /// forward, up to all records when XCLAIM sets an old time in a long list.
    pub(super) fn insert(&mut self, slab: &mut Slab, slot: Slot, at: UnixMillis) {
        let mut behind = self.tail;
        while behind != self.zone_tail && slab.delivery(behind).0 > at {
            behind = slab.prev(behind);
        }
        self.link_behind(slab, behind, slot);
    }

    /// Links a record at the end of the zone.
    pub(super) fn insert_in_zone(&mut self, slab: &mut Slab, slot: Slot) {
        self.link_behind(slab, self.zone_tail, slot);
        self.zone_tail = slot;
        self.zone_len += 1;
    }

    /// Takes a record out; `in_zone` says where it is.
    pub(super) fn unlink(&mut self, slab: &mut Slab, slot: Slot, in_zone: bool) {
        let (prev, next) = (slab.prev(slot), slab.next(slot));
        match prev {
            NONE => self.head = next,
            prev => slab.set_next(prev, next),
        }
        match next {
            NONE => self.tail = prev,
            next => slab.set_prev(next, prev),
        }
        if in_zone {
            self.zone_len -= 1;
        }
        if slot == self.zone_tail {
            self.zone_tail = prev;
        }
    }

    /// Links `slot` behind `prev`, or as the head when that is no record.
    fn link_behind(&mut self, slab: &mut Slab, prev: Slot, slot: Slot) {
        let next = match prev {
            NONE => mem::replace(&mut self.head, slot),
            prev => {
                let next = slab.next(prev);
                slab.set_next(prev, slot);
                next
            }
        };
        slab.set_prev(slot, prev);
        slab.set_next(slot, next);
        match next {
            NONE => self.tail = slot,
            next => slab.set_prev(next, slot),
        }
    }
}
