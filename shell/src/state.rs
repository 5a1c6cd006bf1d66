//! What the shell remembers from one run to the next: sizes that the user gave to windows, and choices made in the HUD.
//!
//! One small database, open only while it is read or written, so that several shells share it. It is read once, on a thread
//! of its own, while the first window is made, which waits for neither. What is to be kept goes to another thread in the
//! order given; all of it is on the disk by the time the [`State`] is dropped.

use crate::model::{Chosen, Learned};
use parking_lot::Mutex;
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError, TableDefinition};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fs, io};

/// Width and height of a window in points.
pub type Size = (f64, f64);

/// By program: width and height in points, and seconds since 1970 when they were given.
const SIZES: TableDefinition<'_, &str, (f64, f64, u64)> = TableDefinition::new("window sizes");
/// By letters and what was chosen for them: how often, and when last on the scale of [`Learned`].
const CHOICES: TableDefinition<'_, (&str, &str), (u32, u64)> = TableDefinition::new("choices");
/// How many programs' sizes are kept; those given longest ago go first.
const MOST_SIZES: u64 = 1024;
/// Memory for pages of the file, in bytes; the file has little more.
const CACHE: usize = 1 << 20;
/// How often, and after which pause, a file is tried that another shell has open.
const TRIES: (u32, Duration) = (40, Duration::from_millis(25));

/// What the shell remembers.
pub struct State {
    file: Option<PathBuf>,
    sizes: Arc<Mutex<HashMap<String, Size>>>,
    reader: Option<JoinHandle<()>>,
    writer: Option<(mpsc::Sender<Keep>, JoinHandle<()>)>,
}

/// Something to be kept.
enum Keep {
    Size(String, Size),
    Choice(Chosen),
}

/// What an error says of the file.
enum Fault {
    /// Another shell has it open.
    Busy,
    /// It is none of ours, or broken.
    Damaged,
    /// It can't be reached.
    Other,
}

fn fault(error: &redb::Error) -> Fault {
    use redb::Error::{Corrupted, DatabaseAlreadyOpen, Io, TableTypeMismatch, UpgradeRequired};
    match error {
        DatabaseAlreadyOpen => Fault::Busy,
        Corrupted(_) | UpgradeRequired(_) | TableTypeMismatch { .. } => Fault::Damaged,
        Io(error) if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) => {
            Fault::Damaged
        }
        _ => Fault::Other,
    }
}

impl State {
    /// Begins to read `file`, or remembers nothing without one; `learned` hears of the choices made before. A damaged file is
    /// set aside for a new one.
    pub fn recall(file: Option<PathBuf>, learned: impl FnOnce(Learned) + Send + 'static) -> Self {
        let sizes: Arc<Mutex<HashMap<String, Size>>> = Arc::default();
        let reader = file.clone().and_then(|file| {
            let sizes = Arc::clone(&sizes);
            let read = move || {
                let Some((known, choices)) = guarded(&file, read) else { return };
                let mut sizes = sizes.lock();
                for (program, size) in known {
                    sizes.entry(program).or_insert(size);
                }
                drop(sizes);
                learned(choices);
            };
            std::thread::Builder::new().name("recall".into()).spawn(read).ok()
        });
        Self { file, sizes, reader, writer: None }
    }

    /// The size that the user last gave to a program's window, in points, as far as it has been read by now.
    pub fn size(&self, program: &str) -> Option<Size> {
        self.sizes.lock().get(program).copied()
    }

    /// The user has given a program's window a size, in points.
    pub fn keep_size(&mut self, program: &str, size: Size) {
        self.sizes.lock().insert(program.to_owned(), size);
        self.keep(Keep::Size(program.to_owned(), size));
    }

    /// The user has chosen something in the HUD.
    pub fn keep_choice(&mut self, choice: &Chosen) {
        self.keep(Keep::Choice(choice.clone()));
    }

