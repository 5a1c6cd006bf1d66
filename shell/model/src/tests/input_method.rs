//! Composed text is its owner's, and nobody else's, whatever happens in the middle and however late it comes.

use super::super::properties::{chrome_event, cursor_event, key_event, other_event};
use super::*;
use portico_kernel::Permission;
use proptest::prelude::*;
use std::collections::VecDeque;

const LATE: Duration = Duration::from_millis(100);
const OFF: Event = Event::Ime(ImeStatus::Disabled { late: Duration::ZERO });
const ON: Event = Event::Ime(ImeStatus::Enabled);

fn preedit(text: &str) -> Event {
    Event::Preedit(text.into())
}

fn commit(text: &str) -> Event {
    Event::Commit(text.into())
}

/// A window whose program takes text and has a search field.
fn writing() -> Bench {
    let mut b = Bench::new();
    let caret = Some((0, 0, 1, 16));
    check(
        &b.all(Event::Chrome(Chrome { caret, ..program() })),
        &["InputMethod(true)"],
    );
    check(&b.all(ON), &[]);
    b
}

#[test]
fn a_program_hears_of_a_composition_from_its_beginning_to_its_end() {
    let mut b = writing();
    check(&b.all(preedit("ni")), &["Preedit(\"ni\")"]);
    check(&b.all(commit("a\u{7}b")), &["Preedit(\"\")", "text ab"]);
    check(&b.all(preedit("")), &[]);
}

#[test]
fn what_was_composed_for_the_search_field_never_reaches_the_program() {
    let mut b = writing();
    check(&b.all(Event::SearchFocused(true)), &["InputMethod(false)"]);
    check(&b.all(commit("late")), &[]);
    check(&b.all(OFF), &["InputMethod(true)"]);
    check(&b.all(preedit("late")), &[]);
    check(&b.all(ON), &[]);
    check(&b.all(preedit("wo")), &["Chrome"]);
    // A click into the program.
    check(
        &b.cursor(CursorKind::Pressed),
        &["Entered", "Pressed", "EndComposition"],
    );
    check(&b.all(preedit("wo")), &[]);
    check(&b.all(commit("我")), &[]);
    check(&b.all(OFF), &["InputMethod(true)"]);
    check(&b.all(commit("我")), &[]);
    check(&b.all(ON), &[]);
    check(&b.all(commit("你")), &["text 你"]);
}

#[test]
fn what_was_composed_for_the_hud_never_reaches_the_program_nor_the_other_way_round() {
    let mut b = writing();
    b.all(preedit("ni"));
    check(&b.all(Event::HudToggled), &["Preedit(\"\")", "InputMethod(false)"]);
    check(&b.all(commit("你")), &[]);
    b.all(OFF);
    b.all(ON);
    check(&b.all(preedit("wo")), &["Chrome"]);
    // The press beside it.
    check(&b.cursor(CursorKind::Pressed), &["EndComposition"]);
    check(&b.all(commit("我")), &[]);
}

#[test]
fn text_may_come_late_where_the_window_system_says_so() {
    let mut b = writing();
    b.all(Event::HudToggled);
    check(&b.all(Event::Ime(ImeStatus::Disabled { late: LATE })), &[]);
    check(&b.all(commit("late")), &[]);
    assert_eq!(b.model.wake_at().map(|at| at - b.now.time), Some(LATE));
    b.now.time += 2 * LATE;
    check(&b.all(Event::Tick), &["InputMethod(true)"]);
    b.all(ON);
    check(&b.all(commit("x")), &["Chrome"]);
}

#[test]
fn a_prompt_gets_nothing_of_a_composition() {
    let mut b = writing();
    b.all(preedit("ni"));
    let asked = b.all(Event::Asked(Question {
        permission: Permission::whole("camera"),
        reason: None,
    }));
    check(&asked, &["Preedit(\"\")", "InputMethod(false)"]);
    for event in [commit("你"), preedit("hao"), OFF, commit("好"), ON, commit("好")] {
        check(&b.all(event), &[]);
    }
    assert_eq!(b.model.keyboard(), Keyboard::Prompt);
    b.all(OFF);
    check(
        &b.all(Event::Settled(Permission::whole("camera"))),
        &["InputMethod(true)"],
    );
}

#[test]
fn a_composition_ends_with_the_focus_and_with_its_program() {
    let mut b = writing();
    b.all(preedit("ni"));
    let left = kinds(&b.all(Event::Focused(false)));
    assert!(
        left.ends_with(&["Preedit(\"\")".into(), "InputMethod(false)".into()]),
        "{left:?}"
    );
    check(&b.all(commit("你")), &[]);
    b.all(OFF);
    b.all(Event::Focused(true));
    b.all(ON);
    b.all(preedit("ni"));
    check(&b.all(Event::Restart), &["Restart", "InputMethod(false)"]);
    check(&b.all(commit("你")), &[]);
    b.all(OFF);
    check(&b.all(Event::Started), &[]);
    check(&b.all(commit("你")), &[]);
}

