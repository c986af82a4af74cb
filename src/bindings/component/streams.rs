//! `streams`: adding entries, reading them, deleting them.

use alloc::vec::Vec;

use super::Component;
use super::answer;
use super::database::{Handle, ask, deletions, entries, number};
use super::generated::brooklet::streams::types::{
    Bound, Deletion, Entry, EntryId, Error, Field, References,
};
use super::generated::exports::brooklet::streams::databases::DatabaseBorrow;
use super::generated::exports::brooklet::streams::streams::{
    AddOptions, Found, Guest, Idempotency, NewId, Position, ReadLimits, StreamInfo, Threshold,
    TrimOptions,
};
use super::read::{self, Waiting};
use super::words::Words;
use crate::reply::Unpacker;

impl Guest for Component {
    type PendingRead = Waiting;

    fn add(
        db: DatabaseBorrow<'_>,
        key: Vec<u8>,
        id: NewId,
        fields: Vec<Field>,
        options: AddOptions,
    ) -> Result<Option<EntryId>, Error> {
        let mut words = Words::of(&[b"XADD", &key]);
        words.flag("NOMKSTREAM", options.no_create);
        match &options.idempotency {
            None => {}
            Some(Idempotency::Explicit((producer, id))) => {
                for word in [b"IDMP", &producer[..], id] {
                    words.push(word);
                }
            }
            Some(Idempotency::Automatic(producer)) => {
                words.push(b"IDMPAUTO");
                words.push(producer);
            }
        }
        if let Some(trim) = &options.trim {
            push_trim(&mut words, trim);
        }
        push_new_id(&mut words, id);
        for field in &fields {
            words.push(&field.name);
            words.push(&field.value);
        }
        let id = ask(&db, &words)?.reply().id();
        Ok(id.map(|id| EntryId { ms: id.ms, seq: id.seq }))
    }

    fn length(db: DatabaseBorrow<'_>, key: Vec<u8>) -> Result<u64, Error> {
        number(&db, &Words::of(&[b"XLEN", &key]))
    }

    fn range(
        db: DatabaseBorrow<'_>,
        key: Vec<u8>,
        start: Bound,
        end: Bound,
        count: Option<u64>,
    ) -> Result<Vec<Entry>, Error> {
        let mut words = Words::of(&[b"XRANGE", &key]);
        words.bound(start, "-");
        words.bound(end, "+");
        words.option("COUNT", count);
        entries(&db, &words, false)
    }

    fn reverse_range(
        db: DatabaseBorrow<'_>,
        key: Vec<u8>,
        end: Bound,
        start: Bound,
        count: Option<u64>,
    ) -> Result<Vec<Entry>, Error> {
        let mut words = Words::of(&[b"XREVRANGE", &key]);
        words.bound(end, "+");
        words.bound(start, "-");
        words.option("COUNT", count);
        entries(&db, &words, false)
    }

    fn read(
        db: DatabaseBorrow<'_>,
        sources: Vec<(Vec<u8>, Position)>,
        limits: ReadLimits,
        wait: Option<u64>,
    ) -> Result<Found, Error> {
        let mut words = Words::of(&[b"XREAD"]);
        read::options(&mut words, &limits, wait);
        words.push(b"STREAMS");
        for (key, _) in &sources {
            words.push(key);
        }
        for (_, position) in &sources {
            push_position(&mut words, *position);
        }
        read::read(&db.get::<Handle>().0, &words, wait.is_some())
    }

    fn delete(
        db: DatabaseBorrow<'_>,
        key: Vec<u8>,
        references: References,
        ids: Vec<EntryId>,
    ) -> Result<Vec<Deletion>, Error> {
        let mut words = Words::of(&[b"XDELEX", &key]);
        words.references(references);
        words.id_block(&ids);
        deletions(&db, &words)
    }

    fn trim(db: DatabaseBorrow<'_>, key: Vec<u8>, options: TrimOptions) -> Result<u64, Error> {
        let mut words = Words::of(&[b"XTRIM", &key]);
        push_trim(&mut words, &options);
        number(&db, &words)
    }

    fn info(db: DatabaseBorrow<'_>, key: Vec<u8>) -> Result<StreamInfo, Error> {
        let answer = ask(&db, &Words::of(&[b"XINFO", b"STREAM", &key]))?;
        Ok(info(answer.reply()))
    }

    fn remove(db: DatabaseBorrow<'_>, key: Vec<u8>) -> Result<bool, Error> {
        Ok(number(&db, &Words::of(&[b"DEL", &key]))? > 0)
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

fn info(map: Unpacker<'_>) -> StreamInfo {
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
