//! `[KEEPREF|DELREF|ACKED] IDS numids id [id …]`: what XDELEX and XACKDEL have in common.

use alloc::vec::Vec;

use super::args::{Args, Cursor, entry_id};
use super::trim_options::accept_references;
use crate::error::Error;
use crate::id::EntryId;
use crate::reply::Writer;
use crate::stream::{Deletion, References};

/// Which entries to delete, and what happens to those that groups refer to.
#[derive(Clone, Copy, Debug)]
pub(super) struct IdBlock<'a> {
    pub references: References,
    words: Args<'a>,
}

impl<'a> IdBlock<'a> {
    /// Scans from the word at `start` on. IDS may come again: the last block counts.
    pub(super) fn parse(words: Args<'a>, start: usize) -> Result<Self, Error> {
        let mut cursor = Cursor::new(words, start);
        let (mut references, mut ids) = (None, None);
        while cursor.left() > 0 {
            if accept_references(&mut cursor, &mut references) {
            } else if cursor.keyword("IDS", 1) {
                ids = Some(counted(&mut cursor)?);
            } else {
                return Err(Error::SYNTAX);
            }
        }
        let words = ids.ok_or(Error::SYNTAX)?;
        Ok(Self { references: references.unwrap_or_default(), words })
    }

    /// How many IDs there are.
    pub(super) const fn len(self) -> usize {
        self.words.len()
    }

    /// The IDs; one that is none is an error.
    pub(super) fn ids(self) -> Result<Vec<EntryId>, Error> {
        self.words.iter().map(entry_id).collect()
    }
}

/// Takes a count and as many words.
fn counted<'a>(cursor: &mut Cursor<'a>) -> Result<Args<'a>, Error> {
    let count = cursor.integer().ok().filter(|&count| count > 0).ok_or(Error::IDS_NOT_POSITIVE)?;
    cursor.take(count as u64).ok_or(Error::IDS_MISSING)
}

/// Writes what became of each entry: −1 not found, 1 deleted, 2 still referred to. An outcome
/// without any says that the key or the group is missing, which all `len` IDs then are.
pub(super) fn render(out: &mut Writer, len: usize, outcome: &[Deletion]) {
    out.array(len);
    for index in 0..len {
        out.integer(match outcome.get(index) {
            None | Some(Deletion::NotFound) => -1,
            Some(Deletion::Deleted) => 1,
            Some(Deletion::Referenced) => 2,
        });
    }
}
