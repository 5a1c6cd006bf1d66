//! A program in its window, in Portico or native.

use super::stage::Stage;
use crate::Bench;
use anyhow::{Context, Result};
use portico_tests::{Running, TOOLBAR};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

/// Who runs the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// A shell of its own.
    Portico,
    /// The shell that runs already, or one that stays for others.
    Shared,
    /// The plain native program.
    Native,
}

/// What is to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Show {
    /// The card, drawn when a key is pressed.
    Static(u32, u32),
    /// The card, drawn at the display's rate.
    Animating(u32, u32),
    /// The example plasma.
    Plasma,
    /// The shell's own first window.
    Home,
}

impl Show {
    /// Bytes of the program's linear memory.
    pub(super) fn memory(self) -> f64 {
        f64::from(self.pages() * 65_536)
    }

    fn pages(self) -> u32 {
        let (Self::Static(width, height) | Self::Animating(width, height)) = self else {
            return 0;
        };
        1 + (width * height * 4).div_ceil(65_536)
    }

    /// Its WebAssembly file; the bench's own ones are written into `directory`.
    fn file(self, bench: &Bench, directory: &Path) -> Result<PathBuf> {
        let (width, height, animate, name) = match self {
            Self::Static(width, height) => (width, height, "0", "static"),
            Self::Animating(width, height) => (width, height, "1", "animating"),
            Self::Plasma => return bench.example("plasma"),
            Self::Home => anyhow::bail!("home is no program"),
        };
        let text = include_str!("../programs/card.wat")
            .replace("{{WIDTH}}", &width.to_string())
            .replace("{{HEIGHT}}", &height.to_string())
            .replace("{{STRIDE}}", &(width * 4).to_string())
            .replace("{{PAGES}}", &self.pages().to_string())
            .replace("{{ANIMATE}}", animate);
        let path = directory.join(format!("{name}-{width}.wasm"));
        if !path.exists() {
            std::fs::write(&path, wat::parse_str(text)?)?;
        }
        Ok(path)
    }
}

/// A running program whose first frame is on the screen.
pub(super) struct App {
    pub(super) running: Running,
    pub(super) window: u32,
    /// Seconds from its start to its first frame on the screen.
    pub(super) first_frame: f64,
    toolbar: i16,
}

impl App {
    /// Starts a program and waits for its first frame.
    pub(super) fn start(bench: &Bench, stage: &Stage, side: Side, show: Show) -> Result<Self> {
        static LOGS: AtomicU32 = AtomicU32::new(0);
        let directory = stage.desktop.directory();
        let command = match side {
            Side::Native => {
                let mut command = stage.desktop.command(&bench.native);
                let (mode, width, height) = match show {
                    Show::Static(width, height) => ("static", width, height),
                    Show::Animating(width, height) => ("animating", width, height),
                    Show::Plasma => ("plasma", 1280, 720),
                    Show::Home => anyhow::bail!("there is no native home"),
                };
                command.args([mode, &width.to_string(), &height.to_string()]);
                command
            }
            // It has a desktop of its own, where no shell runs yet.
            Side::Portico | Side::Shared if show == Show::Home => stage.desktop.command(&bench.portico),
            Side::Portico | Side::Shared => {
                let mut command = stage.desktop.command(&bench.portico);
                command
                    .arg("run")
                    .args((side == Side::Portico).then_some("--own-process"));
                command.arg(show.file(bench, directory)?);
                command
            }
        };
        let log = directory.join(format!("log-{}", LOGS.fetch_add(1, Ordering::Relaxed)));
        let before = stage.windows()?;
        let toolbar = if side == Side::Native {
            0
        } else {
            i16::try_from(TOOLBAR)?
        };
        let began = Instant::now();
        let running = Running::start(command, log);
        let seen = || -> Result<(u32, f64)> {
            let window = stage.new_window(&before)?;
            // Before the first frame a window is of one colour. Home has its search field there, with some words in it.
            let (y, colours) = if show == Show::Home { (36, 4) } else { (150, 16) };
            stage.wait("no first frame comes", || {
                let row = stage.pixels(window, 0, toolbar + y, 240)?.unwrap_or_default();
                Ok((distinct(row) > colours).then_some(()))
            })?;
            Ok((window, began.elapsed().as_secs_f64()))
        };
        let (window, first_frame) =
            seen().with_context(|| format!("{side:?} {show:?} said {:?}", last_words(&running)))?;
        Ok(Self {
            running,
            window,
            first_frame,
            toolbar,
        })
    }

    /// Number of the frame that the screen shows.
    pub(super) fn frame(&self, stage: &Stage) -> Result<f64> {
        let [low, middle, high] = stage.pixel(self.window, 120, self.toolbar + 40)?;
        Ok(f64::from(u32::from_le_bytes([low, middle, high, 0])))
    }

    /// The colour at a place below the toolbar.
    pub(super) fn pixel(&self, stage: &Stage, x: i16, y: i16) -> Result<[u8; 3]> {
        stage.pixel(self.window, x, self.toolbar + y)
    }

    /// Ends it, and waits until its window is gone.
    pub(super) fn end(self, stage: &Stage) -> Result<()> {
        drop(self.running);
        stage.wait("a window does not go", || {
            Ok((!stage.windows()?.contains(&self.window)).then_some(()))
        })?;
        stage.retire()
    }
}

/// The end of what a program has said.
pub(super) fn last_words(running: &Running) -> String {
    let said = running.said();
    said.char_indices()
        .nth_back(200)
        .map_or(said.as_str(), |(at, _)| &said[at..])
        .to_owned()
}

fn distinct(mut row: Vec<[u8; 3]>) -> usize {
    row.sort_unstable();
    row.dedup();
    row.len()
}
