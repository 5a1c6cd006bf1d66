//! Two services of the message broker, as DarqOS has them: [`Storage`] keeps values by key, [`History`] what happened when.
//!
//! They answer requests in JSON, each with a `method` and an `xid` that the answer repeats. What was answered is on the
//! disk. `python/` has the same two again: who asks can't tell them apart.

#![deny(clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod file;
mod history;
mod service;
mod storage;

pub use file::{FileError, place};
pub use history::History;
pub use service::{Failure, Fields, ServeError, Service, serve};
pub use storage::Storage;

use clap::{CommandFactory, FromArgMatches, Parser};
use portico_broker::client::{Address, Client, Error, is_service};
use std::fmt::Display;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The file that it keeps everything in, unless it is to be the usual one
    file: Option<PathBuf>,
}

/// Says a line on standard error, if anybody listens: a service that nobody hears goes on.
pub(crate) fn say(what: impl Display) {
    let _ = io::stderr().lock().write_all(format!("{what}\n").as_bytes());
}

/// Prints what clap has to say instead of arguments: help and version, or what was not understood.
fn parsed(told: &clap::Error) -> ExitCode {
    let printed = told.print().and_then(|()| io::stdout().flush());
    match printed {
        _ if told.use_stderr() => ExitCode::from(2),
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            say(format_args!("standard output can't be written: {error}"));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

/// A service as a process: finds its file and its broker, answers until it is shut down, and says at its end what went
/// wrong.
pub fn run<S: Service>(open: impl FnOnce(PathBuf) -> Result<S, FileError>) -> ExitCode {
    let found = Arguments::command().name(S::NAME).about(S::ABOUT).try_get_matches();
    let arguments = match found.and_then(|found| Arguments::from_arg_matches(&found)) {
        Ok(arguments) => arguments,
        Err(told) => return parsed(&told),
    };
    let done = arguments
        .file
        .map_or_else(|| place(S::FILE), Ok)
        .and_then(open)
        .map_err(ServeError::from);
    let done = done.and_then(|mut service| {
        let mut client = Client::connect(&Address::from_environment())?;
        serve(&mut client, &mut service)
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // What the broker has started ends with it.
        Err(ServeError::Broker(Error::Ended)) if is_service() => ExitCode::SUCCESS,
        Err(error) => {
            say(format_args!("{}: {error}", S::TYPE));
            ExitCode::FAILURE
        }
    }
}
