//! A text that is being written: caret, selection, undoing, and its lines. Places are bytes from its start.

mod input;
mod lines;

pub use input::{Input, in_order};
pub use lines::Lines;

use std::ops::Range;
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// Changes that can be undone.
const MOST: usize = 1000;

/// Where the caret goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    /// To the letter before.
    Left,
    /// To the letter after.
    Right,
    /// To the start of the word before.
    WordLeft,
    /// To the end of the word after.
    WordRight,
    /// To the start of the text.
    Start,
    /// To its end.
    End,
}

/// A change: what stood there, and what came in its place.
struct Change {
    at: usize,
    removed: String,
    added: String,
}

/// A text with a caret.
#[derive(Default)]
pub struct Editor {
    text: String,
    caret: usize,
    /// The other end of the selection.
    anchor: usize,
    done: Vec<Change>,
    undone: Vec<Change>,
    /// Whether what is typed next belongs to the last change.
    typing: bool,
}

impl Editor {
    /// A text with the caret at its start.
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..Self::default()
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the caret is.
    pub fn caret(&self) -> usize {
        self.caret
    }

    /// What is selected; empty where nothing is.
    pub fn selection(&self) -> Range<usize> {
        self.caret.min(self.anchor)..self.caret.max(self.anchor)
    }

    /// The text that is selected.
    pub fn selected(&self) -> &str {
        &self.text[self.selection()]
    }

    /// Its first line with something in it.
    pub fn title(&self) -> &str {
        self.text
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty())
            .unwrap_or_default()
    }

    /// Puts a text in the place of what is selected.
    pub fn insert(&mut self, text: &str) {
        let selection = self.selection();
        if text.is_empty() && selection.is_empty() {
            return;
        }
        let (at, end) = (selection.start, selection.start + text.len());
        let removed = self.text[selection.clone()].to_owned();
        self.text.replace_range(selection, text);
        let last = self.done.last_mut().filter(|last| {
            self.typing && removed.is_empty() && last.at + last.added.len() == at && !text.contains('\n')
        });
        match last {
            Some(last) => last.added.push_str(text),
            None => self.done.push(Change {
                at,
                removed,
                added: text.to_owned(),
            }),
        }
        if self.done.len() > MOST {
            self.done.remove(0);
        }
        self.undone.clear();
        self.typing = !text.is_empty() && !text.contains('\n');
        (self.caret, self.anchor) = (end, end);
    }

    /// Deletes what is selected, else from the caret to where that goes.
    pub fn delete(&mut self, go: Go) {
        if self.caret == self.anchor {
            self.caret = self.target(go);
        }
        self.insert("");
        self.typing = false;
    }

    /// Takes back the last change; says whether there was one.
    pub fn undo(&mut self) -> bool {
        let Some(change) = self.done.pop() else { return false };
        let there = change.at..change.at + change.added.len();
        self.text.replace_range(there, &change.removed);
        self.place(change.at + change.removed.len());
        self.undone.push(change);
        true
    }

    /// Makes it again.
    pub fn redo(&mut self) -> bool {
        let Some(change) = self.undone.pop() else { return false };
        let there = change.at..change.at + change.removed.len();
        self.text.replace_range(there, &change.added);
        self.place(change.at + change.added.len());
        self.done.push(change);
        true
    }

    /// Moves the caret; with `select`, the other end of the selection stays.
    pub fn go(&mut self, go: Go, select: bool) {
        let selection = self.selection();
        let to = match go {
            // Without a step more, as everywhere.
            Go::Left if !select && !selection.is_empty() => selection.start,
            Go::Right if !select && !selection.is_empty() => selection.end,
            go => self.target(go),
        };
        self.to(to, select);
    }

    /// Moves the caret to a place.
    pub fn to(&mut self, place: usize, select: bool) {
        self.caret = self.text.floor_char_boundary(place);
        if !select {
            self.anchor = self.caret;
        }
        self.typing = false;
    }

    /// Selects.
    pub fn select(&mut self, range: Range<usize>) {
        self.to(range.start, false);
        self.to(range.end, true);
    }

    /// Selects the word at a place.
    pub fn select_word(&mut self, place: usize) {
        let word = self
            .text
            .split_word_bound_indices()
            .find(|(at, word)| (*at..at + word.len()).contains(&place));
        if let Some((at, word)) = word {
            self.select(at..at + word.len());
        }
    }

    fn place(&mut self, caret: usize) {
        self.to(caret, false);
    }

    fn target(&self, go: Go) -> usize {
        let is_word = |(_, word): &(usize, &str)| word.chars().any(char::is_alphanumeric);
        let mut cursor = GraphemeCursor::new(self.caret, self.text.len(), true);
        match go {
            Go::Left => cursor.prev_boundary(&self.text, 0).ok().flatten().unwrap_or(0),
            Go::Right => cursor
                .next_boundary(&self.text, 0)
                .ok()
                .flatten()
                .unwrap_or(self.text.len()),
            Go::WordLeft => {
                let words = self.text[..self.caret].split_word_bound_indices();
                words.rev().find(is_word).map_or(0, |(at, _)| at)
            }
            Go::WordRight => {
                let mut words = self.text[self.caret..].split_word_bound_indices();
                words
                    .find(is_word)
                    .map_or(self.text.len(), |(at, word)| self.caret + at + word.len())
            }
            Go::Start => 0,
            Go::End => self.text.len(),
        }
    }
}

