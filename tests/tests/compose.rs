//! Text that input methods compose, with real ones: whose it is, where they show their candidates, and what becomes of windows when
//! they are started anew or hang.

use portico_tests::programs::{BACKGROUND, Cell, mirror};
use portico_tests::{Desktop, InputMethod, Method, Running, TOOLBAR, Window, poll};
use std::time::Duration;

const MARKER: [u8; 3] = [200, 120, 40];
/// Where the mirror's caret ends, in pixels of the frame: to its left, and below.
const CARET: (i32, i32) = (16, 32);
/// What is typed for a syllable, which then waits for a choice among characters that sound so.
const SYLLABLE: &str = "ni3";

fn x11(method: Method, environment: &[(&str, &str)]) -> Option<(Desktop, InputMethod)> {
    let desktop = Desktop::x11_with(&[&[("XMODIFIERS", method.modifiers())], environment].concat())?;
    let method = InputMethod::start(&desktop, method)?;
    Some((desktop, method))
}

/// The mirror in a window so large that there is room beside the HUD: a pixel of the frame is three of the screen.
struct Large<'a> {
    desktop: &'a Desktop,
    method: &'a InputMethod,
    window: Window,
    _running: Running,
}

const SCALE: i32 = 3;
/// In the frame, beside the HUD.
const BESIDE: (i32, i32) = (20, 190);

impl<'a> Large<'a> {
    fn new(desktop: &'a Desktop, method: &'a InputMethod) -> Self {
        let (running, window) = desktop.mirror(MARKER);
        let size = (SCALE * 320, SCALE * 200 + TOOLBAR);
        desktop.resize(&window, size.0, size.1);
        let place = (100, 100);
        desktop.move_to(&window, place);
        let is_there = |window: &Window| ((window.x(), window.y()), (window.width(), window.height())) == (place, size);
        let find = || Some(desktop.window("Mirror")).filter(is_there);
        let Some(window) = poll(find) else {
            desktop.fail("the window does not get its size")
        };
        let large = Self {
            desktop,
            method,
            window,
            _running: running,
        };
        large.shows(Cell::Marker, |rgb| rgb == MARKER);
        large
    }

    /// A point of the frame, on the screen.
    fn at(&self, (x, y): (i32, i32)) -> (i32, i32) {
        self.window.frame((SCALE * x, SCALE * y))
    }

    fn read(&self, cell: Cell) -> [u8; 3] {
        self.desktop.pixel(self.at(cell.middle())).unwrap_or_default()
    }

    fn shows(&self, cell: Cell, is: impl Fn([u8; 3]) -> bool) {
        if poll(|| is(self.read(cell)).then_some(())).is_none() {
            self.desktop.fail(&format!("{cell:?} is {:?}", self.read(cell)));
        }
    }

    /// Begins to compose in a field that has just got the keyboard.
    fn begin(&self) {
        // A person takes longer. On Wayland a field has no input method for a tenth of a second, while text of the last may come.
        std::thread::sleep(Duration::from_millis(200));
        self.desktop.type_text(SYLLABLE);
    }

    /// Waits until something is being composed, or until nothing is: on X11 candidates show that, on Wayland, where they can't be
    /// asked for, the program does if it is the one.
    fn composes(&self, composes: bool) {
        let shown = || match self.desktop.is_x11() {
            true => self.method.candidates(self.desktop).is_some(),
            // The cell's middle may lie under the HUD's edge. Before the first text it has its background.
            false => {
                let (x, y) = Cell::TextCounts.middle();
                let left = self.desktop.pixel(self.at((x - 15, y))).unwrap_or_default();
                !matches!(left, BACKGROUND | [_, _, 0])
            }
        };
        if poll(|| (shown() == composes).then_some(())).is_none() {
            self.desktop.fail(if composes {
                "nothing is being composed"
            } else {
                "what was left is still being composed"
            });
        }
    }