#[test]
fn a_window_system_that_has_said_nothing_is_not_waited_for() {
    let mut b = Bench::new();
    b.all(Event::HudToggled);
    // The input method is not there yet: turning it off has no answer.
    check(&b.all(Event::HudToggled), &["InputMethod(false)"]);
    // Unless it says so at once, it may have been turned on already, and say that now.
    check(&b.all(Event::HudToggled), &[]);
    check(&b.all(ON), &[]);
    check(&b.all(commit("late")), &[]);
    check(&b.all(OFF), &["InputMethod(true)"]);
    check(&b.all(Event::HudToggled), &["InputMethod(false)"]);
    check(&b.all(Event::HudToggled), &[]);
    assert!(
        b.model.wake_at().is_some_and(|at| at - b.now.time <= LATE),
        "a wait without end"
    );
    b.now.time += LATE;
    check(&b.all(Event::Tick), &["InputMethod(true)"]);
    b.all(ON);
    check(&b.all(commit("x")), &["Chrome"]);
}

#[test]
fn fields_of_a_page_do_not_get_one_anothers_text() {
    let mut b = Bench::new();
    b.model = WindowModel::builtin(WindowId(1), "Settings");
    b.all(Event::Focused(true));
    check(&b.all(commit("x")), &[]);
    check(&b.all(Event::FieldFocused(Some(1))), &["InputMethod(true)"]);
    b.all(ON);
    check(&b.all(preedit("ni")), &["Chrome"]);
    // A press anywhere in the page, before it is known what it hits.
    check(
        &b.all(Event::CompositionLeft),
        &["EndComposition", "InputMethod(false)"],
    );
    check(&b.all(commit("你")), &[]);
    b.all(OFF);
    b.all(ON);
    check(&b.all(preedit("ni")), &["Chrome"]);
    check(&b.press(code::TAB, 0), &["EndComposition", "Chrome"]);
    check(&b.all(Event::FieldFocused(Some(2))), &[]);
    check(&b.all(OFF), &["InputMethod(true)"]);
}

/// Whose a text is: the owner that it was composed for and, for a program, how many had run before it.
type Tag = (TextOwner, u32);

/// A window system with an input method, which are slow. A window library hands on all that it has at once on X11, after it has
/// done what it was asked for, and on Wayland in pieces, none of which it keeps for longer than text comes late.
struct World {
    model: WindowModel,
    shell: Shell,
    now: Now,
    wayland: bool,
    /// On Wayland: whether the window is the one that the input method writes into.
    entered: bool,
    allowed: bool,
    /// On X11: what the window library has been asked for and has not done yet, with whom it is for.
    asked: VecDeque<(bool, Option<Tag>)>,
    /// For whom the input method composes, as far as it knows.
    context: Option<Tag>,
    /// Whom text may still come for after it has been turned off, and until when.
    leftover: Option<(Tag, Instant)>,
    /// What is on its way to the window.
    queue: VecDeque<(Event, Option<Tag>)>,
    /// When nothing was, for the last time.
    idle: Instant,
    /// Who was shown a composition that has not ended.
    shown: Option<Tag>,
    runs: u32,
}

impl World {
    fn tag(&self) -> Option<Tag> {
        let runs = |owner: TextOwner| if owner == TextOwner::Program { self.runs } else { 0 };
        self.model.text_owner().map(|owner| (owner, runs(owner)))
    }

    fn apply(&mut self, event: Event, tag: Option<Tag>) {
        let ends = matches!(event, Event::Ended(_) | Event::Restart);
        let composed = matches!(&event, Event::Preedit(text) if !text.is_empty());
        let input = matches!(event, Event::Preedit(_) | Event::Commit(_));
        let effects = self.model.apply(self.now, event, &mut self.shell);
        self.model.verify_invariants();
        if ends {
            self.runs += 1;
            self.shown = self.shown.filter(|shown| shown.0 != TextOwner::Program);
        }
        for effect in effects {
            let reaches = match &effect {
                Effect::Program(ProgramEffect::Text(_)) | Effect::Window(WindowEffect::Chrome) if input => true,
                Effect::Program(ProgramEffect::Preedit(text)) => !text.is_empty(),
                _ => false,
            };
            if reaches {
                assert_eq!(tag, self.tag(), "text reaches another than it was composed for");
                self.shown = tag.filter(|_| composed);
            }
            match effect {
                Effect::Program(ProgramEffect::Preedit(text)) if text.is_empty() => self.shown = None,
                Effect::Window(WindowEffect::EndComposition) => self.shown = None,
                Effect::Window(WindowEffect::InputMethod(on)) => self.turn(on),
                _ => {}
            }
        }
        assert!(
            self.shown.is_none() || self.shown == self.tag(),
            "a composition is left behind"
        );
    }

