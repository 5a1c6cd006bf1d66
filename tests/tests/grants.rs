//! What programs ask for, and what the user says: at the prompt, in a script, and when it is taken back.

use portico_tests::programs::{self, Cell, NOTE, WRITTEN, Wish};
use portico_tests::{Desktop, Notifications, PATIENCE, Running, TOOLBAR, Window, poll};
use serde_json::Value;
use std::time::{Duration, Instant};

portico_tests::on_each_desktop!(
    a_prompt_is_answered_by_the_mouse_once_it_has_been_seen,
    a_prompt_is_answered_by_the_keyboard,
    questions_queue,
    esc_is_not_now,
    what_is_said_for_good_is_listed_and_changed_by_a_script,
    what_is_allowed_once_ends_with_the_program,
    a_notification_is_clicked_dismissed_and_replaced,
    a_notification_that_is_taken_back_closes_its_channel,
    notifications_without_a_service_are_unavailable,
    the_clipboard_is_read_and_outlives_the_shell,
    another_windows_clipboard_is_asked_for_and_shown,
);

const MARKER: [u8; 3] = [40, 120, 200];
const NAME: &str = "Asker";

/// What a program's cell shows.
const fn asks() -> [u8; 3] {
    [1, 0, 0x77]
}
const fn ready(word: u8) -> [u8; 3] {
    [2, word, 0x77]
}
const fn closed(code: u8) -> [u8; 3] {
    [3, code, 0x77]
}
const DENIED: u8 = 2;
/// What a launch of nothing comes to where it is allowed.
const UNAVAILABLE: u8 = 3;
const REVOKED: u8 = 7;

/// Longer than a prompt takes to arm.
const ARMED: Duration = Duration::from_millis(900);

fn start(desktop: &Desktop) -> (Running, Window) {
    let running = desktop.run("asker", &programs::asker(NAME, MARKER));
    let window = desktop.window(NAME);
    desktop.shows(&window, (300, 180), MARKER);
    let window = settled(desktop);
    desktop.focus(&window);
    (running, window)
}

/// The window once it has the size of the program's picture, and with it its place.
fn settled(desktop: &Desktop) -> Window {
    let size = (programs::WIDTH as i32, programs::HEIGHT as i32 + TOOLBAR);
    let find = || {
        desktop
            .windows()
            .into_iter()
            .find(|it| it.title == NAME && (it.width(), it.height()) == size)
    };
    poll(find).unwrap_or_else(|| desktop.fail("the window does not take the size of the picture"))
}

/// Waits until a wish's cell shows that.
fn shows(desktop: &Desktop, window: &Window, wish: Wish, rgb: [u8; 3]) {
    let at = (wish as i32 * 40 + 20, 20);
    // Below the prompt nothing can be seen; it goes.
    desktop.shows(window, at, rgb);
}

/// Presses a wish's key, and waits until the program has it.
fn wish(desktop: &Desktop, window: &Window, key: &str) {
    desktop.focus(window);
    std::thread::sleep(Duration::from_millis(100));
    desktop.key(key);
}

/// Where a prompt hangs, of which the program's picture can be seen nowhere.
fn prompt_at(window: &Window) -> (i32, i32) {
    window.frame((window.width() / 2, 12))
}

/// Waits until a prompt is there, or is not.
fn prompt(desktop: &Desktop, window: &Window, there: bool) {
    let at = prompt_at(window);
    let is = || desktop.pixel(at).is_some_and(|rgb| rgb.iter().all(|part| *part > 0xE0));
    if poll(|| (is() == there).then_some(())).is_none() {
        desktop.fail(if there {
            "there is no prompt"
        } else {
            "the prompt is still there"
        });
    }
}

/// Chooses a button of the prompt by the keyboard: the first, second or third.
fn choose(desktop: &Desktop, button: usize) {
    std::thread::sleep(ARMED);
    (0..button).for_each(|_| desktop.key("Tab"));
    desktop.key("Return");
}

/// Waits until that is kept: an answer holds at once, and is on the disk soon.
fn keeps(desktop: &Desktop, portal: &str, allowed: bool) {
    let expected = [(portal.to_owned(), allowed)];
    if poll(|| (kept(desktop) == expected).then_some(())).is_none() {
        panic!("{:?} is kept, not {expected:?}", kept(desktop));
    }
}

