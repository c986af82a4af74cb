//! A reply in both protocols at once.
//!
//! Redis says the same in RESP2 and RESP3 with few differences: nulls, maps, texts. One notation
//! covers both wherever those explain all of it.

use crate::Protocol;
use crate::layout;
use crate::resp::Value;
use crate::text;

/// A reply, or a part of one, as it is in both protocols.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// `+OK`
    Simple(Vec<u8>),
    /// `-ERR …`
    Error(Vec<u8>),
    /// `:1`
    Integer(i64),
    /// `"…"`
    Bulk(Vec<u8>),
    /// `txt"…"`: a bulk string, in RESP3 a verbatim string.
    Text(Vec<u8>),
    /// `nil`: a null bulk string, in RESP3 the null.
    Nil,
    /// `nil-array`: a null array, in RESP3 the null.
    NilArray,
    /// `[…]`
    Array(Vec<Reply>),
    /// `~[…]`: an array, in RESP3 a set.
    Set(Vec<Reply>),
    /// `>[…]`: an array, in RESP3 a push.
    Push(Vec<Reply>),
    /// `{k: v}`: a flat array, in RESP3 a map.
    Map(Vec<(Reply, Reply)>),
    /// `<k: v>`: an array of pairs, in RESP3 a map.
    Pairs(Vec<(Reply, Reply)>),
}

impl Reply {
    /// The reply that is `two` in RESP2 and `three` in RESP3; `None` when there is none.
    #[must_use]
    pub fn of(two: &Value, three: &Value) -> Option<Self> {
        Some(match (two, three) {
            (two, three) if two == three => Self::alone(two),
            (Value::NullBulk, Value::Null) => Self::Nil,
            (Value::NullArray, Value::Null) => Self::NilArray,
            (Value::Bulk(bytes), Value::Verbatim(text)) if bytes == text => {
                Self::Text(bytes.clone())
            }
            (Value::Array(two), Value::Array(three)) => Self::Array(zip(two, three)?),
            (Value::Array(two), Value::Set(three)) => Self::Set(zip(two, three)?),
            (Value::Array(two), Value::Push(three)) => Self::Push(zip(two, three)?),
            (Value::Array(two), Value::Map(three)) if two.len() == 2 * three.len() => {
                Self::Map(flat(two, three)?)
            }
            (Value::Array(two), Value::Map(three)) => Self::Pairs(pairs(two, three)?),
            _ => return None,
        })
    }

    /// A reply that is known in one protocol only.
    #[must_use]
    pub fn alone(value: &Value) -> Self {
        let all = |values: &[Value]| values.iter().map(Self::alone).collect();
        match value {
            Value::Simple(text) => Self::Simple(text.clone()),
            Value::Error(text) => Self::Error(text.clone()),
            Value::Integer(number) => Self::Integer(*number),
            Value::Bulk(bytes) => Self::Bulk(bytes.clone()),
            Value::Verbatim(text) => Self::Text(text.clone()),
            Value::NullBulk | Value::Null => Self::Nil,
            Value::NullArray => Self::NilArray,
            Value::Array(values) => Self::Array(all(values)),
            Value::Set(values) => Self::Set(all(values)),
            Value::Push(values) => Self::Push(all(values)),
            Value::Map(pairs) => Self::Map(
                pairs.iter().map(|(key, value)| (Self::alone(key), Self::alone(value))).collect(),
            ),
        }
    }