    fn keep(&mut self, what: Keep) {
        let Some(file) = &self.file else { return };
        if self.writer.is_none() {
            let (sender, receiver) = mpsc::channel();
            let file = file.clone();
            let write = move || {
                while let Ok(first) = receiver.recv() {
                    let all: Vec<_> = std::iter::once(first).chain(receiver.try_iter()).collect();
                    guarded(&file, |file| write(file, &all));
                }
            };
            match std::thread::Builder::new().name("remember".into()).spawn(write) {
                Ok(thread) => self.writer = Some((sender, thread)),
                Err(error) => tracing::warn!("no thread to remember with: {error}"),
            }
        }
        if let Some((sender, _)) = &self.writer {
            // The other end goes only after this one.
            let _ = sender.send(what);
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let writer = self.writer.take().map(|(_, thread)| thread);
        for thread in self.reader.take().into_iter().chain(writer) {
            // A panic in it has been told where it happened.
            let _ = thread.join();
        }
    }
}

/// The file of this user.
pub fn file() -> Option<PathBuf> {
    let directories = directories::ProjectDirs::from("", "", "portico")?;
    Some(directories.state_dir().unwrap_or_else(|| directories.data_local_dir()).join("state.redb"))
}

/// Does something with the file: again while another shell has it open, and with a new one if it is damaged.
fn guarded<T>(file: &Path, act: impl Fn(&Path) -> Result<T, redb::Error>) -> Option<T> {
    let mut tries = 0;
    loop {
        // Damage can also make the database's own code panic.
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| act(file)));
        let error = match done.unwrap_or_else(|_| Err(redb::Error::Corrupted("it makes no sense".into()))) {
            Ok(done) => return Some(done),
            Err(error) => error,
        };
        match fault(&error) {
            Fault::Busy if tries < TRIES.0 => {
                tries += 1;
                std::thread::sleep(TRIES.1);
                continue;
            }
            Fault::Busy => tracing::debug!("nothing is remembered, another shell has {} open", file.display()),
            Fault::Damaged if set_aside(file, &error) => continue,
            Fault::Damaged | Fault::Other => tracing::warn!("nothing is remembered, {}: {error}", file.display()),
        }
        return None;
    }
}

/// Renames a damaged file; says whether there is room for a new one.
fn set_aside(file: &Path, why: &redb::Error) -> bool {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let aside = file.with_extension(format!("damaged-{seconds}"));
    tracing::warn!("{} is set aside as {}: {why}", file.display(), aside.display());
    fs::rename(file, &aside).is_ok()
}

fn read(file: &Path) -> Result<(HashMap<String, Size>, Learned), redb::Error> {
    let opened = redb::Builder::new().set_cache_size(CACHE).open_read_only(file);
    let database = match opened {
        Ok(database) => return recalled(&database),
        Err(DatabaseError::Storage(StorageError::Io(error))) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(<_>::default());
        }
        // A shell was killed while it wrote: opening the file for writing mends it.
        Err(DatabaseError::RepairAborted) => redb::Builder::new().set_cache_size(CACHE).open(file)?,
        Err(error) => return Err(error.into()),
    };
    recalled(&database)
}

fn recalled(database: &impl ReadableDatabase) -> Result<(HashMap<String, Size>, Learned), redb::Error> {
    let transaction = database.begin_read()?;
    let (mut sizes, mut choices) = (HashMap::new(), Vec::new());
    for row in transaction.open_table(SIZES)?.iter()? {
        let (program, size) = row?;
        let (width, height, _) = size.value();
        sizes.insert(program.value().to_owned(), (width, height));
    }
    for row in transaction.open_table(CHOICES)?.iter()? {
        let (key, value) = row?;
        let ((letters, what), (times, last)) = (key.value(), value.value());
        choices.push(Chosen { letters: letters.to_owned(), what: what.to_owned(), times, last });
    }
    Ok((sizes, choices.into_iter().collect()))
}

