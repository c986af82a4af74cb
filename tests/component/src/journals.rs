//! Journals in memory that outlive instances, as a host's storage does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wasmtime::component::Resource;

use crate::bindings::brooklet::streams::journal::{Error, File, Host, HostLog, Kind};
use crate::host::Ground;

/// Journals by name, shared by the instances that open them.
#[derive(Clone, Debug, Default)]
pub struct Journals(Arc<Mutex<BTreeMap<String, Stored>>>);

/// One journal, as it is stored.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// The epoch of the last writer that started.
    pub epoch: u64,
    /// The state at some moment.
    pub base: Option<Vec<u8>>,
    /// What happened since.
    pub increments: Vec<Vec<u8>>,
    /// A base that is being written, and how many increments it will replace.
    writing: Option<(Vec<u8>, usize)>,
    /// What the next append answers.
    pub fails: Option<String>,
    /// A frame that the writer before appends while the next one reads.
    pub meanwhile: Option<Vec<u8>>,
    /// How often it was written to.
    writes: u64,
}

impl Journals {
    /// Looks at a journal, or changes it behind its writer's back.
    pub fn with<T>(&self, name: &str, change: impl FnOnce(&mut Stored) -> T) -> T {
        change(self.lock().entry(name.into()).or_default())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Stored>> {
        // A test that failed elsewhere leaves whole journals.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stored {
    pub(crate) fn files(&self) -> impl Iterator<Item = (Kind, &Vec<u8>)> {
        let increments = self.increments.iter().map(|it| (Kind::Increment, it));
        self.base.iter().map(|it| (Kind::Base, it)).chain(increments)
    }

    pub(crate) fn read(&self, file: u32, offset: u64, length: u32) -> Vec<u8> {
        let bytes = self.files().nth(file as usize).map_or(&[][..], |(_, bytes)| bytes);
        let rest = bytes.get(offset as usize..).unwrap_or_default();
        rest[..rest.len().min(length as usize)].to_vec()
    }

    /// Refuses whoever is not the last writer that started.
    pub(crate) fn write(&mut self, epoch: u64) -> Result<&mut Self, Error> {
        if epoch == self.epoch { Ok(self) } else { Err(Error::Fenced(self.epoch)) }
    }

    pub(crate) fn start(&mut self, epoch: u64, end: usize, writes: u64) -> Result<(), Error> {
        if let Some(frame) = self.meanwhile.take() {
            self.append(self.end(), &frame)?;
        }
        if epoch <= self.epoch {
            return Err(Error::Fenced(self.epoch));
        }
        if writes != self.writes {
            return Err(Error::Conflict(self.end()));
        }
        self.epoch = epoch;
        self.writing = None;
        match self.increments.last_mut() {
            Some(last) => last.truncate(end),
            None => self.increments.push(Vec::new()),
        }
        Ok(())
    }

    /// Where the last increment ends.
    fn end(&self) -> u64 {
        self.increments.last().map_or(0, |last| last.len() as u64)
    }

    pub(crate) fn append(&mut self, end: u64, frame: &[u8]) -> Result<(), Error> {
        if let Some(why) = self.fails.take() {
            return Err(Error::Failed(why));
        }
        if self.end() != end {
            return Err(Error::Conflict(self.end()));
        }
        let last = self.increments.last_mut().expect("a journal that was started has one");
        last.extend_from_slice(frame);
        self.writes += 1;
        Ok(())
    }

    pub(crate) fn begin_base(&mut self) {
        self.writing = Some((Vec::new(), self.increments.len()));
        self.increments.push(Vec::new());
        self.writes += 1;
    }

    pub(crate) fn write_base(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let (base, _) = self.writing.as_mut().expect("a base was begun");
        base.extend_from_slice(bytes);
        Ok(())
    }

    pub(crate) fn commit_base(&mut self) {
        let (base, replaced) = self.writing.take().expect("a base was begun");
        self.base = Some(base);
        self.increments.drain(..replaced);
        self.writes += 1;
    }
}

/// A journal that an instance has opened.
#[derive(Debug)]
pub struct OpenLog {
    pub(crate) name: String,
    /// How often it had been written to by then.
    pub(crate) writes: u64,
}

impl OpenLog {
    /// A journal as it is now.
    pub(crate) fn new(name: String, journals: &Journals) -> Self {
        let writes = journals.with(&name, |stored| stored.writes);
        Self { name, writes }
    }
}

impl Ground {
    fn log<T>(
        &mut self,
        log: &Resource<OpenLog>,
        act: impl FnOnce(&mut Stored) -> T,
    ) -> wasmtime::Result<T> {
        let name = &self.table.get(log)?.name;
        Ok(self.journals.with(name, act))
    }
}

impl Host for Ground {}

impl HostLog for Ground {
    fn open(&mut self, name: String) -> wasmtime::Result<Result<Resource<OpenLog>, Error>> {
        let log = OpenLog::new(name, &self.journals);
        Ok(Ok(self.table.push(log)?))
    }

    fn files(&mut self, log: Resource<OpenLog>) -> wasmtime::Result<Vec<File>> {
        self.log(&log, |stored| {
            let files = stored.files().enumerate();
            files
                .map(|(place, (kind, bytes))| File {
                    name: format!("file {place}"),
                    kind,
                    length: bytes.len() as u64,
                })
                .collect()
        })
    }

    fn epoch(&mut self, log: Resource<OpenLog>) -> wasmtime::Result<u64> {
        self.log(&log, |stored| stored.epoch)
    }

    fn read(
        &mut self,
        log: Resource<OpenLog>,
        file: u32,
        offset: u64,
        length: u32,
    ) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        self.log(&log, |stored| Ok(stored.read(file, offset, length)))
    }

    fn start(
        &mut self,
        log: Resource<OpenLog>,
        epoch: u64,
        end: u64,
    ) -> wasmtime::Result<Result<(), Error>> {
        let writes = self.table.get(&log)?.writes;
        self.log(&log, |stored| stored.start(epoch, end as usize, writes))
    }

    fn append(
        &mut self,
        log: Resource<OpenLog>,
        epoch: u64,
        end: u64,
        frame: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        self.log(&log, |stored| stored.write(epoch)?.append(end, &frame))
    }

    fn begin_base(
        &mut self,
        log: Resource<OpenLog>,
        epoch: u64,
    ) -> wasmtime::Result<Result<(), Error>> {
        self.log(&log, |stored| stored.write(epoch).map(Stored::begin_base))
    }

    fn write_base(
        &mut self,
        log: Resource<OpenLog>,
        epoch: u64,
        bytes: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        self.log(&log, |stored| stored.write(epoch)?.write_base(&bytes))
    }

    fn commit_base(
        &mut self,
        log: Resource<OpenLog>,
        epoch: u64,
    ) -> wasmtime::Result<Result<(), Error>> {
        self.log(&log, |stored| stored.write(epoch).map(Stored::commit_base))
    }

    fn drop(&mut self, log: Resource<OpenLog>) -> wasmtime::Result<()> {
        self.table.delete(log)?;
        Ok(())
    }
}
