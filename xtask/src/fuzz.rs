//! `cargo xtask fuzz`: every fuzz target for a bounded time.

use crate::packages::{debian, ensure};
use crate::step::{cargo, installed, root, say, step, target};
use anyhow::{Context, Result};
use std::fs;

/// Runs each target for `seconds` seconds, from its seeds and from what earlier runs found worth keeping.
pub(crate) fn run(seconds: u32) -> Result<()> {
    if debian() {
        ensure("The fuzzer, which is written in C++", &["g++"])?;
    }
    if !installed("cargo-fuzz") {
        // Its home is on the path of everybody who has a toolchain.
        step(
            "Installing cargo-fuzz",
            &mut cargo(&["install", "cargo-fuzz", "--locked"]),
        )?;
    }
    let directory = root().join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&directory).with_context(|| format!("cannot list {}", directory.display()))?;
    let mut targets: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.path().file_stem()?.to_str().map(str::to_owned))
        .collect();
    targets.sort();
    for name in &targets {
        let kept = target().join("fuzz").join("corpus").join(name);
        fs::create_dir_all(&kept).with_context(|| format!("cannot make {}", kept.display()))?;
        // No sanitizer: it would need a nightly toolchain, and there is next to no unsafe code for it to watch. What is looked
        // for are panics, overflows, broken promises, and what takes too long or too much memory.
        let mut command = cargo(&["fuzz", "run", "--sanitizer", "none", name]);
        command.env("CARGO_TARGET_DIR", target().join("fuzz")).arg(kept);
        // What is new is kept in the first directory only.
        let seeds = root().join("fuzz/seeds").join(name);
        if seeds.is_dir() {
            command.arg(seeds);
        }
        command.arg("--").arg(format!("-max_total_time={seconds}")).args([
            "-timeout=20",
            "-rss_limit_mb=4096",
            "-print_funcs=0",
        ]);
        step(&format!("Fuzzing {name} for {seconds} seconds"), &mut command)?;
    }
    say(&format!(
        "\n{} fuzz targets found nothing in {seconds} seconds each: {}",
        targets.len(),
        targets.join(", ")
    ));
    Ok(())
}
