//! The examples in real windows, used as a person would.

use portico_tests::programs::example;
use portico_tests::shell::binary;
use portico_tests::{Desktop, PATIENCE, Running, Window, poll};

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
    // A place in the bar that fills as time goes by, one in the button for a minute, and one in that for five. The pointer
    // stands elsewhere.
    let (bar, minute, five) = ((600, 271), (434, 316), (520, 316));
    let languages = [("LC_ALL", "eo.UTF-8"), ("LANG", "eo.UTF-8")];
    let Some(running) = open(desktop, "clock", &["2"], &languages) else { return };
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
    let Some(running) = open(desktop, "tasks", &[], &[]) else { return };
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
