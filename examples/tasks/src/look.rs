//! How the picture looks: colours of points, and the bar below them.

use draw::{Area, Canvas, Colour, Font, blend};
use portico_sdk::frame::rgb;

/// Colours along which a point's steps run, for dark and for light windows: one after another, and round.
const DARK: [(u8, u8, u8); 6] = [
    (8, 12, 46),
    (26, 70, 150),
    (90, 190, 220),
    (255, 245, 200),
    (255, 170, 50),
    (120, 24, 60),
];
const LIGHT: [(u8, u8, u8); 6] = [
    (246, 248, 252),
    (190, 214, 246),
    (110, 160, 226),
    (250, 208, 150),
    (244, 130, 110),
    (250, 226, 214),
];
/// Colours between two of them.
const BETWEEN: usize = 32;

/// Colours of points.
pub(crate) struct Palette {
    ring: Vec<Colour>,
    /// Of points that stay near for ever.
    inside: Colour,
    dark: bool,
}

impl Palette {
    /// For a dark or a light window.
    pub(crate) fn new(dark: bool) -> Self {
        let stops = if dark { DARK } else { LIGHT }.map(|(red, green, blue)| rgb(red, green, blue));
        let ring = (0..stops.len() * BETWEEN).map(|index| {
            let (stop, part) = (index / BETWEEN, index % BETWEEN);
            blend(
                stops[stop],
                stops[(stop + 1) % stops.len()],
                (part * 255 / BETWEEN) as u32,
            )
        });
        let inside = if dark { rgb(4, 5, 14) } else { rgb(38, 44, 72) };
        Self {
            ring: ring.collect(),
            inside,
            dark,
        }
    }

    /// The colour of a point: its steps of at most `most`, and how far away it was then.
    pub(crate) fn colour(&self, [steps, square]: [f32; 2], most: f32) -> Colour {
        if steps >= most {
            return self.inside;
        }
        // What is left of the last step makes the colours run smoothly.
        let smooth = steps + 1.0 - (square.max(257.0).ln() / (2.0 * 256_f32.sqrt().ln())).log2();
        // Far out, steps are few; deep in, they are many and close to each other.
        let along = smooth.max(0.0).sqrt() * 22.0;
        self.ring[along as usize % self.ring.len()]
    }

    /// What is where nothing has been computed.
    pub(crate) fn empty(&self) -> Colour {
        if self.dark { rgb(20, 22, 30) } else { rgb(236, 238, 243) }
    }
}

/// What the bar tells.
pub(crate) struct Status<'a> {
    /// Text.
    pub(crate) text: &'a str,
    /// How much is done, 0 to 1.
    pub(crate) progress: f32,
    /// Whether there is more to come.
    pub(crate) running: bool,
}

/// Draws the bar over the lower edge.
pub(crate) fn bar(canvas: &mut Canvas<'_>, scale: f32, dark: bool, status: &Status<'_>) {
    let px = |points: f32| (points * scale).round() as i32;
    let font = Font::regular(16.0 * scale);
    let (back, ink, track, lit) = if dark {
        (rgb(28, 30, 38), rgb(240, 241, 245), rgb(58, 62, 76), rgb(255, 179, 64))
    } else {
        (
            rgb(255, 255, 255),
            rgb(28, 30, 36),
            rgb(222, 225, 232),
            rgb(10, 96, 210),
        )
    };
    let all = canvas.area();
    let margin = px(12.0);
    let height = font.height() + px(26.0);
    let wide = (status.text.chars().count() as i32 * font.advance() + 2 * px(14.0)).max(px(200.0));
    let area = Area::new(
        margin,
        all.bottom - margin - height,
        wide.min(all.width() - 2 * margin),
        height,
    );
    canvas.rounded(area, 8.0 * scale, back);
    canvas.text(area.left + px(14.0), area.top + px(8.0), font, status.text, ink);
    let line = Area::new(
        area.left + px(14.0),
        area.bottom - px(11.0),
        area.width() - px(28.0),
        px(4.0).max(2),
    );
    canvas.rounded(line, 2.0 * scale, track);
    let done = Area {
        right: line.left + (line.width() as f32 * status.progress).round() as i32,
        ..line
    };
    if done.width() > 0 {
        canvas.rounded(
            done,
            2.0 * scale,
            if status.running { lit } else { blend(lit, track, 96) },
        );
    }
}
