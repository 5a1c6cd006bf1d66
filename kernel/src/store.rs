//! Programs that are kept: one file each, named by its hash, in a folder of this user's own.
//!
//! A file is there whole or not at all, and what is read back is checked against its name, so that a program that was changed
//! on the disk is never run as the one that it was.

use crate::hash::Hash;
use crate::private_dir;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// Suffix of the files' names.
const ENDING: &str = "wasm";
/// Fewest digits of a hash that a program is found by.
const DIGITS: usize = 8;
/// The file that is locked while the folder and a list of what is in it change together.
const LOCK: &str = "lock";
/// What was written within this time may not be on any list yet, or may be put back on one: cleaning up leaves it.
const FRESH: Duration = Duration::from_secs(300);

/// How long the lock is waited for: as long as it takes to check all that is kept.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(10);

/// A folder of programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    directory: PathBuf,
}

/// Why a program can't be had.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It is not kept here.
    #[error("there is no program {0} here")]
    Missing(Hash),
    /// The file holds other bytes than it did.
    #[error("the file of program {0} is damaged; install it again")]
    Damaged(Hash),
    /// Another process changes what is there, and does not come to an end.
    #[error("another process of Portico has held {} for {} seconds; if it is stopped or hangs, end it", .0.display(), PATIENCE.as_secs())]
    Held(PathBuf),
    /// It can't be read or written.
    #[error("{}: {why}", file.display())]
    Failed {
        /// The file or folder.
        file: PathBuf,
        /// What went wrong.
        why: io::Error,
    },
}

/// Why the beginning of a hash leads to no program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// It is not the beginning of a hash.
    #[error("`{0}` is not the beginning of a hash: those are at least {DIGITS} hexadecimal digits")]
    NoHash(String),
    /// No program's hash begins so.
    #[error("no program's hash begins with {0}")]
    None(String),
    /// Several programs' hashes begin so.
    #[error("several programs' hashes begin with {0}: {hashes}; give more digits", hashes = listed(.1))]
    Several(String, Vec<Hash>),
}

