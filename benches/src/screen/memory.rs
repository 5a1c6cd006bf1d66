//! What windows cost in memory.

use super::app::{App, Show, Side};
use super::stage::Stage;
use crate::Bench;
use crate::proc::pss;
use crate::table::{Row, Target, Unit};
use anyhow::Result;
use portico_tests::TOOLBAR;
use std::time::Duration;

const MIB: f64 = 1024.0 * 1024.0;
const FURTHER: u32 = 8;
const SMALL: (u32, u32) = (320, 200);

pub(crate) fn windows(bench: &Bench) -> Result<Vec<Row>> {
    let stage = Stage::new()?;
    let show = Show::Static(SMALL.0, SMALL.1);
    let settle = || std::thread::sleep(Duration::from_secs(2));

    // The round before fills the cache: compiling is not part of a first window.
    App::start(bench, &stage, Side::Portico, show)?.end(&stage)?;
    let native = App::start(bench, &stage, Side::Native, show)?;
    settle();
    let plain = pss(native.running.id())?;
    native.end(&stage)?;

    let shell = App::start(bench, &stage, Side::Shared, show)?;
    settle();
    let first = pss(shell.running.id())?;
    let further: Vec<App> = (0..FURTHER)
        .map(|_| App::start(bench, &stage, Side::Shared, show))
        .collect::<Result<_>>()?;
    settle();
    let all = pss(shell.running.id())?;
    drop(further);
    shell.end(&stage)?;

    // A buffer is shared with the display server: half of it counts here.
    let buffer = f64::from(SMALL.0) * (f64::from(SMALL.1) + f64::from(TOOLBAR)) * 4.0 / 2.0;
    let each = (all - first) / f64::from(FURTHER) - show.memory() - buffer;
    let row = |what: &str, portico: f64, native: Option<f64>, most: f64| Row {
        what: what.to_owned(),
        unit: Unit::Bytes,
        portico,
        native,
        target: Target {
            most: Some(most),
            ..Target::default()
        },
    };
    Ok(vec![
        row("memory: first window", first, Some(plain), 40.0 * MIB),
        row("memory: a further small one, beyond its buffers", each, None, 2.0 * MIB),
    ])
}
