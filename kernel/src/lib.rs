//! Runs programs: engine, processes, channels and `ar()`.
//!
//! A process is a thread with a wasmtime store of its own that blocks in `ar()` on its mailbox. What a command *does* is the
//! business of a [`Portal`]; the kernel knows no window system, no sound and no GPU, so that it runs in a test in
//! milliseconds. `H` throughout is the host's state of one process, which portals reach as [`Cx::host`].

#![deny(clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod bulk;
mod cache;
mod call;
mod cancel;
mod channels;
mod close_reasons;
mod compile;
mod engine;
mod exit;
mod facts;
mod fault;
mod grants;
mod hash;
mod identity;
mod ids;
mod inspect;
mod kernel;
mod mailbox;
mod manifest;
mod memory;
mod module_lru;
mod permission;
mod personality;
mod portal;
mod private_dir;
mod process;
mod process_group;
mod refusal;
mod run;
mod signature;
mod signing;
mod spawn;
mod stack;
mod store;
mod text;
mod usage;
mod why;

pub use bulk::Bulk;
pub use cache::Cache;
pub use cancel::{Cancel, OnCancel};
pub use compile::{Bound, Budget, CompileError, Compiler, InProcess, LoadOptions, compile};
pub use engine::{EngineError, engine};
pub use exit::{Exit, Report};
pub use fault::{Code, Failure, Fault, Trap};
pub use grants::{Grants, PermissionRequest};
pub use hash::{Hash, hex::NotHex};
pub use identity::Identity;
pub use inspect::{Info, inspect};
pub use kernel::{Kernel, LoadError, Program};
pub use mailbox::Waker;
pub use manifest::{Manifest, ManifestError};
pub use memory::{Buffer, Memory};
pub use permission::{DefaultAccess, Permission, PermissionStatus, Scope};
pub use portal::{Channel, CommandEntry, Cx, HostFacts, Open, Portal, Reading, Received, Sent};
pub use process::Process;
pub use process_group::{Child, Limits, MemoryReservation};
pub use refusal::{Refusal, reasons};
pub use signature::{Publisher, SignatureError};
pub use signing::SigningKey;
pub use store::{Cleaned, NotFound, ProgramError, Programs, ProgramsLock};
pub use text::{ProgramText, escape, escape_lines, escaped};
pub use usage::Usage;
pub use why::why;
