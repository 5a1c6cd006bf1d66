//! What a program puts around its picture, and what the user chooses there: commands 21 to 25, 44, 48, 49, 61.

use crate::probe::{FREE, Probe, list};
use portico_abi::{
    Action, CLOSED, Menu, Search, Tab, Tabs, Text, ToolbarNames, WindowActionEvent, WindowActions, which,
};
use portico_kernel::{Code, ProgramText};
use portico_portals::{Button, CursorShape, Shortcut};
use zerocopy::little_endian::U32;

const AT: u32 = 0x6000;

/// Puts a text where the next one does not lie.
fn text(probe: &mut Probe, at: &mut u32, text: &str) -> Text {
    probe.put(*at, text.as_bytes());
    *at += text.len() as u32;
    list(text.len() as u32, *at - text.len() as u32)
}

fn buttons(icons: [u32; 3], len: u32) -> WindowActions {
    WindowActions {
        len: len.into(),
        icons: icons.map(Into::into),
    }
}

#[test]
fn buttons_reach_the_toolbar_and_presses_come_back() {
    for (which, other) in [
        (which::WINDOW_ACTIONS, which::NAVIGATION_ACTIONS),
        (which::NAVIGATION_ACTIONS, which::WINDOW_ACTIONS),
    ] {
        let mut probe = Probe::start();
        let is_actions = which == which::WINDOW_ACTIONS;
        let shown = |probe: &Probe| {
            let chrome = probe.window.chrome();
            if is_actions {
                (chrome.actions, chrome.navigation)
            } else {
                (chrome.navigation, chrome.actions)
            }
        };
        let press = |probe: &Probe, index| {
            if is_actions {
                probe.window.press_action(index)
            } else {
                probe.window.press_navigation(index)
            }
        };
        probe.put(AT, &buttons([u32::from('★'), 0, u32::from('a')], 3));
        assert_eq!(probe.open(1, which, AT).go(), [0; 0]);
        let expected = [Some('★'), None, Some('a')].map(|icon| Button { icon, name: "".into() });
        assert_eq!(shown(&probe).0.as_deref(), Some(expected.as_slice()));
        assert_eq!(shown(&probe).1, None);

        // Nobody can press a gap, or what is not there.
        press(&probe, 1);
        press(&probe, 3);
        assert_eq!(probe.go(), [0; 0]);
        press(&probe, 2);
        press(&probe, 0);
        assert_eq!(probe.wait(), [1]);
        assert_eq!(probe.get::<WindowActionEvent>(AT).action.get(), 2);
        assert_eq!(probe.wait(), [1]);
        assert_eq!(probe.get::<WindowActionEvent>(AT).action.get(), 0);

        assert_eq!(
            probe.put(AT, &buttons([0xD800, 0, 0], 1)).send(1, AT).go(),
            [1 | CLOSED],
            "no scalar value"
        );
        assert_eq!(probe.why(1), Code::Invalid);
        assert_eq!(shown(&probe).0, None, "a closed channel takes its buttons along");
        assert_eq!(probe.put(AT, &buttons([0; 3], 4)).fails(which, AT), Code::Invalid);
        assert_eq!(
            probe
                .put(AT, &buttons([u32::MAX; 3], 0))
                .open(1, which, AT)
                .open(2, other, AT)
                .go(),
            [0; 0]
        );
    }
}

#[test]
fn names_reach_buttons_that_are_there_and_those_that_come() {
    let mut probe = Probe::start();
    let mut at = FREE;
    let names = [text(&mut probe, &mut at, "Back"), text(&mut probe, &mut at, "Share")];
    let message = ToolbarNames {
        navigation: list(1, AT + 0x100),
        actions: list(1, AT + 0x108),
    };
    probe
        .put(AT + 0x100, &names)
        .put(AT, &message)
        .put(AT + 0x200, &buttons([u32::from('<'), 0, 0], 1));
    assert_eq!(probe.open(2, which::NAVIGATION_ACTIONS, AT + 0x200).go(), [0; 0]);
    assert_eq!(probe.open(1, which::TOOLBAR_NAMES, AT).go(), [1]);
    assert_eq!(probe.open(3, which::WINDOW_ACTIONS, AT + 0x200).go(), [0; 0]);
    let chrome = probe.window.chrome();
    assert_eq!(chrome.navigation.unwrap()[0].name, "Back");
    assert_eq!(chrome.actions.unwrap()[0].name, "Share");
}

