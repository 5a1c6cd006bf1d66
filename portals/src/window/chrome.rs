//! The chrome that a program asks for around its picture.

use portico_abi::CursorShape;
use portico_kernel::ProgramText;
use std::sync::Arc;

/// The chrome that a program asks for around its picture. Cheap to clone; compare `Arc`s to see what has changed.
#[derive(Clone, Debug, Default)]
pub struct Chrome {
    /// Title that the program has set.
    pub title: Option<ProgramText>,
    /// Mode that the menu and the search field go by.
    pub mode: u32,
    /// Buttons at the start of the toolbar; `None` while the command is not open.
    pub navigation: Option<Arc<[Button]>>,
    /// Buttons at the end of the toolbar.
    pub actions: Option<Arc<[Button]>>,
    /// HUD actions and shortcuts.
    pub menu: Option<Arc<[Action]>>,
    /// Tabs behind the hamburger button, and which is selected.
    pub tabs: Option<(Arc<[Tab]>, Option<u32>)>,
    /// Modes that have a search field, and its hint.
    pub search: Option<Arc<Search>>,
    /// Shape of the cursor over the picture.
    pub cursor: CursorShape,
    /// Where the caret is (x, y, width, height in pixels of the frame), while the program wants text.
    pub caret: Option<(i16, i16, u16, u16)>,
    /// Whether the program reads the debug console.
    pub console: bool,
    /// Whether the program takes files that are dropped on its window.
    pub drops: bool,
}

/// A button of the toolbar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Button {
    /// Symbol, `None` for a gap that can't be pressed.
    pub icon: Option<char>,
    /// Tooltip and accessible name (command 61), empty if there is none.
    pub name: ProgramText,
}

/// An entry of the HUD menu.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Action {
    /// What it is called.
    pub name: ProgramText,
    /// What it does.
    pub description: ProgramText,
    /// Words that find it.
    pub tags: Vec<ProgramText>,
    /// Shortcut, if it has one.
    pub shortcut: Option<Shortcut>,
    /// Greyed; never fires.
    pub disabled: bool,
    /// Mode that it belongs to.
    pub mode: u32,
}

/// A key with modifiers that fires an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shortcut {
    /// Modifier bits: 1 shift, 2 control, 4 alt, 8 logo.
    pub modifiers: u8,
    /// USB HID usage id of page 7.
    pub key: u8,
    /// Fires on press, else on release.
    pub pressed: bool,
}

/// A tab behind the hamburger button.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tab {
    /// Symbol, if it has one.
    pub icon: Option<char>,
    /// Title.
    pub title: ProgramText,
    /// Number shown beside it, 0 for none.
    pub badge: u32,
}

/// A search field in some modes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Modes in which it shows.
    pub modes: Vec<u32>,
    /// Text shown while it is empty.
    pub hint: ProgramText,
}
