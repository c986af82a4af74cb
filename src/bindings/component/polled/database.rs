//! `databases`: opened and kept going by the host.

use alloc::rc::Rc;
use alloc::string::String;
use core::cell::RefCell;

use super::Component;
use super::answer::Answer;
use super::core::{Core, Shared};
use super::generated::brooklet::streams::types::Error;
use super::generated::exports::brooklet::streams::databases::{
    Database, DatabaseBorrow, Figures, Guest, GuestDatabase, Options, Recovery,
};
use super::session;
use super::words::Words;
use crate::reply::Unpacker;

impl Guest for Component {
    type Database = Handle;
}

/// A handle on a database.
#[derive(Debug)]
pub(crate) struct Handle(pub(super) Shared);

/// Runs a command, and reads its reply.
pub(crate) fn ask<T>(
    db: &DatabaseBorrow<'_>,
    words: &Words,
    read: impl FnOnce(&mut Unpacker<'_>) -> T,
) -> Result<T, Error> {
    Ok(read(&mut run(db, words)?.reply()))
}

#[inline(never)]
fn run(db: &DatabaseBorrow<'_>, words: &Words) -> Result<Answer, Error> {
    db.get::<Handle>().0.borrow_mut().ask(words)
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
        session::figures(&core.engine, core.journal.as_ref().map_or(0, |journal| journal.end))
    }
}
