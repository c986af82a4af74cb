//! Lines put together from texts and numbers.
//!
//! By hand: what the standard formatter weighs shows in the Wasm module.

use alloc::vec::Vec;

use crate::number::{Decimal, push_u64};

/// Appends a line's parts.
#[inline(never)]
pub(super) fn push(line: &mut Vec<u8>, parts: &[Figure<'_>]) {
    for part in parts {
        match *part {
            Figure::Text(text) => line.extend_from_slice(text),
            Figure::Signed(number) => line.extend_from_slice(Decimal::signed(number).as_bytes()),
            Figure::Unsigned(number) => push_u64(line, number),
        }
    }
}

/// A part of a line.
#[derive(Clone, Copy)]
pub(super) enum Figure<'v> {
    /// Text as it is.
    Text(&'v [u8]),
    /// A number in decimal.
    Signed(i64),
    /// A number in decimal.
    Unsigned(u64),
}

impl<'v> From<&'v [u8]> for Figure<'v> {
    fn from(text: &'v [u8]) -> Self {
        Self::Text(text)
    }
}

impl<'v> From<&'v str> for Figure<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(text.as_bytes())
    }
}

impl From<u64> for Figure<'_> {
    fn from(number: u64) -> Self {
        Self::Unsigned(number)
    }
}

impl From<usize> for Figure<'_> {
    fn from(number: usize) -> Self {
        Self::Unsigned(number as u64)
    }
}

impl From<i64> for Figure<'_> {
    fn from(number: i64) -> Self {
        Self::Signed(number)
    }
}
