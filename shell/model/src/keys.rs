//! Names of keys, and shortcuts as people read them.

use super::Modifiers;
use portico_portals::Shortcut;

/// Modifier bit of the shift keys.
pub(super) const SHIFT: Modifiers = 1;
/// Modifier bit of the control keys.
pub(super) const CONTROL: Modifiers = 2;
/// Modifier bit of the alt keys.
pub(super) const ALT: Modifiers = 4;
/// Modifier bit of the logo keys.
pub(super) const LOGO: Modifiers = 8;

/// USB HID usage ids of page 7 that the shell itself knows.
#[allow(missing_docs, reason = "the names say it")]
pub mod code {
    pub const F: u16 = 9;
    pub const P: u16 = 19;
    pub const ENTER: u16 = 40;
    pub const ESCAPE: u16 = 41;
    pub const TAB: u16 = 43;
    pub const SPACE: u16 = 44;
    pub const COMMA: u16 = 54;
    pub const F1: u16 = 58;
    pub const F6: u16 = 63;
    pub const F11: u16 = 68;
    pub const F12: u16 = 69;
    pub const HOME: u16 = 74;
    pub const PAGE_UP: u16 = 75;
    pub const END: u16 = 77;
    pub const PAGE_DOWN: u16 = 78;
    pub const RIGHT: u16 = 79;
    pub const LEFT: u16 = 80;
    pub const DOWN: u16 = 81;
    pub const UP: u16 = 82;
    pub const KEYPAD_ENTER: u16 = 88;
}

/// Whether a modifier is down that makes a key a command rather than text. Control with alt is AltGr on some systems.
pub(super) fn is_command(modifiers: Modifiers) -> bool {
    modifiers & LOGO != 0 || modifiers & (CONTROL | ALT) == CONTROL
}

/// The bit that a modifier key itself sets, 0 for every other key.
pub(super) fn own_bit(code: u16) -> Modifiers {
    match code {
        224 | 228 => CONTROL,
        225 | 229 => SHIFT,
        226 | 230 => ALT,
        227 | 231 => LOGO,
        _ => 0,
    }
}

/// A shortcut as scripts and people read it, for example `Ctrl+Shift+S`; letters as on a US keyboard. The chrome
/// has the names of the user's language.
pub fn shortcut_text(shortcut: Shortcut) -> String {
    shortcut_keys(shortcut).join("+")
}

/// The English names of a shortcut's keys, in the order in which they are read.
pub fn shortcut_keys(shortcut: Shortcut) -> Vec<String> {
    let modifiers = [(CONTROL, "Ctrl"), (ALT, "Alt"), (SHIFT, "Shift"), (LOGO, "Logo")];
    let held = modifiers.into_iter().filter(|(bit, _)| shortcut.modifiers & bit != 0);
    held.map(|(_, name)| name.to_owned())
        .chain([key_name(u16::from(shortcut.key))])
        .collect()
}

/// The name of a key on a US keyboard.
fn key_name(code: u16) -> String {
    const SYMBOLS: [&str; 12] = ["-", "=", "[", "]", "\\", "#", ";", "'", "`", ",", ".", "/"];
    const CONTROL_BLOCK: [&str; 17] = [
        "Print",
        "Scroll Lock",
        "Pause",
        "Insert",
        "Home",
        "Page Up",
        "Delete",
        "End",
        "Page Down",
        "Right",
        "Left",
        "Down",
        "Up",
        "Num Lock",
        "Num /",
        "Num *",
        "Num -",
    ];
    let at = |first: u16| usize::from(code - first);
    match code {
        4..=29 => char::from(b'A' + (code - 4) as u8).to_string(),
        30..=38 => char::from(b'1' + (code - 30) as u8).to_string(),
        39 => "0".into(),
        40 => "Enter".into(),
        41 => "Esc".into(),
        42 => "Backspace".into(),
        43 => "Tab".into(),
        44 => "Space".into(),
        45..=56 => SYMBOLS[at(45)].into(),
        57 => "Caps Lock".into(),
        58..=69 => format!("F{}", code - 57),
        70..=86 => CONTROL_BLOCK[at(70)].into(),
        87 => "Num +".into(),
        88 => "Num Enter".into(),
        89..=97 => format!("Num {}", code - 88),
        98 => "Num 0".into(),
        99 => "Num .".into(),
        101 => "Menu".into(),
        104..=115 => format!("F{}", code - 91),
        224 | 228 => "Ctrl".into(),
        225 | 229 => "Shift".into(),
        226 | 230 => "Alt".into(),
        227 | 231 => "Logo".into(),
        _ => format!("Key {code}"),
    }
}
