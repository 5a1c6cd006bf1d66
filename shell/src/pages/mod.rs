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
