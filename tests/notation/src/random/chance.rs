//! Chance that repeats itself.

/// A small generator (splitmix64): the seed is its state, and bytes that come before chance.
#[derive(Clone, Debug)]
pub struct Chance {
    seed: u64,
    given: Option<std::vec::IntoIter<u8>>,
}

impl Chance {
    /// Begins at a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, given: None }
    }

    /// Takes each number from two bytes while there are any: who changes bytes, as a fuzzer does,
    /// changes one decision and those that follow from it.
    #[must_use]
    pub fn given(bytes: &[u8]) -> Self {
        Self { seed: 0, given: Some(Vec::from(bytes).into_iter()) }
    }

    /// Whether the bytes that were given are used up.
    #[must_use]
    pub fn is_used_up(&self) -> bool {
        self.given.as_ref().is_some_and(|given| given.len() == 0)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        if let Some(given) = &mut self.given
            && let Some(high) = given.next()
        {
            return u64::from(high) << 8 | u64::from(given.next().unwrap_or_default());
        }
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.number() % end as u64) as usize
    }

    /// Whether something happens that does so `percent` times of a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `items`.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Puts `items` into another order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.below(index + 1));
        }
    }
}
