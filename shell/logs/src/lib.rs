//! The log of all programs and of the shell.
//!
//! Lines go into chunks of some thousands. The newest chunks stay in memory, older ones lie in files without a name, so that
//! a log of ten million lines needs no more memory than one of a hundred thousand; the oldest go when there are too many. Any
//! line is read by its place with two short reads. A [`Search`] looks for lines on a thread of its own.

#![deny(clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod chunk;
mod filter;
mod log_store;
mod search;
mod shell;
mod terminal;

pub use chunk::Line;
pub use filter::Filter;
pub use log_store::{Bounds, LogStore, Source, SourceId};
pub use search::Search;
pub use shell::ShellLog;
pub use terminal::{Terminal, TerminalWriter, write_on_thread};

#[cfg(test)]
mod tests;
