//! What a window needs to know of the shell around it.

use super::{Learned, keys};
use portico_portals::Shortcut;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Names a window of this shell for as long as the shell runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WindowId(pub u64);

/// A window that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenWindow {
    /// Its name.
    pub id: WindowId,
    /// Its title as people see it.
    pub title: String,
}

/// A window of the shell's own, without a program. There is at most one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum PageKind {
    /// Programs to open, and the way to all else.
    Home,
}

impl PageKind {
    /// All of them, in the order in which the HUD lists them.
    pub const ALL: [Self; 1] = [Self::Home];
}

/// What a window asks of the shell around it.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Opens a window of the shell's own, or brings it to the front.
    Open(PageKind),
    /// Opens the program in a file.
    Run(PathBuf),
}

/// What all windows share.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// Windows that are open, in the order of their opening.
    pub windows: Vec<OpenWindow>,
    /// What this user chose before.
    pub learned: Learned,
    /// The shell's own shortcuts.
    pub shortcuts: ShellShortcuts,
}

/// The shell's own shortcuts. They win over those of programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShellShortcuts {
    /// Opens and closes the HUD.
    pub hud: Shortcut,
    /// Fills the screen or leaves it.
    pub fullscreen: Shortcut,
    /// Goes to the search field, where there is one.
    pub search: Shortcut,
    /// Goes to the toolbar's buttons and back.
    pub toolbar: Shortcut,
}

impl Default for ShellShortcuts {
    fn default() -> Self {
        let shortcut = |modifiers, key: u16| Shortcut { modifiers, key: key as u8, pressed: true };
        Self {
            hud: shortcut(keys::CONTROL, keys::code::SPACE),
            fullscreen: shortcut(0, keys::code::F11),
            search: shortcut(keys::CONTROL, keys::code::F),
            toolbar: shortcut(0, keys::code::F6),
        }
    }
}

/// An action of the shell itself that the HUD lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ShellAction {
    Open(PageKind),
    Fullscreen,
    Screenshot,
    Minimise,
    Maximise,
    SaveLog,
    Restart,
    End,
    Close,
}

impl ShellAction {
    /// All of them, in the order in which the HUD lists them.
    pub const ALL: [Self; 9] = [
        Self::Fullscreen,
        Self::Screenshot,
        Self::Minimise,
        Self::Maximise,
        Self::SaveLog,
        Self::Restart,
        Self::End,
        Self::Close,
        Self::Open(PageKind::Home),
    ];

    /// Whether it is of use only where there is a program.
    pub fn needs_program(self) -> bool {
        matches!(self, Self::SaveLog | Self::Restart | Self::End)
    }
}
