//! Things in the order of their keys: an arena of them, and one index from keys to places.
//!
//! Blocks, pending entries, keys, groups, queues and times all share this one index: each type of
//! map that the standard library makes for us is some two kilobytes (brotli) of Wasm.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::Cell;
use core::cmp::Ordering;

use crate::id::EntryId;

/// Two numbers, then a name: entry IDs, hashes, times and names are all keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// What decides first.
    pub major: u64,
    /// What decides then.
    pub minor: u64,
    /// What decides last.
    pub name: Box<[u8]>,
}

/// A key whose name is borrowed.
#[derive(Clone, Copy, Debug)]
pub struct KeyRef<'a> {
    /// What decides first.
    pub major: u64,
    /// What decides then.
    pub minor: u64,
    /// What decides last.
    pub name: &'a [u8],
}

impl Key {
    /// The entry ID that this key stands for.
    #[must_use]
    pub const fn id(&self) -> EntryId {
        EntryId::new(self.major, self.minor)
    }

    /// The key with its name borrowed.
    fn borrowed(&self) -> KeyRef<'_> {
        KeyRef { major: self.major, minor: self.minor, name: &self.name }
    }

    #[inline]
    fn order(&self, other: KeyRef<'_>) -> Ordering {
        match self.numbers().cmp(&other.numbers()) {
            // Keys that are numbers alone are not compared byte by byte.
            Ordering::Equal if other.name.is_empty() => self.name.len().cmp(&0),
            Ordering::Equal => (*self.name).cmp(other.name),
            order => order,
        }
    }

    const fn numbers(&self) -> u128 {
        (self.major as u128) << 64 | self.minor as u128
    }
}

impl KeyRef<'_> {
    const fn numbers(&self) -> u128 {
        (self.major as u128) << 64 | self.minor as u128
    }
}

/// A key without a name takes no memory of its own.
impl From<EntryId> for KeyRef<'_> {
    fn from(id: EntryId) -> Self {
        Self { major: id.ms, minor: id.seq, name: &[] }
    }
}

impl From<KeyRef<'_>> for Key {
    fn from(key: KeyRef<'_>) -> Self {
        Self { major: key.major, minor: key.minor, name: key.name.into() }
    }
}

/// A key and the number that it stands for.
type Item = (Key, u32);

/// Where an item lies: in which chunk, and where in it.
type Position = (usize, usize);

/// A chunk that is not longer needs no other.
const SHORT: usize = 64;

/// Numbers by key: chunks of items, none empty, and neither they nor their list much longer than
/// the square root of twice the number of items. So a search halves two short lists, a change moves
/// a few kilobytes at most, and what is appended moves nothing.
#[derive(Clone, Debug, Default)]
pub struct Index {
    chunks: Vec<Vec<Item>>,
    /// The numbers of each chunk's first key, side by side: a search reads these few lines of
    /// memory and one chunk.
    firsts: Vec<u128>,
    len: usize,
    /// What was found last. Where look-ups ascend, most of them find the same again.
    found: Cell<Position>,
}

impl Index {
    /// How many keys there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no key.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Where a key lies, or would be put.
    #[inline(never)]
    fn seek(&self, key: KeyRef<'_>) -> Result<Position, Position> {
        let numbers = key.numbers();
        // Most of what is put in, and the end of most intervals, lies behind everything.
        if self.last().is_none_or(|(last, _)| last.numbers() < numbers) {
            return Err(self.end());
        }
        let mut begun = self.firsts.partition_point(|first| *first < numbers);
        if self.firsts.get(begun) == Some(&numbers) {
            let first = |chunk: &Vec<Item>| chunk[0].0.order(key);
            if first(&self.chunks[begun]).is_eq() {
                return Ok((begun, 0));
            }
            begun += self.chunks[begun..].partition_point(|chunk| first(chunk).is_le());
        }
        // What comes before the first chunk belongs into it.
        let chunk = begun.saturating_sub(1);
        match self.chunks[chunk].binary_search_by(|(item, _)| item.order(key)) {
            Ok(at) => Ok((chunk, at)),
            Err(at) => Err((chunk, at)),
        }
    }

