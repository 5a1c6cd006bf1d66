//! The time zone of this host's user.

use crate::environment;
use jiff::tz::TimeZone as Zone;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::OnceLock;

/// Where systems keep their zones.
const FOLDERS: [&str; 4] = [
    "/usr/share/zoneinfo",
    "/usr/share/lib/zoneinfo",
    "/usr/lib/zoneinfo",
    "/etc/zoneinfo",
];
/// The zone of the system itself, which may be a copy.
const LOCAL: &str = "/etc/localtime";

/// The time zone of this host's user: the one that `TZ` names, or else the system's. A `TZ` that leads to anything else than a
/// file of the system's zones is not read: the time is UTC then, and the log says so.
pub fn system_zone() -> Zone {
    // A process's own environment stays as it is.
    static REFUSED: OnceLock<bool> = OnceLock::new();
    let refused = *REFUSED.get_or_init(|| {
        let Some(zone) = environment::time_zone() else {
            return false;
        };
        let zones = environment::zone_folder();
        let why = refusal(&zone, zones.as_deref());
        if let Some(why) = why {
            tracing::warn!("the time zone TZ={} is not used: {why}", zone.display());
        }
        why.is_some()
    });
    if refused { Zone::unknown() } else { Zone::system() }
}

/// Why a value of `TZ` is not used, where the zones are in `zones` or at the usual places.
fn refusal(zone: &OsStr, zones: Option<&Path>) -> Option<&'static str> {
    let bytes = zone.as_encoded_bytes();
    let Some(zone) = zone.to_str() else {
        return Some("it is not UTF-8");
    };
    let zone = if bytes.starts_with(b":") { &zone[1..] } else { zone };
    // A name, with or without the folder before it, is looked up in that folder.
    let name = zone
        .rfind("zoneinfo/")
        .map_or(zone, |at| &zone[at + "zoneinfo/".len()..]);
    let by_name = zones.map(|zones| zones.join(name));
    if by_name.is_some_and(|file| file.exists() && !file.is_file()) {
        return Some("it is no file");
    }
    let path = Path::new(zone);
    if Zone::get(name).is_ok() || !path.exists() {
        return None;
    }
    if !path.is_file() {
        return Some("it is no file");
    }
    let file = path.canonicalize().ok()?;
    let folders = FOLDERS
        .iter()
        .map(Path::new)
        .chain(zones)
        .filter_map(|folder| folder.canonicalize().ok());
    let is_zone = path == Path::new(LOCAL) || folders.into_iter().any(|folder| file.starts_with(folder));
    (!is_zone).then_some("it is not among the system's zones")
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn names_rules_and_files_of_zones_are_used() {
        for zone in [
            "",
            "UTC",
            "Europe/Berlin",
            ":Europe/Berlin",
            ":/usr/share/zoneinfo/Europe/Berlin",
            "CET-1CEST,M3.5.0,M10.5.0/3",
            ":/etc/localtime",
            "No/Such/Zone",
        ] {
            assert_eq!(refusal(zone.as_ref(), None), None, "{zone}");
        }
    }

    #[test]
    fn nothing_else_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, file) = (folder.path().join("pipe"), folder.path().join("file"));
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        std::fs::write(&file, "TZif").unwrap();
        let pipe = pipe.display().to_string();
        for zone in [
            ":/dev/zero",
            "/dev/tty",
            "/dev",
            &pipe,
            "/usr/share/zoneinfo/../../../dev/zero",
        ] {
            assert_eq!(refusal(zone.as_ref(), None), Some("it is no file"), "{zone}");
        }
        let file = file.display().to_string();
        assert_eq!(refusal(file.as_ref(), None), Some("it is not among the system's zones"));
        assert_eq!(refusal(file.as_ref(), Some(folder.path())), None);
        assert_eq!(refusal("pipe".as_ref(), Some(folder.path())), Some("it is no file"));
    }
}
