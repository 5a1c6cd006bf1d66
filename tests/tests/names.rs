//! Programs whose names hide something: what becomes of them on every surface that is not the program's own.

use portico_tests::programs;
use portico_tests::{Desktop, Running, TOOLBAR, poll};
use serde_json::Value;
use std::time::Duration;

portico_tests::on_each_desktop!(
    a_name_hides_nothing_on_any_surface,
    a_prompt_of_a_program_with_an_endless_name_can_be_read,
);

const BLUE: [u8; 3] = [40, 120, 200];
const ARMED: Duration = Duration::from_millis(900);

/// A name as it stands in TOML, and what it is shown as; for what is blank, the beginning before the digits of its hash.
const NAMES: [(&str, &str, Shown); 4] = [
    ("turned", "Pa\\u202Egnp.tni", Shown::As("Pagnp.tni")),
    ("blank", "\\u200B \\u3164\\u2800", Shown::AsFile),
    (
        "zalgo",
        "Z\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301 \\u00A0\\u2028y",
        Shown::As("Z\u{301}\u{301}\u{301}\u{301} y"),
    ),
    ("lines", "Two\\nlines", Shown::AsIfNone),
];

#[derive(Clone, Copy)]
enum Shown {
    As(&'static str),
    /// The file's name and the first digits of the hash.
    AsFile,
    /// The file's name: a manifest with control characters is none.
    AsIfNone,
}

/// Nothing of it moves a cursor, turns text or can't be seen.
fn is_fit(text: &str) -> bool {
    let hides = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2800}' | '\u{3164}')
    };
    !text.contains(hides)
}

fn a_name_hides_nothing_on_any_surface(desktop: &Desktop) {
    let accessible = desktop.accessible();
    let long = "W".repeat(1_000);
    let cut = format!("{}…", "W".repeat(63));
    let names = NAMES.map(|(file, name, shown)| (file, name.to_owned(), shown));
    let last = ("long", long, Shown::As(""));
    let mut shell: Vec<Running> = Vec::new();
    for (file, name, shown) in names.into_iter().chain([last]) {
        let body = "(call $open (i32.const 1) (i32.const 35) (i32.const 0x2000)) (loop $l (drop (call $wait)) (br $l))";
        let bytes = programs::named(programs::script(body), &name);
        let path = programs::save(desktop.directory(), file, &bytes);
        let path = path.display().to_string();
        let info: Value = serde_json::from_str(&desktop.done(&["info", "--json", &path])).expect("JSON");
        let digits = &info["hash"].as_str().expect("a hash")[..8].to_owned();
        let expected = match shown {
            Shown::As("") => cut.clone(),
            Shown::As(name) => name.to_owned(),
            Shown::AsFile => format!("{file} {digits}"),
            Shown::AsIfNone => file.to_owned(),
        };
        // The window system's lists, whose title stands alone.
        shell.push(desktop.portico(&["run", &path]));
        desktop.window(&expected);
        // The terminal.
        for text in [desktop.done(&["info", &path]), desktop.done(&["install", &path])] {
            assert!(
                is_fit(&text) && text.lines().all(|line| line.chars().count() < 300),
                "{text:?}"
            );
        }
        let listed: Value = serde_json::from_str(&desktop.done(&["list", "--json"])).expect("JSON");
        let row = listed.as_array().and_then(|rows| {
            rows.iter()
                .find(|row| row["hash"].as_str().is_some_and(|hash| hash.starts_with(digits)))
        });
        assert_eq!(row.expect("it is installed")["name"], expected.as_str());
        // The desktop's menus.
        let folder = desktop.directory().join("data/applications");
        let entries = std::fs::read_dir(&folder).expect("there are entries").flatten();
        let entry = entries
            .map(|entry| std::fs::read_to_string(entry.path()).unwrap_or_default())
            .find(|text| text.contains(&format!("run {digits}")));
        let entry = entry.expect("the menus list it");
        assert!(
            entry.contains(&format!("Name={expected}\n")) && is_fit(&entry),
            "{entry}"
        );
    }
    // Toolbars, the HUD, home, the task list, and the settings with their matrix, as a screen reader is told of them.
    if accessible {
        shell.push(desktop.portico(&[]));
        let home = desktop.window("Home");
        for (page, title) in [("task", "Task list"), ("settings", "Settings")] {
            desktop.focus(&home);
            desktop.key("ctrl+space");
            desktop.node("Type an action, a window or a program");
            let listed = desktop.nodes();
            assert!(listed.iter().filter(|node| node.name == cut).count() > 1, "{listed:?}");
            assert!(listed.iter().all(|node| is_fit(&node.name)), "{listed:?}");
            desktop.type_text(page);
            desktop.key("Return");
            // It takes the keyboard when it opens.
            desktop.window(title);
        }
        let all = desktop.nodes();
        let unfit = all
            .iter()
            .find(|node| !is_fit(&node.name) || node.name.chars().count() > 300);
        assert!(unfit.is_none(), "{unfit:?}");
    }
    // What shells tell of each other's windows.
    let windows = desktop.done(&["msg", "windows"]);
    assert!(is_fit(&windows) && windows.contains(&cut), "{windows}");
    // An end is told by the same name, and is found without its accents.
    assert!(desktop.done(&["remove", "z y"]).contains("Z\u{301}"));
}

