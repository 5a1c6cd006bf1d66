//! Keys of winit as the ABI numbers them: USB HID usage ids of page 7, which name positions and not letters.

use portico_abi::modifier;
use std::ops::RangeInclusive;
use winit::keyboard::{Key, KeyCode, ModifiersState, NamedKey, PhysicalKey};

/// Keys that are down in a window, each with the number that it was pressed as: what a key means may change before it goes up.
#[derive(Debug, Default)]
pub(super) struct PressedKeys(Vec<(PhysicalKey, u16)>);

impl PressedKeys {
    /// The number of a key that goes down, repeats or goes up.
    pub(super) fn code(&mut self, place: PhysicalKey, meaning: &Key, pressed: bool, repeat: bool) -> Option<u16> {
        let at = self.0.iter().position(|(known, _)| *known == place);
        match at {
            Some(at) if !pressed => Some(self.0.swap_remove(at).1),
            Some(at) if repeat => Some(self.0[at].1),
            at => {
                let code = resolve(place, meaning)?;
                if let Some(at) = at {
                    self.0.swap_remove(at);
                }
                if pressed {
                    self.0.push((place, code));
                }
                Some(code)
            }
        }
    }

    /// Forgets all keys: the window has lost the keyboard.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// The number of a key: that of its place, unless what it means can't be there. Keyboards that are none (on-screen ones,
/// remote desktops, tools that type) put their keys anywhere, and users put Escape where it suits them.
fn resolve(place: PhysicalKey, meaning: &Key) -> Option<u16> {
    let within = |ranges: &[RangeInclusive<u16>], code: u16| ranges.iter().any(|range| range.contains(&code));
    // Letters, digits and signs; the pad and the modifiers, which mean several things.
    let writes = |code: u16| within(&[0x04..=0x27, 0x2D..=0x38, 0x53..=0x64, 0x67..=0x67, 0x85..=0x89], code);
    let several = |code: u16| within(&[0x53..=0x63, 0x67..=0x67, 0x85..=0x85, 0xE0..=0xE7], code);
    let place = usage(place);
    match (place, meaning) {
        (Some(code), Key::Named(_)) if several(code) => place,
        (Some(code), Key::Character(_)) if writes(code) => place,
        (_, Key::Named(name)) => named(*name).or(place),
        (_, Key::Character(text)) => character(text).or(place),
        _ => place,
    }
}

/// Where a key of this name is on every keyboard.
fn named(name: NamedKey) -> Option<u16> {
    let code = match name {
        NamedKey::Enter => KeyCode::Enter,
        NamedKey::Escape => KeyCode::Escape,
        NamedKey::Backspace => KeyCode::Backspace,
        NamedKey::Tab => KeyCode::Tab,
        NamedKey::Space => KeyCode::Space,
        NamedKey::F1 => KeyCode::F1,
        NamedKey::F2 => KeyCode::F2,
        NamedKey::F3 => KeyCode::F3,
        NamedKey::F4 => KeyCode::F4,
        NamedKey::F5 => KeyCode::F5,
        NamedKey::F6 => KeyCode::F6,
        NamedKey::F7 => KeyCode::F7,
        NamedKey::F8 => KeyCode::F8,
        NamedKey::F9 => KeyCode::F9,
        NamedKey::F10 => KeyCode::F10,
        NamedKey::F11 => KeyCode::F11,
        NamedKey::F12 => KeyCode::F12,
        NamedKey::Insert => KeyCode::Insert,
        NamedKey::Home => KeyCode::Home,
        NamedKey::PageUp => KeyCode::PageUp,
        NamedKey::Delete => KeyCode::Delete,
        NamedKey::End => KeyCode::End,
        NamedKey::PageDown => KeyCode::PageDown,
        NamedKey::ArrowRight => KeyCode::ArrowRight,
        NamedKey::ArrowLeft => KeyCode::ArrowLeft,
        NamedKey::ArrowDown => KeyCode::ArrowDown,
        NamedKey::ArrowUp => KeyCode::ArrowUp,
        NamedKey::Control => KeyCode::ControlLeft,
        NamedKey::Shift => KeyCode::ShiftLeft,
        NamedKey::Alt => KeyCode::AltLeft,
        NamedKey::Super => KeyCode::SuperLeft,
        _ => return None,
    };
    usage(PhysicalKey::Code(code))
}

/// Where a letter or digit is on a US keyboard, which is how shortcuts are told.
fn character(text: &str) -> Option<u16> {
    let &[byte] = text.as_bytes() else { return None };
    match byte.to_ascii_lowercase() {
        letter @ b'a'..=b'z' => Some(0x04 + u16::from(letter - b'a')),
        b'0' => Some(0x27),
        digit @ b'1'..=b'9' => Some(0x1E + u16::from(digit - b'1')),
        _ => None,
    }
}

/// The usage id of a key, `None` for keys that page 7 does not have (media and browser keys, Fn, F25 and up).
fn usage(key: PhysicalKey) -> Option<u16> {
    match key {
        PhysicalKey::Code(code) => TABLE.iter().find(|(known, _)| *known == code).map(|(_, usage)| *usage),
        PhysicalKey::Unidentified(_) => None,
    }
}

/// The key with a usage id, the first in the table where two share one.
fn code(usage: u16) -> Option<KeyCode> {
    TABLE.iter().find(|(_, known)| *known == usage).map(|(code, _)| *code)
}

/// egui's name of the key with a usage id.
pub(super) fn widget_key(usage: u16) -> Option<egui::Key> {
    let name = format!("{:?}", code(usage)?);
    let name = ["Key", "Digit", "Numpad"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(&name);
    egui::Key::from_name(name)
}

/// Modifier bits of the ABI as egui has them.
pub fn widget_modifiers(bits: u8) -> egui::Modifiers {
    let [shift, ctrl, alt, logo] =
        [modifier::SHIFT, modifier::CONTROL, modifier::ALT, modifier::LOGO].map(|bit| bits & bit != 0);
    let mac = cfg!(target_os = "macos");
    egui::Modifiers {
        alt,
        ctrl,
        shift,
        mac_cmd: mac && logo,
        command: if mac { logo } else { ctrl },
    }
}

/// Modifier bits of the ABI.
pub(super) fn modifiers(state: ModifiersState) -> u8 {
    let bits = [
        (ModifiersState::SHIFT, modifier::SHIFT),
        (ModifiersState::CONTROL, modifier::CONTROL),
        (ModifiersState::ALT, modifier::ALT),
        (ModifiersState::SUPER, modifier::LOGO),
    ];
    bits.iter()
        .filter(|(flag, _)| state.contains(*flag))
        .fold(0, |sum, (_, bit)| sum | bit)
}

/// HID Usage Tables 1.5, section 10, in its order.
const TABLE: &[(KeyCode, u16)] = &[
    (KeyCode::KeyA, 0x04),
    (KeyCode::KeyB, 0x05),
    (KeyCode::KeyC, 0x06),
    (KeyCode::KeyD, 0x07),
    (KeyCode::KeyE, 0x08),
    (KeyCode::KeyF, 0x09),
    (KeyCode::KeyG, 0x0A),
    (KeyCode::KeyH, 0x0B),
    (KeyCode::KeyI, 0x0C),
    (KeyCode::KeyJ, 0x0D),
    (KeyCode::KeyK, 0x0E),
    (KeyCode::KeyL, 0x0F),
    (KeyCode::KeyM, 0x10),
    (KeyCode::KeyN, 0x11),
    (KeyCode::KeyO, 0x12),
    (KeyCode::KeyP, 0x13),
    (KeyCode::KeyQ, 0x14),
    (KeyCode::KeyR, 0x15),
    (KeyCode::KeyS, 0x16),
    (KeyCode::KeyT, 0x17),
    (KeyCode::KeyU, 0x18),
    (KeyCode::KeyV, 0x19),
    (KeyCode::KeyW, 0x1A),
    (KeyCode::KeyX, 0x1B),
    (KeyCode::KeyY, 0x1C),
    (KeyCode::KeyZ, 0x1D),
    (KeyCode::Digit1, 0x1E),
    (KeyCode::Digit2, 0x1F),
    (KeyCode::Digit3, 0x20),
    (KeyCode::Digit4, 0x21),
    (KeyCode::Digit5, 0x22),
    (KeyCode::Digit6, 0x23),
    (KeyCode::Digit7, 0x24),
    (KeyCode::Digit8, 0x25),
    (KeyCode::Digit9, 0x26),
    (KeyCode::Digit0, 0x27),
    (KeyCode::Enter, 0x28),
    (KeyCode::Escape, 0x29),
    (KeyCode::Backspace, 0x2A),
    (KeyCode::Tab, 0x2B),
    (KeyCode::Space, 0x2C),
    (KeyCode::Minus, 0x2D),
    (KeyCode::Equal, 0x2E),
    (KeyCode::BracketLeft, 0x2F),
    (KeyCode::BracketRight, 0x30),
    (KeyCode::Backslash, 0x31),
    (KeyCode::Semicolon, 0x33),
    (KeyCode::Quote, 0x34),
    (KeyCode::Backquote, 0x35),
    (KeyCode::Comma, 0x36),
    (KeyCode::Period, 0x37),
    (KeyCode::Slash, 0x38),
    (KeyCode::CapsLock, 0x39),
    (KeyCode::F1, 0x3A),
    (KeyCode::F2, 0x3B),
    (KeyCode::F3, 0x3C),
    (KeyCode::F4, 0x3D),
    (KeyCode::F5, 0x3E),
    (KeyCode::F6, 0x3F),
    (KeyCode::F7, 0x40),
    (KeyCode::F8, 0x41),
    (KeyCode::F9, 0x42),
    (KeyCode::F10, 0x43),
    (KeyCode::F11, 0x44),
    (KeyCode::F12, 0x45),
    (KeyCode::PrintScreen, 0x46),
    (KeyCode::ScrollLock, 0x47),
    (KeyCode::Pause, 0x48),
    (KeyCode::Insert, 0x49),
    (KeyCode::Home, 0x4A),
    (KeyCode::PageUp, 0x4B),
    (KeyCode::Delete, 0x4C),
    (KeyCode::End, 0x4D),
    (KeyCode::PageDown, 0x4E),
    (KeyCode::ArrowRight, 0x4F),
    (KeyCode::ArrowLeft, 0x50),
    (KeyCode::ArrowDown, 0x51),
    (KeyCode::ArrowUp, 0x52),
    (KeyCode::NumLock, 0x53),
    (KeyCode::NumpadDivide, 0x54),
    (KeyCode::NumpadMultiply, 0x55),
    // The `*` of a telephone's pad is where a keyboard's pad has its multiplication.
    (KeyCode::NumpadStar, 0x55),
    (KeyCode::NumpadSubtract, 0x56),
    (KeyCode::NumpadAdd, 0x57),
    (KeyCode::NumpadEnter, 0x58),
    (KeyCode::Numpad1, 0x59),
    (KeyCode::Numpad2, 0x5A),
    (KeyCode::Numpad3, 0x5B),
    (KeyCode::Numpad4, 0x5C),
    (KeyCode::Numpad5, 0x5D),
    (KeyCode::Numpad6, 0x5E),
    (KeyCode::Numpad7, 0x5F),
    (KeyCode::Numpad8, 0x60),
    (KeyCode::Numpad9, 0x61),
    (KeyCode::Numpad0, 0x62),
    (KeyCode::NumpadDecimal, 0x63),
    (KeyCode::IntlBackslash, 0x64),
    (KeyCode::ContextMenu, 0x65),
    (KeyCode::Power, 0x66),
    (KeyCode::NumpadEqual, 0x67),
    (KeyCode::F13, 0x68),
    (KeyCode::F14, 0x69),
    (KeyCode::F15, 0x6A),
    (KeyCode::F16, 0x6B),
    (KeyCode::F17, 0x6C),
    (KeyCode::F18, 0x6D),
    (KeyCode::F19, 0x6E),
    (KeyCode::F20, 0x6F),
    (KeyCode::F21, 0x70),
    (KeyCode::F22, 0x71),
    (KeyCode::F23, 0x72),
    (KeyCode::F24, 0x73),
    (KeyCode::Open, 0x74),
    (KeyCode::Help, 0x75),
    (KeyCode::Select, 0x77),
    (KeyCode::Again, 0x79),
    (KeyCode::Undo, 0x7A),
    (KeyCode::Cut, 0x7B),
    (KeyCode::Copy, 0x7C),
    (KeyCode::Paste, 0x7D),
    (KeyCode::Find, 0x7E),
    (KeyCode::AudioVolumeMute, 0x7F),
    (KeyCode::AudioVolumeUp, 0x80),
    (KeyCode::AudioVolumeDown, 0x81),
    (KeyCode::NumpadComma, 0x85),
    (KeyCode::IntlRo, 0x87),
    (KeyCode::KanaMode, 0x88),
    (KeyCode::IntlYen, 0x89),
    (KeyCode::Convert, 0x8A),
    (KeyCode::NonConvert, 0x8B),
    (KeyCode::Lang1, 0x90),
    (KeyCode::Lang2, 0x91),
    (KeyCode::Lang3, 0x92),
    (KeyCode::Katakana, 0x92),
    (KeyCode::Lang4, 0x93),
    (KeyCode::Hiragana, 0x93),
    (KeyCode::Lang5, 0x94),
    (KeyCode::Abort, 0x9B),
    (KeyCode::Props, 0xA3),
    (KeyCode::NumpadParenLeft, 0xB6),
    (KeyCode::NumpadParenRight, 0xB7),
    (KeyCode::NumpadBackspace, 0xBB),
    (KeyCode::NumpadHash, 0xCC),
    (KeyCode::NumpadMemoryStore, 0xD0),
    (KeyCode::NumpadMemoryRecall, 0xD1),
    (KeyCode::NumpadMemoryClear, 0xD2),
    (KeyCode::NumpadMemoryAdd, 0xD3),
    (KeyCode::NumpadMemorySubtract, 0xD4),
    (KeyCode::NumpadClear, 0xD8),
    (KeyCode::NumpadClearEntry, 0xD9),
    (KeyCode::ControlLeft, 0xE0),
    (KeyCode::ShiftLeft, 0xE1),
    (KeyCode::AltLeft, 0xE2),
    (KeyCode::SuperLeft, 0xE3),
    (KeyCode::ControlRight, 0xE4),
    (KeyCode::ShiftRight, 0xE5),
    (KeyCode::AltRight, 0xE6),
    (KeyCode::SuperRight, 0xE7),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_key_stands_twice_and_usages_are_in_order() {
        let codes: HashSet<_> = TABLE.iter().map(|(code, _)| code).collect();
        assert_eq!(codes.len(), TABLE.len());
        assert!(
            TABLE
                .iter()
                .filter(|(code, _)| *code != KeyCode::Props)
                .is_sorted_by_key(|(_, usage)| usage)
        );
    }

    #[test]
    fn every_key_of_a_keyboard_is_there() {
        // Usages that a keyboard with 105 keys, its Japanese and Korean kin, and a pad send.
        let known: HashSet<_> = TABLE.iter().map(|(_, usage)| *usage).collect();
        // 0x32 is the key that winit calls Backslash on ISO keyboards; 0x82 to 0x84 are locking keys of typewriters.
        let gaps = [0x32, 0x76, 0x78];
        let missing: Vec<_> = (0x04..=0x7E)
            .chain(0xE0..=0xE7)
            .filter(|usage| !known.contains(usage) && !gaps.contains(usage))
            .collect();
        assert_eq!(missing, Vec::<u16>::new());
    }

    #[test]
    fn keys_translate_both_ways() {
        for (key, number) in [
            (KeyCode::KeyA, 4),
            (KeyCode::Enter, 40),
            (KeyCode::ArrowUp, 82),
            (KeyCode::AltRight, 230),
        ] {
            assert_eq!(usage(PhysicalKey::Code(key)), Some(number));
            assert_eq!(code(number), Some(key));
        }
        assert_eq!(usage(PhysicalKey::Code(KeyCode::MediaPlayPause)), None);
        assert_eq!(code(0), None);
    }

    #[test]
    fn a_key_counts_by_its_place_unless_what_it_means_cannot_be_there() {
        let means = |place: KeyCode, meaning: Key| resolve(PhysicalKey::Code(place), &meaning);
        let text = |text: &str| Key::Character(text.into());
        // Other layouts, and a pad without Num Lock.
        assert_eq!(means(KeyCode::KeyQ, text("a")), Some(0x14));
        assert_eq!(means(KeyCode::Semicolon, text("ö")), Some(0x33));
        assert_eq!(means(KeyCode::Numpad7, Key::Named(NamedKey::Home)), Some(0x5F));
        assert_eq!(means(KeyCode::NumpadEnter, Key::Named(NamedKey::Enter)), Some(0x58));
        assert_eq!(means(KeyCode::ControlRight, Key::Named(NamedKey::Control)), Some(0xE4));
        assert_eq!(means(KeyCode::Equal, Key::Dead(Some('´'))), Some(0x2E));
        // Keyboards that are none, and keys that the user has moved.
        assert_eq!(means(KeyCode::Escape, text("f")), Some(0x09));
        assert_eq!(means(KeyCode::Digit1, Key::Named(NamedKey::F11)), Some(0x44));
        assert_eq!(means(KeyCode::Escape, Key::Named(NamedKey::Space)), Some(0x2C));
        assert_eq!(means(KeyCode::CapsLock, Key::Named(NamedKey::Escape)), Some(0x29));
        let nowhere = PhysicalKey::Unidentified(winit::keyboard::NativeKeyCode::Xkb(250));
        assert_eq!(resolve(nowhere, &text("Z")), Some(0x1D));
        assert_eq!(resolve(nowhere, &text("0")), Some(0x27));
        assert_eq!(resolve(nowhere, &text("ß")), None);
    }

    #[test]
    fn a_key_goes_up_as_what_it_went_down() {
        let (place, up) = (PhysicalKey::Code(KeyCode::KeyE), Key::Named(NamedKey::ArrowUp));
        let mut pressed_keys = PressedKeys::default();
        assert_eq!(pressed_keys.code(place, &up, true, false), Some(0x52));
        let letter = Key::Character("e".into());
        assert_eq!(pressed_keys.code(place, &letter, true, true), Some(0x52));
        assert_eq!(pressed_keys.code(place, &letter, false, false), Some(0x52));
        assert_eq!(pressed_keys.code(place, &letter, true, false), Some(0x08));
        assert_eq!(
            pressed_keys.code(place, &up, true, false),
            Some(0x52),
            "pressed again without a release"
        );
        pressed_keys.clear();
        assert_eq!(pressed_keys.code(place, &letter, false, false), Some(0x08));
    }

    #[test]
    fn widgets_know_the_keys_that_they_use() {
        for (usage, key) in [
            (4, egui::Key::A),
            (0x1E, egui::Key::Num1),
            (0x28, egui::Key::Enter),
            (0x29, egui::Key::Escape),
            (0x2A, egui::Key::Backspace),
            (0x2B, egui::Key::Tab),
            (0x2C, egui::Key::Space),
            (0x4C, egui::Key::Delete),
            (0x50, egui::Key::ArrowLeft),
            (0x58, egui::Key::Enter),
        ] {
            assert_eq!(widget_key(usage), Some(key));
        }
    }

    #[test]
    fn modifiers_are_modifiers_of_widgets() {
        assert!(widget_modifiers(0).is_none());
        let both = widget_modifiers(0b0011);
        assert!(both.shift && both.ctrl && !both.alt);
    }

    #[test]
    fn modifiers_are_bits() {
        assert_eq!(modifiers(ModifiersState::empty()), 0);
        assert_eq!(modifiers(ModifiersState::SHIFT | ModifiersState::ALT), 0b101);
        assert_eq!(modifiers(ModifiersState::all()), 0b1111);
    }
}
