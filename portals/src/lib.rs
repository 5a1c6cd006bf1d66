//! What every command of the ABI does on this host: one file per portal, listed in one table.

#![deny(clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod arguments;
mod channels;
mod clipboard;
mod clock;
mod console;
mod cursor;
mod dropped;
mod environment;
mod events;
pub mod fakes;
mod feed;
mod frame;
mod host;
mod keys;
mod launch;
mod log;
mod menu;
mod notifications;
mod ports;
mod profile;
mod queue;
mod random;
mod reply;
mod search;
mod services;
mod state;
mod system;
mod table;
mod tabs;
mod tasks;
mod text;
mod toolbar;
mod unsupported;
mod why;
mod window;

pub use clipboard::{Clipboard, MemoryClipboard};
pub use clock::system_zone;
pub use host::{Facts, Host};
pub use launch::{Launched, Launcher};
pub use log::{Level, Log, LogBuffer, LogLine};
pub use notifications::{NoteId, Notification, Notifier, Outcome};
pub use portico_abi::{Code, CursorKind, CursorShape, KeyState, Language, Scale};
pub use ports::{Broker, Part, Port, PortEvent};
pub use profile::{LONGEST, Profile, ProfileStore, SetReply, UserInfo, UserInfoField, language, spoken_first};
pub use reply::Reply;
pub use services::Services;
pub use table::TABLE;
pub use window::{
    Action, Button, Chrome, Cursor, Frame, Key, Presented, Screen, Search, Shortcut, Tab, Window, WindowState,
};
