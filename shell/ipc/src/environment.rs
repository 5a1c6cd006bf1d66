//! The environment: the variables that this crate reads.

#![allow(clippy::disallowed_methods, reason = "it is read here, and nowhere else")]

use std::env::var_os;
#[cfg(not(target_vendor = "apple"))]
use std::ffi::OsString;
use std::path::PathBuf;

/// `XDG_RUNTIME_DIR`: the folder of the session's sockets, which only this user can enter.
pub(crate) fn runtime_folder() -> Option<PathBuf> {
    var_os("XDG_RUNTIME_DIR").map(PathBuf::from)
}

/// The variables by which a display is found; one that is empty is not set.
#[cfg(not(target_vendor = "apple"))]
pub(crate) struct DisplayVariables {
    /// `XDG_RUNTIME_DIR`: the folder in which a compositor's socket is.
    pub(crate) runtime_folder: Option<OsString>,
    /// `WAYLAND_DISPLAY`: the compositor's socket, by its name in that folder or by its path.
    pub(crate) wayland_display: Option<OsString>,
    /// `WAYLAND_SOCKET`: a connection to the compositor that is open already.
    pub(crate) wayland_socket: Option<OsString>,
    /// `DISPLAY`: the X server.
    pub(crate) x11_display: Option<OsString>,
}

#[cfg(not(target_vendor = "apple"))]
impl DisplayVariables {
    /// Those of this process.
    pub(crate) fn current() -> Self {
        Self::of(|name| var_os(name))
    }

    /// Those that `variable` has the values of.
    pub(crate) fn of(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        Self {
            runtime_folder: set("XDG_RUNTIME_DIR"),
            wayland_display: set("WAYLAND_DISPLAY"),
            wayland_socket: set("WAYLAND_SOCKET"),
            x11_display: set("DISPLAY"),
        }
    }
}
