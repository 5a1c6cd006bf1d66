//! The kernel by itself, without a window system: its calls, wake-ups, starts and idle processes.

pub(crate) mod calls;
mod host;
pub(crate) mod idle;
pub(crate) mod start;
pub(crate) mod wake;
