//! `cargo xtask fuzz`: every fuzz target for a bounded time.

use crate::step::{installed, output, root, say, step, target};
use anyhow::{Context, Result, bail};
use std::process::Command;

/// Runs each target for `seconds` seconds.
pub(crate) fn run(seconds: u32) -> Result<()> {
    let has_nightly = |names: String| names.lines().any(|name| name.starts_with("nightly"));
    if !output(Command::new("rustup").args(["toolchain", "list"])).is_some_and(has_nightly) {
        bail!(
            "fuzzing needs the nightly toolchain of Rust, and there is none: `rustup toolchain install nightly` installs it"
        );
    }
    if !installed("cargo-fuzz") {
        // Its home is on the path of everybody who has a toolchain.
        step("Installing cargo-fuzz", Command::new("cargo").args(["install", "cargo-fuzz", "--locked"]))?;
    }
    let directory = root().join("fuzz/fuzz_targets");
    let entries = std::fs::read_dir(&directory).with_context(|| format!("cannot list {}", directory.display()))?;
    let mut targets: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.path().file_stem()?.to_str().map(str::to_owned)).collect();
    targets.sort();
    for name in &targets {
        let mut command = Command::new("cargo");
        // `cargo` here is to be rustup's, which picks the toolchain.
        command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").current_dir(root());
        command.env("CARGO_TARGET_DIR", target().join("fuzz"));
        command.args([
            "+nightly",
            "fuzz",
            "run",
            name,
            "--",
            &format!("-max_total_time={seconds}"),
            "-rss_limit_mb=4096",
        ]);
        step(&format!("Fuzzing {name} for {seconds} seconds"), &mut command)?;
    }
    say(&format!("\n{} fuzz targets found nothing in {seconds} seconds each: {}", targets.len(), targets.join(", ")));
    Ok(())
}
