//! The event loop: windows, the programs in them, and IPC clients that drive them.
//!
//! It takes one closed list of events ([`Event`]) besides those of the window system. Frames do not pass through here.

mod access_bus;
mod builtin_pages;
mod display;
mod event;
mod grants;
mod handler;
mod open;
mod preferences;
mod profile;
mod program;
mod requests;
#[cfg(all(unix, not(target_vendor = "apple")))]
mod xim;

pub use event::{AppEvent, EventSender};

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
#[cfg(all(unix, not(target_vendor = "apple")))]
use crate::window::Drops;
use crate::window::{ChromeRenderer, Context, Presenter, PresenterEvent, ProgramScreen, ShellWindow};
use egui_winit::accesskit_winit;
use grants::PendingPrompts;
use parking_lot::Mutex;
use portico_ipc::{Listener, Run, serve};
use portico_kernel::{Cancel, Exit, Hash, Process, Program};
use portico_logs::SourceId;
use portico_model::{
    self as model, Effect, OpenWindow, Outcome, PageKind, Progress, Shell, WindowId, WindowModel,
    preferences::Preferences,
};
use portico_portals::Launched;
use portico_surface::Surfaces;
use program::{Exited, Journal, LaunchId, LaunchRequest, Origin, Programs, Started};
use requests::PendingRequest;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use winit::error::EventLoopError;
use winit::event::{DeviceEvent, DeviceId, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow, DeviceEvents, EventLoop, EventLoopProxy};

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
    // Held until the window library has a connection, too: an X server may start anew when its last client has left.
    let (visual, held) = display::check()?;
    #[cfg(all(unix, not(target_vendor = "apple")))]
    xim::avoid_hung();
    let events = EventSender::default();
    // Others hear at once that there is a shell; what they want waits until there is a window system.
    let server = match listener {
        Some(listener) => {
            let events = events.clone();
            Some(serve(
                listener,
                Arc::new(move |request, reply| events.send(AppEvent::Ipc(Box::new(request), reply))),
            )?)
        }
        None => None,
    };
    let mut app = App::new(events.clone());
    // The program starts while the window system is opened.
    let exit = match initial {
        InitialContent::Program(run) => {
            let exit = Arc::new(Mutex::new(None));
            app.prepare(run, Some(Origin::Terminal(Arc::clone(&exit))));
            Some(exit)
        }
        InitialContent::Page(kind) => {
            app.prepare_page(kind);
            None
        }
    };
    app.exit.clone_from(&exit);
    let event_loop = EventLoop::<AppEvent>::with_user_event()
        .build()
        .map_err(|error| no_windows(&error))?;
    drop(held);
    event_loop.set_control_flow(ControlFlow::Wait);
    event_loop.listen_device_events(DeviceEvents::Never);
    events.open(event_loop.create_proxy());
    app.proxy = Some(event_loop.create_proxy());
    app.surfaces = Some(Surfaces::new(event_loop.owned_display_handle(), visual));
    let watch = {
        let (events, database) = (events.clone(), app.state.database().clone());
        let unsaved = app.unsaved_sizes.clone();
        let lost = move || events.send(AppEvent::DisplayLost);
        let end = move || {
            unsaved.save(&database);
            database.finish();
            output::say(format_args!("portico: {}", display::Lost));
            std::process::exit(Exit::Ended.code().into())
        };
        display::Watch::over(event_loop.owned_display_handle(), lost, end)
    };
    app.display = Some(watch.clone());
    let shared = app.programs.shared_services();
    let ended = watch.run(|| event_loop.run_app(&mut app));
    watch.wind_up(|| app.finish(ended.is_err()));
    drop(server);
    shared.broker().stop();
    if let Some(text) = shared.clipboard_text() {
        // What was put on the clipboard here outlives this process.
        clipboard::hand_over(&text);
    }
    ended?;
    Ok(exit.map_or(0, |exit| exit.lock().unwrap_or(Exit::Ended.code())))
}

