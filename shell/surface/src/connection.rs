//! A window's own way to the window system.
//!
//! On X11 each window has a connection for its pictures alone. Whoever waits for an answer on a connection reads whatever has
//! come: on the event loop's connection that would be keys, which the loop, asleep, would not hear of; and requests that are
//! made on another thread stay in that connection's buffer until somebody sends it off. On Wayland each window has a queue of
//! its own instead, so that none waits for the buffers of another. Windows and macOS have no connections.

use super::SurfaceError;
use winit::event_loop::OwnedDisplayHandle;
use winit::raw_window_handle::{DisplayHandle, HandleError, HasDisplayHandle};
#[cfg(all(unix, not(target_vendor = "apple")))]
use {
    std::ptr::NonNull,
    winit::raw_window_handle::{RawDisplayHandle, XcbDisplayHandle},
    x11rb::connection::Connection as _,
    x11rb::xcb_ffi::XCBConnection,
};

/// A connection for one window's pictures.
pub(super) enum Connection {
    /// Its own, to an X server.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    X11(Box<XCBConnection>, i32),
    /// State of the event loop.
    Shared(OwnedDisplayHandle),
}

impl Connection {
    /// A connection to the server of this display.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    pub(super) fn open(display: &OwnedDisplayHandle) -> Result<Self, SurfaceError> {
        let raw = display
            .display_handle()
            .map_err(|error| SurfaceError::Unavailable(error.to_string()))?
            .as_raw();
        if !matches!(raw, RawDisplayHandle::Xlib(_) | RawDisplayHandle::Xcb(_)) {
            return Ok(Self::Shared(display.clone()));
        }
        // winit, too, opens the display that the environment names.
        let (connection, screen) =
            XCBConnection::connect(None).map_err(|error| SurfaceError::Unavailable(error.to_string()))?;
        Ok(Self::X11(Box::new(connection), i32::try_from(screen).unwrap_or(0)))
    }

    /// The display.
    #[cfg(not(all(unix, not(target_vendor = "apple"))))]
    #[allow(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
    pub(super) fn open(display: &OwnedDisplayHandle) -> Result<Self, SurfaceError> {
        Ok(Self::Shared(display.clone()))
    }

    /// Whether a window's buffer keeps what was drawn into it.
    pub(super) fn buffers_persist(&self) -> bool {
        match self {
            #[cfg(all(unix, not(target_vendor = "apple")))]
            Self::X11(..) => true,
            // On Wayland two alternate, on macOS each picture has a new one.
            Self::Shared(_) => cfg!(windows),
        }
    }

    /// Sends off what has been asked of the server.
    #[cfg_attr(
        not(all(unix, not(target_vendor = "apple"))),
        allow(clippy::unnecessary_wraps, reason = "it can fail elsewhere")
    )]
    pub(super) fn flush(&self) -> Result<(), SurfaceError> {
        match self {
            #[cfg(all(unix, not(target_vendor = "apple")))]
            Self::X11(connection, _) => connection
                .flush()
                .map_err(|error| SurfaceError::Lost(error.to_string())),
            // softbuffer does so with every picture.
            Self::Shared(_) => Ok(()),
        }
    }
}

impl HasDisplayHandle for Connection {
    #[cfg_attr(
        all(unix, not(target_vendor = "apple")),
        allow(unsafe_code, reason = "handles are made of what they are of")
    )]
    fn display_handle(&self) -> Result<DisplayHandle<'_>, HandleError> {
        match self {
            #[cfg(all(unix, not(target_vendor = "apple")))]
            Self::X11(connection, screen) => {
                let raw = XcbDisplayHandle::new(NonNull::new(connection.get_raw_xcb_connection()), *screen);
                // SAFETY: the connection is open for as long as `self`, which the handle borrows.
                Ok(unsafe { DisplayHandle::borrow_raw(RawDisplayHandle::Xcb(raw)) })
            }
            Self::Shared(display) => display.display_handle(),
        }
    }
}
