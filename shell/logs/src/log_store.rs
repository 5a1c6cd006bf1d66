//! Stores all lines: sources add to it, readers ask for a line by its position.

use super::Terminal;
use super::chunk::{Chunk, Data, Line, Location, OpenChunk, write_at};
use parking_lot::Mutex;
use portico_abi::Level;
use std::collections::VecDeque;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Identifies a source: a window's program, over all its restarts, or the shell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub(super) u16);

impl SourceId {
    /// The shell itself.
    pub const SHELL: Self = Self(0);

    /// Its number, which tells it from others of the same title.
    pub fn number(self) -> u16 {
        self.0
    }
}

/// A source of lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its id.
    pub id: SourceId,
    /// Its title.
    pub title: String,
    /// The first line that counts, by number: those before have been cleared away.
    pub(super) cleared: u64,
}

/// Limits of a log.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes in memory; more lies in files.
    pub memory: usize,
    /// Bytes of one of those files.
    pub file: usize,
    /// Bytes in all; beyond it the oldest lines go.
    pub total: usize,
    /// Lines in all; beyond it the oldest go.
    pub lines: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            memory: 4 << 20,
            file: 64 << 20,
            total: 2 << 30,
            lines: 20_000_000,
        }
    }
}

/// A log. Cheap to clone.
#[derive(Clone)]
pub struct LogStore(Arc<Shared>);

struct Shared {
    /// Locked for moments only: the event thread takes it.
    inner: Mutex<Inner>,
    /// Locked while a file is written, before `pages`. The event thread only tries.
    spool: Mutex<Spool>,
}

/// Called once when a line is added.
type Watcher = Box<dyn FnOnce() + Send>;

/// Files for what does not fit into memory.
struct Spool {
    /// Where they go: into the system's folder for temporary ones where there is no other.
    folder: Option<PathBuf>,
    /// Bytes of one of them.
    most: usize,
    /// The one that is being written, and how much of it has been.
    file: Option<(Arc<File>, u64)>,
}

struct Inner {
    bounds: Bounds,
    sources: Vec<Source>,
    /// Full chunks, oldest first; the first has the number `gone`.
    chunks: VecDeque<Chunk>,
    /// How many chunks, and lines in them, have gone.
    gone: (u64, u64),
    /// How many chunks at the front lie in files.
    spilled: usize,
    /// Bytes of full chunks in memory, and of all.
    memory: usize,
    total: usize,
    /// Lines in full chunks.
    lines: u64,
    /// There is no file to be had: what does not fit into memory goes.
    fileless: bool,
    /// A thread makes room in memory.
    relieved: bool,
    /// All has been cleared away: what comes goes into another file.
    begun_again: bool,
    open_chunk: OpenChunk,
    watchers: Vec<Watcher>,
}

/// The state of a log at one moment, for a [`super::Search`].
pub(super) struct Snapshot {
    /// Number of the oldest chunk.
    pub(super) first: u64,
    /// Number after that of the newest full chunk: that of the open chunk.
    pub(super) next: u64,
    /// The lines that are not in a full chunk yet.
    pub(super) open_chunk: OpenChunk,
}

/// A full chunk, the number of its first line, and the first line of each source that counts.
type SealedChunk = (Chunk, u64, Vec<u64>);

impl LogStore {
    /// An empty log with the shell as its only source. What does not fit into memory goes into files without a name in `folder`,
    /// which is made when it is wanted; they are gone when the shell is, however it ends.
    pub fn new(bounds: Bounds, folder: Option<PathBuf>) -> Self {
        let shell = Source {
            id: SourceId::SHELL,
            title: "Portico".into(),
            cleared: 0,
        };
        let spool = Spool {
            folder,
            most: bounds.file,
            file: None,
        };
        let inner = Inner {
            bounds,
            sources: vec![shell],
            chunks: VecDeque::new(),
            gone: (0, 0),
            spilled: 0,
            memory: 0,
            total: 0,
            lines: 0,
            fileless: false,
            relieved: false,
            begun_again: false,
            open_chunk: OpenChunk::default(),
            watchers: Vec::new(),
        };
        Self(Arc::new(Shared {
            inner: Mutex::new(inner),
            spool: Mutex::new(spool),
        }))
    }

