//! How the clock looks.

use crate::time::{self, Countdown};
use crate::words::Words;
use draw::{Area, Canvas, Colour, Face, blend};
use portico_sdk::clock::{DateTime, TimeZone};
use portico_sdk::frame::rgb;
use std::f32::consts::TAU;

/// Minutes that the timer can be set to with a click.
pub(crate) const PRESETS: [u32; 4] = [1, 5, 10, 25];

/// What is shown.
pub(crate) struct Shown<'a> {
    pub(crate) words: &'a Words,
    pub(crate) utc: Option<&'a DateTime>,
    pub(crate) zone: Option<&'a TimeZone>,
    pub(crate) twelve: bool,
    pub(crate) countdown: &'a Countdown,
}

/// The typefaces.
pub(crate) struct Faces {
    regular: Face,
    bold: Face,
}

impl Faces {
    pub(crate) fn new() -> Self {
        Self {
            regular: Face::regular(),
            bold: Face::bold(),
        }
    }
}

/// The colours of a dark or a light window.
struct Colours {
    back: Colour,
    card: Colour,
    ink: Colour,
    faint: Colour,
    track: Colour,
    accent: Colour,
    on_accent: Colour,
    alarm: Colour,
}

impl Colours {
    fn new(dark: bool) -> Self {
        if dark {
            Self {
                back: rgb(22, 24, 29),
                card: rgb(33, 36, 43),
                ink: rgb(240, 241, 245),
                faint: rgb(160, 166, 180),
                track: rgb(58, 62, 73),
                accent: rgb(94, 170, 255),
                on_accent: rgb(12, 20, 34),
                alarm: rgb(255, 107, 94),
            }
        } else {
            Self {
                back: rgb(243, 244, 247),
                card: rgb(255, 255, 255),
                ink: rgb(28, 30, 36),
                faint: rgb(91, 97, 112),
                track: rgb(222, 225, 232),
                accent: rgb(10, 96, 210),
                on_accent: rgb(255, 255, 255),
                alarm: rgb(205, 43, 49),
            }
        }
    }
}

/// Draws everything; gives where each preset can be clicked.
pub(crate) fn draw(
    canvas: &mut Canvas<'_>,
    faces: &Faces,
    scale: f32,
    dark: bool,
    shown: &Shown<'_>,
) -> [Area; PRESETS.len()] {
    let colours = Colours::new(dark);
    let all = canvas.area();
    canvas.fill(all, colours.back);
    let local = shown
        .utc
        .map(|utc| time::shifted(utc, shown.zone.map_or(0, |zone| zone.offset)));
    let margin = 32.0 * scale;
    let (width, height) = (all.width() as f32, all.height() as f32);
    let side = (height - 2.0 * margin).min(width * 0.46 - margin).min(520.0 * scale);
    // A narrow window has no room for the dial.
    let left = if width >= 560.0 * scale && side >= 120.0 * scale {
        let middle = (margin + side / 2.0, height / 2.0);
        dial(canvas, &colours, middle, side / 2.0, local.as_ref());
        margin + side + 40.0 * scale
    } else {
        margin
    };
    let column = Column {
        left,
        right: width - margin,
        scale,
        faces,
        colours: &colours,
    };
    column.draw(canvas, height, local.as_ref(), shown)
}

/// The face of the clock, with hands where the time is known.
fn dial(canvas: &mut Canvas<'_>, colours: &Colours, (x, y): (f32, f32), radius: f32, local: Option<&DateTime>) {
    canvas.disc(x, y, radius, colours.card);
    let at = |turn: f32, part: f32| {
        let (sin, cos) = (turn * TAU).sin_cos();
        (x + sin * part * radius, y - cos * part * radius)
    };
    for mark in 0..60 {
        let turn = mark as f32 / 60.0;
        let hour = mark % 5 == 0;
        let (from, thick, colour) = if hour {
            (0.84, 0.013, colours.ink)
        } else {
            (0.9, 0.006, colours.faint)
        };
        canvas.capsule(at(turn, from), at(turn, 0.925), (thick * radius).max(0.6), colour);
    }
    let Some(local) = local else { return };
    let second = f32::from(local.second.min(59)) / 60.0;
    let minute = (f32::from(local.minute) + second) / 60.0;
    let hour = (f32::from(local.hour % 12) + minute) / 12.0;
    canvas.capsule(at(hour, -0.08), at(hour, 0.5), 0.034 * radius, colours.ink);
    canvas.capsule(at(minute, -0.08), at(minute, 0.76), 0.024 * radius, colours.ink);
    canvas.capsule(
        at(second, -0.16),
        at(second, 0.84),
        (0.011 * radius).max(0.8),
        colours.alarm,
    );
    canvas.disc(x, y, 0.05 * radius, colours.alarm);
    canvas.disc(x, y, 0.02 * radius, colours.card);
}

/// Figures are all of one width, so that they stay where they are while they change.
fn width_of(font: draw::Type<'_>, figure: char) -> f32 {
    font.advance(if figure.is_ascii_digit() { '0' } else { figure })
}

/// Writes figures, each in the middle of its place.
fn figures(canvas: &mut Canvas<'_>, x: f32, base: i32, font: draw::Type<'_>, text: &str, colour: Colour) {
    let mut x = x;
    for figure in text.chars() {
        let width = width_of(font, figure);
        canvas.write_centred(x + width / 2.0, base, font, figure.encode_utf8(&mut [0; 4]), colour);
        x += width;
    }
}

