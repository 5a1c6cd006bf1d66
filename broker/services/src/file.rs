//! The database of a service: one file, made whole and looked through before it is trusted.

use redb::{Builder, Database, DatabaseError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Memory for pages of the file, in bytes.
const CACHE: usize = 16 << 20;

/// Why a service has no database.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// This system has no place for it.
    #[error("this system has no folder for what programs keep; name a file")]
    Nowhere,
    /// It can't be made.
    #[error("cannot make {0}: {1}")]
    Make(PathBuf, io::Error),
    /// Another process of the service has it open.
    #[error("{0} is open in another process")]
    Busy(PathBuf),
    /// It is none, or damaged. It is left as it is.
    #[error("{0} is damaged, or no database: {1}. Put a copy in its place, or move it away to begin with nothing")]
    Damaged(PathBuf, String),
}

/// The file of that name among what Portico's services keep for this user.
///
/// # Errors
/// [`FileError::Nowhere`].
pub fn place(name: &str) -> Result<PathBuf, FileError> {
    let folders = directories::ProjectDirs::from("", "", "portico").ok_or(FileError::Nowhere)?;
    Ok(folders.data_dir().join("services").join(name))
}

/// Opens a database, and makes it if there is none.
pub(crate) fn open(file: &Path) -> Result<Database, FileError> {
    if !file.exists() {
        make(file).map_err(|error| FileError::Make(file.to_owned(), error))?;
    }
    let damaged = |why: String| FileError::Damaged(file.to_owned(), why);
    // All of it is looked through: an answer must not come out of a damaged page. Damage can also make the database's own code
    // panic.
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let mut database = Builder::new().set_cache_size(CACHE).open(file)?;
        let whole = database.check_integrity()?;
        Ok((database, whole))
    }));
    match opened {
        Ok(Ok((database, whole))) => {
            if !whole {
                crate::say(format_args!(
                    "{} was damaged and is mended; what was written last may be missing",
                    file.display()
                ));
            }
            Ok(database)
        }
        Ok(Err(DatabaseError::DatabaseAlreadyOpen)) => Err(FileError::Busy(file.to_owned())),
        Ok(Err(error)) => Err(damaged(error.to_string())),
        Err(_) => Err(damaged("it makes no sense".into())),
    }
}

/// Makes an empty database beside its place, so that a process that is killed meanwhile leaves no half of one there.
fn make(file: &Path) -> io::Result<()> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let new = tempfile::Builder::new().prefix("new-").tempfile_in(folder)?;
    drop(Builder::new().create(new.path()).map_err(io::Error::other)?);
    match new.persist_noclobber(file) {
        // Another process was faster.
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
        Ok(made) => made.sync_all(),
    }?;
    // Its name, too, has to be on the disk before anything is promised.
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}
