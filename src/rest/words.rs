//! The words of a command, as a packed request.

use alloc::vec::Vec;

const COUNT: usize = 4;

/// A request of packed words.
#[derive(Clone, Debug)]
pub(super) struct Words(Vec<u8>);

impl Words {
    /// No word yet.
    pub(super) fn new() -> Self {
        Self(alloc::vec![0; COUNT])
    }

    /// These words.
    pub(super) fn of(words: &[&[u8]]) -> Self {
        let mut request = Self::new();
        for word in words {
            request.push(word);
        }
        request
    }

    /// One word more.
    pub(super) fn push(&mut self, word: &[u8]) {
        let count = self.len() as u32 + 1;
        self.0[..COUNT].copy_from_slice(&count.to_le_bytes());
        self.0.extend_from_slice(&(word.len() as u32).to_le_bytes());
        self.0.extend_from_slice(word);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        number(&self.0) as usize
    }

    /// Each of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &self.0[COUNT..];
        core::iter::from_fn(move || {
            let (length, behind) = rest.split_at_checked(4)?;
            let (word, behind) = behind.split_at_checked(number(length) as usize)?;
            rest = behind;
            Some(word)
        })
    }

    /// The request.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}
