//! RESP replies, read strictly: one value has one spelling.

use std::ops::Range;

/// One reply, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `+OK`
    Simple(Vec<u8>),
    /// `-ERR …`
    Error(Vec<u8>),
    /// `:1`
    Integer(i64),
    /// `$1` and its byte
    Bulk(Vec<u8>),
    /// `=5`, then `txt:` and the text
    Verbatim(Vec<u8>),
    /// `$-1`
    NullBulk,
    /// `*-1`
    NullArray,
    /// `_`
    Null,
    /// `*`
    Array(Vec<Value>),
    /// `~`
    Set(Vec<Value>),
    /// `>`
    Push(Vec<Value>),
    /// `%`
    Map(Vec<(Value, Value)>),
}

impl Value {
    /// Appends the value's bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        let line = |out: &mut Vec<u8>, kind: char, text: &[u8]| {
            out.extend([&[kind as u8], text, b"\r\n"].concat());
        };
        let len = |out: &mut Vec<u8>, kind, len: usize| line(out, kind, len.to_string().as_bytes());
        match self {
            Self::Simple(text) => line(out, '+', text),
            Self::Error(text) => line(out, '-', text),
            Self::Integer(number) => line(out, ':', number.to_string().as_bytes()),
            Self::NullBulk => line(out, '$', b"-1"),
            Self::NullArray => line(out, '*', b"-1"),
            Self::Null => line(out, '_', b""),
            Self::Bulk(bytes) => {
                len(out, '$', bytes.len());
                out.extend([bytes, &b"\r\n"[..]].concat());
            }
            Self::Verbatim(text) => {
                len(out, '=', text.len() + 4);
                out.extend([b"txt:", &text[..], b"\r\n"].concat());
            }
            Self::Array(values) | Self::Set(values) | Self::Push(values) => {
                let kind = match self {
                    Self::Array(_) => '*',
                    Self::Set(_) => '~',
                    _ => '>',
                };
                len(out, kind, values.len());
                for value in values {
                    value.write(out);
                }
            }
            Self::Map(pairs) => {
                len(out, '%', pairs.len());
                for (key, value) in pairs {
                    key.write(out);
                    value.write(out);
                }
            }
        }
    }
}

/// Why bytes are no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// More bytes are needed.
    Incomplete,
    /// No more bytes could help.
    Malformed(String),
}

/// The first reply in `bytes`, and how long it is.
pub fn parse(bytes: &[u8]) -> Result<(Value, usize), Fault> {
    let mut reader = Reader { bytes, at: 0 };
    let value = reader.value(0)?;
    Ok((value, reader.at))
}

/// All replies in `bytes`, which hold nothing else.
pub fn parse_all(mut bytes: &[u8]) -> Result<Vec<Value>, Fault> {
    let mut values = Vec::new();
    while !bytes.is_empty() {
        let (value, len) = parse(bytes)?;
        values.push(value);
        bytes = &bytes[len..];
    }
    Ok(values)
}

/// Where each whole reply in `bytes` stands; what is left over is incomplete.
pub fn frames(bytes: &[u8]) -> Result<Vec<Range<usize>>, String> {
    let (mut frames, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        match parse(&bytes[at..]) {
            Ok((_, len)) => frames.push(at..at + len),
            Err(Fault::Incomplete) => break,
            Err(Fault::Malformed(why)) => return Err(why),
        }
        at += frames.last().map_or(0, Range::len);
    }
    Ok(frames)
}

