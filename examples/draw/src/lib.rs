//! Shapes and text with smooth edges, drawn into a program's picture.

#[cfg(feature = "inter")]
mod face;

#[cfg(feature = "inter")]
pub use face::{Dots, Face, Type};

#[cfg(feature = "dots")]
pub use face::dots;

use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};
use portico_sdk::frame::rgb;

/// A colour, as [`rgb`] makes it.
pub type Colour = u32;

/// A rectangle in pixels: left, top, right (beyond), bottom (beyond).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub left: i32,
    /// Top edge.
    pub top: i32,
    /// Right edge, the first column that is not part of it.
    pub right: i32,
    /// Bottom edge, the first row that is not part of it.
    pub bottom: i32,
}

impl Area {
    /// From its corner and its size.
    pub fn new(left: i32, top: i32, width: i32, height: i32) -> Self {
        Self {
            left,
            top,
            right: left + width,
            bottom: top + height,
        }
    }

    /// Width in pixels.
    pub fn width(&self) -> i32 {
        self.right - self.left
    }

    /// Height in pixels.
    pub fn height(&self) -> i32 {
        self.bottom - self.top
    }

    /// Whether a point lies in it.
    pub fn contains(&self, x: f32, y: f32) -> bool {
        x >= self.left as f32 && x < self.right as f32 && y >= self.top as f32 && y < self.bottom as f32
    }

    /// Smaller (or, with a negative number, larger) by that much on every side.
    pub fn inset(&self, by: i32) -> Self {
        Self {
            left: self.left + by,
            top: self.top + by,
            right: self.right - by,
            bottom: self.bottom - by,
        }
    }

    /// What it has in common with another.
    pub fn intersect(&self, other: Self) -> Self {
        let left = self.left.max(other.left);
        let top = self.top.max(other.top);
        Self {
            left,
            top,
            right: self.right.min(other.right).max(left),
            bottom: self.bottom.min(other.bottom).max(top),
        }
    }

    /// The smallest that holds both; empty ones do not count.
    pub fn union(&self, other: Self) -> Self {
        if self.width() <= 0 || self.height() <= 0 {
            return other;
        }
        if other.width() <= 0 || other.height() <= 0 {
            return *self;
        }
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// A colour over another, `cover` of 255 of it.
pub fn blend(under: Colour, over: Colour, cover: u32) -> Colour {
    let channel = |shift: u32| {
        let (under, over) = ((under >> shift) & 0xFF, (over >> shift) & 0xFF);
        ((under * (255 - cover) + over * cover + 127) / 255) << shift
    };
    channel(0) | channel(8) | channel(16) | 0xFF00_0000
}

/// Whether dark text reads better on a colour than light text.
pub fn is_light(colour: Colour) -> bool {
    let channel = |shift: u32| (colour >> shift) & 0xFF;
    299 * channel(0) + 587 * channel(8) + 114 * channel(16) > 150_000
}

/// Black or white, whichever reads better on a colour.
pub fn ink_on(colour: Colour) -> Colour {
    if is_light(colour) {
        rgb(24, 26, 30)
    } else {
        rgb(250, 250, 252)
    }
}

/// A picture to draw into. What lies outside of it is left out.
pub struct Canvas<'a> {
    pixels: &'a mut [Colour],
    width: i32,
    height: i32,
}

impl<'a> Canvas<'a> {
    /// Wraps pixels, rows top down.
    pub fn new(pixels: &'a mut [Colour], width: u32, height: u32) -> Self {
        Self {
            pixels,
            width: width as i32,
            height: height as i32,
        }
    }

    /// All of it.
    pub fn area(&self) -> Area {
        Area::new(0, 0, self.width, self.height)
    }

    fn row(&mut self, y: i32, left: i32, right: i32) -> &mut [Colour] {
        let start = (y * self.width) as usize;
        &mut self.pixels[start + left as usize..start + right as usize]
    }

    /// Fills a rectangle.
    pub fn fill(&mut self, area: Area, colour: Colour) {
        let area = area.intersect(self.area());
        for y in area.top..area.bottom {
            self.row(y, area.left, area.right).fill(colour);
        }
    }

    /// Fills a shape given by how far a point is inside it, in pixels.
    fn shape(&mut self, bounds: Area, colour: Colour, inside: impl Fn(f32, f32) -> f32) {
        let bounds = bounds.intersect(self.area());
        for y in bounds.top..bounds.bottom {
            let left = bounds.left;
            for (index, pixel) in self.row(y, left, bounds.right).iter_mut().enumerate() {
                let depth = inside(left as f32 + index as f32 + 0.5, y as f32 + 0.5) + 0.5;
                if depth >= 1.0 {
                    *pixel = colour;
                } else if depth > 0.0 {
                    *pixel = blend(*pixel, colour, (depth * 255.0) as u32);
                }
            }
        }
    }

