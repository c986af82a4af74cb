//! Replay: effects from a journal, run on this engine.

use super::Engine;
use crate::error::Error;
use crate::reply::Form;
use crate::resp::{Decoder, Limits, Step};
use crate::time::UnixMillis;

impl Engine {
    /// Runs effects as if they happened at `now`, and records none. The same commands that
    /// clients send do the work; only the checks that refuse a canonical form are left out.
    ///
    /// Returns how many commands ran. An incomplete command at the end is not run.
    ///
    /// # Errors
    /// The first error that a command answered, with the state as it was before that command.
    pub fn replay(&mut self, now: UnixMillis, effects: &[u8]) -> Result<u64, Error> {
        let id = self.open_session(now, Form::Resp2)?;
        self.with_session(id, |session| {
            session.replaying = true;
            session.authenticated = true;
        });
        let recorded = self.effects.enabled();
        self.effects.set_enabled(false);
        let result = self.replay_commands(now, id, effects);
        self.effects.set_enabled(recorded);
        self.close_session(id);
        result
    }

    fn replay_commands(&mut self, now: UnixMillis, id: u64, effects: &[u8]) -> Result<u64, Error> {
        let mut decoder = Decoder::default();
        let limits = Limits { max_bulk_len: u64::MAX, authenticated: true };
        let (mut read, mut commands) = (0, 0);
        while let Step::Request(len) = decoder.decode(&effects[read..], limits)? {
            self.request(now, id, decoder.arguments(&effects[read..]));
            read += len;
            decoder.reset();
            commands += 1;
            self.check_replayed(id)?;
        }
        Ok(commands)
    }

    fn check_replayed(&mut self, id: u64) -> Result<(), Error> {
        let reply = self.output(id).map(|output| output.bytes).unwrap_or_default();
        let failed = match reply {
            [b'-', text @ ..] => Some(Error::of(&[text.trim_ascii_end()])),
            _ => None,
        };
        self.consume(id);
        failed.map_or(Ok(()), Err)
    }
}
