//! `portico new NAME`: a project with everything in it, so that it builds wherever this command runs.
//!
//! The SDK's sources come out of this very binary and go into the project's folder `vendor`. So a project fits the shell
//! that made it, needs no clone of this tree, and depends on no path outside itself.

use super::{USAGE, fail, print};
use clap::{Args, ValueEnum};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Licences and sources of the SDK: the path in `vendor`, and the text.
const VENDORED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/vendored.rs"));

/// Files of a project: the path, in which blanks are filled too, and the text.
type Files = &'static [(&'static str, &'static str)];

const RUST: Files = &[
    ("Cargo.toml", include_str!("../../templates/rust/Cargo.toml.in")),
    ("src/lib.rs", include_str!("../../templates/rust/src/lib.rs.in")),
    ("manifest.toml", include_str!("../../templates/manifest.toml.in")),
    ("icon.svg", include_str!("../../templates/icon.svg")),
    (".gitignore", "/target\n"),
    (
        "vendor/portico-abi/Cargo.toml",
        include_str!("../../templates/vendor/abi.toml.in"),
    ),
    (
        "vendor/portico-sdk/Cargo.toml",
        include_str!("../../templates/vendor/sdk.toml.in"),
    ),
];
const C: Files = &[
    ("{{name}}.c", include_str!("../../templates/c/program.c.in")),
    ("daku.h", include_str!("../../../sdk/c/daku.h")),
    ("Makefile", include_str!("../../templates/c/Makefile.in")),
    (".gitignore", "*.wasm\n"),
];

/// Names that cargo refuses for a package, or that would hide a crate that the program needs.
const TAKEN: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "futures-core",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "portico-abi",
    "portico-sdk",
    "priv",
    "proc-macro",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
    "zerocopy",
];
/// Most letters of a name.
const LONGEST: usize = 64;

/// Arguments of `new`.
#[derive(Args)]
pub(super) struct NewArguments {
    /// Name of the program, which is that of its folder; with a path before it, the folder is made there
    path: PathBuf,
    /// The language to write it in
    #[arg(long, value_enum, default_value_t = Lang::Rust)]
    lang: Lang,
}

/// A language that there is a template for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Lang {
    /// Rust, with the SDK
    Rust,
    /// C, with the header of the ABI
    C,
}

pub(super) fn run(arguments: &NewArguments) -> u8 {
    let NewArguments { path, lang } = arguments;
    if let Err(why) = create(path, *lang) {
        return fail(USAGE, why);
    }
    let text = format!(
        "{} is there. Next:\n\n    portico dev {}\n",
        path.display(),
        path.display()
    );
    print(text.as_bytes())
}

/// Makes a project; all of it is there, or nothing.
fn create(path: &Path, lang: Lang) -> Result<(), String> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    check(name)?;
    let failed = |error: io::Error| format!("{}: {error}", path.display());
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(failed)?;
    if path.symlink_metadata().is_ok() {
        return Err(format!("{} exists already; choose another name", path.display()));
    }
    // Beside its place, where it goes when this ends in the middle.
    let beside = tempfile::Builder::new()
        .prefix(".portico-")
        .tempdir_in(parent)
        .map_err(failed)?;
    let made = beside.path().join(name);
    fs::create_dir(&made).map_err(failed)?;
    fill(&made, name, lang).map_err(failed)?;
    fs::rename(&made, path).map_err(failed)
}

fn fill(path: &Path, name: &str, lang: Lang) -> io::Result<()> {
    let title = title(name);
    let blanks = |text: &str| {
        text.replace("{{name}}", name)
            .replace("{{title}}", &title)
            .replace("{{version}}", env!("CARGO_PKG_VERSION"))
    };
    let files = match lang {
        Lang::Rust => RUST,
        Lang::C => C,
    };
    for (file, text) in files {
        write(&path.join(blanks(file)), &blanks(text))?;
    }
    if lang == Lang::Rust {
        let vendor = path.join("vendor");
        for (file, text) in VENDORED {
            write(&vendor.join(file), text)?;
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, text)
}

/// Whether a name can be that of a package, a folder and a file.
fn check(name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    let sound = name.len() <= LONGEST && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(plain);
    if !sound {
        return Err(format!(
            "`{name}` can't be a program's name: it begins with a letter from a to z, and goes on with such letters, \
             digits, - and _, {LONGEST} at most"
        ));
    }
    if TAKEN.contains(&name) {
        return Err(format!(
            "`{name}` can't be a program's name: Rust has another meaning for it"
        ));
    }
    Ok(())
}

/// Makes a name for people: `my-paint` is "My paint".
fn title(name: &str) -> String {
    let mut title = name.replace(['-', '_'], " ");
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    title
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn names_that_would_not_build_are_told() {
        for good in ["a", "my-paint", "p_2"] {
            check(good).unwrap();
        }
        for bad in [
            "",
            "Paint",
            "2d",
            "-a",
            "a b",
            "ĉu",
            "a/b",
            "a.b",
            &"a".repeat(65),
            "fn",
            "zerocopy",
        ] {
            assert!(check(bad).unwrap_err().contains("can't be a program's name"), "{bad}");
        }
    }

    #[test]
    fn a_project_has_no_blanks_left_and_is_never_written_over() {
        let directory = tempfile::tempdir().unwrap();
        for (lang, source) in [(Lang::Rust, "src/lib.rs"), (Lang::C, "my-paint.c")] {
            let path = directory.path().join(format!("{lang:?}/my-paint"));
            create(&path, lang).unwrap();
            let text = fs::read_to_string(path.join(source)).unwrap();
            assert!(text.contains("My paint") && !text.contains("{{"), "{text}");
            assert!(create(&path, lang).unwrap_err().contains("exists already"));
        }
        let vendor = directory.path().join("Rust/my-paint/vendor");
        for file in [
            "LICENSE-MIT",
            "portico-sdk/src/lib.rs",
            "portico-abi/src/lib.rs",
            "portico-abi/Cargo.toml",
        ] {
            assert!(vendor.join(file).is_file(), "{file}");
        }
    }

    /// The sources are embedded, but their manifests are written anew.
    #[test]
    fn vendored_manifests_name_the_same_dependencies() {
        let names = |text: &str| -> Vec<String> {
            let (_, rest) = text.split_once("[dependencies]\n").unwrap();
            let lines = rest.lines().take_while(|line| !line.starts_with('['));
            lines
                .filter_map(|line| Some(line.split([' ', '.']).next()?.to_owned()))
                .filter(|l| !l.is_empty())
                .collect()
        };
        let abi = (
            include_str!("../../../abi/Cargo.toml"),
            include_str!("../../templates/vendor/abi.toml.in"),
        );
        let sdk = (
            include_str!("../../../sdk/Cargo.toml"),
            include_str!("../../templates/vendor/sdk.toml.in"),
        );
        for (ours, written) in [abi, sdk] {
            assert_eq!(names(ours), names(written));
        }
    }
}
