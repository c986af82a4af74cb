//! `databases`: opened by the host.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use super::Component;
use super::answer;
use super::call::Call;
use super::core::{Core, Shared};
use super::generated::brooklet::streams::types::{Error, StreamEntries};
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
pub(crate) struct Handle(pub(super) Shared);

/// Runs a command, and reads its reply.
pub(crate) async fn ask<T>(
    db: &DatabaseBorrow<'_>,
    words: &Words,
    read: impl FnOnce(&mut Unpacker<'_>) -> T,
) -> Result<T, Error> {
    let answer = Call::begin(&db.get::<Handle>().0, words, None)?.await?;
    Ok(read(&mut answer.reply()))
}

/// Runs a read, which gives back what it has found when it is cancelled.
pub(crate) async fn read(
    db: &DatabaseBorrow<'_>,
    words: &Words,
    group: Option<&[u8]>,
) -> Result<Vec<StreamEntries>, Error> {
    let answer = Call::begin(&db.get::<Handle>().0, words, group)?.await?;
    Ok(answer::streams(&mut answer.reply()))
}

impl GuestDatabase for Handle {
    async fn open(name: String, options: Options) -> Result<Database, Error> {
        let core = Core::open(name, options.durable, &options.settings).await?;
        Ok(Database::new(Self(Rc::new(RefCell::new(core)))))
    }

    fn recovered(&self) -> Recovery {
        let recovered = self.0.borrow().recovered;
        Recovery { commands: recovered.commands, torn: recovered.torn, epoch: recovered.epoch }
    }

    async fn rewrite(&self) -> Result<(), Error> {
        let call = Call::begin(&self.0, &Words::of(&[b"BGREWRITEAOF"]), None)?;
        call.until_written().await.map(drop)
    }

    fn set_full(&self, full: bool) {
        self.0.borrow_mut().engine.set_full(full);
    }

    fn figures(&self) -> Figures {
        let core = self.0.borrow();
        session::figures(&core.engine, core.journal.as_ref().map_or(0, |journal| journal.end))
    }
}
