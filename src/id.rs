//! Entry IDs: order, neighbours, text, and the grammars that commands accept.

use alloc::vec::Vec;

use crate::number::{Decimal, parse_i64, parse_u64_lenient, push_u64};

/// The longest text of an entry ID: two 20-digit numbers and a dash.
pub const MAX_TEXT: usize = 41;

/// The ID of an entry: a Unix time in milliseconds and a sequence number within it.
///
/// IDs are ordered by time, then by sequence number, both unsigned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    /// Milliseconds part.
    pub ms: u64,
    /// Sequence part.
    pub seq: u64,
}

impl EntryId {
    /// `0-0`, below every entry.
    pub const MIN: Self = Self::new(0, 0);
    /// `18446744073709551615-18446744073709551615`.
    pub const MAX: Self = Self::new(u64::MAX, u64::MAX);

    /// The ID `ms-seq`.
    #[must_use]
    pub const fn new(ms: u64, seq: u64) -> Self {
        Self { ms, seq }
    }

    /// The next higher ID, or `None` at [`EntryId::MAX`].
    #[must_use]
    pub const fn successor(self) -> Option<Self> {
        match (self.seq.checked_add(1), self.ms.checked_add(1)) {
            (Some(seq), _) => Some(Self { ms: self.ms, seq }),
            (None, Some(ms)) => Some(Self { ms, seq: 0 }),
            (None, None) => None,
        }
    }

    /// The next lower ID, or `None` at [`EntryId::MIN`].
    #[must_use]
    pub const fn predecessor(self) -> Option<Self> {
        match (self.seq.checked_sub(1), self.ms.checked_sub(1)) {
            (Some(seq), _) => Some(Self { ms: self.ms, seq }),
            (None, Some(ms)) => Some(Self { ms, seq: u64::MAX }),
            (None, None) => None,
        }
    }

    /// The canonical text `ms-seq`.
    #[must_use]
    #[inline(never)]
    pub fn text(self) -> IdText {
        let mut text = IdText { buffer: [0; MAX_TEXT], len: 0 };
        text.push(Decimal::unsigned(self.ms).as_bytes());
        text.push(b"-");
        text.push(Decimal::unsigned(self.seq).as_bytes());
        text
    }

    /// Appends the canonical text `ms-seq`.
    pub fn push_text(self, out: &mut Vec<u8>) {
        push_u64(out, self.ms);
        out.push(b'-');
        push_u64(out, self.seq);
    }

    /// Parses the strict grammar: `ms` or `ms-seq`, no special IDs. A missing sequence number
    /// becomes `missing_seq`. Blanks, signs and leading zeros are read as Redis reads them.
    ///
    /// ```
    /// use brooklet::EntryId;
    /// assert_eq!(EntryId::parse(b"5", 0), Some(EntryId::new(5, 0)));
    /// assert_eq!(EntryId::parse(b"007-+9", 0), Some(EntryId::new(7, 9)));
    /// assert_eq!(EntryId::parse(b"5-*", 0), None);
    /// ```
    #[must_use]
    #[inline(never)]
    pub fn parse(text: &[u8], missing_seq: u64) -> Option<Self> {
        match split(text)? {
            (ms, None) => Some(Self::new(number(ms)?, missing_seq)),
            (ms, Some(seq)) => Some(Self::new(number(ms)?, number(seq)?)),
        }
    }

    /// Parses the non-strict grammar: as [`EntryId::parse`], and `-` and `+` for the extremes.
    #[must_use]
    pub fn parse_or_extreme(text: &[u8], missing_seq: u64) -> Option<Self> {
        match c_string(text) {
            b"-" => Some(Self::MIN),
            b"+" => Some(Self::MAX),
            text => Self::parse(text, missing_seq),
        }
    }
}

impl core::fmt::Display for EntryId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}-{}", self.ms, self.seq)
    }
}

/// The text of one ID on the stack.
pub struct IdText {
    buffer: [u8; MAX_TEXT],
    len: u8,
}

impl IdText {
    fn push(&mut self, bytes: &[u8]) {
        let start = usize::from(self.len);
        self.buffer[start..start + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len() as u8;
    }

    /// The text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.buffer[..usize::from(self.len)]
    }
}

/// The ID argument of XADD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewId {
    /// `*`: the current time, or the successor of the last ID where that is not greater.
    Auto,
    /// `ms-*`: the given time, the next free sequence number.
    AutoSeq(u64),
    /// `ms` or `ms-seq`.
    Explicit(EntryId),
}

impl NewId {
    /// Parses the ID argument of XADD.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        match split(text)? {
            (b"*", None) => Some(Self::Auto),
            (ms, Some(b"*")) => number(ms).map(Self::AutoSeq),
            (ms, seq) => {
                let seq = seq.map_or(Some(0), number);
                Some(Self::Explicit(EntryId::new(number(ms)?, seq?)))
            }
        }
    }
}

/// One end of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The ID.
    pub id: EntryId,
    /// Whether the ID itself lies outside.
    pub exclusive: bool,
}

