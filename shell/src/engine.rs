//! The kernel with this host's portals, the user's cache of compiled code, and workers that compile.

use crate::folders::folders;
use crate::worker::{WorkerCompiler, Workers};
use portico_kernel::{EngineError, Kernel};
use portico_portals::{Host, TABLE};
use std::path::PathBuf;

/// Makes the kernel.
///
/// # Errors
/// When the engine can't run on this machine.
pub fn kernel() -> Result<Kernel<Host>, EngineError> {
    Kernel::new(TABLE, cache(), WorkerCompiler(Workers::shared()))
}

/// The folder of the user's cache of compiled code.
pub fn cache() -> Option<PathBuf> {
    folders().map(|directories| directories.cache_dir().join("code"))
}
