//! Which files are the journal: each increment says after what it goes on.
//!
//! An increment that says nothing was begun and not taken into use, so far or for good. One that
//! nobody goes on from, below the newest, was begun by somebody who was too late.

use alloc::string::String;
use alloc::vec::Vec;

use super::folder::{BASE, Folder, INCREMENT, failure, length, read, write};
use super::generated::exports::brooklet::streams::journal::Error;
use super::generated::wasi::filesystem::types::Descriptor;
use crate::number::{Decimal, MAX_DECIMAL, parse_i64};

/// What stands before an increment's first frame: two numbers of twenty digits, and line ends.
pub(super) const HEADER: u64 = 2 * (MAX_DECIMAL as u64 + 1);

/// A file of the journal.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) number: u64,
    pub(super) is_base: bool,
    pub(super) file: Descriptor,
    /// How much of it counts, its header left out.
    pub(super) length: u64,
}

/// The base, if there is one, and the increments in order.
pub(super) fn find(folder: &Folder) -> Result<Vec<Link>, Error> {
    let numbers = folder.numbers(INCREMENT)?;
    let base = folder.numbers(BASE)?.pop();
    let mut links = Vec::new();
    // Which increment comes next, and how much of it counts.
    let mut wanted: Option<(u64, u64)> = None;
    for &number in numbers.iter().rev().filter(|&&number| Some(number) >= base) {
        if wanted.is_some_and(|(wanted, _)| wanted != number) {
            continue;
        }
        let Some(file) = folder.file(number, INCREMENT)? else { continue };
        let Some(before) = header(&file)? else { continue };
        let length = match wanted {
            Some((_, told)) => told,
            None => length(&file)?.saturating_sub(HEADER),
        };
        links.push(Link { number, is_base: false, file, length });
        wanted = Some(before).filter(|(before, _)| *before != 0 && Some(number) != base);
        if wanted.is_none() {
            break;
        }
    }
    if let Some(number) = base {
        let file = folder.file(number, BASE)?.ok_or(CHANGED)?;
        let length = length(&file)?;
        links.push(Link { number, is_base: true, file, length });
    }
    // A file was removed in the middle of this: there is a newer base.
    if wanted.is_some() {
        return Err(CHANGED);
    }
    links.reverse();
    Ok(links)
}

/// Whoever looks again finds another journal.
const CHANGED: Error = Error::Conflict(0);

/// Whether all of these increments say after what they go on, or are gone.
pub(super) fn are_told(folder: &Folder, numbers: &[u64]) -> Result<bool, Error> {
    for &number in numbers {
        if let Some(file) = folder.file(number, INCREMENT)?
            && header(&file)?.is_none()
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// After how many bytes of which file an increment goes on; `None`: it does not say so yet.
pub(super) fn header(file: &Descriptor) -> Result<Option<(u64, u64)>, Error> {
    let bytes = read(file, HEADER, 0)?;
    if bytes.len() as u64 != HEADER {
        return Ok(None);
    }
    let mut numbers = bytes.chunks(bytes.len() / 2).map(|digits| {
        let digits = digits.trim_ascii();
        let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
        let number = digits.get(zeros.min(digits.len().saturating_sub(1))..)?;
        parse_i64(number).map(i64::cast_unsigned)
    });
    Ok(numbers.next().flatten().zip(numbers.next().flatten()))
}

/// Says after how many bytes of which file an increment goes on.
pub(super) fn write_header(file: &Descriptor, before: u64, end: u64) -> Result<(), Error> {
    let mut header = String::new();
    for number in [before, end] {
        let digits = Decimal::unsigned(number);
        header.extend(core::iter::repeat_n('0', MAX_DECIMAL - digits.as_str().len()));
        header.push_str(digits.as_str());
        header.push('\n');
    }
    write(file, header.as_bytes(), 0)?;
    file.sync_data().map_err(failure)
}
