//! Thousands of random events: after each, the state makes sense and the program has been told a story that makes sense.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use portico_kernel::Permission;
use portico_portals::{Action, Button, Chrome, CursorShape, Search, Shortcut, Tab};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
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
        Event::Minimise,
        Event::IndicatorClosed,
        Event::TakenBack,
        Event::Dropped(vec!["a".into()]),
        Event::Command(ShellCommand::ClearLog),
        Event::Record(Some(ShellShortcut::Hud)),
        Event::Record(None),
        Event::EdgePressed(Edge::Top),
    ]);
    let used = (prop::sample::select(vec!["camera", "microphone"]), 0_u32..3);
    prop_oneof![
        4 => plain,
        1 => prop::sample::select(outcomes).prop_map(Event::Ended),
        1 => any::<bool>().prop_map(Event::Focused),
        1 => any::<bool>().prop_map(Event::Maximised),
        1 => any::<bool>().prop_map(Event::Dark),
        1 => (0_u32..2).prop_map(Event::Navigation),
        1 => used.prop_map(|(portal, channels)| Event::Used { permission: Permission::whole(portal), channels }),
        1 => Just(Event::IndicatorPressed(Permission::whole("camera"))),
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

/// Something that happens on the desktop.
#[derive(Clone, Debug)]
enum Happening {
    /// An event of a window, by its place among them.
    Event(usize, Event),
    /// A window is opened.
    Opened,
    /// A window is closed.
    Closed(usize),
}

/// A step: the event, the milliseconds before it, and whether the program has called and waits.
type Step = (Happening, u16, bool, bool);

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![4 => key_event(), 2 => cursor_event(), 2 => chrome_event(), 5 => other_event(), 4 => prompt_event()]
}

fn step() -> impl Strategy<Value = Step> {
    let happening = prop_oneof![
        // Mostly one after the other of the same window, so that it gets anywhere.
        60 => (prop::sample::select(vec![0, 0, 0, 0, 0, 1, 1, 2]), event()).prop_map(|(window, event)| Happening::Event(window, event)),
        1 => Just(Happening::Opened),
        1 => (0_usize..4).prop_map(Happening::Closed),
    ];
    (
        happening,
        0_u16..2000,
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.2),
    )
}

// The names of all events: with one more this does not compile, and then it has to be made at random, too.
macro_rules! names {
    ($($name:ident),*) => {
        const NAMES: [&str; [$(stringify!($name)),*].len()] = [$(stringify!($name)),*];

        fn name(event: &Event) -> &'static str {
            match event {
                $(Event::$name { .. } => stringify!($name),)*
            }
        }
    };
}

names!(
    Key,
    Text,
    Commit,
    Preedit,
    Ime,
    Cursor,
    Focused,
    Visible,
    Resized,
    Maximised,
    Fullscreen,
    Dark,
    ReducedMotion,
    ToolbarRevealed,
    EdgePressed,
    Tick,
    Loading,
    Started,
    Chrome,
    Ended,
    Asked,
    Settled,
    Used,
    Navigation,
    Action,
    TabsToggled,
    PinToggled,
    TabChosen,
    SearchFocused,
    SearchEdited,
    FieldFocused,
    CompositionLeft,
    HudToggled,
    HudEdited,
    HudHovered,
    HudChosen,
    HudClosed,
    UnresponsiveWait,
    UnresponsiveEnd,
    PromptShown,
    RoomWanted,
    PromptDisturbed,
    Answered,
    IndicatorPressed,
    IndicatorClosed,
    TakenBack,
    DetailsToggled,
    CopyReport,
    Restart,
    Minimise,
    Maximise,
    Close,
    DragStarted,
    Dropped,
    Command,
    Record,
    WindowsChanged,
    Notice
);

#[test]
fn random_events_are_of_every_kind() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut missing: HashSet<_> = NAMES.into();
    for _ in 0..20_000 {
        missing.remove(name(&event().new_tree(&mut runner).unwrap().current()));
    }
    assert!(missing.is_empty(), "{missing:?}");
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

/// A window, and what those before it and in it know.
struct Watched {
    model: WindowModel,
    believed: Believed,
    read: Read,
    /// Permissions that the program waits for.
    waiting: Vec<Permission>,
}

