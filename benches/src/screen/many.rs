//! Many windows at once: the same rate for all that move, and no wake-up for those that do not.

use super::app::{App, Show, Side};
use super::stage::Stage;
use crate::Bench;
use crate::proc::switches;
use crate::table::{Row, Target, Unit};
use anyhow::Result;
use std::time::{Duration, Instant};

const ANIMATED: usize = 20;
const IDLE: usize = 5;
const SIZE: (u32, u32) = (320, 200);

pub(crate) fn animated(bench: &Bench) -> Result<Vec<Row>> {
    let (slowest, fastest) = rates(bench, Side::Shared)?;
    let (native, _) = rates(bench, Side::Native)?;
    let row = |what: &str, portico: f64, native: Option<f64>, target: Target| Row {
        what: what.to_owned(),
        unit: Unit::PerSecond,
        portico,
        native,
        target,
    };
    Ok(vec![
        row(
            "20 animated windows: frames of the slowest",
            slowest,
            Some(native),
            Target {
                at_least: Some(0.95),
                ..Target::default()
            },
        ),
        row(
            "20 animated windows: fastest less slowest",
            fastest - slowest,
            None,
            Target {
                most: Some(3.0),
                ..Target::default()
            },
        ),
    ])
}

/// Frames a second of the slowest and of the fastest window.
fn rates(bench: &Bench, side: Side) -> Result<(f64, f64)> {
    let stage = Stage::layered()?;
    let apps = open(bench, &stage, side, Show::Animating(SIZE.0, SIZE.1), ANIMATED)?;
    std::thread::sleep(Duration::from_secs(2));
    let read = || -> Result<Vec<(Instant, f64)>> {
        apps.iter()
            .map(|app| Ok((Instant::now(), app.frame(&stage)?)))
            .collect()
    };
    let before = read()?;
    std::thread::sleep(Duration::from_secs(5));
    let after = read()?;
    let rates: Vec<f64> = before
        .iter()
        .zip(&after)
        .map(|((began, first), (ended, last))| (last - first) / ended.duration_since(*began).as_secs_f64())
        .collect();
    Ok((
        rates.iter().copied().fold(f64::INFINITY, f64::min),
        rates.iter().copied().fold(0.0, f64::max),
    ))
}

pub(crate) fn idle(bench: &Bench) -> Result<Vec<Row>> {
    let stage = Stage::new()?;
    let apps = open(bench, &stage, Side::Shared, Show::Static(SIZE.0, SIZE.1), IDLE)?;
    let Some(shell) = apps.first() else {
        return Ok(Vec::new());
    };
    // The shell looks once more whether a program answers, five seconds after it started.
    std::thread::sleep(Duration::from_secs(7));
    let before = switches(shell.running.id())?;
    std::thread::sleep(Duration::from_secs(5));
    let after = switches(shell.running.id())?;
    Ok(vec![Row {
        what: "5 idle windows: wake-ups".to_owned(),
        unit: Unit::PerSecond,
        portico: (after - before) / 5.0,
        native: None,
        target: Target {
            most: Some(0.0),
            ..Target::default()
        },
    }])
}

fn open(bench: &Bench, stage: &Stage, side: Side, show: Show, count: usize) -> Result<Vec<App>> {
    (0..count).map(|_| App::start(bench, stage, side, show)).collect()
}
