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
