//! What showing a frame costs: all of a program's processor time while it shows pictures that are drawn already.

use super::app::{App, Show, Side};
use super::stage::Stage;
use crate::Bench;
use crate::measure::interleaved;
use crate::proc::cpu;
use crate::table::{Row, Target, Unit};
use anyhow::{Result, bail};
use std::time::Duration;

const ROUNDS: usize = 3;

pub(crate) fn cost(bench: &Bench) -> Result<Vec<Row>> {
    let stage = Stage::new()?;
    let (portico, native) = interleaved(
        ROUNDS,
        || per_frame(bench, &stage, Side::Portico),
        || per_frame(bench, &stage, Side::Native),
    )?;
    Ok(vec![Row {
        what: "CPU of a paced 1280×720 frame, window side".to_owned(),
        unit: Unit::Seconds,
        portico,
        native: Some(native),
        target: Target {
            ratio: Some(1.5),
            ..Target::default()
        },
    }])
}

/// Seconds of processor time for each frame shown.
fn per_frame(bench: &Bench, stage: &Stage, side: Side) -> Result<f64> {
    let app = App::start(bench, stage, side, Show::Animating(1280, 720))?;
    std::thread::sleep(Duration::from_secs(1));
    let read = || -> Result<(f64, f64)> { Ok((app.frame(stage)?, cpu(app.running.id())?)) };
    let before = read()?;
    std::thread::sleep(Duration::from_secs(3));
    let after = read()?;
    app.end(stage)?;
    let frames = after.0 - before.0;
    if frames < 10.0 {
        bail!("it shows {frames} frames in three seconds");
    }
    Ok((after.1 - before.1) / frames)
}
