//! A project in a folder: how it is built, and where its program is then.

use super::super::tools;
use crate::environment;
use crate::source;
use serde_json::Value;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How a project is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// With cargo.
    Rust { release: bool },
    /// With make, which leaves one `.wasm` file in the folder.
    Make,
}

/// A folder that a program is built in.
#[derive(Debug)]
pub(super) struct Project {
    directory: PathBuf,
    kind: Kind,
}

/// A program, as it was built.
#[derive(Debug)]
pub(super) struct Built {
    /// Absolute path of its file.
    pub(super) file: PathBuf,
    /// Hash of its bytes.
    pub(super) hash: blake3::Hash,
}

impl Project {
    /// Finds out how the project in a folder is built; the error is a sentence.
    pub(super) fn find(directory: &Path, release: bool) -> Result<Self, String> {
        let directory = directory
            .canonicalize()
            .map_err(|error| format!("{}: {error}", directory.display()))?;
        let kind = if directory.join("Cargo.toml").is_file() {
            Kind::Rust { release }
        } else if directory.join("Makefile").is_file() {
            Kind::Make
        } else {
            return Err(format!(
                "{} has neither a Cargo.toml nor a Makefile; `portico new NAME` makes a project",
                directory.display()
            ));
        };
        Ok(Self { directory, kind })
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Builds it; compilers write to the terminal themselves. The error says what did not work.
    pub(super) fn build(&self) -> Result<Built, String> {
        let file = match self.kind {
            Kind::Rust { release } => self.cargo(release)?,
            Kind::Make => self.make()?,
        };
        let bytes = source::read(&file, source::LARGEST).map_err(|error| error.to_string())?;
        Ok(Built {
            file,
            hash: blake3::hash(&bytes),
        })
    }

    fn cargo(&self, release: bool) -> Result<PathBuf, String> {
        let cargo = environment::cargo();
        let mut command = Command::new(&cargo);
        command.args([
            "build",
            "--target",
            tools::TARGET,
            "--message-format",
            "json-render-diagnostics",
        ]);
        command
            .args(release.then_some("--release"))
            .current_dir(&self.directory)
            .stdout(Stdio::piped());
        let not_run = |error| format!("{} can't be run: {error}", cargo.display());
        let mut child = command.stdin(Stdio::null()).spawn().map_err(not_run)?;
        let manifest = self.directory.join("Cargo.toml");
        let lines = child.stdout.take().map(|stdout| BufReader::new(stdout).lines());
        let program = lines
            .into_iter()
            .flatten()
            .map_while(Result::ok)
            .filter_map(|line| artifact(&line, &manifest))
            .last();
        if !child.wait().map_err(not_run)?.success() {
            return Err("it does not build".to_owned());
        }
        program.ok_or_else(|| "it builds, but no program comes of it: it needs `crate-type = [\"cdylib\"]`".to_owned())
    }

    fn make(&self) -> Result<PathBuf, String> {
        let mut command = Command::new("make");
        if let Some(clang) = tools::clang().filter(|clang| clang != "clang") {
            let mut setting = OsString::from("CC=");
            setting.push(clang);
            command.arg(setting);
        }
        let status = command.current_dir(&self.directory).stdin(Stdio::null()).status();
        if !status.map_err(|error| format!("make can't be run: {error}"))?.success() {
            return Err("it does not build".to_owned());
        }
        let entries =
            fs::read_dir(&self.directory).map_err(|error| format!("{}: {error}", self.directory.display()))?;
        let programs = entries.flatten().map(|entry| entry.path());
        let mut programs = programs.filter(|path| path.extension().is_some_and(|of| of == "wasm"));
        match (programs.next(), programs.next()) {
            (Some(program), None) => Ok(program),
            (None, _) => Err("make leaves no .wasm file in the folder".to_owned()),
            (Some(_), Some(_)) => Err("make leaves more than one .wasm file in the folder".to_owned()),
        }
    }
}

/// The program in one of cargo's messages, if it is of this package.
fn artifact(line: &str, manifest: &Path) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    let ours = message["reason"] == "compiler-artifact" && Path::new(message["manifest_path"].as_str()?) == manifest;
    let files = message["filenames"].as_array().filter(|_| ours)?;
    let mut paths = files.iter().filter_map(|file| Some(PathBuf::from(file.as_str()?)));
    paths.find(|path| path.extension().is_some_and(|of| of == "wasm"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_program_is_the_package_s_own() {
        let line = |manifest: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"{manifest}","filenames":["/t/a.rlib","/t/a.wasm"]}}"#
            )
        };
        let manifest = Path::new("/p/Cargo.toml");
        assert_eq!(artifact(&line("/p/Cargo.toml"), manifest), Some("/t/a.wasm".into()));
        assert_eq!(artifact(&line("/p/vendor/x/Cargo.toml"), manifest), None);
        assert_eq!(
            artifact(r#"{"reason":"build-finished","success":true}"#, manifest),
            None
        );
        assert_eq!(artifact("warning: not JSON", manifest), None);
    }

    #[test]
    fn a_folder_without_a_project_is_told() {
        let directory = tempfile::tempdir().unwrap();
        assert!(
            Project::find(directory.path(), false)
                .unwrap_err()
                .contains("portico new")
        );
        fs::write(directory.path().join("Makefile"), "").unwrap();
        assert_eq!(Project::find(directory.path(), false).unwrap().kind, Kind::Make);
        fs::write(directory.path().join("Cargo.toml"), "").unwrap();
        assert_eq!(
            Project::find(directory.path(), true).unwrap().kind,
            Kind::Rust { release: true }
        );
    }
}
