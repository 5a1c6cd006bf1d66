//! The database: open only while it is read or written, so that several shells can share it.

use crate::folders::folders;
use parking_lot::Mutex;
use redb::{ReadTransaction, ReadableDatabase, StorageError, TableDefinition, WriteTransaction};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fs, io};

/// Memory for pages of the file, in bytes; the file has little more.
const CACHE: usize = 1 << 20;
/// Number of tries, and the pause between them, while another shell has the file open.
const TRIES: (u32, Duration) = (40, Duration::from_millis(25));

/// The database of one user. Cheap to clone.
#[derive(Clone)]
pub struct Database(Arc<Shared>);

struct Shared {
    file: Option<PathBuf>,
    set_aside: SetAside,
    /// Sends to the writer thread, once it was started. The lock is held only to send, never during a write: the event thread
    /// takes it.
    writer: Mutex<Option<mpsc::Sender<QueuedWrite>>>,
}

/// A queued write, and the callback for its result.
struct QueuedWrite {
    /// `None` to be told only that all earlier writes are done.
    write: Option<Write>,
    on_done: Option<OnDone>,
}

/// A write; may be tried more than once.
type Write = Box<dyn Fn(&WriteTransaction) -> Result<(), redb::Error> + Send>;
/// Called with the result of a write.
type OnDone = Box<dyn FnOnce(Result<(), String>) + Send>;

/// Called with the path under which a damaged database is kept.
pub(super) type SetAside = Arc<dyn Fn(PathBuf) + Send + Sync>;

/// Held while a damaged database is renamed: several threads may find it at the same time.
static SETTING_ASIDE: Mutex<()> = Mutex::new(());
/// The last logged error: the same error is logged once.
static LAST_LOGGED: Mutex<String> = Mutex::new(String::new());

/// Why the database could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Another shell had it open for more than a second.
    #[error("another program has {} open", .0.display())]
    Busy(PathBuf),
    /// It can't be reached.
    #[error("{}: {why}", file.display())]
    Failed {
        /// The file.
        file: PathBuf,
        /// What went wrong.
        why: String,
    },
    /// This system has no place for it.
    #[error("this system has no folder for what the shell remembers")]
    Nowhere,
}

/// How a database error is handled.
enum ErrorKind {
    /// Another shell has it open.
    Busy,
    /// The file is damaged, or no database of ours.
    Damaged,
    /// Any other error.
    Other,
}

fn classify(error: &redb::Error) -> ErrorKind {
    use redb::Error::{Corrupted, DatabaseAlreadyOpen, Io, TableTypeMismatch, UpgradeRequired};
    match error {
        DatabaseAlreadyOpen => ErrorKind::Busy,
        Corrupted(_) | UpgradeRequired(_) | TableTypeMismatch { .. } => ErrorKind::Damaged,
        Io(error) if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) => {
            ErrorKind::Damaged
        }
        _ => ErrorKind::Other,
    }
}

impl Database {
    /// The database in `file`, which need not be there; without a file nothing is remembered.
    pub fn new(file: Option<PathBuf>) -> Self {
        Self::with_observer(file, Arc::new(drop))
    }

    /// A database that calls `set_aside` when its file is damaged.
    pub(super) fn with_observer(file: Option<PathBuf>, set_aside: SetAside) -> Self {
        Self(Arc::new(Shared {
            file,
            set_aside,
            writer: Mutex::new(None),
        }))
    }

    /// Damaged databases that were set aside, the oldest first.
    pub fn damaged(&self) -> Vec<PathBuf> {
        let Some(file) = &self.0.file else { return Vec::new() };
        let start = damaged_name(file, "");
        let entries = file.parent().and_then(|folder| fs::read_dir(folder).ok());
        let is_kept = |path: &PathBuf| {
            path.as_os_str()
                .as_encoded_bytes()
                .starts_with(start.as_os_str().as_encoded_bytes())
        };
        let mut kept: Vec<_> = entries
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(is_kept)
            .collect();
        kept.sort();
        kept
    }