/// Describes why no window system is available, without the source line that winit puts first.
fn no_windows(error: &EventLoopError) -> anyhow::Error {
    let text = error.to_string();
    let cause = text
        .strip_prefix("os error at ")
        .and_then(|text| Some(text.split_once(".rs:")?.1.split_once(": ")?.1));
    let display = portico_ipc::display::current()
        .map(|display| format!(" on {display}"))
        .unwrap_or_default();
    anyhow::anyhow!("no windows can be opened{display}: {}", cause.unwrap_or(&text))
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
    native: Option<winit::window::WindowId>,
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
    events: EventSender,
    proxy: Option<EventLoopProxy<AppEvent>>,
    surfaces: Option<Surfaces>,
    display: Option<display::Watch>,
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
    /// Where the window system needs it.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    drops: Option<Arc<Drops>>,
    page_states: builtin_pages::PageStates,
    library: Library,
    /// Launches that programs have requested before the library was read.
    launches: Vec<(Hash, Vec<String>, Launched)>,
    toplevels: Vec<Toplevel>,
    unsaved_sizes: UnsavedSizes,
    next: u64,
    /// Processes whose end has not been reported yet, including those of closed windows.
    alive: HashMap<LaunchId, Option<Process>>,
    /// IPC requests that wait for a condition.
    pending: Vec<PendingRequest>,
    /// Whether the accessibility bus is watched; only once assistive technology is in use.
    access_watched: bool,
    /// Whether the loop has started, so that windows can be created.
    resumed: bool,
}

impl App {
    fn new(events: EventSender) -> Self {
        let (recalled, granted) = (events.clone(), events.clone());
        let learned = move |learned| recalled.send(AppEvent::HistoryLoaded(Box::new(learned)));
        let granted = Box::new(move |changes| granted.send(AppEvent::PermissionsChanged(changes)));
        let told = events.clone();
        let known = move || told.send(AppEvent::ProfileChanged);
        let told = events.clone();
        let forgotten = move |trouble| told.send(AppEvent::Forgotten(trouble));
        let state = State::load(state::file(), learned, granted, known, forgotten);
        let library = Library::of_user(state.database().clone());
        let (store, profile) = (state.permissions().clone(), Arc::clone(state.profile()));
        Self {
            programs: Programs::new(store, profile, library.icons().clone(), events.clone()),
            library,
            state,
            events,
            proxy: None,
            surfaces: None,
            display: None,
            exit: None,
            shell: Shell::new(strings::WORDING),
            preferences: Preferences::default(),
            preferences_read: false,
            system_settings: SystemSettings::default(),
            renderer: None,
            renderer_wanted: false,
            #[cfg(all(unix, not(target_vendor = "apple")))]
            drops: None,
            page_states: builtin_pages::PageStates::default(),
            launches: Vec::new(),
            toplevels: Vec::new(),
            unsaved_sizes: UnsavedSizes::default(),
            next: 1,
            alive: HashMap::new(),
            pending: Vec::new(),
            access_watched: false,
            resumed: false,
        }
    }

    /// Starts a program and registers its window; returns the window's id.
    fn prepare(&mut self, run: Run, origin: Option<Origin>) -> WindowId {
        let (id, presenter, program_window) = self.frame();
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
        let window = ShellWindow::new(model, presenter, program_window);
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
        id
    }

    /// The parts of a new window: its id, its presenter and the program's side of it.
    fn frame(&mut self) -> (WindowId, Arc<Presenter>, Arc<portico_portals::Window>) {
        let id = WindowId(self.next);
        self.next += 1;
        let events = self.events.clone();
        let presenter = Presenter::new(Box::new(move |event| events.send(AppEvent::Presenter(id, event))));
        let program_window = program_window(&presenter);
        (id, presenter, program_window)
    }

    /// Registers a window with a built-in page; returns the window's id.
    fn prepare_page(&mut self, kind: PageKind) -> WindowId {
        let (id, presenter, program_window) = self.frame();
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
            window: ShellWindow::new(model, presenter, program_window).showing(page),
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
        id
    }

