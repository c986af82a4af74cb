//! The annotation in front of a frame: which writer, which place, how many bytes, which checksum.
//!
//! ```text
//! #BROOKLET:1 e5 s41 t1795312615123 n512 c1a2b3c4d h5e6f7a8b\r\n   then 512 bytes of commands
//! ```
//!
//! Redis skips lines that begin with `#`. `e` is the epoch of the writer. `s` is the place of a
//! frame in the journal; in a base, `b` counts its frames and `z` ends it, telling the place up to
//! which it holds everything. `t` is the time in Unix milliseconds, `n` the number of bytes that
//! follow, `c` their CRC-32C, `h` that of the line before it: without it a damaged length could
//! look like a journal that was cut off.

use alloc::vec::Vec;

use super::crc32c::Crc32c;
use crate::number::{parse_i64, push_u64};
use crate::time::UnixMillis;

/// What every annotation of ours begins with; the format's version follows.
pub(crate) const MARK: &[u8] = b"#BROOKLET:";

/// The format that is written. Readers read it and every older one; of a newer one they say which
/// version they would have to be.
pub const FORMAT_VERSION: u32 = 1;

/// Redis refuses longer lines.
pub(super) const MAX_LINE: usize = 1023;

/// Where a frame belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The frame of this number in the journal.
    Journal(u64),
    /// The frame of this number in a base.
    Base(u64),
    /// The end of a base, which holds what all frames up to this one did.
    BaseEnd(u64),
}

/// What an annotation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub epoch: u64,
    pub place: Place,
    pub at: UnixMillis,
    pub len: usize,
    pub crc: u32,
}

/// Why a line that begins as an annotation is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Its checksum or its form is wrong.
    Damaged,
    /// A later version of Brooklet wrote it.
    Newer(u32),
}

impl Header {
    /// The header of `payload`.
    pub(super) fn of(
        payload: &[u8],
        epoch: u64,
        place: Place,
        at: UnixMillis,
        crc: &Crc32c,
    ) -> Self {
        Self { epoch, place, at: at.max(0), len: payload.len(), crc: crc.of(payload) }
    }

    /// Writes the line.
    pub(super) fn write(&self, out: &mut Vec<u8>, crc: &Crc32c) {
        let start = out.len();
        out.extend_from_slice(MARK);
        push_u64(out, FORMAT_VERSION.into());
        let (letter, number) = match self.place {
            Place::Journal(sequence) => (b's', sequence),
            Place::Base(index) => (b'b', index),
            Place::BaseEnd(sequence) => (b'z', sequence),
        };
        for (letter, number) in
            [(b'e', self.epoch), (letter, number), (b't', self.at as u64), (b'n', self.len as u64)]
        {
            out.extend_from_slice(&[b' ', letter]);
            push_u64(out, number);
        }
        push_checksum(out, b'c', self.crc);
        let line = crc.of(&out[start..]);
        push_checksum(out, b'h', line);
        out.extend_from_slice(b"\r\n");
    }

    /// Reads a line, without its end.
    pub(super) fn parse(line: &[u8], crc: &Crc32c) -> Result<Self, Fault> {
        let rest = line.strip_prefix(MARK).ok_or(Fault::Damaged)?;
        let mut words = rest.split(|&byte| byte == b' ');
        let version = words.next().and_then(number).ok_or(Fault::Damaged)?;
        // The line of a newer version may look otherwise, but it ends alike.
        let (before, checksum) = line.split_at(line.len().saturating_sub(CHECKSUM));
        if checksum_of(checksum, b'h') != Some(crc.of(before)) {
            return Err(Fault::Damaged);
        }
        if version != u64::from(FORMAT_VERSION) {
            return Err(Fault::Newer(version as u32));
        }
        let mut field = |letters: &[u8]| {
            let (&letter, digits) = words.next()?.split_first()?;
            letters.contains(&letter).then_some((letter, number(digits)?))
        };
        let parsed = (|| {
            let (_, epoch) = field(b"e")?;
            let place = match field(b"sbz")? {
                (b's', sequence) => Place::Journal(sequence),
                (b'b', index) => Place::Base(index),
                (_, sequence) => Place::BaseEnd(sequence),
            };
            let (_, at) = field(b"t")?;
            let (_, len) = field(b"n")?;
            let crc = checksum_of(before.get(before.len().checked_sub(CHECKSUM)?..)?, b'c')?;
            let (at, len) = (UnixMillis::try_from(at).ok()?, usize::try_from(len).ok()?);
            Some(Self { epoch, place, at, len, crc })
        })();
        parsed.ok_or(Fault::Damaged)
    }
}

/// A blank, a letter and eight digits.
const CHECKSUM: usize = 10;

fn push_checksum(out: &mut Vec<u8>, letter: u8, checksum: u32) {
    out.extend_from_slice(&[b' ', letter]);
    for nibble in (0..8).rev().map(|at| (checksum >> (4 * at)) as u8 & 15) {
        out.push(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 });
    }
}

fn checksum_of(text: &[u8], letter: u8) -> Option<u32> {
    let [b' ', found, digits @ ..] = text else { return None };
    if *found != letter || digits.len() != 8 {
        return None;
    }
    digits.iter().try_fold(0, |checksum, &digit| {
        let nibble = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(checksum << 4 | u32::from(nibble))
    })
}

fn number(digits: &[u8]) -> Option<u64> {
    parse_i64(digits).and_then(|number| u64::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(place: Place) -> (Header, Vec<u8>) {
        let crc = Crc32c::new();
        let header = Header::of(b"payload", 5, place, 1_795_312_615_123, &crc);
        let mut line = Vec::new();
        header.write(&mut line, &crc);
        (header, line)
    }

    #[test]
    fn what_is_written_is_read() {
        for place in [Place::Journal(41), Place::Base(0), Place::BaseEnd(7)] {
            let (header, line) = line(place);
            let text = line.strip_suffix(b"\r\n").expect("a line");
            assert_eq!(Header::parse(text, &Crc32c::new()), Ok(header));
            assert!(line.len() < 100);
        }
        assert_eq!(
            line(Place::Journal(41)).1,
            b"#BROOKLET:1 e5 s41 t1795312615123 n7 cf4e36970 ha04a8b2b\r\n".as_slice()
        );
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let (_, line) = line(Place::Journal(41));
        let text = line.strip_suffix(b"\r\n").expect("a line");
        for bit in 0..8 * text.len() {
            let mut damaged = text.to_vec();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Header::parse(&damaged, &Crc32c::new()), Err(Fault::Damaged), "bit {bit}");
        }
    }

    #[test]
    fn newer_versions_are_told_apart_from_damage() {
        let crc = Crc32c::new();
        let mut newer = b"#BROOKLET:2 whatever it says".to_vec();
        let checksum = crc.of(&newer);
        push_checksum(&mut newer, b'h', checksum);
        assert_eq!(Header::parse(&newer, &crc), Err(Fault::Newer(2)));
    }
}
