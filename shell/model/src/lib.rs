//! Model of one program's window, a pure state machine: [`Event`]s in, [`Effect`]s out.
//!
//! Nothing here draws, reads a clock, touches a device or knows the window system. The owner of a [`WindowModel`] calls
//! [`WindowModel::apply`] for everything that happens, carries out the effects in order, and then looks at the
//! few things that are state rather than effects: [`WindowModel::wake_at`], [`WindowModel::cursor_shape`],
//! [`WindowModel::text_input`] and [`WindowModel::toolbar_height`].

#![deny(clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod desktop;
mod edge;
mod effect;
mod event;
pub mod fold;
mod fuzzy_match;
mod hud;
mod input_method;
mod keyboard;
mod keys;
mod language;
mod learned;
mod notice;
mod pointer;
pub mod preferences;
mod program;
mod prompt;
mod shell;
mod shortcuts_overlay;
mod state;
mod watchdog;
mod window;
mod wording;

pub use desktop::{Desktop, OpenWindow};
pub use edge::{Edge, edge_at};
pub use effect::{Effect, ProgramEffect, ShellEffect, WindowEffect};
pub use event::{Event, Modifiers, Now, Outcome, Progress};
pub use fuzzy_match::{Query, Searchable};
pub use hud::{Choice, Entry, Group, Hud};
pub use input_method::{ImeStatus, TextOwner};
pub use keys::{code, shortcut_keys, shortcut_text};
pub use language::Language;
pub use learned::{Chosen, Learned};
pub use portico_portals::{Cursor, CursorKind, Key, KeyState};
pub use program::{Installed, PermissionChange, ProgramRef, is_reference, link, reference_digits};
pub use prompt::{Answer, PrivacyIndicator, PromptView, Question};
pub use shell::{
    LogSource, PageKind, ProgramEntry, Shell, ShellAction, ShellCommand, ShellShortcut, ShellShortcuts, WindowId,
};
pub use shortcuts_overlay::ShortcutsOverlay;
pub use state::{EndReport, Keyboard, Page, Phase, TabList, TextInput};
pub use window::{TOOLBAR_HEIGHT, WindowModel};
pub use wording::{ShellActionText, Wording};

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