    /// The reply in one protocol.
    #[must_use]
    pub fn value(&self, protocol: Protocol) -> Value {
        let two = protocol == Protocol::Two;
        let all = |replies: &[Self]| replies.iter().map(|it| it.value(protocol)).collect();
        let both = |pair: &(Self, Self)| (pair.0.value(protocol), pair.1.value(protocol));
        match self {
            Self::Simple(text) => Value::Simple(text.clone()),
            Self::Error(text) => Value::Error(text.clone()),
            Self::Integer(number) => Value::Integer(*number),
            Self::Text(text) if !two => Value::Verbatim(text.clone()),
            Self::Bulk(bytes) | Self::Text(bytes) => Value::Bulk(bytes.clone()),
            Self::Nil | Self::NilArray if !two => Value::Null,
            Self::Nil => Value::NullBulk,
            Self::NilArray => Value::NullArray,
            Self::Set(replies) if !two => Value::Set(all(replies)),
            Self::Push(replies) if !two => Value::Push(all(replies)),
            Self::Array(replies) | Self::Set(replies) | Self::Push(replies) => {
                Value::Array(all(replies))
            }
            Self::Map(pairs) | Self::Pairs(pairs) if !two => {
                Value::Map(pairs.iter().map(both).collect())
            }
            Self::Map(pairs) => {
                let words = pairs.iter().map(both).flat_map(|(key, value)| [key, value]);
                Value::Array(words.collect())
            }
            Self::Pairs(pairs) => {
                let pairs = pairs.iter().map(both).map(|(key, value)| vec![key, value]);
                Value::Array(pairs.map(Value::Array).collect())
            }
        }
    }

    /// The reply as text: on one line where it fits, else with a line for each element.
    #[must_use]
    pub fn text(&self, indent: usize) -> String {
        layout::reply(self, indent)
    }

    /// Reads the first reply in `text`; returns what follows it.
    pub fn parse(text: &str) -> Result<(Self, &str), String> {
        let text = text.trim_start();
        if let Some(rest) = text.strip_prefix('-').filter(|rest| !rest.starts_with('"')) {
            let (error, rest) = rest.split_once('\n').unwrap_or((rest, ""));
            return Ok((Self::Error(error.trim_end().into()), rest));
        }
        Self::element(text)
    }

    fn element(text: &str) -> Result<(Self, &str), String> {
        let text = text.trim_start();
        let string = |rest: &'static str| text.strip_prefix(rest).map(read_string);
        if let Some(read) = string("txt\"") {
            return read.map(|(bytes, rest)| (Self::Text(bytes), rest));
        }
        if let Some(read) = string("-\"") {
            return read.map(|(bytes, rest)| (Self::Error(bytes), rest));
        }
        if let Some(read) = string("+\"") {
            return read.map(|(bytes, rest)| (Self::Simple(bytes), rest));
        }
        if let Some(read) = string("\"") {
            return read.map(|(bytes, rest)| (Self::Bulk(bytes), rest));
        }
        if let Some(rest) = text.strip_prefix("~[") {
            return replies(rest).map(|(replies, rest)| (Self::Set(replies), rest));
        }
        if let Some(rest) = text.strip_prefix(">[") {
            return replies(rest).map(|(replies, rest)| (Self::Push(replies), rest));
        }
        if let Some(rest) = text.strip_prefix('[') {
            return replies(rest).map(|(replies, rest)| (Self::Array(replies), rest));
        }
        if let Some(rest) = text.strip_prefix('{') {
            return keyed(rest, '}').map(|(pairs, rest)| (Self::Map(pairs), rest));
        }
        if let Some(rest) = text.strip_prefix('<') {
            return keyed(rest, '>').map(|(pairs, rest)| (Self::Pairs(pairs), rest));
        }
        Self::token(text)
    }

