//! `portico info FILE`.

use super::{NOT_LOADED, UNREADABLE, fail, print};
use crate::source;
use portico_kernel::{Info, escaped, inspect};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

pub(super) fn run(file: &Path, as_json: bool) -> u8 {
    let bytes = match source::receive(file, source::LARGEST) {
        Ok(bytes) => bytes,
        Err(error) => return fail(UNREADABLE, error),
    };
    let info = inspect(&bytes);
    let text = if as_json {
        format!("{:#}\n", machine(&info))
    } else {
        people(&info)
    };
    let verdict = if info.refusals.is_empty() { 0 } else { NOT_LOADED };
    verdict.max(print(text.as_bytes()))
}

fn machine(info: &Info) -> serde_json::Value {
    let pairs = |list: &[(String, &'static str)]| -> Vec<_> {
        list.iter()
            .map(|(name, kind)| json!({ "name": name, "kind": kind }))
            .collect()
    };
    let portals: BTreeMap<String, &str> = info
        .manifest
        .portals
        .iter()
        .map(|(portal, reason)| (escaped(portal), &**reason))
        .collect();
    json!({
        "hash": info.hash.map(|hash| hash.to_string()),
        "size": info.size,
        "name": info.manifest.name.as_deref(),
        "summary": info.manifest.summary.as_deref(),
        "languages": info.manifest.languages.iter().map(|tag| &**tag).collect::<Vec<_>>(),
        "portals": portals,
        "publisher": info.publisher.map(|publisher| publisher.to_string()),
        "manifest_error": info.manifest_error,
        "icon_size": info.icon.as_ref().map(Vec::len),
        "entry": info.entry,
        "sections": info.sections.iter().map(|(name, size)| json!({ "name": name, "size": size })).collect::<Vec<_>>(),
        "imports": pairs(&info.imports),
        "exports": pairs(&info.exports),
        "refusals": info.refusals.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn people(info: &Info) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "{label:<10} {value}");
    };
    if let Some(hash) = info.hash {
        line("hash", &hash.to_string());
    }
    line("size", &format!("{} bytes", info.size));
    let publisher = info.publisher.map(|publisher| publisher.to_string());
    line("publisher", publisher.as_deref().unwrap_or("nobody has signed it"));
    if let Some(name) = &info.manifest.name {
        line("name", &name.isolated());
    }
    if let Some(summary) = &info.manifest.summary {
        line("summary", &summary.isolated());
    }
    if !info.manifest.languages.is_empty() {
        line(
            "languages",
            &info
                .manifest
                .languages
                .iter()
                .map(|tag| &**tag)
                .collect::<Vec<_>>()
                .join(", "),
        );
    }
    for (portal, reason) in &info.manifest.portals {
        line("portal", &format!("{}: {}", escaped(portal), reason.isolated()));
    }
    if let Some(error) = &info.manifest_error {
        line("manifest", error);
    }
    if let Some(icon) = &info.icon {
        line("icon", &format!("{} bytes", icon.len()));
    }
    line("entry", info.entry.unwrap_or("none"));
    for (name, size) in &info.sections {
        line("section", &format!("{name}, {size} bytes"));
    }
    for (name, kind) in &info.imports {
        line("import", &format!("{name} ({kind})"));
    }
    for (name, kind) in &info.exports {
        line("export", &format!("{name} ({kind})"));
    }
    if info.refusals.is_empty() {
        line(
            "verdict",
            "can run, unless compiling it takes too much, which its first run tells",
        );
    }
    for refusal in &info.refusals {
        line("refused", &refusal.to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn both_forms_tell_the_verdict() {
        let good = inspect(&wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "run")))"#).unwrap());
        assert!(people(&good).contains("verdict    can run"));
        assert_eq!(machine(&good)["entry"], "run");
        assert_eq!(machine(&good)["refusals"], json!([]));
        let bad = inspect(b"hello");
        assert!(people(&bad).contains("refused    it is not a WebAssembly file\n"));
        assert_eq!(machine(&bad)["refusals"].as_array().unwrap().len(), 1);
    }
}
