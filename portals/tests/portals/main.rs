//! Every portal through the real kernel, as a program meets it.
#![allow(clippy::unwrap_used, reason = "tests")]

mod chrome;
mod clipboard;
mod frame;
mod input;
mod launch;
mod log;
mod notifications;
mod ports;
mod probe;
mod profile;
mod tasks;
mod texts;
mod time;
mod walk;
