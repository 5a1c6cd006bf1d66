//! `portico install`, `list`, `remove` and `clean`.

use super::{NOT_LOADED, fail, print};
use crate::library::{Library, LibraryError, Meant};
use crate::link::{Request, ask_all};
use crate::state::installed::Installed;
use crate::state::{self, Store};
use serde_json::json;
use std::path::PathBuf;

/// The programs of this user.
pub(super) fn library() -> Library {
    Library::of_user(Store::new(state::file()))
}

pub(super) fn install(files: &[PathBuf], as_json: bool) -> u8 {
    let library = library();
    let (mut done, mut code) = (Vec::new(), 0);
    for file in files {
        match library.install(file) {
            Ok(row) => done.push(row),
            Err(error) => code = fail(NOT_LOADED, error),
        }
    }
    tell_shells();
    show(&library, &done, as_json);
    code
}

pub(super) fn list(as_json: bool) -> u8 {
    let library = library();
    match library.installed() {
        Ok(rows) => show(&library, &rows, as_json),
        Err(error) => fail(1, error),
    }
}

pub(super) fn remove(names: &[String], as_json: bool) -> u8 {
    let library = library();
    let (mut done, mut code) = (Vec::new(), 0);
    for name in names {
        match removed(&library, name) {
            Ok(row) => done.push(row),
            Err(why) => code = fail(1, why),
        }
    }
    tell_shells();
    show(&library, &done, as_json);
    code
}

pub(super) fn clean(as_json: bool) -> u8 {
    match library().clean() {
        Ok(cleaned) if as_json => {
            print(format!("{}\n", json!({ "files": cleaned.files, "bytes": cleaned.bytes })).as_bytes())
        }
        Ok(cleaned) => print(format!("{} files, {} bytes\n", cleaned.files, cleaned.bytes).as_bytes()),
        Err(error) => fail(1, error),
    }
}

fn removed(library: &Library, name: &str) -> Result<Installed, String> {
    let rows = library.installed().map_err(|error| error.to_string())?;
    // A file of that name is not what is removed here.
    let meant = library.installed_as(name).map_err(|error| error.to_string())?;
    let Meant::Installed { hash, .. } = meant else { return Err(format!("{name} is not installed")) };
    let gone = library.remove(&hash).and_then(|()| library.forget(&hash));
    gone.map_err(|error: LibraryError| error.to_string())?;
    rows.into_iter().find(|row| row.hash == hash).ok_or_else(|| format!("{name} is not installed"))
}

/// Shells that run show what is installed by now; one that can't be told sees it when it starts next.
fn tell_shells() {
    ask_all(&Request::LibraryChanged, None);
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
                    "file": library.path(&row.hash),
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

/// A moment as people read it.
fn day(seconds: Option<u64>) -> String {
    let moment = seconds.and_then(|seconds| jiff::Timestamp::from_second(i64::try_from(seconds).ok()?).ok());
    let local = moment.map(|moment| moment.to_zoned(jiff::tz::TimeZone::system()));
    local.map_or_else(|| "never opened".into(), |local| local.strftime("%Y-%m-%d %H:%M").to_string())
}
