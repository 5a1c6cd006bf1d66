//! Steps: each is said before it is done, and the first that fails stops everything with a sentence.

use anyhow::{Context, Result, bail};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Says a line to whoever runs this.
pub(crate) fn say(line: &str) {
    // A closed stderr is no reason to stop building.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Says what comes next, does it, and stops when it fails.
pub(crate) fn step(what: &str, command: &mut Command) -> Result<()> {
    say(&format!("\n── {what}"));
    let status = command
        .status()
        .with_context(|| format!("{what}: cannot start {}", name(command)))?;
    if !status.success() {
        bail!("{what}: {} failed ({status})", name(command));
    }
    Ok(())
}

/// What a command prints, without its last newline; `None` when it cannot be started or fails. Its errors are not shown.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// Whether a program of that name can be found.
pub(crate) fn installed(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

/// The clone's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where everything is built: `CARGO_TARGET_DIR`, else `target` in the clone.
pub(crate) fn target() -> PathBuf {
    // Relative to where it was said, not to the clone.
    std::env::var_os("CARGO_TARGET_DIR")
        .and_then(|dir| std::path::absolute(dir).ok())
        .unwrap_or_else(|| root().join("target"))
}

/// The cargo that runs this, in the clone's root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(root())
        .env("CARGO_TARGET_DIR", target())
        .args(arguments);
    command
}

fn name(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
