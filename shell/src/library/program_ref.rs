//! Resolves references to programs: a file, an installed program by name or hash, or a link to one.

use super::{Library, LibraryError};
use crate::source::{self, ReadError};
use portico_kernel::NotFound;
use portico_model::{ProgramRef, fold, reference_digits};
use std::ffi::OsStr;
use std::path::PathBuf;

/// Why a reference could not be resolved.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// No file and no installed program has this name.
    #[error("there is no file {0}, and no installed program of that name or hash")]
    Nothing(String),
    /// The reference is empty.
    #[error("no program is named")]
    Nameless,
    /// It is not a file, but a folder for example.
    #[error(transparent)]
    NotAFile(ReadError),
    /// Several installed programs have this name.
    #[error("several installed programs are called {0}; name one by its hash: {hashes}", hashes = .1.join(", "))]
    Several(String, Vec<String>),
    /// No hash begins with these digits, or several do.
    #[error(transparent)]
    Hash(#[from] NotFound),
    /// The list of installed programs can't be read.
    #[error(transparent)]
    List(#[from] LibraryError),
}

/// The path that a text names, as people and file managers write them.
fn path(text: &OsStr) -> PathBuf {
    let Some(text) = text.to_str() else { return text.into() };
    if let Some(path) = text.strip_prefix("file://") {
        return address_path(path);
    }
    match (text.strip_prefix("~/"), directories::UserDirs::new()) {
        (Some(rest), Some(user)) => user.home_dir().join(rest),
        _ => PathBuf::from(text),
    }
}

/// The path in an address of a file.
fn address_path(path: &str) -> PathBuf {
    let bytes = source::unescaped(path.as_bytes());
    #[cfg(unix)]
    return <std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes).into();
    #[cfg(not(unix))]
    String::from_utf8_lossy(&bytes).into_owned().into()
}

impl Library {
    /// Resolves a reference: a file if there is one, else an installed program by the beginning of its hash, a link, or its name,
    /// else one that came with the shell by the name of its file.
    ///
    /// # Errors
    /// Says why there is no such program.
    pub fn resolve(&self, text: impl AsRef<OsStr>) -> Result<ProgramRef, ResolveError> {
        let text = text.as_ref();
        if text.to_string_lossy().trim().is_empty() {
            return Err(ResolveError::Nameless);
        }
        let path = path(text.to_str().map_or(text, |text| text.trim().as_ref()));
        if let Ok(file) = path.canonicalize()
            && file.is_file()
        {
            return Ok(ProgramRef::File(file));
        }
        self.installed_as(&text.to_string_lossy()).or_else(|error| match error {
            ResolveError::Nothing(name) => match (self.bundled_as(&name), source::open(&path)) {
                (Some(file), _) => Ok(ProgramRef::File(file)),
                (None, Err(error @ ReadError::NotAFile { .. })) => Err(ResolveError::NotAFile(error)),
                (None, _) => Err(ResolveError::Nothing(name)),
            },
            other => Err(other),
        })
    }

    fn bundled_as(&self, name: &str) -> Option<PathBuf> {
        let is_called = |file: &PathBuf| {
            file.file_stem()
                .is_some_and(|stem| fold::is_same(&stem.to_string_lossy(), name))
        };
        self.bundled().into_iter().find(is_called)
    }

    /// Resolves a reference to an installed program: the beginning of its hash, a link, or its name.
    ///
    /// # Errors
    /// Says why there is no such program.
    pub fn installed_as(&self, text: &str) -> Result<ProgramRef, ResolveError> {
        let text = text.trim();
        let listed = self.installed()?;
        let named: Vec<_> = listed.iter().filter(|row| fold::is_same(&row.name, text)).collect();
        // Of those whose names differ in accents alone, the one that is written so is meant.
        let exactly: Vec<_> = named.iter().copied().filter(|row| *row.name == *text).collect();
        let named = if exactly.is_empty() { named } else { exactly };
        match *named {
            [row] => {
                return Ok(ProgramRef::Installed {
                    hash: row.hash,
                    name: row.name.clone(),
                });
            }
            [] => {}
            _ => {
                let hashes = named.iter().map(|row| row.hash.short()).collect();
                return Err(ResolveError::Several(text.to_owned(), hashes));
            }
        }
        let Some(digits) = reference_digits(text) else {
            return Err(ResolveError::Nothing(text.to_owned()));
        };
        let programs = self.programs().ok_or(LibraryError::Nowhere)?;
        let hash = programs.find(digits)?;
        // A file whose program was removed a moment ago is still there, and counts no more.
        let row = listed.into_iter().find(|row| row.hash == hash);
        let row = row.ok_or_else(|| NotFound::None(digits.to_owned()))?;
        Ok(ProgramRef::Installed { hash, name: row.name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_links_are_paths() {
        let path = |text: &str| path(text.as_ref());
        assert_eq!(path("file:///a%20b/%c3%a9%2"), PathBuf::from("/a b/é%2"));
        assert_eq!(path("/a b"), PathBuf::from("/a b"));
        #[cfg(unix)]
        assert_eq!(path("file:///caf%E9").as_os_str().as_encoded_bytes(), b"/caf\xe9");
    }
}
