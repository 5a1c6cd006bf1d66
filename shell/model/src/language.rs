//! Languages that the shell speaks.

/// A language that the shell speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, as it is written in Britain.
    English,
    /// Esperanto.
    Esperanto,
}

impl Language {
    /// All of them; the first is spoken where the user has none of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Esperanto];

    /// Its tag in BCP 47.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Esperanto => "eo",
        }
    }

    /// How programs are told of it.
    pub fn code(self) -> portico_portals::Language {
        let code = match self {
            Self::English => *b"enXX",
            Self::Esperanto => *b"eoXX",
        };
        portico_portals::Language { code }
    }

    /// Name of the language in itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Esperanto => "Esperanto",
        }
    }

    /// The language with a tag like `eo`, `en-GB` or `eo_XX.UTF-8`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_', '.', '@']).next()?;
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// Whether so many of a thing take its singular.
    pub fn is_singular(self, number: u64) -> bool {
        match self {
            Self::English | Self::Esperanto => number == 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_known_by_their_tags() {
        for (tag, language) in [
            ("eo", Some(Language::Esperanto)),
            ("EO_XX.UTF-8", Some(Language::Esperanto)),
            ("en-GB", Some(Language::English)),
            ("de-DE", None),
            ("C", None),
            ("", None),
        ] {
            assert_eq!(Language::of_tag(tag), language, "{tag}");
        }
    }
}
