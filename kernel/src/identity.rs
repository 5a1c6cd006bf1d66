//! Identity of a program: the owner of its storage, permissions and habits.

use crate::hash::Hash;
use crate::signature::Publisher;
use std::fmt;

/// Identity of a program: publisher and name where it is signed, else nothing but its own bytes. A new
/// version from the same publisher under the same name is the same program; a changed one without a signature is another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Identity {
    /// It is signed and has a name.
    Signed {
        /// Whose key signed it.
        publisher: Publisher,
        /// The name in its manifest.
        name: String,
    },
    /// It is not signed, or has no name.
    Bytes(Hash),
}

impl Identity {
    pub(crate) fn of(hash: Hash, publisher: Option<Publisher>, name: Option<&str>) -> Self {
        match (publisher, name) {
            (Some(publisher), Some(name)) => Self::Signed {
                publisher,
                name: name.to_owned(),
            },
            _ => Self::Bytes(hash),
        }
    }

    /// A name for its folder, safe on every file system: 64 hexadecimal digits, of its hash or of its publisher and name.
    pub fn folder(&self) -> String {
        match self {
            Self::Signed { .. } => Hash::of(self.to_string().as_bytes()).to_string(),
            Self::Bytes(hash) => hash.to_string(),
        }
    }
}

/// As a key for tables, and for people: 64 digits of its hash, or 64 digits of its publisher's key, a colon, and its name.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed { publisher, name } => write!(f, "{publisher}:{name}"),
            Self::Bytes(hash) => hash.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::SigningKey;

    #[test]
    fn publisher_and_name_outlive_the_bytes() {
        let publisher = SigningKey::from_bytes(&[1; 32]).publisher();
        let (one, other) = (Hash::of(b"1"), Hash::of(b"2"));
        let signed = |hash, name| Identity::of(hash, Some(publisher), name);
        assert_eq!(signed(one, Some("Paint")), signed(other, Some("Paint")));
        assert_ne!(signed(one, Some("Paint")), signed(one, Some("Life")));
        assert_eq!(signed(one, None), Identity::Bytes(one));
        assert_ne!(
            Identity::of(one, None, Some("Paint")),
            Identity::of(other, None, Some("Paint"))
        );
        assert_eq!(signed(one, Some("Paint")).to_string(), format!("{publisher}:Paint"));
        for identity in [signed(one, Some("a/../b")), Identity::Bytes(one)] {
            assert!(identity.folder().len() == 64 && identity.folder().chars().all(|c| c.is_ascii_hexdigit()));
        }
    }
}
