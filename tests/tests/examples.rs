//! The examples in real windows, used as a person would.
#![allow(clippy::unwrap_used, reason = "tests")]

use portico_tests::programs::example;
use portico_tests::shell::binary;
use portico_tests::{Desktop, PATIENCE, Running, TOOLBAR, Window, poll};
use std::path::Path;

portico_tests::on_each_desktop!(
    the_clock_counts_down_in_the_users_language,
    tasks_compute_and_zoom,
    notes_take_text,
    memos_are_kept_by_services,
);

/// Opens an example in a light window; `None` where the examples are not built.
fn open(desktop: &Desktop, name: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Option<Running> {
    let program = example(name)?;
    let mut command = desktop.command(binary());
    command.env("PORTICO_THEME", "light").envs(environment.iter().copied());
    command.arg("run").arg(program).arg("--").args(arguments);
    Some(Running::start(command, desktop.directory().join(format!("{name}.log"))))
}

/// Closes the window of an example, which then ends well, as does the shell.
fn close(desktop: &Desktop, window: &Window, mut running: Running) {
    desktop.close(window);
    let code = running.wait(PATIENCE).and_then(|status| status.code());
    assert_eq!(code, Some(0), "{}", running.said());
}

fn the_clock_counts_down_in_the_users_language(desktop: &Desktop) {
    const ACCENT: [u8; 3] = [10, 96, 210];
    const ALARM: [u8; 3] = [205, 43, 49];
    // A place in the bar that fills as time goes by, one in the button for a minute, and one in that for five. The pointer
    // stands elsewhere.
    let (bar, minute, five) = ((600, 271), (434, 316), (520, 316));
    let languages = [("LC_ALL", "eo.UTF-8"), ("LANG", "eo.UTF-8")];
    let Some(running) = open(desktop, "clock", &["2"], &languages) else {
        return;
    };
    let window = desktop.window("La tempo finiĝis");
    running.says("The timer of 2 s is up.");
    desktop.shows(&window, bar, ALARM);
    desktop.focus(&window);
    desktop.click(window.frame((minute.0 + 60, minute.1)));
    desktop.shows(&window, minute, ACCENT);
    let window = desktop.window("Clock");
    desktop.key("5");
    desktop.shows(&window, five, ACCENT);
    desktop.key("Escape");
    desktop.shows(&window, five, [222, 225, 232]);
    close(desktop, &window, running);
}

fn tasks_compute_and_zoom(desktop: &Desktop) {
    // What belongs to the set, in a light window.
    const INSIDE: [u8; 3] = [38, 44, 72];
    let Some(running) = open(desktop, "tasks", &[], &[]) else {
        return;
    };
    let window = desktop.window("Tasks");
    let (middle, left) = ((480, 300), (60, 300));
    desktop.shows(&window, middle, INSIDE);
    assert_ne!(desktop.pixel(window.frame(left)), Some(INSIDE));
    desktop.point(window.frame(middle));
    // Half as much, three times: all of the middle line belongs to the set now.
    for _ in 0..3 {
        desktop.button(4);
    }
    desktop.shows(&window, left, INSIDE);
    for _ in 0..3 {
        desktop.button(5);
    }
    let outside = poll(|| (desktop.pixel(window.frame(left)) != Some(INSIDE)).then_some(()));
    assert!(outside.is_some(), "it does not show more again");
    close(desktop, &window, running);
}

/// Types words.
fn write(desktop: &Desktop, text: &str) {
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            desktop.key("space");
        }
        desktop.type_text(word);
    }
}

fn notes_take_text(desktop: &Desktop) {
    const FOUND: [u8; 3] = [255, 208, 92];
    let Some(running) = open(desktop, "notes", &[], &[]) else {
        return;
    };
    let window = desktop.window("Welcome \u{2013} Notes");
    desktop.focus(&window);
    // A note is called as its first line, which is how the window tells what is in it.
    let titled = |text: &str| desktop.window(&format!("{text} \u{2013} Notes"));
    let another = || {
        desktop.key("ctrl+n");
        titled("Empty note");
    };
    another();
    write(desktop, "milk and bread");
    titled("milk and bread");
    desktop.key("BackSpace");
    desktop.key("ctrl+Left");
    write(desktop, "fresh ");
    titled("milk and fresh brea");

    // By the clipboard into another note, and from another program.
    desktop.key("ctrl+a");
    desktop.key("ctrl+c");
    another();
    desktop.key("ctrl+v");
    titled("milk and fresh brea");
    if let Some(text) = desktop.clipboard() {
        assert_eq!(text.trim_end(), "milk and fresh brea");
    }
    if desktop.copy("from elsewhere") {
        another();
        desktop.key("ctrl+v");
        titled("from elsewhere");
    }

    // The tab before, and what is found in it.
    desktop.key("ctrl+space");
    desktop.type_text("previous");
    desktop.key("Return");
    // Until the title says so the HUD may still be there, which a click beside it closes.
    let window = titled("milk and fresh brea");
    desktop.click((window.x() + 460, window.y() + 20));
    desktop.type_text("e");
    let found = || {
        desktop
            .picture()
            .count((window.x(), window.y() + TOOLBAR, window.width(), 80), FOUND)
    };
    assert!(
        poll(|| (found() > 20).then_some(())).is_some(),
        "what is found is not shown"
    );
    close(desktop, &window, running);
}

