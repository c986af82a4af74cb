//! Idempotent production: which entry each producer's idempotent IDs (IIDs) stand for, for a while.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::id::EntryId;
use crate::named::Named;
use crate::time::UnixMillis;

/// How long and how many idempotent IDs are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdempotencyLimits {
    /// Seconds, counted from the millisecond in the entry's ID: 1 to 86,400.
    pub seconds: u32,
    /// Idempotent IDs of each producer: 1 to 10,000. The oldest makes way.
    pub entries: u32,
}

impl Default for IdempotencyLimits {
    fn default() -> Self {
        Self { seconds: 100, entries: 100 }
    }
}

/// One idempotent ID.
#[derive(Clone, Debug)]
struct Produced {
    iid: Box<[u8]>,
    id: EntryId,
}

/// The idempotent IDs of one producer, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Producer {
    by_iid: Named<Produced>,
    /// Places in `by_iid`, in the order of insertion.
    order: VecDeque<u32>,
}

impl Producer {
    /// How many idempotent IDs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is none: a producer whose first entry was refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Idempotent IDs and what they stand for, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], EntryId)> {
        let produced = self.order.iter().filter_map(|&place| self.by_iid.at(place));
        produced.map(|produced| (&*produced.iid, produced.id))
    }

    fn oldest(&self) -> Option<&Produced> {
        self.by_iid.at(*self.order.front()?)
    }

    fn drop_oldest(&mut self) {
        let oldest = self.oldest().map(|produced| produced.iid.clone());
        if let Some(iid) = oldest {
            self.by_iid.remove(&iid);
        }
        self.order.pop_front();
    }

    fn insert(&mut self, iid: &[u8], id: EntryId) {
        if let Some(known) = self.by_iid.find(iid) {
            // Only a journal says this again: the first one had expired when it was written.
            self.order.retain(|&place| place != known);
        }
        let place = self.by_iid.insert(iid, Produced { iid: iid.into(), id });
        self.order.push_back(place);
    }
}

/// What a stream knows about idempotent production.
#[derive(Clone, Debug)]
pub struct Idempotency {
    limits: IdempotencyLimits,
    producers: Named<Producer>,
    added: u64,
    duplicates: u64,
    /// Producers without an idempotent ID.
    empty: u32,
    /// No idempotent ID expires before this time.
    next_expiry: UnixMillis,
    /// When it was last looked for what is to be forgotten.
    looked_at: UnixMillis,
    /// Whether anything is ever forgotten: an idempotent ID has come, or the stream to a new key,
    /// since there was no producer.
    tracked: bool,
}

impl Default for Idempotency {
    fn default() -> Self {
        Self::new(IdempotencyLimits::default())
    }
}

impl Idempotency {
    /// Nothing was produced yet.
    #[must_use]
    pub fn new(limits: IdempotencyLimits) -> Self {
        Self {
            limits,
            producers: Named::default(),
            added: 0,
            duplicates: 0,
            empty: 0,
            next_expiry: UnixMillis::MAX,
            looked_at: UnixMillis::MIN,
            tracked: false,
        }
    }

    /// How long and how many idempotent IDs are kept.
    #[must_use]
    pub const fn limits(&self) -> IdempotencyLimits {
        self.limits
    }

    /// Changes the limits, as XCFGSET does: other limits forget every producer. Says whether they
    /// were others.
    pub fn configure(&mut self, limits: IdempotencyLimits) -> bool {
        let changed = limits != self.limits;
        if changed {
            self.limits = limits;
            self.producers = Named::default();
            self.empty = 0;
            self.tracked = false;
        }
        changed
    }

    /// How many idempotent IDs were ever added.
    #[must_use]
    pub const fn added(&self) -> u64 {
        self.added
    }

    /// How often an idempotent ID came again.
    #[must_use]
    pub const fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Sets both counters, as a stream that is loaded brings them.
    pub fn set_counters(&mut self, added: u64, duplicates: u64) {
        (self.added, self.duplicates) = (added, duplicates);
    }

    /// How many producers there are.
    #[must_use]
    pub fn producer_count(&self) -> usize {
        self.producers.len()
    }

    /// Producers by ID, in byte order.
    pub fn producers(&self) -> impl Iterator<Item = (&[u8], &Producer)> {
        self.producers.iter().map(|(pid, _, producer)| (pid, producer))
    }

    /// Whether a producer is known.
    #[must_use]
    pub fn knows_producer(&self, pid: &[u8]) -> bool {
        self.producers.find(pid).is_some()
    }

