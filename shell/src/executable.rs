//! The file that this process runs.

use std::io;
use std::path::PathBuf;

/// A path that starts the running file itself, also after another one was moved over it.
///
/// # Errors
/// When the system doesn't tell.
pub(crate) fn running_file() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}
