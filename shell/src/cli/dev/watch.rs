//! Waits for a project's files to change.
//!
//! What the system tells is only that it is time to look: what counts is that the files are others than before. So nothing is
//! missed in a folder that is new, or behind a link, and where the system tells nothing they are looked at again and again.

use super::files::{MOST, Snapshot};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Time without a change after which a build begins: an editor writes a file in several steps, and several files at once.
const QUIET: Duration = Duration::from_millis(40);
/// How often the files are looked at where the system does not tell of changes.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Watches a project, except for what building it leaves behind.
pub(super) struct Watch {
    project: PathBuf,
    seen: Snapshot,
    /// `None` where the system does not tell of changes.
    teller: Option<Teller>,
    say: fn(&str),
}

/// The system, which tells of changes.
struct Teller {
    watcher: RecommendedWatcher,
    changes: mpsc::Receiver<()>,
    watched: HashSet<PathBuf>,
}

impl Watch {
    /// Watches a project's folder; `say` tells the user how well that goes.
    pub(super) fn new(project: &Path, say: fn(&str)) -> Self {
        let teller = Teller::new().inspect_err(|error| say(&unwatched(error))).ok();
        Self::with(project, teller, say)
    }

    fn with(project: &Path, teller: Option<Teller>, say: fn(&str)) -> Self {
        let mut watch = Self {
            project: project.to_owned(),
            seen: Snapshot::default(),
            teller,
            say,
        };
        watch.seen = watch.look();
        if watch.seen.is_cut() {
            say(&format!(
                "the project and what its links lead to have more than {MOST} files: not all are watched"
            ));
        }
        watch
    }

    /// Takes a snapshot of the files, whose changes the system tells from here on.
    fn look(&mut self) -> Snapshot {
        loop {
            let now = Snapshot::of(&self.project);
            match self.teller.as_mut().map_or(Ok(false), |teller| teller.follow(&now)) {
                // What came into a folder before it was watched is seen now.
                Ok(true) => {}
                Ok(false) => return now,
                Err(error) => {
                    (self.say)(&unwatched(&error));
                    self.teller = None;
                }
            }
        }
    }

    /// Waits until something has changed, and then until nothing does.
    pub(super) fn wait(&mut self) {
        loop {
            let told = match &self.teller {
                Some(teller) => teller.changes.recv().is_ok(),
                None => {
                    thread::sleep(LOOK_EVERY);
                    false
                }
            };
            if !told {
                // If it ever told anything, it never will again.
                self.teller = None;
            }
            let mut now = self.look();
            while self.moves(&mut now) {}
            if now != self.seen {
                self.seen = now;
                return;
            }
        }
    }

    /// Whether something happens in the time in which nothing has to.
    fn moves(&mut self, seen: &mut Snapshot) -> bool {
        let moves = match &self.teller {
            Some(teller) => teller.changes.recv_timeout(QUIET) != Err(RecvTimeoutError::Timeout),
            None => {
                thread::sleep(QUIET);
                false
            }
        };
        let before = std::mem::replace(seen, self.look());
        moves || before != *seen
    }
}

impl Teller {
    fn new() -> notify::Result<Self> {
        // One word is enough: whoever hears it looks at everything.
        let (tell, changes) = mpsc::sync_channel(1);
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.is_err() || event.is_ok_and(|event| !matches!(event.kind, EventKind::Access(_))) {
                // Full: it has been told and not heard yet.
                let _ = tell.try_send(());
            }
        })?;
        Ok(Self {
            watcher,
            changes,
            watched: HashSet::new(),
        })
    }

    /// Watches the folders of a project as it is by now; says whether one of them is new.
    fn follow(&mut self, now: &Snapshot) -> notify::Result<bool> {
        let gone: Vec<_> = self
            .watched
            .iter()
            .filter(|folder| !now.is_watched(folder))
            .cloned()
            .collect();
        for folder in gone {
            // The system may have noticed before.
            let _ = self.watcher.unwatch(&folder);
            self.watched.remove(&folder);
        }
        let mut is_new = false;
        for folder in now.watched() {
            // Also one that is watched: another may have taken its place.
            match self.watcher.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => is_new |= self.watched.insert(folder.clone()),
                // Gone in the meantime, or closed to this user, who can't change anything there either.
                Err(error) if matches!(error.kind, ErrorKind::PathNotFound) || !folder.is_dir() => {}
                Err(notify::Error {
                    kind: ErrorKind::Io(error),
                    ..
                }) if error.kind() == std::io::ErrorKind::PermissionDenied => {}
                Err(error) => return Err(error),
            }
        }
        Ok(is_new)
    }
}

