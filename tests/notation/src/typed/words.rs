//! The words of a command, read as far as typed functions can say the same.

use super::json::{self, Id, Json};

/// What is left of a command. Whatever reads nothing returns `None`: no typed function says that.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a>(pub &'a [Vec<u8>]);

impl<'a> Words<'a> {
    /// The next word.
    pub fn word(&mut self) -> Option<&'a [u8]> {
        let (word, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(word)
    }

    /// The next word as an argument.
    pub fn bytes(&mut self) -> Option<Json> {
        self.word().map(json::bytes)
    }

    /// Skips the next word if it is this option.
    pub fn eat(&mut self, option: &str) -> bool {
        let is = self.0.first().is_some_and(|it| it.eq_ignore_ascii_case(option.as_bytes()));
        if is {
            self.0 = &self.0[1..];
        }
        is
    }

    /// Which of these options is next.
    pub fn eat_any<'o>(&mut self, options: &[&'o str]) -> Option<&'o str> {
        options.iter().find(|option| self.eat(option)).copied()
    }

    /// A number.
    pub fn number(&mut self) -> Option<u64> {
        number(self.word()?)
    }

    /// A number as an argument.
    pub fn count(&mut self) -> Option<Json> {
        self.number().map(json::number)
    }

    /// An ID, whose sequence number may be left out.
    pub fn id(&mut self) -> Option<Json> {
        id(self.word()?, 0).map(json::id)
    }

    /// All IDs that are left, at least one.
    pub fn ids(&mut self) -> Option<Json> {
        let ids: Option<Vec<Json>> = self.0.iter().map(|it| id(it, 0).map(json::id)).collect();
        self.0 = &[];
        ids.filter(|ids| !ids.is_empty()).map(Json::Array)
    }

    /// `IDS`, their number, and as many.
    pub fn id_block(&mut self) -> Option<Json> {
        if !self.eat("IDS") || self.number()? != self.0.len() as u64 {
            return None;
        }
        self.ids()
    }

    /// One end of a range; an ID without a sequence number has `seq` there.
    pub fn bound(&mut self, unbounded: &[u8], seq: u64) -> Option<Json> {
        let word = self.word()?;
        if word == unbounded {
            return Some(json::case("unbounded", Json::Null));
        }
        match word.strip_prefix(b"(") {
            Some(rest) => Some(json::case("exclusive", json::id(id(rest, seq)?))),
            None => Some(json::case("inclusive", json::id(id(word, seq)?))),
        }
    }

    /// Nothing is left.
    pub fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// A number in its shortest form.
fn number(word: &[u8]) -> Option<u64> {
    let number: u64 = std::str::from_utf8(word).ok()?.parse().ok()?;
    (number.to_string().as_bytes() == word).then_some(number)
}

/// An ID.
pub fn id(word: &[u8], seq: u64) -> Option<Id> {
    let mut parts = word.splitn(2, |byte| *byte == b'-');
    let ms = number(parts.next()?)?;
    let seq = parts.next().map_or(Some(seq), number)?;
    Some(Id { ms, seq })
}
