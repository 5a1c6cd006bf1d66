//! The message broker of native processes: DarqOS's protocol, with none of its faults.
//!
//! Processes connect over TCP or a Unix socket (on Windows a named pipe), open ports, and send messages and streams from port to port. [`server`] is
//! the broker, [`client`] what talks to it, [`wire`] the frames. It knows nothing of windows and programs.

#![deny(clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

pub mod client;
pub mod server;
pub mod wire;

mod address;
mod object;
#[cfg(windows)]
mod pipe;
mod service;
mod socket;

pub use object::{NotAnId, ObjectId, is_type};
pub use service::{Each, Restart, Service, ServiceError};
pub use socket::Socket;
