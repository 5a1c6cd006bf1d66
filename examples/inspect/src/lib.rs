//! Inspect: every answer of the host on one board, and what comes in as it comes.

mod board;
mod facts;

use board::Card;
use facts::Facts;
use portico_sdk::frame::{Scale, Screen};
use portico_sdk::hud::{Action, Menu, key, modifier};
use portico_sdk::log::Level;
use portico_sdk::{anything, clock, console, cursor, keys, log, text, window};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

portico_sdk::manifest!("../manifest.toml");
portico_sdk::icon!("../icon.svg");
portico_sdk::program!(inspect());

/// Lines that a live list keeps.
const KEPT: usize = 4;

/// The last few lines of something.
#[derive(Default)]
struct Tail(VecDeque<String>);

impl Tail {
    fn push(&mut self, line: String) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(line);
    }

    fn card(&self, title: &'static str, hint: &str) -> Card {
        let mut lines: Vec<(&'static str, String)> = self.0.iter().map(|line| ("", line.clone())).collect();
        if lines.is_empty() {
            lines.push(("", hint.to_owned()));
        }
        Card {
            title,
            lines,
            least: KEPT,
        }
    }
}

/// What came in.
#[derive(Default)]
struct Live {
    keys: Tail,
    cursor: Tail,
    log: Tail,
    typed: String,
    preedit: String,
    window: Option<window::State>,
}

impl Live {
    /// Prints a line into the program's log, and shows it.
    fn note(&mut self, level: Level, line: &str) {
        log::print(level, 0, line);
        self.log.push(format!("{level:?} {line}"));
    }
}

async fn inspect() -> Result<(), portico_sdk::Error> {
    let facts = Rc::new(RefCell::new(Facts::default()));
    portico_sdk::spawn(facts::ask(Rc::clone(&facts)));
    portico_sdk::spawn(facts::follow_user(Rc::clone(&facts)));
    let (mut utc, mut zone) = (clock::utc(), clock::zone());
    let (mut window, mut keys, mut cursor) = (window::state(), keys::open(), cursor::open());
    let (mut typing, mut console) = (text::open(), console::lines());
    let mut menu = Menu::open(vec![
        Action::new("Log a line")
            .description("To see where it goes")
            .tags(["print"])
            .shortcut(modifier::CONTROL, key::L),
        Action::new("Log a warning").description("One level up").tags(["print"]),
        Action::new("Forget text")
            .description("Empty what was typed")
            .tags(["clear"])
            .shortcut(modifier::CONTROL, key::K),
        Action::new("Panic")
            .description("To see what a trap looks like")
            .tags(["crash", "trap", "end"]),
    ]);
    let mut screen = Screen::new(960, 680);
    screen.set_scale(Scale::None);
    let mut live = Live::default();
    live.note(Level::Info, "Inspect has started.");
    let mut shown = false;
    let mut dirty = true;

    loop {
        while let Some(new) = window.take() {
            if shown && new.width > 0 && new.height > 0 && (new.width, new.height) != (screen.width(), screen.height())
            {
                screen.resize(new.width, new.height);
            }
            if new.closing {
                return Ok(());
            }
            live.window = Some(new);
            dirty = true;
        }
        while let Some(key) = keys.take() {
            live.keys.push(format!(
                "{:>9.3} s  key {:<4} {:?}{}",
                key.at.as_secs_f32(),
                key.code,
                key.state,
                held(key.modifiers)
            ));
            dirty = true;
        }
        while let Some(typed) = typing.take() {
            live.typed.push_str(typed.text);
            typed.preedit.clone_into(&mut live.preedit);
            let excess = live.typed.chars().count().saturating_sub(120);
            live.typed = live.typed.chars().skip(excess).collect();
            dirty = true;
        }
        while let Some(event) = cursor.take() {
            let what = format!("{:>7.1} {:>7.1}  {:?}", event.x, event.y, event.kind);
            live.cursor.push(match event.kind {
                cursor::CursorKind::Pressed | cursor::CursorKind::Released => format!("{what} {:?}", event.button),
                cursor::CursorKind::Scrolled => format!("{what} {:+.1} {:+.1}", event.dx, event.dy),
                _ => what,
            });
            dirty = true;
        }
        while let Some(line) = console.take() {
            live.note(Level::Info, &format!("the console says: {line}"));
            dirty = true;
        }
        while let Some(chosen) = menu.take() {
            match chosen {
                0 => live.note(Level::Info, "a line, as asked"),
                1 => live.note(Level::Warning, "a warning, as asked"),
                2 => live.typed.clear(),
                _ => panic!("as asked in the HUD"),
            }
            dirty = true;
        }
        {
            let mut facts = facts.borrow_mut();
            while let Some(time) = utc.take() {
                facts.time = Some(time);
                dirty = true;
            }
            while let Some(new) = zone.take() {
                facts.zone = Some(new);
                dirty = true;
            }
            dirty |= std::mem::take(&mut facts.changed);
        }
        if !dirty {
            anything().await;
            continue;
        }
        dirty = false;
        let (dark, scale) = live
            .window
            .as_ref()
            .map_or((false, 1.0), |window| (window.dark, window.scale));
        let size = (screen.width(), screen.height());
        let cards = cards(&facts.borrow(), &live);
        board::draw(screen.pixels(), size, if shown { scale } else { 1.0 }, dark, &cards);
        screen.show().await?;
        shown = true;
    }
}

fn cards(facts: &Facts, live: &Live) -> Vec<Card> {
    let card = |title, lines| Card { title, lines, least: 0 };
    let text = format!("{}{}", live.typed, live.preedit);
    let text = if text.is_empty() {
        "Type something.".to_owned()
    } else {
        text
    };
    vec![
        card("This computer", facts.computer.clone()),
        card("Time", facts.time_lines()),
        card("You", facts.user_lines()),
        card("Window", live.window.as_ref().map(window_lines).unwrap_or_default()),
        Card {
            title: "Text",
            lines: vec![("", text)],
            least: 2,
        },
        live.keys.card("Keys", "Press a key."),
        live.cursor.card("Cursor", "Move the mouse over the board."),
        live.log.card("Log", ""),
    ]
}

fn window_lines(window: &window::State) -> Vec<(&'static str, String)> {
    let flags = [
        (window.focused, "focused"),
        (window.visible, "visible"),
        (window.full_screen, "full screen"),
        (window.dark, "dark"),
        (window.reduced_motion, "reduced motion"),
        (window.closing, "closing"),
    ];
    let flags: Vec<&str> = flags.into_iter().filter_map(|(on, name)| on.then_some(name)).collect();
    vec![
        ("Size", format!("{} \u{d7} {}", window.width, window.height)),
        ("Scale", format!("{:.2}", window.scale)),
        ("State", flags.join(", ")),
    ]
}

fn held(modifiers: u8) -> String {
    const NAMES: [(u8, &str); 4] = [
        (modifier::SHIFT, "Shift"),
        (modifier::CONTROL, "Ctrl"),
        (modifier::ALT, "Alt"),
        (modifier::LOGO, "Logo"),
    ];
    let names: Vec<&str> = NAMES
        .iter()
        .filter(|(bit, _)| modifiers & bit != 0)
        .map(|(_, name)| *name)
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        format!("  with {}", names.join("+"))
    }
}