impl Bound {
    /// Parses an interval end: `-`, `+`, `ms`, `ms-seq`, each of the last two also after `(`.
    #[must_use]
    pub fn parse(text: &[u8], missing_seq: u64) -> Option<Self> {
        match text {
            [b'(', rest @ ..] if !rest.is_empty() => {
                Some(Self { id: EntryId::parse(rest, missing_seq)?, exclusive: true })
            }
            _ => Some(Self { id: EntryId::parse_or_extreme(text, missing_seq)?, exclusive: false }),
        }
    }

    /// The first ID inside an interval that starts here; `None` when there is none.
    #[must_use]
    pub fn first(self) -> Option<EntryId> {
        if self.exclusive { self.id.successor() } else { Some(self.id) }
    }

    /// The last ID inside an interval that ends here; `None` when there is none.
    #[must_use]
    pub fn last(self) -> Option<EntryId> {
        if self.exclusive { self.id.predecessor() } else { Some(self.id) }
    }
}

/// The bytes before the first NUL: Redis hands IDs to C string functions.
fn c_string(text: &[u8]) -> &[u8] {
    text.iter().position(|&byte| byte == 0).map_or(text, |end| &text[..end])
}

/// Splits at the first dash; `None` for a text that is too long to be an ID.
fn split(text: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    if text.len() > 127 {
        return None;
    }
    let text = c_string(text);
    Some(match text.iter().position(|&byte| byte == b'-') {
        Some(dash) => (&text[..dash], Some(&text[dash + 1..])),
        None => (text, None),
    })
}

/// One part of an ID: a canonical integer, else what `strtoull` makes of it.
fn number(text: &[u8]) -> Option<u64> {
    match parse_i64(text) {
        Some(value) => u64::try_from(value).ok(),
        None => parse_u64_lenient(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[allow(clippy::unnecessary_wraps, reason = "parsers give options")]
    fn id(ms: u64, seq: u64) -> Option<EntryId> {
        Some(EntryId::new(ms, seq))
    }

    #[test]
    fn strict_grammar_reads_what_redis_reads() {
        let zeros = [b'0'; 126];
        let mut long = zeros.to_vec();
        long.push(b'7');
        for (text, expected) in [
            (&b"5"[..], id(5, 0)),
            (b"5-3", id(5, 3)),
            (b"007-007", id(7, 7)),
            (b"+8-+1", id(8, 1)),
            (b" 9- 2", id(9, 2)),
            (b"10\0zzz", id(10, 0)),
            (b"12\0-7", id(12, 0)),
            (b"18446744073709551615-18446744073709551615", Some(EntryId::MAX)),
            (b"10--05", id(10, 18_446_744_073_709_551_611)),
            (&long, id(7, 0)),
            (b"18446744073709551616", None),
            (b"10--5", None),
            (b"1-2-3", None),
            (b"5-", None),
            (b"-5", None),
            (b"", None),
            (b"0x10", None),
            (b"1e3", None),
            (b"14 ", None),
            (b"14-1\n", None),
            (b"-", None),
            (b"+", None),
            (b"*", None),
            (b"5-*", None),
            (b"(5", None),
        ] {
            assert_eq!(EntryId::parse(text, 0), expected, "{}", text.escape_ascii());
        }
        long.insert(0, b'0');
        assert_eq!(EntryId::parse(&long, 0), None, "128 bytes are too many");
    }

    #[test]
    fn new_ids() {
        assert_eq!(NewId::parse(b"*"), Some(NewId::Auto));
        assert_eq!(NewId::parse(b"*\0anything"), Some(NewId::Auto));
        assert_eq!(NewId::parse(b"0-*"), Some(NewId::AutoSeq(0)));
        assert_eq!(NewId::parse(b"5"), Some(NewId::Explicit(EntryId::new(5, 0))));
        assert_eq!(NewId::parse(b"**"), None);
        assert_eq!(NewId::parse(b"-"), None);
    }

    #[test]
    fn interval_ends() {
        let start = Bound::parse(b"(5", 0).expect("valid");
        assert_eq!(start.first(), id(5, 1));
        let end = Bound::parse(b"(5", u64::MAX).expect("valid");
        assert_eq!(end.last(), id(5, u64::MAX - 1));
        assert_eq!(Bound::parse(b"-", 0).and_then(Bound::first), Some(EntryId::MIN));
        assert_eq!(Bound::parse(b"(-", 0), None);
        assert_eq!(Bound::parse(b"(", 0), None);
        let top = Bound { id: EntryId::MAX, exclusive: true };
        assert_eq!(top.first(), None);
        let bottom = Bound { id: EntryId::MIN, exclusive: true };
        assert_eq!(bottom.last(), None);
    }

    #[test]
    fn neighbours_cross_the_millisecond() {
        assert_eq!(EntryId::new(1, u64::MAX).successor(), id(2, 0));
        assert_eq!(EntryId::new(2, 0).predecessor(), id(1, u64::MAX));
        assert_eq!(EntryId::MAX.successor(), None);
        assert_eq!(EntryId::MIN.predecessor(), None);
        assert_eq!(EntryId::MAX.text().as_bytes().len(), MAX_TEXT);
    }
}
