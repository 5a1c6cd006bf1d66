//! `portico install`, `list`, `remove` and `clean`.

use super::{NAMELESS, NOT_LOADED, UNREADABLE, fail, print, tell_of_damage, tell_shells};
use crate::library::{Library, LibraryError, ResolveError};
use crate::source;
use crate::state::{self, Database};
use portico_ipc::{Request, path};
use portico_kernel::{Hash, ProgramError};
use portico_model::{Installed, ProgramRef};
use serde_json::json;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The programs of this user.
pub(super) fn library() -> Library {
    Library::of_user(Database::new(state::file()))
}

pub(super) fn install(files: &[PathBuf], as_json: bool) -> u8 {
    let library = library();
    let (mut done, mut code) = (Vec::new(), 0);
    for file in files {
        match installed(&library, file) {
            Ok(row) => done.push(row),
            Err(error) => code = not_installed(file, &error),
        }
    }
    finish(&library, &done, as_json, code)
}

fn installed(library: &Library, file: &Path) -> Result<Installed, LibraryError> {
    let bytes = source::receive(file, source::LARGEST)?;
    library.add(
        if source::is_stream(file) {
            Path::new(NAMELESS)
        } else {
            file
        },
        &bytes,
        || (),
    )
}

/// Prints why a program is not installed, under the name that it was given.
fn not_installed(file: &Path, error: &LibraryError) -> u8 {
    match error {
        LibraryError::Refused { why, .. } if !source::is_stream(file) => {
            fail(NOT_LOADED, format!("{} can't run: {why}", file.display()))
        }
        error => fail(code_of(error), error),
    }
}

fn code_of(error: &LibraryError) -> u8 {
    match error {
        LibraryError::Refused { .. } => NOT_LOADED,
        LibraryError::List(error) => super::code_of(error),
        LibraryError::Programs(ProgramError::Held(_)) => 1,
        LibraryError::File(_) | LibraryError::Programs(_) | LibraryError::Nowhere => UNREADABLE,
    }
}

pub(super) fn list(as_json: bool) -> u8 {
    let database = Database::new(state::file());
    let library = Library::of_user(database.clone());
    let listed = library.installed();
    tell_of_damage(&database);
    match listed {
        Ok(rows) => show(&library, &rows, as_json),
        Err(error) => fail(code_of(&error), error),
    }
}

pub(super) fn remove(names: &[OsString], as_json: bool) -> u8 {
    let library = library();
    let (mut done, mut code) = (Vec::new(), 0);
    for name in names {
        match removed(&library, name) {
            Ok(row) => done.push(row),
            Err((failed, why)) => code = fail(failed, why),
        }
    }
    finish(&library, &done, as_json, code)
}

pub(super) fn clean(as_json: bool) -> u8 {
    let database = Database::new(state::file());
    let cleaned = Library::of_user(database.clone()).clean();
    tell_of_damage(&database);
    match cleaned {
        Ok(cleaned) if as_json => {
            print(format!("{}\n", json!({ "files": cleaned.files, "bytes": cleaned.bytes })).as_bytes())
        }
        Ok(cleaned) => print(format!("{} files, {} bytes\n", cleaned.files, cleaned.bytes).as_bytes()),
        Err(error) => fail(code_of(&error), error),
    }
}

/// Removes a program, or says why not, with the exit code for that.
fn removed(library: &Library, name: &OsStr) -> Result<Installed, (u8, String)> {
    let failed = |error: LibraryError| (code_of(&error), error.to_string());
    let rows = library.installed().map_err(failed)?;
    // What is installed under that name comes before a file that is called so.
    let hash = match library.installed_as(&name.to_string_lossy()) {
        Ok(ProgramRef::Installed { hash, .. }) => Ok(hash),
        Ok(ProgramRef::File(file)) => hash_of(&file),
        Err(ResolveError::Nothing(_)) if Path::new(name).exists() => hash_of(Path::new(name)),
        Err(error) => Err((1, error.to_string())),
    }?;
    let not_installed = || (1, format!("{} is not installed", Path::new(name).display()));
    let row = rows
        .into_iter()
        .find(|row| row.hash == hash)
        .ok_or_else(not_installed)?;
    let gone = library.remove(&hash).and_then(|()| library.forget(&hash));
    gone.map(|()| row).map_err(failed)
}

fn hash_of(file: &Path) -> Result<Hash, (u8, String)> {
    let bytes = source::read(file, source::LARGEST);
    bytes
        .map(|bytes| Hash::of(&bytes))
        .map_err(|error| (UNREADABLE, error.to_string()))
}

/// Notifies the running shells of the installed programs, and prints what was done.
fn finish(library: &Library, done: &[Installed], as_json: bool, code: u8) -> u8 {
    let told = if done.is_empty() {
        0
    } else {
        tell_shells(&Request::LibraryChanged)
    };
    let shown = show(library, done, as_json);
    let code = if code == 0 { told } else { code };
    code.max(shown)
}

fn show(library: &Library, rows: &[Installed], as_json: bool) -> u8 {
    if as_json {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                json!({
                    "hash": row.hash.to_string(),
                    "name": &*row.name,
                    "installed": row.added,
                    "used": row.used,
                    "file": library.path(&row.hash).as_deref().map(path::value),
                })
            })
            .collect();
        return print(format!("{:#}\n", json!(rows)).as_bytes());
    }
    let text: String = rows
        .iter()
        .map(|row| format!("{}  {:<16} {}\n", row.hash.short(), day(row.used), row.name.isolated()))
        .collect();
    print(text.as_bytes())
}

/// Formats a moment as people read it.
fn day(seconds: Option<u64>) -> String {
    let moment = seconds.and_then(|seconds| jiff::Timestamp::from_second(i64::try_from(seconds).ok()?).ok());
    let local = moment.map(|moment| moment.to_zoned(portico_portals::system_zone()));
    local.map_or_else(
        || "never opened".into(),
        |local| local.strftime("%Y-%m-%d %H:%M").to_string(),
    )
}
