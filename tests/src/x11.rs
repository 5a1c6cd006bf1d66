//! A virtual X server, and what only its own protocol tells.

use crate::desktop::{Area, Guard, SCREEN, Window, first_line, isolate};
use crate::picture::Picture;
use crate::poll;
use anyhow::Context;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ChangeWindowAttributesAux, ConnectionExt, CreateWindowAux, EventMask, ImageFormat, MapState, PropMode,
    WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

pub(crate) struct Xvfb {
    connection: RustConnection,
    pub(crate) display: String,
    root: u32,
    manager: Mutex<Option<Guard>>,
    server: Mutex<Option<Guard>>,
}

/// What a virtual X server is like.
#[derive(Clone, Copy, Debug)]
pub struct Screen<'a> {
    /// Bits of a colour.
    pub depth: u8,
    /// Extensions that it does not have.
    pub without: &'a [&'a str],
}

impl Default for Screen<'_> {
    fn default() -> Self {
        Self {
            depth: 24,
            without: &[],
        }
    }
}

/// The owner of the desktop's settings, as a session has one. What it has said goes with it.
pub struct Settings {
    connection: RustConnection,
    window: u32,
    property: u32,
}

impl Settings {
    /// Takes charge of the settings of a display's first screen.
    fn manage(display: &str) -> anyhow::Result<Self> {
        let (connection, screen) = RustConnection::connect(Some(display))?;
        let root = connection.setup().roots[screen].root;
        let window = connection.generate_id()?;
        let (class, aux) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new());
        connection.create_window(0, window, root, -1, -1, 1, 1, 0, class, 0, &aux)?;
        let atom = |name: &str| anyhow::Ok(connection.intern_atom(false, name.as_bytes())?.reply()?.atom);
        let (selection, property) = (atom("_XSETTINGS_S0")?, atom("_XSETTINGS_SETTINGS")?);
        connection.set_selection_owner(window, selection, x11rb::CURRENT_TIME)?;
        Ok(Self {
            connection,
            window,
            property,
        })
    }

    /// Says how many dots an inch has: 96 at scale 1.
    fn set_dpi(&self, dpi: u32) -> anyhow::Result<()> {
        // Byte order (least significant first), serial number, how many; one number, its name, its serial number, 1024 times the value.
        let mut data = vec![0; 12];
        data[8] = 1;
        data.extend([0, 0, 7, 0]);
        data.extend(b"Xft/DPI\0");
        data.extend([0; 4]);
        data.extend((dpi * 1024).to_le_bytes());
        let (window, property) = (self.window, self.property);
        self.connection
            .change_property8(PropMode::REPLACE, window, property, property, &data)?
            .check()?;
        Ok(())
    }

    /// Says how many pixels a point has.
    ///
    /// # Panics
    /// When the server is gone.
    pub fn scale(&self, scale: f64) {
        if let Err(error) = self.set_dpi((96.0 * scale).round() as u32) {
            panic!("the settings can't be changed: {error:#}");
        }
    }
}

/// The sizes that a window has had, one after the other.
pub struct Sizes {
    connection: RustConnection,
    window: u32,
    last: (u16, u16),
}

impl Sizes {
    fn watch(display: &str, window: u32) -> anyhow::Result<Self> {
        let (connection, _) = RustConnection::connect(Some(display))?;
        let mask = ChangeWindowAttributesAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
        connection.change_window_attributes(window, &mask)?.check()?;
        let geometry = connection.get_geometry(window)?.reply()?;
        Ok(Self {
            connection,
            window,
            last: (geometry.width, geometry.height),
        })
    }

