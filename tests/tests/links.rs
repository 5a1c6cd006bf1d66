//! Commands and the shell that runs: which one a command finds, and what it says of one that does not answer.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

use portico_tests::programs::{OnKey, Wish, asker, save, still};
use portico_tests::shell::binary;
use portico_tests::{Desktop, PATIENCE, Running, Window, poll};
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::time::{Duration, Instant};

const SIZE: (u32, u32) = (320, 200);
const RED: [u8; 3] = [220, 30, 30];
const BLUE: [u8; 3] = [30, 30, 220];

/// A shell with a window.
fn shell(desktop: &Desktop) -> (Running, Window) {
    let running = desktop.run("still", &still("Still", RED, SIZE, OnKey::Nothing));
    let window = desktop.window("Still");
    desktop.shows(&window, (20, 20), RED);
    (running, window)
}

fn signal(process: u32, signal: &str) {
    let sent = Command::new("kill").args([signal, &process.to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "{signal}");
}

/// Stops a process until this is dropped.
struct Stopped(u32);

impl Stopped {
    /// Never in the middle of writing the database, which nobody else can open until that is done.
    fn new(process: u32) -> Self {
        let stopped = poll(|| {
            signal(process, "-STOP");
            let stopped = Self(process);
            stopped.leaves_the_database().then_some(stopped)
        });
        stopped.expect("it does not come to an end with its database")
    }

    /// Whether each of its threads has stopped by now, and has no database open.
    fn leaves_the_database(&self) -> bool {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.0)).unwrap();
        let mut states = threads.map(|thread| std::fs::read_to_string(thread.unwrap().path().join("stat")).unwrap());
        if !states.all(|state| state.rsplit(')').next().is_some_and(|state| state.starts_with(" T"))) {
            return false;
        }
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.0)).unwrap();
        let mut files = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
        !files.any(|file| file.extension().is_some_and(|extension| extension == "redb"))
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        signal(self.0, "-CONT");
    }
}

/// What a command came to: its exit code and what it said.
fn outcome(mut running: Running) -> (Option<i32>, String) {
    let status = running.wait(PATIENCE);
    let said = running.said();
    assert!(status.is_some(), "it does not come back: {said}");
    (status.and_then(|status| status.code()), said)
}

#[test]
fn a_shell_that_is_stopped_is_named_and_what_needs_no_shell_is_done() {
    let Some(desktop) = Desktop::x11() else { return };
    let (running, _) = shell(&desktop);
    let name = |title: &str| programs_named(&desktop, title);
    let (other, kept) = (name("Other"), name("Kept"));
    let (file, kept) = (other.as_str(), kept.as_str());
    let (code, said) = outcome(desktop.portico(&["install", file]));
    assert_eq!(code, Some(0), "{said}");
    let stopped = Stopped::new(running.id());
    let begun = Instant::now();
    // All at once, as each takes its two seconds.
    let fail: &[(&[&str], i32)] = &[
        (&[], 121),
        (&["open", "settings"], 121),
        (&["run", file], 121),
        (&["msg", "windows"], 1),
        (&["msg", "key", "4"], 1),
        (&["msg", "wait-frame"], 1),
    ];
    let works: &[&[&str]] = &[
        &["install", kept],
        &["grants", "allow", file, "notifications"],
        &["remove", "Other"],
    ];
    let failing: Vec<_> = fail.iter().map(|(arguments, _)| desktop.portico(arguments)).collect();
    let working: Vec<_> = works.iter().map(|arguments| desktop.portico(arguments)).collect();
    let process = format!("the running shell (process {}) does not answer", running.id());
    for (running, (arguments, code)) in failing.into_iter().zip(fail) {
        let (ended, said) = outcome(running);
        assert_eq!(ended, Some(*code), "{arguments:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{arguments:?}: {said}");
        assert!(
            said.contains(&process) && said.contains("end that process"),
            "{arguments:?}: {said}"
        );
        assert_eq!(
            said.contains("--own-process"),
            arguments.first() == Some(&"run"),
            "{arguments:?}: {said}"
        );
    }
    for (running, arguments) in working.into_iter().zip(works) {
        let (ended, said) = outcome(running);
        assert_eq!(ended, Some(0), "{arguments:?}: {said}");
        assert!(
            said.contains(&format!("it is done; {process}")),
            "{arguments:?}: {said}"
        );
    }
    assert!(begun.elapsed() >= Duration::from_secs(2), "nobody waits for less");
    // What does not ask the shell is none the wiser.
    let (ended, said) = outcome(desktop.portico(&["list"]));
    assert!(
        ended == Some(0) && said.contains("Kept") && !said.contains("Other"),
        "{said}"
    );
    // A window beside it.
    let own = desktop.portico(&["run", "--own-process", file]);
    let window = desktop.window("Other");
    assert_eq!(window.process, own.id());
    drop(own);
    desktop.window_gone("Other");
    drop(stopped);
    // It goes on, and opens nothing for those who have given up.
    let (ended, said) = outcome(desktop.portico(&["msg", "windows"]));
    assert_eq!(ended, Some(0), "{said}");
    assert_eq!(said.matches("\"window\":").count(), 1, "{said}");
}