    /// Types what would choose a candidate if one were still asked for: the program gets it as it is, and no more than that.
    fn gets_only(&self, letter: char, count: u8) {
        self.desktop.type_text(&letter.to_string());
        self.shows(Cell::Text, |rgb| rgb == [letter as u8, 0, 0]);
        self.shows(Cell::TextCounts, |rgb| rgb == [count, 1, 0]);
    }
}

/// Waits until the candidates are shown below a point. X11 only.
fn candidates_below(desktop: &Desktop, method: &InputMethod, (x, y): (i32, i32)) {
    let place = || method.candidates(desktop);
    let near = |list: &Window| (0..24).contains(&(list.y() - y)) && (list.x() - x).abs() < 24;
    if poll(|| place().filter(near)).is_none() {
        desktop.fail(&format!("candidates are at {:?} and not below {:?}", place(), (x, y)));
    }
}

/// Composes in the HUD, in the search field and in the program, and leaves each in the middle.
fn composed_text_is_its_owners(desktop: &Desktop, method: &InputMethod, kind: Method) {
    let mirror = Large::new(desktop, method);

    // Its first shortcut is fcitx5's own.
    desktop.key("ctrl+shift+p");
    mirror.begin();
    if desktop.is_x11() {
        mirror.composes(true);
    }
    desktop.click(mirror.at(BESIDE));
    mirror.composes(false);
    mirror.gets_only('1', 1);

    desktop.key("F7");
    mirror.shows(Cell::Mode, |rgb| rgb == [2, 0x33, 0x33]);
    desktop.key("ctrl+f");
    mirror.begin();
    if desktop.is_x11() {
        mirror.composes(true);
    }
    desktop.click(mirror.at(BESIDE));
    mirror.composes(false);
    mirror.gets_only('2', 2);
    // What was left does not stay in the search field either.
    mirror.shows(Cell::QueryCounts, |rgb| matches!(rgb, BACKGROUND | [0, _, 0x22]));

    mirror.begin();
    mirror.composes(true);
    // ibus hears of the place, and takes it only for a context that got the focus after it was made.
    if desktop.is_x11() && kind == Method::Fcitx {
        candidates_below(desktop, method, mirror.at(CARET));
    }
    // Not by a key of the keyboard, which is the input method's now.
    let mut hud = desktop.portico(&["msg", "key", "44", "2"]);
    assert!(
        hud.wait(portico_tests::PATIENCE).is_some_and(|status| status.success()),
        "{}",
        hud.said()
    );
    mirror.composes(false);
    desktop.key("Escape");
    // A key that an input method of X11 still has when the HUD goes is lost with what was composed there.
    mirror.shows(Cell::Mode, |rgb| rgb == [2, 0x33, 0x33]);
    mirror.gets_only('3', 3);

    // What is composed to its end arrives.
    mirror.begin();
    mirror.composes(true);
    desktop.type_text("1");
    mirror.shows(Cell::TextCounts, |rgb| matches!(rgb, [6, 3, _]));
}

#[test]
fn composed_text_is_its_owners_with_ibus() {
    let Some((desktop, method)) = x11(Method::Ibus, &[]) else {
        return;
    };
    composed_text_is_its_owners(&desktop, &method, Method::Ibus);
}

#[test]
fn composed_text_is_its_owners_with_fcitx() {
    let Some((desktop, method)) = x11(Method::Fcitx, &[]) else {
        return;
    };
    composed_text_is_its_owners(&desktop, &method, Method::Fcitx);
}

#[test]
fn composed_text_is_its_owners_on_wayland() {
    let Some(desktop) = Desktop::wayland() else { return };
    let Some(method) = InputMethod::start(&desktop, Method::Fcitx) else {
        return;
    };
    composed_text_is_its_owners(&desktop, &method, Method::Fcitx);
}

