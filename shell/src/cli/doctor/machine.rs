//! Looks for devices and services on this machine, without opening anything that asks or makes a sound.

use crate::environment;
#[cfg(all(unix, not(target_vendor = "apple")))]
use portico_ipc::display::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};

/// Result of a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// What was found, or what is missing.
    pub(super) what: String,
    /// How to get what is missing; `None` when nothing is.
    pub(super) get: Option<String>,
}

impl Found {
    pub(super) fn there(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            get: None,
        }
    }

    pub(super) fn missing(what: impl Into<String>, get: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            get: Some(get.into()),
        }
    }

    pub(super) fn is_there(&self) -> bool {
        self.get.is_none()
    }
}

/// Looks for what a portal needs of the machine.
pub(super) fn portal(name: &str, window: &Found) -> Found {
    match name {
        "window"
        | "framebuffer"
        | "toolbar"
        | "menu"
        | "tabs"
        | "search"
        | "keys"
        | "text"
        | "cursor"
        | "console"
        | "clipboard"
        | "clipboard-unfocused"
        | "drop" => {
            if window.is_there() {
                Found::there("the window system")
            } else {
                Found::missing("the window system", "as said above of the window system")
            }
        }
        "gpu" => gpu(),
        _ if !cfg!(target_os = "linux") => Found::there("nothing that does not come with the system"),
        "overclock" => files(
            &[
                "/sys/devices/system/cpu/cpufreq/boost",
                "/sys/devices/system/cpu/intel_pstate/no_turbo",
            ],
            "",
            "no switch for the processor's boost",
            "a kernel and a processor with frequency scaling",
        ),
        "controllers" => files(
            &["/dev/input"],
            "js",
            "no game controller is connected",
            "connecting one; if it stays missing, the group `input` or the package `steam-devices`",
        ),
        "gpio" => files(
            &["/dev"],
            "gpiochip",
            "no pins",
            "a computer with pins, and the group `gpio`",
        ),
        "microphone" | "speakers" => sound(),
        "camera" => files(&["/dev"], "video", "no camera", "connecting one, and the group `video`"),
        "bluetooth" => files(
            &["/sys/class/bluetooth"],
            "hci",
            "no Bluetooth adapter",
            "an adapter, and the package `bluez`",
        ),
        "notifications" | "sharing" => bus(),
        _ => Found::there("nothing but the shell is needed"),
    }
}

/// Looks for a window system.
#[cfg(not(all(unix, not(target_vendor = "apple"))))]
pub(super) fn window_system() -> Found {
    Found::there("the system's own")
}

/// Looks for a window system.
#[cfg(all(unix, not(target_vendor = "apple")))]
pub(super) fn window_system() -> Found {
    match display::current() {
        Ok(Display::Wayland(name)) => Found::there(format!("Wayland, {name}")),
        Ok(Display::X11 { name, stale }) => match x11rb::connect(None) {
            Ok(_) => {
                let instead = stale
                    .as_ref()
                    .map(|stale| format!(", as no compositor listens at WAYLAND_DISPLAY={stale}"));
                Found::there(format!("X11, {name}{}", instead.unwrap_or_default()))
            }
            Err(error) => {
                let get =
                    "an X11 session, and the packages `libx11-6 libx11-xcb1 libxcb1 libxcursor1 libxi6 libxrandr2`";
                Found::missing(format!("X11 on {name} does not answer: {error}"), get)
            }
        },
        Ok(Display::Desktop) => Found::there("the system's own"),
        Err(none) => Found::missing(
            none.to_string(),
            "a desktop session; without one, `portico run --headless`, or the package `xvfb` and its `xvfb-run`",
        ),
    }
}

fn gpu() -> Found {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
    let mut names: Vec<_> = adapters
        .iter()
        .map(|adapter| adapter.get_info())
        .map(|info| format!("{} ({:?})", info.name, info.backend))
        .collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        Found::missing(
            "no GPU, nor a driver that does its work",
            "the package `mesa-vulkan-drivers`, or the maker's driver",
        )
    } else {
        Found::there(names.join(", "))
    }
}

/// Looks for these files, or for those in these folders whose names begin so.
fn files(places: &[&str], prefix: &str, none: &str, get: &str) -> Found {
    let mut found = Vec::new();
    for place in places.iter().map(Path::new) {
        if prefix.is_empty() {
            found.extend(place.exists().then(|| place.to_owned()));
        } else {
            let begins = |path: &PathBuf| {
                path.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
                    name.strip_prefix(prefix)
                        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
                })
            };
            found.extend(
                fs::read_dir(place)
                    .into_iter()
                    .flatten()
                    .flatten()
                    .map(|entry| entry.path())
                    .filter(begins),
            );
        }
    }
    found.sort();
    let names: Vec<_> = found.iter().map(|path| path.display().to_string()).collect();
    if names.is_empty() {
        Found::missing(none, get)
    } else {
        Found::there(names.join(", "))
    }
}

fn runtime_socket(names: &[&str]) -> Option<PathBuf> {
    let directory = environment::runtime_folder()?;
    names.iter().map(|name| directory.join(name)).find(|path| path.exists())
}

fn sound() -> Found {
    match runtime_socket(&["pipewire-0", "pulse/native"]) {
        Some(socket) => Found::there(socket.display().to_string()),
        None => files(
            &["/dev/snd"],
            "pcmC",
            "no sound service and no sound device",
            "the packages `pipewire pipewire-alsa`",
        ),
    }
}

fn bus() -> Found {
    let socket = || runtime_socket(&["bus"]).map(|path| path.display().to_string());
    match environment::session_bus().or_else(socket) {
        Some(bus) => Found::there(format!("the session's bus, {bus}")),
        None => Found::missing(
            "no session bus",
            "a desktop session, or the package `dbus-user-session`",
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn devices_are_told_from_others_by_their_numbers() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().to_str().unwrap();
        fs::write(directory.path().join("video-notes"), "").unwrap();
        let look = || files(&[place], "video", "no camera", "one");
        assert_eq!(look(), Found::missing("no camera", "one"));
        fs::write(directory.path().join("video1"), "").unwrap();
        fs::write(directory.path().join("video0"), "").unwrap();
        assert_eq!(look(), Found::there(format!("{place}/video0, {place}/video1")));
    }
}