/// Portal and verdict of everything that is kept.
fn kept(desktop: &Desktop) -> Vec<(String, bool)> {
    let rows: Value = serde_json::from_str(&desktop.done(&["grants", "--json"])).expect("JSON");
    let rows = rows.as_array().expect("a list").clone();
    let row = |row: &Value| {
        assert_eq!(row["name"], NAME);
        (
            row["portal"].as_str().unwrap_or_default().to_owned(),
            row["allowed"].as_bool().expect("a verdict"),
        )
    };
    rows.iter().map(row).collect()
}

fn quit(desktop: &Desktop, running: &mut Running, window: &Window) {
    desktop.close(window);
    assert!(running.wait(PATIENCE).is_some(), "it goes on");
}

fn a_prompt_is_answered_by_the_mouse_once_it_has_been_seen(desktop: &Desktop) {
    if !desktop.accessible() {
        return;
    }
    // Where the button is, from a first prompt, which is left unanswered.
    let (mut running, window) = start(desktop);
    wish(desktop, &window, "l");
    let node = desktop.node("Allow");
    let [x, y, width, height] = node.bounds.expect("a button has a place");
    assert!(width > 40 && height > 20 && y > TOOLBAR, "{node:?}");
    assert!(
        x + width <= window.width() && y + height <= window.height(),
        "it is in the window: {node:?}"
    );
    let says: Vec<_> = desktop.nodes().into_iter().map(|node| node.name).collect();
    for words in [
        "Allow “Asker” to do this?",
        "Start other programs",
        "It says: “To open the other one”",
    ] {
        assert!(says.iter().any(|said| said == words), "{words}: {says:?}");
    }
    // What the keyboard is on is told, and shown.
    std::thread::sleep(ARMED);
    desktop.key("Tab");
    let focused = |node: &portico_tests::Node| node.states.iter().any(|state| state == "focused");
    let is_on = || {
        desktop
            .nodes()
            .into_iter()
            .any(|node| focused(&node) && node.name == "Don't allow")
            .then_some(())
    };
    assert!(poll(is_on).is_some(), "{:?}", desktop.nodes());
    quit(desktop, &mut running, &window);

    let (_running, window) = start(desktop);
    let button = (window.x() + x + width / 2, window.y() + y + height / 2);
    desktop.point(button);
    wish(desktop, &window, "l");
    // Clicks that were meant for the program come too early, each after the other, however long they go on.
    let until = Instant::now() + 2 * ARMED;
    while Instant::now() < until {
        desktop.button(1);
        std::thread::sleep(Duration::from_millis(100));
    }
    prompt(desktop, &window, true);
    assert_eq!(kept(desktop), []);
    std::thread::sleep(ARMED);
    desktop.button(1);
    prompt(desktop, &window, false);
    shows(desktop, &window, Wish::Launch, closed(UNAVAILABLE));
    keeps(desktop, "launch", true);
}

fn a_prompt_is_answered_by_the_keyboard(desktop: &Desktop) {
    let (_running, window) = start(desktop);
    wish(desktop, &window, "l");
    // Keys that were meant for the program come too early, however long they go on, and a key that is held is no answer.
    let until = Instant::now() + 2 * ARMED;
    while Instant::now() < until {
        desktop.key("Tab");
        desktop.key("Return");
        std::thread::sleep(Duration::from_millis(50));
    }
    prompt(desktop, &window, true);
    desktop.key_down("Return");
    std::thread::sleep(ARMED + ARMED);
    desktop.key_up("Return");
    prompt(desktop, &window, true);
    choose(desktop, 1);
    prompt(desktop, &window, false);
    shows(desktop, &window, Wish::Launch, closed(DENIED));
    keeps(desktop, "launch", false);
    // No is no: it is not asked again.
    wish(desktop, &window, "l");
    std::thread::sleep(ARMED);
    prompt(desktop, &window, false);
    shows(desktop, &window, Wish::Launch, closed(DENIED));
}

fn questions_queue(desktop: &Desktop) {
    let service = Notifications::on(desktop);
    let (_running, window) = start(desktop);
    wish(desktop, &window, "b");
    prompt(desktop, &window, true);
    choose(desktop, 2);
    // The answer to the first is none to the second.
    std::thread::sleep(ARMED);
    prompt(desktop, &window, true);
    assert_eq!(service.shown(), []);
    choose(desktop, 3);
    prompt(desktop, &window, false);
    shows(desktop, &window, Wish::Launch, closed(UNAVAILABLE));
    assert_eq!(service.first().program, NAME);
    keeps(desktop, "notifications", true);
}

