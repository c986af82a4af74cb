//! One numbered database: names, values, expiry times.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use core::ops::Bound;

use super::name::{KeyName, Parts, Wanted};
use super::value::Value;
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
#[derive(Debug, Default)]
pub struct Database {
    slots: BTreeMap<KeyName, Slot>,
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
        self.slots.get(&Wanted::new(name) as &dyn Parts)
    }

    pub(super) fn get_mut(&mut self, name: &[u8]) -> Option<&mut Slot> {
        self.slots.get_mut(&Wanted::new(name) as &dyn Parts)
    }

    pub(super) fn insert(&mut self, name: &[u8], slot: Slot) -> Option<Slot> {
        self.slots.insert(KeyName::from(name), slot)
    }

    pub(super) fn remove(&mut self, name: &[u8]) -> Option<Slot> {
        self.slots.remove(&Wanted::new(name) as &dyn Parts)
    }

    /// All keys, in the order of SCAN.
    pub fn iter(&self) -> impl Iterator<Item = (&KeyName, &Slot)> {
        self.slots.iter()
    }

    /// The keys whose hash is at least `cursor`, in the order of SCAN.
    pub fn scan(&self, cursor: u64) -> impl Iterator<Item = (&KeyName, &Slot)> {
        let start: Box<dyn Parts> = Box::new(Wanted::at(cursor));
        self.slots.range::<dyn Parts, _>((Bound::Included(&*start), Bound::Unbounded))
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
                for (name, _) in database.scan(cursor).take(*count) {
                    *seen.entry(name.bytes().to_vec()).or_insert(0) += 1;
                }
                let Some(next) = database.scan(cursor).nth(*count).map(|(name, _)| name.hash())
                else {
                    break;
                };
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
