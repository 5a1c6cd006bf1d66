//! Keys (26), text (27) and the cursor (28).

use crate::probe::{FREE, Probe, list};
use portico_abi::{Cursor as CursorEvent, Key as KeyEvent, List, TextInput, which};
use portico_portals::{Cursor, CursorKind, Key, KeyState};
use std::time::Duration;

const AT: u32 = 0x6000;

fn key(probe: &Probe, millis: u64, code: u16, state: KeyState, modifiers: u8) {
    let at = probe.process.started() + Duration::from_millis(millis);
    probe.window.key(Key {
        time: at,
        code,
        state,
        modifiers,
    });
}

#[test]
fn keys_arrive_byte_for_byte() {
    let mut probe = Probe::start();
    key(&probe, 1, 9, KeyState::Pressed, 0);
    probe.put(AT, &list(2, FREE));
    assert_eq!(probe.open(1, which::KEYS, AT).go(), [0; 0], "nobody listened then");
    key(&probe, 1, 0x0104, KeyState::Pressed, 0b1010);
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.get::<List>(AT), list(1, FREE));
    assert_eq!(
        probe.get::<[u8; 12]>(FREE),
        [0xE8, 3, 0, 0, 0, 0, 0, 0, 4, 1, 1, 0b1010]
    );
}

#[test]
fn a_list_of_keys_delivers_as_many_as_fit() {
    let mut probe = Probe::start();
    assert_eq!(probe.put(AT, &list(2, 0)).open(1, which::KEYS, AT).go(), [0; 0]);
    for code in 4..9 {
        key(&probe, 0, code, KeyState::Repeated, 0);
    }
    assert_eq!(probe.wait(), [1]);
    let told: List = probe.get(AT);
    assert!(told.data.get() == 0 && (1..=5).contains(&told.size.get()), "{told:?}");
    let mut codes = Vec::new();
    let mut ready = probe.put(AT, &list(2, FREE)).send(1, AT).go();
    for expected in [2, 2, 1] {
        assert_eq!(ready, [1]);
        let size = probe.get::<List>(AT).size.get();
        assert_eq!(size, expected);
        let events: [KeyEvent; 2] = [probe.get(FREE), probe.get(FREE + 12)];
        codes.extend(events[..size as usize].iter().map(|event| event.code.get()));
        if codes.len() < 5 {
            ready = probe.wait();
        }
    }
    assert_eq!(codes, [4, 5, 6, 7, 8]);
}

#[test]
fn the_cursor_arrives_byte_for_byte() {
    let mut probe = Probe::start();
    assert_eq!(probe.put(AT, &list(4, FREE)).open(1, which::CURSOR, AT).go(), [0; 0]);
    let at = probe.process.started() + Duration::from_micros(0x0102_0304);
    let event = Cursor {
        time: at,
        x: -1.5,
        y: 20.25,
        dx: 3.0,
        dy: -4.0,
        kind: CursorKind::TouchEnded,
        button: 4,
        pointer: 0x0506,
    };
    probe.window.cursor(event);
    assert_eq!(probe.wait(), [1]);
    let mut expected = vec![4, 3, 2, 1, 0, 0, 0, 0];
    for number in [-1.5_f32, 20.25, 3.0, -4.0] {
        expected.extend(number.to_le_bytes());
    }
    expected.extend([8, 4, 6, 5]);
    assert_eq!(probe.get::<[u8; 28]>(FREE).as_slice(), expected);
}

#[test]
fn every_channel_hears_every_event() {
    let mut probe = Probe::start();
    probe.put(AT, &list(4, FREE)).put(AT + 8, &list(4, FREE + 0x100));
    assert_eq!(
        probe.open(1, which::CURSOR, AT).open(2, which::CURSOR, AT + 8).go(),
        [0; 0]
    );
    let (at, kind) = (probe.process.started(), CursorKind::Scrolled);
    probe.window.cursor(Cursor {
        time: at,
        x: 0.0,
        y: 0.0,
        dx: 0.0,
        dy: 3.0,
        kind,
        button: 0,
        pointer: 0,
    });
    let mut ready = probe.wait();
    if ready.len() < 2 {
        ready.extend(probe.wait());
    }
    assert_eq!(ready, [1, 2]);
    assert_eq!(probe.get::<CursorEvent>(FREE), probe.get(FREE + 0x100));
    assert_eq!(probe.get::<CursorEvent>(FREE).dy.get(), 3.0);
}

#[test]
fn text_arrives_with_its_composition() {
    let mut probe = Probe::start();
    let message = TextInput {
        text: list(8, FREE),
        preedit: list(8, FREE + 0x100),
        caret_x: (-5).into(),
        caret_y: 6.into(),
        caret_w: 7.into(),
        caret_h: 8.into(),
    };
    assert_eq!(probe.window.chrome().caret, None);
    assert_eq!(probe.put(AT, &message).open(1, which::TEXT, AT).go(), [0; 0]);
    assert_eq!(probe.window.chrome().caret, Some((-5, 6, 7, 8)));
    probe.window.preedit("に");
    assert_eq!(probe.wait(), [1]);
    assert_eq!((probe.text(AT), probe.text(AT + 8)), (String::new(), "に".to_owned()));
    assert_eq!(probe.put(AT, &message).send(1, AT).go(), [0; 0]);
    probe.window.text("a\u{7}ĉ\n");
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.text(AT), "aĉ", "control characters are no text");
    // Neither is written when one does not fit.
    assert_eq!(probe.put(AT, &message).send(1, AT).go(), [0; 0]);
    probe.window.text("much too long");
    assert_eq!(probe.wait(), [1]);
    let told: TextInput = probe.get(AT);
    assert_eq!(told.text, list(13, 0));
    assert_eq!(told.caret_x.get(), -5, "only the texts are written");
    let longer = TextInput {
        text: list(100, FREE),
        ..message
    };
    assert_eq!(probe.put(AT, &longer).send(1, AT).go(), [1]);
    assert_eq!(probe.text(AT), "much too long");
    probe.discard(1).go();
    assert_eq!(probe.window.chrome().caret, None);
}
