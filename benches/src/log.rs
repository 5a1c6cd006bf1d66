//! The log viewer with ten million lines, beside itself with ten thousand: whoever looks must not notice how many there are.

use crate::Bench;
use crate::measure::interleaved;
use crate::table::{Row, Target, Unit};
use anyhow::{Context, Result, bail};
use egui::{Event, Modifiers, PointerButton, Pos2, RawInput, ViewportId, ViewportInfo, pos2, vec2};
use portico::chrome::Look;
use portico::pages::Log;
use portico::strings;
use portico::window::ChromeRenderer;
use portico_logs::{Bounds, Filter, LogStore, Search};
use portico_model::{self as model, Now, Progress, Shell, WindowId, WindowModel};
use portico_portals::Level;
use portico_surface::Rect;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const MANY: u32 = 10_000_000;
const FEW: u32 = 10_000;
const ROUNDS: usize = 21;
const SIZE: (u32, u32) = (1280, 760);
/// What the lines talk of, in turns.
const WORDS: [&str; 4] = ["harbour", "lighthouse", "seagull", "anchor"];
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn measure(_: &Bench) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let (many, few) = (store(folder.path(), MANY), store(folder.path(), FEW));
    if (many.lines(), many.gone()) != (MANY.into(), 0) {
        bail!("the log does not hold {MANY} lines");
    }
    let opened = interleaved(ROUNDS, || Ok(Viewer::open(&many)?.1), || Ok(Viewer::open(&few)?.1))?;
    let (mut large, mut small) = (Viewer::open(&many)?.0, Viewer::open(&few)?.0);
    // All of it has been counted, so that the scroll bar leads anywhere.
    std::thread::sleep(Duration::from_secs(10));
    let moved = interleaved(ROUNDS, || Ok(large.jump()), || Ok(small.jump()))?;
    drop((large, small));
    let (mut large, mut small) = (Seeker::new(&many)?, Seeker::new(&few)?);
    let filtered = interleaved(ROUNDS, || large.find(), || small.find())?;
    let row = |what: &str, (portico, native): (f64, f64)| Row {
        what: format!("log of 10 million lines: {what}"),
        unit: Unit::Seconds,
        portico,
        native: Some(native),
        target: Target {
            ratio: Some(2.0),
            ..Target::default()
        },
    };
    Ok(vec![
        row("opened", opened),
        row("anywhere by scroll bar", moved),
        row("rows of a new filter", filtered),
    ])
}

/// A log of so many lines.
fn store(folder: &std::path::Path, lines: u32) -> LogStore {
    let store = LogStore::new(Bounds::default(), Some(folder.to_owned()));
    let source = store.source("Harbour");
    for number in 0..lines {
        let word = WORDS[number as usize % WORDS.len()];
        store.push_at(
            u64::from(number),
            source,
            Level::Info,
            "port",
            &format!("line {number} is about the {word}"),
        );
    }
    store
}

/// A window with the log viewer.
struct Viewer {
    model: WindowModel,
    skin: ChromeRenderer,
    viewport: ViewportId,
    page: Log,
    jumps: u32,
}

impl Viewer {
    /// Opens it; says how long it took until the newest lines were painted.
    fn open(store: &LogStore) -> Result<(Self, f64)> {
        let (tell, news) = channel();
        let mut model = WindowModel::builtin(WindowId(1), "Log");
        let now = Now {
            time: Instant::now(),
            progress: Progress::default(),
        };
        let (width, height) = SIZE;
        for event in [
            model::Event::Resized {
                width,
                height,
                scale: 1.0,
            },
            model::Event::Focused(true),
        ] {
            model.apply(now, event, &mut Shell::new(strings::WORDING));
        }
        let mut skin = ChromeRenderer::new(|| ());
        // What windows share is made before.
        let viewport = skin.take_viewport();
        skin.draw(input(viewport, Vec::new()), &model, &Look::default(), PAGE, None);
        let began = Instant::now();
        // After the viewer is gone nobody hears of news.
        let page = Log::new(store.clone(), <_>::default(), move || tell.send(()).unwrap_or_default());
        let mut viewer = Self {
            model,
            skin,
            viewport,
            page,
            jumps: 0,
        };
        viewer.draw(Vec::new());
        news.recv_timeout(PATIENCE).context("the log is not looked through")?;
        viewer.draw(Vec::new());
        Ok((viewer, began.elapsed().as_secs_f64()))
    }

    /// Seconds until the next picture is painted.
    fn draw(&mut self, events: Vec<Event>) -> f64 {
        let began = Instant::now();
        let drawn = self.skin.draw(
            input(self.viewport, events),
            &self.model,
            &Look::default(),
            PAGE,
            Some(&mut self.page),
        );
        let took = began.elapsed().as_secs_f64();
        drop(drawn);
        took
    }

    /// Presses the scroll bar somewhere else; says how long its picture takes.
    fn jump(&mut self) -> f64 {
        self.jumps += 1;
        let at = pos2(SIZE.0 as f32 - 7.0, 160.0 + (self.jumps * 7_919 % 480) as f32);
        let button = |pressed| Event::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::default(),
        };
        self.draw(vec![Event::PointerMoved(at)]);
        let took = self.draw(vec![button(true)]) + self.draw(Vec::new());
        self.draw(vec![button(false)]);
        took
    }
}

/// What lies below the toolbar.
const PAGE: Rect = Rect {
    x: 0,
    y: 40,
    width: SIZE.0,
    height: SIZE.1 - 40,
};

fn input(id: ViewportId, events: Vec<Event>) -> RawInput {
    RawInput {
        screen_rect: Some(egui::Rect::from_min_size(
            Pos2::ZERO,
            vec2(SIZE.0 as f32, SIZE.1 as f32),
        )),
        viewport_id: id,
        viewports: std::iter::once((id, ViewportInfo::default())).collect(),
        events,
        ..RawInput::default()
    }
}

/// Somebody who types into the filter, and does not wait until everything has been looked through.
struct Seeker {
    search: Search,
    news: Receiver<()>,
    turns: usize,
}

impl Seeker {
    fn new(store: &LogStore) -> Result<Self> {
        let (tell, news) = channel();
        let search = Search::new(store.clone(), move || tell.send(()).unwrap_or_default())?;
        Ok(Self { search, news, turns: 0 })
    }

    /// Looks for something else; says how long it takes until there is a screen full of it.
    fn find(&mut self) -> Result<f64> {
        self.turns += 1;
        let word = WORDS[self.turns % WORDS.len()];
        let began = Instant::now();
        self.search.find(Filter {
            text: word.to_owned(),
            ..Filter::default()
        });
        while began.elapsed() < PATIENCE {
            let rows = self.search.progress().0;
            let screen = self.search.rows(rows.saturating_sub(30)..rows);
            let fits = screen.iter().flatten().filter(|line| line.text.contains(word)).count();
            if fits == 30 {
                return Ok(began.elapsed().as_secs_f64());
            }
            // It may have been told of before.
            let _ = self.news.recv_timeout(Duration::from_millis(1));
        }
        bail!("nothing is found")
    }
}
