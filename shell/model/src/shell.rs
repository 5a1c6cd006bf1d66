//! State of the shell that its windows share.

use super::preferences::Preferences;
use super::{Desktop, Installed, Learned, PermissionChange, ProgramRef, Wording, keys};
use portico_kernel::{Hash, ProgramText};
use portico_portals::{Shortcut, UserInfoField};
use std::path::PathBuf;
use std::sync::Arc;

/// Identifies a window for as long as the shell runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WindowId(pub u64);

/// The number of a source of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogSource(pub u16);

/// A built-in page. There is at most one window of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageKind {
    /// Home: programs to open.
    Home,
    /// Settings.
    Settings,
    /// Task list: running programs and what they use.
    Tasks,
    /// Log of the programs and the shell.
    Log,
}

impl PageKind {
    /// All of them, in the order in which the HUD lists them.
    pub const ALL: [Self; 4] = [Self::Home, Self::Settings, Self::Tasks, Self::Log];

    /// Its name at the command line and in requests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Settings => "settings",
            Self::Tasks => "tasks",
            Self::Log => "log",
        }
    }

    /// The page of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.name() == name)
    }
}

/// A command of a window to the shell.
#[derive(Clone, Debug, PartialEq)]
pub enum ShellCommand {
    /// Opens a built-in page, or brings its window to the front.
    Open(PageKind),
    /// Opens a program.
    Run(ProgramRef),
    /// Opens a typed or pasted reference: a path, a link or a hash.
    Find(String),
    /// Installs the program in a file.
    Install(PathBuf),
    /// Installs the program in a file, and opens it.
    InstallAndRun(Vec<PathBuf>),
    /// Removes an installed program.
    Remove(Hash),
    /// Restores a removed program.
    Restore(Installed),
    /// Sets the preferences.
    Set(Box<Preferences>),
    /// Sets a detail of the user's profile.
    SetUserInfo(UserInfoField),
    /// Starts to record a shortcut for an action, or stops with `None`.
    Recording(Option<ShellShortcut>),
    /// A shortcut was recorded.
    Recorded(ShellShortcut, Shortcut),
    /// Brings a window to the front.
    Focus(WindowId),
    /// Ends the program of a window.
    End(WindowId),
    /// Starts the program of a window again.
    Restart(WindowId),
    /// Shows the log of a window's program.
    ShowLog(WindowId),
    /// Shows a program's permissions, by its identity.
    Permissions(String),
    /// Sends a line to the debug console of a program.
    Console(LogSource, String),
    /// Empties the log.
    ClearLog,
    /// Deletes the cache of compiled code.
    ForgetCompiled,
    /// Sets a permission of a program.
    SetPermission(Box<PermissionChange>),
}

/// A program that can be opened, as the HUD lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramEntry {
    /// Reference by which it is opened.
    pub program: ProgramRef,
    /// Key of its choices in the HUD.
    pub identity: String,
    /// What it is called.
    pub name: ProgramText,
    /// One sentence on what it does; may be empty.
    pub summary: ProgramText,
}

/// State that all windows share.
#[derive(Clone, Debug)]
pub struct Shell {
    /// All windows.
    pub desktop: Desktop,
    /// Programs that can be opened, those used last first; `None` until the library was read.
    pub programs: Option<Arc<[ProgramEntry]>>,
    /// Earlier choices in the HUD.
    pub learned: Learned,
    /// The shell's shortcuts.
    pub shortcuts: ShellShortcuts,
    /// Words of the HUD's own entries.
    pub wording: Wording,
}

impl Shell {
    /// A shell without windows, which has learned nothing yet.
    pub fn new(wording: Wording) -> Self {
        Self {
            desktop: Desktop::default(),
            programs: None,
            learned: Learned::default(),
            shortcuts: ShellShortcuts::default(),
            wording,
        }
    }
}

/// The shell's shortcuts. They take precedence over those of programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShellShortcuts([Option<Shortcut>; ShellShortcut::ALL.len()]);

/// An action of the shell that has a shortcut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShellShortcut {
    /// Opens and closes the HUD.
    Hud,
    /// The same, since many input methods use the first one.
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

    /// Key in the stored preferences.
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
    /// The shortcut of an action, if it has one.
    pub fn get(&self, what: ShellShortcut) -> Option<Shortcut> {
        self.0[what as usize]
    }

    /// Sets the shortcut of an action.
    pub fn set(&mut self, what: ShellShortcut, shortcut: Option<Shortcut>) {
        self.0[what as usize] = shortcut;
    }

    /// The action of a shortcut; the first if several have it.
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

    /// Whether it needs a program in the window.
    pub fn needs_program(self) -> bool {
        matches!(
            self,
            Self::Permissions | Self::ShowLog | Self::SaveLog | Self::Restart | Self::End
        )
    }
}
