//! Events that wake the event loop, besides those of the window system: one closed list.

use super::program::{Exited, LaunchId, Started};
use crate::backend::Sender;
use crate::broker::Overview;
use crate::desktop::SystemSettings;
use crate::grants::PermissionEvent;
use crate::icons::Icon;
use crate::library::LibraryEvent;
use crate::state::ChangedPermission;
use crate::state::Trouble;
use crate::window::{ChromeRenderer, ShellEvent};
use parking_lot::Mutex;
use portico_ipc::{Reply, Request, Run};
use portico_kernel::Hash;
use portico_model::{Learned, PageKind, WindowId};
use portico_portals::{Launched, Launcher};
use std::sync::Arc;

/// An event that another thread sends to the event loop.
pub enum AppEvent {
    /// A client over IPC asks for something.
    Ipc(Box<Request>, Reply),
    /// A client whose program has this window has gone away.
    ClientGone(WindowId),
    /// An event of a window.
    Window(WindowId, ShellEvent),
    /// A program has started.
    Started(Box<Started>),
    /// A running program's icon: decoded, or `None` if it has none that can be shown.
    Icon(LaunchId, Option<Icon>),
    /// A program has ended, or could not be started.
    Exited(Box<Exited>),
    /// A permission event of a process.
    Permission(LaunchId, PermissionEvent),
    /// The permissions that another process changed have been read again, for a client that waits for that.
    Reread(Reply),
    /// Permanent permission decisions have changed.
    PermissionsChanged(Vec<ChangedPermission>),
    /// A file of a window has been saved, or could not be: the message that says so.
    Saved(WindowId, String),
    /// The state database was damaged or could not be read.
    Forgotten(Trouble),
    /// The HUD choices of earlier shells have been loaded.
    HistoryLoaded(Box<Learned>),
    /// The desktop's settings, at first and whenever they change.
    SystemSettings(SystemSettings),
    /// The user's profile has been read, or has changed.
    ProfileChanged,
    /// A profile change made in a window has been saved, or why not.
    UserInfoSaved(WindowId, Result<(), String>),
    /// An overview of the message broker; `None` if none runs.
    Broker(Option<Overview>),
    /// The content of a built-in page has changed.
    PageChanged(PageKind),
    /// Bring a window to the front.
    FocusWindow(WindowId),
    /// A program wants to start another one.
    Launch(Hash, Vec<String>, Launched),
    /// The program to start has been found.
    LaunchFound(Box<Run>, Launched),
    /// The library has listed its programs, or decoded an icon.
    Library(LibraryEvent),
    /// The program that a window asked for has been found, or why not.
    Found(WindowId, Box<Result<Run, String>>),
    /// Programs have been installed or removed.
    LibraryChanged,
    /// The chrome renderer is ready.
    RendererReady(Box<ChromeRenderer>),
    /// Fonts of the system have been found that the chrome lacked.
    Fonts,
}

impl Launcher for EventSender {
    fn launch(&self, hash: [u8; 32], arguments: Vec<String>, launched: Launched) {
        self.send(AppEvent::Launch(Hash::from_bytes(hash), arguments, launched));
    }
}

/// Sends events to the event loop from any thread. Events sent before the loop exists are queued: programs start while the window
/// system is opened.
#[derive(Clone)]
pub struct EventSender(Arc<Mutex<SenderState>>);

enum SenderState {
    Queued(Vec<AppEvent>),
    Open(Sender<AppEvent>),
}

impl Default for EventSender {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(SenderState::Queued(Vec::new()))))
    }
}

impl EventSender {
    /// Sends an event. It is dropped once the loop has ended.
    pub fn send(&self, event: AppEvent) {
        match &mut *self.0.lock() {
            SenderState::Queued(events) => events.push(event),
            SenderState::Open(send) => send(event),
        }
    }

    /// Connects to the loop, and delivers the queued events.
    pub fn open(&self, send: Sender<AppEvent>) {
        let mut state = self.0.lock();
        if let SenderState::Queued(events) = &mut *state {
            for event in events.drain(..) {
                send(event);
            }
        }
        *state = SenderState::Open(send);
    }
}
