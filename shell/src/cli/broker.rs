//! `portico broker`: the message broker alone.

use super::{USAGE, fail, print, trace};
use crate::broker;
use clap::{Args, Subcommand};
use portico_broker::client::{Address, Client, Error};
use portico_broker::server::{Broker, Config, PORT};
use serde_json::Value;
use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct BrokerArguments {
    #[command(subcommand)]
    ask: Option<BrokerCommand>,
    /// TCP port, of the loopback interface alone; 0 for any that is free
    #[arg(long, global = true, default_value_t = PORT)]
    port: u16,
    /// Path of the Unix socket, unless it is to be the usual one
    #[arg(long, global = true, value_name = "PATH")]
    socket: Option<PathBuf>,
}

#[derive(Subcommand)]
enum BrokerCommand {
    /// Show connections with their traffic, ports, and services of the broker that runs
    Status {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(arguments: BrokerArguments) -> u8 {
    let BrokerArguments { ask, port, socket } = arguments;
    match ask {
        Some(BrokerCommand::Status { json }) => status(port, socket, json),
        None => serve(port, socket),
    }
}

fn serve(port: u16, socket: Option<PathBuf>) -> u8 {
    trace();
    let socket = match socket.map_or_else(broker::socket, Ok) {
        Ok(socket) => socket,
        Err(why) => return fail(1, why),
    };
    let (services, wrong) = broker::services();
    for wrong in wrong {
        fail(USAGE, wrong);
    }
    let config = Config {
        address: Some((Ipv4Addr::LOCALHOST, port).into()),
        socket: Some(socket.clone()),
        services,
        ..Config::default()
    };
    let broker = match Broker::bind(config) {
        Ok(broker) => broker,
        Err(error) => {
            return fail(
                1,
                format!("no broker can listen on port {port} and {}: {error}", socket.display()),
            );
        }
    };
    let address = broker.address().map(|address| address.to_string()).unwrap_or_default();
    #[cfg(target_os = "linux")]
    forget_start();
    let told = print(format!("Ready on {address} and {}\n", socket.display()).as_bytes());
    if told != 0 {
        return told;
    }
    match broker.run() {
        Ok(()) => 0,
        Err(error) => fail(1, error),
    }
}

/// Gives back what only the start has needed of a program that can do much more than this: pages of its code and constants,
/// several MiB. Those that are needed again are taken from the file again, which the system has in memory anyway.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "only a call of the system gives memory back")]
fn forget_start() {
    let (Ok(maps), Ok(program)) = (std::fs::read_to_string("/proc/self/maps"), std::env::current_exe()) else {
        return;
    };
    for line in maps
        .lines()
        .filter(|line| program.to_str().is_some_and(|program| line.ends_with(program)))
    {
        let mut words = line.split_whitespace();
        let range = words.next().and_then(|range| range.split_once('-'));
        let (Some((start, end)), Some(rights), Some(offset)) = (range, words.next(), words.next()) else {
            continue;
        };
        let untouched = rights == "r-xp" || (rights == "r--p" && offset.bytes().all(|digit| digit == b'0'));
        let (Ok(start), Ok(end)) = (usize::from_str_radix(start, 16), usize::from_str_radix(end, 16)) else {
            continue;
        };
        if !untouched || end <= start {
            continue;
        }
        let at = std::ptr::with_exposed_provenance_mut(start);
        // SAFETY: these are the code and the constants of this program, mapped from its file. Nothing has written to them, as
        // what is relocated lies in other mappings; so they are the same when they are read from the file again.
        let forgotten = unsafe { rustix::mm::madvise(at, end - start, rustix::mm::Advice::LinuxDontNeed) };
        if let Err(error) = forgotten {
            tracing::debug!(%error, "memory of the start is kept");
        }
    }
}

fn status(port: u16, socket: Option<PathBuf>, json: bool) -> u8 {
    let tcp = Address::Tcp((Ipv4Addr::LOCALHOST, port).into());
    let usual = || Client::connect(&Address::Socket(broker::socket().ok()?)).ok();
    let connected = match socket {
        Some(path) => Client::connect(&Address::Socket(path)),
        None if port != PORT => Client::connect(&tcp),
        None => usual().map_or_else(|| Client::connect(&tcp), Ok),
    };
    let mut client = match connected {
        Ok(client) => client,
        Err(error) => return fail(1, format!("no broker answers: {error}")),
    };
    match client.directory_within(broker::TIMEOUT) {
        Err(Error::TimedOut) => {
            let process = client
                .process()
                .map(|process| format!(" (process {process})"))
                .unwrap_or_default();
            fail(
                1,
                format!("the broker that runs{process} does not answer; wait for it, or end that process"),
            )
        }
        Err(error) => fail(1, format!("no broker answers: {error}")),
        Ok(directory) if json => print(format!("{directory:#}\n").as_bytes()),
        Ok(directory) => print(table(&directory).as_bytes()),
    }
}

fn table(directory: &Value) -> String {
    let rows = |name: &str| directory[name].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut table = String::new();
    // Writing to a String doesn't fail.
    for row in rows("connections") {
        let _ = writeln!(
            table,
            "{:24} {} ports, {} messages sent ({} bytes), {} received ({} bytes), {} bytes waiting",
            broker::called(&row),
            row["ports"],
            row["messages_sent"],
            row["bytes_sent"],
            row["messages_received"],
            row["bytes_received"],
            row["waiting_bytes"]
        );
    }
    for row in rows("ports") {
        let owner = rows("connections")
            .iter()
            .find(|of| of["connection"] == row["connection"])
            .map(broker::called);
        let serves: Vec<_> = row["serves"].as_array().into_iter().flatten().map(text).collect();
        let private = if row["private"] == true { "private " } else { "" };
        let _ = writeln!(
            table,
            "port {:19} {private}{} {}",
            row["port"],
            owner.unwrap_or_default(),
            serves.join(" ")
        );
    }
    for row in rows("services") {
        let _ = writeln!(
            table,
            "service {} {} processes, {} failures",
            text(&row["type"]),
            row["processes"],
            row["failures"]
        );
    }
    table
}
