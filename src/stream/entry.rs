//! One entry as it lies in its block: its ID and its field–value pairs, decoded in place.

use super::varint;
use crate::id::EntryId;

/// An entry of a stream. It borrows the stream's bytes; nothing is copied.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The ID.
    pub id: EntryId,
    pairs: u32,
    /// The field names of the block's primary entry, when this entry has the same.
    names: Option<&'a [u8]>,
    /// The values; or names and values in turn when the names are this entry's own.
    body: &'a [u8],
}

impl<'a> Entry<'a> {
    pub(super) const fn new(
        id: EntryId,
        pairs: u32,
        names: Option<&'a [u8]>,
        body: &'a [u8],
    ) -> Self {
        Self { id, pairs, names, body }
    }

    /// How many field–value pairs the entry has: at least one.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.pairs as usize
    }

    /// Never: XADD demands a pair.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.pairs == 0
    }

    /// Whether the field names are those of its block's primary entry.
    #[must_use]
    pub const fn has_primary_names(&self) -> bool {
        self.names.is_some()
    }

    /// The pairs, in the order in which they were added.
    #[must_use]
    pub const fn fields(&self) -> Fields<'a> {
        Fields { left: self.pairs, names: self.names, body: self.body }
    }
}

/// Two entries are equal when they have the same ID and the same pairs, however they are stored.
impl PartialEq for Entry<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.fields().eq(other.fields())
    }
}

impl Eq for Entry<'_> {}

/// The field–value pairs of one entry.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    left: u32,
    names: Option<&'a [u8]>,
    body: &'a [u8],
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let field = match &mut self.names {
            Some(names) => take(names),
            None => take(&mut self.body),
        };
        Some((field, take(&mut self.body)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Fields<'_> {}

/// Cuts one length-prefixed string off the front.
pub(super) fn take<'a>(bytes: &mut &'a [u8]) -> &'a [u8] {
    let (length, at) = varint::read(bytes, 0);
    let rest = bytes.get(at..).unwrap_or_default();
    let (string, rest) = rest.split_at(rest.len().min(length as usize));
    *bytes = rest;
    string
}
