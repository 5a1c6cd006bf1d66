//! The examples in real windows, used as a person would.

use portico_tests::programs::example;
use portico_tests::shell::binary;
use portico_tests::{Desktop, PATIENCE, Running, TOOLBAR, Window};

portico_tests::on_each_desktop!(the_clock_counts_down_in_the_users_language, tasks_compute_and_zoom,);

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
    // A place in the bar that fills as time goes by, one in the button for a minute, and one in that for five.
    let (bar, minute, five) = ((600, TOOLBAR + 271), (434, TOOLBAR + 316), (520, TOOLBAR + 316));
    let languages = [("LC_ALL", "eo.UTF-8"), ("LANG", "eo.UTF-8")];
    let Some(running) = open(desktop, "clock", &["2"], &languages) else { return };
    let window = desktop.window("La tempo finiĝis");
    running.says("The timer of 2 s is up.");
    desktop.shows(&window, bar, ALARM);
    desktop.focus(&window);
    desktop.click((window.x + minute.0, window.y + minute.1));
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
    let Some(running) = open(desktop, "tasks", &[], &[]) else { return };
    let window = desktop.window("Tasks");
    desktop.shows(&window, (480, TOOLBAR + 300), INSIDE);
    let left = (60, TOOLBAR + 300);
    let before = desktop.picture().at(window.x + left.0, window.y + left.1);
    assert_ne!(before, Some(INSIDE));
    desktop.focus(&window);
    // Half as much, three times: all of the middle line belongs to the set now.
    for _ in 0..3 {
        desktop.key("equal");
    }
    desktop.shows(&window, left, INSIDE);
    desktop.key("Home");
    desktop.shows(&window, left, before.unwrap_or_default());
    close(desktop, &window, running);
}
