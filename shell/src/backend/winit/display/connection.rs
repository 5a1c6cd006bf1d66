//! The window library's connection to its display server, borrowed.

use anyhow::{Context as _, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::ffi::{c_int, c_void};
use std::os::fd::{AsFd as _, BorrowedFd};
use winit::event_loop::OwnedDisplayHandle;
use winit::raw_window_handle::{HasDisplayHandle as _, RawDisplayHandle};
use x11rb::xcb_ffi::XCBConnection;

/// An open connection.
pub(super) struct Connection {
    system: System,
    /// Keeps it open.
    _display: OwnedDisplayHandle,
}

/// What is on its other end.
#[allow(clippy::large_enum_variant, reason = "there is one of it")]
pub(super) enum System {
    /// An X server.
    X11 {
        /// The connection under Xlib's.
        connection: XCBConnection,
        /// Xlib's display.
        xlib: *mut c_void,
        /// Which of the server's screens windows are on.
        screen: usize,
    },
    /// A Wayland compositor, and the connection's socket.
    Wayland(BorrowedFd<'static>),
}

#[allow(unsafe_code, reason = "it holds a pointer to Xlib's display")]
// SAFETY: the pointer is to a display of Xlib, which the window library has told to expect threads; it is used only while the
// event loop is being made.
unsafe impl Send for Connection {}
#[allow(unsafe_code, reason = "it holds a pointer to Xlib's display")]
// SAFETY: as above.
unsafe impl Sync for Connection {}

impl Connection {
    /// The connection that winit has opened.
    pub(super) fn of(display: OwnedDisplayHandle) -> anyhow::Result<Self> {
        let system = match display.display_handle()?.as_raw() {
            RawDisplayHandle::Xlib(handle) => {
                let xlib = handle.display.context("no display")?.as_ptr();
                let screen = usize::try_from(handle.screen)?;
                System::X11 {
                    connection: under_xlib(xlib)?,
                    xlib,
                    screen,
                }
            }
            RawDisplayHandle::Wayland(handle) => System::Wayland(socket_of(handle.display.as_ptr())?),
            other => bail!("{other:?} is not known"),
        };
        Ok(Self {
            system,
            _display: display,
        })
    }

    /// The display server.
    pub(super) fn system(&self) -> &System {
        &self.system
    }

    /// Whether the other end is gone. The window library finds out only when it next reads or writes.
    pub(super) fn is_lost(&self) -> bool {
        let socket = match &self.system {
            System::X11 { connection, .. } if connection.has_error().is_some() => return true,
            System::X11 { connection, .. } => connection.as_fd(),
            System::Wayland(socket) => socket.as_fd(),
        };
        let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::RDHUP;
        let mut ends = [PollFd::from_borrowed_fd(socket, PollFlags::RDHUP)];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut ends, Some(&now)).is_ok() && ends[0].revents().intersects(gone)
    }
}

/// The connection that Xlib has opened.
#[allow(unsafe_code, reason = "the window library gives no other way to its connection")]
fn under_xlib(xlib: *mut c_void) -> anyhow::Result<XCBConnection> {
    // SAFETY: the window library has opened this library already: nothing of it is run now.
    let library = unsafe { libloading::Library::new("libX11-xcb.so.1") }?;
    // SAFETY: the function has this signature, and the display is open.
    let raw = unsafe {
        let function = library.get::<unsafe extern "C" fn(*mut c_void) -> *mut c_void>(b"XGetXCBConnection\0")?;
        function(xlib)
    };
    if raw.is_null() {
        bail!("Xlib has no connection");
    }
    // SAFETY: it is open for as long as the display's handle, which is kept beside it, and is not closed when this is dropped.
    Ok(unsafe { XCBConnection::from_raw_xcb_connection(raw, false) }?)
}

/// The socket of a connection to a compositor.
#[allow(unsafe_code, reason = "the window library gives no other way to its connection")]
fn socket_of(display: *mut c_void) -> anyhow::Result<BorrowedFd<'static>> {
    // SAFETY: as for Xlib.
    let library = unsafe { libloading::Library::new("libwayland-client.so.0") }?;
    // SAFETY: the function has this signature, and the display is open.
    let socket = unsafe {
        let function = library.get::<unsafe extern "C" fn(*mut c_void) -> c_int>(b"wl_display_get_fd\0")?;
        function(display)
    };
    if socket < 0 {
        bail!("the connection has no socket");
    }
    // SAFETY: it is open for as long as the display's handle, which is kept beside it.
    Ok(unsafe { BorrowedFd::borrow_raw(socket) })
}
