//! The examples, built for wasm32 with whatever toolchain this machine can offer.

use crate::packages::{candidate, debian, ensure, update};
use crate::step::{cargo, installed, output, root, say, step, target};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_RUST: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld-19"];

/// Builds every example into `target/examples/NAME.wasm` and says which there are, in alphabetical order.
pub(crate) fn build_examples() -> Result<Vec<PathBuf>> {
    let out = target().join("examples");
    fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    let mut built = Vec::new();
    // What is no program is a library that programs share.
    let rust = names(|dir| fs::read_to_string(dir.join("Cargo.toml")).is_ok_and(|text| text.contains("cdylib")))?;
    if !rust.is_empty() {
        let from = build_rust()?;
        for name in rust {
            let wasm = [name.clone(), name.replace('-', "_")].map(|name| from.join(name).with_extension("wasm"));
            let Some(wasm) = wasm.iter().find(|path| path.is_file()) else {
                bail!("examples/{name} was built, but there is no {}", wasm[0].display());
            };
            let to = out.join(&name).with_extension("wasm");
            copy_if_changed(wasm, &to)?;
            built.push(to);
        }
    }
    for name in names(|dir| c_source(dir).is_some())? {
        let to = out.join(&name).with_extension("wasm");
        build_c(&name, &to)?;
        built.push(to);
    }
    built.sort();
    Ok(built)
}

/// The toolchain for wasm32 programs in Rust: the current one if it has the target, else Debian's, else rustup's target.
fn build_rust() -> Result<PathBuf> {
    let arguments = [
        "build",
        "--release",
        "--workspace",
        "--manifest-path",
        "examples/Cargo.toml",
        "--target",
        TARGET,
    ];
    let directory = target().join("wasm");
    let mut command = if has_target(TARGET) {
        cargo(&arguments)
    } else if offered()? {
        ensure("A toolchain for wasm32", DEBIAN_RUST)?;
        let mut command = debian_cargo(&arguments);
        command
            .arg("-Zbuild-std=std,panic_abort")
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19");
        command
    } else if installed("rustup") {
        step(
            "Adding the wasm32 target to this toolchain",
            Command::new("rustup").args(["target", "add", TARGET]),
        )?;
        cargo(&arguments)
    } else {
        bail!("no toolchain for {TARGET}: install that target of Rust, then run this again");
    };
    step(
        "Building the examples in Rust",
        command.env("CARGO_TARGET_DIR", &directory),
    )?;
    Ok(directory.join(TARGET).join("release"))
}

/// Debian's cargo with Debian's rustc: it carries the sources of the standard library, from which it builds it for any target.
pub(crate) fn debian_cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new("/usr/bin/cargo");
    command
        .current_dir(root())
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .args(arguments);
    // What was set for the toolchain that runs this would lead the other astray.
    for name in [
        "CARGO",
        "RUSTUP_TOOLCHAIN",
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "RUSTC_WRAPPER",
        "LD_LIBRARY_PATH",
    ] {
        command.env_remove(name);
    }
    command
}

/// Whether Debian's packages with the sources of the standard library are here, in a version that builds this tree.
pub(crate) fn debian_rust_installed() -> bool {
    let version = output(
        Command::new("/usr/bin/rustc")
            .env_remove("LD_LIBRARY_PATH")
            .arg("--version"),
    );
    let recent = version
        .as_deref()
        .and_then(|line| line.split(' ').nth(1))
        .is_some_and(recent_enough);
    let sysroot = output(
        Command::new("/usr/bin/rustc")
            .env_remove("LD_LIBRARY_PATH")
            .args(["--print", "sysroot"]),
    );
    recent
        && Path::new("/usr/bin/cargo").is_file()
        && sysroot.is_some_and(|root| Path::new(&root).join("lib/rustlib/src/rust/library/std").is_dir())
}

