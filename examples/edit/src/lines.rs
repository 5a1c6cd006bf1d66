//! A text in lines that fit into a width.

use std::ops::Range;

/// The lines of a text, each without what ends it. There is always one.
#[derive(Debug, Default, PartialEq)]
pub struct Lines(Vec<Range<usize>>);

impl Lines {
    /// Breaks a text between words, or where a word is too long, so that each line is at most so wide.
    pub fn new(text: &str, width: f32, advance: impl Fn(char) -> f32) -> Self {
        let mut lines = Vec::new();
        let (mut start, mut x) = (0, 0.0);
        // After the last place where a break may be, and how wide the line is to there.
        let mut chance: Option<(usize, f32)> = None;
        for (at, letter) in text.char_indices() {
            if letter == '\n' {
                lines.push(start..at);
                (start, x, chance) = (at + 1, 0.0, None);
                continue;
            }
            let wide = advance(letter);
            // Spaces may hang over the edge.
            if x + wide > width && at > start && letter != ' ' {
                let (end, gone) = chance.unwrap_or((at, x));
                lines.push(start..end);
                (start, x, chance) = (end, x - gone, None);
            }
            x += wide;
            let after = at + letter.len_utf8();
            if letter == ' ' || letter == '\t' || letter == '-' || is_wide(letter) {
                chance = Some((after, x));
            }
        }
        lines.push(start..text.len());
        Self(lines)
    }

    /// How many there are.
    #[allow(clippy::len_without_is_empty, reason = "there is always one")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Where a line stands in the text.
    pub fn range(&self, line: usize) -> Range<usize> {
        self.0[line.min(self.0.len() - 1)].clone()
    }

    /// The line of a place.
    pub fn of(&self, place: usize) -> usize {
        self.0.partition_point(|line| line.start <= place).saturating_sub(1)
    }

    /// Where the caret may stand last in a line: before the space at which it was broken.
    pub fn end(&self, text: &str, line: usize) -> usize {
        let range = self.range(line);
        let broken = self.0.get(line + 1).is_some_and(|next| next.start == range.end);
        if broken && range.end > range.start {
            let last = text[range.clone()].chars().next_back().map_or(0, char::len_utf8);
            return range.end - last;
        }
        range.end
    }

    /// The place in a line that is nearest to a distance from its start.
    pub fn nearest(&self, text: &str, line: usize, to: f32, advance: impl Fn(char) -> f32) -> usize {
        let (range, end) = (self.range(line), self.end(text, line));
        let mut x = 0.0;
        for (at, letter) in text[range.start..end].char_indices() {
            let wide = advance(letter);
            if to < x + wide / 2.0 {
                return range.start + at;
            }
            x += wide;
        }
        end
    }
}

/// Letters of scripts that are written without spaces.
fn is_wide(letter: char) -> bool {
    matches!(u32::from(letter), 0x2E80..=0x9FFF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFF00..=0xFF60 | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str) -> Vec<&str> {
        let lines = Lines::new(text, 5.0, |_| 1.0);
        (0..lines.len()).map(|line| &text[lines.range(line)]).collect()
    }

    #[test]
    fn lines_break_between_words_and_in_long_ones() {
        assert_eq!(broken("one two three"), ["one ", "two ", "three"]);
        assert_eq!(broken("abcdefgh ij"), ["abcde", "fgh ", "ij"]);
        assert_eq!(broken("five! six"), ["five! ", "six"]);
        assert_eq!(broken("a\n\nb\n"), ["a", "", "b", ""]);
        assert_eq!(broken("日本語を書きます"), ["日本語を書", "きます"]);
        assert_eq!(broken(""), [""]);
    }

    #[test]
    fn every_place_has_a_line() {
        let text = "one two three\nfour";
        let lines = Lines::new(text, 5.0, |_| 1.0);
        assert_eq!([0, 3, 4, 13, 14, 18].map(|place| lines.of(place)), [0, 0, 1, 2, 3, 3]);
        assert_eq!(lines.nearest(text, 1, 1.6, |_| 1.0), 6);
        assert_eq!(lines.nearest(text, 0, 99.0, |_| 1.0), 3, "the caret stays in its line");
        assert_eq!(lines.nearest(text, 2, 99.0, |_| 1.0), 13);
    }
}
