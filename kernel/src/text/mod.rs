//! Makes texts of programs fit for users and terminals: nothing in them hides, turns the writing around it, forges a line or covers
//! what the shell has to say.

mod scan;

use scan::{Scan, Shown};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Characters that look like a double quote.
const DOUBLE_QUOTES: &str = "\"“”„‟«»〝〞〟＂❝❞⹂ʺˮ″‶🙶🙷🙸";

/// Words of a program, fit to stand on the shell's own surfaces. They can be made in no other way than by being made fit, so that
/// a surface that takes them need not ask. Cheap to clone.
///
/// What hides or turns text is left out, what piles up on one character is bounded, spaces of all kinds become one, and what is
/// too wide ends with an ellipsis. What is blank then is empty. See [`escape`] for where nothing may be left out.
///
/// ```
/// use portico_kernel::ProgramText;
///
/// // A line break, and a character that turns the direction of what follows.
/// assert_eq!(&*ProgramText::name("Paint\n\u{202e}2"), "Paint 2");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProgramText(Arc<str>);

impl ProgramText {
    /// Most columns of a name. A Latin letter takes one, a Chinese one two.
    pub const NAME: usize = 64;
    /// Most columns of any other line.
    pub const LINE: usize = 256;

    /// A name: a line of at most [`Self::NAME`] columns.
    pub fn name(text: &str) -> Self {
        Self::cut(text, Self::NAME)
    }

    /// A line of at most `width` columns.
    pub fn cut(text: &str, width: usize) -> Self {
        if text.len() <= width && is_plain(text) {
            return Self(text.into());
        }
        let line = line(text);
        let Some(end) = end(&line, width) else {
            return Self(line.into());
        };
        // A joiner joins nothing at the end.
        let start = line[..end].trim_end_matches([' ', '\u{200C}', '\u{200D}']);
        Self(format!("{start}…").into())
    }

    /// Several lines of any width.
    pub fn lines(text: &str) -> Self {
        let lines: Vec<_> = text.trim().split('\n').map(line).collect();
        Self(lines.join("\n").trim().into())
    }

    /// How many columns a text takes in a terminal.
    pub fn width(text: &str) -> usize {
        text.graphemes(true).map(UnicodeWidthStr::width).sum()
    }

    /// The text for the middle of a sentence on a terminal: where it is written from right to left, what stands around it stays in its
    /// place all the same. The shell's own windows draw every text from left to right and need none of it.
    pub fn isolated(&self) -> Cow<'_, str> {
        let from_the_right = |c| {
            matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}'
                | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
        };
        match self.0.chars().any(from_the_right) {
            true => Cow::Owned(format!("\u{2068}{}\u{2069}", self.0)),
            false => Cow::Borrowed(&self.0),
        }
    }

    /// The text for a place between double quotes: it can't close them and go on in the shell's name.
    pub fn quoted(&self) -> Cow<'_, str> {
        let closes = |c| DOUBLE_QUOTES.contains(c);
        match self.0.contains(closes) {
            true => Cow::Owned(self.0.replace(closes, "'")),
            false => Cow::Borrowed(&self.0),
        }
    }
}

/// Whether there is nothing to make fit: printable ASCII with single spaces between words, as most texts are.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let parted = |pair: &[u8]| pair != b"  ";
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
        && bytes.windows(2).all(parted)
        && !text.starts_with(' ')
        && !text.ends_with(' ')
}

/// A text on one line.
fn line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut space = false;
    for (character, shown) in Scan::new(text) {
        match shown {
            Shown::Hidden => {}
            Shown::Space => space = true,
            Shown::AsItIs => {
                if std::mem::take(&mut space) && !line.is_empty() {
                    line.push(' ');
                }
                line.push(character);
            }
        }
    }
    line
}

/// Where a line of so many columns ends to make room for an ellipsis; `None` where it has room.
fn end(line: &str, width: usize) -> Option<usize> {
    // No byte takes more than a column.
    if line.len() <= width {
        return None;
    }
    let (mut columns, mut end) = (0, 0);
    for (start, letter) in line.grapheme_indices(true) {
        let next = columns + letter.width();
        if next > width {
            return Some(end);
        }
        columns = next;
        if columns < width {
            end = start + letter.len();
        }
    }
    None
}

impl Default for ProgramText {
    fn default() -> Self {
        Self(Arc::from(""))
    }
}

/// A line of at most [`ProgramText::LINE`] columns.
impl From<&str> for ProgramText {
    fn from(text: &str) -> Self {
        Self::cut(text, Self::LINE)
    }
}

/// A line of at most [`ProgramText::LINE`] columns.
impl From<String> for ProgramText {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl Deref for ProgramText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for ProgramText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProgramText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ProgramText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialEq<str> for ProgramText {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for ProgramText {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

/// Appends a text with everything in it that nobody would see, or that would change how the rest is seen, escaped: it can't move a
/// terminal's cursor, forge a line, or turn one around, and whoever reads it sees that something is there. For logs and reports.
pub fn escape(out: &mut String, text: &str) {
    // Most texts have nothing to look at.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return out.push_str(text);
    }
    let mut scan = Scan::new(text);
    while let Some((character, shown)) = scan.next() {
        let is_plain = match shown {
            Shown::AsItIs => true,
            // Spaces of all widths stay what they are; what parts lines does not.
            Shown::Space => !character.is_control() && !matches!(character, '\u{2028}' | '\u{2029}'),
            Shown::Hidden => false,
        };
        match character {
            _ if is_plain => {
                out.push(character);
                continue;
            }
            '\t' | '\r' | '\n' => out.extend(character.escape_default()),
            _ => out.extend(character.escape_unicode()),
        }
        scan.interrupt();
    }
}

/// A text on one line, escaped.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(&mut out, text);
    out
}

/// A text of several lines on one, escaped: whatever parts its words is one space.
pub(crate) fn one_line(text: &str) -> String {
    escaped(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A text with its line breaks left as they are, and all else escaped.
pub fn escape_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        escape(&mut out, line);
    }
    out
}

#[cfg(test)]
mod tests;
