//! The event loop: windows, the programs in them, and IPC clients that drive them.
//!
//! It takes one closed list of events ([`Event`]) besides those of the window system. Frames do not pass through here.

mod builtin_pages;
mod event;
mod grants;
mod handler;
mod headless;
mod open;
mod preferences;
mod profile;
mod program;
mod requests;

pub use event::{AppEvent, EventSender};
pub use headless::{HeadlessOptions, run_headless};

use crate::backend::{Backend, Display, NativeId};
use crate::chrome::Page;
use crate::clipboard;
use crate::desktop::{self, SystemSettings};
use crate::library::{Library, LibraryEvent, host};
use crate::logs;
use crate::output;
use crate::pages;
use crate::run_ext::RunExt as _;
use crate::state::{self, State, Trouble, UnsavedSizes};
use crate::strings;
use crate::window::{
    ChromeRenderer, Context, NotifyShell, Presenter, PresenterEvent, ProgramScreen, ShellEvent, ShellWindow,
};
use grants::PendingPrompts;
use parking_lot::Mutex;
use portico_devices::SystemClipboard;
use portico_ipc::{Listener, Run, Server, serve};
use portico_kernel::{Cancel, Exit, Hash, Process, Program};
use portico_logs::SourceId;
use portico_model::{
    self as model, Outcome, PageKind, Progress, Shell, ShellEffect, WindowId, WindowModel, preferences::Preferences,
};
use portico_portals::{Launched, WindowState};
use program::{Exited, Journal, LaunchId, LaunchRequest, Origin, Programs, SharedServices, Started};
use requests::PendingRequest;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

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
    let mut app = App::new(
        events.clone(),
        Setup {
            services: SharedServices::of_desktop(Arc::clone(&clipboard)),
            database: state::file(),
            remembers: true,
            has_desktop: true,
            ends_with_program: false,
            answer: None,
            first_state: WindowState {
                focused: false,
                ..WindowState::default()
            },
        },
    );
    // The program starts while the window system is opened.
    app.begin(initial);
    let exit = app.exit.clone();
    let end = {
        let (database, unsaved) = (app.state.database().clone(), app.unsaved_sizes.clone());
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

/// How an app is run.
struct Setup {
    /// What all programs share.
    services: SharedServices,
    /// The state database; `None` where there is no place for one.
    database: Option<PathBuf>,
    /// Whether what the user does is remembered: sizes, preferences, choices in the HUD, programs used last.
    remembers: bool,
    /// Whether there is a desktop around the windows, with settings to go by and menus to be in.
    has_desktop: bool,
    /// Whether it ends with the program that was started with it.
    ends_with_program: bool,
    /// The answer to all that programs ask for, in place of the user's: whether it is allowed.
    answer: Option<bool>,
    /// State of a program's window until the window is there.
    first_state: WindowState,
}

/// The content of a window.
#[allow(clippy::large_enum_variant, reason = "nearly all are programs")]
enum Content {
    /// A program, with its launch options.
    Program(Run),
    /// A built-in page.
    Page(PageKind),
}

/// A window with its content and, if that is a program, its process.
struct Toplevel {
    window: ShellWindow,
    content: Content,
    /// The program's source in the shell's log, over all its restarts.
    source: SourceId,
    launch_id: LaunchId,
    /// Key under which window size and HUD choices are stored; set once the program's file has been read.
    identity: Arc<OnceLock<String>>,
    program: Option<Program>,
    /// Cancels a launch that has no process yet.
    cancel: Cancel,
    process: Option<Process>,
    /// Its grants and its pending permission requests.
    prompts: PendingPrompts,
    /// The client that has requested a reload.
    reload: Option<Origin>,
    native: Option<NativeId>,
}

impl Toplevel {
    fn progress(&self) -> Progress {
        let process = self.process.as_ref();
        process.map_or(Progress::default(), |process| Progress {
            calls: process.calls(),
            parked: process.parked(),
        })
    }

    /// Ends the process, or cancels the launch.
    fn end(&self) {
        self.cancel.cancel();
        if let Some(process) = &self.process {
            process.end();
        }
    }
}

struct App {
    setup: Setup,
    events: EventSender,
    /// Exit code of the program that was started with the shell, once it is known.
    exit: Option<Arc<Mutex<Option<u8>>>>,
    programs: Programs,
    shell: Shell,
    state: State,
    preferences: Preferences,
    /// Whether the stored preferences have been applied.
    preferences_read: bool,
    /// The desktop's settings.
    system_settings: SystemSettings,
    renderer: Option<Box<ChromeRenderer>>,
    renderer_wanted: bool,
    page_states: builtin_pages::PageStates,
    library: Library,
    /// Launches that programs have requested before the library was read.
    launches: Vec<(Hash, Vec<String>, Launched)>,
    toplevels: Vec<Toplevel>,
    unsaved_sizes: UnsavedSizes,
    /// Processes whose end has not been reported yet, including those of closed windows.
    alive: HashMap<LaunchId, Option<Process>>,
    /// IPC requests that wait for a condition.
    pending: Vec<PendingRequest>,
    /// Whether the loop has started, so that windows can be created.
    resumed: bool,
}

impl App {
    fn new(events: EventSender, setup: Setup) -> Self {
        let (recalled, granted) = (events.clone(), events.clone());
        let learned = move |learned| recalled.send(AppEvent::HistoryLoaded(Box::new(learned)));
        let granted = Box::new(move |changes| granted.send(AppEvent::PermissionsChanged(changes)));
        let told = events.clone();
        let known = move || told.send(AppEvent::ProfileChanged);
        let told = events.clone();
        let forgotten = move |trouble| told.send(AppEvent::Forgotten(trouble));
        let state = State::load(setup.database.clone(), learned, granted, known, forgotten);
        let library = Library::of_user(state.database().clone());
        let (store, profile) = (state.permissions().clone(), Arc::clone(state.profile()));
        Self {
            programs: Programs::new(
                store,
                profile,
                library.icons().clone(),
                setup.services.clone(),
                events.clone(),
            ),
            setup,
            library,
            state,
            events,
            exit: None,
            shell: Shell::new(strings::WORDING),
            preferences: Preferences::default(),
            preferences_read: false,
            system_settings: SystemSettings::default(),
            renderer: None,
            renderer_wanted: false,
            page_states: builtin_pages::PageStates::default(),
            launches: Vec::new(),
            toplevels: Vec::new(),
            unsaved_sizes: UnsavedSizes::default(),
            alive: HashMap::new(),
            pending: Vec::new(),
            resumed: false,
        }
    }

    /// Starts with a window, which is opened when there is a window system.
    fn begin(&mut self, initial: InitialContent) {
        match initial {
            InitialContent::Program(run) => {
                let exit = Arc::new(Mutex::new(None));
                self.exit = Some(Arc::clone(&exit));
                let id = self.shell.desktop.new_id();
                self.prepare(id, run, Some(Origin::Terminal(exit)));
            }
            InitialContent::Page(kind) => self.prepare_page(kind),
        }
    }

    /// Starts a program and registers its window.
    fn prepare(&mut self, id: WindowId, run: Run, origin: Option<Origin>) {
        let (presenter, program_window, notify) = self.frame(id);
        let name = run.called(None);
        let source = logs::store().source(&name);
        let journal = Arc::new(Journal::new(source, origin.as_ref()));
        let model = WindowModel::new(id, run.file.to_string_lossy(), name);
        let launch_id = LaunchId {
            window: id,
            generation: 0,
        };
        let (identity, cancel) = (Arc::default(), Cancel::default());
        self.alive.insert(launch_id, None);
        self.programs.start(LaunchRequest {
            launch_id,
            run: run.clone(),
            window: Arc::clone(&program_window),
            journal,
            origin,
            program: None,
            cancel: cancel.clone(),
            identity: Arc::clone(&identity),
        });
        let window = ShellWindow::new(model, presenter, program_window, notify);
        self.toplevels.push(Toplevel {
            window,
            content: Content::Program(run),
            source,
            launch_id,
            identity,
            program: None,
            cancel,
            process: None,
            prompts: PendingPrompts::default(),
            reload: None,
            native: None,
        });
        self.listed(id, None);
    }

    /// Adds a window to those of the desktop.
    fn listed(&mut self, id: WindowId, page: Option<PageKind>) {
        let title = self
            .toplevel(id)
            .map(|toplevel| toplevel.window.model().title().to_string());
        self.shell.desktop.open(id, &title.unwrap_or_default(), page);
    }

    /// The parts of a new window: its presenter, the program's side of it, and the way to tell the shell of it.
    fn frame(&mut self, id: WindowId) -> (Arc<Presenter>, Arc<portico_portals::Window>, NotifyShell) {
        let events = self.events.clone();
        let notify: NotifyShell = Arc::new(move |event| events.send(AppEvent::Window(id, event)));
        let tell = Arc::clone(&notify);
        let presenter = Presenter::new(Box::new(move |event| tell(ShellEvent::Presenter(event))));
        let program_window = program_window(&presenter, self.setup.first_state);
        (presenter, program_window, notify)
    }

    /// Registers a window with a built-in page.
    fn prepare_page(&mut self, kind: PageKind) {
        let id = self.shell.desktop.new_id();
        let (presenter, program_window, notify) = self.frame(id);
        let page: Box<dyn Page> = match kind {
            PageKind::Home => {
                self.want_programs();
                let events = self.events.clone();
                let news = move || events.send(AppEvent::PageChanged(PageKind::Home));
                Box::new(pages::Home::new(self.library.clone(), news))
            }
            PageKind::Settings => self.settings_page(),
            PageKind::Tasks => self.tasks_page(),
            PageKind::Log => self.log_page(),
        };
        let model = WindowModel::builtin(id, strings::page(kind));
        self.toplevels.push(Toplevel {
            window: ShellWindow::new(model, presenter, program_window, notify).showing(page),
            content: Content::Page(kind),
            source: SourceId::SHELL,
            launch_id: LaunchId {
                window: id,
                generation: 0,
            },
            identity: Arc::new(OnceLock::from(format!("//{kind:?}"))),
            program: None,
            cancel: Cancel::default(),
            process: None,
            prompts: PendingPrompts::default(),
            reload: None,
            native: None,
        });
        self.listed(id, Some(kind));
    }

    /// Creates the native windows that are missing.
    fn open_windows(&mut self, backend: &dyn Backend) {
        if !self.resumed {
            return;
        }
        self.load_preferences();
        let missing: Vec<_> = self
            .toplevels
            .iter()
            .filter(|toplevel| toplevel.native.is_none())
            .map(|p| p.window.id())
            .collect();
        for id in missing {
            let opened = self.with(backend, id, ShellWindow::open);
            match opened {
                Some(Ok(())) => {
                    if let Some(toplevel) = self.toplevel(id) {
                        toplevel.native = toplevel.window.native();
                    }
                }
                Some(Err(error)) => {
                    tracing::error!("a window can't be opened: {error:#}");
                    self.close(id);
                }
                None => {}
            }
        }
        self.list_windows(backend);
    }

    fn toplevel(&mut self, id: WindowId) -> Option<&mut Toplevel> {
        self.toplevels.iter_mut().find(|toplevel| toplevel.window.id() == id)
    }

    /// Calls `act` with a window and the shell's context.
    fn with<R>(
        &mut self,
        backend: &dyn Backend,
        id: WindowId,
        act: impl FnOnce(&mut ShellWindow, &mut Context<'_>) -> R,
    ) -> Option<R> {
        let toplevel = self.toplevels.iter_mut().find(|toplevel| toplevel.window.id() == id)?;
        let progress = toplevel.progress();
        let renderer = self.renderer.as_deref_mut();
        let identity = toplevel.identity.get().map(String::as_str);
        let size = identity.and_then(|identity| self.state.size(identity));
        let settings = self.system_settings.with(&self.preferences);
        let clipboard = self.setup.services.clipboard();
        let mut cx = Context {
            backend,
            shell: &mut self.shell,
            renderer,
            progress,
            identity,
            size,
            unsaved_sizes: &self.unsaved_sizes,
            settings,
            clipboard,
        };
        Some(act(&mut toplevel.window, &mut cx))
    }

    /// Lets a window handle an event, then carries out the effects that concern the shell.
    fn handle(
        &mut self,
        backend: &dyn Backend,
        id: WindowId,
        act: impl FnOnce(&mut ShellWindow, &mut Context<'_>) -> Vec<ShellEffect>,
    ) {
        let effects = self.with(backend, id, act).unwrap_or_default();
        for effect in effects {
            match effect {
                ShellEffect::End => self.end(id),
                ShellEffect::Restart => self.restart(id),
                ShellEffect::Close => self.close(id),
                ShellEffect::Screenshot => self.save_picture(id),
                ShellEffect::SaveLog => self.save_log(id),
                ShellEffect::FocusWindow(other) => self.focus(other),
                ShellEffect::Answer { permission, answer } => self.answer(id, &permission, answer),
                ShellEffect::TakeBack(permission) => self.take_back(id, &permission),
                ShellEffect::Command(command) => self.shell_command(backend, id, command),
                ShellEffect::Drop(files) => self.dropped(id, files),
                ShellEffect::Learned => {
                    if let Some(latest) = self.shell.learned.latest().filter(|_| self.setup.remembers) {
                        self.state.save_choice(latest);
                    }
                }
            }
        }
        if self.shell.programs.is_none()
            && self
                .toplevel(id)
                .is_some_and(|toplevel| toplevel.window.model().hud().is_some())
        {
            self.want_programs();
        }
    }

    /// Lets every window handle an event.
    fn each_window(
        &mut self,
        backend: &dyn Backend,
        act: impl Fn(&mut ShellWindow, &mut Context<'_>) -> Vec<ShellEffect>,
    ) {
        let ids: Vec<_> = self.toplevels.iter().map(|toplevel| toplevel.window.id()).collect();
        for id in ids {
            self.handle(backend, id, &act);
        }
    }

    /// Updates the windows that have something to do; the others cost nothing.
    fn update_windows(&mut self, backend: &dyn Backend) {
        let now = Instant::now();
        let can_draw = self.renderer.is_some();
        let windows = self.toplevels.iter().map(|toplevel| &toplevel.window);
        let due: Vec<_> = windows
            .filter(|window| window.is_due(now, can_draw))
            .map(ShellWindow::id)
            .collect();
        for id in due {
            self.handle(backend, id, ShellWindow::update);
        }
    }

    fn end(&mut self, id: WindowId) {
        if let Some(toplevel) = self.toplevel(id) {
            toplevel.end();
        }
    }

    fn restart(&mut self, id: WindowId) {
        let Some(toplevel) = self.toplevels.iter_mut().find(|toplevel| toplevel.window.id() == id) else {
            return;
        };
        let Content::Program(run) = &toplevel.content else {
            return;
        };
        toplevel.end();
        toplevel.process = None;
        toplevel.cancel = Cancel::default();
        toplevel.launch_id.generation += 1;
        toplevel.prompts = PendingPrompts::default();
        let presenter = Arc::clone(toplevel.window.presenter());
        let program_window = program_window(&presenter, self.setup.first_state);
        toplevel.window.restarted(Arc::clone(&program_window));
        let origin = toplevel.reload.take();
        let journal = Arc::new(Journal::new(toplevel.source, origin.as_ref()));
        // Another version of the file may be there by now, if that is what somebody asks for.
        let program = if origin.is_some() {
            None
        } else {
            toplevel.program.clone()
        };
        self.alive.insert(toplevel.launch_id, None);
        self.programs.start(LaunchRequest {
            launch_id: toplevel.launch_id,
            run: run.clone(),
            window: program_window,
            journal,
            origin,
            program,
            cancel: toplevel.cancel.clone(),
            identity: Arc::clone(&toplevel.identity),
        });
    }

    /// Closes a window; its program goes with it.
    fn close(&mut self, id: WindowId) {
        let Some(at) = self.toplevels.iter().position(|toplevel| toplevel.window.id() == id) else {
            return;
        };
        self.save_size(at, true);
        let mut toplevel = self.toplevels.remove(at);
        self.shell.desktop.close(id);
        toplevel.end();
        toplevel.window.close(self.renderer.as_deref_mut());
        self.pending.retain_mut(|pending| pending.survives(id));
        self.grants_changed();
    }

    /// Stores the size that the user has given to a window.
    fn save_size(&mut self, at: usize, at_once: bool) {
        if !self.setup.remembers {
            return;
        }
        let toplevel = &mut self.toplevels[at];
        if let Some((identity, size)) = toplevel.identity.get().zip(toplevel.window.take_size(at_once)) {
            self.state.save_size(identity, size);
            self.unsaved_sizes.note(identity, None);
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
        if let Some(alive) = self.alive.get_mut(&launch_id) {
            *alive = Some(process.clone());
        }
        if self.setup.remembers {
            // It may be installed, wherever this start of it was read from.
            self.library.used(*program.hash());
        }
        let toplevel = self
            .toplevel(launch_id.window)
            .filter(|toplevel| toplevel.launch_id == launch_id);
        let Some(toplevel) = toplevel else {
            // Its window was closed, or it was restarted, before it had begun.
            return process.end();
        };
        backend.program_started(process.started());
        toplevel.process = Some(process);
        toplevel.prompts.grants = Some(grants);
        logs::store().rename(toplevel.source, &name);
        toplevel.window.set_name(name);
        if let Some(identity) = toplevel.identity.get() {
            toplevel.window.set_program(identity);
        }
        toplevel.program = Some(program);
        self.handle(backend, launch_id.window, |window, cx| {
            window.apply(cx, model::Event::Started)
        });
        self.grants_changed();
        self.list_windows(backend);
    }

    fn exited(&mut self, backend: &dyn Backend, exited: Exited) {
        let Exited { launch_id, outcome } = exited;
        self.alive.remove(&launch_id);
        let Some(toplevel) = self
            .toplevel(launch_id.window)
            .filter(|toplevel| toplevel.launch_id == launch_id)
        else {
            return;
        };
        toplevel.process = None;
        toplevel.prompts = PendingPrompts::default();
        if outcome != Outcome::Code(0) {
            tracing::info!("a program has ended: {outcome:?}");
        }
        self.handle(backend, launch_id.window, |window, cx| {
            window.apply(cx, model::Event::Ended(outcome))
        });
        self.grants_changed();
    }

    fn presenter_event(&mut self, backend: &dyn Backend, id: WindowId, event: PresenterEvent) {
        match event {
            PresenterEvent::FirstFrame => {
                self.handle(backend, id, ShellWindow::first_frame);
            }
            PresenterEvent::Chrome => {
                self.handle(backend, id, ShellWindow::chrome_changed);
                self.list_windows(backend);
                self.chrome_changed();
            }
            PresenterEvent::Watched => self.check_pending(),
            PresenterEvent::SurfaceLost => {
                let reopened = self.toplevel(id).map(|toplevel| toplevel.window.reopen());
                if let Some(Err(error)) = reopened {
                    tracing::error!("a window can't be drawn any more: {error:#}");
                    self.close(id);
                }
            }
        }
    }

    /// Tells the windows of those that were opened, closed or renamed: HUDs list them.
    fn list_windows(&mut self, backend: &dyn Backend) {
        for toplevel in &self.toplevels {
            let window = &toplevel.window;
            self.shell.desktop.set_title(window.id(), window.model().title());
        }
        if self.shell.desktop.take_changed() {
            self.each_window(backend, |window, cx| window.apply(cx, model::Event::WindowsChanged));
        }
    }
}

/// Creates the program's side of a window.
fn program_window(presenter: &Arc<Presenter>, state: WindowState) -> Arc<portico_portals::Window> {
    let program_window = portico_portals::Window::new(Arc::new(ProgramScreen(Arc::clone(presenter))));
    program_window.state(state);
    program_window
}
