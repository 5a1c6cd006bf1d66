//! Waits for a project's files to change.

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// An editor writes a file in several steps, and several files at once: so long nothing has to happen.
const QUIET: Duration = Duration::from_millis(40);

/// Watches a project, except for what building it leaves behind.
pub(super) struct Watch {
    directory: PathBuf,
    watcher: RecommendedWatcher,
    changes: mpsc::Receiver<PathBuf>,
}

impl Watch {
    /// Watches a project's folder.
    pub(super) fn new(directory: &Path) -> notify::Result<Self> {
        let (tell, changes) = mpsc::channel();
        let top = directory.to_owned();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // What the system could not tell of is found with the next change.
            let Ok(event) = event else { return };
            if !matches!(event.kind, EventKind::Access(_)) {
                for path in event.paths.into_iter().filter(|path| counts(&top, path)) {
                    // The session may be over.
                    let _ = tell.send(path);
                }
            }
        })?;
        let mut watch = Self { directory: directory.to_owned(), watcher, changes };
        watch.watcher.watch(directory, RecursiveMode::NonRecursive)?;
        for entry in fs::read_dir(directory)?.flatten() {
            watch.add(&entry.path())?;
        }
        Ok(watch)
    }

    /// A folder of the project is watched with all that is in it; the project's own is not, for what is built into it.
    fn add(&mut self, path: &Path) -> notify::Result<()> {
        let folder = path.is_dir() && path.parent() == Some(&self.directory) && counts(&self.directory, path);
        if folder { self.watcher.watch(path, RecursiveMode::Recursive) } else { Ok(()) }
    }

    /// Waits until something has changed, and then until nothing does. Says whether more can come.
    pub(super) fn wait(&mut self) -> bool {
        let Ok(mut path) = self.changes.recv() else { return false };
        loop {
            // A new folder. If it is gone already there is nothing to watch.
            let _ = self.add(&path);
            match self.changes.recv_timeout(QUIET) {
                Ok(next) => path = next,
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }
}

/// Whether a change of that file may change the program.
fn counts(directory: &Path, path: &Path) -> bool {
    let Ok(path) = path.strip_prefix(directory) else { return false };
    let first = path.iter().next().map(|name| name.to_string_lossy()).unwrap_or_default();
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let built = first == "target" || name.ends_with(".wasm") || name.ends_with(".o");
    let scratch = name.ends_with('~') || name.ends_with(".swp") || name == "4913";
    !(first.is_empty() || first.starts_with('.') || built || scratch)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::thread;

    #[test]
    fn what_is_built_does_not_count() {
        let directory = Path::new("/p");
        for path in ["/p/src/lib.rs", "/p/Cargo.toml", "/p/target.c", "/p/manifest.toml", "/p/assets/.hidden"] {
            assert!(counts(directory, Path::new(path)), "{path}");
        }
        for path in ["/p/target/debug/x", "/p/.git/index", "/p/x.wasm", "/p", "/q/src/lib.rs", "/p/src/.lib.rs.swp"] {
            assert!(!counts(directory, Path::new(path)), "{path}");
        }
    }

    #[test]
    fn a_save_is_told_once_also_in_a_new_folder() {
        let directory = tempfile::tempdir().unwrap();
        let top = directory.path().canonicalize().unwrap();
        fs::create_dir(top.join("target")).unwrap();
        let mut watch = Watch::new(&top).unwrap();
        fs::create_dir(top.join("src")).unwrap();
        assert!(watch.wait());
        let (told, hear) = mpsc::channel();
        let waiting = thread::spawn(move || {
            while watch.wait() {
                if told.send(()).is_err() {
                    return;
                }
            }
        });
        let limit = Duration::from_secs(10);
        fs::write(top.join("src/lib.rs"), "a").unwrap();
        fs::write(top.join("src/other.rs"), "b").unwrap();
        hear.recv_timeout(limit).unwrap();
        fs::write(top.join("target/out"), "c").unwrap();
        assert!(hear.recv_timeout(Duration::from_millis(400)).is_err(), "one save, one word; what is built is no news");
        drop(hear);
        fs::write(top.join("src/lib.rs"), "d").unwrap();
        waiting.join().unwrap();
    }
}
