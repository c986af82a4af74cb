//! Byte strings that lie in one buffer: how arguments travel without being copied.

/// Where one byte string lies in its buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

/// A list of byte strings in one buffer.
#[derive(Clone, Copy, Debug)]
pub struct Spans<'a> {
    bytes: &'a [u8],
    spans: &'a [Span],
}

impl<'a> Spans<'a> {
    /// The strings that `spans` mark in `bytes`. A span outside of `bytes` reads as empty.
    #[must_use]
    pub const fn new(bytes: &'a [u8], spans: &'a [Span]) -> Self {
        Self { bytes, spans }
    }

    /// How many strings there are.
    #[must_use]
    pub const fn len(self) -> usize {
        self.spans.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.spans.is_empty()
    }

    /// The string at `index`, or `None` past the end.
    #[must_use]
    pub fn get(self, index: usize) -> Option<&'a [u8]> {
        self.spans.get(index).map(|&span| self.resolve(span))
    }

    /// The strings from `start` on; none when `start` lies past the end.
    #[must_use]
    pub fn from(self, start: usize) -> Self {
        Self { bytes: self.bytes, spans: self.spans.get(start..).unwrap_or_default() }
    }

    /// The first `count` strings, or all of them when there are fewer.
    #[must_use]
    pub fn first(self, count: usize) -> Self {
        Self { bytes: self.bytes, spans: self.spans.get(..count).unwrap_or(self.spans) }
    }

    /// The strings in order.
    #[must_use]
    pub fn iter(self) -> impl DoubleEndedIterator<Item = &'a [u8]> + ExactSizeIterator + Clone {
        self.spans.iter().map(move |&span| self.resolve(span))
    }

    fn resolve(self, span: Span) -> &'a [u8] {
        self.bytes.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_of_one_buffer() {
        let spans =
            [Span { start: 0, end: 1 }, Span { start: 1, end: 3 }, Span { start: 9, end: 12 }];
        let strings = Spans::new(b"abc", &spans);
        assert_eq!(strings.get(1), Some(&b"bc"[..]));
        assert_eq!(strings.get(2), Some(&b""[..]), "a span outside reads as empty");
        assert_eq!(strings.get(3), None);
        assert_eq!(strings.from(1).len(), 2);
        assert_eq!(strings.from(7).len(), 0);
        assert_eq!(strings.first(1).iter().next(), Some(&b"a"[..]));
    }
}
