//! Files that are written whole or not at all: beside their place, put on the disk, and only then given their name. A full disk,
//! or an end in the middle, leaves what was there before.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;
use tempfile::{Builder, NamedTempFile};

/// Who may read a file that is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// This user alone.
    Owner,
    /// Those whom the user's habits (the umask) let.
    Usual,
}

/// Writes a file, in the place of one that may be there; it is on the disk when this returns. A device or a pipe is no file to
/// be replaced: it gets the bytes.
///
/// # Errors
/// When it can't be written; what was there is as it was.
pub(crate) fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    put(file, bytes, true)
}

/// The same for one of many files, which need not outlive a failure of the machine: does not wait for the disk.
///
/// # Errors
/// As [`replace`].
pub(crate) fn replace_soon(file: &Path, bytes: &[u8]) -> io::Result<()> {
    put(file, bytes, false)
}

fn put(file: &Path, bytes: &[u8], waits: bool) -> io::Result<()> {
    let before = fs::metadata(file);
    if before.as_ref().is_ok_and(|about| !about.is_file()) {
        return fs::write(file, bytes);
    }
    // What a link leads to is replaced, not the link.
    let place = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let folder = folder(&place);
    let mut new = beside(folder, Readers::Usual)?;
    new.as_file_mut().write_all(bytes)?;
    if let Ok(before) = before {
        // Not every file system has permissions.
        let _ = new.as_file().set_permissions(before.permissions());
    }
    if waits {
        new.as_file().sync_all()?;
    }
    new.persist(&place)?;
    if waits { sync(folder) } else { Ok(()) }
}

/// Makes a file; it is on the disk when this returns.
///
/// # Errors
/// When there is one of that name ([`ErrorKind::AlreadyExists`]), or it can't be written: then there is none.
pub(crate) fn create(file: &Path, readers: Readers, bytes: &[u8]) -> io::Result<()> {
    let mut new = beside(folder(file), readers)?;
    new.as_file_mut().write_all(bytes)?;
    new.as_file().sync_all()?;
    new.persist_noclobber(file)?;
    sync(folder(file))
}

/// Makes a file in a folder under the first of these names that is free, with what `fill` writes; says under which.
///
/// # Errors
/// When it can't be written: then there is none. [`ErrorKind::AlreadyExists`]: no name is free.
pub(crate) fn add(
    folder: &Path,
    readers: Readers,
    names: impl Iterator<Item = String>,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<String> {
    let mut new = beside(folder, readers)?;
    fill(new.as_file_mut())?;
    new.as_file().sync_all()?;
    for name in names {
        match new.persist_noclobber(folder.join(&name)) {
            Ok(_) => return sync(folder).map(|()| name),
            Err(taken) if taken.error.kind() == ErrorKind::AlreadyExists => new = taken.file,
            Err(failed) => return Err(failed.error),
        }
    }
    Err(io::Error::new(
        ErrorKind::AlreadyExists,
        "there are too many files of that name",
    ))
}

fn folder(file: &Path) -> &Path {
    file.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// A new file in a folder, which goes unless it gets a name. The library of such files would have its own name in every error,
/// which is nobody's concern: it is opened and written without it.
fn beside(folder: &Path, readers: Readers) -> io::Result<NamedTempFile> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if readers == Readers::Owner { 0o600 } else { 0o666 });
    #[cfg(not(unix))]
    let _ = readers;
    Builder::new()
        .prefix(".portico-")
        .make_in(folder, |path| options.open(path))
}

/// A file's name, too, has to be on the disk.
fn sync(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn replace_keeps_links_and_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        replace(&file, b"1").unwrap();
        replace(&file, b"2").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"2");
        #[cfg(unix)]
        {
            use std::fs::Permissions;
            use std::os::unix::fs::{PermissionsExt, symlink};
            fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
            let link = folder.path().join("link");
            symlink("file", &link).unwrap();
            replace(&link, b"3").unwrap();
            assert!(link.is_symlink());
            assert_eq!(fs::read(&file).unwrap(), b"3");
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
            replace(Path::new("/dev/null"), b"4").unwrap();
        }
        let error = replace(&folder.path().join("none/file"), b"").unwrap_err().to_string();
        assert!(!error.contains("none"), "whoever asked knows the file: {error}");
        assert!(replace(folder.path(), b"").is_err(), "a folder is no file");
    }

    #[test]
    fn create_and_add_replace_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        create(&file, Readers::Owner, b"1").unwrap();
        assert_eq!(
            create(&file, Readers::Owner, b"2").unwrap_err().kind(),
            ErrorKind::AlreadyExists
        );
        let names = || ["file", "file 2"].map(str::to_owned).into_iter();
        let add = || add(folder.path(), Readers::Usual, names(), |file| file.write_all(b"3"));
        assert_eq!(add().unwrap(), "file 2");
        assert_eq!(add().unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&file).unwrap(), b"1");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left");
    }

    #[test]
    fn add_leaves_nothing_when_filling_fails() {
        let folder = tempfile::tempdir().unwrap();
        let full = |file: &mut File| file.write_all(b"1").and(Err(ErrorKind::StorageFull.into()));
        let names = std::iter::once("file".to_owned());
        assert_eq!(
            add(folder.path(), Readers::Usual, names, full).unwrap_err().kind(),
            ErrorKind::StorageFull
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
