//! Rewrites state as a base: the fewest commands that make it again, a slice at a time.
//!
//! Nothing is lost that commands can say: entries that are gone and still pending come back as
//! placeholders, are made pending, and are removed again. What no command can say stands in
//! annotations: when consumers were seen and active, and how many idempotent IDs there ever were.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::frame::MARK;
use super::profile::{Losses, Profile};
use super::write::FrameWriter;
use crate::command::Effects;
use crate::id::EntryId;
use crate::keyspace::{Keyspace, Slot, Value};
use crate::number::{Decimal, push_u64};
use crate::stream::{Group, IdempotencyLimits, Log, Pending, Stream};
use crate::time::UnixMillis;

/// Entries or IDs in one step.
const BATCH: usize = 64;

/// What the annotation in front of consumers' times begins with, behind the mark.
pub(crate) const SEEN: &[u8] = b"1 seen";

/// The same for the counters of idempotent production.
pub(crate) const IIDS: &[u8] = b"1 iids";

/// What says that no entry of the stream was ever deleted, though placeholders were.
pub(crate) const INTACT: &[u8] = b"1 intact";

/// Where the rewrite stands within a stream.
#[derive(Clone, Copy, Debug)]
enum Stage {
    /// Entries and placeholders above this ID come next.
    Entries(Option<EntryId>),
    Position,
    /// This group, by its place among the names, comes next.
    Group(usize),
    /// Its pending entries behind this one come next.
    Pending(usize, Option<EntryId>),
    Idempotency,
    Removal,
    Done,
}

/// A stream that is being rewritten.
#[derive(Debug)]
struct Current {
    db: u32,
    key: Box<[u8]>,
    /// Entries that are gone, though something still refers to them.
    missing: Vec<EntryId>,
    stage: Stage,
}

/// State as it was at one moment, on its way into a base.
#[derive(Debug)]
pub(crate) struct Rewrite {
    keyspace: Keyspace,
    /// Keys that come next, last first.
    keys: Vec<(u32, Box<[u8]>)>,
    current: Option<Current>,
    effects: Effects,
    /// The limits of streams that need no command to have them.
    limits: IdempotencyLimits,
    profile: Profile,
    pub losses: Losses,
    /// How many frames there were.
    frames: u64,
    /// The last frame of the journal that the state holds.
    sequence: u64,
}

impl Rewrite {
    /// Begins with a copy of the keys; costs what copying them costs.
    pub(crate) fn new(
        keyspace: &Keyspace,
        limits: IdempotencyLimits,
        sequence: u64,
        profile: Profile,
    ) -> Self {
        let keyspace = keyspace.clone();
        let mut keys = Vec::new();
        for db in (0..keyspace.database_count()).rev() {
            keys.extend(keyspace.database(db).iter().map(|(name, _)| (db, name.into())));
        }
        let effects = Effects::new(true);
        let losses = Losses::default();
        let (current, frames) = (None, 0);
        Self { keyspace, keys, current, effects, limits, profile, losses, frames, sequence }
    }

    /// The next frame, with `bytes` of commands or a little more; the last one says so.
    pub(crate) fn next_frame(
        &mut self,
        writer: &FrameWriter,
        now: UnixMillis,
        bytes: usize,
    ) -> (Vec<u8>, bool) {
        while self.effects.bytes().len() < bytes && self.step() {}
        let commands = self.effects.bytes();
        if commands.is_empty() {
            return (writer.end_of_base(self.sequence, now), true);
        }
        let frame = writer.of_base(self.frames, commands, now);
        self.frames += 1;
        self.effects.clear();
        (frame, false)
    }

    /// Writes a little more; `false` when there is nothing left.
    fn step(&mut self) -> bool {
        let Some(mut current) = self.current.take() else { return self.next_key() };
        let Some(slot) = self.keyspace.database(current.db).get(&current.key) else { return true };
        let Value::Stream(stream) = &slot.value else { return true };
        let (effects, losses, profile) = (&mut self.effects, &mut self.losses, self.profile);
        let mut writer = StreamWriter { effects, losses, profile, current: &current, stream };
        let next = writer.step(self.limits);
        if matches!(next, Stage::Done) {
            write_expiry(&mut self.effects, current.db, &current.key, slot);
        } else {
            current.stage = next;
            self.current = Some(current);
        }
        true
    }

