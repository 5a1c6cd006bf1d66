//! The event loop: windows, the programs in them, and whoever drives them over IPC.
//!
//! It takes one closed list of events ([`Event`]) besides those of the window system. Frames do not pass through here.

mod access_bus;
mod builtin_pages;
mod display;
mod event;
mod grants;
mod open;
mod preferences;
mod profile;
mod program;
mod requests;
#[cfg(all(unix, not(target_vendor = "apple")))]
mod xim;

pub use event::{AppEvent, EventSender};

use crate::clipboard;
use crate::desktop::{self, SystemSettings};
use crate::ipc::{Listener, Run, serve};
use crate::library::{Library, LibraryEvent, host};
use crate::logs::{self, SourceId};
use crate::model::{self, Effect, OpenWindow, Outcome, PageKind, Progress, Shell, WindowId, WindowModel};
use crate::pages::{self, Page};
use crate::preferences::Preferences;
use crate::state::{self, State, Trouble};
use crate::strings;
use crate::surface::Surfaces;
#[cfg(all(unix, not(target_vendor = "apple")))]
use crate::window::Drops;
use crate::window::{ChromeRenderer, Context, Presenter, PresenterEvent, ProgramScreen, ShellWindow};
use egui_winit::accesskit_winit;
use grants::PendingPrompts;
use parking_lot::Mutex;
use portico_kernel::{Cancel, Exit, Hash, Process, Program};
use portico_portals::Launched;
use program::{Exited, Journal, LaunchId, LaunchRequest, Origin, Programs, Started};
use requests::PendingRequest;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use winit::application::ApplicationHandler;
use winit::error::EventLoopError;
use winit::event::{DeviceEvent, DeviceId, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow, DeviceEvents, EventLoop, EventLoopProxy};

/// What a shell opens at its start.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one of it")]
pub enum InitialContent {
    /// A program.
    Program(Run),
    /// A window of the shell's own.
    Page(PageKind),
}

/// Opens a window and, with a `listener`, is the shell that others join. Returns when the last window is closed, with the
/// exit code of the program in the first, where there is one.
///
/// # Errors
/// When there is no window system to open windows on, or it has gone away: what is to be kept is kept then.
pub fn run(initial: InitialContent, listener: Option<Listener>) -> anyhow::Result<u8> {
    let _terminal = logs::write_on_thread();
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
        let events = events.clone();
        display::Watch::over(event_loop.owned_display_handle(), move || {
            events.send(AppEvent::DisplayLost)
        })
    };
    app.display = Some(watch.clone());
    let shared = app.programs.shared_services();
    let ended = watch.run(|| event_loop.run_app(&mut app));
    watch.wind_up(|| app.finish());
    drop(server);
    shared.broker().stop();
    if let Some(text) = shared.clipboard_text() {
        // What was put on the clipboard here outlives this process.
        clipboard::hand_over(&text);
    }
    ended?;
    Ok(exit.map_or(0, |exit| exit.lock().unwrap_or(Exit::Ended.code())))
}

/// Why there is no window system. The window library names a line of its own sources first, which is nobody's concern.
fn no_windows(error: &EventLoopError) -> anyhow::Error {
    let text = error.to_string();
    let cause = text
        .strip_prefix("os error at ")
        .and_then(|text| Some(text.split_once(".rs:")?.1.split_once(": ")?.1));
    let display = crate::display::current()
        .map(|display| format!(" on {display}"))
        .unwrap_or_default();
    anyhow::anyhow!("no windows can be opened{display}: {}", cause.unwrap_or(&text))
}

/// What is in a window.
#[allow(clippy::large_enum_variant, reason = "nearly all are programs")]
enum Content {
    /// A program, and how it is started.
    Program(Run),
    /// A page of the shell's own.
    Page(PageKind),
}

/// A window and what is in it.
struct Toplevel {
    window: ShellWindow,
    content: Content,
    /// The program in the shell's log, over all its restarts.
    source: SourceId,
    launch_id: LaunchId,
    /// What the program's window and its choices in the HUD are remembered under, once its file has been read.
    identity: Arc<OnceLock<String>>,
    program: Option<Program>,
    /// Gives up a start that has not come to a process yet.
    cancel: Cancel,
    process: Option<Process>,
    /// What it may do, and what it asks for.
    prompts: PendingPrompts,
    /// Who wants its file started again.
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

