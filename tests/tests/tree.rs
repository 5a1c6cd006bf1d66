//! Invariants of the tree, as ARCHITECTURE.md states them.
#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// cargo's metadata of each crate of the workspace.
fn packages() -> Vec<Value> {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// Direct dependencies of each crate of the workspace, without those that only its tests have.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap();
        all.iter()
            .filter(|dependency| dependency["kind"] != "dev")
            .map(|dependency| text(&dependency["name"]))
            .collect()
    };
    packages()
        .iter()
        .map(|package| (text(&package["name"]), of(package)))
        .collect()
}

/// Files that git knows, with these extensions.
fn sources(extensions: &[&str]) -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).unwrap();
    let wanted = |path: &PathBuf| {
        path.extension()
            .and_then(|of| of.to_str())
            .is_some_and(|of| extensions.contains(&of))
    };
    names
        .split_terminator('\0')
        .map(|name| root().join(name))
        .filter(|path| wanted(path) && path.is_file())
        .collect()
}

#[test]
fn rooms_know_only_whom_they_may_know() {
    let all = dependencies();
    let ours = |name: &str| -> BTreeSet<&str> {
        all[name]
            .iter()
            .map(String::as_str)
            .filter(|of| of.starts_with("portico"))
            .collect()
    };
    assert_eq!(all["portico-abi"], BTreeSet::from(["zerocopy".to_owned()]));
    // Besides abi: its own packing, and the trait that says what a stream is.
    let sdk = ["portico-abi", "zerocopy", "futures-core"];
    assert!(
        all["portico-sdk"].iter().all(|of| sdk.contains(&of.as_str())),
        "{:?}",
        all["portico-sdk"]
    );
    assert_eq!(ours("portico-kernel"), BTreeSet::from(["portico-abi"]));
    assert_eq!(
        ours("portico-portals"),
        BTreeSet::from(["portico-abi", "portico-kernel"])
    );
    assert_eq!(
        ours("portico-devices"),
        BTreeSet::from(["portico-kernel", "portico-portals"])
    );
    let below_the_shell = [
        "portico-abi",
        "portico-broker",
        "portico-devices",
        "portico-ipc",
        "portico-kernel",
        "portico-logs",
        "portico-model",
        "portico-portals",
        "portico-surface",
    ];
    assert_eq!(ours("portico"), BTreeSet::from(below_the_shell));
    assert_eq!(ours("portico-ipc"), BTreeSet::new());
    assert_eq!(ours("portico-logs"), BTreeSet::from(["portico-abi"]));
    assert_eq!(
        ours("portico-model"),
        BTreeSet::from(["portico-kernel", "portico-portals"])
    );
    assert_eq!(ours("portico-surface"), BTreeSet::from(["portico-portals"]));
    assert_eq!(ours("portico-broker"), BTreeSet::new());
    assert_eq!(ours("portico-services"), BTreeSet::from(["portico-broker"]));
    assert_eq!(ours("xtask"), BTreeSet::new());
}

/// Checks that of all crates only these depend on one of these libraries.
fn only_these_know(may: &[&str], libraries: &[&str]) {
    for (name, dependencies) in dependencies() {
        let known: Vec<_> = libraries.iter().filter(|of| dependencies.contains(**of)).collect();
        assert!(
            known.is_empty() || may.contains(&name.as_str()),
            "{name} knows {known:?}"
        );
    }
}

// The benchmarks hold the plain native programs that Portico is measured against.

#[test]
fn only_the_shell_knows_a_window_system() {
    let libraries = ["winit", "egui", "egui-winit", "egui-wgpu", "softbuffer"];
    only_these_know(
        &["portico", "portico-surface", "portico-benches", "portico-tests"],
        &libraries,
    );
}

#[test]
fn only_the_backend_knows_a_window_system_in_the_shell() {
    let directory = root().join("shell/src");
    for path in sources(&["rs"]).iter().filter(|path| path.starts_with(&directory)) {
        let text = fs::read_to_string(path).unwrap();
        let knows = ["winit", "egui_winit", "accesskit_unix"].into_iter().find(|library| {
            text.lines()
                .any(|line| line.trim_start().starts_with(&format!("use {library}::")))
        });
        let inside = path.strip_prefix(&directory).unwrap().starts_with("backend");
        assert!(inside || knows.is_none(), "{}: {knows:?}", path.display());
    }
}

#[test]
fn only_the_shell_and_the_services_know_a_database() {
    only_these_know(&["portico", "portico-services"], &["redb"]);
}

#[test]
fn only_devices_know_the_libraries_of_devices() {
    let libraries = [
        "arboard", "bluer", "btleplug", "cap-std", "cpal", "gilrs", "gpiocdev", "hyper", "nokhwa", "reqwest", "rubato",
    ];
    only_these_know(&["portico-devices"], &libraries);
    // The chrome is drawn with it, too.
    only_these_know(
        &[
            "portico",
            "portico-surface",
            "portico-devices",
            "portico-benches",
            "portico-tests",
        ],
        &["wgpu"],
    );
    // The shell asks the desktop for its settings and serves assistive technology over the same bus.
    only_these_know(&["portico", "portico-devices", "portico-tests"], &["zbus"]);
}

