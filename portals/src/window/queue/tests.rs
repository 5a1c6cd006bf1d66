//! Bounds and orders of the queues.

use super::*;
use proptest::prelude::*;
use std::time::Instant;

fn key(code: u16, state: KeyState) -> Key {
    Key {
        time: Instant::now(),
        code,
        state,
        modifiers: 0,
    }
}

fn cursor(kind: CursorKind, x: f32) -> Cursor {
    Cursor {
        time: Instant::now(),
        x,
        y: 0.0,
        dx: 1.0,
        dy: 0.5,
        kind,
        button: 0,
        pointer: 0,
    }
}

#[test]
fn the_oldest_repeat_gives_way_first() {
    let mut queue = Queue::<Key>::default();
    for code in 0..MAX_EVENTS as u16 {
        queue.push(key(
            code,
            if code == 7 || code == 9 {
                KeyState::Repeated
            } else {
                KeyState::Pressed
            },
        ));
    }
    queue.push(key(2000, KeyState::Released));
    queue.push(key(2001, KeyState::Released));
    queue.push(key(2002, KeyState::Released));
    let codes: Vec<_> = queue.take(usize::MAX).map(|key| key.code).collect();
    assert_eq!(codes.len(), MAX_EVENTS);
    // Both repeats went, then the oldest event.
    assert_eq!(codes[..9], [1, 2, 3, 4, 5, 6, 8, 10, 11]);
    assert_eq!(codes[codes.len() - 3..], [2000, 2001, 2002]);
}

#[test]
fn moves_coalesce_only_when_the_queue_is_full() {
    let mut queue = Queue::<Cursor>::default();
    for x in 0..MAX_EVENTS {
        queue.push(cursor(CursorKind::Moved, x as f32));
    }
    assert_eq!(queue.len(), MAX_EVENTS);
    queue.push(cursor(CursorKind::Moved, 5000.0));
    queue.push(cursor(CursorKind::Moved, 5001.0));
    assert_eq!(queue.len(), MAX_EVENTS);
    let last = queue.take(usize::MAX).last().map(|event| (event.x, event.dx, event.dy));
    assert_eq!(last, Some((5001.0, 3.0, 1.5)));
}

#[test]
fn typed_text_is_joined_and_free_of_control_characters() {
    let mut typed = TextQueue::default();
    typed.commit("\u{8}");
    assert_eq!(typed.waiting(), None);
    typed.commit("a\r");
    typed.commit("ĝ");
    typed.compose("に");
    assert_eq!(typed.waiting(), Some(("aĝ", "に")));
    typed.delivered();
    typed.compose("に");
    assert_eq!(typed.waiting(), None);
    typed.compose("");
    assert_eq!(typed.waiting(), Some(("", "")));
}

#[test]
fn enter_delivers_the_same_query_again() {
    let mut query = Query::default();
    query.set("", false);
    assert_eq!(query.waiting(), None);
    query.set("re", false);
    query.set("red", false);
    assert_eq!(query.waiting(), Some("red"));
    query.delivered();
    query.set("red", false);
    assert_eq!(query.waiting(), None);
    query.set("red", true);
    assert_eq!(query.waiting(), Some("red"));
}

proptest! {
    /// Presses and releases outlive any number of repeats, in their order.
    #[test]
    fn repeats_never_push_out_a_press(states in proptest::collection::vec(0..40_u8, 0..3000)) {
        let mut queue = Queue::<Key>::default();
        let mut kept = Vec::new();
        for (code, state) in states.into_iter().enumerate() {
            let state = if state == 0 { KeyState::Pressed } else { KeyState::Repeated };
            if state == KeyState::Pressed {
                kept.push(code as u16);
            }
            queue.push(key(code as u16, state));
            prop_assert!(queue.len() <= MAX_EVENTS);
        }
        let pressed: Vec<_> =
            queue.take(usize::MAX).filter(|key| key.state == KeyState::Pressed).map(|key| key.code).collect();
        prop_assert_eq!(pressed, kept);
    }

    /// However events mix, no way of the cursor is lost while only moves flood, and the queue stays bounded.
    #[test]
    fn coalescing_keeps_the_way(kinds in proptest::collection::vec(0..50_u8, 0..4000)) {
        let mut queue = Queue::<Cursor>::default();
        let (mut way, mut presses) = (0.0, 0);
        for kind in kinds {
            if kind == 0 {
                presses += 1;
                queue.push(cursor(CursorKind::Pressed, 0.0));
            } else {
                way += 1.0;
                queue.push(cursor(CursorKind::Moved, 0.0));
            }
            prop_assert!(queue.len() <= Cursor::MOST);
        }
        let events: Vec<_> = queue.take(usize::MAX).collect();
        prop_assert_eq!(events.iter().filter(|event| event.is_expendable()).map(|event| event.dx).sum::<f32>(), way);
        prop_assert_eq!(events.iter().filter(|event| !event.is_expendable()).count(), presses);
    }
}
