//! Fuzzy matching for the search of the HUD and of home.

use super::fold::fold;
use nucleo_matcher::{Config, Matcher, Utf32Str, Utf32String};

/// The texts that an entry is found by, folded in advance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Searchable {
    name: Utf32String,
    tags: Box<[Utf32String]>,
    description: Box<str>,
}

impl Searchable {
    /// An entry with a name, tags that also find it, and a description.
    pub fn new<'a>(name: &str, tags: impl IntoIterator<Item = &'a str>, description: &str) -> Self {
        Self {
            name: letters(&fold(name)),
            tags: tags.into_iter().map(|tag| letters(&fold(tag))).collect(),
            description: fold(description).into(),
        }
    }
}

/// A query: its words, each of which has to match somewhere.
pub struct Query {
    words: Vec<(Utf32String, String)>,
    matcher: Matcher,
}

impl Query {
    /// The words of `query`.
    pub fn new(query: &str) -> Self {
        let mut config = Config::DEFAULT;
        // All of it is folded by then, by more than the matcher knows.
        (config.normalize, config.ignore_case) = (false, false);
        let words = fold(query)
            .split_whitespace()
            .map(|word| (letters(word), word.to_owned()))
            .collect();
        Self {
            words,
            matcher: Matcher::new(config),
        }
    }

    /// The score of an entry, `None` if it does not match. Names count in full, tags less, descriptions least, and those only
    /// where a word of them begins so: letters scattered over a sentence are no match.
    pub fn score(&mut self, what: &Searchable) -> Option<u32> {
        let Self { words, matcher } = self;
        let mut score =
            |text: &Utf32String, word: Utf32Str<'_>| matcher.fuzzy_match(text.slice(..), word).map(u32::from);
        words.iter().try_fold(1, |sum, (word, text)| {
            let word = word.slice(..);
            let name = score(&what.name, word).map(|s| s * 4);
            let tag = what.tags.iter().filter_map(|tag| score(tag, word)).max().map(|s| s * 3);
            let description = begins(&what.description, text).then(|| word.len() as u32 * 16);
            Some(sum + name.max(tag).max(description)?)
        })
    }
}

/// A folded text as the matcher takes it. Its own conversion would leave out all but the first character of what it holds for one
/// letter.
fn letters(folded: &str) -> Utf32String {
    match folded.is_ascii() {
        true => Utf32String::Ascii(folded.into()),
        false => Utf32String::Unicode(folded.chars().collect()),
    }
}

/// Whether a word of a text begins so; both are folded.
fn begins(text: &str, start: &str) -> bool {
    let is_start = |at: usize| !text[..at].ends_with(char::is_alphanumeric);
    text.match_indices(start).any(|(at, _)| is_start(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(query: &str, name: &str, tags: &[&str], description: &str) -> bool {
        Query::new(query)
            .score(&Searchable::new(name, tags.iter().copied(), description))
            .is_some()
    }

    #[test]
    fn names_tags_and_descriptions_are_searched_alike() {
        for (query, text) in [
            ("generation", "Génération"),
            ("lodz", "Łódź"),
            ("strasse", "Straße"),
            ("елка", "Ёлка"),
            ("dat hang", "Đặt hàng"),
            ("francais", "Français"),
            ("Ｆｒａｎｃ", "franc"),
            ("한국", "한국어"),
        ] {
            assert!(finds(query, text, &[], ""), "{query} finds the name {text}");
            assert!(finds(query, "", &[text], ""), "{query} finds the tag {text}");
            assert!(
                finds(query, "", &[], &format!("A sentence (“{text}”).")),
                "{query} finds a sentence with {text}"
            );
            // And the other way round: who has the letters uses them.
            assert!(finds(text, &crate::fold::fold(text), &[], ""), "{text} finds {query}");
        }
        assert!(
            !finds("oration", "", &[], "Génération"),
            "in a sentence, words count from their beginnings"
        );
        assert!(
            !finds("한국", "학교 건물", &[], ""),
            "a syllable is not its first sound"
        );
    }
}
