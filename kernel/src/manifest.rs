//! The manifest: a program's own description, in its custom section `portico`.

use crate::text::ProgramText;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Longest manifest that is read, in bytes.
const LONGEST: usize = 64 * 1024;
/// Longest text of a manifest, in bytes.
const LONGEST_TEXT: usize = 1024;

/// A program's manifest, fit to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// What the program is called; empty when it calls itself something that nobody can see.
    pub name: Option<ProgramText>,
    /// One sentence on what it does.
    pub summary: Option<ProgramText>,
    /// Languages that it speaks, as BCP 47 tags.
    pub languages: Vec<ProgramText>,
    /// Why it wants which portal.
    pub portals: BTreeMap<String, ProgramText>,
    /// Its name, letter by letter: what is signed with it belongs to it.
    pub(crate) exact_name: Option<String>,
}

/// The section itself: TOML. Everything is optional; keys that are not known are left for later hosts.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Section {
    name: Option<String>,
    summary: Option<String>,
    languages: Vec<String>,
    portals: BTreeMap<String, String>,
}

/// Reason why a manifest is refused.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// More bytes than are read.
    #[error("the manifest has {0} bytes; {LONGEST} are the most")]
    TooLong(usize),
    /// Not UTF-8.
    #[error("the manifest is not UTF-8: {0}")]
    NotText(#[from] std::str::Utf8Error),
    /// Not the TOML that is expected.
    #[error("the manifest is not valid, at line {line}: {why}")]
    Toml {
        /// Line of the first error, from 1.
        line: usize,
        /// Reason, in one line.
        why: String,
    },
    /// A text that can't be shown.
    #[error("`{0}` in the manifest has control characters or more than {LONGEST_TEXT} bytes")]
    Text(&'static str),
}

impl Manifest {
    /// Reads the contents of a section `portico`.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > LONGEST {
            return Err(ManifestError::TooLong(bytes.len()));
        }
        let text = std::str::from_utf8(bytes)?;
        let manifest: Section = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            ManifestError::Toml {
                line: before.matches('\n').count() + 1,
                why: error.message().replace('\n', ", "),
            }
        })?;
        let shown = |text: &str| text.len() <= LONGEST_TEXT && !text.chars().any(char::is_control);
        let fields = [
            ("name", manifest.name.iter().all(|text| shown(text))),
            ("summary", manifest.summary.iter().all(|text| shown(text))),
            ("languages", manifest.languages.iter().all(|text| shown(text))),
            (
                "portals",
                manifest
                    .portals
                    .iter()
                    .all(|(portal, reason)| shown(portal) && shown(reason)),
            ),
        ];
        match fields.into_iter().find(|(_, fine)| !fine) {
            Some((field, _)) => Err(ManifestError::Text(field)),
            None => Ok(manifest.into()),
        }
    }
}

impl From<Section> for Manifest {
    fn from(section: Section) -> Self {
        Self {
            name: section.name.as_deref().map(ProgramText::name),
            summary: section.summary.map(ProgramText::from),
            languages: section.languages.into_iter().map(ProgramText::from).collect(),
            portals: section
                .portals
                .into_iter()
                .map(|(portal, reason)| (portal, reason.into()))
                .collect(),
            exact_name: section.name,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn reads_all_fields_and_ignores_later_ones() {
        let text = "name = \"Paint\"\nsummary = \"Draws\"\nlanguages = [\"en\"]\nlater = 1\n[portals]\nstorage = \"to keep pages\"\n";
        let manifest = Manifest::read(text.as_bytes()).unwrap();
        assert_eq!(manifest.name.as_deref(), Some("Paint"));
        assert_eq!(&*manifest.portals["storage"], "to keep pages");
        assert_eq!(manifest.languages, ["en"].map(ProgramText::from));
    }

    #[test]
    fn what_it_says_is_fit_to_be_shown_and_what_is_signed_stays_as_it_is() {
        let text = "name = \"Pa\\u202Eint\"\nsummary = \"\\u200B\"\n[portals]\nlaunch = \"\\u2066yes\"";
        let manifest = Manifest::read(text.as_bytes()).unwrap();
        assert_eq!(manifest.name.as_deref(), Some("Paint"));
        assert_eq!(manifest.exact_name.as_deref(), Some("Pa\u{202E}int"));
        assert_eq!(
            (manifest.summary.as_deref(), &*manifest.portals["launch"]),
            (Some(""), "yes")
        );
    }

    #[test]
    fn says_what_is_wrong() {
        let wrong = |bytes: &[u8]| Manifest::read(bytes).unwrap_err().to_string();
        let said = wrong(b"name = \"a\"\nsummary = 1");
        assert!(
            said.starts_with("the manifest is not valid, at line 2: ") && !said.contains('\n'),
            "{said}"
        );
        assert!(wrong(b"\xff").contains("not UTF-8"));
        assert!(wrong(b"name = \"a\\u0007b\"").contains("`name`"));
        assert!(wrong(&vec![b' '; LONGEST + 1]).contains("65536 are the most"));
    }
}
