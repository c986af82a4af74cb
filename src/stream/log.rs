//! The entries of a stream and the counters that describe them.

use super::block::{Block, BlockLimits, Draft};
use super::entry::Entry;
use super::radix;
use super::range::{Blocks, Cursor, Range};
use crate::id::{EntryId, NewId};
use crate::ordered::Key;
use crate::span::Spans;
use crate::time::UnixMillis;

/// The highest value of [`Log::entries_added`], where it stops counting.
pub const MAX_ENTRIES_ADDED: u64 = i64::MAX as u64;

/// Why an entry cannot be added at an ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddError {
    /// The last ID is the highest there is.
    Exhausted,
    /// The ID is not greater than the last ID.
    NotGreater,
}

/// What is known of a log besides its nodes.
#[derive(Clone, Copy, Debug)]
pub struct Counters {
    /// How many entries are alive.
    pub len: u64,
    /// The highest ID that was ever added or set.
    pub last_id: EntryId,
    /// The ID of the first live entry where there is none; otherwise it is found.
    pub first_id: EntryId,
    /// The highest ID that was ever deleted by name or set.
    pub max_deleted_id: EntryId,
    /// How many entries were ever added; `None` where that was not counted.
    pub entries_added: Option<u64>,
}

/// Entries in ID order, packed into blocks.
#[derive(Debug, Default)]
pub struct Log {
    blocks: Blocks,
    len: u64,
    first_id: EntryId,
    last_live_id: EntryId,
    last_id: EntryId,
    max_deleted_id: EntryId,
    entries_added: u64,
    /// The capacity of all blocks.
    block_bytes: usize,
}

impl Log {
    /// How many live entries there are.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is no live entry.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The ID of the first live entry; `0-0` when there is none.
    #[must_use]
    pub const fn first_id(&self) -> EntryId {
        self.first_id
    }

    /// The ID of the last live entry; `0-0` when there is none.
    #[must_use]
    pub const fn last_live_id(&self) -> EntryId {
        self.last_live_id
    }

    /// The highest ID that was ever added or set.
    #[must_use]
    pub const fn last_id(&self) -> EntryId {
        self.last_id
    }

    /// The highest ID that was ever deleted by name (trimming does not count) or set.
    #[must_use]
    pub const fn max_deleted_id(&self) -> EntryId {
        self.max_deleted_id
    }

    /// Forgets which entry was deleted last: those that were are none of its history.
    pub const fn forget_deleted(&mut self) {
        self.max_deleted_id = EntryId::MIN;
    }

    /// How many entries were ever added, up to [`MAX_ENTRIES_ADDED`].
    #[must_use]
    pub const fn entries_added(&self) -> u64 {
        self.entries_added
    }

    /// How many blocks there are: Redis' `radix-tree-keys`.
    #[must_use]
    pub fn block_count(&self) -> usize {
        self.blocks.len()
    }

    /// How many nodes a radix tree over the blocks has: Redis' `radix-tree-nodes`. Costs a step a
    /// block.
    #[must_use]
    pub fn radix_tree_nodes(&self) -> u64 {
        radix::nodes(self.blocks.all().map(|(key, _, _)| key.id()))
    }

    /// The first ID that is physically there, tombstones included.
    #[must_use]
    pub fn first_physical_id(&self) -> Option<EntryId> {
        self.blocks.first().map(|(primary, _)| primary)
    }

    /// The ID that XADD gives to a new entry.
    pub fn resolve(&self, id: NewId, now: UnixMillis) -> Result<EntryId, AddError> {
        let last = self.last_id;
        let successor = last.successor().ok_or(AddError::Exhausted)?;
        let id = match id {
            NewId::Auto => match u64::try_from(now) {
                Ok(now) if now > last.ms => EntryId::new(now, 0),
                _ => successor,
            },
            NewId::AutoSeq(ms) if ms == last.ms => {
                EntryId::new(ms, last.seq.checked_add(1).ok_or(AddError::NotGreater)?)
            }
            NewId::AutoSeq(ms) => EntryId::new(ms, 0),
            NewId::Explicit(id) => id,
        };
        if id > last { Ok(id) } else { Err(AddError::NotGreater) }
    }

