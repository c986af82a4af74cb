//! Reads that may wait.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::Cell;

use super::answer;
use super::core::Shared;
use super::database::Handle;
use super::generated::brooklet::streams::types::{Error, StreamEntries};
use super::generated::exports::brooklet::streams::databases::DatabaseBorrow;
use super::generated::exports::brooklet::streams::streams::{Found, GuestPendingRead, PendingRead};
use super::session;
use super::words::Words;
use crate::state::SessionId;

/// A read in a session of its own.
#[derive(Debug)]
pub(crate) struct Waiting {
    shared: Shared,
    session: SessionId,
    done: Cell<bool>,
}

/// Runs a read.
#[inline(never)]
pub(crate) fn read(db: &DatabaseBorrow<'_>, words: &Words, waits: bool) -> Result<Found, Error> {
    let shared = &db.get::<Handle>().0;
    let mut core = shared.borrow_mut();
    if !waits {
        let answer = core.ask(words)?;
        return Ok(Found::Entries(answer::streams(&mut answer.reply())));
    }
    let now = core.begin()?;
    let session = session::open(&mut core.engine, now)?;
    let waiting = Waiting { shared: Rc::clone(shared), session, done: Cell::new(false) };
    core.engine.call(now, session, words.bytes());
    let settled = core.settle(now, session);
    // What follows borrows the database again.
    drop(core);
    settled?;
    match waiting.take() {
        Some(found) => found.map(Found::Entries),
        None => Ok(Found::Pending(PendingRead::new(waiting))),
    }
}

impl GuestPendingRead for Waiting {
    fn id(&self) -> u64 {
        self.session
    }

    fn take(&self) -> Option<Result<Vec<StreamEntries>, Error>> {
        if self.done.get() {
            return Some(Err(Error::Closed));
        }
        let mut core = self.shared.borrow_mut();
        if let Err(failure) = core.begin() {
            return Some(Err(failure));
        }
        let answer = session::take(&mut core.engine, self.session)?;
        self.done.set(true);
        core.engine.close_session(self.session);
        Some(answer.map(|answer| answer::streams(&mut answer.reply())))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.shared.borrow_mut().engine.close_session(self.session);
    }
}
