//! Letters of every width, of the typeface that the shell's own text has.

use crate::{Area, Canvas, Colour};
use ab_glyph::{Font as _, FontRef, Glyph, GlyphId, PxScale, point};
use std::cell::RefCell;
use std::collections::HashMap;

static REGULAR: &[u8] = include_bytes!("../../../assets/fonts/Inter-Regular.otf");
static SEMIBOLD: &[u8] = include_bytes!("../../../assets/fonts/Inter-SemiBold.otf");

/// Places within a pixel at which a letter may begin.
const PLACES: f32 = 4.0;
/// Letters that are kept as pictures; then they are forgotten, all at once.
const MOST: usize = 4096;

/// A letter of 16 rows of dots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dots {
    /// Dots a row, at most 16.
    pub width: u32,
    /// The rows, from the top; the highest bit is at the left.
    pub rows: [u16; 16],
}

/// The dots of a letter of nearly every script.
#[cfg(feature = "dots")]
pub fn dots(letter: char) -> Option<Dots> {
    let glyph = unifont::get_glyph(letter)?;
    let mut dots = Dots {
        width: glyph.get_width() as u32,
        rows: [0; 16],
    };
    for (y, row) in dots.rows.iter_mut().enumerate() {
        *row = (0..dots.width as usize)
            .filter(|x| glyph.get_pixel(*x, y))
            .fold(0, |row, x| row | (0x8000 >> x));
    }
    Some(dots)
}

/// A typeface. Letters that were drawn once are kept as pictures.
pub struct Face {
    font: FontRef<'static>,
    fallback: fn(char) -> Option<Dots>,
    drawn: RefCell<HashMap<(GlyphId, u32, u8), Option<Picture>>>,
}

/// How much of each pixel a letter covers, of 255.
struct Picture {
    /// From where the letter begins, on its base line.
    left: i32,
    top: i32,
    width: usize,
    cover: Vec<u8>,
}

/// What one letter is drawn with.
enum Letter {
    Outline(GlyphId),
    Dots(Dots),
}

impl Face {
    /// Inter.
    pub fn regular() -> Self {
        Self::new(REGULAR)
    }

    /// Inter, semi-bold.
    pub fn bold() -> Self {
        Self::new(SEMIBOLD)
    }

    fn new(bytes: &'static [u8]) -> Self {
        let font = FontRef::try_from_slice(bytes).unwrap_or_else(|error| panic!("the font is broken: {error}"));
        Self {
            font,
            fallback: |_| None,
            drawn: RefCell::default(),
        }
    }

    /// Draws letters that the typeface does not have as these dots.
    #[must_use]
    pub fn with_fallback(self, fallback: fn(char) -> Option<Dots>) -> Self {
        Self { fallback, ..self }
    }

    /// The face at a size, the height of its em in pixels.
    pub fn size(&self, pixels: f32) -> Type<'_> {
        Type { face: self, pixels }
    }

    fn letter(&self, letter: char) -> Letter {
        let id = self.font.glyph_id(letter);
        if id.0 == 0
            && let Some(dots) = (self.fallback)(letter)
        {
            return Letter::Dots(dots);
        }
        Letter::Outline(id)
    }
}

/// A face at a size.
#[derive(Clone, Copy)]
pub struct Type<'a> {
    face: &'a Face,
    pixels: f32,
}

impl Type<'_> {
    fn units(&self) -> f32 {
        self.pixels / self.face.font.units_per_em().unwrap_or(1000.0)
    }

    /// From the base line up to where letters end, in pixels.
    pub fn ascent(&self) -> f32 {
        self.face.font.ascent_unscaled() * self.units()
    }

    /// Height of a capital letter in pixels.
    pub fn capitals(&self) -> f32 {
        // As the typeface has it: 1490 of 2048.
        0.7275 * self.pixels
    }

    /// From one line to the next in pixels.
    pub fn line(&self) -> f32 {
        (self.pixels * 1.45).round()
    }

    /// How far the next letter is, in pixels.
    pub fn advance(&self, letter: char) -> f32 {
        match self.face.letter(letter) {
            Letter::Outline(id) => self.face.font.h_advance_unscaled(id) * self.units(),
            Letter::Dots(dots) => dots.width as f32 * self.dot(),
        }
    }

    /// Width of a line of text in pixels.
    pub fn width(&self, text: &str) -> f32 {
        text.chars().map(|letter| self.advance(letter)).sum()
    }

    /// Side of a dot, 16 of which are a line.
    fn dot(&self) -> f32 {
        (self.pixels / 14.0).round().max(1.0)
    }

    /// Does something with the picture of a letter that begins at a place within a pixel.
    fn with(&self, id: GlyphId, place: u8, act: impl FnOnce(&Picture)) {
        let mut drawn = self.face.drawn.borrow_mut();
        if drawn.len() >= MOST {
            drawn.clear();
        }
        let picture = drawn.entry((id, self.pixels.to_bits(), place)).or_insert_with(|| {
            let height = self.face.font.height_unscaled() * self.units();
            let position = point(f32::from(place) / PLACES, 0.0);
            let outlined = self.face.font.outline_glyph(Glyph {
                id,
                scale: PxScale::from(height),
                position,
            })?;
            let bounds = outlined.px_bounds();
            let (width, rows) = (bounds.width() as usize, bounds.height() as usize);
            let mut cover = vec![0; width * rows];
            outlined.draw(|x, y, part| {
                if let Some(pixel) = cover.get_mut(y as usize * width + x as usize) {
                    *pixel = (part * 255.0).round() as u8;
                }
            });
            Some(Picture {
                left: bounds.min.x as i32,
                top: bounds.min.y as i32,
                width,
                cover,
            })
        });
        if let Some(picture) = picture {
            act(picture);
        }
    }
}

impl Canvas<'_> {
    /// Writes a line of text that begins at `x` on a base line, and says where it ends.
    pub fn write(&mut self, x: f32, base: i32, font: Type<'_>, text: &str, colour: Colour) -> f32 {
        let mut x = x;
        for letter in text.chars() {
            match font.face.letter(letter) {
                Letter::Outline(id) => {
                    let places = (x * PLACES).round() as i32;
                    let (left, place) = (places.div_euclid(PLACES as i32), places.rem_euclid(PLACES as i32) as u8);
                    font.with(id, place, |picture| {
                        for (index, row) in picture.cover.chunks(picture.width.max(1)).enumerate() {
                            for (column, cover) in row.iter().enumerate() {
                                let (dx, dy) = (picture.left + column as i32, picture.top + index as i32);
                                self.dot(left + dx, base + dy, colour, u32::from(*cover));
                            }
                        }
                    });
                }
                Letter::Dots(dots) => {
                    let dot = font.dot() as i32;
                    for (row, bits) in dots.rows.iter().enumerate() {
                        for column in (0..dots.width).filter(|column| bits & (0x8000 >> column) != 0) {
                            let left = x.round() as i32 + column as i32 * dot;
                            self.fill(Area::new(left, base + (row as i32 - 13) * dot, dot, dot), colour);
                        }
                    }
                }
            }
            x += font.advance(letter);
        }
        x
    }

    /// Writes a line of text with its middle at `x`.
    pub fn write_centred(&mut self, x: f32, base: i32, font: Type<'_>, text: &str, colour: Colour) {
        self.write(x - font.width(text) / 2.0, base, font, text, colour);
    }
}
