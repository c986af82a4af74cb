//! A stream from a payload's value, in every form since Redis 5, with every contradiction refused.
//!
//! Each number of things is checked against the bytes that are left before anything is made of it.

use alloc::vec::Vec;

use super::listpack::ListpackReader;
use super::read::{Reader, raw_id};
use crate::id::EntryId;
use crate::span::{Span, Spans};
use crate::stream::{
    Counters, Group, Idempotency, IdempotencyLimits, Log, NewEntry, NewNode, Stream,
};
use crate::time::UnixMillis;

/// The forms of a stream, by what each was first to tell. The bytes are those of Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Form(u8);

impl Form {
    /// Redis 5: entries, groups, what is pending.
    const ENTRIES: Self = Self(15);
    /// Redis 7.0: the first ID and the highest deleted one, what was ever added and read.
    const COUNTERS: Self = Self(19);
    /// Redis 7.2: when consumers were active.
    const ACTIVE: Self = Self(21);
    /// Redis 8.6: idempotent producers.
    const IDEMPOTENCY: Self = Self(26);
    /// Redis 8.8: what was negatively acknowledged.
    pub(super) const NACKED: Self = Self(27);

    /// The form that a type byte stands for, if it stands for a stream.
    pub(super) fn of(byte: u8) -> Option<Self> {
        let forms = [Self::ENTRIES, Self::COUNTERS, Self::ACTIVE, Self::IDEMPOTENCY, Self::NACKED];
        forms.into_iter().find(|form| form.byte() == byte)
    }

    /// The type byte.
    pub(super) const fn byte(self) -> u8 {
        self.0
    }
}

/// The least bytes that one of these takes.
const NODE: usize = 17 + 7;
const GROUP: usize = 5;
const PENDING: usize = 16 + 8 + 1;
const CONSUMER: usize = 1 + 8 + 1;
const RAW_ID: usize = 16;
const PRODUCER: usize = 2;
const PRODUCED: usize = 3;

/// Reads a stream.
pub(super) fn stream(
    reader: &mut Reader<'_>,
    form: Form,
    limits: IdempotencyLimits,
    now: UnixMillis,
) -> Option<Stream> {
    let mut log = Log::default();
    let mut scratch = Fields::default();
    for _ in 0..reader.count(NODE)? {
        let primary = raw_id(&reader.string()?)?;
        let node = node(&reader.string()?, primary, &mut scratch)?;
        if !log.load(node) {
            return None;
        }
    }
    let counters = counters(reader, form)?;
    if !log.restore(&counters) {
        return None;
    }
    let mut stream = Stream::from_log(log, limits);
    for _ in 0..reader.count(GROUP)? {
        let (name, last_delivered_id) = (reader.string()?, reader.id()?);
        let entries_read = if form >= Form::COUNTERS {
            Some(reader.length()?).filter(|&read| read != u64::MAX)
        } else {
            stream.position(last_delivered_id)
        };
        let group = stream.load_group(&name, last_delivered_id, entries_read)?;
        self::group(reader, form, group)?;
    }
    if form >= Form::IDEMPOTENCY {
        *stream.idempotency_mut() = idempotency(reader, now)?;
    }
    Some(stream)
}

/// Reads what is told of all entries. In an empty stream from before the first ID was told, Redis
/// finds the greatest one there is.
fn counters(reader: &mut Reader<'_>, form: Form) -> Option<Counters> {
    let (len, last_id) = (reader.length()?, reader.id()?);
    let (first_id, max_deleted_id) = (EntryId::MAX, EntryId::MIN);
    let mut counters = Counters { len, last_id, first_id, max_deleted_id, entries_added: None };
    if form >= Form::COUNTERS {
        counters.first_id = reader.id()?;
        counters.max_deleted_id = reader.id()?;
        counters.entries_added = Some(reader.length()?);
    }
    Some(counters)
}

fn group(reader: &mut Reader<'_>, form: Form, group: &mut Group) -> Option<()> {
    for _ in 0..reader.count(PENDING)? {
        let (id, delivered_at) = (reader.raw_id()?, reader.millis()?);
        if !group.load_pending(id, delivered_at, reader.length()?) {
            return None;
        }
    }
    for _ in 0..reader.count(CONSUMER)? {
        let (name, seen_at) = (reader.string()?, reader.millis()?);
        let active_at = if form >= Form::ACTIVE { reader.millis()? } else { seen_at };
        let active_at = (active_at != -1).then_some(active_at);
        let owned = ids(reader)?;
        if !group.load_consumer(&name, seen_at, active_at, owned) {
            return None;
        }
    }
    let nacked = if form >= Form::NACKED { ids(reader)? } else { Ids(&[]) };
    group.load_nacked(nacked).then_some(())
}

