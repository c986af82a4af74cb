//! The flavour for WASI 0.2: no call waits.
//!
//! A read that finds nothing is a handle that the host asks again, when `wake` has told it to.

mod log;
mod core;
mod database;
mod raw;
mod read;

use super::{Component, answer, generated, journal, session, words};
pub(super) use database::ask;
pub(super) use read::{Waiting, read};

/// Functions that run a command: `fn name(arguments) -> result = what reads it { the words }`.
macro_rules! typed {
    ($(
        fn $name:ident($($argument:ident: $kind:ty),*) -> $result:ty = $read:path $words:block
    )*) => {$(
        fn $name(db: DatabaseBorrow<'_>, $($argument: $kind),*) -> Result<$result, Error> {
            super::flavour::ask(&db, &$words, $read)
        }
    )*};
}

/// A function that reads, for a `group` or not; its last argument says how long it waits.
macro_rules! reading {
    (fn read($($argument:ident: $kind:ty),*; $wait:ident) of $group:expr; $words:block) => {
        fn read(
            db: DatabaseBorrow<'_>,
            $($argument: $kind,)*
            $wait: Option<u64>
        ) -> Result<super::generated::exports::brooklet::streams::streams::Found, Error> {
            super::flavour::read(&db, &$words, $wait.is_some())
        }
    };
}

pub(super) use {reading, typed};
