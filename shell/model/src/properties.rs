//! Thousands of random events: after each, the state makes sense and the program has been told a story that makes sense.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use portico_kernel::Permission;
use portico_portals::{Action, Button, Chrome, CursorShape, Search, Shortcut, Tab};
use proptest::prelude::*;
use std::collections::HashSet;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// A fixed moment to count from.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

pub(super) fn key_event() -> impl Strategy<Value = Event> {
    let codes = prop::sample::select(vec![
        4,
        5,
        6,
        code::F,
        code::ENTER,
        code::ESCAPE,
        code::SPACE,
        code::F6,
        code::F11,
        code::TAB,
        code::HOME,
        code::END,
        code::UP,
        code::DOWN,
        code::PAGE_UP,
        code::PAGE_DOWN,
        224,
        225,
    ]);
    let states = prop::sample::select(vec![KeyState::Pressed, KeyState::Released, KeyState::Repeated]);
    (codes, states, 0_u8..4, any::<bool>()).prop_map(|(code, state, modifiers, types)| Event::Key {
        key: Key {
            time: *START,
            code,
            state,
            modifiers,
        },
        text: (types && state != KeyState::Released).then(|| "x".into()),
    })
}

pub(super) fn cursor_event() -> impl Strategy<Value = Event> {
    use CursorKind::*;
    let kinds = prop::sample::select(vec![
        Moved,
        Pressed,
        Released,
        Scrolled,
        Entered,
        Left,
        TouchBegan,
        TouchMoved,
        TouchEnded,
        TouchCancelled,
    ]);
    (kinds, 0_u8..6, 0_u16..3).prop_map(|(kind, button, pointer)| {
        Event::Cursor(Cursor {
            time: *START,
            kind,
            x: 1.0,
            y: 1.0,
            dx: 0.0,
            dy: 0.0,
            button,
            pointer,
        })
    })
}

pub(super) fn chrome_event() -> impl Strategy<Value = Event> {
    let action = (0_usize..4, 4_u8..8, 0_u8..4, any::<[bool; 3]>(), 0_u32..2).prop_map(
        |(name, key, modifiers, [pressed, disabled, has], mode)| Action {
            name: ["Save", "Open", "Undo", "Paste picture"][name].into(),
            shortcut: has.then_some(Shortcut {
                modifiers,
                key,
                pressed,
            }),
            disabled,
            mode,
            ..Action::default()
        },
    );
    let menu = prop::option::of(prop::collection::vec(action, 0..5));
    let shapes = prop::sample::select(vec![CursorShape::Default, CursorShape::Locked]);
    let caret = prop::option::of(prop::sample::select(vec![(0, 0, 1, 16), (8, 40, 1, 16)]));
    let tabs = (prop::option::of(0_usize..4), prop::option::of(0_u32..5));
    (menu, tabs, prop::option::of(0_u32..2), 0_u32..2, shapes, caret).prop_map(
        |(menu, (tabs, selected), search, mode, cursor, caret)| {
            Event::Chrome(Chrome {
                mode,
                menu: menu.map(Into::into),
                tabs: tabs.map(|count| (vec![Tab::default(); count].into(), selected)),
                search: search.map(|mode| {
                    Search {
                        modes: vec![mode],
                        hint: "".into(),
                    }
                    .into()
                }),
                actions: Some(
                    [Button {
                        icon: Some('x'),
                        name: "".into(),
                    }]
                    .into(),
                ),
                cursor,
                caret,
                ..Chrome::default()
            })
        },
    )
}

