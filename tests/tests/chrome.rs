//! Toolbar, HUD, shortcuts, modes, tabs and search: pressed by keys, pointer and assistive technology.

use portico_tests::programs::{ACTIONS, BACKGROUND, Cell, MENU, NAVIGATION, OnKey, SEARCH_HINT, TABS, still};
use portico_tests::{Desktop, TOOLBAR, poll};

portico_tests::on_each_desktop!(
    everything_in_the_toolbar_has_a_name_and_can_be_pressed,
    toolbar_buttons_answer_to_the_pointer,
    shortcuts_fire_on_press_or_release_and_keep_the_key,
    modes_choose_the_actions,
    the_hud_finds_and_chooses,
    the_hud_is_read_out,
    tabs_are_behind_the_hamburger,
    search_belongs_to_a_mode,
    at_full_screen_the_toolbar_comes_to_the_pointer,
    the_window_is_closed_from_its_toolbar,
    a_title_in_japanese_is_drawn_with_its_letters,
);

const MARKER: [u8; 3] = [40, 120, 200];
/// The toolbar's ground in the light look.
const BAR: [u8; 3] = [0xF3, 0xF4, 0xF6];
const SCREEN: (i32, i32) = (1600, 1000);

fn everything_in_the_toolbar_has_a_name_and_can_be_pressed(desktop: &Desktop) {
    if !desktop.accessible() {
        return;
    }
    let (_running, window) = desktop.mirror(MARKER);
    for (index, name) in (1..).zip(ACTIONS) {
        desktop.press(name);
        desktop.cell(&window, Cell::Action, [index, index, 0x66]);
    }
    for (index, name) in (1..).zip(NAVIGATION) {
        desktop.press(name);
        desktop.cell(&window, Cell::Navigation, [index, index, 0x66]);
    }
    for name in ["Minimise", "Maximise", "Close", "Show tabs"] {
        desktop.node(name);
    }
    // Every button has a name.
    let nameless: Vec<_> = desktop
        .nodes()
        .into_iter()
        .filter(|node| node.role.contains("button") && node.name.is_empty())
        .collect();
    assert!(nameless.is_empty(), "{nameless:?}");
}

fn toolbar_buttons_answer_to_the_pointer(desktop: &Desktop) {
    let (_running, window) = desktop.mirror(MARKER);
    // The navigation buttons are the first at the left. The click goes along the toolbar until each has answered.
    let mut seen = Vec::new();
    for x in (12..150).step_by(12) {
        desktop.click((window.x() + x, window.y() + TOOLBAR / 2));
        std::thread::sleep(std::time::Duration::from_millis(80));
        let navigation = desktop.read(&window, Cell::Navigation);
        if navigation[2] == 0x66 && !seen.contains(&navigation[0]) {
            seen.push(navigation[0]);
        }
        if seen.len() == 2 {
            break;
        }
    }
    assert_eq!(seen, [1, 2], "navigation buttons, left to right");
}

fn shortcuts_fire_on_press_or_release_and_keep_the_key(desktop: &Desktop) {
    let (_running, window) = desktop.mirror(MARKER);
    desktop.key_down("ctrl");
    desktop.key_down("r");
    desktop.cell(&window, Cell::Menu, [1, 1, 0x55]);
    desktop.key_up("r");
    desktop.key_down("e");
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(desktop.read(&window, Cell::Menu), [1, 1, 0x55], "fires on release only");
    desktop.key_up("e");
    desktop.cell(&window, Cell::Menu, [2, 2, 0x55]);
    // A disabled one never fires, and the key goes to the program.
    desktop.key_down("d");
    desktop.cell(&window, Cell::Pressed, [7, 2, 0x77]);
    desktop.key_up("d");
    desktop.key_up("ctrl");
    // Ctrl and D came through, R and E did not.
    desktop.cell(&window, Cell::KeyCounts, [2, 2, 0]);
    assert_eq!(desktop.read(&window, Cell::Menu), [2, 2, 0x55]);
    assert_eq!(
        desktop.read(&window, Cell::TextCounts),
        BACKGROUND,
        "a shortcut is no text"
    );
}

fn modes_choose_the_actions(desktop: &Desktop) {
    let (_running, window) = desktop.mirror(MARKER);
    desktop.key("F7");
    desktop.cell(&window, Cell::Mode, [2, 0x33, 0x33]);
    desktop.key("ctrl+r");
    desktop.cell(&window, Cell::Menu, [4, 2, 0x55]);
    desktop.cell(&window, Cell::Mode, [1, 0x33, 0x33]);
    desktop.key("ctrl+r");
    desktop.cell(&window, Cell::Menu, [1, 3, 0x55]);
}

