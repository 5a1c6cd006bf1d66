//! The event loop: windows, the programs in them, and IPC clients that drive them.
//!
//! It takes one closed list of events ([`AppEvent`]) besides those of the window system. Frames do not pass through here.

mod builtin_pages;
mod event;
mod grants;
mod handler;
mod headless;
mod launcher;
mod open;
mod preferences;
mod profile;
mod program;
mod requests;
mod windows;

pub use event::{AppEvent, EventSender};
pub use headless::{HeadlessOptions, run_headless};

use crate::backend::{Backend, Display};
use crate::chrome::Page;
use crate::clipboard;
use crate::engine;
use crate::library::Library;
use crate::logs;
use crate::output;
use crate::pages;
use crate::run_ext::RunExt as _;
use crate::state::{self, State};
use crate::strings;
use crate::window::{Context, PresenterEvent, ShellWindow};
use grants::PendingPrompts;
use launcher::Launcher;
use portico_devices::SystemClipboard;
use portico_ipc::{Listener, Run, Server, serve};
use portico_kernel::{EngineError, Exit, Kernel};
use portico_logs::SourceId;
use portico_model::{self as model, Outcome, PageKind, ShellEffect, WindowId, WindowModel};
use portico_portals::{Host, WindowState};
use preferences::Settings;
use program::{Exited, Origin, SharedServices, Started};
use requests::Requests;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use windows::{Content, Surroundings, Toplevel, Windows};

/// The first window of a shell.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one of it")]
pub enum InitialContent {
    /// A program.
    Program(Run),
    /// A built-in page.
    Page(PageKind),
}

/// Opens a window and, with a `listener`, is the shell that others join. Returns when the last window is closed, with the
/// exit code of the program in the first, where there is one.
///
/// # Errors
/// When there is no window system to open windows on, or it has gone away: what is to be kept is kept then.
pub fn run(initial: InitialContent, listener: Option<Listener>) -> anyhow::Result<u8> {
    let _terminal = portico_logs::write_on_thread();
    let display = Display::check()?;
    let events = EventSender::default();
    // Others hear at once that there is a shell; what they want waits until there is a window system.
    let server = listener.map(|listener| listen(listener, &events)).transpose()?;
    let clipboard = Arc::new(SystemClipboard::default());
    let setup = Setup {
        services: SharedServices::of_desktop(Arc::clone(&clipboard)),
        kernel: engine::kernel,
        database: state::file(),
        has_desktop: true,
        ends_with_program: false,
        answer: None,
        first_state: WindowState {
            focused: false,
            ..WindowState::default()
        },
    };
    let mut app = App::new(events.clone(), setup, |state| {
        Library::of_user(state.database().clone())
    });
    // The program starts while the window system is opened.
    app.begin(initial);
    let exit = app.launcher.exit();
    let end = {
        let (database, unsaved) = (app.state.database().clone(), app.windows.unsaved_sizes().clone());
        move || {
            unsaved.save(&database);
            database.finish();
            output::say(format_args!("portico: {}", crate::backend::Lost));
            std::process::exit(Exit::Ended.code().into())
        }
    };
    let ended = display.run(&mut app, |sender| events.open(sender), end)?;
    drop(server);
    app.setup.services.broker().stop();
    if let Some(text) = clipboard.held() {
        // What was put on the clipboard here outlives this process.
        clipboard::hand_over(&text);
    }
    ended?;
    Ok(exit.map_or(0, |exit| exit.lock().unwrap_or(Exit::Ended.code())))
}

/// Serves clients over IPC.
fn listen(listener: Listener, events: &EventSender) -> anyhow::Result<Server> {
    let events = events.clone();
    Ok(serve(
        listener,
        Arc::new(move |request, reply| events.send(AppEvent::Ipc(Box::new(request), reply))),
    )?)
}

/// Setup of an app: on a desktop, or without a window system.
struct Setup {
    /// The services that all programs share.
    services: SharedServices,
    /// Makes the kernel, once there is a program.
    kernel: fn() -> Result<Kernel<Host>, EngineError>,
    /// The state database; `None` where there is no place for one.
    database: Option<PathBuf>,
    /// Whether there is a desktop around the windows, with settings to go by, menus to be in and other shells beside it.
    has_desktop: bool,
    /// Whether it ends with the program that was started with it.
    ends_with_program: bool,
    /// The answer to all that programs ask for, in place of the user's: whether it is allowed.
    answer: Option<bool>,
    /// State of a program's window until the window is there.
    first_state: WindowState,
}

struct App {
    setup: Setup,
    events: EventSender,
    state: State,
    settings: Settings,
    windows: Windows,
    launcher: Launcher,
    pages: builtin_pages::PageStates,
    requests: Requests,
    /// Whether the loop has started, so that windows can be opened.
    is_resumed: bool,
}