/// Whether the toolchain that runs this has that target's standard library.
pub(crate) fn has_target(target: &str) -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let printed = output(Command::new(rustc).args(["--print", "target-libdir", "--target", target]));
    printed.is_some_and(|dir| fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()))
}

/// Whether apt offers Debian's Rust with its sources, in a version that builds this tree.
fn offered() -> Result<bool> {
    if !debian() {
        return Ok(false);
    }
    // A fresh machine has no lists yet, so that apt offers nothing at all.
    if candidate("lld").is_none() {
        update()?;
    }
    Ok(DEBIAN_RUST.iter().all(|package| candidate(package).is_some())
        && candidate("rustc-web").as_deref().is_some_and(recent_enough))
}

/// Whether a compiler of that version builds this tree.
fn recent_enough(version: &str) -> bool {
    let numbers = |text: &str| -> Option<(u32, u32)> {
        let mut parts = text.split(['.', '+', '-', '~']);
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    numbers(version) >= numbers(env!("CARGO_PKG_RUST_VERSION"))
}

fn build_c(name: &str, to: &Path) -> Result<()> {
    let directory = root().join("examples").join(name);
    let source = c_source(&directory).with_context(|| format!("examples/{name} has no {name}.c"))?;
    let header = root().join("sdk/c");
    if newest(&[&directory, &header])? <= modified(to) {
        return Ok(());
    }
    let clang = match clang() {
        Some(clang) => clang,
        None => {
            let packages = if candidate("clang-19").is_some() {
                ["clang-19", "lld-19"]
            } else {
                ["clang", "lld"]
            };
            ensure("A C compiler for wasm32", &packages)?;
            clang()
                .context("no clang with a wasm-ld of the same version beside it: install both, then run this again")?
        }
    };
    let mut command = Command::new(clang);
    command
        .args([
            "--target=wasm32",
            "-std=c11",
            "-O3",
            "-msimd128",
            "-ffreestanding",
            "-nostdlib",
            "-Wall",
            "-Wextra",
            "-Werror",
        ])
        .arg("-Wl,--no-entry,--strip-debug")
        .arg("-I")
        .arg(header)
        .arg("-o")
        .arg(to)
        .arg(source)
        // Pictures and manifests that a source embeds stand beside it.
        .current_dir(directory);
    step(&format!("Building {name}, an example in C"), &mut command)
}

/// The newest clang that has a linker for WebAssembly beside it.
fn clang() -> Option<String> {
    let versions = (15..=30)
        .rev()
        .map(|version| (format!("clang-{version}"), format!("wasm-ld-{version}")));
    let plain = std::iter::once(("clang".to_owned(), "wasm-ld".to_owned()));
    versions
        .chain(plain)
        .find(|(clang, linker)| installed(clang) && installed(linker))
        .map(|(clang, _)| clang)
}

fn names(wanted: impl Fn(&Path) -> bool) -> Result<Vec<String>> {
    let directory = root().join("examples");
    let entries = fs::read_dir(&directory).with_context(|| format!("cannot list {}", directory.display()))?;
    let names = entries.filter_map(|entry| {
        let path = entry.ok()?.path();
        wanted(&path)
            .then(|| path.file_name()?.to_str().map(str::to_owned))
            .flatten()
    });
    Ok(names.collect())
}

fn c_source(directory: &Path) -> Option<PathBuf> {
    let source = directory.join(directory.file_name()?).with_extension("c");
    source.is_file().then_some(source)
}

fn newest(directories: &[&Path]) -> Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for directory in directories {
        let entries = fs::read_dir(directory).with_context(|| format!("cannot list {}", directory.display()))?;
        for entry in entries {
            newest = newest.max(modified(&entry?.path()));
        }
    }
    Ok(newest)
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path)
        .and_then(|data| data.modified())
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

fn copy_if_changed(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    if fs::read(to).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    say(&format!("{} is new", to.display()));
    fs::write(to, bytes).with_context(|| format!("cannot write {}", to.display()))
}
