//! The desktop: windows, chrome, HUD and command line.

pub mod paint;
pub mod surface;
pub mod window;
