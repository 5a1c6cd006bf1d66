//! Looks for the lines that fit a filter, on a thread of its own: the newest first, and those that are added as they come.

use super::chunk::Line;
use super::filter::CompiledFilter;
use super::{Filter, LogStore};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// Minimum interval between two notifications.
const TELL_EVERY: Duration = Duration::from_millis(60);

/// How many rows are worth showing before all is looked through.
const ENOUGH: usize = 256;

/// The lines found so far.
#[derive(Debug, Default)]
struct Found {
    /// By chunk, oldest first: which of its lines fit.
    chunks: VecDeque<(u64, Vec<u16>)>,
    rows: usize,
    done: bool,
}

impl Found {
    /// The positions of some rows, counted from the oldest, in the log.
    fn places(&self, rows: Range<usize>) -> Vec<(u64, usize)> {
        let mut places = Vec::with_capacity(rows.len());
        let mut before = 0;
        for (chunk, hits) in &self.chunks {
            if before >= rows.end {
                break;
            }
            let from = rows.start.saturating_sub(before).min(hits.len());
            let to = (rows.end - before).min(hits.len());
            places.extend(
                hits[from..to.max(from)]
                    .iter()
                    .map(|index| (*chunk, usize::from(*index))),
            );
            before += hits.len();
        }
        places
    }

    fn set(&mut self, chunk: u64, hits: Vec<u16>) {
        if hits.is_empty() && self.chunks.iter().rev().all(|(number, _)| *number != chunk) {
            return;
        }
        if self.chunks.front().is_none_or(|(front, _)| *front > chunk) {
            self.rows += hits.len();
            return self.chunks.push_front((chunk, hits));
        }
        match self.chunks.iter().rposition(|(number, _)| *number <= chunk) {
            Some(at) if self.chunks[at].0 == chunk => {
                self.rows = self.rows + hits.len() - self.chunks[at].1.len();
                self.chunks[at].1 = hits;
            }
            at => {
                self.rows += hits.len();
                self.chunks.insert(at.map_or(0, |at| at + 1), (chunk, hits));
            }
        }
    }

    /// Removes chunks that are gone from the log.
    fn forget(&mut self, first: u64) {
        while self.chunks.front().is_some_and(|(chunk, _)| *chunk < first) {
            if let Some((_, hits)) = self.chunks.pop_front() {
                self.rows -= hits.len();
            }
        }
    }
}

enum Command {
    Find(Filter),
    Added,
    Stop,
}

/// Looks for lines as long as it lives.
pub struct Search {
    store: LogStore,
    found: Arc<Mutex<Found>>,
    commands: Sender<Command>,
}

impl Search {
    /// Begins to look for all lines; `news` is called on another thread when more has been found, some times a second at
    /// most.
    ///
    /// # Errors
    /// When the system has no thread for it.
    pub fn new(store: LogStore, news: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let found: Arc<Mutex<Found>> = Arc::default();
        let (commands, inbox) = channel();
        let mut worker = SearchWorker {
            store: store.clone(),
            found: Arc::clone(&found),
            filter: CompiledFilter::new(&Filter::default()),
            next: 0,
            inbox,
            added: commands.clone(),
            watching: Arc::default(),
            news: Box::new(news),
            told: Instant::now(),
        };
        std::thread::Builder::new()
            .name("log search".into())
            .spawn(move || worker.run())?;
        Ok(Self { store, found, commands })
    }

    /// Looks for other lines from now on. Costs nothing here.
    pub fn find(&self, filter: Filter) {
        // It listens until it is told to stop.
        let _ = self.commands.send(Command::Find(filter));
    }

    /// How many lines fit so far, and whether all have been looked at.
    pub fn progress(&self) -> (usize, bool) {
        let found = self.found.lock();
        (found.rows, found.done)
    }

    /// Some rows, counted from the oldest that fits; fewer where there are no more. A line that has gone meanwhile is `None`.
    pub fn rows(&self, rows: Range<usize>) -> Vec<Option<Line>> {
        let places = self.found.lock().places(rows);
        places
            .into_iter()
            .map(|(chunk, index)| self.store.line(chunk, index))
            .collect()
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Stop);
    }
}

struct SearchWorker {
    store: LogStore,
    found: Arc<Mutex<Found>>,
    filter: CompiledFilter,
    /// Number of the first chunk that was not full when it was looked at.
    next: u64,
    inbox: Receiver<Command>,
    /// Given to the log, to report added lines.
    added: Sender<Command>,
    /// Whether the log reports added lines.
    watching: Arc<AtomicBool>,
    news: Box<dyn Fn() + Send>,
    told: Instant,
}

