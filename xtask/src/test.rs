//! `cargo xtask test`: everything that has to hold before a change is let in.

use crate::cross;
use crate::packages::{DISPLAY, TEST, WINDOW, ensure};
use crate::step::{cargo, installed, say, step, target};
use crate::wasm::build_examples;
use anyhow::Result;
use std::path::PathBuf;

/// Runs all of it, the quick checks first. Each configuration is built once: clippy shares its dependencies' metadata between
/// all crates, and everything that runs is of the development profile.
pub(crate) fn run() -> Result<()> {
    ensure("The tests", &[WINDOW, DISPLAY, TEST].concat())?;
    let examples = ["--manifest-path", "examples/Cargo.toml"];
    let fuzz = ["--manifest-path", "fuzz/Cargo.toml"];

    step("Formatting", &mut cargo(&["fmt", "--all", "--check"]))?;
    step(
        "Formatting of the examples",
        cargo(&["fmt", "--all", "--check"]).args(examples),
    )?;
    step(
        "Formatting of the fuzz targets",
        cargo(&["fmt", "--all", "--check"]).args(fuzz),
    )?;

    dependencies()?;

    let warnings = ["--", "-D", "warnings"];
    step(
        "Lints",
        cargo(&["clippy", "--workspace", "--all-targets"]).args(warnings),
    )?;
    // Linting stops before linking, so that the examples can be looked at as if they were for this system.
    let mut lints = cargo(&["clippy", "--workspace"]);
    step(
        "Lints of the examples",
        lints
            .args(examples)
            .args(warnings)
            .env("CARGO_TARGET_DIR", target().join("wasm")),
    )?;

    let mut tests = cargo(&["test", "--workspace"]);
    step(
        "Tests of the examples",
        tests.args(examples).env("CARGO_TARGET_DIR", target().join("wasm")),
    )?;

    build_examples()?;
    // With the toolchain that the examples may have brought.
    cross::check()?;
    let shell = build()?;
    let mut tests = cargo(&["test", "--workspace", "--no-fail-fast"]);
    step("Running the tests", tests.env("PORTICO_BIN", shell))?;

    say("\nEverything holds.");
    Ok(())
}

/// Builds the tests and the shell, which the end-to-end tests start; returns the shell.
pub(crate) fn build() -> Result<PathBuf> {
    // All packages at once, always: with fewer, dependencies have fewer features and are built once more.
    step(
        "Building the shell and the tests",
        &mut cargo(&["build", "--workspace", "--all-targets"]),
    )?;
    Ok(target()
        .join("debug")
        .join(format!("portico{}", std::env::consts::EXE_SUFFIX)))
}

/// Licences and sources of all dependencies, as `deny.toml` allows them. Known faults of theirs are left out: the list of those is
/// on the network.
fn dependencies() -> Result<()> {
    if !installed(&format!("cargo-deny{}", std::env::consts::EXE_SUFFIX)) {
        say(
            "\n── Leaving out the check of the dependencies' licences: it needs cargo-deny (`cargo install cargo-deny`)",
        );
        return Ok(());
    }
    let check = ["deny", "check", "licenses", "bans", "sources"];
    step("Checking licences and sources of the dependencies", &mut cargo(&check))
}
