//! Values of the contract (`wit/`) as JSON, as typed calls go to hosts in other languages.
//!
//! Numbers are `"n1"`, bytes `"x616263"`, names `"=keep"`, tuples `{"tuple": […]}`, records
//! objects, variants objects with `tag` and `val`, and what is not given is null.

pub use serde_json::Value as Json;
use serde_json::json;

/// The ID of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Id {
    /// Milliseconds.
    pub ms: u64,
    /// Sequence number.
    pub seq: u64,
}

/// A number.
#[must_use]
pub fn number(number: u64) -> Json {
    format!("n{number}").into()
}

/// Bytes.
#[must_use]
pub fn bytes(bytes: &[u8]) -> Json {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.fold(String::from("x"), |text, digits| text + &digits).into()
}

/// A case of an enum.
#[must_use]
pub fn name(name: &str) -> Json {
    format!("={name}").into()
}

/// An ID.
#[must_use]
pub fn id(id: Id) -> Json {
    json!({ "ms": number(id.ms), "seq": number(id.seq) })
}

/// A case of a variant.
#[must_use]
pub fn case(tag: &str, value: impl Into<Json>) -> Json {
    json!({ "tag": name(tag), "val": value.into() })
}

/// A tuple.
#[must_use]
pub fn tuple(values: &[Json]) -> Json {
    json!({ "tuple": values })
}

/// Reads a number.
#[must_use]
pub fn to_number(json: &Json) -> Option<u64> {
    json.as_str()?.strip_prefix('n')?.parse().ok()
}

/// Reads bytes.
#[must_use]
pub fn to_bytes(json: &Json) -> Option<Vec<u8>> {
    let digits = json.as_str()?.strip_prefix('x')?.as_bytes();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(pair).collect()
}

/// Reads a name.
#[must_use]
pub fn to_name(json: &Json) -> Option<&str> {
    json.as_str()?.strip_prefix('=')
}
