//! Requests that somebody else answers, later and from any thread.

use parking_lot::Mutex;
use portico_abi::Code;
use portico_kernel::{Failure, Received, Sent, Waker};
use std::sync::Arc;

/// Takes the answer to one request, from any thread. Dropped without one, the answer is that nobody could do it.
pub struct Reply<T = ()> {
    slot: Arc<Slot<T>>,
    given: bool,
}

struct Slot<T> {
    outcome: Mutex<Option<Result<T, Failure>>>,
    waker: Waker,
}

impl<T> Reply<T> {
    /// Gives the answer, or says why there is none.
    pub fn give(mut self, outcome: Result<T, Failure>) {
        *self.slot.outcome.lock() = Some(outcome);
        self.given = true;
    }

    /// It was not done; the text says why.
    pub fn failed(self, code: Code, why: impl Into<String>) {
        self.give(Err(Failure::new(code, why.into())));
    }
}

impl Reply {
    /// It is done.
    pub fn done(self) {
        self.give(Ok(()));
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        // What was given may have been received already.
        if !self.given {
            let nobody = Failure::new(Code::Unavailable, "no handler answered");
            *self.slot.outcome.lock() = Some(Err(nobody));
        }
        self.slot.waker.ready();
    }
}

/// A channel's side of its last request.
pub(crate) struct Pending<T = ()>(Option<Arc<Slot<T>>>);

impl<T> Default for Pending<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Pending<T> {
    /// Begins a request, which takes the place of the one before.
    pub(crate) fn begin(&mut self, waker: Waker) -> Reply<T> {
        let slot = Arc::new(Slot {
            outcome: Mutex::new(None),
            waker,
        });
        self.0 = Some(Arc::clone(&slot));
        Reply { slot, given: false }
    }

    /// What became of its message: some requests are answered at once.
    pub(crate) fn sent(&self) -> Sent {
        let answered = self.0.as_ref().is_some_and(|slot| slot.outcome.lock().is_some());
        if answered { Sent::Ready } else { Sent::Waiting }
    }

    /// What has come of it, once.
    pub(crate) fn take(&self) -> Option<Result<T, Failure>> {
        self.0.as_ref()?.outcome.lock().take()
    }
}

impl Pending {
    /// What has come of a request that gives nothing back.
    pub(crate) fn receive(&self) -> Result<Received, Failure> {
        match self.take() {
            Some(outcome) => outcome.map(|()| Received::Delivered),
            None => Ok(Received::Nothing),
        }
    }
}
