//! Cancels work that is under way, from any thread.

use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;

/// Cancels the work that was started with it. Clones share one state.
#[derive(Clone, Default)]
pub struct Cancel(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    cancelled: bool,
    /// Ids of the hooks only grow.
    next: u64,
    hooks: Vec<(u64, Hook)>,
}

type Hook = Box<dyn FnOnce() + Send>;

impl Cancel {
    /// Cancels: work for it stops before this returns.
    pub fn cancel(&self) {
        let hooks = {
            let mut state = self.0.lock();
            state.cancelled = true;
            std::mem::take(&mut state.hooks)
        };
        for (_, hook) in hooks {
            hook();
        }
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.lock().cancelled
    }

    /// Has `hook` called by whoever cancels, once, unless the guard is dropped before; at once when it is cancelled already.
    /// It must not block.
    pub fn on_cancel(&self, hook: impl FnOnce() + Send + 'static) -> OnCancel {
        let mut state = self.0.lock();
        let id = state.next;
        if state.cancelled {
            drop(state);
            hook();
        } else {
            state.next += 1;
            state.hooks.push((id, Box::new(hook)));
        }
        OnCancel {
            cancel: self.clone(),
            id,
        }
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancel")
            .field("cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}

/// Takes a hook back when it is dropped.
#[derive(Debug)]
#[must_use = "the hook is taken back when this is dropped"]
pub struct OnCancel {
    cancel: Cancel,
    id: u64,
}

impl Drop for OnCancel {
    fn drop(&mut self) {
        self.cancel.0.lock().hooks.retain(|(id, _)| *id != self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn hooks_are_called_once_unless_they_were_taken_back() {
        let (cancel, called) = (Cancel::default(), Arc::new(AtomicU32::new(0)));
        let hook = |worth| {
            let called = Arc::clone(&called);
            move || {
                called.fetch_add(worth, Ordering::Relaxed);
            }
        };
        let _kept = cancel.on_cancel(hook(1));
        drop(cancel.on_cancel(hook(10)));
        assert!(!cancel.is_cancelled());
        cancel.clone().cancel();
        cancel.cancel();
        assert!(cancel.is_cancelled());
        assert_eq!(called.load(Ordering::Relaxed), 1);
        let _late = cancel.on_cancel(hook(100));
        assert_eq!(
            called.load(Ordering::Relaxed),
            101,
            "one that comes too late is called at once"
        );
    }
}
