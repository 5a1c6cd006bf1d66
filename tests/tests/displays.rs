//! Displays of other scales and depths, displays that lack something, and displays that go away.

use portico_tests::desktop::isolate;
use portico_tests::programs::{BACKGROUND, Cell, HEIGHT, OnKey, WIDTH, mirror, save, still};
use portico_tests::shell::binary;
use portico_tests::{Desktop, PATIENCE, Picture, Running, Screen, TOOLBAR, Window, installed, poll};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

const MARKER: [u8; 3] = [200, 120, 40];
const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const SIZE: (u32, u32) = (640, 400);

/// Waits until a window has a size.
fn sized(desktop: &Desktop, title: &str, size: (i32, i32)) -> Window {
    let sized = |window: &Window| window.title.contains(title) && (window.width(), window.height()) == size;
    poll(|| desktop.windows().into_iter().find(sized))
        .unwrap_or_else(|| desktop.fail(&format!("{title:?} is not {size:?}: {:?}", desktop.windows())))
}

/// Waits until the mirror's picture is the right one for a scale: a pixel of its frame is so many of the display's.
fn mirrored(desktop: &Desktop, scale: i32) -> Window {
    let size = (scale * WIDTH as i32, scale * (HEIGHT as i32 + TOOLBAR));
    let at = |cell: Cell| (scale * cell.middle().0, scale * cell.middle().1 + (scale - 1) * TOOLBAR);
    let height = scale as u32 * HEIGHT;
    let cells = [
        (Cell::Marker, MARKER),
        (
            Cell::WindowHeight,
            [(height & 255) as u8, (height >> 8) as u8, 16 * scale as u8],
        ),
    ];
    // A window that grows on the screen is moved after that.
    let shown = || {
        let window = desktop
            .windows()
            .into_iter()
            .find(|window| window.title.contains("Mirror"))?;
        let is = |(cell, colour): &(Cell, [u8; 3])| desktop.pixel(window.frame(at(*cell))) == Some(*colour);
        ((window.width(), window.height()) == size && cells.iter().all(is)).then_some(window)
    };
    let window = poll(shown).unwrap_or_else(|| desktop.fail(&format!("not at {scale}: {:?}", desktop.windows())));
    // The toolbar is drawn at this scale, too.
    let picture = with_toolbar(desktop, &window, scale, 8);
    let toolbar = (window.x(), window.y(), window.width(), scale * TOOLBAR);
    assert_eq!(
        picture.count(toolbar, BACKGROUND),
        0,
        "the toolbar is not {scale} times as high"
    );
    window
}

/// Waits until a window has a toolbar with words and buttons, which need more than so many colours: they come when fonts do.
fn with_toolbar(desktop: &Desktop, window: &Window, scale: i32, colours: usize) -> Picture {
    let toolbar = (window.x(), window.y(), window.width(), scale * TOOLBAR);
    let drawn = || Some(desktop.picture()).filter(|picture| picture.colours(toolbar) > colours);
    poll(drawn).unwrap_or_else(|| desktop.fail("the toolbar is empty"))
}

#[test]
fn scale_follows_the_settings_manager() {
    let Some(desktop) = Desktop::x11_with(&[("WINIT_X11_SCALE_FACTOR", "")]) else {
        return;
    };
    let Some(settings) = desktop.settings() else { return };
    settings.scale(1.0);
    let _running = desktop.run("mirror", &mirror("Mirror", MARKER));
    desktop.move_to(&mirrored(&desktop, 1), (20, 30));
    let window = desktop.window("Mirror");
    let Some(mut sizes) = desktop.sizes(&window) else {
        return;
    };
    settings.scale(2.0);
    let window = mirrored(&desktop, 2);
    // The window library tells of the scale once more when the window has moved.
    desktop.move_to(&window, (60, 80));
    desktop.focus(&window);
    let window = mirrored(&desktop, 2);
    desktop.point(window.frame((200, 300)));
    let position = (2 * Cell::Position.middle().0, 2 * Cell::Position.middle().1 + TOOLBAR);
    desktop.shows(&window, position, [100, 130, 0]);
    assert_eq!(
        sizes.take(),
        [(2 * WIDTH as u16, 2 * (HEIGHT as u16 + 40))],
        "resized once"
    );
    // A later window begins at this scale.
    let other = desktop.run("other", &still("Other", RED, SIZE, OnKey::Nothing));
    sized(&desktop, "Other", (1280, 880));
    drop(other);
    settings.scale(1.0);
    mirrored(&desktop, 1);
    assert_eq!(sizes.take(), [(WIDTH as u16, HEIGHT as u16 + 40)], "resized once");
}

