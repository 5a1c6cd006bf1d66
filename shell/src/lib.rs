//! The desktop: windows, chrome, HUD and command line.

pub mod link;
pub mod paint;
pub mod surface;
pub mod window;
