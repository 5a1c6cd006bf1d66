//! Keys, text, pointer and sizes, as a person gives them and as the screen shows them.

use portico_tests::desktop::SCREEN;
use portico_tests::programs::{BACKGROUND, Cell, HEIGHT, WIDTH, mirror};
use portico_tests::{Desktop, TOOLBAR, poll};

portico_tests::on_each_desktop!(
    the_first_frame_gives_the_window_its_size,
    keys_are_positions_with_modifiers,
    a_key_that_is_held_repeats_and_is_let_go_of_with_the_focus,
    text_is_what_was_typed,
    the_pointer_is_in_pixels_of_the_frame,
    the_pointer_is_there_only_over_the_window,
    a_locked_cursor_only_tells_how_far_it_goes,
    a_resized_window_scales_the_frame,
);

const MARKER: [u8; 3] = [200, 120, 40];

fn the_first_frame_gives_the_window_its_size(desktop: &Desktop) {
    let (_running, window) = desktop.mirror(MARKER);
    assert_eq!(
        (window.width(), window.height()),
        (WIDTH as i32, HEIGHT as i32 + TOOLBAR)
    );
    desktop.cell(
        &window,
        Cell::WindowWidth,
        [(WIDTH & 255) as u8, (WIDTH >> 8) as u8, 0b11],
    );
    // The toolbar is drawn: it has more than one colour, and none of the program's.
    let picture = desktop.picture();
    let toolbar = (window.x(), window.y(), window.width(), TOOLBAR);
    assert!(picture.colours(toolbar) > 8, "the toolbar is empty");
    assert_eq!(picture.count(toolbar, BACKGROUND), 0);
}

fn keys_are_positions_with_modifiers(desktop: &Desktop) {
    let (_running, window) = desktop.mirror(MARKER);
    desktop.key("a");
    desktop.cell(&window, Cell::Released, [4, 0, 0x77]);
    desktop.cell(&window, Cell::Pressed, [4, 0, 0x77]);
    desktop.key("shift+F2");
    desktop.cell(&window, Cell::KeyCounts, [3, 3, 0]);
    desktop.key_down("ctrl");
    desktop.key_down("z");
    desktop.cell(&window, Cell::Pressed, [29, 2, 0x77]);
    desktop.key_up("z");
    desktop.cell(&window, Cell::Released, [29, 2, 0x77]);
    desktop.key_up("ctrl");
    desktop.cell(&window, Cell::KeyCounts, [5, 5, 0]);
}

fn a_key_that_is_held_repeats_and_is_let_go_of_with_the_focus(desktop: &Desktop) {
    let (_running, window) = desktop.mirror(MARKER);
    desktop.key_down("d");
    let repeats = || matches!(desktop.read(&window, Cell::KeyCounts), [1, 0, repeats] if repeats > 3).then_some(());
    if poll(repeats).is_none() {
        desktop.fail("a held key does not repeat");
    }
    let _other = desktop.run("other", &mirror("Other", [9, 9, 9]));
    let other = desktop.window("Other");
    desktop.cell(&other, Cell::Marker, [9, 9, 9]);
    desktop.focus(&other);
    // Windows may lie over one another: the mirror is looked at where the window manager has put it.
    let window = desktop.window("Mirror");
    desktop.key_up("d");
    desktop.focus(&window);
    desktop.cell(&window, Cell::Released, [7, 0, 0x77]);
}

fn text_is_what_was_typed(desktop: &Desktop) {
    let (_running, window) = desktop.mirror(MARKER);
    desktop.key("shift+a");
    desktop.cell(&window, Cell::Text, [b'A', 0, 0]);
    // One by one: what is typed while the program is busy comes as one text.
    for letter in ["x", "y", "z"] {
        desktop.key(letter);
        desktop.cell(&window, Cell::Text, [letter.as_bytes()[0], 0, 0]);
    }
    desktop.cell(&window, Cell::TextCounts, [4, 1, 0]);
    // Control characters are no text.
    desktop.key("Return");
    desktop.key("BackSpace");
    desktop.key("q");
    desktop.cell(&window, Cell::Text, [b'q', 0, 0]);
    desktop.cell(&window, Cell::TextCounts, [5, 1, 0]);
}

