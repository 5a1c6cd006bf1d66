//! Rule by rule: what is done, and what comes of it.
#![allow(clippy::unwrap_used, reason = "tests")]

mod hud;
mod input_method;
mod lifecycle;
mod prompt;

use super::*;
use portico_portals::{Action, Button, Chrome, CursorShape, Search, Shortcut, Tab};
use std::time::{Duration, Instant};

const CTRL: u8 = 2;
const S: u16 = 22;
const A: u16 = 4;

/// Words such as the shell brings along.
pub(super) const WORDING: Wording = Wording {
    shell_action,
    switch_to: || "Switch to this window",
    open_typed: |query| format!("Open {query}"),
};

fn shell_action(action: ShellAction, window: &WindowModel) -> ShellActionText {
    let (name, description, tags) = match action {
        ShellAction::Open(page) => (page.name(), "A page", "open"),
        ShellAction::Fullscreen if window.is_fullscreen() => ("Leave full screen", "Back to a window", "exit"),
        ShellAction::Fullscreen => ("Full screen", "Fill the whole screen", "maximise, big"),
        ShellAction::Screenshot => ("Screenshot", "Save a picture of this window", "capture, image, photo"),
        ShellAction::Minimise => ("Minimise", "Put this window away", "hide, minimize"),
        ShellAction::Maximise => ("Maximise", "As large as the screen allows", "maximize, big"),
        ShellAction::Permissions => ("Permissions", "What it may do", "allow, deny"),
        ShellAction::ShowLog => ("Log of this program", "What it has printed", "console"),
        ShellAction::SaveLog => ("Save log", "What it has printed, as a file", "console"),
        ShellAction::Restart => ("Restart program", "End it and start it again", "reload"),
        ShellAction::End => ("End program", "Stop it at once", "kill, stop"),
        ShellAction::Close => ("Close window", "The program may save", "quit"),
    };
    ShellActionText {
        name,
        description,
        tags,
    }
}

/// A window under test, with a clock that only moves when told.
struct Bench {
    model: WindowModel,
    shell: Shell,
    now: Now,
}

fn action(name: &str, shortcut: Option<(u8, u16, bool)>) -> Action {
    let shortcut = shortcut.map(|(modifiers, key, pressed)| Shortcut {
        modifiers,
        key: key as u8,
        pressed,
    });
    Action {
        name: name.into(),
        shortcut,
        ..Action::default()
    }
}

fn program() -> Chrome {
    Chrome {
        menu: Some(
            [
                action("Save", Some((CTRL, S, true))),
                action("Open file", Some((0, 5, false))),
                Action {
                    disabled: true,
                    ..action("Redo", Some((CTRL, 28, true)))
                },
                Action {
                    mode: 1,
                    ..action("Crop", Some((CTRL, 6, true)))
                },
                Action {
                    tags: vec!["picture".into()],
                    ..action("Second save", Some((CTRL, S, true)))
                },
            ]
            .into(),
        ),
        search: Some(
            Search {
                modes: vec![0],
                hint: "".into(),
            }
            .into(),
        ),
        tabs: Some(([Tab::default(), Tab::default(), Tab::default()].into(), Some(1))),
        navigation: Some(
            [
                Button {
                    icon: Some('x'),
                    name: "".into(),
                },
                Button::default(),
            ]
            .into(),
        ),
        ..Chrome::default()
    }
}

impl Bench {
    fn new() -> Self {
        let now = Now {
            time: Instant::now(),
            progress: Progress::default(),
        };
        let mut bench = Self {
            model: WindowModel::new(WindowId(1), "p", "P"),
            shell: Shell::new(WORDING),
            now,
        };
        for id in [1, 2] {
            bench.shell.desktop.open(WindowId(id), &format!("Window {id}"), None);
        }
        bench.apply(Event::Focused(true));
        bench.apply(Event::Started);
        bench.now.progress.calls = 1;
        bench.apply(Event::Chrome(program()));
        bench
    }

