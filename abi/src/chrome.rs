//! What stands around a program's picture: log (19), toolbar (21, 22, 61), HUD (23), tabs (24), search (25), pointer shape
//! (49), clipboard (50), notifications (51), dropped files (59).

use crate::base::{List, Text};
use crate::macros::{enums, messages};
use zerocopy::little_endian::{F32, U16, U32, U64};

messages! {
    /// A line, or several, for the log (command 19).
    struct Print: 12 {
        /// Index of the log.
        0 => which: U16,
        /// Bits 0 to 3: levels of this text; bits 4 to 7, when any is set: the levels that the index prints from now on.
        2 => level: u8,
        /// 1 to name the index instead of printing, else 0.
        3 => set_name: u8,
        /// The text, or the name.
        4 => text: Text,
    }

    /// Buttons of the toolbar (commands 21 and 22).
    struct WindowActions: 16 {
        /// Number of buttons, at most 3.
        0 => len: U32,
        /// A Unicode scalar value each, 0 for a gap.
        4 => icons: [U32; 3],
    }

    /// A press of such a button; it is written over [`WindowActions`].
    struct WindowActionEvent: 16 {
        /// Index of the button.
        0 => action: U32,
        /// 0.
        4 => reserved_a: U32,
        /// 0.
        8 => reserved_b: U64,
    }

    /// HUD menu and shortcuts (command 23). The index of the action chosen is written over `options.size`.
    struct Menu: 8 {
        /// `List<Action>`.
        0 => options: List,
    }

    /// An entry of the HUD menu.
    struct Action: 32 {
        /// What it is called.
        0 => name: Text,
        /// What it does.
        8 => description: Text,
        /// `List<Text>`: words that find it.
        16 => search_tags: List,
        /// Modifier bits of its shortcut; 0 or 255: none.
        24 => modifier: u8,
        /// Key of its shortcut, 255 for none.
        25 => key: u8,
        /// Fires on press, else on release: 0 or 1.
        26 => pressed: u8,
        /// Shown greyed; never fires: 0 or 1.
        27 => disabled: u8,
        /// Mode in which it shows.
        28 => mode: U32,
    }

    /// Tabs behind the hamburger menu (command 24).
    struct Tabs: 16 {
        /// In, `List<Tab>`.
        0 => tabs: List,
        /// In: index of the tab that is selected, `u32::MAX` for none.
        8 => selected: U32,
        /// Out: index of the tab that the user chose.
        12 => chosen: U32,
    }

    /// A tab.
    struct Tab: 16 {
        /// Symbol, 0 for none.
        0 => icon: U32,
        /// Title.
        4 => title: Text,
        /// Number shown beside it, 0 for none.
        12 => badge: U32,
    }

    /// The search field (command 25).
    struct Search: 24 {
        /// In, `List<u32>`: modes in which it shows.
        0 => modes: List,
        /// In: text shown while it is empty.
        8 => hint: Text,
        /// Out: what stands in it.
        16 => query: Text,
    }

    /// The clipboard (command 50).
    struct Clipboard: 12 {
        /// In: read 0, write 1.
        0 => op: U32,
        /// The text: out when read, in when written.
        4 => text: Text,
    }

    /// A notification (command 51). How it ended is written over the first field: gone 0, clicked 1.
    struct Notification: 20 {
        /// Title.
        0 => title: Text,
        /// Text.
        8 => text: Text,
        /// Symbol, 0 for none.
        16 => icon: U32,
    }

    /// A file dropped on the window (command 59).
    struct Drop: 16 {
        /// Where, in pixels of the program's last frame.
        0 => x: F32,
        /// Where, in pixels of the program's last frame.
        4 => y: F32,
        /// Name under which it was copied into the store.
        8 => name: Text,
    }

    /// Tooltips and accessible names of the toolbar's buttons (command 61).
    struct ToolbarNames: 16 {
        /// `List<Text>` for command 22.
        0 => navigation: List,
        /// `List<Text>` for command 21.
        8 => actions: List,
    }

    /// State of unsaved work (command 62).
    struct Unsaved: 12 {
        /// `UNSAVED`.
        0 => flags: U32,
        /// Text for the user that names the work that would be lost; up to 256 bytes.
        4 => text: Text,
    }
}

impl Unsaved {
    /// Bit of `flags`: there is unsaved work.
    pub const UNSAVED: u32 = 1;
}

/// As [`WindowActions`], at the start of the toolbar (command 22).
pub type NavigationActions = WindowActions;
/// As [`WindowActionEvent`], for command 22.
pub type NavigationActionEvent = WindowActionEvent;

impl Action {
    /// `modifier` or `key`: the action has no shortcut, or no modifier.
    pub const NONE: u8 = 255;
}

impl Tabs {
    /// `selected`: no tab is.
    pub const NONE: u32 = u32::MAX;
}

enums! {
    /// Level of a text in the log, as its bit in [`Print::level`].
    enum Level: u8 {
        /// For those who mend the program.
        Debug = 1,
        /// Worth knowing.
        Info = 2,
        /// Something is not as it should be.
        Warning = 4,
        /// Something did not work.
        Error = 8,
    }

    /// Shape of the pointer over the picture (command 49).
    #[derive(Default)]
    enum CursorShape: u32 {
        /// The usual arrow.
        #[default]
        Default = 0,
        /// None.
        Hidden = 1,
        /// None, and it stays where it is: only `dx` and `dy` move.
        Locked = 2,
        /// For text.
        Text = 3,
        /// Over what can be pressed.
        Hand = 4,
        /// For exact places.
        Cross = 5,
        /// The program is busy.
        Wait = 6,
        /// Resize from left to right.
        ResizeHorizontal = 7,
        /// Resize from top to bottom.
        ResizeVertical = 8,
        /// Resize along the diagonal that falls from the top left.
        ResizeFalling = 9,
        /// Resize along the diagonal that rises from the bottom left.
        ResizeRising = 10,
    }

    /// What a program asks of the clipboard.
    enum ClipboardOp: u32 {
        /// Its text.
        Read = 0,
        /// To replace its text.
        Write = 1,
    }
}
