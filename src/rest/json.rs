//! Reads JSON as bodies have it: a command is an array of words, a batch an array of those.

use alloc::vec::Vec;

use super::answer::Refusal;
use super::decimal::number;
use super::text::hex;
use super::words::Words;
use crate::number::Decimal;

/// JSON that is well-formed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Json<'a>(&'a [u8]);

impl<'a> Json<'a> {
    /// The JSON of a body.
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, Refusal> {
        const WRONG: &str = "ERR failed to parse the body as JSON: it must be a JSON array";
        let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let mut scan = Scan { text, at: 0 };
        if str::from_utf8(text).is_err() || scan.whole().is_none() {
            return Err(Refusal::new(400, &[WRONG]));
        }
        Ok(Self(text.trim_ascii()))
    }

    /// The elements of an array.
    fn elements(self) -> Option<Elements<'a>> {
        Some(Elements(self.0.strip_prefix(b"[")?))
    }

    /// One command: `["XADD", "orders", "*", "item", "tea"]`.
    pub(super) fn command(self) -> Result<Words, Refusal> {
        const WRONG: &str = "ERR a command must be a JSON array: its name, then its arguments";
        let elements = self.elements().ok_or_else(|| Refusal::new(400, &[WRONG]))?;
        let mut words = Words::new();
        for (index, element) in elements.enumerate() {
            words.push(&element.argument(index)?);
        }
        if words.len() == 0 { Err(Refusal::new(400, &["ERR empty command"])) } else { Ok(words) }
    }

    /// The commands of a pipeline or a transaction. Where one of them is none, it is the error, for
    /// others to be run all the same.
    pub(super) fn commands(self, most: usize) -> Result<Vec<Result<Words, Refusal>>, Refusal> {
        const WRONG: &str = "ERR the body must be a JSON array of commands, each an array itself";
        let elements = self.elements().ok_or_else(|| Refusal::new(400, &[WRONG]))?;
        match elements.clone().count() {
            0 => Err(Refusal::new(400, &["ERR empty pipeline"])),
            count if count > most => {
                let most = Decimal::unsigned(most as u64);
                let text = ["ERR too many commands in one request. Limit: ", most.as_str()];
                Err(Refusal::new(413, &text))
            }
            _ => Ok(elements.map(Json::command).collect()),
        }
    }

    /// A word of a command.
    fn argument(self, index: usize) -> Result<Vec<u8>, Refusal> {
        let index = Decimal::unsigned(index as u64);
        let none = |what| {
            Refusal::new(400, &["ERR syntax error: argument ", index.as_str(), " is ", what])
        };
        match self.0.first() {
            Some(b'"') => Ok(unquoted(self.0)),
            Some(b't' | b'f') => Ok(self.0.to_vec()),
            Some(b'n') => Err(none("null")),
            Some(b'[') => Err(none("an array")),
            Some(b'{') => Err(none("an object")),
            _ => number(self.0).ok_or_else(|| {
                let beyond = " is a number beyond 2^53: make it a string";
                Refusal::new(400, &["ERR argument ", index.as_str(), beyond])
            }),
        }
    }
}

/// What is left of an array, of which the part so far is well-formed.
#[derive(Clone, Debug)]
struct Elements<'a>(&'a [u8]);

impl<'a> Iterator for Elements<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Json<'a>> {
        let rest = self.0.trim_ascii_start();
        let rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
        if rest.first().is_none_or(|&byte| byte == b']') {
            return None;
        }
        let mut scan = Scan { text: rest, at: 0 };
        scan.value();
        let (element, behind) = rest.split_at(scan.at);
        self.0 = behind;
        Some(Json(element.trim_ascii_end()))
    }
}

/// A place in a text.
struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    /// Passes over a text that is one value.
    fn whole(&mut self) -> Option<()> {
        self.value()?;
        self.blanks();
        (self.at == self.text.len()).then_some(())
    }

    /// Passes over a value; `None`: it is not well-formed. However deep it is, nothing recurs.
    fn value(&mut self) -> Option<()> {
        // The ends of all arrays and objects around.
        let mut ends = Vec::new();
        loop {
            self.blanks();
            match self.next()? {
                b'[' if !self.ends_with(b']') => {
                    ends.push(b']');
                    continue;
                }
                b'{' if !self.ends_with(b'}') => {
                    ends.push(b'}');
                    self.name()?;
                    continue;
                }
                b'[' | b'{' => {}
                b'"' => self.string()?,
                b't' => self.word(b"rue")?,
                b'f' => self.word(b"alse")?,
                b'n' => self.word(b"ull")?,
                first => self.number(first)?,
            }
            while let Some(&end) = ends.last() {
                self.blanks();
                match self.next()? {
                    b',' if end == b'}' => {
                        self.name()?;
                        break;
                    }
                    b',' => break,
                    other if other == end => ends.truncate(ends.len() - 1),
                    _ => return None,
                }
            }
            if ends.is_empty() {
                return Some(());
            }
        }
    }

    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or_default()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.text.get(self.at)?;
        self.at += 1;
        Some(*byte)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    /// Whether what was just begun ends at once.
    fn ends_with(&mut self, end: u8) -> bool {
        self.blanks();
        let ends = self.peek() == end;
        self.at += usize::from(ends);
        ends
    }

    /// The name of an object's member, with its colon.
    fn name(&mut self) -> Option<()> {
        self.blanks();
        self.next().filter(|&byte| byte == b'"')?;
        self.string()?;
        self.blanks();
        self.next().filter(|&byte| byte == b':').map(drop)
    }

    fn word(&mut self, rest: &[u8]) -> Option<()> {
        let behind = self.text.get(self.at..)?.strip_prefix(rest)?;
        self.at = self.text.len() - behind.len();
        Some(())
    }

    /// A string behind its first quotation mark.
    fn string(&mut self) -> Option<()> {
        loop {
            match self.next()? {
                b'"' => return Some(()),
                b'\\' => match self.next()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        for _ in 0..4 {
                            hex(self.next()?)?;
                        }
                    }
                    _ => return None,
                },
                ..b' ' => return None,
                _ => {}
            }
        }
    }

    fn number(&mut self, first: u8) -> Option<()> {
        let first = if first == b'-' { self.next()? } else { first };
        match first {
            b'0' => {}
            b'1'..=b'9' => drop(self.digits()),
            _ => return None,
        }
        if self.peek() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), b'+' | b'-'));
            self.digits()?;
        }
        Some(())
    }

    /// At least one digit.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}

