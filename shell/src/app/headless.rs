//! Runs without a window system: for tests, for machines that build things, and for taking pictures.
//!
//! It is the same app on windows that nobody sees. It goes by nothing that this user has set, allowed or chosen before, and nothing of
//! the run is remembered, so that it is the same everywhere.

use super::requests::{picture, png};
use super::{App, EventSender, InitialContent, Setup, SharedServices, listen};
use crate::backend::{FrameWriter, Headless, Looks};
use crate::engine;
use crate::library::Library;
use crate::script::Script;
use crate::state::{self, Database};
use crate::whole;
use anyhow::Context as _;
use portico_ipc::{Listener, Run};
use portico_kernel::Exit;
use portico_model::WindowId;
use portico_portals::{MemoryClipboard, WindowState};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Options of a run without a window system.
pub struct HeadlessOptions {
    /// Size and scale of windows.
    pub looks: Looks,
    /// Input to play.
    pub script: Script,
    /// Writes the frames that the program shows.
    pub frames: Option<FrameWriter>,
    /// The answer to all that programs ask for: whether it is allowed. `None` leaves the prompts to the script and to clients.
    pub answer: Option<bool>,
    /// The socket for clients.
    pub listener: Option<Listener>,
}

/// Runs a program without a window system until it ends; returns its exit code.
///
/// # Errors
/// When a frame could not be written, clients can't be served, or there is no folder for temporary files.
pub fn run_headless(run: Run, options: HeadlessOptions) -> anyhow::Result<u8> {
    let _terminal = portico_logs::write_on_thread();
    let events = EventSender::default();
    let server = options.listener.map(|listener| listen(listener, &events)).transpose()?;
    // What the run itself wants to keep lasts as long as it does.
    let folder = tempfile::tempdir().context("there is no folder for the state of the run")?;
    let database = folder.path().join("state");
    let headless = Headless::new(options.looks, options.script, options.frames);
    events.open(headless.sender());
    let mut app = App::new(events, setup(options.looks, database, options.answer), |_| {
        // The programs that are installed can be opened all the same.
        Library::of_user(Database::new(state::file()))
    });
    app.begin(InitialContent::Program(run));
    let exit = app.launcher.exit();
    let ended = headless.run(&mut app);
    drop(server);
    app.setup.services.broker().stop();
    ended?;
    Ok(exit.and_then(|exit| *exit.lock()).unwrap_or(Exit::Ended.code()))
}

/// The setup of an app without a window system, whose state is in `database`.
pub(super) fn setup(looks: Looks, database: PathBuf, answer: Option<bool>) -> Setup {
    let (width, height) = looks.area;
    Setup {
        services: SharedServices::of_memory(Arc::new(MemoryClipboard::default())),
        kernel: engine::kernel,
        database: Some(database),
        has_desktop: false,
        ends_with_program: true,
        answer,
        first_state: WindowState {
            width,
            height,
            scale: looks.scale as f32,
            ..WindowState::default()
        },
    }
}

impl App {
    /// Chooses an action of a program's menu by its name, as a script says.
    pub(super) fn play_action(&mut self, id: WindowId, name: &str) {
        let Some(toplevel) = self.windows.get(id) else { return };
        // The newest menu, of which the model may not have heard.
        let chrome = toplevel.window.program_window().chrome();
        let shows =
            |action: &portico_portals::Action| action.name == *name && action.mode == chrome.mode && !action.disabled;
        match chrome.menu.as_ref().and_then(|menu| menu.iter().position(shows)) {
            Some(index) => toplevel.window.fire(u32::try_from(index).unwrap_or(u32::MAX)),
            None => tracing::warn!("the program has no action `{name}` that can be chosen now"),
        }
    }

    /// Writes a picture of a window to a file, as a script says.
    pub(super) fn play_screenshot(&mut self, id: WindowId, file: &Path) {
        let Some(toplevel) = self.windows.get(id) else { return };
        let written = picture(toplevel.window.presenter())
            .and_then(|picture| png(&picture))
            .and_then(|png| whole::replace_soon(file, &png).with_context(|| file.display().to_string()));
        if let Err(error) = written {
            tracing::error!("a picture can't be written: {error:#}");
        }
    }
}