fn write(file: &Path, all: &[Keep]) -> Result<(), redb::Error> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(redb::Error::Io)?;
    }
    let database: Database = redb::Builder::new().set_cache_size(CACHE).create(file)?;
    let transaction = database.begin_write()?;
    {
        let (mut sizes, mut choices) = (transaction.open_table(SIZES)?, transaction.open_table(CHOICES)?);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        for keep in all {
            match keep {
                Keep::Size(program, (width, height)) => {
                    sizes.insert(program.as_str(), (*width, *height, now))?;
                }
                Keep::Choice(Chosen { letters, what, times, last }) => {
                    choices.insert((letters.as_str(), what.as_str()), (*times, *last))?;
                }
            }
        }
        if let Some(oldest) = surplus(&sizes, MOST_SIZES, |size| size.2)? {
            sizes.retain(|_, size| size.2 > oldest)?;
        }
        if let Some(oldest) = surplus(&choices, Learned::CAPACITY as u64, |choice| choice.1)? {
            choices.retain(|_, choice| choice.1 > oldest)?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// The age up to which rows have to go, so that at most so many stay.
fn surplus<K: redb::Key + 'static, V: redb::Value + 'static>(
    table: &redb::Table<'_, K, V>,
    most: u64,
    age: impl Fn(&V::SelfType<'_>) -> u64,
) -> Result<Option<u64>, redb::Error> {
    use redb::ReadableTableMetadata;
    let count = table.len()?;
    let Some(index) = count.checked_sub(most + 1) else { return Ok(None) };
    let mut ages = Vec::new();
    for row in table.iter()? {
        ages.push(age(&row?.1.value()));
    }
    ages.sort_unstable();
    Ok(ages.get(usize::try_from(index).unwrap_or(usize::MAX)).copied())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// What a new shell knows of the file, once it has read it.
    fn recalled(file: &Path) -> (State, Learned) {
        let (sender, receiver) = mpsc::channel();
        let mut state = State::recall(Some(file.to_owned()), move |learned| sender.send(learned).unwrap());
        state.reader.take().unwrap().join().unwrap();
        (state, receiver.try_recv().unwrap_or_default())
    }

    fn choice(learned: &mut Learned, letters: &str, what: &str) -> Chosen {
        learned.choose(letters, what);
        learned.latest().unwrap().clone()
    }

    #[test]
    fn what_was_kept_is_recalled_by_the_next_shell() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/folder/state.redb");
        let (mut state, mut learned) = recalled(&file);
        assert_eq!(state.size("paint"), None);
        assert!(learned.is_empty() && !file.exists(), "reading makes no file");
        state.keep_size("paint", (800.0, 600.5));
        state.keep_size("paint", (801.0, 600.5));
        state.keep_choice(&choice(&mut learned, "un", "undo"));
        state.keep_choice(&choice(&mut learned, "UN ", "undo"));
        assert_eq!(state.size("paint"), Some((801.0, 600.5)), "this shell knows it at once");
        drop(state);
        let (state, again) = recalled(&file);
        assert_eq!(state.size("paint"), Some((801.0, 600.5)));
        assert_eq!(state.size("life"), None);
        assert_eq!(again, learned);
        assert!(again.bonus("un", "undo") > 0);
    }

    #[test]
    fn two_shells_share_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state.redb");
        let ((mut one, _), (mut other, _)) = (recalled(&file), recalled(&file));
        one.keep_size("paint", (1.0, 2.0));
        other.keep_size("life", (3.0, 4.0));
        drop((one, other));
        let (state, _) = recalled(&file);
        assert_eq!((state.size("paint"), state.size("life")), (Some((1.0, 2.0)), Some((3.0, 4.0))));
    }

    #[test]
    fn a_damaged_file_is_set_aside_for_a_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state.redb");
        recalled(&file).0.keep_size("paint", (1.0, 2.0));
        let whole = fs::read(&file).unwrap();
        let zeroed = [&whole[..4096], &vec![0; whole.len() - 4096]].concat();
        for damaged in [b"not a database at all".repeat(100), whole[..whole.len() / 3].to_vec(), zeroed] {
            fs::write(&file, &damaged).unwrap();
            let (mut state, _) = recalled(&file);
            state.keep_size("life", (5.0, 6.0));
            drop(state);
            assert_eq!(recalled(&file).0.size("life"), Some((5.0, 6.0)));
            let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
            let aside: Vec<_> = names.filter(|name| name.to_string_lossy().contains("damaged")).collect();
            assert_eq!(aside.len(), 1, "{aside:?}");
            assert_eq!(fs::read(folder.path().join(&aside[0])).unwrap(), damaged);
            fs::remove_file(folder.path().join(&aside[0])).unwrap();
            fs::remove_file(&file).unwrap();
        }
    }

    #[test]
    fn a_file_that_stays_in_use_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state.redb");
        recalled(&file).0.keep_size("paint", (1.0, 2.0));
        let held = Database::open(&file).unwrap();
        assert_eq!(recalled(&file).0.size("paint"), None);
        drop(held);
        assert_eq!(recalled(&file).0.size("paint"), Some((1.0, 2.0)));
    }

    #[test]
    fn old_choices_make_room_for_new_ones() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state.redb");
        let (mut state, mut learned) = recalled(&file);
        for index in 0..Learned::CAPACITY + 10 {
            let chosen = choice(&mut learned, &format!("{index}"), "it");
            state.keep_choice(&chosen);
        }
        drop(state);
        let (_, again) = recalled(&file);
        assert_eq!(again.len(), Learned::CAPACITY);
        assert!(again.bonus("0", "it") < 1000 && again.bonus("521", "it") >= 1000);
    }
}
