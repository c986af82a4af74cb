//! A journal in a directory: bases and increments, numbered. The highest base counts, and the
//! increments from its number on.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use wasmtime::Result;
use wasmtime::component::Resource;

use crate::Ground;
use crate::bindings::brooklet::streams::journal::{self, Error, Host, HostLog, Kind};

/// A directory that this process holds.
pub struct Journal {
    folder: PathBuf,
    /// Locked as long as it is open: nobody else writes here.
    _lock: File,
    files: Vec<journal::File>,
    /// The number of the increment that is written.
    number: u64,
    increment: Option<File>,
    base: Option<File>,
}

impl Journal {
    fn open(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        let lock = File::create(folder.join("lock"))?;
        lock.try_lock()?;
        let numbered = |kind: &str| -> io::Result<Vec<u64>> {
            let names = fs::read_dir(&folder)?.map(|entry| entry.map(|it| it.file_name()));
            let names = names.collect::<io::Result<Vec<_>>>()?;
            let numbers =
                names.iter().filter_map(|it| it.to_str()?.strip_suffix(kind)?.parse().ok());
            let mut numbers: Vec<u64> = numbers.collect();
            numbers.sort_unstable();
            Ok(numbers)
        };
        let base = numbered(".base.aof")?.pop();
        let first = base.unwrap_or(1);
        let increments = numbered(".incr.aof")?.into_iter().filter(|number| *number >= first);
        let mut files = Vec::new();
        let bases = base.into_iter().map(|it| (format!("{it}.base.aof"), Kind::Base));
        let increments: Vec<u64> = increments.collect();
        let number = increments.last().copied().unwrap_or(first);
        let increments = increments.iter().map(|it| (format!("{it}.incr.aof"), Kind::Increment));
        for (name, kind) in bases.chain(increments) {
            let length = fs::metadata(folder.join(&name))?.len();
            files.push(journal::File { name, kind, length });
        }
        Ok(Self { folder, _lock: lock, files, number, increment: None, base: None })
    }

    fn read(&self, file: u32, offset: u64, length: u32) -> io::Result<Vec<u8>> {
        let mut file = File::open(self.folder.join(&self.files[file as usize].name))?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(length.into()).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn start(&mut self, end: u64) -> io::Result<()> {
        let increment = self.create_increment()?;
        if self.files.last().is_some_and(|file| file.kind == Kind::Increment) {
            increment.set_len(end)?;
        }
        self.increment = Some(increment);
        Ok(())
    }

    fn create_increment(&self) -> io::Result<File> {
        let name = format!("{}.incr.aof", self.number);
        let file = OpenOptions::new().append(true).create(true).open(self.folder.join(name))?;
        File::open(&self.folder)?.sync_all()?;
        Ok(file)
    }

    fn append(&mut self, frame: &[u8]) -> io::Result<()> {
        let increment = self.increment.as_mut().ok_or(io::ErrorKind::NotFound)?;
        increment.write_all(frame)?;
        increment.sync_data()
    }

    fn begin_base(&mut self) -> io::Result<()> {
        self.number += 1;
        self.increment = Some(self.create_increment()?);
        self.base = Some(File::create(self.folder.join("base.partial"))?);
        Ok(())
    }

    fn write_base(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.base.as_mut().ok_or(io::ErrorKind::NotFound)?.write_all(bytes)
    }

    /// The rename is the step that a crash does or does not see.
    fn commit_base(&mut self) -> io::Result<()> {
        self.base.take().ok_or(io::ErrorKind::NotFound)?.sync_all()?;
        let name = format!("{}.base.aof", self.number);
        fs::rename(self.folder.join("base.partial"), self.folder.join(name))?;
        File::open(&self.folder)?.sync_all()
    }
}

/// For people.
fn told<T>(result: io::Result<T>) -> Result<T, Error> {
    result.map_err(|error| match error.kind() {
        io::ErrorKind::StorageFull => Error::Full,
        _ => Error::Failed(error.to_string()),
    })
}

impl Host for Ground {}

/// The lock keeps other processes away, so no epoch is kept: the frames tell it.
impl HostLog for Ground {
    fn open(&mut self, name: String) -> Result<Result<Resource<Journal>, Error>> {
        match told(Journal::open(name.into())) {
            Ok(journal) => Ok(Ok(self.table.push(journal)?)),
            Err(error) => Ok(Err(error)),
        }
    }

    fn files(&mut self, log: Resource<Journal>) -> Result<Vec<journal::File>> {
        Ok(self.table.get(&log)?.files.clone())
    }

    fn epoch(&mut self, _: Resource<Journal>) -> Result<u64> {
        Ok(0)
    }

    fn read(
        &mut self,
        log: Resource<Journal>,
        file: u32,
        offset: u64,
        length: u32,
    ) -> Result<Result<Vec<u8>, Error>> {
        Ok(told(self.table.get(&log)?.read(file, offset, length)))
    }

    fn start(&mut self, log: Resource<Journal>, _: u64, end: u64) -> Result<Result<(), Error>> {
        Ok(told(self.table.get_mut(&log)?.start(end)))
    }

    fn append(
        &mut self,
        log: Resource<Journal>,
        _: u64,
        _: u64,
        frame: Vec<u8>,
    ) -> Result<Result<(), Error>> {
        Ok(told(self.table.get_mut(&log)?.append(&frame)))
    }

    fn begin_base(&mut self, log: Resource<Journal>, _: u64) -> Result<Result<(), Error>> {
        Ok(told(self.table.get_mut(&log)?.begin_base()))
    }

    fn write_base(
        &mut self,
        log: Resource<Journal>,
        _: u64,
        bytes: Vec<u8>,
    ) -> Result<Result<(), Error>> {
        Ok(told(self.table.get_mut(&log)?.write_base(&bytes)))
    }

    fn commit_base(&mut self, log: Resource<Journal>, _: u64) -> Result<Result<(), Error>> {
        Ok(told(self.table.get_mut(&log)?.commit_base()))
    }

    fn drop(&mut self, log: Resource<Journal>) -> Result<()> {
        self.table.delete(log)?;
        Ok(())
    }
}
