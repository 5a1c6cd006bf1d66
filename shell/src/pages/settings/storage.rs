//! Storage that the shell uses on the disk.

use crate::chrome::theme::UNIT;
use crate::pages::widgets::Column;
use crate::strings;
use portico_kernel::ProgramText;
use portico_model::{Event, ShellCommand};
use std::path::{Path, PathBuf};

/// Used storage, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Storage {
    /// Compiled code, which can be made again.
    pub compiled: u64,
    /// The state database.
    pub remembered: u64,
    /// The log, which goes with the shell.
    pub log: u64,
    /// What each program takes, the most first.
    pub programs: Vec<Space>,
}

/// Storage that a program uses, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Space {
    /// What it is called; `None` for all that are not installed.
    pub name: Option<ProgramText>,
    /// Its own file, where it is installed.
    pub program: u64,
    /// Files that it keeps.
    pub files: u64,
    /// Its compiled code.
    pub compiled: u64,
}

impl Space {
    fn total(&self) -> u64 {
        self.program + self.files + self.compiled
    }
}

/// A program that may use storage.
#[derive(Clone, Debug)]
pub struct StorageEntry {
    /// Its name.
    pub name: ProgramText,
    /// Its hash in digits, with which the names of its compiled code begin.
    pub hash: String,
    /// The name of the folder with its files.
    pub folder: String,
    /// Bytes of its own file, where it is installed.
    pub program: u64,
}

/// Paths of the used storage.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The folder of compiled code.
    pub compiled: Option<PathBuf>,
    /// The file of the state database.
    pub remembered: Option<PathBuf>,
    /// The folder with a folder of files for each program.
    pub files: Option<PathBuf>,
}

impl Storage {
    /// Measures it; the log takes `log` bytes. Reads folders, so it may take a while.
    pub fn measure(places: &Places, programs_: &[StorageEntry], log: u64) -> Self {
        let remembered = places.remembered.as_ref().and_then(|file| std::fs::metadata(file).ok());
        // What is there, by its name: of compiled code what the name begins with.
        let sizes = |folder: &Option<PathBuf>| folder.as_deref().map(entries).unwrap_or_default();
        let (mut compiled, mut files) = (sizes(&places.compiled), sizes(&places.files));
        let all = compiled.iter().map(|(_, bytes)| bytes).sum();
        let space = |program: &StorageEntry| Space {
            name: Some(program.name.clone()),
            program: program.program,
            files: take(&mut files, |name| name == program.folder),
            compiled: take(&mut compiled, |name| name.starts_with(&program.hash)),
        };
        let mut programs: Vec<Space> = programs_.iter().map(space).collect();
        programs.push(Space {
            files: take(&mut files, |_| true),
            compiled: take(&mut compiled, |_| true),
            ..Space::default()
        });
        programs.retain(|space| space.total() > 0);
        programs.sort_by_key(|space| (space.name.is_none(), std::cmp::Reverse(space.total())));
        Self {
            compiled: all,
            remembered: remembered.map_or(0, |about| about.len()),
            log,
            programs,
        }
    }
}

/// Takes out what has such a name; says how large that was.
fn take(entries: &mut Vec<(String, u64)>, wanted: impl Fn(&str) -> bool) -> u64 {
    entries
        .extract_if(.., |(name, _)| wanted(name))
        .map(|(_, bytes)| bytes)
        .sum()
}

/// What lies in a folder, each with the bytes of all in it. Links are not followed.
fn entries(path: &Path) -> Vec<(String, u64)> {
    let Ok(entries) = std::fs::read_dir(path) else {
        return Vec::new();
    };
    let entry = |entry: std::fs::DirEntry| {
        let bytes = match entry.metadata() {
            Ok(about) if about.is_dir() => folder(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        };
        (entry.file_name().to_string_lossy().into_owned(), bytes)
    };
    entries.flatten().map(entry).collect()
}

/// Bytes of all files in a folder and those in it.
pub(in crate::pages) fn folder(path: &Path) -> u64 {
    entries(path).into_iter().map(|(_, bytes)| bytes).sum()
}

pub(super) fn show(column: &mut Column<'_, '_>, storage: Option<&Storage>) {
    column.title(strings::settings_storage());
    let Some(storage) = storage else {
        return column.note(strings::storage_counting());
    };
    column.fact(strings::storage_compiled(), &strings::bytes(storage.compiled));
    column.note(strings::storage_compiled_about());
    column.gap(UNIT / 2.0);
    if column.button(strings::storage_compiled_clear()) {
        column.canvas.events.push(Event::Command(ShellCommand::ForgetCompiled));
    }
    column.gap(3.0 * UNIT);
    column.fact(strings::storage_log(), &strings::bytes(storage.log));
    column.note(strings::storage_log_about());
    column.gap(UNIT / 2.0);
    if column.button(strings::storage_log_clear()) {
        column.canvas.events.push(Event::Command(ShellCommand::ClearLog));
    }
    column.gap(3.0 * UNIT);
    column.fact(strings::storage_remembered(), &strings::bytes(storage.remembered));
    column.note(strings::storage_remembered_about());
    if storage.programs.is_empty() {
        return;
    }
    column.gap(3.0 * UNIT);
    column.heading(strings::storage_programs());
    column.gap(UNIT / 2.0);
    column.note(strings::storage_programs_about());
    column.gap(UNIT);
    for space in &storage.programs {
        column.fact(
            space.name.as_deref().unwrap_or(strings::space_others()),
            &strings::bytes(space.total()),
        );
        column.note(&parts(space));
        column.gap(UNIT);
    }
}

/// What a program's room is made up of.
fn parts(space: &Space) -> String {
    let part = |bytes: u64, text: fn(&str) -> String| (bytes > 0).then(|| text(&strings::bytes(bytes)));
    let parts = [
        part(space.program, strings::space_program),
        part(space.files, strings::space_files),
        part(space.compiled, strings::space_compiled),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn every_program_is_told_what_is_its_own_and_the_rest_is_nobodys() {
        let home = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: usize| {
            let path = home.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, vec![0; bytes]).unwrap();
        };
        write("code/aa11-0001.code", 1000);
        write("code/aa11-0002.code", 30);
        write("code/bb22-0001.code", 200);
        write("code/cc33-0001.code", 7);
        write("files/paint/picture.png", 500);
        write("files/paint/inner/more", 50);
        write("files/gone/old", 3);
        write("state", 80);
        let at = |name: &str| Some(home.path().join(name));
        let places = Places {
            compiled: at("code"),
            remembered: at("state"),
            files: at("files"),
        };
        let program = |name: &str, hash: &str, program| StorageEntry {
            name: name.into(),
            hash: hash.into(),
            folder: name.to_lowercase(),
            program,
        };
        let programs_ = [
            program("Life", "bb22", 0),
            program("Paint", "aa11", 9),
            program("Clock", "dd44", 0),
        ];
        let storage = Storage::measure(&places, &programs_, 5);
        let space = |name: Option<&str>, program, files, compiled| Space {
            name: name.map(ProgramText::name),
            program,
            files,
            compiled,
        };
        assert_eq!((storage.compiled, storage.remembered, storage.log), (1237, 80, 5));
        assert_eq!(
            storage.programs,
            [
                space(Some("Paint"), 9, 550, 1030),
                space(Some("Life"), 0, 0, 200),
                space(None, 0, 3, 7)
            ]
        );
        assert_eq!(Storage::measure(&Places::default(), &[], 0), Storage::default());
    }
}
