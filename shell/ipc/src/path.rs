//! A path in JSON: a text where it is one, else an object with its bytes, as `{"base64": "Y2Fm6Q=="}`. Nothing is lost.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Form {
    Text(String),
    Bytes { base64: String },
}

fn form(path: &Path) -> Form {
    match path.to_str() {
        Some(text) => Form::Text(text.to_owned()),
        None => Form::Bytes {
            base64: STANDARD.encode(bytes(path)),
        },
    }
}

/// A path as what is printed has it.
pub fn value(path: &Path) -> Value {
    match form(path) {
        Form::Text(text) => text.into(),
        Form::Bytes { base64 } => serde_json::json!({ "base64": base64 }),
    }
}

pub(super) fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    form(path).serialize(to)
}

pub(super) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<PathBuf, D::Error> {
    match Form::deserialize(from)? {
        Form::Text(text) => Ok(text.into()),
        Form::Bytes { base64 } => {
            let bytes = STANDARD.decode(base64).map_err(D::Error::custom)?;
            path(bytes)
                .map(PathBuf::from)
                .ok_or_else(|| D::Error::custom("a path of this system has other bytes"))
        }
    }
}

#[cfg(unix)]
fn bytes(path: &Path) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec()
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
fn path(bytes: Vec<u8>) -> Option<OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(bytes))
}

/// The units of 16 bits that Windows has, the low byte first.
#[cfg(windows)]
fn bytes(path: &Path) -> Vec<u8> {
    std::os::windows::ffi::OsStrExt::encode_wide(path.as_os_str())
        .flat_map(u16::to_le_bytes)
        .collect()
}

#[cfg(windows)]
fn path(bytes: Vec<u8>) -> Option<OsString> {
    let units: Vec<_> = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    (bytes.len() % 2 == 0).then(|| std::os::windows::ffi::OsStringExt::from_wide(&units))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Named(#[serde(with = "super")] PathBuf);

    #[test]
    fn every_path_comes_back_as_it_was() {
        let mut all = vec![PathBuf::from("/a b/é.wasm")];
        #[cfg(unix)]
        all.push(path(b"/caf\xe9/\xff.wasm".to_vec()).unwrap().into());
        for path in all {
            let named = Named(path);
            let text = serde_json::to_string(&named).unwrap();
            assert_eq!(serde_json::from_str::<Named>(&text).unwrap(), named, "{text}");
            assert_eq!(serde_json::to_string(&value(&named.0)).unwrap(), text);
        }
        assert!(serde_json::from_str::<Named>(r#"{"base64":"?"}"#).is_err());
    }
}
