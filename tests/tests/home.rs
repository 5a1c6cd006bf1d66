//! Home and installed programs: opened by mouse, keyboard, drop, paste and assistive technology.

use portico_tests::programs::OnKey;
use portico_tests::shell::binary;
use portico_tests::{Desktop, PATIENCE, Running, TOOLBAR, Window, poll, programs};
use std::path::{Path, PathBuf};

portico_tests::on_each_desktop!(
    home_opens_what_is_typed,
    home_opens_what_is_clicked_and_pasted,
    what_is_installed_is_listed_and_can_be_removed,
    everything_at_home_has_a_name,
    a_program_that_is_signed_wrongly_is_refused,
    a_damaged_program_is_never_run,
    files_are_dropped_on_home_and_on_programs,
    programs_start_programs,
);

const SEARCH: &str = "Search, or paste a path, a link or a hash to open it";

const BLUE: [u8; 3] = [0x20, 0x40, 0xC0];
/// Middle of the search field at scale 1, from the window's corner.
const FIELD: (i32, i32) = (300, 76);

/// Saves a program that shows one colour and is called `name`.
fn program(folder: &Path, name: &str) -> PathBuf {
    std::fs::create_dir_all(folder).expect("the folder can be made");
    let bytes = programs::still(name, BLUE, (320, 200), OnKey::Nothing);
    programs::save(folder, name, &programs::named(bytes, name))
}

/// Home, with one example.
fn home(desktop: &Desktop) -> (Running, Window) {
    let examples = desktop.directory().join("examples");
    program(&examples, "Lighthouse");
    let mut command = desktop.command(binary());
    command.env("PORTICO_EXAMPLES", &examples);
    let running = Running::start(command, desktop.directory().join("home.log"));
    let window = desktop.window("Home");
    desktop.focus(&window);
    (running, desktop.window("Home"))
}

/// The files in a folder whose names begin so.
fn entries(folder: &Path, start: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let found = files.filter(|file| file.file_name().to_string_lossy().starts_with(start));
    found.map(|file| file.path()).collect()
}

fn home_opens_what_is_typed(desktop: &Desktop) {
    let (_running, _) = home(desktop);
    desktop.type_text("light");
    desktop.key("Return");
    let window = desktop.window("Lighthouse");
    desktop.shows(&window, (20, TOOLBAR + 20), BLUE);
    desktop.window("Home");
}

fn home_opens_what_is_clicked_and_pasted(desktop: &Desktop) {
    let (_running, window) = home(desktop);
    // A path, pasted whole into the search, is opened.
    let file = program(&desktop.directory().join("elsewhere"), "Harbour");
    if desktop.copy(&file.display().to_string()) {
        desktop.click((window.x() + FIELD.0, window.y() + FIELD.1));
        desktop.key("ctrl+v");
        desktop.window("Harbour");
    }
}

fn what_is_installed_is_listed_and_can_be_removed(desktop: &Desktop) {
    let (_running, _) = home(desktop);
    let file = program(&desktop.directory().join("elsewhere"), "Harbour");
    let said = desktop.done(&["install", &file.display().to_string()]);
    assert!(said.contains("Harbour"), "{said}");
    let hash = said.split_whitespace().next().expect("a hash").to_owned();
    std::fs::remove_file(&file).expect("it is there");
    let entries = || entries(&desktop.directory().join("data/applications"), "portico-");
    let text = entries()
        .into_iter()
        .map(|file| std::fs::read_to_string(file).expect("it is there"));
    assert!(
        text.clone()
            .any(|text| text.contains("Name=Harbour\n") && text.contains(&hash)),
        "{:?}",
        entries()
    );
    let registered = entries().len();
    // The running shell finds it too: by search at home, and in the HUD of another window.
    desktop.type_text("harb");
    desktop.key("Return");
    let window = desktop.window("Harbour");
    desktop.focus(&window);
    desktop.key("ctrl+space");
    desktop.type_text("lighth");
    desktop.key("Return");
    desktop.window("Lighthouse");
    let listed = desktop.done(&["list", "--json"]);
    assert!(listed.contains(&hash) && !listed.contains("\"used\": null"), "{listed}");
    // Eight digits are enough to run it, in the shell that runs already.
    let mut again = desktop.portico(&["run", &hash]);
    assert!(
        poll(|| (desktop.windows().iter().filter(|w| w.title.contains("Harbour")).count() == 2).then_some(()))
            .is_some()
    );
    assert!(again.runs());
    desktop.done(&["remove", "harbour"]);
    assert_eq!(desktop.done(&["list"]), "");
    assert_eq!(entries().len(), registered - 1, "the desktop's menus list it no more");
    let mut gone = desktop.portico(&["run", &hash]);
    let status = gone.wait(PATIENCE);
    assert_eq!(status.and_then(|status| status.code()), Some(122), "{}", gone.said());
}

fn everything_at_home_has_a_name(desktop: &Desktop) {
    if !desktop.accessible() {
        return;
    }
    let (_running, _) = home(desktop);
    let field = desktop.node(SEARCH);
    assert!(field.states.iter().any(|state| state == "focused"), "{field:?}");
    for name in ["Programs", "Examples", "Lighthouse", "Minimise", "Maximise", "Close"] {
        desktop.node(name);
    }
    let nameless: Vec<_> = desktop
        .nodes()
        .into_iter()
        .filter(|node| node.role.contains("button") && node.name.is_empty())
        .collect();
    assert!(nameless.is_empty(), "{nameless:?}");
    desktop.press("Lighthouse");
    desktop.window("Lighthouse");
}

