//! A virtual X server, and what only its own protocol tells.

use crate::desktop::{Guard, SCREEN, Window, first_line, isolate};
use crate::picture::Picture;
use crate::poll;
use anyhow::Context;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt, CreateWindowAux, ImageFormat, PropMode, WindowClass};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

pub(crate) struct Xvfb {
    connection: RustConnection,
    display: String,
    root: u32,
    manager: Mutex<Option<Guard>>,
    _server: Guard,
}

impl Xvfb {
    /// Starts a server on a free display number.
    pub(crate) fn start(directory: &Path) -> (Self, Vec<(String, String)>) {
        let mut command = Command::new("Xvfb");
        isolate(&mut command, directory);
        let screen = format!("{}x{}x24", SCREEN.0, SCREEN.1);
        command.args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp", "-noreset"]);
        let mut server = match command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn() {
            Ok(child) => Guard(child),
            Err(error) => panic!("Xvfb can't be started: {error}"),
        };
        let Some(number) = first_line(&mut server.0) else { panic!("Xvfb has no display number") };
        let display = format!(":{number}");
        let Some((connection, screen)) = poll(|| RustConnection::connect(Some(&display)).ok()) else {
            panic!("Xvfb does not answer")
        };
        let root = connection.setup().roots[screen].root;
        let environment = vec![("DISPLAY".to_owned(), display.clone())];
        (Self { connection, display, root, manager: Mutex::new(None), _server: server }, environment)
    }

    /// Starts the window manager and waits until it is in charge.
    pub(crate) fn manage(&self, mut command: Command) {
        let manager = match command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
            Ok(child) => Guard(child),
            Err(error) => panic!("openbox can't be started: {error}"),
        };
        if let Ok(mut place) = self.manager.lock() {
            *place = Some(manager);
        }
        let ready = poll(|| self.words(self.root, "_NET_SUPPORTING_WM_CHECK").ok()?.first().copied());
        assert!(ready.is_some(), "openbox does not start");
        // While it starts it may read a request to show a window and sleep on it until the next event. So a window of our
        // own has to get through first, with as many events as that takes.
        let probe = self.probe();
        assert!(probe.is_ok_and(|shown| shown), "openbox does not manage windows");
    }

    /// Whether the window manager takes charge of a window.
    fn probe(&self) -> anyhow::Result<bool> {
        let window = self.connection.generate_id()?;
        let (class, aux) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new());
        self.connection.create_window(0, window, self.root, 0, 0, 1, 1, 0, class, 0, &aux)?;
        self.connection.map_window(window)?;
        let shown = self.poll_awake(|| self.is_managed(window).then_some(()));
        self.connection.destroy_window(window)?;
        let gone = poll(|| (!self.is_managed(window)).then_some(()));
        Ok(shown.and(gone).is_some())
    }

    fn is_managed(&self, window: u32) -> bool {
        self.words(self.root, "_NET_CLIENT_LIST").is_ok_and(|windows| windows.contains(&window))
    }

    /// Polls, and keeps the window manager from sleeping on what it has read but not looked at: it hears of every change of
    /// the root window's properties.
    fn poll_awake<T>(&self, mut found: impl FnMut() -> Option<T>) -> Option<T> {
        let note = self.atom("_PORTICO_PROBE").ok()?;
        poll(|| {
            self.connection.change_property8(PropMode::REPLACE, self.root, note, AtomEnum::STRING, b"awake").ok()?;
            found()
        })
    }

    /// Whether drops on a window are taken by another one, which takes all of them.
    pub(crate) fn has_proxy(&self, window: u32) -> bool {
        self.words(window, "XdndProxy").is_ok()
    }

    /// Carries what these addresses name to a point of the screen over a window, and drops it there.
    pub(crate) fn drop_all(&self, window: u32, at: (i32, i32), addresses: &[String]) -> anyhow::Result<()> {
        crate::drag::drop_all(&self.display, window, at, addresses)
    }

    /// Waits until a window has gone that the window manager was asked to close.
    pub(crate) fn closed(&self, window: u32) {
        self.poll_awake(|| (!self.is_managed(window)).then_some(()));
    }

    fn atom(&self, name: &str) -> anyhow::Result<u32> {
        Ok(self.connection.intern_atom(false, name.as_bytes())?.reply()?.atom)
    }

    fn words(&self, window: u32, property: &str) -> anyhow::Result<Vec<u32>> {
        let atom = self.atom(property)?;
        let reply = self.connection.get_property(false, window, atom, AtomEnum::ANY, 0, 4096)?.reply()?;
        Ok(reply.value32().context("no words")?.collect())
    }

    fn title(&self, window: u32) -> anyhow::Result<String> {
        let atom = self.atom("_NET_WM_NAME")?;
        let reply = self.connection.get_property(false, window, atom, AtomEnum::ANY, 0, 4096)?.reply()?;
        Ok(String::from_utf8_lossy(&reply.value).into_owned())
    }

    pub(crate) fn windows(&self) -> anyhow::Result<Vec<Window>> {
        let mut windows = Vec::new();
        for id in self.words(self.root, "_NET_CLIENT_LIST")? {
            // A window may go away in the middle of this.
            let Ok(geometry) = self.connection.get_geometry(id)?.reply() else { continue };
            let Ok(corner) = self.connection.translate_coordinates(id, self.root, 0, 0)?.reply() else { continue };
            windows.push(Window {
                id,
                process: self.words(id, "_NET_WM_PID").unwrap_or_default().first().copied().unwrap_or(0),
                title: self.title(id).unwrap_or_default(),
                x: i32::from(corner.dst_x),
                y: i32::from(corner.dst_y),
                width: i32::from(geometry.width),
                height: i32::from(geometry.height),
            });
        }
        Ok(windows)
    }

    /// The window that has the keyboard, as the window manager says.
    pub(crate) fn focused(&self) -> Option<u32> {
        self.words(self.root, "_NET_ACTIVE_WINDOW").ok()?.first().copied()
    }

    fn image(&self, x: i16, y: i16, width: u16, height: u16) -> anyhow::Result<Vec<[u8; 3]>> {
        let reply = self.connection.get_image(ImageFormat::Z_PIXMAP, self.root, x, y, width, height, !0)?.reply()?;
        Ok(reply.data.chunks_exact(4).map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect())
    }

    pub(crate) fn picture(&self) -> anyhow::Result<Picture> {
        let pixels = self.image(0, 0, u16::try_from(SCREEN.0)?, u16::try_from(SCREEN.1)?)?;
        Picture::new(SCREEN.0, SCREEN.1, pixels).context("a picture of another size")
    }

    pub(crate) fn pixel(&self, x: i32, y: i32) -> Option<[u8; 3]> {
        self.image(i16::try_from(x).ok()?, i16::try_from(y).ok()?, 1, 1).ok()?.first().copied()
    }
}
