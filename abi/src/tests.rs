//! Byte-exact encodings.

use crate::{
    Architecture, Code, Command, Cursor, Date, DateTime, Key, Language, Level, List, Print, Time, TimeZone, Window,
    which,
};
use zerocopy::{FromBytes, IntoBytes};

#[test]
fn weekday_stands_in_the_top_three_bits() {
    // A Saturday.
    let moment = DateTime {
        date: Date::new(2000, 1, 6, 1),
        time: Time::new(13, 37, 59_999),
    };
    assert_eq!(moment.as_bytes(), [0xD0, 0x07, 1, 0b110_00001, 13, 37, 0x5F, 0xEA]);
    assert_eq!((moment.date.weekday(), moment.date.day_of_month()), (6, 1));
    // Sunday the 31st fills all bits.
    assert_eq!(Date::new(2023, 12, 7, 31).day, 0xFF);
}

#[test]
fn zones_west_of_greenwich_count_back_from_year_zero() {
    // UTC-05:00: the moment that replaces 0000-01-01 00:00 is 19:00 of the day before, a Friday.
    let offset = DateTime {
        date: Date::new(65_535, 12, 5, 31),
        time: Time::new(19, 0, 0),
    };
    let zone = TimeZone {
        designation: u32::from_le_bytes(*b"EST\0").into(),
        deltas: List {
            size: 2.into(),
            data: 0x1000.into(),
        },
        offset,
        leap_seconds: List {
            size: 27.into(),
            data: 0x2000.into(),
        },
        leap: 27.into(),
        is_dst: 0,
        reserved: 0,
    };
    assert_eq!(
        zone.as_bytes(),
        [
            b'E', b'S', b'T', 0, 2, 0, 0, 0, 0, 0x10, 0, 0, 0xFF, 0xFF, 12, 0xBF, 19, 0, 0, 0, 27, 0, 0, 0, 0, 0x20, 0,
            0, 27, 0, 0, 0
        ]
    );
}

#[test]
fn a_command_opens_a_channel() {
    let open = Command {
        channel: 0.into(),
        new: 7.into(),
        which: which::FRAME.into(),
        data: 0x0001_0203.into(),
    };
    assert_eq!(open.as_bytes(), [0, 0, 0, 0, 7, 0, 0, 0, 35, 0, 0, 0, 3, 2, 1, 0]);
}

#[test]
fn small_fields_are_packed() {
    let key = Key {
        micros: 1.into(),
        code: 40.into(),
        state: 2,
        modifiers: 3,
    };
    assert_eq!(key.as_bytes(), [1, 0, 0, 0, 0, 0, 0, 0, 40, 0, 2, 3]);
    let print = Print {
        which: 258.into(),
        level: Level::Error.number() | 0xF0,
        set_name: 0,
        text: List::default(),
    };
    assert_eq!(print.as_bytes(), [2, 1, 0xF8, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let mut bytes = [0; 28];
    bytes[8..12].copy_from_slice(&1.5_f32.to_le_bytes());
    bytes[24..].copy_from_slice(&[3, 1, 2, 1]);
    let cursor = Cursor::read_from_bytes(&bytes);
    assert!(cursor.is_ok_and(|cursor| cursor.x.get() == 1.5
        && cursor.kind == 3
        && cursor.button == 1
        && cursor.pointer.get() == 258));
}

#[test]
fn messages_need_no_alignment() {
    let mut bytes = [0; 17];
    bytes[1..].copy_from_slice(&[0, 5, 0, 0, 0xD0, 2, 0, 0, 0, 0, 0, 0x40, 0b10_1001, 0, 0, 0]);
    let window = Window::ref_from_bytes(&bytes[1..]);
    assert!(window.is_ok_and(|window| window.width.get() == 1280
        && window.height.get() == 720
        && window.scale.get() == 2.0
        && window.flags.get() == Window::FOCUSED | Window::DARK | Window::CLOSING));
}

#[test]
fn numbers_outside_an_enum_are_none() {
    assert_eq!(Architecture::from_number(4), Some(Architecture::X86));
    assert_eq!(Architecture::from_number(u32::MAX), Some(Architecture::Unknown));
    assert_eq!(Architecture::from_number(5), None);
    assert_eq!(Level::from_number(3), None);
    assert_eq!(Code::from_number(0), None);
    assert_eq!(Code::from_number(8), Some(Code::Failed));
}

#[test]
fn a_language_is_four_letters() {
    assert_eq!(Language { code: *b"eoXX" }.as_str(), Some("eoXX"));
    assert_eq!(Language { code: *b"en\0\0" }.as_str(), None);
}
