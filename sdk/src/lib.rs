//! Portico programs in Rust.
//!
//! A program is one future. What it asks of its host goes through channels, which are futures and streams here; everything
//! that its tasks post goes to the host in one call, when all of them wait. This one opens a window and draws:
//!
//! ```
//! use portico_sdk::frame::{Screen, rgb};
//!
//! portico_sdk::program!(async {
//!     let mut screen = Screen::new(640, 400);
//!     for time in 0_u32.. {
//!         for (y, row) in screen.rows().enumerate() {
//!             row.iter_mut().enumerate().for_each(|(x, pixel)| *pixel = rgb(x as u8, y as u8, time as u8));
//!         }
//!         screen.show().await?;
//!     }
//!     Ok::<_, portico_sdk::Error>(())
//! });
//! ```
//!
//! It is a library crate with `crate-type = ["cdylib"]`, built for `wasm32-unknown-unknown`. [`manifest!`] and [`icon!`] give
//! it a name and a face.
//!
//! What comes is taken in one of two ways, which can be mixed. `next().await` waits for one channel; [`spawn`] runs a task
//! beside others, each waiting for its own. Or one loop looks at all of them with `take()`, which never waits, and then
//! waits for the next frame, or, with [`anything`], for anything:
//!
//! ```
//! # use portico_sdk::{anything, frame::{Screen, rgb}, keys::{self, key}, window};
//! # async fn program() -> Result<(), portico_sdk::Error> {
//! let (mut screen, mut keys, mut window) = (Screen::new(320, 200), keys::open(), window::state());
//! screen.show().await?;
//! loop {
//!     let mut lit = false;
//!     while let Some(key) = keys.take() {
//!         lit |= key.is_down() && key.code == key::SPACE;
//!     }
//!     if window.take().is_some_and(|window| window.closing) {
//!         return Ok(());
//!     }
//!     if lit {
//!         screen.pixels().fill(rgb(255, 220, 0));
//!         screen.show().await?;
//!     } else {
//!         anything().await;
//!     }
//! }
//! # }
//! ```
//!
//! Dropping whatever was opened closes its channel. When the host closes one, the [`Error`] says why.

mod buffer;
mod channel;
mod error;
mod events;
mod host;
mod program;
mod runtime;
mod task;

pub mod arguments;
pub mod child;
pub mod clipboard;
pub mod clock;
pub mod console;
pub mod cpu;
pub mod cursor;
pub mod dropped;
pub mod frame;
pub mod hud;
pub mod keys;
pub mod launch;
pub mod log;
pub mod notification;
pub mod port;
pub mod random;
pub mod search;
pub mod system;
pub mod tabs;
pub mod text;
pub mod timer;
pub mod toolbar;
pub mod user;
pub mod window;

pub use channel::Watch;
pub use error::Error;
pub use events::Events;
pub use portico_abi::Code;
pub use program::run;
pub use task::{Outcome, anything, spawn};

#[cfg(test)]
mod tests;
