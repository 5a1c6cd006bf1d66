//! The desktop: windows, chrome, HUD and command line.

pub mod app;
pub mod chrome;
pub mod cli;
mod clipboard;
pub mod desktop;
pub mod engine;
pub mod exchange;
pub mod fold;
mod folders;
pub mod grants;
pub mod headless;
pub mod library;
pub mod link;
pub mod logs;
pub mod model;
pub mod pages;
pub mod paint;
pub mod preferences;
pub mod report;
pub mod script;
pub mod state;
pub mod strings;
pub mod surface;
pub mod window;
