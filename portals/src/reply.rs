//! Requests that somebody else answers, later and from any thread.

use parking_lot::Mutex;
use portico_abi::Code;
use portico_kernel::{Failure, Received, Waker};
use std::sync::Arc;

/// Takes the answer to one request, from any thread. Dropped without one, the answer is that nobody could do it.
pub struct Reply(Arc<Answer>);

struct Answer {
    outcome: Mutex<Option<Result<(), Failure>>>,
    waker: Waker,
}

impl Reply {
    /// It is done.
    pub fn done(self) {
        *self.0.outcome.lock() = Some(Ok(()));
    }

    /// It was not done; the text says why.
    pub fn failed(self, code: Code, why: impl Into<String>) {
        *self.0.outcome.lock() = Some(Err(Failure::new(code, why.into())));
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        let unavailable = || Err(Failure::new(Code::Unavailable, "there is nobody here who could do it"));
        self.0.outcome.lock().get_or_insert_with(unavailable);
        self.0.waker.ready();
    }
}

/// A channel's side of its last request.
#[derive(Default)]
pub(crate) struct Pending(Option<Arc<Answer>>);

impl Pending {
    /// Begins a request, which takes the place of the one before.
    pub(crate) fn begin(&mut self, waker: Waker) -> Reply {
        let answer = Arc::new(Answer { outcome: Mutex::new(None), waker });
        self.0 = Some(Arc::clone(&answer));
        Reply(answer)
    }

    /// What has come of it.
    pub(crate) fn receive(&self) -> Result<Received, Failure> {
        match self.0.as_ref().and_then(|answer| answer.outcome.lock().take()) {
            Some(Ok(())) => Ok(Received::Delivered),
            Some(Err(failure)) => Err(failure),
            None => Ok(Received::Nothing),
        }
    }
}