#[test]
fn scale_comes_back_with_a_full_screen_between() {
    let Some(desktop) = Desktop::x11_with(&[("WINIT_X11_SCALE_FACTOR", "")]) else {
        return;
    };
    let Some(settings) = desktop.settings() else { return };
    settings.scale(1.0);
    let mut running = desktop.run("still", &still("Still", RED, SIZE, OnKey::Exit));
    let window = sized(&desktop, "Still", (640, 440));
    desktop.shows(&window, (20, 20), RED);
    desktop.focus(&window);
    desktop.key("F11");
    sized(&desktop, "Still", (1600, 1000));
    settings.scale(1.5);
    desktop.key("F11");
    let window = sized(&desktop, "Still", (960, 660));
    desktop.shows(&window, (20, 40), RED);
    settings.scale(1.0);
    sized(&desktop, "Still", (640, 440));
    // Nobody has resized it, so nothing is remembered: at another scale it has room for its frame again.
    desktop.key("x");
    assert!(running.wait(PATIENCE).is_some());
    settings.scale(2.0);
    let _again = desktop.run("still", &still("Still", RED, SIZE, OnKey::Exit));
    sized(&desktop, "Still", (1280, 880));
}

#[test]
fn scale_follows_the_resources() {
    let Some(desktop) = Desktop::x11_with(&[("WINIT_X11_SCALE_FACTOR", "")]) else {
        return;
    };
    desktop.set_resources("Xft.dpi:\t96\n");
    let _running = desktop.run("mirror", &mirror("Mirror", MARKER));
    mirrored(&desktop, 1);
    desktop.set_resources("Xft.dpi:\t192\n");
    mirrored(&desktop, 2);
    let _other = desktop.run("other", &still("Other", RED, SIZE, OnKey::Nothing));
    sized(&desktop, "Other", (1280, 880));
}

fn shows_both_colours(desktop: &Desktop) {
    let _red = desktop.run("red", &still("Red", RED, SIZE, OnKey::Nothing));
    let window = desktop.window("Red");
    desktop.shows(&window, (320, 200), RED);
    with_toolbar(desktop, &window, 1, 4);
    let _blue = desktop.run("blue", &still("Blue", BLUE, SIZE, OnKey::Nothing));
    desktop.shows(&desktop.window("Blue"), (320, 200), BLUE);
}

#[test]
fn windows_open_on_displays_of_other_depths() {
    for depth in [16, 30] {
        let Some(desktop) = Desktop::x11_on(
            Screen {
                depth,
                ..Screen::default()
            },
            &[],
        ) else {
            return;
        };
        shows_both_colours(&desktop);
    }
}

#[test]
fn windows_open_on_displays_that_lack_what_can_be_done_without() {
    // Not XFIXES: the server itself fails without it, as soon as a client leaves.
    let without = ["MIT-SHM", "RENDER", "COMPOSITE", "DAMAGE", "GLX"];
    let Some(desktop) = Desktop::x11_on(
        Screen {
            without: &without,
            ..Screen::default()
        },
        &[],
    ) else {
        return;
    };
    shows_both_colours(&desktop);
}

/// Waits for the end of a run that can't go on, or not begin, without a display: it says so, and nothing else.
fn says_why(mut running: Running, words: &str) {
    let status = running.wait(PATIENCE);
    let said = running.said();
    assert_eq!(status.and_then(|status| status.code()), Some(121), "it said {said:?}");
    assert!(
        said.starts_with("portico: ") && said.contains(words),
        "it said {said:?}"
    );
    assert_eq!(said.lines().count(), 1, "it said {said:?}");
}