/// Reads what is known of producers, but for what has expired. An idempotent ID that comes twice
/// stands for the first.
fn idempotency(reader: &mut Reader<'_>, now: UnixMillis) -> Option<Idempotency> {
    let (seconds, entries) = (reader.length()?, reader.length()?);
    if !(1..=86_400).contains(&seconds) || !(1..=10_000).contains(&entries) {
        return None;
    }
    let limits = IdempotencyLimits { seconds: seconds as u32, entries: entries as u32 };
    let mut idempotency = Idempotency::new(limits);
    for _ in 0..reader.count(PRODUCER)? {
        let (pid, count) = (reader.string()?, reader.count(PRODUCED)?);
        if count > 0 && idempotency.knows_producer(&pid) {
            return None;
        }
        for _ in 0..count {
            let (iid, id) = (reader.string()?, reader.id()?);
            if !idempotency.is_past(id, now) && idempotency.find(&pid, &iid).is_none() {
                idempotency.load(&pid, &iid, id);
            }
        }
    }
    idempotency.set_counters(reader.length()?, reader.length()?);
    Some(idempotency)
}

/// IDs of sixteen bytes each.
struct Ids<'a>(&'a [u8]);

fn ids<'a>(reader: &mut Reader<'a>) -> Option<Ids<'a>> {
    let count = reader.count(RAW_ID)?;
    Some(Ids(reader.take(count * RAW_ID as u64)?))
}

impl Iterator for Ids<'_> {
    type Item = EntryId;

    fn next(&mut self) -> Option<EntryId> {
        let (id, rest) = self.0.split_at_checked(RAW_ID)?;
        self.0 = rest;
        raw_id(id)
    }
}

/// The fields of one entry at a time, in memory that is used again.
#[derive(Default)]
struct Fields {
    bytes: Vec<u8>,
    spans: Vec<Span>,
}

impl Fields {
    /// Reads so many pairs of a name and a value, or only the names, or only the values. What is
    /// not read is empty.
    fn read(&mut self, list: &mut ListpackReader<'_>, count: i64, parts: [bool; 2]) -> Option<()> {
        self.bytes.clear();
        self.spans.clear();
        let count = usize::try_from(count).ok().filter(|&count| count <= list.left())?;
        for _ in 0..count {
            for part in parts {
                let start = self.bytes.len() as u32;
                if part {
                    list.next()?.push_text(&mut self.bytes);
                }
                self.spans.push(Span { start, end: self.bytes.len() as u32 });
            }
        }
        Some(())
    }

    fn spans(&self) -> Spans<'_> {
        Spans::new(&self.bytes, &self.spans)
    }
}

/// Reads a node whose listpack is whole and holds what it says.
fn node(bytes: &[u8], primary: EntryId, fields: &mut Fields) -> Option<NewNode> {
    let list = &mut ListpackReader::new(bytes)?;
    let (live, deleted, names) = (list.integer()?, list.integer()?, list.integer()?);
    fields.read(list, names, [true, false])?;
    if list.integer()? != 0 {
        return None;
    }
    let mut node = NewNode::new(primary, fields.spans());
    while !list.is_done() {
        let flags = list.integer()?;
        let (ms, seq) = (list.integer()? as u64, list.integer()? as u64);
        let primary_names = flags & 2 != 0;
        let count = if primary_names { names } else { list.integer()? };
        fields.read(list, count, [!primary_names, true])?;
        let elements = if primary_names { 3 + count } else { 4 + 2 * count };
        let id = EntryId::new(primary.ms.wrapping_add(ms), primary.seq.wrapping_add(seq));
        let live = flags & 1 == 0;
        let entry = NewEntry { id, live, primary_names, fields: fields.spans() };
        if list.integer()? != elements || !node.push(&entry) {
            return None;
        }
    }
    let told = (live, deleted) == (node.live() as i64, node.deleted() as i64);
    told.then_some(node)
}
