//! The prompt and the lights.

use super::*;
use crate::model::{Answer, Question};

const ENTER: u16 = 40;
const ESC: u16 = 41;
const TAB: u16 = 43;

fn question(portal: &'static str) -> Event {
    Event::Asked(Question { portal, reason: None })
}

fn answer(portal: &'static str, answer: Answer) -> Vec<Effect> {
    vec![Effect::Answer { portal, answer }]
}

/// Without what the chrome's own widgets also get to see.
fn but_chrome(mut effects: Vec<Effect>) -> Vec<Effect> {
    effects.retain(|effect| *effect != Effect::Chrome);
    effects
}

/// A bench whose prompt has just been drawn.
fn asked(portals: &[&'static str]) -> Bench {
    let mut bench = Bench::new();
    for portal in portals {
        assert_eq!(bench.apply(question(portal)), []);
    }
    bench.apply(Event::PromptSeen);
    bench
}

#[test]
fn a_prompt_can_be_answered_when_it_has_been_seen_for_half_a_second() {
    let mut bench = Bench::new();
    bench.apply(question("camera"));
    bench.wait(5.0);
    assert_eq!(bench.apply(Event::Answered(Answer::Always)), [], "nobody has seen it");
    bench.apply(Event::PromptSeen);
    bench.wait(0.45);
    assert_eq!(bench.apply(Event::Answered(Answer::Always)), []);
    bench.wait(0.06);
    assert_eq!(bench.apply(Event::Answered(Answer::Always)), answer("camera", Answer::Always));
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
    assert_eq!(bench.apply(Event::Answered(Answer::Once)), answer("camera", Answer::Once));
}

#[test]
fn a_key_that_was_held_before_is_no_answer() {
    let mut bench = Bench::new();
    assert_eq!(bench.press(ENTER, 0).len(), 1, "it is the program's");
    bench.apply(question("camera"));
    bench.apply(Event::PromptSeen);
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
    assert_eq!(but_chrome(bench.tap(ENTER, 0)), [], "none is chosen: Enter means nothing");
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
    assert_eq!(bench.model.question().map(|question| question.portal), Some("microphone"));
    assert_eq!(bench.apply(Event::Answered(Answer::Always)), [], "a double click answers one");
    bench.apply(Event::PromptSeen);
    bench.wait(1.0);
    assert_eq!(bench.apply(Event::Answered(Answer::Never)), answer("microphone", Answer::Never));
}

#[test]
fn a_question_that_is_settled_elsewhere_goes() {
    let mut bench = asked(&["camera", "microphone"]);
    bench.wait(1.0);
    bench.apply(Event::Settled("microphone"));
    assert!(bench.model.is_prompt_armed(), "the one that is shown is as it was");
    bench.apply(Event::Settled("camera"));
    assert_eq!(bench.model.question(), None);
    // Nor does one outlive its program.
    bench.apply(question("camera"));
    bench.apply(Event::Ended(Outcome::Code(1)));
    assert_eq!(bench.model.question(), None);
}

#[test]
fn a_light_is_on_while_something_is_used_and_three_seconds_longer() {
    let mut bench = Bench::new();
    let used = |channels| Event::Used { portal: "microphone", channels };
    bench.apply(used(2));
    bench.wait(100.0);
    assert_eq!(bench.model.uses().len(), 1);
    bench.apply(used(0));
    bench.wait(2.9);
    assert_eq!(bench.model.uses().len(), 1);
    bench.apply(Event::LightPressed("microphone"));
    assert!(bench.model.open_light().is_some());
    bench.wait(0.2);
    assert!(bench.model.uses().is_empty() && bench.model.open_light().is_none());
    // What is used is taken back from its panel.
    bench.apply(used(1));
    bench.apply(Event::LightPressed("microphone"));
    assert_eq!(bench.apply(Event::TakenBack), [Effect::TakeBack("microphone")]);
    assert!(bench.model.open_light().is_none());
}