    /// Appends an entry: `fields` holds each field name followed by its value.
    ///
    /// An ID that is not greater than the last ID is refused; [`Log::resolve`] never gives one.
    pub fn append(
        &mut self,
        id: EntryId,
        fields: Spans<'_>,
        limits: BlockLimits,
    ) -> Result<(), AddError> {
        if id <= self.last_id {
            return Err(AddError::NotGreater);
        }
        let draft = Draft::new(fields);
        match self.blocks.last_mut() {
            Some((primary, block))
                if block.has_room(draft.payload, limits) && accepts(block, id) =>
            {
                let before = block.capacity();
                block.push(primary, id, &draft);
                self.block_bytes += block.capacity() - before;
            }
            _ => self.open_block(id, &draft),
        }
        self.len += 1;
        if self.len == 1 {
            self.first_id = id;
        }
        self.last_live_id = id;
        self.last_id = id;
        self.entries_added = self.entries_added.saturating_add(1).min(MAX_ENTRIES_ADDED);
        Ok(())
    }

    fn open_block(&mut self, id: EntryId, draft: &Draft<'_>) {
        // XSETID can move the last ID back below tombstones; blocks of nothing else make way.
        while let Some((primary, block)) = self.blocks.last()
            && block.live() == 0
            && block.last() >= id
        {
            self.drop_block(primary);
        }
        let mut expected = 0;
        if let Some((_, tail)) = self.blocks.last_mut() {
            let before = tail.capacity();
            tail.seal();
            self.block_bytes -= before - tail.capacity();
            // The next block of a steady stream ends up as long as this one.
            expected = tail.len_bytes().min(8192);
        }
        let mut block = Block::new(id, draft, expected);
        block.push(id, id, draft);
        self.block_bytes += block.capacity();
        self.blocks.insert(id.into(), block);
    }

    /// Whether there is a live entry at `id`.
    #[must_use]
    pub fn contains(&self, id: EntryId) -> bool {
        self.get(id).is_some()
    }

