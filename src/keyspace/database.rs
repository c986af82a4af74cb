//! One numbered database: names, values, expiry times.

use super::name::key;
use super::value::Value;
use crate::id::EntryId;
use crate::ordered::Ordered;
use crate::time::UnixMillis;

/// A value and when it expires.
#[derive(Clone, Debug)]
pub struct Slot {
    /// The value.
    pub value: Value,
    /// When the key goes away by itself; changed through the keyspace only.
    pub(super) expires_at: Option<UnixMillis>,
}

impl Slot {
    /// A value that goes away by itself at that time, if one is given.
    #[must_use]
    pub fn new(value: Value, expires_at: Option<UnixMillis>) -> Self {
        Self { value, expires_at }
    }

    /// When the key goes away by itself.
    #[must_use]
    pub fn expires_at(&self) -> Option<UnixMillis> {
        self.expires_at
    }
}

/// One numbered database.
#[derive(Clone, Debug, Default)]
pub struct Database {
    slots: Ordered<Slot>,
}

impl Database {
    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The slot of a key.
    #[must_use]
    pub fn get(&self, name: &[u8]) -> Option<&Slot> {
        self.slots.at(self.slots.index().get(key(name))?)
    }

    /// Where a key's slot lies, as long as no key is put in or taken out.
    #[must_use]
    pub(super) fn place(&self, name: &[u8]) -> Option<u32> {
        self.slots.index().get(key(name))
    }

    pub(super) fn at(&self, place: u32) -> Option<&Slot> {
        self.slots.at(place)
    }

    pub(super) fn at_mut(&mut self, place: u32) -> Option<&mut Slot> {
        self.slots.at_mut(place)
    }

    pub(super) fn get_mut(&mut self, name: &[u8]) -> Option<&mut Slot> {
        self.slots.at_mut(self.slots.index().get(key(name))?)
    }

    pub(super) fn insert(&mut self, name: &[u8], slot: Slot) -> Option<Slot> {
        let key = key(name);
        if let Some(place) = self.slots.index().get(key) {
            return self.slots.place_mut(place).replace(slot);
        }
        self.slots.insert(key, slot);
        None
    }

    pub(super) fn remove(&mut self, name: &[u8]) -> Option<Slot> {
        self.slots.remove(key(name))
    }

    /// All keys, in the order of SCAN.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Slot)> {
        self.scan(0).map(|(_, name, slot)| (name, slot))
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.slots.things_mut().map(|slot| &mut slot.value)
    }

    /// The keys whose hash is at least `cursor`, in the order of SCAN, with their hashes.
    pub fn scan(&self, cursor: u64) -> impl Iterator<Item = (u64, &[u8], &Slot)> {
        let keys = self.slots.index().from(EntryId::new(cursor, 0).into(), false);
        self.slots.with(keys).map(|(key, _, slot)| (key.major, &*key.name, slot))
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::vec;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    fn slot() -> Slot {
        Slot::new(Value::String(vec![]), None)
    }

    /// One step of a scan, and what happens to the keys before the next.
    type Step = (usize, Vec<(bool, u8)>);

    proptest! {
        /// A scan that goes on from the hash after the last key it saw returns every key that is
        /// there all the while, and no key twice, whatever else comes and goes.
        #[test]
        fn a_scan_misses_no_key_that_stays(
            stays in prop::collection::btree_set(0_u8..100, 0..50),
            steps in prop::collection::vec(
                (1_usize..8, prop::collection::vec((any::<bool>(), 100_u8..), 0..10)),
                1..200,
            ),
        ) {
            let steps: Vec<Step> = steps;
            let mut database = Database::default();
            for name in &stays {
                database.insert(&[*name], slot());
            }
            let (mut seen, mut cursor) = (BTreeMap::new(), 0);
            for (count, changes) in steps.iter().cycle().take(10_000) {
                for (_, name, _) in database.scan(cursor).take(*count) {
                    *seen.entry(name.to_vec()).or_insert(0) += 1;
                }
                let Some((next, _, _)) = database.scan(cursor).nth(*count) else { break };
                cursor = next;
                for (add, name) in changes {
                    if *add {
                        database.insert(&[*name], slot());
                    } else {
                        database.remove(&[*name]);
                    }
                }
            }
            prop_assert!(stays.iter().all(|name| seen.get(&vec![*name]) == Some(&1)));
        }
    }
}
