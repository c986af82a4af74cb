//! The journal that the host keeps: read, begun, and written step by step.

use alloc::boxed::Box;
use alloc::rc::Rc;
use core::pin::Pin;

use super::generated::brooklet::streams::journal::{Error as LogError, Kind, Log};
use super::generated::brooklet::streams::types::Error;
use super::journal::{self, Recovered, SLICE, damaged, failure};
use crate::engine::{Durability, Engine, FileEnd};
use crate::time::UnixMillis;

/// A journal that is being written.
pub(super) struct Journal {
    log: Rc<Log>,
    epoch: u64,
    /// How long the last increment is.
    pub(super) end: u64,
    /// Whether a base is being written, and whether all of it is.
    rewrite: Option<Slices>,
    /// Whether the last step was a frame: with a base under way the next is a slice of it.
    framed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Slices {
    Some,
    All,
}

/// What a step has done once the host has returned.
#[derive(Clone, Copy)]
pub(super) enum Done {
    /// A frame of so many bytes is appended.
    Frame(u64),
    /// A base is begun.
    Begun,
    /// A slice of it is written; the last one or not.
    Slice(bool),
    /// The base is the journal's.
    Committed,
}

/// A call of the host that is on its way. It is never cancelled: nobody would know what it did.
pub(super) type Step = (Done, Pin<Box<dyn Future<Output = Result<(), LogError>>>>);

impl Journal {
    /// Opens the journal called `name`, reads it into the engine, and begins to write it.
    pub(super) async fn open(
        name: &str,
        engine: &mut Engine,
        now: UnixMillis,
    ) -> Result<(Self, Recovered), Error> {
        let log = Log::open(name.into()).await.map_err(failure)?;
        let files = log.files();
        engine.begin_recovery(now);
        let (mut last, mut end) = (FileEnd { good: 0, torn: 0 }, 0);
        for (place, file) in files.iter().enumerate() {
            let is_last = place + 1 == files.len();
            engine.begin_file(journal::content(file.kind));
            let read = read_file(&log, place as u32, file.length, engine, now).await;
            last = read
                .and_then(|()| engine.end_file(is_last).map_err(|error| damaged(&error)))
                .map_err(|error| journal::in_file(&file.name, error))?;
            end = if file.kind == Kind::Increment { last.good } else { 0 };
        }
        let recovered = engine.end_recovery();
        let epoch = recovered.epoch.max(log.epoch()) + 1;
        log.start(epoch, last.good).await.map_err(failure)?;
        engine.tell_appendfsync("always");
        engine.start_journal(epoch, recovered.sequence, Durability::Confirmed);
        let told = Recovered { commands: recovered.commands, torn: last.torn, epoch };
        Ok((Self { log: Rc::new(log), epoch, end, rewrite: None, framed: false }, told))
    }

    /// Whether a rewrite is under way.
    pub(super) fn is_rewriting(&self) -> bool {
        self.rewrite.is_some()
    }

    /// Begins the next step; `None` when there is nothing to write.
    pub(super) fn step(&mut self, engine: &mut Engine, now: UnixMillis) -> Option<Step> {
        let (log, epoch, end) = (Rc::clone(&self.log), self.epoch, self.end);
        let slice_first = self.framed && self.rewrite.is_some();
        self.framed = false;
        if !slice_first && let Some(frame) = engine.next_frame(now) {
            let (frame, length) = (frame.to_vec(), frame.len() as u64);
            let append = async move { log.append(epoch, end, frame).await };
            return Some((Done::Frame(length), Box::pin(append)));
        }
        match self.rewrite {
            Some(Slices::All) => {
                let commit = async move { log.commit_base(epoch).await };
                Some((Done::Committed, Box::pin(commit)))
            }
            Some(Slices::Some) => {
                let (frame, last) = engine.next_base_frame(now, SLICE)?;
                let write = async move { log.write_base(epoch, frame).await };
                Some((Done::Slice(last), Box::pin(write)))
            }
            None if engine.rewrite_due() && engine.begin_rewrite(now) => {
                let begin = async move { log.begin_base(epoch).await };
                Some((Done::Begun, Box::pin(begin)))
            }
            None => None,
        }
    }

    /// Notes that a step is done.
    pub(super) fn stepped(&mut self, done: Done, engine: &mut Engine, now: UnixMillis) {
        match done {
            Done::Frame(length) => {
                self.end += length;
                self.framed = true;
                engine.confirm_frame();
            }
            Done::Begun => (self.end, self.rewrite) = (0, Some(Slices::Some)),
            Done::Slice(last) => {
                self.rewrite = Some(if last { Slices::All } else { Slices::Some });
            }
            Done::Committed => {
                self.rewrite = None;
                engine.end_rewrite(now, true);
            }
        }
    }
}

async fn read_file(
    log: &Log,
    place: u32,
    length: u64,
    engine: &mut Engine,
    now: UnixMillis,
) -> Result<(), Error> {
    let mut offset = 0;
    while offset < length {
        let bytes = log.read(place, offset, SLICE as u32).await.map_err(failure)?;
        if bytes.is_empty() {
            return Err(journal::cut_short());
        }
        engine.recover(now, &bytes).map_err(|error| damaged(&error))?;
        offset += bytes.len() as u64;
    }
    Ok(())
}