    fn token(text: &str) -> Result<(Self, &str), String> {
        let ends = |char: char| char.is_whitespace() || ",]}>".contains(char);
        let (token, rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
        let integer = || token.strip_prefix(':').and_then(|number| number.parse().ok());
        let reply = match token {
            "nil" => Self::Nil,
            "nil-array" => Self::NilArray,
            _ => match (token.strip_prefix('+'), integer()) {
                (Some(text), _) => Self::Simple(text.into()),
                (_, Some(number)) => Self::Integer(number),
                _ => return Err(format!("not a reply: {}", text.lines().next().unwrap_or(""))),
            },
        };
        Ok((reply, rest))
    }
}

/// Keys, each with its value.
type Keyed = Vec<(Reply, Reply)>;

fn zip(two: &[Value], three: &[Value]) -> Option<Vec<Reply>> {
    if two.len() != three.len() {
        return None;
    }
    two.iter().zip(three).map(|(two, three)| Reply::of(two, three)).collect()
}

/// A flat array in RESP2, a map in RESP3.
fn flat(two: &[Value], three: &[(Value, Value)]) -> Option<Vec<(Reply, Reply)>> {
    let pairs = two.chunks(2).zip(three);
    pairs.map(|(two, three)| keyed_pair(&two[0], &two[1], three)).collect()
}

/// An array of pairs in RESP2, a map in RESP3.
fn pairs(two: &[Value], three: &[(Value, Value)]) -> Option<Vec<(Reply, Reply)>> {
    if two.len() != three.len() {
        return None;
    }
    let pairs = two.iter().zip(three).map(|(two, three)| match two {
        Value::Array(pair) if pair.len() == 2 => keyed_pair(&pair[0], &pair[1], three),
        _ => None,
    });
    pairs.collect()
}

fn keyed_pair(key: &Value, value: &Value, three: &(Value, Value)) -> Option<(Reply, Reply)> {
    Some((Reply::of(key, &three.0)?, Reply::of(value, &three.1)?))
}

fn read_string(text: &str) -> Result<(Vec<u8>, &str), String> {
    let (bytes, rest) = text::quoted(text.as_bytes())?;
    Ok((bytes, &text[text.len() - rest.len()..]))
}

fn replies(mut text: &str) -> Result<(Vec<Reply>, &str), String> {
    let mut replies = Vec::new();
    loop {
        text = text.trim_start().trim_start_matches(',').trim_start();
        if let Some(rest) = text.strip_prefix(']') {
            return Ok((replies, rest));
        }
        let (reply, rest) = Reply::element(text)?;
        replies.push(reply);
        text = rest;
    }
}

fn keyed(mut text: &str, close: char) -> Result<(Keyed, &str), String> {
    let mut pairs = Vec::new();
    loop {
        text = text.trim_start().trim_start_matches(',').trim_start();
        if let Some(rest) = text.strip_prefix(close) {
            return Ok((pairs, rest));
        }
        let (key, rest) = Reply::element(text)?;
        let rest = rest.trim_start().strip_prefix(':').ok_or("a key without a value")?;
        let (value, rest) = Reply::element(rest)?;
        pairs.push((key, value));
        text = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(text: &str) {
        let (reply, rest) = Reply::parse(text).unwrap();
        assert_eq!(rest, "");
        assert_eq!(reply.text(0), text);
        let (two, three) = (reply.value(Protocol::Two), reply.value(Protocol::Three));
        assert_eq!(Reply::of(&two, &three).as_ref(), Some(&reply), "{two:?} {three:?}");
    }

    #[test]
    fn text_and_values_come_back() {
        for text in [
            "+OK",
            "-ERR no such key",
            ":-5",
            "\"a\\x00\\\"\"",
            "nil",
            "nil-array",
            "[]",
            "[[\"1-0\", [\"f\", \"v\"]], nil, :3, -\"ERR x\", +\"a b\"]",
            "{\"length\": :1, \"first\": nil}",
            "<\"s\": [[\"1-0\", nil-array]]>",
            "txt\"a\\n\"",
            "~[+a, +b]",
            ">[\"message\", \"c\", nil, :1]",
        ] {
            round(text);
        }
    }

    #[test]
    fn a_long_reply_has_a_line_for_each_element() {
        let element = format!("\"{}\"", "x".repeat(60));
        let text = format!("[\n  {element},\n  [{element}],\n]");
        round(&text);
    }

    #[test]
    fn replies_that_differ_otherwise_have_no_common_notation() {
        let (two, three) = (Value::Integer(1), Value::Integer(2));
        assert_eq!(Reply::of(&two, &three), None);
    }
}
