//! How far a group has read: its logical position and its lag, where these can be known.

use super::log::{Log, MAX_ENTRIES_ADDED};
use crate::id::EntryId;

/// Whether an entry at or above `from` may have been deleted. Only the highest deleted ID is
/// known, and trimming does not count as deletion.
fn tombstone_ahead(log: &Log, from: EntryId) -> bool {
    !log.is_empty() && log.max_deleted_id() != EntryId::MIN && from <= log.max_deleted_id()
}

/// How many entries had been added up to and including `id`; `None` when that is unknown.
pub(super) fn position(log: &Log, id: EntryId) -> Option<u64> {
    let added = log.entries_added();
    if added == 0 || log.is_empty() && id <= log.last_id() {
        return Some(added);
    }
    if id != EntryId::MIN && id < log.max_deleted_id() {
        return None;
    }
    if id >= log.last_id() {
        return (id == log.last_id()).then_some(added);
    }
    // A highest deleted ID of 0-0 also lies below the first entry, and nothing does below 0-0.
    let intact = log.max_deleted_id() == EntryId::MIN || log.max_deleted_id() < log.first_id();
    if !intact || id > log.first_id() {
        return None;
    }
    let before = added.saturating_sub(log.len());
    Some(if id < log.first_id() { before } else { before.saturating_add(1) })
}

/// What a group's `entries_read` becomes when the entry at `delivered` follows `last_delivered`.
pub(super) fn after_delivery(
    log: &Log,
    last_delivered: EntryId,
    entries_read: Option<u64>,
    delivered: EntryId,
) -> Option<u64> {
    match entries_read {
        Some(read) if last_delivered >= log.first_id() && !tombstone_ahead(log, last_delivered) => {
            Some(read.saturating_add(1).min(MAX_ENTRIES_ADDED))
        }
        _ if log.entries_added() > 0 => position(log, delivered),
        unchanged => unchanged,
    }
}

/// How many entries the group has not been delivered; `None` when that is unknown. Not clamped:
/// a wrong ENTRIESREAD gives a wrong lag.
pub(super) fn lag(log: &Log, last_delivered: EntryId, entries_read: Option<u64>) -> Option<i64> {
    let added = log.entries_added();
    if added == 0 || log.is_empty() {
        return Some(0);
    }
    if last_delivered < log.first_id() && log.max_deleted_id() < log.first_id() {
        return Some(log.len() as i64);
    }
    let read = match entries_read {
        Some(read) if !tombstone_ahead(log, last_delivered) => read,
        _ => position(log, last_delivered)?,
    };
    Some((added as i64).saturating_sub(read as i64))
}

#[cfg(test)]
mod tests {
    use super::super::log::Sweep;
    use super::super::testing::{add, entries, ms, numbered};
    use super::*;

    /// One group on one log.
    struct Reader {
        log: Log,
        last: EntryId,
        read: Option<u64>,
    }

    impl Reader {
        /// A group at `last` over the entries 1-0 … 5-0.
        fn at(last: u64, read: Option<u64>) -> Self {
            Self { log: numbered(5, entries(100)), last: ms(last), read }
        }

        fn read(mut self, times: usize) -> Self {
            for _ in 0..times {
                let next = self.last.successor().expect("below the maximum");
                let entry = self.log.range(next, EntryId::MAX).next().expect("an entry is left");
                self.read = after_delivery(&self.log, self.last, self.read, entry.id);
                self.last = entry.id;
            }
            self
        }

        fn add(mut self, number: u64) -> Self {
            add(&mut self.log, ms(number), entries(100));
            self
        }

        fn delete(mut self, numbers: &[u64]) -> Self {
            assert!(numbers.iter().all(|&number| self.log.delete(ms(number))));
            self
        }

        /// Trims the entries that `gone` names, wherever they are.
        fn trim(mut self, gone: &[u64]) -> Self {
            let decide = |id: EntryId| {
                if gone.contains(&id.ms) { Sweep::Delete } else { Sweep::Keep }
            };
            let removed = self.log.sweep(ms(1), decide);
            assert_eq!(removed, gone.len() as u64);
            if self.log.len() == removed {
                self.log.drop_block(ms(1));
            }
            self.log.finish_trim(removed);
            self
        }

        fn set_id(mut self, last: u64, added: Option<u64>) -> Self {
            self.log.set_id(ms(last), added, None);
            self
        }

        fn shows(self, read: Option<u64>, expected: Option<i64>) -> Self {
            assert_eq!((self.read, lag(&self.log, self.last, self.read)), (read, expected));
            self
        }
    }

    #[test]
    fn reading_from_the_start_or_the_end() {
        let at = Reader::at;
        at(0, None)
            .shows(None, Some(5))
            .read(1)
            .shows(Some(1), Some(4))
            .read(4)
            .shows(Some(5), Some(0));
        at(0, None).read(5).add(6).shows(Some(5), Some(1));
        let end = at(5, None).shows(None, Some(0)).add(6).shows(None, None);
        end.read(1).shows(Some(6), Some(0));
        at(1, None).shows(None, Some(4)).read(1).shows(None, None);
        at(3, None).shows(None, None).read(1).shows(None, None).read(1).shows(Some(5), Some(0));
        at(9, None).shows(None, None);
    }

    #[test]
    fn a_given_counter_is_believed() {
        Reader::at(3, Some(3)).shows(Some(3), Some(2)).read(1).shows(Some(4), Some(1));
        Reader::at(0, Some(3)).shows(Some(3), Some(5)).read(1).shows(Some(1), Some(4));
        Reader::at(5, Some(5)).shows(Some(5), Some(0));
    }

    #[test]
    fn deletions_hide_the_position() {
        let at = || Reader::at(0, None);
        at().delete(&[1]).shows(None, Some(4)).read(1).shows(Some(2), Some(3));
        let hole = at().delete(&[3]).shows(None, None);
        let hole = hole.read(1).shows(None, None).read(1).shows(None, None);
        hole.read(1).shows(None, None).read(1).shows(Some(5), Some(0));
        at().read(1).delete(&[3]).shows(Some(1), None).read(1).shows(None, None);
        at().read(3).delete(&[2]).shows(Some(3), Some(2));
        at().read(3).delete(&[3]).shows(Some(3), None).read(1).shows(None, None);
        at().delete(&[5]).shows(None, None).read(4).shows(None, None);
        at().delete(&[1, 2, 3, 4, 5]).add(6).shows(None, Some(1));
    }

    #[test]
    fn trimming_does_not_hide_it() {
        let at = || Reader::at(0, None);
        let behind = at().read(1).trim(&[1, 2, 3]).shows(Some(1), Some(2));
        behind.read(1).shows(Some(4), Some(1));
        at().read(3).trim(&[1]).shows(Some(3), Some(2));
        let empty = at().trim(&[1, 2, 3, 4, 5]).shows(None, Some(0));
        empty.add(6).shows(None, Some(1)).read(1).shows(Some(6), Some(0));
        for last in [3, 9] {
            let emptied = Reader::at(last, None).trim(&[1, 2, 3, 4, 5]);
            emptied.add(10).shows(None, Some(1));
        }
        at().add(6).trim(&[3, 4]).read(2).shows(Some(4), Some(2));
    }

    #[test]
    fn a_set_last_id_moves_the_numbers() {
        Reader::at(0, None).set_id(9, None).read(5).shows(Some(5), Some(0));
        let far = Reader::at(0, None).set_id(5, Some(100)).shows(None, Some(5));
        far.read(1).shows(Some(96), Some(4));
    }
}
