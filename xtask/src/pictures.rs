//! `cargo xtask pictures`: the pictures of the documentation, made as a reader would make them.

use crate::display::Display;
use crate::open::{build_shell, choose, open};
use crate::packages::{WINDOW, ensure};
use crate::step::{root, say};
use crate::wasm::build_examples;
use anyhow::Result;
use std::thread::sleep;
use std::time::Duration;

/// Makes `docs/src/pictures` anew.
pub(crate) fn run() -> Result<()> {
    ensure("A window", WINDOW)?;
    let shell = build_shell()?;
    let examples = build_examples()?;
    let directory = root().join("docs/src/pictures");
    std::fs::create_dir_all(&directory)?;
    let display = Display::start()?;
    for example in ["paint", "life", "plasma", "inspect"] {
        let program = choose(&examples, Some(example))?;
        let picture = directory.join(example).with_extension("png");
        let mut process = open(&display, &shell, program)?;
        let mut shown = || {
            let window = display.first_picture(&mut process, &picture)?;
            if example == "paint" {
                paint(&display, &window)?;
                display.picture(&window, &picture)?;
            }
            anyhow::Ok(())
        };
        let result = shown();
        let _ = process.kill();
        let _ = process.wait();
        result?;
        say(&format!("{}", picture.display()));
    }
    Ok(())
}

/// Draws a wave, then opens the HUD over it and looks for an action.
fn paint(display: &Display, window: &str) -> Result<()> {
    display.act(&["windowactivate", "--sync", window])?;
    for stroke in 0..3 {
        let point = |step: i32| {
            let x = 120 + step * 6;
            let y = f64::from(260 + stroke * 70) + 60.0 * (f64::from(step + stroke * 12) / 12.0).sin();
            (x.to_string(), format!("{y:.0}"))
        };
        let (x, y) = point(0);
        display.act(&["mousemove", "--window", window, &x, &y, "mousedown", "1"])?;
        for step in 1..=70 {
            let (x, y) = point(step);
            display.act(&["mousemove", "--window", window, &x, &y])?;
            sleep(Duration::from_millis(4));
        }
        display.act(&["mouseup", "1"])?;
    }
    display.act(&["key", "ctrl+space"])?;
    sleep(Duration::from_millis(500));
    display.act(&["type", "--delay", "60", "br"])?;
    sleep(Duration::from_millis(700));
    Ok(())
}
