//! A clock that is set, and those who wait for its times.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Milliseconds since 1970, and who waits for which.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    now: u64,
    count: u64,
    waiting: BTreeMap<u64, (u64, Waker)>,
}

impl Clock {
    /// The time.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.lock().now
    }

    /// Sets it, and wakes whoever has waited for it.
    pub fn set(&self, now: u64) {
        let mut state = self.lock();
        state.now = now;
        for (at, waker) in state.waiting.values() {
            if *at <= now {
                waker.wake_by_ref();
            }
        }
    }

    /// The times that are waited for now.
    #[must_use]
    pub fn awaited(&self) -> Vec<u64> {
        self.lock().waiting.values().map(|(at, _)| *at).collect()
    }

    pub(super) fn wait_until(&self, at: u64) -> Wait {
        let mut state = self.lock();
        state.count += 1;
        Wait { clock: self.clone(), at, number: state.count }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A test that failed elsewhere leaves a whole state.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ready when the clock has reached a time.
pub(super) struct Wait {
    clock: Clock,
    at: u64,
    number: u64,
}

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.lock();
        if self.at <= state.now {
            return Poll::Ready(());
        }
        state.waiting.insert(self.number, (self.at, cx.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.clock.lock().waiting.remove(&self.number);
    }
}
