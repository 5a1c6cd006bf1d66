//! Parts of the state of a window.

use super::Outcome;
use portico_kernel::ProgramText;
use portico_portals::Shortcut;

/// Phase of a program between its start and its end.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// It is about to start. Nothing is shown, since this rarely takes long.
    Opening,
    /// It is being compiled: the share that is done, 0 to 1, if known.
    Loading(Option<f32>),
    /// It runs.
    Running,
    /// It has ended. A page says how.
    Ended(Page),
    /// There is no program: the window shows a built-in page.
    Builtin,
}

impl Phase {
    /// Whether there is a program that has not ended.
    pub fn can_end(&self) -> bool {
        matches!(self, Self::Opening | Self::Loading(_) | Self::Running)
    }
}

/// The page that a program leaves in its window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Outcome.
    pub outcome: Outcome,
    /// Whether the details are unfolded.
    pub details: bool,
}

/// Facts of a program's end for a bug report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndReport {
    /// Outcome.
    pub outcome: Outcome,
    /// Its name.
    pub name: ProgramText,
    /// Its file.
    pub file: String,
    /// Its hash, if it is known.
    pub program: Option<String>,
}

/// Owner of the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Keyboard {
    /// The program.
    Program,
    /// The HUD.
    Hud,
    /// The permission prompt.
    Prompt,
    /// The panel of a privacy indicator.
    Indicator,
    /// The tab list.
    Tabs,
    /// The search field.
    Search,
    /// The toolbar's buttons.
    Toolbar,
    /// The controls of a page or of the unresponsive overlay.
    Page,
    /// No owner: there is no program yet.
    Nobody,
}

/// Target of typed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextInput {
    /// None: no input method is wanted.
    None,
    /// The program, whose caret is at (x, y, width, height) in pixels of its frame.
    Program((i16, i16, u16, u16)),
    /// A text field of the chrome.
    Chrome,
}

/// The list behind the hamburger button.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TabList {
    /// Whether it is shown.
    pub open: bool,
    /// Whether it stays when a tab is chosen or the picture is clicked.
    pub pinned: bool,
    /// Whether the keyboard moves in it.
    pub keyboard: bool,
    /// Index of the tab that Enter would choose.
    pub selected: u32,
}

/// The search field.
#[derive(Clone, Debug, Default)]
pub(super) struct SearchField {
    pub(super) query: String,
    pub(super) focused: bool,
}

/// Keys that are down, by who has received the press. A key of a shortcut, or pressed elsewhere, is in none.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    /// Received by the program.
    pub(super) held: Vec<u16>,
    /// Received by the chrome.
    pub(super) chrome: Vec<u16>,
    /// Held by a shortcut that fires on release.
    pub(super) pending: Vec<PendingFire>,
}

/// A shortcut whose key is down and that fires when it goes up.
#[derive(Clone, Copy, Debug)]
pub(super) struct PendingFire {
    pub(super) key: u16,
    pub(super) index: u32,
    pub(super) shortcut: Shortcut,
}
