//! What a block would weigh as a Redis listpack: arithmetic only, no such bytes exist here.
//!
//! Redis opens a new node when the tail node's listpack has reached `stream-node-max-bytes`, and
//! approximate trimming works on whole nodes. To cut where Redis cuts, blocks need its sizes.

use crate::number::{MAX_DECIMAL, parse_i64};

/// The six-byte header and the terminator.
pub(super) const FRAME: u64 = 7;

/// What the element of an integer takes.
pub(super) const fn integer(value: i64) -> u64 {
    // Each is the encoding plus one byte of back-length.
    match value {
        0..=127 => 2,
        -4096..=4095 => 3,
        -0x8000..=0x7fff => 4,
        -0x80_0000..=0x7f_ffff => 5,
        -0x8000_0000..=0x7fff_ffff => 6,
        _ => 10,
    }
}

/// What the element of a byte string takes; canonical decimal text is stored as an integer.
pub(super) fn string(bytes: &[u8]) -> u64 {
    if looks_like_integer(bytes)
        && let Some(value) = parse_i64(bytes)
    {
        return integer(value);
    }
    let length = bytes.len() as u64;
    let encoded = match length {
        0..64 => 1 + length,
        64..4096 => 2 + length,
        _ => 5 + length,
    };
    encoded + back_length(encoded)
}

/// A cheap refusal for most strings: the length and the two ends decide.
fn looks_like_integer(bytes: &[u8]) -> bool {
    match bytes {
        [byte] => byte.is_ascii_digit(),
        [first, .., last] if bytes.len() <= MAX_DECIMAL => {
            (first.is_ascii_digit() || *first == b'-') && last.is_ascii_digit()
        }
        _ => false,
    }
}

const fn back_length(encoded: u64) -> u64 {
    match encoded {
        0..=127 => 1,
        128..=16_383 => 2,
        16_384..=2_097_151 => 3,
        2_097_152..=268_435_455 => 4,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn integers_by_width() {
        for (value, size) in [
            (0, 2),
            (127, 2),
            (128, 3),
            (-1, 3),
            (4095, 3),
            (4096, 4),
            (-4097, 4),
            (32_768, 5),
            (8_388_608, 6),
            (1 << 31, 10),
            (i64::MIN, 10),
        ] {
            assert_eq!(integer(value), size, "{value}");
        }
    }

    #[test]
    fn strings_by_length_and_meaning() {
        assert_eq!(string(b""), 2);
        assert_eq!(string(b"12"), 2);
        assert_eq!(string(b"012"), 5);
        assert_eq!(string(b"-"), 3);
        assert_eq!(string(b"9223372036854775807"), 10);
        assert_eq!(string(b"9223372036854775808"), 21);
        assert_eq!(string(&[b'x'; 63]), 65);
        assert_eq!(string(&[b'x'; 64]), 67);
        assert_eq!(string(&[b'x'; 126]), 130);
        assert_eq!(string(&vec![b'x'; 4096]), 4096 + 5 + 2);
    }
}
