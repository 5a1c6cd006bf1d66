//! Lists the SDK's sources, which `portico new` writes beside a new program, and makes code of the translations.

#[path = "build/texts.rs"]
mod texts;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let shell = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let root = shell
        .parent()
        .ok_or_else(|| io::Error::other("the shell has no folder around it"))?;
    let mut list = String::from("&[\n");
    for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
        add(&mut list, name, &root.join(name));
    }
    for name in ["abi", "sdk"] {
        sources(&mut list, &format!("portico-{name}/src"), &root.join(name).join("src"))?;
    }
    list.push_str("]\n");
    let out = PathBuf::from(variable("OUT_DIR")?);
    fs::write(out.join("vendored.rs"), list)?;
    translations(&root.join("assets/locales"), &out.join("texts.rs"))
}

/// Writes the functions of all texts to `made`.
fn translations(folder: &Path, made: &Path) -> io::Result<()> {
    let mut sources = Vec::new();
    for (language, name) in [("English", "en"), ("Esperanto", "eo")] {
        let file = folder.join(name).join("portico.ftl");
        println!("cargo::rerun-if-changed={}", file.display());
        sources.push((language, fs::read_to_string(file)?));
    }
    let sources: Vec<_> = sources
        .iter()
        .map(|(language, source)| (*language, source.as_str()))
        .collect();
    let code = texts::generate(&sources).map_err(|faults| io::Error::other(faults.join("\n")))?;
    fs::write(made, code)
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(|error| io::Error::other(format!("{name}: {error}")))
}

fn sources(list: &mut String, name: &str, folder: &Path) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            sources(list, &name, &entry.path())?;
        } else {
            add(list, &name, &entry.path());
        }
    }
    Ok(())
}

fn add(list: &mut String, name: &str, path: &Path) {
    // Writing to a String can't fail.
    let _ = writeln!(list, "    ({name:?}, include_str!({:?})),", path.display().to_string());
}