    fn turn(&mut self, on: bool) {
        self.allowed = on;
        if !self.wayland {
            self.asked.push_back((on, self.tag()));
            if !on {
                self.apply(OFF, None);
            }
        } else if self.entered {
            self.say(on, self.tag());
        }
    }

    fn say(&mut self, on: bool, tag: Option<Tag>) {
        if on {
            self.context = tag;
            self.queue.push_back((ON, None));
        } else {
            let late = if self.wayland { LATE } else { Duration::ZERO };
            self.leftover = self.context.take().map(|tag| (tag, self.now.time));
            self.queue.push_back((Event::Ime(ImeStatus::Disabled { late }), None));
        }
    }

    /// The user's and the program's doings, and what the window system makes of them.
    fn user(&mut self, event: Event) {
        if let (Event::Focused(focused), true) = (&event, self.wayland)
            && *focused != self.entered
        {
            self.entered = *focused;
            if !focused || self.allowed {
                self.say(*focused, self.tag());
            }
        }
        self.apply(event, None);
    }

    /// The input method says something, where it is still on or has not yet heard that it is not.
    fn says(&mut self, event: Event) {
        if let Some(tag) = self.context {
            self.queue.push_back((event, Some(tag)));
            if !self.wayland {
                self.deliver(usize::MAX);
            }
        } else if let Some((tag, until)) = self.leftover.filter(|_| self.wayland)
            && self.now.time <= until
        {
            self.apply(event, Some(tag));
        }
    }

    fn pass(&mut self, pause: Duration) {
        if self.wayland && self.now.time + pause >= self.idle + LATE {
            self.deliver(usize::MAX);
        }
        self.now.time += pause;
        if self.queue.is_empty() {
            self.idle = self.now.time;
        }
    }

    fn deliver(&mut self, count: usize) {
        let count = if self.wayland { count } else { usize::MAX };
        while let Some((on, tag)) = self.asked.pop_front() {
            self.say(on, tag);
        }
        for _ in 0..count {
            let Some((event, tag)) = self.queue.pop_front() else {
                return;
            };
            if matches!(event, Event::Ime(ImeStatus::Disabled { .. })) {
                self.leftover = self
                    .leftover
                    .map(|(tag, _)| (tag, self.now.time + LATE - Duration::from_millis(1)));
            }
            self.apply(event, tag);
        }
    }
}

/// A step of the world.
#[derive(Clone, Debug)]
enum Turn {
    User(Event),
    Says(Event),
    Deliver(usize),
}

fn turn() -> impl Strategy<Value = Turn> {
    let user = prop_oneof![1 => key_event(), 1 => cursor_event(), 1 => chrome_event(), 6 => other_event()];
    // Only the input method itself speaks for it here.
    let user = user.prop_filter("input method", |event| {
        !matches!(event, Event::Commit(_) | Event::Preedit(_) | Event::Ime(_))
    });
    let says = prop_oneof![
        "[a-c]{0,2}".prop_map(Event::Preedit),
        "[a-c]{1,2}".prop_map(Event::Commit)
    ];
    prop_oneof![3 => user.prop_map(Turn::User), 3 => says.prop_map(Turn::Says), 2 => (0_usize..4).prop_map(Turn::Deliver)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn composed_text_reaches_only_whom_it_was_composed_for(
        wayland: bool,
        own: bool,
        turns in prop::collection::vec((turn(), 0_u64..150), 1..120),
    ) {
        let now = Now { time: Instant::now(), progress: Progress::default() };
        let model = if own { WindowModel::builtin(WindowId(1), "P") } else { WindowModel::new(WindowId(1), "p", "P") };
        let mut world = World {
            model,
            shell: Shell::new(WORDING),
            now,
            wayland,
            entered: false,
            allowed: false,
            asked: VecDeque::new(),
            context: None,
            leftover: None,
            queue: VecDeque::new(),
            idle: now.time,
            shown: None,
            runs: 0,
        };
        world.user(Event::Started);
        world.user(Event::Focused(true));
        for (turn, pause) in turns {
            world.pass(Duration::from_millis(pause));
            match turn {
                Turn::User(event) => world.user(event),
                Turn::Says(event) => world.says(event),
                Turn::Deliver(count) => world.deliver(count),
            }
        }
        // Once everything has arrived, whoever wants text gets it.
        for _ in 0..4 {
            world.deliver(usize::MAX);
            world.now.time += Duration::from_secs(1);
            world.user(Event::Tick);
        }
        if world.model.text_owner().is_some() && (!wayland || world.entered) {
            prop_assert_eq!(world.context, world.tag());
            let effects = world.model.apply(world.now, Event::Preedit("x".into()), &mut world.shell);
            prop_assert!(effects.iter().any(|effect| matches!(effect, Effect::Program(ProgramEffect::Preedit(_)) | Effect::Window(WindowEffect::Chrome))), "{effects:?}");
        }
    }
}