fn a_program_that_is_signed_wrongly_is_refused(desktop: &Desktop) {
    let file = program(desktop.directory(), "Harbour");
    let (path, key) = (
        file.display().to_string(),
        desktop.directory().join("my.key").display().to_string(),
    );
    desktop.done(&["sign", "--new-key", &key]);
    desktop.done(&["sign", &path, "--key", &key]);
    let publisher = desktop.done(&["info", &path]);
    assert!(
        publisher.contains("publisher  ") && !publisher.contains("nobody"),
        "{publisher}"
    );
    let mut running = desktop.portico(&["run", &path]);
    desktop.window("Harbour");
    assert!(running.runs());
    drop(running);
    desktop.window_gone("Harbour");
    let mut bytes = std::fs::read(&file).expect("it is there");
    let at = bytes.len() - 200;
    bytes[at] ^= 1;
    std::fs::write(&file, bytes).expect("the folder can be written");
    let mut refused = desktop.portico(&["install", &path]);
    assert!(refused.wait(PATIENCE).is_some_and(|status| !status.success()));
    refused.says("changed after it was signed");
}

fn a_damaged_program_is_never_run(desktop: &Desktop) {
    let file = program(desktop.directory(), "Harbour");
    desktop.done(&["install", &file.display().to_string()]);
    let [kept] = &*entries(&desktop.directory().join("data/portico/programs"), "")
        .into_iter()
        .filter(|file| file.extension().is_some())
        .collect::<Vec<_>>()
    else {
        panic!("one program is kept")
    };
    // It could still run: only one letter of its name is another.
    let mut bytes = std::fs::read(kept).expect("it is there");
    *bytes.last_mut().expect("it has bytes") ^= 1;
    std::fs::write(kept, &bytes).expect("the folder can be written");
    let accessible = desktop.accessible();
    let mut running = desktop.portico(&["run", "harbour"]);
    let window = desktop.window("Harbour");
    running.says("it is damaged; remove the program and install it again");
    assert_ne!(desktop.pixel(window.frame((20, 20))), Some(BLUE));
    if accessible {
        desktop.node("Close window");
        desktop.node("The file is not what was installed: it is damaged. Remove the program, and install it again.");
    }
    desktop.close(&window);
    assert_eq!(running.wait(PATIENCE).and_then(|status| status.code()), Some(122));
    // Installing it again mends it.
    desktop.done(&["install", &file.display().to_string()]);
    let _running = desktop.portico(&["run", "harbour"]);
    let window = desktop.window("Harbour");
    desktop.shows(&window, (20, TOOLBAR + 20), BLUE);
}

fn files_are_dropped_on_home_and_on_programs(desktop: &Desktop) {
    let accessible = desktop.accessible();
    let (running, window) = home(desktop);
    let file = program(&desktop.directory().join("else where"), "Harbour");
    let middle = |window: &Window| (window.x() + window.width() / 2, window.y() + window.height() / 2);
    if !desktop.drop_file(&window, middle(&window), &file) {
        return eprintln!("skipped: nothing is dropped on Wayland");
    }
    desktop.window("Harbour");
    assert!(
        desktop.done(&["list"]).contains("Harbour"),
        "what is dropped on home stays"
    );
    let good = program(desktop.directory(), "Pier");
    let several = [
        "https://example.org/b.wasm".into(),
        "file:///no/such.wasm".into(),
        format!("file://{}", good.display()),
    ];
    desktop.drop_all(&window, middle(&window), &several);
    desktop.window("Pier");
    if accessible {
        desktop.focus(&desktop.window("Home"));
        desktop.node_with("no/such.wasm");
        desktop.node_with("https://example.org/b.wasm");
    }
    drop(running);
    desktop.window_gone("Home");

    let running = desktop.run("catcher", &programs::dropped());
    running.says("waiting");
    let window = desktop.window("catcher");
    // What can't be taken does not keep out what can.
    let address = |name: &str| format!("file://{}/{name}", desktop.directory().display());
    std::fs::write(desktop.directory().join("moon.png"), "moon").expect("the folder can be written");
    let several = [
        address("none.png"),
        "https://example.org/a.png".into(),
        address("home"),
        address("moon.png"),
    ];
    desktop.drop_all(&window, middle(&window), &several);
    running.says("moon.png");
    let entry = desktop.directory().join("data/portico/storage");
    assert_eq!(entries(&entries(&entry, "")[0], "").len(), 1);
    let picture = desktop.directory().join("sun set.png");
    std::fs::write(&picture, "not really").expect("the folder can be written");
    for name in ["sun set.png", "sun set (2).png"] {
        desktop.drop_file(&window, middle(&window), &picture);
        running.says(name);
        let stores = entries(&desktop.directory().join("data/portico/storage"), "");
        let [store] = &*stores else {
            panic!("one program has files: {stores:?}")
        };
        assert_eq!(
            std::fs::read_to_string(store.join(name)).expect("it is there"),
            "not really"
        );
    }
}

fn programs_start_programs(desktop: &Desktop) {
    let file = program(&desktop.directory().join("elsewhere"), "Harbour");
    let listed = desktop.done(&["install", "--json", &file.display().to_string()]);
    let at = listed.find("\"hash\": \"").expect("it has a hash") + 9;
    let mut hash = [0; 32];
    for (byte, at) in hash.iter_mut().zip((at..).step_by(2)) {
        *byte = u8::from_str_radix(&listed[at..at + 2], 16).expect("two digits");
    }
    let launcher = programs::save(desktop.directory(), "launcher", &programs::launcher(&hash))
        .display()
        .to_string();
    let refused = desktop.portico(&["run", "--deny", "launch", &launcher]);
    refused.says("refused");
    let allowed = desktop.portico(&["run", "--grant", "launch", &launcher]);
    allowed.says("started");
    let window = desktop.window("Harbour");
    desktop.shows(&window, (20, TOOLBAR + 20), BLUE);
}