    fn apply(&mut self, event: Event) -> Vec<Effect> {
        self.all(event)
            .into_iter()
            .filter(|e| !matches!(e, Effect::Window(WindowEffect::InputMethod(_))))
            .collect()
    }

    /// The same, with what concerns the input method.
    fn all(&mut self, event: Event) -> Vec<Effect> {
        let effects = self.model.apply(self.now, event, &mut self.shell);
        self.model.verify_invariants();
        effects
            .into_iter()
            .filter(|e| {
                !matches!(
                    e,
                    Effect::Window(WindowEffect::Repaint) | Effect::Shell(ShellEffect::Learned)
                )
            })
            .collect()
    }

    fn key(&mut self, code: u16, state: KeyState, modifiers: u8, text: Option<&str>) -> Vec<Effect> {
        let key = Key {
            time: self.now.time,
            code,
            state,
            modifiers,
        };
        self.apply(Event::Key {
            key,
            text: text.map(Into::into),
        })
    }

    fn press(&mut self, code: u16, modifiers: u8) -> Vec<Effect> {
        self.key(code, KeyState::Pressed, modifiers, None)
    }

    fn release(&mut self, code: u16, modifiers: u8) -> Vec<Effect> {
        self.key(code, KeyState::Released, modifiers, None)
    }

    fn tap(&mut self, code: u16, modifiers: u8) -> Vec<Effect> {
        let mut effects = self.press(code, modifiers);
        effects.extend(self.release(code, modifiers));
        effects
    }

    fn cursor(&mut self, kind: CursorKind) -> Vec<Effect> {
        let time = self.now.time;
        self.apply(Event::Cursor(Cursor {
            time,
            kind,
            x: 1.0,
            y: 2.0,
            dx: 0.0,
            dy: 0.0,
            button: 0,
            pointer: 0,
        }))
    }

    fn wait(&mut self, seconds: f32) -> Vec<Effect> {
        self.now.time += Duration::from_secs_f32(seconds);
        self.apply(Event::Tick)
    }

    /// The HUD's lines for a query, the selected one marked, disabled ones in brackets.
    fn listed(&mut self, query: &str) -> Vec<String> {
        if self.model.hud().is_none() {
            self.apply(Event::HudToggled);
        }
        self.apply(Event::HudEdited(query.into()));
        let hud = self.model.hud().unwrap();
        let line =
            |(index, entry): (usize, &std::sync::Arc<Entry>)| match (hud.selected() == Some(index), entry.enabled) {
                (true, _) => format!(">{}", entry.name),
                (_, false) => format!("({})", entry.name),
                _ => entry.name.clone(),
            };
        hud.entries().iter().enumerate().map(line).collect()
    }
}

/// The kinds of effects, for short expectations.
fn kinds(effects: &[Effect]) -> Vec<String> {
    let kind = |effect: &Effect| match effect {
        Effect::Program(ProgramEffect::Key(key)) => format!("{:?} {}", key.state, key.code),
        Effect::Program(ProgramEffect::Text(text)) => format!("text {text}"),
        Effect::Program(ProgramEffect::Cursor(cursor)) => format!("{:?}", cursor.kind),
        Effect::Program(effect) => format!("{effect:?}"),
        Effect::Window(effect) => format!("{effect:?}"),
        Effect::Shell(effect) => format!("{effect:?}"),
    };
    effects.iter().map(kind).collect()
}

#[track_caller]
fn check(effects: &[Effect], expected: &[&str]) {
    assert_eq!(kinds(effects), expected);
}

