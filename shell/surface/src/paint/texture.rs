//! Textures as egui hands them over.

use egui::epaint::textures::{TextureFilter, TextureOptions, TextureWrapMode};
use egui::epaint::{ColorImage, ImageData, ImageDelta};

/// A texture: premultiplied `0xAARRGGBB` texels, and how it is looked up.
pub(super) struct Texture {
    width: usize,
    height: usize,
    texels: Vec<u32>,
    options: TextureOptions,
}

impl Texture {
    pub(super) fn new(change: &ImageDelta) -> Self {
        let ImageData::Color(image) = &change.image;
        let [width, height] = image.size;
        let mut texels: Vec<u32> = texels(image).collect();
        texels.resize(width * height, 0);
        Self {
            width,
            height,
            texels,
            options: change.options,
        }
    }

    /// Replaces the part at `at`; what lies outside is dropped.
    pub(super) fn patch(&mut self, [left, top]: [usize; 2], change: &ImageDelta) {
        let ImageData::Color(image) = &change.image;
        let left = left.min(self.width);
        let width = image.size[0].min(self.width - left);
        let new: Vec<u32> = texels(image).collect();
        let rows = self.texels.chunks_mut(self.width.max(1)).skip(top);
        for (row, new) in rows.zip(new.chunks(image.size[0].max(1))) {
            row[left..left + width].copy_from_slice(&new[..width]);
        }
        self.options = change.options;
    }

    pub(super) fn size(&self) -> (f32, f32) {
        (self.width as f32, self.height as f32)
    }

    /// Whether texels are blended with their neighbours.
    pub(super) fn is_smooth(&self) -> bool {
        self.options.magnification == TextureFilter::Linear
    }

    /// A run of a row, if all of it is inside.
    pub(super) fn run(&self, x: i64, y: i64, length: usize) -> Option<&[u32]> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        if y >= self.height || x.checked_add(length)? > self.width {
            return None;
        }
        self.texels.get(y * self.width + x..)?.get(..length)
    }

    /// The colour at a place in texels: alpha, red, green, blue, 0 to 255.
    #[inline]
    pub(super) fn sample(&self, u: f32, v: f32) -> [f32; 4] {
        if !self.is_smooth() {
            return channels(self.texel(u.floor() as i64, v.floor() as i64));
        }
        let (u, v) = (u - 0.5, v - 0.5);
        let (left, top) = (u.floor(), v.floor());
        let (across, down) = (u - left, v - top);
        let (x, y) = (left as i64, top as i64);
        let corners = [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)].map(|(x, y)| self.texel(x, y));
        if corners == [corners[0]; 4] {
            return channels(corners[0]);
        }
        let [a, b, c, d] = corners.map(channels);
        std::array::from_fn(|i| {
            let (upper, lower) = (a[i] + (b[i] - a[i]) * across, c[i] + (d[i] - c[i]) * across);
            upper + (lower - upper) * down
        })
    }

    #[inline]
    fn texel(&self, x: i64, y: i64) -> u32 {
        let place = self.wrap(y, self.height) * self.width + self.wrap(x, self.width);
        self.texels.get(place).copied().unwrap_or(0)
    }

    #[inline]
    fn wrap(&self, at: i64, size: usize) -> usize {
        let size = (size as i64).max(1);
        let inside = match self.options.wrap_mode {
            TextureWrapMode::ClampToEdge => at.clamp(0, size - 1),
            TextureWrapMode::Repeat => at.rem_euclid(size),
            TextureWrapMode::MirroredRepeat => {
                let phase = at.rem_euclid(2 * size);
                phase.min(2 * size - 1 - phase)
            }
        };
        inside as usize
    }
}

fn texels(image: &ColorImage) -> impl Iterator<Item = u32> {
    image.pixels.iter().map(|colour| pixel(colour.to_array()))
}

/// Packs red, green, blue, alpha.
pub(super) fn pixel([red, green, blue, alpha]: [u8; 4]) -> u32 {
    u32::from_be_bytes([alpha, red, green, blue])
}

/// Alpha, red, green, blue.
#[inline]
pub(super) fn channels(pixel: u32) -> [f32; 4] {
    pixel.to_be_bytes().map(f32::from)
}
