//! Timers (46), the clock (5) and the state of the window (47).

use crate::probe::Probe;
use portico_abi::{DateTime, Timer, Window, which};
use portico_portals::WindowState;
use std::time::{Duration, Instant};

const AT: u32 = 0x6000;

fn timer(first: u64, period: u64) -> Timer {
    Timer {
        first: first.into(),
        period: period.into(),
        ..Timer::default()
    }
}

#[test]
fn a_timer_of_0_is_ready_at_once_and_once() {
    let mut probe = Probe::start();
    assert_eq!(probe.put(AT, &timer(0, 0)).open(1, which::TIMER, AT).go(), [1]);
    assert_eq!(probe.get::<Timer>(AT).ticks.get(), 1);
    assert!(probe.get::<Timer>(AT).micros.get() > 0);
    assert_eq!(probe.put(AT, &timer(u64::MAX, 5)).send(1, AT).go(), [0; 0]);
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(probe.go(), [0; 0], "u64::MAX is never");
}

#[test]
fn a_period_counts_the_ticks_that_were_missed() {
    let mut probe = Probe::start();
    let begun = Instant::now();
    let mut ticks = 0;
    probe.put(AT, &timer(30_000, 10_000)).open(1, which::TIMER, AT).go();
    while ticks < 5 {
        assert_eq!(probe.wait(), [1]);
        let told = probe.get::<Timer>(AT).ticks.get();
        assert!(told > 0);
        ticks += told;
    }
    assert!(
        begun.elapsed() >= Duration::from_millis(70),
        "{ticks} ticks after {:?}",
        begun.elapsed()
    );
}

#[test]
fn the_clock_tells_at_once_and_with_every_second() {
    let mut probe = Probe::start();
    assert_eq!(probe.open(1, which::UTC, AT).go(), [1]);
    let first: DateTime = probe.get(AT);
    assert!(first.date.year.get() >= 2024);
    assert_eq!(probe.wait(), [1]);
    let second: DateTime = probe.get(AT);
    assert!(
        second.time.millis.get() % 1000 < 900,
        "it is told when a second starts: {second:?}"
    );
    assert_ne!(first, second);
}

#[test]
fn the_state_of_the_window_is_told_at_once_and_when_it_changes() {
    let mut probe = Probe::start();
    assert_eq!(probe.open(1, which::WINDOW, AT).go(), [1]);
    let expected = Window {
        width: 1280.into(),
        height: 720.into(),
        scale: 1.0.into(),
        flags: 3.into(),
    };
    assert_eq!(probe.get::<Window>(AT), expected);
    let state = WindowState {
        width: 640,
        height: 400,
        scale: 1.5,
        dark: true,
        ..WindowState::default()
    };
    probe.window.state(state);
    assert_eq!(probe.wait(), [1]);
    let expected = Window {
        width: 640.into(),
        height: 400.into(),
        scale: 1.5.into(),
        flags: 0b1011.into(),
    };
    assert_eq!(probe.get::<Window>(AT), expected);
    probe.window.state(state);
    assert_eq!(probe.go(), [0; 0], "nothing has changed");
    probe.window.state(WindowState {
        closing: true,
        focused: false,
        ..state
    });
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.get::<Window>(AT).flags.get(), 0b10_1010);
}
