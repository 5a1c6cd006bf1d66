//! How the memos look.

use crate::moment;
use crate::services::Deed;
use crate::worker::Known;
use draw::{Area, Canvas, Colour, Face, Type, blend};
use edit::{Editor, Lines};
use portico_sdk::frame::rgb;

/// Height of an em in points: of memos, of what stands beside.
const SIZES: (f32, f32) = (16.0, 13.0);
/// Distance from the edge of the window, in points.
const MARGIN: f32 = 20.0;
/// Height of the field, of a memo, of an event, of what stands over the history; in points.
const FIELD: f32 = 44.0;
const MEMO: f32 = 42.0;
const DEED: f32 = 48.0;
const HEAD: f32 = 48.0;
/// A window that is narrower, in points, has the history below the memos.
const NARROW: f32 = 640.0;
/// Height of the line at the foot, in points.
const FOOT: f32 = 40.0;

/// What a point of the picture belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// A memo.
    Memo(usize),
    /// What deletes a memo.
    Delete(usize),
    /// What is said of what went wrong.
    Again,
    /// The history.
    History,
}

/// What is shown.
pub(crate) struct Shown<'a> {
    pub(crate) known: &'a Known,
    pub(crate) field: &'a Editor,
    pub(crate) preedit: &'a str,
    pub(crate) chosen: Option<&'a str>,
    /// Whether the field has the memo that is chosen.
    pub(crate) changes: bool,
    pub(crate) busy: bool,
    pub(crate) scroll: (f32, f32),
    pub(crate) hover: Option<Spot>,
    pub(crate) offset: i32,
    pub(crate) dark: bool,
}

/// The colours of a dark or a light window.
struct Colours {
    back: Colour,
    card: Colour,
    ink: Colour,
    faint: Colour,
    line: Colour,
    accent: Colour,
    chosen: Colour,
    hover: Colour,
    selected: Colour,
    alarm: Colour,
    made: Colour,
    changed: Colour,
}

impl Colours {
    fn new(dark: bool) -> Self {
        if dark {
            Self {
                back: rgb(22, 25, 27),
                card: rgb(32, 36, 39),
                ink: rgb(235, 238, 240),
                faint: rgb(156, 165, 172),
                line: rgb(62, 69, 74),
                accent: rgb(92, 196, 172),
                chosen: rgb(33, 66, 60),
                hover: rgb(36, 41, 44),
                selected: rgb(40, 92, 84),
                alarm: rgb(255, 120, 106),
                made: rgb(92, 196, 132),
                changed: rgb(104, 170, 246),
            }
        } else {
            Self {
                back: rgb(244, 247, 246),
                card: rgb(255, 255, 255),
                ink: rgb(26, 32, 34),
                faint: rgb(88, 100, 106),
                line: rgb(206, 214, 212),
                accent: rgb(24, 118, 100),
                chosen: rgb(212, 236, 229),
                hover: rgb(232, 238, 236),
                selected: rgb(176, 222, 211),
                alarm: rgb(190, 40, 40),
                made: rgb(34, 140, 76),
                changed: rgb(28, 104, 196),
            }
        }
    }

    fn of(&self, deed: &Deed) -> Colour {
        match &*deed.event {
            "created" => self.made,
            "modified" => self.changed,
            "deleted" => self.alarm,
            _ => self.faint,
        }
    }
}

/// The typefaces, and the size of the picture.
pub(crate) struct Looks {
    regular: Face,
    bold: Face,
    scale: f32,
    size: (f32, f32),
}

/// Where everything is.
struct Places {
    field: Area,
    list: Area,
    card: Area,
    deeds: Area,
}

impl Looks {
    pub(crate) fn new(scale: f32, size: (u32, u32)) -> Self {
        let (regular, bold) = (
            Face::regular().with_fallback(draw::dots),
            Face::bold().with_fallback(draw::dots),
        );
        let mut looks = Self {
            regular,
            bold,
            scale,
            size: (0.0, 0.0),
        };
        looks.suit(scale, size);
        looks
    }

    /// Follows the window.
    pub(crate) fn suit(&mut self, scale: f32, size: (u32, u32)) {
        (self.scale, self.size) = (scale, (size.0 as f32, size.1 as f32));
    }