#[test]
fn a_portal_knows_no_other_portal() {
    let directory = root().join("portals/src");
    // What portals share; everything else in the folder is a portal.
    let shared = [
        "lib",
        "window",
        "host",
        "channels",
        "environment",
        "events",
        "fakes",
        "feed",
        "queue",
        "reply",
        "services",
        "table",
    ];
    let files: Vec<PathBuf> = fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let names: Vec<String> = files
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    for (path, name) in files
        .iter()
        .zip(&names)
        .filter(|(path, name)| path.is_file() && !shared.contains(&name.as_str()))
    {
        let text = fs::read_to_string(path).unwrap();
        for other in names
            .iter()
            .filter(|other| *other != name && !shared.contains(&other.as_str()))
        {
            for way in [
                format!("use crate::{other}"),
                format!("crate::{other}::"),
                format!("use super::{other}"),
            ] {
                assert!(!text.contains(&way), "the portal {name} knows {other}");
            }
        }
    }
}

/// The modules of the shell from the bottom up: each knows only modules of the lines below its own.
const LAYERS: [&[&str]; 12] = [
    &["environment"],
    &[
        "background",
        "executable",
        "folders",
        "icon_decoder",
        "output",
        "report",
        "script",
        "source",
        "strings",
        "whole",
    ],
    &["backend", "desktop", "logs", "worker"],
    &["broker", "clipboard", "engine", "icons", "state"],
    &["grants", "library"],
    &["run_ext"],
    &["chrome"],
    &["pages"],
    &["window"],
    &["app"],
    &["cli"],
    &["lib", "main"],
];

/// The modules that a file names after `start`: `crate::` for those at the root of its crate.
fn named_modules<'a>(text: &'a str, start: &str) -> BTreeSet<&'a str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let length = |rest: &str| {
        rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric())
            .unwrap_or(rest.len())
    };
    let mut found = BTreeSet::new();
    for line in code {
        for (at, _) in line.match_indices(start) {
            // Not the end of the name of another crate.
            if !line[..at].ends_with(|c: char| c == '_' || c.is_ascii_alphanumeric()) {
                let rest = &line[at + start.len()..];
                match rest.strip_prefix('{') {
                    Some(list) => found.extend(list.split([',', '}']).map(|rest| {
                        let rest = rest.trim();
                        &rest[..length(rest)]
                    })),
                    None => _ = found.insert(&rest[..length(rest)]),
                }
            }
        }
    }
    found.remove("");
    found
}

#[test]
fn no_module_of_the_shell_knows_one_above_it() {
    let layer = |module: &str| LAYERS.iter().position(|layer| layer.contains(&module));
    let directory = root().join("shell/src");
    let mut wrong = Vec::new();
    for path in sources(&["rs"]).iter().filter(|path| path.starts_with(&directory)) {
        let first = path.strip_prefix(&directory).unwrap().iter().next().unwrap();
        let first = first.to_str().unwrap();
        let own = first.strip_suffix(".rs").unwrap_or(first);
        let height = layer(own).unwrap_or_else(|| panic!("{own} stands in no layer"));
        let text = fs::read_to_string(path).unwrap();
        for other in named_modules(&text, "crate::")
            .into_iter()
            .filter(|other| *other != own)
        {
            match layer(other) {
                Some(below) if below < height => {}
                _ => wrong.push(format!("{}: crate::{other}", path.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Which modules in a folder stand in a circle: each names, after `start`, another of them, and in the end itself. A folder in it
/// is one of them; what is for tests counts not.
fn circles(folder: &str, start: &str) -> BTreeSet<String> {
    let folder = root().join(folder);
    let mut knows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in sources(&["rs"]) {
        let Ok(inside) = path.strip_prefix(&folder) else {
            continue;
        };
        let first = inside.iter().next().unwrap().to_str().unwrap();
        let own = first.strip_suffix(".rs").unwrap_or(first);
        if ["lib", "mod"].contains(&own) || path.to_str().unwrap().ends_with("tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let others = named_modules(text, start).into_iter().filter(|other| *other != own);
        knows
            .entry(own.to_owned())
            .or_default()
            .extend(others.map(str::to_owned));
    }
    // Who knows nobody that is left, and whom nobody knows that is left, stands in no circle.
    loop {
        let left: BTreeSet<String> = knows.keys().cloned().collect();
        let known: BTreeSet<String> = knows.values().flatten().cloned().collect();
        knows.retain(|own, others| known.contains(own) && !others.is_disjoint(&left));
        for others in knows.values_mut() {
            others.retain(|other| left.contains(other));
        }
        if knows.len() == left.len() {
            return left;
        }
    }
}

#[test]
fn no_modules_of_the_broker_know_each_other() {
    for (folder, start) in [
        ("broker/src", "crate::"),
        ("broker/src/client", "super::"),
        ("broker/src/server", "super::"),
    ] {
        let found = circles(folder, start);
        assert!(found.is_empty(), "{folder}: {found:?}");
    }
}

#[test]
fn no_modules_of_the_kernel_know_each_other() {
    let found = circles("kernel/src", "crate::");
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn files_are_short() {
    let long: Vec<_> = sources(&["rs", "wgsl", "c", "h", "md", "toml"])
        .into_iter()
        .map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|(lines, _)| *lines > 800)
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn nothing_is_left_for_later() {
    // Written apart, so that this file does not find itself.
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
        concat!("HA", "CK"),
    ];
    let mut found = Vec::new();
    for path in sources(&["rs", "wgsl", "c", "h", "md", "toml", "sh"]) {
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{}: {line}", path.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn licences_are_there_and_every_crate_names_them() {
    for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(fs::metadata(root().join(name)).unwrap().len() > 900, "{name}");
    }
    for package in packages() {
        let name = &package["name"];
        let manifest = fs::read_to_string(package["manifest_path"].as_str().unwrap()).unwrap();
        assert!(manifest.contains("license.workspace = true"), "{name}");
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name}");
    }
}
