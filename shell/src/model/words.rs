//! How well something fits what was typed: the HUD's and home's search.

use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// The words of a query, ready to match; what is found must match each of them somewhere.
pub struct Words {
    words: Vec<(Atom, String)>,
    matcher: Matcher,
    buffer: Vec<char>,
}

impl Words {
    /// The words of `query`.
    pub fn new(query: &str) -> Self {
        let atom = |word| Atom::new(word, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy, false);
        let words = query.split_whitespace().map(|word| (atom(word), word.to_lowercase())).collect();
        Self { words, matcher: Matcher::new(Config::DEFAULT), buffer: Vec::new() }
    }

    /// How well something matches, `None` if it does not. Names count in full, tags less, descriptions least, and those only
    /// where a word of them begins so: letters scattered over a sentence are no match.
    pub fn score(&mut self, name: &str, tags: &[String], description: &str) -> Option<u32> {
        let Self { words, matcher, buffer } = self;
        let mut score = |atom: &Atom, text: &str| atom.score(Utf32Str::new(text, buffer), matcher).map(u32::from);
        words.iter().try_fold(1, |sum, (fuzzy, word)| {
            let name = score(fuzzy, name).map(|s| s * 4);
            let tag = tags.iter().filter_map(|tag| score(fuzzy, tag)).max().map(|s| s * 3);
            let description = begins(description, word).then(|| word.chars().count() as u32 * 16);
            Some(sum + name.max(tag).max(description)?)
        })
    }
}

/// Whether a word of a text begins so; `start` is in small letters.
fn begins(text: &str, start: &str) -> bool {
    text.split_whitespace().any(|word| {
        let mut letters = word.chars().flat_map(char::to_lowercase);
        start.chars().all(|letter| letters.next() == Some(letter))
    })
}