    /// A new source of lines. A shell that has had 65,535 of them takes the last for all that follow.
    pub fn source(&self, title: &str) -> SourceId {
        let mut inner = self.0.inner.lock();
        match u16::try_from(inner.sources.len()) {
            Ok(number) => {
                let id = SourceId(number);
                inner.sources.push(Source {
                    id,
                    title: title.to_owned(),
                    cleared: 0,
                });
                id
            }
            Err(_) => SourceId(u16::MAX),
        }
    }

    /// Changes the title of a source.
    pub fn rename(&self, source: SourceId, title: &str) {
        if let Some(known) = self.0.inner.lock().sources.get_mut(usize::from(source.0)) {
            title.clone_into(&mut known.title);
        }
    }

    /// All sources, the shell first.
    pub fn sources(&self) -> Vec<Source> {
        self.0.inner.lock().sources.clone()
    }

    /// Adds a line that is printed now. Where there are many, this waits for the disk.
    pub fn push(&self, source: SourceId, level: Level, name: &str, text: &str) {
        self.push_at(now(), source, level, name, text);
    }

    /// Adds a line that was printed so many milliseconds after 1970.
    pub fn push_at(&self, time: u64, source: SourceId, level: Level, name: &str, text: &str) {
        if self.add(time, source, level, name, text) {
            self.spill();
        }
    }

    /// Adds a line that is printed now, without waiting for the disk: for the event thread.
    pub fn note(&self, source: SourceId, level: Level, name: &str, text: &str) {
        if !self.add(now(), source, level, name, text) || std::mem::replace(&mut self.0.inner.lock().relieved, true) {
            return;
        }
        let store = self.clone();
        let relieve = move || {
            store.spill();
            store.0.inner.lock().relieved = false;
        };
        if std::thread::Builder::new().name("log".into()).spawn(relieve).is_err() {
            // The next line tries again.
            self.0.inner.lock().relieved = false;
        }
    }

    /// Adds a line; says whether there is more in memory now than there should be.
    fn add(&self, time: u64, source: SourceId, level: Level, name: &str, text: &str) -> bool {
        let mut inner = self.0.inner.lock();
        inner.open_chunk.push(time, source, level, name, text);
        if inner.open_chunk.is_full() {
            let full = std::mem::take(&mut inner.open_chunk);
            inner.add(full);
        }
        let watchers = std::mem::take(&mut inner.watchers);
        let too_much = inner.memory > inner.bounds.memory;
        drop(inner);
        watchers.into_iter().for_each(|tell| tell());
        too_much
    }

    /// Puts the oldest chunks that are in memory into files until the others have room.
    fn spill(&self) {
        let mut spool = self.0.spool.lock();
        loop {
            let mut inner = self.0.inner.lock();
            if std::mem::take(&mut inner.begun_again) {
                spool.file = None;
            }
            let Some((number, data)) = inner.oldest_in_memory() else {
                return;
            };
            drop(inner);
            let stored = spool.store(&data);
            let mut inner = self.0.inner.lock();
            match stored {
                Ok(location) => inner.spilled(number, location),
                Err(error) => {
                    inner.fileless = true;
                    drop(inner);
                    // Not logged here: that would be a line of this very log.
                    let _ = writeln!(Terminal, "portico: older lines of the log can't be kept: {error}");
                }
            }
        }
    }

    /// Calls `tell` once when the next line is added, on the thread that adds it.
    pub fn watch(&self, tell: impl FnOnce() + Send + 'static) {
        self.0.inner.lock().watchers.push(Box::new(tell));
    }