    /// Those since the last time.
    ///
    /// # Panics
    /// When the server is gone.
    pub fn take(&mut self) -> Vec<(u16, u16)> {
        let mut sizes = Vec::new();
        loop {
            match self.connection.poll_for_event() {
                Ok(Some(Event::ConfigureNotify(event))) if event.window == self.window => {
                    let size = (event.width, event.height);
                    if std::mem::replace(&mut self.last, size) != size {
                        sizes.push(size);
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => return sizes,
                Err(error) => panic!("the window's sizes are not told: {error}"),
            }
        }
    }
}

impl Xvfb {
    /// Starts a server on a free display number.
    pub(crate) fn start(directory: &Path, screen: Screen<'_>) -> (Self, Vec<(String, String)>) {
        let mut command = Command::new("Xvfb");
        isolate(&mut command, directory);
        let size = format!("{}x{}x{}", SCREEN.0, SCREEN.1, screen.depth);
        command.args(["-displayfd", "1", "-screen", "0", &size, "-nolisten", "tcp", "-noreset"]);
        command.args(screen.without.iter().flat_map(|name| ["-extension", name]));
        let mut server = match command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn() {
            Ok(child) => Guard(child),
            Err(error) => panic!("Xvfb can't be started: {error}"),
        };
        let Some(number) = first_line(&mut server.0) else {
            panic!("Xvfb has no display number")
        };
        let display = format!(":{number}");
        let Some((connection, screen)) = poll(|| RustConnection::connect(Some(&display)).ok()) else {
            panic!("Xvfb does not answer")
        };
        let root = connection.setup().roots[screen].root;
        let environment = vec![("DISPLAY".to_owned(), display.clone())];
        (
            Self {
                connection,
                display,
                root,
                manager: Mutex::new(None),
                server: Mutex::new(Some(server)),
            },
            environment,
        )
    }

    /// Ends the server under everything that is connected to it.
    pub(crate) fn end(&self) {
        if let Ok(mut server) = self.server.lock() {
            *server = None;
        }
    }

    /// Takes charge of the desktop's settings.
    pub(crate) fn settings(&self) -> anyhow::Result<Settings> {
        Settings::manage(&self.display)
    }

    /// Sets the resources of the server, as `xrdb` does.
    pub(crate) fn set_resources(&self, resources: &str) -> anyhow::Result<()> {
        let (property, kind) = (AtomEnum::RESOURCE_MANAGER, AtomEnum::STRING);
        self.connection
            .change_property8(PropMode::REPLACE, self.root, property, kind, resources.as_bytes())?
            .check()?;
        Ok(())
    }

    /// Watches a window's sizes from here on.
    pub(crate) fn sizes(&self, window: u32) -> anyhow::Result<Sizes> {
        Sizes::watch(&self.display, window)
    }

    /// Cuts the client of a window off, as `xkill` does.
    pub(crate) fn kill_client(&self, window: u32) -> anyhow::Result<()> {
        Ok(self.connection.kill_client(window)?.check()?)
    }

    /// Destroys a window under its client.
    pub(crate) fn destroy(&self, window: u32) -> anyhow::Result<()> {
        Ok(self.connection.destroy_window(window)?.check()?)
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
        self.connection
            .create_window(0, window, self.root, 0, 0, 1, 1, 0, class, 0, &aux)?;
        self.connection.map_window(window)?;
        let shown = self.poll_awake(|| self.is_managed(window).then_some(()));
        self.connection.destroy_window(window)?;
        let gone = poll(|| (!self.is_managed(window)).then_some(()));
        Ok(shown.and(gone).is_some())
    }

    fn is_managed(&self, window: u32) -> bool {
        self.words(self.root, "_NET_CLIENT_LIST")
            .is_ok_and(|windows| windows.contains(&window))
    }

    /// Polls, and keeps the window manager from sleeping on what it has read but not looked at: it hears of every change of
    /// the root window's properties.
    fn poll_awake<T>(&self, mut found: impl FnMut() -> Option<T>) -> Option<T> {
        let note = self.atom("_PORTICO_PROBE").ok()?;
        poll(|| {
            self.connection
                .change_property8(PropMode::REPLACE, self.root, note, AtomEnum::STRING, b"awake")
                .ok()?;
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
        let reply = self
            .connection
            .get_property(false, window, atom, AtomEnum::ANY, 0, 4096)?
            .reply()?;
        Ok(reply.value32().context("no words")?.collect())
    }

    fn title(&self, window: u32) -> anyhow::Result<String> {
        let atom = self.atom("_NET_WM_NAME")?;
        let reply = self
            .connection
            .get_property(false, window, atom, AtomEnum::ANY, 0, 4096)?
            .reply()?;
        Ok(String::from_utf8_lossy(&reply.value).into_owned())
    }

    pub(crate) fn windows(&self) -> anyhow::Result<Vec<Window>> {
        let mut windows = Vec::new();
        for id in self.words(self.root, "_NET_CLIENT_LIST")? {
            // A window may go away in the middle of this.
            let Ok(geometry) = self.connection.get_geometry(id)?.reply() else {
                continue;
            };
            let Ok(corner) = self.connection.translate_coordinates(id, self.root, 0, 0)?.reply() else {
                continue;
            };
            let process = self
                .words(id, "_NET_WM_PID")
                .unwrap_or_default()
                .first()
                .copied()
                .unwrap_or(0);
            let area = Area {
                x: i32::from(corner.dst_x),
                y: i32::from(corner.dst_y),
                width: i32::from(geometry.width),
                height: i32::from(geometry.height),
            };
            windows.push(Window::new(id, process, self.title(id).unwrap_or_default(), area));
        }
        Ok(windows)
    }

    /// Whether somebody holds a selection.
    pub(crate) fn is_selected(&self, selection: &str) -> bool {
        let owner = || -> anyhow::Result<u32> {
            Ok(self
                .connection
                .get_selection_owner(self.atom(selection)?)?
                .reply()?
                .owner)
        };
        owner().is_ok_and(|owner| owner != x11rb::NONE)
    }

    /// Windows on the screen that their programs have put there past the window manager, and whose class has that in it.
    pub(crate) fn unmanaged(&self, class: &str) -> anyhow::Result<Vec<Window>> {
        let mut windows = Vec::new();
        for id in self.connection.query_tree(self.root)?.reply()?.children {
            // A window may go away in the middle of this.
            let Ok(attributes) = self.connection.get_window_attributes(id)?.reply() else {
                continue;
            };
            let Ok(geometry) = self.connection.get_geometry(id)?.reply() else {
                continue;
            };
            let name = self
                .connection
                .get_property(false, id, AtomEnum::WM_CLASS, AtomEnum::ANY, 0, 64)?
                .reply();
            let name = name
                .map(|name| String::from_utf8_lossy(&name.value).to_lowercase())
                .unwrap_or_default();
            if attributes.override_redirect && attributes.map_state == MapState::VIEWABLE && name.contains(class) {
                let area = Area {
                    x: geometry.x.into(),
                    y: geometry.y.into(),
                    width: geometry.width.into(),
                    height: geometry.height.into(),
                };
                windows.push(Window::new(id, 0, name, area));
            }
        }
        Ok(windows)
    }

    /// The window that has the keyboard, as the window manager says.
    pub(crate) fn focused(&self) -> Option<u32> {
        self.words(self.root, "_NET_ACTIVE_WINDOW").ok()?.first().copied()
    }

    fn image(&self, x: i16, y: i16, width: u16, height: u16) -> anyhow::Result<Vec<[u8; 3]>> {
        let reply = self
            .connection
            .get_image(ImageFormat::Z_PIXMAP, self.root, x, y, width, height, !0)?
            .reply()?;
        let bits = |pixel: u32, first: u32, count: u32| {
            let most = (1 << count) - 1;
            ((pixel >> first & most) * 255 / most) as u8
        };
        let pixels = |bytes: usize, layout: [(u32, u32); 3]| {
            let pixel = |raw: &[u8]| {
                raw.iter()
                    .rev()
                    .fold(0, |pixel: u32, byte| pixel << 8 | u32::from(*byte))
            };
            reply
                .data
                .chunks_exact(bytes)
                .map(|raw| layout.map(|(first, count)| bits(pixel(raw), first, count)))
                .collect()
        };
        Ok(match reply.depth {
            16 => pixels(2, [(11, 5), (5, 6), (0, 5)]),
            30 => pixels(4, [(20, 10), (10, 10), (0, 10)]),
            _ => reply
                .data
                .chunks_exact(4)
                .map(|pixel| [pixel[2], pixel[1], pixel[0]])
                .collect(),
        })
    }

    pub(crate) fn picture(&self) -> anyhow::Result<Picture> {
        let pixels = self.image(0, 0, u16::try_from(SCREEN.0)?, u16::try_from(SCREEN.1)?)?;
        Picture::new(SCREEN.0, SCREEN.1, pixels).context("a picture of another size")
    }

    pub(crate) fn pixel(&self, x: i32, y: i32) -> Option<[u8; 3]> {
        self.image(i16::try_from(x).ok()?, i16::try_from(y).ok()?, 1, 1)
            .ok()?
            .first()
            .copied()
    }
}
