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

/// What a command of the shell says; it has to go well.
fn portico(desktop: &Desktop, arguments: &[&str]) -> String {
    let mut running = desktop.portico(arguments);
    let status = running.wait(PATIENCE);
    assert!(status.is_some_and(|status| status.success()), "portico {arguments:?}: {}", running.said());
    running.said()
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
        desktop.click((window.x + FIELD.0, window.y + FIELD.1));
        desktop.key("ctrl+v");
        desktop.window("Harbour");
    }
}

fn what_is_installed_is_listed_and_can_be_removed(desktop: &Desktop) {
    let (_running, _) = home(desktop);
    let file = program(&desktop.directory().join("elsewhere"), "Harbour");
    let said = portico(desktop, &["install", &file.display().to_string()]);
    assert!(said.contains("Harbour"), "{said}");
    let hash = said.split_whitespace().next().expect("a hash").to_owned();
    std::fs::remove_file(&file).expect("it is there");
    // The running shell finds it too: by search at home, and in the HUD of another window.
    desktop.type_text("harb");
    desktop.key("Return");
    let window = desktop.window("Harbour");
    desktop.focus(&window);
    desktop.key("ctrl+space");
    desktop.type_text("lighth");
    desktop.key("Return");
    desktop.window("Lighthouse");
    let listed = portico(desktop, &["list", "--json"]);
    assert!(listed.contains(&hash) && !listed.contains("\"used\": null"), "{listed}");
    // Eight digits are enough to run it, in the shell that runs already.
    let mut again = desktop.portico(&["run", &hash]);
    assert!(
        poll(|| (desktop.windows().iter().filter(|w| w.title.contains("Harbour")).count() == 2).then_some(()))
            .is_some()
    );
    assert!(again.runs());
    portico(desktop, &["remove", "harbour"]);
    assert_eq!(portico(desktop, &["list"]), "");
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
    let nameless: Vec<_> =
        desktop.nodes().into_iter().filter(|node| node.role.contains("button") && node.name.is_empty()).collect();
    assert!(nameless.is_empty(), "{nameless:?}");
    desktop.press("Lighthouse");
    desktop.window("Lighthouse");
}

fn a_program_that_is_signed_wrongly_is_refused(desktop: &Desktop) {
    let file = program(desktop.directory(), "Harbour");
    let (path, key) = (file.display().to_string(), desktop.directory().join("my.key").display().to_string());
    portico(desktop, &["sign", "--new-key", &key]);
    portico(desktop, &["sign", &path, "--key", &key]);
    let publisher = portico(desktop, &["info", &path]);
    assert!(publisher.contains("publisher  ") && !publisher.contains("nobody"), "{publisher}");
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
