//! The machine's devices and services: what stands behind the traits of `portico-portals`. One library a file, each behind a
//! feature of its own.

#![deny(clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

#[cfg(feature = "clipboard")]
mod clipboard;
#[cfg(all(feature = "notifications", unix, not(target_vendor = "apple")))]
mod notifications;

#[cfg(feature = "clipboard")]
pub use clipboard::SystemClipboard;
#[cfg(all(feature = "notifications", unix, not(target_vendor = "apple")))]
pub use notifications::{Clicked, DesktopNotifications};
