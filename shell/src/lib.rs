//! The desktop: windows, chrome, HUD and command line.

pub mod link;
pub mod model;
pub mod paint;
pub mod strings;
pub mod surface;
pub mod window;
