//! Lines put together from texts and numbers.
//!
//! By hand: what the standard formatter weighs shows in the Wasm module.

use alloc::string::String;

use crate::number::Decimal;

/// Appends a line's parts.
#[inline(never)]
pub(super) fn push(line: &mut String, parts: &[Figure<'_>]) {
    for part in parts {
        match part {
            Figure::Text(text) => line.push_str(text),
            Figure::Number(number) => line.push_str(number.as_str()),
        }
    }
}

/// A part of a line.
pub(super) enum Figure<'v> {
    /// Text as it is.
    Text(&'v str),
    /// A number in decimal.
    Number(Decimal),
}

impl<'v> From<&'v str> for Figure<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Figure<'_> {
    #[inline(never)]
    fn from(number: u64) -> Self {
        Self::Number(Decimal::unsigned(number))
    }
}

impl From<usize> for Figure<'_> {
    #[inline(never)]
    fn from(number: usize) -> Self {
        Self::Number(Decimal::unsigned(number as u64))
    }
}

impl From<i64> for Figure<'_> {
    #[inline(never)]
    fn from(number: i64) -> Self {
        Self::Number(Decimal::signed(number))
    }
}