    /// Reads in one transaction. Returns the default if the file does not exist. Blocks while
    /// another shell writes, up to a second.
    ///
    /// # Errors
    /// When the file can't be read. A damaged one is set aside, and reads as empty.
    pub fn read<T: Default>(
        &self,
        read: impl Fn(&ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, DatabaseError> {
        let Some(file) = &self.0.file else {
            return Ok(T::default());
        };
        let act = || {
            let opened = redb::Builder::new().set_cache_size(CACHE).open_read_only(file);
            match opened {
                Ok(database) => read(&database.begin_read()?),
                Err(redb::DatabaseError::Storage(StorageError::Io(error)))
                    if error.kind() == io::ErrorKind::NotFound =>
                {
                    Ok(T::default())
                }
                // A shell was killed while it wrote: opening the file for writing mends it.
                Err(redb::DatabaseError::RepairAborted) => {
                    let database = redb::Builder::new().set_cache_size(CACHE).open(file)?;
                    read(&database.begin_read()?)
                }
                Err(error) => Err(error.into()),
            }
        };
        log_failure(guarded(file, &self.0.set_aside, act))
    }

    /// Writes in one transaction: all of it is on the disk when this returns, or nothing. `write` may be tried more than
    /// once. Blocks while another shell has the file open, up to a second.
    ///
    /// # Errors
    /// When nothing was written.
    pub fn write<T>(&self, write: impl Fn(&WriteTransaction) -> Result<T, redb::Error>) -> Result<T, DatabaseError> {
        let Some(file) = &self.0.file else {
            return Err(DatabaseError::Nowhere);
        };
        log_failure(guarded(file, &self.0.set_aside, || {
            let transaction = writable(file)?.begin_write()?;
            let done = write(&transaction)?;
            transaction.commit()?;
            Ok(done)
        }))
    }

    /// Queues a write for the writer thread. Writes keep their order; those that wait share a transaction.
    pub fn save(&self, write: impl Fn(&WriteTransaction) -> Result<(), redb::Error> + Send + 'static) {
        self.queue(QueuedWrite {
            write: Some(Box::new(write)),
            on_done: None,
        });
    }

    /// Queues a write; `on_done` is called on the writer thread, in order, when it is on the disk or has failed.
    pub fn save_and_notify(
        &self,
        write: impl Fn(&WriteTransaction) -> Result<(), redb::Error> + Send + 'static,
        on_done: impl FnOnce(Result<(), String>) + Send + 'static,
    ) {
        self.queue(QueuedWrite {
            write: Some(Box::new(write)),
            on_done: Some(Box::new(on_done)),
        });
    }

    fn queue(&self, entry: QueuedWrite) {
        let refuse =
            |entry: QueuedWrite, why: String| entry.on_done.into_iter().for_each(|on_done| on_done(Err(why.clone())));
        let Some(file) = &self.0.file else {
            return refuse(entry, DatabaseError::Nowhere.to_string());
        };
        let mut writer = self.0.writer.lock();
        if writer.is_none() {
            let (sender, receiver) = mpsc::channel::<QueuedWrite>();
            let database = Self::with_observer(Some(file.clone()), Arc::clone(&self.0.set_aside));
            let write = move || {
                while let Ok(first) = receiver.recv() {
                    let all: Vec<_> = std::iter::once(first).chain(receiver.try_iter()).collect();
                    let writes: Vec<_> = all.iter().filter_map(|entry| entry.write.as_ref()).collect();
                    let written = match writes.is_empty() {
                        true => Ok(()),
                        // What went wrong has been logged.
                        false => database.write(|transaction| writes.iter().try_for_each(|write| write(transaction))),
                    };
                    let written = written.map_err(|error| error.to_string());
                    all.into_iter()
                        .filter_map(|entry| entry.on_done)
                        .for_each(|on_done| on_done(written.clone()));
                }
            };
            match std::thread::Builder::new().name("save state".into()).spawn(write) {
                Ok(_) => *writer = Some(sender),
                Err(error) => tracing::warn!("no thread to remember with: {error}"),
            }
        }
        match &*writer {
            Some(sender) => {
                // The other end goes only after this one.
                let _ = sender.send(entry);
            }
            None => refuse(entry, "the system has no thread for it".into()),
        }
    }

    /// Waits until all queued writes are done.
    pub fn finish(&self) {
        let (done, on_done) = mpsc::channel();
        match &*self.0.writer.lock() {
            None => return,
            Some(writer) => {
                let on_done = move |_| done.send(()).unwrap_or_default();
                // The other end goes only after this one.
                let _ = writer.send(QueuedWrite {
                    write: None,
                    on_done: Some(Box::new(on_done)),
                });
            }
        }
        // A thread that has panicked has dropped what it was to tell.
        let _ = on_done.recv();
    }
}

/// The file of this user.
pub fn file() -> Option<PathBuf> {
    let directories = folders()?;
    Some(
        directories
            .state_dir()
            .unwrap_or_else(|| directories.data_local_dir())
            .join("state.redb"),
    )
}

fn writable(file: &Path) -> Result<redb::Database, redb::Error> {
    let mut builder = redb::Builder::new();
    builder.set_cache_size(CACHE);
    if let Some(folder) = file.parent()
        && !file.exists()
    {
        fs::create_dir_all(folder).map_err(redb::Error::Io)?;
        // Made beside its place, so that a shell that is killed meanwhile leaves no half of a database there.
        if let Ok(made) = tempfile::Builder::new().prefix("state.new-").tempfile_in(folder) {
            drop(builder.create(made.path())?);
            // Another shell may have been faster.
            let _ = made.persist_noclobber(file);
        }
    }
    Ok(builder.create(file)?)
}

fn log_failure<T>(done: Result<T, DatabaseError>) -> Result<T, DatabaseError> {
    match &done {
        Err(error @ DatabaseError::Busy(_)) => tracing::debug!("nothing is remembered: {error}"),
        Err(error) => {
            let (mut last, text) = (LAST_LOGGED.lock(), error.to_string());
            if *last != text {
                tracing::warn!("nothing is remembered: {text}");
                *last = text;
            }
        }
        Ok(_) => {}
    }
    done
}

/// Accesses the file: retries while another shell has it open, and starts a new one if it is damaged.
fn guarded<T>(file: &Path, aside: &SetAside, act: impl Fn() -> Result<T, redb::Error>) -> Result<T, DatabaseError> {
    let mut tries = 0;
    loop {
        let before = identity(file);
        // Damage can also make the database's own code panic.
        let done = catch_unwind(AssertUnwindSafe(&act));
        let error = match done.unwrap_or_else(|_| Err(redb::Error::Corrupted("it makes no sense".into()))) {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        return Err(match classify(&error) {
            ErrorKind::Busy if tries < TRIES.0 => {
                tries += 1;
                std::thread::sleep(TRIES.1);
                continue;
            }
            ErrorKind::Busy => DatabaseError::Busy(file.to_owned()),
            ErrorKind::Damaged => match set_aside(file, before, &error) {
                Ok(kept) => {
                    kept.into_iter().for_each(|kept| aside(kept));
                    continue;
                }
                Err(_) => DatabaseError::Failed {
                    file: file.to_owned(),
                    why: error.to_string(),
                },
            },
            ErrorKind::Other => DatabaseError::Failed {
                file: file.to_owned(),
                why: error.to_string(),
            },
        });
    }
}

/// Renames a damaged file and returns the new path; `None` if another thread or process has done so already.
fn set_aside(file: &Path, damaged: Option<u64>, why: &redb::Error) -> io::Result<Option<PathBuf>> {
    let _alone = SETTING_ASIDE.lock();
    if identity(file) != damaged {
        return Ok(None);
    }
    let names = (now()..).map(|time| damaged_name(file, &time.to_string()));
    let aside = names
        .into_iter()
        .find(|name| !name.exists())
        .ok_or(io::ErrorKind::AlreadyExists)?;
    fs::rename(file, &aside)?;
    tracing::warn!("{} is set aside as {}: {why}", file.display(), aside.display());
    Ok(Some(aside))
}

/// Identity of a file, which tells it from a later one of the same name.
fn identity(file: &Path) -> Option<u64> {
    let about = fs::metadata(file).ok()?;
    #[cfg(unix)]
    return Some(std::os::unix::fs::MetadataExt::ino(&about));
    #[cfg(not(unix))]
    Some(about.created().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos() as u64)
}

fn damaged_name(file: &Path, time: &str) -> PathBuf {
    file.with_extension(format!("damaged-{time}"))
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

/// Reads of a table that may not exist yet.
pub trait Table<K: redb::Key + 'static, V: redb::Value + 'static> {
    /// The table; `None` if it was never written.
    ///
    /// # Errors
    /// When the file is damaged or can't be read.
    fn find(self, all: &ReadTransaction) -> Result<Option<redb::ReadOnlyTable<K, V>>, redb::Error>;
}

impl<K: redb::Key + 'static, V: redb::Value + 'static> Table<K, V> for TableDefinition<'_, K, V> {
    fn find(self, all: &ReadTransaction) -> Result<Option<redb::ReadOnlyTable<K, V>>, redb::Error> {
        match all.open_table(self) {
            Ok(table) => Ok(Some(table)),
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// The age up to which rows have to be removed, so that at most `most` stay.
pub(super) fn surplus<K: redb::Key + 'static, V: redb::Value + 'static>(
    table: &redb::Table<'_, K, V>,
    most: u64,
    age: impl Fn(&V::SelfType<'_>) -> u64,
) -> Result<Option<u64>, redb::Error> {
    use redb::{ReadableTable, ReadableTableMetadata};
    let count = table.len()?;
    let Some(index) = count.checked_sub(most + 1) else {
        return Ok(None);
    };
    let mut ages = Vec::new();
    for row in table.iter()? {
        ages.push(age(&row?.1.value()));
    }
    ages.sort_unstable();
    Ok(ages.get(usize::try_from(index).unwrap_or(usize::MAX)).copied())
}
