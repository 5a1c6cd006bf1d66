//! The book says what the code says: every number, every struct with its size and offsets, every enum, and its links lead somewhere.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|of| of == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Name to what is said of it: the size or type, then each row. Sizes and offsets in the sources are those that the compiler checks.
type Declared = BTreeMap<String, Vec<String>>;

fn declared_in_sources() -> Declared {
    let mut declared = Declared::new();
    for path in files(&root().join("abi/src"), "rs") {
        let mut current = None;
        for line in fs::read_to_string(path).unwrap().lines().map(str::trim) {
            if let Some((name, of)) = opening(line) {
                declared.insert(name.clone(), vec![of]);
                current = Some(name);
            } else if line == "}" {
                current = None;
            } else if let (Some(name), Some(row)) = (&current, row_of_source(line)) {
                declared.get_mut(name).unwrap().push(row);
            }
        }
    }
    declared
}

/// `struct Name: 12 {` or `enum Name: u8 {`.
fn opening(line: &str) -> Option<(String, String)> {
    let rest = line.strip_prefix("struct ").or_else(|| line.strip_prefix("enum "))?;
    let (name, of) = rest.strip_suffix(" {")?.split_once(": ")?;
    // Where the declarations themselves are declared, there are placeholders.
    (!name.starts_with('$')).then(|| (name.to_owned(), of.to_owned()))
}

/// `0 => field: type,` or `Variant = 0,`.
fn row_of_source(line: &str) -> Option<String> {
    let line = line.strip_suffix(',')?;
    if let Some((offset, field)) = line.split_once(" => ") {
        return Some(format!("{offset} {}", field.split_once(": ")?.0));
    }
    let (variant, number) = line.split_once(" = ")?;
    Some(format!("{number} {variant}"))
}

fn declared_in_book() -> Declared {
    let mut declared = Declared::new();
    for path in files(&root().join("docs/src"), "md") {
        let mut current = None;
        for line in fs::read_to_string(path).unwrap().lines() {
            if let Some((name, of)) = line.strip_prefix("**`").and_then(|line| line.split_once("`**, ")) {
                let of = of.strip_prefix("a `").unwrap_or(of);
                let of = of.strip_suffix('`').or_else(|| of.strip_suffix(" bytes")).unwrap();
                assert_eq!(
                    declared.insert(name.to_owned(), vec![of.to_owned()]),
                    None,
                    "`{name}` stands in the book twice"
                );
                current = Some(name.to_owned());
            } else if line.starts_with("| ") {
                let cells: Vec<&str> = line.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
                let number = cells[1] == "u32::MAX" || cells[1].parse::<u32>().is_ok();
                if let Some(name) = current.as_ref().filter(|_| number) {
                    declared
                        .get_mut(name)
                        .unwrap()
                        .push(format!("{} {}", cells[1], cells[2]));
                }
            } else if !line.is_empty() || current.as_ref().is_some_and(|name| declared[name].len() > 1) {
                // A table ends with an empty line; one stands before it too.
                current = None;
            }
        }
    }
    declared
}

#[test]
fn every_struct_and_enum_is_in_the_book_as_the_compiler_sees_it() {
    let mut sources = declared_in_sources();
    assert!(
        sources.len() > 60,
        "the sources are declared in another way: {}",
        sources.len()
    );
    // These two are written out, because they are what the declarations build on.
    sources.insert(
        "Command".into(),
        ["16", "0 channel", "4 new", "8 which", "12 data"]
            .map(String::from)
            .into(),
    );
    sources.insert("List".into(), ["8", "0 size", "4 data"].map(String::from).into());
    let book = declared_in_book();
    for (name, rows) in &sources {
        assert_eq!(book.get(name), Some(rows), "`{name}` in the book, and in the sources");
    }
    let unknown: Vec<_> = book.keys().filter(|name| !sources.contains_key(*name)).collect();
    assert!(unknown.is_empty(), "only the book knows {unknown:?}");
}

#[test]
fn every_struct_is_in_the_c_header_with_its_size() {
    let header = fs::read_to_string(root().join("sdk/c/daku.h")).unwrap();
    for (name, rows) in declared_in_sources() {
        // There, a cursor is its event: the name alone is what its shapes begin with.
        let name = if name == "Cursor" { "CursorEvent" } else { &name };
        let size = &rows[0];
        let wanted = format!("DAKU_STRUCT(Daku{name}, {size}, ");
        assert!(size.parse::<u32>().is_err() || header.contains(&wanted), "{wanted}");
    }
}

#[test]
fn every_command_has_its_entry_and_its_row() {
    let count = fs::read_to_string(root().join("abi/src/which.rs")).unwrap();
    let count: usize = count
        .split("COUNT: u32 = ")
        .nth(1)
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let numbered = |line: &str| line.split([':', ' ']).next()?.parse::<usize>().ok();
    let mut entries = BTreeMap::new();
    for path in files(&root().join("docs/src/abi"), "md") {
        let text = fs::read_to_string(path).unwrap();
        for section in text.split("\n## ").skip(1) {
            if let Some(number) = numbered(section) {
                let later = section.split("\n\n").nth(1).unwrap().starts_with("*Later.*");
                assert_eq!(entries.insert(number, later), None, "{number} stands in the book twice");
            }
        }
    }
    assert_eq!(
        entries.keys().copied().collect::<Vec<_>>(),
        (0..count).collect::<Vec<_>>()
    );
    let index = fs::read_to_string(root().join("docs/src/abi.md")).unwrap();
    let rows: BTreeMap<usize, bool> = (index.split("## All commands").nth(1).unwrap().lines())
        .filter_map(|line| Some((numbered(line.strip_prefix("| ")?)?, line.contains("*later*"))))
        .collect();
    assert_eq!(
        rows, entries,
        "which are marked as later, in the list and in the entries"
    );
}

/// What a heading is called in a link.
fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn links_lead_somewhere() {
    let mut pages = files(&root().join("docs"), "md");
    let beside = [
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
    ];
    pages.extend(beside.map(|name| root().join(name)));
    let mut broken = Vec::new();
    for page in &pages {
        let text = fs::read_to_string(page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("https://") {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let to = if path.is_empty() {
                page.clone()
            } else {
                page.parent().unwrap().join(path)
            };
            let headings = || fs::read_to_string(&to).unwrap_or_default();
            let found = headings()
                .lines()
                .any(|line| line.starts_with('#') && anchor(line.trim_start_matches('#').trim()) == heading);
            if !to.exists() || !(heading.is_empty() || found) {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_page_is_in_the_summary() {
    let book = root().join("docs/src");
    let summary = fs::read_to_string(book.join("SUMMARY.md")).unwrap();
    let listed: BTreeSet<PathBuf> = summary
        .split("](")
        .skip(1)
        .filter_map(|rest| Some(book.join(rest.split(')').next()?)))
        .collect();
    let there: BTreeSet<PathBuf> = files(&book, "md")
        .into_iter()
        .filter(|path| !path.ends_with("SUMMARY.md"))
        .collect();
    assert_eq!(listed, there);
}

#[test]
fn the_first_program_is_the_one_that_the_sdk_compiles() {
    let sdk = fs::read_to_string(root().join("sdk/src/lib.rs")).unwrap();
    let compiled = sdk
        .split("//! ```\n")
        .nth(1)
        .unwrap()
        .replace("//! ", "")
        .replace("//!\n", "\n");
    for page in ["README.md", "docs/src/authors.md"] {
        assert!(
            fs::read_to_string(root().join(page)).unwrap().contains(&compiled),
            "{page}"
        );
    }
}
