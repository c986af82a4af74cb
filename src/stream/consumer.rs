//! The consumers of one group: names, handles, and when they were last heard of.

use alloc::boxed::Box;

use crate::named::Named;
use crate::time::UnixMillis;

/// A handle of a consumer within its group; valid until that consumer is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConsumerId(u32);

impl ConsumerId {
    pub(super) const fn new(index: u32) -> Self {
        Self(index)
    }

    pub(super) const fn index(self) -> u32 {
        self.0
    }
}

/// A consumer of a group.
#[derive(Clone, Debug)]
pub struct Consumer {
    name: Box<[u8]>,
    seen_at: UnixMillis,
    active_at: Option<UnixMillis>,
}

impl Consumer {
    /// The name: any bytes, possibly none.
    #[must_use]
    pub const fn name(&self) -> &[u8] {
        &self.name
    }

    /// When it last asked for anything.
    #[must_use]
    pub const fn seen_at(&self) -> UnixMillis {
        self.seen_at
    }

    /// When it last became the owner of an entry; `None` when it never did.
    #[must_use]
    pub const fn active_at(&self) -> Option<UnixMillis> {
        self.active_at
    }
}

/// The consumers of a group, by handle and in the byte order of their names.
#[derive(Clone, Debug, Default)]
pub(super) struct Consumers {
    by_name: Named<Consumer>,
}

impl Consumers {
    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }

    pub(super) fn find(&self, name: &[u8]) -> Option<ConsumerId> {
        self.by_name.find(name).map(ConsumerId)
    }

    pub(super) fn get(&self, consumer: ConsumerId) -> Option<&Consumer> {
        self.by_name.at(consumer.0)
    }

    fn get_mut(&mut self, consumer: ConsumerId) -> Option<&mut Consumer> {
        self.by_name.at_mut(consumer.0)
    }

    /// Creates a consumer unless the name is taken; the flag says whether it was created.
    pub(super) fn create(&mut self, name: &[u8], now: UnixMillis) -> (ConsumerId, bool) {
        if let Some(consumer) = self.find(name) {
            return (consumer, false);
        }
        let consumer = Consumer { name: name.into(), seen_at: now, active_at: None };
        (ConsumerId(self.by_name.insert(name, consumer)), true)
    }

    /// Sets when a consumer was heard of.
    pub(super) fn date(
        &mut self,
        consumer: ConsumerId,
        seen_at: UnixMillis,
        active_at: Option<UnixMillis>,
    ) {
        if let Some(consumer) = self.get_mut(consumer) {
            (consumer.seen_at, consumer.active_at) = (seen_at, active_at);
        }
    }

    pub(super) fn delete(&mut self, consumer: ConsumerId) {
        let name = self.get(consumer).map(|consumer| consumer.name.clone());
        if let Some(name) = name {
            self.by_name.remove(&name);
        }
    }

    /// Notes that the consumer asked for something.
    pub(super) fn see(&mut self, consumer: ConsumerId, now: UnixMillis) {
        if let Some(consumer) = self.get_mut(consumer) {
            consumer.seen_at = now;
        }
    }

    /// Notes that the consumer became the owner of an entry.
    pub(super) fn activate(&mut self, consumer: ConsumerId, now: UnixMillis) {
        if let Some(consumer) = self.get_mut(consumer) {
            consumer.active_at = Some(now);
        }
    }

    /// Sets when a consumer was seen and active; the one at this place among the names.
    pub(super) fn set_times(
        &mut self,
        index: usize,
        seen_at: UnixMillis,
        active_at: Option<UnixMillis>,
    ) {
        let consumer = self.iter().nth(index).map(|(consumer, _)| consumer);
        if let Some(consumer) = consumer.and_then(|consumer| self.get_mut(consumer)) {
            (consumer.seen_at, consumer.active_at) = (seen_at, active_at);
        }
    }

    /// In the byte order of the names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (ConsumerId, &Consumer)> {
        self.by_name.iter().map(|(_, place, consumer)| (ConsumerId(place), consumer))
    }

    pub(super) fn memory_bytes(&self) -> usize {
        // Each name is there twice: in the index, and with its consumer.
        let names: usize = self.by_name.names().map(<[u8]>::len).sum();
        names + self.by_name.memory_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bytes_and_handles_are_used_again() {
        let mut consumers = Consumers::default();
        let (b, created) = consumers.create(b"b", 1);
        assert!(created);
        consumers.create(b"", 2);
        consumers.create(b"a\0\xff", 3);
        assert_eq!(consumers.create(b"b", 9), (b, false));
        let names: alloc::vec::Vec<_> =
            consumers.iter().map(|(_, consumer)| consumer.name()).collect();
        assert_eq!(names, [&b""[..], b"a\0\xff", b"b"]);
        consumers.delete(b);
        consumers.delete(b);
        assert_eq!((consumers.len(), consumers.find(b"b")), (2, None));
        assert!(consumers.get(b).is_none());
        let (reused, _) = consumers.create(b"c", 4);
        assert_eq!(reused, b);
        let seen = consumers.get(b).map(|consumer| (consumer.seen_at(), consumer.active_at()));
        assert_eq!(seen, Some((4, None)));
    }
}
