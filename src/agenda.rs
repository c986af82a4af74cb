//! What is due when: names and numbers in the order of their times.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;

use crate::time::UnixMillis;

/// Items in the order of their times; for equal times, of their numbers and names.
#[derive(Debug, Default)]
pub struct Agenda {
    items: BTreeSet<(UnixMillis, u64, Box<[u8]>)>,
}

impl Agenda {
    /// Notes that an item is due at a time.
    pub fn insert(&mut self, at: UnixMillis, number: u64, name: &[u8]) {
        self.items.insert((at, number, name.into()));
    }

    /// Forgets an item at that time.
    pub fn remove(&mut self, at: UnixMillis, number: u64, name: &[u8]) {
        self.items.remove(&(at, number, name.into()));
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether nothing is due, ever.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The earliest time.
    #[must_use]
    pub fn next(&self) -> Option<UnixMillis> {
        self.items.first().map(|(at, _, _)| *at)
    }

    /// The earliest item with its time; remove it and ask again.
    #[must_use]
    pub fn first(&self) -> Option<(UnixMillis, u64, &[u8])> {
        self.items.first().map(|(at, number, name)| (*at, *number, &**name))
    }

    /// All items, earliest first.
    pub fn iter(&self) -> impl Iterator<Item = (UnixMillis, u64)> {
        self.items.iter().map(|(at, number, _)| (*at, *number))
    }

    /// Forgets every item of a number.
    pub fn forget(&mut self, number: u64) {
        self.items.retain(|(_, of, _)| *of != number);
    }

    /// Gives every item the number that `change` makes of its own. Costs a step an item.
    pub fn renumber(&mut self, change: impl Fn(u64) -> u64) {
        // One by one: collecting would bring a sort along that nothing else needs.
        for (at, number, name) in core::mem::take(&mut self.items) {
            self.items.insert((at, change(number), name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_in_the_order_of_their_times() {
        let mut agenda = Agenda::default();
        agenda.insert(5, 1, b"late");
        agenda.insert(3, 2, b"early");
        agenda.insert(-1, 1, b"first");
        assert_eq!(agenda.first(), Some((-1, 1, &b"first"[..])));
        agenda.remove(-1, 1, b"first");
        agenda.renumber(|number| number + 10);
        assert_eq!(agenda.iter().collect::<alloc::vec::Vec<_>>(), [(3, 12), (5, 11)]);
        agenda.forget(12);
        assert_eq!(agenda.next(), Some(5));
    }
}
