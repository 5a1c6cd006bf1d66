//! What every command of the ABI does on this host: one file per portal, listed in one table.

mod host;
mod log;
mod message;
mod window;

pub use host::Host;
pub use log::{Level, Log, LogBuffer, LogLine};
pub use portico_abi::{CursorKind, CursorShape, KeyState, Scale};
pub use window::{
    Action, Button, Chrome, Cursor, Frame, Key, Screen, Search, Shortcut, Shown, Tab, Window, WindowState,
};
