//! Settings, task list and log viewer in real windows, as assistive technology and the keyboard reach them.

use portico_tests::programs::{self, OnKey, script_with};
use portico_tests::{Desktop, Node, Window, poll};

portico_tests::on_each_desktop!(
    what_a_program_may_do_is_changed_while_it_runs,
    settings_act_at_once,
    programs_are_told_what_is_set_of_the_user,
    the_task_list_counts_and_ends,
    the_log_is_searched_by_keyboard,
    a_window_that_is_closed_under_the_pointer_makes_room_for_another,
);

const BLUE: [u8; 3] = [0x20, 0x40, 0xC0];
/// The toolbar's ground in the dark look.
const DARK_BAR: [u8; 3] = [0x1E, 0x20, 0x24];
const KEYS: &str = "Hear the keyboard while its window has the focus";

/// Waits until something has a name with that in it.
fn said(desktop: &Desktop, part: &str) -> Node {
    let find = || desktop.nodes().into_iter().find(|node| node.name.contains(part));
    poll(find).unwrap_or_else(|| {
        let names: Vec<_> = desktop.nodes().into_iter().map(|node| node.name).collect();
        desktop.fail(&format!("nothing is called … {part} …; there is {names:#?}"))
    })
}

/// Opens a built-in page in the shell that runs.
fn open(desktop: &Desktop, page: &str, title: &str) -> Window {
    let mut opened = desktop.portico(&["open", page]);
    let window = desktop.window(title);
    assert!(
        opened
            .wait(portico_tests::PATIENCE)
            .is_some_and(|status| status.success()),
        "{}",
        opened.said()
    );
    window
}

/// Everything that can be pressed or typed into has a name.
fn nothing_is_nameless(desktop: &Desktop) {
    let control = |node: &Node| {
        ["button", "entry", "combo", "cell", "tab", "item"]
            .iter()
            .any(|of| node.role.contains(of))
    };
    let nameless: Vec<_> = desktop
        .nodes()
        .into_iter()
        .filter(|node| control(node) && node.name.is_empty())
        .collect();
    assert!(nameless.is_empty(), "{nameless:?}");
}

fn what_a_program_may_do_is_changed_while_it_runs(desktop: &Desktop) {
    if !desktop.accessible() {
        return;
    }
    let program = programs::still("Harbour", BLUE, (320, 200), OnKey::Exit);
    let mut running = desktop.run("harbour", &programs::named(program, "Harbour"));
    let window = desktop.window("Harbour");
    desktop.shows(&window, (160, 100), BLUE);
    open(desktop, "settings", "Settings");
    nothing_is_nameless(desktop);
    desktop.press(&format!("Harbour: {KEYS}: Allowed, as to every program"));
    desktop.press(&format!("Don't allow: {KEYS}"));
    desktop.node(&format!("Harbour: {KEYS}: Not allowed"));
    // It would end at a key, if it heard one.
    desktop.focus(&window);
    desktop.key("k");
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(running.runs());
    // What was denied is remembered.
    drop(running);
    desktop.window_gone("Harbour");
    let program = programs::still("Harbour", BLUE, (320, 200), OnKey::Exit);
    let mut running = desktop.run("harbour", &programs::named(program, "Harbour"));
    let window = desktop.window("Harbour");
    desktop.focus(&window);
    desktop.key("k");
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(running.runs());
    // From its window the HUD leads to what it may do, and all that was said is forgotten.
    desktop.key("ctrl+space");
    desktop.node("Type an action, a window or a program");
    desktop.type_text("permiss");
    said(desktop, "Permissions of this program");
    desktop.key("Return");
    desktop.window("Settings");
    desktop.press("Forget all of that");
    desktop.node(&format!("Harbour: {KEYS}: Allowed, as to every program"));
}

fn settings_act_at_once(desktop: &Desktop) {
    if !desktop.accessible() {
        return;
    }
    let _running = desktop.run("still", &programs::still("Still", BLUE, (320, 200), OnKey::Nothing));
    desktop.window("Still");
    let window = open(desktop, "settings", "Settings");
    for section in ["Shortcuts", "Storage", "About", "Appearance"] {
        desktop.press(section);
        nothing_is_nameless(desktop);
    }
    desktop.press("Look: Dark");
    let bar = || desktop.pixel((window.x() + window.width() / 2, window.y() + 4)) == Some(DARK_BAR);
    if poll(|| bar().then_some(())).is_none() {
        desktop.fail("the toolbar is not dark");
    }
    desktop.press("Language: Esperanto");
    desktop.window("Agordoj");
    desktop.press("Klavkombinoj");
    said(desktop, "Stir+Spaco");
    desktop.press("Aspekto");
    desktop.press("Lingvo: English");
    desktop.window("Settings");
}

