//! Keeps what happened to which object, for whoever asks on port 11002.

use portico_services::{History, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    run(|file| History::open(&file))
}
