//! The Mandelbrot set, computed by children: how to start tasks, share memory with them, hand out work as they go, and stop
//! them.

mod look;
mod plan;

use draw::Canvas;
use look::{Palette, Status};
use plan::{Plan, View};
use portico_sdk::child::Child;
use portico_sdk::cursor::{Cursor, CursorKind, MouseButton};
use portico_sdk::frame::Screen;
use portico_sdk::hud::{Action, Menu};
use portico_sdk::keys::key;
use portico_sdk::toolbar::{Button, Pressed, Toolbar};
use portico_sdk::{Error, Events, anything, cursor, spawn, timer, window};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

portico_sdk::manifest!("../manifest.toml");
portico_sdk::icon!("../icon.svg");
portico_sdk::program!(async {
    let mut tasks = Tasks::new();
    loop {
        tasks.look().await?;
        if tasks.closing {
            return Ok::<(), Error>(());
        } else if tasks.draw() {
            tasks.screen.show().await?;
            tasks.shown = true;
        } else {
            anything().await;
        }
    }
});

/// The child's module.
const WORKER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/worker.wasm"));
/// Most children at once.
const MOST: u32 = 16;

/// Everything that the user can do, in the order of the HUD.
const DEEDS: [Do; 7] = [
    Do::Stop,
    Do::Again,
    Do::More,
    Do::Fewer,
    Do::ZoomIn,
    Do::ZoomOut,
    Do::Whole,
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Do {
    Stop,
    Again,
    More,
    Fewer,
    ZoomIn,
    ZoomOut,
    Whole,
}

/// A child's row goes into the plan, and the next one back to it, until there is none.
async fn work(plan: Rc<RefCell<Plan>>, picture: u32, memory: Vec<u8>) -> Result<(), Error> {
    let mut child = Child::start(WORKER.to_vec(), memory);
    loop {
        child.next().await?;
        let mut plan = plan.borrow_mut();
        // The children of a picture that nobody wants any more end as they come.
        if plan.number != picture || !child.memory(|memory| plan.take(memory)) {
            return Ok(());
        }
    }
}

struct Tasks {
    plan: Rc<RefCell<Plan>>,
    view: View,
    children: u32,
    screen: Screen,
    cursor: Events<Cursor>,
    menu: Menu,
    toolbar: Toolbar,
    window: portico_sdk::Watch<window::State>,
    palette: Palette,
    scale: f32,
    dark: bool,
    /// When the picture was begun, and how long it took.
    begun: Duration,
    took: Option<Duration>,
    /// What was told last.
    told: String,
    scrolled: f32,
    /// The picture as it was drawn, without the bar.
    picture: Vec<u32>,
    /// Whether the window is there.
    shown: bool,
    closing: bool,
}

impl Tasks {
    fn new() -> Self {
        let action =
            |name: &str, description: &str, key: u16| Action::new(name).description(description).shortcut(0, key);
        let menu = vec![
            action("Stop", "End all tasks; what they have done stays", key::ESCAPE).tags(["cancel", "end"]),
            action("Compute again", "Begin the picture anew", key::SPACE).tags(["restart", "run"]),
            action("More tasks", "One more computes at the same time", key::PERIOD).tags(["threads", "faster"]),
            action("Fewer tasks", "One less computes at the same time", key::COMMA).tags(["threads", "slower"]),
            action("Zoom in", "Click where; the wheel does it too", key::EQUALS),
            action("Zoom out", "Right click; the wheel does it too", key::MINUS),
            action("Whole set", "See all of it", key::HOME).tags(["home", "reset"]),
        ];
        let mut toolbar = Toolbar::new();
        toolbar.set_actions(&[
            Button {
                icon: '\u{23F9}',
                name: "Stop",
            },
            Button {
                icon: '\u{1F504}',
                name: "Compute again",
            },
            Button {
                icon: '\u{2795}',
                name: "More tasks",
            },
        ]);
        Self {
            plan: Rc::new(RefCell::new(Plan::new())),
            view: View::WHOLE,
            children: 4,
            screen: Screen::new(960, 600),
            cursor: cursor::open(),
            menu: Menu::open(menu),
            toolbar,
            window: window::state(),
            palette: Palette::new(false),
            scale: 1.0,
            dark: false,
            begun: Duration::ZERO,
            took: None,
            told: String::new(),
            scrolled: 0.0,
            picture: Vec::new(),
            shown: false,
            closing: false,
        }
    }

    /// Takes whatever has come.
    async fn look(&mut self) -> Result<(), Error> {
        if self.picture.is_empty() {
            self.begin().await?;
        }
        if let Some(state) = self.window.take() {
            self.closing = state.closing;
            self.suit(&state).await?;
        }
        while let Some(event) = self.cursor.take() {
            self.point(event).await?;
        }
        while let Some(index) = self.menu.take() {
            if let Some(deed) = DEEDS.get(index) {
                self.act(*deed).await?;
            }
        }
        while let Some(Pressed::Action(index)) = self.toolbar.take() {
            if let Some(deed) = [Do::Stop, Do::Again, Do::More].get(index) {
                self.act(*deed).await?;
            }
        }
        if self.took.is_none() && !self.plan.borrow().is_running() {
            self.took = Some(timer::now().await?.saturating_sub(self.begun));
        }
        Ok(())
    }

    /// Follows the window.
    async fn suit(&mut self, state: &window::State) -> Result<(), Error> {
        let size = (self.screen.width(), self.screen.height());
        self.scale = if self.shown { state.scale } else { 1.0 };
        if self.dark != state.dark {
            self.dark = state.dark;
            self.palette = Palette::new(self.dark);
            self.plan.borrow_mut().refresh();
        }
        // The first picture gives the window its size.
        if self.shown && size != (state.width, state.height) && state.width > 0 && state.height > 0 {
            self.screen.resize(state.width, state.height);
            self.begin().await?;
        }
        Ok(())
    }

    /// Begins the picture anew, with new children.
    async fn begin(&mut self) -> Result<(), Error> {
        let size = (self.screen.width(), self.screen.height());
        if self.picture.len() != size.0 as usize * size.1 as usize {
            self.picture = vec![self.palette.empty(); size.0 as usize * size.1 as usize];
        }
        {
            let mut plan = self.plan.borrow_mut();
            plan.begin(self.view, size);
            for _ in 0..self.children {
                if let Some(memory) = plan.first() {
                    spawn(work(Rc::clone(&self.plan), plan.number, memory));
                }
            }
        }
        self.took = None;
        self.begun = timer::now().await?;
        Ok(())
    }

    async fn act(&mut self, deed: Do) -> Result<(), Error> {
        let middle = (
            f64::from(self.screen.width()) / 2.0,
            f64::from(self.screen.height()) / 2.0,
        );
        match deed {
            Do::Stop => {
                self.plan.borrow_mut().cancel();
                return Ok(());
            }
            Do::Again => {}
            Do::More => self.children = (self.children + 1).min(MOST),
            Do::Fewer => self.children = (self.children - 1).max(1),
            Do::ZoomIn => return self.zoom(0.5, middle).await,
            Do::ZoomOut => return self.zoom(2.0, middle).await,
            Do::Whole => self.view = View::WHOLE,
        }
        self.begin().await
    }

    async fn zoom(&mut self, factor: f64, at: (f64, f64)) -> Result<(), Error> {
        let before = self.view;
        self.view.zoom(factor, at, (self.screen.width(), self.screen.height()));
        if self.view == before {
            Ok(())
        } else {
            self.begin().await
        }
    }

    async fn point(&mut self, event: Cursor) -> Result<(), Error> {
        let at = (f64::from(event.x), f64::from(event.y));
        match (event.kind, event.button) {
            (CursorKind::Pressed, MouseButton::Left) | (CursorKind::TouchEnded, _) => self.zoom(0.5, at).await,
            (CursorKind::Pressed, MouseButton::Right) => self.zoom(2.0, at).await,
            (CursorKind::Scrolled, _) => {
                // A wheel scrolls by whole lines, a touchpad by parts of one.
                self.scrolled += event.dy;
                let steps = self.scrolled.trunc();
                self.scrolled -= steps;
                self.zoom(0.5_f64.powf(f64::from(steps)), at).await
            }
            _ => Ok(()),
        }
    }

    /// Draws what is new; says whether anything is.
    fn draw(&mut self) -> bool {
        let (width, height) = (self.screen.width() as usize, self.screen.height());
        let mut plan = self.plan.borrow_mut();
        let most = plan.steps();
        let mut changed = false;
        for (points, rows) in plan.fresh() {
            changed = true;
            let (first, others) = (rows.start as usize * width, rows.start + 1..rows.end.min(height));
            for (pixel, point) in self.picture[first..first + width].iter_mut().zip(points) {
                *pixel = self.palette.colour(*point, most);
            }
            for row in others {
                self.picture.copy_within(first..first + width, row as usize * width);
            }
        }
        let (done, all) = plan.progress();
        let tasks = if self.children == 1 {
            "1 task".to_owned()
        } else {
            format!("{} tasks", self.children)
        };
        let text = match self.took {
            None => format!("{tasks} · row {done} of {all}"),
            Some(_) if done < all => format!("{tasks} · stopped at row {done} of {all}"),
            Some(took) => format!("{tasks} · {all} rows in {:.2} s", took.as_secs_f32()),
        };
        if !changed && text == self.told {
            return false;
        }
        let running = self.took.is_none();
        let status = Status {
            text: &text,
            progress: done as f32 / all.max(1) as f32,
            running,
        };
        self.screen.pixels().copy_from_slice(&self.picture);
        let mut canvas = Canvas::new(self.screen.pixels(), width as u32, height);
        look::bar(&mut canvas, self.scale, self.dark, &status);
        self.told = text;
        true
    }
}
