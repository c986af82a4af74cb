//! The journal that the host keeps: read, begun, appended to, and written anew.

use super::generated::brooklet::streams::journal::{Kind, Log};
use super::generated::brooklet::streams::types::Error;
use super::journal::{self, Recovered, SLICE, damaged, failure};
use crate::engine::{Durability, Engine, FileEnd};
use crate::time::UnixMillis;

/// A journal that is being written.
#[derive(Debug)]
pub(super) struct Journal {
    log: Log,
    epoch: u64,
    /// How long the last increment is.
    pub(super) end: u64,
    /// Whether a base is being written.
    pub(super) rewriting: bool,
}

impl Journal {
    /// Opens the journal called `name`, reads it into the engine, and begins to write it.
    pub(super) fn open(
        name: &str,
        engine: &mut Engine,
        now: UnixMillis,
    ) -> Result<(Self, Recovered), Error> {
        let log = Log::open(name).map_err(failure)?;
        let files = log.files();
        engine.begin_recovery(now);
        let (mut last, mut end) = (FileEnd { good: 0, torn: 0 }, 0);
        for (place, file) in files.iter().enumerate() {
            let is_last = place + 1 == files.len();
            last = read_file(&log, place as u32, file.length, file.kind, is_last, engine, now)
                .map_err(|error| journal::in_file(&file.name, error))?;
            end = if file.kind == Kind::Increment { last.good } else { 0 };
        }
        let recovered = engine.end_recovery();
        let epoch = recovered.epoch.max(log.epoch()) + 1;
        log.start(epoch, last.good).map_err(failure)?;
        engine.tell_appendfsync("always");
        engine.start_journal(epoch, recovered.sequence, Durability::Confirmed);
        let told = Recovered { commands: recovered.commands, torn: last.torn, epoch };
        Ok((Self { log, epoch, end, rewriting: false }, told))
    }

    /// Appends every frame that there is, and confirms it.
    pub(super) fn append(&mut self, engine: &mut Engine, now: UnixMillis) -> Result<(), Error> {
        while let Some(frame) = engine.next_frame(now) {
            self.log.append(self.epoch, self.end, frame).map_err(failure)?;
            self.end += frame.len() as u64;
            engine.confirm_frame();
        }
        Ok(())
    }

    /// Begins a rewrite that is due, or goes on with it by a slice.
    pub(super) fn rewrite(&mut self, engine: &mut Engine, now: UnixMillis) -> Result<(), Error> {
        if !self.rewriting && engine.rewrite_due() && engine.begin_rewrite(now) {
            self.log.begin_base(self.epoch).map_err(failure)?;
            (self.end, self.rewriting) = (0, true);
        }
        if !self.rewriting {
            return Ok(());
        }
        if let Some((frame, last)) = engine.next_base_frame(now, SLICE) {
            self.log.write_base(self.epoch, &frame).map_err(failure)?;
            if last {
                self.log.commit_base(self.epoch).map_err(failure)?;
                engine.end_rewrite(now, true);
                self.rewriting = false;
            }
        }
        Ok(())
    }
}

fn read_file(
    log: &Log,
    place: u32,
    length: u64,
    kind: Kind,
    is_last: bool,
    engine: &mut Engine,
    now: UnixMillis,
) -> Result<FileEnd, Error> {
    engine.begin_file(journal::content(kind));
    let mut offset = 0;
    while offset < length {
        let bytes = log.read(place, offset, SLICE as u32).map_err(failure)?;
        if bytes.is_empty() {
            return Err(journal::cut_short());
        }
        engine.recover(now, &bytes).map_err(|error| damaged(&error))?;
        offset += bytes.len() as u64;
    }
    engine.end_file(is_last).map_err(|error| damaged(&error))
}