    /// Ends what runs in it, or is about to.
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
    /// The exit code of the run that has opened the shell, once it is known.
    exit: Option<Arc<Mutex<Option<u8>>>>,
    programs: Programs,
    shell: Shell,
    state: State,
    preferences: Preferences,
    /// Whether those of earlier shells have been taken in.
    preferences_read: bool,
    /// What the desktop has said of its user's wishes.
    system_settings: SystemSettings,
    renderer: Option<Box<ChromeRenderer>>,
    renderer_wanted: bool,
    /// Where the window system needs it.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    drops: Option<Arc<Drops>>,
    page_states: builtin_pages::PageStates,
    library: Library,
    /// What programs want to start, until the library has been read.
    launches: Vec<(Hash, Vec<String>, Launched)>,
    toplevels: Vec<Toplevel>,
    next: u64,
    /// Processes that have been started and whose end has not been told, also of windows that are gone.
    alive: HashMap<LaunchId, Option<Process>>,
    /// Requests that wait for something.
    pending: Vec<PendingRequest>,
    /// Whether the bus of assistive technology is watched, which is when somebody uses it.
    access_watched: bool,
    /// Whether the loop has begun: windows can be made.
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
            shell: Shell::default(),
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
            next: 1,
            alive: HashMap::new(),
            pending: Vec::new(),
            access_watched: false,
            resumed: false,
        }
    }

    /// Starts a program and makes room for its window; returns the window's name.
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

    /// What every window begins with: its name, its pictures, and the program's side of it.
    fn frame(&mut self) -> (WindowId, Arc<Presenter>, Arc<portico_portals::Window>) {
        let id = WindowId(self.next);
        self.next += 1;
        let events = self.events.clone();
        let presenter = Presenter::new(Box::new(move |event| events.send(AppEvent::Presenter(id, event))));
        let program_window = program_window(&presenter);
        (id, presenter, program_window)
    }

    /// Makes room for a window of the shell's own; returns its name.
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

    /// Opens the windows that have none yet.
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

    /// Does something with a window that needs the shell around it.
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
        let size = toplevel.identity.get().and_then(|identity| self.state.size(identity));
        let settings = self.system_settings.with(&self.preferences);
        let clipboard = self.programs.clipboard();
        let mut cx = Context {
            target,
            proxy,
            shell: &mut self.shell,
            renderer,
            progress,
            size,
            settings,
            clipboard,
        };
        Some(act(&mut toplevel.window, &mut cx, surfaces))
    }

    /// Lets a window handle something, then does what concerns the shell.
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

    /// Does something with every window.
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
        presenter.program_ended();
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

    /// Remembers the size of a window that the user has given it.
    fn save_size(&mut self, at: usize, at_once: bool) {
        let toplevel = &mut self.toplevels[at];
        if let Some((identity, size)) = toplevel.identity.get().zip(toplevel.window.take_size(at_once)) {
            self.state.save_size(identity, size);
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
        toplevel.window.presenter().program_ended();
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
                    if self.display.as_ref().is_some_and(display::Watch::is_lost) {
                        display::leave();
                    }
                    tracing::error!("a window can't be drawn any more: {error:#}");
                    self.close(id);
                }
            }
        }
    }

    /// Keeps what is to be kept of windows, and lets them go. The window system may be gone already.
    fn finish(&mut self) {
        if let (true, Some(exit)) = (self.display.as_ref().is_some_and(display::Watch::is_lost), &self.exit) {
            // The end of the whole run, which is told by itself.
            exit.lock().get_or_insert(Exit::Ended.code());
        }
        (0..self.toplevels.len()).for_each(|at| self.save_size(at, true));
        for mut toplevel in self.toplevels.drain(..) {
            toplevel.end();
            toplevel.window.close(self.renderer.as_deref_mut());
        }
    }

    /// Assistive technology wants to know or to do something.
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

    /// Brings the list of windows up to date, for the HUDs that show it.
    fn list_windows(&mut self, target: &ActiveEventLoop) {
        let open = |toplevel: &Toplevel| OpenWindow {
            id: toplevel.window.id(),
            title: toplevel.window.model().title().to_string(),
        };
        let windows: Vec<_> = self.toplevels.iter().map(open).collect();
        if windows == self.shell.windows {
            return;
        }
        self.shell.windows = windows;
        self.each_window(target, |window, cx| {
            window.apply(cx, model::Event::WindowsChanged, None)
        });
    }
}

