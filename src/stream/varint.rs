//! Variable-length integers, readable from either end of their bytes.

use alloc::vec::Vec;

/// How many bytes `value` takes: seven bits a byte.
pub(super) const fn size(value: u64) -> usize {
    (70 - (value | 1).leading_zeros() as usize) / 7
}

/// Appends `value`, lowest seven bits first, the high bit saying that more follow.
#[inline]
pub(super) fn push(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Writes `value` as [`push`] does and returns how many bytes it took: at most ten.
#[inline]
pub(super) fn write(out: &mut [u8], mut value: u64) -> usize {
    let mut len = 0;
    for byte in out {
        len += 1;
        *byte = value as u8 | 0x80;
        value >>= 7;
        if value == 0 {
            *byte &= 0x7f;
            break;
        }
    }
    len
}

/// Appends `value` so that [`read_back`] finds it from the end.
#[inline]
pub(super) fn push_back(out: &mut Vec<u8>, value: u64) {
    let highest = size(value) - 1;
    for index in (0..=highest).rev() {
        // The high bit says that another byte lies before this one.
        let more = if index < highest { 0x80 } else { 0 };
        out.push((value >> (7 * index)) as u8 & 0x7f | more);
    }
}

/// The integer at `at` and the offset behind it. Bytes that are missing read as zero.
#[inline]
pub(super) fn read(bytes: &[u8], at: usize) -> (u64, usize) {
    match bytes.get(at) {
        Some(&byte) if byte < 0x80 => (u64::from(byte), at + 1),
        _ => read_long(bytes, at),
    }
}

fn read_long(bytes: &[u8], mut at: usize) -> (u64, usize) {
    let mut value = 0;
    let mut shift = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 || shift > 63 {
            break;
        }
    }
    (value, at)
}

/// The integer that ends before `end`, and its offset.
pub(super) fn read_back(bytes: &[u8], end: usize) -> (u64, usize) {
    let mut value = 0;
    let mut shift = 0;
    let mut at = end;
    while let Some(&byte) = at.checked_sub(1).and_then(|index| bytes.get(index)) {
        at -= 1;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 || shift > 63 {
            break;
        }
    }
    (value, at)
}

/// Folds the sign into the lowest bit, so that small negative numbers stay short.
pub(super) const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The inverse of [`zigzag`].
pub(super) const fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    const SAMPLES: [u64; 9] = [0, 1, 127, 128, 300, 16_383, 16_384, u32::MAX as u64, u64::MAX];

    #[test]
    fn reads_from_either_end() {
        for value in SAMPLES {
            let mut bytes = vec![0xff];
            push(&mut bytes, value);
            assert_eq!(read(&bytes, 1), (value, bytes.len()));
            assert_eq!(bytes.len() - 1, size(value));
            let mut written = [0xff; 10];
            let len = write(&mut written, value);
            assert_eq!(written[..len], bytes[1..]);

            let mut bytes = vec![0xff];
            push_back(&mut bytes, value);
            assert_eq!(read_back(&bytes, bytes.len()), (value, 1), "{value}");
            assert_eq!(bytes.len() - 1, size(value));
        }
    }

    #[test]
    fn missing_bytes_read_as_zero() {
        assert_eq!(read(&[], 0), (0, 0));
        assert_eq!(read(&[0x80], 0), (0, 1));
        assert_eq!(read_back(&[0x81], 1), (1, 0));
        assert_eq!(read_back(&[], 7), (0, 7));
    }

    #[test]
    fn small_negative_numbers_stay_short() {
        for value in [0, -1, 1, -64, i64::MIN, i64::MAX] {
            assert_eq!(unzigzag(zigzag(value)), value);
        }
        assert_eq!(size(zigzag(-64)), 1);
    }
}
