//! Numbered databases of keys: names, values, expiry times.
//!
//! Deliberately absent: what a change means to watchers, blocked readers and the journal. The
//! commands' context does that.

mod name;
mod value;
mod database;

pub use database::{Database, Slot};
pub use value::Value;

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::agenda::Agenda;
use crate::ordered::Key;
use crate::time::{Millis, UnixMillis, elapsed};

/// All databases and the order in which their keys expire.
#[derive(Clone, Debug)]
pub struct Keyspace {
    databases: Vec<Database>,
    /// When keys expire, numbered by database.
    expiries: Agenda,
}

impl Keyspace {
    /// Empty databases.
    #[must_use]
    pub fn new(databases: u32) -> Self {
        let databases = (0..databases.max(1)).map(|_| Database::default()).collect();
        Self { databases, expiries: Agenda::default() }
    }

    /// How many databases there are.
    #[must_use]
    pub fn database_count(&self) -> u32 {
        self.databases.len() as u32
    }

    /// One database. The number was checked when the session selected it.
    #[must_use]
    pub fn database(&self, db: u32) -> &Database {
        &self.databases[db as usize]
    }

    /// The value of a key.
    #[must_use]
    #[inline(never)]
    pub fn get(&self, db: u32, name: &[u8]) -> Option<&Value> {
        self.database(db).get(name).map(|slot| &slot.value)
    }

    /// The value of a key, to change in place.
    #[inline(never)]
    pub fn get_mut(&mut self, db: u32, name: &[u8]) -> Option<&mut Value> {
        self.databases[db as usize].get_mut(name).map(|slot| &mut slot.value)
    }

    /// Where a key lies, as long as no key of its database is put in or taken out.
    #[must_use]
    pub fn place(&self, db: u32, name: &[u8]) -> Option<u32> {
        self.database(db).place(name)
    }

    /// The value at a place.
    #[must_use]
    pub fn at(&self, db: u32, place: u32) -> Option<&Value> {
        self.database(db).at(place).map(|slot| &slot.value)
    }

    /// The value at a place, to change it.
    pub fn at_mut(&mut self, db: u32, place: u32) -> Option<&mut Value> {
        self.databases[db as usize].at_mut(place).map(|slot| &mut slot.value)
    }

    /// Sets a value, which then does not expire; returns what the key held.
    #[inline(never)]
    pub fn insert(&mut self, db: u32, name: &[u8], value: Value) -> Option<Value> {
        let slot = Slot { value, expires_at: None };
        let old = self.databases[db as usize].insert(name, slot)?;
        self.forget_expiry(db, name, old.expires_at);
        Some(old.value)
    }

    /// Puts a slot under a name, expiry time included; returns what the key held.
    #[inline(never)]
    pub fn insert_slot(&mut self, db: u32, name: &[u8], slot: Slot) -> Option<Value> {
        let expires_at = slot.expires_at;
        let old = self.databases[db as usize].insert(name, slot);
        if let Some(old) = &old {
            self.forget_expiry(db, name, old.expires_at);
        }
        if let Some(at) = expires_at {
            self.expiries.insert(at, db.into(), name);
        }
        old.map(|old| old.value)
    }

    /// Removes a key.
    #[inline(never)]
    pub fn remove(&mut self, db: u32, name: &[u8]) -> Option<Slot> {
        let slot = self.databases[db as usize].remove(name)?;
        self.forget_expiry(db, name, slot.expires_at);
        Some(slot)
    }

    /// Sets or clears the expiry time of a key; `false` when there is no such key.
    pub fn set_expiry(&mut self, db: u32, name: &[u8], at: Option<UnixMillis>) -> bool {
        let Some(slot) = self.databases[db as usize].get_mut(name) else { return false };
        let old = core::mem::replace(&mut slot.expires_at, at);
        self.forget_expiry(db, name, old);
        if let Some(at) = at {
            self.expiries.insert(at, db.into(), name);
        }
        true
    }

    /// When the next key expires.
    #[must_use]
    pub fn next_expiry(&self) -> Option<UnixMillis> {
        self.expiries.next()
    }

    /// How many keys of a database will expire, and after how many milliseconds on average.
    #[must_use]
    pub fn expiring(&self, db: u32, now: UnixMillis) -> (usize, Millis) {
        let items = self.expiries.iter().filter(|(_, of)| *of == u64::from(db));
        let (count, sum) = items.fold((0, 0_i64), |(count, sum), (at, _)| {
            (count + 1, sum.saturating_add(elapsed(at, now)))
        });
        (count, sum / count.max(1) as Millis)
    }

    /// The next key that is due at `now`; remove it and ask again.
    #[must_use]
    pub fn due(&self, now: UnixMillis) -> Option<(u32, Box<[u8]>)> {
        let (at, db, name) = self.expiries.first()?;
        (at <= now).then(|| (db as u32, name.into()))
    }

