//! The prompt and the lights.

use super::super::{Answer, PromptView, Question};
use super::*;
use portico_kernel::Permission;

const ENTER: u16 = 40;
const ESC: u16 = 41;
const TAB: u16 = 43;

fn question(portal: &'static str) -> Event {
    Event::Asked(Question {
        permission: Permission::whole(portal),
        reason: None,
    })
}

/// All of the prompt is in the window.
fn seen() -> Event {
    Event::PromptShown(PromptView {
        whole: true,
        ..PromptView::default()
    })
}

fn answer(portal: &'static str, answer: Answer) -> Vec<Effect> {
    vec![Effect::Shell(ShellEffect::Answer {
        permission: Permission::whole(portal),
        answer,
    })]
}

/// Without what the chrome's own widgets also get to see.
fn but_chrome(mut effects: Vec<Effect>) -> Vec<Effect> {
    effects.retain(|effect| *effect != Effect::Window(WindowEffect::Chrome));
    effects
}

/// A bench whose prompt has just been drawn.
fn asked(portals: &[&'static str]) -> Bench {
    let mut bench = Bench::new();
    for portal in portals {
        assert_eq!(bench.apply(question(portal)), []);
    }
    bench.apply(seen());
    bench
}

#[test]
fn a_prompt_can_be_answered_when_it_has_been_seen_for_half_a_second() {
    let mut bench = Bench::new();
    bench.apply(question("camera"));
    bench.wait(5.0);
    assert_eq!(bench.apply(Event::Answered(Answer::Always)), [], "nobody has seen it");
    bench.apply(seen());
    bench.wait(0.45);
    assert_eq!(bench.apply(Event::Answered(Answer::Always)), []);
    bench.wait(0.06);
    assert_eq!(
        bench.apply(Event::Answered(Answer::Always)),
        answer("camera", Answer::Always)
    );
    assert_eq!(bench.model.question(), None);
    assert_eq!(bench.apply(Event::Answered(Answer::Always)), [], "once");
}

#[test]
fn a_press_that_comes_too_early_makes_it_take_as_long_again() {
    let mut bench = asked(&["camera"]);
    bench.wait(0.4);
    bench.apply(Event::PromptDisturbed);
    bench.wait(0.4);
    assert_eq!(bench.apply(Event::Answered(Answer::Once)), []);
    // A key, too.
    assert_eq!(but_chrome(bench.tap(ENTER, 0)), []);
    bench.wait(0.4);
    assert_eq!(bench.apply(Event::Answered(Answer::Once)), []);
    bench.wait(0.2);
    assert_eq!(
        bench.apply(Event::Answered(Answer::Once)),
        answer("camera", Answer::Once)
    );
}

#[test]
fn a_key_that_was_held_before_is_no_answer() {
    let mut bench = Bench::new();
    assert_eq!(bench.press(ENTER, 0).len(), 1, "it is the program's");
    bench.apply(question("camera"));
    bench.apply(seen());
    bench.wait(1.0);
    bench.tap(TAB, 0);
    bench.tap(TAB, 0);
    assert_eq!(bench.model.selected_answer(), Some(Answer::Once));
    for _ in 0..20 {
        assert_eq!(but_chrome(bench.key(ENTER, KeyState::Repeated, 0, Some("\n"))), []);
    }
    bench.release(ENTER, 0);
    assert!(bench.model.question().is_some());
    assert_eq!(but_chrome(bench.press(ENTER, 0)), answer("camera", Answer::Once));
}

#[test]
fn the_keyboard_goes_round_the_buttons_and_starts_on_none() {
    let mut bench = asked(&["camera"]);
    bench.wait(1.0);
    assert_eq!(
        but_chrome(bench.tap(ENTER, 0)),
        [],
        "none is chosen: Enter means nothing"
    );
    bench.tap(TAB, 1);
    assert_eq!(bench.model.selected_answer(), Some(Answer::Always));
    bench.tap(TAB, 0);
    assert_eq!(but_chrome(bench.tap(ENTER, 0)), answer("camera", Answer::Never));
}

#[test]
fn esc_is_not_now_at_any_time_and_reaches_no_program() {
    let mut bench = asked(&["camera"]);
    assert_eq!(but_chrome(bench.press(ESC, 0)), answer("camera", Answer::NotNow));
}

#[test]
fn a_second_question_waits_and_is_armed_by_itself() {
    let mut bench = asked(&["camera", "microphone", "camera"]);
    assert_eq!(bench.model.waiting_questions(), 1, "a portal is asked about once");
    bench.wait(1.0);
    bench.apply(Event::Answered(Answer::Always));
    assert_eq!(
        bench.model.question().map(|question| question.permission.portal),
        Some("microphone")
    );
    assert_eq!(
        bench.apply(Event::Answered(Answer::Always)),
        [],
        "a double click answers one"
    );
    bench.apply(seen());
    bench.wait(1.0);
    assert_eq!(
        bench.apply(Event::Answered(Answer::Never)),
        answer("microphone", Answer::Never)
    );
}

#[test]
fn a_question_that_is_settled_elsewhere_goes() {
    let mut bench = asked(&["camera", "microphone"]);
    bench.wait(1.0);
    bench.apply(Event::Settled(Permission::whole("microphone")));
    assert!(bench.model.is_prompt_armed(), "the one that is shown is as it was");
    bench.apply(Event::Settled(Permission::whole("camera")));
    assert_eq!(bench.model.question(), None);
    // Nor does one outlive its program.
    bench.apply(question("camera"));
    bench.apply(Event::Ended(Outcome::Code(1)));
    assert_eq!(bench.model.question(), None);
}

#[test]
fn a_light_is_on_while_something_is_used_and_three_seconds_longer() {
    let mut bench = Bench::new();
    let used = |channels| Event::Used {
        permission: Permission::whole("microphone"),
        channels,
    };
    bench.apply(used(2));
    bench.wait(100.0);
    assert_eq!(bench.model.privacy_indicators().len(), 1);
    bench.apply(used(0));
    bench.wait(2.9);
    assert_eq!(bench.model.privacy_indicators().len(), 1);
    bench.apply(Event::IndicatorPressed(Permission::whole("microphone")));
    assert!(bench.model.open_indicator().is_some());
    bench.wait(0.2);
    assert!(bench.model.privacy_indicators().is_empty() && bench.model.open_indicator().is_none());
    // What is used is taken back from its panel.
    bench.apply(used(1));
    bench.apply(Event::IndicatorPressed(Permission::whole("microphone")));
    assert_eq!(
        bench.apply(Event::TakenBack),
        [Effect::Shell(ShellEffect::TakeBack(Permission::whole("microphone")))]
    );
    assert!(bench.model.open_indicator().is_none());
}

#[test]
fn what_is_not_wholly_seen_can_t_be_answered_by_anything() {
    let mut bench = Bench::new();
    bench.apply(question("camera"));
    let view = PromptView {
        wants: (496.0, 240.0),
        ..PromptView::default()
    };
    bench.apply(Event::PromptShown(view));
    bench.wait(5.0);
    for answer in Answer::BUTTONS {
        // From the pointer or assistive technology.
        assert_eq!(bench.apply(Event::Answered(answer)), []);
    }
    // A person who can't see it would press the third button so.
    for _ in 0..3 {
        assert_eq!(but_chrome(bench.tap(TAB, 0)), []);
    }
    assert_eq!(bench.model.selected_answer(), None);
    assert_eq!(
        but_chrome(bench.tap(ENTER, 0)),
        [Effect::Window(WindowEffect::MakeRoom {
            width: 496.0,
            height: 240.0
        })]
    );
    assert!(bench.model.question().is_some());
    bench.apply(seen());
    assert_eq!(
        bench.apply(Event::Answered(Answer::Always)),
        [],
        "it has only just come into sight"
    );
    bench.wait(0.6);
    assert_eq!(
        bench.apply(Event::Answered(Answer::Always)),
        answer("camera", Answer::Always)
    );
    // There is always a way out.
    bench.apply(question("microphone"));
    bench.apply(Event::PromptShown(view));
    assert_eq!(but_chrome(bench.press(ESC, 0)), answer("microphone", Answer::NotNow));
}

#[test]
fn a_press_that_comes_before_the_notice_is_read_makes_no_room() {
    let mut bench = Bench::new();
    bench.apply(question("camera"));
    bench.apply(Event::PromptShown(PromptView::default()));
    assert_eq!(but_chrome(bench.tap(ENTER, 0)), []);
    assert_eq!(bench.apply(Event::RoomWanted), []);
    bench.wait(0.6);
    assert_eq!(
        bench.apply(Event::RoomWanted),
        [Effect::Window(WindowEffect::MakeRoom {
            width: 0.0,
            height: 0.0
        })]
    );
}

#[test]
fn what_moves_or_is_covered_takes_as_long_again() {
    type Move = (&'static str, fn(&mut Bench));
    let moves: [Move; 6] = [
        ("another size", |bench| {
            drop(bench.apply(Event::Resized {
                width: 50,
                height: 20,
                scale: 1.0,
            }))
        }),
        ("another scale", |bench| {
            drop(bench.apply(Event::Resized {
                width: 0,
                height: 0,
                scale: 4.0,
            }))
        }),
        ("another place", |bench| {
            let view = PromptView {
                whole: true,
                place: [0.0, 40.0, 480.0, 200.0],
                ..PromptView::default()
            };
            bench.apply(Event::PromptShown(view));
        }),
        ("another name", |bench| bench.model.set_name("Another")),
        ("the HUD over it", |bench| {
            bench.apply(Event::HudToggled);
            assert_eq!(bench.apply(Event::Answered(Answer::Always)), []);
            bench.apply(seen());
            bench.wait(1.0);
            assert_eq!(bench.apply(Event::Answered(Answer::Always)), [], "it is still covered");
            bench.apply(Event::HudToggled);
        }),
        ("out of sight", |bench| {
            bench.apply(Event::Visible(false));
            bench.apply(seen());
            bench.wait(1.0);
            assert_eq!(bench.apply(Event::Answered(Answer::Always)), [], "nobody sees it");
            bench.apply(Event::Visible(true));
        }),
    ];
    for (what, move_it) in moves {
        let mut bench = asked(&["camera"]);
        bench.wait(1.0);
        assert!(bench.model.is_prompt_armed());
        bench.tap(TAB, 0);
        move_it(&mut bench);
        assert!(
            !bench.model.is_prompt_armed() && bench.model.selected_answer().is_none(),
            "{what}"
        );
        assert_eq!(bench.apply(Event::Answered(Answer::Always)), [], "{what}");
        if what != "another place" {
            bench.apply(seen());
        }
        bench.wait(0.6);
        assert_eq!(
            bench.apply(Event::Answered(Answer::Always)),
            answer("camera", Answer::Always),
            "{what}"
        );
    }
}
