//! Conway's Game of Life: how to keep the display's pace, take keys, pan by drag and zoom by scroll, and sleep when nothing
//! moves.

mod board;
mod patterns;
mod view;

use board::Board;
use portico_sdk::cursor::{Cursor, CursorKind, MouseButton};
use portico_sdk::frame::Screen;
use portico_sdk::hud::{Action, Menu};
use portico_sdk::keys::{Key, key};
use portico_sdk::timer::Tick;
use portico_sdk::toolbar::{Button, Pressed, Toolbar};
use portico_sdk::{Error, Events, anything, cursor, keys, random, timer, window};
use std::time::Duration;
use view::{Status, View};

portico_sdk::manifest!("../manifest.toml");
portico_sdk::icon!("../icon.svg");
portico_sdk::program!(async {
    let mut life = Life::new();
    loop {
        life.look().await?;
        if life.advance() {
            life.show().await?;
        } else if life.closing {
            return Ok::<(), Error>(());
        } else {
            anything().await;
        }
    }
});

/// Generations a second; the last is one a frame.
const SPEEDS: [u32; 6] = [2, 5, 10, 20, 30, 0];
/// Most generations between two frames, where the program was kept from running.
const CATCH_UP: u32 = 4;
/// How far the pointer moves, in pixels, before a click becomes a drag.
const DRAG: f32 = 4.0;
/// How far the view moves in a frame while an arrow key is held, in points.
const STRIDE: f32 = 10.0;

/// Everything that the user can do, in the order of the HUD.
#[derive(Clone, Copy)]
enum Do {
    Pause,
    Step,
    Faster,
    Slower,
    ZoomIn,
    ZoomOut,
    Center,
    Soup,
    Clear,
    Stamp(&'static str),
}

/// What the left or the right button is doing.
#[derive(Clone, Copy)]
enum Hold {
    Nothing,
    /// Pressed there; it may become a drag.
    Click(f32, f32),
    Pan,
    /// Lets cells live, from this one on.
    Draw(i32, i32),
}

struct Life {
    board: Board,
    view: View,
    screen: Screen,
    keys: Events<Key>,
    cursor: Events<Cursor>,
    menu: Menu,
    toolbar: Toolbar,
    window: portico_sdk::Watch<window::State>,
    timer: Option<Events<Tick>>,
    deeds: Vec<Do>,
    speed: usize,
    paused: bool,
    /// Left, right, up, down.
    arrows: [bool; 4],
    hold: Hold,
    hovered: Option<(f32, f32)>,
    scrolled: f32,
    scale: f32,
    changed: bool,
    closing: bool,
}

impl Life {
    fn new() -> Self {
        let mut life = Self {
            board: Board::new(),
            view: View::new(),
            screen: Screen::new(960, 600),
            keys: keys::open(),
            cursor: cursor::open(),
            menu: Menu::open(Vec::new()),
            toolbar: Toolbar::new(),
            window: window::state(),
            timer: None,
            deeds: Vec::new(),
            speed: 3,
            paused: false,
            arrows: [false; 4],
            hold: Hold::Nothing,
            hovered: None,
            scrolled: 0.0,
            scale: 1.0,
            changed: true,
            closing: false,
        };
        life.board.scatter(0, 0, 130, 80, 2026);
        life.offer();
        life.pace();
        life
    }

    /// Says what can be done now.
    fn offer(&mut self) {
        let (deeds, actions) = deeds(self.paused);
        self.deeds = deeds;
        self.menu.set(actions);
        let pause = if self.paused {
            Button {
                icon: '\u{25B6}',
                name: "Run",
            }
        } else {
            Button {
                icon: '\u{23F8}',
                name: "Pause",
            }
        };
        let step = Button {
            icon: '\u{23ED}',
            name: "One generation",
        };
        self.toolbar.set_actions(&[
            pause,
            step,
            Button {
                icon: '\u{1F3B2}',
                name: "Random soup",
            },
        ]);
    }

