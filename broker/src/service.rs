//! Services, as users write them down in files.

use crate::object::is_type;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// A service: what it handles, what is reserved for it, and what starts it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The type of objects that it handles, as `org.example.notes`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Ports that nobody else may open.
    #[serde(default)]
    pub ports: Vec<u64>,
    /// The native command that starts it, with its arguments.
    #[serde(default)]
    pub command: Vec<String>,
    /// The WebAssembly program that it is, by hash. Only the shell can start it.
    pub program: Option<String>,
    /// Whether one process handles all objects, or each object has its own.
    #[serde(default)]
    pub each: Each,
    /// Environment variables of its process, besides those of the broker.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// When it is started again after it has ended.
    #[serde(default)]
    pub restart: Restart,
    /// Its ed25519 public key, 64 hexadecimal digits: who proves to hold it is the service too, however it was started.
    #[serde(default, deserialize_with = "key")]
    pub key: Option<[u8; 32]>,
}

/// How many processes a service has.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Each {
    /// One.
    #[default]
    Service,
    /// One for each object.
    Object,
}

/// When a service is started again after it has ended.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// When somebody asks for it.
    #[default]
    WhenNeeded,
    /// At once if it failed.
    OnFailure,
    /// At once.
    Always,
}

/// Reason why a service file is refused.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// It could not be read.
    #[error("cannot read {0}: {1}")]
    Read(PathBuf, io::Error),
    /// It is not TOML, or not what a service file says.
    #[error("{0}: {1}")]
    Parse(PathBuf, String),
}

fn key<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<[u8; 32]>, D::Error> {
    let text = String::deserialize(from)?;
    unhex(&text)
        .map(Some)
        .ok_or_else(|| serde::de::Error::custom("a key has 64 hexadecimal digits"))
}

/// Bytes from hexadecimal digits, two for each.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    let mut bytes = [0; N];
    if digits.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16);
        *byte = (digit(0)? << 4 | digit(1)?) as u8;
    }
    Some(bytes)
}

/// Hexadecimal digits, two for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Service {
    /// Reads a service file.
    ///
    /// # Errors
    /// With what is wrong in it, if it isn't one.
    pub fn parse(text: &str) -> Result<Self, String> {
        let service: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if !is_type(&service.kind) {
            return Err(format!("`{}` is no name of a type", service.kind.escape_debug()));
        }
        if service.ports.contains(&0) {
            return Err("0 is no port".into());
        }
        if !service.command.is_empty() && service.program.is_some() {
            return Err("a service is started by a command or by a program, not by both".into());
        }
        Ok(service)
    }

    /// Reads every `*.toml` of a directory, by name; a directory that isn't there has none. One that is wrong doesn't
    /// keep the others from being read.
    #[must_use]
    pub fn read(directory: &Path) -> (Vec<Self>, Vec<ServiceError>) {
        let mut paths: Vec<PathBuf> = fs::read_dir(directory)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|of| of == "toml"))
            .collect();
        paths.sort();
        let (mut services, mut errors) = (Vec::new(), Vec::new());
        for path in paths {
            match fs::read_to_string(&path) {
                Err(error) => errors.push(ServiceError::Read(path, error)),
                Ok(text) => match Self::parse(&text) {
                    Ok(service) => services.push(service),
                    Err(error) => errors.push(ServiceError::Parse(path, error)),
                },
            }
        }
        (services, errors)
    }

    /// Whether there is a way to start it.
    #[must_use]
    pub fn can_start(&self) -> bool {
        !self.command.is_empty() || self.program.is_some()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_file_says_it_all() {
        let service = Service::parse(
            r#"
            type = "org.example.notes"
            ports = [11001, 70000]
            command = ["/usr/bin/notes", "--serve"]
            each = "object"
            restart = "on-failure"
            key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
            [environment]
            NOTES = "here"
            "#,
        )
        .unwrap();
        assert_eq!((service.each, service.restart), (Each::Object, Restart::OnFailure));
        assert_eq!(
            service.key.map(|key| hex(&key)).as_deref(),
            Some("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")
        );
        assert_eq!(service.environment["NOTES"], "here");
        assert!(service.can_start());
        assert_eq!(Service::parse(r#"type = "a.b""#).unwrap().restart, Restart::WhenNeeded);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, part) in [
            (r#"type = "a b""#, "no name of a type"),
            (r#"ports = [1]"#, "missing field `type`"),
            ("type = \"a\"\nports = [0]", "0 is no port"),
            ("type = \"a\"\nport = 1", "unknown field"),
            ("type = \"a\"\nkey = \"12\"", "64 hexadecimal digits"),
            ("type = \"a\"\ncommand = [\"x\"]\nprogram = \"y\"", "not by both"),
        ] {
            let error = Service::parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn a_wrong_file_does_not_hide_the_others() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("b.toml"), "type = \"b\"").unwrap();
        fs::write(directory.path().join("a.toml"), "type =").unwrap();
        fs::write(directory.path().join("note.txt"), "nothing").unwrap();
        let (services, errors) = Service::read(directory.path());
        assert_eq!((services.len(), errors.len()), (1, 1));
        assert!(errors[0].to_string().contains("a.toml"));
        assert_eq!(Service::read(&directory.path().join("none")).0, []);
    }
}
