//! Programs that take long to compile, or more than they may, in the windows of a real shell.
#![cfg(target_os = "linux")]

use portico_tests::programs::{OnKey, save, still};
use portico_tests::{Desktop, PATIENCE, Running, hostile, poll};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const GREEN: [u8; 3] = [30, 160, 60];

/// Workers that this shell has now.
fn workers(shell: u32) -> Vec<u32> {
    let mut found = Vec::new();
    for thread in fs::read_dir(format!("/proc/{shell}/task"))
        .into_iter()
        .flatten()
        .flatten()
    {
        let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        found.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
    }
    found
}

/// The worker of a shell that compiles.
fn worker(desktop: &Desktop, shell: u32) -> u32 {
    let busy = |id: &u32| {
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        status.contains("Name:\tportico worker")
    };
    poll(|| workers(shell).into_iter().find(busy)).unwrap_or_else(|| desktop.fail("nothing is compiled"))
}

/// Waits until a process is gone, which is to be at once.
fn gone(desktop: &Desktop, id: u32, since: Instant) {
    while Path::new(&format!("/proc/{id}")).exists() {
        // 100 ms is what is promised; a loaded machine may be late.
        if since.elapsed() > Duration::from_secs(2) {
            desktop.fail("the compiler goes on");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A program that takes minutes to compile, with a budget that lets it.
fn long(desktop: &Desktop) -> Running {
    let path = save(desktop.directory(), "long", &hostile::loops(100_000));
    desktop.portico(&["run", "--compile-budget", "100", &path.display().to_string()])
}

fn windows(desktop: &Desktop) -> Vec<Value> {
    let said = desktop
        .command(portico_tests::shell::binary())
        .args(["msg", "windows"])
        .output();
    let said = said.unwrap_or_else(|error| panic!("{error}")).stdout;
    let answer: Value = serde_json::from_slice(&said).unwrap_or_default();
    answer["windows"].as_array().cloned().unwrap_or_default()
}

fn state(desktop: &Desktop, window: u64, state: &str) {
    let is = || {
        windows(desktop)
            .iter()
            .any(|row| row["window"] == window && row["state"] == state)
            .then_some(())
    };
    if poll(is).is_none() {
        desktop.fail(&format!("window {window} is not {state}: {:?}", windows(desktop)));
    }
}

#[test]
fn closing_the_window_of_what_compiles_ends_all_of_it() {
    let Some(desktop) = Desktop::x11() else { return };
    let mut shell = long(&desktop);
    let window = desktop.window("long");
    let worker = worker(&desktop, shell.id());
    desktop.focus(&window);
    let asked = Instant::now();
    desktop.close(&window);
    gone(&desktop, worker, asked);
    let code = shell.wait(PATIENCE).and_then(|status| status.code());
    assert_eq!(code, Some(121), "{}", shell.said());
    assert!(shell.said().contains("the program was ended"), "{}", shell.said());
}

#[test]
fn what_compiles_can_be_ended_by_others() {
    let Some(desktop) = Desktop::x11() else { return };
    let shell = desktop.run("still", &still("Still", GREEN, (200, 100), OnKey::Nothing));
    desktop.window("Still");
    let mut run = long(&desktop);
    desktop.window("long");
    state(&desktop, 2, "loading");
    let first = worker(&desktop, shell.id());
    let asked = Instant::now();
    let end = desktop
        .command(portico_tests::shell::binary())
        .args(["msg", "end", "--window", "2"])
        .status();
    assert!(end.is_ok_and(|status| status.success()));
    gone(&desktop, first, asked);
    let code = run.wait(PATIENCE).and_then(|status| status.code());
    assert_eq!(code, Some(121), "{}", run.said());
    state(&desktop, 2, "ended");

    // Whoever runs it goes away: likewise, and its window goes, too.
    let mut run = long(&desktop);
    let second = worker(&desktop, shell.id());
    let asked = Instant::now();
    let killed = Command::new("kill").arg(run.id().to_string()).status();
    assert!(killed.is_ok_and(|status| status.success()));
    gone(&desktop, second, asked);
    assert!(run.wait(PATIENCE).is_some());
    assert!(
        poll(|| windows(&desktop).len().eq(&2).then_some(())).is_some(),
        "{:?}",
        windows(&desktop)
    );
}

#[test]
fn a_program_over_its_budget_is_refused_in_a_sentence() {
    let Some(desktop) = Desktop::x11() else { return };
    let shell = desktop.run("still", &still("Still", GREEN, (200, 100), OnKey::Nothing));
    desktop.window("Still");
    let path = save(desktop.directory(), "elements", &hostile::elements(1_000_000));
    let mut run = desktop.portico(&["run", &path.display().to_string()]);
    state(&desktop, 2, "refused");
    let code = run.wait(PATIENCE).and_then(|status| status.code());
    assert_eq!(code, Some(122), "{}", run.said());
    let said = run.said();
    assert!(
        said.contains("compiling it takes more than 233 MiB of memory"),
        "{said}"
    );
    assert!(said.contains("--compile-budget"), "{said}");
    assert_eq!(workers(shell.id()), Vec::<u32>::new());
}

#[test]
fn another_file_in_the_place_of_the_shell_is_never_its_worker() {
    let Some(desktop) = Desktop::x11() else { return };
    let (file, other) = (
        desktop.directory().join("portico-copy"),
        desktop.directory().join("other"),
    );
    let copied = fs::copy(portico_tests::shell::binary(), &file).and_then(|_| fs::write(&other, "#!/bin/sh\nexit 1\n"));
    copied.unwrap_or_else(|error| panic!("{error}"));
    let path = save(
        desktop.directory(),
        "still",
        &still("Still", GREEN, (200, 100), OnKey::Nothing),
    );
    let mut command = desktop.command(&file);
    command.arg("run").arg(&path);
    let _shell = Running::start(command, desktop.directory().join("copy.log"));
    desktop.window("Still");
    fs::rename(&other, &file).unwrap_or_else(|error| panic!("{error}"));
    // Not compiled before, so that it takes a worker.
    let _run = desktop.run("new", &still("New", GREEN, (220, 120), OnKey::Nothing));
    let window = desktop.window("New");
    desktop.shows(&window, (160, 100), GREEN);
}
