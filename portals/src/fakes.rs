//! Fakes of everything around a process, for tests and fuzz targets: they keep what a program asks for until the test answers.

use crate::{
    Broker, Frame, Launched, Launcher, Level, Log, MemoryClipboard, NoteId, Notification, Notifier, Outcome, Part,
    Port, PortEvent, Presented, Profile, ProfileStore, Reply, Scale, Screen, Services, SetReply, UserInfo,
    UserInfoField,
};
use parking_lot::Mutex;
use portico_kernel::{Failure, Waker};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A frame as it reached the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct FakeFrame {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Bytes from one row to the next.
    pub stride: u32,
    /// Scaling to the window.
    pub scale: Scale,
    /// Its bytes.
    pub pixels: Vec<u8>,
}

/// A program that was to be started: its hash, its arguments, and the answer that it waits for.
pub type Launch = ([u8; 32], Vec<String>, Launched);

/// Screen, log and services of a process. Nothing is answered by itself.
#[derive(Default)]
pub struct Fakes {
    /// Frames that were shown.
    pub frames: Mutex<Vec<FakeFrame>>,
    /// Lines that were logged: level, name, text.
    pub lines: Mutex<Vec<(Level, String, String)>>,
    /// Number of changes of the chrome.
    pub changes: AtomicUsize,
    /// Frames are presented when these are rung; at once if `None`.
    pub later: Mutex<Option<Vec<Waker>>>,
    /// Programs that were to be started.
    pub launches: Mutex<Vec<Launch>>,
    /// Fields of the user that were to be set.
    pub fields: Mutex<Vec<(UserInfoField, SetReply)>>,
    /// Notifications that were shown.
    pub notes: Mutex<Vec<(NoteId, Notification, Reply<Outcome>)>>,
    /// Ports that were opened.
    pub ports: Mutex<Vec<Arc<Mutex<FakePort>>>>,
    /// Objects that were to be resolved.
    pub objects: Mutex<Vec<(String, Reply<u64>)>>,
}

impl Fakes {
    /// Services that all come to these fakes, with a clipboard in memory and nothing set of the user.
    pub fn services(self: &Arc<Self>) -> Services {
        let profile = Profile::new(FakeProfileStore(Arc::clone(self)));
        profile.fill(UserInfo::default());
        Services {
            launcher: Arc::clone(self) as _,
            profile,
            clipboard: Arc::new(MemoryClipboard::default()),
            notifier: Arc::clone(self) as _,
            broker: Arc::clone(self) as _,
        }
    }
}

struct FakeProfileStore(Arc<Fakes>);

impl ProfileStore for FakeProfileStore {
    fn keep(&self, field: UserInfoField, reply: SetReply) {
        self.0.fields.lock().push((field, reply));
    }
}

impl Launcher for Fakes {
    fn launch(&self, hash: [u8; 32], arguments: Vec<String>, launched: Launched) {
        self.launches.lock().push((hash, arguments, launched));
    }
}

impl Notifier for Fakes {
    fn show(&self, id: NoteId, note: Notification, ended: Reply<Outcome>) {
        self.notes.lock().push((id, note, ended));
    }
}

impl Screen for Fakes {
    fn show(&self, frame: &Frame<'_>, shown: &Waker) -> Presented {
        let Frame {
            width,
            height,
            stride,
            scale,
            pixels,
        } = *frame;
        self.frames.lock().push(FakeFrame {
            width,
            height,
            stride,
            scale,
            pixels: pixels.to_vec(),
        });
        match &mut *self.later.lock() {
            None => Presented::Now,
            Some(wakers) => {
                wakers.push(shown.clone());
                Presented::Later
            }
        }
    }

    fn chrome_changed(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }
}

impl Log for Fakes {
    fn line(&self, level: Level, name: &str, text: &str) {
        self.lines.lock().push((level, name.to_owned(), text.to_owned()));
    }
}

/// A port, with what goes through it.
pub struct FakePort {
    /// The number that was asked for, 0 for any.
    pub wanted: u64,
    /// Wakes the program's channel.
    pub waker: Waker,
    /// Messages and parts that the program has sent: peer, part, body.
    pub sent: Vec<(u64, Option<Part>, Vec<u8>)>,
    /// Whether more may be sent.
    pub room: bool,
    /// Events that the program has not received yet.
    pub events: VecDeque<PortEvent>,
    /// Reason why it is closed.
    pub failure: Option<Failure>,
    /// Whether the program has closed it.
    pub closed: bool,
}

impl FakePort {
    /// Adds an event and wakes the program.
    pub fn push(&mut self, event: PortEvent) {
        self.events.push_back(event);
        self.waker.ready();
    }
}

impl Broker for Fakes {
    fn open(&self, wanted: u64, waker: Waker) -> Box<dyn Port> {
        let port = Arc::new(Mutex::new(FakePort {
            wanted,
            waker,
            sent: Vec::new(),
            room: true,
            events: VecDeque::new(),
            failure: None,
            closed: false,
        }));
        self.ports.lock().push(Arc::clone(&port));
        Box::new(OpenFakePort(port))
    }

    fn resolve(&self, object: &str, told: Reply<u64>) {
        self.objects.lock().push((object.to_owned(), told));
    }
}

/// The program's side of a [`FakePort`].
struct OpenFakePort(Arc<Mutex<FakePort>>);

impl Port for OpenFakePort {
    fn send(&mut self, peer: u64, part: Option<Part>, body: &[u8]) -> Result<(), Failure> {
        self.0.lock().sent.push((peer, part, body.to_vec()));
        Ok(())
    }

    fn has_room(&self) -> bool {
        self.0.lock().room
    }

    fn take(&mut self) -> Result<Option<PortEvent>, Failure> {
        let mut port = self.0.lock();
        match port.events.pop_front() {
            Some(event) => Ok(Some(event)),
            None => port.failure.clone().map_or(Ok(None), Err),
        }
    }
}

impl Drop for OpenFakePort {
    fn drop(&mut self) {
        self.0.lock().closed = true;
    }
}
