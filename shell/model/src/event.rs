//! Events of a window.

use super::{Answer, Edge, ImeStatus, PromptView, Question, ShellCommand, ShellShortcut};
use portico_kernel::Permission;
use portico_portals::{Chrome, Cursor, Key};
use std::path::PathBuf;
use std::time::Instant;

/// When an event came, and how far the program had got by then.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The moment of the event.
    pub time: Instant,
    /// The program's progress at that moment.
    pub progress: Progress,
}

/// Progress of a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Calls of `ar()` so far.
    pub calls: u64,
    /// Whether it is waiting in `ar()`.
    pub parked: bool,
}

/// Modifier bits that are down: 1 shift, 2 control, 4 alt, 8 logo.
pub type Modifiers = u8;

/// How a program came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It returned or exited with this code.
    Code(u8),
    /// It broke a rule, or its code trapped.
    Trap {
        /// What happened, in one sentence.
        summary: String,
        /// The whole report.
        details: String,
    },
    /// It was ended by the user, a client or a limit.
    Ended,
    /// It could not be started at all.
    Refused {
        /// Why not, in one sentence.
        summary: String,
        /// The details.
        details: String,
    },
}

impl Outcome {
    /// The details, empty if there are none.
    pub fn details(&self) -> &str {
        match self {
            Self::Trap { details, .. } | Self::Refused { details, .. } => details,
            Self::Code(_) | Self::Ended => "",
        }
    }
}

/// An event from the window system, from the program, or from a control of the chrome.
#[derive(Clone, Debug)]
pub enum Event {
    // From the window system.
    /// A key, and the text that it types (none on release). Presses that a window system makes up when a window gains
    /// the focus are not to be told.
    Key {
        /// The key.
        key: Key,
        /// What it types, if anything.
        text: Option<String>,
    },
    /// Text from another source than an input method, such as an IPC client.
    Text(String),
    /// Text that the input method has committed.
    Commit(String),
    /// The input method's composition in progress; empty when it ends.
    Preedit(String),
    /// The status of the input method has changed.
    Ime(ImeStatus),
    /// The pointer over the picture (also outside, while a button that was pressed there is held).
    Cursor(Cursor),
    /// The window has got or lost the keyboard focus.
    Focused(bool),
    /// The window can be seen, or not (minimised, covered).
    Visible(bool),
    /// New size of the whole window in display pixels, and display pixels a point.
    Resized {
        /// Display pixels across.
        width: u32,
        /// Display pixels down.
        height: u32,
        /// Display pixels a point.
        scale: f32,
    },
    /// Whether the window is maximised.
    Maximised(bool),
    /// Whether the window fills the screen.
    Fullscreen(bool),
    /// Whether the theme is dark.
    Dark(bool),
    /// Whether motion is reduced.
    ReducedMotion(bool),
    /// The pointer is at the upper edge of the screen, or has left the toolbar: shows it in full screen, or hides it again.
    ToolbarRevealed(bool),
    /// A press at an edge that resizes the window ([`super::edge_at`]).
    EdgePressed(Edge),
    /// The time asked for by [`super::WindowModel::wake_at`] has come, or the program was just checked.
    Tick,

    // From the program.
    /// It is being checked and compiled: the share that is done, 0 to 1, if one can tell.
    Loading(Option<f32>),
    /// It runs.
    Started,
    /// The program's chrome has changed.
    Chrome(Chrome),
    /// It has ended.
    Ended(Outcome),
    /// It requests a permission that the user is asked about.
    Asked(Question),
    /// The request for this permission needs no answer any more.
    Settled(Permission),
    /// Its use of a permission that has a privacy indicator has changed.
    Used {
        /// The permission.
        permission: Permission,
        /// Number of channels that use it.
        channels: u32,
    },

    // From the chrome, and from those who drive the window by other means.
    /// A navigation button of the toolbar.
    Navigation(u32),
    /// An action button of the toolbar.
    Action(u32),
    /// The hamburger button.
    TabsToggled,
    /// The pin of the tab list.
    PinToggled,
    /// A tab.
    TabChosen(u32),
    /// The search field was clicked, or left.
    SearchFocused(bool),
    /// The search field's text is now this.
    SearchEdited(String),
    /// Another text field of a page has the keyboard, by the number of its widget, or none.
    FieldFocused(Option<u64>),
    /// The user presses something of the chrome, or goes to another field of it: a composition in one is over.
    CompositionLeft,
    /// Opens the HUD, or closes it.
    HudToggled,
    /// The HUD's query is now this.
    HudEdited(String),
    /// The pointer is over an entry of the HUD.
    HudHovered(usize),
    /// An entry of the HUD was clicked.
    HudChosen(usize),
    /// The HUD was left, for example by a press beside it.
    HudClosed,
    /// Wait longer for a program that does not answer.
    UnresponsiveWait,
    /// End a program that does not answer.
    UnresponsiveEnd,
    /// The prompt has been laid out: what of it can be seen now.
    PromptShown(PromptView),
    /// The prompt has no room, and is to get it.
    RoomWanted,
    /// Something was pressed on the prompt before it could be answered.
    PromptDisturbed,
    /// The user answers what the prompt asks.
    Answered(Answer),
    /// A privacy indicator of the toolbar was pressed, by its permission.
    IndicatorPressed(Permission),
    /// The panel of a privacy indicator was closed.
    IndicatorClosed,
    /// Revoke the permission of the open panel.
    TakenBack,
    /// Fold or unfold the details of a page.
    DetailsToggled,
    /// Copy the report of a page.
    CopyReport,
    /// Start the program again.
    Restart,
    /// The minimise button.
    Minimise,
    /// The maximise button, or a double click on the toolbar.
    Maximise,
    /// The close button, or the window system's wish.
    Close,
    /// A drag of the toolbar began.
    DragStarted,
    /// Files were dropped on the window, together.
    Dropped(Vec<PathBuf>),
    /// A command of a built-in page to the shell.
    Command(ShellCommand),
    /// Record the next shortcut for an action of the shell, or stop with `None`.
    Record(Option<ShellShortcut>),
    /// A window was closed or opened elsewhere, or its title changed: the HUD's list may be stale.
    WindowsChanged,
    /// A notice about something that the window does not show, such as a saved file.
    Notice(String),
}
