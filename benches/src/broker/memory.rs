//! What a broker costs that has nothing to do.

use super::endpoints::{Carrier, connect};
use super::servers::Server;
use crate::Bench;
use crate::proc::{pss, switches};
use crate::table::{Row, Target, Unit};
use anyhow::Result;
use std::thread::sleep;
use std::time::Duration;

/// Connections of each kind.
const CONNECTIONS: u32 = 400;
/// So that everything is at rest.
const REST: Duration = Duration::from_millis(500);
const QUIET: Duration = Duration::from_secs(5);

pub(crate) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let server = Server::portico(bench)?;
    sleep(REST);
    let idle = pss(server.process())?;
    let mut clients = Vec::new();
    let mut fill = |count: u32| -> Result<()> {
        for _ in 0..count {
            clients.push((
                connect(Carrier::Tcp, &server, 64, 0)?,
                connect(Carrier::Unix, &server, 64, 0)?,
            ));
        }
        sleep(REST);
        Ok(())
    };
    // The first pay for what all share.
    fill(10)?;
    let before = pss(server.process())?;
    fill(CONNECTIONS)?;
    let each = (pss(server.process())? - before) / f64::from(2 * CONNECTIONS);
    let earlier = switches(server.process())?;
    sleep(QUIET);
    let wakes = (switches(server.process())? - earlier) / QUIET.as_secs_f64();
    let row = |what: &str, unit, portico, most| Row {
        what: format!("broker: {what}"),
        unit,
        portico,
        native: None,
        target: Target {
            most: Some(most),
            ..Target::default()
        },
    };
    Ok(vec![
        row("memory, idle", Unit::Bytes, idle, 4.0 * 1024.0 * 1024.0),
        row("memory of an idle connection with a port", Unit::Bytes, each, 4096.0),
        row("wake-ups with 820 idle connections", Unit::PerSecond, wakes, 0.0),
    ])
}