/// Two actions: one in mode 0 with Ctrl+S, one in mode 5 that is disabled.
fn menu(probe: &mut Probe) {
    let mut at = FREE;
    let tags = [text(probe, &mut at, "keep"), text(probe, &mut at, "ĉiam")];
    let save = Action {
        name: text(probe, &mut at, "Save"),
        description: text(probe, &mut at, "Writes the picture"),
        search_tags: list(2, AT + 0x100),
        modifier: 2,
        key: 22,
        pressed: 1,
        disabled: 0,
        mode: 0.into(),
    };
    let other = Action {
        key: 255,
        modifier: 255,
        disabled: 1,
        mode: 5.into(),
        search_tags: list(0, 0),
        ..save
    };
    let third = Action {
        key: 4,
        modifier: 255,
        pressed: 0,
        disabled: 0,
        mode: 5.into(),
        ..other
    };
    probe.put(AT + 0x100, &tags).put(AT + 0x200, &[save, other, third]);
    probe.put(
        AT,
        &Menu {
            options: list(3, AT + 0x200),
        },
    );
}

#[test]
fn a_menu_reaches_the_hud_and_choices_come_back() {
    let mut probe = Probe::start();
    menu(&mut probe);
    assert_eq!(probe.open(1, which::MENU, AT).go(), [0; 0]);
    let actions = probe.window.chrome().menu.unwrap();
    assert_eq!(
        (&*actions[0].name, &*actions[0].description),
        ("Save", "Writes the picture")
    );
    assert_eq!(actions[0].tags, ["keep", "ĉiam"].map(ProgramText::from));
    assert_eq!(
        actions[0].shortcut,
        Some(Shortcut {
            modifiers: 2,
            key: 22,
            pressed: true
        })
    );
    assert_eq!(
        (actions[1].shortcut, actions[1].disabled, actions[1].mode),
        (None, true, 5)
    );
    assert_eq!(
        actions[2].shortcut,
        Some(Shortcut {
            modifiers: 0,
            key: 4,
            pressed: false
        })
    );

    // Only what shows in this mode can be chosen.
    probe.window.fire(2);
    probe.window.fire(3);
    probe.window.fire(0);
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.get::<U32>(AT).get(), 0);
    assert_eq!(
        probe
            .put(AT + 0x300, &U32::new(5))
            .open(2, which::MODE, AT + 0x300)
            .go(),
        [2]
    );
    assert_eq!(probe.window.chrome().mode, 5);
    for index in [0, 1, 2] {
        probe.window.fire(index);
    }
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.get::<U32>(AT).get(), 2);
    assert_eq!(probe.go(), [0; 0]);

    probe.discard(1).go();
    assert_eq!(probe.window.chrome().menu, None);
}

#[test]
fn broken_menus_trap_or_fail() {
    let entry = |change: fn(&mut Action)| {
        let mut probe = Probe::start();
        let mut action = Action {
            key: 255,
            ..Action::default()
        };
        change(&mut action);
        probe
            .put(
                AT,
                &Menu {
                    options: list(1, AT + 8),
                },
            )
            .put(AT + 8, &action);
        probe
    };
    let report = entry(|action| action.pressed = 2).open(1, which::MENU, AT).trap();
    assert!(
        report.details.contains("`pressed`") && report.details.contains("0x6022"),
        "{report:?}"
    );
    let report = entry(|action| action.disabled = 9).open(1, which::MENU, AT).trap();
    assert!(report.details.contains("`disabled`"), "{report:?}");
    let report = entry(|action| action.name = list(1, u32::MAX))
        .open(1, which::MENU, AT)
        .trap();
    assert!(report.details.contains("`name`"), "{report:?}");
    assert_eq!(
        entry(|action| action.modifier = 16).fails(which::MENU, AT),
        Code::Unsupported
    );
    assert_eq!(
        entry(|action| action.search_tags = list(1, 0)).fails(which::MENU, AT),
        Code::Invalid
    );
    // Many entries with one long text: the host keeps a bounded copy.
    let mut probe = Probe::start();
    let action = Action {
        name: list(60_000, FREE),
        key: 255,
        ..Action::default()
    };
    probe
        .put(
            AT,
            &Menu {
                options: list(100, AT + 8),
            },
        )
        .put(AT + 8, &[action; 100]);
    assert_eq!(probe.fails(which::MENU, AT), Code::Limit);
}

