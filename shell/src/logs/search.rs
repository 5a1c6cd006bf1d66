//! Looks for the lines that fit a filter, on a thread of its own: the newest first, and those that are added as they come.

use super::chunk::Line;
use super::filter::Sieve;
use super::{Book, Filter};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// How often at most those who look are told of something new.
const TELL_EVERY: Duration = Duration::from_millis(60);

/// How many rows are worth showing before all is looked through.
const ENOUGH: usize = 256;

/// What has been found so far.
#[derive(Debug, Default)]
struct Found {
    /// By chunk, oldest first: which of its lines fit.
    chunks: VecDeque<(u64, Vec<u16>)>,
    rows: usize,
    done: bool,
}

impl Found {
    /// The places of some rows, counted from the oldest, in the book.
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

    /// What has gone from the book goes here.
    fn forget(&mut self, first: u64) {
        while self.chunks.front().is_some_and(|(chunk, _)| *chunk < first) {
            if let Some((_, hits)) = self.chunks.pop_front() {
                self.rows -= hits.len();
            }
        }
    }
}

enum Order {
    Find(Filter),
    Added,
    Stop,
}

/// Looks for lines as long as it lives.
pub struct Search {
    book: Book,
    found: Arc<Mutex<Found>>,
    orders: Sender<Order>,
}

impl Search {
    /// Begins to look for all lines; `news` is called on another thread when more has been found, some times a second at
    /// most.
    ///
    /// # Errors
    /// When the system has no thread for it.
    pub fn new(book: Book, news: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let found: Arc<Mutex<Found>> = Arc::default();
        let (orders, inbox) = channel();
        let mut seeker = Seeker {
            book: book.clone(),
            found: Arc::clone(&found),
            sieve: Sieve::new(&Filter::default()),
            next: 0,
            inbox,
            added: orders.clone(),
            watching: Arc::default(),
            news: Box::new(news),
            told: Instant::now(),
        };
        std::thread::Builder::new()
            .name("log search".into())
            .spawn(move || seeker.run())?;
        Ok(Self { book, found, orders })
    }

    /// Looks for other lines from now on. Costs nothing here.
    pub fn find(&self, filter: Filter) {
        // It listens until it is told to stop.
        let _ = self.orders.send(Order::Find(filter));
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
            .map(|(chunk, index)| self.book.line(chunk, index))
            .collect()
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::Stop);
    }
}

struct Seeker {
    book: Book,
    found: Arc<Mutex<Found>>,
    sieve: Sieve,
    /// Number of the first chunk that was not full when it was looked at.
    next: u64,
    inbox: Receiver<Order>,
    /// For the book, to tell of lines that are added.
    added: Sender<Order>,
    /// Whether the book has been asked to.
    watching: Arc<AtomicBool>,
    news: Box<dyn Fn() + Send>,
    told: Instant,
}

impl Seeker {
    fn run(&mut self) {
        let mut order = Order::Find(Filter::default());
        loop {
            order = match order {
                Order::Find(filter) => {
                    self.sieve = Sieve::new(&filter);
                    match self.all() {
                        Some(other) => other,
                        None => self.wait(),
                    }
                }
                Order::Added => self.wait(),
                Order::Stop => return,
            }
        }
    }

    /// Takes in what has been added, then waits for what is to be done next.
    fn wait(&mut self) -> Order {
        if !self.watching.swap(true, Ordering::Relaxed) {
            let (added, watching) = (self.added.clone(), Arc::clone(&self.watching));
            self.book.watch(move || {
                watching.store(false, Ordering::Relaxed);
                let _ = added.send(Order::Added);
            });
        }
        // After that, so that nothing is missed.
        self.follow();
        self.tell(true);
        let Ok(mut order) = self.inbox.recv() else {
            return Order::Stop;
        };
        if matches!(order, Order::Added) {
            // More will have come by then, which is told together.
            order = self.inbox.recv_timeout(TELL_EVERY).unwrap_or(order);
        }
        self.latest(order)
    }

    /// What counts of an order and all that wait behind it: the last filter, unless it is over.
    fn latest(&self, first: Order) -> Order {
        let strongest = |before, next| match (before, next) {
            (Order::Stop, _) | (_, Order::Stop) => Order::Stop,
            (before, Order::Added) => before,
            (_, next) => next,
        };
        self.inbox.try_iter().fold(first, strongest)
    }

    /// Looks through everything, the newest first; stops for another order.
    fn all(&mut self) -> Option<Order> {
        let edge = self.book.edge();
        self.next = edge.next;
        self.found.lock().done = false;
        let mut fresh = Found::default();
        let (first, cleared) = self.book.draft_start(edge.next);
        fresh.set(
            edge.next,
            self.sieve.hits(&edge.draft.records, &edge.draft.text, first, &cleared),
        );
        // What was found before stays until there is something to show in its place.
        let mut fresh = Some(fresh);
        let begun = Instant::now();
        for number in (edge.first..edge.next).rev() {
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
            if let Ok(order) = self.inbox.try_recv() {
                match self.latest(order) {
                    Order::Added => {}
                    order => return Some(order),
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
        let edge = self.book.edge();
        for number in self.next..edge.next {
            let hits = self.look(number);
            self.found.lock().set(number, hits);
        }
        self.next = edge.next;
        let (first, cleared) = self.book.draft_start(edge.next);
        let hits = self.sieve.hits(&edge.draft.records, &edge.draft.text, first, &cleared);
        let mut found = self.found.lock();
        found.set(edge.next, hits);
        found.forget(edge.first);
    }

    /// Which lines of a full chunk fit.
    fn look(&self, number: u64) -> Vec<u16> {
        let Some((chunk, first, cleared)) = self.book.chunk(number) else {
            return Vec::new();
        };
        match chunk.data() {
            Ok(data) => {
                let (records, text) = data.parts();
                self.sieve.hits(records, text, first, &cleared)
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
