//! The files that a program is built from: all of a project but what building leaves behind, and what its links lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Entries that are looked at: a link to the root of a disk must not keep a machine busy.
pub(super) const MOST: usize = 50_000;
/// Links on the way to one file, as many as systems follow.
const MOST_LINKS: usize = 40;

/// A snapshot of a project's files: two that are equal are of the same files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Snapshot {
    stamps: BTreeMap<PathBuf, Stamp>,
    /// Folders that were looked into.
    folders: BTreeSet<PathBuf>,
    /// Folders around what links lead to.
    around: BTreeSet<PathBuf>,
    /// Entries that were looked at; what is built does not count here either.
    entries: usize,
}

/// Mark of a file's content: it changes with the file, also when another one takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    size: u64,
    id: u64,
}

impl Stamp {
    fn of(about: &Metadata) -> Self {
        #[cfg(unix)]
        let id = std::os::unix::fs::MetadataExt::ino(about);
        #[cfg(not(unix))]
        let id = 0;
        Self {
            modified: about.modified().ok(),
            size: about.len(),
            id,
        }
    }
}

impl Snapshot {
    /// Looks at the project in a folder.
    pub(super) fn of(project: &Path) -> Self {
        let mut all = Self::default();
        all.enter(project, true);
        all
    }

    /// Folders in which a change may be one of these files'.
    pub(super) fn watched(&self) -> impl Iterator<Item = &PathBuf> {
        self.folders.union(&self.around)
    }

    pub(super) fn is_watched(&self, folder: &Path) -> bool {
        self.folders.contains(folder) || self.around.contains(folder)
    }

    /// Whether the project has more entries than are looked at.
    pub(super) fn is_cut(&self) -> bool {
        self.entries > MOST
    }

    /// Takes in a folder; `is_top`: one in which something may be built.
    fn enter(&mut self, folder: &Path, is_top: bool) {
        if !self.folders.insert(folder.to_owned()) {
            return;
        }
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if !counts(&entry.file_name().to_string_lossy(), is_top) {
                continue;
            }
            self.entries += 1;
            if self.is_cut() {
                return;
            }
            self.take(&entry.path());
        }
    }

    fn take(&mut self, path: &Path) {
        let is_link = path.is_symlink();
        if is_link {
            self.follow(path);
        }
        // Of a link, what it leads to; it may lead nowhere yet.
        let Ok(about) = fs::metadata(path) else { return };
        if !about.is_dir() {
            self.stamps.insert(path.to_owned(), Stamp::of(&about));
        } else if !is_link {
            self.enter(path, false);
        } else if let Ok(folder) = path.canonicalize() {
            self.enter(&folder, true);
        }
    }

    /// Any link on the way may be replaced, and so may the file at its end.
    fn follow(&mut self, link: &Path) {
        let mut at = link.to_owned();
        for _ in 0..MOST_LINKS {
            let Ok(next) = fs::read_link(&at) else { return };
            at = at.parent().unwrap_or(Path::new("/")).join(next);
            if let Some(folder) = at.parent().and_then(|folder| folder.canonicalize().ok()) {
                at = at.file_name().map_or_else(|| folder.clone(), |name| folder.join(name));
                self.around.insert(folder);
            }
        }
    }
}

/// Whether a file or folder of that name may change the program.
fn counts(name: &str, is_top: bool) -> bool {
    let built = name.ends_with(".wasm") || name.ends_with(".o");
    let scratch = name.ends_with('~') || name.ends_with(".swp") || name == "4913";
    !(built || scratch || is_top && (name == "target" || name.starts_with('.')))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn what_is_built_does_not_count() {
        for name in ["src", "Cargo.toml", "target.c", "manifest.toml"] {
            assert!(counts(name, true), "{name}");
        }
        for name in ["target", ".git", "x.wasm", "x.o", "lib.rs~", ".lib.rs.swp"] {
            assert!(!counts(name, true), "{name}");
        }
        assert!(counts(".hidden", false) && counts("target", false) && !counts(".lib.rs.swp", false));
        let project = tempfile::tempdir().unwrap();
        fs::write(project.path().join("lib.rs"), "1").unwrap();
        let before = Snapshot::of(project.path());
        fs::write(project.path().join("x.wasm"), "2").unwrap();
        fs::create_dir(project.path().join("target")).unwrap();
        assert_eq!(before, Snapshot::of(project.path()));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_once() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let (project, elsewhere) = (top.join("project"), top.join("elsewhere"));
        fs::create_dir_all(project.join("src")).unwrap();
        fs::create_dir_all(elsewhere.join("target")).unwrap();
        fs::write(elsewhere.join("more.rs"), "1").unwrap();
        symlink("../../elsewhere/more.rs", project.join("src/more.rs")).unwrap();
        symlink("../elsewhere", project.join("linked")).unwrap();
        symlink(".", project.join("src/round")).unwrap();
        symlink("nowhere", project.join("src/gone.rs")).unwrap();
        let before = Snapshot::of(&project);
        assert_eq!(before, Snapshot::of(&project));
        assert!(before.watched().any(|watched| *watched == elsewhere));
        assert!(!before.watched().any(|watched| watched.ends_with("target")));
        fs::write(elsewhere.join("new.rs"), "2").unwrap();
        fs::rename(elsewhere.join("new.rs"), elsewhere.join("more.rs")).unwrap();
        assert_ne!(before, Snapshot::of(&project), "a file that was replaced is another");
    }
}
