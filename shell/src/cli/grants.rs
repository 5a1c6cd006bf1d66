//! `portico grants`: what the user has allowed and denied programs for good.

use super::{NAMELESS, UNREADABLE, code_of, fail, library, print, tell_of_damage, tell_shells, unknown};
use crate::grants::permission;
use crate::library::{Library, ResolveError};
use crate::report;
use crate::source;
use crate::state::grants::{self as table, AllDecisions, Decision};
use crate::state::{self, Database};
use clap::Subcommand;
use portico_ipc::Request;
use portico_kernel::{ProgramText, escaped, inspect};
use portico_model::{ProgramRef, fold};
use serde_json::json;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Fewest digits that stand for a program.
const DIGITS: usize = 8;
/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

#[derive(Subcommand)]
pub(super) enum Change {
    /// List all of it (as without a command)
    List,
    /// Allow a program something for good
    Allow(Which),
    /// Deny a program something for good
    Deny(Which),
    /// Forget what was said, so that what holds at first holds again
    Forget {
        /// The program: a file, an installed program, or one of the list, by name or by eight digits at least
        program: OsString,
        /// The portal; all of them if none is named
        portal: Option<String>,
    },
}

#[derive(clap::Args)]
pub(super) struct Which {
    /// The program: a file, an installed program, or one of the list, by name or by eight digits at least
    program: OsString,
    /// The portal, for example `notifications`; or one thing behind it, as `http:https://example.org`
    portal: String,
}

pub(super) fn run(what: Option<Change>, as_json: bool) -> u8 {
    let database = Database::new(state::file());
    let (program, name, allowed) = match &what {
        None | Some(Change::List) => return list(&database, as_json),
        Some(Change::Allow(which)) => (&which.program, Some(&which.portal), Some(true)),
        Some(Change::Deny(which)) => (&which.program, Some(&which.portal), Some(false)),
        Some(Change::Forget { program, portal }) => (program, portal.as_ref(), None),
    };
    let named = match name.map(|name| permission(name)).transpose() {
        Ok(named) => named,
        Err(error) => return unknown(&error),
    };
    let held = match database.read(table::read) {
        Ok(held) => held,
        Err(error) => return fail(code_of(&error), error),
    };
    let (program, called) = match find(&held, &library::library(), program) {
        Ok(found) => found,
        Err((code, why)) => return fail(code, why),
    };
    let decision = allowed.map(Decision::today);
    let permissions: Vec<String> = match named {
        Some(permission) => vec![permission.to_string()],
        None => held
            .get(&program)
            .map(|entry| entry.decisions.keys().cloned().collect())
            .unwrap_or_default(),
    };
    let write = |all: &redb::WriteTransaction| {
        permissions
            .iter()
            .try_for_each(|permission| table::write(all, &program, &called, permission, decision))
    };
    if let Err(error) = database.write(write) {
        return fail(code_of(&error), error);
    }
    match tell_shells(&Request::Grants) {
        0 => list_of(&database, as_json, |other| other == program),
        code => code,
    }
}

/// Finds the program that somebody names: its identity and its name; or the exit code, and why there is none.
fn find(held: &AllDecisions, library: &Library, named: &OsStr) -> Result<(String, ProgramText), (u8, String)> {
    let (file, text) = (Path::new(named), &*named.to_string_lossy());
    let only = |programs: Vec<(&String, &table::ProgramDecisions)>| match *programs {
        [] => Ok(None),
        [(program, entry)] => Ok(Some((program.clone(), entry.name.clone()))),
        _ => {
            let all: Vec<_> = programs.iter().map(|(program, _)| escaped(program)).collect();
            Err((
                1,
                format!(
                    "several programs are meant by {text}; name one by its digits: {}",
                    all.join(", ")
                ),
            ))
        }
    };
    if let Some(entry) = held.get(text) {
        return Ok((text.to_owned(), entry.name.clone()));
    }
    if !file.is_file() && !source::is_stream(file) {
        let called: Vec<_> = held
            .iter()
            .filter(|(_, entry)| fold::is_same(&entry.name, text))
            .collect();
        let exactly: Vec<_> = called
            .iter()
            .copied()
            .filter(|(_, entry)| *entry.name == *text)
            .collect();
        if let Some(found) = only(if exactly.is_empty() { called } else { exactly })? {
            return Ok(found);
        }
        let is_digits = text.len() >= DIGITS && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let begun = held
            .iter()
            .filter(|(program, _)| is_digits && program.starts_with(&text.to_lowercase()));
        if let Some(found) = only(begun.collect())? {
            return Ok(found);
        }
    }
    let (file, called, name) = if source::is_stream(file) {
        (file.to_owned(), PathBuf::from(NAMELESS), None)
    } else {
        match library
            .resolve(named)
            .map_err(|error| (code_of_resolve_error(&error), error.to_string()))?
        {
            ProgramRef::File(file) => (file.clone(), file, None),
            ProgramRef::Installed { hash, name } => {
                let file = library.path(&hash).unwrap_or_default();
                (file.clone(), file, Some(name))
            }
        }
    };
    let bytes = source::receive(&file, source::LARGEST).map_err(|error| (UNREADABLE, error.to_string()))?;
    let info = inspect(&bytes);
    let identity = info.identity().filter(|_| info.refusals.is_empty());
    let identity = identity.ok_or_else(|| (1, format!("{} is no program that could run", file.display())))?;
    let name = name.unwrap_or_else(|| report::name(info.manifest.name.as_ref(), &called, info.hash.as_ref()));
    Ok((identity.to_string(), name))
}

