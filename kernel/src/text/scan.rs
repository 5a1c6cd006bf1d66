//! Character by character: what of a stranger's text may be shown as it is, and what hides, turns or piles up.

use unicode_properties::UnicodeEmoji;
use unicode_width::UnicodeWidthChar;

/// Marks and other characters without a width that one character may carry: more than any orthography stacks.
const MARKS: usize = 4;
/// Joiners in one emoji: a family of four has three.
const JOINERS: usize = 4;

const ZWNJ: char = '\u{200C}';
const ZWJ: char = '\u{200D}';
const EMOJI_STYLE: char = '\u{FE0F}';
const TEXT_STYLE: char = '\u{FE0E}';
const KEYCAP: char = '\u{20E3}';

/// How a character is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// As it is.
    AsItIs,
    /// As a space, which parts words and lines.
    Space,
    /// Not at all, or by its number: nobody would see it, or see rightly what stands around it.
    Hidden,
}

/// The characters of a text from its beginning, and how each is shown.
pub(super) struct Scan<'a> {
    rest: std::str::Chars<'a>,
    /// The character before, if it is shown as it is.
    before: Option<char>,
    /// How many characters without a width the last one with a width carries.
    marks: usize,
    /// How many joiners the present emoji has.
    joiners: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text.chars(),
            before: None,
            marks: 0,
            joiners: 0,
        }
    }

    /// Notes that the next character follows something that is not of the text, whose look it must not change.
    pub(super) fn interrupt(&mut self) {
        self.before = None;
    }

    fn shown(&self, character: char) -> Shown {
        match character {
            ' '..='~' => return if character == ' ' { Shown::Space } else { Shown::AsItIs },
            _ if character.is_whitespace() => return Shown::Space,
            _ if character.is_control() => return Shown::Hidden,
            _ => {}
        }
        let kept = match character {
            ZWJ => self.is_joined_emoji() || self.is_joined_script(),
            ZWNJ => self.is_joined_script(),
            EMOJI_STYLE | TEXT_STYLE => self.takes_a_style(),
            _ if is_ignorable(character) => false,
            // A mark belongs to what stands before it, and never to what the shell itself has written there.
            _ if is_mark(character) => self.before.is_some() && self.marks < MARKS,
            _ => true,
        };
        if kept { Shown::AsItIs } else { Shown::Hidden }
    }

    /// The character that follows the present one.
    fn after(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn is_joined_emoji(&self) -> bool {
        let joins = |c: char| c == EMOJI_STYLE || is_emoji(c);
        let next = self.after();
        self.joiners < JOINERS && self.before.is_some_and(joins) && next.is_some_and(is_emoji)
    }

    /// Scripts whose letters change their shape by what they stand beside need the joiners.
    fn is_joined_script(&self) -> bool {
        let next = self.after();
        // What follows is kept in any case, so that a second look finds the same.
        let room = if next.is_some_and(is_mark) {
            self.marks + 1 < MARKS
        } else {
            self.marks < MARKS
        };
        room && self.before.is_some_and(is_shaped) && next.is_some_and(is_shaped)
    }

    fn takes_a_style(&self) -> bool {
        match self.before {
            Some('#' | '*' | '0'..='9') => self.after() == Some(KEYCAP),
            Some(before) => is_emoji(before),
            None => false,
        }
    }
}

impl Iterator for Scan<'_> {
    type Item = (char, Shown);

    fn next(&mut self) -> Option<Self::Item> {
        let character = self.rest.next()?;
        let shown = self.shown(character);
        match shown {
            Shown::Hidden => {}
            Shown::Space => (self.before, self.marks, self.joiners) = (self.before.and(Some(' ')), 0, 0),
            Shown::AsItIs => {
                match character {
                    ZWJ => {
                        self.joiners += 1;
                        self.marks += 1;
                    }
                    _ if is_mark(character) => self.marks += 1,
                    _ => {
                        self.marks = 0;
                        if self.before != Some(ZWJ) {
                            self.joiners = 0;
                        }
                    }
                }
                self.before = Some(character);
            }
        }
        Some((character, shown))
    }
}

/// Whether a character takes no room of its own: a mark, a joiner, half a syllable.
fn is_mark(character: char) -> bool {
    character.width() == Some(0)
}

fn is_emoji(character: char) -> bool {
    !character.is_ascii() && character.is_emoji_char()
}

/// Whether a character is of a script that is written with joiners: from Arabic to Sinhala, Myanmar, Khmer and Mongolian.
fn is_shaped(character: char) -> bool {
    let shaped = matches!(character,
        '\u{0600}'..='\u{0DFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{18AF}' | '\u{A840}'..='\u{ABFF}'
        | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}' | '\u{11000}'..='\u{11FFF}');
    shaped && !is_ignorable(character)
}

/// Whether a character can't be seen, or changes how others are seen: what Unicode lets every font leave out (among them everything that
/// turns the direction of writing), blanks that are letters by their kind, and what is no character at all.
fn is_ignorable(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
        | '\u{FDD0}'..='\u{FDEF}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFC}'
        | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D159}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
        || u32::from(character) & 0xFFFE == 0xFFFE
}
