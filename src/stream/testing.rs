//! Short hand for the tests of this module.

use alloc::vec::Vec;

use super::block::BlockLimits;
use super::log::Log;
use crate::id::EntryId;
use crate::span::{Span, Spans};

/// The ID `ms-0`.
pub(super) const fn ms(ms: u64) -> EntryId {
    EntryId::new(ms, 0)
}

/// Blocks of `max_entries`, any number of bytes.
pub(super) const fn entries(max_entries: u64) -> BlockLimits {
    BlockLimits { max_entries, max_bytes: 0 }
}

/// Byte strings in one buffer, as arguments arrive.
pub(super) struct Strings {
    bytes: Vec<u8>,
    spans: Vec<Span>,
}

impl Strings {
    pub(super) fn new<T: AsRef<[u8]>>(strings: impl IntoIterator<Item = T>) -> Self {
        let mut packed = Self { bytes: Vec::new(), spans: Vec::new() };
        for string in strings {
            let start = packed.bytes.len() as u32;
            packed.bytes.extend_from_slice(string.as_ref());
            packed.spans.push(Span { start, end: packed.bytes.len() as u32 });
        }
        packed
    }

    pub(super) fn spans(&self) -> Spans<'_> {
        Spans::new(&self.bytes, &self.spans)
    }
}

/// Adds the pair `f` = `v`.
pub(super) fn add(log: &mut Log, id: EntryId, limits: BlockLimits) {
    let added = log.append(id, Strings::new(["f", "v"]).spans(), limits);
    assert_eq!(added, Ok(()), "{id}");
}

/// A log with the entries `1-0` … `last-0`.
pub(super) fn numbered(last: u64, limits: BlockLimits) -> Log {
    let mut log = Log::default();
    (1..=last).for_each(|number| add(&mut log, ms(number), limits));
    log
}

/// The milliseconds of all live entries.
pub(super) fn times(log: &Log) -> Vec<u64> {
    log.range(EntryId::MIN, EntryId::MAX).map(|entry| entry.id.ms).collect()
}
