//! Packed replies as the contract's types.

use alloc::string::String;
use alloc::vec::Vec;

use super::generated::brooklet::streams::types::{
    Claimed, Deletion, Entry, EntryId, Error, Field, Refusal, StreamEntries,
};
use crate::reply::{Unpacked, Unpacker};

/// An error reply.
#[inline(never)]
pub(super) fn error(text: &[u8]) -> Error {
    let end = text.iter().position(|&byte| byte == b' ').unwrap_or(text.len());
    let (code, message) = text.split_at(end);
    match code {
        b"WRONGTYPE" => Error::WrongType,
        b"NOGROUP" => Error::NoGroup,
        b"BUSYGROUP" => Error::BusyGroup,
        b"OOM" => Error::OutOfMemory,
        b"MISCONF" => Error::NoRoom,
        _ => Error::Refused(Refusal { code: string(code), message: string(message.trim_ascii()) }),
    }
}

pub(super) fn string(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// The packed reply to a call.
#[derive(Debug)]
pub(super) struct Answer {
    words: Vec<u32>,
    blob: Vec<u8>,
}

impl Answer {
    /// Copies a reply out of a session's output.
    pub(super) fn copy(words: &[u32], blob: &[u8]) -> Self {
        Self { words: words.to_vec(), blob: blob.to_vec() }
    }

    /// The reply, to be read.
    pub(super) fn reply(&self) -> Unpacker<'_> {
        Unpacker::new(&self.words, &self.blob)
    }
}

/// The value of a key of a map, which is left as it is.
#[inline(never)]
pub(super) fn field<'a>(mut map: Unpacker<'a>, key: &str) -> Unpacker<'a> {
    for _ in 0..map.container().unwrap_or(0) {
        if map.text() == key.as_bytes() {
            return map;
        }
        map.skip();
    }
    Unpacker::new(&[], &[])
}

/// A number that is never negative.
#[inline(never)]
pub(super) fn unsigned(reply: &mut Unpacker<'_>) -> u64 {
    reply.integer() as u64
}

/// A number, or nothing where there is none or a negative one.
#[inline(never)]
pub(super) fn maybe(reply: &mut Unpacker<'_>) -> Option<u64> {
    match reply.value() {
        Unpacked::Integer(number) => u64::try_from(number).ok(),
        _ => None,
    }
}

/// A string.
#[inline(never)]
pub(super) fn bytes(reply: &mut Unpacker<'_>) -> Vec<u8> {
    reply.text().to_vec()
}

/// Nothing but that it was done.
pub(super) fn nothing(_: &mut Unpacker<'_>) {}

/// Whether a number is not 0.
pub(super) fn flag(reply: &mut Unpacker<'_>) -> bool {
    reply.integer() != 0
}

/// An ID; `0-0` where there is none.
#[inline(never)]
pub(super) fn id(reply: &mut Unpacker<'_>) -> EntryId {
    maybe_id(reply).unwrap_or(EntryId { ms: 0, seq: 0 })
}

/// An ID, or nothing where there is none.
#[inline(never)]
pub(super) fn maybe_id(reply: &mut Unpacker<'_>) -> Option<EntryId> {
    reply.id().map(|id| EntryId { ms: id.ms, seq: id.seq })
}

/// A list of whatever `read` reads; an absent one is empty.
pub(super) fn list<T>(
    reply: &mut Unpacker<'_>,
    mut read: impl FnMut(&mut Unpacker<'_>) -> T,
) -> Vec<T> {
    let len = reply.container().unwrap_or(0);
    (0..len).map(|_| read(reply)).collect()
}

/// An entry: an array of its ID and fields, and with CLAIM how it was pending; or its ID alone.
#[inline(never)]
pub(super) fn entry(reply: &mut Unpacker<'_>) -> Option<Entry> {
    let mut here = *reply;
    let parts = match reply.value() {
        Unpacked::Array(parts) => parts,
        Unpacked::Text(_) => {
            return Some(Entry { id: id(&mut here), fields: None, claimed: None });
        }
        _ => return None,
    };
    let id = id(reply);
    let fields = fields(reply);
    let claimed =
        (parts == 4).then(|| Claimed { idle: unsigned(reply), deliveries: unsigned(reply) });
    Some(Entry { id, fields, claimed })
}

fn fields(reply: &mut Unpacker<'_>) -> Option<Vec<Field>> {
    let len = reply.container()?;
    Some((0..len / 2).map(|_| Field { name: bytes(reply), value: bytes(reply) }).collect())
}

/// Entries, or their IDs. What is absent is left out.
#[inline(never)]
pub(super) fn entries(reply: &mut Unpacker<'_>) -> Vec<Entry> {
    list(reply, entry).into_iter().flatten().collect()
}

/// What a read found: a map of keys and their entries.
#[inline(never)]
pub(super) fn streams(reply: &mut Unpacker<'_>) -> Vec<StreamEntries> {
    list(reply, |reply| StreamEntries { key: bytes(reply), entries: entries(reply) })
}

/// What became of IDs.
#[inline(never)]
pub(super) fn deletions(reply: &mut Unpacker<'_>) -> Vec<Deletion> {
    list(reply, |reply| match reply.integer() {
        1 => Deletion::Deleted,
        2 => Deletion::Referenced,
        _ => Deletion::NotFound,
    })
}
