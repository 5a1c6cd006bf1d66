//! The time: how to follow the clock, the time zone and the user's languages, and to count down with a timer, without waking
//! more often than the picture changes.

mod look;
mod time;
mod words;

use draw::{Area, Canvas};
use look::{Faces, PRESETS, Shown};
use portico_sdk::clock::{DateTime, TimeZone};
use portico_sdk::cursor::{Cursor, CursorKind, MouseButton};
use portico_sdk::frame::{Scale, Screen};
use portico_sdk::hud::{Action, Menu, key, modifier};
use portico_sdk::timer::Tick;
use portico_sdk::toolbar::{Button, Pressed, Toolbar};
use portico_sdk::user::Language;
use portico_sdk::window::Title;
use portico_sdk::{Error, Events, Watch, anything, arguments, clock, cursor, timer, user, window};
use std::time::Duration;
use time::Countdown;

portico_sdk::manifest!("../manifest.toml");
portico_sdk::icon!("../icon.svg");
portico_sdk::program!(async {
    let mut clock = Clock::new();
    if let Some(seconds) = arguments::all().await.ok().and_then(|all| all.first()?.parse().ok()) {
        clock.begin(seconds);
    }
    loop {
        clock.look();
        if clock.closing {
            return Ok::<(), Error>(());
        }
        clock.entitle().await;
        if clock.dirty && clock.visible {
            clock.draw();
            clock.screen.show().await?;
            clock.shown = true;
        } else {
            anything().await;
        }
    }
});

/// What can be done besides setting the timer, in the order of the HUD.
#[derive(Clone, Copy)]
enum Do {
    Pause,
    Stop,
    More,
    Hours,
    Language,
}

const DEEDS: [Do; 5] = [Do::Pause, Do::Stop, Do::More, Do::Hours, Do::Language];

struct Clock {
    screen: Screen,
    window: Watch<window::State>,
    utc: Watch<DateTime>,
    zone: Watch<TimeZone>,
    languages: Watch<Vec<Language>>,
    cursor: Events<Cursor>,
    menu: Menu,
    toolbar: Toolbar,
    title: Title,
    entitled: bool,
    faces: Faces,
    countdown: Countdown,
    /// Ticks every second while the countdown runs.
    ticks: Option<Events<Tick>>,
    now: Option<DateTime>,
    here: Option<TimeZone>,
    /// Which of the known languages.
    language: usize,
    twelve: bool,
    presets: [Area; PRESETS.len()],
    scale: f32,
    dark: bool,
    visible: bool,
    shown: bool,
    dirty: bool,
    closing: bool,
}

impl Clock {
    fn new() -> Self {
        let mut toolbar = Toolbar::new();
        toolbar.set_actions(&buttons(0, false));
        let mut screen = Screen::new(800, 420);
        screen.set_scale(Scale::None);
        Self {
            screen,
            window: window::state(),
            utc: clock::utc(),
            zone: clock::zone(),
            languages: user::languages(),
            cursor: cursor::open(),
            menu: Menu::open(actions(0)),
            toolbar,
            title: Title::new(),
            entitled: false,
            faces: Faces::new(),
            countdown: Countdown::default(),
            ticks: None,
            now: None,
            here: None,
            language: 0,
            twelve: false,
            presets: <_>::default(),
            scale: 1.0,
            dark: false,
            visible: true,
            shown: false,
            dirty: true,
            closing: false,
        }
    }

    /// Takes whatever has come.
    fn look(&mut self) {
        if let Some(state) = self.window.take() {
            self.closing = state.closing;
            (self.dark, self.visible) = (state.dark, state.visible || !self.shown);
            // The first picture gives the window its size.
            if self.shown && state.width > 0 && state.height > 0 {
                self.scale = state.scale;
                self.screen.resize(state.width, state.height);
            }
            self.dirty = true;
        }
        if let Some(now) = self.utc.take() {
            (self.now, self.dirty) = (Some(now), true);
        }
        if let Some(here) = self.zone.take() {
            (self.here, self.dirty) = (Some(here), true);
        }
        if let Some(languages) = self.languages.take() {
            self.twelve = words::twelve_hours(&languages);
            self.speak(words::suit(&languages));
        }
        let gone = self.ticks.as_mut().map_or(0, |ticks| {
            std::iter::from_fn(|| ticks.take()).map(|tick| tick.ticks).sum()
        });
        if gone > 0 {
            let mut countdown = self.countdown;
            if countdown.tick(gone) {
                portico_sdk::info!("The timer of {} s is up.", countdown.all);
            }
            self.set(countdown);
        }
        while let Some(event) = self.cursor.take() {
            let at = self.presets.iter().position(|chip| chip.contains(event.x, event.y));
            let pressed = matches!(
                (event.kind, event.button),
                (CursorKind::Pressed, MouseButton::Left) | (CursorKind::TouchEnded, _)
            );
            if let Some(index) = at.filter(|_| pressed) {
                self.begin(PRESETS[index] * 60);
            }
        }
        while let Some(index) = self.menu.take() {
            match (
                PRESETS.get(index),
                index.checked_sub(PRESETS.len()).and_then(|index| DEEDS.get(index)),
            ) {
                (Some(minutes), _) => self.begin(minutes * 60),
                (None, Some(deed)) => self.act(*deed),
                (None, None) => {}
            }
        }
        while let Some(Pressed::Action(index)) = self.toolbar.take() {
            if let Some(deed) = DEEDS.get(index) {
                self.act(*deed);
            }
        }
    }