    /// In front of a key, or behind it where `after` says so.
    fn beside(&self, key: KeyRef<'_>, after: bool) -> Position {
        match self.seek(key) {
            Ok((chunk, at)) => (chunk, at + usize::from(after)),
            Err(position) => position,
        }
    }

    /// The number of a key.
    #[must_use]
    #[inline(never)]
    pub fn get(&self, key: KeyRef<'_>) -> Option<u32> {
        let (chunk, at) = self.seek(key).ok()?;
        Some(self.chunks[chunk][at].1)
    }

    /// The last key of an entry ID that is not above `id`.
    #[must_use]
    #[inline(never)]
    pub fn floor(&self, id: EntryId) -> Option<(EntryId, u32)> {
        let (key, number) = if let Some(item) = self.near(id) {
            item
        } else {
            let (chunk, behind) = self.beside(id.into(), true);
            let at = behind.checked_sub(1)?;
            self.found.set((chunk, at));
            &self.chunks[chunk][at]
        };
        Some((key.id(), *number))
    }

    /// The floor of an ID if that is the last item or the one that was found last. Streams and what
    /// is pending grow at one end and shrink at the other, and claims go through them in order:
    /// most look-ups end here, without a search.
    fn near(&self, id: EntryId) -> Option<&Item> {
        let last = self.chunks.last()?.last().filter(|(last, _)| last.id() <= id);
        last.or_else(|| {
            let (chunk, at) = self.found.get();
            match self.chunks.get(chunk)?.get(at..)? {
                [here, next, ..] if here.0.id() <= id && id < next.0.id() => Some(here),
                _ => None,
            }
        })
    }

    /// Gives a key its number. The key is not there yet.
    #[inline(never)]
    pub fn insert(&mut self, key: Key, number: u32) {
        self.len += 1;
        let (at, behind) = self.beside(key.borrowed(), true);
        let longest = self.chunks.len().max(SHORT);
        let numbers = key.borrowed().numbers();
        // Appending leaves full chunks behind.
        let appends = at + 1 >= self.chunks.len()
            && self.chunks.get(at).is_none_or(|it| it.len() >= longest && behind == it.len());
        if appends {
            self.firsts.push(numbers);
            return self.chunks.push(vec![(key, number)]);
        }
        let chunk = &mut self.chunks[at];
        if behind == 0 {
            self.firsts[at] = numbers;
        }
        if chunk.len() < longest {
            return chunk.insert(behind, (key, number));
        }
        let mut upper = chunk.split_off(chunk.len() / 2);
        match behind.checked_sub(chunk.len()) {
            Some(behind) if behind > 0 => upper.insert(behind, (key, number)),
            _ => chunk.insert(behind, (key, number)),
        }
        self.firsts.insert(at + 1, upper[0].0.numbers());
        self.chunks.insert(at + 1, upper);
    }

    /// Takes a key out.
    #[inline(never)]
    pub fn remove(&mut self, key: KeyRef<'_>) -> Option<u32> {
        let (at, place) = self.seek(key).ok()?;
        self.len -= 1;
        let chunk = &mut self.chunks[at];
        let (_, number) = chunk.remove(place);
        if place == 0
            && let Some((first, _)) = chunk.first()
        {
            self.firsts[at] = first.numbers();
        }
        if chunk.is_empty() {
            self.chunks.remove(at);
            self.firsts.remove(at);
        } else if chunk.len() < chunk.capacity() / 4 {
            chunk.shrink_to(chunk.len() * 2);
        }
        Some(number)
    }

    /// The first key.
    #[must_use]
    pub fn first(&self) -> Option<(&Key, u32)> {
        self.chunks.first()?.first().map(|(key, number)| (key, *number))
    }

    /// The last key.
    #[must_use]
    pub fn last(&self) -> Option<(&Key, u32)> {
        self.chunks.last()?.last().map(|(key, number)| (key, *number))
    }

