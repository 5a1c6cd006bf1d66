//! Everything that a clone of Portico is asked to do, as `cargo xtask NAME`: it sets the machine up, then does it.
//!
//! It depends on next to nothing, so that it is there seconds after the clone.

mod bench;
mod bundle;
mod cross;
mod display;
mod drawing;
mod fuzz;
mod open;
mod packages;
mod pictures;
mod services;
mod soak;
mod step;
mod test;
mod wasm;

use anyhow::{Result, bail};
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask run [EXAMPLE]    build everything and open an example (paint unless another is named)
cargo xtask test             formatting, lints, the type checks of cross, and every test
cargo xtask cross            check the types of the shell for Windows and macOS
cargo xtask bench [ARGS]     build for speed and print the table of benchmarks
cargo xtask fuzz [SECONDS]   run each fuzz target for that long (60 seconds unless told)
cargo xtask soak [--minutes N] [--seed N]   open and close programs for that long (10 minutes unless told)
cargo xtask bundle           build for speed and make what people install: a .deb and a tarball, in target/bundle
cargo xtask examples         build the examples only, into target/examples
cargo xtask pictures         make the pictures of the documentation anew

Each sets up first what it needs: it says what is missing and installs it, once.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            step::say(&format!("stopped: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["run"] => open::run(None),
        ["run", example] => open::run(Some(example)),
        ["test"] => test::run(),
        ["cross"] => cross::check(),
        ["bench", rest @ ..] => bench::run(rest),
        ["bundle"] => bundle::run(),
        ["soak", rest @ ..] => soak::run(rest),
        ["fuzz"] => fuzz::run(60),
        ["fuzz", seconds] => match seconds.parse() {
            Ok(seconds) if seconds > 0 => fuzz::run(seconds),
            _ => bail!("`{seconds}` is no number of seconds\n\n{USAGE}"),
        },
        ["examples"] => wasm::build_examples().map(|_| ()),
        ["pictures"] => pictures::run(),
        [] | ["help" | "--help" | "-h"] => {
            step::say(USAGE);
            Ok(())
        }
        _ => bail!("unknown command `{}`\n\n{USAGE}", arguments.join(" ")),
    }
}
