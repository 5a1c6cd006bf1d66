//! Resources that a process uses, as other threads read them while it runs.

use std::iter::Sum;
use std::ops::Add;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Resources that a process uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Time for which a processor has worked for it; `None` where the system doesn't tell, or once it has ended.
    pub cpu: Option<Duration>,
    /// Bytes of linear memory.
    pub memory: u64,
    /// Messages to the host and from it so far: commands, and channels that were found ready.
    pub messages: u64,
}

impl Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let cpu = self.cpu.into_iter().chain(other.cpu).reduce(Add::add);
        Self {
            cpu,
            memory: self.memory + other.memory,
            messages: self.messages + other.messages,
        }
    }
}

impl Sum for Usage {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// Counters that the process's own thread writes.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    thread: OnceLock<u64>,
    memory: AtomicU64,
    messages: AtomicU64,
}

impl Meter {
    /// Counts the processor time of the calling thread from now on.
    pub(crate) fn attach(&self) {
        let _ = self.thread.set(this_thread());
    }

    /// Sets the bytes of linear memory that the process has now.
    pub(crate) fn grown_to(&self, bytes: usize) {
        self.memory.store(bytes as u64, Ordering::Relaxed);
    }

    /// Counts messages. Only the process's own thread writes, so no atomic addition is needed.
    #[inline]
    pub(crate) fn count(&self, messages: usize) {
        let before = self.messages.load(Ordering::Relaxed);
        self.messages
            .store(before.wrapping_add(messages as u64), Ordering::Relaxed);
    }

    pub(crate) fn usage(&self) -> Usage {
        let cpu = self.thread.get().and_then(|thread| cpu(*thread));
        Usage {
            cpu,
            memory: self.memory.load(Ordering::Relaxed),
            messages: self.messages.load(Ordering::Relaxed),
        }
    }
}

#[cfg(target_os = "linux")]
fn this_thread() -> u64 {
    rustix::thread::gettid().as_raw_nonzero().get().unsigned_abs().into()
}

/// The scheduler's own account: its first number is nanoseconds on a processor.
#[cfg(target_os = "linux")]
fn cpu(thread: u64) -> Option<Duration> {
    let account = std::fs::read_to_string(format!("/proc/self/task/{thread}/schedstat")).ok()?;
    account
        .split_whitespace()
        .next()?
        .parse()
        .ok()
        .map(Duration::from_nanos)
}

#[cfg(not(target_os = "linux"))]
fn this_thread() -> u64 {
    0
}

#[cfg(not(target_os = "linux"))]
fn cpu(_thread: u64) -> Option<Duration> {
    None
}
