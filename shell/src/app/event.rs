//! Events that wake the event loop, besides those of the window system: one closed list.

use super::program::{Exited, LaunchId, Started};
use crate::broker::Overview;
use crate::desktop::SystemSettings;
use crate::grants::PermissionEvent;
use crate::icons::Icon;
use crate::library::LibraryEvent;
use crate::state::ChangedPermission;
use crate::state::Trouble;
use crate::window::{ChromeRenderer, PresenterEvent};
#[cfg(all(unix, not(target_vendor = "apple")))]
use crate::window::{Dropped, Drops};
use egui_winit::accesskit_winit;
use parking_lot::Mutex;
use portico_ipc::{Reply, Request, Run};
use portico_kernel::{Failure, Hash};
use portico_model::{Learned, PageKind, WindowId};
use portico_portals::{Launched, Launcher};
use std::sync::Arc;
use winit::event_loop::EventLoopProxy;

/// An event that another thread sends to the event loop.
pub enum AppEvent {
    /// A request from assistive technology.
    Access(accesskit_winit::Event),
    /// The bus of assistive technology has been started anew, and the shell is connected to it.
    AccessRenewed,
    /// The display is gone, and with it all windows.
    DisplayLost,
    /// A client over IPC asks for something.
    Ipc(Box<Request>, Reply),
    /// A client whose program has this window has gone away.
    ClientGone(WindowId),
    /// An event of a window's presenter.
    Presenter(WindowId, PresenterEvent),
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
    /// The clipboard's text for the paste with this number in a window, or why it can't be read.
    Pasted(WindowId, u64, Result<String, Failure>),
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
    /// The listener for drag and drop is ready.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    Drops(Arc<Drops>),
    /// Files were dropped on a native window.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    Dropped(u64, Dropped),
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

impl From<accesskit_winit::Event> for AppEvent {
    fn from(event: accesskit_winit::Event) -> Self {
        Self::Access(event)
    }
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
    Open(EventLoopProxy<AppEvent>),
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
            SenderState::Open(proxy) => drop(proxy.send_event(event)),
        }
    }

    /// Connects to the loop, and delivers the queued events.
    pub fn open(&self, proxy: EventLoopProxy<AppEvent>) {
        let mut state = self.0.lock();
        if let SenderState::Queued(events) = &mut *state {
            for event in events.drain(..) {
                drop(proxy.send_event(event));
            }
        }
        *state = SenderState::Open(proxy);
    }
}
