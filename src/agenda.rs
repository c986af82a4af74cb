//! What is due when: names and numbers in the order of their times.

use crate::ordered::{Index, Key, KeyRef};
use crate::time::UnixMillis;

/// Items in the order of their times; for equal times, of their numbers and names.
#[derive(Clone, Debug, Default)]
pub struct Agenda {
    items: Index,
}

/// Times before 1970 come first.
const SIGN: u64 = 1 << 63;

fn item(at: UnixMillis, number: u64, name: &[u8]) -> KeyRef<'_> {
    KeyRef { major: at as u64 ^ SIGN, minor: number, name }
}

fn time(key: &Key) -> UnixMillis {
    (key.major ^ SIGN) as UnixMillis
}

impl Agenda {
    /// Notes that an item is due at a time.
    pub fn insert(&mut self, at: UnixMillis, number: u64, name: &[u8]) {
        self.items.insert(item(at, number, name).into(), 0);
    }

    /// Forgets an item at that time.
    pub fn remove(&mut self, at: UnixMillis, number: u64, name: &[u8]) {
        self.items.remove(item(at, number, name));
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
        self.first().map(|(at, _, _)| at)
    }

    /// The earliest item with its time; remove it and ask again.
    #[must_use]
    pub fn first(&self) -> Option<(UnixMillis, u64, &[u8])> {
        self.items.first().map(|(key, _)| (time(key), key.minor, &*key.name))
    }

    /// All items, earliest first.
    pub fn iter(&self) -> impl Iterator<Item = (UnixMillis, u64)> {
        self.items.all().map(|(key, _)| (time(key), key.minor))
    }

    /// Forgets every item of a number. Costs a search an item.
    pub fn forget(&mut self, number: u64) {
        self.items.change_minor(&|of| (of != number).then_some(of));
    }

    /// Gives every item the number that `change` makes of its own. Costs a search an item.
    pub fn renumber(&mut self, change: impl Fn(u64) -> u64) {
        self.items.change_minor(&|number| Some(change(number)));
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
