//! How a note looks.

use draw::{Area, Canvas, Colour, Face, Type};
use edit::Lines;
use portico_sdk::frame::rgb;
use std::ops::Range;

/// Height of an em in points.
const SIZE: f32 = 17.0;
/// Widest lines in points: longer ones are hard to read.
const WIDEST: f32 = 720.0;

/// The typefaces, and how wide common letters are.
pub(crate) struct Looks {
    face: Face,
    widths: [f32; 128],
    scale: f32,
    /// Pixels of the picture.
    size: (f32, f32),
}

/// The colours of a dark or a light window.
struct Colours {
    paper: Colour,
    ink: Colour,
    faint: Colour,
    caret: Colour,
    selected: Colour,
    found: Colour,
    here: Colour,
}

impl Colours {
    fn new(dark: bool) -> Self {
        if dark {
            Self {
                paper: rgb(26, 27, 31),
                ink: rgb(232, 233, 238),
                faint: rgb(150, 154, 166),
                caret: rgb(255, 190, 70),
                selected: rgb(52, 78, 124),
                found: rgb(92, 76, 30),
                here: rgb(150, 112, 24),
            }
        } else {
            Self {
                paper: rgb(254, 253, 250),
                ink: rgb(32, 33, 38),
                faint: rgb(102, 104, 114),
                caret: rgb(196, 110, 0),
                selected: rgb(190, 214, 250),
                found: rgb(255, 240, 178),
                here: rgb(255, 208, 92),
            }
        }
    }
}

/// What is shown.
pub(crate) struct Shown<'a> {
    /// The text, with what is being composed in it.
    pub(crate) text: &'a str,
    pub(crate) lines: &'a Lines,
    pub(crate) caret: usize,
    pub(crate) selection: Range<usize>,
    pub(crate) composing: Range<usize>,
    pub(crate) found: &'a [Range<usize>],
    /// What stands in the corner.
    pub(crate) status: &'a str,
    /// How far down it is scrolled, in pixels.
    pub(crate) scroll: f32,
    pub(crate) dark: bool,
}

impl Looks {
    pub(crate) fn new(scale: f32, size: (u32, u32)) -> Self {
        let face = Face::regular().with_fallback(draw::dots);
        let mut looks = Self {
            face,
            widths: [0.0; 128],
            scale,
            size: (0.0, 0.0),
        };
        looks.suit(scale, size);
        looks
    }

    /// Follows the window.
    pub(crate) fn suit(&mut self, scale: f32, size: (u32, u32)) {
        self.scale = scale;
        self.size = (size.0 as f32, size.1 as f32);
        let font = self.face.size(SIZE * scale);
        self.widths = std::array::from_fn(|number| font.advance(number as u8 as char));
        self.widths[usize::from(b'\t')] = 4.0 * self.widths[usize::from(b' ')];
    }

