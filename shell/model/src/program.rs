//! Programs, as the shell refers to them.

use portico_kernel::{Hash, Permission, ProgramText};
use std::path::PathBuf;

/// Prefix of a link to a program; its hash follows.
const LINK: &str = "portico:";
/// Fewest digits that are taken for a hash.
const DIGITS: usize = 8;

/// A reference to a program that can be opened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ProgramRef {
    /// The program in a file.
    File(PathBuf),
    /// An installed program.
    Installed {
        /// Its hash.
        hash: Hash,
        /// Its name.
        name: ProgramText,
    },
}

/// A link to a program, which opens where the program is installed.
pub fn link(hash: &Hash) -> String {
    format!("{LINK}{hash}")
}

/// Whether a text looks like the whole of a path, a link or a hash, rather than like words to search for.
pub fn is_reference(text: &str) -> bool {
    let text = text.trim();
    let one_line = !text.is_empty() && !text.contains(['\n', '\r']);
    let path = ["/", "~/", "./", "../", "file://"]
        .iter()
        .any(|start| text.starts_with(start) && text.len() > start.len())
        || text.to_ascii_lowercase().ends_with(".wasm")
        || (cfg!(windows) && text.get(1..3) == Some(":\\"));
    one_line && (path || reference_digits(text).is_some())
}

/// The digits of a hash or link, if a text looks like one.
pub fn reference_digits(text: &str) -> Option<&str> {
    let digits = text.strip_prefix(LINK).unwrap_or(text);
    let plausible = (DIGITS..=64).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    plausible.then_some(digits)
}

/// A program that is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Its hash.
    pub hash: Hash,
    /// Its name.
    pub name: ProgramText,
    /// Time of its installation, in seconds since 1970.
    pub added: u64,
    /// Time at which it was last opened, in seconds since 1970; `None` for never.
    pub used: Option<u64>,
}

impl Installed {
    /// Reference by which it is opened.
    pub fn program_ref(&self) -> ProgramRef {
        ProgramRef::Installed {
            hash: self.hash,
            name: self.name.clone(),
        }
    }
}

/// A change of a permanent decision by the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionChange {
    /// The program's identity.
    pub program: String,
    /// Its name.
    pub name: ProgramText,
    /// The permission.
    pub permission: Permission,
    /// Allowed or denied permanently; `None` removes the decision.
    pub allowed: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_from_words() {
        for text in [
            "/home/me/p",
            "~/p",
            "file:///p",
            "p.wasm",
            " p.WASM ",
            "c4428f7c",
            "portico:c4428f7c3bb5bfb9",
        ] {
            assert!(is_reference(text), "{text}");
        }
        for text in [
            "paint",
            "",
            "/",
            "c4428f7",
            "deadbeefs",
            "two\nlines.wasm",
            "portico:paint",
            "defaced",
        ] {
            assert!(!is_reference(text), "{text}");
        }
    }
}
