//! The environment: the variables that portals tell programs something of.

#![allow(clippy::disallowed_methods, reason = "it is read here, and nowhere else")]

use std::env::{var, var_os};
use std::ffi::OsString;
use std::path::PathBuf;

/// `TZ`: the time zone.
pub(crate) fn time_zone() -> Option<OsString> {
    var_os("TZ")
}

/// `TZDIR`: the folder of the time zones, where it is not at one of the usual places.
pub(crate) fn zone_folder() -> Option<PathBuf> {
    var_os("TZDIR").map(PathBuf::from)
}

/// `XDG_CURRENT_DESKTOP`, `XDG_SESSION_DESKTOP` and `DESKTOP_SESSION`: names of the desktop, empty where there is none.
pub(crate) fn desktop_names() -> [String; 3] {
    ["XDG_CURRENT_DESKTOP", "XDG_SESSION_DESKTOP", "DESKTOP_SESSION"].map(|name| var(name).unwrap_or_default())
}

/// `DISPLAY` and `WAYLAND_DISPLAY`: the display. Whether there is one.
pub(crate) fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .into_iter()
        .any(|name| var_os(name).is_some_and(|value| !value.is_empty()))
}
