//! Things by name: an arena of them, and one index from names to places.
//!
//! Groups, consumers, queues and watched keys are all found by a byte string. They share this one
//! map, because each further map type is some kilobytes of Wasm.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Things by name, iterated in the byte order of their names.
#[derive(Clone, Debug)]
pub struct Named<T> {
    places: Vec<Option<T>>,
    /// Places whose things are gone.
    free: Vec<u32>,
    names: BTreeMap<Box<[u8]>, u32>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new(), names: BTreeMap::new() }
    }
}

impl<T> Named<T> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The place of a name; it stays the same until the thing is removed.
    #[must_use]
    #[inline(never)]
    pub fn find(&self, name: &[u8]) -> Option<u32> {
        self.names.get(name).copied()
    }

    /// What is at a place.
    #[must_use]
    pub fn at(&self, place: u32) -> Option<&T> {
        self.places.get(place as usize)?.as_ref()
    }

    /// What is at a place, to change it.
    pub fn at_mut(&mut self, place: u32) -> Option<&mut T> {
        self.places.get_mut(place as usize)?.as_mut()
    }

    /// The thing of a name.
    #[must_use]
    pub fn get(&self, name: &[u8]) -> Option<&T> {
        self.at(self.find(name)?)
    }

    /// The thing of a name, to change it.
    pub fn get_mut(&mut self, name: &[u8]) -> Option<&mut T> {
        self.at_mut(self.find(name)?)
    }

    /// Puts a thing under a name, instead of what was there; returns its place.
    pub fn insert(&mut self, name: &[u8], thing: T) -> u32 {
        if let Some(place) = self.find(name) {
            self.places[place as usize] = Some(thing);
            return place;
        }
        let place = if let Some(place) = self.free.pop() {
            self.places[place as usize] = Some(thing);
            place
        } else {
            self.places.push(Some(thing));
            self.places.len() as u32 - 1
        };
        self.names.insert(name.into(), place);
        place
    }

    /// The thing of a name, made if it is missing.
    pub fn get_or_default(&mut self, name: &[u8]) -> &mut T
    where
        T: Default,
    {
        let place = self.find(name).unwrap_or_else(|| self.insert(name, T::default()));
        self.places[place as usize].get_or_insert_default()
    }

    /// Takes the thing of a name out.
    pub fn remove(&mut self, name: &[u8]) -> Option<T> {
        let place = self.names.remove(name)?;
        self.free.push(place);
        self.places[place as usize].take()
    }

    /// Names, in order.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.names.keys().map(|name| &**name)
    }

    /// Names, places and things, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], u32, &T)> {
        self.names.iter().filter_map(|(name, place)| Some((&**name, *place, self.at(*place)?)))
    }

    /// Things in no order.
    pub fn things_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.places.iter_mut().flatten()
    }

    /// Bytes that the names and the places take, what the things hold themselves not counted.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        // A third of a map node is empty.
        const NODE_SHARE: usize = 36;
        let names: usize = self.names().map(|name| name.len() + NODE_SHARE).sum();
        names + self.places.capacity() * size_of::<Option<T>>() + self.free.capacity() * 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stay_until_their_thing_is_removed() {
        let mut named = Named::default();
        let b = named.insert(b"b", 1);
        let empty = named.insert(b"", 2);
        assert_eq!(named.insert(b"b", 3), b, "the same name, the same place");
        assert_eq!(named.iter().collect::<Vec<_>>(), [(&b""[..], empty, &2), (b"b", b, &3)]);
        assert_eq!(named.remove(b""), Some(2));
        assert_eq!(named.remove(b""), None);
        assert_eq!(named.at(empty), None);
        assert_eq!(named.insert(b"a", 4), empty, "a free place is used again");
        assert_eq!((named.len(), named.get(b"a")), (2, Some(&4)));
    }
}
