//! Finds tools that are installed on this machine.

use crate::environment;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The target that programs are built for.
pub(super) const TARGET: &str = "wasm32-unknown-unknown";

/// Path of a program, if it can be run.
pub(super) fn find(program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    environment::program_folders()
        .into_iter()
        .map(|directory| directory.join(&name))
        .find(|file| file.is_file())
}

/// The newest clang that has a linker for WebAssembly beside it.
pub(super) fn clang() -> Option<String> {
    let versions = (15..=30)
        .rev()
        .map(|version| (format!("clang-{version}"), format!("wasm-ld-{version}")));
    let plain = ("clang".to_owned(), "wasm-ld".to_owned());
    let both = |(clang, linker): &(String, String)| find(clang).is_some() && find(linker).is_some();
    std::iter::once(plain)
        .chain(versions)
        .find(both)
        .map(|(clang, _)| clang)
}

/// Path of Rust's standard library for programs, of the toolchain that `cargo` uses here.
pub(super) fn rust_target() -> Option<PathBuf> {
    let arguments = ["--print", "target-libdir", "--target", TARGET];
    let output = Command::new(environment::rustc())
        .args(arguments)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let directory = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    (output.status.success() && directory.is_dir()).then_some(directory)
}
