//! Text as HTTP and JSON have it: percent-encoding, base64, JSON's strings.

use alloc::vec::Vec;

/// Undoes percent-encoding, and with `plus` also the plus signs of a query. `None`: an escape is no
/// escape, which `lenient` leaves as it is.
pub(super) fn unescape(text: &[u8], plus: bool, lenient: bool) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, behind @ ..] = rest {
        rest = behind;
        match first {
            b'%' => match escaped(behind) {
                Some(byte) => {
                    bytes.push(byte);
                    rest = &behind[2..];
                }
                None if lenient => bytes.push(b'%'),
                None => return None,
            },
            b'+' if plus => bytes.push(b' '),
            other => bytes.push(*other),
        }
    }
    Some(bytes)
}

fn escaped(digits: &[u8]) -> Option<u8> {
    let &[high, low, ..] = digits else { return None };
    Some(hex(high)? << 4 | hex(low)?)
}

/// The value of a hexadecimal digit.
pub(super) const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Appends a string of JSON, or its base64.
pub(super) fn push_string(out: &mut Vec<u8>, bytes: &[u8], in_base64: bool) {
    out.push(b'"');
    if in_base64 {
        push_base64(out, bytes);
    } else {
        for chunk in bytes.utf8_chunks() {
            push_escaped(out, chunk.valid().as_bytes());
            if !chunk.invalid().is_empty() {
                out.extend_from_slice("\u{fffd}".as_bytes());
            }
        }
    }
    out.push(b'"');
}

fn push_escaped(out: &mut Vec<u8>, text: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut plain = 0;
    for (at, &byte) in text.iter().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&text[plain..at]);
        plain = at + 1;
        let short = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x08 => b'b',
            0x0c => b'f',
            _ => {
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', short]);
    }
    out.extend_from_slice(&text[plain..]);
}

fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    out.reserve(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let mut whole = [0; 4];
        whole[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(whole);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place > group.len() { b'=' } else { digit });
        }
    }
}

/// Whether a header's value contains a word, in any case.
pub(super) fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bytes: &[u8], in_base64: bool) -> alloc::string::String {
        let mut out = Vec::new();
        push_string(&mut out, bytes, in_base64);
        alloc::string::String::from_utf8(out).expect("text")
    }

    #[test]
    fn strings_are_escaped_and_what_is_no_text_is_replaced() {
        assert_eq!(written(b"a\"\\\n\x01\x7f", false), "\"a\\\"\\\\\\n\\u0001\x7f\"");
        assert_eq!(written(b"\xffa\xe2\x98", false), "\"\u{fffd}a\u{fffd}\"");
        assert_eq!(written("☕".as_bytes(), false), "\"☕\"");
    }

    #[test]
    fn base64_is_padded() {
        for (bytes, text) in [("", ""), ("O", "Tw=="), ("OK", "T0s="), ("OK!", "T0sh")] {
            assert_eq!(written(bytes.as_bytes(), true), alloc::format!("\"{text}\""));
        }
    }

    #[test]
    fn escapes_that_are_none() {
        assert_eq!(unescape(b"a%2fb+c", false, false).as_deref(), Some(&b"a/b+c"[..]));
        assert_eq!(unescape(b"a%FF+c", true, false).as_deref(), Some(&b"a\xff c"[..]));
        assert_eq!(unescape(b"100%", false, false), None);
        assert_eq!(unescape(b"%zz%4", false, true).as_deref(), Some(&b"%zz%4"[..]));
    }
}
