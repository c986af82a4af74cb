//! A block: up to a hundred or so entries packed into one run of bytes.
//!
//! ```text
//! block: name of the primary entry's 1st field, 2nd field, …   entry   entry   entry …
//! entry: length | flags [ms] [seq] body | length again, readable backwards
//! body:  values, where the names are the primary's   or   count, name, value, name, value …
//! ```
//!
//! Times and sequence numbers are differences to the primary ID, which the owner of the block
//! keeps; zero differences are left out. Strings carry their length in front. A deleted entry
//! stays as a tombstone until its block goes, as in Redis, since trimming counts them.

use alloc::vec::Vec;

use super::entry::{Entry, take};
use super::{listpack, varint};
use crate::id::EntryId;
use crate::span::Spans;

const DELETED: u8 = 1;
const SAME_NAMES: u8 = 2;
const HAS_MS: u8 = 4;
const HAS_SEQ: u8 = 8;

/// The largest block that Redis allows, whatever its configuration says.
const MAX_BYTES: u64 = 1 << 30;

/// Entries from one mark to the next.
const STRIDE: u32 = 16;

/// When a block is full: `stream-node-max-entries` and `stream-node-max-bytes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockLimits {
    /// Entries in a block, tombstones included; 0 means no limit.
    pub max_entries: u64,
    /// Bytes that the block would take in Redis; 0, or more than 2³⁰, means 2³⁰.
    pub max_bytes: u64,
}

impl Default for BlockLimits {
    fn default() -> Self {
        Self { max_entries: 100, max_bytes: 4096 }
    }
}

/// Packed entries. Its owner keeps the primary ID and passes it in.
#[derive(Clone, Debug)]
pub(super) struct Block {
    bytes: Vec<u8>,
    /// Where every sixteenth entry starts, tombstone or not: look-ups begin at one of these.
    marks: Vec<u32>,
    /// The ID that was added last, tombstone or not.
    last: EntryId,
    /// The size of all listpack elements but the two counts at the front.
    elements: u64,
    /// How many field names the primary entry has.
    names: u32,
    /// Where the first entry starts that is not a tombstone: all before it are.
    head: u32,
    live: u32,
    deleted: u32,
}

impl Block {
    /// An empty block whose primary entry will be `draft` at `primary`.
    pub(super) fn new(primary: EntryId, draft: &Draft<'_>, capacity: usize) -> Self {
        let mut bytes = Vec::with_capacity(capacity);
        names(draft.fields).for_each(|name| push_string(&mut bytes, name));
        let (_, elements) = draft.own_names();
        let elements = elements + listpack::integer(0);
        let head = bytes.len() as u32;
        let names = draft.pairs() as u32;
        Self { bytes, marks: Vec::new(), last: primary, elements, names, head, live: 0, deleted: 0 }
    }

    /// Whether Redis would add an entry of `payload` raw bytes here rather than open a new node.
    pub(super) fn has_room(&self, payload: u64, limits: BlockLimits) -> bool {
        let max_bytes = match limits.max_bytes {
            0 => MAX_BYTES,
            bytes => bytes.min(MAX_BYTES),
        };
        self.listpack_size() + payload < max_bytes
            && (limits.max_entries == 0 || u64::from(self.count()) < limits.max_entries)
    }

    /// Entries, tombstones included.
    const fn count(&self) -> u32 {
        self.live + self.deleted
    }

    /// Appends an entry; `id` must be above all live entries of the block.
    pub(super) fn push(&mut self, primary: EntryId, id: EntryId, draft: &Draft<'_>) {
        self.push_as(primary, id, draft, self.has_names(draft.fields));
    }

    /// Appends an entry that says itself whether its names are the primary's; where they are,
    /// those in the draft do not matter.
    pub(super) fn push_as(&mut self, primary: EntryId, id: EntryId, draft: &Draft<'_>, same: bool) {
        let ms = id.ms.wrapping_sub(primary.ms);
        let seq = id.seq.wrapping_sub(primary.seq) as i64;
        let header = Header::new(same, ms, seq);
        let (names, name_elements) = if same { (0, 0) } else { draft.own_names() };
        let length = header.as_bytes().len() + names + draft.values;
        if self.count() > 0 && self.count().is_multiple_of(STRIDE) {
            self.marks.push(self.bytes.len() as u32);
        }
        self.bytes.reserve(length + 2 * varint::size(length as u64));
        varint::push(&mut self.bytes, length as u64);
        self.bytes.extend_from_slice(header.as_bytes());
        if same {
            values(draft.fields).for_each(|value| push_string(&mut self.bytes, value));
        } else {
            varint::push(&mut self.bytes, draft.pairs());
            draft.fields.iter().for_each(|string| push_string(&mut self.bytes, string));
        }
        varint::push_back(&mut self.bytes, length as u64);
        let count = draft.pairs() as i64;
        self.elements += listpack::integer(0)
            + listpack::integer(ms as i64)
            + listpack::integer(seq)
            + draft.elements
            + name_elements
            + listpack::integer(if same { 3 + count } else { 4 + 2 * count });
        self.last = id;
        self.live += 1;
    }

