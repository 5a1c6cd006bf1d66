//! What a window needs to know of the shell around it.

use super::{Learned, keys};
use crate::grants::PermissionChange;
use crate::library::ProgramRef;
use crate::logs::SourceId;
use crate::preferences::Preferences;
use crate::state::installed::Installed;
use portico_kernel::{Hash, ProgramText};
use portico_portals::{Detail, Shortcut};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

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
    /// What the user can set.
    Settings,
    /// What runs, and what it takes.
    Tasks,
    /// What programs and the shell have printed.
    Log,
}

impl PageKind {
    /// All of them, in the order in which the HUD lists them.
    pub const ALL: [Self; 4] = [Self::Home, Self::Settings, Self::Tasks, Self::Log];
}

/// What a window asks of the shell around it.
#[derive(Clone, Debug, PartialEq)]
pub enum ShellCommand {
    /// Opens a window of the shell's own, or brings it to the front.
    Open(PageKind),
    /// Opens a program.
    Run(ProgramRef),
    /// Opens what somebody typed or pasted: a path, a link or a hash.
    Find(String),
    /// Installs the program in a file.
    Install(PathBuf),
    /// Installs the program in a file, and opens it.
    InstallAndRun(Vec<PathBuf>),
    /// Takes a program off the list of those that are installed.
    Remove(Hash),
    /// Puts one back.
    Restore(Installed),
    /// Sets what the user can set.
    Set(Box<Preferences>),
    /// Sets what programs are told about the user.
    SetUserInfo(Detail),
    /// The next shortcut that is pressed in this window is to be for something, or nothing any more.
    Recording(Option<ShellShortcut>),
    /// That shortcut.
    Recorded(ShellShortcut, Shortcut),
    /// Brings a window to the front.
    Focus(WindowId),
    /// Ends the program of a window.
    End(WindowId),
    /// Starts the program of a window again.
    Restart(WindowId),
    /// Shows the log of a window's program.
    ShowLog(WindowId),
    /// Shows what a program may do, by what it is known by.
    Permissions(String),
    /// Gives a line to the debug console of a program.
    Console(SourceId, String),
    /// Empties the log.
    ClearLog,
    /// Throws away compiled code, which is made again when it is wanted.
    ForgetCompiled,
    /// Says what a program may do.
    SetPermission(Box<PermissionChange>),
}

/// A program that can be opened, as the HUD lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramEntry {
    /// How it is opened.
    pub program: ProgramRef,
    /// What its choices are remembered under.
    pub identity: String,
    /// What it is called.
    pub name: ProgramText,
    /// One sentence on what it does; may be empty.
    pub summary: ProgramText,
}

/// What all windows share.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// Windows that are open, in the order of their opening.
    pub windows: Vec<OpenWindow>,
    /// Programs that can be opened, those used last first; `None` until somebody has wanted to see them.
    pub programs: Option<Arc<[ProgramEntry]>>,
    /// What this user chose before.
    pub learned: Learned,
    /// The shell's own shortcuts.
    pub shortcuts: ShellShortcuts,
}

/// The shell's own shortcuts. They win over those of programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShellShortcuts([Option<Shortcut>; ShellShortcut::ALL.len()]);

/// Something that the shell does on a shortcut of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShellShortcut {
    /// Opens and closes the HUD.
    Hud,
    /// The same: many input methods take the first for themselves.
    HudAlso,
    /// Fills the screen or leaves it.
    Fullscreen,
    /// Goes to the search field, where there is one.
    Search,
    /// Goes to the toolbar's buttons and back.
    Toolbar,
    /// Opens the settings.
    Settings,
    /// Opens the task list.
    Tasks,
    /// Opens the log.
    Log,
}

impl ShellShortcut {
    /// All of them, in the order in which people read them.
    pub const ALL: [Self; 8] = [
        Self::Hud,
        Self::HudAlso,
        Self::Fullscreen,
        Self::Search,
        Self::Toolbar,
        Self::Settings,
        Self::Tasks,
        Self::Log,
    ];

    /// What it is remembered under.
    pub fn key(self) -> &'static str {
        match self {
            Self::Hud => "hud",
            Self::HudAlso => "hud 2",
            Self::Fullscreen => "full screen",
            Self::Search => "search",
            Self::Toolbar => "toolbar",
            Self::Settings => "settings",
            Self::Tasks => "tasks",
            Self::Log => "log",
        }
    }
}

impl ShellShortcuts {
    /// The shortcut for something, if it has one.
    pub fn get(&self, what: ShellShortcut) -> Option<Shortcut> {
        self.0[what as usize]
    }

    /// Gives something another shortcut, or none.
    pub fn set(&mut self, what: ShellShortcut, shortcut: Option<Shortcut>) {
        self.0[what as usize] = shortcut;
    }

    /// What a shortcut is for: the first where it is given to several.
    pub fn find(&self, is: impl Fn(Shortcut) -> bool) -> Option<ShellShortcut> {
        ShellShortcut::ALL
            .into_iter()
            .find(|what| self.get(*what).is_some_and(&is))
    }
}

impl Default for ShellShortcuts {
    fn default() -> Self {
        let shortcut = |modifiers, key: u16| {
            Some(Shortcut {
                modifiers,
                key: key as u8,
                pressed: true,
            })
        };
        Self(ShellShortcut::ALL.map(|what| match what {
            ShellShortcut::Hud => shortcut(keys::CONTROL, keys::code::SPACE),
            // What opens the list of commands in many editors, and nothing in input methods, window managers and terminals.
            ShellShortcut::HudAlso => shortcut(keys::CONTROL | keys::SHIFT, keys::code::P),
            ShellShortcut::Fullscreen => shortcut(0, keys::code::F11),
            ShellShortcut::Search => shortcut(keys::CONTROL, keys::code::F),
            ShellShortcut::Toolbar => shortcut(0, keys::code::F6),
            ShellShortcut::Settings => shortcut(keys::CONTROL, keys::code::COMMA),
            ShellShortcut::Tasks => shortcut(keys::CONTROL | keys::SHIFT, keys::code::ESCAPE),
            // Programs have few enough left.
            ShellShortcut::Log => None,
        }))
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
    Permissions,
    ShowLog,
    SaveLog,
    Restart,
    End,
    Close,
}

impl ShellAction {
    /// All of them, in the order in which the HUD lists them.
    pub const ALL: [Self; 14] = [
        Self::Fullscreen,
        Self::Screenshot,
        Self::Minimise,
        Self::Maximise,
        Self::Permissions,
        Self::ShowLog,
        Self::SaveLog,
        Self::Restart,
        Self::End,
        Self::Close,
        Self::Open(PageKind::Home),
        Self::Open(PageKind::Settings),
        Self::Open(PageKind::Tasks),
        Self::Open(PageKind::Log),
    ];

    /// Whether it is of use only where there is a program.
    pub fn needs_program(self) -> bool {
        matches!(
            self,
            Self::Permissions | Self::ShowLog | Self::SaveLog | Self::Restart | Self::End
        )
    }
}
