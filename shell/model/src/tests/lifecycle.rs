//! A program from its start to its end: when it counts as unresponsive, and what it leaves.

use super::*;

#[test]
fn unresponsive_overlay_comes_after_five_seconds_without_an_answer() {
    let mut b = Bench::new();
    b.press(A, 0);
    assert_eq!(b.model.wake_at(), Some(b.now.time + Duration::from_secs(5)));
    b.wait(4.75);
    assert!(!b.model.is_unresponsive());
    check(&b.wait(0.25), &["Released 4"]);
    assert!(b.model.is_unresponsive() && b.model.keyboard() == Keyboard::Page);
    check(&b.tap(A, 0), &["Chrome", "Chrome"]);
    b.apply(Event::UnresponsiveWait);
    assert!(!b.model.is_unresponsive());
    b.wait(5.0);
    assert!(b.model.is_unresponsive());
    b.now.progress.calls += 1;
    b.wait(0.3);
    assert!(!b.model.is_unresponsive() && b.model.wake_at().is_none());
}

#[test]
fn unresponsive_overlay_comes_over_a_program_that_never_calls() {
    let mut b = Bench::new();
    b.apply(Event::Restart);
    b.apply(Event::Started);
    b.wait(4.9);
    assert!(!b.model.is_unresponsive());
    b.wait(0.1);
    assert!(b.model.is_unresponsive());
}

#[test]
fn a_program_that_waits_or_goes_on_answers() {
    let mut b = Bench::new();
    b.now.progress.parked = true;
    b.press(A, 0);
    b.wait(6.0);
    assert!(!b.model.is_unresponsive() && b.model.wake_at().is_none());
    b.now.progress.parked = false;
    b.release(A, 0);
    b.press(A, 0);
    b.now.progress.calls += 1;
    b.wait(6.0);
    assert!(!b.model.is_unresponsive());
    b.cursor(CursorKind::Moved);
    assert!(b.model.wake_at().is_none(), "a pointer passing by asks nothing");
    // It wakes up for the input and never comes back.
    b.now.progress.parked = true;
    b.release(A, 0);
    b.press(A, 0);
    b.now.progress.parked = false;
    b.wait(6.0);
    assert!(b.model.is_unresponsive());
    check(&b.apply(Event::UnresponsiveEnd), &["End"]);
    check(&b.apply(Event::Ended(Outcome::Ended)), &["Close"]);
}

#[test]
fn how_a_program_ends_decides_what_is_left() {
    for (outcome, effects) in [
        (Outcome::Code(0), &["Close"][..]),
        (Outcome::Code(3), &[]),
        (Outcome::Ended, &[]),
        (
            Outcome::Trap {
                summary: "It broke.".into(),
                details: "why".into(),
            },
            &[],
        ),
        (
            Outcome::Refused {
                summary: "No memory.".into(),
                details: String::new(),
            },
            &[],
        ),
    ] {
        let mut b = Bench::new();
        b.press(A, 0);
        check(&b.apply(Event::Ended(outcome.clone())), effects);
        assert_eq!(
            *b.model.phase(),
            Phase::Ended(Page {
                outcome,
                details: false
            })
        );
        check(&b.release(A, 0), &[]);
        check(&b.tap(A, 0), &["Chrome", "Chrome"]);
        check(&b.apply(Event::Restart), &["Restart"]);
        assert_eq!(*b.model.phase(), Phase::Opening);
    }
}

#[test]
fn what_is_still_being_compiled_can_be_ended() {
    let mut b = Bench::new();
    b.apply(Event::Restart);
    b.apply(Event::Loading(None));
    assert_eq!(*b.model.phase(), Phase::Loading(None));
    check(&b.apply(Event::UnresponsiveEnd), &["End"]);
    check(&b.apply(Event::UnresponsiveEnd), &[]);
    check(&b.apply(Event::Ended(Outcome::Ended)), &["Close"]);
}

#[test]
fn closing_leaves_two_seconds_to_save() {
    let mut b = Bench::new();
    check(&b.apply(Event::Close), &["State"]);
    assert!(b.model.is_closing() && !b.model.is_slow_to_close());
    b.wait(0.25);
    assert!(b.model.is_slow_to_close());
    check(&b.wait(1.65), &[]);
    check(&b.wait(0.2), &["Close"]);
    let mut b = Bench::new();
    b.apply(Event::Close);
    check(&b.apply(Event::Ended(Outcome::Code(7))), &["Close"]);
    let mut b = Bench::new();
    b.apply(Event::Close);
    check(&b.apply(Event::Close), &["Close"]);
}
