//! The log of everything: what programs print, and what the shell has to say of itself.
//!
//! Lines go into chunks of some thousands. The newest chunks stay in memory, older ones lie in files without a name, so that
//! a log of ten million lines needs no more memory than one of a hundred thousand; the oldest go when there are too many. Any
//! line is read by its place with two short reads. A [`Search`] looks for lines on a thread of its own.

mod book;
mod chunk;
mod filter;
mod search;
mod shell;
mod terminal;

pub use book::{Book, Bounds, Source, SourceId};
pub use chunk::Line;
pub use filter::Filter;
pub use search::Search;
pub use shell::ShellLog;
pub use terminal::{Aside, Terminal, write_aside};

use crate::folders::folders;
use std::sync::LazyLock;

/// The log of this shell.
static BOOK: LazyLock<Book> = LazyLock::new(|| {
    let directories = folders();
    Book::new(
        Bounds::default(),
        directories.map(|directories| directories.cache_dir().join("log")),
    )
});

/// The log of this shell.
pub fn book() -> &'static Book {
    &BOOK
}

#[cfg(test)]
mod tests;
