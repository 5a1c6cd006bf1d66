//! A shell that runs for long: what has gone leaves nothing behind. `cargo xtask soak` has it run for longer.
#![cfg(target_os = "linux")]

use portico_tests::programs::{OnKey, save, still};
use portico_tests::{Desktop, Running, poll};
use serde_json::Value;
use std::fs;
use std::str::FromStr;
use std::time::{Duration, Instant};

/// Programs that are opened where nobody has said for how long: more than the shell keeps ready for another start.
const FEW: u32 = 24;
/// Bytes that the shell may have grown by, whatever it has opened: it keeps some programs ready, and the allocator keeps some of what
/// each thread has had.
const GROWTH: u64 = 16 << 20;
/// Descriptors and threads that it may have more: those of programs that it keeps ready, and of what it does just then.
const SPARE: usize = 20;

/// Numbers that look like chance and are the same for the same seed (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// The resources that the shell holds; of its memory what is its own, and no page of a file, which the system may take back.
#[derive(Clone, Copy, Debug)]
struct Held {
    memory: u64,
    descriptors: usize,
    threads: usize,
}

impl Held {
    fn by(process: u32) -> Self {
        let folder = |name: &str| fs::read_dir(format!("/proc/{process}/{name}")).map_or(0, Iterator::count);
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let kibibytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        let own = ["RssAnon:", "RssShmem:"].map(|name| kibibytes(name).unwrap_or(0) << 10);
        Self {
            memory: own.iter().sum(),
            descriptors: folder("fd"),
            threads: folder("task"),
        }
    }
}

#[test]
fn what_was_opened_and_closed_leaves_nothing_behind() {
    let Some(desktop) = Desktop::x11() else { return };
    let minutes: Option<u64> = told("PORTICO_SOAK_MINUTES");
    let seed = told("PORTICO_SOAK_SEED").unwrap_or(1);
    let mut chance = Chance(seed.max(1));
    let mut shell = desktop.run("beside", &still("Beside", [30, 30, 220], (320, 200), OnKey::Nothing));
    desktop.window("Beside");
    // The HUD takes what it needs at its first use.
    open_and_close(&desktop, 0, &mut chance);
    let before = Held::by(shell.id());
    let end = minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let mut opened = 0;
    while end.map_or(opened < FEW, |end| Instant::now() < end) {
        open_and_close(&desktop, opened, &mut chance);
        assert!(
            shell.runs(),
            "the shell has ended after {opened} programs, with the seed {seed}"
        );
        opened += 1;
    }
    // What is put away on other threads may take a moment.
    let settled = || Some(Held::by(shell.id())).filter(|after| fits(before, *after));
    let after = poll(settled).unwrap_or_else(|| Held::by(shell.id()));
    eprintln!("{opened} programs with the seed {seed}: {before:?} before, {after:?} after");
    assert!(
        fits(before, after),
        "the shell held {before:?}, and after {opened} programs with the seed {seed} {after:?}"
    );
}

fn told<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

fn fits(before: Held, after: Held) -> bool {
    after.memory <= before.memory + GROWTH
        && after.descriptors <= before.descriptors + SPARE
        && after.threads <= before.threads + SPARE
}

/// Opens a program that never was before, looks for something in its HUD, and closes it in one way or the other.
fn open_and_close(desktop: &Desktop, number: u32, chance: &mut Chance) {
    let title = format!("Program {number}");
    let colour = [0; 3].map(|_| u8::try_from(chance.below(256)).unwrap_or(0));
    let size = [0; 2].map(|_| u32::try_from(200 + chance.below(500)).unwrap_or(200));
    let program = save(
        desktop.directory(),
        "soaked",
        &still(&title, colour, size.into(), OnKey::Nothing),
    );
    let mut running = desktop.portico(&["run", &program.display().to_string()]);
    desktop.window(&title);
    let window = number_of(desktop, &title, &running);
    let at = ["--window", window.as_str()];
    let tell = |request: &[&str]| desktop.done(&[&["msg"], request, &at].concat());
    tell(&["key", "44", "2"]);
    tell(&["type", ["a", "pro", "set", "zoo"][chance.below(4) as usize]]);
    tell(&["key", "41"]);
    if chance.below(2) == 0 {
        tell(&["end"]);
    }
    // The window of a program that was ended may have gone with it.
    desktop
        .portico(&[&["msg", "close"], at.as_slice()].concat())
        .wait(portico_tests::PATIENCE);
    assert!(running.wait(portico_tests::PATIENCE).is_some(), "{title} stays open");
}

/// The number of a program's window, once its picture is shown.
fn number_of(desktop: &Desktop, title: &str, running: &Running) -> String {
    let shown = || {
        let windows: Value = serde_json::from_str(&desktop.done(&["msg", "windows"])).ok()?;
        let windows = windows["windows"].as_array()?;
        let window = windows
            .iter()
            .find(|window| window["title"] == title && window["frames"].as_u64() > Some(0))?;
        Some(window["window"].to_string())
    };
    match poll(shown) {
        Some(window) => window,
        None => desktop.fail(&format!("{title} is not shown: {}", running.said())),
    }
}
