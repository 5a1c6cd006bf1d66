//! Folders and files that only this user may touch.

use std::path::Path;
use std::{fs, io};

/// Makes a folder, with those around it, for this user alone.
#[cfg(unix)]
pub(crate) fn create(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

/// Whether a file or folder belongs to this user, and nobody else can write it.
#[cfg(unix)]
pub(crate) fn ours(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o022 == 0
}

/// Makes a folder: the user's own data directory is private by its access list.
#[cfg(not(unix))]
pub(crate) fn create(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)
}

/// Whether a file or folder belongs to this user alone: it does, by its place.
#[cfg(not(unix))]
pub(crate) fn ours(_metadata: &fs::Metadata) -> bool {
    true
}

/// Opens a folder for this user alone, made if it is not there.
///
/// # Errors
/// When it can't be made, or others can write it.
pub(crate) fn open(directory: &Path) -> io::Result<()> {
    create(directory)?;
    if ours(&fs::metadata(directory)?) {
        return Ok(());
    }
    let text = format!("{} can be written by others than this user", directory.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, text))
}
