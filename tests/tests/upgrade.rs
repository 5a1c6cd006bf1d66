//! Another version of the shell takes the place of the one that runs.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

use portico_tests::programs::{self, OnKey, WRITTEN, Wish, asker, save, still};
use portico_tests::shell::binary;
use portico_tests::{Desktop, PATIENCE, Running, Window, poll};
use std::fs;
use std::path::{Path, PathBuf};

portico_tests::on_each_desktop!(what_was_copied_outlives_a_shell_whose_file_was_replaced,);

const MARKER: [u8; 3] = [40, 120, 200];

/// A shell of its own file, which can be replaced.
struct Installed(PathBuf);

impl Installed {
    fn new(desktop: &Desktop) -> Self {
        let file = desktop.directory().join("bin/portico");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::hard_link(binary(), &file)
            .or_else(|_| fs::copy(binary(), &file).map(drop))
            .unwrap();
        Self(file)
    }

    fn run(&self, desktop: &Desktop, arguments: &[&str]) -> Running {
        let mut command = desktop.command(&self.0);
        command.args(arguments);
        Running::start(command, desktop.directory().join("installed.log"))
    }

    /// Moves another program over it, one that does nothing.
    fn replace(&self, process: u32) {
        let next = self.0.with_extension("next");
        fs::copy("/bin/true", &next).unwrap();
        fs::rename(&next, &self.0).unwrap();
        let runs = fs::read_link(format!("/proc/{process}/exe")).unwrap();
        assert!(
            runs.to_string_lossy().ends_with("portico (deleted)"),
            "{}",
            runs.display()
        );
    }
}

fn quit(desktop: &Desktop, running: &mut Running, window: &Window) {
    desktop.close(window);
    assert!(running.wait(PATIENCE).is_some(), "it goes on");
}

fn what_was_copied_outlives_a_shell_whose_file_was_replaced(desktop: &Desktop) {
    let file = save(desktop.directory(), "asker", &asker("Asker", MARKER))
        .display()
        .to_string();
    let installed = Installed::new(desktop);
    let mut running = installed.run(desktop, &["run", &file]);
    let window = desktop.window("Asker");
    desktop.shows(&window, (300, 180), MARKER);
    let window = desktop.window("Asker");
    desktop.focus(&window);
    if desktop.clipboard().is_none() {
        return;
    }
    desktop.key("w");
    desktop.shows(&window, (Wish::Write as i32 * 40 + 20, 20), [2, 0, 0x77]);
    installed.replace(running.id());
    quit(desktop, &mut running, &window);
    let there = poll(|| (desktop.clipboard().as_deref() == Some(WRITTEN)).then_some(()));
    assert!(there.is_some(), "it went with the shell: {:?}", desktop.clipboard());
}

/// The command of the only program in the desktop's menus.
fn command_of(desktop: &Desktop, hash: &str) -> Option<String> {
    let entry = desktop
        .directory()
        .join("data/applications")
        .join(format!("portico-{}.desktop", &hash[..32]));
    let text = fs::read_to_string(entry).ok()?;
    text.lines()
        .find_map(|line| line.strip_prefix("Exec="))
        .map(str::to_owned)
}

fn exec(shell: &Path, hash: &str) -> String {
    format!("\"{}\" run {hash}", shell.display())
}

#[test]
fn menus_lead_to_the_shell_that_is_installed() {
    let Some(desktop) = Desktop::x11() else { return };
    let program = |name: &str| {
        let bytes = programs::named(still(name, MARKER, (320, 200), OnKey::Nothing), name);
        save(desktop.directory(), name, &bytes)
    };
    let installed = Installed::new(&desktop);
    let mut running = installed.run(&desktop, &[]);
    let window = desktop.window("Home");
    installed.replace(running.id());
    // The shell that runs installs a program, after its own file was replaced.
    let (x, y) = (window.width() / 2, window.height() / 2);
    assert!(desktop.drop_file(&window, (window.x() + x, window.y() + y), &program("Harbour")));
    desktop.window("Harbour");
    let mut listed = desktop.portico(&["list", "--json"]);
    listed.wait(PATIENCE);
    let listed: serde_json::Value = serde_json::from_str(&listed.said()).unwrap();
    let hash = listed[0]["hash"].as_str().unwrap().to_owned();
    assert_eq!(command_of(&desktop, &hash), Some(exec(&installed.0, &hash)));
    desktop.close(&desktop.window("Harbour"));
    desktop.window_gone("Harbour");
    quit(&desktop, &mut running, &window);
    // An older one has written what leads nowhere; the next start of a shell repairs it.
    let entry = desktop
        .directory()
        .join("data/applications")
        .join(format!("portico-{}.desktop", &hash[..32]));
    let text = fs::read_to_string(&entry).unwrap();
    fs::write(&entry, text.replace("bin/portico", "bin/portico (deleted)")).unwrap();
    fs::remove_file(&installed.0).unwrap();
    let again = Installed::new(&desktop);
    let _running = again.run(&desktop, &[]);
    desktop.window("Home");
    let repaired = poll(|| (command_of(&desktop, &hash) == Some(exec(&again.0, &hash))).then_some(()));
    assert!(repaired.is_some(), "{:?}", command_of(&desktop, &hash));
}
