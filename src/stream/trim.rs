//! Trimming, block by block as Redis does it, so that `~` and LIMIT give Redis' own numbers.

use super::block::BlockLimits;
use super::groups::{Groups, References};
use super::log::{Log, Sweep};
use crate::id::EntryId;

/// The most entries that an approximate trim without LIMIT removes.
const MAX_DEFAULT_LIMIT: u64 = 1_000_000;

/// What to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// The newest so many entries.
    MaxLength(u64),
    /// The entries from this ID on.
    MinId(EntryId),
}

/// A trimming strategy with its options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trim {
    /// What to keep.
    pub threshold: Threshold,
    /// `~`: where whole blocks can go, and no further.
    pub approximate: bool,
    /// LIMIT, for an approximate trim: how many entries may go; 0 for any number, `None` for a
    /// hundred blocks' worth.
    pub limit: Option<u64>,
    /// What happens to entries that groups refer to.
    pub references: References,
}

impl Trim {
    fn effective_limit(&self, blocks: BlockLimits) -> u64 {
        let unlimited_if_zero = |limit| if limit == 0 { u64::MAX } else { limit };
        match (self.approximate, self.limit) {
            (false, _) => u64::MAX,
            (true, Some(limit)) => unlimited_if_zero(limit),
            (true, None) if blocks.max_entries == 0 => 10_000,
            (true, None) => blocks.max_entries.saturating_mul(100).min(MAX_DEFAULT_LIMIT),
        }
    }

    fn is_met(&self, length: u64) -> bool {
        matches!(self.threshold, Threshold::MaxLength(max) if length <= max)
    }
}

/// Trims and returns how many entries went. Counters that deletion by name changes stay.
pub(super) fn trim(log: &mut Log, groups: &mut Groups, trim: &Trim, blocks: BlockLimits) -> u64 {
    let limit = trim.effective_limit(blocks);
    let length = log.len();
    let mut removed = 0;
    let mut visited = None;
    while let Some((primary, block)) = log.block_after(visited) {
        let left = length - removed;
        let live = block.live();
        if trim.is_met(left) || live > limit - removed {
            break;
        }
        let eligible = match trim.threshold {
            Threshold::MaxLength(max) => left - live >= max,
            Threshold::MinId(min) => block.last() < min,
        };
        if eligible && trim.references == References::Keep {
            log.drop_block(primary);
            removed += live;
            continue;
        }
        if trim.approximate && trim.references == References::Keep {
            break;
        }
        let swept = sweep(log, groups, trim, primary, left);
        removed += swept;
        if eligible && swept == live {
            log.drop_block(primary);
        } else if !eligible {
            break;
        }
        visited = Some(primary);
    }
    log.finish_trim(removed);
    removed
}

/// Removes entry by entry from one block and returns how many went.
fn sweep(log: &mut Log, groups: &mut Groups, trim: &Trim, primary: EntryId, length: u64) -> u64 {
    let mut left = length;
    log.sweep(primary, |id| {
        let done = match trim.threshold {
            Threshold::MaxLength(max) => left <= max,
            Threshold::MinId(min) => id >= min,
        };
        if done {
            return Sweep::Stop;
        }
        match trim.references {
            References::Acked if groups.refer_to(id) => return Sweep::Keep,
            References::Delete => groups.erase(id),
            References::Acked | References::Keep => {}
        }
        left -= 1;
        Sweep::Delete
    })
}

#[cfg(test)]
mod tests {
    use super::super::Stream;
    use super::super::testing::{add, entries, ms, times};
    use super::*;
    use alloc::vec::Vec;

    /// A stream of 1-0 … last-0 in blocks of `size`.
    fn stream(last: u64, size: u64) -> Stream {
        let mut stream = Stream::default();
        (1..=last).for_each(|number| add(stream.log_mut(), ms(number), entries(size)));
        stream
    }

    /// The same, with everything delivered to `c` in the group `g` and `acked` acknowledged.
    fn delivered(last: u64, size: u64, acked: &[u64]) -> Stream {
        let mut stream = stream(last, size);
        assert!(stream.create_group(b"g", EntryId::MIN, None));
        let (group, log) = stream.group_mut(b"g").expect("just created");
        let (consumer, _) = group.see_consumer(b"c", 0);
        group.read_new(log, consumer, 0, false, 0).expect("entries to deliver");
        assert!(acked.iter().all(|&number| group.ack(ms(number))));
        stream
    }

    fn max_length(max: u64) -> Trim {
        Trim {
            threshold: Threshold::MaxLength(max),
            approximate: false,
            limit: None,
            references: References::Keep,
        }
    }

    fn min_id(ms: u64) -> Trim {
        Trim { threshold: Threshold::MinId(EntryId::new(ms, 0)), ..max_length(0) }
    }

    fn about(trim: Trim, limit: Option<u64>) -> Trim {
        Trim { approximate: true, limit, ..trim }
    }

    fn with(trim: Trim, references: References) -> Trim {
        Trim { references, ..trim }
    }

    fn pending(stream: &Stream) -> Vec<u64> {
        let group = stream.groups().get(b"g").expect("the group is there");
        group.pending_from(EntryId::MIN).map(|pending| pending.id.ms).collect()
    }