/// The desktop as the shell runs it.
struct World {
    windows: Vec<Watched>,
    shell: Shell,
    now: Now,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            windows: Vec::new(),
            shell: Shell::new(super::tests::WORDING),
            now: Now {
                time: *START,
                progress: Progress::default(),
            },
        };
        world.open();
        world.open();
        world
    }

    fn open(&mut self) {
        let id = self.shell.desktop.new_id();
        let model = WindowModel::new(id, "p", "P");
        self.shell.desktop.open(id, model.title(), None);
        self.windows.push(Watched {
            model,
            believed: Believed::default(),
            read: Read::default(),
            waiting: Vec::new(),
        });
        self.apply(self.windows.len() - 1, Event::Started);
    }

    fn close(&mut self, at: usize) {
        if at < self.windows.len() {
            self.shell.desktop.close(self.windows.remove(at).model.id());
        }
    }

    /// Gives an event to a window as the shell does.
    fn handle(&mut self, at: usize, event: Event) {
        if at >= self.windows.len() {
            return;
        }
        if matches!(event, Event::Focused(true))
            && let Some(other) = self.shell.desktop.gives_up_to(self.windows[at].model.id())
        {
            let other = self
                .windows
                .iter()
                .position(|window| window.model.id() == other)
                .unwrap();
            self.apply(other, Event::Focused(false));
        }
        self.apply(at, event);
    }

    fn apply(&mut self, at: usize, event: Event) {
        let (
            now,
            Watched {
                model,
                believed,
                read,
                waiting,
            },
        ) = (self.now, &mut self.windows[at]);
        let (ends, blurs) = (matches!(event, Event::Ended(_)), matches!(event, Event::Focused(false)));
        match &event {
            Event::Asked(question) if !waiting.contains(&question.permission) => {
                waiting.push(question.permission.clone());
            }
            Event::Settled(permission) => waiting.retain(|waiting| waiting != permission),
            Event::Ended(_) => waiting.clear(),
            _ => {}
        }
        let menu = model.chrome().menu.clone();
        let legible = read.all_of_it(now.time);
        read.see(&event, model, now.time);
        let effects = model.apply(now, event, &mut self.shell);
        model.verify_invariants();
        read.look(model);
        for effect in &effects {
            believed.hear(effect);
            match effect {
                Effect::Shell(ShellEffect::Answer { answer, permission }) => {
                    assert!(
                        legible || *answer == Answer::NotNow,
                        "answered {answer:?} without having been read"
                    );
                    waiting.retain(|waiting| waiting != permission);
                }
                Effect::Shell(ShellEffect::Restart) => waiting.clear(),
                Effect::Program(ProgramEffect::Fire(index)) => {
                    let action = &menu.as_ref().unwrap()[*index as usize];
                    assert!(!action.disabled, "a disabled action fired");
                }
                Effect::Program(ProgramEffect::Text(text)) => {
                    assert!(!text.is_empty() && !text.chars().any(char::is_control));
                }
                _ => {}
            }
        }
        if ends {
            *believed = Believed::default();
        }
        if blurs || model.keyboard() != Keyboard::Program {
            assert!(
                believed.keys.is_empty(),
                "keys are held without a keyboard: {:?}",
                believed.keys
            );
        }
        if blurs {
            assert!(believed.buttons.is_empty() && believed.touches.is_empty());
        }
        if let Some(wake) = model.wake_at() {
            assert!(wake > now.time, "a wake-up was missed");
        }
        let asked = model.question().map(|question| &question.permission);
        match asked {
            Some(asked) => assert!(waiting.contains(asked), "{asked:?} is asked about for nobody"),
            None if *model.phase() == Phase::Running => {
                assert!(waiting.is_empty(), "nobody is asked about {waiting:?}");
            }
            None => {}
        }
        self.shell.desktop.set_focused(model.id(), model.is_focused());
        assert!(self.shell.learned.len() <= 512);
        // What holds of all of them.
        for Watched { model, .. } in &self.windows {
            let has_focus = self.shell.desktop.focused() == Some(model.id());
            assert_eq!(
                model.is_focused(),
                has_focus,
                "two windows have the focus, or one that is not known to"
            );
        }
        let listed: Vec<_> = self.shell.desktop.windows().iter().map(|window| window.id).collect();
        let open: Vec<_> = self.windows.iter().map(|window| window.model.id()).collect();
        assert_eq!(listed, open);
        let mut used: Vec<_> = self.shell.desktop.used().collect();
        used.sort();
        assert_eq!(used, open);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_state_makes_sense(steps in prop::collection::vec(step(), 1..300)) {
        let mut world = World::new();
        for (happening, pause, called, parked) in steps {
            world.now.time += Duration::from_millis(pause.into());
            world.now.progress.calls += u64::from(called);
            world.now.progress.parked = parked;
            match happening {
                Happening::Event(at, event) => world.handle(at, event),
                Happening::Opened if world.windows.len() < 4 => world.open(),
                Happening::Opened => {}
                Happening::Closed(at) => world.close(at),
            }
        }
    }
}
