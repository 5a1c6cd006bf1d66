//! Memos: how a program uses native services over the message broker. A storage keeps the memos, a history knows what became
//! of each; both speak JSON, and are started when this program asks for them.

mod look;
mod moment;
mod page;
mod services;
mod worker;

use draw::Canvas;
use edit::{Go, Input};
use page::Page;
use portico_sdk::clock::{self, TimeZone};
use portico_sdk::cursor::{Cursor, CursorKind, MouseButton};
use portico_sdk::frame::{Scale, Screen};
use portico_sdk::hud::{Action, Menu};
use portico_sdk::keys::{Key, key, modifier};
use portico_sdk::text::Typing;
use portico_sdk::toolbar::{Button, Pressed, Toolbar};
use portico_sdk::window::Title;
use portico_sdk::{Error, Events, Watch, cursor, keys, text, window};
use std::time::Duration;

portico_sdk::manifest!("../manifest.toml");
portico_sdk::icon!("../icon.svg");
portico_sdk::program!(async {
    let mut program = Program::new();
    // Without it, the window has the program's name.
    let _ = program.title.set("Memos").await;
    loop {
        program.look();
        if program.closing {
            return Ok::<(), Error>(());
        }
        if program.page.take_dirty() {
            program.draw();
            program.screen.show().await?;
            program.shown = true;
        } else {
            program.page.anything().await;
        }
    }
});

/// Two presses within this time and so many points are a double click.
const DOUBLE: (Duration, f32) = (Duration::from_millis(400), 4.0);

/// What can be done, in the order of the HUD.
#[derive(Clone, Copy)]
enum Do {
    Keep,
    Change,
    Delete,
    Refresh,
    Leave,
    SelectAll,
    Undo,
}

const DEEDS: [Do; 7] = [
    Do::Keep,
    Do::Change,
    Do::Delete,
    Do::Refresh,
    Do::Leave,
    Do::SelectAll,
    Do::Undo,
];

struct Program {
    page: Page,
    screen: Screen,
    window: Watch<window::State>,
    zone: Watch<TimeZone>,
    typing: Typing,
    keys: Events<Key>,
    cursor: Events<Cursor>,
    menu: Menu,
    toolbar: Toolbar,
    title: Title,
    /// When and where the mouse was pressed last.
    pressed: Option<(Duration, f32, f32)>,
    scale: f32,
    shown: bool,
    closing: bool,
}

impl Program {
    fn new() -> Self {
        let size = (860, 560);
        let mut screen = Screen::new(size.0, size.1);
        screen.set_scale(Scale::None);
        let mut toolbar = Toolbar::new();
        toolbar.set_navigation(&[Button {
            icon: '⟳',
            name: "Look again what is kept",
        }]);
        toolbar.set_actions(&[Button {
            icon: '🗑',
            name: "Delete the chosen memo",
        }]);
        Self {
            page: Page::new(size),
            screen,
            window: window::state(),
            zone: clock::zone(),
            typing: text::open(),
            keys: keys::open(),
            cursor: cursor::open(),
            menu: Menu::open(actions()),
            toolbar,
            title: Title::new(),
            pressed: None,
            scale: 1.0,
            shown: false,
            closing: false,
        }
    }

    /// Takes whatever has come.
    fn look(&mut self) {
        if let Some(state) = self.window.take() {
            self.closing = state.closing;
            // The first picture gives the window its size.
            if self.shown && state.width > 0 && state.height > 0 {
                self.scale = state.scale;
                self.screen.resize(state.width, state.height);
            }
            self.page
                .suit(self.scale, (self.screen.width(), self.screen.height()), state.dark);
        }
        if let Some(zone) = self.zone.take() {
            self.page.offset = zone.offset;
        }
        self.page.look();
        self.write();
        while let Some(event) = self.cursor.take() {
            self.point(event);
        }
        while let Some(index) = self.menu.take() {
            if let Some(deed) = DEEDS.get(index) {
                self.act(*deed);
            }
        }
        while let Some(pressed) = self.toolbar.take() {
            match pressed {
                Pressed::Navigation(_) => self.act(Do::Refresh),
                Pressed::Action(_) => self.act(Do::Delete),
            }
        }
    }

