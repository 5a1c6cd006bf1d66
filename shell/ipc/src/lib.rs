//! The shell's socket: how `portico run` and `portico msg` talk to the shell that runs already.
//!
//! A local socket (a named pipe on Windows) that only its user can open, JSON lines in both directions. The first shell
//! of a display takes the endpoint and listens ([`join`]); later ones are its clients. Which of two that start at once becomes
//! the shell is settled by a lock that lives as long as its holder, so a shell that crashed leaves nothing in the way.
//!
//! No client waits for a shell that is stopped or hangs: one that runs says at once that a request has arrived, and carries out
//! nothing of clients that have given up, but for news of what they have done by themselves.
//!
//! The server limits the number of clients, the length of a line and the requests under way, and never waits for a client on the
//! shell's other threads.

#![deny(clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod client;
pub mod display;
mod endpoint;
#[cfg(unix)]
mod environment;
#[cfg(unix)]
mod local;
mod message;
pub mod path;
mod server;

pub use client::{Client, notify_all};
pub use endpoint::{Endpoint, Listener, Role, join};
pub use message::{ActionInfo, Activation, Keystroke, Payload, ProgramState, Request, Response, Run, WindowInfo};
pub use server::{Handler, LogLines, Reply, Server, serve};

use display::NoDisplay;
use std::path::PathBuf;

/// Longest line that the server takes, in bytes: room for a long command line.
pub const LONGEST_LINE: usize = 1 << 20;

/// Most bytes that may follow the line of a request: several times those of the largest programs that are known.
pub const LARGEST_PAYLOAD: u64 = 256 << 20;

/// Clients that the server talks to at once. Each program that a client started counts while it runs.
pub const MOST_CLIENTS: usize = 256;

/// Why IPC has failed.
#[derive(Debug, thiserror::Error)]
pub enum IpcError {
    /// No shell listens.
    #[error("no shell is running on this display; start one with `portico run FILE`")]
    NoShell,
    /// The directory of the socket is not safe.
    #[error("{} can't hold the shell's socket: {why}", .path.display())]
    Unsafe {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The process that listens belongs to another user.
    #[error("the socket belongs to another user")]
    Stranger,
    /// Another shell holds the lock and does not listen.
    #[error("another shell is starting or ending and did not answer in time; try again, or use --own-process")]
    Busy,
    /// The shell has not acknowledged a request.
    #[error("the running shell{} does not answer", of(*process))]
    Silent {
        /// Its process, where the system tells.
        process: Option<u32>,
    },
    /// The shell does not accept connections, and its queue is full.
    #[error("the running shell does not answer, and more clients wait for it than can")]
    Full,
    /// The shell went away.
    #[error("the shell went away")]
    Gone,
    /// The shell has refused.
    #[error("{0}")]
    Refused(String),
    /// There is no display, so no shell of one.
    #[error(transparent)]
    NoDisplay(#[from] NoDisplay),
    /// What came was not a response.
    #[error("the shell said something that was not understood: {0}")]
    Garbage(String),
    /// The system refused.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: std::io::Error,
    },
}

/// A process in brackets, where it is known.
fn of(process: Option<u32>) -> String {
    process
        .map(|process| format!(" (process {process})"))
        .unwrap_or_default()
}

impl IpcError {
    fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io {
            what: what.into(),
            source,
        }
    }
}
