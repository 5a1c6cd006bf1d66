//! Everything that can wake the event loop besides the window system: one closed list.

use super::program::{Exited, LaunchId, Started};
use crate::broker::Overview;
use crate::desktop::SystemSettings;
use crate::grants::{ChangedPermission, PermissionEvent};
use crate::icons::Icon;
use crate::ipc::{Reply, Request, Run};
use crate::library::LibraryEvent;
use crate::model::{Learned, PageKind, WindowId};
use crate::state::Trouble;
use crate::window::{ChromeRenderer, PresenterEvent};
#[cfg(all(unix, not(target_vendor = "apple")))]
use crate::window::{Dropped, Drops};
use egui_winit::accesskit_winit;
use parking_lot::Mutex;
use portico_kernel::{Failure, Hash};
use portico_portals::{Launched, Launcher};
use std::sync::Arc;
use winit::event_loop::EventLoopProxy;

/// Something for the event loop from another thread.
pub enum AppEvent {
    /// From assistive technology.
    Access(accesskit_winit::Event),
    /// The bus of assistive technology has been started anew, and the shell is connected to it.
    AccessRenewed,
    /// The display is gone, and with it all windows.
    DisplayLost,
    /// A client over IPC asks for something.
    Ipc(Box<Request>, Reply),
    /// A client whose program has this window has gone away.
    ClientGone(WindowId),
    /// A window's pictures have something to tell.
    Presenter(WindowId, PresenterEvent),
    /// A program runs.
    Started(Box<Started>),
    /// The icon of a program that runs has been decoded, or it has none that can be shown.
    Icon(LaunchId, Option<Icon>),
    /// A program has come to its end, or could not be started.
    Exited(Box<Exited>),
    /// A process has something for the desk where the user is asked.
    Permission(LaunchId, PermissionEvent),
    /// What others have changed of that has been read, for a client that waits for it.
    Reread(Reply),
    /// What the user has said for good has changed.
    PermissionsChanged(Vec<ChangedPermission>),
    /// Something of a window has been saved, or could not be: the words that say so.
    Saved(WindowId, String),
    /// Something is not remembered.
    Forgotten(Trouble),
    /// What is on the clipboard, for the field of a window that has asked so often, or the reason why that can't be told.
    Pasted(WindowId, u64, Result<String, Failure>),
    /// What this user chose in the HUD of earlier shells.
    HistoryLoaded(Box<Learned>),
    /// The desktop says what its user wants.
    SystemSettings(SystemSettings),
    /// What programs are told about the user has been read, or has changed.
    ProfileChanged,
    /// What the user has set of that at a window has been kept, or the words that say why not.
    UserInfoSaved(WindowId, Result<(), String>),
    /// What there is on the message broker now: nothing where none runs.
    Broker(Option<Overview>),
    /// What a page of the shell's own shows has changed.
    PageChanged(PageKind),
    /// What is dropped on windows comes this way from here on.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    Drops(Arc<Drops>),
    /// Something was dropped on a window of the window system.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    Dropped(u64, Dropped),
    /// The user wants to see a window.
    FocusWindow(WindowId),
    /// A program wants to start another one.
    Launch(Hash, Vec<String>, Launched),
    /// That one has been found.
    LaunchFound(Box<Run>, Launched),
    /// The programs that can be opened have been read, or an icon of theirs.
    Library(LibraryEvent),
    /// A program has been found that somebody asked for at this window, or the words that say why not.
    Found(WindowId, Box<Result<Run, String>>),
    /// Programs have been installed or removed.
    LibraryChanged,
    /// The chrome's painter is ready.
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

/// Sends events to the loop from any thread, also before there is one: programs start while the window system is opened.
#[derive(Clone)]
pub struct EventSender(Arc<Mutex<SenderState>>);

enum SenderState {
    PendingRequest(Vec<AppEvent>),
    Open(EventLoopProxy<AppEvent>),
}

impl Default for EventSender {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(SenderState::PendingRequest(Vec::new()))))
    }
}

impl EventSender {
    /// Sends an event. After the loop has ended nobody hears it.
    pub fn send(&self, event: AppEvent) {
        match &mut *self.0.lock() {
            SenderState::PendingRequest(events) => events.push(event),
            SenderState::Open(proxy) => drop(proxy.send_event(event)),
        }
    }

    /// The loop is there: what has waited goes to it.
    pub fn open(&self, proxy: EventLoopProxy<AppEvent>) {
        let mut state = self.0.lock();
        if let SenderState::PendingRequest(events) = &mut *state {
            for event in events.drain(..) {
                drop(proxy.send_event(event));
            }
        }
        *state = SenderState::Open(proxy);
    }
}