    fn act(&mut self, deed: Do) {
        match deed {
            Do::Keep => self.page.enter(),
            Do::Change => self.page.change_chosen(),
            Do::Delete => self.page.delete_chosen(),
            Do::Refresh => self.page.refresh(),
            Do::Leave => self.page.leave(),
            Do::SelectAll => self.page.select_all(),
            Do::Undo => self.page.undo(),
        }
    }

    /// Takes what was typed, and the keys that are no text.
    fn write(&mut self) {
        let (text, preedit) = match self.typing.take() {
            Some(typed) => (typed.text.to_owned(), Some(typed.preedit.to_owned())),
            None => Default::default(),
        };
        let keys = &mut self.keys;
        for input in edit::in_order(&text, std::iter::from_fn(|| keys.take())) {
            match input {
                Input::Text(text) => self.page.write(&text),
                Input::Key(key) => self.press(key),
            }
        }
        if let Some(preedit) = preedit {
            self.page.compose(&preedit);
        }
    }

    fn press(&mut self, key: Key) {
        let (select, control) = (
            key.modifiers & modifier::SHIFT != 0,
            key.modifiers & modifier::CONTROL != 0,
        );
        let go = |plain: Go, whole: Go| if control { whole } else { plain };
        match key.code {
            key::LEFT => self.page.go(go(Go::Left, Go::WordLeft), select),
            key::RIGHT => self.page.go(go(Go::Right, Go::WordRight), select),
            key::HOME => self.page.go(Go::Start, select),
            key::END => self.page.go(Go::End, select),
            key::BACKSPACE => self.page.delete(go(Go::Left, Go::WordLeft)),
            key::DELETE => self.page.delete(go(Go::Right, Go::WordRight)),
            key::UP => self.page.choose_next(-1),
            key::DOWN => self.page.choose_next(1),
            key::PAGE_UP => self.page.choose_next(-8),
            key::PAGE_DOWN => self.page.choose_next(8),
            key::ENTER | key::PAD_ENTER => self.page.enter(),
            _ => {}
        }
    }

    fn point(&mut self, event: Cursor) {
        match (event.kind, event.button) {
            (CursorKind::Pressed, MouseButton::Left) | (CursorKind::TouchBegan, _) => {
                let near = |(at, x, y): (Duration, f32, f32)| {
                    event.at.saturating_sub(at) < DOUBLE.0 && (x - event.x).hypot(y - event.y) < DOUBLE.1 * self.scale
                };
                let twice = self.pressed.is_some_and(near);
                self.page.press(event.x, event.y, twice);
                self.pressed = (!twice).then_some((event.at, event.x, event.y));
            }
            (CursorKind::Moved | CursorKind::Entered, _) => self.page.hover(Some((event.x, event.y))),
            (CursorKind::Left, _) => self.page.hover(None),
            (CursorKind::Scrolled, _) => self.page.scroll(event.x, event.y, event.dy),
            _ => {}
        }
    }

    fn draw(&mut self) {
        let caret = self.page.caret();
        let small = |number: i32| i16::try_from(number).unwrap_or(i16::MAX);
        let size = |number: i32| u16::try_from(number).unwrap_or(0);
        self.typing.caret(
            small(caret.left),
            small(caret.top),
            size(caret.width()),
            size(caret.height()),
        );
        let (width, height) = (self.screen.width(), self.screen.height());
        let mut canvas = Canvas::new(self.screen.pixels(), width, height);
        self.page.draw(&mut canvas);
    }
}

fn actions() -> Vec<Action> {
    let control = modifier::CONTROL;
    let keep = Action::new("Keep this memo")
        .description("What stands in the field")
        .tags(["add", "save", "new"]);
    let change = Action::new("Change the chosen memo")
        .shortcut(control, key::E)
        .tags(["edit", "open"]);
    let delete = Action::new("Delete the chosen memo")
        .shortcut(control, key::D)
        .tags(["remove", "forget"]);
    let look = Action::new("Look again what is kept").description("Another program may have changed it");
    vec![
        keep,
        change,
        delete,
        look.shortcut(0, key::F5).tags(["refresh", "reload", "try again"]),
        Action::new("Choose nothing")
            .shortcut(0, key::ESCAPE)
            .tags(["cancel", "leave"]),
        Action::new("Select all").shortcut(control, key::A),
        Action::new("Undo").shortcut(control, key::Z).tags(["back"]),
    ]
}