    /// Whether an idempotent ID for that entry is too old at `now`: it is not saved any more, and
    /// not loaded.
    #[must_use]
    pub fn is_past(&self, id: EntryId, now: UnixMillis) -> bool {
        expiry(self.limits, id) <= now
    }

    /// What an idempotent ID of a producer stands for.
    #[must_use]
    pub fn find(&self, pid: &[u8], iid: &[u8]) -> Option<EntryId> {
        let by_iid = &self.producers.get(pid)?.by_iid;
        by_iid.get(iid).map(|produced| produced.id)
    }

    /// Makes a producer known; Redis does so before it knows whether the entry can be added.
    /// One without any ID is forgotten as soon as time passes, if the stream has others.
    pub fn see_producer(&mut self, pid: &[u8]) {
        if self.producers.find(pid).is_none() {
            self.producers.get_or_default(pid);
            self.empty += 1;
        }
    }

    /// Counts an idempotent ID that came again.
    pub fn count_duplicate(&mut self) {
        self.duplicates = self.duplicates.wrapping_add(1);
    }

    /// Adds the newest idempotent ID of a producer and counts it. Above the limit, the oldest
    /// makes way.
    pub fn insert(&mut self, pid: &[u8], iid: &[u8], id: EntryId) {
        self.load(pid, iid, id);
        self.added = self.added.wrapping_add(1);
        let entries = self.limits.entries as usize;
        let producer = self.producers.get_or_default(pid);
        if producer.len() > entries {
            producer.drop_oldest();
            // It may have waited behind a younger one.
            if let Some(oldest) = producer.oldest() {
                self.next_expiry = self.next_expiry.min(expiry(self.limits, oldest.id));
            }
        }
    }

    /// Notes that the stream has come to a new key.
    pub fn settle(&mut self, now: UnixMillis) {
        self.expire(now);
        self.tracked = !self.producers.is_empty();
    }

    /// Adds an idempotent ID without counting it, as a stream that is loaded brings it.
    pub fn load(&mut self, pid: &[u8], iid: &[u8], id: EntryId) {
        self.see_producer(pid);
        let producer = self.producers.get_or_default(pid);
        self.empty -= u32::from(producer.is_empty());
        producer.insert(iid, id);
        self.tracked = true;
        self.next_expiry = self.next_expiry.min(expiry(self.limits, id));
    }

    /// Forgets, from the oldest on, the idempotent IDs whose time is over, and the producers that
    /// are left without any. One behind a younger one waits for it.
    ///
    /// Nobody can tell when this happens but by looking, so whoever looks calls it first. What is
    /// added stays until time passes, however old it is. It costs a step a producer when something
    /// may have expired, else none; with thousands of producers it lets some milliseconds pass in
    /// between, as Redis always does.
    pub fn expire(&mut self, now: UnixMillis) {
        const PRODUCERS_A_MILLISECOND: usize = 1024;
        let looked_at = core::mem::replace(&mut self.looked_at, now);
        if !self.tracked || now == looked_at {
            return;
        }
        if now < self.next_expiry && self.empty == 0 {
            return;
        }
        let limits = self.limits;
        self.next_expiry = UnixMillis::MAX;
        for producer in self.producers.things_mut() {
            while let Some(at) = producer.oldest().map(|oldest| expiry(limits, oldest.id)) {
                if at > now {
                    self.next_expiry = self.next_expiry.min(at);
                    break;
                }
                producer.drop_oldest();
            }
        }
        let empty = self.producers().filter(|(_, producer)| producer.is_empty());
        for pid in empty.map(|(pid, _)| pid.into()).collect::<Vec<Box<[u8]>>>() {
            self.producers.remove(&pid);
        }
        self.tracked = !self.producers.is_empty();
        self.empty = 0;
        let pause = (self.producers.len() / PRODUCERS_A_MILLISECOND) as UnixMillis;
        self.next_expiry = self.next_expiry.max(now.saturating_add(pause));
    }

    /// The bytes that producers and idempotent IDs hold. One step a producer.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let producer = |producer: &Producer| {
            let iids: usize = producer.by_iid.names().map(<[u8]>::len).sum();
            iids + producer.by_iid.memory_bytes() + producer.order.capacity() * size_of::<u32>()
        };
        let producers: usize = self.producers().map(|(_, it)| producer(it)).sum();
        producers + self.producers.memory_bytes()
    }

    /// Whether both know the same. Producers without an idempotent ID, of which no journal tells,
    /// do not matter.
    #[must_use]
    pub fn same_state(&self, other: &Self) -> bool {
        fn known(it: &Idempotency) -> impl Iterator<Item = (&[u8], &[u8], EntryId)> {
            it.producers()
                .flat_map(|(pid, producer)| producer.iter().map(move |(iid, id)| (pid, iid, id)))
        }
        let counters = |it: &Self| (it.limits, it.added, it.duplicates);
        counters(self) == counters(other) && known(self).eq(known(other))
    }
}

