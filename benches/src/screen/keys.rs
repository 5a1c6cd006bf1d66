//! From a key press to a changed pixel.

use super::app::{App, Show, Side, last_words};
use super::stage::Stage;
use crate::Bench;
use crate::measure::{interleaved, median};
use crate::table::{Row, Target, Unit};
use anyhow::{Context, Result};
use std::time::Duration;

const ROUNDS: usize = 3;
const PRESSES: u64 = 40;
/// The key A on every keyboard of X11, which changes the program's mark.
const MARK: Press = Press {
    keys: &[38],
    x: 40,
    y: 40,
};
/// Ctrl+Space, which opens or closes the HUD: the event thread alone answers it.
const HUD: Press = Press {
    keys: &[37, 65],
    x: 640,
    y: 60,
};

/// Keys that are pressed together, and a pixel below the toolbar that they change.
#[derive(Clone, Copy)]
struct Press {
    keys: &'static [u8],
    x: i16,
    y: i16,
}

pub(crate) fn at_rest(bench: &Bench) -> Result<Vec<Row>> {
    measure(
        bench,
        "key press to changed pixel, static",
        Show::Static(1280, 720),
        1.3,
    )
}

pub(crate) fn animating(bench: &Bench) -> Result<Vec<Row>> {
    measure(
        bench,
        "key press to changed pixel, animating",
        Show::Animating(1280, 720),
        1.05,
    )
}

/// Beside a window of the same shell, or of another native program, that presents frames as large as it can all the time.
pub(crate) fn beside_large_frames(bench: &Bench) -> Result<Vec<Row>> {
    beside(
        bench,
        "key press to changed pixel, beside 3840 x 2160",
        |side| (side, side),
        MARK,
    )
}

/// A key that the event thread answers itself, beside a window of the same shell that presents frames as large as it can all the time;
/// and beside one of another process, which takes as much of the machine, but holds up nothing in the shell.
pub(crate) fn hud_beside_large_frames(bench: &Bench) -> Result<Vec<Row>> {
    beside(
        bench,
        "HUD key to changed pixel, beside 3840 x 2160 of the same shell",
        |side| (side, Side::Shared),
        HUD,
    )
}

/// Presses keys beside a window with large frames. `who` says, for each side of the row, who has the large frames and who the keys.
fn beside(bench: &Bench, what: &str, who: impl Fn(Side) -> (Side, Side), press: Press) -> Result<Vec<Row>> {
    let stage = Stage::layered()?;
    let measure = |side| {
        let (busy, still) = who(side);
        let busy = App::start(bench, &stage, busy, Show::Animating(3840, 2160))?;
        let took = answer(bench, &stage, still, Show::Static(1280, 720), press)?;
        busy.end(&stage)?;
        Ok(took)
    };
    row(
        what,
        interleaved(ROUNDS, || measure(Side::Shared), || measure(Side::Native))?,
        1.3,
    )
}

fn measure(bench: &Bench, what: &str, show: Show, ratio: f64) -> Result<Vec<Row>> {
    let stage = Stage::new()?;
    let figures = interleaved(
        ROUNDS,
        || answer(bench, &stage, Side::Portico, show, MARK),
        || answer(bench, &stage, Side::Native, show, MARK),
    )?;
    row(what, figures, ratio)
}

fn row(what: &str, (portico, native): (f64, f64), ratio: f64) -> Result<Vec<Row>> {
    let target = Target {
        ratio: Some(ratio),
        ..Target::default()
    };
    Ok(vec![Row {
        what: what.to_owned(),
        unit: Unit::Seconds,
        portico,
        native: Some(native),
        target,
    }])
}

/// Median of many presses, in seconds.
fn answer(bench: &Bench, stage: &Stage, side: Side, show: Show, press: Press) -> Result<f64> {
    let app = App::start(bench, stage, side, show)?;
    let windows = stage.desktop.windows();
    let window = windows
        .iter()
        .find(|window| window.id == app.window)
        .context("the window is not managed")?;
    stage.desktop.focus(window);
    std::thread::sleep(Duration::from_millis(500));
    let mut took = Vec::new();
    for round in 0..PRESSES {
        // At moments that have nothing to do with the display's intervals.
        std::thread::sleep(Duration::from_micros(40_000 + round * 7_919 % 16_667));
        let before = app.pixel(stage, press.x, press.y)?;
        let pressed = stage.press(press.keys)?;
        let changed = stage.wait("a key press changes nothing", || {
            Ok((app.pixel(stage, press.x, press.y)? != before).then(|| pressed.elapsed().as_secs_f64()))
        });
        took.push(changed.with_context(|| format!("{side:?} said {:?}", last_words(&app.running)))?);
    }
    app.end(stage)?;
    Ok(median(&took))
}
