//! Cards of text, in as many columns as fit.

use draw::{Area, Canvas, Colour, Font};
use portico_sdk::frame::rgb;

/// A card: a heading, and lines that may have a label.
pub(crate) struct Card {
    pub(crate) title: &'static str,
    pub(crate) lines: Vec<(&'static str, String)>,
    /// Lines that it has room for at least.
    pub(crate) least: usize,
}

struct Theme {
    back: Colour,
    card: Colour,
    title: Colour,
    label: Colour,
    ink: Colour,
}

fn theme(dark: bool) -> Theme {
    if dark {
        Theme {
            back: rgb(24, 27, 30),
            card: rgb(36, 40, 44),
            title: rgb(88, 204, 196),
            label: rgb(150, 158, 166),
            ink: rgb(234, 237, 240),
        }
    } else {
        Theme {
            back: rgb(236, 239, 241),
            card: rgb(255, 255, 255),
            title: rgb(14, 104, 110),
            label: rgb(92, 100, 108),
            ink: rgb(28, 32, 36),
        }
    }
}

/// Width of the column of labels, in letters.
const LABEL: usize = 13;

/// Draws the cards, column by column.
pub(crate) fn draw(pixels: &mut [Colour], (width, height): (u32, u32), unit: f32, dark: bool, cards: &[Card]) {
    let theme = theme(dark);
    let mut canvas = Canvas::new(pixels, width, height);
    canvas.fill(canvas.area(), theme.back);
    let px = |points: f32| (points * unit).round() as i32;
    let (font, bold) = (Font::regular(16.0 * unit), Font::bold(16.0 * unit));
    let line = font.height() + px(5.0);
    let gap = px(16.0);
    let columns = ((width as i32 - gap) / px(440.0)).clamp(1, 3);
    let column = (width as i32 - gap * (columns + 1)) / columns;
    let letters = ((column - px(32.0)) / font.advance()).max(1) as usize;
    let mut bottoms = vec![gap; columns as usize];
    for card in cards {
        let lines: Vec<(&str, String)> = card
            .lines
            .iter()
            .flat_map(|(label, text)| wrap(label, text, letters))
            .collect();
        let tall = px(44.0) + line * lines.len().max(card.least) as i32 + px(12.0);
        // The column that is shortest so far; the first of equals.
        let at = (0..bottoms.len()).min_by_key(|at| bottoms[*at]).unwrap_or(0);
        let area = Area::new(gap + at as i32 * (column + gap), bottoms[at], column, tall);
        bottoms[at] = area.bottom + gap;
        canvas.rounded(area, 10.0 * unit, theme.card);
        let left = area.left + px(16.0);
        canvas.text(left, area.top + px(14.0), bold, card.title, theme.title);
        let mut y = area.top + px(44.0);
        for (label, text) in &lines {
            canvas.text(left, y, font, label, theme.label);
            let indent = if card.lines.iter().any(|(label, _)| !label.is_empty()) {
                LABEL
            } else {
                0
            };
            canvas.text(left + font.advance() * indent as i32, y, font, text, theme.ink);
            y += line;
        }
    }
}

/// Breaks a text at spaces into lines that fit.
fn wrap<'a>(label: &'a str, text: &str, letters: usize) -> Vec<(&'a str, String)> {
    let room = letters.saturating_sub(if label.is_empty() { 0 } else { LABEL }).max(8);
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        while !word.is_empty() {
            let last = lines.len() - 1;
            let used = lines[last].chars().count();
            if used + usize::from(used > 0) + word.len() <= room {
                if used > 0 {
                    lines[last].push(' ');
                }
                lines[last].extend(word.drain(..));
            } else if used > 0 {
                lines.push(String::new());
            } else {
                lines[last].extend(word.drain(..room));
                lines.push(String::new());
            }
        }
    }
    if lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    labels.zip(lines).collect()
}
