//! Packed requests, word by word.

use alloc::vec::Vec;

use super::generated::brooklet::streams::types::{Bound, EntryId, ReadLimits, References};
use crate::number::Decimal;

/// A request that grows: how many words, then the length and the bytes of each.
#[derive(Debug)]
pub(super) struct Words(Vec<u8>);

impl Words {
    /// A command, its name and the words that always follow.
    pub(super) fn of(words: &[&[u8]]) -> Self {
        let mut request = Self(0_u32.to_le_bytes().to_vec());
        for word in words {
            request.push(word);
        }
        request
    }

    /// One word more.
    #[inline(never)]
    pub(super) fn push(&mut self, word: &[u8]) {
        let count = u32::from_le_bytes([self.0[0], self.0[1], self.0[2], self.0[3]]) + 1;
        self.0[..4].copy_from_slice(&count.to_le_bytes());
        self.0.extend_from_slice(&(word.len() as u32).to_le_bytes());
        self.0.extend_from_slice(word);
    }

    /// A number.
    pub(super) fn number(&mut self, number: u64) {
        self.push(Decimal::unsigned(number).as_bytes());
    }

    /// An option with its value, if it is given.
    pub(super) fn option(&mut self, name: &str, value: Option<u64>) {
        if let Some(value) = value {
            self.push(name.as_bytes());
            self.number(value);
        }
    }

    /// An option without a value, if it is wanted.
    pub(super) fn flag(&mut self, name: &str, wanted: bool) {
        if wanted {
            self.push(name.as_bytes());
        }
    }

    /// An ID.
    pub(super) fn id(&mut self, id: EntryId) {
        self.push(crate::id::EntryId::new(id.ms, id.seq).text().as_bytes());
    }

    /// IDs with their number in front, as newer commands want them.
    pub(super) fn id_block(&mut self, ids: &[EntryId]) {
        self.push(b"IDS");
        self.number(ids.len() as u64);
        self.ids(ids);
    }

    /// IDs.
    pub(super) fn ids(&mut self, ids: &[EntryId]) {
        for id in ids {
            self.id(*id);
        }
    }

    /// One end of a range, `unbounded` as it is written there.
    pub(super) fn bound(&mut self, bound: Bound, unbounded: &str) {
        match bound {
            Bound::Unbounded => self.push(unbounded.as_bytes()),
            Bound::Inclusive(id) => self.id(id),
            Bound::Exclusive(id) => {
                let mut word = Vec::from(b"(");
                crate::id::EntryId::new(id.ms, id.seq).push_text(&mut word);
                self.push(&word);
            }
        }
    }

    /// How much a read returns.
    pub(super) fn limits(&mut self, limits: &ReadLimits) {
        self.option("COUNT", limits.count);
        self.option("MAXCOUNT", limits.max_count);
        self.option("MAXSIZE", limits.max_size);
    }

    /// What becomes of references.
    pub(super) fn references(&mut self, references: References) {
        self.push(match references {
            References::Keep => b"KEEPREF",
            References::Delete => b"DELREF",
            References::Acked => b"ACKED",
        });
    }

    /// The request.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}
