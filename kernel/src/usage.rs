//! What a process takes of the computer, as others see it while it runs.

use crate::mailbox::Mailbox;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use wasmtime::{ResourceLimiter, StoreLimits};

/// What a process takes of the computer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Time for which a processor has worked for it; `None` where the system doesn't tell, or once it has ended.
    pub cpu: Option<Duration>,
    /// Bytes of linear memory.
    pub memory: u64,
}

/// What is written down of it on its own thread.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    thread: OnceLock<u64>,
    memory: AtomicU64,
}

impl Meter {
    /// Says that the calling thread is the process's.
    pub(crate) fn attach(&self) {
        let _ = self.thread.set(this_thread());
    }

    pub(crate) fn usage(&self) -> Usage {
        let cpu = self.thread.get().and_then(|thread| cpu(*thread));
        Usage { cpu, memory: self.memory.load(Ordering::Relaxed) }
    }
}

/// The limits of a process, which hears of every growth of its memory.
pub(crate) struct Limiter {
    pub(crate) limits: StoreLimits,
    pub(crate) mailbox: std::sync::Arc<Mailbox>,
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let grows = self.limits.memory_growing(current, desired, maximum)?;
        if grows {
            self.mailbox.meter.memory.store(desired as u64, Ordering::Relaxed);
        }
        Ok(grows)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.limits.table_growing(current, desired, maximum)
    }

    fn instances(&self) -> usize {
        self.limits.instances()
    }

    fn tables(&self) -> usize {
        self.limits.tables()
    }

    fn memories(&self) -> usize {
        self.limits.memories()
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
    account.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

#[cfg(not(target_os = "linux"))]
fn this_thread() -> u64 {
    0
}

#[cfg(not(target_os = "linux"))]
fn cpu(_thread: u64) -> Option<Duration> {
    None
}
