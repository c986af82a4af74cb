//! A journal in a directory: bases and increments, numbered. The highest base counts, and the
//! increments from its number on.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use crate::bindings::brooklet::streams::journal::{Error, File as Found, Kind};

/// A directory that this process holds.
pub struct Directory {
    folder: PathBuf,
    /// Locked as long as it is open: no other process writes here.
    _lock: File,
    files: Vec<Found>,
    /// The number of the increment that is written.
    number: u64,
    increment: Option<File>,
    base: Option<File>,
    /// The last writer that started, of this process. The frames tell of those before.
    epoch: u64,
    /// How often something was written.
    changes: u64,
}

impl Directory {
    /// Takes hold of a directory, which is made if there is none.
    pub fn open(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        let lock = File::create(folder.join("lock"))?;
        lock.try_lock()?;
        let mut directory = Self {
            folder,
            _lock: lock,
            files: Vec::new(),
            number: 1,
            increment: None,
            base: None,
            epoch: 0,
            changes: 0,
        };
        directory.look()?;
        Ok(directory)
    }

    /// Finds the files that are the journal.
    fn look(&mut self) -> io::Result<()> {
        let names = fs::read_dir(&self.folder)?.map(|entry| entry.map(|it| it.file_name()));
        let names = names.collect::<io::Result<Vec<_>>>()?;
        let numbered = |end: &str| {
            let number = |name: &str| name.strip_suffix(end)?.parse::<u64>().ok();
            let mut numbers: Vec<u64> =
                names.iter().filter_map(|name| number(name.to_str()?)).collect();
            numbers.sort_unstable();
            numbers
        };
        let base = numbered(".base.aof").pop();
        let first = base.unwrap_or(1);
        let mut increments = numbered(".incr.aof");
        increments.retain(|number| *number >= first);
        self.number = increments.last().copied().unwrap_or(first);
        let bases = base.map(|it| (format!("{it}.base.aof"), Kind::Base));
        let increments = increments.iter().map(|it| (format!("{it}.incr.aof"), Kind::Increment));
        self.files.clear();
        for (name, kind) in bases.into_iter().chain(increments) {
            let length = fs::metadata(self.folder.join(&name))?.len();
            self.files.push(Found { name, kind, length });
        }
        Ok(())
    }

    /// The files, and how often something was written.
    pub fn files(&self) -> (&[Found], u64) {
        (&self.files, self.changes)
    }

    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    pub fn read(&self, file: &Found, offset: u64, length: u32) -> Result<Vec<u8>, Error> {
        let mut file = File::open(self.folder.join(&file.name)).map_err(told)?;
        file.seek(SeekFrom::Start(offset)).map_err(told)?;
        let mut bytes = Vec::new();
        file.take(length.into()).read_to_end(&mut bytes).map_err(told)?;
        Ok(bytes)
    }

    /// A writer begins who has read everything up to the change of this number.
    pub fn start(&mut self, epoch: u64, end: u64, read: u64) -> Result<(), Error> {
        if epoch <= self.epoch {
            return Err(Error::Fenced(self.epoch));
        }
        if read != self.changes {
            return Err(Error::Conflict(self.end()));
        }
        let has_increment = self.files.last().is_some_and(|it| it.kind == Kind::Increment);
        let increment = self.create_increment().map_err(told)?;
        if has_increment {
            increment.set_len(end).map_err(told)?;
        }
        self.increment = Some(increment);
        (self.epoch, self.base) = (epoch, None);
        self.look().map_err(told)
    }

    pub fn append(&mut self, epoch: u64, end: u64, frame: &[u8]) -> Result<(), Error> {
        self.check(epoch)?;
        if self.end() != end {
            return Err(Error::Conflict(self.end()));
        }
        let increment = self.increment.as_mut().ok_or(Error::Failed("no increment".into()))?;
        increment.write_all(frame).and_then(|()| increment.sync_data()).map_err(told)?;
        self.changes += 1;
        self.files.iter_mut().last().into_iter().for_each(|it| it.length += frame.len() as u64);
        Ok(())
    }

    pub fn begin_base(&mut self, epoch: u64) -> Result<(), Error> {
        self.check(epoch)?;
        self.number += 1;
        self.changes += 1;
        self.increment = Some(self.create_increment().map_err(told)?);
        self.base = Some(File::create(self.folder.join("base.partial")).map_err(told)?);
        self.look().map_err(told)
    }

    pub fn write_base(&mut self, epoch: u64, bytes: &[u8]) -> Result<(), Error> {
        self.check(epoch)?;
        let base = self.base.as_mut().ok_or(Error::Failed("no base".into()))?;
        base.write_all(bytes).map_err(told)
    }

    /// The rename is the step that a crash does or does not see.
    pub fn commit_base(&mut self, epoch: u64) -> Result<(), Error> {
        self.check(epoch)?;
        let base = self.base.take().ok_or(Error::Failed("no base".into()))?;
        let name = self.folder.join(format!("{}.base.aof", self.number));
        let (folder, from) = (&self.folder, self.folder.join("base.partial"));
        let renamed = base.sync_all().and_then(|()| fs::rename(from, name));
        renamed.and_then(|()| File::open(folder)?.sync_all()).map_err(told)?;
        self.changes += 1;
        let replaced = std::mem::take(&mut self.files);
        self.look().map_err(told)?;
        // What a base has replaced is read by nobody any more.
        for file in replaced.iter().filter(|it| !self.files.iter().any(|now| now.name == it.name)) {
            fs::remove_file(self.folder.join(&file.name)).map_err(told)?;
        }
        Ok(())
    }

    fn check(&self, epoch: u64) -> Result<(), Error> {
        if epoch == self.epoch { Ok(()) } else { Err(Error::Fenced(self.epoch)) }
    }

    fn end(&self) -> u64 {
        self.files.last().map_or(0, |file| file.length)
    }

    fn create_increment(&self) -> io::Result<File> {
        let name = format!("{}.incr.aof", self.number);
        let file = OpenOptions::new().append(true).create(true).open(self.folder.join(name))?;
        File::open(&self.folder)?.sync_all()?;
        Ok(file)
    }
}

/// For people.
fn told(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull => Error::Full,
        _ => Error::Failed(error.to_string()),
    }
}
