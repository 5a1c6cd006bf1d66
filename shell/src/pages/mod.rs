//! Built-in pages, drawn below the same toolbar as a program's picture.
//!
//! A page is laid out with egui's widgets, so that the keyboard and assistive technology reach all of it. It is drawn when
//! something has changed ([`crate::window::ShellWindow::redraw`]) or when it has asked egui for that, and else not at all.

mod home;
pub mod log;
pub mod settings;
pub mod tasks;
mod widgets;

pub use home::Home;
pub use log::Log;
pub use settings::Settings;
pub use tasks::Tasks;
pub use widgets::UNDO;

use crate::chrome::controls::Canvas;
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
