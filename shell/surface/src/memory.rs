//! A surface without a window: for runs without a window system, and for tests.

use super::canvas::Canvas;
use super::{Frame, Layer, Picture, Placement, Rect, Surface, SurfaceError};
use std::sync::Arc;

/// Composes into memory exactly as the CPU route does.
#[derive(Default)]
pub struct MemorySurface {
    canvas: Canvas,
    pixels: Vec<u32>,
}

impl MemorySurface {
    /// An empty surface; give it a size before anything else.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Surface for MemorySurface {
    fn resize(&mut self, width: u32, height: u32) -> Result<(), SurfaceError> {
        let window = Rect::new(0, 0, width, height);
        if window != self.canvas.window() {
            self.canvas.read_back(&self.pixels);
            self.canvas.set_size(width, height);
            self.pixels = vec![0; usize::try_from(window.pixels()).unwrap_or(usize::MAX)];
        }
        Ok(())
    }

    fn set_area(&mut self, area: Rect) -> Result<(), SurfaceError> {
        if area != self.canvas.area() {
            self.canvas.read_back(&self.pixels);
            self.canvas.set_area(area);
        }
        Ok(())
    }

    fn set_background(&mut self, colour: [u8; 3]) {
        self.canvas.set_background(colour);
    }

    fn frame(&mut self, frame: &Frame<'_>) -> Result<(), SurfaceError> {
        self.canvas.frame(frame, Some(&mut self.pixels));
        Ok(())
    }

    fn placement(&self) -> Option<Placement> {
        self.canvas.placement()
    }

    fn set_layers(&mut self, layers: &[Arc<Layer>]) -> Result<(), SurfaceError> {
        if self.canvas.would_cover(layers) {
            self.canvas.read_back(&self.pixels);
        }
        self.canvas.set_layers(layers);
        Ok(())
    }

    fn damage_all(&mut self) {
        self.canvas.damage_all();
    }

    fn present(&mut self) -> Result<bool, SurfaceError> {
        self.canvas.repaint(&mut self.pixels);
        Ok(!self.canvas.take_damage().rects().is_empty())
    }

    fn picture(&mut self) -> Result<Picture, SurfaceError> {
        self.canvas.repaint(&mut self.pixels);
        let window = self.canvas.window();
        Ok(Picture::from_window(window.width, window.height, &self.pixels))
    }
}
