//! The desktop: windows, chrome, HUD and command line.

pub mod surface;
pub mod window;
