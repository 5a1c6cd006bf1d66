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

/// Key of a channel in its process's table. The generation tells a channel from earlier ones in the same slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SlotKey {
    pub(crate) slot: u32,
    pub(crate) generation: u32,
}

/// A signal that is posted to a process.
#[derive(Debug)]
pub(crate) enum Signal {
    Ready(SlotKey),
    Closed(SlotKey, Failure),
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
    /// Whether `signals` has anything.
    pending: AtomicBool,
    ended: AtomicBool,
    parked: AtomicBool,
    calls: AtomicU64,
    /// The program's last panic message, and the call in which it came.
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

    /// Makes the calling thread the one that waits here.
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

    /// Asks the process to end; `false` if that was done before. The caller moves the engine's epoch, for a process that is not
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

    /// Keeps the program's panic message of this call.
    pub(crate) fn set_panic_message(&self, text: String) {
        *self.words.lock() = Some((self.calls(), text));
    }

    /// The panic message of its last call.
    pub(crate) fn panic_message(&self) -> Option<String> {
        self.words
            .lock()
            .take()
            .filter(|(call, _)| *call == self.calls())
            .map(|(_, text)| text)
    }

    /// Whether there are signals to take. Without the lock, since nearly every call finds none.
    #[inline]
    pub(crate) fn has_signals(&self) -> bool {
        self.pending.load(Ordering::Acquire)
    }

    /// Moves all signals into `out`, in the order in which they were posted.
    pub(crate) fn take(&self, out: &mut Vec<Signal>) {
        let mut signals = self.signals.lock();
        self.pending.store(false, Ordering::Release);
        out.append(&mut signals);
    }

    /// Sleeps until something is posted, the process is asked to end, or `until` has come. May return early.
    pub(crate) fn wait(&self, until: Option<Instant>) {
        self.parked.store(true, Ordering::Release);
        if !self.has_signals() && !self.ended() {
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
pub struct Waker(Arc<WakerInner>);

#[derive(Debug)]
struct WakerInner {
    mailbox: Arc<Mailbox>,
    key: SlotKey,
    /// Posted and not taken yet: posting again would add nothing.
    rung: AtomicBool,
}

impl Waker {
    /// Makes the channel ready: it has something to receive.
    pub fn ready(&self) {
        if !self.0.rung.swap(true, Ordering::AcqRel) {
            self.0.mailbox.post(Signal::Ready(self.0.key));
        }
    }

    /// Closes the channel, which can't go on. What was made ready before is delivered first.
    pub fn close(&self, failure: Failure) {
        self.0.mailbox.post(Signal::Closed(self.0.key, failure));
    }

    /// When the program started: the zero of its `micros`.
    pub fn started(&self) -> Instant {
        self.0.mailbox.started
    }
}

/// A channel's waker and deadline.
#[derive(Debug)]
pub(crate) struct WakerSlot {
    key: SlotKey,
    waker: Option<Waker>,
    pub(crate) deadline: Option<Instant>,
    moved: bool,
}

impl WakerSlot {
    #[inline]
    pub(crate) fn new(key: SlotKey) -> Self {
        Self {
            key,
            waker: None,
            deadline: None,
            moved: false,
        }
    }

    pub(crate) fn waker(&mut self, mailbox: &Arc<Mailbox>) -> Waker {
        let key = self.key;
        self.waker
            .get_or_insert_with(|| {
                Waker(Arc::new(WakerInner {
                    mailbox: Arc::clone(mailbox),
                    key,
                    rung: AtomicBool::new(false),
                }))
            })
            .clone()
    }

    /// Sets the deadline, in place of the one before.
    pub(crate) fn at(&mut self, when: Option<Instant>) {
        self.deadline = when;
        self.moved = true;
    }

    /// Whether the deadline was set since the last call.
    #[inline]
    pub(crate) fn moved(&mut self) -> bool {
        std::mem::take(&mut self.moved)
    }

    /// Lets the waker post again. Called before the channel looks into its queue.
    #[inline]
    pub(crate) fn heard(&self) {
        if let Some(waker) = &self.waker {
            waker.0.rung.store(false, Ordering::Release);
        }
    }
}
