//! Reads packed replies where they lie, value by value.

use super::packed::{
    ARRAY, BULK, ERROR, EXTENDED, EXTENDED_INTEGER, EXTENDED_PUSH, EXTENDED_SET, EXTENDED_VERBATIM,
    MAP, NULL, SIMPLE, SMALL_INTEGER, TAG_BITS,
};
use crate::id::EntryId;

/// A value of a packed reply; containers are followed by what they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpacked<'a> {
    /// The absent string or array.
    Null,
    /// A string, a status or a longer text.
    Text(&'a [u8]),
    /// An error.
    Error(&'a [u8]),
    /// An integer.
    Integer(i64),
    /// An array, a set or a push: so many values follow.
    Array(usize),
    /// A map: so many pairs follow.
    Map(usize),
}

/// What is left to read of packed replies.
///
/// The methods that expect something give its default where they find something else, and go on
/// behind it.
#[derive(Clone, Copy, Debug)]
pub struct Unpacker<'a> {
    words: &'a [u32],
    blob: &'a [u8],
}

impl<'a> Unpacker<'a> {
    /// Reads words and their blob, as a session's output has them.
    #[must_use]
    pub const fn new(words: &'a [u32], blob: &'a [u8]) -> Self {
        Self { words, blob }
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether the next value is a status, such as `OK`.
    #[must_use]
    pub fn is_status(&self) -> bool {
        self.words.first().is_some_and(|word| word & ((1 << TAG_BITS) - 1) == SIMPLE)
    }

    /// Whether the next value is the absent array.
    #[must_use]
    pub fn is_null_array(&self) -> bool {
        self.words.first() == Some(&(NULL | 1 << TAG_BITS))
    }

    /// The next value; [`Unpacked::Null`] behind the last.
    #[inline(never)]
    pub fn value(&mut self) -> Unpacked<'a> {
        const TAG: u32 = (1 << TAG_BITS) - 1;
        let word = self.word();
        let len = (word >> TAG_BITS) as usize;
        match word & TAG {
            SIMPLE | BULK => Unpacked::Text(self.take(len)),
            ERROR => Unpacked::Error(self.take(len)),
            SMALL_INTEGER => Unpacked::Integer(i64::from(word.cast_signed() >> TAG_BITS)),
            ARRAY => Unpacked::Array(len),
            MAP => Unpacked::Map(len),
            EXTENDED => self.extended(word),
            _ => Unpacked::Null,
        }
    }

    fn extended(&mut self, kind: u32) -> Unpacked<'a> {
        let first = self.word();
        match kind {
            EXTENDED_INTEGER => {
                let high = u64::from(self.word()) << 32;
                Unpacked::Integer((high | u64::from(first)).cast_signed())
            }
            EXTENDED_VERBATIM => Unpacked::Text(self.take(first as usize)),
            EXTENDED_SET | EXTENDED_PUSH => Unpacked::Array(first as usize),
            _ => Unpacked::Null,
        }
    }

    /// A string.
    pub fn text(&mut self) -> &'a [u8] {
        match self.value() {
            Unpacked::Text(text) => text,
            other => {
                self.skip_inside(other);
                b""
            }
        }
    }

    /// An integer.
    pub fn integer(&mut self) -> i64 {
        match self.value() {
            Unpacked::Integer(value) => value,
            other => {
                self.skip_inside(other);
                0
            }
        }
    }

    /// An entry ID; `None` where there is something else.
    pub fn id(&mut self) -> Option<EntryId> {
        EntryId::parse(self.text(), 0)
    }

    /// How many elements of an array, or pairs of a map, follow; `None` where it is absent.
    pub fn container(&mut self) -> Option<usize> {
        match self.value() {
            Unpacked::Array(len) | Unpacked::Map(len) => Some(len),
            _ => None,
        }
    }

    /// Passes over a value with all that it holds.
    pub fn skip(&mut self) {
        let value = self.value();
        self.skip_inside(value);
    }

    fn skip_inside(&mut self, value: Unpacked<'a>) {
        let mut left = match value {
            Unpacked::Array(len) => len,
            Unpacked::Map(len) => 2 * len,
            _ => 0,
        };
        while left > 0 && !self.words.is_empty() {
            left -= 1;
            left += match self.value() {
                Unpacked::Array(len) => len,
                Unpacked::Map(len) => 2 * len,
                _ => 0,
            };
        }
    }

    fn word(&mut self) -> u32 {
        let Some((word, rest)) = self.words.split_first() else { return 0 };
        self.words = rest;
        *word
    }

    fn take(&mut self, len: usize) -> &'a [u8] {
        let (text, rest) = self.blob.split_at(len.min(self.blob.len()));
        self.blob = rest;
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::reply::{Form, Writer};

    #[test]
    fn values_come_back() {
        let mut out = Writer::new(Form::Packed);
        out.ok();
        out.map(1);
        out.bulk(b"ids");
        out.array(2);
        out.id(EntryId::new(7, 1));
        out.null();
        out.integer(i64::MIN);
        out.integer(-1);
        out.verbatim(b"long");
        out.error(&Error::SYNTAX);
        let mut replies = Unpacker::new(out.words(), out.bytes());
        assert_eq!(replies.value(), Unpacked::Text(b"OK"));
        assert_eq!((replies.container(), replies.text()), (Some(1), &b"ids"[..]));
        assert_eq!((replies.container(), replies.id()), (Some(2), Some(EntryId::new(7, 1))));
        assert_eq!(replies.value(), Unpacked::Null);
        assert_eq!((replies.integer(), replies.integer()), (i64::MIN, -1));
        assert_eq!(replies.text(), b"long");
        assert!(matches!(replies.value(), Unpacked::Error(_)));
        assert_eq!(replies.value(), Unpacked::Null);
    }

    #[test]
    fn what_is_skipped_is_skipped_whole() {
        let mut out = Writer::new(Form::Packed);
        out.array(2);
        out.map(1);
        out.bulk(b"a");
        out.array(1);
        out.bulk(b"b");
        out.bulk(b"c");
        out.integer(5);
        let mut replies = Unpacker::new(out.words(), out.bytes());
        let mut same = replies;
        replies.skip();
        assert_eq!(replies.integer(), 5);
        assert_eq!((same.integer(), same.integer()), (0, 5));
    }
}
