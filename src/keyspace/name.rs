//! Key names ordered by a hash first: quick to compare, and a place that SCAN can come back to.

use crate::ordered::KeyRef;

/// Where a key's name stands in its database: by its hash, which is 48 bits and never 0, so that
/// it survives as a number in JavaScript and 0 can mean the start of a SCAN; then by itself.
pub(super) fn key(name: &[u8]) -> KeyRef<'_> {
    KeyRef { major: hash(name), minor: 0, name }
}

/// Eight bytes at a time, each step spread over all bits by a multiplication, so that names which
/// differ in a number at their end lie far apart. The names themselves break ties: colliding names
/// cost comparisons, and never more than a logarithm of them.
fn hash(name: &[u8]) -> u64 {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = name.len() as u64;
    for chunk in name.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = (hash ^ u64::from_le_bytes(word)).wrapping_mul(SPREAD);
        hash ^= hash >> 32;
    }
    (hash.wrapping_mul(SPREAD) >> 16).max(1)
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;
    use alloc::format;

    use super::*;

    #[test]
    fn hashes_fit_a_javascript_number_and_are_never_zero() {
        for name in [&b""[..], b"a", b"orders", &[0xff; 100]] {
            assert!((1..1 << 48).contains(&hash(name)));
        }
    }

    /// Hashes of names that differ at their end only used to lie side by side, so a random place
    /// among all hashes led to the same key again and again.
    #[test]
    fn names_that_differ_at_their_end_lie_far_apart() {
        let sixteenths: BTreeSet<u64> =
            (0..200).map(|i| hash(format!("order:{i}").as_bytes()) >> 44).collect();
        assert_eq!(sixteenths.len(), 16);
    }
}