/// No reply nests deeper.
const DEEPEST: usize = 16;

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value, Fault> {
        if depth > DEEPEST {
            return Err(malformed("too deep", b""));
        }
        let line = self.line()?;
        let (kind, rest) = line.split_first().ok_or_else(|| malformed("an empty line", b""))?;
        Ok(match kind {
            b'+' => Value::Simple(rest.to_vec()),
            b'-' => Value::Error(rest.to_vec()),
            b':' => Value::Integer(integer(rest)?),
            b'$' if rest == b"-1" => Value::NullBulk,
            b'*' if rest == b"-1" => Value::NullArray,
            b'_' if rest.is_empty() => Value::Null,
            b'$' => Value::Bulk(self.body(rest)?.to_vec()),
            b'=' => match self.body(rest)?.strip_prefix(b"txt:") {
                Some(text) => Value::Verbatim(text.to_vec()),
                None => return Err(malformed("a verbatim string that is no text", rest)),
            },
            b'*' => Value::Array(self.values(length(rest)?, depth)?),
            b'~' => Value::Set(self.values(length(rest)?, depth)?),
            b'>' => Value::Push(self.values(length(rest)?, depth)?),
            b'%' => {
                let pairs = (0..length(rest)?).map(|_| {
                    let key = self.value(depth + 1)?;
                    Ok((key, self.value(depth + 1)?))
                });
                Value::Map(pairs.collect::<Result<_, _>>()?)
            }
            _ => return Err(malformed("an unknown type", line)),
        })
    }

    fn values(&mut self, count: usize, depth: usize) -> Result<Vec<Value>, Fault> {
        (0..count).map(|_| self.value(depth + 1)).collect()
    }

    /// The next line without its end. Neither byte of the end occurs alone.
    fn line(&mut self) -> Result<&'a [u8], Fault> {
        let rest = &self.bytes[self.at..];
        let Some(len) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) else {
            return Err(Fault::Incomplete);
        };
        match &rest[len..] {
            [b'\r', b'\n', ..] => {
                self.at += len + 2;
                Ok(&rest[..len])
            }
            b"\r" => Err(Fault::Incomplete),
            _ => Err(malformed("a bare line end", &rest[..len])),
        }
    }

    fn body(&mut self, len: &[u8]) -> Result<&'a [u8], Fault> {
        let len = length(len)?;
        let rest = &self.bytes[self.at..];
        if rest.len() < len + 2 {
            return Err(Fault::Incomplete);
        }
        if &rest[len..len + 2] != b"\r\n" {
            return Err(malformed("a string without its end", &rest[..len]));
        }
        self.at += len + 2;
        Ok(&rest[..len])
    }
}

/// A number in its only spelling: no plus, no leading zero.
fn integer(text: &[u8]) -> Result<i64, Fault> {
    let number = std::str::from_utf8(text).ok().and_then(|text| text.parse::<i64>().ok());
    match number.filter(|number| number.to_string().as_bytes() == text) {
        Some(number) => Ok(number),
        None => Err(malformed("a bad number", text)),
    }
}

fn length(text: &[u8]) -> Result<usize, Fault> {
    let number = integer(text)?;
    usize::try_from(number).map_err(|_| malformed("a bad length", text))
}

fn malformed(what: &str, bytes: &[u8]) -> Fault {
    Fault::Malformed(format!("{what}: {}", bytes.escape_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type() {
        let bytes =
            b"*6\r\n+OK\r\n:-7\r\n$2\r\n\r\n\r\n%1\r\n$1\r\nk\r\n_\r\n=5\r\ntxt:x\r\n*-1\r\n";
        let Ok((Value::Array(values), len)) = parse(bytes) else { panic!("no array") };
        assert_eq!(len, bytes.len());
        let map = Value::Map(vec![(Value::Bulk(b"k".to_vec()), Value::Null)]);
        let text = Value::Verbatim(b"x".to_vec());
        let crlf = Value::Bulk(b"\r\n".to_vec());
        let ok = Value::Simple(b"OK".to_vec());
        assert_eq!(values, [ok, Value::Integer(-7), crlf, map, text, Value::NullArray]);
        let mut written = Vec::new();
        Value::Array(values).write(&mut written);
        assert_eq!(written, bytes);
    }

    #[test]
    fn a_cut_reply_is_incomplete_at_every_byte() {
        let bytes = b"*2\r\n$3\r\n1-0\r\n%1\r\n$1\r\na\r\n:12\r\n";
        for cut in 0..bytes.len() {
            assert_eq!(parse(&bytes[..cut]), Err(Fault::Incomplete), "cut at {cut}");
        }
        assert!(parse(bytes).is_ok());
    }

    #[test]
    fn other_spellings_are_no_replies() {
        for bad in [":01\r\n", ":+1\r\n", "$-2\r\n", "*1\n", "+a\rb\r\n", "$1\r\nxy\r\n", "?\r\n"] {
            assert!(matches!(parse(bad.as_bytes()), Err(Fault::Malformed(_))), "{bad:?}");
        }
    }

    #[test]
    fn frames_stop_at_the_incomplete_reply() {
        assert_eq!(frames(b":1\r\n+OK\r\n$5\r\nab"), Ok(vec![0..4, 4..9]));
    }
}
