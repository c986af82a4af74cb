//! Random operations against a model of plain maps and vectors.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::testing::{Strings, entries};
use super::*;

const NAMES: [&[u8]; 3] = [b"a", b"b", b"c"];

#[derive(Clone, Debug)]
enum Operation {
    Add { times: u64, gap: u64, fields: Vec<(u8, u16)> },
    Delete(usize),
    Trim { keep: u64, by_id: bool, erase: bool },
    Read { consumer: usize, count: u64 },
    ReadIdle { consumer: usize, min_idle: i64, count: u64 },
    History { consumer: usize },
    Rewind(usize),
    Ack(usize),
    Claim { entry: usize, consumer: usize, age: i64, force: bool },
    AutoClaim { consumer: usize, start: usize, count: u64 },
    Nack { entry: usize, force: bool },
    DeleteConsumer(usize),
    Wait(i64),
}

fn operation() -> impl Strategy<Value = Operation> {
    let entry = || 0..1000usize;
    let consumer = || 0..NAMES.len();
    let fields = prop::collection::vec((0..3u8, 0..140u16), 1..3);
    prop_oneof![
        8 => (1..9u64, 0..3u64, fields)
            .prop_map(|(times, gap, fields)| Operation::Add { times, gap, fields }),
        2 => entry().prop_map(Operation::Delete),
        1 => (0..90u64, any::<bool>(), any::<bool>())
            .prop_map(|(keep, by_id, erase)| Operation::Trim { keep, by_id, erase }),
        4 => (consumer(), 0..9u64)
            .prop_map(|(consumer, count)| Operation::Read { consumer, count }),
        2 => (consumer(), 0..50i64, 0..9u64).prop_map(|(consumer, min_idle, count)| {
            Operation::ReadIdle { consumer, min_idle, count }
        }),
        1 => consumer().prop_map(|consumer| Operation::History { consumer }),
        1 => entry().prop_map(Operation::Rewind),
        6 => entry().prop_map(Operation::Ack),
        3 => (entry(), consumer(), 0..40i64, any::<bool>()).prop_map(
            |(entry, consumer, age, force)| Operation::Claim { entry, consumer, age, force }
        ),
        1 => (consumer(), entry(), 1..9u64).prop_map(|(consumer, start, count)| {
            Operation::AutoClaim { consumer, start, count }
        }),
        4 => (entry(), any::<bool>()).prop_map(|(entry, force)| Operation::Nack { entry, force }),
        1 => consumer().prop_map(Operation::DeleteConsumer),
        3 => (0..20i64).prop_map(Operation::Wait),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    id: EntryId,
    owner: Option<usize>,
    at: i64,
    count: u64,
}

/// One stream with one group, as simple as can be.
#[derive(Default)]
struct Model {
    entries: BTreeMap<EntryId, Vec<Vec<u8>>>,
    added: Vec<EntryId>,
    delivered: EntryId,
    /// In delivery order.
    rows: Vec<Row>,
    zone: usize,
}

impl Model {
    /// An ID that was added once, or rarely one that never was.
    fn id(&self, index: usize) -> EntryId {
        let index = index % (self.added.len() + 2);
        self.added.get(index).copied().unwrap_or(EntryId::new(index as u64, 77))
    }

    fn take(&mut self, id: EntryId) -> Option<Row> {
        let index = self.rows.iter().position(|row| row.id == id)?;
        self.zone -= usize::from(index < self.zone);
        Some(self.rows.remove(index))
    }

    fn put(&mut self, row: Row) {
        let later = self.rows[self.zone..].iter().rev().take_while(|other| other.at > row.at);
        let index = self.rows.len() - later.count();
        self.rows.insert(index, row);
    }

    fn nack(&mut self, id: EntryId, count: u64) {
        self.take(id);
        self.rows.insert(self.zone, Row { id, owner: None, at: 0, count });
        self.zone += 1;
    }

    fn remove_below(&mut self, keep: u64, by_id: bool) -> (Threshold, Vec<EntryId>) {
        let ids: Vec<_> = self.entries.keys().copied().collect();
        let (threshold, gone) = if by_id {
            let min = self.id(keep as usize);
            (Threshold::MinId(min), ids.iter().filter(|&&id| id < min).count())
        } else {
            (Threshold::MaxLength(keep), ids.len().saturating_sub(keep as usize))
        };
        self.entries.retain(|id, _| !ids[..gone].contains(id));
        (threshold, ids[..gone].to_vec())
    }
}

/// The stream and the model side by side.
struct Pair {
    stream: Stream,
    model: Model,
    limits: BlockLimits,
    now: i64,
}

impl Pair {
    fn new(block: u64) -> Self {
        let mut stream = Stream::default();
        stream.create_group(b"g", EntryId::MIN, None);
        Self { stream, model: Model::default(), limits: entries(block), now: 1000 }
    }

    fn group(&mut self, consumer: usize) -> (&mut Group, &Log, ConsumerId) {
        let (group, log) = self.stream.group_mut(b"g").expect("created at the start");
        let (consumer, _) = group.see_consumer(NAMES[consumer], self.now);
        (group, log, consumer)
    }

    fn run(&mut self, operation: Operation) {
        let now = self.now;
        match operation {
            Operation::Add { times, gap, fields } => {
                (0..times).for_each(|_| self.add(gap, &fields));
            }
            Operation::Delete(entry) => {
                let id = self.model.id(entry);
                let there = self.model.entries.remove(&id).is_some();
                assert_eq!(self.stream.delete(id, References::Keep) == Deletion::Deleted, there);
            }
            Operation::Trim { keep, by_id, erase } => self.trim(keep, by_id, erase),
            Operation::Rewind(entry) => {
                let id = self.model.id(entry);
                let (group, _, _) = self.group(0);
                group.set_position(id, None);
                self.model.delivered = id;
            }
            Operation::Ack(entry) => {
                let id = self.model.id(entry);
                let there = self.model.take(id).is_some();
                assert_eq!(self.group(0).0.ack(id), there);
            }
            Operation::Nack { entry, force } => {
                let id = self.model.id(entry);
                let known = self.model.rows.iter().find(|row| row.id == id).map(|row| row.count);
                let forced = (force && self.model.entries.contains_key(&id)).then_some(0);
                if let Some(count) = known.or(forced) {
                    self.model.nack(id, count);
                }
                let nack = Nack { mode: NackMode::Fail, retry_count: None, force };
                let (group, log, _) = self.group(0);
                assert_eq!(group.nack(log, id, &nack), known.or(forced).is_some());
            }
            Operation::DeleteConsumer(owner) => {
                let (group, _, _) = self.group(owner);
                let deleted = group.delete_consumer(NAMES[owner]).expect("seen just now");
                let before = self.model.rows.len();
                self.model.rows.retain(|row| row.owner != Some(owner));
                assert_eq!(deleted, before - self.model.rows.len());
            }
            Operation::Wait(millis) => self.now = now + millis,
            delivery => self.deliver(delivery),
        }
    }

    fn add(&mut self, gap: u64, fields: &[(u8, u16)]) {
        let last = self.model.added.last().copied().unwrap_or_default();
        let seq = if gap == 0 { last.seq + 1 } else { 0 };
        let id = EntryId::new(last.ms + gap, seq);
        let pair = |&(name, length): &(u8, u16)| {
            [vec![b'f', name], (0..length).map(|byte| byte as u8).collect()]
        };
        let strings: Vec<_> = fields.iter().flat_map(pair).collect();
        let packed = Strings::new(&strings);
        assert_eq!(self.stream.log_mut().append(id, packed.spans(), self.limits), Ok(()));
        self.model.entries.insert(id, strings);
        self.model.added.push(id);
    }

    fn trim(&mut self, keep: u64, by_id: bool, erase: bool) {
        let (threshold, gone) = self.model.remove_below(keep, by_id);
        let references = if erase { References::Delete } else { References::Keep };
        if erase {
            for &id in &gone {
                self.model.take(id);
            }
        }
        let trim = Trim { threshold, approximate: false, limit: None, references };
        assert_eq!(self.stream.trim(&trim, self.limits), gone.len() as u64);
    }

    fn deliver(&mut self, operation: Operation) {
        match operation {
            Operation::Read { consumer, count } => self.read(consumer, count),
            Operation::ReadIdle { consumer, min_idle, count } => {
                self.read_idle(consumer, min_idle, count);
            }
            Operation::History { consumer } => self.history(consumer),
            Operation::Claim { entry, consumer, age, force } => {
                self.claim(entry, consumer, age, force);
            }
            Operation::AutoClaim { consumer, start, count } => {
                self.autoclaim(consumer, start, count);
            }
            other => unreachable!("{other:?} delivers nothing"),
        }
    }

    fn read(&mut self, owner: usize, count: u64) {
        let limit = if count == 0 { usize::MAX } else { count as usize };
        let after = self.model.delivered.successor().expect("far from the maximum");
        let ids: Vec<_> =
            self.model.entries.range(after..).map(|(&id, _)| id).take(limit).collect();
        for &id in &ids {
            let known = self.model.take(id).is_some();
            let row = Row { id, owner: Some(owner), at: self.now, count: 1 };
            if known {
                self.model.put(row);
            } else {
                self.model.rows.push(row);
            }
            self.model.delivered = id;
        }
        let now = self.now;
        let (group, log, consumer) = self.group(owner);
        let run = group.read_new(log, consumer, count, false, now);
        assert_eq!(run.map_or(0, |run| run.count as usize), ids.len());
        assert_eq!(
            run.map(|run| (run.first, run.last)),
            ids.first().copied().zip(ids.last().copied())
        );
    }

    fn read_idle(&mut self, owner: usize, min_idle: i64, count: u64) {
        let limit = if count == 0 { usize::MAX } else { count as usize };
        let idle = |row: &&Row| self.now - row.at >= min_idle;
        let live = |row: &&Row| self.model.entries.contains_key(&row.id);
        let rows: Vec<_> =
            self.model.rows.iter().take_while(idle).filter(live).take(limit).copied().collect();
        for row in &rows {
            self.redeliver(row.id, owner, self.now, row.count + 1);
        }
        let now = self.now;
        let (group, log, consumer) = self.group(owner);
        let claimed = group.read_idle(log, consumer, min_idle, count, now, &mut |_, _| true);
        let expected = rows.iter().map(|row| (row.id, now - row.at, row.count));
        assert!(claimed.iter().map(|c| (c.id, c.idle, c.delivery_count)).eq(expected));
    }

    fn history(&mut self, owner: usize) {
        let mine = self.model.rows.iter().filter(|row| row.owner == Some(owner));
        let mut rows: Vec<_> = mine.copied().collect();
        rows.sort_by_key(|row| row.id);
        for row in &rows {
            if self.model.entries.contains_key(&row.id) {
                self.redeliver(row.id, owner, self.now, row.count + 1);
            }
        }
        let now = self.now;
        let (group, log, consumer) = self.group(owner);
        let history = group.read_history(log, consumer, EntryId::MIN, 0, now, &mut |_, _| true);
        assert!(history.iter().map(|entry| entry.id).eq(rows.iter().map(|row| row.id)));
    }

    fn claim(&mut self, entry: usize, owner: usize, age: i64, force: bool) {
        let id = self.model.id(entry);
        let row = self.model.rows.iter().find(|row| row.id == id).copied();
        let exists = self.model.entries.contains_key(&id);
        let at = self.now - age;
        match row {
            _ if !exists => {
                self.model.take(id);
            }
            Some(row) => self.redeliver(id, owner, at, row.count + 1),
            None if force => self.redeliver(id, owner, at, 2),
            None => {}
        }
        let now = self.now;
        let (group, log, consumer) = self.group(owner);
        let claim = Claim {
            consumer,
            min_idle: 0,
            delivered_at: at,
            retry_count: None,
            force,
            just_id: false,
        };
        let outcome = group.claim(&mut log.cursor(), id, &claim, now);
        match (exists, row) {
            (false, Some(_)) => assert!(matches!(outcome, Claimed::Dropped(_))),
            (true, Some(_)) => assert!(matches!(outcome, Claimed::Entry(_))),
            (true, None) if force => assert!(matches!(outcome, Claimed::Entry(_))),
            (_, None) => assert_eq!(outcome, Claimed::Skipped),
        }
    }

    fn autoclaim(&mut self, owner: usize, start: usize, count: u64) {
        let start = self.model.id(start);
        let mut rows: Vec<_> =
            self.model.rows.iter().filter(|row| row.id >= start).copied().collect();
        rows.sort_by_key(|row| row.id);
        let next = rows.get(count as usize).map(|row| row.id);
        rows.truncate(count as usize);
        for row in &rows {
            if self.model.entries.contains_key(&row.id) {
                self.redeliver(row.id, owner, self.now, row.count + 1);
            } else {
                self.model.take(row.id);
            }
        }
        let now = self.now;
        let (group, log, consumer) = self.group(owner);
        let claim = AutoClaim { consumer, min_idle: 0, start, count, just_id: false };
        let found = group.autoclaim(log, &claim, now);
        assert_eq!((found.next, found.claimed.len() + found.dropped.len()), (next, rows.len()));
    }

    fn redeliver(&mut self, id: EntryId, owner: usize, at: i64, count: u64) {
        self.model.take(id);
        self.model.put(Row { id, owner: Some(owner), at, count });
    }

    fn check(&self) {
        let log = self.stream.log();
        let group = self.stream.groups().get(b"g").expect("never destroyed");
        let strings = |entry: Entry<'_>| -> (EntryId, Vec<Vec<u8>>) {
            (entry.id, entry.fields().flat_map(|(f, v)| [f.to_vec(), v.to_vec()]).collect())
        };
        let expected = self.model.entries.iter().map(|(&id, strings)| (id, strings.clone()));
        assert!(log.range(EntryId::MIN, EntryId::MAX).map(strings).eq(expected.clone()));
        assert!(log.range(EntryId::MIN, EntryId::MAX).rev().map(strings).eq(expected.rev()));
        let ends = self.model.entries.keys().next().zip(self.model.entries.keys().next_back());
        let ends = ends.map_or_else(Default::default, |(&first, &last)| (first, last));
        assert_eq!((log.first_id(), log.last_live_id()), ends);
        assert_eq!(log.len(), self.model.entries.len() as u64);
        let row = |pending: Pending| Row {
            id: pending.id,
            owner: NAMES.iter().position(|name| *name == group.owner_name(&pending)),
            at: pending.delivered_at,
            count: pending.delivery_count,
        };
        assert!(group.pending_by_time().map(row).eq(self.model.rows.iter().copied()));
        assert_eq!(group.nacked_count(), self.model.zone);
        let mut sorted = self.model.rows.clone();
        sorted.sort_by_key(|row| row.id);
        assert!(group.pending_from(EntryId::MIN).map(row).eq(sorted.iter().copied()));
        for (consumer, known) in group.consumers() {
            let owner = NAMES.iter().position(|name| *name == known.name());
            let expected = sorted.iter().filter(|row| row.owner == owner).copied();
            assert!(group.owned_from(consumer, EntryId::MIN).map(row).eq(expected.clone()));
            assert_eq!(group.owned_count(consumer), expected.count());
        }
    }

    /// Look-ups of everything that was ever added, in order and out of it.
    fn check_look_ups(&self) {
        let log = self.stream.log();
        let group = self.stream.groups().get(b"g").expect("never destroyed");
        let mut cursor = log.cursor();
        for (index, &id) in self.model.added.iter().enumerate() {
            let exists = self.model.entries.contains_key(&id);
            assert_eq!((cursor.seek(id).is_some(), log.contains(id)), (exists, exists));
            let other = self.model.id(index * 31 % self.model.added.len());
            let first = self.model.entries.range(other..).next().map(|(&id, _)| id);
            let last = self.model.entries.range(..=other).next_back().map(|(&id, _)| id);
            assert_eq!(log.range(other, EntryId::MAX).next().map(|entry| entry.id), first);
            assert_eq!(log.range(EntryId::MIN, other).next_back().map(|entry| entry.id), last);
            let pending = self.model.rows.iter().any(|row| row.id == id);
            assert_eq!(group.pending(id).is_some(), pending);
        }
        assert!(self.stream.clone().same_state(&self.stream));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_session_agrees_with_the_model(
        block in prop_oneof![Just(1u64), Just(3), Just(40), Just(0)],
        operations in prop::collection::vec(operation(), 1..150),
    ) {
        let mut pair = Pair::new(block);
        for operation in operations {
            pair.run(operation);
            pair.check();
        }
        pair.check_look_ups();
    }
}