#[test]
fn a_shell_that_goes_on_goes_by_what_was_said_meanwhile() {
    let Some(desktop) = Desktop::x11() else { return };
    let file = save(desktop.directory(), "asker", &asker("Asker", BLUE))
        .display()
        .to_string();
    let running = desktop.portico(&["run", &file]);
    let window = desktop.window("Asker");
    desktop.shows(&window, (300, 180), BLUE);
    let stopped = Stopped::new(running.id());
    let (code, said) = outcome(desktop.portico(&["grants", "deny", &file, "notifications"]));
    assert_eq!(code, Some(0), "{said}");
    drop(stopped);
    // Denied, without a question.
    desktop.focus(&window);
    desktop.key("n");
    desktop.shows(&window, (Wish::Notify as i32 * 40 + 20, 20), [3, 2, 0x77]);
}

/// Saves a program that says what it is called.
fn programs_named(desktop: &Desktop, title: &str) -> String {
    let bytes = portico_tests::programs::named(still(title, BLUE, SIZE, OnKey::Nothing), title);
    save(desktop.directory(), title, &bytes).display().to_string()
}

#[test]
fn a_broker_that_is_stopped_is_named() {
    let Some(desktop) = Desktop::x11() else { return };
    let broker = desktop.portico(&["broker", "--port", "0"]);
    broker.says("Ready");
    let _stopped = Stopped::new(broker.id());
    let (code, said) = outcome(desktop.portico(&["broker", "status"]));
    assert_eq!(code, Some(1), "{said}");
    let named = format!("the broker that runs (process {}) does not answer", broker.id());
    assert!(said.contains(&named) && said.lines().count() == 1, "{said}");
}

/// Runs the shell with other names of displays.
fn with(desktop: &Desktop, displays: &[(&str, &str)], arguments: &[&str]) -> Running {
    let mut command = desktop.command(binary());
    command
        .env_remove("DISPLAY")
        .args(arguments)
        .envs(displays.iter().copied());
    let number = displays
        .iter()
        .map(|(_, name)| name.replace(['/', ':'], "_"))
        .collect::<String>();
    Running::start(command, desktop.directory().join(format!("with-{number}.log")))
}

#[test]
fn a_display_has_one_shell_whatever_it_is_called() {
    let Some(desktop) = Desktop::x11() else { return };
    let variables = desktop.command("env").output().unwrap().stdout;
    let variables = String::from_utf8(variables).unwrap();
    let display = variables
        .lines()
        .find_map(|line| line.strip_prefix("DISPLAY="))
        .unwrap();
    // What an old session has left: a name of nothing, and a socket at which nobody listens.
    drop(UnixListener::bind(desktop.directory().join("runtime/wayland-8")).unwrap());
    let stale = [("WAYLAND_DISPLAY", "wayland-8"), ("DISPLAY", display)];
    let file = save(desktop.directory(), "still", &still("Still", RED, SIZE, OnKey::Nothing))
        .display()
        .to_string();
    let shell = with(&desktop, &stale, &["run", &file]);
    let window = desktop.window("Still");
    desktop.shows(&window, (20, 20), RED);
    assert_eq!(window.process, shell.id());
    let sentence =
        format!("no compositor listens at WAYLAND_DISPLAY=wayland-8: windows open on the X server {display}");
    shell.says(&sentence);
    assert_eq!(shell.said().lines().count(), 1, "{}", shell.said());
    let other = programs_named(&desktop, "Other");
    let names = [format!("{display}.0"), format!("unix{display}"), display.to_owned()];
    for name in &names {
        let guest = with(&desktop, &[("DISPLAY", name)], &["run", &other]);
        let window = desktop.window("Other");
        assert_eq!(window.process, shell.id(), "{name}: {}", guest.said());
        drop(guest);
        desktop.window_gone("Other");
    }
    let gone = [("WAYLAND_DISPLAY", "/nowhere/wayland-9"), ("DISPLAY", display)];
    let (code, said) = outcome(with(&desktop, &gone, &["msg", "windows"]));
    assert!(code == Some(0) && said.contains("Still"), "{said}");
}

#[test]
fn without_a_display_one_sentence_says_so() {
    let Some(desktop) = Desktop::x11() else { return };
    let file = programs_named(&desktop, "Other");
    let stale = ("WAYLAND_DISPLAY", "wayland-9");
    for (displays, says) in [
        (&[][..], "neither WAYLAND_DISPLAY nor DISPLAY is set"),
        (
            &[stale],
            "no compositor listens at WAYLAND_DISPLAY=wayland-9, and DISPLAY is not set",
        ),
        (&[("DISPLAY", ":4999")], "no windows can be opened on :4999"),
    ] {
        for arguments in [&[][..], &["run", &file], &["run", "--own-process", &file]] {
            let (code, said) = outcome(with(&desktop, displays, arguments));
            assert_eq!(code, Some(121), "{displays:?} {arguments:?}: {said}");
            assert!(
                said.contains(says) && said.lines().count() == 1,
                "{displays:?} {arguments:?}: {said}"
            );
            assert!(!said.contains(".rs"), "{said}");
        }
    }
    let (code, said) = outcome(with(&desktop, &[], &["msg", "windows"]));
    assert!(code == Some(1) && said.contains("there is no display"), "{said}");
}
