//! The small parts of a payload, written: lengths, strings, IDs, times.

use alloc::vec::Vec;

use crate::id::EntryId;
use crate::number::parse_i64;

/// The longest text that is tried as an integer of 32 bits.
const LONGEST_SMALL_INTEGER: usize = 11;

/// A length in its shortest form.
#[inline(never)]
pub(super) fn length(out: &mut Vec<u8>, value: u64) {
    if value < 1 << 6 {
        out.push(value as u8);
    } else if value < 1 << 14 {
        out.extend_from_slice(&(value as u16 | 0x4000).to_be_bytes());
    } else if let Ok(value) = u32::try_from(value) {
        out.push(0x80);
        out.extend_from_slice(&value.to_be_bytes());
    } else {
        out.push(0x81);
        out.extend_from_slice(&value.to_be_bytes());
    }
}

/// A string: as an integer where Redis would, otherwise plain. Never compressed, which readers
/// do not ask for and which would cost a compressor.
#[inline(never)]
pub(super) fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    let short = bytes.len() <= LONGEST_SMALL_INTEGER;
    let integer = if short { parse_i64(bytes) } else { None };
    if let Some(value) = integer.and_then(|integer| i32::try_from(integer).ok()) {
        let form = u8::from(i8::try_from(value).is_err()) + u8::from(i16::try_from(value).is_err());
        out.push(0xc0 + form);
        out.extend_from_slice(&value.to_le_bytes()[..1 << form]);
    } else {
        length(out, bytes.len() as u64);
        out.extend_from_slice(bytes);
    }
}

/// An ID as two lengths.
#[inline(never)]
pub(super) fn id(out: &mut Vec<u8>, id: EntryId) {
    length(out, id.ms);
    length(out, id.seq);
}

/// An ID as sixteen bytes.
#[inline(never)]
pub(super) fn raw_id(out: &mut Vec<u8>, id: EntryId) {
    out.extend_from_slice(&id.ms.to_be_bytes());
    out.extend_from_slice(&id.seq.to_be_bytes());
}

/// A point in time.
pub(super) fn millis(out: &mut Vec<u8>, at: i64) {
    out.extend_from_slice(&at.to_le_bytes());
}
