//! A picture of the screen.

use std::path::Path;

/// Pixels of the whole screen, or of a file: RGB, 8 bits, rows top down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// From rows of pixels; `None` if there are not as many as the size says.
    pub fn new(width: u32, height: u32, pixels: Vec<[u8; 3]>) -> Option<Self> {
        (pixels.len() as u64 == u64::from(width) * u64::from(height)).then_some(Self { width, height, pixels })
    }

    /// From a PNG.
    ///
    /// # Errors
    /// It is none.
    pub fn decode(bytes: &[u8]) -> anyhow::Result<Self> {
        let image = image::load_from_memory_with_format(bytes, image::ImageFormat::Png)?.to_rgb8();
        let pixels = image.pixels().map(|pixel| pixel.0).collect();
        Ok(Self {
            width: image.width(),
            height: image.height(),
            pixels,
        })
    }

    /// The colour there; `None` beyond the edges.
    pub fn at(&self, x: i32, y: i32) -> Option<[u8; 3]> {
        let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
        (x < self.width && y < self.height).then(|| self.pixels[(y * self.width + x) as usize])
    }

    /// How many pixels of a rectangle have that colour.
    pub fn count(&self, (x, y, width, height): (i32, i32, i32, i32), rgb: [u8; 3]) -> usize {
        (y..y + height)
            .flat_map(|y| (x..x + width).map(move |x| (x, y)))
            .filter(|(x, y)| self.at(*x, *y) == Some(rgb))
            .count()
    }

    /// How many different colours a rectangle has: 1 where nothing is drawn.
    pub fn colours(&self, (x, y, width, height): (i32, i32, i32, i32)) -> usize {
        let mut seen: Vec<[u8; 3]> = (y..y + height)
            .flat_map(|y| (x..x + width).filter_map(move |x| self.at(x, y)))
            .collect();
        seen.sort_unstable();
        seen.dedup();
        seen.len()
    }

    /// Writes a PNG.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn save(&self, path: &Path) -> anyhow::Result<()> {
        image::save_buffer(
            path,
            self.pixels.as_flattened(),
            self.width,
            self.height,
            image::ColorType::Rgb8,
        )?;
        Ok(())
    }
}
