//! `databases`: opened and kept going by the host.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use super::Component;
use super::answer::{self, Answer};
use super::core::{Core, Shared};
use super::generated::brooklet::streams::types::{Deletion, Entry, Error};
use super::generated::exports::brooklet::streams::databases::{
    Database, DatabaseBorrow, Figures, Guest, GuestDatabase, Options, Recovery,
};
use super::words::Words;

impl Guest for Component {
    type Database = Handle;
}

/// A handle on a database.
#[derive(Debug)]
pub(super) struct Handle(pub(super) Shared);

/// Runs a command.
#[inline(never)]
pub(super) fn ask(db: &DatabaseBorrow<'_>, words: &Words) -> Result<Answer, Error> {
    db.get::<Handle>().0.borrow_mut().ask(words)
}

/// Runs a command that has nothing to say but that it was done.
#[inline(never)]
pub(super) fn done(db: &DatabaseBorrow<'_>, words: &Words) -> Result<(), Error> {
    ask(db, words).map(drop)
}

/// Runs a command that answers with a number.
#[inline(never)]
pub(super) fn number(db: &DatabaseBorrow<'_>, words: &Words) -> Result<u64, Error> {
    Ok(answer::unsigned(&mut ask(db, words)?.reply()))
}

/// Runs a command that answers with entries, or with IDs only.
#[inline(never)]
pub(super) fn entries(
    db: &DatabaseBorrow<'_>,
    words: &Words,
    ids_only: bool,
) -> Result<Vec<Entry>, Error> {
    Ok(answer::entries(&mut ask(db, words)?.reply(), ids_only))
}

/// Runs a command that tells what became of IDs.
#[inline(never)]
pub(super) fn deletions(db: &DatabaseBorrow<'_>, words: &Words) -> Result<Vec<Deletion>, Error> {
    Ok(answer::deletions(&mut ask(db, words)?.reply()))
}

impl GuestDatabase for Handle {
    fn open(name: String, options: Options) -> Result<Database, Error> {
        let core = Core::open(name, options.durable, &options.settings)?;
        Ok(Database::new(Self(Rc::new(RefCell::new(core)))))
    }

    fn recovered(&self) -> Recovery {
        let core = self.0.borrow();
        let recovered = core.recovered;
        Recovery { commands: recovered.commands, torn: recovered.torn, epoch: recovered.epoch }
    }

    fn tick(&self) -> Result<(), Error> {
        self.0.borrow_mut().tick()
    }

    fn rewrite(&self) -> Result<(), Error> {
        self.0.borrow_mut().ask(&Words::of(&[b"BGREWRITEAOF"])).map(drop)
    }

    fn set_full(&self, full: bool) {
        self.0.borrow_mut().engine.set_full(full);
    }

    fn figures(&self) -> Figures {
        let core = self.0.borrow();
        let state = core.engine.state();
        let databases = 0..state.keyspace.database_count();
        Figures {
            keys: databases.map(|db| state.keyspace.database(db).len() as u64).sum(),
            sessions: state.sessions.len() as u64,
            blocked: state.blocked.len() as u64,
            memory: state.keyspace.memory_bytes() as u64,
            journal: core.journal.as_ref().map_or(0, |journal| journal.end),
        }
    }
}
