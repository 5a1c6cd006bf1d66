//! Every text that the chrome shows or a screen reader speaks, in one place and in English.

use crate::model::{Outcome, ShellAction, WindowModel};

/// An action of the shell, as the HUD shows and finds it.
pub struct ShellActionText {
    /// What it is called.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// Words that find it.
    pub tags: &'static [&'static str],
}

/// The text of an action of the shell, as it would act on this window now.
pub fn shell_action(action: ShellAction, window: &WindowModel) -> ShellActionText {
    let (name, description, tags): (_, _, &'static [&'static str]) = match action {
        ShellAction::Fullscreen if window.is_fullscreen() => {
            ("Leave full screen", "Back to a window", &["window", "exit"])
        }
        ShellAction::Fullscreen => ("Full screen", "Fill the whole screen", &["maximise", "big"]),
        ShellAction::Screenshot => ("Screenshot", "Save a picture of this window", &["capture", "image", "photo"]),
        ShellAction::Minimise => ("Minimise", "Put this window away", &["hide", "minimize", "iconify"]),
        ShellAction::Maximise if window.is_maximised() => {
            ("Restore size", "Back to the size before", &["unmaximise", "window"])
        }
        ShellAction::Maximise => ("Maximise", "As large as the screen allows", &["maximize", "big", "zoom"]),
        ShellAction::SaveLog => {
            ("Save log", "What this program has printed, as a file", &["show log", "console", "output", "debug"])
        }
        ShellAction::Restart => ("Restart program", "End it and start it again", &["reload", "reset"]),
        ShellAction::End => ("End program", "Stop it at once; nothing is saved", &["kill", "stop", "quit"]),
        ShellAction::Close => ("Close window", "The program may save before it ends", &["quit", "exit"]),
    };
    ShellActionText { name, description, tags }
}

/// One sentence that says how a program ended.
pub fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Code(code) => format!("It ended with code {code}."),
        Outcome::Ended => "It was ended from outside.".into(),
        Outcome::Trap { summary, .. } | Outcome::Refused { summary, .. } => summary.clone(),
    }
}

/// Heading of the page that a program leaves behind.
pub fn page_title(outcome: &Outcome, title: &str) -> String {
    match outcome {
        Outcome::Code(_) | Outcome::Ended => format!("{title} has ended"),
        Outcome::Trap { .. } => format!("{title} has stopped"),
        Outcome::Refused { .. } => format!("{title} can't be opened"),
    }
}

/// Name of a navigation button that the program gave none; `index` counts from 0.
pub fn navigation_button(index: usize) -> String {
    format!("Navigation {}", index + 1)
}

/// Name of an action button that the program gave none; `index` counts from 0.
pub fn action_button(index: usize) -> String {
    format!("Action {}", index + 1)
}

/// Name of a tab for those who hear it.
pub fn tab(title: &str, badge: u32) -> String {
    if badge == 0 { title.into() } else { format!("{title}, {badge}") }
}

/// Heading of the veil.
pub fn not_answering(title: &str) -> String {
    format!("{title} is not answering")
}

/// Heading over a program that takes its time to end.
pub fn closing(title: &str) -> String {
    format!("Closing {title}")
}

/// Says where a file has been saved.
pub fn saved(path: &std::path::Path) -> String {
    format!("Saved {}", path.display())
}

/// Says that a file could not be saved, and why.
pub fn not_saved(why: &str) -> String {
    format!("Nothing was saved: {why}")
}

/// Heading of the loading page.
pub fn opening(title: &str) -> String {
    format!("Opening {title}")
}

/// Heading above the program's actions in the HUD.
pub const PROGRAM_ACTIONS: &str = "Actions";
/// Heading above the shell's actions in the HUD.
pub const SHELL_ACTIONS: &str = "Window";
/// Heading above the open windows in the HUD.
pub const OPEN_WINDOWS: &str = "Open windows";
/// Description of an open window in the HUD.
pub const SWITCH_TO: &str = "Switch to this window";
/// Hint and accessible name of the HUD's query field.
pub const HUD_HINT: &str = "Type an action or a window";
/// Shown where the HUD finds nothing.
pub const NOTHING_FOUND: &str = "Nothing found";
/// The hamburger button while the list is shut.
pub const SHOW_TABS: &str = "Show tabs";
/// The hamburger button while the list is open.
pub const HIDE_TABS: &str = "Hide tabs";
/// Accessible name of the tab list.
pub const TABS: &str = "Tabs";
/// The pin while the list closes by itself.
pub const PIN: &str = "Keep open";
/// The pin while the list stays.
pub const UNPIN: &str = "Don't keep open";
/// A tab without a title.
pub const UNTITLED: &str = "Untitled";
/// The search field where the program gives no hint.
pub const SEARCH: &str = "Search";
/// Minimise button.
pub const MINIMISE: &str = "Minimise";
/// Maximise button.
pub const MAXIMISE: &str = "Maximise";
/// Maximise button of a maximised window.
pub const RESTORE: &str = "Restore size";
/// Close button.
pub const CLOSE: &str = "Close";
/// Page: close the window; other words than the toolbar's, so that the two can be told apart.
pub const CLOSE_WINDOW: &str = "Close window";
/// Text under the veil's heading.
pub const VEIL_TEXT: &str =
    "It has not reacted for five seconds. You can wait, or end it; what it has not saved is lost.";
/// Text under the heading over a program that takes its time to end.
pub const CLOSING_TEXT: &str = "It has two seconds to save what it holds.";
/// Veil: wait on.
pub const WAIT: &str = "Wait";
/// Veil: end it.
pub const END: &str = "End";
/// Page: start again.
pub const RESTART: &str = "Restart";
/// Page: copy the report.
pub const COPY_REPORT: &str = "Copy report";
/// Page: unfold the details.
pub const SHOW_DETAILS: &str = "Show details";
/// Page: fold the details.
pub const HIDE_DETAILS: &str = "Hide details";
/// Loading page, under the heading.
pub const LOADING: &str = "The first start takes a moment; the next one is quick.";
/// Accessible name of the progress line.
pub const PROGRESS: &str = "Progress";