    /// Runs `trims` in turn and checks the length after each.
    fn leaves(mut stream: Stream, size: u64, trims: &[(Trim, u64)]) -> Stream {
        for (trim, expected) in trims {
            let before = stream.log().len();
            let removed = stream.trim(trim, entries(size));
            assert_eq!(stream.log().len(), *expected, "{trim:?}");
            assert_eq!(removed, before - expected);
        }
        stream
    }

    /// The numbers that Redis' own stream tests demand.
    #[test]
    fn lengths_that_redis_tests_demand() {
        let exact_and_about = [
            (max_length(666), 666),
            (max_length(555), 555),
            (about(max_length(444), None), 500),
            (about(max_length(400), None), 400),
        ];
        leaves(stream(1000, 100), 100, &exact_and_about);
        let limited = (about(max_length(55), Some(30)), 71);
        let mut tens = leaves(stream(101, 10), 10, &[limited]);
        add(tens.log_mut(), ms(102), entries(10));
        leaves(tens, 10, &[(about(max_length(55), Some(30)), 62)]);
        leaves(stream(102, 1), 1, &[(about(max_length(1), None), 2)]);
        leaves(stream(102, 1), 1, &[(max_length(1), 1)]);
        let nothing_then_two =
            [(about(max_length(0), Some(1)), 3), (about(max_length(0), Some(2)), 1)];
        leaves(stream(3, 2), 2, &nothing_then_two);
        leaves(stream(4, 100), 100, &[(about(max_length(0), Some(1)), 4)]);
        leaves(stream(100, 10), 10, &[(about(max_length(85), None), 90)]);
        leaves(stream(101, 10), 10, &[(about(min_id(55), Some(30)), 71)]);
        leaves(stream(101, 100), 100, &[(about(min_id(100), None), 101)]);
    }

    #[test]
    fn limits_compare_with_whole_blocks() {
        leaves(stream(100, 10), 10, &[(about(max_length(55), None), 60)]);
        leaves(stream(100, 10), 10, &[(about(max_length(55), Some(5)), 100)]);
        leaves(stream(100, 10), 10, &[(about(max_length(55), Some(10)), 90)]);
        leaves(stream(100, 10), 10, &[(about(max_length(55), Some(0)), 60)]);
        let large = BlockLimits { max_entries: 0, ..BlockLimits::default() };
        assert_eq!(about(max_length(0), None).effective_limit(large), 10_000);
        assert_eq!(about(max_length(0), None).effective_limit(entries(u64::MAX)), 1_000_000);
    }

    #[test]
    fn references_are_deleted_or_respected() {
        let trim = about(min_id(6), None);
        let acked = leaves(delivered(5, 2, &[1, 2, 4]), 2, &[(with(trim, References::Acked), 2)]);
        assert_eq!(times(acked.log()), [3, 5]);
        let all = [(with(about(min_id(5), None), References::Delete), 0)];
        assert_eq!(pending(&leaves(delivered(4, 2, &[]), 2, &all)), []);
        // Approximate trimming that erases references is exact (Q23); so is the plain kind not.
        let about_two = about(max_length(2), None);
        let deleted =
            leaves(delivered(5, 100, &[]), 100, &[(with(about_two, References::Delete), 2)]);
        assert_eq!(pending(&deleted), [4, 5]);
        let kept = leaves(delivered(5, 100, &[]), 100, &[(about_two, 5), (max_length(2), 2)]);
        assert_eq!(pending(&kept), [1, 2, 3, 4, 5]);
        // Newer entries go while older ones are still pending (Q24).
        let newer = [(with(max_length(2), References::Acked), 3)];
        assert_eq!(times(leaves(delivered(5, 2, &[4, 5]), 2, &newer).log()), [1, 2, 3]);
        let undelivered = [(with(max_length(1), References::Acked), 5)];
        let mut fresh = stream(5, 2);
        fresh.create_group(b"g", EntryId::MIN, None);
        leaves(fresh, 2, &undelivered);
    }

    /// An exact MINID whose last physical entry is a tombstone at the threshold (Q22).
    #[test]
    fn a_block_of_tombstones_may_stay() {
        let mut odd = stream(5, 100);
        assert!(odd.log_mut().delete(ms(5)));
        let mut odd = leaves(odd, 100, &[(min_id(5), 0)]);
        assert_eq!((odd.log().block_count(), odd.log().first_id()), (1, EntryId::MIN));
        assert_eq!(odd.log().max_deleted_id(), ms(5));
        add(odd.log_mut(), ms(6), entries(100));
        assert_eq!((odd.log().block_count(), times(odd.log())), (1, [6].to_vec()));
        leaves(odd, 100, &[(about(max_length(0), None), 0)]);
    }

    #[test]
    fn trimming_leaves_the_counters_of_deletion() {
        let trimmed = leaves(stream(5, 2), 2, &[(max_length(0), 0)]);
        let log = trimmed.log();
        assert_eq!((log.max_deleted_id(), log.last_id()), (EntryId::MIN, ms(5)));
        assert_eq!((log.entries_added(), log.block_count()), (5, 0));
    }
}
