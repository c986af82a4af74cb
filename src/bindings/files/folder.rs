//! A folder of numbered files: increments and bases.

use alloc::string::String;
use alloc::vec::Vec;

use super::generated::exports::brooklet::streams::journal::Error;
use super::generated::wasi::filesystem::preopens;
use super::generated::wasi::filesystem::types::{
    Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags,
};
use crate::number::{Decimal, parse_i64};

/// The end of an increment's name.
pub(super) const INCREMENT: &str = ".incr.aof";
/// The end of a base's name.
pub(super) const BASE: &str = ".base.aof";
/// The end of the name of a base that is not whole yet.
pub(super) const PARTIAL: &str = ".partial";

/// A folder.
#[derive(Debug)]
pub(super) struct Folder(Descriptor);

impl Folder {
    /// A folder in the first directory that the host has opened.
    pub(super) fn open(name: &str) -> Result<Self, Error> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if name.is_empty() || !name.bytes().all(is_plain) {
            return Err(Error::Failed("the name of a journal has letters, digits, - and _".into()));
        }
        let Some((root, _)) = preopens::get_directories().into_iter().next() else {
            return Err(Error::Failed("no directory is open: give one by --dir".into()));
        };
        match root.create_directory_at(name) {
            Ok(()) => root.sync().unwrap_or_default(),
            Err(ErrorCode::Exist) => {}
            Err(error) => return Err(failure(error)),
        }
        let flags = DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY;
        let folder = root.open_at(PathFlags::empty(), name, OpenFlags::DIRECTORY, flags);
        folder.map(Self).map_err(failure)
    }

    /// The numbers of the files whose names end so, in order.
    pub(super) fn numbers(&self, end: &str) -> Result<Vec<u64>, Error> {
        let entries = self.0.read_directory().map_err(failure)?;
        let mut numbers = Vec::new();
        loop {
            let entry = match entries.read_directory_entry() {
                Ok(Some(entry)) => entry,
                Ok(None) => break,
                // It was removed meanwhile.
                Err(ErrorCode::NoEntry) => continue,
                Err(error) => return Err(failure(error)),
            };
            let number = entry.name.strip_suffix(end).and_then(|it| parse_i64(it.as_bytes()));
            numbers.extend(number.and_then(|number| u64::try_from(number).ok()));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// A file that is there; `None`: it is not.
    pub(super) fn file(&self, number: u64, end: &str) -> Result<Option<Descriptor>, Error> {
        let flags = DescriptorFlags::READ;
        match self.0.open_at(PathFlags::empty(), &name(number, end), OpenFlags::empty(), flags) {
            Ok(file) => Ok(Some(file)),
            Err(ErrorCode::NoEntry) => Ok(None),
            Err(error) => Err(failure(error)),
        }
    }

    /// A new file; `None`: somebody else has made it.
    pub(super) fn create(&self, number: u64, end: &str) -> Result<Option<Descriptor>, Error> {
        let new = OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
        let flags = DescriptorFlags::READ | DescriptorFlags::WRITE;
        match self.0.open_at(PathFlags::empty(), &name(number, end), new, flags) {
            Ok(file) => Ok(Some(file)),
            Err(ErrorCode::Exist) => Ok(None),
            Err(error) => Err(failure(error)),
        }
    }

    /// Removes a file, if it is there.
    pub(super) fn remove(&self, number: u64, end: &str) {
        self.0.unlink_file_at(&name(number, end)).unwrap_or_default();
    }

    /// Gives a file another name, in one step.
    pub(super) fn rename(&self, number: u64, end: &str, to: &str) -> Result<(), Error> {
        self.0.rename_at(&name(number, end), &self.0, &name(number, to)).map_err(failure)
    }

    /// What was made, renamed and removed is so on the disk, too, where the host can tell.
    pub(super) fn flush(&self) {
        self.0.sync().unwrap_or_default();
    }
}

/// What people see in messages.
pub(super) fn name(number: u64, end: &str) -> String {
    [Decimal::unsigned(number).as_str(), end].concat()
}

/// Reads so many bytes; fewer at the end.
pub(super) fn read(file: &Descriptor, length: u64, offset: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < length {
        let (at, left) = (offset + bytes.len() as u64, length - bytes.len() as u64);
        let (more, is_end) = file.read(left, at).map_err(failure)?;
        bytes.extend_from_slice(&more);
        if is_end || more.is_empty() {
            break;
        }
    }
    Ok(bytes)
}

/// Writes all of `bytes` from `offset` on.
pub(super) fn write(file: &Descriptor, mut bytes: &[u8], mut offset: u64) -> Result<(), Error> {
    while !bytes.is_empty() {
        let written = file.write(bytes, offset).map_err(failure)?;
        let (_, rest) = bytes.split_at_checked(written as usize).unwrap_or((bytes, b""));
        (bytes, offset) = (rest, offset + written);
        if written == 0 {
            return Err(Error::Failed("the host writes nothing".into()));
        }
    }
    Ok(())
}

/// How long a file is.
pub(super) fn length(file: &Descriptor) -> Result<u64, Error> {
    file.stat().map(|stat| stat.size).map_err(failure)
}

pub(super) fn failure(error: ErrorCode) -> Error {
    match error {
        ErrorCode::InsufficientSpace | ErrorCode::Quota => Error::Full,
        other => Error::Failed(other.name().into()),
    }
}