#[test]
fn a_compositor_scales_everything() {
    let Some(desktop) = Desktop::wayland() else { return };
    desktop.scale(2.0);
    let _running = desktop.run("mirror", &mirror("Mirror", MARKER));
    // The compositor speaks in points. The window comes before its scale is known: a pixel of the frame is a point.
    let at = |cell: Cell| {
        let (x, y) = desktop.window("Mirror").frame(cell.middle());
        (2 * x, 2 * y)
    };
    if poll(|| (desktop.pixel(at(Cell::Marker)) == Some(MARKER)).then_some(())).is_none() {
        desktop.fail("the marker is elsewhere");
    }
    if poll(|| (desktop.pixel(at(Cell::WindowHeight)) == Some([144, 1, 32])).then_some(())).is_none() {
        desktop.fail("the program does not learn of its scale");
    }
}

#[test]
fn an_input_method_composes() {
    let Some(desktop) = Desktop::wayland() else { return };
    let (_running, window) = desktop.mirror(MARKER);
    desktop.compose("k");
    desktop.cell(&window, Cell::Preedit, [b'k', 0, 0]);
    desktop.compose("か");
    desktop.cell(&window, Cell::Preedit, [0xe3, 0x81, 0x8b]);
    assert_eq!(
        desktop.read(&window, Cell::TextCounts)[0],
        0,
        "what is being composed is no text yet"
    );
    desktop.give("蚊");
    desktop.cell(&window, Cell::Text, [0xe8, 0x9a, 0x8a]);
    // Three bytes, all of one text, and nothing is being composed any more.
    desktop.cell(&window, Cell::TextCounts, [3, 3, 0]);
}

#[test]
fn dead_keys_compose() {
    let Some(desktop) = Desktop::x11() else { return };
    if !portico_tests::installed(&["setxkbmap"]) {
        return;
    }
    let set = desktop.command("setxkbmap").args(["us", "-variant", "intl"]).status();
    assert!(set.is_ok_and(|status| status.success()), "the layout can't be set");
    let (_running, window) = desktop.mirror(MARKER);
    desktop.key("dead_acute");
    desktop.key("e");
    desktop.cell(&window, Cell::Text, [0xc3, 0xa9, 0]);
    desktop.cell(&window, Cell::TextCounts, [2, 2, 0]);
    // An ordinary letter after it is only itself.
    desktop.key("e");
    desktop.cell(&window, Cell::Text, [b'e', 0, 0]);
}

fn the_pointer_is_in_pixels_of_the_frame(desktop: &Desktop) {
    let (_running, window) = desktop.mirror(MARKER);
    desktop.click(window.frame((100, 50)));
    desktop.cell(&window, Cell::Position, [100, 50, 0]);
    desktop.cell(&window, Cell::Buttons, [1, 1, 1]);
    desktop.point(window.frame((300, 190)));
    desktop.cell(&window, Cell::Position, [44, 190, 1]);
    desktop.button(3);
    desktop.cell(&window, Cell::Buttons, [2, 2, 2]);
    desktop.button(2);
    desktop.cell(&window, Cell::Buttons, [3, 3, 3]);
    // Away from the user is positive. winit tells a wheel that is a button of a virtual device twice: press and release.
    let scrolled = |button: u32, dy: u8| {
        desktop.button(button);
        if poll(|| (desktop.read(&window, Cell::Scroll)[..2] == [128, dy]).then_some(())).is_none() {
            desktop.fail(&format!("no scroll by button {button}"));
        }
    };
    scrolled(4, 129);
    scrolled(5, 127);
    desktop.cell(&window, Cell::Inside, [1, 1, 1]);
    desktop.point((window.x() + window.width() + 80, window.y() + 10));
    desktop.cell(&window, Cell::Inside, [2, 2, 2]);
}

fn the_pointer_is_there_only_over_the_window(desktop: &Desktop) {
    let away = (SCREEN.0 as i32 - 3, SCREEN.1 as i32 - 3);
    desktop.point(away);
    let (_running, window) = desktop.mirror(MARKER);
    // The key comes after whatever the focus has brought.
    desktop.key("a");
    desktop.cell(&window, Cell::Released, [4, 0, 0x77]);
    assert_ne!(
        desktop.read(&window, Cell::Inside),
        [1, 1, 1],
        "told of a pointer that is elsewhere"
    );
    desktop.point(window.frame((100, 50)));
    desktop.cell(&window, Cell::Inside, [1, 1, 1]);
    desktop.cell(&window, Cell::Position, [100, 50, 0]);
    // A button that is let go of elsewhere keeps it until then.
    desktop.hold_button(true);
    desktop.cell(&window, Cell::Buttons, [1, 1, 0]);
    desktop.point(away);
    desktop.hold_button(false);
    desktop.cell(&window, Cell::Buttons, [1, 1, 1]);
    desktop.cell(&window, Cell::Inside, [2, 2, 2]);
    // The window gets the focus again, and the pointer is still elsewhere.
    let _other = desktop.run("other", &mirror("Other", [9, 9, 9]));
    let other = desktop.window("Other");
    desktop.cell(&other, Cell::Marker, [9, 9, 9]);
    desktop.focus(&other);
    let window = desktop.window("Mirror");
    desktop.focus(&window);
    desktop.key("b");
    desktop.cell(&window, Cell::Released, [5, 0, 0x77]);
    assert_eq!(
        desktop.read(&window, Cell::Inside),
        [2, 2, 2],
        "told of a pointer that is elsewhere"
    );
}

