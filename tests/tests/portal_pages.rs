//! The book's page of each portal: there is one for all that are served, and its program builds, does what the page says, and
//! copes where the portal is shut.
#![allow(clippy::unwrap_used, reason = "tests")]

use portico_tests::Author;
use portico_tests::author::said;
use portico_tests::shell::binary;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src")
}

/// The page of a portal.
struct Page {
    name: String,
    text: String,
}

impl Page {
    fn all() -> Vec<Self> {
        let mut pages: Vec<_> = fs::read_dir(book().join("portals"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| Self {
                name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
                text: fs::read_to_string(path).unwrap(),
            })
            .collect();
        pages.sort_by(|one, other| one.name.cmp(&other.name));
        pages
    }

    /// What the example is called that its program is built as.
    fn example(&self) -> String {
        self.name.replace('-', "_")
    }

    /// Its blocks of that kind.
    fn blocks(&self, kind: &str) -> Vec<&str> {
        let blocks = self.text.split("```").skip(1).step_by(2);
        blocks
            .filter_map(|block| block.strip_prefix(kind)?.strip_prefix('\n'))
            .collect()
    }
}

#[test]
fn every_portal_that_is_served_has_its_page() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(binary());
    portico_tests::desktop::isolate(&mut command, directory.path());
    let output = said(command.args(["doctor", "--json"]));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let served = told["portals"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|portal| portal["served"] == true);
    let mut served: Vec<_> = served.map(|portal| portal["name"].as_str().unwrap()).collect();
    served.sort_unstable();
    let pages = Page::all();
    assert_eq!(pages.iter().map(|page| page.name.as_str()).collect::<Vec<_>>(), served);

    let table = fs::read_to_string(book().join("portals.md")).unwrap();
    for (page, portal) in pages.iter().zip(served) {
        assert!(page.text.starts_with(&format!("# `{portal}`: ")), "{portal}");
        let row = table
            .lines()
            .find(|line| line.starts_with(&format!("| [`{portal}`](portals/{portal}.md) | ")));
        let row = row.unwrap_or_else(|| panic!("{portal} has no row with a link"));
        // What it says of how it asks, and of its commands, is what the table says.
        let asks = page.text.split("## How it asks").nth(1).unwrap().trim_start();
        assert!(
            asks.starts_with(if row.contains(" | ask | ") {
                "It asks"
            } else {
                "It is open"
            }),
            "{portal}"
        );
        let commands = page.text.split("## Commands").nth(1).unwrap();
        for link in row.split("](abi/").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            assert!(
                commands.contains(&format!("](../abi/{link})")),
                "{portal} does not link {link}"
            );
        }
    }
}

/// Whether a text has lines that begin so, in this order.
fn has_lines(text: &str, wanted: &str) -> bool {
    let mut lines = text.lines();
    wanted.lines().all(|wanted| {
        let (start, open) = wanted.strip_suffix('…').map_or((wanted, false), |start| (start, true));
        lines.any(|line| if open { line.starts_with(start) } else { line == start })
    })
}

#[test]
fn the_programs_of_the_pages_do_what_they_say() {
    let Some(author) = Author::new() else { return };
    let project = author.project("pages", &[]);
    let pages = Page::all();
    let examples = project.join("examples");
    fs::create_dir(&examples).unwrap();
    let mut manifest = fs::OpenOptions::new()
        .append(true)
        .open(project.join("Cargo.toml"))
        .unwrap();
    let mut add = |name: &str, code: &str| {
        fs::write(examples.join(name).with_extension("rs"), code).unwrap();
        write!(
            manifest,
            "\n[[example]]\nname = \"{name}\"\ncrate-type = [\"cdylib\"]\n"
        )
        .unwrap();
    };
    for page in &pages {
        match page.blocks("rust")[..] {
            [program] => add(&page.example(), program),
            [child, program] => {
                add("child", child);
                add(&page.example(), program);
            }
            _ => panic!("{} has no program", page.name),
        }
    }
    let built = author.built("pages", "debug").with_file_name("examples");
    let build = |what: &[&str]| {
        let output = author.cargo(
            &project,
            &[&["build", "--target", "wasm32-unknown-unknown"], what].concat(),
        );
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    build(&["--example", "child"]);
    fs::copy(built.join("child.wasm"), examples.join("child.wasm")).unwrap();
    build(&["--examples"]);

    for page in &pages {
        let program = built.join(page.example()).with_extension("wasm");
        let events = project.join(format!("{}.events", page.name));
        fs::write(&events, page.blocks("events").first().unwrap_or(&"300 close\n")).unwrap();
        let run = |permission: &str| {
            let mut command = author.portico();
            command.args([
                "run",
                "--headless",
                "--size",
                "640x400",
                permission,
                &page.name,
                "--script",
            ]);
            command.arg(&events).arg(&program).arg("--");
            command.args(page.blocks("arguments").iter().flat_map(|lines| lines.lines()));
            let output = said(&mut command);
            (
                output.status.code(),
                String::from_utf8_lossy(&output.stderr).into_owned(),
            )
        };
        let (code, text) = run("--deny");
        assert_ne!(code, Some(120), "{} breaks when it is shut:\n{text}", page.name);
        if let [wanted] = page.blocks("denied")[..] {
            assert!(has_lines(&text, wanted), "{}:\n{text}", page.name);
        }
        // That one would change this machine.
        if page.name == "overclock" {
            continue;
        }
        let (code, text) = run("--grant");
        assert_eq!(code, Some(0), "{}:\n{text}", page.name);
        if let [wanted] = page.blocks("says")[..] {
            assert!(has_lines(&text, wanted), "{}:\n{text}", page.name);
        }
        // The name that the page of `change-profile` has set went with its run.
        if page.name == "profile" {
            assert!(text.contains("INFO 0: Hello, ") && !text.contains("Ada"), "{text}");
        }
    }
}