    /// All keys.
    #[must_use]
    pub fn all(&self) -> Keys<'_> {
        Keys { chunks: &self.chunks, front: (0, 0), back: self.end() }
    }

    /// The keys from one on, or behind it where `after` says so.
    #[must_use]
    pub fn from(&self, key: KeyRef<'_>, after: bool) -> Keys<'_> {
        Keys { chunks: &self.chunks, front: self.beside(key, after), back: self.end() }
    }

    /// The keys of entry IDs above `after`, up to `last`.
    #[must_use]
    pub fn between(&self, after: EntryId, last: EntryId) -> Keys<'_> {
        let (front, back) = (self.beside(after.into(), true), self.beside(last.into(), true));
        Keys { chunks: &self.chunks, front, back: back.max(front) }
    }

    fn end(&self) -> Position {
        let last = self.chunks.len().saturating_sub(1);
        (last, self.chunks.get(last).map_or(0, Vec::len))
    }

    /// Changes or removes the second number of every key. Costs a search a key.
    #[inline(never)]
    pub fn change_minor(&mut self, change: &dyn Fn(u64) -> Option<u64>) {
        // One by one: sorting would bring code along that nothing else needs.
        for (mut key, number) in core::mem::take(self).chunks.into_iter().flatten() {
            if let Some(minor) = change(key.minor) {
                key.minor = minor;
                self.insert(key, number);
            }
        }
    }

    /// Bytes that the keys take, their names not counted. Costs a step a chunk.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let items: usize = self.chunks.iter().map(Vec::capacity).sum();
        items * size_of::<Item>()
            + self.chunks.capacity() * size_of::<Vec<Item>>()
            + self.firsts.capacity() * size_of::<u128>()
    }
}

/// Keys and their numbers, from either end.
#[derive(Clone, Debug)]
pub struct Keys<'a> {
    chunks: &'a [Vec<Item>],
    front: Position,
    /// Behind the last item.
    back: Position,
}

impl<'a> Keys<'a> {
    /// The key in front of the first one, and its number.
    #[must_use]
    pub fn before(&self) -> Option<(&'a Key, u32)> {
        let (chunk, at) = self.front;
        let (key, number) = match at.checked_sub(1) {
            Some(at) => self.chunks.get(chunk)?.get(at)?,
            None => self.chunks.get(chunk.checked_sub(1)?)?.last()?,
        };
        Some((key, *number))
    }
}

impl<'a> Iterator for Keys<'a> {
    type Item = (&'a Key, u32);

    fn next(&mut self) -> Option<Self::Item> {
        if self.front == self.back {
            return None;
        }
        let (chunk, at) = self.front;
        if let Some((key, number)) = self.chunks.get(chunk)?.get(at) {
            self.front.1 += 1;
            return Some((key, *number));
        }
        self.front = (chunk + 1, 0);
        self.next()
    }
}

impl DoubleEndedIterator for Keys<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.front == self.back {
            return None;
        }
        let (chunk, behind) = self.back;
        if let Some(at) = behind.checked_sub(1) {
            self.back.1 = at;
            let (key, number) = self.chunks.get(chunk)?.get(at)?;
            return Some((key, *number));
        }
        let chunk = chunk.checked_sub(1)?;
        self.back = (chunk, self.chunks[chunk].len());
        self.next_back()
    }
}

/// Things by key, iterated in the order of their keys.
#[derive(Clone, Debug)]
pub struct Ordered<T> {
    places: Vec<Option<T>>,
    /// Places whose things are gone.
    free: Vec<u32>,
    index: Index,
}

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new(), index: Index::default() }
    }
}

impl<T> Ordered<T> {
    /// Where things are by key.
    #[must_use]
    pub const fn index(&self) -> &Index {
        &self.index
    }

    /// How many things there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
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

    /// What an entry ID stands for.
    #[must_use]
    pub fn get(&self, id: EntryId) -> Option<&T> {
        self.at(self.index.get(id.into())?)
    }

    /// What an entry ID stands for, to change it.
    pub fn get_mut(&mut self, id: EntryId) -> Option<&mut T> {
        self.at_mut(self.index.get(id.into())?)
    }