fn a_locked_cursor_only_tells_how_far_it_goes(desktop: &Desktop) {
    let (_running, window) = desktop.mirror(MARKER);
    desktop.point(window.frame((160, 100)));
    desktop.cell(&window, Cell::Position, [160, 100, 0]);
    desktop.key("ctrl+l");
    desktop.cell(&window, Cell::Menu, [7, 1, 0x55]);
    // Far beyond the window and the screen, and back to 30 right of and 20 below where it began.
    for way in [(40, 30), (-60, -50), (50, 40)] {
        desktop.shift(way);
    }
    desktop.cell(&window, Cell::Way, [128 + 30, 128 + 20, 0x99]);
    assert_eq!(
        desktop.read(&window, Cell::Position),
        [160, 100, 0],
        "the position stays"
    );
    // Esc held for a second frees it.
    desktop.key_down("Escape");
    std::thread::sleep(std::time::Duration::from_millis(1300));
    desktop.key_up("Escape");
    desktop.point(window.frame((100, 150)));
    desktop.cell(&window, Cell::Position, [100, 150, 0]);
}

fn a_resized_window_scales_the_frame(desktop: &Desktop) {
    let (_running, window) = desktop.mirror(MARKER);
    // Twice the framebuffer: every cell is at twice its place.
    desktop.resize(&window, 2 * WIDTH as i32, 2 * HEIGHT as i32 + TOOLBAR);
    let (x, y) = Cell::Marker.middle();
    let window = poll(|| Some(desktop.window("Mirror")).filter(|window| window.width() == 2 * WIDTH as i32))
        .unwrap_or_else(|| desktop.fail("the window does not get its new size"));
    let at = |cell: Cell| (cell.middle().0 * 2, cell.middle().1 * 2);
    desktop.shows(&window, (2 * x, 2 * y), MARKER);
    desktop.shows(&window, at(Cell::WindowWidth), [128, 2, 0b11]);
    desktop.shows(&window, at(Cell::WindowHeight), [144, 1, 16]);
    // The pointer still speaks in pixels of the frame.
    desktop.point(window.frame((200, 100)));
    desktop.shows(&window, at(Cell::Position), [100, 50, 0]);
    // No black band at any edge.
    let picture = desktop.picture();
    let (right, bottom) = (window.x() + window.width() - 1, window.y() + window.height() - 1);
    for point in [
        (right, bottom),
        (window.x(), bottom),
        (right, window.y() + TOOLBAR + 90),
    ] {
        assert_eq!(
            picture.at(point.0, point.1),
            Some(BACKGROUND),
            "{point:?} of {window:?}"
        );
    }
}

#[test]
fn a_scaled_display_scales_everything() {
    // Pixels a point, height of the toolbar, and the scale as the mirror shows it. A pixel of the frame is always two.
    for (scale, toolbar, shown) in [("2", 2 * TOOLBAR, 32), ("1.5", TOOLBAR * 3 / 2, 24)] {
        let Some(desktop) = Desktop::x11_with(&[("WINIT_X11_SCALE_FACTOR", scale)]) else {
            return;
        };
        let _running = desktop.run("mirror", &mirror("Mirror", MARKER));
        let at = |cell: Cell| (cell.middle().0 * 2, cell.middle().1 * 2 + toolbar - TOOLBAR);
        // It may still be moved after it was given its size.
        let find = || {
            let window = desktop
                .windows()
                .into_iter()
                .find(|window| window.title.contains("Mirror"))?;
            let sized = window.width() == 2 * WIDTH as i32 && window.height() == 2 * HEIGHT as i32 + toolbar;
            let shown = BACKGROUND != desktop.pixel(window.frame(at(Cell::WindowHeight)))?;
            (sized && shown && desktop.pixel(window.frame(at(Cell::Marker))) == Some(MARKER)).then_some(window)
        };
        let window = poll(find).unwrap_or_else(|| desktop.fail(&format!("not at {scale}: {:?}", desktop.windows())));
        desktop.shows(&window, at(Cell::WindowHeight), [144, 1, shown]);
    }
}
