//! The only door into a process: portals, other processes and the shell post into it, from any thread, without blocking.
//!
//! A mailbox carries signals, not values: a channel is ready, a channel is closed. The values wait in queues of the portals,
//! which bound them. A channel that is ready already is not queued again, so a mailbox never outgrows the channel table.

use crate::fault::Failure;
use crate::permission::Permission;
use crate::usage::Meter;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;
use std::time::Instant;

/// Where a channel sits in its process's table. The generation tells a channel from earlier ones in the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) slot: u32,
    pub(crate) generation: u32,
}

/// What may be posted to a process.
#[derive(Debug)]
pub(crate) enum Signal {
    Ready(Place),
    Closed(Place, Failure),
    /// The user took this permission back.
    Revoked(Permission),
    /// The user has answered a question.
    Answered {
        question: u64,
        yes: bool,
    },
}

#[derive(Debug)]
pub(crate) struct Mailbox {
    signals: Mutex<Vec<Signal>>,
    /// Whether `signals` has anything: lets `ar()` skip the lock.
    pending: AtomicBool,
    ended: AtomicBool,
    parked: AtomicBool,
    calls: AtomicU64,
    /// What the program said last of an error, and in which call.
    words: Mutex<Option<(u64, String)>>,
    thread: OnceLock<Thread>,
    pub(crate) meter: Meter,
    pub(crate) started: Instant,
}

impl Mailbox {
    pub(crate) fn new() -> Self {
        Self {
            signals: Mutex::new(Vec::new()),
            pending: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            parked: AtomicBool::new(false),
            calls: AtomicU64::new(0),
            words: Mutex::new(None),
            thread: OnceLock::new(),
            meter: Meter::default(),
            started: Instant::now(),
        }
    }

    /// Says that the calling thread is the one that waits here.
    pub(crate) fn attach(&self) {
        let _ = self.thread.set(std::thread::current());
        self.meter.attach();
    }

    pub(crate) fn post(&self, signal: Signal) {
        {
            let mut signals = self.signals.lock();
            signals.push(signal);
            self.pending.store(true, Ordering::Release);
        }
        self.wake();
    }

    /// Asks the process to end, and says whether nobody had. The caller moves the engine's epoch, for a process that is not
    /// in `ar()`.
    pub(crate) fn end(&self) -> bool {
        let first = !self.ended.swap(true, Ordering::AcqRel);
        self.wake();
        first
    }

    #[inline]
    pub(crate) fn ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    pub(crate) fn parked(&self) -> bool {
        self.parked.load(Ordering::Acquire)
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Counts a call of `ar()`. Only the process's own thread writes, so no atomic addition is needed.
    #[inline]
    pub(crate) fn count_call(&self) {
        self.calls
            .store(self.calls.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }

    /// Keeps what the program says of an error in this call.
    pub(crate) fn set_panic_message(&self, text: String) {
        *self.words.lock() = Some((self.calls(), text));
    }

    /// What it has said of an error in its last call.
    pub(crate) fn panic_message(&self) -> Option<String> {
        self.words
            .lock()
            .take()
            .filter(|(call, _)| *call == self.calls())
            .map(|(_, text)| text)
    }

    /// Moves all signals into `out`, in the order in which they were posted.
    #[inline]
    pub(crate) fn take(&self, out: &mut Vec<Signal>) {
        if self.pending.load(Ordering::Acquire) {
            let mut signals = self.signals.lock();
            self.pending.store(false, Ordering::Release);
            out.append(&mut signals);
        }
    }

    /// Sleeps until something is posted, the process is asked to end, or `until` has come. May return early.
    pub(crate) fn wait(&self, until: Option<Instant>) {
        self.parked.store(true, Ordering::Release);
        if !self.pending.load(Ordering::Acquire) && !self.ended() {
            match until {
                None => std::thread::park(),
                Some(when) => std::thread::park_timeout(when.saturating_duration_since(Instant::now())),
            }
        }
        self.parked.store(false, Ordering::Release);
    }

    fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }
}

/// Makes a channel ready, or closes it, from any thread. Cheap to clone; outlives its channel without harm.
#[derive(Clone, Debug)]
pub struct Waker(Arc<Ringer>);

#[derive(Debug)]
struct Ringer {
    mailbox: Arc<Mailbox>,
    place: Place,
    /// Rung and not heard yet: further rings say nothing new.
    rung: AtomicBool,
}

impl Waker {
    /// The channel has something to receive.
    pub fn ready(&self) {
        if !self.0.rung.swap(true, Ordering::AcqRel) {
            self.0.mailbox.post(Signal::Ready(self.0.place));
        }
    }

    /// The channel can't go on. What was made ready before is delivered first.
    pub fn close(&self, failure: Failure) {
        self.0.mailbox.post(Signal::Closed(self.0.place, failure));
    }

    /// When the program started: the zero of its `micros`.
    pub fn started(&self) -> Instant {
        self.0.mailbox.started
    }
}

/// A channel's side of its wakers.
#[derive(Debug)]
pub(crate) struct Bell {
    place: Place,
    waker: Option<Waker>,
    pub(crate) deadline: Option<Instant>,
    moved: bool,
}

impl Bell {
    #[inline]
    pub(crate) fn new(place: Place) -> Self {
        Self {
            place,
            waker: None,
            deadline: None,
            moved: false,
        }
    }

    pub(crate) fn waker(&mut self, mailbox: &Arc<Mailbox>) -> Waker {
        let place = self.place;
        self.waker
            .get_or_insert_with(|| {
                Waker(Arc::new(Ringer {
                    mailbox: Arc::clone(mailbox),
                    place,
                    rung: AtomicBool::new(false),
                }))
            })
            .clone()
    }

    /// Rings at `when` instead of at an earlier such time.
    pub(crate) fn at(&mut self, when: Option<Instant>) {
        self.deadline = when;
        self.moved = true;
    }

    /// Whether that was said since the last look.
    #[inline]
    pub(crate) fn moved(&mut self) -> bool {
        std::mem::take(&mut self.moved)
    }

    /// From here on a ring is news again. Called before the channel looks into its queue.
    #[inline]
    pub(crate) fn heard(&self) {
        if let Some(waker) = &self.waker {
            waker.0.rung.store(false, Ordering::Release);
        }
    }
}
