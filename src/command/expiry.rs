//! Expiry times in arguments: seconds or milliseconds, from now or since 1970.

use super::args::{Cursor, integer, is};
use crate::error::Error;
use crate::time::UnixMillis;

/// How a number of an argument means a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Measure {
    millis_per_unit: i64,
    from_now: bool,
}

impl Measure {
    /// Seconds from now.
    pub(super) const EX: Self = Self { millis_per_unit: 1000, from_now: true };
    /// Milliseconds from now.
    pub(super) const PX: Self = Self { millis_per_unit: 1, from_now: true };
    /// Unix seconds.
    pub(super) const EXAT: Self = Self { millis_per_unit: 1000, from_now: false };
    /// Unix milliseconds.
    pub(super) const PXAT: Self = Self { millis_per_unit: 1, from_now: false };

    /// The point in time; `None` where it overflows the clock.
    pub(super) fn resolve(self, now: UnixMillis, number: i64) -> Option<UnixMillis> {
        let millis = number.checked_mul(self.millis_per_unit)?;
        millis.checked_add(if self.from_now { now } else { 0 })
    }
}

/// One of the options EX, PX, EXAT, PXAT with its number as the client wrote it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExpiryOption<'a> {
    measure: Measure,
    number: &'a [u8],
}

impl<'a> ExpiryOption<'a> {
    /// Takes the option and its number, if that is what comes next.
    pub(super) fn take(words: &mut Cursor<'a>) -> Option<Self> {
        const MEASURES: [(&str, Measure); 4] = [
            ("EX", Measure::EX),
            ("PX", Measure::PX),
            ("EXAT", Measure::EXAT),
            ("PXAT", Measure::PXAT),
        ];
        let word = words.peek()?;
        let (name, measure) = MEASURES.into_iter().find(|(name, _)| is(word, name))?;
        if !words.keyword(name, 1) {
            return None;
        }
        Some(Self { measure, number: words.word()? })
    }

    /// Whether both are the same option, whatever their numbers.
    pub(super) fn is_same_option(&self, other: &Self) -> bool {
        self.measure == other.measure
    }

    /// The point in time. Only positive numbers are allowed here; a past time is one for
    /// EXAT and PXAT.
    pub(super) fn resolve(&self, now: UnixMillis, command: &str) -> Result<UnixMillis, Error> {
        resolve_positive(self.measure, self.number, now, command)
    }
}

/// The point in time that a positive number means.
pub(super) fn resolve_positive(
    measure: Measure,
    number: &[u8],
    now: UnixMillis,
    command: &str,
) -> Result<UnixMillis, Error> {
    let number = integer(number)?;
    let at = if number > 0 { measure.resolve(now, number) } else { None };
    at.ok_or_else(|| Error::invalid_expire_time(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_milliseconds_from_now_and_since_1970() {
        assert_eq!(Measure::EX.resolve(1_000, 2), Some(3_000));
        assert_eq!(Measure::PX.resolve(1_000, -2), Some(998));
        assert_eq!(Measure::EXAT.resolve(1_000, 2), Some(2_000));
        assert_eq!(Measure::PXAT.resolve(1_000, 2), Some(2));
    }

    #[test]
    fn overflow_is_no_time() {
        assert_eq!(Measure::EX.resolve(0, i64::MAX / 1000 + 1), None);
        assert_eq!(Measure::EX.resolve(1_000, i64::MAX / 1000), None);
        assert_eq!(Measure::PX.resolve(1, i64::MAX), None);
        assert_eq!(Measure::PXAT.resolve(1, i64::MAX), Some(i64::MAX));
        assert_eq!(Measure::EXAT.resolve(0, i64::MIN), None);
    }
}
