//! The pixels that `programs/card.wat` draws, and the first picture of the example plasma.

use crate::plasma;

/// A picture in the format of the window's buffer: 0, red, green, blue from the highest byte.
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) pixels: Vec<u32>,
    marked: bool,
    frame: u32,
}

impl Picture {
    /// The card, as its first frame.
    pub(crate) fn card(width: u32, height: u32) -> Self {
        let pixels = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x >> 2 & 255) << 16 | (y >> 2 & 255) << 8 | 0x80))
            .collect();
        let mut card = Self {
            width,
            height,
            pixels,
            marked: false,
            frame: 0,
        };
        card.next_frame();
        card
    }

    /// The plasma, as its first frame.
    pub(crate) fn plasma() -> Self {
        let (width, height) = (plasma::WIDTH, plasma::HEIGHT);
        Self {
            width,
            height,
            pixels: plasma::first_frame(),
            marked: false,
            frame: 0,
        }
    }

    /// What a key press does; the next frame shows it.
    pub(crate) fn flip(&mut self) {
        self.marked = !self.marked;
    }

    /// Draws the mark and the counter.
    pub(crate) fn next_frame(&mut self) {
        self.frame = self.frame.wrapping_add(1);
        let mark = if self.marked { 0x00c0_4020 } else { 0x0020_40c0 };
        self.block(16, mark);
        // The program's lowest byte is red.
        let [red, green, blue, _] = self.frame.to_le_bytes();
        self.block(96, u32::from_be_bytes([0, red, green, blue]));
    }

    fn block(&mut self, x: usize, colour: u32) {
        for row in self.pixels.chunks_exact_mut(self.width as usize).skip(16).take(64) {
            if let Some(pixels) = row.get_mut(x..x + 64) {
                pixels.fill(colour);
            }
        }
    }
}
