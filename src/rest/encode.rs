//! Replies in JSON, with strings as text or in base64, and in RESP2.

use alloc::vec::Vec;

use super::text::push_string;
use crate::number::Decimal;
use crate::reply::{Unpacked, Unpacker};

/// The largest integer that whoever reads numbers as floating point reads as it is.
const LARGEST: u64 = (1 << 53) - 1;

/// Appends what stands in for a reply: `{"result": …}`, or `{"error": …}`.
pub(super) fn push_answer(
    out: &mut Vec<u8>,
    reply: &mut Unpacker<'_>,
    in_base64: bool,
    pairs: bool,
) {
    let is_status = reply.is_status();
    let mut ahead = *reply;
    match ahead.value() {
        // Alone, an OK is one in base64 too; among others it would be decoded.
        Unpacked::Text(b"OK") if is_status => {
            *reply = ahead;
            out.extend_from_slice(b"{\"result\":\"OK\"");
        }
        Unpacked::Error(text) => {
            *reply = ahead;
            push_error(out, text);
            return;
        }
        _ => {
            out.extend_from_slice(b"{\"result\":");
            push_json(out, reply, in_base64, pairs);
        }
    }
    out.push(b'}');
}

/// Appends `{"error": …}`.
pub(super) fn push_error(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(b"{\"error\":");
    push_string(out, text, false);
    out.push(b'}');
}

/// Appends a reply in JSON: maps are flat arrays, as in RESP2, but for the one that reads answer,
/// with `pairs`. However deep it is, nothing recurs.
pub(super) fn push_json(out: &mut Vec<u8>, reply: &mut Unpacker<'_>, in_base64: bool, pairs: bool) {
    // How many values are still to come in each array around, and whether they are pairs.
    let mut open: Vec<(usize, bool)> = Vec::new();
    loop {
        match reply.value() {
            Unpacked::Null => out.extend_from_slice(b"null"),
            Unpacked::Text(text) => push_string(out, text, in_base64),
            Unpacked::Error(text) => push_string(out, text, false),
            Unpacked::Integer(value) => push_integer(out, value, in_base64),
            Unpacked::Array(len) => begin(out, &mut open, len, false),
            Unpacked::Map(len) if pairs && open.is_empty() => begin(out, &mut open, len, true),
            Unpacked::Map(len) => begin(out, &mut open, 2 * len, false),
        }
        // Ends whatever ends here.
        loop {
            let Some((left, is_pairs)) = open.last_mut() else { return };
            if *left == 0 {
                open.pop();
                out.push(b']');
                continue;
            }
            *left -= 1;
            if out.last() != Some(&b'[') {
                out.push(b',');
            }
            if *is_pairs {
                begin(out, &mut open, 2, false);
                continue;
            }
            break;
        }
    }
}

fn begin(out: &mut Vec<u8>, open: &mut Vec<(usize, bool)>, len: usize, is_pairs: bool) {
    out.push(b'[');
    open.push((len, is_pairs));
}

fn push_integer(out: &mut Vec<u8>, value: i64, in_base64: bool) {
    let text = Decimal::signed(value);
    if value.unsigned_abs() > LARGEST {
        push_string(out, text.as_bytes(), in_base64);
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

/// Appends a reply as a server writes it over RESP2; `pairs` as for JSON.
pub(super) fn push_resp2(out: &mut Vec<u8>, reply: &mut Unpacker<'_>, pairs: bool) {
    let mut left = 1_usize;
    let mut is_first = true;
    while left > 0 {
        left -= 1;
        let is_status = reply.is_status();
        let is_null_array = reply.is_null_array() || pairs && is_first;
        match reply.value() {
            Unpacked::Null if is_null_array => line(out, b"*-1", b""),
            Unpacked::Null => line(out, b"$-1", b""),
            Unpacked::Text(text) if is_status => line(out, b"+", text),
            Unpacked::Error(text) => line(out, b"-", text),
            Unpacked::Integer(value) => line(out, b":", Decimal::signed(value).as_bytes()),
            Unpacked::Text(text) => {
                line(out, b"$", Decimal::unsigned(text.len() as u64).as_bytes());
                line(out, text, b"");
            }
            Unpacked::Map(len) if pairs && is_first => {
                line(out, b"*", Decimal::unsigned(len as u64).as_bytes());
                for _ in 0..len {
                    line(out, b"*2", b"");
                    push_resp2(out, reply, false);
                    push_resp2(out, reply, false);
                }
            }
            Unpacked::Map(len) => left += array(out, 2 * len),
            Unpacked::Array(len) => left += array(out, len),
        }
        is_first = false;
    }
}

fn array(out: &mut Vec<u8>, len: usize) -> usize {
    line(out, b"*", Decimal::unsigned(len as u64).as_bytes());
    len
}

fn line(out: &mut Vec<u8>, first: &[u8], rest: &[u8]) {
    out.extend_from_slice(first);
    out.extend_from_slice(rest);
    out.extend_from_slice(b"\r\n");
}
