//! Words and strings as people write them: quoted where needed, with escapes for odd bytes.

/// Splits a command line into words; blanks part them, double quotes hold them together, and
/// `"ab"*3` is `ababab`.
pub fn words(line: &str) -> Result<Vec<Vec<u8>>, String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start().as_bytes();
    while let Some(first) = rest.first() {
        let (word, tail) = match first {
            b'"' => quoted(&rest[1..]).and_then(|(word, tail)| repeated(word, tail))?,
            _ => bare(rest),
        };
        words.push(word);
        if tail.first().is_some_and(|byte| !byte.is_ascii_whitespace()) {
            return Err(format!("a blank must follow a quoted word: {line}"));
        }
        rest = tail.trim_ascii_start();
    }
    Ok(words)
}

/// Reads how many times a word is meant that stands before `tail`.
fn repeated(word: Vec<u8>, tail: &[u8]) -> Result<(Vec<u8>, &[u8]), String> {
    /// Longer words belong in no script.
    const LONGEST: usize = 1 << 24;
    let Some(tail) = tail.strip_prefix(b"*") else { return Ok((word, tail)) };
    let (times, tail) = bare(tail);
    let times = String::from_utf8_lossy(&times).parse::<usize>().map_err(|it| it.to_string())?;
    match times.checked_mul(word.len()) {
        Some(..=LONGEST) => Ok((word.repeat(times), tail)),
        _ => Err("the word is too long".into()),
    }
}

fn bare(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    (text[..end].to_vec(), &text[end..])
}

/// Reads what follows an opening quote; returns the bytes and what follows the closing one.
pub fn quoted(mut text: &[u8]) -> Result<(Vec<u8>, &[u8]), String> {
    let mut bytes = Vec::new();
    loop {
        text = match text {
            [b'"', rest @ ..] => return Ok((bytes, rest)),
            [b'\\', b'x', high, low, rest @ ..] => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).map_err(|error| error.to_string())?;
                bytes.push(u8::from_str_radix(digits, 16).map_err(|error| error.to_string())?);
                rest
            }
            [b'\\', escaped, rest @ ..] => {
                bytes.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    other => *other,
                });
                rest
            }
            [byte, rest @ ..] => {
                bytes.push(*byte);
                rest
            }
            [] => return Err("a quote is not closed".into()),
        }
    }
}

/// The bytes between quotes.
#[must_use]
pub fn quote(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for byte in bytes {
        match byte {
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'\t' => text.push_str("\\t"),
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            b' '..=b'~' => text.push(char::from(*byte)),
            other => text.extend(format!("\\x{other:02x}").chars()),
        }
    }
    text.push('"');
    text
}

/// A word as it can stand on a command line: bare where that reads the same.
#[must_use]
pub fn word(bytes: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    if !bytes.is_empty() && bytes.iter().all(plain) {
        String::from_utf8_lossy(bytes).into_owned()
    } else {
        quote(bytes)
    }
}

/// A request as bytes.
#[must_use]
pub fn request<W: AsRef<[u8]>>(words: &[W]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words.iter().map(AsRef::as_ref) {
        bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        let all: Vec<Vec<u8>> = vec![
            b"XADD".to_vec(),
            Vec::new(),
            b"a b".to_vec(),
            (0..=255).collect(),
            b"\"\\".to_vec(),
            b"*".to_vec(),
        ];
        let line = all.iter().map(|bytes| word(bytes)).collect::<Vec<_>>().join(" ");
        assert_eq!(words(&line).unwrap(), all);
    }

    #[test]
    fn words_may_be_meant_many_times() {
        let read = words(r#"SET k "ab"*3 ""*9 *"#).unwrap();
        assert_eq!(read, [&b"SET"[..], b"k", b"ababab", b"", b"*"]);
        assert!(words(r#""x"*y"#).is_err() && words(r#""x"*99999999"#).is_err());
    }

    #[test]
    fn quotes_must_close_and_end_a_word() {
        assert!(words("a \"b").is_err());
        assert!(words("\"a\"b").is_err());
    }
}