#[test]
fn keys_and_their_text_go_to_the_program() {
    let mut b = Bench::new();
    check(&b.key(A, KeyState::Pressed, 0, Some("a")), &["Pressed 4", "text a"]);
    check(&b.key(A, KeyState::Repeated, 0, Some("a")), &["Repeated 4", "text a"]);
    check(&b.release(A, 0), &["Released 4"]);
    check(&b.release(A, 0), &[]);
    // A command types nothing, AltGr does, control characters never.
    check(&b.key(A, KeyState::Pressed, CTRL, Some("a")), &["Pressed 4"]);
    check(
        &b.key(7, KeyState::Pressed, CTRL | 4, Some("ð")),
        &["Pressed 7", "text ð"],
    );
    check(&b.key(40, KeyState::Pressed, 0, Some("\r")), &["Pressed 40"]);
}

#[test]
fn a_shortcut_that_fires_is_withheld_whole() {
    let mut b = Bench::new();
    check(&b.key(S, KeyState::Pressed, CTRL, Some("s")), &["Fire(0)"]);
    check(&b.key(S, KeyState::Repeated, CTRL, Some("s")), &[]);
    check(&b.release(S, CTRL), &[]);
}

#[test]
fn modifiers_match_exactly_and_only_in_the_present_mode() {
    let mut b = Bench::new();
    check(&b.tap(S, CTRL | 1), &["Pressed 22", "Released 22"]);
    check(&b.tap(S, 0), &["Pressed 22", "Released 22"]);
    // Of another mode, and disabled.
    check(&b.tap(6, CTRL), &["Pressed 6", "Released 6"]);
    check(&b.tap(28, CTRL), &["Pressed 28", "Released 28"]);
    b.apply(Event::Chrome(Chrome { mode: 1, ..program() }));
    check(&b.tap(6, CTRL), &["Fire(3)"]);
    check(&b.tap(S, CTRL), &["Pressed 22", "Released 22"]);
}

#[test]
fn a_shortcut_fires_on_release_where_it_says_so() {
    let mut b = Bench::new();
    check(&b.key(5, KeyState::Pressed, 0, Some("b")), &[]);
    check(&b.key(5, KeyState::Repeated, 0, Some("b")), &[]);
    // The modifiers of the press count, not those of the release.
    check(&b.release(5, CTRL), &["Fire(1)"]);
    // Not if the action has gone meanwhile, nor if the focus has.
    b.press(5, 0);
    b.apply(Event::Chrome(Chrome { mode: 1, ..program() }));
    check(&b.release(5, 0), &[]);
    b.apply(Event::Chrome(program()));
    b.press(5, 0);
    b.apply(Event::Focused(false));
    check(&b.release(5, 0), &[]);
}

#[test]
fn the_shells_shortcuts_win() {
    let mut b = Bench::new();
    let menu = Some(
        [
            action("Mine", Some((CTRL, code::SPACE, true))),
            action("F", Some((0, code::F11, true))),
        ]
        .into(),
    );
    b.apply(Event::Chrome(Chrome {
        menu,
        ..Chrome::default()
    }));
    check(&b.tap(code::F11, 0), &["ToggleFullscreen"]);
    check(&b.key(code::SPACE, KeyState::Pressed, CTRL, Some(" ")), &[]);
    assert!(b.model.hud().is_some());
    check(&b.release(code::SPACE, CTRL), &[]);
}

#[test]
fn held_keys_go_up_when_the_focus_or_the_keyboard_goes() {
    let mut b = Bench::new();
    b.press(A, 0);
    check(&b.apply(Event::Focused(false)), &["Released 4", "State"]);
    check(&b.release(A, 0), &[]);
    b.apply(Event::Focused(true));
    b.press(A, 0);
    check(&b.press(code::SPACE, CTRL), &["Released 4"]);
    check(&b.key(A, KeyState::Repeated, 0, Some("a")), &[]);
    check(&b.release(A, 0), &[]);
}

