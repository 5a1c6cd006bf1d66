//! Type checks for the systems that this machine is not.

use crate::packages::{debian, ensure};
use crate::step::{cargo, say, step, target};
use crate::wasm::{debian_cargo, debian_rust_installed, has_target};
use anyhow::Result;
use std::process::Command;

/// What the shell is checked for: the system, and the target that stands for it.
const SYSTEMS: [(&str, &str); 2] = [("Windows", "x86_64-pc-windows-gnu"), ("macOS", "aarch64-apple-darwin")];

/// Checks the shell, and with it everything that it stands on, for Windows and macOS.
///
/// A system is checked by the toolchain that runs this where that has the system's standard library. Else Debian's Rust does it:
/// it carries the sources of its standard library, so that it can check for any target. Where neither is there the system is
/// left out, and that is said.
pub(crate) fn check() -> Result<()> {
    let (native, rest): (Vec<_>, Vec<_>) = SYSTEMS.into_iter().partition(|(_, triple)| has_target(triple));
    if !native.is_empty() {
        run(cargo(&["check", "--package", "portico"]), &native)?;
    }
    if rest.is_empty() {
        return Ok(());
    }
    if !debian_rust_installed() {
        say(&format!(
            "\n── Leaving out the type check for {}: it needs Rust's target, or Debian's packages rustc-web and rust-web-src",
            names(&rest)
        ));
        return Ok(());
    }
    if debian() {
        // The standard library for Windows is bound to the system by import libraries, which dlltool makes.
        ensure("The type check for Windows", &["binutils-mingw-w64-x86-64"])?;
    }
    run(
        debian_cargo(&["check", "--package", "portico", "-Zbuild-std=std,panic_abort"]),
        &rest,
    )
}

/// All of them at once, so that what runs on this machine, macros and build scripts, is built for it once.
fn run(mut command: Command, systems: &[(&str, &str)]) -> Result<()> {
    command.env("CARGO_TARGET_DIR", target().join("cross"));
    // What is built to run here, macros and build scripts, runs for seconds, and nobody looks into it.
    command
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_INCREMENTAL", "0");
    command.args(["--config", "profile.dev.package.\"*\".opt-level=0"]);
    for (_, triple) in systems {
        command.args(["--target", triple]);
        // Build scripts may want to compile C, for which this machine has no compiler. A check links nothing, so that what
        // they would have compiled is never missed.
        let triple = triple.replace('-', "_");
        command
            .env(format!("CC_{triple}"), "true")
            .env(format!("AR_{triple}"), "true");
    }
    step(&format!("Checking the types for {}", names(systems)), &mut command)
}

fn names(systems: &[(&str, &str)]) -> String {
    systems.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" and ")
}