impl App {
    fn new(events: EventSender, setup: Setup, library: impl FnOnce(&State) -> Library) -> Self {
        let (recalled, granted) = (events.clone(), events.clone());
        let learned = move |learned| recalled.send(AppEvent::HistoryLoaded(Box::new(learned)));
        let granted = Box::new(move |changes| granted.send(AppEvent::PermissionsChanged(changes)));
        let told = events.clone();
        let known = move || told.send(AppEvent::ProfileChanged);
        let told = events.clone();
        let forgotten = move |trouble| told.send(AppEvent::Forgotten(trouble));
        let state = State::load(setup.database.clone(), learned, granted, known, forgotten);
        Self {
            launcher: Launcher::new(events.clone(), &state, library(&state), &setup),
            windows: Windows::new(events.clone(), setup.first_state),
            setup,
            state,
            events,
            settings: Settings::default(),
            pages: builtin_pages::PageStates::default(),
            requests: Requests::default(),
            is_resumed: false,
        }
    }

    /// Starts with a window, which is opened when there is a window system.
    fn begin(&mut self, initial: InitialContent) {
        match initial {
            InitialContent::Program(run) => {
                let id = self.windows.shell.desktop.new_id();
                let terminal = self.launcher.terminal();
                self.prepare(id, run, Some(terminal));
            }
            InitialContent::Page(kind) => self.prepare_page(kind),
        }
    }

    /// Starts a program and registers its window.
    fn prepare(&mut self, id: WindowId, run: Run, origin: Option<Origin>) {
        let name = run.called(None);
        let source = logs::store().source(&name);
        let model = WindowModel::new(id, run.file.to_string_lossy(), name);
        let toplevel = self
            .windows
            .add(model, Content::Program(run), source, Arc::default(), None);
        self.launcher.start(toplevel, origin, None);
    }

    /// Starts a program in a new window.
    fn open_program(&mut self, backend: &dyn Backend, run: Run) {
        let id = self.windows.shell.desktop.new_id();
        self.prepare(id, run, None);
        self.open_windows(backend);
    }

    /// Registers a window with a built-in page.
    fn prepare_page(&mut self, kind: PageKind) {
        let page: Box<dyn Page> = match kind {
            PageKind::Home => {
                self.launcher.want_library();
                let events = self.events.clone();
                let news = move || events.send(AppEvent::PageChanged(PageKind::Home));
                Box::new(pages::Home::new(self.launcher.library.clone(), news))
            }
            PageKind::Settings => self.settings_page(),
            PageKind::Tasks => self.tasks_page(),
            PageKind::Log => self.log_page(),
        };
        let id = self.windows.shell.desktop.new_id();
        let model = WindowModel::builtin(id, strings::page(kind));
        let identity = Arc::new(OnceLock::from(format!("//{kind:?}")));
        self.windows
            .add(model, Content::Page(kind), SourceId::SHELL, identity, Some(page));
    }

    /// Opens the native windows that are missing.
    fn open_windows(&mut self, backend: &dyn Backend) {
        if !self.is_resumed {
            return;
        }
        self.load_preferences();
        let around = surroundings(backend, &self.state, &self.settings, &self.setup);
        for id in self.windows.open(&around) {
            self.close(id);
        }
        self.list_windows(backend);
    }