fn listed(hashes: &[Hash]) -> String {
    hashes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The lock on a folder of programs: while it is held, no other process that takes it changes the folder.
#[derive(Debug)]
pub struct ProgramsLock {
    /// Closing it lets go of the lock.
    _file: File,
}

/// Files that cleaning up has removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// How many files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Programs {
    /// The programs in `directory`. Nothing is made before the first is added.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }

    /// Path of a program's file, whether or not it is there.
    pub fn path(&self, hash: &Hash) -> PathBuf {
        self.directory.join(format!("{hash}.{ENDING}"))
    }

    /// Waits until no other process holds the folder, then holds it: for as long as what is kept and a list of it change together.
    ///
    /// # Errors
    /// When the folder can't be made or locked, others could write to it, or another process holds it for too long, as one does
    /// that was stopped in the middle.
    pub fn lock(&self) -> Result<ProgramsLock, ProgramError> {
        self.lock_within(PATIENCE)
    }

    fn lock_within(&self, time: Duration) -> Result<ProgramsLock, ProgramError> {
        let path = self.directory.join(LOCK);
        let failed = |why| ProgramError::Failed {
            file: path.clone(),
            why,
        };
        private_dir::open(&self.directory).map_err(failed)?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        let deadline = Instant::now() + time;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(ProgramsLock { _file: file }),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => return Err(ProgramError::Held(self.directory.clone())),
                Err(TryLockError::Error(why)) => return Err(failed(why)),
            }
        }
    }

    /// Has [`Programs::clean`] leave a program for some minutes more, because it may be wanted back.
    pub fn refresh(&self, hash: &Hash) {
        let file = File::options().write(true).open(self.path(hash));
        // It may be gone, and then there is nothing to leave.
        let _ = file.and_then(|file| file.set_modified(SystemTime::now()));
    }

    /// Keeps a program; when this returns it is on the disk.
    ///
    /// # Errors
    /// When it can't be written, or others could write to the folder.
    pub fn add(&self, bytes: &[u8]) -> Result<Hash, ProgramError> {
        let hash = Hash::of(bytes);
        let path = self.path(&hash);
        let failed = |why| ProgramError::Failed {
            file: path.clone(),
            why,
        };
        private_dir::open(&self.directory).map_err(failed)?;
        if self.load(&hash).is_ok() {
            return Ok(hash);
        }
        // Opened and written as files are: the library's errors would have the name of this one, which nobody knows.
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let made = tempfile::Builder::new().make_in(&self.directory, |path| options.open(path));
        let mut file = made.map_err(failed)?;
        file.as_file_mut()
            .write_all(bytes)
            .and_then(|()| file.as_file().sync_all())
            .map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        // The name too; where a folder can't be synced, the system sees to that.
        let _ = File::open(&self.directory).and_then(|directory| directory.sync_all());
        Ok(hash)
    }

    /// Reads a program, and checks it against its hash.
    ///
    /// # Errors
    /// When it is not there, can't be read, or is not what it was.
    pub fn load(&self, hash: &Hash) -> Result<Vec<u8>, ProgramError> {
        let file = self.path(hash);
        let bytes = match fs::read(&file) {
            Ok(bytes) => bytes,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Err(ProgramError::Missing(*hash)),
            Err(why) => return Err(ProgramError::Failed { file, why }),
        };
        if Hash::of(&bytes) == *hash {
            Ok(bytes)
        } else {
            Err(ProgramError::Damaged(*hash))
        }
    }

    /// All that are kept, in the order of their hashes.
    pub fn all(&self) -> Vec<Hash> {
        let mut all: Vec<Hash> = self.files().iter().filter_map(|file| named(file)).collect();
        all.sort_unstable();
        all
    }

    /// The one program whose hash begins with these digits, eight at least.
    ///
    /// # Errors
    /// When these are no digits of a hash, or there is none or more than one.
    pub fn find(&self, digits: &str) -> Result<Hash, NotFound> {
        let digits = digits.to_ascii_lowercase();
        if !(DIGITS..=64).contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NotFound::NoHash(digits));
        }
        let found: Vec<Hash> = self
            .all()
            .into_iter()
            .filter(|hash| hash.to_string().starts_with(&digits))
            .collect();
        match *found {
            [hash] => Ok(hash),
            [] => Err(NotFound::None(digits)),
            _ => Err(NotFound::Several(digits, found)),
        }
    }

    /// Lets go of a program; says whether there was one.
    ///
    /// # Errors
    /// When it can't be removed.
    pub fn remove(&self, hash: &Hash) -> Result<bool, ProgramError> {
        let file = self.path(hash);
        match fs::remove_file(&file) {
            Ok(()) => Ok(true),
            Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(why) => Err(ProgramError::Failed { file, why }),
        }
    }

    /// Removes every file that is none of `kept`: programs that nobody wants any more, damaged ones, and what a crash left.
    /// What was written less than five minutes ago stays, since somebody may be about to list it; what can't be removed, too.
    pub fn clean(&self, kept: impl Fn(&Hash) -> bool) -> Cleaned {
        let now = SystemTime::now();
        let mut cleaned = Cleaned::default();
        for file in self.files() {
            let Ok(metadata) = fs::metadata(&file) else { continue };
            // A clock that was set back makes files of the future, which are no younger than those of today.
            let age = metadata
                .modified()
                .ok()
                .and_then(|written| now.duration_since(written).ok());
            let fresh = age.is_some_and(|age| age < FRESH);
            let wanted = || named(&file).is_some_and(|hash| kept(&hash) && self.load(&hash).is_ok());
            if !fresh && !wanted() && fs::remove_file(&file).is_ok() {
                cleaned.files += 1;
                cleaned.bytes += metadata.len();
            }
        }
        cleaned
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.directory).into_iter().flatten();
        let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
        files
            .filter(|file| file.file_name().is_none_or(|name| name != LOCK))
            .collect()
    }
}

