//! Keys (26), text (27), cursor (28), controllers (29).

use crate::base::{List, Text};
use crate::macros::{enums, messages};
use zerocopy::little_endian::{F32, I16, U16, U64};

messages! {
    /// A key event; command 26 receives a `List<Key>`.
    struct Key: 12 {
        /// When, in microseconds since the program started.
        0 => micros: U64,
        /// USB HID usage id of page 7: a position, not a letter.
        8 => code: U16,
        /// A [`KeyState`].
        10 => state: u8,
        /// Modifier bits: shift 1, control 2, alt 4, logo 8.
        11 => modifiers: u8,
    }

    /// Text that is typed (command 27).
    struct TextInput: 24 {
        /// Out: text committed since the last ready.
        0 => text: Text,
        /// Out: the composition in progress.
        8 => preedit: Text,
        /// In: left edge of the caret, in pixels of the frame.
        16 => caret_x: I16,
        /// In: top edge of the caret.
        18 => caret_y: I16,
        /// In: width of the caret.
        20 => caret_w: U16,
        /// In: height of the caret.
        22 => caret_h: U16,
    }

    /// A cursor event; command 28 receives a `List<Cursor>`.
    struct Cursor: 28 {
        /// When, in microseconds since the program started.
        0 => micros: U64,
        /// Where, in pixels of the program's last frame, beyond its edges too.
        8 => x: F32,
        /// Where, in pixels of the program's last frame, beyond its edges too.
        12 => y: F32,
        /// How far it moved, or lines scrolled.
        16 => dx: F32,
        /// How far it moved, or lines scrolled, positive away from the user.
        20 => dy: F32,
        /// A [`CursorKind`].
        24 => kind: u8,
        /// A [`MouseButton`].
        25 => button: u8,
        /// Which finger or pen, 0 for the mouse.
        26 => pointer: U16,
    }

    /// Controllers (command 29).
    struct Controllers: 16 {
        /// Out, `List<Pad>`.
        0 => events: List,
        /// In, `List<Rumble>`: played when sent.
        8 => rumble: List,
    }

    /// A controller event.
    struct Pad: 16 {
        /// When, in microseconds since the program started.
        0 => micros: U64,
        /// Which controller.
        8 => controller: U16,
        /// A [`PadKind`].
        10 => kind: u8,
        /// Button or axis of the W3C standard gamepad.
        11 => code: u8,
        /// 0 to 1 for buttons, -1 to 1 for axes.
        12 => value: F32,
    }

    /// A rumble to play.
    struct Rumble: 12 {
        /// Which controller.
        0 => controller: U16,
        /// For how long, in milliseconds.
        2 => millis: U16,
        /// The slow motor, 0 to 1.
        4 => strong: F32,
        /// The fast motor, 0 to 1.
        8 => weak: F32,
    }
}

/// Bits of [`Key::modifiers`] and [`Action::modifier`](crate::Action::modifier).
pub mod modifier {
    /// Shift.
    pub const SHIFT: u8 = 1;
    /// Control.
    pub const CONTROL: u8 = 1 << 1;
    /// Alt, or option.
    pub const ALT: u8 = 1 << 2;
    /// The logo or command key.
    pub const LOGO: u8 = 1 << 3;
}

enums! {
    /// What happened to a key.
    enum KeyState: u8 {
        /// Let go of.
        Released = 0,
        /// Pressed.
        Pressed = 1,
        /// Held long enough to count again.
        Repeated = 2,
    }

    /// What happened to a cursor.
    enum CursorKind: u8 {
        /// Moved.
        Moved = 0,
        /// A button was pressed.
        Pressed = 1,
        /// A button was let go of.
        Released = 2,
        /// Scrolled.
        Scrolled = 3,
        /// Came over the picture.
        Entered = 4,
        /// Left the picture.
        Left = 5,
        /// A finger came down.
        TouchBegan = 6,
        /// A finger moved.
        TouchMoved = 7,
        /// A finger went up.
        TouchEnded = 8,
        /// A touch turned out to be something else.
        TouchCancelled = 9,
    }

    /// Button of a mouse.
    enum MouseButton: u8 {
        /// Left.
        Left = 0,
        /// Right.
        Right = 1,
        /// Middle.
        Middle = 2,
        /// Back.
        Back = 3,
        /// Forward.
        Forward = 4,
    }

    /// What happened to a controller.
    enum PadKind: u8 {
        /// It is there.
        Connected = 0,
        /// It is gone.
        Disconnected = 1,
        /// A button has a new value.
        Button = 2,
        /// An axis has a new value.
        Axis = 3,
    }
}