/// Message for the user where the system does not tell of changes.
fn unwatched(error: &notify::Error) -> String {
    let why = match &error.kind {
        ErrorKind::MaxFilesWatch => {
            "this user has as many files watched as the system allows (fs.inotify.max_user_watches)"
        }
        ErrorKind::Io(error) if cfg!(target_os = "linux") && is_limit(error) => {
            "this user watches as often as the system allows (fs.inotify.max_user_instances)"
        }
        _ => &error.to_string(),
    };
    format!("{why}; looking for changes twice a second instead")
}

/// Whether this process, or its user, has as many of something as the system allows.
fn is_limit(error: &std::io::Error) -> bool {
    #[cfg(unix)]
    return error.raw_os_error() == Some(rustix::io::Errno::MFILE.raw_os_error());
    #[cfg(not(unix))]
    {
        let _ = error;
        false
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::fs;

    const LIMIT: Duration = Duration::from_secs(10);

    fn unsaid(what: &str) {
        panic!("{what}");
    }

    /// Hears of every change of a project.
    fn hear(mut watch: Watch) -> mpsc::Receiver<()> {
        let (told, hear) = mpsc::channel();
        thread::spawn(move || {
            loop {
                watch.wait();
                if told.send(()).is_err() {
                    return;
                }
            }
        });
        hear
    }

    /// A project in one folder, and another folder beside it.
    fn folders() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let (project, elsewhere) = (top.join("project"), top.join("elsewhere"));
        fs::create_dir_all(project.join("target")).unwrap();
        fs::create_dir_all(&elsewhere).unwrap();
        (folder, project, elsewhere)
    }

    #[test]
    fn a_save_is_told_once_also_in_a_new_folder() {
        let (_folder, project, _) = folders();
        let heard = hear(Watch::new(&project, unsaid));
        fs::create_dir(project.join("src")).unwrap();
        fs::write(project.join("src/lib.rs"), "a").unwrap();
        fs::write(project.join("src/other.rs"), "b").unwrap();
        heard.recv_timeout(LIMIT).unwrap();
        fs::write(project.join("target/out"), "c").unwrap();
        fs::write(project.join("built.wasm"), "c").unwrap();
        assert!(
            heard.recv_timeout(Duration::from_millis(400)).is_err(),
            "one save, one word; what is built is no news"
        );
        fs::write(project.join("src/lib.rs"), "d").unwrap();
        heard.recv_timeout(LIMIT).unwrap();
    }

    /// Changes a file behind a link in every way that editors have, each of which is told.
    #[cfg(unix)]
    fn behind_links(teller: Option<Teller>) {
        use std::os::unix::fs::symlink;
        let (_folder, project, elsewhere) = folders();
        fs::write(elsewhere.join("shared.rs"), "1").unwrap();
        fs::create_dir(elsewhere.join("more")).unwrap();
        fs::write(elsewhere.join("more/a.rs"), "1").unwrap();
        symlink("../elsewhere/shared.rs", project.join("lib.rs")).unwrap();
        symlink("../elsewhere/more", project.join("more")).unwrap();
        let heard = hear(Watch::with(&project, teller, unsaid));
        let told = |what: &str| {
            heard
                .recv_timeout(LIMIT)
                .unwrap_or_else(|error| panic!("{what}: {error}"))
        };
        fs::write(elsewhere.join("shared.rs"), "22").unwrap();
        told("a file behind a link is written");
        fs::write(elsewhere.join("new"), "3").unwrap();
        fs::rename(elsewhere.join("new"), elsewhere.join("shared.rs")).unwrap();
        told("a file behind a link is replaced");
        fs::write(elsewhere.join("more/a.rs"), "4").unwrap();
        told("a file in a folder behind a link is written");
        fs::create_dir(elsewhere.join("other")).unwrap();
        fs::write(elsewhere.join("other/b.rs"), "5").unwrap();
        symlink("../elsewhere/other", project.join("new")).unwrap();
        fs::rename(project.join("new"), project.join("more")).unwrap();
        told("a link is replaced");
        fs::write(elsewhere.join("other/b.rs"), "66").unwrap();
        told("a file behind the new link is written");
    }

    #[cfg(unix)]
    #[test]
    fn changes_behind_links_are_told() {
        behind_links(Some(Teller::new().unwrap()));
    }

    #[cfg(unix)]
    #[test]
    fn changes_are_found_where_the_system_tells_nothing() {
        behind_links(None);
    }
}