/// The text of a string that is well-formed. Halves of surrogate pairs are no characters.
fn unquoted(quoted: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(quoted.len());
    let mut rest = &quoted[1..quoted.len() - 1];
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        text.extend_from_slice(&rest[..at]);
        let escape = rest.get(at + 1).copied().unwrap_or_default();
        rest = rest.get(at + 2..).unwrap_or_default();
        match escape {
            b'b' => text.push(0x08),
            b'f' => text.push(0x0c),
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'u' => {
                let mut unit = u32::from(code_unit(rest));
                rest = rest.get(4..).unwrap_or_default();
                let second = rest.strip_prefix(b"\\u").map_or(0, code_unit);
                if matches!(unit, 0xd800..0xdc00) && matches!(second, 0xdc00..0xe000) {
                    unit = 0x10000 + ((unit - 0xd800) << 10) + (u32::from(second) - 0xdc00);
                    rest = &rest[6..];
                }
                let character = char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
                text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => text.push(other),
        }
    }
    text.extend_from_slice(rest);
    text
}

fn code_unit(digits: &[u8]) -> u16 {
    let digits = digits.iter().take(4).map(|&digit| u16::from(hex(digit).unwrap_or_default()));
    digits.fold(0, |unit, digit| unit << 4 | digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

    fn is_json(text: &str) -> bool {
        Json::parse(text.as_bytes()).is_ok()
    }

    #[test]
    fn what_is_json() {
        for text in [
            "[]",
            " [ ] ",
            "{}",
            "0",
            "-0.5e+10",
            "[1,[2,{\"a\":[],\"b\":{}}],null,true,false]",
            "\"\\u00e9\\\"\\/\"",
            "\u{feff}[]",
            "[\"\u{2028}\"]",
            "\t\r\n1\n",
        ] {
            assert!(is_json(text), "{text}");
        }
        for text in [
            "",
            "[",
            "]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{1:2}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "01",
            "1.",
            ".5",
            "1e",
            "+1",
            "-",
            "tru",
            "nulll",
            "\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\n\"",
            "[1]]",
            "{]",
            "[}",
            "'a'",
            "\u{a0}1",
        ] {
            assert!(!is_json(text), "{text}");
        }
        assert!(Json::parse(b"\"\xff\"").is_err());
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        assert!(is_json(&deep));
        assert!(!is_json(&deep[..deep.len() - 1]));
    }

    #[test]
    fn strings_are_what_they_say() {
        let text = |json: &str| String::from_utf8(unquoted(json.as_bytes())).expect("text");
        assert_eq!(text(r#""a\"\\\/\b\f\n\r\t\u00e9☕""#), "a\"\\/\u{8}\u{c}\n\r\té☕");
        assert_eq!(text(r#""\ud83d\ude00""#), "😀");
        assert_eq!(text(r#""\ud83d\u0041\ude00\ud83d""#), "\u{fffd}A\u{fffd}\u{fffd}");
    }

    #[test]
    fn no_prefix_and_no_flipped_byte_is_taken_amiss() {
        let body = r#"[["XADD","s","*","a\u00e9",1.5e3,true],["PING"],{"a":[1]},null]"#;
        for end in 0..body.len() {
            assert!(!is_json(&body[..end]), "{end}");
        }
        for at in 0..body.len() {
            for byte in 0..=255 {
                let mut bytes = body.as_bytes().to_vec();
                bytes[at] = byte;
                if let Ok(json) = Json::parse(&bytes) {
                    let rows = json.commands(9).map(|rows| rows.len()).unwrap_or_default();
                    assert!(rows <= 9, "{}", rows.to_string());
                    drop(json.command());
                }
            }
        }
    }
}
