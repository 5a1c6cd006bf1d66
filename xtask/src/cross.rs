//! Type checks for the systems that this machine is not.

use crate::packages::{debian, ensure};
use crate::step::{say, step, target};
use crate::wasm::{debian_cargo, debian_rust_installed};
use anyhow::Result;

/// Checks the shell, and with it everything that it stands on, for Windows and macOS.
///
/// Debian's Rust carries the sources of its standard library, so that it can check for any target. Where it is not
/// installed the step is left out, and says so.
pub(crate) fn check() -> Result<()> {
    if !debian_rust_installed() {
        say(
            "\n── Leaving out the type checks for Windows and macOS: they need Debian's packages rustc-web and rust-web-src",
        );
        return Ok(());
    }
    if debian() {
        // The standard library for Windows is bound to the system by import libraries, which dlltool makes.
        ensure("The type check for Windows", &["binutils-mingw-w64-x86-64"])?;
    }
    for (system, triple) in [("Windows", "x86_64-pc-windows-gnu"), ("macOS", "aarch64-apple-darwin")] {
        let mut command =
            debian_cargo(&["check", "--package", "portico", "--target", triple, "-Zbuild-std=std,panic_abort"]);
        step(&format!("Checking the types for {system}"), command.env("CARGO_TARGET_DIR", target().join("cross")))?;
    }
    Ok(())
}