/// A program of an endless name that asks for something, and its window.
fn ask(desktop: &Desktop, size: Option<(i32, i32)>) -> (Running, portico_tests::Window) {
    let running = desktop.run(
        "endless",
        &programs::asker_called(&"endless ".repeat(125), "Asker", BLUE),
    );
    let mut window = desktop.window("Asker");
    desktop.shows(&window, (300, 180), BLUE);
    if let Some((width, height)) = size {
        desktop.resize(&window, width, height);
        let is = |window: &portico_tests::Window| window.height() <= height;
        if poll(|| is(&desktop.window("Asker")).then_some(())).is_none() {
            desktop.fail("the window is as large as before");
        }
    }
    window = desktop.window("Asker");
    desktop.focus(&window);
    std::thread::sleep(Duration::from_millis(200));
    desktop.key("l");
    let at = window.frame((window.width() / 2, 4));
    if poll(|| desktop.pixel(at).filter(|rgb| rgb.iter().all(|part| *part > 0xE0))).is_none() {
        desktop.fail("there is no prompt");
    }
    (running, window)
}

/// As somebody would answer who can't see anything but knows where the buttons are.
fn answer_blindly(desktop: &Desktop) {
    std::thread::sleep(ARMED);
    (0..3).for_each(|_| desktop.key("Tab"));
    desktop.key("Return");
}

fn a_prompt_of_a_program_with_an_endless_name_can_be_read(desktop: &Desktop) {
    let accessible = desktop.accessible();
    // As large as the program's picture, and as small as a window can be.
    for size in [None, Some((320, 160))] {
        let (_running, window) = ask(desktop, size);
        if accessible {
            desktop.node("Allow once");
            let all = desktop.nodes();
            let heading = all.iter().find(|node| node.name.starts_with("Allow “endless"));
            let heading = heading.unwrap_or_else(|| panic!("nobody is said to ask: {all:?}"));
            assert!(heading.name.ends_with("…” to do this?"), "{heading:?}");
            for name in [
                heading.name.as_str(),
                "Start other programs",
                "Don't allow",
                "Allow once",
                "Allow",
            ] {
                let node = all
                    .iter()
                    .find(|node| node.name == name)
                    .unwrap_or_else(|| panic!("no {name}: {all:?}"));
                let [x, y, width, height] = node.bounds.expect("it has a place");
                let inside = x >= 0 && y >= TOOLBAR && x + width <= window.width() && y + height <= window.height();
                assert!(inside, "{node:?} in {window:?}");
            }
        }
        answer_blindly(desktop);
        let kept = poll(|| Some(desktop.done(&["grants"])).filter(|said| !said.is_empty()));
        let kept = kept.expect("what can be read can be answered");
        assert!(kept.contains("allowed") && kept.contains("launch"), "{kept}");
        assert!(kept.lines().all(|line| line.chars().count() < 140), "{kept}");
        desktop.done(&["grants", "forget", &kept[..8]]);
        desktop.close(&window);
        desktop.window_gone("Asker");
    }
}
