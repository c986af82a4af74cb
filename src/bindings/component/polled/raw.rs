//! `raw`: sessions that speak Redis' own protocol.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::Cell;

use super::Component;
use super::core::Shared;
use super::database::Handle;
use super::generated::brooklet::streams::types::Error;
use super::generated::exports::brooklet::streams::databases::DatabaseBorrow;
use super::generated::exports::brooklet::streams::raw::{Guest, GuestSession, Session};
use crate::reply::Form;
use crate::state::SessionId;

impl Guest for Component {
    type Session = RawSession;
}

/// A session of RESP bytes.
#[derive(Debug)]
pub(crate) struct RawSession {
    shared: Shared,
    id: SessionId,
    closed: Cell<bool>,
}

impl GuestSession for RawSession {
    fn open(db: DatabaseBorrow<'_>) -> Result<Session, Error> {
        let shared = Rc::clone(&db.get::<Handle>().0);
        let mut core = shared.borrow_mut();
        let now = core.begin()?;
        let opened = core.engine.open_session(now, Form::Resp2);
        let id = opened.map_err(|error| super::answer::error(error.text()))?;
        drop(core);
        Ok(Session::new(Self { shared, id, closed: Cell::new(false) }))
    }

    fn id(&self) -> u64 {
        self.id
    }

    fn exchange(&self, request: Vec<u8>) -> Result<Vec<u8>, Error> {
        let mut core = self.shared.borrow_mut();
        let now = core.begin()?;
        if self.closed.get() {
            return Err(Error::Closed);
        }
        if !request.is_empty() {
            core.engine.exchange(now, self.id, &request);
            core.settle(now, self.id)?;
        }
        let Some(output) = core.engine.output(self.id) else { return Ok(Vec::new()) };
        let (bytes, close) = (output.bytes.to_vec(), output.close);
        core.engine.consume(self.id);
        if close {
            self.closed.set(true);
            core.engine.close_session(self.id);
        }
        Ok(bytes)
    }

    fn closed(&self) -> bool {
        self.closed.get()
    }
}

impl Drop for RawSession {
    fn drop(&mut self) {
        self.shared.borrow_mut().engine.close_session(self.id);
    }
}
