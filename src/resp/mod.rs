//! Requests as they come over a wire: incremental, limited, and as lenient as Redis is.

mod inline;

use alloc::vec::Vec;

use crate::error::Error;
use crate::number::parse_i64;
use crate::span::{Span, Spans};

/// A header line or an inline request may not be longer, in bytes.
const MAX_LINE: usize = 64 * 1024;
/// Before AUTH: arguments in a request, and bytes in an argument.
const UNAUTHENTICATED: (i64, i64) = (10, 16 * 1024);

/// What a request may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes in one argument (`proto-max-bulk-len`).
    pub max_bulk_len: u64,
    /// Whether the session has passed AUTH, where a password is set.
    pub authenticated: bool,
}

/// What the decoder found at the start of the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A whole request of so many bytes; [`Decoder::arguments`] has its words. A request without
    /// words (an empty line, `*0`) is to be skipped.
    Request(usize),
    /// More bytes are needed.
    Incomplete,
}

/// Decodes the requests of one session. It keeps its place in an incomplete request, so bytes that
/// arrive in pieces are read once.
#[derive(Debug, Default)]
pub struct Decoder {
    spans: Vec<Span>,
    /// The unquoted words of an inline request; empty for the array form.
    inline: Vec<u8>,
    /// Bytes of the present request that were read.
    offset: usize,
    /// Arguments still missing; `None` before the array header was read.
    missing: Option<u32>,
    /// Length of the argument whose body comes next.
    body: Option<usize>,
}

impl Decoder {
    /// Reads on in `buffer`, which begins at the first byte of the present request and holds at
    /// least what it held at the last call. After [`Step::Request`] call [`Decoder::reset`].
    ///
    /// An error means that nothing after it can be understood: reply with it and close.
    pub fn decode(&mut self, buffer: &[u8], limits: Limits) -> Result<Step, Error> {
        if self.missing.is_none() {
            match buffer.first() {
                None => return Ok(Step::Incomplete),
                Some(b'*') => {
                    if !self.header(buffer, limits)? {
                        return Ok(Step::Incomplete);
                    }
                }
                Some(_) => return self.inline_request(buffer),
            }
        }
        while self.missing.is_some_and(|missing| missing > 0) {
            if !self.argument(buffer, limits)? {
                return Ok(Step::Incomplete);
            }
        }
        Ok(Step::Request(self.offset))
    }

    /// The words of the request that was just found in `buffer`.
    #[must_use]
    pub fn arguments<'a>(&'a self, buffer: &'a [u8]) -> Spans<'a> {
        let bytes = if self.missing.is_none() { &self.inline[..] } else { buffer };
        Spans::new(bytes, &self.spans)
    }

    /// Gets ready for the next request.
    pub fn reset(&mut self) {
        const KEPT: usize = 1024;
        self.spans.clear();
        self.inline.clear();
        if self.spans.capacity() > KEPT {
            self.spans = Vec::new();
        }
        if self.inline.capacity() > KEPT {
            self.inline = Vec::new();
        }
        self.offset = 0;
        self.missing = None;
        self.body = None;
    }

    fn header(&mut self, buffer: &[u8], limits: Limits) -> Result<bool, Error> {
        let Some(line) = line(buffer, b"too big mbulk count string")? else { return Ok(false) };
        let count = parse_i64(&line[1..])
            .filter(|&count| count <= i64::from(i32::MAX))
            .ok_or_else(|| Error::protocol(b"invalid multibulk length"))?;
        if !limits.authenticated && count > UNAUTHENTICATED.0 {
            return Err(Error::protocol(b"unauthenticated multibulk length"));
        }
        self.offset = line.len() + 2;
        self.missing = Some(u32::try_from(count).unwrap_or(0));
        Ok(true)
    }

    fn argument(&mut self, buffer: &[u8], limits: Limits) -> Result<bool, Error> {
        let length = match self.body {
            Some(length) => length,
            None => match self.bulk_header(buffer, limits)? {
                Some(length) => length,
                None => return Ok(false),
            },
        };
        let end = self.offset + length;
        // The two bytes after the body are skipped unchecked, as Redis does.
        if buffer.len() < end + 2 {
            return Ok(false);
        }
        self.spans.push(Span { start: self.offset as u32, end: end as u32 });
        self.offset = end + 2;
        self.body = None;
        self.missing = self.missing.map(|missing| missing - 1);
        Ok(true)
    }

    fn bulk_header(&mut self, buffer: &[u8], limits: Limits) -> Result<Option<usize>, Error> {
        let rest = &buffer[self.offset..];
        let Some(line) = line(rest, b"too big bulk count string")? else { return Ok(None) };
        let [b'$', digits @ ..] = line else {
            let got = [line.first().copied().unwrap_or(b'\r')];
            return Err(Error::of(&[b"ERR Protocol error: expected '$', got '", &got, b"'"]));
        };
        let length = parse_i64(digits)
            .and_then(|length| u64::try_from(length).ok())
            .filter(|&length| length <= limits.max_bulk_len && length <= u64::from(u32::MAX / 2))
            .ok_or_else(|| Error::protocol(b"invalid bulk length"))?;
        if !limits.authenticated && length > UNAUTHENTICATED.1 as u64 {
            return Err(Error::protocol(b"unauthenticated bulk length"));
        }
        self.offset += line.len() + 2;
        self.body = Some(length as usize);
        Ok(self.body)
    }