fn the_hud_finds_and_chooses(desktop: &Desktop) {
    let (_running, window) = desktop.mirror(MARKER);
    // By a tag only, then by a few letters of its name.
    for (index, query, count) in [(6, "zebra", 1), (1, "pntred", 2)] {
        let before = desktop.picture();
        desktop.key("ctrl+space");
        let over = (
            window.x(),
            window.y() + TOOLBAR,
            window.width(),
            window.height() - TOOLBAR,
        );
        let drawn = |picture: portico_tests::Picture| {
            (over.1..over.1 + over.3).any(|y| picture.at(over.0 + over.2 / 2, y) != before.at(over.0 + over.2 / 2, y))
        };
        if poll(|| drawn(desktop.picture()).then_some(())).is_none() {
            desktop.fail("no HUD");
        }
        desktop.type_text(query);
        desktop.key("Return");
        desktop.cell(&window, Cell::Menu, [index, count, 0x55]);
    }
    // What was typed into the HUD is not the program's.
    assert_eq!(desktop.read(&window, Cell::TextCounts), BACKGROUND);
    // Esc closes it, and keys are the program's again.
    desktop.key("ctrl+space");
    std::thread::sleep(std::time::Duration::from_millis(300));
    desktop.key("Escape");
    desktop.key("k");
    desktop.cell(&window, Cell::Pressed, [14, 0, 0x77]);
}

fn the_hud_is_read_out(desktop: &Desktop) {
    if !desktop.accessible() {
        return;
    }
    let (_running, window) = desktop.mirror(MARKER);
    desktop.resize(&window, 900, 700);
    desktop.key("ctrl+space");
    desktop.node("Type an action, a window or a program");
    let names = |desktop: &Desktop| desktop.nodes().into_iter().map(|node| node.name).collect::<Vec<_>>();
    let has = |part: &str| poll(|| names(desktop).iter().any(|name| name.contains(part)).then_some(()));
    assert!(has(MENU[0].name).is_some(), "{:?}", names(desktop));
    desktop.type_text("zebra");
    assert!(has(MENU[5].name).is_some(), "{:?}", names(desktop));
    let gone = poll(|| {
        names(desktop)
            .iter()
            .all(|name| !name.contains(MENU[0].name))
            .then_some(())
    });
    assert!(gone.is_some(), "{:?}", names(desktop));
}

fn tabs_are_behind_the_hamburger(desktop: &Desktop) {
    if !desktop.accessible() {
        return;
    }
    let (_running, window) = desktop.mirror(MARKER);
    desktop.press("Show tabs");
    desktop.press(TABS[1]);
    // The list may lie over the picture: Esc shuts it.
    let before = desktop.nodes().iter().any(|node| node.name == "Hide tabs");
    if before {
        desktop.focus(&window);
        desktop.key("Escape");
    }
    desktop.node_gone("Hide tabs");
    desktop.cell(&window, Cell::Tab, [2, 1, 0x44]);
}

fn search_belongs_to_a_mode(desktop: &Desktop) {
    if !desktop.accessible() {
        return;
    }
    let (_running, window) = desktop.mirror(MARKER);
    assert!(
        desktop.nodes().iter().all(|node| node.name != SEARCH_HINT),
        "the search field shows in mode 0"
    );
    desktop.key("F7");
    desktop.cell(&window, Cell::Mode, [2, 0x33, 0x33]);
    desktop.resize(&window, 900, 540);
    desktop.node(SEARCH_HINT);
    let window = poll(|| Some(desktop.window("Mirror")).filter(|window| window.width() == 900));
    let window = window.unwrap_or_else(|| desktop.fail("the window does not get its new size"));
    // The framebuffer is 900 × 500: the frame is scaled by 2.5 and has 50 pixels at either side.
    let at = |cell: Cell| (50 + cell.middle().0 * 5 / 2, cell.middle().1 * 5 / 2);
    desktop.click((window.x() + 500, window.y() + TOOLBAR / 2));
    desktop.type_text("abc");
    desktop.shows(&window, at(Cell::Query), *b"abc");
    assert_eq!(
        desktop.pixel(window.frame(at(Cell::QueryCounts))).map(|rgb| rgb[0]),
        Some(3)
    );
    desktop.key("ctrl+a");
    desktop.key("BackSpace");
    desktop.shows(&window, at(Cell::Query), [0, 0, 0]);
    // Assistive technology gets there as well as the pointer.
    desktop.key("Escape");
    desktop.press(SEARCH_HINT);
    let typed = poll(|| {
        desktop.type_text("d");
        desktop
            .pixel(window.frame(at(Cell::Query)))
            .filter(|rgb| rgb[0] == b'd')
    });
    if typed.is_none() {
        desktop.fail("the search field was pressed but does not take what is typed");
    }
}

