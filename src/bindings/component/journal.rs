//! What there is to say about a journal that the host keeps, however it is asked.

use super::generated::brooklet::streams::journal::{Error as LogError, Kind};
use super::generated::brooklet::streams::types::Error;
use crate::RecoveryError;
use crate::journal::JournalFile;
use crate::number::Decimal;

/// Bytes that are read, or written of a base, at once.
pub(super) const SLICE: usize = 1 << 18;

/// What reading a journal came to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Recovered {
    pub(super) commands: u64,
    pub(super) torn: u64,
    pub(super) epoch: u64,
}

/// What a file holds.
pub(super) fn content(kind: Kind) -> JournalFile {
    match kind {
        Kind::Base => JournalFile::Base,
        Kind::Increment => JournalFile::Increment,
    }
}

/// A file is shorter than the host has said.
pub(super) fn cut_short() -> Error {
    Error::Storage("the host has less of it than it said".into())
}

/// A file is damaged.
pub(super) fn damaged(error: &RecoveryError) -> Error {
    let why = super::answer::string(&error.text());
    Error::Storage(["byte ", Decimal::unsigned(error.offset).as_str(), ": ", &why].concat())
}

/// Something is wrong in the file of this name.
pub(super) fn in_file(name: &str, error: Error) -> Error {
    match error {
        Error::Storage(why) => Error::Storage([name, ": ", &why].concat()),
        other => other,
    }
}

/// The host has failed.
pub(super) fn failure(error: LogError) -> Error {
    match error {
        LogError::Fenced(epoch) => Error::Fenced(epoch),
        LogError::Full => Error::Storage("there is no room".into()),
        LogError::Conflict(_) => {
            Error::Storage("it does not end where it was left: somebody else wrote to it".into())
        }
        LogError::Failed(why) => Error::Storage(why),
    }
}
