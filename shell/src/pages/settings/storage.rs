//! How much room the shell takes on the disk.

use crate::chrome::theme::UNIT;
use crate::model::{Ask, Event};
use crate::pages::kit::Column;
use crate::strings;
use std::path::Path;

/// How much room is taken, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Storage {
    /// Compiled code, which can be made again.
    pub compiled: u64,
    /// What the shell remembers.
    pub remembered: u64,
    /// The log, which goes with the shell.
    pub log: u64,
}

impl Storage {
    /// Measures it. Reads folders, so it may take a while.
    pub fn measure(compiled: Option<&Path>, remembered: Option<&Path>, log: u64) -> Self {
        let file = |path: &Path| std::fs::metadata(path).map_or(0, |about| about.len());
        Self { compiled: compiled.map_or(0, folder), remembered: remembered.map_or(0, file), log }
    }
}

/// Bytes of all files in a folder and those in it. Links are not followed.
fn folder(path: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(path) else { return 0 };
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(about) if about.is_dir() => folder(&entry.path()),
        Ok(about) => about.len(),
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}

pub(super) fn show(column: &mut Column<'_, '_>, storage: Option<&Storage>) {
    column.title(strings::settings_storage());
    let Some(storage) = storage else { return column.note(strings::storage_counting()) };
    column.fact(strings::storage_compiled(), &strings::bytes(storage.compiled));
    column.note(strings::storage_compiled_about());
    column.gap(UNIT / 2.0);
    if column.button(strings::storage_compiled_clear()) {
        column.canvas.events.push(Event::Ask(Ask::ForgetCompiled));
    }
    column.gap(3.0 * UNIT);
    column.fact(strings::storage_log(), &strings::bytes(storage.log));
    column.note(strings::storage_log_about());
    column.gap(UNIT / 2.0);
    if column.button(strings::storage_log_clear()) {
        column.canvas.events.push(Event::Ask(Ask::ClearLog));
    }
    column.gap(3.0 * UNIT);
    column.fact(strings::storage_remembered(), &strings::bytes(storage.remembered));
    column.note(strings::storage_remembered_about());
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn everything_in_a_folder_counts_and_what_is_not_there_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        std::fs::write(folder.path().join("a"), [0; 1000]).unwrap();
        std::fs::write(folder.path().join("inner/b"), [0; 234]).unwrap();
        let file = folder.path().join("a");
        let storage = Storage::measure(Some(folder.path()), Some(&file), 5);
        assert_eq!(storage, Storage { compiled: 1234, remembered: 1000, log: 5 });
        assert_eq!(Storage::measure(Some(&folder.path().join("none")), None, 0), Storage::default());
    }
}
