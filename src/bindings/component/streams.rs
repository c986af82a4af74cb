//! `streams`: adding entries, reading them, deleting them.

use alloc::vec::Vec;

use super::Component;
use super::answer;
use super::flavour::{reading, typed};
use super::generated::brooklet::streams::types::{
    AddOptions, Bound, Deletion, Entry, EntryId, Error, Field, Idempotency, NewId, Position,
    ReadLimits, References, StreamInfo, Threshold, TrimOptions,
};
use super::generated::exports::brooklet::streams::databases::DatabaseBorrow;
use super::generated::exports::brooklet::streams::streams::Guest;
use super::words::Words;
use crate::reply::Unpacker;

impl Guest for Component {
    #[cfg(not(feature = "component-async"))]
    type PendingRead = super::flavour::Waiting;

    typed! {
        fn add(key: Vec<u8>, id: NewId, fields: Vec<Field>, options: AddOptions)
            -> Option<EntryId> = answer::maybe_id
        {
            let mut words = Words::of(&[b"XADD", &key]);
            words.flag("NOMKSTREAM", options.no_create);
            if let Some(idempotency) = &options.idempotency {
                push_idempotency(&mut words, idempotency);
            }
            if let Some(trim) = &options.trim {
                push_trim(&mut words, trim);
            }
            push_new_id(&mut words, id);
            for field in &fields {
                words.push(&field.name);
                words.push(&field.value);
            }
            words
        }

        fn length(key: Vec<u8>) -> u64 = answer::unsigned
        {
            Words::of(&[b"XLEN", &key])
        }

        fn range(key: Vec<u8>, start: Bound, end: Bound, count: Option<u64>)
            -> Vec<Entry> = answer::entries
        {
            let mut words = Words::of(&[b"XRANGE", &key]);
            words.bound(start, "-");
            words.bound(end, "+");
            words.option("COUNT", count);
            words
        }

        fn reverse_range(key: Vec<u8>, end: Bound, start: Bound, count: Option<u64>)
            -> Vec<Entry> = answer::entries
        {
            let mut words = Words::of(&[b"XREVRANGE", &key]);
            words.bound(end, "+");
            words.bound(start, "-");
            words.option("COUNT", count);
            words
        }

        fn delete(key: Vec<u8>, references: References, ids: Vec<EntryId>)
            -> Vec<Deletion> = answer::deletions
        {
            let mut words = Words::of(&[b"XDELEX", &key]);
            words.references(references);
            words.id_block(&ids);
            words
        }

        fn trim(key: Vec<u8>, options: TrimOptions) -> u64 = answer::unsigned
        {
            let mut words = Words::of(&[b"XTRIM", &key]);
            push_trim(&mut words, &options);
            words
        }

        fn set_last_id(
            key: Vec<u8>, last: EntryId, entries_added: Option<u64>, max_deleted: Option<EntryId>
        ) -> () = answer::nothing
        {
            let mut words = Words::of(&[b"XSETID", &key]);
            words.id(last);
            words.option("ENTRIESADDED", entries_added);
            if let Some(id) = max_deleted {
                words.push(b"MAXDELETEDID");
                words.id(id);
            }
            words
        }

        fn configure(key: Vec<u8>, seconds: Option<u64>, ids: Option<u64>) -> () = answer::nothing
        {
            let mut words = Words::of(&[b"XCFGSET", &key]);
            words.option("IDMP-DURATION", seconds);
            words.option("IDMP-MAXSIZE", ids);
            words
        }

        fn info(key: Vec<u8>) -> StreamInfo = info
        {
            Words::of(&[b"XINFO", b"STREAM", &key])
        }

        fn remove(key: Vec<u8>) -> bool = answer::flag
        {
            Words::of(&[b"DEL", &key])
        }
    }

    reading! {
        fn read(sources: Vec<(Vec<u8>, Position)>, limits: ReadLimits; wait)
            of None;
        {
            let mut words = Words::of(&[b"XREAD"]);
            words.limits(&limits);
            words.option("BLOCK", wait);
            words.push(b"STREAMS");
            for (key, _) in &sources {
                words.push(key);
            }
            for (_, position) in &sources {
                push_position(&mut words, *position);
            }
            words
        }
    }
}

/// From where a read or a group goes on.
#[inline(never)]
pub(super) fn push_position(words: &mut Words, position: Position) {
    match position {
        Position::After(id) => words.id(id),
        Position::Latest => words.push(b"$"),
        Position::LastEntry => words.push(b"+"),
    }
}

fn push_idempotency(words: &mut Words, idempotency: &Idempotency) {
    match idempotency {
        Idempotency::Explicit((producer, id)) => {
            for word in [b"IDMP", &producer[..], id] {
                words.push(word);
            }
        }
        Idempotency::Automatic(producer) => {
            words.push(b"IDMPAUTO");
            words.push(producer);
        }
    }
}

fn push_new_id(words: &mut Words, id: NewId) {
    match id {
        NewId::Auto => words.push(b"*"),
        NewId::Explicit(id) => words.id(id),
        NewId::AutoSeq(ms) => {
            let mut word = Vec::new();
            crate::number::push_u64(&mut word, ms);
            word.extend_from_slice(b"-*");
            words.push(&word);
        }
    }
}

#[inline(never)]
fn push_trim(words: &mut Words, trim: &TrimOptions) {
    let how = if trim.approximate { b"~" } else { b"=" };
    words.references(trim.references);
    match trim.threshold {
        Threshold::MaxLength(length) => {
            words.push(b"MAXLEN");
            words.push(how);
            words.number(length);
        }
        Threshold::MinId(id) => {
            words.push(b"MINID");
            words.push(how);
            words.id(id);
        }
    }
    words.option("LIMIT", trim.limit);
}

fn info(reply: &mut Unpacker<'_>) -> StreamInfo {
    let map = *reply;
    let number = |key| answer::unsigned(&mut answer::field(map, key));
    let id = |key| answer::id(&mut answer::field(map, key));
    StreamInfo {
        length: number("length"),
        last_generated_id: id("last-generated-id"),
        max_deleted_entry_id: id("max-deleted-entry-id"),
        entries_added: number("entries-added"),
        recorded_first_entry_id: id("recorded-first-entry-id"),
        groups: number("groups"),
        first_entry: answer::entry(&mut answer::field(map, "first-entry")),
        last_entry: answer::entry(&mut answer::field(map, "last-entry")),
    }
}