    fn next_key(&mut self) -> bool {
        let Some((db, key)) = self.keys.pop() else { return false };
        let Some(slot) = self.keyspace.database(db).get(&key) else { return true };
        match &slot.value {
            Value::String(value) => {
                self.effects.command(db, &[b"SET", &key, value]);
                write_expiry(&mut self.effects, db, &key, slot);
            }
            Value::Stream(stream) => {
                let missing = missing(stream, self.profile);
                self.current = Some(Current { db, key, missing, stage: Stage::Entries(None) });
            }
        }
        true
    }
}

fn write_expiry(effects: &mut Effects, db: u32, key: &[u8], slot: &Slot) {
    if let Some(at) = slot.expires_at() {
        effects.command(db, &[b"PEXPIREAT", key, Decimal::signed(at).as_bytes()]);
    }
}

/// Entries that are pending or have an idempotent ID, and are gone; ascending.
fn missing(stream: &Stream, profile: Profile) -> Vec<EntryId> {
    let mut cursor = stream.log().cursor();
    let mut missing = Vec::new();
    for (_, group) in stream.groups().iter() {
        let ids = group.pending_from(EntryId::MIN).map(|pending| pending.id);
        missing.extend(ids.filter(|&id| cursor.seek(id).is_none()));
    }
    if profile.is_idempotent() {
        for (_, producer) in stream.idempotency().producers() {
            let ids = producer.iter().map(|(_, id)| id);
            missing.extend(ids.filter(|&id| cursor.seek(id).is_none()));
        }
    }
    missing.sort_unstable();
    missing.dedup();
    missing
}

/// Writes the parts of one stream.
struct StreamWriter<'a> {
    effects: &'a mut Effects,
    losses: &'a mut Losses,
    profile: Profile,
    current: &'a Current,
    stream: &'a Stream,
}

