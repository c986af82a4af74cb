//! Inline requests: words on one line, with quotes and escapes.

use alloc::vec::Vec;

use crate::span::Span;

/// Splits a line into words, unquoted into `bytes`; `None` when quotes are unbalanced.
pub(super) fn split(line: &[u8], bytes: &mut Vec<u8>, spans: &mut Vec<Span>) -> Option<()> {
    // Redis treats the line as a C string.
    let line = line.split(|&byte| byte == 0).next().unwrap_or_default();
    let mut rest = line.trim_ascii_start();
    while !rest.is_empty() {
        let start = bytes.len() as u32;
        rest = word(rest, bytes)?.trim_ascii_start();
        spans.push(Span { start, end: bytes.len() as u32 });
    }
    Some(())
}

/// Takes one word off the line. A quote may begin inside of a word, and ends it.
fn word<'a>(mut rest: &'a [u8], bytes: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        match rest {
            [] => return Some(rest),
            [blank, ..] if blank.is_ascii_whitespace() => return Some(rest),
            [b'"', quoted @ ..] => return closed(double_quoted(quoted, bytes)?),
            [b'\'', quoted @ ..] => return closed(single_quoted(quoted, bytes)?),
            [byte, tail @ ..] => {
                bytes.push(*byte);
                rest = tail;
            }
        }
    }
}

/// A closing quote must be followed by a blank or the end.
fn closed(rest: &[u8]) -> Option<&[u8]> {
    match rest {
        [byte, ..] if !byte.is_ascii_whitespace() => None,
        _ => Some(rest),
    }
}

fn double_quoted<'a>(mut rest: &'a [u8], bytes: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        rest = match rest {
            [] => return None,
            [b'"', tail @ ..] => return Some(tail),
            [b'\\', b'x', high, low, tail @ ..]
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                bytes.push(hex(*high) << 4 | hex(*low));
                tail
            }
            [b'\\', escaped, tail @ ..] => {
                bytes.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 0x08,
                    b'a' => 0x07,
                    other => *other,
                });
                tail
            }
            [byte, tail @ ..] => {
                bytes.push(*byte);
                tail
            }
        };
    }
}

fn single_quoted<'a>(mut rest: &'a [u8], bytes: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        rest = match rest {
            [] => return None,
            [b'\\', b'\'', tail @ ..] => {
                bytes.push(b'\'');
                tail
            }
            [b'\'', tail @ ..] => return Some(tail),
            [byte, tail @ ..] => {
                bytes.push(*byte);
                tail
            }
        };
    }
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit - b'A' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &[u8]) -> Option<Vec<Vec<u8>>> {
        let (mut bytes, mut spans) = (Vec::new(), Vec::new());
        split(line, &mut bytes, &mut spans)?;
        Some(
            spans
                .iter()
                .map(|span| bytes[span.start as usize..span.end as usize].to_vec())
                .collect(),
        )
    }

    #[test]
    fn quotes_and_escapes() {
        assert_eq!(
            words(br#"  SET "a\x41\n" 'it\'s' b"c" "" "#),
            Some(vec![b"SET".to_vec(), b"aA\n".to_vec(), b"it's".to_vec(), b"bc".to_vec(), vec![]])
        );
        assert_eq!(words(b"a \"b\"c"), None);
        assert_eq!(words(b"'a"), None);
        assert_eq!(words(b"   "), Some(vec![]));
    }

    use alloc::vec;
}
