//! From the start of a command to its first frame on the screen.

use super::app::{App, Show, Side};
use super::stage::Stage;
use crate::Bench;
use crate::measure::interleaved;
use crate::table::{Row, Target, Unit};
use anyhow::Result;

const ROUNDS: usize = 9;

pub(crate) fn plasma(bench: &Bench) -> Result<Vec<Row>> {
    let stage = Stage::new()?;
    // The round that does not count compiles it.
    let (portico, native) = interleaved(
        ROUNDS,
        || start(bench, &stage, Side::Portico, Show::Plasma),
        || start(bench, &stage, Side::Native, Show::Plasma),
    )?;
    Ok(vec![row(
        "portico run plasma, second start, first frame",
        portico,
        native,
        2.0,
        0.050,
    )])
}

pub(crate) fn home(bench: &Bench) -> Result<Vec<Row>> {
    let stage = Stage::new()?;
    let (portico, native) = interleaved(
        ROUNDS,
        || start(bench, &stage, Side::Portico, Show::Home),
        || start(bench, &stage, Side::Native, Show::Static(840, 600)),
    )?;
    Ok(vec![row("start to home on the screen", portico, native, 3.0, 0.100)])
}

pub(crate) fn another(bench: &Bench) -> Result<Vec<Row>> {
    let stage = Stage::new()?;
    let show = Show::Static(320, 200);
    let shell = App::start(bench, &stage, Side::Shared, show)?;
    let (portico, native) = interleaved(
        ROUNDS,
        || start(bench, &stage, Side::Shared, show),
        || start(bench, &stage, Side::Native, show),
    )?;
    shell.end(&stage)?;
    Ok(vec![row(
        "one more window in a running shell",
        portico,
        native,
        1.5,
        0.015,
    )])
}

fn start(bench: &Bench, stage: &Stage, side: Side, show: Show) -> Result<f64> {
    let app = App::start(bench, stage, side, show)?;
    let took = app.first_frame;
    app.end(stage)?;
    Ok(took)
}

fn row(what: &str, portico: f64, native: f64, ratio: f64, most: f64) -> Row {
    let target = Target {
        ratio: Some(ratio),
        most: Some(most),
        ..Target::default()
    };
    Row {
        what: what.to_owned(),
        unit: Unit::Seconds,
        portico,
        native: Some(native),
        target,
    }
}
