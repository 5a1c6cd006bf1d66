//! Messages as fast as they go, one way.

use super::endpoints::{Carrier, connect};
use super::in_turns;
use super::servers::Server;
use crate::Bench;
use crate::proc::{cpu, peak};
use crate::table::{Row, Target, Unit};
use anyhow::{Context, Result};
use std::thread;
use std::time::Instant;

/// Rounds that count.
const ROUNDS: usize = 11;

/// What is sent: from so many senders, so many messages of so many bytes.
struct Load {
    name: &'static str,
    senders: usize,
    messages: usize,
    size: usize,
}

const SMALL: Load = Load {
    name: "64 B one way",
    senders: 1,
    messages: 500_000,
    size: 64,
};
const MEDIUM: Load = Load {
    name: "1 KiB one way",
    senders: 1,
    messages: 150_000,
    size: 1024,
};
const MANY: Load = Load {
    name: "1 KiB of 8 senders",
    senders: 8,
    messages: 150_000,
    size: 1024,
};
const LONG: Load = Load {
    name: "1 MiB one way",
    senders: 1,
    messages: 200,
    size: 1 << 20,
};

pub(crate) fn beside_nats(bench: &Bench) -> Result<Vec<Row>> {
    let (portico, nats) = (Server::portico(bench)?, Server::nats()?);
    [(SMALL, Some(1.3)), (MEDIUM, Some(1.5)), (MANY, Some(1.5))]
        .into_iter()
        .map(|(load, least)| rate(&load, &portico, (Carrier::Nats, &nats, "NATS"), least))
        .collect()
}

pub(crate) fn beside_redis(bench: &Bench) -> Result<Vec<Row>> {
    let (portico, redis) = (Server::portico(bench)?, Server::redis()?);
    [SMALL, MEDIUM, MANY]
        .iter()
        .map(|load| rate(load, &portico, (Carrier::Redis, &redis, "redis"), None))
        .collect()
}

/// Portico's broker over TCP beside another system.
fn rate(load: &Load, portico: &Server, other: (Carrier, &Server, &str), least: Option<f64>) -> Result<Row> {
    let (carrier, server, name) = other;
    let figures = in_turns(ROUNDS, &[Carrier::Tcp, carrier], |side| {
        Ok([flow(load, side, if side == carrier { server } else { portico })?.rate])
    })?;
    Ok(Row {
        what: format!("broker: {}, {name}", load.name),
        unit: Unit::PerSecond,
        portico: figures[0][0],
        native: Some(figures[1][0]),
        target: Target {
            at_least: least,
            ..Target::default()
        },
    })
}

/// Processor time of the broker alone.
pub(crate) fn cost(bench: &Bench) -> Result<Vec<Row>> {
    let portico = Server::portico(bench)?;
    let mut rows = Vec::new();
    for (load, most) in [(SMALL, 0.15e-6), (MEDIUM, 0.6e-6), (MANY, 0.6e-6)] {
        let figures = in_turns(ROUNDS, &[Carrier::Tcp, Carrier::Unix], |side| {
            let flow = flow(&load, side, &portico)?;
            Ok([flow.cpu, flow.rate])
        })?;
        for ([cost, rate], way) in figures.into_iter().zip(["TCP", "Unix socket"]) {
            let row = |what: &str, unit, portico, target| Row {
                what: format!("broker: {}, {way}{what}", load.name),
                unit,
                portico,
                native: None,
                target,
            };
            rows.push(row(
                ": CPU of one",
                Unit::Seconds,
                cost,
                Target {
                    most: Some(most),
                    ..Target::default()
                },
            ));
            if load.size == SMALL.size {
                rows.push(row(
                    "",
                    Unit::PerSecond,
                    rate,
                    Target {
                        least: Some(2e6),
                        ..Target::default()
                    },
                ));
            }
        }
    }
    Ok(rows)
}

/// What is longer than the broker keeps.
pub(crate) fn long(bench: &Bench) -> Result<Vec<Row>> {
    let (portico, relay) = (Server::portico(bench)?, Server::relay(bench)?);
    let figures = in_turns(ROUNDS, &[Carrier::Tcp, Carrier::Relay, Carrier::Unix], |carrier| {
        let server = if carrier == Carrier::Relay { &relay } else { &portico };
        Ok([flow(&LONG, carrier, server)?.rate])
    })?;
    let row = |what: &str, side: usize, least: f64| Row {
        what: format!("broker: {}, {what}", LONG.name),
        unit: Unit::PerSecond,
        portico: figures[side][0],
        native: Some(figures[1][0]),
        target: Target {
            at_least: Some(least),
            ..Target::default()
        },
    };
    let most = Row {
        what: format!("broker: {}, most memory", LONG.name),
        unit: Unit::Bytes,
        portico: peak(portico.process())?,
        native: Some(peak(relay.process())?),
        target: Target {
            most: Some(16.0 * 1024.0 * 1024.0),
            ..Target::default()
        },
    };
    Ok(vec![row("TCP, relay", 0, 1.0), row("Unix socket, relay", 2, 1.3), most])
}

struct Flow {
    /// Messages a second, until the last one has come.
    rate: f64,
    /// Seconds of processor time of the server, for each message.
    cpu: f64,
}

fn flow(load: &Load, carrier: Carrier, server: &Server) -> Result<Flow> {
    let (senders, mut receiver) = connect(carrier, server, load.size, load.senders)?;
    let times = senders.first().context("nobody sends")?.times();
    let batches = load.messages.div_ceil(times * load.senders);
    let messages = batches * times * load.senders;
    let before = cpu(server.process())?;
    let began = Instant::now();
    thread::scope(|scope| {
        let sending: Vec<_> = senders
            .into_iter()
            .map(|mut sender| scope.spawn(move || sender.send(batches).map(|()| sender)))
            .collect();
        receiver.receive(messages)?;
        let took = began.elapsed().as_secs_f64();
        let cpu = (cpu(server.process())? - before) / messages as f64;
        for sender in sending {
            sender.join().map_err(|_| anyhow::anyhow!("a sender has panicked"))??;
        }
        Ok(Flow {
            rate: messages as f64 / took,
            cpu,
        })
    })
}
