//! Listpacks: the packed elements of a node, written and read.

use alloc::vec::Vec;

use crate::number::{Decimal, parse_i64};

/// The size and the number of elements stand in front of them.
const HEADER: usize = 6;

/// A number of elements that is too great to be told.
const MANY: u16 = u16::MAX;

const END: u8 = 0xff;

/// Writes one listpack at the end of what is there.
pub(super) struct ListpackWriter<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    elements: u32,
}

impl<'a> ListpackWriter<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        let start = out.len();
        out.extend_from_slice(&[0; HEADER]);
        Self { out, start, elements: 0 }
    }

    /// Adds an integer in its shortest form.
    #[inline(never)]
    pub(super) fn integer(&mut self, value: i64) {
        let begin = self.out.len();
        let bytes = value.to_le_bytes();
        match value {
            0..=127 => self.out.push(value as u8),
            -4096..=4095 => {
                let bits = value as u16 & 0x1fff | 0xc000;
                self.out.extend_from_slice(&bits.to_be_bytes());
            }
            _ => {
                let (form, len) = match value {
                    -0x8000..=0x7fff => (0xf1, 2),
                    -0x80_0000..=0x7f_ffff => (0xf2, 3),
                    -0x8000_0000..=0x7fff_ffff => (0xf3, 4),
                    _ => (0xf4, 8),
                };
                self.out.push(form);
                self.out.extend_from_slice(&bytes[..len]);
            }
        }
        self.close(begin);
    }

    /// Adds a string; canonical decimal text is an integer.
    #[inline(never)]
    pub(super) fn string(&mut self, string: &[u8]) {
        if let Some(value) = parse_i64(string) {
            return self.integer(value);
        }
        let begin = self.out.len();
        let len = string.len();
        match len {
            0..64 => self.out.push(0x80 | len as u8),
            64..4096 => self.out.extend_from_slice(&(0xe000 | len as u16).to_be_bytes()),
            _ => {
                self.out.push(0xf0);
                self.out.extend_from_slice(&(len as u32).to_le_bytes());
            }
        }
        self.out.extend_from_slice(string);
        self.close(begin);
    }

    /// Ends the element that begins at `begin` with its length, to be read backwards.
    fn close(&mut self, begin: usize) {
        let (back, len) = back_length(self.out.len() - begin);
        self.out.extend_from_slice(&back[5 - len..]);
        self.elements = self.elements.saturating_add(1);
    }

    /// Ends the listpack.
    pub(super) fn finish(self) {
        self.out.push(END);
        let size = (self.out.len() - self.start) as u32;
        let elements = u16::try_from(self.elements).unwrap_or(MANY);
        let header = &mut self.out[self.start..];
        header[..4].copy_from_slice(&size.to_le_bytes());
        header[4..HEADER].copy_from_slice(&elements.to_le_bytes());
    }
}

/// The length of an element as it stands behind it, in the last so many of five bytes: seven bits
/// a byte, the high bit of each saying that another one lies before it.
fn back_length(encoded: usize) -> ([u8; 5], usize) {
    let mut bytes = [0; 5];
    let mut left = encoded;
    let mut len = 0;
    for byte in bytes.iter_mut().rev() {
        len += 1;
        *byte = left as u8 & 0x7f;
        left >>= 7;
        if left == 0 {
            break;
        }
        *byte |= 0x80;
    }
    (bytes, len)
}

/// One element of a listpack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element<'a> {
    Integer(i64),
    String(&'a [u8]),
}

impl Element<'_> {
    /// Appends its text.
    pub(super) fn push_text(self, out: &mut Vec<u8>) {
        match self {
            Element::Integer(value) => out.extend_from_slice(Decimal::signed(value).as_bytes()),
            Element::String(string) => out.extend_from_slice(string),
        }
    }
}

/// Reads the elements of a listpack, each checked whole.
#[derive(Debug)]
pub(super) struct ListpackReader<'a> {
    rest: &'a [u8],
}

impl<'a> ListpackReader<'a> {
    /// `None`: the size does not fit the bytes. The number of elements is not believed anyway.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
        let [a, b, c, d, ..] = *header;
        let (END, rest) = rest.split_last().map(|(&end, rest)| (end, rest))? else { return None };
        let whole = u32::from_le_bytes([a, b, c, d]) as usize == bytes.len();
        whole.then_some(Self { rest })
    }

    /// Whether all elements were read.
    pub(super) const fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// At most how many elements are left.
    pub(super) const fn left(&self) -> usize {
        self.rest.len() / 2
    }

    /// The next element.
    #[inline(never)]
    pub(super) fn next(&mut self) -> Option<Element<'a>> {
        let (element, encoded) = element(self.rest)?;
        let (back, len) = back_length(encoded);
        self.rest = self.rest.get(encoded..)?.strip_prefix(&back[5 - len..])?;
        Some(element)
    }

    /// The next element as an integer.
    pub(super) fn integer(&mut self) -> Option<i64> {
        match self.next()? {
            Element::Integer(value) => Some(value),
            Element::String(_) => None,
        }
    }
}