    fn has_names(&self, fields: Spans<'_>) -> bool {
        let mut primary = self.bytes.as_slice();
        fields.len() / 2 == self.names as usize
            && names(fields).all(|name| take(&mut primary) == name)
    }

    /// The field names of the primary entry.
    pub(super) fn names(&self) -> Names<'_> {
        Names { left: self.names, bytes: &self.bytes }
    }

    /// All entries with whether they are alive.
    pub(super) fn physical(&self, primary: EntryId) -> impl Iterator<Item = (bool, Entry<'_>)> {
        let mut names = self.names();
        names.by_ref().for_each(drop);
        let start = self.bytes.len() - names.bytes.len();
        let mut entries = Entries { block: self, primary, start, end: self.bytes.len() };
        core::iter::from_fn(move || {
            let record = Record::read(&self.bytes, entries.start)?;
            entries.start = record.next;
            Some((record.flags & DELETED == 0, entries.decode(&record)))
        })
    }

    /// The live entries.
    pub(super) fn entries(&self, primary: EntryId) -> Entries<'_> {
        self.entries_from(primary, 0)
    }

    /// The live entries from the one at `offset` on.
    pub(super) fn entries_from(&self, primary: EntryId, offset: usize) -> Entries<'_> {
        let start = offset.max(self.head as usize);
        Entries { block: self, primary, start, end: self.bytes.len() }
    }

    /// Makes the live entry at `offset` a tombstone.
    pub(super) fn delete_at(&mut self, offset: usize) {
        let (_, at) = varint::read(&self.bytes, offset);
        let Some(flags) = self.bytes.get_mut(at) else { return };
        *flags |= DELETED;
        self.live -= 1;
        self.deleted += 1;
        while let Some(record) = Record::read(&self.bytes, self.head as usize)
            && record.flags & DELETED != 0
        {
            self.head = record.next as u32;
        }
    }

    /// The size of this block as a listpack.
    pub(super) fn listpack_size(&self) -> u64 {
        listpack::FRAME
            + listpack::integer(i64::from(self.live))
            + listpack::integer(i64::from(self.deleted))
            + self.elements
    }

    /// Gives back what the allocation holds beyond the entries.
    pub(super) fn seal(&mut self) {
        self.bytes.shrink_to_fit();
        self.marks.shrink_to_fit();
    }

    pub(super) const fn last(&self) -> EntryId {
        self.last
    }

    pub(super) const fn live(&self) -> u64 {
        self.live as u64
    }

    pub(super) const fn deleted(&self) -> u64 {
        self.deleted as u64
    }

    pub(super) const fn len_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes that the allocation holds.
    pub(super) const fn capacity(&self) -> usize {
        self.bytes.capacity() + self.marks.capacity() * size_of::<u32>()
    }
}

/// The live entries of one block, from either end.
#[derive(Clone, Debug)]
pub(super) struct Entries<'a> {
    block: &'a Block,
    primary: EntryId,
    start: usize,
    end: usize,
}

impl<'a> Entries<'a> {
    /// Where the walk stands.
    pub(super) const fn offset(&self) -> usize {
        self.start
    }

    /// The next live entry and its offset.
    #[inline]
    pub(super) fn next_at(&mut self) -> Option<(usize, Entry<'a>)> {
        while self.start < self.end {
            let offset = self.start;
            let record = Record::read(&self.block.bytes, offset)?;
            self.start = record.next;
            if record.flags & DELETED == 0 {
                return Some((offset, self.decode(&record)));
            }
        }
        None
    }

    /// Skips to the first live entry at or above `id` and returns it without consuming it.
    pub(super) fn seek(&mut self, id: EntryId) -> Option<(usize, Entry<'a>)> {
        self.skip_to_mark(id);
        while self.start < self.end {
            let record = Record::read(&self.block.bytes, self.start)?;
            if record.flags & DELETED == 0 && self.id(&record).0 >= id {
                return Some((self.start, self.decode(&record)));
            }
            self.start = record.next;
        }
        None
    }

    /// Skips to the last mark at or below `id`. What is alive before a mark is below the mark's
    /// ID, so that the walk to `id` may start there.
    fn skip_to_mark(&mut self, id: EntryId) {
        let marks = &self.block.marks;
        let below = marks.partition_point(|&mark| {
            let record = Record::read(&self.block.bytes, mark as usize);
            record.is_some_and(|record| self.id(&record).0 <= id)
        });
        if let Some(&mark) = below.checked_sub(1).and_then(|index| marks.get(index)) {
            self.start = self.start.max(mark as usize);
        }
    }

