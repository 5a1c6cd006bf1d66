//! A private desktop: display server, window manager, message bus; and what a person does at it.

use crate::picture::Picture;
use crate::programs::{Cell as MirrorCell, mirror};
use crate::seat::Seat;
use crate::wayland::Sway;
use crate::x11::{Screen, Settings, Sizes, Xvfb};
use crate::{Running, TOOLBAR, poll};
use std::cell::Cell;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Size of the screen in pixels.
pub const SCREEN: (u32, u32) = (1600, 1000);

pub(crate) enum Server {
    X11(Box<Xvfb>),
    Wayland(Box<Sway>),
}

/// A display server with everything around it. All of it ends when this is dropped.
pub struct Desktop {
    pub(crate) server: Server,
    // The bus goes after the server, the directory last.
    bus: Guard,
    environment: Vec<(String, String)>,
    directory: tempfile::TempDir,
    counter: AtomicU32,
}

/// A window on the screen: what is inside of the window manager's own border.
#[derive(Clone, Debug)]
pub struct Window {
    /// The server's number for it.
    pub id: u32,
    /// The process that it belongs to; 0 if it does not say.
    pub process: u32,
    /// Its title.
    pub title: String,
    /// Area in which it was last seen.
    area: Cell<Area>,
}

/// Area of a window on the screen, in pixels; its height with the shell's toolbar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
}

impl Window {
    pub(crate) fn new(id: u32, process: u32, title: String, area: Area) -> Self {
        Self {
            id,
            process,
            title,
            area: Cell::new(area),
        }
    }

    /// Left edge on the screen, in pixels.
    pub fn x(&self) -> i32 {
        self.area.get().x
    }

    /// Top edge.
    pub fn y(&self) -> i32 {
        self.area.get().y
    }

    /// Width.
    pub fn width(&self) -> i32 {
        self.area.get().width
    }

    /// Height, the shell's toolbar included.
    pub fn height(&self) -> i32 {
        self.area.get().height
    }

    /// A point of the program's framebuffer, on the screen.
    pub fn frame(&self, (x, y): (i32, i32)) -> (i32, i32) {
        (self.x() + x, self.y() + TOOLBAR + y)
    }
}

/// A device of ours has done what it was told.
fn must(result: anyhow::Result<()>) {
    if let Err(error) = result {
        panic!("no input: {error:#}");
    }
}

