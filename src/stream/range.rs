//! Walking the live entries of a log: intervals from either end, and look-ups that ascend.

use super::block::{Block, Entries};
use super::entry::Entry;
use crate::id::EntryId;
use crate::ordered::{self, Ordered};

/// The blocks of a log by primary ID.
pub(super) type Blocks = Ordered<Block>;

/// The live entries of an interval of IDs, ascending; reverse it to descend.
///
/// Starting costs one block (at most `stream-node-max-entries` headers), each step one header.
#[derive(Clone, Debug)]
pub struct Range<'a> {
    /// Blocks that neither end has opened.
    blocks: ordered::Range<'a, Block>,
    front: Option<Entries<'a>>,
    back: Option<Entries<'a>>,
    last: EntryId,
}

impl<'a> Range<'a> {
    pub(super) fn new(blocks: &'a Blocks, first: EntryId, last: EntryId) -> Self {
        let rest = blocks.with(blocks.index().between(first, last));
        // Only the block that begins at or before `first` can hold both sides of it.
        let front = rest.before().filter(|_| first <= last);
        let front = front.map(|(primary, _, block)| {
            let mut entries = block.entries(primary.id());
            entries.seek(first);
            entries
        });
        Self { blocks: rest, front, back: None, last }
    }
}

impl<'a> Iterator for Range<'a> {
    type Item = Entry<'a>;

    #[inline]
    fn next(&mut self) -> Option<Entry<'a>> {
        loop {
            if let Some(entry) = self.front.as_mut().and_then(Entries::next) {
                return (entry.id <= self.last).then_some(entry);
            }
            self.front = match self.blocks.next() {
                Some((primary, _, block)) => Some(block.entries(primary.id())),
                None => Some(self.back.take()?),
            };
        }
    }
}

impl DoubleEndedIterator for Range<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.back.as_mut().and_then(Entries::next_back) {
                return Some(entry);
            }
            let mut entries = match self.blocks.next_back() {
                Some((primary, _, block)) => block.entries(primary.id()),
                None => self.front.take()?,
            };
            entries.cut_above(self.last);
            self.back = Some(entries);
        }
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
        // Where XSETID set the last ID back, a block can begin with the ID of the tombstone with
        // which the one before it ends.
        if self.entries.is_none() || id < self.reached || id >= self.last {
            let (primary, block) = self.blocks.floor(id)?;
            self.entries = Some(block.entries(primary));
            self.last = block.last();
        }
        self.reached = id;
        let (_, entry) = self.entries.as_mut()?.seek(id)?;
        (entry.id == id).then_some(entry)
    }
}