    /// The live entry at `id`. Costs one block.
    #[must_use]
    pub fn get(&self, id: EntryId) -> Option<Entry<'_>> {
        self.cursor().seek(id)
    }

    /// The live entries from `first` to `last`, both included.
    #[must_use]
    pub fn range(&self, first: EntryId, last: EntryId) -> Range<'_> {
        Range::new(&self.blocks, first, last)
    }

    /// Looks many entries up, cheapest in ascending order.
    #[must_use]
    pub const fn cursor(&self) -> Cursor<'_> {
        Cursor::new(&self.blocks)
    }

    /// The first live entry.
    #[must_use]
    pub fn first_entry(&self) -> Option<Entry<'_>> {
        self.range(self.first_id, EntryId::MAX).next()
    }

    /// The last live entry.
    #[must_use]
    pub fn last_entry(&self) -> Option<Entry<'_>> {
        self.range(EntryId::MIN, self.last_live_id).next_back()
    }

    /// Deletes an entry by name, as XDEL does. Says whether it was there.
    pub fn delete(&mut self, id: EntryId) -> bool {
        let Some((primary, block)) = self.blocks.floor_mut(id) else { return false };
        let Some((found, entry)) = block.entries(primary).seek(id) else { return false };
        if entry.id != id {
            return false;
        }
        block.delete_at(found);
        if block.live() == 0 {
            self.drop_block(primary);
        }
        self.len -= 1;
        self.max_deleted_id = self.max_deleted_id.max(id);
        if id == self.first_id || id == self.last_live_id {
            self.find_ends();
        }
        true
    }

    /// What XSETID assigns. The caller has checked the values; counters that are `None` stay, and
    /// so does the highest deleted ID when it is to become `0-0`.
    pub fn set_id(
        &mut self,
        last_id: EntryId,
        entries_added: Option<u64>,
        max_deleted_id: Option<EntryId>,
    ) {
        self.last_id = last_id.max(self.last_live_id);
        if let Some(added) = entries_added {
            self.entries_added = added.min(MAX_ENTRIES_ADDED);
        }
        if let Some(id) = max_deleted_id.filter(|&id| id != EntryId::MIN) {
            self.max_deleted_id = id;
        }
    }

    /// The bytes that the entries hold, bookkeeping included.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.block_bytes + self.blocks.memory_bytes()
    }

    /// Whether both hold the same entries and counters, however they are packed.
    #[must_use]
    pub fn same_state(&self, other: &Self) -> bool {
        let counters = |log: &Self| {
            (log.len, log.first_id, log.last_id, log.max_deleted_id, log.entries_added)
        };
        counters(self) == counters(other)
            && self.range(EntryId::MIN, EntryId::MAX).eq(other.range(EntryId::MIN, EntryId::MAX))
    }

    /// The blocks with their primary IDs.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (EntryId, &Block)> {
        self.blocks.all().map(|(key, _, block)| (key.id(), block))
    }

    /// Takes a block that was made elsewhere, as the last one.
    pub(super) fn adopt(&mut self, primary: EntryId, mut block: Block, last_live_id: EntryId) {
        block.seal();
        self.block_bytes += block.capacity();
        self.len += block.live();
        self.last_live_id = last_live_id;
        self.blocks.insert(primary.into(), block);
    }

    /// Sets what was counted elsewhere, once all nodes are loaded. Says whether it can be so.
    #[must_use]
    pub fn restore(&mut self, counters: &Counters) -> bool {
        let Counters { len, last_id, first_id, max_deleted_id, entries_added } = *counters;
        self.find_ends();
        if self.is_empty() {
            self.first_id = first_id;
        }
        self.last_id = last_id;
        self.max_deleted_id = max_deleted_id;
        self.entries_added = entries_added.unwrap_or(len);
        len == self.len
            && last_id >= self.last_live_id
            && (len..=MAX_ENTRIES_ADDED).contains(&self.entries_added)
    }

    /// The primary ID and the block of the first one whose primary ID lies above `after`.
    pub(super) fn block_after(&self, after: Option<EntryId>) -> Option<(EntryId, &Block)> {
        let index = self.blocks.index();
        let above = after.map_or_else(|| index.all(), |id| index.from(id.into(), true));
        let next = self.blocks.with(above).next();
        next.map(|(primary, _, block)| (primary.id(), block))
    }

    /// Forgets a whole block for trimming; [`Log::finish_trim`] sets the counters right.
    pub(super) fn drop_block(&mut self, primary: EntryId) {
        if let Some(block) = self.blocks.remove(primary.into()) {
            self.block_bytes -= block.capacity();
        }
    }

    /// Offers the live entries of a block, oldest first, and makes tombstones of those that
    /// `decide` gives up, until it says to stop. Returns how many.
    pub(super) fn sweep(
        &mut self,
        primary: EntryId,
        mut decide: impl FnMut(EntryId) -> Sweep,
    ) -> u64 {
        let Some(block) = self.blocks.get_mut(primary) else { return 0 };
        let mut removed = 0;
        let mut from = 0;
        loop {
            let mut entries = block.entries_from(primary, from);
            let Some((offset, entry)) = entries.next_at() else { break };
            from = entries.offset();
            match decide(entry.id) {
                Sweep::Delete => {
                    block.delete_at(offset);
                    removed += 1;
                }
                Sweep::Keep => {}
                Sweep::Stop => break,
            }
        }
        removed
    }

    /// Counts `removed` entries off after trimming.
    pub(super) fn finish_trim(&mut self, removed: u64) {
        self.len -= removed;
        if removed > 0 {
            self.find_ends();
        }
    }

    fn find_ends(&mut self) {
        let live =
            |(primary, _, block): (&Key, u32, &Block)| (block.live() > 0).then(|| primary.id());
        let first = self.blocks.all().find_map(live);
        let last = self.blocks.all().rev().find_map(live);
        let entries = |primary: EntryId| self.blocks.get(primary).map(|b| b.entries(primary));
        let first = first.and_then(entries).and_then(|mut entries| entries.next());
        let last = last.and_then(entries).and_then(|mut entries| entries.next_back());
        let ends = first.zip(last).map(|(first, last)| (first.id, last.id));
        (self.first_id, self.last_live_id) = ends.unwrap_or_default();
    }
}

/// What happens to an entry that trimming looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sweep {
    Delete,
    Keep,
    Stop,
}

/// Whether `id` keeps its order in the tail block: false only above a lone tombstone.
fn accepts(tail: &Block, id: EntryId) -> bool {
    tail.live() > 0 || id > tail.last()
}