/// A helper process that ends with its guard.
pub(crate) struct Guard(pub(crate) Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Gives a command a home of its own in `directory`, and no display.
pub fn isolate(command: &mut Command, directory: &Path) {
    for (name, folder) in [
        ("HOME", "home"),
        ("XDG_RUNTIME_DIR", "runtime"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_STATE_HOME", "state"),
    ] {
        let path = directory.join(folder);
        let made = std::fs::create_dir_all(&path).and_then(|()| private(&path));
        assert!(made.is_ok(), "can't make {}", path.display());
        command.env(name, path);
    }
    for name in [
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "SWAYSOCK",
        "DBUS_SESSION_BUS_ADDRESS",
        "XMODIFIERS",
        "AT_SPI_BUS_ADDRESS",
    ] {
        command.env_remove(name);
    }
    // C.UTF-8 has dead keys and Compose and is there on every system.
    command
        .env("LC_ALL", "C.UTF-8")
        .env("WINIT_X11_SCALE_FACTOR", "1")
        .env("NO_COLOR", "1")
        .env("RUST_BACKTRACE", "0");
}

fn private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
}

/// The first line that a helper writes to its standard output: its address.
pub(crate) fn first_line(child: &mut Child) -> Option<String> {
    use std::io::BufRead;
    let mut line = String::new();
    std::io::BufReader::new(child.stdout.take()?)
        .read_line(&mut line)
        .ok()?;
    let line = line.trim().to_owned();
    (!line.is_empty()).then_some(line)
}

impl Desktop {
    /// A virtual X server with a small window manager; `None`, said on standard error, where a tool for it is missing.
    pub fn x11() -> Option<Self> {
        Self::x11_with(&[])
    }

    /// As [`Desktop::x11`], with more environment for all that runs on it.
    pub fn x11_with(environment: &[(&str, &str)]) -> Option<Self> {
        Self::x11_on(Screen::default(), environment)
    }

    /// As [`Desktop::x11_with`], on a server that is like this.
    pub fn x11_on(screen: Screen<'_>, environment: &[(&str, &str)]) -> Option<Self> {
        if !crate::installed(&["Xvfb", "openbox", "xdotool", "dbus-daemon"]) {
            return None;
        }
        let directory = Self::place();
        let (server, mut added) = Xvfb::start(directory.path(), screen);
        added.extend(
            environment
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let desktop = Self::assemble(Server::X11(Box::new(server)), directory, added);
        if let Server::X11(server) = &desktop.server {
            server.manage(desktop.command("openbox"));
        }
        Some(desktop)
    }

    /// A headless Wayland compositor; `None`, said on standard error, where a tool for it is missing.
    pub fn wayland() -> Option<Self> {
        if !crate::installed(&["sway", "swaymsg", "grim", "setpriv", "dbus-daemon"]) {
            return None;
        }
        let directory = Self::place();
        let (server, added) = Sway::start(directory.path());
        Some(Self::assemble(Server::Wayland(Box::new(server)), directory, added))
    }

    fn place() -> tempfile::TempDir {
        match tempfile::Builder::new().prefix("portico-").tempdir() {
            Ok(directory) => directory,
            Err(error) => panic!("no temporary directory: {error}"),
        }
    }

    fn assemble(server: Server, directory: tempfile::TempDir, mut environment: Vec<(String, String)>) -> Self {
        let mut command = Command::new("dbus-daemon");
        isolate(&mut command, directory.path());
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command
            .args(["--session", "--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut bus = match command.spawn() {
            Ok(child) => Guard(child),
            Err(error) => panic!("dbus-daemon can't be started: {error}"),
        };
        let Some(address) = first_line(&mut bus.0) else {
            panic!("dbus-daemon has no address")
        };
        environment.push(("DBUS_SESSION_BUS_ADDRESS".to_owned(), address));
        Self {
            server,
            bus,
            environment,
            directory,
            counter: AtomicU32::new(0),
        }
    }

    /// Lets programs that start from now on be reached by assistive technology; `false`, said on standard error, where a
    /// tool for it is missing.
    pub fn accessible(&self) -> bool {
        let modules = Command::new("/usr/bin/python3")
            .args([
                "-c",
                "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi",
            ])
            .stderr(Stdio::null())
            .status();
        if !modules.is_ok_and(|status| status.success()) {
            eprintln!("skipped: python3-gi with AT-SPI is not installed (`cargo xtask test` installs it)");
            return false;
        }
        self.enable_access();
        true
    }

    /// A variable of the environment of all that runs on it.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.environment
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| &**value)
    }

    /// Address of its message bus.
    pub fn bus(&self) -> &str {
        self.variable("DBUS_SESSION_BUS_ADDRESS").unwrap_or_default()
    }

    /// Its message bus stops, and does nothing from now on.
    ///
    /// # Panics
    /// When it can't be stopped.
    pub fn stop_bus(&self) {
        let stopped = Command::new("kill")
            .args(["-STOP", &self.bus.0.id().to_string()])
            .status();
        assert!(stopped.is_ok_and(|status| status.success()), "the bus can't be stopped");
    }

    /// Where this desktop keeps everything.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// A file name in [`Desktop::directory`] that has not been used yet.
    pub(crate) fn unused(&self, name: &str) -> PathBuf {
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        self.directory().join(format!("{number}-{name}"))
    }

    /// A command that runs on this desktop.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        isolate(&mut command, self.directory());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a small tool to its end; what it wrote.
    pub(crate) fn tool(&self, program: &str, arguments: &[&str]) -> Vec<u8> {
        match self.command(program).args(arguments).stderr(Stdio::null()).output() {
            Ok(output) => output.stdout,
            Err(error) => panic!("{program} can't be started: {error}"),
        }
    }

    /// What is on the screen now.
    pub fn picture(&self) -> Picture {
        let picture = match &self.server {
            Server::X11(server) => server.picture(),
            Server::Wayland(_) => Picture::decode(&self.tool("grim", &["-"])),
        };
        match picture {
            Ok(picture) => picture,
            Err(error) => panic!("no picture of the screen: {error}"),
        }
    }

    /// The windows on the screen, in the order in which they came.
    pub fn windows(&self) -> Vec<Window> {
        match &self.server {
            Server::X11(server) => server.windows().unwrap_or_default(),
            Server::Wayland(server) => server.windows(&self.tool("swaymsg", &["-r", "-t", "get_tree"])),
        }
    }

    /// Waits for a window whose title has that in it.
    ///
    /// # Panics
    /// When none comes.
    pub fn window(&self, title: &str) -> Window {
        let find = || {
            self.windows()
                .into_iter()
                .find(|window| window.title.contains(title) && window.height() > TOOLBAR)
        };
        poll(find).unwrap_or_else(|| self.fail(&format!("no window {title:?} but {:?}", self.windows())))
    }

    /// Starts the mirror and waits until it is shown, where the window system has put it, and has the focus.
    ///
    /// # Panics
    /// When it does not come to that.
    pub fn mirror(&self, marker: [u8; 3]) -> (Running, Window) {
        let running = self.run("mirror", &mirror("Mirror", marker));
        // The window may still move and grow after it was first seen.
        let placed = |cell: MirrorCell, is: &dyn Fn([u8; 3]) -> bool| {
            poll(|| Some(self.window("Mirror")).filter(|window| is(self.read(window, cell))))
        };
        let Some(window) = placed(MirrorCell::Marker, &|rgb| rgb == marker) else {
            self.fail("the mirror is not shown")
        };
        self.focus(&window);
        let Some(window) = placed(MirrorCell::WindowWidth, &|rgb| rgb[2] == 0b11) else {
            self.fail("the program does not learn of its focus")
        };
        (running, window)
    }

    /// Puts a text on the clipboard; says whether there is a tool for it here.
    pub fn copy(&self, text: &str) -> bool {
        let (tool, arguments): (&str, &[&str]) = match &self.server {
            Server::X11(_) => ("xclip", &["-selection", "clipboard", "-in"]),
            Server::Wayland(_) => ("wl-copy", &[]),
        };
        if !crate::installed(&[tool]) {
            return false;
        }
        // Both go on in the background, with the pipe of whoever waits for what they say.
        let nothing = std::process::Stdio::null;
        let mut command = self.command(tool);
        command
            .args(arguments)
            .stdin(std::process::Stdio::piped())
            .stdout(nothing())
            .stderr(nothing());
        let copied = command.spawn().and_then(|mut child| {
            use std::io::Write;
            child
                .stdin
                .take()
                .map_or(Ok(()), |mut stdin| stdin.write_all(text.as_bytes()))?;
            child.wait()
        });
        copied.is_ok_and(|status| status.success())
    }

    /// What the clipboard holds; `None`, said on standard error, where a tool for it is missing.
    pub fn clipboard(&self) -> Option<String> {
        let (tool, arguments): (&str, &[&str]) = match &self.server {
            Server::X11(_) => ("xclip", &["-selection", "clipboard", "-out"]),
            Server::Wayland(_) => ("wl-paste", &["--no-newline"]),
        };
        crate::installed(&[tool]).then(|| String::from_utf8_lossy(&self.tool(tool, arguments)).into_owned())
    }

    /// Waits until no window has that in its title.
    ///
    /// # Panics
    /// When one still has.
    pub fn window_gone(&self, title: &str) {
        if poll(|| {
            self.windows()
                .iter()
                .all(|window| !window.title.contains(title))
                .then_some(())
        })
        .is_none()
        {
            self.fail(&format!("the window {title:?} is still there"));
        }
    }

    /// The colour at a point of the screen.
    pub fn pixel(&self, (x, y): (i32, i32)) -> Option<[u8; 3]> {
        match &self.server {
            Server::X11(server) => server.pixel(x, y),
            Server::Wayland(_) => self.picture().at(x, y),
        }
    }

    /// Waits until a point of a window's framebuffer has that colour.
    ///
    /// # Panics
    /// When it does not get it.
    pub fn shows(&self, window: &Window, point: (i32, i32), rgb: [u8; 3]) {
        if poll(|| (self.pixel_in(window, point) == Some(rgb)).then_some(())).is_none() {
            let seen = self.pixel(window.frame(point));
            self.fail(&format!("{window:?} at {point:?} is {seen:?}, not {rgb:?}"));
        }
    }

    /// The pixel at a point of a window's framebuffer, if the window has not moved or grown since it was last looked at. A window
    /// whose first frame comes late is shown with a size of the shell's first.
    fn pixel_in(&self, window: &Window, point: (i32, i32)) -> Option<[u8; 3]> {
        let seen = self.pixel(window.frame(point));
        let now = self.windows().into_iter().find(|now| now.id == window.id)?;
        (window.area.replace(now.area.get()) == now.area.get()).then_some(seen)?
    }

    /// Waits until a cell of the mirror shows that colour.
    ///
    /// # Panics
    /// When it does not.
    pub fn cell(&self, window: &Window, cell: MirrorCell, rgb: [u8; 3]) {
        if poll(|| (self.pixel_in(window, cell.middle()) == Some(rgb)).then_some(())).is_none() {
            let seen = self.read(window, cell);
            self.fail(&format!("{cell:?} of {window:?} is {seen:?}, not {rgb:?}"));
        }
    }

    /// What a cell of the mirror shows now.
    pub fn read(&self, window: &Window, cell: MirrorCell) -> [u8; 3] {
        self.pixel(window.frame(cell.middle())).unwrap_or_default()
    }

    /// Frames a second that an animator's window shows, over `time`.
    pub fn rate(&self, window: &Window, time: Duration) -> f64 {
        let point = window.frame((window.width() / 2, (window.height() - TOOLBAR) / 2));
        let read = || {
            let [low, middle, high] = self.pixel(point).unwrap_or_default();
            (Instant::now(), f64::from(u32::from_le_bytes([low, middle, high, 0])))
        };
        let (start, first) = read();
        std::thread::sleep(time);
        let (end, last) = read();
        (last - first) / end.duration_since(start).as_secs_f64()
    }

    /// Presses and releases a key with modifiers, for example `ctrl+r`, by the names of X keysyms.
    pub fn key(&self, key: &str) {
        match &self.server {
            Server::X11(_) => drop(self.tool("xdotool", &["key", key])),
            Server::Wayland(_) => {
                key.split('+').for_each(|key| self.key_down(key));
                key.rsplit('+').for_each(|key| self.key_up(key));
            }
        }
    }

    /// Presses a key and holds it.
    pub fn key_down(&self, key: &str) {
        match &self.server {
            Server::X11(_) => drop(self.tool("xdotool", &["keydown", key])),
            Server::Wayland(server) => must(server.seat.key(key, true)),
        }
    }

    /// Lets go of a key.
    pub fn key_up(&self, key: &str) {
        match &self.server {
            Server::X11(_) => drop(self.tool("xdotool", &["keyup", key])),
            Server::Wayland(server) => must(server.seat.key(key, false)),
        }
    }

    /// Types a text of small ASCII letters.
    pub fn type_text(&self, text: &str) {
        match &self.server {
            Server::X11(_) => drop(self.tool("xdotool", &["type", "--delay", "20", text])),
            Server::Wayland(_) => text
                .chars()
                .for_each(|letter| self.key(letter.encode_utf8(&mut [0; 4]))),
        }
    }

    /// Whether its display server is an X server.
    pub fn is_x11(&self) -> bool {
        matches!(self.server, Server::X11(_))
    }

    /// The input method of a Wayland compositor; `None` on X11.
    pub(crate) fn seat(&self) -> Option<&Seat> {
        match &self.server {
            Server::X11(_) => None,
            Server::Wayland(server) => Some(&server.seat),
        }
    }

    /// Shows a text that an input method is composing in the window with the focus. Wayland only.
    ///
    /// # Panics
    /// When the window with the focus does not want an input method.
    pub fn compose(&self, text: &str) {
        let Some(seat) = self.seat() else { return };
        if poll(|| seat.composes().then_some(())).is_none() {
            self.fail("no window wants an input method");
        }
        must(seat.compose(text));
    }

    /// Gives a text that an input method has composed to the window with the focus. Wayland only.
    pub fn give(&self, text: &str) {
        if let Some(seat) = self.seat() {
            must(seat.give(text));
        }
    }

    /// The same from an input method that has not heard that anything has changed since it composed. Wayland only.
    pub fn give_late(&self, text: &str) {
        if let Some(seat) = self.seat() {
            must(seat.give_late(text));
        }
    }

    /// Moves the pointer there.
    pub fn point(&self, point: (i32, i32)) {
        match &self.server {
            Server::X11(_) => drop(self.tool("xdotool", &["mousemove", &point.0.to_string(), &point.1.to_string()])),
            Server::Wayland(server) => must(server.seat.point(point, SCREEN)),
        }
    }

    /// Moves the pointer by so many pixels, as a mouse does.
    pub fn shift(&self, way: (i32, i32)) {
        match &self.server {
            Server::X11(_) => {
                drop(self.tool(
                    "xdotool",
                    &["mousemove_relative", "--", &way.0.to_string(), &way.1.to_string()],
                ));
            }
            Server::Wayland(server) => must(server.seat.shift(way)),
        }
    }

    /// Presses and releases a button where the pointer is: 1 left, 2 middle, 3 right, 4 and 5 scroll up and down.
    pub fn button(&self, button: u32) {
        match &self.server {
            Server::X11(_) => drop(self.tool("xdotool", &["click", &button.to_string()])),
            Server::Wayland(server) => match button {
                4 => must(server.seat.wheel(-1)),
                5 => must(server.seat.wheel(1)),
                _ => {
                    let code = [0x110, 0x112, 0x111][button.saturating_sub(1).min(2) as usize];
                    must(server.seat.button(code, true));
                    must(server.seat.button(code, false));
                }
            },
        }
    }

    /// Presses the left button where the pointer is, or lets go of it.
    pub fn hold_button(&self, down: bool) {
        match &self.server {
            Server::X11(_) => drop(self.tool("xdotool", &[if down { "mousedown" } else { "mouseup" }, "1"])),
            Server::Wayland(server) => must(server.seat.button(0x110, down)),
        }
    }

    /// Clicks there with the left button.
    pub fn click(&self, point: (i32, i32)) {
        self.point(point);
        // A person takes longer; toolkits want to have seen the pointer first.
        std::thread::sleep(Duration::from_millis(60));
        self.button(1);
    }

    /// Drags a file to a point of the screen over a window, and lets go of it; `false` on Wayland, where the window library tells
    /// programs of no drops.
    ///
    /// # Panics
    /// When the window does not take it.
    pub fn drop_file(&self, window: &Window, point: (i32, i32), file: &Path) -> bool {
        self.drop_all(window, point, &[crate::drag::address(file)])
    }

    /// The same with several things, by their addresses.
    ///
    /// # Panics
    /// As [`Desktop::drop_file`].
    pub fn drop_all(&self, window: &Window, point: (i32, i32), addresses: &[String]) -> bool {
        let Server::X11(server) = &self.server else {
            return false;
        };
        if poll(|| server.has_proxy(window.id).then_some(())).is_none() {
            self.fail("the window does not take drops");
        }
        self.point(point);
        if let Err(error) = server.drop_all(window.id, point, addresses) {
            self.fail(&format!(
                "{addresses:?} are not dropped on {:?}: {error:#}",
                window.title
            ));
        }
        true
    }

    /// Gives a window the keyboard, as its window manager does.
    ///
    /// # Panics
    /// When it does not get it.
    pub fn focus(&self, window: &Window) {
        match &self.server {
            Server::X11(server) => {
                self.tool("xdotool", &["windowactivate", "--sync", &window.id.to_string()]);
                if poll(|| (server.focused() == Some(window.id)).then_some(())).is_none() {
                    self.fail(&format!("{:?} does not get the focus", window.title));
                }
            }
            Server::Wayland(_) => drop(self.tool("swaymsg", &[&format!("[con_id={}] focus", window.id)])),
        }
    }

    /// Asks for another size of a window, its toolbar included.
    pub fn resize(&self, window: &Window, width: i32, height: i32) {
        let id = window.id.to_string();
        match &self.server {
            Server::X11(_) => drop(self.tool("xdotool", &["windowsize", &id, &width.to_string(), &height.to_string()])),
            Server::Wayland(_) => {
                drop(self.tool(
                    "swaymsg",
                    &[&format!("[con_id={id}] resize set {width} px {height} px")],
                ));
            }
        }
    }

    /// Gives the display another scale: so many pixels a point. Wayland only.
    pub fn scale(&self, scale: f64) {
        if self.seat().is_some() {
            self.tool("swaymsg", &["output", "*", "scale", &scale.to_string()]);
        }
    }

    /// Moves a window to a point of the screen.
    pub fn move_to(&self, window: &Window, (x, y): (i32, i32)) {
        let (id, x, y) = (window.id.to_string(), x.to_string(), y.to_string());
        match &self.server {
            Server::X11(_) => drop(self.tool("xdotool", &["windowmove", &id, &x, &y])),
            Server::Wayland(_) => {
                drop(self.tool(
                    "swaymsg",
                    &[&format!("[con_id={id}] move absolute position {x} px {y} px")],
                ));
            }
        }
    }

    /// Minimises a window, as its window manager would be asked to; says whether this desktop does that.
    pub fn minimise(&self, window: &Window) -> bool {
        match &self.server {
            Server::X11(_) => {
                self.tool("xdotool", &["windowminimize", "--sync", &window.id.to_string()]);
                true
            }
            Server::Wayland(_) => false,
        }
    }

    /// Closes a window as the desktop does, not by the window's own button.
    pub fn close(&self, window: &Window) {
        match &self.server {
            Server::X11(server) => {
                self.focus(window);
                self.key("alt+F4");
                server.closed(window.id);
            }
            Server::Wayland(_) => drop(self.tool("swaymsg", &[&format!("[con_id={}] kill", window.id)])),
        }
    }

    /// Destroys a window under its program. X11 only.
    pub fn destroy(&self, window: &Window) {
        if let Server::X11(server) = &self.server {
            must(server.destroy(window.id));
        }
    }

    /// Cuts the program of a window off from the display server. X11 only.
    pub fn kill_client(&self, window: &Window) {
        if let Server::X11(server) = &self.server {
            must(server.kill_client(window.id));
        }
    }

    /// Ends the display server under everything that runs on it.
    pub fn end_server(&self) {
        match &self.server {
            Server::X11(server) => server.end(),
            Server::Wayland(server) => server.end(),
        }
    }

    /// Takes charge of the desktop's settings; `None` on Wayland.
    pub fn settings(&self) -> Option<Settings> {
        let Server::X11(server) = &self.server else { return None };
        match server.settings() {
            Ok(settings) => Some(settings),
            Err(error) => panic!("nobody can be in charge of the settings: {error:#}"),
        }
    }

    /// Sets the resources of the display server, as `xrdb` does. X11 only.
    pub fn set_resources(&self, resources: &str) {
        if let Server::X11(server) = &self.server {
            must(server.set_resources(resources));
        }
    }

    /// Watches a window's sizes from here on; `None` on Wayland.
    pub fn sizes(&self, window: &Window) -> Option<Sizes> {
        let Server::X11(server) = &self.server else { return None };
        match server.sizes(window.id) {
            Ok(sizes) => Some(sizes),
            Err(error) => panic!("a window's sizes can't be watched: {error:#}"),
        }
    }

    /// Ends the test, with a picture of the screen.
    ///
    /// # Panics
    /// Always.
    pub fn fail(&self, why: &str) -> ! {
        let name = std::thread::current().name().unwrap_or("test").replace(':', "-");
        let path = crate::shell::binary().with_file_name(format!("e2e-{name}.png"));
        match self.picture().save(&path) {
            Ok(()) => panic!("{why} (picture: {})", path.display()),
            Err(_) => panic!("{why}"),
        }
    }
}