    /// Empties one database; returns how many keys it held.
    pub fn flush(&mut self, db: u32) -> usize {
        let old = core::mem::take(&mut self.databases[db as usize]);
        self.expiries.forget(db.into());
        old.len()
    }

    /// Exchanges the contents of two databases.
    pub fn swap(&mut self, a: u32, b: u32) {
        if a == b {
            return;
        }
        self.databases.swap(a as usize, b as usize);
        let (a, b) = (u64::from(a), u64::from(b));
        self.expiries.renumber(|db| match db {
            db if db == a => b,
            db if db == b => a,
            db => db,
        });
    }

    /// All values of all databases, to change in place.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.databases.iter_mut().flat_map(Database::values_mut)
    }

    /// Bytes of memory that all keys and values keep, estimated by walking the keys.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.databases
            .iter()
            .flat_map(Database::iter)
            .map(|(name, slot)| key_bytes(name) + slot.value.memory_bytes())
            .sum()
    }

    fn forget_expiry(&mut self, db: u32, name: &[u8], at: Option<UnixMillis>) {
        if let Some(at) = at {
            self.expiries.remove(at, db.into(), name);
        }
    }
}

/// Bytes that a key's name and its slot keep.
#[must_use]
pub fn key_bytes(name: &[u8]) -> usize {
    name.len() + core::mem::size_of::<(Key, Slot)>()
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn keyspace() -> Keyspace {
        Keyspace::new(3)
    }

    fn put(keyspace: &mut Keyspace, db: u32, name: &[u8], expires_at: Option<UnixMillis>) {
        keyspace.insert_slot(db, name, Slot::new(Value::String(name.to_vec()), expires_at));
    }

    fn drain(keyspace: &mut Keyspace, now: UnixMillis) -> Vec<(u32, Box<[u8]>)> {
        let mut names = vec![];
        while let Some((db, name)) = keyspace.due(now) {
            keyspace.remove(db, &name).expect("what is due exists");
            names.push((db, name));
        }
        names
    }

    #[test]
    fn keys_expire_in_the_order_of_their_times() {
        let mut keys = keyspace();
        put(&mut keys, 0, b"late", Some(30));
        put(&mut keys, 2, b"early", Some(10));
        put(&mut keys, 0, b"middle", Some(20));
        put(&mut keys, 0, b"never", None);
        assert_eq!(keys.next_expiry(), Some(10));
        assert_eq!(keys.due(9), None);
        assert_eq!(drain(&mut keys, 20), [(2, b"early"[..].into()), (0, b"middle"[..].into())]);
        assert_eq!(keys.next_expiry(), Some(30));
        assert_eq!(keys.expiring(0, 20), (1, 10));
        assert_eq!(keys.expiring(2, 20), (0, 0));
    }

    #[test]
    fn the_last_expiry_time_counts() {
        let mut keys = keyspace();
        put(&mut keys, 0, b"k", Some(10));
        assert!(keys.set_expiry(0, b"k", Some(20)));
        assert_eq!(keys.due(10), None);
        put(&mut keys, 0, b"k", Some(30));
        assert_eq!(keys.next_expiry(), Some(30));
        assert!(keys.set_expiry(0, b"k", None));
        assert_eq!(keys.next_expiry(), None);
        put(&mut keys, 0, b"k", Some(40));
        keys.insert(0, b"k", Value::String(vec![]));
        assert_eq!(keys.next_expiry(), None, "a value that is set anew stays");
        put(&mut keys, 0, b"k", Some(50));
        assert_eq!(keys.remove(0, b"k").and_then(|slot| slot.expires_at()), Some(50));
        assert_eq!(keys.next_expiry(), None);
        assert!(!keys.set_expiry(0, b"k", Some(60)));
    }

    #[test]
    fn swapped_databases_take_their_expiry_times_along() {
        let mut keys = keyspace();
        put(&mut keys, 0, b"a", Some(10));
        put(&mut keys, 1, b"b", Some(20));
        put(&mut keys, 2, b"c", Some(30));
        keys.swap(0, 1);
        assert!(keys.get(1, b"a").is_some() && keys.get(0, b"a").is_none());
        let names = [(1, b"a"[..].into()), (0, b"b"[..].into()), (2, b"c"[..].into())];
        assert_eq!(drain(&mut keys, 30), names);
        keys.swap(2, 2);
        assert_eq!(keys.database(2).len(), 0);
    }

    #[test]
    fn a_flush_empties_one_database_and_forgets_its_times() {
        let mut keys = keyspace();
        put(&mut keys, 0, b"a", Some(10));
        put(&mut keys, 0, b"b", None);
        put(&mut keys, 1, b"c", Some(20));
        assert_eq!(keys.flush(0), 2);
        assert!(keys.database(0).is_empty());
        assert_eq!(keys.next_expiry(), Some(20));
        assert_eq!(keys.flush(0), 0);
        assert!(keys.get(1, b"c").is_some());
    }
}
