//! Requests that a service answers later, from any thread.

use parking_lot::Mutex;
use portico_abi::Code;
use portico_kernel::{Failure, Received, Sent, Waker};
use std::sync::Arc;

/// Takes the answer to one request, from any thread. Dropped without one, the answer is Unavailable.
pub struct Reply<T = ()>(Option<Recipient<T>>);

/// Recipient of an answer.
enum Recipient<T> {
    /// A program's channel.
    Channel(Arc<Slot<T>>),
    /// The shell itself.
    Function(Box<dyn FnOnce(Result<T, Failure>) + Send>),
}

impl<T> Recipient<T> {
    fn give(self, outcome: Result<T, Failure>) {
        match self {
            Self::Channel(slot) => {
                *slot.outcome.lock() = Some(outcome);
                slot.waker.ready();
            }
            Self::Function(told) => told(outcome),
        }
    }
}

struct Slot<T> {
    outcome: Mutex<Option<Result<T, Failure>>>,
    waker: Waker,
}

impl<T> Reply<T> {
    /// A reply for the shell itself: `told` is called with the answer, on whatever thread gives it.
    pub fn to(told: impl FnOnce(Result<T, Failure>) + Send + 'static) -> Self {
        Self(Some(Recipient::Function(Box::new(told))))
    }

    /// Gives the answer, or says why there is none.
    pub fn give(mut self, outcome: Result<T, Failure>) {
        if let Some(recipient) = self.0.take() {
            recipient.give(outcome);
        }
    }

    /// Answers that it was not done; the text says why.
    pub fn failed(self, code: Code, why: impl Into<String>) {
        self.give(Err(Failure::new(code, why.into())));
    }
}

impl Reply {
    /// Answers that it is done.
    pub fn done(self) {
        self.give(Ok(()));
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        if let Some(recipient) = self.0.take() {
            recipient.give(Err(Failure::new(Code::Unavailable, "no handler answered")));
        }
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
        Reply(Some(Recipient::Channel(slot)))
    }

    /// Result of the message that made the request: some are answered at once.
    pub(crate) fn sent(&self) -> Sent {
        let answered = self.0.as_ref().is_some_and(|slot| slot.outcome.lock().is_some());
        if answered { Sent::Ready } else { Sent::Waiting }
    }

    /// Takes the answer, if it has come.
    pub(crate) fn take(&self) -> Option<Result<T, Failure>> {
        self.0.as_ref()?.outcome.lock().take()
    }
}

impl Pending {
    /// Takes the answer of a request that gives nothing back, as the result of a receive.
    pub(crate) fn receive(&self) -> Result<Received, Failure> {
        match self.take() {
            Some(outcome) => outcome.map(|()| Received::Delivered),
            None => Ok(Received::Nothing),
        }
    }
}
