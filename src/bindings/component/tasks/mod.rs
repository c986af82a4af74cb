//! The flavour for WASI 0.3: calls wait, and others are called meanwhile.
//!
//! Nothing runs but in a call. Of those that wait, one at a time drives what the journal's host
//! does (the writer), and one watches the clock (the keeper); who leaves hands over.

mod log;
mod core;
mod call;
mod database;
mod raw;

use super::{Component, answer, generated, journal, session, words};
pub(super) use database::{ask, read};

/// Functions that run a command: `fn name(arguments) -> result = what reads it { the words }`.
macro_rules! typed {
    ($(
        fn $name:ident($($argument:ident: $kind:ty),*) -> $result:ty = $read:path $words:block
    )*) => {$(
        async fn $name(db: DatabaseBorrow<'_>, $($argument: $kind),*) -> Result<$result, Error> {
            super::flavour::ask(&db, &$words, $read).await
        }
    )*};
}

/// A function that reads, for a `group` or not; its last argument says how long it waits.
macro_rules! reading {
    (fn read($($argument:ident: $kind:ty),*; $wait:ident) of $group:expr; $words:block) => {
        async fn read(
            db: DatabaseBorrow<'_>,
            $($argument: $kind,)*
            $wait: Option<u64>,
        ) -> Result<Vec<super::generated::brooklet::streams::types::StreamEntries>, Error> {
            super::flavour::read(&db, &$words, $group).await
        }
    };
}

pub(super) use {reading, typed};
