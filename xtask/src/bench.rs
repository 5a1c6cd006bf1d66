//! `cargo xtask bench`: one table, Portico beside plain native programs.

use crate::display::Display;
use crate::packages::{DISPLAY, WINDOW, ensure};
use crate::step::{cargo, say, step, target};
use crate::wasm::build_examples;
use anyhow::Result;

/// Builds everything for speed, and runs the benchmarks with these arguments.
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    ensure("The benchmarks", &[WINDOW, DISPLAY].concat())?;
    // Both at once, so that what they share is built once.
    let build = [
        "build",
        "--release",
        "--package",
        "portico",
        "--package",
        "portico-benches",
    ];
    step("Building the shell and the benchmarks", &mut cargo(&build))?;
    build_examples()?;
    let program = target().join("release").join("portico-benches");
    if cfg!(target_os = "linux") {
        // Figures are to be compared: the same display for everybody, with nothing else in it.
        let display = Display::start(1)?;
        say("Other programs that run now make the figures worse. Ratios are what counts.");
        let mut command = display.command(program);
        return step(
            "Running the benchmarks",
            command.env("CARGO_TARGET_DIR", target()).args(arguments),
        );
    }
    let mut command = std::process::Command::new(program);
    step(
        "Running the benchmarks",
        command.env("CARGO_TARGET_DIR", target()).args(arguments),
    )
}
