//! Effects: the canonical commands that a change is, for the journal.
//!
//! An effect names explicit IDs, times and counts: never `*`, never `~`, never a clock. Running
//! the effects in order on an empty engine gives the same state.

use alloc::vec::Vec;

use crate::id::EntryId;
use crate::number::{Decimal, push_u64};
use crate::span::Spans;

/// Effects that the host has not taken yet, as RESP commands.
#[derive(Debug, Default)]
pub struct Effects {
    bytes: Vec<u8>,
    enabled: bool,
    /// The database that the last effect was in; `None` before the first.
    selected: Option<u32>,
    /// Where the present batch begins, and how many commands it has.
    batch_start: usize,
    batch_commands: u32,
}

const MULTI: &[u8] = b"*1\r\n$5\r\nMULTI\r\n";
const EXEC: &[u8] = b"*1\r\n$4\r\nEXEC\r\n";

impl Effects {
    /// Records nothing unless `enabled`.
    #[must_use]
    pub fn new(enabled: bool) -> Self {
        Self { enabled, ..Self::default() }
    }

    /// Whether changes are recorded; where not, building an effect is wasted work.
    #[must_use]
    pub fn enabled(&self) -> bool {
        self.enabled
    }

    /// Turns recording off and on, for the time of a replay.
    pub fn set_enabled(&mut self, enabled: bool) {
        self.enabled = enabled;
    }

    /// What was recorded.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Forgets what the host has taken.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Makes the next effect name its database again: where it goes, nothing comes before it.
    pub fn begin_file(&mut self) {
        self.selected = None;
    }

    /// Begins what belongs together: the effects of one command or one transaction.
    pub fn begin_batch(&mut self) {
        self.batch_start = self.bytes.len();
        self.batch_commands = 0;
    }

    /// Ends it: several commands become one transaction.
    pub fn end_batch(&mut self) {
        if self.batch_commands > 1 {
            let start = self.batch_start;
            self.bytes.splice(start..start, MULTI.iter().copied());
            self.bytes.extend_from_slice(EXEC);
        }
        self.batch_start = self.bytes.len();
        self.batch_commands = 0;
    }

    /// Records one command.
    #[inline(never)]
    pub fn command(&mut self, db: u32, words: &[&[u8]]) {
        if let Some(mut effect) = self.begin(db, words.len()) {
            for word in words {
                effect.word(word);
            }
        }
    }

    /// Adds a line that Redis skips: `#` and text.
    pub fn annotation(&mut self, line: &[u8]) {
        self.bytes.extend_from_slice(line);
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// Records a request as it came.
    #[inline(never)]
    pub fn verbatim(&mut self, db: u32, words: Spans<'_>) {
        if let Some(mut effect) = self.begin(db, words.len()) {
            for word in words.iter() {
                effect.word(word);
            }
        }
    }

    /// Begins a command of so many words; `None` when nothing is recorded.
    #[inline(never)]
    pub fn begin(&mut self, db: u32, words: usize) -> Option<Effect<'_>> {
        if !self.enabled {
            return None;
        }
        if self.selected != Some(db) {
            self.selected = Some(db);
            let number = Decimal::unsigned(u64::from(db));
            let mut effect = Effect { bytes: &mut self.bytes };
            effect.header(2);
            effect.word(b"SELECT").word(number.as_bytes());
            // Before the first command of a batch it needs no transaction around it.
            if self.batch_commands == 0 {
                self.batch_start = self.bytes.len();
            }
        }
        self.batch_commands += 1;
        let mut effect = Effect { bytes: &mut self.bytes };
        effect.header(words);
        Some(effect)
    }
}

/// One command that is being recorded.
pub struct Effect<'a> {
    bytes: &'a mut Vec<u8>,
}

impl Effect<'_> {
    fn header(&mut self, words: usize) {
        self.bytes.push(b'*');
        push_u64(self.bytes, words as u64);
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// Adds a word.
    #[inline(never)]
    pub fn word(&mut self, word: &[u8]) -> &mut Self {
        self.bytes.push(b'$');
        push_u64(self.bytes, word.len() as u64);
        self.bytes.extend_from_slice(b"\r\n");
        self.bytes.extend_from_slice(word);
        self.bytes.extend_from_slice(b"\r\n");
        self
    }

    /// Adds an entry ID.
    #[inline(never)]
    pub fn id(&mut self, id: EntryId) -> &mut Self {
        self.word(id.text().as_bytes())
    }

    /// Adds an integer.
    #[inline(never)]
    pub fn integer(&mut self, value: i64) -> &mut Self {
        self.word(Decimal::signed(value).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_commands_of_one_call_become_a_transaction() {
        let mut effects = Effects::new(true);
        effects.begin_batch();
        effects.command(0, &[b"A"]);
        effects.command(0, &[b"B"]);
        effects.end_batch();
        effects.begin_batch();
        effects.command(0, &[b"C"]);
        effects.end_batch();
        assert_eq!(
            effects.bytes(),
            b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*1\r\n$5\r\nMULTI\r\n*1\r\n$1\r\nA\r\n*1\r\n$1\r\nB\r\n*1\r\n$4\r\nEXEC\r\n*1\r\n$1\r\nC\r\n"
        );
    }

    #[test]
    fn nothing_is_recorded_when_off() {
        let mut effects = Effects::new(false);
        effects.command(0, &[b"A"]);
        assert_eq!(effects.bytes(), b"");
    }
}