    /// Creates the native windows that are missing.
    fn open_windows(&mut self, target: &ActiveEventLoop) {
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
            let opened = self.with(target, id, |window, cx, surfaces| window.open(cx, surfaces));
            match opened {
                Some(Ok(())) => {
                    if let Some(toplevel) = self.toplevel(id) {
                        toplevel.native = toplevel.window.native().map(|native| native.id());
                    }
                    #[cfg(all(unix, not(target_vendor = "apple")))]
                    if let (Some(drops), Some(native)) = (
                        self.drops.clone(),
                        self.toplevel(id).and_then(|toplevel| toplevel.native),
                    ) {
                        drops.take(native.into());
                    }
                }
                Some(Err(error)) => {
                    tracing::error!("a window can't be opened: {error:#}");
                    self.close(id);
                }
                None => {}
            }
        }
        self.list_windows(target);
    }

    fn toplevel(&mut self, id: WindowId) -> Option<&mut Toplevel> {
        self.toplevels.iter_mut().find(|toplevel| toplevel.window.id() == id)
    }

    /// Calls `act` with a window and the shell's context.
    fn with<R>(
        &mut self,
        target: &ActiveEventLoop,
        id: WindowId,
        act: impl FnOnce(&mut ShellWindow, &mut Context<'_>, &Surfaces) -> R,
    ) -> Option<R> {
        let (Some(proxy), Some(surfaces)) = (&self.proxy, &self.surfaces) else {
            return None;
        };
        let toplevel = self.toplevels.iter_mut().find(|toplevel| toplevel.window.id() == id)?;
        let progress = toplevel.progress();
        let renderer = self.renderer.as_deref_mut();
        let identity = toplevel.identity.get().map(String::as_str);
        let size = identity.and_then(|identity| self.state.size(identity));
        let settings = self.system_settings.with(&self.preferences);
        let clipboard = self.programs.clipboard();
        let mut cx = Context {
            target,
            proxy,
            shell: &mut self.shell,
            renderer,
            progress,
            identity,
            size,
            unsaved_sizes: &self.unsaved_sizes,
            settings,
            clipboard,
        };
        Some(act(&mut toplevel.window, &mut cx, surfaces))
    }

    /// Lets a window handle an event, then carries out the effects that concern the shell.
    fn handle(
        &mut self,
        target: &ActiveEventLoop,
        id: WindowId,
        act: impl FnOnce(&mut ShellWindow, &mut Context<'_>) -> Vec<Effect>,
    ) {
        let effects = self
            .with(target, id, |window, cx, _| act(window, cx))
            .unwrap_or_default();
        for effect in effects {
            match effect {
                Effect::End => self.end(id),
                Effect::Restart => self.restart(id),
                Effect::Close => self.close(id),
                Effect::Screenshot => self.save_picture(id),
                Effect::SaveLog => self.save_log(id),
                Effect::FocusWindow(other) => self.focus(other),
                Effect::Answer { permission, answer } => self.answer(id, &permission, answer),
                Effect::TakeBack(permission) => self.take_back(id, &permission),
                Effect::Command(command) => self.shell_command(target, id, command),
                Effect::Drop(files) => self.dropped(id, files),
                Effect::Learned => {
                    if let Some(latest) = self.shell.learned.latest() {
                        self.state.save_choice(latest);
                    }
                }
                // The window itself has done the others.
                _ => {}
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
        target: &ActiveEventLoop,
        act: impl Fn(&mut ShellWindow, &mut Context<'_>) -> Vec<Effect>,
    ) {
        let ids: Vec<_> = self.toplevels.iter().map(|toplevel| toplevel.window.id()).collect();
        for id in ids {
            self.handle(target, id, &act);
        }
    }

    /// Updates the windows that have something to do; the others cost nothing.
    fn update_windows(&mut self, target: &ActiveEventLoop) {
        let now = Instant::now();
        let can_draw = self.renderer.is_some();
        let windows = self.toplevels.iter().map(|toplevel| &toplevel.window);
        let due: Vec<_> = windows
            .filter(|window| window.is_due(now, can_draw))
            .map(ShellWindow::id)
            .collect();
        for id in due {
            self.handle(target, id, ShellWindow::update);
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
        let program_window = program_window(&presenter);
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
        toplevel.end();
        toplevel.window.close(self.renderer.as_deref_mut());
        self.pending.retain_mut(|pending| pending.survives(id));
        self.grants_changed();
    }

    /// Stores the size that the user has given to a window.
    fn save_size(&mut self, at: usize, at_once: bool) {
        let toplevel = &mut self.toplevels[at];
        if let Some((identity, size)) = toplevel.identity.get().zip(toplevel.window.take_size(at_once)) {
            self.state.save_size(identity, size);
            self.unsaved_sizes.note(identity, None);
        }
    }

    fn started(&mut self, target: &ActiveEventLoop, started: Started) {
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
        // It may be installed, wherever this start of it was read from.
        self.library.used(*program.hash());
        let toplevel = self
            .toplevel(launch_id.window)
            .filter(|toplevel| toplevel.launch_id == launch_id);
        let Some(toplevel) = toplevel else {
            // Its window was closed, or it was restarted, before it had begun.
            return process.end();
        };
        toplevel.process = Some(process);
        toplevel.prompts.grants = Some(grants);
        logs::store().rename(toplevel.source, &name);
        toplevel.window.set_name(name);
        if let Some(identity) = toplevel.identity.get() {
            toplevel.window.set_program(identity);
        }
        toplevel.program = Some(program);
        self.handle(target, launch_id.window, |window, cx| {
            window.apply(cx, model::Event::Started, None)
        });
        self.grants_changed();
        self.list_windows(target);
    }

    fn exited(&mut self, target: &ActiveEventLoop, exited: Exited) {
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
        self.handle(target, launch_id.window, |window, cx| {
            window.apply(cx, model::Event::Ended(outcome), None)
        });
        self.grants_changed();
    }

    fn presenter_event(&mut self, target: &ActiveEventLoop, id: WindowId, event: PresenterEvent) {
        match event {
            PresenterEvent::FirstFrame => {
                self.handle(target, id, ShellWindow::first_frame);
            }
            PresenterEvent::Chrome => {
                self.handle(target, id, ShellWindow::chrome_changed);
                self.list_windows(target);
                self.chrome_changed();
            }
            PresenterEvent::Watched => self.check_pending(),
            PresenterEvent::SurfaceLost => {
                let reopened = self.with(target, id, |window, _, surfaces| window.reopen(surfaces));
                if let Some(Err(error)) = reopened {
                    if self.display.as_ref().is_some_and(display::Watch::is_soon_lost) {
                        display::leave();
                    }
                    tracing::error!("a window can't be drawn any more: {error:#}");
                    self.close(id);
                }
            }
        }
    }

    /// Stores window sizes and closes all windows; `lost` where the event loop has ended because the display is gone.
    fn finish(&mut self, lost: bool) {
        let is_lost = lost || self.display.as_ref().is_some_and(display::Watch::is_lost);
        if let (true, Some(exit)) = (is_lost, &self.exit) {
            // The end of the whole run, which is told by itself.
            exit.lock().get_or_insert(Exit::Ended.code());
        }
        (0..self.toplevels.len()).for_each(|at| self.save_size(at, true));
        for mut toplevel in self.toplevels.drain(..) {
            toplevel.end();
            if is_lost {
                toplevel.window.abandon();
            } else {
                toplevel.window.close(self.renderer.as_deref_mut());
            }
        }
    }

    /// Handles a request of assistive technology.
    fn access(&mut self, target: &ActiveEventLoop, event: accesskit_winit::Event) {
        if !std::mem::replace(&mut self.access_watched, true) {
            let events = self.events.clone();
            access_bus::watch(move || events.send(AppEvent::AccessRenewed));
        }
        let Some(toplevel) = self
            .toplevels
            .iter()
            .find(|toplevel| toplevel.native == Some(event.window_id))
        else {
            return;
        };
        let id = toplevel.window.id();
        self.with(target, id, |window, cx, _| window.access(cx, event.window_event));
    }

    /// Updates the list of windows that the HUDs show.
    fn list_windows(&mut self, target: &ActiveEventLoop) {
        let open = self
            .toplevels
            .iter()
            .map(|toplevel| (toplevel.window.id(), &**toplevel.window.model().title()));
        if open
            .clone()
            .eq(self.shell.windows.iter().map(|window| (window.id, &*window.title)))
        {
            return;
        }
        self.shell.windows = open
            .map(|(id, title)| OpenWindow {
                id,
                title: title.to_owned(),
            })
            .collect();
        self.each_window(target, |window, cx| {
            window.apply(cx, model::Event::WindowsChanged, None)
        });
    }
}

/// Creates the program's side of a window, without the focus at first.
fn program_window(presenter: &Arc<Presenter>) -> Arc<portico_portals::Window> {
    let program_window = portico_portals::Window::new(Arc::new(ProgramScreen(Arc::clone(presenter))));
    program_window.state(portico_portals::WindowState {
        focused: false,
        ..portico_portals::WindowState::default()
    });
    program_window
}