/// What stands beside the dial.
struct Column<'a> {
    left: f32,
    right: f32,
    scale: f32,
    faces: &'a Faces,
    colours: &'a Colours,
}

impl Column<'_> {
    fn draw(
        &self,
        canvas: &mut Canvas<'_>,
        height: f32,
        local: Option<&DateTime>,
        shown: &Shown<'_>,
    ) -> [Area; PRESETS.len()] {
        let (scale, colours) = (self.scale, self.colours);
        let px = |points: f32| points * scale;
        // Time, date, zone, and the timer below: 300 points in all.
        let top = ((height - px(300.0)) / 2.0).max(px(16.0));
        let text = |canvas: &mut Canvas<'_>, below: f32, size: f32, text: &str, colour| {
            let font = self.fitting(&self.faces.regular, text, px(size));
            canvas.write(self.left, (top + px(below)) as i32, font, text, colour);
        };
        match local {
            Some(local) => {
                let time = time::read(local, shown.twelve, true);
                let font = self.fitting(&self.faces.bold, "00:00:00 pm", px(64.0));
                figures(canvas, self.left, (top + px(56.0)) as i32, font, &time, colours.ink);
                text(canvas, 92.0, 20.0, &shown.words.date(local), colours.ink);
            }
            None => text(canvas, 56.0, 20.0, shown.words.shut, colours.ink),
        }
        if let Some(zone) = shown.zone {
            let name = if zone.designation.is_empty() {
                "UTC"
            } else {
                &zone.designation
            };
            let mut line = name.to_owned();
            if zone.offset != 0 {
                line = format!("{line} \u{b7} {}", time::offset(zone.offset));
            }
            if zone.daylight_saving {
                line = format!("{line} \u{b7} {}", shown.words.summer);
            }
            if let Some(utc) = shown.utc.filter(|_| zone.offset != 0) {
                line = format!("{line} \u{b7} {} UTC", time::read(utc, false, false));
            }
            text(canvas, 120.0, 15.0, &line, colours.faint);
        }
        self.timer(canvas, top + px(148.0), shown)
    }

    /// The face at that size, or smaller so that a text has room.
    fn fitting<'f>(&self, face: &'f Face, text: &str, pixels: f32) -> draw::Type<'f> {
        let room = (self.right - self.left).max(1.0);
        let wide = face.size(pixels).width(text);
        face.size(if wide > room {
            (pixels * room / wide).max(6.0)
        } else {
            pixels
        })
    }

    fn timer(&self, canvas: &mut Canvas<'_>, top: f32, shown: &Shown<'_>) -> [Area; PRESETS.len()] {
        let (scale, colours) = (self.scale, self.colours);
        let px = |points: f32| points * scale;
        let (left, width) = (self.left, (self.right - self.left).min(px(380.0)).max(1.0));
        let card = Area::new(left as i32, top as i32, width as i32, px(152.0) as i32);
        canvas.rounded(card, px(12.0), colours.card);
        let inner = (left + px(20.0), left + width - px(20.0));
        let countdown = shown.countdown;
        let (title, colour) = if countdown.is_up() {
            (shown.words.up, colours.alarm)
        } else {
            (shown.words.timer, colours.faint)
        };
        canvas.write(
            inner.0,
            (top + px(34.0)) as i32,
            self.faces.bold.size(px(15.0)),
            title,
            colour,
        );
        let left_text = countdown.read();
        let font = self.faces.bold.size(px(30.0));
        let ink = if countdown.is_up() { colours.alarm } else { colours.ink };
        let start = inner.1 - left_text.chars().map(|figure| width_of(font, figure)).sum::<f32>();
        figures(canvas, start, (top + px(42.0)) as i32, font, &left_text, ink);
        let line = Area::new(
            inner.0 as i32,
            (top + px(60.0)) as i32,
            (inner.1 - inner.0) as i32,
            px(6.0) as i32,
        );
        canvas.rounded(line, px(3.0), colours.track);
        if countdown.all > 0 {
            let part = 1.0 - countdown.left as f32 / countdown.all as f32;
            let right = line.left + (line.width() as f32 * part).round() as i32;
            let colour = if countdown.is_up() {
                colours.alarm
            } else if countdown.runs {
                colours.accent
            } else {
                blend(colours.accent, colours.track, 128)
            };
            if right > line.left {
                canvas.rounded(Area { right, ..line }, px(3.0), colour);
            }
        }
        let gap = px(8.0);
        let each = (inner.1 - inner.0 - gap * (PRESETS.len() - 1) as f32) / PRESETS.len() as f32;
        std::array::from_fn(|index| {
            let minutes = PRESETS[index];
            let left = inner.0 + index as f32 * (each + gap);
            let chip = Area::new(left as i32, (top + px(88.0)) as i32, each as i32, px(40.0) as i32);
            let chosen = countdown.all == minutes * 60 && !countdown.is_up();
            let (back, ink) = if chosen {
                (colours.accent, colours.on_accent)
            } else {
                (colours.track, colours.ink)
            };
            canvas.rounded(chip, px(8.0), back);
            let label = format!("{minutes} {}", shown.words.minutes);
            let font = self.faces.regular.size(px(15.0));
            let base = chip.top as f32 + (chip.height() as f32 + font.capitals()) / 2.0;
            canvas.write_centred(left + each / 2.0, base as i32, font, &label, ink);
            chip
        })
    }
}
