//! A message to another client and its answer.

use super::endpoints::{Carrier, connect};
use super::in_turns;
use super::servers::Server;
use crate::Bench;
use crate::measure::median;
use crate::table::{Row, Target, Unit};
use anyhow::Result;
use std::thread;
use std::time::Instant;

const SIZE: usize = 1024;
/// Many short rounds, as a machine is faster now and slower then.
const ROUNDS: usize = 41;
const TRIPS: usize = 300;

pub(crate) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let (portico, relay) = (Server::portico(bench)?, Server::relay(bench)?);
    // The relay goes between: whoever is before or behind others has the same neighbours.
    let figures = in_turns(ROUNDS, &[Carrier::Tcp, Carrier::Relay, Carrier::Unix], |carrier| {
        let server = if carrier == Carrier::Relay { &relay } else { &portico };
        Ok([trip(carrier, server)?])
    })?;
    let row = |what: &str, side: usize, most: f64| Row {
        what: format!("broker: 1 KiB there and back, {what}"),
        unit: Unit::Seconds,
        portico: figures[side][0],
        native: Some(figures[1][0]),
        target: Target {
            ratio: Some(most),
            ..Target::default()
        },
    };
    Ok(vec![row("TCP, relay", 0, 1.05), row("Unix socket, relay", 2, 0.8)])
}

/// Seconds that the middle one of many takes.
fn trip(carrier: Carrier, server: &Server) -> Result<f64> {
    let (mut ends, mut other) = connect(carrier, server, SIZE, 1)?;
    thread::scope(|scope| {
        let answers = scope.spawn(move || -> Result<()> {
            for _ in 0..TRIPS {
                other.receive(1)?;
                other.send_one()?;
            }
            Ok(())
        });
        let mut taken = Vec::with_capacity(TRIPS);
        for end in &mut ends {
            for _ in 0..TRIPS {
                let began = Instant::now();
                end.send_one()?;
                end.receive(1)?;
                taken.push(began.elapsed().as_secs_f64());
            }
        }
        answers
            .join()
            .map_err(|_| anyhow::anyhow!("who answers has panicked"))??;
        Ok(median(&taken))
    })
}