    /// Has the host's timer count the generations that are due.
    fn pace(&mut self) {
        let rate = SPEEDS[self.speed];
        let timed = !self.paused && rate > 0;
        self.timer = timed.then(|| timer::every(Duration::from_secs(1) / rate));
    }

    /// Takes whatever has come.
    async fn look(&mut self) -> Result<(), Error> {
        if let Some(state) = self.window.take() {
            self.scale = state.scale;
            self.screen.resize(state.width, state.height);
            self.view.suit(state.scale, state.dark);
            self.closing = state.closing;
            self.changed = true;
        }
        while let Some(key) = self.keys.take() {
            let arrow = [key::LEFT, key::RIGHT, key::UP, key::DOWN]
                .iter()
                .position(|arrow| *arrow == key.code);
            if let Some(arrow) = arrow {
                self.arrows[arrow] = key.is_down();
            }
        }
        while let Some(event) = self.cursor.take() {
            self.point(event);
        }
        while let Some(index) = self.menu.take() {
            if let Some(deed) = self.deeds.get(index).copied() {
                self.act(deed).await?;
            }
        }
        while let Some(Pressed::Action(index)) = self.toolbar.take() {
            if let Some(deed) = [Do::Pause, Do::Step, Do::Soup].get(index).copied() {
                self.act(deed).await?;
            }
        }
        Ok(())
    }

    async fn act(&mut self, deed: Do) -> Result<(), Error> {
        self.changed = true;
        match deed {
            Do::Pause => self.pause(!self.paused),
            Do::Step => {
                self.pause(true);
                self.board.step();
            }
            Do::Faster => self.speed = (self.speed + 1).min(SPEEDS.len() - 1),
            Do::Slower => self.speed = self.speed.saturating_sub(1),
            Do::ZoomIn => self.view.zoom(1, 0.0, 0.0),
            Do::ZoomOut => self.view.zoom(-1, 0.0, 0.0),
            Do::Center => self.view.reset(),
            Do::Soup => {
                let seed = random::seed().await?;
                let (x, y) = self.view.middle();
                self.board.clear();
                self.board.scatter(x, y, 160, 96, seed);
            }
            Do::Clear => {
                self.board.clear();
                self.pause(true);
            }
            Do::Stamp(pattern) => {
                let (x, y) = self.view.middle();
                self.board.clear();
                self.board.stamp(x, y, pattern);
            }
        }
        if matches!(deed, Do::Faster | Do::Slower) {
            self.pace();
        }
        Ok(())
    }

    fn pause(&mut self, paused: bool) {
        if self.paused != paused {
            self.paused = paused;
            self.offer();
            self.pace();
        }
    }

    fn point(&mut self, event: Cursor) {
        let (width, height) = (self.screen.width(), self.screen.height());
        let cell = self.view.cell_at(event.x, event.y, width, height);
        match (event.kind, event.button) {
            (CursorKind::Pressed, MouseButton::Left) | (CursorKind::TouchBegan, _) => {
                self.hold = Hold::Click(event.x, event.y);
            }
            (CursorKind::Pressed, MouseButton::Right) => {
                self.board.set(cell.0, cell.1, true);
                self.hold = Hold::Draw(cell.0, cell.1);
            }
            (CursorKind::Moved | CursorKind::TouchMoved, _) => match self.hold {
                Hold::Nothing => {}
                Hold::Click(x, y) => {
                    if (event.x - x).hypot(event.y - y) > DRAG {
                        self.view.pan(x - event.x, y - event.y);
                        self.hold = Hold::Pan;
                    }
                }
                Hold::Pan => self.view.pan(-event.dx, -event.dy),
                Hold::Draw(x, y) => {
                    self.line((x, y), cell);
                    self.hold = Hold::Draw(cell.0, cell.1);
                }
            },
            (CursorKind::Released | CursorKind::TouchEnded, _) => {
                if let Hold::Click(..) = self.hold {
                    self.board.set(cell.0, cell.1, !self.board.get(cell.0, cell.1));
                }
                self.hold = Hold::Nothing;
            }
            (CursorKind::Scrolled, _) => {
                // A wheel scrolls by whole lines, a touchpad by parts of one.
                self.scrolled += event.dy;
                let steps = self.scrolled.trunc();
                self.scrolled -= steps;
                self.view.zoom(
                    steps as i32,
                    event.x - width as f32 / 2.0,
                    event.y - height as f32 / 2.0,
                );
            }
            (CursorKind::TouchCancelled, _) => self.hold = Hold::Nothing,
            _ => {}
        }
        self.hovered = (event.kind != CursorKind::Left).then_some((event.x, event.y));
        self.changed = true;
    }

