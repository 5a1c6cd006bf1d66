//! A display where there is none: a virtual X server with a window manager, and pictures of the windows in it.

use crate::packages::{DISPLAY, ensure};
use crate::step::{installed, output, say};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A virtual display; it goes away with this value.
pub(crate) struct Display {
    name: String,
    server: Child,
    manager: Option<Child>,
}

impl Display {
    /// Starts one, with the first number that is free.
    pub(crate) fn start() -> Result<Self> {
        ensure("A virtual display", DISPLAY)?;
        for program in ["Xvfb", "openbox", "xdotool", "xprop", "import", "identify"] {
            if !installed(program) {
                bail!("no `{program}` here: it is needed for a virtual display");
            }
        }
        say("\n── Starting a virtual display");
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start Xvfb")?;
        let mut number = String::new();
        if let Some(stdout) = server.stdout.take() {
            BufReader::new(stdout).read_line(&mut number)?;
        }
        let mut display = Self { name: format!(":{}", number.trim()), server, manager: None };
        if number.trim().is_empty() {
            bail!("Xvfb does not start");
        }
        // Without a window manager no key would ever arrive.
        let manager = display.command("openbox").stderr(Stdio::null()).spawn().context("cannot start openbox")?;
        display.manager = Some(manager);
        display.wait("openbox does not take over the display", Duration::from_secs(10), |display| {
            let property = output(display.command("xprop").args(["-root", "_NET_SUPPORTING_WM_CHECK"]))?;
            property.contains("window id").then_some(())
        })?;
        Ok(display)
    }

    /// A command that runs in this display.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env("DISPLAY", &self.name).env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
        command
    }

    /// Waits until a window of that process shows something and saves a picture of it. Says the window's number.
    pub(crate) fn first_picture(&self, process: &mut Child, to: &Path) -> Result<String> {
        let limit = Duration::from_secs(60);
        let window = self.wait("no window opens", limit, |display| {
            if let Ok(Some(status)) = process.try_wait() {
                return Some(Err(anyhow::anyhow!("it ended before it had a window ({status})")));
            }
            // While openbox starts it may read a request to show a window and sleep on it until the next event: a change of
            // one of the root window's properties is one.
            let awake = ["-root", "-f", "_PORTICO_PROBE", "8s", "-set", "_PORTICO_PROBE", "awake"];
            display.command("xprop").args(awake).status().ok()?;
            let pid = process.id().to_string();
            let windows = output(display.command("xdotool").args(["search", "--onlyvisible", "--pid", &pid]))?;
            // The newest stands last: a toolkit may keep helpers before it.
            windows.lines().last().map(|window| Ok(window.to_owned()))
        })??;
        // Before the first frame a window is one colour all over.
        self.wait("the window stays empty", limit, |display| {
            display.picture(&window, to).ok()?;
            let colours = output(Command::new("identify").args(["-format", "%k"]).arg(to))?;
            (colours.parse::<u64>().ok()? > 8).then_some(())
        })?;
        // What comes first may be the page that says that a program is being compiled.
        std::thread::sleep(Duration::from_secs(1));
        self.picture(&window, to)?;
        Ok(window)
    }

    /// Saves a picture of a window.
    pub(crate) fn picture(&self, window: &str, to: &Path) -> Result<()> {
        let status = self.command("import").args(["-window", window]).arg(to).stderr(Stdio::null()).status();
        if !status.context("cannot start import")?.success() {
            bail!("cannot take a picture of window {window}");
        }
        Ok(())
    }

    /// Does what a person at the display would do, in xdotool's words.
    pub(crate) fn act(&self, words: &[&str]) -> Result<()> {
        let status = self.command("xdotool").args(words).status().context("cannot start xdotool")?;
        if !status.success() {
            bail!("xdotool {} failed", words.join(" "));
        }
        Ok(())
    }

    fn wait<T>(&self, failure: &str, limit: Duration, mut done: impl FnMut(&Self) -> Option<T>) -> Result<T> {
        let began = Instant::now();
        loop {
            if let Some(value) = done(self) {
                return Ok(value);
            }
            if began.elapsed() > limit {
                bail!("{failure}, not within {} seconds", limit.as_secs());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // Either may be gone already.
        for child in self.manager.iter_mut().chain([&mut self.server]) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
