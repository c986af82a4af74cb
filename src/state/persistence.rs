//! What is told of the journal, and what decides when it is rewritten.

use super::config::Config;
use crate::time::{Millis, UnixMillis, elapsed};

/// The journal as `INFO persistence` shows it.
#[derive(Debug, Default)]
pub struct Persistence {
    /// Whether one is written.
    pub enabled: bool,
    /// Whether there is no room for more data.
    pub full: bool,
    /// Bytes of it.
    pub bytes: u64,
    /// Bytes that it had when it was opened or last rewritten.
    pub base_bytes: u64,
    /// Whether a rewrite was asked for.
    pub scheduled: bool,
    /// When the rewrite began that goes on.
    pub rewriting_since: Option<UnixMillis>,
    /// Bytes of the base that is written, and of what is appended meanwhile.
    rewritten_bytes: u64,
    /// How many seconds the last rewrite took.
    pub last_rewrite_seconds: Option<Millis>,
    /// Rewrites that were begun.
    pub rewrites: u64,
    /// Rewrites that failed since one did not.
    pub failures: u64,
}

impl Persistence {
    /// A frame is on its way into the journal.
    pub fn appended(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        self.wrote_base(bytes);
    }

    /// A frame is on its way into a new base.
    pub fn wrote_base(&mut self, bytes: usize) {
        self.rewritten_bytes += bytes as u64;
    }

    /// A rewrite begins.
    pub fn begin_rewrite(&mut self, now: UnixMillis) {
        self.scheduled = false;
        self.rewriting_since = Some(now);
        self.rewritten_bytes = 0;
        self.rewrites += 1;
    }

    /// It is done or was given up, and nothing begins by itself before the journal has grown again.
    pub fn end_rewrite(&mut self, now: UnixMillis, done: bool) {
        let Some(since) = self.rewriting_since.take() else { return };
        self.last_rewrite_seconds = Some(elapsed(now, since) / 1000);
        self.failures = if done { 0 } else { self.failures + 1 };
        if done {
            self.bytes = self.rewritten_bytes;
        }
        self.base_bytes = self.bytes;
    }

    /// Whether it is time for a rewrite: one was asked for, or the journal has grown so far.
    #[must_use]
    pub fn is_rewrite_due(&self, config: &Config) -> bool {
        let percentage = config.rewrite_percentage;
        let grown = self.bytes.saturating_mul(100) / self.base_bytes.max(1);
        let is_grown = percentage > 0
            && self.bytes > config.rewrite_min_bytes
            && grown >= percentage.saturating_add(100);
        self.rewriting_since.is_none() && (self.scheduled || self.enabled && is_grown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_calls_for_a_rewrite_and_a_failure_waits_for_more() {
        let config = Config { rewrite_min_bytes: 1000, ..Config::default() };
        let mut journal = Persistence { enabled: true, ..Persistence::default() };
        journal.appended(1000);
        assert!(!journal.is_rewrite_due(&config), "it is small");
        journal.appended(1);
        assert!(journal.is_rewrite_due(&config));
        assert!(!journal.is_rewrite_due(&Config { rewrite_percentage: 0, ..config.clone() }));
        journal.begin_rewrite(5);
        assert!(!journal.is_rewrite_due(&config), "one goes on");
        journal.end_rewrite(2005, false);
        assert_eq!((journal.failures, journal.last_rewrite_seconds), (1, Some(2)));
        journal.appended(1000);
        assert!(!journal.is_rewrite_due(&config), "it has not grown by 100 percent");
        journal.appended(1);
        assert!(journal.is_rewrite_due(&config));
        journal.begin_rewrite(5);
        journal.wrote_base(300);
        journal.appended(50);
        journal.end_rewrite(5, true);
        assert_eq!((journal.bytes, journal.base_bytes, journal.failures), (350, 350, 0));
    }
}