    /// Drops all entries above `id` from the end.
    pub(super) fn cut_above(&mut self, id: EntryId) {
        for mark in self.block.marks.iter().rev().map(|&mark| mark as usize) {
            let Some(record) = Record::read(&self.block.bytes, mark) else { break };
            // What is alive behind a tombstone may lie below it.
            if record.flags & DELETED == 0 {
                if mark <= self.start || self.id(&record).0 <= id {
                    break;
                }
                self.end = self.end.min(mark);
            }
        }
        while let Some((offset, record)) = self.last_record()
            && (record.flags & DELETED != 0 || self.id(&record).0 > id)
        {
            self.end = offset;
        }
    }

    fn last_record(&self) -> Option<(usize, Record)> {
        let (length, at) = varint::read_back(&self.block.bytes, self.end);
        let frame = 2 * (self.end - at) + length as usize;
        let offset = self.end.checked_sub(frame).filter(|&offset| offset >= self.start)?;
        Record::read(&self.block.bytes, offset).map(|record| (offset, record))
    }

    /// The ID of an entry and the offset of its body.
    #[inline]
    fn id(&self, record: &Record) -> (EntryId, usize) {
        let mut at = record.header;
        let mut id = self.primary;
        if record.flags & HAS_MS != 0 {
            let (ms, next) = varint::read(&self.block.bytes, at);
            id.ms = id.ms.wrapping_add(ms);
            at = next;
        }
        if record.flags & HAS_SEQ != 0 {
            let (seq, next) = varint::read(&self.block.bytes, at);
            id.seq = id.seq.wrapping_add(varint::unzigzag(seq) as u64);
            at = next;
        }
        (id, at)
    }

    #[inline]
    fn decode(&self, record: &Record) -> Entry<'a> {
        let block = self.block;
        let (id, mut at) = self.id(record);
        let (pairs, names) = if record.flags & SAME_NAMES != 0 {
            (block.names, Some(block.bytes.as_slice()))
        } else {
            let (pairs, next) = varint::read(&block.bytes, at);
            at = next;
            (pairs as u32, None)
        };
        let body = block.bytes.get(at..record.end).unwrap_or_default();
        Entry::new(id, pairs, names, body)
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    #[inline]
    fn next(&mut self) -> Option<Entry<'a>> {
        self.next_at().map(|(_, entry)| entry)
    }
}

impl DoubleEndedIterator for Entries<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        while let Some((offset, record)) = self.last_record() {
            self.end = offset;
            if record.flags & DELETED == 0 {
                return Some(self.decode(&record));
            }
        }
        None
    }
}

/// The field names of a primary entry, in order.
#[derive(Clone, Debug)]
pub struct Names<'a> {
    left: u32,
    bytes: &'a [u8],
}

impl<'a> Iterator for Names<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.left = self.left.checked_sub(1)?;
        Some(take(&mut self.bytes))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Names<'_> {}

/// Where the parts of one entry lie.
struct Record {
    flags: u8,
    /// Behind the flags.
    header: usize,
    /// Behind the body.
    end: usize,
    /// The next entry.
    next: usize,
}

impl Record {
    #[inline]
    fn read(bytes: &[u8], offset: usize) -> Option<Self> {
        let (length, at) = varint::read(bytes, offset);
        let flags = *bytes.get(at)?;
        let end = at + length as usize;
        Some(Self { flags, header: at + 1, end, next: end + (at - offset) })
    }
}

/// Every string at an even index.
fn names(fields: Spans<'_>) -> impl Iterator<Item = &[u8]> {
    (0..fields.len()).step_by(2).filter_map(move |index| fields.get(index))
}

/// Every string at an odd index.
fn values(fields: Spans<'_>) -> impl Iterator<Item = &[u8]> {
    (1..fields.len()).step_by(2).filter_map(move |index| fields.get(index))
}

#[inline]
fn push_string(out: &mut Vec<u8>, string: &[u8]) {
    varint::push(out, string.len() as u64);
    out.extend_from_slice(string);
}

/// An entry about to be added, measured once.
pub(super) struct Draft<'a> {
    fields: Spans<'a>,
    /// The raw bytes of all names and values.
    pub(super) payload: u64,
    /// The packed bytes of the values.
    values: usize,
    /// The listpack elements of the values.
    elements: u64,
}

impl<'a> Draft<'a> {
    /// Measures `fields`: names and values in turn. A name without a value is left out.
    pub(super) fn new(fields: Spans<'a>) -> Self {
        let fields = fields.first(fields.len() / 2 * 2);
        let mut draft = Self { fields, payload: 0, values: 0, elements: 0 };
        for name in names(fields) {
            draft.payload += name.len() as u64;
        }
        for value in values(fields) {
            draft.payload += value.len() as u64;
            draft.values += packed(value);
            draft.elements += listpack::string(value);
        }
        draft
    }

