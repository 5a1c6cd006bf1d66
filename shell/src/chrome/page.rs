//! Pages of the chrome in place of a program.

use super::controls::Canvas;
use crate::state::Size;
use egui::Rect;

/// A built-in page.
pub trait Page {
    /// Initial size, in points.
    fn size(&self) -> Size {
        (840.0, 600.0)
    }

    /// Draws it over `place`. Commands to the shell go to the canvas's events. `keyboard` says whether what is
    /// typed goes to the page, rather than to an overlay.
    fn view(&mut self, canvas: &mut Canvas<'_>, place: Rect, keyboard: bool);
}
