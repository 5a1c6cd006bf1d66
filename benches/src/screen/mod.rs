//! Windows on a private screen, Portico's and the native program's: how fast they come, answer, and draw, and what they cost.

mod app;
pub(crate) mod frames;
pub(crate) mod keys;
pub(crate) mod launch;
pub(crate) mod many;
pub(crate) mod memory;
mod stage;
