//! The packed form: one word a value, all text in one blob.
//!
//! A word is `tag | len << 3`. Texts lie one after another in the blob, in order of appearance.
//! `tests/` and the JavaScript decoder rely on these numbers.

use super::Writer;

pub(super) const TAG_BITS: u32 = 3;
/// Length 0 is the absent string, 1 the absent array.
pub(super) const NULL: u32 = 0;
pub(super) const SIMPLE: u32 = 1;
pub(super) const ERROR: u32 = 2;
/// The value itself in 29 bits, signed.
pub(super) const SMALL_INTEGER: u32 = 3;
pub(super) const BULK: u32 = 4;
pub(super) const ARRAY: u32 = 5;
pub(super) const MAP: u32 = 6;
/// The length tells the kind; what it needs stands in the next words.
pub(super) const EXTENDED: u32 = 7;
pub(super) const EXTENDED_INTEGER: u32 = EXTENDED;
pub(super) const EXTENDED_VERBATIM: u32 = EXTENDED | 1 << TAG_BITS;
pub(super) const EXTENDED_SET: u32 = EXTENDED | 2 << TAG_BITS;
/// Not the reply to a request, where it is not a part of one.
pub(super) const EXTENDED_PUSH: u32 = EXTENDED | 3 << TAG_BITS;

const SMALL_INTEGERS: core::ops::Range<i64> = -(1 << 28)..1 << 28;
/// Longer texts do not fit a word. Requests are limited far below, so no value reaches it.
const MAX_LEN: usize = (1 << 29) - 1;

impl Writer {
    pub(super) fn packed_text(&mut self, tag: u32, text: &[u8]) {
        let text = &text[..text.len().min(MAX_LEN)];
        self.words.push(tag | (text.len() as u32) << TAG_BITS);
        self.bytes.extend_from_slice(text);
    }

    pub(super) fn packed_error(&mut self, text: &[u8]) {
        self.words.push(ERROR | (text.len() as u32) << TAG_BITS);
        self.bytes.extend(text.iter().map(|&byte| match byte {
            b'\r' | b'\n' => b' ',
            other => other,
        }));
    }

    pub(super) fn packed_integer(&mut self, value: i64) {
        if SMALL_INTEGERS.contains(&value) {
            self.words.push(SMALL_INTEGER | (value as u32) << TAG_BITS);
        } else {
            self.words.extend_from_slice(&[EXTENDED_INTEGER, value as u32, (value >> 32) as u32]);
        }
    }

    pub(super) fn packed_container(&mut self, tag: u32, len: usize) {
        self.words.push(tag | (len.min(MAX_LEN) as u32) << TAG_BITS);
    }

    pub(super) fn packed_patch(&mut self, index: usize, tag: u32, len: usize) {
        self.words[index] = tag | (len.min(MAX_LEN) as u32) << TAG_BITS;
    }

    pub(super) fn packed_verbatim(&mut self, text: &[u8]) {
        self.packed_extended(EXTENDED_VERBATIM, text.len());
        self.bytes.extend_from_slice(text);
    }

    pub(super) fn packed_extended(&mut self, kind: u32, len: usize) {
        self.words.extend_from_slice(&[kind, len as u32]);
    }
}