fn esc_is_not_now(desktop: &Desktop) {
    let (mut running, window) = start(desktop);
    wish(desktop, &window, "l");
    prompt(desktop, &window, true);
    desktop.key("Escape");
    prompt(desktop, &window, false);
    shows(desktop, &window, Wish::Launch, closed(DENIED));
    // It is not asked again before it starts again.
    wish(desktop, &window, "l");
    std::thread::sleep(ARMED);
    prompt(desktop, &window, false);
    shows(desktop, &window, Wish::Launch, closed(DENIED));
    assert_eq!(kept(desktop), []);
    quit(desktop, &mut running, &window);
    let (_running, window) = start(desktop);
    wish(desktop, &window, "l");
    prompt(desktop, &window, true);
}

fn what_is_said_for_good_is_listed_and_changed_by_a_script(desktop: &Desktop) {
    let (mut running, window) = start(desktop);
    wish(desktop, &window, "l");
    prompt(desktop, &window, true);
    choose(desktop, 3);
    shows(desktop, &window, Wish::Launch, closed(UNAVAILABLE));
    keeps(desktop, "launch", true);
    let listed = desktop.done(&["grants"]);
    assert!(
        listed.contains("allowed") && listed.contains("launch") && listed.contains(NAME),
        "{listed}"
    );
    // A script denies it: the running program has lost it when that command has ended.
    desktop.done(&["grants", "deny", "asker", "launch"]);
    wish(desktop, &window, "l");
    shows(desktop, &window, Wish::Launch, closed(DENIED));
    // Denied outlives the shell.
    quit(desktop, &mut running, &window);
    let (_running, window) = start(desktop);
    wish(desktop, &window, "l");
    shows(desktop, &window, Wish::Launch, closed(DENIED));
    desktop.done(&["grants", "allow", "asker", "launch"]);
    wish(desktop, &window, "l");
    shows(desktop, &window, Wish::Launch, closed(UNAVAILABLE));
    assert_eq!(desktop.done(&["grants", "forget", "asker"]), "");
    assert_eq!(kept(desktop), []);
    wish(desktop, &window, "l");
    prompt(desktop, &window, true);
    // A script can also answer what is being asked.
    let file = desktop.directory().join("asker.wasm").display().to_string();
    desktop.done(&["grants", "allow", &file, "launch"]);
    prompt(desktop, &window, false);
    shows(desktop, &window, Wish::Launch, closed(UNAVAILABLE));
    let mut wrong = desktop.portico(&["grants", "allow", "asker", "lunch"]);
    assert_eq!(wrong.wait(PATIENCE).and_then(|status| status.code()), Some(2));
    wrong.says("there is no portal `lunch`");
}

fn what_is_allowed_once_ends_with_the_program(desktop: &Desktop) {
    let (mut running, window) = start(desktop);
    wish(desktop, &window, "l");
    prompt(desktop, &window, true);
    choose(desktop, 2);
    shows(desktop, &window, Wish::Launch, closed(UNAVAILABLE));
    wish(desktop, &window, "l");
    shows(desktop, &window, Wish::Launch, closed(UNAVAILABLE));
    assert_eq!(kept(desktop), []);
    quit(desktop, &mut running, &window);
    let (_running, window) = start(desktop);
    wish(desktop, &window, "l");
    prompt(desktop, &window, true);
}

fn allow(desktop: &Desktop, portal: &str) {
    let file = programs::save(desktop.directory(), "asker", &programs::asker(NAME, MARKER));
    desktop.done(&["grants", "allow", &file.display().to_string(), portal]);
}

