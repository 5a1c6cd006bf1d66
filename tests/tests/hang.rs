//! Nothing outside of the shell holds its windows up: each thing that the shell asks, reads or writes hangs in turn, while the shell
//! answers, a window keeps its rate, and the HUD opens.
#![allow(clippy::unwrap_used, reason = "tests")]

use portico_tests::owner::Owner;
use portico_tests::programs::{OnKey, animator, save, still, with_icon};
use portico_tests::shell::binary;
use portico_tests::{Desktop, PATIENCE, Picture, Running, Window, poll};
use serde_json::{Value, json};
use std::any::Any;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const RED: [u8; 3] = [220, 30, 30];
const SIZE: (u32, u32) = (640, 400);
/// How long the event thread may be busy with anything, on a machine that is busy itself. What hangs does so for a second or more.
const AT_ONCE: Duration = Duration::from_millis(700);

/// A shell with a window that moves and one that does not.
struct Scene<'a> {
    desktop: &'a Desktop,
    ipc: Ipc,
    moving: u64,
    still: Window,
    _shell: Box<dyn Any>,
    _moving: Running,
}

/// A client of the shell's socket.
struct Ipc {
    stream: BufReader<UnixStream>,
}

impl Ipc {
    fn to(desktop: &Desktop) -> Self {
        let folder = desktop.directory().join("runtime/portico");
        let find = || {
            let entries = std::fs::read_dir(&folder).ok()?;
            let mut sockets = entries.filter_map(|entry| Some(entry.ok()?.path()));
            let socket = sockets.find(|path| path.extension().is_some_and(|extension| extension == "sock"))?;
            let stream = UnixStream::connect(&socket).ok()?;
            stream.set_read_timeout(Some(PATIENCE)).ok()?;
            Some(Self {
                stream: BufReader::new(stream),
            })
        };
        poll(find).unwrap_or_else(|| desktop.fail("no shell listens"))
    }

    fn send(&mut self, request: &Value) {
        let line = format!("{request}\n");
        self.stream.get_mut().write_all(line.as_bytes()).unwrap();
    }

    /// What the shell answers once it has accepted a request; `Null` if it does not.
    fn ask(&mut self, request: &Value) -> Value {
        self.send(request);
        let accepted = self.line();
        if accepted["answer"] == "accepted" {
            self.line()
        } else {
            accepted
        }
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap_or_default();
        serde_json::from_str(&line).unwrap_or_default()
    }
}