/// An input method of our own, which does not stop when it is told to.
#[test]
fn text_that_comes_late_is_nobodys() {
    let Some(desktop) = Desktop::wayland() else { return };
    let (_running, window) = desktop.mirror(MARKER);
    desktop.key("F7");
    desktop.cell(&window, Cell::Mode, [2, 0x33, 0x33]);
    for (opens, letter, count) in [("ctrl+f", 'a', 1), ("ctrl+space", 'b', 2)] {
        desktop.key(opens);
        if letter == 'b' {
            // Beside it is nowhere before it is there.
            desktop.cell(&window, Cell::Text, [255; 3]);
        }
        desktop.compose("xyz");
        desktop.click(window.frame((11, 150)));
        desktop.give_late("late");
        desktop.give_late("later");
        desktop.compose("");
        // What counts is that nothing came before it.
        desktop.type_text(&letter.to_string());
        desktop.cell(&window, Cell::Text, [letter as u8, 0, 0]);
        desktop.cell(&window, Cell::TextCounts, [count, 1, 0]);
        desktop.compose("z");
        desktop.cell(&window, Cell::Preedit, [b'z', 0, 0]);
        desktop.compose("");
    }
}

#[test]
fn candidates_stand_below_the_line_after_a_restart_too() {
    let environment = [("WINIT_X11_SCALE_FACTOR", "1.5")];
    let Some((desktop, mut method)) = x11(Method::Fcitx, &environment) else {
        return;
    };
    let _running = desktop.run("mirror", &mirror("Mirror", MARKER));
    // A pixel of the frame is two of the screen.
    let (toolbar, size) = (TOOLBAR * 3 / 2, (2 * 320, 2 * 200 + TOOLBAR * 3 / 2));
    let find = || Some(desktop.window("Mirror")).filter(|window| (window.width(), window.height()) == size);
    let window = poll(find).unwrap_or_else(|| desktop.fail("not at one and a half"));
    desktop.focus(&window);
    let foot = (window.x() + 2 * CARET.0, window.y() + toolbar + 2 * CARET.1);
    composes_again(&desktop, &method);
    candidates_below(&desktop, &method, foot);
    restart(&desktop, &mut method);
    composes_again(&desktop, &method);
    candidates_below(&desktop, &method, foot);
}

#[test]
fn ibus_composes_after_a_restart_too() {
    let Some((desktop, mut method)) = x11(Method::Ibus, &[]) else {
        return;
    };
    let (_running, _) = desktop.mirror(MARKER);
    composes_again(&desktop, &method);
    restart(&desktop, &mut method);
    composes_again(&desktop, &method);
}

/// Composes until there are candidates: the first keys may come before the input method is ready for them.
fn composes_again(desktop: &Desktop, method: &InputMethod) {
    let shown = || {
        desktop.key("Escape");
        desktop.type_text(SYLLABLE);
        method.candidates(desktop)
    };
    if poll(shown).is_none() {
        desktop.fail("no candidates");
    }
}

fn restart(desktop: &Desktop, method: &mut InputMethod) {
    method.restart(desktop);
    if poll(|| method.candidates(desktop).is_none().then_some(())).is_none() {
        desktop.fail("candidates outlive their input method");
    }
}

#[test]
fn a_window_opens_and_reacts_although_the_input_method_hangs() {
    let Some((desktop, method)) = x11(Method::Fcitx, &[]) else {
        return;
    };
    method.stop(true);
    let (running, window) = desktop.mirror(MARKER);
    running.says("does not answer");
    desktop.key("a");
    desktop.cell(&window, Cell::Text, [b'a', 0, 0]);
    desktop.key("ctrl+space");
    desktop.key("Escape");
    desktop.key("b");
    desktop.cell(&window, Cell::Text, [b'b', 0, 0]);
    // Nothing waits for it to go on.
    method.stop(false);
    desktop.key("c");
    desktop.cell(&window, Cell::Text, [b'c', 0, 0]);
}
