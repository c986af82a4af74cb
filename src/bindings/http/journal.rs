//! The journal that the host keeps: read, and written once there is something to write.

use alloc::string::String;
use alloc::vec::Vec;

use super::generated::brooklet::streams::journal::{Error, File, Kind, Log};
use crate::engine::{Durability, Engine, FileEnd};
use crate::journal::JournalFile;
use crate::number::Decimal;
use crate::time::UnixMillis;

/// Bytes that are read, or written of a base, at once.
const SLICE: usize = 1 << 18;
/// Most files of a journal that are not worth being rewritten: some hosts have one for each writer.
const MOST_FILES: usize = 32;

/// Why a journal could not be read or written.
#[derive(Debug)]
pub(super) enum Failure {
    /// Another writer was there first, and nothing was written.
    Overtaken,
    /// Anything else, for people.
    Broken(String),
}

/// A journal that was read into an engine.
#[derive(Debug)]
pub(super) struct Journal {
    log: Log,
    /// What was read, and who had written it, as the host says.
    files: Vec<File>,
    seen: u64,
    epoch: u64,
    /// How long the last file is.
    end: u64,
    /// Whether this is its writer. Whoever only reads fences nobody.
    started: bool,
}

impl Journal {
    /// Reads the journal of this name into an empty engine.
    pub(super) fn open(name: &str, engine: &mut Engine, now: UnixMillis) -> Result<Self, Failure> {
        let log = Log::open(name)?;
        let (files, seen) = (log.files(), log.epoch());
        engine.begin_recovery(now);
        let mut last = FileEnd { good: 0, torn: 0 };
        for (place, file) in files.iter().enumerate() {
            let is_last = place + 1 == files.len();
            last = read(&log, place as u32, file, is_last, engine, now)?;
        }
        let recovered = engine.end_recovery();
        let epoch = recovered.epoch.max(seen) + 1;
        engine.tell_appendfsync("always");
        engine.start_journal(epoch, recovered.sequence, Durability::Confirmed);
        Ok(Self { log, files, seen, epoch, end: last.good, started: false })
    }

    /// The epoch of the writer whose work the engine has.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch - u64::from(!self.started)
    }

    /// Whether nobody else has written since.
    pub(super) fn is_current(&mut self, name: &str) -> Result<bool, Failure> {
        if self.started {
            return Ok(self.log.epoch() == self.seen);
        }
        // Somebody may be writing who began before this was read.
        let log = Log::open(name)?;
        let same = |(ours, theirs): (&File, &File)| {
            (&ours.name, ours.length) == (&theirs.name, theirs.length)
        };
        let files = log.files();
        let is_same = files.len() == self.files.len() && self.files.iter().zip(&files).all(same);
        let is_current = is_same && log.epoch() == self.seen;
        self.log = log;
        Ok(is_current)
    }

    /// Appends every frame that there is, and confirms it; notes whether there was one.
    pub(super) fn append(
        &mut self,
        engine: &mut Engine,
        now: UnixMillis,
        has_written: &mut bool,
    ) -> Result<(), Failure> {
        while let Some(frame) = engine.next_frame(now) {
            self.start()?;
            self.log.append(self.epoch, self.end, frame)?;
            self.end += frame.len() as u64;
            engine.confirm_frame();
            *has_written = true;
        }
        Ok(())
    }

    fn start(&mut self) -> Result<(), Failure> {
        if self.started {
            return Ok(());
        }
        self.log.start(self.epoch, self.end)?;
        // A host that keeps no epochs has 0.
        self.seen = self.log.epoch().min(self.epoch);
        self.started = true;
        if !self.files.last().is_some_and(is_increment) {
            self.end = 0;
        }
        Ok(())
    }

    /// Writes the journal anew, if it has grown enough for that.
    pub(super) fn rewrite(&mut self, engine: &mut Engine, now: UnixMillis) -> Result<(), Failure> {
        let is_due = engine.rewrite_due() || self.files.len() > MOST_FILES;
        if !self.started || !is_due || !engine.begin_rewrite(now) {
            return Ok(());
        }
        self.log.begin_base(self.epoch)?;
        self.end = 0;
        while let Some((frame, last)) = engine.next_base_frame(now, SLICE) {
            self.log.write_base(self.epoch, &frame)?;
            if last {
                self.log.commit_base(self.epoch)?;
                engine.end_rewrite(now, true);
                self.files.clear();
                break;
            }
        }
        Ok(())
    }
}

fn is_increment(file: &File) -> bool {
    file.kind == Kind::Increment
}

fn read(
    log: &Log,
    place: u32,
    file: &File,
    is_last: bool,
    engine: &mut Engine,
    now: UnixMillis,
) -> Result<FileEnd, Failure> {
    engine.begin_file(match file.kind {
        Kind::Base => JournalFile::Base,
        Kind::Increment => JournalFile::Increment,
    });
    let damaged = |error: crate::RecoveryError| {
        let why = String::from_utf8_lossy(&error.text()).into_owned();
        let byte = Decimal::unsigned(error.offset);
        Failure::Broken([&file.name, ": byte ", byte.as_str(), ": ", &why].concat())
    };
    let mut offset = 0;
    while offset < file.length {
        let bytes = log.read(place, offset, SLICE as u32)?;
        if bytes.is_empty() {
            return Err(Failure::Overtaken);
        }
        engine.recover(now, &bytes).map_err(damaged)?;
        offset += bytes.len() as u64;
    }
    engine.end_file(is_last).map_err(damaged)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Fenced(_) | Error::Conflict(_) => Self::Overtaken,
            Error::Full => Self::Broken("there is no room for the journal".into()),
            Error::Failed(why) => Self::Broken(why),
        }
    }
}