impl Clone for Log {
    fn clone(&self) -> Self {
        let blocks = self.blocks.clone();
        let block_bytes = blocks.things().map(Block::capacity).sum();
        Self { blocks, block_bytes, ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Strings, add, entries, ms, numbered, times};
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    #[test]
    fn ids_are_computed_in_redis_order() {
        let mut log = Log::default();
        let resolve = |log: &Log, text: &[u8], now| {
            log.resolve(NewId::parse(text).expect("valid"), now).map(|id| (id.ms, id.seq))
        };
        assert_eq!(resolve(&log, b"0-*", 7), Ok((0, 1)));
        assert_eq!(resolve(&log, b"*", 7), Ok((7, 0)));
        assert_eq!(resolve(&log, b"*", -7), Ok((0, 1)));
        add(&mut log, EntryId::new(12, u64::MAX), entries(0));
        assert_eq!(resolve(&log, b"12-*", 7), Err(AddError::NotGreater));
        assert_eq!(resolve(&log, b"11-*", 7), Err(AddError::NotGreater));
        assert_eq!(resolve(&log, b"12", 7), Err(AddError::NotGreater));
        assert_eq!(resolve(&log, b"*", 12), Ok((13, 0)));
        log.set_id(EntryId::MAX, None, None);
        assert_eq!(resolve(&log, b"*", 99), Err(AddError::Exhausted));
        assert_eq!(resolve(&log, b"1-1", 99), Err(AddError::Exhausted));
    }

    #[test]
    fn deletion_keeps_ends_and_counters() {
        let mut log = numbered(10, entries(3));
        assert_eq!(log.block_count(), 4);
        for gone in [1, 10, 2, 3] {
            assert!(log.delete(ms(gone)));
            assert!(!log.delete(ms(gone)));
        }
        assert_eq!((log.first_id(), log.last_live_id()), (ms(4), ms(9)));
        assert_eq!((log.last_id(), log.max_deleted_id()), (ms(10), ms(10)));
        assert_eq!((log.len(), log.entries_added(), log.block_count()), (6, 10, 2));
        (4..=9).for_each(|number| assert!(log.delete(ms(number))));
        assert_eq!((log.first_id(), log.block_count()), (EntryId::MIN, 0));
        assert_eq!((log.first_entry(), log.last_entry()), (None, None));
    }

    #[test]
    fn intervals_from_both_ends_meet() {
        let mut log = numbered(10, entries(4));
        log.delete(ms(5));
        let mut range = log.range(EntryId::new(2, 1), ms(8));
        let mut seen = Vec::new();
        while let Some(entry) = range.next() {
            seen.push(entry.id.ms);
            seen.extend(range.next_back().map(|entry| entry.id.ms));
        }
        assert_eq!(seen, [3, 8, 4, 7, 6]);
        assert_eq!(log.range(ms(8), ms(2)).next(), None);
        assert_eq!(log.range(ms(11), EntryId::MAX).next_back(), None);
        assert_eq!(log.range(EntryId::MIN, ms(0)).next(), None);
    }

    #[test]
    fn a_cursor_finds_in_any_order() {
        let mut log = numbered(50, entries(7));
        (1..=50).step_by(3).for_each(|gone| assert!(log.delete(ms(gone))));
        let mut cursor = log.cursor();
        for number in (0..=60).chain((0..=60).rev()).chain([9, 9, 40, 3, 41]) {
            let expected = (1..=50).contains(&number) && number % 3 != 1;
            assert_eq!(
                cursor.seek(ms(number)).map(|entry| entry.id.ms),
                expected.then_some(number)
            );
            assert_eq!(cursor.seek(EntryId::new(number, 1)), None);
        }
    }

    /// XSETID on an emptied stream may go back below tombstones that trimming left behind. New
    /// entries then began inside a block whose primary ID is above them, where no look-up by
    /// primary ID finds them: the entry was counted and never seen again.
    #[test]
    fn entries_below_leftover_tombstones_are_found() {
        let mut log = numbered(3, entries(100));
        let removed = log.sweep(ms(1), |_| Sweep::Delete);
        log.finish_trim(removed);
        assert_eq!((log.len(), log.block_count()), (0, 1));
        log.set_id(EntryId::MIN, None, None);
        add(&mut log, EntryId::new(0, 1), entries(100));
        assert_eq!(times(&log), vec![0]);
        assert!(log.contains(EntryId::new(0, 1)));
    }

    #[test]
    fn lifetime_counter_saturates() {
        let mut log = numbered(1, entries(0));
        log.set_id(ms(1), Some(u64::MAX), None);
        add(&mut log, ms(2), entries(0));
        assert_eq!(log.entries_added(), MAX_ENTRIES_ADDED);
    }

    #[test]
    fn an_entry_takes_less_than_in_redis() {
        let mut log = Log::default();
        let fields = Strings::new(["field", "sixteen bytes ok"]);
        for number in 0..10_000 {
            let id = EntryId::new(1_700_000_000_000 + number * 3, 0);
            log.append(id, fields.spans(), BlockLimits::default()).expect("ascending");
        }
        let bytes = log.memory_bytes();
        assert!(bytes < 24 * 10_000, "{bytes} bytes for 10,000 entries");
        let copy = log.clone();
        assert!(copy.same_state(&log));
        assert!(copy.memory_bytes() <= log.memory_bytes());
    }
}
