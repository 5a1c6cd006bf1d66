//! Text that input methods compose, with real ones: whose it is, where they show their candidates, and what becomes of windows when
//! they are started anew or hang.

use portico_tests::programs::{Cell, SEARCH_HINT, mirror};
use portico_tests::{Desktop, InputMethod, Method, TOOLBAR, Window, poll};

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

/// Waits until the program is shown a composition, or that none is in progress.
fn composes(desktop: &Desktop, window: &Window, composes: bool) {
    let length = || desktop.read(window, Cell::TextCounts)[2];
    // Before the first text the cell has its background.
    let seen = || desktop.read(window, Cell::TextCounts) != portico_tests::programs::BACKGROUND;
    if poll(|| (seen() && (length() > 0) == composes).then_some(())).is_none() {
        desktop.fail(&format!("the program is{} shown a composition", if composes { " not" } else { "" }));
    }
}

/// Waits until the candidates are shown below a point; where there are none to be seen, that is enough.
fn candidates_below(desktop: &Desktop, method: &InputMethod, (x, y): (i32, i32)) {
    let place = || method.candidates(desktop);
    let near = |list: &Window| (0..24).contains(&(list.y - y)) && (list.x - x).abs() < 24;
    if poll(|| place().filter(near)).is_none() {
        desktop.fail(&format!("candidates are at {:?} and not below {:?}", place(), (x, y)));
    }
}

fn no_candidates(desktop: &Desktop, method: &InputMethod) {
    if poll(|| method.candidates(desktop).is_none().then_some(())).is_none() {
        desktop.fail("candidates of a composition that is over are still there");
    }
}

/// Types what would choose a candidate if one were still asked for: the program gets it as it is, and no more than that.
fn the_program_gets_only(desktop: &Desktop, window: &Window, letter: char, count: u8) {
    desktop.type_text(&letter.to_string());
    desktop.cell(window, Cell::Text, [letter as u8, 0, 0]);
    desktop.cell(window, Cell::TextCounts, [count, 1, 0]);
}

/// Composes in the program, in the HUD and in the search field, and leaves each in the middle.
fn composed_text_is_its_owners(desktop: &Desktop, method: &InputMethod) {
    let x11 = desktop.is_x11();
    let (_running, window) = desktop.mirror(MARKER);
    let frame = window.frame((WIDE, 150));

    desktop.type_text(SYLLABLE);
    composes(desktop, &window, true);
    if x11 {
        candidates_below(desktop, method, window.frame(CARET));
    }
    desktop.key("ctrl+shift+p");
    composes(desktop, &window, false);
    no_candidates(desktop, method);

    desktop.type_text(SYLLABLE);
    if x11 && poll(|| method.candidates(desktop)).is_none() {
        desktop.fail("nothing is composed in the HUD");
    }
    desktop.click(frame);
    no_candidates(desktop, method);
    the_program_gets_only(desktop, &window, '1', 1);

    desktop.key("F7");
    desktop.cell(&window, Cell::Mode, [2, 0x33, 0x33]);
    desktop.key("ctrl+f");
    desktop.type_text(SYLLABLE);
    let query = || desktop.read(&window, Cell::QueryCounts);
    if poll(|| matches!(query(), [1..=255, _, 0x22]).then_some(())).is_none() {
        desktop.fail(&format!("nothing is composed in the field {SEARCH_HINT:?}"));
    }
    desktop.click(frame);
    no_candidates(desktop, method);
    if poll(|| matches!(query(), [0, _, 0x22]).then_some(())).is_none() {
        desktop.fail("the search field keeps what was not composed to its end");
    }
    the_program_gets_only(desktop, &window, '2', 2);

    // What is composed to its end arrives.
    desktop.type_text(SYLLABLE);
    composes(desktop, &window, true);
    desktop.type_text("1");
    if poll(|| matches!(desktop.read(&window, Cell::TextCounts), [5, 3, 0]).then_some(())).is_none() {
        desktop.fail("the character that was chosen does not arrive");
    }
}

/// Right in the mirror's frame, where nothing of the HUD is.
const WIDE: i32 = 2;

#[test]
fn composed_text_is_its_owners_with_ibus() {
    let Some((desktop, method)) = x11(Method::Ibus, &[]) else { return };
    composed_text_is_its_owners(&desktop, &method);
}

#[test]
fn composed_text_is_its_owners_with_fcitx() {
    let Some((desktop, method)) = x11(Method::Fcitx, &[]) else { return };
    composed_text_is_its_owners(&desktop, &method);
}

#[test]
fn composed_text_is_its_owners_on_wayland() {
    let Some(desktop) = Desktop::wayland() else { return };
    let Some(method) = InputMethod::start(&desktop, Method::Fcitx) else { return };
    composed_text_is_its_owners(&desktop, &method);
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
        desktop.compose("xyz");
        desktop.click(window.frame((WIDE, 150)));
        desktop.give_late("late");
        desktop.give_late("later");
        desktop.compose("");
        // What counts is that nothing came before it.
        the_program_gets_only(&desktop, &window, letter, count);
        desktop.compose("z");
        composes(&desktop, &window, true);
        desktop.compose("");
        composes(&desktop, &window, false);
    }
}

#[test]
fn candidates_stand_below_the_line_after_a_restart_too() {
    for method in [Method::Fcitx, Method::Ibus] {
        let Some((desktop, mut method)) = x11(method, &[("WINIT_X11_SCALE_FACTOR", "1.5")]) else { return };
        let _running = desktop.run("mirror", &mirror("Mirror", MARKER));
        // A pixel of the frame is two of the screen.
        let (toolbar, size) = (TOOLBAR * 3 / 2, (2 * 320, 2 * 200 + TOOLBAR * 3 / 2));
        let find = || Some(desktop.window("Mirror")).filter(|window| (window.width, window.height) == size);
        let window = poll(find).unwrap_or_else(|| desktop.fail("not at one and a half"));
        desktop.focus(&window);
        let foot = (window.x + 2 * CARET.0, window.y + toolbar + 2 * CARET.1);
        let types = || {
            // The first keys after a start may be lost on their way to an input method that is not ready.
            let shown = || {
                desktop.key("Escape");
                desktop.type_text(SYLLABLE);
                method.candidates(&desktop).map(drop)
            };
            if poll(shown).is_none() {
                desktop.fail("no candidates");
            }
            candidates_below(&desktop, &method, foot);
        };
        types();
        method.restart(&desktop);
        no_candidates(&desktop, &method);
        let types_again = || {
            desktop.key("Escape");
            desktop.type_text(SYLLABLE);
            method.candidates(&desktop).map(drop)
        };
        if poll(types_again).is_none() {
            desktop.fail("no candidates from the new input method");
        }
        candidates_below(&desktop, &method, foot);
    }
}

#[test]
fn a_window_opens_and_reacts_although_the_input_method_hangs() {
    for method in [Method::Fcitx, Method::Ibus] {
        let Some((desktop, method)) = x11(method, &[]) else { return };
        method.stop(true);
        let (_running, window) = desktop.mirror(MARKER);
        desktop.key("a");
        desktop.cell(&window, Cell::Text, [b'a', 0, 0]);
        desktop.key("ctrl+space");
        desktop.key("Escape");
        desktop.key("b");
        desktop.cell(&window, Cell::Text, [b'b', 0, 0]);
        method.stop(false);
    }
}
