//! Typed calls: they wait for their reply.

use alloc::boxed::Box;
use alloc::rc::Rc;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::answer::Answer;
use super::core::{Core, Shared};
use super::generated::brooklet::streams::types::Error;
use super::session;
use super::words::Words;
use crate::state::SessionId;

/// A command in a session of its own.
pub(super) struct Call {
    shared: Shared,
    session: Option<SessionId>,
    group: Option<Box<[u8]>>,
    /// Whether to wait until no rewrite is under way.
    until_written: bool,
}

impl Call {
    /// Runs a command.
    #[inline(never)]
    pub(super) fn begin(
        shared: &Shared,
        words: &Words,
        group: Option<&[u8]>,
    ) -> Result<Self, Error> {
        let mut core = shared.borrow_mut();
        let now = core.begin()?;
        let session = core.lend(now)?;
        core.engine.call(now, session, words.bytes());
        core.settle();
        let (shared, group) = (Rc::clone(shared), group.map(Into::into));
        Ok(Self { shared, session: Some(session), group, until_written: false })
    }

    /// Has it wait until no rewrite is under way.
    pub(super) fn until_written(mut self) -> Self {
        self.until_written = true;
        self
    }
}

impl Future for Call {
    type Output = Result<Answer, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(session) = self.session else { return Poll::Ready(Err(Error::Closed)) };
        let polled = wait(&self.shared, session, cx, |core| {
            let waits = self.until_written && core.rewrites();
            if waits { None } else { session::take(&mut core.engine, session) }
        });
        if polled.is_ready() {
            self.session = None;
            let mut core = self.shared.borrow_mut();
            core.leave(session);
            core.take_back(session);
        }
        polled
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(session) = self.session {
            self.shared.borrow_mut().cancel(session, self.group.take());
        }
    }
}

/// Waits until `take` has something.
pub(super) fn wait<T>(
    shared: &Shared,
    session: SessionId,
    cx: &mut Context<'_>,
    mut take: impl FnMut(&mut Core) -> Option<Result<T, Error>>,
) -> Poll<Result<T, Error>> {
    let core = &mut *shared.borrow_mut();
    core.begin()?;
    if !core.must_stay(session)
        && let Some(taken) = take(core)
    {
        return Poll::Ready(taken);
    }
    if core.turn(session, cx)? {
        if let Some(taken) = take(core) {
            return Poll::Ready(taken);
        }
        // There may be more to write; others come first.
        cx.waker().wake_by_ref();
    }
    Poll::Pending
}