    /// Fills a rectangle with round corners.
    pub fn rounded(&mut self, area: Area, radius: f32, colour: Colour) {
        let radius = radius.min(area.width() as f32 / 2.0).min(area.height() as f32 / 2.0);
        let (x0, y0) = (area.left as f32 + radius, area.top as f32 + radius);
        let (x1, y1) = (area.right as f32 - radius, area.bottom as f32 - radius);
        self.shape(area, colour, |x, y| {
            let (dx, dy) = ((x0 - x).max(x - x1).max(0.0), (y0 - y).max(y - y1).max(0.0));
            radius - (dx * dx + dy * dy).sqrt()
        });
    }

    /// Fills a disc.
    pub fn disc(&mut self, x: f32, y: f32, radius: f32, colour: Colour) {
        self.capsule((x, y), (x, y), radius, colour);
    }

    /// Draws a circle as a line of that thickness.
    pub fn ring(&mut self, x: f32, y: f32, radius: f32, thickness: f32, colour: Colour) {
        let reach = (radius + thickness).ceil() as i32 + 1;
        let bounds = Area::new(x as i32 - reach, y as i32 - reach, 2 * reach, 2 * reach);
        self.shape(bounds, colour, |px, py| {
            thickness / 2.0 - ((px - x).hypot(py - y) - radius).abs()
        });
    }

    /// Draws a line with round ends.
    pub fn capsule(&mut self, from: (f32, f32), to: (f32, f32), radius: f32, colour: Colour) {
        let reach = radius.ceil() + 1.0;
        let bounds = Area {
            left: (from.0.min(to.0) - reach).floor() as i32,
            top: (from.1.min(to.1) - reach).floor() as i32,
            right: (from.0.max(to.0) + reach).ceil() as i32,
            bottom: (from.1.max(to.1) + reach).ceil() as i32,
        };
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = (dx * dx + dy * dy).max(f32::MIN_POSITIVE);
        self.shape(bounds, colour, |x, y| {
            let along = (((x - from.0) * dx + (y - from.1) * dy) / length).clamp(0.0, 1.0);
            radius - (x - from.0 - along * dx).hypot(y - from.1 - along * dy)
        });
    }

    /// Writes a line of text with its top left corner at a point, and says how wide it is.
    pub fn text(&mut self, x: i32, y: i32, font: Font, text: &str, colour: Colour) -> i32 {
        let mut left = x;
        for letter in text.chars() {
            let raster =
                get_raster(letter, font.weight, font.height).or_else(|| get_raster('?', font.weight, font.height));
            if let Some(raster) = raster {
                for (dy, row) in raster.rows().enumerate() {
                    for (dx, cover) in row.iter().enumerate() {
                        self.dot(left + dx as i32, y + dy as i32, colour, u32::from(*cover));
                    }
                }
            }
            left += font.advance();
        }
        left - x
    }

    fn dot(&mut self, x: i32, y: i32, colour: Colour, cover: u32) {
        if cover > 0 && x >= 0 && x < self.width && y >= 0 && y < self.height {
            let pixel = &mut self.pixels[(y * self.width + x) as usize];
            *pixel = blend(*pixel, colour, cover);
        }
    }
}

/// A size and a weight of letters, all of the same width.
#[derive(Clone, Copy, Debug)]
pub struct Font {
    height: RasterHeight,
    weight: FontWeight,
}

impl Font {
    /// The largest that is not higher than that many pixels, or the smallest there is.
    pub fn regular(pixels: f32) -> Self {
        Self {
            height: fitting(pixels),
            weight: FontWeight::Regular,
        }
    }

    /// The same in bold.
    pub fn bold(pixels: f32) -> Self {
        Self {
            height: fitting(pixels),
            weight: FontWeight::Bold,
        }
    }

    /// Height of a line in pixels.
    pub fn height(&self) -> i32 {
        self.height.val() as i32
    }

    /// Width of a letter in pixels.
    pub fn advance(&self) -> i32 {
        get_raster_width(self.weight, self.height) as i32
    }
}

fn fitting(pixels: f32) -> RasterHeight {
    match pixels {
        32.0.. => RasterHeight::Size32,
        24.0.. => RasterHeight::Size24,
        20.0.. => RasterHeight::Size20,
        _ => RasterHeight::Size16,
    }
}