    fn pairs(&self) -> u64 {
        self.fields.len() as u64 / 2
    }

    /// Packed bytes and listpack elements of the names and their count.
    fn own_names(&self) -> (usize, u64) {
        let bytes = names(self.fields).map(packed).sum::<usize>() + varint::size(self.pairs());
        let elements = names(self.fields).map(listpack::string).sum::<u64>();
        (bytes, elements + listpack::integer(self.pairs() as i64))
    }
}

fn packed(string: &[u8]) -> usize {
    varint::size(string.len() as u64) + string.len()
}

/// Flags and differences of one entry, put together on the stack.
struct Header {
    bytes: [u8; 21],
    len: usize,
}

impl Header {
    #[inline]
    fn new(same: bool, ms: u64, seq: i64) -> Self {
        let mut header = Self { bytes: [0; 21], len: 1 };
        if same {
            header.bytes[0] |= SAME_NAMES;
        }
        if ms != 0 {
            header.bytes[0] |= HAS_MS;
            header.push(ms);
        }
        if seq != 0 {
            header.bytes[0] |= HAS_SEQ;
            header.push(varint::zigzag(seq));
        }
        header
    }

    #[inline]
    fn push(&mut self, value: u64) {
        self.len += varint::write(&mut self.bytes[self.len..], value);
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Strings;
    use super::*;
    use alloc::vec;

    fn block_of(primary: EntryId, rows: &[(EntryId, &[&str])]) -> Block {
        let first = Strings::new(rows[0].1);
        let mut block = Block::new(primary, &Draft::new(first.spans()), 0);
        for (id, fields) in rows {
            let fields = Strings::new(*fields);
            block.push(primary, *id, &Draft::new(fields.spans()));
        }
        block
    }

    #[test]
    fn entries_come_back_from_either_end() {
        let long = "x".repeat(300);
        let primary = EntryId::new(5, 9);
        let rows: &[(EntryId, &[&str])] = &[
            (primary, &["f", "1", "g", "2"]),
            (EntryId::new(6, 0), &["f", "", "g", &long]),
            (EntryId::new(6, u64::MAX), &["f", "1", "h", "2"]),
            (EntryId::new(u64::MAX, 3), &["g", "only"]),
        ];
        let block = block_of(primary, rows);
        let forward: Vec<_> = block.entries(primary).collect();
        assert_eq!(forward.len(), rows.len());
        for (entry, (id, fields)) in forward.iter().zip(rows) {
            let pairs: Vec<_> = entry.fields().collect();
            let expected: Vec<_> =
                fields.chunks(2).map(|pair| (pair[0].as_bytes(), pair[1].as_bytes())).collect();
            assert_eq!((entry.id, pairs), (*id, expected));
        }
        let mut backward: Vec<_> = block.entries(primary).rev().collect();
        backward.reverse();
        assert_eq!(forward, backward);
    }

    #[test]
    fn tombstones_are_invisible_from_both_ends() {
        let fields: &[&str] = &["f", "v"];
        let rows: Vec<_> = (1..=4).map(|ms| (EntryId::new(ms, 0), fields)).collect();
        let primary = rows[0].0;
        let mut block = block_of(primary, &rows);
        for gone in [1, 4, 2] {
            let found = block.entries(primary).seek(EntryId::new(gone, 0));
            let (offset, _) = found.expect("not deleted yet");
            block.delete_at(offset);
        }
        let left: Vec<_> = block.entries(primary).map(|entry| entry.id.ms).collect();
        assert_eq!(left, vec![3]);
        assert_eq!(block.entries(primary).next_back().map(|entry| entry.id.ms), Some(3));
        assert_eq!((block.live(), block.last()), (1, EntryId::new(4, 0)));
    }

    /// Header, counts, names, then the entries; the full element costs are tested in `listpack`.
    #[test]
    fn listpack_size_follows_the_layout() {
        let primary = EntryId::new(1, 0);
        let block = block_of(primary, &[(primary, &["f", "v"])]);
        // Frame 7; live 2, deleted 2, count 2, name 3, end 2; then the entry: flags 2, ms 2,
        // seq 2, value 3, back 2.
        assert_eq!(block.listpack_size(), 7 + 11 + 11);
        assert!(block.has_room(10, BlockLimits { max_entries: 0, max_bytes: 40 }));
        assert!(!block.has_room(11, BlockLimits { max_entries: 0, max_bytes: 40 }));
        assert!(!block.has_room(1, BlockLimits { max_entries: 1, max_bytes: 0 }));
    }
}
