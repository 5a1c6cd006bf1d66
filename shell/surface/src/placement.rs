//! Where a program's frame lies in its window.

use super::Rect;
use portico_portals::Scale;

/// How a frame of a given size fills the framebuffer area of its window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// The whole scaled frame in window pixels. With [`Scale::None`] it may reach over `visible`.
    pub rect: Rect,
    /// The part of it that shows: `rect` within the framebuffer area.
    pub visible: Rect,
    /// Width and height of the frame itself, in frame pixels.
    pub frame: (u32, u32),
}

impl Placement {
    /// Places a frame of `width` × `height` pixels in `area` (window pixels).
    pub fn new(width: u32, height: u32, scale: Scale, area: Rect) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        let (x, y, w, h) = match scale {
            Scale::None => (0, 0, width, height),
            Scale::Stretch => (0, 0, area.width, area.height),
            Scale::Fit => centred(area, fit(width, height, area)),
            Scale::Multiple => match (area.width / width).min(area.height / height) {
                // Not even once: the whole picture, smaller, says more than a part of it.
                0 => centred(area, fit(width, height, area)),
                times => centred(area, (width * times, height * times)),
            },
        };
        let rect = Rect::new(
            area.x.saturating_add_unsigned(x),
            area.y.saturating_add_unsigned(y),
            w,
            h,
        );
        Self {
            rect,
            visible: rect.intersection(&area),
            frame: (width, height),
        }
    }

    /// The place in the frame, in frame pixels, of a place in the window, in window pixels; also beyond the frame's edges.
    pub fn map_to_frame(&self, x: f64, y: f64) -> (f64, f64) {
        let (across, down) = self.ratio();
        (
            (x - f64::from(self.rect.x)) / across,
            (y - f64::from(self.rect.y)) / down,
        )
    }

    /// The place in the window of a place in the frame: the inverse of [`Placement::map_to_frame`].
    pub fn map_to_window(&self, x: f64, y: f64) -> (f64, f64) {
        let (across, down) = self.ratio();
        (x * across + f64::from(self.rect.x), y * down + f64::from(self.rect.y))
    }

    /// Whether a frame pixel is a window pixel.
    pub fn is_exact(&self) -> bool {
        (self.rect.width, self.rect.height) == self.frame
    }

    /// Whether every frame pixel becomes the same whole number of window pixels, across and down.
    pub fn is_multiple(&self) -> bool {
        let (width, height) = self.frame;
        !self.rect.is_empty() && self.rect.width.is_multiple_of(width) && self.rect.height.is_multiple_of(height)
    }

    /// Window pixels a frame pixel, across and down. An empty area counts as one pixel, so that mapping stays finite.
    fn ratio(&self) -> (f64, f64) {
        let (width, height) = self.frame;
        (
            f64::from(self.rect.width.max(1)) / f64::from(width),
            f64::from(self.rect.height.max(1)) / f64::from(height),
        )
    }
}

/// The largest size of the same shape that fits into the area; no side is 0 unless the area's is.
fn fit(width: u32, height: u32, area: Rect) -> (u32, u32) {
    let scaled = |side: u32, by: u32, of: u32| {
        let rounded = (u64::from(side) * u64::from(by) + u64::from(of) / 2) / u64::from(of);
        u32::try_from(rounded).unwrap_or(u32::MAX).max(1)
    };
    if u64::from(area.width) * u64::from(height) <= u64::from(area.height) * u64::from(width) {
        (area.width, scaled(height, area.width, width).min(area.height))
    } else {
        (scaled(width, area.height, height).min(area.width), area.height)
    }
}

fn centred(area: Rect, (width, height): (u32, u32)) -> (u32, u32, u32, u32) {
    (
        area.width.saturating_sub(width) / 2,
        area.height.saturating_sub(height) / 2,
        width,
        height,
    )
}