/// The hash that a file is named by.
fn named(file: &Path) -> Option<Hash> {
    let is_ours = file.extension().is_some_and(|extension| extension == ENDING);
    file.file_stem().filter(|_| is_ours)?.to_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn store() -> (tempfile::TempDir, Programs) {
        let folder = tempfile::tempdir().unwrap();
        let store = Programs::new(folder.path().join("of/programs"));
        (folder, store)
    }

    #[test]
    fn what_is_kept_is_there_until_it_is_removed() {
        let (_folder, store) = store();
        assert!(store.all().is_empty());
        let hash = store.add(b"one").unwrap();
        assert_eq!(hash, Hash::of(b"one"));
        assert_eq!(store.add(b"one").unwrap(), hash, "again");
        assert_eq!(store.load(&hash).unwrap(), b"one");
        assert_eq!(store.all(), [hash]);
        assert!(store.remove(&hash).unwrap() && !store.remove(&hash).unwrap());
        assert!(matches!(store.load(&hash), Err(ProgramError::Missing(missing)) if missing == hash));
    }

    #[test]
    fn a_program_that_was_changed_is_never_had_again() {
        let (_folder, store) = store();
        let hash = store.add(b"one").unwrap();
        fs::write(store.path(&hash), b"onf").unwrap();
        assert!(matches!(store.load(&hash), Err(ProgramError::Damaged(_))));
        // Installing it again mends it.
        store.add(b"one").unwrap();
        assert_eq!(store.load(&hash).unwrap(), b"one");
    }

    #[test]
    fn eight_digits_are_enough_where_they_are_unique() {
        let (_folder, store) = store();
        let hash = store.add(b"one").unwrap();
        let text = hash.to_string();
        assert_eq!(store.find(&text), Ok(hash));
        assert_eq!(store.find(&text[..8].to_uppercase()), Ok(hash));
        assert!(matches!(store.find(&text[..7]), Err(NotFound::NoHash(_))));
        assert!(matches!(store.find("paint me"), Err(NotFound::NoHash(_))));
        assert_eq!(store.find("00000000"), Err(NotFound::None("00000000".into())));
        // Another that begins so: only its name counts here.
        let mut other = text.clone().into_bytes();
        other[63] = if other[63] == b'0' { b'1' } else { b'0' };
        let other: Hash = String::from_utf8(other).unwrap().parse().unwrap();
        fs::write(store.path(&other), b"").unwrap();
        let error = store.find(&text[..8]).unwrap_err();
        assert!(
            error.to_string().contains("give more digits") && error.to_string().contains(&text),
            "{error}"
        );
        assert_eq!(store.find(&text), Ok(hash));
    }

    #[test]
    fn cleaning_up_leaves_what_is_wanted() {
        let (_folder, store) = store();
        let [one, two, three] = [b"1", b"2", b"3"].map(|bytes| store.add(bytes).unwrap());
        fs::write(store.path(&three), b"damaged").unwrap();
        fs::write(store.directory.join(".tmp123"), b"left").unwrap();
        let lock = store.lock().unwrap();
        assert_eq!(
            store.clean(|hash| *hash != two),
            Cleaned::default(),
            "all of it was written just now"
        );
        for file in store.files() {
            let file = File::options().write(true).open(file).unwrap();
            file.set_modified(SystemTime::now() - FRESH - Duration::from_secs(1))
                .unwrap();
        }
        store.refresh(&two);
        let cleaned = store.clean(|hash| *hash != two);
        assert_eq!(cleaned, Cleaned { files: 2, bytes: 7 + 4 });
        let mut left = [one, two];
        left.sort_unstable();
        assert_eq!(store.all(), left, "two may still be wanted back");
        drop(lock);
        store.lock().unwrap();
    }

    #[test]
    fn two_who_change_it_wait_for_each_other() {
        let (_folder, store) = store();
        let lock = store.lock().unwrap();
        let (said, heard) = std::sync::mpsc::channel();
        let other = store.clone();
        let waiting = std::thread::spawn(move || {
            let _lock = other.lock().unwrap();
            said.send(()).unwrap();
        });
        assert!(heard.recv_timeout(Duration::from_millis(100)).is_err());
        drop(lock);
        heard.recv().unwrap();
        waiting.join().unwrap();
    }

    #[test]
    fn one_who_holds_it_for_ever_is_not_waited_for() {
        let (_folder, store) = store();
        let lock = store.lock().unwrap();
        let waited = store.lock_within(Duration::from_millis(50));
        assert!(matches!(waited, Err(ProgramError::Held(_))), "{waited:?}");
        drop(lock);
        store.lock_within(Duration::ZERO).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_or_write_it() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let (_folder, store) = store();
        let hash = store.add(b"one").unwrap();
        assert_eq!(fs::metadata(&store.directory).unwrap().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(store.path(&hash)).unwrap().mode() & 0o777, 0o600);
        fs::set_permissions(&store.directory, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(store.add(b"two"), Err(ProgramError::Failed { .. })));
    }
}
