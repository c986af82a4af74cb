//! The small parts of a payload, read: lengths, strings in every form, IDs, times.
//!
//! Nothing here trusts a number: what is not there is not read, and memory is taken for no more
//! than the bytes at hand can stand for.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::id::EntryId;
use crate::number::Decimal;

/// The most bytes that the compressed strings of one payload may come to.
const UNPACKED_BYTES: usize = 512 << 20;

/// A payload that is read from its front.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    /// How many bytes compressed strings may still come to.
    unpackable: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(payload: &'a [u8]) -> Self {
        Self { rest: payload, unpackable: UNPACKED_BYTES }
    }

    #[inline(never)]
    pub(super) fn take(&mut self, count: u64) -> Option<&'a [u8]> {
        let count = usize::try_from(count).ok()?;
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N as u64)?.try_into().ok()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let [byte] = self.array()?;
        Some(byte)
    }

    /// A length in any of its forms, however wasteful.
    #[inline(never)]
    pub(super) fn length(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let low = u64::from(first & 0x3f);
        match first {
            0x00..=0x3f => Some(low),
            0x40..=0x7f => Some(low << 8 | u64::from(self.byte()?)),
            0x80 => Some(u32::from_be_bytes(self.array()?).into()),
            0x81 => Some(u64::from_be_bytes(self.array()?)),
            _ => None,
        }
    }

    /// A number of things, each of at least `size` bytes: no more than can be there.
    pub(super) fn count(&mut self, size: usize) -> Option<u64> {
        let count = self.length()?;
        (count <= (self.rest.len() / size) as u64).then_some(count)
    }

    /// A string in any of its forms.
    #[inline(never)]
    pub(super) fn string(&mut self) -> Option<Cow<'a, [u8]>> {
        let form = *self.rest.first()?;
        if form < 0xc0 {
            let len = self.length()?;
            return Some(Cow::Borrowed(self.take(len)?));
        }
        self.byte()?;
        let value = match form {
            0xc0 => i8::from_le_bytes(self.array()?).into(),
            0xc1 => i16::from_le_bytes(self.array()?).into(),
            0xc2 => i32::from_le_bytes(self.array()?).into(),
            0xc3 => return self.packed().map(Cow::Owned),
            _ => return None,
        };
        Some(Cow::Owned(Decimal::signed(value).as_bytes().to_vec()))
    }

    fn packed(&mut self) -> Option<Vec<u8>> {
        let (packed_len, len) = (self.length()?, usize::try_from(self.length()?).ok()?);
        let packed = self.take(packed_len)?;
        self.unpackable = self.unpackable.checked_sub(len)?;
        unpack(packed, len)
    }

    /// An ID of two lengths.
    #[inline(never)]
    pub(super) fn id(&mut self) -> Option<EntryId> {
        Some(EntryId::new(self.length()?, self.length()?))
    }

    /// An ID of sixteen bytes.
    #[inline(never)]
    pub(super) fn raw_id(&mut self) -> Option<EntryId> {
        raw_id(self.take(16)?)
    }

    /// A point in time.
    pub(super) fn millis(&mut self) -> Option<i64> {
        Some(i64::from_le_bytes(self.array()?))
    }
}

/// The ID that sixteen bytes are.
pub(super) fn raw_id(bytes: &[u8]) -> Option<EntryId> {
    let number = u128::from_be_bytes(bytes.try_into().ok()?);
    Some(EntryId::new((number >> 64) as u64, number as u64))
}

