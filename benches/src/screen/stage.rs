//! A private screen, seen and touched through its own protocol: starting a tool for each look would cost more than what is
//! measured.

use anyhow::{Context, Result, bail};
use portico_tests::Desktop;
use std::cell::RefCell;
use std::time::{Duration, Instant};
use x11rb::connection::Connection;
use x11rb::protocol::composite::{ConnectionExt as _, Redirect};
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, ImageFormat, KEY_PRESS_EVENT, KEY_RELEASE_EVENT};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

/// How long anything may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks: short beside what is measured, and long enough to leave the processor to those who are measured.
const LOOK: Duration = Duration::from_micros(200);

/// A display server with a window manager, and a connection to it.
pub(super) struct Stage {
    pub(super) desktop: Desktop,
    connection: RustConnection,
    root: u32,
    clients: u32,
    display: String,
    retired: RefCell<Vec<RustConnection>>,
}

impl Stage {
    pub(super) fn new() -> Result<Self> {
        let desktop = Desktop::x11().context("no Xvfb, openbox, xdotool or dbus-daemon here")?;
        let command = desktop.command("true");
        let display = command
            .get_envs()
            .find(|(name, _)| *name == "DISPLAY")
            .and_then(|(_, value)| value);
        let display = display
            .and_then(|value| value.to_str())
            .context("the desktop has no display")?;
        let (connection, screen) = RustConnection::connect(Some(display))?;
        let root = connection
            .setup()
            .roots
            .get(screen)
            .context("the display has no screen")?
            .root;
        let clients = connection.intern_atom(false, b"_NET_CLIENT_LIST")?.reply()?.atom;
        let (display, retired) = (display.to_owned(), RefCell::default());
        Ok(Self {
            desktop,
            connection,
            root,
            clients,
            display,
            retired,
        })
    }

    /// As [`Stage::new`]; windows keep their pixels where others cover them, so that covered ones are as busy as any.
    pub(super) fn layered() -> Result<Self> {
        let stage = Self::new()?;
        stage.connection.composite_query_version(0, 4)?.reply()?;
        stage
            .connection
            .composite_redirect_subwindows(stage.root, Redirect::AUTOMATIC)?
            .check()?;
        Ok(stage)
    }

    /// The windows that are managed now, in the order in which they came.
    pub(super) fn windows(&self) -> Result<Vec<u32>> {
        let cookie = self
            .connection
            .get_property(false, self.root, self.clients, AtomEnum::WINDOW, 0, 1024)?;
        Ok(cookie.reply()?.value32().map(Iterator::collect).unwrap_or_default())
    }

    /// Waits for a window that is not among those.
    pub(super) fn new_window(&self, before: &[u32]) -> Result<u32> {
        self.wait("no window comes", || {
            Ok(self.windows()?.into_iter().find(|window| !before.contains(window)))
        })
    }

    /// Takes the place of a program that has just gone: the server would give its window's number to the next window, and
    /// the window manager, when it hears of the old one's end, would let go of the new one.
    pub(super) fn retire(&self) -> Result<()> {
        self.retired
            .borrow_mut()
            .push(RustConnection::connect(Some(&self.display))?.0);
        Ok(())
    }

    /// Pixels of a row of a window; `None` while it can't be seen.
    pub(super) fn pixels(&self, window: u32, x: i16, y: i16, width: u16) -> Result<Option<Vec<[u8; 3]>>> {
        let cookie = self
            .connection
            .get_image(ImageFormat::Z_PIXMAP, window, x, y, width, 1, !0)?;
        match cookie.reply() {
            Ok(reply) => Ok(Some(
                reply
                    .data
                    .chunks_exact(4)
                    .map(|pixel| [pixel[2], pixel[1], pixel[0]])
                    .collect(),
            )),
            Err(x11rb::errors::ReplyError::X11Error(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// One pixel of a window.
    pub(super) fn pixel(&self, window: u32, x: i16, y: i16) -> Result<[u8; 3]> {
        self.pixels(window, x, y, 1)?
            .and_then(|row| row.first().copied())
            .context("the window can't be seen")
    }

    /// Presses keys one after the other and lets go of them; when they were pressed.
    pub(super) fn press(&self, keycodes: &[u8]) -> Result<Instant> {
        let pressed = Instant::now();
        for (kind, keycode) in keycodes
            .iter()
            .map(|keycode| (KEY_PRESS_EVENT, *keycode))
            .chain(keycodes.iter().rev().map(|keycode| (KEY_RELEASE_EVENT, *keycode)))
        {
            self.connection.xtest_fake_input(kind, keycode, 0, self.root, 0, 0, 0)?;
        }
        self.connection.flush()?;
        Ok(pressed)
    }

    /// Polls until `probe` has a value.
    pub(super) fn wait<T>(&self, failure: &str, mut probe: impl FnMut() -> Result<Option<T>>) -> Result<T> {
        let began = Instant::now();
        loop {
            if let Some(value) = probe()? {
                return Ok(value);
            }
            if began.elapsed() > PATIENCE {
                bail!("{failure}");
            }
            std::thread::sleep(LOOK);
        }
    }
}