/// A program's side of a window, which has the focus no sooner than somebody says so.
fn program_window(presenter: &Arc<Presenter>) -> Arc<portico_portals::Window> {
    let program_window = portico_portals::Window::new(Arc::new(ProgramScreen(Arc::clone(presenter))));
    program_window.state(portico_portals::WindowState {
        focused: false,
        ..portico_portals::WindowState::default()
    });
    program_window
}

impl ApplicationHandler<AppEvent> for App {
    fn resumed(&mut self, target: &ActiveEventLoop) {
        self.resumed = true;
        self.open_windows(target);
    }

    fn user_event(&mut self, target: &ActiveEventLoop, event: AppEvent) {
        match event {
            AppEvent::Access(event) => self.access(target, event),
            AppEvent::AccessRenewed => self
                .toplevels
                .iter_mut()
                .for_each(|toplevel| toplevel.window.renew_access()),
            AppEvent::DisplayLost => display::leave(),
            AppEvent::Ipc(request, reply) => self.request(target, *request, reply),
            AppEvent::ClientGone(id) => self.close(id),
            AppEvent::Presenter(id, event) => self.presenter_event(target, id, event),
            AppEvent::Started(started) => self.started(target, *started),
            AppEvent::Icon(launch_id, icon) => {
                if let Some(toplevel) = self
                    .toplevel(launch_id.window)
                    .filter(|toplevel| toplevel.launch_id == launch_id)
                {
                    toplevel.window.set_icon(icon);
                }
            }
            AppEvent::Exited(exited) => self.exited(target, *exited),
            AppEvent::Saved(id, text) => {
                self.handle(target, id, |window, cx| {
                    window.apply(cx, model::Event::Notice(text), None)
                });
            }
            AppEvent::Forgotten(trouble) => {
                let text = match trouble {
                    Trouble::SetAside(kept) => strings::set_aside(&kept.display().to_string()),
                    Trouble::Unread(why) => strings::not_remembered(&why),
                };
                // All windows that are open would be too many.
                if let Some(id) = self.toplevels.first().map(|toplevel| toplevel.window.id()) {
                    self.handle(target, id, |window, cx| {
                        window.apply(cx, model::Event::Notice(text), None)
                    });
                }
            }
            AppEvent::Pasted(id, number, text) => self.handle(target, id, |window, cx| window.pasted(cx, number, text)),
            AppEvent::Permission(launch_id, what) => self.permission_event(target, launch_id, what),
            AppEvent::Reread(reply) => reply.finish(crate::ipc::Response::Done),
            AppEvent::PermissionsChanged(changes) => self.permissions_changed(target, &changes),
            AppEvent::HistoryLoaded(learned) => {
                self.shell.learned = *learned;
                self.load_preferences();
                self.apply_system_settings(target);
            }
            AppEvent::SystemSettings(settings) => {
                self.system_settings = settings;
                self.apply_system_settings(target);
            }
            AppEvent::ProfileChanged => self.profile_changed(),
            AppEvent::UserInfoSaved(id, kept) => self.detail_kept(target, id, kept),
            AppEvent::Broker(overview) => self.broker_looked_at(overview),
            AppEvent::PageChanged(kind) => {
                let shown =
                    |toplevel: &&mut Toplevel| matches!(toplevel.content, Content::Page(content) if content == kind);
                if let Some(toplevel) = self.toplevels.iter_mut().find(shown) {
                    toplevel.window.redraw();
                }
            }
            AppEvent::FocusWindow(id) => self.focus(id),
            #[cfg(all(unix, not(target_vendor = "apple")))]
            AppEvent::Drops(drops) => {
                let windows = self.toplevels.iter().filter_map(|toplevel| toplevel.native);
                windows.for_each(|native| drops.take(native.into()));
                self.drops = Some(drops);
            }
            #[cfg(all(unix, not(target_vendor = "apple")))]
            AppEvent::Dropped(native, dropped) => self.dropped_on_native(target, native.into(), dropped),
            AppEvent::Launch(hash, arguments, launched) => self.launch(target, hash, arguments, launched),
            AppEvent::LaunchFound(run, launched) => self.launch_found(target, *run, launched),
            AppEvent::Library(LibraryEvent::Listed) => self.library_read(target),
            AppEvent::Library(LibraryEvent::Icon) => self.library_icon_read(),
            AppEvent::Found(id, found) => self.found(target, id, *found),
            AppEvent::LibraryChanged => self.library_changed(),
            AppEvent::RendererReady(renderer) => {
                renderer.set_zoom(self.system_settings.with(&self.preferences).zoom());
                self.renderer = Some(renderer);
                self.check_pending();
            }
            AppEvent::Fonts => {
                if let Some(renderer) = &self.renderer {
                    renderer.use_found_fonts();
                }
                self.toplevels.iter_mut().for_each(|toplevel| toplevel.window.redraw());
            }
        }
    }

