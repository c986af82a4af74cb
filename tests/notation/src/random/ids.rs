//! What is known of the entries in a session's streams, so that commands name IDs that are there.

/// The IDs of a session, key by key.
#[derive(Debug)]
pub struct Ids {
    keys: Vec<Added>,
    /// The key that the present command names.
    at: usize,
    /// The time.
    pub clock: u64,
}

/// What was added to one stream, as far as can be guessed; the last is about the highest.
#[derive(Clone, Debug, Default)]
struct Added {
    ids: Vec<(u64, u64)>,
    top: u64,
}

impl Ids {
    /// None yet, of `keys` keys.
    pub fn new(keys: usize, clock: u64) -> Self {
        Self { keys: vec![Added::default(); keys], at: 0, clock }
    }

    /// Goes on with a key.
    pub fn turn_to(&mut self, key: usize) {
        self.at = key;
    }

    /// The IDs of the present key.
    pub fn added(&self) -> &[(u64, u64)] {
        &self.keys[self.at].ids
    }

    /// The highest millisecond of the present key.
    pub fn top(&self) -> u64 {
        self.keys[self.at].top
    }

    /// Notes that an ID was added to the present key.
    pub fn add(&mut self, ms: u64, seq: u64) {
        const KEPT: usize = 60;
        let added = &mut self.keys[self.at];
        if added.ids.len() == KEPT {
            added.ids.remove(0);
        }
        added.ids.push((ms, seq));
        added.top = added.top.max(ms);
    }
}