    /// Lets a window handle an event, then carries out the effects that concern the shell.
    fn handle(
        &mut self,
        backend: &dyn Backend,
        id: WindowId,
        act: impl FnOnce(&mut ShellWindow, &mut Context<'_>) -> Vec<ShellEffect>,
    ) {
        let around = surroundings(backend, &self.state, &self.settings, &self.setup);
        for effect in self.windows.with(&around, id, act).unwrap_or_default() {
            match effect {
                ShellEffect::End => self.windows.end(id),
                ShellEffect::Restart => self.restart(id),
                ShellEffect::Close => self.close(id),
                ShellEffect::Screenshot => self.save_picture(id),
                ShellEffect::SaveLog => self.save_log(id),
                ShellEffect::FocusWindow(other) => self.windows.focus(other),
                ShellEffect::Answer { permission, answer } => self.answer(id, &permission, answer),
                ShellEffect::TakeBack(permission) => self.take_back(id, &permission),
                ShellEffect::Command(command) => self.shell_command(backend, id, command),
                ShellEffect::Drop(files) => self.dropped(id, files),
                ShellEffect::Learned => {
                    if let Some(latest) = self.windows.shell.learned.latest() {
                        self.state.save_choice(latest);
                    }
                }
            }
        }
        let shows_hud = |toplevel: &Toplevel| toplevel.window.model().hud().is_some();
        if self.windows.shell.programs.is_none() && self.windows.get(id).is_some_and(shows_hud) {
            self.launcher.want_library();
        }
    }

    /// Lets every window handle an event.
    fn each_window(
        &mut self,
        backend: &dyn Backend,
        act: impl Fn(&mut ShellWindow, &mut Context<'_>) -> Vec<ShellEffect>,
    ) {
        for id in self.windows.ids() {
            self.handle(backend, id, &act);
        }
    }

    fn restart(&mut self, id: WindowId) {
        let Some(toplevel) = self.windows.get_mut(id) else {
            return;
        };
        let reload = toplevel.reload.take();
        // Another version of the file may be there by now, if that is what somebody asks for.
        let program = toplevel.program.clone().filter(|_| reload.is_none());
        // Whoever waits for the program to end waits on.
        let origin = reload.or_else(|| toplevel.origin.lock().take());
        if let Some(toplevel) = self.windows.restart(id) {
            self.launcher.start(toplevel, origin, program);
        }
    }

    /// Closes a window; its program goes with it.
    fn close(&mut self, id: WindowId) {
        self.save_sizes(Some(id), true);
        if self.windows.close(id) {
            self.requests.closed(id);
            self.grants_changed();
        }
    }

    /// Stores the sizes that the user has given to windows; of `only` this one, where there is one.
    fn save_sizes(&mut self, only: Option<WindowId>, at_once: bool) {
        for (identity, size) in self.windows.take_sizes(only, at_once) {
            self.state.save_size(&identity, size);
            self.windows.unsaved_sizes().note(&identity, None);
        }
    }

    fn started(&mut self, backend: &dyn Backend, started: Started) {
        let Started {
            launch_id,
            name,
            program,
            process,
            grants,
        } = started;
        self.launcher.started(launch_id, &process);
        if self.setup.has_desktop {
            // It may be installed, wherever this start of it was read from.
            self.launcher.library.used(*program.hash());
        }
        let Some(toplevel) = self.windows.of_launch(launch_id) else {
            // Its window was closed, or it was restarted, before it had begun.
            return process.end();
        };
        backend.program_started(process.started());
        toplevel.process = Some(process);
        toplevel.prompts.grants = Some(grants);
        logs::store().rename(toplevel.source, &name);
        tracing::info!("{name} has started in window {}", launch_id.window.0);
        toplevel.window.set_name(name);
        if let Some(identity) = toplevel.identity.get() {
            toplevel.window.set_program(identity);
        }
        toplevel.program = Some(program);
        self.answer_unasked(launch_id.window);
        self.handle(backend, launch_id.window, |window, cx| {
            window.apply(cx, model::Event::Started)
        });
        self.grants_changed();
        self.list_windows(backend);
    }

    fn exited(&mut self, backend: &dyn Backend, exited: Exited) {
        let Exited { launch_id, outcome } = exited;
        self.launcher.ended(launch_id);
        let Some(toplevel) = self.windows.of_launch(launch_id) else {
            return;
        };
        toplevel.process = None;
        toplevel.prompts = PendingPrompts::default();
        let name = toplevel.window.model().name();
        match &outcome {
            Outcome::Code(code) => tracing::info!("{name} has ended with code {code}"),
            Outcome::Ended => tracing::info!("{name} was ended"),
            Outcome::Trap { summary, .. } | Outcome::Refused { summary, .. } => tracing::info!("{name}: {summary}"),
        }
        self.handle(backend, launch_id.window, |window, cx| {
            window.apply(cx, model::Event::Ended(outcome))
        });
        self.grants_changed();
    }

    fn presenter_event(&mut self, backend: &dyn Backend, id: WindowId, event: PresenterEvent) {
        match event {
            PresenterEvent::FirstFrame => {
                if let Some(toplevel) = self.windows.get(id) {
                    tracing::info!("{} shows its first frame", toplevel.window.model().name());
                }
                self.handle(backend, id, ShellWindow::first_frame);
            }
            PresenterEvent::Chrome => {
                self.handle(backend, id, ShellWindow::chrome_changed);
                self.list_windows(backend);
                self.chrome_changed();
            }
            PresenterEvent::Watched => self.requests.check(&self.windows, &self.events),
            PresenterEvent::SurfaceLost => {
                let reopened = self.windows.get_mut(id).map(|toplevel| toplevel.window.reopen());
                if let Some(Err(error)) = reopened {
                    tracing::error!("a window can't be drawn any more: {error:#}");
                    self.close(id);
                }
            }
        }
    }

    /// Tells the windows of those that were opened, closed or renamed: HUDs list them.
    fn list_windows(&mut self, backend: &dyn Backend) {
        if self.windows.take_changed() {
            self.each_window(backend, |window, cx| window.apply(cx, model::Event::WindowsChanged));
        }
    }
}

/// The parts of an app that its windows may use, beside the windows themselves.
fn surroundings<'a>(
    backend: &'a dyn Backend,
    state: &'a State,
    settings: &Settings,
    setup: &'a Setup,
) -> Surroundings<'a> {
    Surroundings {
        backend,
        state,
        settings: settings.in_force(),
        clipboard: setup.services.clipboard(),
    }
}

#[cfg(test)]
mod tests;