pub(super) fn other_event() -> impl Strategy<Value = Event> {
    let outcomes = vec![
        Outcome::Code(0),
        Outcome::Code(1),
        Outcome::Ended,
        Outcome::Trap {
            summary: "s".into(),
            details: "d".into(),
        },
    ];
    let plain = prop::sample::select(vec![
        Event::Started,
        Event::Tick,
        Event::TabsToggled,
        Event::PinToggled,
        Event::HudToggled,
        Event::HudClosed,
        Event::UnresponsiveWait,
        Event::UnresponsiveEnd,
        Event::DetailsToggled,
        Event::CopyReport,
        Event::Restart,
        Event::Close,
        Event::Maximise,
        Event::DragStarted,
        Event::WindowsChanged,
        Event::Notice("Saved it".into()),
        Event::Loading(Some(2.0)),
        Event::Loading(None),
        Event::CompositionLeft,
        Event::Settled(Permission::whole("camera")),
        Event::Asked(Question {
            permission: Permission::whole("camera"),
            reason: None,
        }),
        Event::FieldFocused(None),
        Event::FieldFocused(Some(1)),
        Event::FieldFocused(Some(2)),
    ]);
    prop_oneof![
        4 => plain,
        1 => prop::sample::select(outcomes).prop_map(Event::Ended),
        1 => any::<bool>().prop_map(Event::Focused),
        1 => any::<bool>().prop_map(Event::Fullscreen),
        1 => any::<bool>().prop_map(Event::ToolbarRevealed),
        1 => any::<bool>().prop_map(Event::ReducedMotion),
        1 => any::<bool>().prop_map(Event::SearchFocused),
        1 => "[a-f]{0,3}".prop_map(Event::SearchEdited),
        2 => "[a-f ]{0,3}".prop_map(Event::HudEdited),
        1 => (0_usize..12).prop_map(Event::HudHovered),
        1 => (0_usize..12).prop_map(Event::HudChosen),
        1 => (0_u32..4).prop_map(Event::TabChosen),
        1 => (0_u32..2).prop_map(Event::Action),
        1 => "[a-b]{0,2}".prop_map(Event::Text),
        1 => "[a-b]{0,2}".prop_map(Event::Commit),
        1 => "[a-b]{0,2}".prop_map(Event::Preedit),
        1 => prop::sample::select(IME_STATUSES.to_vec()).prop_map(Event::Ime),
    ]
}

/// What a window system may say of the input method, at any time.
const IME_STATUSES: [ImeStatus; 3] = [
    ImeStatus::Enabled,
    ImeStatus::Disabled { late: Duration::ZERO },
    ImeStatus::Disabled {
        late: Duration::from_millis(100),
    },
];

/// What happens to a prompt, from every side.
fn prompt_event() -> impl Strategy<Value = Event> {
    let portals = prop::sample::select(vec!["camera", "microphone"]);
    let watchdog = prop::sample::select(vec![Answer::Never, Answer::Once, Answer::Always, Answer::NotNow]);
    let view = (prop::bool::weighted(0.8), 0_u8..2).prop_map(|(whole, left)| PromptView {
        whole,
        place: [left.into(), 40.0, 1.0, 1.0],
        ..PromptView::default()
    });
    let resized = (0_u32..3, 1_u32..3, prop::sample::select(vec![1.0_f32, 2.5, 8.0]));
    prop_oneof![
        2 => portals.clone().prop_map(|portal| Event::Asked(Question { permission: Permission::whole(portal), reason: None })),
        1 => portals.prop_map(|portal| Event::Settled(Permission::whole(portal))),
        6 => view.prop_map(Event::PromptShown),
        1 => Just(Event::PromptDisturbed),
        1 => Just(Event::RoomWanted),
        6 => watchdog.prop_map(Event::Answered),
        1 => resized.prop_map(|(width, height, scale)| Event::Resized { width, height, scale }),
        1 => any::<bool>().prop_map(Event::Visible),
    ]
}

/// An event, the milliseconds before it, and whether the program has called and waits.
type Step = (Event, u16, bool, bool);

fn step() -> impl Strategy<Value = Step> {
    let event = prop_oneof![4 => key_event(), 2 => cursor_event(), 2 => chrome_event(), 5 => other_event(), 4 => prompt_event()];
    (event, 0_u16..2000, prop::bool::weighted(0.2), prop::bool::weighted(0.2))
}

/// What the program believes is held, from nothing but what it was told.
#[derive(Default)]
struct Believed {
    keys: HashSet<u16>,
    buttons: HashSet<u8>,
    touches: HashSet<u16>,
    inside: bool,
}