    /// Lets all cells from one to another live.
    fn line(&mut self, from: (i32, i32), to: (i32, i32)) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let steps = dx.abs().max(dy.abs()).max(1);
        for step in 0..=steps {
            self.board
                .set(from.0 + dx * step / steps, from.1 + dy * step / steps, true);
        }
    }

    /// Goes on by what is due until the next frame; says whether there is anything new to see.
    fn advance(&mut self) -> bool {
        let mut due = u32::from(!self.paused && self.timer.is_none());
        if let Some(timer) = &mut self.timer {
            while let Some(tick) = timer.take() {
                due = due.saturating_add(tick.ticks);
            }
        }
        for _ in 0..due.min(CATCH_UP) {
            self.board.step();
        }
        let [left, right, up, down] = self.arrows.map(|held| if held { STRIDE * self.scale } else { 0.0 });
        let moving = (right - left, down - up) != (0.0, 0.0);
        if moving {
            self.view.pan(right - left, down - up);
        }
        std::mem::take(&mut self.changed) || moving || due > 0
    }

    async fn show(&mut self) -> Result<(), Error> {
        let pace = match (self.paused, SPEEDS[self.speed]) {
            (true, _) => "paused".to_owned(),
            (false, 0) => "full speed".to_owned(),
            (false, rate) => format!("{rate} a second"),
        };
        let text = format!(
            "Generation {} · {} cells · {pace}",
            self.board.generation(),
            self.board.alive()
        );
        let (width, height) = (self.screen.width(), self.screen.height());
        let hovered = self.hovered.map(|(x, y)| self.view.cell_at(x, y, width, height));
        self.view
            .draw(&self.board, &mut self.screen, &Status { text: &text, hovered });
        self.screen.show().await
    }
}

/// What can be done, and how the HUD tells it.
fn deeds(paused: bool) -> (Vec<Do>, Vec<Action>) {
    let action = |name: &str, description: &str, key: u16| Action::new(name).description(description).shortcut(0, key);
    let pause = if paused {
        action("Run", "Let the generations go on", key::SPACE)
    } else {
        action("Pause", "Hold the generations", key::SPACE)
    };
    let stamp = |name: &str, description: &str| Action::new(name).description(description).tags(["pattern", "start"]);
    let mut all = vec![
        (Do::Pause, pause.tags(["play", "stop", "resume"])),
        (
            Do::Step,
            action("One generation", "Pause, and go one step on", key::N).tags(["step", "next"]),
        ),
        (
            Do::Faster,
            action("Faster", "More generations a second", key::PERIOD).tags(["speed"]),
        ),
        (
            Do::Slower,
            action("Slower", "Fewer generations a second", key::COMMA).tags(["speed"]),
        ),
        (
            Do::ZoomIn,
            action("Zoom in", "Larger cells; the wheel does it too", key::EQUALS),
        ),
        (
            Do::ZoomOut,
            action("Zoom out", "Smaller cells; the wheel does it too", key::MINUS),
        ),
        (
            Do::Center,
            action("Back to the middle", "Where everything began", key::HOME).tags(["home", "reset", "view"]),
        ),
        (
            Do::Soup,
            action("Random soup", "Begin anew with cells by chance", key::R).tags(["shuffle", "restart"]),
        ),
        (
            Do::Clear,
            action("Clear", "Nothing lives; click to set cells", key::C).tags(["empty", "erase"]),
        ),
    ];
    for (name, description, pattern) in patterns::ALL {
        all.push((Do::Stamp(pattern), stamp(name, description)));
    }
    all.into_iter().unzip()
}
