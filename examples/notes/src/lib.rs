//! Notes: how to take text in any script with the user's input method, and to use the search field, tabs, the clipboard and
//! the HUD.

mod look;
mod page;

use draw::Canvas;
use edit::{Go, Input};
use page::Notes;
use portico_sdk::cursor::{Cursor, CursorKind, CursorShape, MouseButton, Shape};
use portico_sdk::frame::{Scale, Screen};
use portico_sdk::hud::{Action, Menu};
use portico_sdk::keys::{Key, key, modifier};
use portico_sdk::search::Search;
use portico_sdk::tabs::{Tab, Tabs};
use portico_sdk::text::Typing;
use portico_sdk::toolbar::{Button, Pressed, Toolbar};
use portico_sdk::window::Title;
use portico_sdk::{Error, Events, Watch, anything, clipboard, cursor, keys, text, window};
use std::time::Duration;

portico_sdk::manifest!("../manifest.toml");
portico_sdk::icon!("../icon.svg");
portico_sdk::program!(async {
    let mut program = Program::new();
    // Where this can't be set, the arrow does as well.
    let _ = program.shape.set(CursorShape::Text).await;
    loop {
        program.look().await;
        if program.closing {
            return Ok::<(), Error>(());
        }
        if program.notes.take_dirty() {
            program.tell().await;
            program.draw();
            program.screen.show().await?;
            program.shown = true;
        } else {
            anything().await;
        }
    }
});

/// Two presses within this time and so many points are a double click.
const DOUBLE: (Duration, f32) = (Duration::from_millis(400), 4.0);

/// What can be done, in the order of the HUD.
#[derive(Clone, Copy)]
enum Do {
    New,
    Close,
    Next,
    Previous,
    FindNext,
    Cut,
    Copy,
    Paste,
    SelectAll,
    Undo,
    Redo,
}

const DEEDS: [Do; 11] = [
    Do::New,
    Do::Close,
    Do::Next,
    Do::Previous,
    Do::FindNext,
    Do::Cut,
    Do::Copy,
    Do::Paste,
    Do::SelectAll,
    Do::Undo,
    Do::Redo,
];

struct Program {
    notes: Notes,
    screen: Screen,
    window: Watch<window::State>,
    typing: Typing,
    keys: Events<Key>,
    cursor: Events<Cursor>,
    search: Search,
    tabs: Tabs,
    menu: Menu,
    toolbar: Toolbar,
    title: Title,
    shape: Shape,
    /// What the tabs and the title say.
    told: (Vec<String>, usize),
    /// When and where the mouse was pressed last, and whether it still is.
    pressed: Option<(Duration, f32, f32)>,
    held: bool,
    scale: f32,
    shown: bool,
    closing: bool,
}

impl Program {
    fn new() -> Self {
        let size = (760, 520);
        let mut screen = Screen::new(size.0, size.1);
        screen.set_scale(Scale::None);
        let mut toolbar = Toolbar::new();
        toolbar.set_navigation(&[
            Button {
                icon: '⟲',
                name: "Undo",
            },
            Button {
                icon: '⟳',
                name: "Redo",
            },
        ]);
        toolbar.set_actions(&[
            Button {
                icon: '➕',
                name: "New note",
            },
            Button {
                icon: '🗑',
                name: "Close this note",
            },
        ]);
        let notes = Notes::new(size);
        Self {
            tabs: Tabs::open(tabs(&notes.titles()), Some(0)),
            notes,
            screen,
            window: window::state(),
            typing: text::open(),
            keys: keys::open(),
            cursor: cursor::open(),
            search: Search::open(&[0], "Find in this note"),
            menu: Menu::open(actions()),
            toolbar,
            title: Title::new(),
            shape: Shape::new(),
            told: (Vec::new(), 0),
            pressed: None,
            held: false,
            scale: 1.0,
            shown: false,
            closing: false,
        }
    }

    /// Takes whatever has come.
    async fn look(&mut self) {
        if let Some(state) = self.window.take() {
            self.closing = state.closing;
            // The first picture gives the window its size.
            if self.shown && state.width > 0 && state.height > 0 {
                self.scale = state.scale;
                self.screen.resize(state.width, state.height);
            }
            self.notes
                .suit(self.scale, (self.screen.width(), self.screen.height()), state.dark);
        }
        self.write();
        while let Some(event) = self.cursor.take() {
            self.point(event);
        }
        while let Some(query) = self.search.take() {
            self.notes.search(query);
        }
        while let Some(index) = self.tabs.take() {
            self.notes.show(index);
        }
        while let Some(index) = self.menu.take() {
            if let Some(deed) = DEEDS.get(index) {
                self.act(*deed).await;
            }
        }
        while let Some(pressed) = self.toolbar.take() {
            match pressed {
                Pressed::Navigation(0) => self.act(Do::Undo).await,
                Pressed::Navigation(_) => self.act(Do::Redo).await,
                Pressed::Action(0) => self.act(Do::New).await,
                Pressed::Action(_) => self.act(Do::Close).await,
            }
        }
    }

    async fn act(&mut self, deed: Do) {
        match deed {
            Do::New => self.notes.add(),
            Do::Close => self.notes.close(),
            Do::Next => self.notes.turn(1),
            Do::Previous => self.notes.turn(-1),
            Do::FindNext => self.notes.find_next(),
            Do::Copy => {
                self.copy().await;
            }
            Do::Cut => {
                if self.copy().await {
                    self.notes.delete(Go::Left);
                }
            }
            Do::Paste => match clipboard::read().await {
                Ok(text) => self.notes.paste(&text),
                Err(error) => self.notes.say(format!("can't paste: {}", error.why())),
            },
            Do::SelectAll => self.notes.select_all(),
            Do::Undo => self.notes.undo(),
            Do::Redo => self.notes.redo(),
        }
    }

