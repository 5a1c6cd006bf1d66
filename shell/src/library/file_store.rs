//! Files of programs: a folder for each, named by the program's identity.

use crate::folders::folders;
use crate::source::{self, ReadError};
use crate::whole::{self, Readers};
use portico_kernel::Identity;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Longest name of a file, in bytes.
const LONGEST: usize = 255;
/// How many files of one name are told apart by a number.
const MOST: u32 = 9_999;

/// Copies a file into a program's store, under its own name or, where there is one of that name, with a number. Says which.
///
/// # Errors
/// When it can't be read or written.
pub fn import(program: &Identity, file: &Path) -> Result<String, ReadError> {
    let nowhere = || ReadError::Failed {
        file: file.to_owned(),
        why: ErrorKind::NotFound.into(),
    };
    import_into(&folder().ok_or_else(nowhere)?.join(program.folder()), file)
}

/// Where programs' files are, in a folder for each.
pub fn folder() -> Option<PathBuf> {
    folders().map(|directories| directories.data_dir().join("storage"))
}

fn import_into(folder: &Path, file: &Path) -> Result<String, ReadError> {
    let mut from = source::open(file)?;
    let failed = |why| ReadError::Failed {
        file: file.to_owned(),
        why,
    };
    make(folder).map_err(failed)?;
    let (stem, ending) = parts(file);
    let names = (1..=MOST).map(|number| {
        let number = if number == 1 {
            String::new()
        } else {
            format!(" ({number})")
        };
        let stem = &stem[..stem.floor_char_boundary(LONGEST.saturating_sub(number.len() + ending.len()))];
        format!("{stem}{number}{ending}")
    });
    // The program is told of the name when all of it is there.
    let copied = whole::add(folder, Readers::Owner, names, |to| io::copy(&mut from, to).map(drop));
    copied.map_err(failed)
}

/// Name and ending of a file, as a program's store takes them: without control characters, and none of `.` and `..`.
fn parts(file: &Path) -> (String, String) {
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let name: String = name
        .chars()
        .filter(|c| !c.is_control() && !"/\\".contains(*c))
        .collect();
    let (stem, ending) = match name.rfind('.').filter(|at| *at > 0 && name.len() - at <= 32) {
        Some(at) => (name[..at].to_owned(), name[at..].to_owned()),
        None => (name, String::new()),
    };
    if stem.trim_matches('.').is_empty() {
        ("file".to_owned(), ending)
    } else {
        (stem, ending)
    }
}

/// Makes a folder for this user alone.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_file_is_copied_and_never_replaces_another() {
        let home = tempfile::tempdir().unwrap();
        let store = home.path().join("a/store");
        let file = home.path().join("sun.set.png");
        fs::write(&file, "1").unwrap();
        assert_eq!(import_into(&store, &file).unwrap(), "sun.set.png");
        fs::write(&file, "2").unwrap();
        assert_eq!(import_into(&store, &file).unwrap(), "sun.set (2).png");
        assert_eq!(fs::read(store.join("sun.set.png")).unwrap(), b"1");
        assert_eq!(fs::read(store.join("sun.set (2).png")).unwrap(), b"2");
        assert!(import_into(&store, home.path()).is_err(), "a folder is no file");
        assert!(import_into(&store, Path::new("/nowhere/at/all")).is_err());
    }

    #[test]
    fn names_are_fit_for_a_store() {
        let parts = |name: &str| {
            let (stem, ending) = parts(Path::new(name));
            stem + &ending
        };
        assert_eq!(parts("/a/b\n c.txt"), "b c.txt");
        assert_eq!(parts(".profile"), ".profile");
        assert_eq!(parts("/a/.."), "file");
        assert_eq!(parts("/"), "file");
    }

    #[test]
    fn long_names_keep_their_ending() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join(format!("{}.png", "é".repeat(125)));
        fs::write(&file, "1").unwrap();
        let store = home.path().join("store");
        import_into(&store, &file).unwrap();
        let second = import_into(&store, &file).unwrap();
        assert!(second.len() <= LONGEST && second.ends_with(" (2).png"), "{second}");
    }
}