    fn inline_request(&mut self, buffer: &[u8]) -> Result<Step, Error> {
        let searched = &buffer[..buffer.len().min(MAX_LINE + 1)];
        let Some(end) = searched.iter().position(|&byte| byte == b'\n') else {
            return if buffer.len() > MAX_LINE {
                Err(Error::protocol(b"too big inline request"))
            } else {
                Ok(Step::Incomplete)
            };
        };
        let line = buffer[..end].strip_suffix(b"\r").unwrap_or(&buffer[..end]);
        inline::split(line, &mut self.inline, &mut self.spans)
            .ok_or_else(|| Error::protocol(b"unbalanced quotes in request"))?;
        Ok(Step::Request(end + 1))
    }
}

/// The line at the start of `buffer` without its CR LF, or `None` while it is incomplete. Like
/// Redis it looks for the CR only.
fn line<'a>(buffer: &'a [u8], too_long: &[u8]) -> Result<Option<&'a [u8]>, Error> {
    let searched = &buffer[..buffer.len().min(MAX_LINE + 1)];
    match searched.iter().position(|&byte| byte == b'\r') {
        Some(end) if end + 2 <= buffer.len() => Ok(Some(&buffer[..end])),
        None if buffer.len() > MAX_LINE => Err(Error::protocol(too_long)),
        Some(_) | None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { max_bulk_len: 512 * 1024 * 1024, authenticated: true };

    /// The words of the first request and its length.
    type Decoded = Option<(Vec<Vec<u8>>, usize)>;

    fn decode(input: &[u8]) -> Result<Decoded, Vec<u8>> {
        let mut decoder = Decoder::default();
        match decoder.decode(input, LIMITS) {
            Ok(Step::Request(len)) => {
                let words = decoder.arguments(input).iter().map(<[u8]>::to_vec).collect();
                Ok(Some((words, len)))
            }
            Ok(Step::Incomplete) => Ok(None),
            Err(error) => Err(error.text().to_vec()),
        }
    }

    #[test]
    fn a_request_cut_anywhere_waits_and_then_reads_the_same() {
        let input = b"*3\r\n$4\r\nXADD\r\n$0\r\n\r\n$3\r\na\r\n\r\n";
        for cut in 0..input.len() {
            let mut decoder = Decoder::default();
            assert_eq!(decoder.decode(&input[..cut], LIMITS), Ok(Step::Incomplete), "at {cut}");
            assert_eq!(decoder.decode(input, LIMITS), Ok(Step::Request(input.len())));
            let words: Vec<_> = decoder.arguments(input).iter().collect();
            assert_eq!(words, [&b"XADD"[..], b"", b"a\r\n"]);
        }
    }

    #[test]
    fn protocol_errors_in_the_words_of_redis() {
        let long = alloc::vec![b'1'; MAX_LINE + 2];
        let with = |prefix: &[u8]| [prefix, &long[..]].concat();
        for (input, text) in [
            (b"*a\r\n".to_vec(), &b"invalid multibulk length"[..]),
            (b"*2147483648\r\n".to_vec(), b"invalid multibulk length"),
            (b"*01\r\n".to_vec(), b"invalid multibulk length"),
            (b"*1\r\n$a\r\n".to_vec(), b"invalid bulk length"),
            (b"*1\r\n$-1\r\n".to_vec(), b"invalid bulk length"),
            (b"*1\r\n$\r\n".to_vec(), b"invalid bulk length"),
            (b"*1\r\n$629145600\r\n".to_vec(), b"invalid bulk length"),
            (b"*1\r\nPING\r\n".to_vec(), b"expected '$', got 'P'"),
            (b"set \"x\r\n".to_vec(), b"unbalanced quotes in request"),
            (with(b"x"), b"too big inline request"),
            (with(b"*"), b"too big mbulk count string"),
            (with(b"*1\r\n$"), b"too big bulk count string"),
        ] {
            let expected = [b"ERR Protocol error: ", text].concat();
            assert_eq!(
                decode(&input),
                Err(expected),
                "{}",
                input[..9.min(input.len())].escape_ascii()
            );
        }
    }

    #[test]
    fn empty_requests_have_no_words() {
        assert_eq!(decode(b"*0\r\n"), Ok(Some((Vec::new(), 4))));
        assert_eq!(decode(b"*-1\r\n"), Ok(Some((Vec::new(), 5))));
        assert_eq!(decode(b"\r\n"), Ok(Some((Vec::new(), 2))));
    }

    #[test]
    fn bytes_after_a_body_are_skipped_unchecked() {
        let (words, _) = decode(b"*1\r\n$4\r\nPINGxx").expect("valid").expect("whole");
        assert_eq!(words, [b"PING"]);
    }
}
