//! The import `journal`: instances hold logs, which share one directory for each name.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wasmtime::Result;
use wasmtime::component::Resource;

use crate::bindings::brooklet::streams::journal::{Error, File, Host, HostLog};
use crate::directory::Directory;
use crate::ground::Ground;

/// The directories that this process holds, by name; all of them lie in one.
#[derive(Clone)]
pub struct Journals {
    root: PathBuf,
    held: Arc<Mutex<BTreeMap<String, Arc<Mutex<Directory>>>>>,
}

impl Journals {
    pub fn new(root: PathBuf) -> Self {
        Self { root, held: Arc::default() }
    }

    fn open(&self, name: String) -> Result<Arc<Mutex<Directory>>, Error> {
        let mut held = lock(&self.held);
        if let Some(directory) = held.get(&name) {
            return Ok(directory.clone());
        }
        let is_name = name.chars().all(|it| it.is_ascii_alphanumeric() || it == '-' || it == '_');
        if !is_name || name.is_empty() {
            return Err(Error::Failed(format!("{name:?} is no name for a directory")));
        }
        let directory = Directory::open(self.root.join(&name));
        let directory = directory.map_err(|error| Error::Failed(error.to_string()))?;
        Ok(held.entry(name).or_insert(Arc::new(Mutex::new(directory))).clone())
    }
}

/// A journal as an instance found it.
pub struct OpenLog {
    directory: Arc<Mutex<Directory>>,
    files: Vec<File>,
    /// How often it was written before.
    changes: u64,
}

impl OpenLog {
    fn directory(&self) -> MutexGuard<'_, Directory> {
        lock(&self.directory)
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Host for Ground {}

impl HostLog for Ground {
    fn open(&mut self, name: String) -> Result<Result<Resource<OpenLog>, Error>> {
        let directory = match self.journals.open(name) {
            Ok(directory) => directory,
            Err(error) => return Ok(Err(error)),
        };
        let (files, changes) = {
            let directory = lock(&directory);
            let (files, changes) = directory.files();
            (files.to_vec(), changes)
        };
        Ok(Ok(self.table.push(OpenLog { directory, files, changes })?))
    }

    fn files(&mut self, log: Resource<OpenLog>) -> Result<Vec<File>> {
        Ok(self.table.get(&log)?.files.clone())
    }

    fn epoch(&mut self, log: Resource<OpenLog>) -> Result<u64> {
        Ok(self.table.get(&log)?.directory().epoch())
    }

    fn read(
        &mut self,
        log: Resource<OpenLog>,
        file: u32,
        offset: u64,
        length: u32,
    ) -> Result<Result<Vec<u8>, Error>> {
        let log = self.table.get(&log)?;
        let Some(file) = log.files.get(file as usize) else {
            return Ok(Err(Error::Failed("there is no such file".into())));
        };
        // What was appended since belongs to nobody who has not seen it.
        let left = file.length.saturating_sub(offset).min(length.into());
        Ok(log.directory().read(file, offset, left as u32))
    }

    fn start(&mut self, log: Resource<OpenLog>, epoch: u64, end: u64) -> Result<Result<(), Error>> {
        let log = self.table.get(&log)?;
        Ok(log.directory().start(epoch, end, log.changes))
    }

    fn append(
        &mut self,
        log: Resource<OpenLog>,
        epoch: u64,
        end: u64,
        frame: Vec<u8>,
    ) -> Result<Result<(), Error>> {
        Ok(self.table.get(&log)?.directory().append(epoch, end, &frame))
    }

    fn begin_base(&mut self, log: Resource<OpenLog>, epoch: u64) -> Result<Result<(), Error>> {
        Ok(self.table.get(&log)?.directory().begin_base(epoch))
    }

    fn write_base(
        &mut self,
        log: Resource<OpenLog>,
        epoch: u64,
        bytes: Vec<u8>,
    ) -> Result<Result<(), Error>> {
        Ok(self.table.get(&log)?.directory().write_base(epoch, &bytes))
    }

    fn commit_base(&mut self, log: Resource<OpenLog>, epoch: u64) -> Result<Result<(), Error>> {
        Ok(self.table.get(&log)?.directory().commit_base(epoch))
    }

    fn drop(&mut self, log: Resource<OpenLog>) -> Result<()> {
        self.table.delete(log)?;
        Ok(())
    }
}