    /// How many lines there have been, with those that have gone.
    pub fn lines(&self) -> u64 {
        let inner = self.0.inner.lock();
        inner.gone.1 + inner.lines + inner.open_chunk.records.len() as u64
    }

    /// Bytes of the lines that are kept.
    pub fn bytes(&self) -> u64 {
        let inner = self.0.inner.lock();
        (inner.total + inner.open_chunk.text.len()) as u64
    }

    /// How many lines have gone, because there were too many or because they were cleared.
    pub fn gone(&self) -> u64 {
        self.0.inner.lock().gone.1
    }

    /// A line by the number of its chunk and its place there; `None` once it has gone.
    pub fn line(&self, chunk: u64, index: usize) -> Option<Line> {
        let found = {
            let inner = self.0.inner.lock();
            let at = usize::try_from(chunk.checked_sub(inner.gone.0)?).ok()?;
            match inner.chunks.get(at) {
                Some(chunk) => chunk.clone(),
                None if at == inner.chunks.len() => return inner.open_chunk.line(index),
                None => return None,
            }
        };
        found.line(index).unwrap_or_else(|error| {
            tracing::debug!("a line of the log can't be read: {error}");
            None
        })
    }

    /// Removes the lines of a source, or all lines and their files. Does not block.
    pub fn clear(&self, source: Option<SourceId>) {
        let mut inner = self.0.inner.lock();
        let next = inner.gone.1 + inner.lines + inner.open_chunk.records.len() as u64;
        match source {
            Some(source) => {
                if let Some(known) = inner.sources.get_mut(usize::from(source.0)) {
                    known.cleared = next;
                }
            }
            None => {
                // The open chunk becomes a full one, so that no number is given twice.
                let open_chunk = std::mem::take(&mut inner.open_chunk);
                inner.add(open_chunk);
                while inner.drop_oldest() {}
                match self.0.spool.try_lock() {
                    Some(mut spool) => spool.file = None,
                    None => inner.begun_again = true,
                }
            }
        }
    }

    /// Hands all lines of a source to `take`, oldest first. Reads from files, so it may take a while.
    pub fn each(&self, source: SourceId, mut take: impl FnMut(Line)) {
        let snapshot = self.snapshot();
        for number in snapshot.first..snapshot.next {
            let Some((chunk, first, cleared)) = self.chunk(number) else {
                continue;
            };
            let Ok(data) = chunk.data() else { continue };
            let (records, _) = data.parts();
            for (index, record) in records.iter().enumerate() {
                if record.source.get() == source.0 && first + index as u64 >= cleared[usize::from(source.0)] {
                    chunk.line(index).ok().flatten().into_iter().for_each(&mut take);
                }
            }
        }
        let (first, cleared) = self.open_chunk_start(snapshot.next);
        let lines =
            (0..snapshot.open_chunk.records.len()).filter_map(|index| Some((index, snapshot.open_chunk.line(index)?)));
        let cleared = cleared.get(usize::from(source.0)).copied().unwrap_or_default();
        lines
            .filter(|(index, line)| line.source == source && first + *index as u64 >= cleared)
            .for_each(|(_, l)| take(l));
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let inner = self.0.inner.lock();
        let next = inner.gone.0 + inner.chunks.len() as u64;
        Snapshot {
            first: inner.gone.0,
            next,
            open_chunk: inner.open_chunk.clone(),
        }
    }

    /// A full chunk by its number, unless it has gone.
    pub(super) fn chunk(&self, number: u64) -> Option<SealedChunk> {
        let inner = self.0.inner.lock();
        let at = usize::try_from(number.checked_sub(inner.gone.0)?).ok()?;
        let chunk = inner.chunks.get(at)?.clone();
        Some((chunk, inner.first_line(at), inner.cleared()))
    }

