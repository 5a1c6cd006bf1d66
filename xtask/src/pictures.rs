//! `cargo xtask pictures`: the pictures of the documentation, made as a reader would make them.

use crate::display::Display;
use crate::drawing::{Point, strokes};
use crate::open::{build_shell, choose, open, open_home};
use crate::packages::{WINDOW, ensure};
use crate::step::{root, say};
use crate::wasm::build_examples;
use anyhow::Result;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// Long enough for a program to do what it was told, and for the shell to show it.
const A_MOMENT: Duration = Duration::from_millis(300);

/// Makes `docs/src/pictures` anew, for displays with small pixels.
pub(crate) fn run() -> Result<()> {
    ensure("A window", WINDOW)?;
    let shell = build_shell()?;
    let examples = build_examples()?;
    let directory = root().join("docs/src/pictures");
    std::fs::create_dir_all(&directory)?;
    let display = Display::start(2)?;
    for name in ["home", "paint", "inspect"] {
        let picture = directory.join(name).with_extension("png");
        let mut process = match name {
            "home" => open_home(&display, &shell)?,
            example => open(&display, &shell, choose(&examples, example)?)?,
        };
        let mut shown = || {
            let window = display.first_frame(&shell, &mut process)?;
            display.act(&["windowactivate", "--sync", &window])?;
            match name {
                // The examples and their icons are read beside.
                "home" => {
                    display.act(&["mousemove", "0", "0"])?;
                    sleep(A_MOMENT * 5);
                }
                "paint" => paint(&display, &shell, &window)?,
                _ => inspect(&display, &window)?,
            }
            display.picture(&window, &picture)
        };
        let result = shown();
        let _ = process.kill();
        let _ = process.wait();
        result?;
        say(&format!("{}", picture.display()));
    }
    Ok(())
}

/// Draws, then opens the HUD over the drawing and looks for an action.
fn paint(display: &Display, shell: &Path, window: &str) -> Result<()> {
    let (mut colour, mut brush) = ("", "");
    for stroke in strokes() {
        if colour != stroke.colour {
            display.ask(shell, &["actions", "--fire", stroke.colour])?;
        }
        if brush != stroke.brush {
            display.ask(shell, &["actions", "--fire", &format!("{} brush", stroke.brush)])?;
        }
        if (colour, brush) != (stroke.colour, stroke.brush) {
            // Actions and the pointer come by channels of their own, in no order.
            sleep(A_MOMENT);
            (colour, brush) = (stroke.colour, stroke.brush);
        }
        drag(display, window, &stroke.points)?;
    }
    display.act(&["key", "ctrl+space", "sleep", "0.5", "type", "--delay", "60", "brush"])?;
    sleep(A_MOMENT * 3);
    Ok(())
}

/// Draws a line on the page.
fn drag(display: &Display, window: &str, points: &[Point]) -> Result<()> {
    // Where the page is in the window, as paint opens it.
    let place = |(x, y): Point| [188.0 + 1.58 * x, 128.0 + 1.58 * y].map(|place| format!("{place:.0}"));
    let mut words = Vec::new();
    for (step, point) in points.iter().enumerate() {
        let [x, y] = place(*point);
        words.extend(
            ["mousemove", "--window", window]
                .map(str::to_owned)
                .into_iter()
                .chain([x, y]),
        );
        // No faster than a hand, or the program sees less of the line.
        words.extend(
            if step == 0 {
                ["mousedown", "1"]
            } else {
                ["sleep", "0.004"]
            }
            .map(str::to_owned),
        );
    }
    words.extend(["mouseup", "1"].map(str::to_owned));
    display.act(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Moves the pointer and presses some keys, which the program then tells of.
fn inspect(display: &Display, window: &str) -> Result<()> {
    display.act(&[
        "mousemove",
        "--window",
        window,
        "900",
        "700",
        "sleep",
        "0.2",
        "type",
        "--delay",
        "60",
        "Saluton",
    ])?;
    sleep(A_MOMENT * 3);
    Ok(())
}
