//! Puts frames around effects.

use alloc::vec::Vec;

use super::crc32c::Crc32c;
use super::frame::{Header, Place};
use crate::time::UnixMillis;

/// Writes the frames of one journal.
#[derive(Debug)]
pub(crate) struct FrameWriter {
    crc: Crc32c,
    epoch: u64,
    /// The number of the last frame.
    sequence: u64,
}

impl FrameWriter {
    /// Goes on behind the frame with this number, in an epoch of its own.
    pub(crate) fn new(epoch: u64, sequence: u64) -> Self {
        Self { crc: Crc32c::new(), epoch, sequence }
    }

    pub(crate) const fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(crate) const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// A frame of commands, the next of the journal.
    pub(crate) fn next(&mut self, commands: &[u8], at: UnixMillis) -> Vec<u8> {
        self.sequence += 1;
        self.frame(Place::Journal(self.sequence), commands, at)
    }

    /// A frame of a base.
    pub(crate) fn of_base(&self, index: u64, commands: &[u8], at: UnixMillis) -> Vec<u8> {
        self.frame(Place::Base(index), commands, at)
    }

    /// The end of a base that holds everything up to the frame with this number.
    pub(crate) fn end_of_base(&self, sequence: u64, at: UnixMillis) -> Vec<u8> {
        self.frame(Place::BaseEnd(sequence), b"", at)
    }

    fn frame(&self, place: Place, commands: &[u8], at: UnixMillis) -> Vec<u8> {
        // An annotation has less than a hundred bytes.
        let mut frame = Vec::with_capacity(commands.len() + 100);
        Header::of(commands, self.epoch, place, at, &self.crc).write(&mut frame, &self.crc);
        frame.extend_from_slice(commands);
        frame
    }
}
