//! Things by name, in the byte order of their names.

use crate::ordered::{KeyRef, Ordered};

/// Things by name, iterated in the byte order of their names.
#[derive(Clone, Debug)]
pub struct Named<T>(Ordered<T>);

/// The first bytes of a name are a number that is ordered as names are: few names are compared.
#[inline(never)]
fn key(name: &[u8]) -> KeyRef<'_> {
    let start = (0..8).fold(0, |start, at| start << 8 | name.get(at).map_or(0, |&it| it.into()));
    KeyRef { major: start, minor: 0, name }
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Ordered::default())
    }
}

impl<T> Named<T> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The place of a name; it stays the same until the thing is removed.
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<u32> {
        self.0.index().get(key(name))
    }

    /// What is at a place.
    #[must_use]
    pub fn at(&self, place: u32) -> Option<&T> {
        self.0.at(place)
    }

    /// What is at a place, to change it.
    pub fn at_mut(&mut self, place: u32) -> Option<&mut T> {
        self.0.at_mut(place)
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
        let Some(place) = self.find(name) else { return self.0.insert(key(name), thing) };
        *self.0.place_mut(place) = Some(thing);
        place
    }

    /// The thing of a name, made if it is missing.
    pub fn get_or_default(&mut self, name: &[u8]) -> &mut T
    where
        T: Default,
    {
        let place = self.find(name).unwrap_or_else(|| self.insert(name, T::default()));
        self.0.place_mut(place).get_or_insert_default()
    }

    /// Takes the thing of a name out.
    pub fn remove(&mut self, name: &[u8]) -> Option<T> {
        self.0.remove(key(name))
    }

    /// Names, in order.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.iter().map(|(name, _, _)| name)
    }

    /// Names, places and things, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], u32, &T)> {
        self.0.all().map(|(key, place, thing)| (&*key.name, place, thing))
    }

    /// Things in no order.
    pub fn things_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.things_mut()
    }

    /// Bytes that the names and the places take, what the things hold themselves not counted.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.names().map(<[u8]>::len).sum::<usize>() + self.0.memory_bytes()
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
        assert_eq!(
            named.iter().collect::<alloc::vec::Vec<_>>(),
            [(&b""[..], empty, &2), (b"b", b, &3)]
        );
        assert_eq!(named.remove(b""), Some(2));
        assert_eq!(named.remove(b""), None);
        assert_eq!(named.at(empty), None);
        assert_eq!(named.insert(b"a", 4), empty, "a free place is used again");
        assert_eq!((named.len(), named.get(b"a")), (2, Some(&4)));
    }
}
