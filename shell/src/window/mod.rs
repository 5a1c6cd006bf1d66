//! A window at the rim: winit's events in, the model's effects out, and the program's pictures straight through.

pub mod keys;
mod pacing;
mod presenter;

pub use pacing::{Clock, HIDDEN};
pub use presenter::{Door, Notice, Notify, Presenter};