#[test]
fn a_display_that_lacks_what_windows_need_is_told_of() {
    let lacking: [(Screen<'_>, &str); 3] = [
        (
            Screen {
                without: &["RANDR"],
                ..Screen::default()
            },
            "RANDR",
        ),
        (
            Screen {
                depth: 8,
                ..Screen::default()
            },
            "8 bits",
        ),
        (
            Screen {
                depth: 16,
                without: &["COMPOSITE"],
            },
            "16 bits",
        ),
    ];
    for (screen, words) in lacking {
        let Some(desktop) = Desktop::x11_on(screen, &[]) else {
            return;
        };
        says_why(desktop.run("still", &still("Still", RED, SIZE, OnKey::Nothing)), words);
        says_why(desktop.portico(&[]), words);
    }
}

const LOST: &str = "the connection to the display is lost";

fn display_server_that_goes_ends_the_shell(desktop: &Desktop) {
    // One holds the cursor, which can't be given back.
    let (running, window) = desktop.mirror(MARKER);
    desktop.point(window.frame((160, 100)));
    desktop.cell(&window, Cell::Position, [160, 100, 0]);
    desktop.key("ctrl+l");
    desktop.cell(&window, Cell::Menu, [7, 1, 0x55]);
    // Another draws all the time, in the same shell: its client is told, too.
    let path = save(
        desktop.directory(),
        "animator",
        &portico_tests::programs::animator("Animator", (160, 100)),
    );
    let mut guest = desktop.portico(&["run", &path.display().to_string()]);
    desktop.window("Animator");
    desktop.end_server();
    says_why(running, LOST);
    assert_eq!(
        guest.wait(PATIENCE).and_then(|status| status.code()),
        Some(121),
        "{}",
        guest.said()
    );
}

mod wayland {
    #[test]
    fn display_server_that_goes_ends_the_shell() {
        if let Some(desktop) = super::Desktop::wayland() {
            super::display_server_that_goes_ends_the_shell(&desktop);
        }
    }
}

mod x11 {
    #[test]
    fn display_server_that_goes_ends_the_shell() {
        if let Some(desktop) = super::Desktop::x11() {
            super::display_server_that_goes_ends_the_shell(&desktop);
        }
    }
}

#[test]
fn a_shell_that_is_cut_off_keeps_what_it_has_to() {
    let Some(desktop) = Desktop::x11() else { return };
    let running = desktop.run("still", &still("Still", RED, SIZE, OnKey::Nothing));
    let window = desktop.window("Still");
    desktop.shows(&window, (20, 20), RED);
    desktop.resize(&window, 700, 520);
    let window = sized(&desktop, "Still", (700, 520));
    // Where it was not before: so the shell knows of its size.
    desktop.shows(&window, (660, 240), RED);
    desktop.kill_client(&window);
    says_why(running, LOST);
    let _again = desktop.run("still", &still("Still", RED, SIZE, OnKey::Nothing));
    sized(&desktop, "Still", (700, 520));
}

#[test]
fn a_window_that_others_destroy_is_closed() {
    let Some(desktop) = Desktop::x11() else { return };
    let mut running = desktop.run("still", &still("Still", RED, SIZE, OnKey::Nothing));
    let window = desktop.window("Still");
    desktop.shows(&window, (20, 20), RED);
    let mut other = desktop.run("other", &still("Other", BLUE, SIZE, OnKey::Exit));
    let left = desktop.window("Other");
    desktop.shows(&left, (20, 20), BLUE);
    desktop.destroy(&window);
    desktop.window_gone("Still");
    // The other goes on, and closes as ever.
    desktop.focus(&left);
    desktop.shows(&left, (20, 20), BLUE);
    desktop.key("x");
    assert_eq!(
        other.wait(PATIENCE).and_then(|status| status.code()),
        Some(0),
        "{}the shell said {:?}",
        other.said(),
        running.said()
    );
    assert_eq!(
        running.wait(PATIENCE).and_then(|status| status.code()),
        Some(121),
        "{}",
        running.said()
    );
    assert!(
        !running.said().contains("panicked") && !running.said().contains("ERROR"),
        "{}",
        running.said()
    );
}

#[test]
fn assistive_technology_finds_windows_again_after_its_bus_was_started_anew() {
    let Some(desktop) = Desktop::x11() else { return };
    if !desktop.accessible() {
        return;
    }
    let _running = desktop.run("still", &still("Still", RED, SIZE, OnKey::Nothing));
    let window = desktop.window("Still");
    desktop.shows(&window, (20, 20), RED);
    desktop.node("Maximise");
    for (button, size) in [("Maximise", (1600, 1000)), ("Restore size", (640, 440))] {
        desktop.restart_access();
        // It is seen again, and what is done there is done.
        desktop.press(button);
        sized(&desktop, "Still", size);
    }
}

#[test]
fn scale_comes_back_on_wayland() {
    let Some(desktop) = Desktop::wayland() else { return };
    let (_running, before) = desktop.mirror(MARKER);
    // The screen has half as many points at twice the scale.
    desktop.move_to(&before, (0, 0));
    for (scale, height) in [(2, [144, 1, 32]), (1, [200, 0, 16])] {
        desktop.scale(scale.into());
        let at = |cell: Cell| {
            let (x, y) = desktop.window("Mirror").frame(cell.middle());
            (scale * x, scale * y)
        };
        // The compositor speaks in points.
        for (cell, colour) in [(Cell::Marker, MARKER), (Cell::WindowHeight, height)] {
            if poll(|| (desktop.pixel(at(cell)) == Some(colour)).then_some(())).is_none() {
                desktop.fail(&format!("{cell:?} is not shown at scale {scale}"));
            }
        }
        let now = desktop.window("Mirror");
        assert_eq!((now.width(), now.height()), (before.width(), before.height()));
    }
}

/// A server that starts anew whenever its last client leaves, as one does that nothing else was started on.
struct Fickle(Child);

impl Drop for Fickle {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_only_client_of_a_server_finds_it_there_when_its_windows_come() {
    if !installed(&["Xvfb"]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"]);
    let mut server = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map(Fickle)
        .unwrap_or_else(|e| panic!("{e}"));
    let mut number = String::new();
    let read = server
        .0
        .stdout
        .take()
        .map(|said| BufReader::new(said).read_line(&mut number));
    assert!(matches!(read, Some(Ok(1..))), "{read:?}");
    let program = save(
        directory.path(),
        "brief",
        &portico_tests::programs::script("(call $exit (i32.const 0))"),
    );
    for turn in 0..10 {
        let mut command = Command::new(binary());
        isolate(&mut command, directory.path());
        command
            .env("DISPLAY", format!(":{}", number.trim()))
            .arg("run")
            .arg(&program);
        let mut running = Running::start(command, directory.path().join(format!("{turn}.log")));
        let code = running.wait(PATIENCE).and_then(|status| status.code());
        assert_eq!(code, Some(0), "at turn {turn}: {}", running.said());
    }
}
