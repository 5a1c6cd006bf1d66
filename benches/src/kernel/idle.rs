//! What a thousand idle processes without windows cost.

use super::host::{PATIENCE, Running, kernel};
use crate::Bench;
use crate::proc::pss;
use crate::table::{Row, Target, Unit};
use anyhow::{Context, Result};
use portico_kernel::LoadOptions;

const PROCESSES: u32 = 1_000;

pub(crate) fn measure(_: &Bench) -> Result<Vec<Row>> {
    let kernel = kernel(None)?;
    let program = kernel.load(
        &wat::parse_str(include_str!("../programs/waiting.wat"))?,
        &LoadOptions::default(),
    )?;
    let start = || -> Result<Running> {
        let running = Running::start(&kernel, &program)?;
        running
            .laps
            .recv_timeout(PATIENCE)
            .context("the program does not start")?;
        Ok(running)
    };
    // The first one pays for what all share.
    let first = start()?;
    let me = std::process::id();
    let before = pss(me)?;
    let processes = (0..PROCESSES).map(|_| start()).collect::<Result<Vec<_>>>()?;
    let after = pss(me)?;
    for running in processes.into_iter().chain([first]) {
        running.stop()?;
    }
    Ok(vec![Row {
        what: "memory: each of 1,000 idle processes".to_owned(),
        unit: Unit::Bytes,
        portico: (after - before) / f64::from(PROCESSES),
        native: None,
        target: Target {
            most: Some(200.0 * 1024.0),
            ..Target::default()
        },
    }])
}
