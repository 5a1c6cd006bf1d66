//! A bitmap of chrome that lies over the program's frame.

use super::Rect;

/// A painted bitmap at its place in the window. It never changes: a new picture is a new layer.
#[derive(Clone, Debug)]
pub struct Layer {
    rect: Rect,
    pixels: Vec<u32>,
    opaque: bool,
}

impl Layer {
    /// A layer of `rect.width * rect.height` pixels, rows top down, each `0xAARRGGBB` with colours multiplied by alpha.
    /// Pixels that are missing are transparent, surplus ones are dropped.
    pub fn new(rect: Rect, mut pixels: Vec<u32>) -> Self {
        pixels.resize(usize::try_from(rect.pixels()).unwrap_or(usize::MAX), 0);
        let opaque = pixels.iter().all(|pixel| pixel >> 24 == 0xFF);
        Self { rect, pixels, opaque }
    }

    /// One colour (straight, not multiplied by alpha) all over `rect`.
    pub fn filled(rect: Rect, [red, green, blue]: [u8; 3], alpha: u8) -> Self {
        let times = |value: u8| (u32::from(value) * u32::from(alpha) + 127) / 255;
        let pixel = u32::from(alpha) << 24 | times(red) << 16 | times(green) << 8 | times(blue);
        Self::new(rect, vec![pixel; usize::try_from(rect.pixels()).unwrap_or(0)])
    }

    /// Where it lies in the window, in physical pixels; it may reach over the window's edge.
    pub fn rect(&self) -> Rect {
        self.rect
    }

    /// Its pixels, rows top down, `0xAARRGGBB`, colours multiplied by alpha.
    pub fn pixels(&self) -> &[u32] {
        &self.pixels
    }

    /// Whether nothing shows through.
    pub fn is_opaque(&self) -> bool {
        self.opaque
    }
}
