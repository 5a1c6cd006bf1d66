//! Slow work off the event thread: files, the database, other processes.

/// Runs work on the shell's pool of threads, which grows with what hangs and shrinks again. What the work is for may be gone
/// once it is done: it says so by an event.
pub(crate) fn spawn(work: impl FnOnce() + Send + 'static) {
    blocking::unblock(work).detach();
}