    /// Puts what is selected on the clipboard; says whether it is there.
    async fn copy(&mut self) -> bool {
        if self.notes.selected().is_empty() {
            return false;
        }
        match clipboard::write(self.notes.selected()).await {
            Ok(()) => true,
            Err(error) => {
                self.notes.say(format!("can't copy: {}", error.why()));
                false
            }
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
                Input::Text(text) => self.notes.write(&text),
                Input::Key(key) => self.press(key),
            }
        }
        if let Some(preedit) = preedit {
            self.notes.compose(&preedit);
        }
    }

    fn press(&mut self, key: Key) {
        let (select, control) = (
            key.modifiers & modifier::SHIFT != 0,
            key.modifiers & modifier::CONTROL != 0,
        );
        let go = |plain: Go, whole: Go| if control { whole } else { plain };
        match key.code {
            key::LEFT => self.notes.go(go(Go::Left, Go::WordLeft), select),
            key::RIGHT => self.notes.go(go(Go::Right, Go::WordRight), select),
            key::UP => self.notes.go_lines(-1, select),
            key::DOWN => self.notes.go_lines(1, select),
            key::PAGE_UP if !control => self.notes.go_pages(-1, select),
            key::PAGE_DOWN if !control => self.notes.go_pages(1, select),
            key::HOME if control => self.notes.go(Go::Start, select),
            key::END if control => self.notes.go(Go::End, select),
            key::HOME => self.notes.go_in_line(false, select),
            key::END => self.notes.go_in_line(true, select),
            key::BACKSPACE => self.notes.delete(go(Go::Left, Go::WordLeft)),
            key::DELETE => self.notes.delete(go(Go::Right, Go::WordRight)),
            key::ENTER | key::PAD_ENTER => self.notes.write_key("\n"),
            key::TAB if !control && !select => self.notes.write_key("\t"),
            _ => {}
        }
    }

    fn point(&mut self, event: Cursor) {
        match (event.kind, event.button) {
            (CursorKind::Pressed, MouseButton::Left) | (CursorKind::TouchBegan, _) => {
                let near = |(at, x, y): (Duration, f32, f32)| {
                    event.at.saturating_sub(at) < DOUBLE.0 && (x - event.x).hypot(y - event.y) < DOUBLE.1 * self.scale
                };
                if self.pressed.is_some_and(near) {
                    self.notes.select_word(event.x, event.y);
                    self.pressed = None;
                } else {
                    self.notes.point(event.x, event.y, false);
                    (self.pressed, self.held) = (Some((event.at, event.x, event.y)), true);
                }
            }
            (CursorKind::Moved | CursorKind::TouchMoved, _) if self.held => self.notes.point(event.x, event.y, true),
            (CursorKind::Released, MouseButton::Left) | (CursorKind::TouchEnded | CursorKind::TouchCancelled, _) => {
                self.held = false;
            }
            (CursorKind::Scrolled, _) => self.notes.scroll(event.dy),
            _ => {}
        }
    }

    /// Tells the shell what is in the tabs, what the title is, and where the caret is.
    async fn tell(&mut self) {
        let now = (self.notes.titles(), self.notes.current());
        if now != self.told {
            self.tabs.set(tabs(&now.0), Some(now.1));
            // Without it the tabs still say so.
            let _ = self.title.set(&format!("{} \u{2013} Notes", now.0[now.1])).await;
            self.told = now;
        }
        let caret = self.notes.caret();
        let small = |number: i32| i16::try_from(number).unwrap_or(i16::MAX);
        let size = |number: i32| u16::try_from(number).unwrap_or(0);
        self.typing.caret(
            small(caret.left),
            small(caret.top),
            size(caret.width()),
            size(caret.height()),
        );
    }

    fn draw(&mut self) {
        let (width, height) = (self.screen.width(), self.screen.height());
        let mut canvas = Canvas::new(self.screen.pixels(), width, height);
        self.notes.draw(&mut canvas);
    }
}

fn tabs(titles: &[String]) -> Vec<Tab> {
    titles
        .iter()
        .map(|title| Tab {
            icon: None,
            title: title.clone(),
            badge: 0,
        })
        .collect()
}

fn actions() -> Vec<Action> {
    let action = |name: &str, modifiers: u8, key: u16| Action::new(name).shortcut(modifiers, key);
    let control = modifier::CONTROL;
    vec![
        action("New note", control, key::N)
            .description("In a tab of its own")
            .tags(["add", "tab"]),
        action("Close this note", control, key::W)
            .description("It is gone then")
            .tags(["delete", "remove", "tab"]),
        action("Next note", control, key::PAGE_DOWN).tags(["tab"]),
        action("Previous note", control, key::PAGE_UP).tags(["tab"]),
        action("Find the next one", 0, key::F3)
            .description("Of what stands in the search field")
            .tags(["search"]),
        action("Cut", control, key::X).tags(["clipboard", "move"]),
        action("Copy", control, key::C).tags(["clipboard"]),
        action("Paste", control, key::V).tags(["clipboard", "insert"]),
        action("Select all", control, key::A),
        action("Undo", control, key::Z).tags(["back"]),
        action("Redo", control, key::Y).tags(["again"]),
    ]
}
