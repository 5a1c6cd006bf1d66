//! What a window shows, put together from the bottom up: the background, the program's last frame in the framebuffer area,
//! and the chrome's layers. A [`Surface`] composes only what has changed; two routes give the same picture.

#![deny(clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod blit;
mod canvas;
mod connection;
mod cpu;
mod gpu;
mod layer;
mod memory;
mod open;
mod paint;
mod placement;
mod rect;

pub(crate) use blit::over;
pub use gpu::{Gpu, GpuSurface};
pub use layer::Layer;
pub use memory::MemorySurface;
pub use open::{Route, Surfaces, Visual};
pub use paint::Painter;
pub use placement::Placement;
pub use portico_portals::Frame;
pub use rect::Rect;

use std::sync::Arc;

/// A window's picture. Its methods may be called from any thread, one at a time; none waits for another window.
///
/// Nothing reaches the screen before [`Surface::present`].
pub trait Surface: Send {
    /// Gives the window a new size in physical pixels. The last frame stays, scaled into the area that is set next.
    ///
    /// # Errors
    /// [`SurfaceError`] when the picture could not be saved across the change or the new size is not to be had.
    fn resize(&mut self, width: u32, height: u32) -> Result<(), SurfaceError>;

    /// Sets the framebuffer area, in window pixels: what is below the toolbar, or all in full screen.
    ///
    /// # Errors
    /// As [`Surface::resize`].
    fn set_area(&mut self, area: Rect) -> Result<(), SurfaceError>;

    /// Sets the colour behind everything (red, green, blue): it shows as letterbox bars, and before the first frame.
    fn set_background(&mut self, colour: [u8; 3]);

    /// Takes a frame straight from program memory: its pixels are read before this returns.
    ///
    /// # Errors
    /// [`SurfaceError`] when the window's memory or device is gone.
    fn frame(&mut self, frame: &Frame<'_>) -> Result<(), SurfaceError>;

    /// Where the last frame lies; `None` before the first.
    fn placement(&self) -> Option<Placement>;

    /// Replaces the chrome's layers, listed from the bottom. A layer that was there before (the same `Arc`, at the same place
    /// in the order of those that stay) costs nothing.
    ///
    /// # Errors
    /// As [`Surface::resize`].
    fn set_layers(&mut self, layers: &[Arc<Layer>]) -> Result<(), SurfaceError>;

    /// Marks everything as changed, for a window system that has lost the picture.
    fn damage_all(&mut self);

    /// Puts what has changed on the screen. Says whether that was anything.
    ///
    /// # Errors
    /// [`SurfaceError::Lost`] when this route can't go on and another is to be tried.
    fn present(&mut self) -> Result<bool, SurfaceError>;

    /// The composed window, with changes that were not presented yet.
    ///
    /// # Errors
    /// [`SurfaceError`] when the picture can't be read.
    fn picture(&mut self) -> Result<Picture, SurfaceError>;
}

/// Why a surface failed.
#[derive(Debug, thiserror::Error)]
pub enum SurfaceError {
    /// The device or the window's memory is gone; a new surface is needed, on the CPU if this one was on the GPU.
    #[error("the window's surface was lost: {0}")]
    Lost(String),
    /// This machine has nothing that this route needs.
    #[error("no usable graphics: {0}")]
    Unavailable(String),
}

/// A picture for screenshots and tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width * height` pixels, rows top down: red, green, blue, alpha (always 255), 8 bits each, sRGB.
    pub rgba: Vec<u8>,
}

impl Picture {
    /// From window pixels (`0x__RRGGBB`).
    fn from_window(width: u32, height: u32, pixels: &[u32]) -> Self {
        let rgba = pixels
            .iter()
            .flat_map(|pixel| {
                let [_, red, green, blue] = pixel.to_be_bytes();
                [red, green, blue, 0xFF]
            })
            .collect();
        Self { width, height, rgba }
    }
}

#[cfg(test)]
mod tests;
