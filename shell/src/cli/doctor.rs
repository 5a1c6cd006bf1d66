//! `portico doctor`: what this machine offers for every portal, what is missing, and how to get it.

mod machine;

use super::{print, tools, trace};
use crate::engine;
use machine::Found;
use portico_kernel::DefaultAccess;
use portico_portals::TABLE;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Exit code when programs can't run in windows here.
const NO_WINDOWS: u8 = 1;

/// One thing that was looked at.
struct Line {
    name: &'static str,
    found: Found,
}

/// A portal: what it is for, whether this version serves it, and what the machine has for it.
struct Row {
    name: &'static str,
    summary: &'static str,
    asks: bool,
    /// Commands that stand behind it, and whether this version serves them.
    commands: Vec<(u32, &'static str, bool)>,
    found: Found,
}

impl Row {
    fn served(&self) -> bool {
        self.commands.is_empty() || self.commands.iter().any(|(_, _, served)| *served)
    }
}

struct Report {
    shell: Vec<Line>,
    portals: Vec<Row>,
    authors: Vec<Line>,
}

pub(super) fn run(as_json: bool) -> u8 {
    trace();
    let report = look();
    let text = if as_json {
        format!("{:#}\n", machine_readable(&report))
    } else {
        people(&report)
    };
    let verdict = if report.shell.iter().all(|line| line.found.is_there()) {
        0
    } else {
        NO_WINDOWS
    };
    verdict.max(print(text.as_bytes()))
}

fn look() -> Report {
    let window = machine::window_system();
    let rows = TABLE.iter().map(|portal| Row {
        name: portal.name,
        summary: portal.summary,
        asks: portal.default == DefaultAccess::Ask,
        commands: portal
            .commands
            .iter()
            .map(|row| (row.number, row.name, row.open.is_some()))
            .collect(),
        found: machine::portal(portal.name, &window),
    });
    let portals = rows.collect();
    let engine = engine::kernel().map_or_else(
        |error| {
            Found::missing(
                error.to_string(),
                "a processor that wasmtime compiles for, and memory that may be executed",
            )
        },
        |_| Found::there("programs can be compiled and run"),
    );
    Report {
        shell: vec![
            Line {
                name: "engine",
                found: engine,
            },
            Line {
                name: "window system",
                found: window,
            },
        ],
        portals,
        authors: authors(),
    }
}

fn authors() -> Vec<Line> {
    let cargo = tools::find("cargo").map_or_else(
        || Found::missing("no cargo", "Rust, from https://rustup.rs or the package `cargo`"),
        |path| Found::there(path.display().to_string()),
    );
    let target = match tools::rust_target() {
        Some(path) => Found::there(path.display().to_string()),
        None => Found::missing(
            "no standard library for wasm32-unknown-unknown",
            "`rustup target add wasm32-unknown-unknown`, or a package of it for Rust 1.95 or later",
        ),
    };
    let clang = tools::clang().map_or_else(
        || {
            Found::missing(
                "no clang with a wasm-ld of the same version",
                "the packages `clang` and `lld`",
            )
        },
        Found::there,
    );
    let make = tools::find("make").map_or_else(
        || Found::missing("no make", "the package `make`"),
        |path| Found::there(path.display().to_string()),
    );
    vec![
        Line {
            name: "cargo",
            found: cargo,
        },
        Line {
            name: "wasm32 for Rust",
            found: target,
        },
        Line {
            name: "wasm32 for C",
            found: clang,
        },
        Line {
            name: "make",
            found: make,
        },
    ]
}

fn machine_readable(report: &Report) -> Value {
    let lines = |lines: &[Line]| -> Vec<Value> {
        let each = |Line { name, found }: &Line| json!({ "name": name, "there": found.is_there(), "found": found.what, "get": found.get });
        lines.iter().map(each).collect()
    };
    let portals = report.portals.iter().map(|row| {
        let commands = row
            .commands
            .iter()
            .map(|(number, name, served)| json!({ "number": number, "name": name, "served": served }));
        json!({
            "name": row.name,
            "summary": row.summary,
            "default": if row.asks { "ask" } else { "open" },
            "served": row.served(),
            "commands": commands.collect::<Vec<_>>(),
            "there": row.found.is_there(),
            "found": row.found.what,
            "get": row.found.get,
        })
    });
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "shell": lines(&report.shell),
        "portals": portals.collect::<Vec<_>>(),
        "authors": lines(&report.authors),
    })
}

fn people(report: &Report) -> String {
    let mut text = String::from("The shell\n");
    let state = |found: &Found| if found.is_there() { "yes" } else { "missing" };
    for Line { name, found } in &report.shell {
        line(&mut text, name, state(found), found);
    }
    text.push_str("\nPortals (later: this version of Portico does not serve it yet)\n");
    for row in &report.portals {
        line(
            &mut text,
            row.name,
            if row.served() { state(&row.found) } else { "later" },
            &row.found,
        );
    }
    text.push_str("\nFor authors\n");
    for Line { name, found } in &report.authors {
        line(&mut text, name, state(found), found);
    }
    text
}

fn line(text: &mut String, name: &str, state: &str, found: &Found) {
    // Writing to a String can't fail.
    let _ = writeln!(text, "  {name:<16} {state:<8} {}", found.what);
    if let Some(get) = &found.get {
        let _ = writeln!(text, "  {:<16} {:<8} to get it: {get}", "", "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_portal_has_its_line_and_what_is_missing_says_how_to_get_it() {
        let report = look();
        assert_eq!(report.portals.len(), TABLE.len());
        let founds = report.shell.iter().chain(&report.authors).map(|line| &line.found);
        for found in founds.chain(report.portals.iter().map(|row| &row.found)) {
            assert!(
                found.is_there() || found.get.as_ref().is_some_and(|get| !get.is_empty()),
                "{}",
                found.what
            );
            assert!(!found.what.is_empty());
        }
        let text = people(&report);
        assert!(TABLE.iter().all(|portal| text.contains(portal.name)), "{text}");
        let json = machine_readable(&report);
        assert_eq!(json["portals"].as_array().map(Vec::len), Some(TABLE.len()));
        assert_eq!(json["portals"][0]["name"], "system");
        assert_eq!(json["portals"][0]["served"], true);
    }
}