    fn window_event(&mut self, target: &ActiveEventLoop, native: winit::window::WindowId, event: WindowEvent) {
        let Some(toplevel) = self.toplevels.iter().find(|toplevel| toplevel.native == Some(native)) else {
            return;
        };
        let id = toplevel.window.id();
        if matches!(event, WindowEvent::Destroyed) {
            return self.close(id);
        }
        if matches!(event, WindowEvent::Focused(true)) {
            // Only one has the focus; that the other has lost it is not always told.
            let focused = |toplevel: &&Toplevel| toplevel.window.id() != id && toplevel.window.model().is_focused();
            let others: Vec<_> = self
                .toplevels
                .iter()
                .filter(focused)
                .map(|toplevel| toplevel.window.id())
                .collect();
            for other in others {
                self.handle(target, other, |window, cx| {
                    window.window_event(cx, &WindowEvent::Focused(false))
                });
            }
        }
        self.handle(target, id, |window, cx| window.window_event(cx, &event));
    }

    fn device_event(&mut self, target: &ActiveEventLoop, _device: DeviceId, event: DeviceEvent) {
        let DeviceEvent::MouseMotion { delta: (dx, dy) } = event else {
            return;
        };
        let focused = self
            .toplevels
            .iter()
            .find(|toplevel| toplevel.window.model().is_focused())
            .map(|toplevel| toplevel.window.id());
        if let Some(id) = focused {
            self.handle(target, id, |window, cx| window.device_moved(cx, dx, dy));
        }
    }

    fn about_to_wait(&mut self, target: &ActiveEventLoop) {
        self.look_at_tasks();
        self.look_at_broker();
        self.each_window(target, ShellWindow::update);
        (0..self.toplevels.len()).for_each(|at| self.save_size(at, false));
        self.list_windows(target);
        self.expire_pending();
        if self.toplevels.is_empty() && self.alive.is_empty() {
            return target.exit();
        }
        let early = |toplevel: &Toplevel| toplevel.window.is_shown() || matches!(toplevel.content, Content::Page(_));
        if !self.renderer_wanted && self.toplevels.iter().any(early) {
            // A page is waiting for it, or the first picture is out: now there is time for fonts, and for the desktop's settings.
            self.renderer_wanted = true;
            let events = self.events.clone();
            let make = move || {
                let found = events.clone();
                events.send(AppEvent::RendererReady(Box::new(ChromeRenderer::new(move || {
                    found.send(AppEvent::Fonts)
                }))));
            };
            if let Err(error) = std::thread::Builder::new().name("fonts".into()).spawn(make) {
                tracing::error!("no thread for the fonts: {error}");
            }
            self.spawn_background(|_| host::repair());
            let events = self.events.clone();
            desktop::watch(move |settings| events.send(AppEvent::SystemSettings(settings)));
            self.listen_for_drops(target);
        }
        let wakes = self.toplevels.iter().filter_map(|toplevel| toplevel.window.wake_at());
        let looks = [self.look_at(), self.broker_due()].into_iter().flatten();
        let wake = wakes
            .chain(self.pending.iter().filter_map(PendingRequest::deadline))
            .chain(looks)
            .min();
        target.set_control_flow(match wake {
            // In the past means: as soon as everything that is queued has been handled.
            Some(at) => ControlFlow::WaitUntil(at.max(Instant::now())),
            None => ControlFlow::Wait,
        });
    }

    fn exiting(&mut self, _target: &ActiveEventLoop) {
        // While there is still an event loop for windows to end with.
        self.finish();
    }
}