impl<'a> Scene<'a> {
    /// Two programs in one shell, which somebody starts with `start`.
    fn with<T: 'static>(desktop: &'a Desktop, start: impl FnOnce(&Path) -> T) -> Self {
        let shell = start(&save(
            desktop.directory(),
            "still",
            &still("Still", RED, SIZE, OnKey::Nothing),
        ));
        let mut ipc = Ipc::to(desktop);
        let program = desktop.run("moving", &animator("Moving", (320, 200)));
        let moves = |ipc: &mut Ipc| {
            let windows = ipc.ask(&json!({"request": "windows"}));
            let windows = windows["windows"].as_array()?;
            let moving = windows
                .iter()
                .find(|window| window["title"] == "Moving" && window["frames"].as_u64() > Some(5))?;
            moving["window"].as_u64()
        };
        let Some(moving) = poll(|| moves(&mut ipc)) else {
            desktop.fail("nothing moves")
        };
        let shown = || {
            let window = desktop
                .windows()
                .into_iter()
                .find(|window| window.title.contains("Still"))?;
            desktop.move_to(&window, (40, 40));
            (desktop.pixel(window.frame((20, 20))) == Some(RED)).then_some(window)
        };
        let Some(still) = poll(shown) else {
            desktop.fail("the still window is not shown")
        };
        desktop.move_to(&desktop.window("Moving"), (900, 500));
        desktop.focus(&still);
        let still = desktop.window("Still");
        Self {
            desktop,
            ipc,
            moving,
            still,
            _shell: Box::new(shell),
            _moving: program,
        }
    }

    fn new(desktop: &'a Desktop) -> Self {
        Self::with(desktop, |program| {
            desktop.portico(&["run", &program.display().to_string()])
        })
    }

    /// Frames of the moving window, and how long the shell took to say so.
    fn frames(&mut self) -> (u64, Duration) {
        let asked = Instant::now();
        let answer = self.ipc.ask(&json!({"request": "windows"}));
        let mut windows = answer["windows"].as_array().into_iter().flatten();
        let frames = windows
            .find(|window| window["window"] == self.moving)
            .and_then(|window| window["frames"].as_u64());
        let Some(frames) = frames else {
            self.desktop.fail(&format!("the shell does not answer: {answer}"))
        };
        (frames, asked.elapsed())
    }

    /// Frames a second of the moving window over some time, and the longest that the shell took to answer meanwhile.
    fn rate(&mut self, time: Duration) -> (f64, Duration) {
        let (start, mut longest) = (Instant::now(), Duration::ZERO);
        let (first, _) = self.frames();
        loop {
            std::thread::sleep(Duration::from_millis(40));
            let (last, took) = self.frames();
            longest = longest.max(took);
            if start.elapsed() > time {
                return ((last - first) as f64 / start.elapsed().as_secs_f64(), longest);
            }
        }
    }

    /// Does something that hangs: nothing of it is felt.
    fn goes_on(&mut self, what: &str, hang: impl FnOnce(&mut Self)) {
        let (before, _) = self.rate(Duration::from_millis(400));
        hang(self);
        let (after, longest) = self.rate(Duration::from_millis(1200));
        assert!(longest < AT_ONCE, "{what}: the shell took {longest:?} to answer");
        assert!(
            after > before * 0.6,
            "{what}: {before:.0} frames a second became {after:.0}"
        );
    }

    /// Whether something lies over the still window's picture.
    fn is_covered(&self) -> bool {
        let picture = self.desktop.picture();
        let (x, y) = self.still.frame((self.still.width() / 2, 0));
        (y + 20..y + 300).any(|y| picture.at(x, y) != Some(RED))
    }

    /// Whether the still window looks otherwise than it did in a picture, by more than a caret.
    fn differs(&self, before: &Picture) -> bool {
        let (now, (left, top)) = (self.desktop.picture(), self.still.frame((0, 0)));
        let points = (0..i32::try_from(SIZE.1).unwrap())
            .flat_map(|y| (0..i32::try_from(SIZE.0).unwrap()).map(move |x| (left + x, top + y)));
        points.filter(|(x, y)| now.at(*x, *y) != before.at(*x, *y)).count() > 400
    }

    /// Opens the HUD over the still window, at once.
    fn open_hud(&mut self) {
        let asked = Instant::now();
        self.desktop.key("ctrl+space");
        if poll(|| self.is_covered().then_some(())).is_none() {
            self.desktop.fail("no HUD");
        }
        assert!(asked.elapsed() < AT_ONCE * 3, "the HUD took {:?}", asked.elapsed());
    }

    fn close_hud(&mut self) {
        self.desktop.key("Escape");
        if poll(|| (!self.is_covered()).then_some(())).is_none() {
            self.desktop.fail("the HUD stays");
        }
    }
}

fn fifo(path: &Path) {
    let made = std::fs::create_dir_all(path.parent().unwrap()).is_ok()
        && Command::new("mkfifo")
            .arg(path)
            .status()
            .is_ok_and(|status| status.success());
    assert!(made, "no pipe {}", path.display());
}

/// The clipboard's owner does not answer: a paste comes to nothing and says so, and the next owner's text is pasted.
fn paste(desktop: &Desktop, owners: &[Owner]) {
    let mut scene = Scene::new(desktop);
    for owner in owners {
        desktop.own_clipboard(*owner);
        scene.open_hud();
        let empty = desktop.picture();
        scene.goes_on(&format!("{owner:?}"), |_| desktop.key("ctrl+v"));
        if poll(|| scene.differs(&empty).then_some(())).is_none() {
            desktop.fail(&format!("{owner:?}: nothing says that nothing was pasted"));
        }
        scene.close_hud();
    }
    if desktop.copy("zzzz") {
        scene.open_hud();
        let empty = desktop.picture();
        desktop.key("ctrl+v");
        if poll(|| scene.differs(&empty).then_some(())).is_none() {
            desktop.fail("nothing is pasted");
        }
    }
}