/// Where a text is found in another; capital and small letters are alike.
pub fn find(text: &str, query: &str) -> Vec<Range<usize>> {
    let query: Vec<char> = query.chars().flat_map(char::to_lowercase).collect();
    let mut found: Vec<Range<usize>> = Vec::new();
    if query.is_empty() {
        return found;
    }
    for (start, _) in text.char_indices() {
        if found.last().is_some_and(|last| last.end > start) {
            continue;
        }
        let mut wanted = query.iter();
        let mut next = wanted.next();
        for (at, letter) in text[start..].char_indices() {
            if !letter
                .to_lowercase()
                .all(|letter| std::mem::replace(&mut next, wanted.next()) == Some(&letter))
            {
                break;
            }
            if next.is_none() {
                found.push(start..start + at + letter.len_utf8());
                break;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_undone_as_it_was_written() {
        let mut editor = Editor::new("");
        for text in ["a", "b", "\n", "c"] {
            editor.insert(text);
        }
        assert_eq!(editor.text(), "ab\nc");
        let mut seen = Vec::new();
        while editor.undo() {
            seen.push(editor.text().to_owned());
        }
        assert_eq!(seen, ["ab\n", "ab", ""]);
        while editor.redo() {}
        assert_eq!((editor.text(), editor.caret()), ("ab\nc", 4));
        editor.undo();
        editor.insert("x");
        assert!(!editor.redo(), "another way was taken");
    }

    #[test]
    fn the_caret_goes_by_letters_as_people_see_them() {
        let mut editor = Editor::new("e\u{301}👩‍🚀日");
        editor.go(Go::Right, false);
        assert_eq!(editor.caret(), 3);
        editor.delete(Go::Right);
        assert_eq!(editor.text(), "e\u{301}日");
        editor.go(Go::End, false);
        editor.delete(Go::Left);
        editor.delete(Go::Left);
        assert_eq!(editor.text(), "");
        editor.delete(Go::Left);
        assert!(editor.undo() && editor.text() == "e\u{301}");
    }

    #[test]
    fn words_are_jumped_over_and_selected() {
        let mut editor = Editor::new("One, two  three");
        editor.go(Go::WordRight, false);
        editor.go(Go::WordRight, true);
        assert_eq!(editor.selected(), ", two");
        editor.go(Go::Left, false);
        assert_eq!(editor.caret(), 3);
        editor.select_word(11);
        assert_eq!(editor.selected(), "three");
        editor.insert("3");
        assert_eq!(editor.text(), "One, two  3");
        editor.go(Go::WordLeft, false);
        editor.go(Go::WordLeft, false);
        assert_eq!(editor.caret(), 5);
    }

    #[test]
    fn finding_does_not_look_at_the_size_of_letters() {
        assert_eq!(find("Ĝis la ĝoja", "ĝ"), [0..2, 8..10]);
        assert_eq!(find("aaaa", "AA"), [0..2, 2..4]);
        assert_eq!(find("abc", ""), []);
        assert_eq!(find("ab", "abc"), []);
        assert_eq!(find("日本語と日本", "日本"), [0..6, 12..18]);
    }
}
