//! Keeps values by key, for whoever asks on port 11001.

use portico_services::{Storage, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    run(|file| Storage::open(&file))
}
