//! `cargo xtask test`: everything that has to hold before a change is let in.

use crate::cross;
use crate::packages::{DISPLAY, TEST, WINDOW, ensure};
use crate::step::{cargo, say, step, target};
use crate::wasm::build_examples;
use anyhow::Result;

/// Runs all of it, the quick checks first. Each configuration is built once: clippy shares its dependencies' metadata between
/// all crates, and everything that runs is of the development profile.
pub(crate) fn run() -> Result<()> {
    ensure("The tests", &[WINDOW, DISPLAY, TEST].concat())?;
    let examples = ["--manifest-path", "examples/Cargo.toml"];
    let fuzz = ["--manifest-path", "fuzz/Cargo.toml"];

    step("Formatting", &mut cargo(&["fmt", "--all", "--check"]))?;
    step("Formatting of the examples", cargo(&["fmt", "--all", "--check"]).args(examples))?;
    step("Formatting of the fuzz targets", cargo(&["fmt", "--all", "--check"]).args(fuzz))?;

    let warnings = ["--", "-D", "warnings"];
    step("Lints", cargo(&["clippy", "--workspace", "--all-targets"]).args(warnings))?;
    // Linting stops before linking, so that the examples can be looked at as if they were for this system.
    let mut lints = cargo(&["clippy", "--workspace"]);
    step("Lints of the examples", lints.args(examples).args(warnings).env("CARGO_TARGET_DIR", target().join("wasm")))?;

    build_examples()?;
    // With the toolchain that the examples may have brought.
    cross::check()?;
    // The end-to-end tests start the shell. With its tests it shares every dependency in the same features.
    step("Building the shell and the tests", &mut cargo(&["build", "--workspace", "--all-targets"]))?;
    let rest = ["test", "--workspace", "--exclude", "portico-tests", "--no-fail-fast"];
    step("Running the tests", &mut cargo(&rest))?;
    step("Running the end-to-end tests", &mut cargo(&["test", "--package", "portico-tests", "--no-fail-fast"]))?;

    say("\nEverything holds.");
    Ok(())
}