fn programs_are_told_what_is_set_of_the_user(desktop: &Desktop) {
    if !desktop.accessible() {
        return;
    }
    let running = desktop.run("listener", &programs::listener());
    running.says("13: enXX\n");
    let window = open(desktop, "settings", "Settings");
    // Without a list of the user's own, programs follow the shell's own language.
    desktop.press("Appearance");
    desktop.press("Language: Esperanto");
    running.says("13: eoXXenXX\n");
    desktop.press("Vi");
    nothing_is_nameless(desktop);
    desktop.focus(&window);
    for (field, typed) in [("Uzantnomo", "stela"), ("Plena nomo", "maris")] {
        desktop.grab(field);
        desktop.key("ctrl+a");
        desktop.type_text(typed);
        running.says(&format!(": {typed}\n"));
    }
    desktop.grab("Aldoni lingvon");
    desktop.type_text("deut");
    desktop.node("Aldoni lingvon: Deutsch");
    desktop.key("Return");
    running.says("13: eoXXenXXdeXX\n");
    desktop.press("Supren: Deutsch");
    running.says("13: eoXXdeXXenXX\n");
    desktop.press("Forigi: Esperanto");
    running.says("13: deXXenXX\n");
    desktop.press("Malfari");
    said(desktop, "1: Esperanto");
    // It outlives the shell.
    desktop.close(&window);
    desktop.window_gone("Agordoj");
    drop(running);
    desktop.window_gone("listener");
    let running = desktop.run("listener", &programs::listener());
    for told in ["11: stela\n", "12: maris\n", "13: eoXXdeXXenXX\n"] {
        running.says(told);
    }
}

fn the_task_list_counts_and_ends(desktop: &Desktop) {
    if !desktop.accessible() {
        return;
    }
    let _running = desktop.run("runner", &programs::animator("Runner", (64, 64)));
    desktop.window("Runner");
    open(desktop, "tasks", "Task list");
    // Some frames a second, two messages for each, and some memory.
    let row = || {
        let row = said(desktop, "Runner: CPU").name;
        let after = |what: &str| -> Option<f64> {
            let rest = row.split_once(what)?.1.trim_start();
            rest.split([';', ' ']).next()?.replace(',', "").parse().ok()
        };
        (after("Frames/s")? > 1.0 && after("Messages/s")? > 2.0 && after("Memory")? > 0.0).then_some(row.clone())
    };
    let Some(_) = poll(row) else {
        desktop.fail(&said(desktop, "Runner: CPU").name)
    };
    nothing_is_nameless(desktop);
    // What the row says changes all the time: the keyboard chooses it.
    let window = desktop.window("Task list");
    desktop.focus(&window);
    desktop.click((window.x() + 60, window.y() + 40 + 32 + 18));
    desktop.press("Log");
    desktop.window("Log");
    desktop.press("End");
    desktop.node("No program runs.");
}

fn the_log_is_searched_by_keyboard(desktop: &Desktop) {
    if !desktop.accessible() {
        return;
    }
    // Prints a line, and waits for good.
    let data = r#"(data (i32.const 0x2400) "seven seas")"#;
    let body = "(i32.store (i32.const 0x2300) (i32.const 0x00010000))
        (i32.store (i32.const 0x2304) (i32.const 10)) (i32.store (i32.const 0x2308) (i32.const 0x2400))
        (call $open (i32.const 3) (i32.const 19) (i32.const 0x2300))
        (call $open (i32.const 1) (i32.const 35) (i32.const 0x2000))
        (loop $forever (drop (call $wait)) (br $forever))";
    let _running = desktop.run("seas", &script_with(data, body));
    desktop.window("seas");
    let window = open(desktop, "log", "Log");
    said(desktop, "seven seas");
    nothing_is_nameless(desktop);
    desktop.focus(&window);
    desktop.grab("Find in the text");
    desktop.type_text("sevenx");
    desktop.node("0 lines");
    desktop.node("Nothing has been printed that fits.");
    desktop.key("BackSpace");
    desktop.node("One line");
    desktop.node("Debug console");
}

fn a_window_that_is_closed_under_the_pointer_makes_room_for_another(desktop: &Desktop) {
    let mut running = desktop.run("still", &programs::still("Still", BLUE, (320, 200), OnKey::Nothing));
    desktop.window("Still");
    let hover = |window: &Window| {
        for step in 0..10 {
            desktop.point((window.x() + 120 + 8 * step, window.y() + 160));
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    };
    let settings = open(desktop, "settings", "Settings");
    desktop.focus(&settings);
    // It is older then than the next window when that is drawn.
    std::thread::sleep(std::time::Duration::from_secs(2));
    hover(&settings);
    desktop.close(&settings);
    desktop.window_gone("Settings");
    let tasks = open(desktop, "tasks", "Task list");
    hover(&tasks);
    let drawn = || {
        Some(()).filter(|()| {
            desktop
                .picture()
                .colours((tasks.x(), tasks.y(), tasks.width(), tasks.height()))
                > 8
        })
    };
    assert!(poll(drawn).is_some() && running.runs(), "{}", running.said());
}