    /// The last thing that is not above `id`.
    #[must_use]
    pub fn floor(&self, id: EntryId) -> Option<(EntryId, &T)> {
        let (key, place) = self.index.floor(id)?;
        Some((key, self.at(place)?))
    }

    /// The last thing that is not above `id`, to change it.
    pub fn floor_mut(&mut self, id: EntryId) -> Option<(EntryId, &mut T)> {
        let (key, place) = self.index.floor(id)?;
        Some((key, self.at_mut(place)?))
    }

    /// The first thing.
    #[must_use]
    pub fn first(&self) -> Option<(EntryId, &T)> {
        let (key, place) = self.index.first()?;
        Some((key.id(), self.at(place)?))
    }

    /// The last thing.
    #[must_use]
    pub fn last(&self) -> Option<(EntryId, &T)> {
        let (key, place) = self.index.last()?;
        Some((key.id(), self.at(place)?))
    }

    /// The last thing, to change it.
    pub fn last_mut(&mut self) -> Option<(EntryId, &mut T)> {
        let (key, place) = self.index.last()?;
        let id = key.id();
        Some((id, self.at_mut(place)?))
    }

    /// Puts a thing under a key that is not there yet; returns its place.
    pub fn insert(&mut self, key: KeyRef<'_>, thing: T) -> u32 {
        let place = if let Some(place) = self.free.pop() {
            self.places[place as usize] = Some(thing);
            place
        } else {
            self.places.push(Some(thing));
            self.places.len() as u32 - 1
        };
        self.index.insert(key.into(), place);
        place
    }

    /// A place that was given out before; nothing is there when its thing was removed.
    pub fn place_mut(&mut self, place: u32) -> &mut Option<T> {
        &mut self.places[place as usize]
    }

    /// Takes the thing of a key out.
    pub fn remove(&mut self, key: KeyRef<'_>) -> Option<T> {
        let place = self.index.remove(key)?;
        self.free.push(place);
        self.places[place as usize].take()
    }

    /// Keys with their places, and with the things there.
    #[must_use]
    pub fn with<'a>(&'a self, keys: Keys<'a>) -> Range<'a, T> {
        Range { keys, places: &self.places }
    }

    /// All keys, places and things.
    #[must_use]
    pub fn all(&self) -> Range<'_, T> {
        self.with(self.index.all())
    }

    /// Things in no order.
    pub fn things(&self) -> impl Iterator<Item = &T> {
        self.places.iter().flatten()
    }

    /// Things in no order, to change them.
    pub fn things_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.places.iter_mut().flatten()
    }

    /// Bytes that keys and places take; what names and things hold themselves is not counted.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let places = self.places.capacity() * size_of::<Option<T>>();
        self.index.memory_bytes() + places + self.free.capacity() * size_of::<u32>()
    }
}

/// Keys, places and things of an interval, from either end.
#[derive(Debug)]
pub struct Range<'a, T> {
    keys: Keys<'a>,
    places: &'a [Option<T>],
}

impl<'a, T> Range<'a, T> {
    /// The key, place and thing in front of the first.
    #[must_use]
    pub fn before(&self) -> Option<(&'a Key, u32, &'a T)> {
        self.item(self.keys.before()?)
    }

    fn item(&self, (key, place): (&'a Key, u32)) -> Option<(&'a Key, u32, &'a T)> {
        Some((key, place, self.places.get(place as usize)?.as_ref()?))
    }
}

impl<T> Clone for Range<'_, T> {
    fn clone(&self) -> Self {
        Self { keys: self.keys.clone(), places: self.places }
    }
}

impl<'a, T> Iterator for Range<'a, T> {
    type Item = (&'a Key, u32, &'a T);

    fn next(&mut self) -> Option<Self::Item> {
        let found = self.keys.next()?;
        self.item(found)
    }
}