impl Believed {
    fn hear(&mut self, effect: &Effect) {
        match effect {
            Effect::Program(ProgramEffect::Key(key)) => match key.state {
                KeyState::Pressed => assert!(self.keys.insert(key.code), "{} pressed twice", key.code),
                KeyState::Repeated => assert!(self.keys.contains(&key.code), "{} repeats unpressed", key.code),
                KeyState::Released => assert!(self.keys.remove(&key.code), "{} released unpressed", key.code),
            },
            Effect::Program(ProgramEffect::Cursor(cursor)) => match cursor.kind {
                CursorKind::Pressed => assert!(self.buttons.insert(cursor.button)),
                CursorKind::Released => assert!(self.buttons.remove(&cursor.button)),
                CursorKind::TouchBegan => assert!(self.touches.insert(cursor.pointer)),
                CursorKind::TouchMoved => assert!(self.touches.contains(&cursor.pointer)),
                CursorKind::TouchEnded | CursorKind::TouchCancelled => assert!(self.touches.remove(&cursor.pointer)),
                CursorKind::Entered => assert!(!std::mem::replace(&mut self.inside, true)),
                CursorKind::Left => assert!(std::mem::take(&mut self.inside)),
                CursorKind::Moved | CursorKind::Scrolled => assert!(self.inside),
            },
            // The next program starts with a clean slate.
            Effect::Shell(ShellEffect::Restart) => *self = Self::default(),
            _ => {}
        }
    }
}

/// What somebody before the screen has been able to read of the prompt, from nothing but what was drawn and what lay over it.
#[derive(Default)]
struct Read {
    /// All of it, where it is now, and since when.
    since: Option<(Instant, PromptView)>,
    permission: Option<Permission>,
}

impl Read {
    /// Something happens, which may change what can be seen.
    fn see(&mut self, event: &Event, model: &WindowModel, now: Instant) {
        match event {
            Event::PromptShown(view) if self.since.is_none_or(|(_, before)| before != *view) => {
                self.since = Some((now, *view));
            }
            Event::Resized { width, height, scale } if ((*width, *height), *scale) != (model.size(), model.scale()) => {
                self.since = None;
            }
            _ => {}
        }
    }

    /// It has happened.
    fn look(&mut self, model: &WindowModel) {
        let permission = model.question().map(|question| question.permission.clone());
        let covered = model.hud().is_some() || model.shortcuts_overlay().is_some() || !model.is_visible();
        if covered || permission.is_none() || permission != self.permission {
            self.since = None;
        }
        self.permission = permission;
    }

    /// Whether all of it could be read, for long enough, until now.
    fn all_of_it(&self, now: Instant) -> bool {
        self.since
            .is_some_and(|(since, view)| view.whole && now.duration_since(since) >= Duration::from_millis(500))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_state_makes_sense(steps in prop::collection::vec(step(), 1..200)) {
        let mut model = WindowModel::new(WindowId(1), "p", "P");
        let mut shell = Shell { windows: vec![OpenWindow { id: WindowId(2), title: "bed".into() }], ..Shell::new(super::tests::WORDING) };
        let (mut believed, mut read) = (Believed::default(), Read::default());
        let mut now = Now { time: *START, progress: Progress::default() };
        model.apply(now, Event::Started, &mut shell);
        for (event, pause, called, parked) in steps {
            now.time += Duration::from_millis(pause.into());
            now.progress.calls += u64::from(called);
            now.progress.parked = parked;
            let (ends, blurs) = (matches!(event, Event::Ended(_)), matches!(event, Event::Focused(false)));
            let menu = model.chrome().menu.clone();
            let legible = read.all_of_it(now.time);
            read.see(&event, &model, now.time);
            let effects = model.apply(now, event, &mut shell);
            model.verify_invariants();
            read.look(&model);
            for effect in &effects {
                believed.hear(effect);
                if let Effect::Shell(ShellEffect::Answer { answer, .. }) = effect {
                    prop_assert!(legible || *answer == Answer::NotNow, "answered {answer:?} without having been read");
                }
                if let Effect::Program(ProgramEffect::Fire(index)) = effect {
                    let action = &menu.as_ref().unwrap()[*index as usize];
                    prop_assert!(!action.disabled, "a disabled action fired");
                }
                if let Effect::Program(ProgramEffect::Text(text)) = effect {
                    prop_assert!(!text.is_empty() && !text.chars().any(char::is_control));
                }
            }
            if ends {
                believed = Believed::default();
            }
            if blurs || model.keyboard() != Keyboard::Program {
                prop_assert!(believed.keys.is_empty(), "keys are held without a keyboard: {:?}", believed.keys);
            }
            if blurs {
                prop_assert!(believed.buttons.is_empty() && believed.touches.is_empty());
            }
            if let Some(wake) = model.wake_at() {
                prop_assert!(wake > now.time, "a wake-up was missed");
            }
            prop_assert!(shell.learned.len() <= 512);
        }
    }
}