    fn act(&mut self, deed: Do) {
        match deed {
            Do::Pause => {
                let runs = !self.countdown.runs && self.countdown.left > 0;
                self.set(Countdown { runs, ..self.countdown });
            }
            Do::Stop => self.set(Countdown::default()),
            Do::More => self.set(self.countdown.more(60)),
            Do::Hours => (self.twelve, self.dirty) = (!self.twelve, true),
            Do::Language => self.speak((self.language + 1) % words::ALL.len()),
        }
    }

    /// Counts down from the beginning.
    fn begin(&mut self, seconds: u32) {
        self.ticks = None;
        self.set(Countdown::of(seconds));
    }

    /// Sets the timer. A second that has begun goes on where it runs on.
    fn set(&mut self, countdown: Countdown) {
        if !countdown.runs {
            self.ticks = None;
        } else if self.ticks.is_none() {
            self.ticks = Some(timer::every(Duration::from_secs(1)));
        }
        if countdown.runs != self.countdown.runs {
            self.toolbar.set_actions(&buttons(self.language, countdown.runs));
        }
        (self.countdown, self.dirty, self.entitled) = (countdown, true, false);
    }

    fn speak(&mut self, language: usize) {
        self.language = language;
        self.menu.set(actions(language));
        self.toolbar.set_actions(&buttons(language, self.countdown.runs));
        (self.dirty, self.entitled) = (true, false);
    }

    /// The title says when the timer is up.
    async fn entitle(&mut self) {
        if std::mem::replace(&mut self.entitled, true) {
            return;
        }
        let title = if self.countdown.is_up() {
            words::ALL[self.language].up
        } else {
            "Clock"
        };
        // Without it, the picture still says so.
        let _ = self.title.set(title).await;
    }

    fn draw(&mut self) {
        self.dirty = false;
        let shown = Shown {
            words: words::ALL[self.language],
            utc: self.now.as_ref(),
            zone: self.here.as_ref(),
            twelve: self.twelve,
            countdown: &self.countdown,
        };
        let (width, height) = (self.screen.width(), self.screen.height());
        let mut canvas = Canvas::new(self.screen.pixels(), width, height);
        self.presets = look::draw(&mut canvas, &self.faces, self.scale, self.dark, &shown);
    }
}

/// The actions of the HUD, in a language.
fn actions(language: usize) -> Vec<Action> {
    let words = words::ALL[language];
    let keys = [key::DIGIT_1, key::DIGIT_5, key::DIGIT_0, key::DIGIT_2];
    let presets = PRESETS.iter().zip(keys).map(|(minutes, key)| {
        Action::new(format!("{}: {minutes} {}", words.timer, words.minutes))
            .tags(["timer"])
            .shortcut(0, key)
    });
    let shortcuts = [
        (0, key::SPACE),
        (0, key::ESCAPE),
        (0, key::EQUALS),
        (modifier::CONTROL, key::H),
        (modifier::CONTROL, key::L),
    ];
    let deeds = words.deeds.iter().zip(shortcuts);
    presets
        .chain(deeds.map(|(name, (modifiers, key))| Action::new(*name).shortcut(modifiers, key)))
        .collect()
}

/// The buttons of the toolbar, in a language, while the timer runs or not.
fn buttons(language: usize, runs: bool) -> [Button<'static>; 3] {
    let [pause, stop, more, ..] = words::ALL[language].deeds;
    [
        Button {
            icon: if runs { '\u{23F8}' } else { '\u{25B6}' },
            name: pause,
        },
        Button {
            icon: '\u{23F9}',
            name: stop,
        },
        Button {
            icon: '\u{2795}',
            name: more,
        },
    ]
}
