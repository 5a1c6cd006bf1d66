//! Runs programs: engine, processes, channels and `ar()`.
//!
//! A process is a thread with a wasmtime store of its own that blocks in `ar()` on its mailbox. What a command *does* is the
//! business of a [`Portal`]; the kernel knows no window system, no sound and no GPU, so that it runs in a test in
//! milliseconds. `H` throughout is the host's state of one process, which portals reach as [`Cx::host`].

mod fault;
mod mailbox;
mod memory;
mod portal;

pub use fault::{Failure, Fault, Trap};
pub use mailbox::Waker;
pub use memory::{Buffer, Memory};
pub use portal::{Channel, Cx, Default, Portal, Received, Sent, Served};
