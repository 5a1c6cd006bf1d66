//! The display that this process opens windows on: found once, at the start, and the same for all that ask.
//!
//! Wayland goes before X11, as for the window library, but only if a compositor listens: what an old session has left in the
//! environment is in nobody's way.

use std::fmt;
use std::sync::OnceLock;

/// A display. Two names of the same one are shown alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Display {
    /// A Wayland compositor.
    Wayland(String),
    /// An X server.
    X11 {
        /// Its name.
        name: String,
        /// The compositor that the environment names, where none listens.
        stale: Option<String>,
    },
    /// The only one that this system has.
    Desktop,
}

/// Why there is no display.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDisplay {
    /// The environment names none.
    #[error("there is no display to open windows on: neither WAYLAND_DISPLAY nor DISPLAY is set")]
    Unset,
    /// The one that it names is gone.
    #[error(
        "there is no display to open windows on: no compositor listens at WAYLAND_DISPLAY={0}, and DISPLAY is not set"
    )]
    Gone(String),
}

impl fmt::Display for Display {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wayland(name) | Self::X11 { name, .. } => f.write_str(name),
            Self::Desktop => f.write_str("desktop"),
        }
    }
}

/// The display of this process.
///
/// # Errors
/// When there is none.
pub fn current() -> Result<&'static Display, NoDisplay> {
    static CURRENT: OnceLock<Result<Display, NoDisplay>> = OnceLock::new();
    CURRENT.get_or_init(find).as_ref().map_err(Clone::clone)
}

/// Has all that look for a display by themselves, in this process and those that it starts, find the same one: the window
/// library, clipboards, services.
///
/// # Safety
/// No other thread has been started yet, since others read the environment.
#[allow(unsafe_code, reason = "it writes to the environment")]
pub unsafe fn settle() {
    if let Ok(Display::X11 { stale: Some(_), .. }) = current() {
        // SAFETY: as above.
        unsafe { std::env::remove_var("WAYLAND_DISPLAY") };
    }
}

#[cfg(not(all(unix, not(target_vendor = "apple"))))]
#[allow(clippy::unnecessary_wraps, reason = "elsewhere there may be none")]
fn find() -> Result<Display, NoDisplay> {
    Ok(Display::Desktop)
}

#[cfg(all(unix, not(target_vendor = "apple")))]
use unix::find;

#[cfg(all(unix, not(target_vendor = "apple")))]
mod unix {
    use super::{Display, NoDisplay};
    use crate::environment::DisplayVariables;
    use crate::local;
    use std::ffi::OsString;
    use std::io;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    pub(super) fn find() -> Result<Display, NoDisplay> {
        // A socket that is open already goes before all names, and leads nowhere else.
        let variables = DisplayVariables::current();
        let open = variables.wayland_socket.is_some();
        choose(variables, |socket| open || listens(socket))
    }

    pub(super) fn choose(variables: DisplayVariables, listens: impl Fn(&Path) -> bool) -> Result<Display, NoDisplay> {
        let DisplayVariables {
            runtime_folder,
            wayland_display,
            wayland_socket,
            x11_display,
        } = variables;
        let text = |value: OsString| value.to_string_lossy().into_owned();
        let has_runtime_folder = runtime_folder.is_some();
        let runtime = PathBuf::from(runtime_folder.unwrap_or_default());
        let wayland = wayland_display.or_else(|| wayland_socket.map(|_| "wayland-0".into()));
        let x11 = x11_display.map(|name| x11(&text(name)));
        match (wayland, x11) {
            (Some(name), _) if listens(&runtime.join(&name)) => {
                let path = PathBuf::from(&name);
                let short = path.strip_prefix(&runtime).ok().filter(|_| has_runtime_folder);
                Ok(Display::Wayland(
                    short.map_or_else(|| text(name), |short| short.display().to_string()),
                ))
            }
            (stale, Some(name)) => Ok(Display::X11 {
                name,
                stale: stale.map(text),
            }),
            (Some(name), None) => Err(NoDisplay::Gone(text(name))),
            (None, None) => Err(NoDisplay::Unset),
        }
    }

    /// Whether a compositor listens; also one that is too busy for another client just now.
    fn listens(socket: &Path) -> bool {
        let connected = local::connect(socket, Duration::from_millis(100));
        socket.is_absolute() && connected.map_or_else(|error| error.kind() == io::ErrorKind::WouldBlock, |_| true)
    }