impl<T> DoubleEndedIterator for Range<'_, T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let found = self.keys.next_back()?;
        self.item(found)
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u64, Vec<u8>),
        Remove(u64, Vec<u8>),
        Append,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let key = || (0_u64..1000, prop::collection::vec(0_u8..2, 0..2));
        let step = prop_oneof![
            4 => key().prop_map(|(number, name)| Step::Insert(number, name)),
            3 => key().prop_map(|(number, name)| Step::Remove(number, name)),
            2 => Just(Step::Append),
        ];
        prop::collection::vec(step, 0..3000)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// The index agrees with the standard library's map, whatever comes and goes.
        #[test]
        fn as_a_map_does(steps in steps()) {
            let (mut index, mut model) = (Index::default(), BTreeMap::new());
            for (number, step) in (0..).zip(&steps) {
                match step {
                    Step::Insert(minor, name) => {
                        let key = KeyRef { major: 1, minor: *minor, name };
                        if model.insert((1, *minor, name.clone()), number).is_some() {
                            index.remove(key);
                        }
                        index.insert(key.into(), number);
                    }
                    Step::Remove(minor, name) => {
                        let removed = index.remove(KeyRef { major: 1, minor: *minor, name });
                        prop_assert_eq!(removed, model.remove(&(1, *minor, name.clone())));
                    }
                    Step::Append => {
                        let key = KeyRef { major: 2, minor: number.into(), name: &[] };
                        index.insert(key.into(), number);
                        model.insert((2, number.into(), Vec::new()), number);
                    }
                }
            }
            let items = |keys: Keys<'_>| {
                keys.map(|(key, number)| ((key.major, key.minor, key.name.to_vec()), number))
                    .collect::<Vec<_>>()
            };
            let all: Vec<_> = model.clone().into_iter().collect();
            prop_assert_eq!(items(index.all()), all.clone());
            prop_assert_eq!(index.all().rev().count(), all.len());
            prop_assert_eq!(index.len(), all.len());
            for minor in (0..1000).step_by(7) {
                let key = KeyRef { major: 1, minor, name: &[1] };
                prop_assert_eq!(index.get(key), model.get(&(1, minor, vec![1])).copied());
                let from = model.range((1, minor, vec![1])..);
                let from: Vec<_> = from.map(|(key, number)| (key.clone(), *number)).collect();
                prop_assert_eq!(items(index.from(key, false)), from);
            }
        }
    }

    #[test]
    fn chunks_stay_short() {
        let mut index = Index::default();
        let ids = |count: u64| (0..count).map(move |ms| EntryId::new(ms * 7919 % count, 0));
        ids(20_000).for_each(|id| index.insert(KeyRef::from(id).into(), 0));
        let longest = index.chunks.iter().map(Vec::len).max();
        assert!(longest <= Some(300) && index.chunks.len() <= 400, "{longest:?}");
        ids(20_000).take(19_999).for_each(|id| assert_eq!(index.remove(id.into()), Some(0)));
        assert_eq!((index.len(), index.chunks.len()), (1, 1));
        assert!(index.memory_bytes() < 20_000, "{}", index.memory_bytes());
    }

    #[test]
    fn things_lie_in_the_order_of_their_keys() {
        let mut ordered = Ordered::default();
        let last = ordered.insert(EntryId::new(2, 0).into(), 'c');
        ordered.insert(EntryId::new(1, 0).into(), 'a');
        ordered.insert(EntryId::new(1, 9).into(), 'b');
        let things = |ordered: &Ordered<char>| ordered.all().map(|it| *it.2).collect::<Vec<_>>();
        assert_eq!(things(&ordered), ['a', 'b', 'c']);
        assert_eq!(ordered.floor(EntryId::new(1, 8)), Some((EntryId::new(1, 0), &'a')));
        assert_eq!(ordered.floor(EntryId::MIN), None);
        assert_eq!(ordered.remove(EntryId::new(2, 0).into()), Some('c'));
        assert_eq!(ordered.remove(EntryId::new(2, 0).into()), None);
        assert_eq!(ordered.insert(EntryId::MAX.into(), 'd'), last, "a free place is used again");
        assert_eq!(ordered.last(), Some((EntryId::MAX, &'d')));
        assert_eq!((things(&ordered), ordered.len()), (vec!['a', 'b', 'd'], 3));
    }
}
