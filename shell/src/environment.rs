//! The shell's environment: the variables that it reads, a function for each. Those of the broker are named by its crate, and other
//! crates of ours have a file like this one.

#![allow(clippy::disallowed_methods, reason = "it is read here, and nowhere else")]

use portico_broker::server::{ADDRESS, OBJECT, SOCKET, TOKEN};
use std::env::{split_paths, var, var_os};
use std::ffi::OsString;
use std::path::PathBuf;

/// `PORTICO_LOG`: which lines of the shell's own log go to its standard error, `debug` for example.
pub(crate) fn log_filter() -> Option<String> {
    var("PORTICO_LOG").ok()
}

/// `PORTICO_EXAMPLES`: the folder of the programs that come with the shell, in place of those where they may be.
pub(crate) fn examples() -> Option<PathBuf> {
    var_os("PORTICO_EXAMPLES").map(PathBuf::from)
}

/// `PORTICO_THEME`: `dark` or `light` in all windows, whatever the desktop and the settings say. Whether it is dark.
pub(crate) fn dark_theme() -> Option<bool> {
    match var("PORTICO_THEME").as_deref() {
        Ok("dark") => Some(true),
        Ok("light") => Some(false),
        _ => None,
    }
}

/// `PORTICO_REDUCED_MOTION`: `1` or `0`, whatever the desktop and the settings say.
pub(crate) fn reduced_motion() -> Option<bool> {
    match var("PORTICO_REDUCED_MOTION").as_deref() {
        Ok("1") => Some(true),
        Ok("0") => Some(false),
        _ => None,
    }
}

/// `PORTICO_BROKER_SOCKET` and `PORTICO_BROKER_ADDRESS`: where the broker is. Whether one of them is set.
pub(crate) fn names_broker() -> bool {
    [SOCKET, ADDRESS].iter().any(|name| var_os(name).is_some())
}

/// `PORTICO_BROKER_TOKEN`: proves to the broker that it has started this process as a service.
pub(crate) fn service_token() -> Option<String> {
    var(TOKEN).ok()
}

/// `PORTICO_BROKER_OBJECT`: the id of the object that the broker has started this process for.
pub(crate) fn service_object() -> Option<String> {
    var(OBJECT).ok()
}

/// `PATH`: the folders of the system's programs.
pub(crate) fn program_folders() -> Vec<PathBuf> {
    var_os("PATH").map_or_else(Vec::new, |path| split_paths(&path).collect())
}

/// `CARGO`: what builds programs in Rust.
pub(crate) fn cargo() -> OsString {
    var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// `RUSTC`: the compiler that cargo uses.
pub(crate) fn rustc() -> OsString {
    var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

/// `XDG_CONFIG_DIRS`: the folders of the system's configuration.
pub(crate) fn system_config_folders() -> Vec<PathBuf> {
    let folders = var_os("XDG_CONFIG_DIRS").unwrap_or_else(|| "/etc/xdg".into());
    split_paths(&folders).collect()
}

/// `XDG_DATA_DIRS`: the folders of what is installed on the system.
#[cfg(all(unix, not(target_vendor = "apple")))]
pub(crate) fn system_data_folders() -> Vec<PathBuf> {
    let folders = var_os("XDG_DATA_DIRS").unwrap_or_else(|| "/usr/local/share:/usr/share".into());
    split_paths(&folders).collect()
}

/// `XDG_RUNTIME_DIR`: the folder of the session's sockets.
pub(crate) fn runtime_folder() -> Option<PathBuf> {
    var_os("XDG_RUNTIME_DIR").map(PathBuf::from)
}

/// `DBUS_SESSION_BUS_ADDRESS`: where the session's bus is.
pub(crate) fn session_bus() -> Option<String> {
    var("DBUS_SESSION_BUS_ADDRESS")
        .ok()
        .filter(|address| !address.is_empty())
}

/// `DISPLAY`: the X server that the window library opens windows on, unless `WAYLAND_DISPLAY` or `WAYLAND_SOCKET` names a compositor.
#[cfg(all(unix, not(target_vendor = "apple")))]
pub(crate) fn x11_display() -> Option<String> {
    let set = |name| var_os(name).filter(|value| !value.is_empty());
    let display = set("DISPLAY")?;
    let wayland = set("WAYLAND_DISPLAY").or_else(|| set("WAYLAND_SOCKET"));
    wayland.is_none().then(|| display.to_string_lossy().into_owned())
}

/// `XMODIFIERS`: the X input method.
#[cfg(all(unix, not(target_vendor = "apple")))]
pub(crate) fn x11_modifiers() -> Option<String> {
    var("XMODIFIERS").ok()
}

/// `LD_LIBRARY_PATH`, `DYLD_FALLBACK_LIBRARY_PATH` and `SystemRoot`: what systems need to start a file. The variables that a worker
/// inherits.
pub(crate) fn of_worker() -> impl Iterator<Item = (&'static str, OsString)> {
    let names = ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "SystemRoot"];
    names.into_iter().filter_map(|name| Some((name, var_os(name)?)))
}