#[test]
fn buttons_and_touches_end_when_an_overlay_comes() {
    let mut b = Bench::new();
    check(&b.cursor(CursorKind::Moved), &["Entered", "Moved"]);
    check(&b.cursor(CursorKind::Pressed), &["Pressed"]);
    check(&b.cursor(CursorKind::TouchBegan), &["TouchBegan"]);
    check(&b.apply(Event::HudToggled), &["Released", "TouchCancelled", "Left"]);
    check(&b.cursor(CursorKind::Moved), &[]);
    // The press that closes the HUD is not the program's, nor is its release.
    check(&b.cursor(CursorKind::Pressed), &[]);
    assert!(b.model.hud().is_none());
    check(&b.cursor(CursorKind::Released), &[]);
    check(&b.cursor(CursorKind::Scrolled), &["Entered", "Scrolled"]);
}

#[test]
fn pointer_leaves_a_window_that_is_hidden_and_not_one_without_the_focus() {
    let mut b = Bench::new();
    check(&b.cursor(CursorKind::Moved), &["Entered", "Moved"]);
    check(&b.cursor(CursorKind::Pressed), &["Pressed"]);
    let told = b.apply(Event::Focused(false));
    assert!(kinds(&told).contains(&"Released".into()) && !kinds(&told).contains(&"Left".into()));
    check(&b.cursor(CursorKind::Moved), &["Moved"]);
    assert!(kinds(&b.apply(Event::Visible(false))).contains(&"Left".into()));
    check(&b.cursor(CursorKind::Moved), &[]);
    b.apply(Event::Visible(true));
    check(&b.cursor(CursorKind::Moved), &["Entered", "Moved"]);
}

#[test]
fn text_of_others_than_input_methods_goes_where_the_keyboard_is() {
    let mut b = Bench::new();
    check(&b.apply(Event::Text("a\u{7}b".into())), &["text ab"]);
    b.apply(Event::HudToggled);
    check(&b.apply(Event::Text("ab".into())), &["Chrome"]);
}

#[test]
fn reduced_motion_is_told_to_the_program() {
    let mut b = Bench::new();
    check(&b.apply(Event::ReducedMotion(true)), &["State"]);
    assert!(b.model.is_motion_reduced());
    check(&b.apply(Event::ReducedMotion(true)), &[]);
}

#[test]
fn the_shells_actions_do_what_they_say() {
    for (query, effect) in [
        ("full screen", "ToggleFullscreen"),
        ("screenshot", "Screenshot"),
        ("minimise", "Minimise"),
        ("maximise", "ToggleMaximise"),
        ("save log", "SaveLog"),
        ("restart", "Restart"),
        ("end program", "End"),
        ("close window", "State"),
        ("window 2", "FocusWindow(WindowId(2))"),
    ] {
        let mut b = Bench::new();
        b.listed(query);
        let effects = b.press(code::ENTER, 0);
        check(&effects, &[effect]);
    }
}

#[test]
fn the_search_field_delivers_edits_and_enter() {
    let mut b = Bench::new();
    b.tap(code::F, CTRL);
    assert_eq!(b.model.keyboard(), Keyboard::Search);
    check(&b.tap(A, 0), &["Chrome", "Chrome"]);
    check(
        &b.apply(Event::SearchEdited("x".into())),
        &["Search { query: \"x\", entered: false }"],
    );
    check(&b.apply(Event::SearchEdited("x".into())), &[]);
    check(
        &b.tap(code::ENTER, 0),
        &["Search { query: \"x\", entered: true }", "Chrome"],
    );
    b.tap(code::ESCAPE, 0);
    assert_eq!(b.model.keyboard(), Keyboard::Program);
    // Where there is no field, the shortcut is the program's.
    b.apply(Event::Chrome(Chrome { mode: 1, ..program() }));
    assert!(!b.model.shows_search());
    check(&b.tap(code::F, CTRL), &["Pressed 9", "Released 9"]);
}