/// The first element and how many bytes it takes without its back length.
fn element(bytes: &[u8]) -> Option<(Element<'_>, usize)> {
    let (&first, rest) = bytes.split_first()?;
    let low = usize::from(first & 0x0f);
    let (start, len): (usize, usize) = match first {
        0x00..=0x7f => return Some((Element::Integer(first.into()), 1)),
        0x80..=0xbf => (1, usize::from(first & 0x3f)),
        0xc0..=0xdf => {
            let bits = u16::from_be_bytes([first, *rest.first()?]);
            // Thirteen bits, the highest of them the sign.
            return Some((Element::Integer(((bits << 3).cast_signed() >> 3).into()), 2));
        }
        0xe0..=0xef => (2, low << 8 | usize::from(*rest.first()?)),
        0xf0 => (5, u32::from_le_bytes(*rest.first_chunk()?) as usize),
        0xf1..=0xf4 => {
            let len = if first == 0xf4 { 8 } else { low + 1 };
            let digits = rest.get(..len)?;
            let fill = if digits.last()? & 0x80 == 0 { 0 } else { 0xff };
            let mut value = [fill; 8];
            value[..len].copy_from_slice(digits);
            return Some((Element::Integer(i64::from_le_bytes(value)), 1 + len));
        }
        _ => return None,
    };
    let end = start.checked_add(len)?;
    Some((Element::String(bytes.get(start..end)?), end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn written(write: impl FnOnce(&mut ListpackWriter<'_>)) -> Vec<u8> {
        let mut bytes = vec![];
        let mut writer = ListpackWriter::new(&mut bytes);
        write(&mut writer);
        writer.finish();
        bytes
    }

    #[test]
    fn integers_of_every_width_come_back() {
        let powers = (0..63).map(|bits| 1_i64 << bits);
        let around = powers.flat_map(|power| [power - 1, power, -power, -power - 1]);
        for value in around.chain([i64::MAX, i64::MIN]) {
            let bytes = written(|list| list.integer(value));
            let mut reader = ListpackReader::new(&bytes).expect("a whole listpack");
            assert_eq!(reader.integer(), Some(value));
            assert!(reader.is_done());
        }
    }

    #[test]
    fn strings_of_every_length_come_back() {
        for len in [0, 1, 63, 64, 126, 127, 128, 4095, 4096, 16_382, 16_384, 2_097_152] {
            let string = vec![b'x'; len];
            let bytes = written(|list| {
                list.string(&string);
                list.string(b"-12");
            });
            let mut reader = ListpackReader::new(&bytes).expect("a whole listpack");
            assert_eq!(reader.next(), Some(Element::String(&string)));
            assert!(!reader.is_done());
            assert_eq!(reader.next(), Some(Element::Integer(-12)));
            assert!(reader.is_done());
            assert_eq!(reader.next(), None);
        }
    }

    #[test]
    fn the_number_of_elements_is_told_where_it_fits() {
        let number = |count: usize| {
            let bytes = written(|list| (0..count).for_each(|_| list.integer(0)));
            let mut reader = ListpackReader::new(&bytes).expect("a whole listpack");
            assert_eq!(core::iter::from_fn(|| reader.next()).count(), count);
            u16::from_le_bytes([bytes[4], bytes[5]])
        };
        assert_eq!([0, 3, 65_534, 65_535, 70_000].map(number), [0, 3, 65_534, MANY, MANY]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let bytes = written(|list| list.string(b"text"));
        assert!(ListpackReader::new(&bytes[..bytes.len() - 1]).is_none());
        assert!(ListpackReader::new(b"").is_none());
        let mut wrong = bytes.clone();
        *wrong.last_mut().expect("not empty") = 0;
        assert!(ListpackReader::new(&wrong).is_none());
        for (at, value) in [(6, 0x85), (6, 0xff), (6, 0xf5), (6, 0xf0), (11, 4)] {
            let mut wrong = bytes.clone();
            wrong[at] = value;
            let mut reader = ListpackReader::new(&wrong).expect("the frame is whole");
            assert_eq!(reader.next(), None, "byte {at}");
        }
    }
}
