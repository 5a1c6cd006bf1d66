//! Handles of processes, by which others watch and end them, and the children of each.

use crate::cancel::Cancel;
use crate::exit::Exit;
use crate::mailbox::{Mailbox, Signal};
use crate::permission::Permission;
use crate::usage::Usage;
use parking_lot::{Condvar, Mutex};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use wasmtime::Engine;

/// How long an end is waited for before it is told all the same. One instruction can fill or copy all memory that a program
/// has, which takes longer than anybody should have to wait, and nothing can stop it half-way.
const EXIT_GRACE: Duration = Duration::from_millis(80);

/// A running program. Cheap to clone; outlives its program without harm.
#[derive(Clone)]
pub struct Process {
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) engine: Engine,
    pub(crate) end: Arc<End>,
    pub(crate) children: Arc<Children>,
    /// Gives up what is still being prepared of it.
    pub(crate) cancel: Cancel,
}

/// The end of a process, which is reported once.
pub(crate) struct End {
    on_exit: Mutex<Option<OnExit>>,
    told: Condvar,
}

/// Called with how a process ended.
pub(crate) type OnExit = Box<dyn FnOnce(Exit) + Send>;

/// An end, and until when it is to be told.
type Watched = (Instant, Arc<End>);

impl End {
    pub(crate) fn new(on_exit: OnExit) -> Self {
        Self {
            on_exit: Mutex::new(Some(on_exit)),
            told: Condvar::new(),
        }
    }

    /// Reports the end, unless that was done before.
    pub(crate) fn tell(&self, exit: Exit) {
        let on_exit = self.on_exit.lock().take();
        self.told.notify_all();
        if let Some(on_exit) = on_exit {
            on_exit(exit);
        }
    }

    /// Has the end told at the latest after [`EXIT_GRACE`], by a thread that all processes share.
    fn watch(self: &Arc<Self>) {
        static WATCHED: OnceLock<Option<Sender<Watched>>> = OnceLock::new();
        let watched = WATCHED.get_or_init(|| {
            let (send, ends) = channel::<Watched>();
            let watcher = move || ends.into_iter().for_each(|(when, end)| end.late(when));
            // Without a thread for it an end is told when the program is gone.
            std::thread::Builder::new()
                .name("exit-watchdog".into())
                .spawn(watcher)
                .ok()
                .map(|_| send)
        });
        if let Some(watched) = watched {
            let _ = watched.send((Instant::now() + EXIT_GRACE, Arc::clone(self)));
        }
    }

    /// Waits until it is told; tells it when it was not by then.
    fn late(&self, when: Instant) {
        let mut on_exit = self.on_exit.lock();
        self.told
            .wait_while_until(&mut on_exit, |on_exit| on_exit.is_some(), when);
        drop(on_exit);
        self.tell(Exit::Ended);
    }
}

impl Process {
    /// Ends the program and its tasks, in the middle of a loop or of `ar()`. Returns at once; the exit is reported when it is gone, or
    /// after 80 ms when it is in the middle of an instruction that takes longer. From here on it carries out no command.
    pub fn end(&self) {
        let first = self.mailbox.end();
        self.engine.increment_epoch();
        if first {
            self.cancel.cancel();
            self.end.watch();
            self.children.end();
        }
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.mailbox, &other.mailbox)
    }

    /// How often it has called `ar()` so far. A program that stops calling while input waits is not answering.
    pub fn calls(&self) -> u64 {
        self.mailbox.calls()
    }

    /// Whether it sleeps in `ar()`.
    pub fn parked(&self) -> bool {
        self.mailbox.parked()
    }

    /// What it takes of the computer, with the tasks that run for it.
    pub fn usage(&self) -> Usage {
        self.mailbox.meter.usage() + self.children.usage()
    }

    /// Takes a permission back: open channels that need it close with Revoked, those of its tasks, too.
    pub fn revoke(&self, permission: &Permission) {
        self.mailbox.post(Signal::Revoked(permission.clone()));
        self.children.revoke(permission);
    }

    /// When it started: the zero of its `micros`.
    pub fn started(&self) -> Instant {
        self.mailbox.started
    }
}

/// The children of one process: they end when it does.
#[derive(Default)]
pub(crate) struct Children(Mutex<Vec<(&'static str, Process)>>);

impl Children {
    pub(crate) fn end(&self) {
        self.0.lock().iter().for_each(|(_, child)| child.end());
    }

    /// Resources that the running children use, summed.
    pub(crate) fn usage(&self) -> Usage {
        self.0.lock().iter().map(|(_, child)| child.usage()).sum()
    }

    /// Revokes a permission of all children; ends them if it is the one that they were started by.
    pub(crate) fn revoke(&self, permission: &Permission) {
        for (by, child) in &*self.0.lock() {
            if *permission == Permission::whole(by) {
                child.end();
            } else {
                child.revoke(permission);
            }
        }
    }

    pub(crate) fn add(&self, portal: &'static str, child: Process) {
        self.0.lock().push((portal, child));
    }

    pub(crate) fn remove(&self, child: &Process) {
        self.0.lock().retain(|(_, other)| !other.is(child));
    }
}
