//! An export: the state of one moment as a file of its own, which is a base without a journal.

use alloc::vec::Vec;

use super::profile::{Losses, Profile};
use super::rewrite::Rewrite;
use super::write::FrameWriter;
use crate::keyspace::Keyspace;
use crate::stream::IdempotencyLimits;
use crate::time::UnixMillis;

/// State on its way out, frame by frame. The engine it came from goes on meanwhile.
#[derive(Debug)]
pub struct Export {
    writer: FrameWriter,
    rewrite: Option<Rewrite>,
    losses: Losses,
}

impl Export {
    /// Begins with a copy of the keys; `position` is the epoch and the last frame that they hold.
    pub(crate) fn new(
        keyspace: &Keyspace,
        limits: IdempotencyLimits,
        profile: Profile,
        (epoch, sequence): (u64, u64),
    ) -> Self {
        Self {
            writer: FrameWriter::new(epoch, sequence),
            rewrite: Some(Rewrite::new(keyspace, limits, sequence, profile)),
            losses: Losses::default(),
        }
    }

    /// The next frame, with about so many bytes of commands; `None` behind the last.
    pub fn next_frame(&mut self, now: UnixMillis, bytes: usize) -> Option<Vec<u8>> {
        let rewrite = self.rewrite.as_mut()?;
        let (frame, last) = rewrite.next_frame(&self.writer, now, bytes);
        self.losses = rewrite.losses;
        if last {
            self.rewrite = None;
        }
        Some(frame)
    }

    /// What the profile could not say, of all frames so far.
    #[must_use]
    pub const fn losses(&self) -> Losses {
        self.losses
    }
}