/// Undoes LZF: runs of literal bytes, and references to what was written before.
fn unpack(packed: &[u8], len: usize) -> Option<Vec<u8>> {
    /// The longest reference: three bytes that stand for 264.
    const MOST_A_BYTE: usize = 88;
    if len.div_ceil(MOST_A_BYTE) > packed.len() {
        return None;
    }
    let mut bytes = packed.iter().copied();
    let mut out = Vec::new();
    out.try_reserve_exact(len).ok()?;
    while let Some(control) = bytes.next() {
        let control = usize::from(control);
        if control < 32 {
            if bytes.len() <= control {
                return None;
            }
            out.extend(bytes.by_ref().take(control + 1));
        } else {
            let mut run = control >> 5;
            if run == 7 {
                run += usize::from(bytes.next()?);
            }
            let distance = (control & 31) << 8 | usize::from(bytes.next()?);
            let from = out.len().checked_sub(distance + 1)?;
            // One by one: a reference may reach into what it writes.
            for at in from..from + run + 2 {
                out.push(*out.get(at)?);
            }
        }
        if out.len() > len {
            return None;
        }
    }
    (out.len() == len).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::super::write;
    use super::*;
    use alloc::vec;

    #[test]
    fn lengths_come_back_in_their_shortest_form() {
        for (value, size) in [
            (0, 1),
            (63, 1),
            (64, 2),
            (16_383, 2),
            (16_384, 5),
            (u32::MAX.into(), 5),
            (1 << 32, 9),
            (u64::MAX, 9),
        ] {
            let mut bytes = vec![];
            write::length(&mut bytes, value);
            assert_eq!(bytes.len(), size, "{value}");
            let mut reader = Reader::new(&bytes);
            assert_eq!((reader.length(), reader.rest.len()), (Some(value), 0));
            assert_eq!(Reader::new(&bytes[..size - 1]).length(), None);
        }
        assert_eq!(Reader::new(&[0x82, 0, 0, 0, 0]).length(), None);
        assert_eq!(Reader::new(&[0xc1, 0, 0]).length(), None);
    }

    #[test]
    fn strings_come_back_and_small_integers_are_short() {
        for (text, size) in [
            (&b""[..], 1),
            (b"0", 2),
            (b"-128", 2),
            (b"128", 3),
            (b"-32769", 5),
            (b"-2147483648", 5),
            (b"2147483648", 11),
            (b"007", 4),
            (b"+1", 3),
            (&[b'x'; 64], 66),
        ] {
            let mut bytes = vec![];
            write::string(&mut bytes, text);
            assert_eq!(bytes.len(), size, "{text:?}");
            assert_eq!(Reader::new(&bytes).string().as_deref(), Some(text));
            assert_eq!(Reader::new(&bytes[..size - 1]).string(), None);
        }
        assert_eq!(Reader::new(&[0xc4, 0, 0, 0]).string(), None);
    }

    fn packed(packed: &[u8], len: u64) -> Option<Vec<u8>> {
        let mut bytes = vec![0xc3];
        write::length(&mut bytes, packed.len() as u64);
        write::length(&mut bytes, len);
        bytes.extend_from_slice(packed);
        Reader::new(&bytes).string().map(Cow::into_owned)
    }

    #[test]
    fn packed_strings_are_literals_and_references() {
        assert_eq!(packed(b"\x02abc\x40\x02", 7).as_deref(), Some(&b"abcabca"[..]));
        assert_eq!(packed(b"\x00x\xe0\x09\x00", 19), Some(vec![b'x'; 19]), "into itself");
        for (bytes, len) in [
            (&b"\x02abc"[..], 2),
            (b"\x02abc", 4),
            (b"\x02ab", 3),
            (b"\x02abc\x40\x03", 7),
            (b"\x02abc\x40", 7),
            (b"\x02abc\xe0", 7),
            (b"\x00a\xe0\xff\x00", 1 << 40),
            (b"\x00a\xe0\xff\x00", 1 << 20),
        ] {
            assert_eq!(packed(bytes, len), None, "{bytes:?}");
        }
    }

    /// Three bytes stand for 264 at most: who claims more would have memory taken for nothing.
    #[test]
    fn a_bomb_does_not_go_off() {
        let bomb = [&b"\x00x"[..], &b"\xe0\xff\x00".repeat(1000)].concat();
        assert_eq!(packed(&bomb, 264_001).map(|bytes| bytes.len()), Some(264_001));
        assert_eq!(packed(&bomb, UNPACKED_BYTES as u64 + 1), None);
    }
}