#[test]
fn tabs_reach_the_list_and_choices_come_back() {
    let mut probe = Probe::start();
    let mut at = FREE;
    let tab = |title| Tab {
        icon: u32::from('x').into(),
        title,
        badge: 7.into(),
    };
    let tabs = [
        tab(text(&mut probe, &mut at, "One")),
        tab(text(&mut probe, &mut at, "Two")),
    ];
    let message = Tabs {
        tabs: list(2, AT + 0x100),
        selected: 1.into(),
        chosen: 99.into(),
    };
    probe.put(AT + 0x100, &tabs).put(AT, &message);
    assert_eq!(probe.open(1, which::TABS, AT).go(), [0; 0]);
    let (shown, selected) = probe.window.chrome().tabs.unwrap();
    assert_eq!(selected, Some(1));
    assert_eq!((&*shown[1].title, shown[1].badge, shown[1].icon), ("Two", 7, Some('x')));
    probe.window.choose_tab(2);
    probe.window.choose_tab(0);
    assert_eq!(probe.wait(), [1]);
    assert_eq!(
        probe.get::<Tabs>(AT),
        Tabs {
            chosen: 0.into(),
            ..message
        },
        "only `chosen` is written"
    );
    let wrong = Tabs {
        selected: 2.into(),
        ..message
    };
    assert_eq!(probe.put(AT, &wrong).send(1, AT).go(), [1 | CLOSED]);
    assert_eq!(probe.why(1), Code::Invalid);
    assert!(probe.window.chrome().tabs.is_none());
}

#[test]
fn a_search_reaches_its_modes_and_queries_come_back() {
    let mut probe = Probe::start();
    let mut at = FREE;
    let hint = text(&mut probe, &mut at, "Find a colour");
    let message = Search {
        modes: list(2, AT + 0x100),
        hint,
        query: list(4, AT + 0x200),
    };
    probe.put(AT + 0x100, &[U32::new(0), U32::new(4)]).put(AT, &message);
    assert_eq!(
        probe.open(1, which::SEARCH, AT).go(),
        [0; 0],
        "not ready before the first change"
    );
    let search = probe.window.chrome().search.unwrap();
    assert_eq!(
        (search.modes.as_slice(), &*search.hint),
        ([0, 4].as_slice(), "Find a colour")
    );
    probe.window.search("ĉu", false);
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.text(AT + 16), "ĉu");
    // Too long; told once, and only the newest counts in the end.
    probe.window.search("longer", false);
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.get::<Text>(AT + 16), list(6, 0));
    probe.window.search("", true);
    assert_eq!(probe.put(AT, &message).send(1, AT).go(), [0; 0], "that is no more room");
    let larger = Search {
        query: list(8, AT + 0x200),
        ..message
    };
    assert_eq!(probe.put(AT, &larger).send(1, AT).go(), [1]);
    assert_eq!(probe.get::<Text>(AT + 16).size.get(), 0);
    probe.window.search("", true);
    assert_eq!(probe.wait(), [1], "Enter delivers again");
}

#[test]
fn titles_and_cursor_shapes_reach_the_window() {
    let mut probe = Probe::start();
    let mut at = FREE;
    let title = text(&mut probe, &mut at, "A\nline");
    assert_eq!(probe.put(AT, &title).open(1, which::TITLE, AT).go(), [1]);
    assert_eq!(probe.window.chrome().title.as_deref(), Some("A line"));
    assert_eq!(probe.put(AT, &list(257, FREE)).send(1, AT).go(), [1 | CLOSED]);
    for shape in CursorShape::ALL {
        probe.put(AT, &U32::new(shape.number()));
        assert_eq!(probe.open(2, which::CURSOR_SHAPE, AT).go(), [2]);
        assert_eq!(probe.window.chrome().cursor, *shape);
        probe.discard(2).go();
    }
    assert_eq!(
        probe.put(AT, &U32::new(11)).fails(which::CURSOR_SHAPE, AT),
        Code::Unsupported
    );
}
