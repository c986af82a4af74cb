//! The node count of the radix tree that Redis would keep over a set of entry IDs.

use crate::id::EntryId;

/// Bytes of a key: both parts of the ID, big-endian.
const KEY_BYTES: u32 = 16;

/// Counts the nodes over `keys`, which must ascend.
///
/// A run of bytes without a branch is one node, a branch is one node, and what is left of a key
/// below its last branch is one node, or none when nothing is left. No key, or one, is one node.
///
/// This is the tree that the keys would build afresh. After removals Redis may show a few nodes
/// more, since it does not always join runs again.
pub(super) fn nodes(keys: impl Iterator<Item = EntryId>) -> u64 {
    let mut branches = Branches::default();
    let mut previous = None;
    let mut above: Option<u32> = None;
    for key in keys {
        if let Some(last) = previous {
            let depth = shared_bytes(last, key);
            branches.leaf(above.map_or(depth, |above| above.max(depth)));
            branches.enter(depth);
            above = Some(depth);
        }
        previous = Some(key);
    }
    match above {
        None => 1,
        Some(depth) => {
            branches.leaf(depth);
            branches.leave_all();
            branches.nodes
        }
    }
}

/// The branches on the path to the current key, by the depth of the byte that differs.
#[derive(Default)]
struct Branches {
    path: [u32; KEY_BYTES as usize],
    len: usize,
    nodes: u64,
}

impl Branches {
    fn leaf(&mut self, branch: u32) {
        self.nodes += u64::from(branch + 1 < KEY_BYTES);
    }

    fn enter(&mut self, depth: u32) {
        while self.top().is_some_and(|top| top > depth) {
            self.leave(Some(depth));
        }
        if self.top() != Some(depth) {
            self.path[self.len] = depth;
            self.len += 1;
        }
    }

    /// Counts the deepest branch and the run of bytes that leads to it, if there is one.
    fn leave(&mut self, floor: Option<u32>) {
        let Some(depth) = self.top() else { return };
        self.len -= 1;
        let parent = self.top().max(floor);
        let start = parent.map_or(0, |parent| parent + 1);
        self.nodes += 1 + u64::from(depth > start);
    }

    fn leave_all(&mut self) {
        while self.len > 0 {
            self.leave(None);
        }
    }

    fn top(&self) -> Option<u32> {
        self.len.checked_sub(1).map(|index| self.path[index])
    }
}

/// How many leading bytes two different keys have in common: 0 to 15.
fn shared_bytes(a: EntryId, b: EntryId) -> u32 {
    let bits = match a.ms ^ b.ms {
        0 => 64 + (a.seq ^ b.seq).leading_zeros(),
        difference => difference.leading_zeros(),
    };
    (bits / 8).min(KEY_BYTES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn count(ids: &[(u64, u64)]) -> u64 {
        nodes(ids.iter().map(|&(ms, seq)| EntryId::new(ms, seq)))
    }

    /// Every number was read from XINFO STREAM of Redis 8.10.2 with one entry a node.
    #[test]
    fn counts_as_redis_counts() {
        let one_a_ms: Vec<_> = (1..=10).map(|ms| (ms, 0)).collect();
        let one_a_seq: Vec<_> = (1..=10).map(|seq| (1, seq)).collect();
        let hundreds: Vec<_> = (1..=10).map(|ms| (ms * 100, 0)).collect();
        assert_eq!(count(&[]), 1);
        assert_eq!(count(&[(1, 0)]), 1);
        assert_eq!(count(&[(1, 0), (1, 1)]), 2);
        assert_eq!(count(&[(1, 0), (1, 256)]), 4);
        assert_eq!(count(&[(1, 0), (2, 0)]), 4);
        assert_eq!(count(&[(1, 0), (256, 0)]), 4);
        assert_eq!(count(&[(1, 0), (2, 0), (3, 0)]), 5);
        assert_eq!(count(&[(1, 0), (1, 1), (2, 0)]), 5);
        assert_eq!(count(&[(1, 0), (1, 1), (2, 0), (2, 1)]), 6);
        assert_eq!(count(&one_a_ms), 12);
        assert_eq!(count(&one_a_seq), 2);
        assert_eq!(count(&hundreds), 16);
    }
}
