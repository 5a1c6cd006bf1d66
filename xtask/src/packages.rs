//! System packages: which are missing, and how they get here.

use crate::step::{installed, output, say, step};
use anyhow::{Result, bail};
use std::process::Command;

/// What a window needs at run time. Nothing is linked at build time: these are opened when the shell starts.
pub(crate) const WINDOW: &[&str] = &[
    "libwayland-client0",
    "libx11-6",
    "libx11-xcb1",
    "libxcb1",
    "libxcursor1",
    "libxi6",
    "libxkbcommon0",
    "libxkbcommon-x11-0",
    "libxrandr2",
];

/// A display where there is none, a window manager in it, and what takes pictures of it.
pub(crate) const DISPLAY: &[&str] = &["xvfb", "openbox", "xdotool", "imagemagick", "x11-utils"];

/// What the tests need beyond that: a GPU driver in software, accessibility, a Wayland compositor, clipboards, input methods.
pub(crate) const TEST: &[&str] = &[
    "at-spi2-core",
    "dbus",
    "fcitx5",
    "fcitx5-m17n",
    "gir1.2-atspi-2.0",
    "grim",
    "ibus",
    "ibus-m17n",
    "libglib2.0-bin",
    "make",
    "mesa-vulkan-drivers",
    "python3-gi",
    "sway",
    "util-linux",
    "wl-clipboard",
    "xauth",
    "xclip",
];

/// Sees to it that these packages are installed. On a system without apt it says what it would have installed, and goes on.
pub(crate) fn ensure(purpose: &str, packages: &[&str]) -> Result<()> {
    if !debian() {
        say(&format!(
            "This system has no apt, so nothing is installed. {purpose} needs what Debian calls: {}",
            packages.join(" ")
        ));
        return Ok(());
    }
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !present(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if missing.iter().any(|package| candidate(package).is_none()) {
        update()?;
    }
    let mut command = apt()?;
    command
        .args(["install", "-y", "--no-install-recommends"])
        .args(&missing);
    step(&format!("{purpose}: installing {}", missing.join(" ")), &mut command)
}

/// Whether this is Debian, Ubuntu or another system with apt.
pub(crate) fn debian() -> bool {
    installed("apt-get") && installed("dpkg-query")
}

/// The version that apt would install; `None` where it offers none.
pub(crate) fn candidate(package: &str) -> Option<String> {
    let policy = output(Command::new("apt-cache").env("LC_ALL", "C").args(["policy", package]))?;
    let version = policy
        .lines()
        .find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    (version != "(none)").then(|| version.to_owned())
}

/// Fetches apt's lists of packages.
pub(crate) fn update() -> Result<()> {
    step("Fetching the lists of packages", apt()?.arg("update"))
}

fn present(package: &str) -> bool {
    let query = output(Command::new("dpkg-query").args(["-W", "-f=${Status}\n", package]));
    // A package may be known for several architectures, a line each.
    query.is_some_and(|states| states.lines().any(|state| state == "install ok installed"))
}

fn apt() -> Result<Command> {
    let mut command = if output(Command::new("id").arg("-u")).as_deref() == Some("0") {
        Command::new("apt-get")
    } else if installed("sudo") {
        let mut command = Command::new("sudo");
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        command
    } else {
        bail!("packages have to be installed, and this is neither root nor is there sudo");
    };
    // Others may be installing too: wait for them.
    command
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(["-o", "DPkg::Lock::Timeout=400"]);
    Ok(command)
}
