//! Two services of the message broker, as DarqOS has them: [`Storage`] keeps values by key, [`History`] what happened when.
//!
//! They answer requests in JSON, each with a `method` and an `xid` that the answer repeats. What was answered is on the
//! disk. `python/` has the same two again: who asks can't tell them apart.

mod file;
mod history;
mod service;
mod storage;

pub use file::{FileError, place};
pub use history::History;
pub use service::{Failure, Fields, ServeError, Service, serve};
pub use storage::Storage;

use clap::{CommandFactory, FromArgMatches, Parser};
use portico_broker::client::{Address, Client, Error};
use portico_broker::server::TOKEN;
use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The file that it keeps everything in, unless it is to be the usual one
    file: Option<PathBuf>,
}

/// A service as a process: finds its file and its broker, answers until it is shut down, and says at its end what went
/// wrong.
pub fn run<S: Service>(open: impl FnOnce(PathBuf) -> Result<S, FileError>) -> ExitCode {
    let found = Arguments::command().name(S::NAME).about(S::ABOUT).get_matches();
    let arguments = Arguments::from_arg_matches(&found).unwrap_or_else(|error| error.exit());
    let done = arguments.file.map_or_else(|| place(S::FILE), Ok).and_then(open).map_err(ServeError::from);
    let done = done.and_then(|mut service| {
        let mut client = Client::connect(&Address::from_environment())?;
        serve(&mut client, &mut service)
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // What the broker has started ends with it.
        Err(ServeError::Broker(Error::Ended)) if env::var_os(TOKEN).is_some() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", S::TYPE);
            ExitCode::FAILURE
        }
    }
}
