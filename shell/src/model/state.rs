//! What the state of a window is made of.

use super::Outcome;
use crate::strings;
use portico_kernel::escaped;
use portico_portals::Shortcut;

/// Where a program is between its start and its end.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// It is about to start; nothing is shown, since this is mostly over in a blink.
    Opening,
    /// It is being compiled, which takes long enough to say so: the share that is done, if one can tell.
    Loading(Option<f32>),
    /// It runs.
    Running,
    /// It has ended and left a page.
    Ended(Page),
    /// There is no program: the window is the shell's own.
    Builtin,
}

impl Phase {
    /// Whether there is a program that has not ended.
    pub fn can_end(&self) -> bool {
        matches!(self, Self::Opening | Self::Loading(_) | Self::Running)
    }
}

/// What a program leaves in its window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the details are unfolded.
    pub details: bool,
}

impl Page {
    /// The details, empty if there are none.
    pub fn details_text(&self) -> &str {
        match &self.outcome {
            Outcome::Trap { details, .. } | Outcome::Refused { details, .. } => details,
            Outcome::Code(_) | Outcome::Ended => "",
        }
    }

    /// The page as text for a bug report on the program of that name in `file`, as far as known by `program`.
    pub(super) fn report(&self, name: &str, file: &str, program: Option<&str>) -> String {
        let (title, outcome) = (
            strings::page_title(&self.outcome, name),
            strings::outcome(&self.outcome),
        );
        let mut report = format!("{title}\n{outcome}\n");
        if !self.details_text().is_empty() {
            report.push_str(self.details_text().trim_end());
            report.push('\n');
        }
        report.push_str(&format!("Program: {}\n", escaped(file)));
        if let Some(program) = program {
            report.push_str(&format!("Hash: {}\n", escaped(program)));
        }
        report
    }
}

/// Who gets what is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Keyboard {
    /// The program.
    Program,
    /// The HUD.
    Hud,
    /// The prompt that asks the user.
    Prompt,
    /// The panel of a light in the toolbar.
    Indicator,
    /// The tab list.
    Tabs,
    /// The search field.
    Search,
    /// The toolbar's buttons.
    Toolbar,
    /// The controls of the page or of the veil.
    Page,
    /// Nobody: there is no program yet.
    Nobody,
}

/// Where text that is typed would go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextInput {
    /// Nowhere: no input method is wanted.
    None,
    /// Into the program, whose caret is at (x, y, width, height) in pixels of its frame.
    Program((i16, i16, u16, u16)),
    /// Into a text field of the chrome.
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

/// Keys that are down, by who has seen them go down. A key that fired, or went down elsewhere, is in none.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    /// By the program.
    pub(super) held: Vec<u16>,
    /// By the chrome.
    pub(super) chrome: Vec<u16>,
    /// By a shortcut that fires on release.
    pub(super) pending: Vec<PendingFire>,
}

/// A shortcut whose key is down and that fires when it goes up.
#[derive(Clone, Copy, Debug)]
pub(super) struct PendingFire {
    pub(super) key: u16,
    pub(super) index: u32,
    pub(super) shortcut: Shortcut,
}
