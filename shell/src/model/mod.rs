//! What one program's window is doing, as a pure state machine: [`Event`]s in, [`Effect`]s out.
//!
//! Nothing here draws, reads a clock, touches a device or knows the window system. The owner of a [`WindowModel`] calls
//! [`WindowModel::apply`] for everything that happens, carries out the effects in order, and then looks at the
//! few things that are state rather than effects: [`WindowModel::wake_at`], [`WindowModel::cursor_shape`],
//! [`WindowModel::text_input`] and [`WindowModel::toolbar_height`].

mod edge;
mod effect;
mod event;
mod fuzzy_match;
mod hud;
mod input_method;
mod keyboard;
mod keys;
mod learned;
mod notice;
mod pointer;
mod prompt;
mod shell;
mod shortcuts_overlay;
mod state;
mod watchdog;
mod window;

pub use edge::{Edge, edge_at};
pub use effect::Effect;
pub use event::{Cursor, CursorKind, Event, Key, KeyState, Modifiers, Now, Outcome, Progress};
pub use fuzzy_match::{Query, Searchable};
pub use hud::{Choice, Entry, Group, Hud};
pub use input_method::{ImeStatus, TextOwner};
pub(crate) use keys::shortcut_keys;
pub use keys::{code, shortcut_text};
pub use learned::{Chosen, Learned};
pub use prompt::{Answer, PrivacyIndicator, PromptView, Question};
pub use shell::{
    OpenWindow, PageKind, ProgramEntry, Shell, ShellAction, ShellCommand, ShellShortcut, ShellShortcuts, WindowId,
};
pub use shortcuts_overlay::ShortcutsOverlay;
pub use state::{Keyboard, Page, Phase, TabList, TextInput};
pub use window::{TOOLBAR_HEIGHT, WindowModel};

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