    fn px(&self, points: f32) -> f32 {
        (points * self.scale).round()
    }

    fn font(&self) -> Type<'_> {
        self.regular.size(SIZES.0 * self.scale)
    }

    fn small(&self) -> Type<'_> {
        self.regular.size(SIZES.1 * self.scale)
    }

    /// A line of the wheel, in pixels.
    pub(crate) fn line(&self) -> f32 {
        self.font().line()
    }

    fn places(&self) -> Places {
        let (width, height) = self.size;
        let margin = self.px(MARGIN);
        let area = |left: f32, top: f32, right: f32, bottom: f32| Area {
            left: left as i32,
            top: top as i32,
            right: right.max(left) as i32,
            bottom: bottom.max(top) as i32,
        };
        let (right, bottom, card) = if width >= self.px(NARROW) {
            let right = width - margin - (width * 0.38).clamp(self.px(240.0), self.px(380.0));
            (
                right - margin,
                height,
                area(right, margin, width - margin, height - margin),
            )
        } else {
            let bottom = (height * 0.6).round();
            (
                width - margin,
                bottom,
                area(margin, bottom, width - margin, height - margin),
            )
        };
        let below = margin + self.px(FIELD) + self.px(12.0);
        let list = area(margin, below, right, bottom - self.px(FOOT));
        Places {
            field: area(margin, margin, right, margin + self.px(FIELD)),
            list,
            card,
            deeds: Area {
                top: (card.top + self.px(HEAD) as i32).min(card.bottom),
                ..card
            },
        }
    }

    /// How far down so many memos and so many events can be scrolled, in pixels.
    pub(crate) fn most_scroll(&self, memos: usize, deeds: usize) -> (f32, f32) {
        let places = self.places();
        let most = |rows: usize, high: f32, room: Area| (rows as f32 * self.px(high) - room.height() as f32).max(0.0);
        (most(memos, MEMO, places.list), most(deeds, DEED, places.deeds))
    }

    /// Where to scroll so that a memo is seen.
    pub(crate) fn reveal(&self, memo: usize, scroll: f32) -> f32 {
        let (top, room) = (
            memo as f32 * self.px(MEMO),
            self.places().list.height() as f32 - self.px(MEMO),
        );
        scroll.min(top).max(top - room.max(0.0))
    }

    /// What a point of the picture belongs to, where the memos are scrolled so far.
    pub(crate) fn spot(&self, x: f32, y: f32, scroll: f32, known: &Known) -> Option<Spot> {
        let places = self.places();
        if places.card.contains(x, y) {
            return Some(Spot::History);
        }
        if known
            .trouble
            .as_ref()
            .is_some_and(|trouble| self.trouble(&places, trouble).0.contains(x, y))
        {
            return Some(Spot::Again);
        }
        if !places.list.contains(x, y) {
            return None;
        }
        let at = ((y - places.list.top as f32 + scroll) / self.px(MEMO)) as usize;
        let deletes = x >= places.list.right as f32 - self.px(MEMO);
        (at < known.memos.len()).then_some(if deletes { Spot::Delete(at) } else { Spot::Memo(at) })
    }

    /// Where the part of the field's text begins that is seen: the caret has to be in it.
    fn first(&self, text: &str, caret: usize) -> usize {
        let room = self.places().field.width() as f32 - self.px(28.0) - self.px(2.0);
        let mut gone = self.font().width(&text[..caret]) - room;
        for (at, letter) in text.char_indices() {
            if gone <= 0.0 {
                return at;
            }
            gone -= self.font().advance(letter);
        }
        if gone > 0.0 { text.len() } else { 0 }
    }

    /// Where the caret is in the picture.
    pub(crate) fn caret(&self, field: &Editor, preedit: &str) -> Area {
        let area = self.places().field;
        let mut text = field.text().to_owned();
        text.insert_str(field.caret(), preedit);
        let caret = field.caret() + preedit.len();
        let first = self.first(&text, caret);
        let left = area.left as f32 + self.px(14.0) + self.font().width(&text[first.min(caret)..caret]);
        let high = self.px(SIZES.0 * 1.3) as i32;
        let width = (1.5 * self.scale).round().max(1.0) as i32;
        Area::new(left.round() as i32, area.top + (area.height() - high) / 2, width, high)
    }

    /// Draws everything.
    pub(crate) fn draw(&self, canvas: &mut Canvas<'_>, shown: &Shown<'_>) {
        let colours = Colours::new(shown.dark);
        let places = self.places();
        canvas.fill(canvas.area(), colours.back);
        self.memos(canvas, &colours, &places, shown);
        self.foot(canvas, &colours, &places, shown);
        self.field(canvas, &colours, &places, shown);
        self.history(canvas, &colours, &places, shown);
    }

    /// The base line of text in the middle of a row.
    fn base(&self, font: Type<'_>, top: f32, high: f32) -> i32 {
        (top + (high + font.capitals()) / 2.0).round() as i32
    }

    fn memos(&self, canvas: &mut Canvas<'_>, colours: &Colours, places: &Places, shown: &Shown<'_>) {
        let (list, high) = (places.list, self.px(MEMO));
        let memos = &shown.known.memos;
        let first = (shown.scroll.0 / high) as usize;
        let rows = (list.height() as f32 / high) as usize + 2;
        for (at, memo) in memos.iter().enumerate().skip(first).take(rows) {
            let top = list.top as f32 + at as f32 * high - shown.scroll.0;
            let row = Area::new(list.left, top as i32, list.width(), high as i32 - self.px(2.0) as i32);
            let chosen = shown.chosen == Some(&*memo.id);
            let hover = matches!(shown.hover, Some(Spot::Memo(of) | Spot::Delete(of)) if of == at);
            if chosen || hover {
                canvas.rounded(row, self.px(8.0), if chosen { colours.chosen } else { colours.hover });
                let colour = if shown.hover == Some(Spot::Delete(at)) {
                    colours.alarm
                } else {
                    colours.faint
                };
                self.cross(
                    canvas,
                    (row.right as f32 - high / 2.0, top + row.height() as f32 / 2.0),
                    colour,
                );
            }
            let room = row.width() as f32 - self.px(14.0) - high;
            let text = fitted(self.font(), &memo.text, room);
            let base = self.base(self.font(), top, row.height() as f32);
            canvas.write(row.left as f32 + self.px(14.0), base, self.font(), &text, colours.ink);
        }
        self.bar(canvas, colours, list, memos.len() as f32 * high, shown.scroll.0);
        // What hangs over the edges of the list.
        let (all, side) = (
            canvas.area(),
            (list.left - self.px(4.0) as i32, list.right + self.px(8.0) as i32),
        );
        canvas.fill(
            Area {
                left: side.0,
                top: 0,
                right: side.1,
                bottom: list.top,
            },
            colours.back,
        );
        canvas.fill(
            Area {
                left: side.0,
                top: list.bottom,
                right: side.1,
                bottom: all.bottom,
            },
            colours.back,
        );
        if memos.is_empty() && shown.known.trouble.is_none() {
            let text = if shown.known.looked {
                "No memos yet. Write one above, and press Enter."
            } else {
                "Looking for the storage and the history\u{2026}"
            };
            let base = list.top + self.px(46.0) as i32;
            let lines = self.wrapped(text, list.width() as f32 - self.px(28.0));
            for (at, line) in lines.iter().enumerate() {
                let down = (at as f32 * self.small().line()) as i32;
                canvas.write(
                    list.left as f32 + self.px(14.0),
                    base + down,
                    self.small(),
                    line,
                    colours.faint,
                );
            }
        }
    }

    /// A cross in the middle of a place.
    fn cross(&self, canvas: &mut Canvas<'_>, (x, y): (f32, f32), colour: Colour) {
        let (arm, thick) = (4.5 * self.scale, 0.9 * self.scale);
        canvas.capsule((x - arm, y - arm), (x + arm, y + arm), thick, colour);
        canvas.capsule((x - arm, y + arm), (x + arm, y - arm), thick, colour);
    }

    /// Shows how far down a list is, if not all of it is seen.
    fn bar(&self, canvas: &mut Canvas<'_>, colours: &Colours, room: Area, all: f32, scroll: f32) {
        let high = room.height() as f32;
        if all > high && high > 0.0 {
            let (top, size) = (
                room.top as f32 + scroll / all * high,
                (high / all * high).max(self.px(16.0)),
            );
            let left = room.right + self.px(2.0) as i32;
            let thumb = Area::new(left, top as i32, self.px(4.0) as i32, size as i32);
            canvas.rounded(thumb, self.px(2.0), colours.line);
        }
    }

    fn wrapped(&self, text: &str, width: f32) -> Vec<String> {
        let font = self.small();
        let lines = Lines::new(text, width, |letter| font.advance(letter));
        (0..lines.len())
            .map(|line| text[lines.range(line)].trim_end().to_owned())
            .collect()
    }

    /// Where it stands what went wrong, the lines that say it, and those that say what can be done.
    fn trouble(&self, places: &Places, (what, denied): &(String, bool)) -> (Area, Vec<String>, Vec<String>) {
        let advice = if *denied {
            "Change that in the permissions of this program, then press F5, or click here."
        } else {
            "Press F5, or click here, to try again."
        };
        let (list, margin) = (places.list, self.px(14.0));
        let [what, advice] = [what.as_str(), advice].map(|text| self.wrapped(text, list.width() as f32 - 2.0 * margin));
        let lines = (what.len() + advice.len() - 1) as f32 * self.small().line() + self.small().capitals();
        (
            Area {
                top: list.bottom - (lines + 2.0 * margin) as i32,
                ..list
            },
            what,
            advice,
        )
    }

    /// How many memos there are, and what went wrong.
    fn foot(&self, canvas: &mut Canvas<'_>, colours: &Colours, places: &Places, shown: &Shown<'_>) {
        let font = self.small();
        let list = places.list;
        if let Some(trouble) = &shown.known.trouble {
            let (area, what, advice) = self.trouble(places, trouble);
            canvas.rounded(area, self.px(10.0), blend(colours.card, colours.alarm, 26));
            let mut base = area.top + (self.px(14.0) + font.capitals()) as i32;
            for (lines, colour) in [(what, colours.alarm), (advice, colours.ink)] {
                for line in lines {
                    canvas.write(area.left as f32 + self.px(14.0), base, font, &line, colour);
                    base += font.line() as i32;
                }
            }
        }
        let status = match shown.known.memos.len() {
            _ if shown.busy => "Asking\u{2026}".to_owned(),
            _ if !shown.known.looked => String::new(),
            1 => "1 memo".to_owned(),
            count => format!("{count} memos"),
        };
        let help = if shown.changes {
            "Enter keeps the change, Esc leaves it"
        } else if shown.chosen.is_some() && shown.field.text().is_empty() {
            "Enter changes it, Delete deletes it"
        } else {
            ""
        };
        let base = self.base(font, list.bottom as f32, self.px(FOOT));
        let left = list.left as f32 + self.px(14.0);
        let end = canvas.write(left, base, font, &status, colours.faint);
        let room = list.right as f32 - end - self.px(24.0);
        let help = fitted(font, help, room);
        canvas.write(
            list.right as f32 - self.px(14.0) - font.width(&help),
            base,
            font,
            &help,
            colours.faint,
        );
    }

    fn field(&self, canvas: &mut Canvas<'_>, colours: &Colours, places: &Places, shown: &Shown<'_>) {
        let (area, font) = (places.field, self.font());
        let edge = (1.5 * self.scale).round().max(1.0) as i32;
        canvas.rounded(
            area,
            self.px(10.0),
            if shown.changes { colours.accent } else { colours.line },
        );
        canvas.rounded(area.inset(edge), self.px(10.0) - edge as f32, colours.card);
        let (left, base) = (
            area.left as f32 + self.px(14.0),
            self.base(font, area.top as f32, area.height() as f32),
        );
        let room = area.width() as f32 - self.px(28.0);
        let caret = self.caret(shown.field, shown.preedit);
        if shown.field.text().is_empty() && shown.preedit.is_empty() {
            let text = fitted(font, "Write a memo", room);
            canvas.write(left, base, font, &text, colours.faint);
        } else {
            let at = shown.field.caret();
            let mut text = shown.field.text().to_owned();
            text.insert_str(at, shown.preedit);
            let first = self.first(&text, at + shown.preedit.len());
            let x = |place: usize| left + font.width(&text[first.min(place)..place]);
            let mark = |from: usize, to: usize| (x(from), x(to).min(left + room));
            let selection = shown.field.selection();
            if !selection.is_empty() && shown.preedit.is_empty() {
                let (from, to) = mark(selection.start, selection.end);
                let marked = Area {
                    left: from as i32,
                    right: to.ceil() as i32,
                    ..caret
                };
                canvas.fill(marked, colours.selected);
            }
            canvas.write(left, base, font, &cut(font, &text[first..], room), colours.ink);
            if !shown.preedit.is_empty() {
                let (from, to) = mark(at, at + shown.preedit.len());
                let under = base + self.px(4.0) as i32;
                canvas.fill(Area::new(from as i32, under, (to - from) as i32, edge), colours.ink);
            }
        }
        canvas.fill(caret, colours.accent);
    }

    fn history(&self, canvas: &mut Canvas<'_>, colours: &Colours, places: &Places, shown: &Shown<'_>) {
        let (card, rows, high) = (places.card, places.deeds, self.px(DEED));
        canvas.rounded(card, self.px(12.0), colours.card);
        let deeds = &shown.known.deeds;
        let first = (shown.scroll.1 / high) as usize;
        let (left, right) = (card.left as f32 + self.px(36.0), card.right as f32 - self.px(16.0));
        for (at, deed) in deeds
            .iter()
            .enumerate()
            .skip(first)
            .take((rows.height() as f32 / high) as usize + 2)
        {
            let top = rows.top as f32 + at as f32 * high - shown.scroll.1;
            let (name, ours) = deed.name();
            let (font, small) = (self.regular.size(14.0 * self.scale), self.small());
            let base = self.base(font, top, high * 0.5);
            canvas.disc(
                card.left as f32 + self.px(21.0),
                base as f32 - font.capitals() / 2.0,
                3.5 * self.scale,
                colours.of(deed),
            );
            let name = fitted(font, name, right - left);
            canvas.write(left, base, font, &name, if ours { colours.ink } else { colours.faint });
            let when = format!("{} \u{b7} {}", deed.event, moment::read(&deed.time, shown.offset));
            let when = fitted(small, &when, right - left);
            canvas.write(
                left,
                self.base(small, top + high * 0.42, high * 0.5),
                small,
                &when,
                colours.faint,
            );
        }
        // What hangs over the edges of the card.
        let edge = self.px(12.0);
        canvas.fill(
            Area {
                bottom: rows.top,
                top: card.top + edge as i32,
                ..card
            },
            colours.card,
        );
        canvas.fill(
            Area {
                top: card.bottom,
                bottom: canvas.area().bottom,
                ..card
            },
            colours.back,
        );
        let room = Area {
            right: card.right - self.px(8.0) as i32,
            bottom: rows.bottom - edge as i32,
            ..rows
        };
        self.bar(canvas, colours, room, deeds.len() as f32 * high, shown.scroll.1);
        let title = self.bold.size(15.0 * self.scale);
        let base = self.base(title, card.top as f32, self.px(HEAD));
        canvas.write(card.left as f32 + self.px(16.0), base, title, "History", colours.ink);
        if deeds.is_empty() && shown.known.looked {
            let top = rows.top as f32;
            canvas.write(
                left - self.px(20.0),
                self.base(self.small(), top, high),
                self.small(),
                "Nothing yet.",
                colours.faint,
            );
        }
    }
}

/// As much of a text as there is room for.
fn cut(font: Type<'_>, text: &str, room: f32) -> String {
    let mut left = room;
    let fits = |letter: &char| {
        left -= font.advance(*letter);
        left >= 0.0
    };
    text.chars().take_while(fits).collect()
}

/// A text, with an ellipsis at its end where there is no room for all of it.
fn fitted(font: Type<'_>, text: &str, room: f32) -> String {
    if font.width(text) <= room {
        return text.to_owned();
    }
    format!(
        "{}\u{2026}",
        cut(font, text, room - font.advance('\u{2026}')).trim_end()
    )
}
