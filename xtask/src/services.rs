//! The services of the message broker that come with the shell.

use crate::step::{root, target};
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;

/// Their programs, which lie beside the shell.
pub(crate) const SERVICES: [&str; 2] = ["portico-history", "portico-storage"];

/// The files that say what each handles and what starts it.
pub(crate) fn service_files() -> Result<Vec<PathBuf>> {
    let folder = root().join("broker/services");
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    // Every other file of a crate has another name.
    files.retain(|path| path.extension().is_some_and(|of| of == "toml") && !path.ends_with("Cargo.toml"));
    files.sort();
    Ok(files)
}

/// Puts them into `target/services`, where a shell that was built finds them.
pub(crate) fn lay_out() -> Result<()> {
    let to = target().join("services");
    fs::create_dir_all(&to).with_context(|| format!("cannot make {}", to.display()))?;
    for file in service_files()? {
        let name = file.file_name().context("a service file without a name")?;
        fs::copy(&file, to.join(name)).with_context(|| format!("cannot copy {}", file.display()))?;
    }
    Ok(())
}
