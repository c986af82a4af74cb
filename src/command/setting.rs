//! The kinds of parameters: what CONFIG SET takes for each, and its canonical text.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::args::{is, memory_bytes};
use super::output_limits;
use crate::number::{Decimal, parse_i64};
use crate::state::Events;

/// What a parameter may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// `yes` or `no`.
    Flag,
    /// An integer between two bounds.
    Integer(i64, i64),
    /// A number of bytes between two bounds, with or without a unit.
    Memory(u64, u64),
    /// One of some words, with blanks between them.
    Choice(&'static str),
    /// Anything.
    Text,
    /// How often a server looks after itself: lowered to 500, raised to 1.
    Hz,
    /// Pairs of seconds and changes.
    Save,
    /// Letters that stand for classes of events.
    Events,
    /// Classes of clients, each with three limits.
    OutputLimits,
}

/// A value that was checked.
#[derive(Debug)]
pub(super) struct Setting {
    /// As CONFIG GET tells it.
    pub text: Box<[u8]>,
    /// As a number, where it has one that matters.
    pub number: u64,
}

impl Setting {
    fn text(text: impl Into<Box<[u8]>>) -> Self {
        Self { text: text.into(), number: 0 }
    }

    fn number(number: u64) -> Self {
        Self { text: Decimal::unsigned(number).as_bytes().into(), number }
    }
}

impl Kind {
    /// Checks a value; `present` is the parameter's present one.
    pub fn check(self, word: &[u8], present: &[u8]) -> Result<Setting, String> {
        match self {
            Self::Flag => flag(word),
            Self::Integer(min, max) => integer(word, min, max),
            Self::Memory(min, max) => memory(word, min, max),
            Self::Choice(values) => choice(word, values),
            Self::Text => Ok(Setting::text(word)),
            Self::Hz => {
                let hz = integer(word, 0, i32::MAX.into())?.number;
                Ok(Setting::number(hz.clamp(1, 500)))
            }
            Self::Save => save(word).ok_or_else(|| "Invalid save parameters".into()),
            Self::Events => events(word),
            Self::OutputLimits => output_limits::change(present, word).map(Setting::text),
        }
    }
}

fn flag(word: &[u8]) -> Result<Setting, String> {
    match ["yes", "no"].into_iter().find(|value| is(word, value)) {
        Some(value) => Ok(Setting::text(value.as_bytes())),
        None => Err("argument must be 'yes' or 'no'".into()),
    }
}

fn integer(word: &[u8], min: i64, max: i64) -> Result<Setting, String> {
    let value = parse_i64(word).ok_or("argument couldn't be parsed into an integer")?;
    if value < min || value > max {
        return Err(outside(Decimal::signed(min), Decimal::signed(max)));
    }
    Ok(Setting { text: Decimal::signed(value).as_bytes().into(), number: value as u64 })
}

fn memory(word: &[u8], min: u64, max: u64) -> Result<Setting, String> {
    let value = memory_bytes(word).ok_or("argument must be a memory value")?;
    if value < min || value > max {
        return Err(outside(Decimal::unsigned(min), Decimal::unsigned(max)));
    }
    Ok(Setting::number(value))
}

fn outside(min: Decimal, max: Decimal) -> String {
    ["argument must be between ", min.as_str(), " and ", max.as_str(), " inclusive"].concat()
}

fn choice(word: &[u8], values: &str) -> Result<Setting, String> {
    let chosen = values.split(' ').find(|value| is(word, value)).ok_or_else(|| {
        ["argument(s) must be one of the following: ", &values.replace(' ', ", ")].concat()
    })?;
    Ok(Setting::text(chosen.as_bytes()))
}

fn save(word: &[u8]) -> Option<Setting> {
    let words: Vec<&[u8]> =
        word.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).collect();
    let valid = words.chunks(2).all(|pair| match pair {
        [seconds, changes] => {
            parse_i64(seconds).is_some_and(|seconds| seconds >= 1)
                && parse_i64(changes).is_some_and(|changes| changes >= 0)
        }
        _ => false,
    });
    valid.then(|| Setting::text(words.join(&b' ')))
}

/// In Redis' order, with the classes that `A` stands for told as `A` when all are set (then those
/// behind them are not told at all).
fn events(word: &[u8]) -> Result<Setting, String> {
    const ALL: u32 = (1 << Events::IN_ALL) - 1;
    /// Where the letters begin that are told beside `A`.
    const KINDS: usize = 14;
    let mut set = 0;
    for letter in word {
        set |= match Events::LETTERS.iter().position(|known| known == letter) {
            Some(place) => 1 << place,
            None if *letter == b'A' => ALL,
            None => {
                let text = "Invalid event class character. Use 'Ag$lshzxeKEtmdnocaSTIV'.";
                return Err(text.into());
            }
        };
    }
    let (mut text, mut from) = (Vec::new(), 0);
    if set & ALL == ALL {
        text.push(b'A');
        from = KINDS;
    }
    let letters = Events::LETTERS.iter().enumerate().skip(from);
    text.extend(letters.filter(|(place, _)| set & 1 << place != 0).map(|(_, letter)| *letter));
    Ok(Setting { number: set.into(), ..Setting::text(text) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_in_their_own_order() {
        let text = |word: &[u8]| events(word).map(|setting| setting.text.into_vec());
        assert_eq!(text(b"KEA").expect("valid"), b"AKE");
        assert_eq!(text(b"Kx").expect("valid"), b"xK");
        assert_eq!(text(b"VITSacondmtEKexzhsl$").expect("valid"), b"$lshzxetdanocKEmSTIV");
        assert_eq!(text(b"g$lshzxeKEtmdnocaSTIV").expect("valid"), b"AKEmSTIV");
        assert!(text(b"Z").is_err());
    }
}