fn at_full_screen_the_toolbar_comes_to_the_pointer(desktop: &Desktop) {
    let (_running, window) = desktop.mirror(MARKER);
    desktop.point((800, 500));
    desktop.key("F11");
    if poll(|| {
        desktop
            .windows()
            .into_iter()
            .find(|w| (w.width(), w.height()) == SCREEN)
    })
    .is_none()
    {
        desktop.fail("not at full screen");
    }
    // The picture is 2.5 times as large in the middle, so this is beside it.
    let bar = |shown: bool| poll(|| ((desktop.pixel((40, 20)) == Some(BAR)) == shown).then_some(())).is_some();
    assert!(bar(false), "the toolbar covers a full screen");
    desktop.point((40, 0));
    if !bar(true) {
        desktop.fail("the pointer does not bring the toolbar");
    }
    desktop.point((800, 20));
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(bar(true), "the toolbar goes while the pointer is on it");
    desktop.point((800, 500));
    if !bar(false) {
        desktop.fail("the toolbar stays");
    }
    // Its buttons work there.
    desktop.point((800, 0));
    assert!(bar(true));
    desktop.click((SCREEN.0 - 52, 20));
    let restored = || {
        desktop
            .windows()
            .into_iter()
            .find(|w| (w.width(), w.height()) == (window.width(), window.height()))
    };
    if poll(restored).is_none() {
        desktop.fail("the toolbar's button does not leave the full screen");
    }
}

// Sway maximises no window.
#[test]
fn the_window_is_maximised_and_restored_from_its_toolbar() {
    let Some(desktop) = Desktop::x11() else { return };
    if !desktop.accessible() {
        return;
    }
    let (_running, window) = desktop.mirror(MARKER);
    desktop.press("Maximise");
    if poll(|| (desktop.window("Mirror").width() > window.width()).then_some(())).is_none() {
        desktop.fail("not maximised");
    }
    desktop.press("Restore size");
    if poll(|| (desktop.window("Mirror").width() == window.width()).then_some(())).is_none() {
        desktop.fail("not restored");
    }
}

fn the_window_is_closed_from_its_toolbar(desktop: &Desktop) {
    if !desktop.accessible() {
        return;
    }
    let (mut running, _) = desktop.mirror(MARKER);
    desktop.press("Close");
    desktop.window_gone("Mirror");
    assert!(
        running.wait(portico_tests::PATIENCE).is_some(),
        "the shell stays without a window"
    );
}

/// Titles whose letters the shell's own fonts lack. Drawn as boxes, both would look the same.
const TITLES: [&str; 2] = ["一一一一", "鬱鬱鬱鬱"];

fn a_title_in_japanese_is_drawn_with_its_letters(desktop: &Desktop) {
    let fonts = desktop.command("fc-list").args([":lang=ja", "family"]).output();
    if !fonts.is_ok_and(|fonts| !fonts.stdout.is_empty()) {
        return eprintln!("skipped: no font with Japanese letters is installed");
    }
    // Few strokes and many: how much of the title's place in the toolbar is not its ground.
    let ink = TITLES.map(|title| {
        let _running = desktop.run("title", &still(title, MARKER, (400, 100), OnKey::Nothing));
        let window = desktop.window(title);
        desktop.focus(&window);
        let place = || {
            let window = desktop.window(title);
            (desktop.pixel(window.frame((200, 50))) == Some(MARKER)).then_some((
                window.x() + 36,
                window.y() + 4,
                100,
                TOOLBAR - 8,
            ))
        };
        let Some(place) = poll(place) else {
            desktop.fail("the program does not show its picture")
        };
        // Fonts of the system are looked for beside.
        let inked = || {
            let ink = (place.2 * place.3) as usize - desktop.picture().count(place, BAR);
            (ink > 20).then_some(ink)
        };
        let Some(ink) = poll(inked) else {
            desktop.fail("the toolbar has no title")
        };
        std::thread::sleep(std::time::Duration::from_millis(500));
        inked().unwrap_or(ink)
    });
    assert!(ink[1] > 2 * ink[0], "pixels of {TITLES:?}: {ink:?}");
}
