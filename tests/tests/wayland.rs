//! The essentials under a headless Wayland compositor. wtype gives its keys places of its own choice, so that text arrives as
//! it is but no key by its position: shortcuts are tested on X11.

use portico_tests::programs::{Cell, OnKey, animator, mirror, still};
use portico_tests::{Desktop, Running, Window, poll};
use std::time::Duration;

const MARKER: [u8; 3] = [90, 160, 60];

fn start(desktop: &Desktop) -> (Running, Window) {
    let running = desktop.run("mirror", &mirror("Mirror", MARKER));
    let window = desktop.window("Mirror");
    let placed = || {
        let window = desktop.window("Mirror");
        (desktop.pixel(window.frame(Cell::Marker.middle())) == Some(MARKER)).then_some(window)
    };
    let window = poll(placed).unwrap_or_else(|| desktop.fail(&format!("no mirror in {window:?}")));
    desktop.focus(&window);
    (running, window)
}

#[test]
fn text_arrives() {
    let Some(desktop) = Desktop::wayland() else { return };
    let (_running, window) = start(&desktop);
    desktop.type_text("ĉu");
    desktop.cell(&window, Cell::TextCounts, [3, 1, 0]);
    desktop.cell(&window, Cell::Text, [b'u', 0, 0]);
}

#[test]
fn a_trap_is_a_page_and_others_go_on() {
    let Some(desktop) = Desktop::wayland() else { return };
    let red = [220, 30, 30];
    let _still = desktop.run("still", &still("Still", red, (640, 400), OnKey::Trap));
    let window = desktop.window("Still");
    desktop.shows(&window, (20, 20), red);
    let _animator = desktop.run("animator", &animator("Animator", (160, 100)));
    desktop.window("Animator");
    desktop.focus(&window);
    desktop.key("t");
    let window = desktop.window("Still");
    let area = (window.x, window.y + 40, 640, 400);
    if poll(|| (desktop.picture().count(area, red) < 64_000).then_some(())).is_none() {
        desktop.fail("no page after the trap");
    }
    let animator = desktop.window("Animator");
    desktop.focus(&animator);
    std::thread::sleep(Duration::from_millis(300));
    assert!(desktop.rate(&desktop.window("Animator"), Duration::from_secs(2)) > 20.0, "the other window stands");
}