#[test]
fn a_clipboard_owner_that_gives_nothing() {
    if let Some(desktop) = Desktop::x11() {
        paste(&desktop, &[Owner::Silent, Owner::Stalls]);
    }
}

#[test]
fn a_clipboard_owner_on_wayland_that_writes_nothing() {
    if let Some(desktop) = Desktop::wayland() {
        paste(&desktop, &[Owner::Silent]);
    }
}

/// A module under 1 KB whose icon would take for ever.
fn hostile(number: u8) -> Vec<u8> {
    let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256"><filter id="f" x="0" y="0" width="1" height="1"><feTurbulence baseFrequency="0.05" numOctaves="2000000000"/></filter><rect width="256" height="256" filter="url(#f)"/></svg>"##;
    with_icon(
        still("Hostile", [30, 30, 220], (200, 100), OnKey::Nothing),
        &format!("{svg}<!--{number}-->"),
    )
}

#[test]
fn an_icon_that_takes_for_ever() {
    let Some(desktop) = Desktop::x11() else { return };
    let accessible = desktop.accessible();
    let mut scene = Scene::new(&desktop);
    let mut running = None;
    scene.goes_on("an icon", |_| running = Some(desktop.run("hostile", &hostile(0))));
    desktop.window("Hostile");
    drop(running);
    desktop.window_gone("Hostile");
    // It is installed with the default icon, which takes no longer than the worker may.
    let file = save(desktop.directory(), "hostile", &hostile(1)).display().to_string();
    let mut install = desktop.portico(&["install", &file]);
    let installed = install.wait(PATIENCE).and_then(|status| status.code());
    assert_eq!(installed, Some(0), "{}", install.said());
    let entries = std::fs::read_dir(desktop.directory().join("data/applications"))
        .unwrap()
        .flatten();
    let entries: Vec<_> = entries
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .collect();
    let entry = entries.iter().find(|entry| entry.contains("Name=hostile\n"));
    assert!(
        entry.is_some_and(|entry| entry.contains("Icon=portico\n")),
        "{entries:?}"
    );
    // Home lists it while its icon, which nobody remembers any more, is being decoded, and opens it.
    // On a slow machine there is nothing to be forgotten.
    let _ = std::fs::remove_dir_all(desktop.directory().join("cache/portico/icons"));
    if accessible {
        scene.goes_on("home", |scene| {
            drop(scene.ipc.ask(&json!({"request": "open", "page": "home"})))
        });
        desktop.press("hostile");
        desktop.window("Hostile");
    }
    desktop.focus(&scene.still);
    scene.open_hud();
    scene.close_hud();
}

#[test]
fn a_pipe_among_the_fonts() {
    let Some(desktop) = Desktop::x11() else { return };
    fifo(&desktop.directory().join("data/fonts/pipe.ttf"));
    fifo(&desktop.directory().join("home/.fonts/pipe.ttf"));
    let mut scene = Scene::new(&desktop);
    // A title that Inter has no letters for, and the first HUD.
    let mut japanese = None;
    scene.goes_on("a font", |_| {
        japanese = Some(desktop.run("japanese", &still("\u{65e5}\u{672c}", RED, SIZE, OnKey::Nothing)));
    });
    drop(japanese);
    scene.desktop.focus(&scene.still);
    scene.open_hud();
    scene.close_hud();
}

/// The desktop's portal, which takes calls and never answers.
struct Portal;

#[zbus::interface(name = "org.freedesktop.portal.Settings")]
impl Portal {
    async fn read_one(&self, _space: String, _key: String) -> u32 {
        std::future::pending().await
    }
}

#[test]
fn a_portal_that_never_answers_and_a_bus_that_stops() {
    let Some(desktop) = Desktop::x11() else { return };
    let connect = || {
        let address = zbus::blocking::connection::Builder::address(desktop.bus())?;
        let named = address.name("org.freedesktop.portal.Desktop")?;
        named.serve_at("/org/freedesktop/portal/desktop", Portal)?.build()
    };
    let _portal = connect().unwrap();
    desktop.accessible();
    let mut scene = Scene::new(&desktop);
    scene.goes_on("a portal", |_| {});
    scene.goes_on("a bus", |scene| {
        scene.desktop.stop_bus();
        // Assistive technology is told of what the HUD shows.
        scene.open_hud();
        scene.close_hud();
    });
    // So does a shell that starts now.
    drop(scene);
    let mut scene = Scene::new(&desktop);
    scene.goes_on("a bus that has stopped before", |_| {});
    scene.open_hud();
    scene.close_hud();
}

#[test]
fn a_program_that_is_a_pipe() {
    let Some(desktop) = Desktop::x11() else { return };
    let mut scene = Scene::new(&desktop);
    let pipe = desktop.directory().join("pipe.wasm");
    fifo(&pipe);
    let mut waits = None;
    scene.goes_on("a program", |_| {
        waits = Some(desktop.portico(&["run", &pipe.display().to_string()]))
    });
    scene.desktop.focus(&scene.still);
    scene.open_hud();
    scene.close_hud();
    drop(waits);
}

#[test]
fn a_database_that_another_program_holds() {
    let Some(desktop) = Desktop::x11() else { return };
    let mut scene = Scene::new(&desktop);
    let set = |value: &str| json!({"request": "set", "key": "appearance", "value": value});
    assert_eq!(scene.ipc.ask(&set("light"))["answer"], "done");
    let file = desktop.directory().join("state/portico/state.redb");
    let Some(database) = poll(|| File::open(&file).ok()) else {
        desktop.fail("there is no database")
    };
    scene.goes_on("a database", |scene| {
        let held = poll(|| database.try_lock().ok());
        assert!(held.is_some(), "the database can't be held");
        // Something waits to be written, somebody waits until it is, and something else is to be written after it.
        scene.ipc.ask(&set("dark"));
        let mut reader = Ipc::to(scene.desktop);
        reader.send(&json!({"request": "grants"}));
        std::thread::sleep(Duration::from_millis(100));
        let asked = Instant::now();
        assert_eq!(scene.ipc.ask(&set("light"))["answer"], "done");
        assert!(
            asked.elapsed() < AT_ONCE,
            "a database: the shell took {:?} to set something",
            asked.elapsed()
        );
        scene.open_hud();
        scene.close_hud();
        drop(reader);
    });
}

#[test]
fn a_client_that_does_not_read() {
    let Some(desktop) = Desktop::x11() else { return };
    let mut scene = Scene::new(&desktop);
    let mut deaf = Ipc::to(&desktop);
    scene.goes_on("a client", |scene| {
        let window = scene.moving;
        for _ in 0..30 {
            deaf.send(&json!({"request": "screenshot", "window": window}));
        }
        scene.open_hud();
        scene.close_hud();
    });
}

/// A shell whose terminal nobody reads.
struct Unread(Child);

impl Drop for Unread {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_terminal_that_nobody_reads() {
    let Some(desktop) = Desktop::x11() else { return };
    let (_unread, mut terminal) = std::io::pipe().unwrap();
    let mut command = desktop.command(binary());
    command
        .env("PORTICO_LOG", "trace")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command.stderr(terminal.try_clone().unwrap());
    // As much as it takes, and more: this ends with the other end.
    std::thread::spawn(move || terminal.write_all(&[b'x'; 1 << 20]));
    let mut scene = Scene::with(&desktop, |program| {
        Unread(command.arg("run").arg(program).spawn().unwrap())
    });
    scene.goes_on("a terminal", |scene| {
        for _ in 0..3 {
            scene.open_hud();
            scene.close_hud();
        }
    });
}