    /// An X server's name without the screen, and without the ways to say that it is on this machine. `localhost` is not one of
    /// them: that is mostly the end of a tunnel to another machine, whose server may have a number that one here has, too.
    pub(super) fn x11(name: &str) -> String {
        let (protocol, address) = name.split_once('/').unwrap_or(("", name));
        let Some((host, number)) = address.rsplit_once(':') else {
            return name.to_owned();
        };
        let number = number.split_once('.').map_or(number, |(number, _)| number);
        if number.is_empty() || !number.bytes().all(|digit| digit.is_ascii_digit()) {
            return name.to_owned();
        }
        let host = host.to_ascii_lowercase();
        match (protocol, &*host) {
            ("unix", _) | (_, "" | "unix") => format!(":{number}"),
            (_, "127.0.0.1" | "::1" | "[::1]") => format!("localhost:{number}"),
            _ => format!("{host}:{number}"),
        }
    }
}

#[cfg(all(test, unix, not(target_vendor = "apple")))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::unix::{choose, x11};
    use super::*;
    use crate::environment::DisplayVariables;

    /// What is chosen with these variables, where these compositors listen.
    fn chosen(variables: &[(&str, &str)], listening: &[&str]) -> Result<Display, NoDisplay> {
        let variable = |name: &str| {
            variables
                .iter()
                .find(|(set, _)| *set == name)
                .map(|(_, value)| value.into())
        };
        choose(DisplayVariables::of(variable), |socket| {
            listening
                .iter()
                .any(|listening| socket == std::path::Path::new(listening))
        })
    }

    #[test]
    fn an_x_server_has_one_name() {
        for name in [
            ":81",
            ":81.0",
            ":81.1",
            "unix:81",
            "unix:81.0",
            "unix/:81",
            "unix/here:81.0",
        ] {
            assert_eq!(x11(name), ":81", "{name}");
        }
        for name in [
            "localhost:10",
            "localhost:10.0",
            "LOCALHOST:10",
            "127.0.0.1:10.0",
            "::1:10",
            "tcp/localhost:10",
        ] {
            assert_eq!(x11(name), "localhost:10", "{name}");
        }
        assert_eq!(x11("Far.example:0.1"), "far.example:0");
        for name in ["81", ":", ":x", "", "/tmp/launch:org:0x"] {
            assert_eq!(x11(name), name, "what makes no sense stays as it is");
        }
    }

    #[test]
    fn a_compositor_goes_first_if_it_listens() {
        let both = [
            ("XDG_RUNTIME_DIR", "/run/me"),
            ("WAYLAND_DISPLAY", "wayland-1"),
            ("DISPLAY", ":81.0"),
        ];
        assert_eq!(
            chosen(&both, &["/run/me/wayland-1"]),
            Ok(Display::Wayland("wayland-1".into()))
        );
        let there = Display::X11 {
            name: ":81".into(),
            stale: Some("wayland-1".into()),
        };
        assert_eq!(chosen(&both, &["/run/me/wayland-2"]), Ok(there));
        assert_eq!(chosen(&both[..2], &[]), Err(NoDisplay::Gone("wayland-1".into())));
        assert_eq!(chosen(&both[..1], &[]), Err(NoDisplay::Unset));
        let empty = [("WAYLAND_DISPLAY", ""), ("DISPLAY", ":81")];
        assert_eq!(
            chosen(&empty, &[]),
            Ok(Display::X11 {
                name: ":81".into(),
                stale: None
            })
        );
    }

    #[test]
    fn a_compositor_has_one_name() {
        for name in ["wayland-1", "/run/me/wayland-1", "/run/me//wayland-1"] {
            let variables = [("XDG_RUNTIME_DIR", "/run/me"), ("WAYLAND_DISPLAY", name)];
            let listening = ["/run/me/wayland-1"];
            assert_eq!(
                chosen(&variables, &listening).unwrap().to_string(),
                "wayland-1",
                "{name}"
            );
        }
        let elsewhere = [
            ("XDG_RUNTIME_DIR", "/run/me"),
            ("WAYLAND_DISPLAY", "/run/you/wayland-1"),
        ];
        assert_eq!(
            chosen(&elsewhere, &["/run/you/wayland-1"]).unwrap().to_string(),
            "/run/you/wayland-1"
        );
    }
}