fn a_notification_is_clicked_dismissed_and_replaced(desktop: &Desktop) {
    let service = Notifications::on(desktop);
    allow(desktop, "notifications");
    let (_running, window) = start(desktop);
    wish(desktop, &window, "n");
    let shown = service.first();
    assert_eq!(
        (shown.program.as_str(), shown.title.as_str()),
        (NAME, format!("★ {NOTE}").as_str())
    );
    assert_eq!(shown.text, "a &lt; b &amp; &lt;i&gt;c&lt;/i&gt;", "it is no markup");
    shows(desktop, &window, Wish::Notify, asks());
    // Another message on the channel takes its place.
    wish(desktop, &window, "n");
    std::thread::sleep(ARMED);
    assert_eq!(service.shown().len(), 1);
    // A click comes back, and brings the window to the front.
    let (_other, other) = {
        let running = desktop.run(
            "still",
            &programs::still("Other", [9, 9, 9], (320, 200), programs::OnKey::Nothing),
        );
        let window = desktop.window("Other");
        desktop.focus(&window);
        (running, window)
    };
    service.click(service.first().number);
    desktop.move_to(&other, (800, 500));
    shows(desktop, &window, Wish::Notify, ready(1));
    desktop.close(&other);
    desktop.window_gone("Other");
    wish(desktop, &window, "n");
    service.dismiss(service.first().number);
    shows(desktop, &window, Wish::Notify, ready(0));
    // One whose service goes away is gone, too.
    wish(desktop, &window, "n");
    service.first();
    shows(desktop, &window, Wish::Notify, asks());
    drop(service);
    shows(desktop, &window, Wish::Notify, ready(0));
}

fn a_notification_that_is_taken_back_closes_its_channel(desktop: &Desktop) {
    let service = Notifications::on(desktop);
    allow(desktop, "notifications");
    let (_running, window) = start(desktop);
    wish(desktop, &window, "n");
    service.first();
    shows(desktop, &window, Wish::Notify, asks());
    desktop.done(&["grants", "deny", NAME, "notifications"]);
    shows(desktop, &window, Wish::Notify, closed(REVOKED));
    wish(desktop, &window, "n");
    shows(desktop, &window, Wish::Notify, closed(DENIED));
}

fn notifications_without_a_service_are_unavailable(desktop: &Desktop) {
    allow(desktop, "notifications");
    let (_running, window) = start(desktop);
    wish(desktop, &window, "n");
    shows(desktop, &window, Wish::Notify, closed(UNAVAILABLE));
    // One that comes later is found.
    let service = Notifications::on(desktop);
    wish(desktop, &window, "n");
    service.first();
}

fn the_clipboard_is_read_and_outlives_the_shell(desktop: &Desktop) {
    let (mut running, window) = start(desktop);
    if !desktop.copy("xyz from elsewhere") {
        return;
    }
    wish(desktop, &window, "c");
    shows(desktop, &window, Wish::Read, ready(0));
    desktop.cell(&window, Cell::Text, [b'x', b'y', b'z']);
    wish(desktop, &window, "w");
    shows(desktop, &window, Wish::Write, ready(0));
    assert_eq!(desktop.clipboard().as_deref(), Some(WRITTEN));
    quit(desktop, &mut running, &window);
    let there = poll(|| (desktop.clipboard().as_deref() == Some(WRITTEN)).then_some(()));
    assert!(there.is_some(), "it went with the shell: {:?}", desktop.clipboard());
    // What comes later takes its place, a moment after it was copied.
    desktop.copy("something else");
    let taken = poll(|| (desktop.clipboard().as_deref() == Some("something else")).then_some(()));
    assert!(taken.is_some(), "it is kept: {:?}", desktop.clipboard());
}

fn another_windows_clipboard_is_asked_for_and_shown(desktop: &Desktop) {
    let (_running, window) = start(desktop);
    if !desktop.accessible() || !desktop.copy("abc") {
        return;
    }
    let light = "In use: Read the clipboard while another window has the focus";
    wish(desktop, &window, "u");
    let other = desktop.run(
        "still",
        &programs::still("Other", [9, 9, 9], (320, 200), programs::OnKey::Nothing),
    );
    let covers = desktop.window("Other");
    desktop.focus(&covers);
    desktop.move_to(&covers, (1100, 700));
    prompt(desktop, &window, true);
    desktop.focus(&window);
    choose(desktop, 2);
    shows(desktop, &window, Wish::Read, ready(0));
    desktop.cell(&window, Cell::Text, [b'a', b'b', b'c']);
    drop(other);
    // The light says so as long as the channel is open, and opens what takes it back.
    desktop.press(light);
    desktop.node("Asker uses this now");
    desktop.press("Take back");
    shows(desktop, &window, Wish::Read, closed(REVOKED));
    desktop.node_gone(light);
}