impl SearchWorker {
    fn run(&mut self) {
        let mut command = Command::Find(Filter::default());
        loop {
            command = match command {
                Command::Find(filter) => {
                    self.filter = CompiledFilter::new(&filter);
                    match self.all() {
                        Some(other) => other,
                        None => self.wait(),
                    }
                }
                Command::Added => self.wait(),
                Command::Stop => return,
            }
        }
    }

    /// Takes in what has been added, then waits for what is to be done next.
    fn wait(&mut self) -> Command {
        if !self.watching.swap(true, Ordering::Relaxed) {
            let (added, watching) = (self.added.clone(), Arc::clone(&self.watching));
            self.store.watch(move || {
                watching.store(false, Ordering::Relaxed);
                let _ = added.send(Command::Added);
            });
        }
        // After that, so that nothing is missed.
        self.follow();
        self.tell(true);
        let Ok(mut command) = self.inbox.recv() else {
            return Command::Stop;
        };
        if matches!(command, Command::Added) {
            // More will have come by then, which is told together.
            command = self.inbox.recv_timeout(TELL_EVERY).unwrap_or(command);
        }
        self.latest(command)
    }

    /// The latest of the queued commands: the last filter, unless the search has ended.
    fn latest(&self, first: Command) -> Command {
        let strongest = |before, next| match (before, next) {
            (Command::Stop, _) | (_, Command::Stop) => Command::Stop,
            (before, Command::Added) => before,
            (_, next) => next,
        };
        self.inbox.try_iter().fold(first, strongest)
    }

    /// Looks through everything, the newest first; stops for another command.
    fn all(&mut self) -> Option<Command> {
        let snapshot = self.store.snapshot();
        self.next = snapshot.next;
        self.found.lock().done = false;
        let mut fresh = Found::default();
        let (first, cleared) = self.store.open_chunk_start(snapshot.next);
        fresh.set(
            snapshot.next,
            self.filter
                .hits(&snapshot.open_chunk.records, &snapshot.open_chunk.text, first, &cleared),
        );
        // What was found before stays until there is something to show in its place.
        let mut fresh = Some(fresh);
        let begun = Instant::now();
        for number in (snapshot.first..snapshot.next).rev() {
            let hits = self.look(number);
            match &mut fresh {
                Some(found) => found.set(number, hits),
                None => self.found.lock().set(number, hits),
            }
            let enough = |found: &mut Found| found.rows >= ENOUGH || begun.elapsed() >= TELL_EVERY;
            match fresh.take_if(enough) {
                Some(found) => {
                    *self.found.lock() = found;
                    self.tell(true);
                }
                None => self.tell(false),
            }
            if let Ok(command) = self.inbox.try_recv() {
                match self.latest(command) {
                    Command::Added => {}
                    command => return Some(command),
                }
            }
        }
        let mut found = self.found.lock();
        if let Some(fresh) = fresh {
            *found = fresh;
        }
        found.done = true;
        None
    }

    /// Looks through what has been added since.
    fn follow(&mut self) {
        let snapshot = self.store.snapshot();
        for number in self.next..snapshot.next {
            let hits = self.look(number);
            self.found.lock().set(number, hits);
        }
        self.next = snapshot.next;
        let (first, cleared) = self.store.open_chunk_start(snapshot.next);
        let hits = self
            .filter
            .hits(&snapshot.open_chunk.records, &snapshot.open_chunk.text, first, &cleared);
        let mut found = self.found.lock();
        found.set(snapshot.next, hits);
        found.forget(snapshot.first);
    }

    /// Which lines of a full chunk fit.
    fn look(&self, number: u64) -> Vec<u16> {
        let Some((chunk, first, cleared)) = self.store.chunk(number) else {
            return Vec::new();
        };
        match chunk.data() {
            Ok(data) => {
                let (records, text) = data.parts();
                self.filter.hits(records, text, first, &cleared)
            }
            Err(error) => {
                tracing::debug!("a part of the log can't be read: {error}");
                Vec::new()
            }
        }
    }

    fn tell(&mut self, at_once: bool) {
        if at_once || self.told.elapsed() >= TELL_EVERY {
            self.told = Instant::now();
            (self.news)();
        }
    }
}
