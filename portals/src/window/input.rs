//! Input that the shell posts to a window.

use portico_abi::{CursorKind, KeyState};
use std::time::Instant;

/// A key event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// When it happened.
    pub time: Instant,
    /// USB HID usage id of page 7: a position, not a letter.
    pub code: u16,
    /// What happened.
    pub state: KeyState,
    /// Modifier bits: 1 shift, 2 control, 4 alt, 8 logo.
    pub modifiers: u8,
}

/// A cursor event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cursor {
    /// When it happened.
    pub time: Instant,
    /// Where, in pixels of the program's last frame, beyond its edges too.
    pub x: f32,
    /// Where, in pixels of the program's last frame, beyond its edges too.
    pub y: f32,
    /// Pixels moved since the last move, or lines scrolled.
    pub dx: f32,
    /// Pixels moved since the last move, or lines scrolled, positive away from the user.
    pub dy: f32,
    /// What happened.
    pub kind: CursorKind,
    /// Number of the mouse button: left 0, right 1, middle 2, back 3, forward 4.
    pub button: u8,
    /// Which finger or pen, 0 for the mouse.
    pub pointer: u16,
}

/// State of a window. The default is that of a run without a window system.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WindowState {
    /// Width of the framebuffer area in display pixels.
    pub width: u32,
    /// Height of the framebuffer area in display pixels.
    pub height: u32,
    /// Display pixels per point.
    pub scale: f32,
    /// Whether it has the keyboard focus.
    pub focused: bool,
    /// Whether something of it can be seen.
    pub visible: bool,
    /// Whether it fills the screen.
    pub fullscreen: bool,
    /// Whether the user wants dark colours.
    pub dark: bool,
    /// Whether the user wants little motion.
    pub reduced_motion: bool,
    /// Whether it closes: two seconds are left to save.
    pub closing: bool,
}

impl Default for WindowState {
    fn default() -> Self {
        Self {
            width: 1280,
            height: 720,
            scale: 1.0,
            focused: true,
            visible: true,
            fullscreen: false,
            dark: false,
            reduced_motion: false,
            closing: false,
        }
    }
}
