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
    /// Pixels a point.
    scale: u32,
    server: Child,
    manager: Option<Child>,
}

impl Display {
    /// Starts one of 1600 × 1000 points, with the first number that is free. `scale` is in pixels a point.
    pub(crate) fn start(scale: u32) -> Result<Self> {
        ensure("A virtual display", DISPLAY)?;
        for program in ["Xvfb", "openbox", "xdotool", "xprop", "import"] {
            if !installed(program) {
                bail!("no `{program}` here: it is needed for a virtual display");
            }
        }
        say("\n── Starting a virtual display");
        let screen = format!("{}x{}x24", 1600 * scale, 1000 * scale);
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                &screen,
                "-nolisten",
                "tcp",
                "-noreset",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start Xvfb")?;
        let mut number = String::new();
        if let Some(stdout) = server.stdout.take() {
            BufReader::new(stdout).read_line(&mut number)?;
        }
        let mut display = Self {
            name: format!(":{}", number.trim()),
            scale,
            server,
            manager: None,
        };
        if number.trim().is_empty() {
            bail!("Xvfb does not start");
        }
        // Without a window manager no key would ever arrive.
        let manager = display
            .command("openbox")
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start openbox")?;
        display.manager = Some(manager);
        display.wait(
            "openbox does not take over the display",
            Duration::from_secs(10),
            |display| {
                let property = output(display.command("xprop").args(["-root", "_NET_SUPPORTING_WM_CHECK"]))?;
                property.contains("window id").then_some(())
            },
        )?;
        Ok(display)
    }

    /// A command that runs in this display.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("DISPLAY", &self.name)
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET");
        command.env("WINIT_X11_SCALE_FACTOR", self.scale.to_string());
        command
    }

    /// Waits until the program that `process`, a shell, runs has shown its first frame, or home is open. Says the window's number.
    ///
    /// The shell is asked, since a picture can't tell: a window has a toolbar, and may have a page that says that its program
    /// is being compiled, before it has anything of the program's.
    pub(crate) fn first_frame(&self, shell: &Path, process: &mut Child) -> Result<String> {
        let limit = Duration::from_secs(60);
        self.wait("the program shows nothing", limit, |display| {
            if let Ok(Some(status)) = process.try_wait() {
                return Some(Err(anyhow::anyhow!("it ended before it showed anything ({status})")));
            }
            display.wake_manager()?;
            let answer = output(display.command(shell).args(["msg", "windows"]))?;
            let answer: serde_json::Value = serde_json::from_str(&answer).ok()?;
            let window = answer["windows"].get(0)?;
            match window["state"].as_str()? {
                state @ ("trapped" | "refused" | "ended") => {
                    Some(Err(anyhow::anyhow!("the program showed nothing: it is {state}")))
                }
                "none" => Some(Ok(())),
                _ => (window["frames"].as_u64()? > 0).then_some(Ok(())),
            }
        })??;
        // It is not answered before the toolbar is there too.
        self.ask(shell, &["wait-frame", "0"])?;
        self.wait("no window is on the display", limit, |display| {
            display.wake_manager()?;
            let pid = process.id().to_string();
            let windows = output(
                display
                    .command("xdotool")
                    .args(["search", "--onlyvisible", "--pid", &pid]),
            )?;
            // The newest stands last: a toolkit may keep helpers before it.
            windows.lines().last().map(str::to_owned)
        })
    }

    /// While openbox starts it may read a request to show a window and sleep on it until the next event: a change of one of
    /// the root window's properties is one.
    fn wake_manager(&self) -> Option<()> {
        let awake = ["-root", "-f", "_PORTICO_PROBE", "8s", "-set", "_PORTICO_PROBE", "awake"];
        self.command("xprop").args(awake).status().ok()?.success().then_some(())
    }

    /// Asks the shell of this display for something, in `portico msg`'s words.
    pub(crate) fn ask(&self, shell: &Path, words: &[&str]) -> Result<()> {
        let done = self
            .command(shell)
            .arg("msg")
            .args(words)
            .stdout(Stdio::null())
            .status();
        if !done.context("cannot start the shell")?.success() {
            bail!("the shell did not do what `portico msg {}` asks for", words.join(" "));
        }
        Ok(())
    }

    /// Saves a picture of a window.
    pub(crate) fn picture(&self, window: &str, to: &Path) -> Result<()> {
        let status = self
            .command("import")
            .args(["-window", window])
            .arg(to)
            .stderr(Stdio::null())
            .status();
        if !status.context("cannot start import")?.success() {
            bail!("cannot take a picture of window {window}");
        }
        Ok(())
    }

    /// Does what a person at the display would do, in xdotool's words.
    pub(crate) fn act(&self, words: &[&str]) -> Result<()> {
        let status = self
            .command("xdotool")
            .args(words)
            .status()
            .context("cannot start xdotool")?;
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
