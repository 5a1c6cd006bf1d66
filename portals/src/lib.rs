//! What every command of the ABI does on this host: one file per portal, listed in one table.

mod window;

pub use window::{Action, Button, Chrome, CursorShape, Frame, Scale, Screen, Search, Shortcut, Shown, Tab};
