//! The desktop: windows, chrome, HUD and command line.

#![deny(clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

pub mod app;
pub mod backend;
mod background;
pub mod broker;
pub mod chrome;
pub mod cli;
mod clipboard;
pub mod desktop;
pub mod engine;
mod environment;
mod executable;
mod folders;
pub mod grants;
pub mod icon_decoder;
pub mod icons;
pub mod library;
pub mod logs;
mod output;
pub mod pages;
pub mod report;
pub mod run_ext;
pub mod script;
pub mod source;
pub mod state;
pub mod strings;
mod whole;
pub mod window;
pub mod worker;