fn memos_are_kept_by_services(desktop: &Desktop) {
    // Dots in the history: made, changed, deleted; and the memo that is chosen.
    const MADE: [u8; 3] = [34, 140, 76];
    const CHANGED: [u8; 3] = [28, 104, 196];
    const DELETED: [u8; 3] = [190, 40, 40];
    const CHOSEN: [u8; 3] = [212, 236, 229];
    // The broker finds both services by the files that come with them, in this user's own folder.
    let services = desktop.directory().join("config/portico/services");
    std::fs::create_dir_all(&services).unwrap();
    for name in ["storage.toml", "history.toml"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../broker/services")
            .join(name);
        std::fs::copy(from, services.join(name)).unwrap();
    }
    let Some(program) = example("memos") else { return };
    let open = || {
        let mut command = desktop.command(binary());
        let beside = binary().parent().unwrap_or(Path::new("/")).to_owned();
        let path = std::env::join_paths(
            [beside]
                .into_iter()
                .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
        )
        .unwrap();
        command
            .env("PORTICO_THEME", "light")
            .env("PATH", path)
            .args(["run", "--grant", "ports"])
            .arg(&program);
        let running = Running::start(command, desktop.directory().join("memos.log"));
        let window = desktop.window("Memos");
        desktop.focus(&window);
        (running, window)
    };
    let count = |window: &Window, colour: [u8; 3]| {
        desktop.picture().count(
            (
                window.x(),
                window.y() + TOOLBAR,
                window.width(),
                window.height() - TOOLBAR,
            ),
            colour,
        )
    };
    let shows = |window: &Window, colour: [u8; 3], what: &str| {
        assert!(poll(|| (count(window, colour) > 10).then_some(())).is_some(), "{what}");
    };

    let (running, window) = open();
    write(desktop, "buy bread");
    desktop.key("Return");
    shows(&window, MADE, "the history doesn't say that it was made");
    let status = desktop
        .command(binary())
        .args(["broker", "status", "--json"])
        .output()
        .unwrap();
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    for service in status["services"].as_array().unwrap() {
        assert_eq!(service["processes"], 1, "{status}");
    }
    // The field takes the memo in, and keeps it as it is then.
    desktop.key("Down");
    shows(&window, CHOSEN, "the memo is not chosen");
    desktop.key("Return");
    write(desktop, " today");
    desktop.key("Return");
    shows(&window, CHANGED, "the history doesn't say that it was changed");
    close(desktop, &window, running);

    // Another shell, another broker, other processes: what was kept is there.
    let (running, window) = open();
    shows(&window, CHANGED, "the history was not kept");
    desktop.key("Down");
    shows(&window, CHOSEN, "the memo was not kept");
    desktop.key("ctrl+d");
    shows(&window, DELETED, "the history doesn't say that it was deleted");
    assert!(
        poll(|| (count(&window, CHOSEN) == 0).then_some(())).is_some(),
        "the memo is still there"
    );
    close(desktop, &window, running);
}

#[test]
fn notes_show_what_an_input_method_composes() {
    const COMPOSED: &str = "\u{65e5}\u{672c}\u{8a9e}";
    let Some(desktop) = Desktop::wayland() else { return };
    let Some(running) = open(&desktop, "notes", &[], &[]) else {
        return;
    };
    let window = desktop.window("Welcome \u{2013} Notes");
    desktop.focus(&window);
    desktop.key("ctrl+n");
    let window = desktop.window("Empty note \u{2013} Notes");
    let (x, y) = window.frame((20, 20));
    let paper = || desktop.picture().count((x, y, 400, 40), [254, 253, 250]);
    // All of it but the caret.
    assert!(
        poll(|| (paper() > 15_900).then_some(())).is_some(),
        "the new note is not shown"
    );
    desktop.compose(COMPOSED);
    assert!(
        poll(|| (paper() < 15_800).then_some(())).is_some(),
        "what is composed is not shown"
    );
    desktop.window("Empty note \u{2013} Notes");
    desktop.give(COMPOSED);
    let window = desktop.window(&format!("{COMPOSED} \u{2013} Notes"));
    close(&desktop, &window, running);
}
