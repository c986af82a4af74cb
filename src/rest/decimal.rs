//! Numbers of JSON as words, without floating point.

use alloc::vec::Vec;

use crate::number::Decimal;

/// A number as JavaScript writes it, with the digits that it was given. `None`: so large that those
/// who read it as floating point read another one.
pub(super) fn number(text: &[u8]) -> Option<Vec<u8>> {
    const LARGEST: &[u8] = b"9007199254740991";
    const SMALLEST: i64 = -323;
    let (negative, text) = text.strip_prefix(b"-").map_or((false, text), |text| (true, text));
    let mantissa_end = text.iter().position(|byte| matches!(byte, b'e' | b'E'));
    let (mantissa, exponent) = text.split_at(mantissa_end.unwrap_or(text.len()));
    let whole = mantissa.iter().position(|&byte| byte == b'.').unwrap_or(mantissa.len());
    let digits = mantissa.iter().copied().filter(|&byte| byte != b'.');
    let mut digits: Vec<u8> = digits.collect();
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    digits.drain(..zeros);
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    // The number is 0.digits times ten to the power of this.
    let point = whole as i64 - zeros as i64 + exponent_of(exponent);
    if digits.is_empty() || point < SMALLEST {
        return Some(Vec::from(b"0"));
    }
    let is_large = point == 16 && digits.iter().take(16).gt(LARGEST.iter());
    if point > 16 || is_large {
        return None;
    }
    let mut out = Vec::from(if negative { &b"-"[..] } else { b"" });
    write_decimal(&mut out, &digits, point);
    Some(out)
}

fn exponent_of(text: &[u8]) -> i64 {
    const FAR: i64 = 1 << 40;
    let digits = text.iter().filter(|byte| byte.is_ascii_digit());
    let value = digits.fold(0_i64, |value, &digit| (value * 10 + i64::from(digit - b'0')).min(FAR));
    if text.contains(&b'-') { -value } else { value }
}

/// `point` is at most 16.
fn write_decimal(out: &mut Vec<u8>, digits: &[u8], point: i64) {
    let zeros = |out: &mut Vec<u8>, count: usize| out.resize(out.len() + count, b'0');
    match usize::try_from(point) {
        Ok(point) if digits.len() <= point => {
            out.extend_from_slice(digits);
            zeros(out, point - digits.len());
        }
        Ok(point) if point > 0 => {
            out.extend_from_slice(&digits[..point]);
            out.push(b'.');
            out.extend_from_slice(&digits[point..]);
        }
        _ if point > -6 => {
            out.extend_from_slice(b"0.");
            zeros(out, point.unsigned_abs() as usize);
            out.extend_from_slice(digits);
        }
        _ => {
            out.push(digits[0]);
            if digits.len() > 1 {
                out.push(b'.');
                out.extend_from_slice(&digits[1..]);
            }
            out.extend_from_slice(b"e-");
            out.extend_from_slice(Decimal::unsigned((1 - point).unsigned_abs()).as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::number;
    use alloc::string::String;

    #[test]
    fn numbers_are_what_javascript_makes_of_them() {
        let told = |text: &str| number(text.as_bytes()).map(|it| String::from_utf8(it).expect(""));
        for (text, same) in [
            ("0", "0"),
            ("-0", "0"),
            ("0.0", "0"),
            ("1.50", "1.5"),
            ("-12", "-12"),
            ("1e3", "1000"),
            ("1E+2", "100"),
            ("123e-2", "1.23"),
            ("0.000001", "0.000001"),
            ("1e-7", "1e-7"),
            ("1.25e-10", "1.25e-10"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("9007199254740991", "9007199254740991"),
            ("-9007199254740991", "-9007199254740991"),
            ("1e15", "1000000000000000"),
            ("1e-400", "0"),
            ("100", "100"),
            ("0.05", "0.05"),
            ("1e-99999999999999999999", "0"),
            ("0e99999999999999999999", "0"),
        ] {
            assert_eq!(told(text).as_deref(), Some(same), "{text}");
        }
        for text in [
            "9007199254740992",
            "-1e16",
            "1e400",
            "12345678901234567890",
            "1e21",
            "9007199254740992.5",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