fn code_of_resolve_error(error: &ResolveError) -> u8 {
    if matches!(error, ResolveError::NotAFile(_)) {
        UNREADABLE
    } else {
        1
    }
}

fn list(database: &Database, as_json: bool) -> u8 {
    list_of(database, as_json, |_| true)
}

/// Prints the decisions about these programs.
fn list_of(database: &Database, as_json: bool, which: impl Fn(&str) -> bool) -> u8 {
    let held = match database.read(table::read) {
        Ok(held) => held,
        Err(error) => return fail(code_of(&error), error),
    };
    tell_of_damage(database);
    let mut rows: Vec<_> = held.iter().filter(|(program, _)| which(program)).collect();
    rows.sort_by_cached_key(|(program, entry)| (fold::fold(&entry.name).into_owned(), *program));
    let rows = rows.into_iter().flat_map(|(program, entry)| {
        entry
            .decisions
            .iter()
            .map(move |(portal, decision)| (program, &entry.name, portal, decision))
    });
    if as_json {
        let rows: Vec<_> = rows
            .map(|(program, name, portal, decision)| {
                json!({
                    "program": program,
                    "name": &**name,
                    "portal": portal,
                    "allowed": decision.allowed,
                    "used": day(decision.day),
                })
            })
            .collect();
        return print(format!("{:#}\n", json!(rows)).as_bytes());
    }
    let text: String = rows
        .map(|(program, name, portal, decision)| {
            let verdict = if decision.allowed { "allowed" } else { "denied" };
            // Enough of what it is known by to name it here again.
            let short: String = program.chars().take(DIGITS).collect();
            format!(
                "{short}  {verdict:<7}  {portal:<19}  {}  {}\n",
                day(decision.day),
                name.isolated()
            )
        })
        .collect();
    print(text.as_bytes())
}

/// Formats a day since 1970 as people write it.
fn day(days: u64) -> String {
    let seconds = i64::try_from(days).ok().and_then(|days| days.checked_mul(DAY));
    let moment = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    moment.map_or_else(|| days.to_string(), |moment| moment.strftime("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::state::grants::ProgramDecisions;

    #[test]
    fn a_program_is_found_by_what_it_is_called_and_by_its_digits() {
        let entry = |name: &str| ProgramDecisions {
            name: name.into(),
            ..ProgramDecisions::default()
        };
        let held = AllDecisions::from([
            ("0123456789".to_owned(), entry("Paint")),
            ("0123456700".to_owned(), entry("Life")),
            ("aaaaaaaabb".to_owned(), entry("Life")),
            ("key:Notes: two".to_owned(), entry("Notes: two")),
        ]);
        let folder = tempfile::tempdir().unwrap();
        let library = Library::new(
            portico_kernel::Programs::new(folder.path().to_owned()),
            Database::new(None),
            Vec::new(),
        );
        let find = |text: &str| match find(&held, &library, text.as_ref()) {
            Ok((program, _)) => Ok(program),
            Err((_, why)) => Err(why),
        };
        assert_eq!(find("paint").unwrap(), "0123456789");
        assert_eq!(find("012345678").unwrap(), "0123456789");
        assert_eq!(find("AAAAAAAA").unwrap(), "aaaaaaaabb");
        assert_eq!(find("key:Notes: two").unwrap(), "key:Notes: two");
        assert!(find("01234567").unwrap_err().contains("several"));
        assert!(find("life").unwrap_err().contains("0123456700, aaaaaaaabb"));
        assert!(find("0123").is_err(), "too few digits to mean something");
        assert!(find("nothing").is_err());
        let file = folder.path().join("file.wasm");
        std::fs::write(&file, b"no program").unwrap();
        assert!(find(file.to_str().unwrap()).unwrap_err().contains("no program"));
    }

    #[test]
    fn days_are_dates() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(20_778), "2026-11-21");
        assert_eq!(day(u64::MAX), u64::MAX.to_string());
    }
}
