//! Effects that a window's model asks for.

use super::{Answer, Cursor, Edge, EndReport, Key, ShellCommand, WindowId};
use portico_kernel::Permission;
use std::path::PathBuf;

/// An effect, to be carried out in the order given.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The program is told something.
    Program(ProgramEffect),
    /// The window changes, or its chrome.
    Window(WindowEffect),
    /// The shell does something.
    Shell(ShellEffect),
}

/// An effect that the program is told of.
#[derive(Clone, Debug, PartialEq)]
pub enum ProgramEffect {
    /// A key.
    Key(Key),
    /// Committed text without control characters.
    Text(String),
    /// The composition in progress; empty when it ends.
    Preedit(String),
    /// The pointer.
    Cursor(Cursor),
    /// The action with this index of its menu.
    Fire(u32),
    /// The action button with this index.
    PressAction(u32),
    /// The navigation button with this index.
    PressNavigation(u32),
    /// The tab with this index.
    ChooseTab(u32),
    /// The search field's text.
    Search {
        /// The text as it is.
        query: String,
        /// Enter was pressed.
        entered: bool,
    },
    /// Size, focus, visibility, theme, full screen or closing have changed.
    State,
}

/// A change of the window.
#[derive(Clone, Debug, PartialEq)]
pub enum WindowEffect {
    /// Give the keyboard or input-method event that is being handled to the chrome's own widgets.
    Chrome,
    /// What is being composed in the chrome's text field is over, without text: its widget hears of it before anything else
    /// comes to it.
    EndComposition,
    /// Draw the chrome anew.
    Repaint,
    /// Turn the input method on or off; its status comes back as an event.
    InputMethod(bool),
    /// Put a report of the program's end on the clipboard.
    CopyReport(Box<EndReport>),
    /// Minimise the window.
    Minimise,
    /// Maximise the window or restore it.
    ToggleMaximise,
    /// Fill the screen or leave it.
    ToggleFullscreen,
    /// Make the window at least so large, in points.
    MakeRoom {
        /// Its width.
        width: f32,
        /// Its height, toolbar included.
        height: f32,
    },
    /// Let the window system move the window with the pointer.
    StartMove,
    /// Let the window system resize the window with the pointer.
    StartResize(Edge),
}

/// A service of the shell for the window.
#[derive(Clone, Debug, PartialEq)]
pub enum ShellEffect {
    /// The user has answered a question about a permission.
    Answer {
        /// The permission.
        permission: Permission,
        /// What the user says.
        answer: Answer,
    },
    /// The user takes a permission back.
    TakeBack(Permission),
    /// End the process; its end is told as an event.
    End,
    /// End the process if there is one (its end is not told), and start the program again.
    Restart,
    /// Close the window and end the process if there is one.
    Close,
    /// Copy files that were dropped on the window into the program's store, and tell it.
    Drop(Vec<PathBuf>),
    /// Save a picture of the window.
    Screenshot,
    /// Save the program's log as a file.
    SaveLog,
    /// Bring another window to the front.
    FocusWindow(WindowId),
    /// A command to the shell.
    Command(ShellCommand),
    /// What this user chose was learned: save [`super::Shell::learned`] when convenient.
    Learned,
}
