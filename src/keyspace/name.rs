//! Key names ordered by a hash first: quick to compare, and a place that SCAN can come back to.

use alloc::borrow::{Borrow, ToOwned};
use alloc::boxed::Box;
use core::cmp::Ordering;

/// A key's name as the databases order it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyName {
    hash: u64,
    name: Box<[u8]>,
}

impl KeyName {
    /// The name as the client wrote it.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.name
    }

    /// The hash that orders names: 48 bits, never 0, so that it survives as a number in
    /// JavaScript and 0 can mean the start of a SCAN.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }
}

impl From<&[u8]> for KeyName {
    fn from(name: &[u8]) -> Self {
        Self { hash: hash(name), name: name.to_owned().into_boxed_slice() }
    }
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

/// A name that is looked up without being copied.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    hash: u64,
    name: &'a [u8],
}

impl<'a> Wanted<'a> {
    pub(super) fn new(name: &'a [u8]) -> Self {
        Self { hash: hash(name), name }
    }

    /// The lowest name with at least this hash.
    pub(super) fn at(hash: u64) -> Self {
        Self { hash, name: &[] }
    }
}

/// What owned and borrowed names have in common, so that a map finds one by the other.
pub(super) trait Parts {
    fn parts(&self) -> (u64, &[u8]);
}

impl Parts for KeyName {
    fn parts(&self) -> (u64, &[u8]) {
        (self.hash, &self.name)
    }
}

impl Parts for Wanted<'_> {
    fn parts(&self) -> (u64, &[u8]) {
        (self.hash, self.name)
    }
}

impl<'a> Borrow<dyn Parts + 'a> for KeyName {
    fn borrow(&self) -> &(dyn Parts + 'a) {
        self
    }
}

impl PartialEq for dyn Parts + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for dyn Parts + '_ {}

impl PartialOrd for dyn Parts + '_ {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for dyn Parts + '_ {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl PartialOrd for KeyName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for KeyName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
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

    #[test]
    fn owned_and_borrowed_names_order_alike() {
        let names = [&b"a"[..], b"b", b"ab", b"", b"a\0"];
        for a in names {
            for b in names {
                let owned = KeyName::from(a).cmp(&KeyName::from(b));
                let wanted: (&dyn Parts, &dyn Parts) = (&Wanted::new(a), &Wanted::new(b));
                assert_eq!(owned, wanted.0.cmp(wanted.1));
                assert_eq!(owned.is_eq(), a == b);
            }
        }
    }
}
