//! The export `journal`: logs that are read, and written by whoever began last.

use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use super::Component;
use super::chain::{self, HEADER, Link};
use super::folder::{BASE, Folder, INCREMENT, PARTIAL, failure, name, read, write};
use super::generated::exports::brooklet::streams::journal::{
    Error, File, Guest, GuestLog, Kind, Log,
};
use super::generated::wasi::filesystem::types::Descriptor;

/// How often to look whether somebody who has begun a file has taken it into use.
const LOOKS: usize = 10_000;

impl Guest for Component {
    type Log = OpenLog;
}

/// A journal as it was found, and what is written of it.
#[derive(Debug)]
pub(super) struct OpenLog {
    folder: Folder,
    links: Vec<Link>,
    written: RefCell<Option<Written>>,
}

/// The files of a writer.
#[derive(Debug)]
struct Written {
    epoch: u64,
    /// The increment.
    number: u64,
    file: Descriptor,
    end: u64,
    /// How long the increment before was, for whoever writes as if this one were the same.
    before: u64,
    /// A base that is being written, and how long it is.
    base: Option<(Descriptor, u64)>,
}

impl OpenLog {
    /// Takes a new increment into use, which goes on after `end` bytes of the one before, if that
    /// is as long as it was when it was read.
    fn take(&self, number: u64, before: u64, end: u64, read: u64) -> Result<Descriptor, Error> {
        let Some(file) = self.folder.create(number, INCREMENT)? else {
            return Err(Error::Fenced(number));
        };
        // Whoever writes to the one before sees the new one from now on, or has written already.
        let links = chain::find(&self.folder)?;
        let last = links.last().filter(|link| !link.is_base);
        let (last, length) = last.map_or((0, 0), |link| (link.number, link.length));
        if (last, length) != (before, read) {
            self.folder.remove(number, INCREMENT);
            return Err(Error::Conflict(length));
        }
        chain::write_header(&file, before, end)?;
        self.folder.flush();
        self.check(number)?;
        Ok(file)
    }

    /// Refuses whoever has a file that is not the newest.
    fn check(&self, number: u64) -> Result<(), Error> {
        match self.folder.numbers(INCREMENT)?.pop() {
            Some(newest) if newest > number => Err(Error::Fenced(newest)),
            _ => Ok(()),
        }
    }

    /// Whether `end` bytes of an increment count: somebody else may have begun meanwhile.
    fn settle(&self, number: u64, end: u64) -> Result<(), Error> {
        const UNKNOWN: &str = "others have begun to write meanwhile: this may be there or not";
        for _ in 0..LOOKS {
            let later = self.folder.numbers(INCREMENT)?;
            let later: Vec<u64> = later.into_iter().filter(|later| *later > number).collect();
            let Some(&newest) = later.last() else { return Ok(()) };
            // Until each of them has said after what it goes on, or has given up.
            if !chain::are_told(&self.folder, &later)? {
                continue;
            }
            let links = chain::find(&self.folder)?;
            let ours = links.iter().find(|link| !link.is_base && link.number == number);
            let is_replaced = links.first().is_some_and(|it| it.is_base && it.number > number);
            return match ours {
                Some(link) if link.length >= end => Ok(()),
                None if is_replaced => Err(Error::Failed(UNKNOWN.into())),
                _ => Err(Error::Fenced(newest)),
            };
        }
        Err(Error::Failed(UNKNOWN.into()))
    }

    fn write<T>(
        &self,
        epoch: u64,
        act: impl FnOnce(&mut Written) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut written = self.written.borrow_mut();
        match written.as_mut().filter(|it| it.epoch == epoch) {
            Some(written) => act(written),
            None => Err(Error::Failed("this writer has not begun".into())),
        }
    }
}

impl GuestLog for OpenLog {
    fn open(name: String) -> Result<Log, Error> {
        let folder = Folder::open(&name)?;
        let links = chain::find(&folder)?;
        Ok(Log::new(Self { folder, links, written: RefCell::new(None) }))
    }

    fn files(&self) -> Vec<File> {
        let told = |link: &Link| {
            let (end, kind) =
                if link.is_base { (BASE, Kind::Base) } else { (INCREMENT, Kind::Increment) };
            File { name: name(link.number, end), kind, length: link.length }
        };
        self.links.iter().map(told).collect()
    }

    /// Every writer makes a file, whose number is its epoch or higher.
    fn epoch(&self) -> u64 {
        let newest = |end| self.folder.numbers(end).ok().and_then(|mut numbers| numbers.pop());
        newest(INCREMENT).max(newest(BASE)).unwrap_or(0)
    }

    fn read(&self, place: u32, offset: u64, most: u32) -> Result<Vec<u8>, Error> {
        let Some(link) = self.links.get(place as usize) else {
            return Err(Error::Failed("there is no such file".into()));
        };
        let left = link.length.saturating_sub(offset).min(most.into());
        let header = if link.is_base { 0 } else { HEADER };
        read(&link.file, left, header + offset)
    }

    fn start(&self, epoch: u64, end: u64) -> Result<(), Error> {
        // Behind a base alone an increment begins as in a new journal.
        let last = self.links.last().filter(|link| !link.is_base);
        let (before, end, read) = last.map_or((0, 0, 0), |it| (it.number, end, it.length));
        let file = self.take(epoch, before, end, read)?;
        let written = Written { epoch, number: epoch, file, end: 0, before: end, base: None };
        *self.written.borrow_mut() = Some(written);
        Ok(())
    }

    fn append(&self, epoch: u64, end: u64, frame: Vec<u8>) -> Result<(), Error> {
        self.write(epoch, |written| {
            self.check(written.number)?;
            if end != written.before + written.end {
                return Err(Error::Conflict(written.before + written.end));
            }
            write(&written.file, &frame, HEADER + written.end)?;
            written.file.sync_data().map_err(failure)?;
            written.end += frame.len() as u64;
            self.settle(written.number, written.end)
        })
    }

    fn begin_base(&self, epoch: u64) -> Result<(), Error> {
        self.write(epoch, |written| {
            let number = written.number + 1;
            let file = self.take(number, written.number, written.end, written.end)?;
            (written.number, written.file, written.end) = (number, file, 0);
            written.before = 0;
            let base = self.folder.create(number, PARTIAL)?;
            written.base = base.map(|file| (file, 0));
            Ok(())
        })
    }

    fn write_base(&self, epoch: u64, bytes: Vec<u8>) -> Result<(), Error> {
        self.write(epoch, |written| {
            let (file, end) = written.base.as_mut().ok_or_else(no_base)?;
            write(file, &bytes, *end)?;
            *end += bytes.len() as u64;
            Ok(())
        })
    }

    fn commit_base(&self, epoch: u64) -> Result<(), Error> {
        self.write(epoch, |written| {
            let (file, _) = written.base.take().ok_or_else(no_base)?;
            file.sync_data().map_err(failure)?;
            self.check(written.number)?;
            self.folder.rename(written.number, PARTIAL, BASE)?;
            self.folder.flush();
            // What the base has replaced.
            for end in [INCREMENT, BASE, PARTIAL] {
                for number in self.folder.numbers(end)? {
                    if number < written.number {
                        self.folder.remove(number, end);
                    }
                }
            }
            Ok(())
        })
    }
}

fn no_base() -> Error {
    Error::Failed("no base was begun".into())
}