#[test]
fn tabs_are_chosen_by_keys_and_remember_their_pin() {
    let mut b = Bench::new();
    b.apply(Event::TabsToggled);
    assert_eq!(b.model.tabs().selected, 1);
    b.tap(code::DOWN, 0);
    b.tap(code::DOWN, 0);
    check(&b.press(code::ENTER, 0), &["ChooseTab(2)"]);
    assert!(!b.model.tabs().open);
    b.apply(Event::TabsToggled);
    b.apply(Event::PinToggled);
    check(&b.apply(Event::TabChosen(0)), &["ChooseTab(0)"]);
    check(&b.apply(Event::TabChosen(9)), &[]);
    assert!(b.model.tabs().open && b.model.keyboard() == Keyboard::Program);
    check(&b.cursor(CursorKind::Pressed), &["Entered", "Pressed"]);
    b.apply(Event::TabsToggled);
    b.apply(Event::TabsToggled);
    b.tap(code::ESCAPE, 0);
    assert!(!b.model.tabs().open && b.model.tabs().pinned);
    // Not pinned, a press beside it closes it and does nothing else.
    b.apply(Event::PinToggled);
    b.apply(Event::TabsToggled);
    check(&b.cursor(CursorKind::Pressed), &[]);
    assert!(!b.model.tabs().open);
    b.apply(Event::TabsToggled);
    b.apply(Event::Chrome(Chrome::default()));
    assert!(!b.model.tabs().open);
}

#[test]
fn only_buttons_that_are_there_can_be_pressed() {
    let mut b = Bench::new();
    check(&b.apply(Event::Navigation(0)), &["PressNavigation(0)"]);
    check(&b.apply(Event::Navigation(1)), &[]);
    check(&b.apply(Event::Navigation(2)), &[]);
    check(&b.apply(Event::Action(0)), &[]);
}

#[test]
fn a_notice_goes_by_itself() {
    let mut b = Bench::new();
    b.apply(Event::Notice("Saved it".into()));
    assert_eq!(b.model.notice(), Some("Saved it"));
    b.wait(5.9);
    assert!(b.model.notice().is_some());
    b.wait(0.1);
    assert!(b.model.notice().is_none() && b.model.wake_at().is_none());
}

#[test]
fn notices_that_come_together_are_shown_together() {
    let mut b = Bench::new();
    for text in ["one", "one", "two"] {
        b.apply(Event::Notice(text.into()));
    }
    assert_eq!(b.model.notice(), Some("one\ntwo"));
    for text in ["three", "four", "five"] {
        b.apply(Event::Notice(text.into()));
    }
    assert_eq!(b.model.notice(), Some("five"), "what can't be read in time is left out");
    b.wait(6.0);
    assert!(b.model.notice().is_none());
    b.apply(Event::Notice("a".repeat(200)));
    b.wait(15.9);
    assert!(b.model.notice().is_some(), "it takes a while to read");
}

#[test]
fn esc_held_for_a_second_frees_a_locked_cursor() {
    let mut b = Bench::new();
    b.apply(Event::Chrome(Chrome {
        cursor: CursorShape::Locked,
        ..program()
    }));
    assert_eq!(b.model.cursor_shape(), CursorShape::Locked);
    b.press(code::ESCAPE, 0);
    b.wait(0.5);
    b.release(code::ESCAPE, 0);
    b.wait(0.6);
    assert_eq!(
        b.model.cursor_shape(),
        CursorShape::Locked,
        "a short press is the program's"
    );
    b.press(code::ESCAPE, 0);
    b.wait(1.0);
    assert_eq!(b.model.cursor_shape(), CursorShape::Default);
    b.cursor(CursorKind::Pressed);
    assert_eq!(b.model.cursor_shape(), CursorShape::Locked, "a click gives it back");
    b.apply(Event::HudToggled);
    assert_eq!(b.model.cursor_shape(), CursorShape::Default);
    b.apply(Event::HudToggled);
    b.apply(Event::Focused(false));
    assert_eq!(b.model.cursor_shape(), CursorShape::Default);
}