/// When an idempotent ID may be used again: by the entry's ID, not by when it was added.
fn expiry(limits: IdempotencyLimits, id: EntryId) -> UnixMillis {
    let at = id.ms.saturating_add(u64::from(limits.seconds) * 1000);
    UnixMillis::try_from(at).unwrap_or(UnixMillis::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(idempotency: &Idempotency, pid: &[u8]) -> Vec<u64> {
        let producer = idempotency.producers().find(|(name, _)| *name == pid);
        producer.map(|(_, it)| it.iter().map(|(_, id)| id.ms).collect()).unwrap_or_default()
    }

    #[test]
    fn the_oldest_makes_way_and_can_be_used_again() {
        let limits = IdempotencyLimits { seconds: 1, entries: 2 };
        let mut it = Idempotency::new(limits);
        for (iid, ms) in [(b"a", 1), (b"b", 2), (b"c", 3)] {
            it.insert(b"p", iid, EntryId::new(ms, 0));
        }
        assert_eq!(known(&it, b"p"), [2, 3]);
        assert_eq!((it.find(b"p", b"a"), it.find(b"q", b"b")), (None, None));
        it.insert(b"p", b"a", EntryId::new(4, 0));
        assert_eq!(known(&it, b"p"), [3, 4]);
        assert_eq!(it.added(), 4);
    }

    #[test]
    fn ids_expire_from_the_oldest_on() {
        let mut it = Idempotency::new(IdempotencyLimits { seconds: 1, entries: 9 });
        it.insert(b"p", b"future", EntryId::new(5000, 0));
        it.insert(b"p", b"past", EntryId::new(10, 0));
        it.insert(b"q", b"past", EntryId::new(10, 0));
        it.see_producer(b"phantom");
        assert_eq!(it.producer_count(), 3);
        it.expire(1009);
        assert_eq!((known(&it, b"q").len(), it.producer_count()), (1, 2));
        it.expire(1010);
        assert_eq!((known(&it, b"p"), it.producer_count()), ([5000, 10].to_vec(), 1));
        it.insert(b"q", b"never", EntryId::MAX);
        it.expire(6000);
        assert_eq!((it.producer_count(), known(&it, b"q").len()), (1, 1));
        it.expire(UnixMillis::MAX - 1);
        assert_eq!(it.producer_count(), 1);
    }

    #[test]
    fn what_is_too_old_stays_until_time_passes() {
        let mut it = Idempotency::default();
        it.see_producer(b"phantom");
        it.expire(1_000_000);
        assert_eq!(it.producer_count(), 1);
        it.insert(b"p", b"i", EntryId::new(1, 0));
        it.expire(1_000_000);
        assert_eq!(it.producer_count(), 2);
        it.expire(1_000_001);
        assert_eq!(it.producer_count(), 0);
        it.see_producer(b"phantom");
        it.expire(1_000_002);
        assert_eq!(it.producer_count(), 1);
        it.settle(1_000_003);
        assert_eq!(it.producer_count(), 1);
        it.expire(1_000_004);
        assert_eq!(it.producer_count(), 0);
    }

    #[test]
    fn who_waited_behind_a_younger_one_goes_when_that_has_made_way() {
        let mut it = Idempotency::new(IdempotencyLimits { seconds: 1, entries: 2 });
        it.insert(b"p", b"young", EntryId::new(5000, 0));
        it.insert(b"p", b"old", EntryId::new(10, 0));
        it.expire(4000);
        it.insert(b"p", b"new", EntryId::new(4000, 0));
        it.expire(4001);
        assert_eq!(known(&it, b"p"), [4000]);
    }

    #[test]
    fn other_limits_forget_producers_and_keep_counters() {
        let mut it = Idempotency::default();
        it.insert(b"p", b"i", EntryId::new(1, 0));
        it.count_duplicate();
        assert!(!it.configure(it.limits()));
        assert_eq!(it.producer_count(), 1);
        assert!(it.configure(IdempotencyLimits { seconds: 7, entries: 100 }));
        assert_eq!((it.producer_count(), it.added(), it.duplicates()), (0, 1, 1));
    }
}
