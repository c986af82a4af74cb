//! Walking the live entries of a log: intervals from either end, and look-ups that ascend.

use alloc::collections::{BTreeMap, btree_map};
use core::iter::FlatMap;

use super::block::{Block, Entries};
use super::entry::Entry;
use crate::id::EntryId;

/// The blocks of a log by primary ID.
pub(super) type Blocks = BTreeMap<EntryId, Block>;

type BlockEntries<'a> = FlatMap<
    btree_map::Range<'a, EntryId, Block>,
    Entries<'a>,
    fn((&'a EntryId, &'a Block)) -> Entries<'a>,
>;

/// The live entries of an interval of IDs, ascending; reverse it to descend.
///
/// Starting costs one block (at most `stream-node-max-entries` headers), each step one header.
#[derive(Clone, Debug)]
pub struct Range<'a> {
    entries: Option<BlockEntries<'a>>,
    first: EntryId,
    last: EntryId,
}

impl<'a> Range<'a> {
    pub(super) fn new(blocks: &'a Blocks, first: EntryId, last: EntryId) -> Self {
        if first > last {
            return Self { entries: None, first, last };
        }
        // Only the block that begins at or before `first` can hold both sides of it.
        let begin = blocks.range(..=first).next_back().map_or(first, |(&primary, _)| primary);
        let entries: fn((&'a EntryId, &'a Block)) -> Entries<'a> =
            |(&primary, block)| block.entries(primary);
        Self { entries: Some(blocks.range(begin..=last).flat_map(entries)), first, last }
    }
}

impl<'a> Iterator for Range<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let first = self.first;
        let entry = self.entries.as_mut()?.find(|entry| entry.id >= first)?;
        if entry.id > self.last {
            self.entries = None;
            return None;
        }
        Some(entry)
    }
}

impl DoubleEndedIterator for Range<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let last = self.last;
        let entry = self.entries.as_mut()?.rfind(|entry| entry.id <= last)?;
        if entry.id < self.first {
            self.entries = None;
            return None;
        }
        Some(entry)
    }
}

/// Looks entries up by ID. Ascending look-ups go on from the last one, so that many of them in a
/// row cost what one walk over the same stretch costs; any other order works as well.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    blocks: &'a Blocks,
    /// The open block, from the first entry at or above `reached` on.
    entries: Option<Entries<'a>>,
    reached: EntryId,
    /// The last ID of the open block.
    last: EntryId,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(blocks: &'a Blocks) -> Self {
        Self { blocks, entries: None, reached: EntryId::MIN, last: EntryId::MIN }
    }

    /// The live entry at `id`.
    pub fn seek(&mut self, id: EntryId) -> Option<Entry<'a>> {
        if self.entries.is_none() || id < self.reached || id > self.last {
            let (&primary, block) = self.blocks.range(..=id).next_back()?;
            self.entries = Some(block.entries(primary));
            self.last = block.last();
        }
        self.reached = id;
        let entries = self.entries.as_mut()?;
        loop {
            let mut ahead = *entries;
            let entry = ahead.next()?;
            if entry.id >= id {
                return (entry.id == id).then_some(entry);
            }
            *entries = ahead;
        }
    }
}