#[test]
fn edges_are_found_and_resize_only_what_can_be() {
    for (x, y, edge) in [
        (0.0, 0.0, Some(Edge::TopLeft)),
        (12.0, 1.0, Some(Edge::TopLeft)),
        (100.0, 1.0, Some(Edge::Top)),
        (399.0, 1.0, Some(Edge::TopRight)),
        (399.0, 150.0, Some(Edge::Right)),
        (390.0, 299.0, Some(Edge::BottomRight)),
        (200.0, 298.0, Some(Edge::Bottom)),
        (1.0, 299.0, Some(Edge::BottomLeft)),
        (2.0, 150.0, Some(Edge::Left)),
        (10.0, 10.0, None),
        (200.0, 150.0, None),
    ] {
        assert_eq!(edge_at(x, y, 400.0, 300.0), edge, "{x}, {y}");
    }
    let mut b = Bench::new();
    check(&b.apply(Event::EdgePressed(Edge::Top)), &["StartResize(Top)"]);
    b.apply(Event::Maximised(true));
    check(&b.apply(Event::EdgePressed(Edge::Top)), &[]);
}

#[test]
fn shortcuts_read_as_people_write_them() {
    for (modifiers, key, text) in [
        (2, 22, "Ctrl+S"),
        (7, 29, "Ctrl+Alt+Shift+Z"),
        (8, 44, "Logo+Space"),
        (0, 68, "F11"),
        (1, 40, "Shift+Enter"),
        (0, 82, "Up"),
        (0, 39, "0"),
        (0, 200, "Key 200"),
    ] {
        assert_eq!(
            shortcut_text(Shortcut {
                modifiers,
                key,
                pressed: true
            }),
            text
        );
    }
}

#[test]
fn full_screen_hides_the_toolbar_until_it_is_needed() {
    let mut b = Bench::new();
    b.apply(Event::Fullscreen(true));
    assert!(b.model.toolbar_height() == 0.0 && !b.model.shows_toolbar());
    b.tap(code::F6, 0);
    assert!(b.model.shows_toolbar() && b.model.keyboard() == Keyboard::Toolbar);
    check(&b.apply(Event::Maximise), &["ToggleFullscreen"]);
    b.tap(code::ESCAPE, 0);
    assert!(!b.model.shows_toolbar());
}

#[test]
fn holding_the_logo_key_alone_shows_what_shortcuts_work() {
    const LOGO: u16 = 227;
    let mut b = Bench::new();
    b.press(LOGO, 0);
    b.wait(0.9);
    assert_eq!(b.model.shortcuts_overlay(), None);
    assert!(b.model.wake_at().is_some());
    b.wait(0.2);
    let sheet = b.model.shortcuts_overlay().unwrap().clone();
    let program: Vec<_> = sheet
        .program
        .iter()
        .map(|(name, keys)| format!("{name} {}", shortcut_text(*keys)))
        .collect();
    assert_eq!(
        program,
        ["Save Ctrl+S", "Open file B"],
        "neither what can't be chosen, nor what never fires"
    );
    assert!(
        sheet.shell.iter().any(|(_, keys)| shortcut_text(*keys) == "Ctrl+Space"),
        "{sheet:?}"
    );
    b.release(LOGO, 8);
    assert_eq!(b.model.shortcuts_overlay(), None);
    // With another key it is a shortcut of somebody else.
    b.press(LOGO, 0);
    b.press(7, 8);
    b.wait(2.0);
    assert_eq!(b.model.shortcuts_overlay(), None);
    b.release(7, 8);
    b.release(LOGO, 8);
    // It does not outlive the focus.
    b.press(LOGO, 0);
    b.wait(1.1);
    assert!(b.model.shortcuts_overlay().is_some());
    b.apply(Event::Focused(false));
    assert_eq!(b.model.shortcuts_overlay(), None);
}