    /// The number of the first line after the chunks before `next`, and what has been cleared away.
    pub(super) fn open_chunk_start(&self, next: u64) -> (u64, Vec<u64>) {
        let inner = self.0.inner.lock();
        let at = usize::try_from(next.saturating_sub(inner.gone.0)).unwrap_or(usize::MAX);
        (inner.first_line(at), inner.cleared())
    }
}

impl Inner {
    fn cleared(&self) -> Vec<u64> {
        self.sources.iter().map(|source| source.cleared).collect()
    }

    /// The number of the first line of a chunk, or of the open one.
    fn first_line(&self, at: usize) -> u64 {
        self.chunks
            .get(at)
            .map_or(self.gone.1 + self.lines, |chunk| chunk.first)
    }

    fn add(&mut self, open_chunk: OpenChunk) {
        let count = open_chunk.records.len();
        if count == 0 {
            return;
        }
        let first = self.gone.1 + self.lines;
        let data = open_chunk.seal();
        self.memory += data.len();
        self.total += data.len();
        self.lines += count as u64;
        self.chunks.push_back(Chunk {
            first,
            count,
            location: Location::Memory(Arc::new(data)),
        });
        let Bounds { total, lines, .. } = self.bounds;
        while (self.total > total || self.lines > lines) && self.drop_oldest() {}
    }

    /// The oldest chunk that is in memory, with its number, while there is too much there. Where there are no files, it goes.
    fn oldest_in_memory(&mut self) -> Option<(u64, Arc<Data>)> {
        while self.fileless && self.memory > self.bounds.memory && self.drop_oldest() {}
        if self.memory <= self.bounds.memory {
            return None;
        }
        let Chunk {
            location: Location::Memory(data),
            ..
        } = self.chunks.get(self.spilled)?
        else {
            return None;
        };
        Some((self.gone.0 + self.spilled as u64, Arc::clone(data)))
    }

    /// A chunk lies in a file now, unless it has gone meanwhile.
    fn spilled(&mut self, number: u64, location: Location) {
        let at = number.checked_sub(self.gone.0).and_then(|at| usize::try_from(at).ok());
        let Some((at, chunk)) = at.and_then(|at| Some((at, self.chunks.get_mut(at)?))) else {
            return;
        };
        if let Location::Memory(data) = &chunk.location {
            self.memory -= data.len();
            chunk.location = location;
            self.spilled = at + 1;
        }
    }

    /// The oldest chunk goes, and with the last one in it its file; says whether there was one.
    fn drop_oldest(&mut self) -> bool {
        let Some(chunk) = self.chunks.pop_front() else {
            return false;
        };
        self.gone.0 += 1;
        self.gone.1 += chunk.count as u64;
        self.lines -= chunk.count as u64;
        let len = match &chunk.location {
            Location::Memory(data) => {
                self.memory -= data.len();
                data.len()
            }
            Location::File { len, .. } => *len,
        };
        self.total -= len;
        self.spilled = self.spilled.saturating_sub(1);
        true
    }
}

impl Spool {
    fn store(&mut self, data: &Data) -> std::io::Result<Location> {
        let full = self
            .file
            .as_ref()
            .is_none_or(|(_, end)| *end as usize + data.len() > self.most);
        if full {
            let file = match &self.folder {
                Some(folder) => {
                    private(folder)?;
                    tempfile::tempfile_in(folder)?
                }
                None => tempfile::tempfile()?,
            };
            self.file = Some((Arc::new(file), 0));
        }
        let Some((file, end)) = &mut self.file else {
            return Err(std::io::ErrorKind::NotFound.into());
        };
        write_at(file, data.bytes(), *end)?;
        let location = Location::File {
            file: Arc::clone(file),
            at: *end,
            len: data.len(),
        };
        *end += data.len() as u64;
        Ok(location)
    }
}

/// Milliseconds since 1970.
fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or_default()
}

/// Makes a folder for this user alone.
fn private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