    fn font(&self) -> Type<'_> {
        self.face.size(SIZE * self.scale)
    }

    /// How far the letter after this one is, in pixels.
    pub(crate) fn advance(&self, letter: char) -> f32 {
        self.widths
            .get(letter as usize)
            .copied()
            .unwrap_or_else(|| self.font().advance(letter))
    }

    /// Breaks a text into lines.
    pub(crate) fn lines(&self, text: &str) -> Lines {
        Lines::new(text, self.column().1, |letter| self.advance(letter))
    }

    /// Height of a line in pixels.
    pub(crate) fn line(&self) -> f32 {
        self.font().line()
    }

    /// Lines that a page has room for.
    pub(crate) fn page(&self) -> usize {
        (((self.size.1 - 2.0 * self.top()) / self.line()) as usize).max(1)
    }

    /// Where lines begin, and how wide they may be, in pixels.
    fn column(&self) -> (f32, f32) {
        let width = (self.size.0 - 64.0 * self.scale)
            .min(WIDEST * self.scale)
            .max(40.0 * self.scale);
        (((self.size.0 - width) / 2.0).round(), width)
    }

    fn top(&self) -> f32 {
        (24.0 * self.scale).round()
    }

    /// How far down so many lines can be scrolled, in pixels.
    pub(crate) fn most_scroll(&self, lines: usize) -> f32 {
        (lines as f32 * self.line() + 2.0 * self.top() + 16.0 * self.scale - self.size.1).max(0.0)
    }

    /// Where to scroll so that a line is seen.
    pub(crate) fn reveal(&self, line: usize, scroll: f32) -> f32 {
        let top = line as f32 * self.line();
        let room = self.size.1 - 2.0 * self.top() - self.line() - 16.0 * self.scale;
        scroll.min(top).max(top - room.max(0.0))
    }

    /// How far a place is from the start of its line, in pixels.
    pub(crate) fn x(&self, text: &str, lines: &Lines, place: usize) -> f32 {
        let start = lines.range(lines.of(place)).start;
        text[start..place].chars().map(|letter| self.advance(letter)).sum()
    }

    /// The place under a point of the picture.
    pub(crate) fn place(&self, text: &str, lines: &Lines, scroll: f32, x: f32, y: f32) -> usize {
        let line = ((y + scroll - self.top()) / self.line()).max(0.0) as usize;
        let line = line.min(lines.len() - 1);
        lines.nearest(text, line, x - self.column().0, |letter| self.advance(letter))
    }

    /// Where the caret is in the picture.
    pub(crate) fn caret(&self, text: &str, lines: &Lines, scroll: f32, place: usize) -> Area {
        let left = self.column().0 + self.x(text, lines, place);
        let top = self.top() + lines.of(place) as f32 * self.line() - scroll;
        let width = (2.0 * self.scale).round().max(1.0) as i32;
        Area::new(left.round() as i32, top.round() as i32, width, self.line() as i32)
    }

    /// Draws a note.
    pub(crate) fn draw(&self, canvas: &mut Canvas<'_>, shown: &Shown<'_>) {
        let colours = Colours::new(shown.dark);
        canvas.fill(canvas.area(), colours.paper);
        let (left, high, font) = (self.column().0, self.line(), self.font());
        let base = ((high - font.capitals()) / 2.0 + font.capitals()).round();
        let first = (((shown.scroll - self.top()) / high).floor().max(0.0)) as usize;
        let last = shown.lines.len().min(first + (self.size.1 / high) as usize + 3);
        for line in first..last {
            let range = shown.lines.range(line);
            let top = (self.top() + line as f32 * high - shown.scroll).round();
            let part = |marked: &Range<usize>| {
                let (start, end) = (marked.start.max(range.start), marked.end.min(range.end));
                // A selected line end is seen too.
                let open = marked.start <= range.end && marked.end > range.end;
                if start > end || (start == end && !open) {
                    return None;
                }
                let at = |place: usize| -> f32 {
                    shown.text[range.start..place]
                        .chars()
                        .map(|letter| self.advance(letter))
                        .sum()
                };
                let tail = if open { 6.0 * self.scale } else { 0.0 };
                Some((left + at(start), left + at(end) + tail))
            };
            let area = |(from, to): (f32, f32)| Area {
                left: from as i32,
                top: top as i32,
                right: to.ceil() as i32,
                bottom: (top + high) as i32,
            };
            for found in shown
                .found
                .iter()
                .filter(|found| found.start < range.end && found.end > range.start)
            {
                if let Some((from, to)) = part(found) {
                    let here = *found == shown.selection;
                    canvas.rounded(
                        area((from, to)),
                        3.0 * self.scale,
                        if here { colours.here } else { colours.found },
                    );
                }
            }
            if !shown.selection.is_empty()
                && !shown.found.contains(&shown.selection)
                && let Some(part) = part(&shown.selection)
            {
                canvas.fill(area(part), colours.selected);
            }
            self.write(
                canvas,
                left,
                (top + base) as i32,
                &shown.text[range.clone()],
                colours.ink,
            );
            if let Some((from, to)) = part(&shown.composing).filter(|_| !shown.composing.is_empty()) {
                let under = (top + base + 4.0 * self.scale) as i32;
                canvas.fill(
                    Area::new(from as i32, under, (to - from) as i32, self.scale.ceil() as i32),
                    colours.ink,
                );
            }
        }
        canvas.fill(
            self.caret(shown.text, shown.lines, shown.scroll, shown.caret),
            colours.caret,
        );
        let small = self.face.size(13.0 * self.scale);
        let (x, y) = (
            self.size.0 - 16.0 * self.scale - small.width(shown.status),
            self.size.1 - 12.0 * self.scale,
        );
        let back = Area {
            left: (x - 8.0 * self.scale) as i32,
            top: (y - 18.0 * self.scale) as i32,
            right: self.size.0 as i32,
            bottom: self.size.1 as i32,
        };
        canvas.fill(back, colours.paper);
        canvas.write(x, y as i32, small, shown.status, colours.faint);
    }

    fn write(&self, canvas: &mut Canvas<'_>, left: f32, base: i32, line: &str, colour: Colour) {
        let mut x = left;
        for part in line.split_inclusive('\t') {
            let text = part.strip_suffix('\t').unwrap_or(part);
            x = canvas.write(x, base, self.font(), text, colour);
            if text.len() < part.len() {
                x += self.advance('\t');
            }
        }
    }
}
