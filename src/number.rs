//! Redis' integer grammar and decimal text, without a formatter.

use alloc::vec::Vec;

/// The longest decimal text of a 64-bit integer, sign included.
pub const MAX_DECIMAL: usize = 20;

/// Parses the canonical decimal text of a signed 64-bit integer, as Redis' `string2ll`.
///
/// Accepted: `0`, or digits without leading zero, with an optional `-`. Refused: the empty text,
/// `+1`, `-0`, `01`, blanks, anything outside −2⁶³ … 2⁶³−1.
///
/// ```
/// use brooklet::number::parse_i64;
/// assert_eq!(parse_i64(b"-9223372036854775808"), Some(i64::MIN));
/// assert_eq!(parse_i64(b"01"), None);
/// ```
#[must_use]
#[inline(never)]
pub fn parse_i64(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    match digits {
        [b'0'] if !negative => return Some(0),
        [b'1'..=b'9', ..] if digits.len() < MAX_DECIMAL => {}
        _ => return None,
    }
    let mut value: u64 = 0;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    if negative { 0i64.checked_sub_unsigned(value) } else { i64::try_from(value).ok() }
}

/// Parses like C `strtoull` in base 10 over the whole text: leading blanks, an optional sign
/// (a minus negates modulo 2⁶⁴), digits, nothing after them.
#[must_use]
pub fn parse_u64_lenient(text: &[u8]) -> Option<u64> {
    let blanks = text
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r'))
        .count();
    let (negative, digits) = match &text[blanks..] {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] | rest => (false, rest),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value: u64 = 0;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    Some(if negative { value.wrapping_neg() } else { value })
}

/// The two digits of every number below a hundred: half the divisions of one digit at a time.
const PAIRS: [u8; 200] = pairs();

const fn pairs() -> [u8; 200] {
    let mut pairs = [0; 200];
    let mut number = 0;
    while number < 100 {
        pairs[2 * number] = b'0' + (number / 10) as u8;
        pairs[2 * number + 1] = b'0' + (number % 10) as u8;
        number += 1;
    }
    pairs
}

/// A stack buffer that holds the decimal text of one integer.
#[derive(Clone, Copy)]
pub struct Decimal {
    buffer: [u8; MAX_DECIMAL],
    start: u8,
}

impl Decimal {
    /// The decimal text of an unsigned integer.
    #[must_use]
    #[inline(never)]
    pub fn unsigned(mut value: u64) -> Self {
        let mut buffer = [0; MAX_DECIMAL];
        let mut start = MAX_DECIMAL;
        while value >= 100 {
            start -= 2;
            let pair = 2 * (value % 100) as usize;
            value /= 100;
            buffer[start..start + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
        }
        if value >= 10 {
            let pair = 2 * value as usize;
            start -= 2;
            buffer[start..start + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
        } else {
            start -= 1;
            buffer[start] = b'0' + value as u8;
        }
        Self { buffer, start: start as u8 }
    }

    /// The decimal text of a signed integer.
    #[must_use]
    pub fn signed(value: i64) -> Self {
        let mut text = Self::unsigned(value.unsigned_abs());
        if value < 0 {
            text.start -= 1;
            text.buffer[usize::from(text.start)] = b'-';
        }
        text
    }

    /// The text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.buffer[usize::from(self.start)..]
    }

    /// The text. Digits and a sign are always valid.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

/// Appends the decimal text of `value`.
pub fn push_i64(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(Decimal::signed(value).as_bytes());
}

/// Appends the decimal text of `value`.
pub fn push_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(Decimal::unsigned(value).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_integers_only() {
        for (text, value) in [
            (&b"0"[..], Some(0)),
            (b"-1", Some(-1)),
            (b"9223372036854775807", Some(i64::MAX)),
            (b"-9223372036854775808", Some(i64::MIN)),
            (b"9223372036854775808", None),
            (b"18446744073709551616", None),
            (b"-0", None),
            (b"00", None),
            (b"+1", None),
            (b" 1", None),
            (b"1 ", None),
            (b"1.5", None),
            (b"-", None),
            (b"", None),
        ] {
            assert_eq!(parse_i64(text), value, "{text:?}");
        }
    }

    #[test]
    fn lenient_integers_follow_strtoull() {
        for (text, value) in [
            (&b"007"[..], Some(7)),
            (b"+8", Some(8)),
            (b" \t9", Some(9)),
            (b"-05", Some(18_446_744_073_709_551_611)),
            (b"18446744073709551615", Some(u64::MAX)),
            (b"18446744073709551616", None),
            (b"", None),
            (b"+", None),
            (b" ", None),
            (b"14 ", None),
            (b"0x10", None),
        ] {
            assert_eq!(parse_u64_lenient(text), value, "{text:?}");
        }
    }

    #[test]
    fn decimal_text_of_the_extremes() {
        assert_eq!(Decimal::signed(i64::MIN).as_bytes(), b"-9223372036854775808");
        assert_eq!(Decimal::unsigned(u64::MAX).as_bytes(), b"18446744073709551615");
        for value in (0..2_000).chain([i64::MAX - 1, 1_700_000_000_000]) {
            assert_eq!(Decimal::signed(value).as_bytes(), alloc::format!("{value}").as_bytes());
        }
    }
}