impl StreamWriter<'_> {
    /// Writes the part that comes next, and returns the one after it.
    fn step(&mut self, limits: IdempotencyLimits) -> Stage {
        match self.current.stage {
            Stage::Entries(after) => self.entries(after),
            Stage::Position => {
                self.position();
                Stage::Group(0)
            }
            Stage::Group(index) => match self.stream.groups().iter().nth(index) {
                Some((name, group)) => {
                    self.group(name, group);
                    Stage::Pending(index, None)
                }
                None => Stage::Idempotency,
            },
            Stage::Pending(index, after) => match self.stream.groups().iter().nth(index) {
                Some((name, group)) => self.pending(index, name, group, after),
                None => Stage::Idempotency,
            },
            Stage::Idempotency => {
                self.idempotency(limits);
                Stage::Removal
            }
            Stage::Removal => {
                self.removal();
                Stage::Done
            }
            Stage::Done => Stage::Done,
        }
    }

    fn log(&self) -> &Log {
        self.stream.log()
    }

    /// A batch of entries, placeholders among them, in the order of their IDs.
    fn entries(&mut self, after: Option<EntryId>) -> Stage {
        let first = match after {
            None => EntryId::MIN,
            Some(id) => match id.successor() {
                Some(id) => id,
                None => return Stage::Position,
            },
        };
        let placeholders = &self.current.missing;
        let mut missing = placeholders.partition_point(|&id| id < first);
        let mut entries = self.stream.log().range(first, EntryId::MAX).peekable();
        let mut last = None;
        for _ in 0..BATCH {
            let placeholder = placeholders.get(missing).copied();
            let id = match (entries.peek(), placeholder) {
                (Some(entry), Some(id)) if id < entry.id => id,
                (Some(entry), _) => entry.id,
                (None, Some(id)) => id,
                (None, None) => break,
            };
            let entry = entries.next_if(|entry| entry.id == id);
            missing += usize::from(entry.is_none());
            let words = 3 + entry.as_ref().map_or(2, |entry| 2 * entry.len());
            if let Some(mut effect) = self.effects.begin(self.current.db, words) {
                effect.word(b"XADD").word(&self.current.key).id(id);
                match entry {
                    Some(entry) => entry.fields().for_each(|(field, value)| {
                        effect.word(field).word(value);
                    }),
                    None => {
                        effect.word(b"").word(b"");
                    }
                }
            }
            last = Some(id);
        }
        if last.is_some() {
            return Stage::Entries(last);
        }
        if after.is_none() {
            // Redis' own way to say that there is a stream, and that it is empty.
            let words: [&[u8]; 7] = [b"XADD", &self.current.key, b"MAXLEN", b"0", b"0-1", b"", b""];
            self.effects.command(self.current.db, &words);
        }
        Stage::Position
    }

    /// Before the groups, which count what they have read against what was added.
    fn position(&mut self) {
        let log = self.log();
        let shown = log.len() + self.current.missing.len() as u64;
        let added = Some(log.entries_added()).filter(|&added| added >= shown);
        // The last ID may be far below a placeholder where somebody has set it so.
        let last_placeholder = self.current.missing.last().copied().unwrap_or_default();
        self.set_id(log.last_id().max(last_placeholder), added);
    }

    fn set_id(&mut self, last_id: EntryId, added: Option<u64>) {
        let max_deleted_id = self.log().max_deleted_id().min(last_id);
        let words = 5 + 2 * usize::from(added.is_some());
        if let Some(mut effect) = self.effects.begin(self.current.db, words) {
            effect.word(b"XSETID").word(&self.current.key).id(last_id);
            if let Some(added) = added {
                effect.word(b"ENTRIESADDED").integer(added as i64);
            }
            effect.word(b"MAXDELETEDID").id(max_deleted_id);
        }
    }

    /// A group and its consumers; when these were seen comes behind what they own.
    fn group(&mut self, name: &[u8], group: &Group) {
        let (db, key) = (self.current.db, &*self.current.key);
        if let Some(mut effect) = self.effects.begin(db, 7) {
            let read = group.entries_read().map_or(-1, |read| read as i64);
            effect.word(b"XGROUP").word(b"CREATE").word(key).word(name);
            effect.id(group.last_delivered_id()).word(b"ENTRIESREAD").integer(read);
        }
        for (_, consumer) in group.consumers() {
            let words: [&[u8]; 5] = [b"XGROUP", b"CREATECONSUMER", key, name, consumer.name()];
            self.effects.command(db, &words);
        }
    }

    /// A batch of pending entries in the order of their deliveries, what nobody owns first.
    fn pending(
        &mut self,
        index: usize,
        name: &[u8],
        group: &Group,
        after: Option<EntryId>,
    ) -> Stage {
        let batch: Vec<Pending> = group.pending_by_time_after(after).take(BATCH).collect();
        let Some(last) = batch.last() else {
            self.seen(group);
            return Stage::Group(index + 1);
        };
        let alike = |one: &Pending, other: &Pending| {
            let of = |it: &Pending| (it.consumer, it.delivered_at, it.delivery_count);
            of(one) == of(other)
        };
        for run in batch.chunk_by(alike) {
            match run[0].consumer.and_then(|owner| group.consumer(owner)) {
                Some(owner) => self.claim(name, owner.name(), run),
                None if self.profile.gives_back() => self.give_back(name, run),
                None => {
                    self.losses.given_back += run.len() as u64;
                    self.claim(name, b"", run);
                }
            }
        }
        Stage::Pending(index, Some(last.id))
    }

    fn claim(&mut self, group: &[u8], owner: &[u8], run: &[Pending]) {
        let Some(mut effect) = self.effects.begin(self.current.db, 11 + run.len()) else { return };
        effect.word(b"XCLAIM").word(&self.current.key).word(group).word(owner).word(b"0");
        for pending in run {
            effect.id(pending.id);
        }
        effect.word(b"TIME").integer(run[0].delivered_at);
        effect.word(b"RETRYCOUNT").integer(run[0].delivery_count as i64);
        effect.word(b"JUSTID").word(b"FORCE");
    }

    fn give_back(&mut self, group: &[u8], run: &[Pending]) {
        let Some(mut effect) = self.effects.begin(self.current.db, 9 + run.len()) else { return };
        effect.word(b"XNACK").word(&self.current.key).word(group).word(b"FAIL");
        effect.word(b"IDS").integer(run.len() as i64);
        for pending in run {
            effect.id(pending.id);
        }
        effect.word(b"RETRYCOUNT").integer(run[0].delivery_count as i64).word(b"FORCE");
    }

    /// When each consumer was seen and active, in the order of their names; an annotation, some of
    /// them a line, for the group that was created last.
    fn seen(&mut self, group: &Group) {
        const TO_A_LINE: usize = 20;
        if !self.profile.gives_back() {
            return; // Nothing but Brooklet would read them, and there may be a consumer more.
        }
        let mut consumers = group.consumers().peekable();
        while consumers.peek().is_some() {
            let mut line = [MARK, SEEN].concat();
            for (_, consumer) in consumers.by_ref().take(TO_A_LINE) {
                line.push(b' ');
                line.extend_from_slice(Decimal::signed(consumer.seen_at()).as_bytes());
                line.push(b',');
                let active_at = consumer.active_at().unwrap_or(-1);
                line.extend_from_slice(Decimal::signed(active_at).as_bytes());
            }
            self.effects.annotation(&line);
        }
    }

    fn idempotency(&mut self, limits: IdempotencyLimits) {
        let (db, key) = (self.current.db, &*self.current.key);
        let idempotency = self.stream.idempotency();
        if !self.profile.is_idempotent() {
            let ids = idempotency.producers().map(|(_, producer)| producer.len() as u64);
            self.losses.idempotent_ids += ids.sum::<u64>();
            return;
        }
        let own = idempotency.limits();
        if own != limits
            && let Some(mut effect) = self.effects.begin(db, 6)
        {
            effect.word(b"XCFGSET").word(key);
            effect.word(b"IDMP-DURATION").integer(own.seconds.into());
            effect.word(b"IDMP-MAXSIZE").integer(own.entries.into());
        }
        let mut recorded = 0;
        for (pid, producer) in idempotency.producers() {
            for (iid, id) in producer.iter() {
                recorded += 1;
                if let Some(mut effect) = self.effects.begin(db, 5) {
                    effect.word(b"XIDMPRECORD").word(key).word(pid).word(iid).id(id);
                }
            }
        }
        if (idempotency.added(), idempotency.duplicates()) != (recorded, 0) {
            let mut line = [MARK, IIDS, b" "].concat();
            push_u64(&mut line, idempotency.added());
            line.push(b' ');
            push_u64(&mut line, idempotency.duplicates());
            self.effects.annotation(&line);
        }
    }

    /// Takes the placeholders away: those before the first entry by a trim, which leaves no trace,
    /// as it was then; the others by name.
    fn removal(&mut self) {
        let (db, key, log) = (self.current.db, &*self.current.key, self.stream.log());
        let missing = &self.current.missing;
        let first = if log.is_empty() { EntryId::MAX } else { log.first_id() };
        let (trimmed, deleted) = missing.split_at(missing.partition_point(|&id| id < first));
        if !trimmed.is_empty() && log.is_empty() {
            self.effects.command(db, &[b"XTRIM", key, b"MAXLEN", b"=", b"0"]);
        } else if !trimmed.is_empty() {
            self.effects.command(db, &[b"XTRIM", key, b"MINID", b"=", first.text().as_bytes()]);
        }
        for batch in deleted.chunks(BATCH) {
            if let Some(mut effect) = self.effects.begin(db, 2 + batch.len()) {
                effect.word(b"XDEL").word(key);
                for &id in batch {
                    effect.id(id);
                }
            }
        }
        if !missing.is_empty() {
            self.set_id(log.last_id(), Some(log.entries_added()));
        }
        // No command sets the greatest deleted ID back to none.
        if !deleted.is_empty() && log.max_deleted_id() == EntryId::MIN {
            self.effects.annotation(&[MARK, INTACT].concat());
        }
    }
}
