//! Arguments of a command: a cursor over words, with Redis' errors.

use crate::error::Error;
use crate::id::{Bound, EntryId};
use crate::number::parse_i64;
use crate::span::Spans;

/// The words of a request; the first is the command's name.
pub type Args<'a> = Spans<'a>;

/// Whether a word is this keyword, in any case.
#[must_use]
pub fn is(word: &[u8], keyword: &str) -> bool {
    word.eq_ignore_ascii_case(keyword.as_bytes())
}

/// Whether a word is printable ASCII without blanks, as names in CLIENT LIST must be.
#[must_use]
pub fn is_plain(word: &[u8]) -> bool {
    word.iter().all(u8::is_ascii_graphic)
}

/// A canonical integer.
pub fn integer(word: &[u8]) -> Result<i64, Error> {
    parse_i64(word).ok_or(Error::NOT_AN_INTEGER)
}

/// A strict entry ID; a missing sequence number is 0.
#[inline(never)]
pub fn entry_id(word: &[u8]) -> Result<EntryId, Error> {
    EntryId::parse(word, 0).ok_or(Error::INVALID_ID)
}

/// The first ID inside an interval that starts at this word.
pub fn interval_start(word: &[u8]) -> Result<EntryId, Error> {
    let bound = Bound::parse(word, 0).ok_or(Error::INVALID_ID)?;
    bound.first().ok_or(Error::INVALID_START)
}

/// The last ID inside an interval that ends at this word.
pub fn interval_end(word: &[u8]) -> Result<EntryId, Error> {
    let bound = Bound::parse(word, u64::MAX).ok_or(Error::INVALID_ID)?;
    bound.last().ok_or(Error::INVALID_END)
}

/// A number of bytes as Redis reads it: digits, maybe none, and a unit. Beyond 64 bits it is the
/// greatest number.
#[must_use]
pub fn memory_bytes(word: &[u8]) -> Option<u64> {
    let digits = word.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, unit) = word.split_at(digits);
    let factor: u64 = match unit.to_ascii_lowercase().as_slice() {
        b"" | b"b" => 1,
        b"k" => 1000,
        b"kb" => 1 << 10,
        b"m" => 1_000_000,
        b"mb" => 1 << 20,
        b"g" => 1_000_000_000,
        b"gb" => 1 << 30,
        _ => return None,
    };
    let number = digits.iter().fold(0u64, |number, digit| {
        number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
    });
    Some(number.saturating_mul(factor))
}

/// Walks over the words of a request.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    words: Args<'a>,
    next: usize,
}

impl<'a> Cursor<'a> {
    /// Starts at the word with this index.
    #[must_use]
    pub const fn new(words: Args<'a>, start: usize) -> Self {
        Self { words, next: start }
    }

    /// The index of the next word.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.next
    }

    /// How many words are left.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.words.len().saturating_sub(self.next)
    }

    /// The next word, without taking it.
    #[must_use]
    pub fn peek(&self) -> Option<&'a [u8]> {
        self.words.get(self.next)
    }

    /// Takes the next word.
    pub fn word(&mut self) -> Option<&'a [u8]> {
        let word = self.peek()?;
        self.next += 1;
        Some(word)
    }

    /// Takes the next word, which the arity or the caller has promised; a syntax error if not.
    pub fn expect(&mut self) -> Result<&'a [u8], Error> {
        self.word().ok_or(Error::SYNTAX)
    }

    /// Takes the next word as an integer.
    #[inline(never)]
    pub fn integer(&mut self) -> Result<i64, Error> {
        integer(self.expect()?)
    }

    /// Takes the next word if it is this keyword and at least `values` words follow it.
    #[inline(never)]
    pub fn keyword(&mut self, keyword: &str, values: usize) -> bool {
        let found = self.left() > values && self.peek().is_some_and(|word| is(word, keyword));
        if found {
            self.next += 1;
        }
        found
    }

    /// Takes so many words, if they are there.
    pub fn take(&mut self, count: u64) -> Option<Args<'a>> {
        let count = usize::try_from(count).ok().filter(|&count| count <= self.left())?;
        let words = self.rest().first(count);
        self.next += count;
        Some(words)
    }

    /// The words that are left.
    #[must_use]
    pub fn rest(&self) -> Args<'a> {
        self.words.from(self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_memory() {
        for (word, bytes) in [
            ("0", Some(0)),
            ("", Some(0)),
            ("5b", Some(5)),
            ("4kb", Some(4096)),
            ("10K", Some(10_000)),
            ("1m", Some(1_000_000)),
            ("2MB", Some(2 << 20)),
            ("1gb", Some(1 << 30)),
            ("99999999999999999999", Some(u64::MAX)),
            ("99999999999gb", Some(u64::MAX)),
            ("-1", None),
            ("1.5mb", None),
            ("1x", None),
        ] {
            assert_eq!(memory_bytes(word.as_bytes()), bytes, "{word}");
        }
    }
}
