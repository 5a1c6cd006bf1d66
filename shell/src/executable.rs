//! The file of this program. Another version may take its place while it runs, so what was started is found out at the start.

use crate::environment;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

struct Started {
    command: PathBuf,
    file: PathBuf,
}

/// Finds out what was started. Called first of all; later it is too late.
fn started() -> io::Result<&'static Started> {
    static STARTED: OnceLock<Started> = OnceLock::new();
    if let Some(started) = STARTED.get() {
        return Ok(started);
    }
    let file = whole(std::env::current_exe()?);
    let name = PathBuf::from(std::env::args_os().next().unwrap_or_default());
    let command = named(&name, &environment::program_folders(), &file);
    Ok(STARTED.get_or_init(|| Started { command, file }))
}

/// Notes what was started.
pub(crate) fn note() {
    // Who wants to know it hears the error.
    let _ = started();
}

/// What starts this program, or the version that has taken its place: the path that was named, links and all, since links are
/// what leads from one version to the next.
///
/// # Errors
/// When the system does not tell.
pub(crate) fn installed_command() -> io::Result<&'static Path> {
    started().map(|started| &*started.command)
}

/// The folder that this program's file was in when it was started.
///
/// # Errors
/// When the system does not tell.
pub(crate) fn folder() -> io::Result<&'static Path> {
    started().map(|started| started.file.parent().unwrap_or(&started.file))
}

/// What starts the very file that runs; on Linux also when another one has taken its place.
///
/// # Errors
/// When the system does not tell.
pub(crate) fn running_file() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        Ok("/proc/self/exe".into())
    } else {
        started().map(|started| started.file.clone())
    }
}

/// The file's path without what Linux says behind it when another one has taken its place already.
fn whole(file: PathBuf) -> PathBuf {
    let name = file
        .file_name()
        .and_then(|name| name.to_str()?.strip_suffix(" (deleted)"));
    let before = name.map(|name| file.with_file_name(name));
    let file = before.filter(|_| !file.exists()).unwrap_or(file);
    file.canonicalize().unwrap_or(file)
}

/// The path by which `file` was started under this name, as far as one leads there, directly or from one of `folders`.
fn named(name: &Path, folders: &[PathBuf], file: &Path) -> PathBuf {
    let leads_there = |path: &PathBuf| path.canonicalize().is_ok_and(|found| found == file);
    let places = if name.components().nth(1).is_some() {
        vec![name.to_owned()]
    } else {
        folders.iter().map(|folder| folder.join(name)).collect()
    };
    let mut places = places.into_iter().filter_map(|place| std::path::absolute(place).ok());
    places.find(leads_there).unwrap_or_else(|| file.to_owned())
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_command_is_what_was_named_if_it_leads_to_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let (bin, version) = (root.join("bin"), root.join("portico-1"));
        fs::create_dir(&bin).unwrap();
        fs::create_dir(&version).unwrap();
        let (file, link) = (version.join("portico"), bin.join("portico"));
        fs::write(&file, "").unwrap();
        symlink(&file, &link).unwrap();
        let path = [root.join("none"), version.join(".."), bin];
        assert_eq!(named(Path::new("portico"), &path, &file), link);
        assert_eq!(named(&link, &[], &file), link);
        assert_eq!(named(&file, &[], &file), file);
        // Whoever starts a program may call it anything.
        for name in ["", "-sh", "sh", "/bin/sh", "/nowhere/portico"] {
            assert_eq!(named(Path::new(name), &path, &file), file, "{name}");
        }
    }

    #[test]
    fn a_file_is_known_under_its_name_when_another_has_taken_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let (file, gone) = (root.join("portico"), root.join("portico (deleted)"));
        assert_eq!(whole(gone.clone()), file);
        assert_eq!(whole(file.clone()), file);
        fs::write(&gone, "").unwrap();
        assert_eq!(whole(gone.clone()), gone, "one may really be called so");
    }
}
