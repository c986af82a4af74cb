//! `raw`: sessions that speak Redis' own protocol.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::Cell;
use core::future::poll_fn;

use super::Component;
use super::answer;
use super::call::wait;
use super::core::{Core, Shared};
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
pub(crate) struct RawSession {
    shared: Shared,
    id: SessionId,
    closed: Cell<bool>,
    /// Whether a call waits for replies.
    taken: Cell<bool>,
}

impl GuestSession for RawSession {
    async fn open(db: DatabaseBorrow<'_>) -> Result<Session, Error> {
        let shared = Rc::clone(&db.get::<Handle>().0);
        let mut core = shared.borrow_mut();
        let now = core.begin()?;
        let opened = core.engine.open_session(now, Form::Resp2);
        let id = opened.map_err(|error| answer::error(error.text()))?;
        drop(core);
        let (closed, taken) = (Cell::new(false), Cell::new(false));
        Ok(Session::new(Self { shared, id, closed, taken }))
    }

    fn id(&self) -> u64 {
        self.id
    }

    async fn exchange(&self, request: Vec<u8>) -> Result<Vec<u8>, Error> {
        self.feed(&request)?;
        self.take(|core, id| {
            if core.is_held(id) {
                Expect::All
            } else if core.is_blocked(id) {
                Expect::Some
            } else {
                Expect::Nothing
            }
        })
        .await
    }

    async fn receive(&self) -> Result<Vec<u8>, Error> {
        self.feed(&[])?;
        self.take(|_, _| Expect::Some).await
    }

    fn close(&self) {
        self.closed.set(true);
        let mut core = self.shared.borrow_mut();
        core.engine.close_session(self.id);
        core.wake(self.id);
        core.hand_over();
    }

    fn closed(&self) -> bool {
        self.closed.get()
    }
}

/// What a call that takes replies can expect beyond those that there are.
#[derive(PartialEq, Eq)]
enum Expect {
    /// No more.
    Nothing,
    /// More, which need not be waited for.
    Some,
    /// More, which belong to them.
    All,
}

impl RawSession {
    /// Takes in bytes of requests.
    fn feed(&self, request: &[u8]) -> Result<(), Error> {
        let mut core = self.shared.borrow_mut();
        let now = core.begin()?;
        if self.closed.get() {
            return Err(Error::Closed);
        }
        core.engine.exchange(now, self.id, request);
        core.settle();
        Ok(())
    }

    /// Waits for bytes to send, as long as some are expected.
    async fn take(&self, expected: fn(&Core, SessionId) -> Expect) -> Result<Vec<u8>, Error> {
        if self.taken.replace(true) {
            self.shared.borrow_mut().hand_over();
            return Ok(Vec::new());
        }
        let _taking = Taking(self);
        let take = |core: &mut Core| {
            if self.closed.get() {
                return Some(Err(Error::Closed));
            }
            let expected = expected(core, self.id);
            let Some(output) = core.engine.output(self.id) else {
                return (expected == Expect::Nothing).then(|| Ok(Vec::new()));
            };
            if expected == Expect::All {
                return None;
            }
            let (bytes, close) = (output.bytes.to_vec(), output.close);
            core.engine.consume(self.id);
            if close {
                self.closed.set(true);
                core.engine.close_session(self.id);
            }
            Some(Ok(bytes))
        };
        poll_fn(|cx| wait(&self.shared, self.id, cx, take)).await
    }
}

/// A call that takes the replies of its session, until it returns or is cancelled.
struct Taking<'a>(&'a RawSession);

impl Drop for Taking<'_> {
    fn drop(&mut self) {
        self.0.taken.set(false);
        self.0.shared.borrow_mut().leave(self.0.id);
    }
}

impl Drop for RawSession {
    fn drop(&mut self) {
        self.close();
    }
}
