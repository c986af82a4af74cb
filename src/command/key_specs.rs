//! Where the keys of a command stand and what it does with them, as COMMAND tells it.

use alloc::vec::Vec;

use super::args::{Args, is};
use super::registry::Found;
use super::spec::{Flags, Keys};

/// One rule that finds keys.
pub(super) struct KeySpec {
    /// What happens to these keys: `RO`, `RW`, `OW` or `RM`, then details.
    pub flags: &'static [&'static str],
    /// Where to begin.
    pub begin: Begin,
    /// The last key, counted from where the rule begins, or from the end when negative.
    pub last: i8,
    /// Distance between keys.
    pub step: i8,
    /// One part in so many of the words holds keys; 0 is all.
    pub limit: i8,
}

/// Where a rule begins.
pub(super) enum Begin {
    /// At this word.
    Index(i8),
    /// Behind a keyword, looked for from this word on.
    Keyword(&'static str, i8),
}

/// The rules of a command.
pub(super) fn key_specs(found: Found) -> Vec<KeySpec> {
    let rule = |which, begin, last, step, limit| KeySpec {
        flags: access(found, which),
        begin,
        last,
        step,
        limit,
    };
    match found.keys() {
        Keys::None => Vec::new(),
        Keys::PAIR => {
            [(0, 1), (1, 2)].map(|(which, index)| rule(which, Begin::Index(index), 0, 1, 0)).into()
        }
        Keys::Range { first, last, step } => {
            let last = if last < 0 { last } else { last - first };
            [rule(0, Begin::Index(first), last, step, 0)].into()
        }
        Keys::Streams => {
            let start = if found.flags().contains(Flags::WRITE) { 4 } else { 1 };
            [rule(0, Begin::Keyword("STREAMS", start), -1, 1, 2)].into()
        }
    }
}

/// What a command does with the keys of its first or second rule: the exceptions, then what a
/// command that reads or writes does.
fn access(found: Found, which: usize) -> &'static [&'static str] {
    let name = found.full_name();
    // COPY is a command that writes, but not where its first key is.
    let writes = found.flags().contains(Flags::WRITE) && (name.as_str(), which) != ("copy", 0);
    match (name.as_str(), which) {
        ("xread" | "xreadgroup", _) => &["RO", "access", "incomplete"],
        ("xackdel", _) => &["RW", "update", "delete"],
        ("append" | "xgroup|create" | "xgroup|createconsumer", _) => &["RW", "insert"],
        (
            "xtrim" | "xdel" | "xdelex" | "xautoclaim" | "xgroup|destroy" | "xgroup|delconsumer",
            _,
        ) => &["RW", "delete"],
        ("del" | "unlink", _) => &["RM", "delete"],
        ("rename" | "renamenx", 0) | ("getdel", _) => &["RW", "access", "delete"],
        ("rename" | "copy", 1) | ("setex" | "psetex" | "mset", _) => &["OW", "update"],
        ("renamenx" | "setnx" | "msetnx", _) => &["OW", "insert"],
        ("set", _) => &["RW", "access", "update", "variable_flags"],
        ("move" | "getex" | "getset" | "incr" | "decr" | "incrby" | "decrby", _) => {
            &["RW", "access", "update"]
        }
        ("exists" | "type" | "touch" | "strlen" | "xlen" | "watch" | "memory|usage", _) => &["RO"],
        (name, _) if name.starts_with("object|") => &["RO"],
        _ if found.flags().contains(Flags::PUBSUB) => &["not_key"],
        _ if writes => &["RW", "update"],
        _ => &["RO", "access"],
    }
}

/// A key of a call.
pub(super) struct FoundKey {
    /// Its place among the words.
    pub index: usize,
    /// What the call does with it.
    pub flags: &'static [&'static str],
}

/// The keys of a whole call with the right number of words; `None` when its words make no sense.
pub(super) fn keys_of(found: Found, words: Args<'_>) -> Option<Vec<FoundKey>> {
    let with = |flags| move |index| FoundKey { index, flags };
    match found.keys() {
        Keys::None => Some(Vec::new()),
        Keys::PAIR => Some(
            [(0, 1), (1, 2)]
                .map(|(which, index)| FoundKey { index, flags: access(found, which) })
                .into(),
        ),
        Keys::Range { first, last, step } => {
            let last = if last < 0 { words.len() as i32 + i32::from(last) } else { last.into() };
            let indices = (first.into()..=last).step_by(step as usize).map(|index| index as usize);
            Some(indices.map(with(call_access(found, words))).collect())
        }
        Keys::Streams => {
            let indices = stream_keys(words)?;
            Some(indices.map(with(&["RO", "access"])).collect())
        }
    }
}

/// SET reads its key only when it is asked to return it.
fn call_access(found: Found, words: Args<'_>) -> &'static [&'static str] {
    match found.name() {
        "set" if words.from(3).iter().any(|word| is(word, "get")) => &["RW", "access", "update"],
        "set" => &["OW", "update"],
        _ => access(found, 0),
    }
}

/// The words after STREAMS are keys, then as many IDs.
fn stream_keys(words: Args<'_>) -> Option<core::ops::Range<usize>> {
    let mut index = 1;
    loop {
        let word = words.get(index)?;
        index += match word.to_ascii_lowercase().as_slice() {
            b"streams" => break,
            b"block" | b"count" | b"maxcount" | b"maxsize" | b"claim" => 2,
            b"group" => 3,
            b"noack" => 1,
            _ => return None,
        };
    }
    let first = index + 1;
    let rest = words.len() - first;
    (rest > 0 && rest.is_multiple_of(2)).then(|| first..first + rest / 2)
}
