//! The event loop: windows, the programs in them, and whoever drives them over the link.
//!
//! It takes one closed list of events ([`Event`]) besides those of the window system. Frames do not pass through here.

mod access_bus;
mod display;
mod event;
mod grants;
mod open;
mod own;
mod preferences;
mod profile;
mod program;
mod requests;
#[cfg(all(unix, not(target_vendor = "apple")))]
mod xim;

pub use event::{Event, Post};

use crate::clipboard;
use crate::desktop::{self, Wishes};
use crate::library::{Library, News, host};
use crate::link::{Listener, Run, serve};
use crate::logs::{self, SourceId};
use crate::model::{Effect, Event as Happening, OpenWindow, Outcome, PageKind, Progress, Shell, WindowId, WindowModel};
use crate::pages::{self, Page};
use crate::preferences::Preferences;
use crate::state::{self, State, Trouble};
use crate::strings;
use crate::surface::Surfaces;
#[cfg(all(unix, not(target_vendor = "apple")))]
use crate::window::Drops;
use crate::window::{Context, Door, Notice, Presenter, ShellWindow, Skin};
use egui_winit::accesskit_winit;
use grants::Asking;
use parking_lot::Mutex;
use portico_kernel::{Cancel, Exit, Hash, Process, Program};
use portico_portals::Launched;
use program::{Exited, Journal, Order, Origin, Programs, Start, Started};
use requests::Waiting;
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
pub enum First {
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
pub fn run(first: First, listener: Option<Listener>) -> anyhow::Result<u8> {
    let _terminal = logs::write_aside();
    // Held until the window library has a connection, too: an X server may start anew when its last client has left.
    let (visual, held) = display::check()?;
    #[cfg(all(unix, not(target_vendor = "apple")))]
    xim::avoid_hung();
    let post = Post::default();
    // Others hear at once that there is a shell; what they want waits until there is a window system.
    let server = match listener {
        Some(listener) => {
            let post = post.clone();
            Some(serve(
                listener,
                Arc::new(move |request, reply| post.send(Event::Link(Box::new(request), reply))),
            )?)
        }
        None => None,
    };
    let mut app = App::new(post.clone());
    // The program starts while the window system is opened.
    let exit = match first {
        First::Program(run) => {
            let exit = Arc::new(Mutex::new(None));
            app.prepare(run, Some(Origin::Terminal(Arc::clone(&exit))));
            Some(exit)
        }
        First::Page(kind) => {
            app.prepare_page(kind);
            None
        }
    };
    app.exit.clone_from(&exit);
    let event_loop = EventLoop::<Event>::with_user_event()
        .build()
        .map_err(|error| no_windows(&error))?;
    drop(held);
    event_loop.set_control_flow(ControlFlow::Wait);
    event_loop.listen_device_events(DeviceEvents::Never);
    post.open(event_loop.create_proxy());
    app.proxy = Some(event_loop.create_proxy());
    app.surfaces = Some(Surfaces::new(event_loop.owned_display_handle(), visual));
    let watch = {
        let post = post.clone();
        display::Watch::over(event_loop.owned_display_handle(), move || post.send(Event::DisplayLost))
    };
    app.display = Some(watch.clone());
    let desktop = app.programs.desktop();
    let ended = watch.run(|| event_loop.run_app(&mut app));
    watch.wind_up(|| app.finish());
    drop(server);
    desktop.exchange().stop();
    if let Some(text) = desktop.held() {
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
enum Inside {
    /// A program, and how it is started.
    Program(Run),
    /// A page of the shell's own.
    Page(PageKind),
}

/// A window and what is in it.
struct Place {
    window: ShellWindow,
    inside: Inside,
    /// The program in the shell's log, over all its restarts.
    source: SourceId,
    start: Start,
    /// What the program's window and its choices in the HUD are remembered under, once its file has been read.
    identity: Arc<OnceLock<String>>,
    program: Option<Program>,
    /// Gives up a start that has not come to a process yet.
    cancel: Cancel,
    process: Option<Process>,
    /// What it may do, and what it asks for.
    asking: Asking,
    /// Who wants its file started again.
    reload: Option<Origin>,
    native: Option<winit::window::WindowId>,
}

impl Place {
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
    post: Post,
    proxy: Option<EventLoopProxy<Event>>,
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
    desktop: Wishes,
    skin: Option<Box<Skin>>,
    skin_wanted: bool,
    /// Where the window system needs it.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    drops: Option<Arc<Drops>>,
    shown: own::Shown,
    library: Library,
    /// What programs want to start, until the library has been read.
    launches: Vec<(Hash, Vec<String>, Launched)>,
    places: Vec<Place>,
    next: u64,
    /// Processes that have been started and whose end has not been told, also of windows that are gone.
    alive: HashMap<Start, Option<Process>>,
    /// Requests that wait for something.
    waiting: Vec<Waiting>,
    /// Whether the bus of assistive technology is watched, which is when somebody uses it.
    access_watched: bool,
    /// Whether the loop has begun: windows can be made.
    resumed: bool,
}

impl App {
    fn new(post: Post) -> Self {
        let (recalled, granted) = (post.clone(), post.clone());
        let learned = move |learned| recalled.send(Event::Recalled(Box::new(learned)));
        let granted = Box::new(move |changes| granted.send(Event::Granted(changes)));
        let told = post.clone();
        let known = move || told.send(Event::ProfileChanged);
        let told = post.clone();
        let forgotten = move |trouble| told.send(Event::Forgotten(trouble));
        let state = State::recall(state::file(), learned, granted, known, forgotten);
        let library = Library::of_user(state.store().clone());
        let (book, profile) = (state.grants().clone(), Arc::clone(state.profile()));
        Self {
            programs: Programs::new(book, profile, library.icons().clone(), post.clone()),
            library,
            state,
            post,
            proxy: None,
            surfaces: None,
            display: None,
            exit: None,
            shell: Shell::default(),
            preferences: Preferences::default(),
            preferences_read: false,
            desktop: Wishes::default(),
            skin: None,
            skin_wanted: false,
            #[cfg(all(unix, not(target_vendor = "apple")))]
            drops: None,
            shown: own::Shown::default(),
            launches: Vec::new(),
            places: Vec::new(),
            next: 1,
            alive: HashMap::new(),
            waiting: Vec::new(),
            access_watched: false,
            resumed: false,
        }
    }

    /// Starts a program and makes room for its window; returns the window's name.
    fn prepare(&mut self, run: Run, origin: Option<Origin>) -> WindowId {
        let (id, presenter, door) = self.frame();
        let name = run.called(None);
        let source = logs::book().source(&name);
        let journal = Arc::new(Journal::new(source, origin.as_ref()));
        let model = WindowModel::new(id, run.file.to_string_lossy(), name);
        let start = Start { window: id, turn: 0 };
        let (identity, cancel) = (Arc::default(), Cancel::default());
        self.alive.insert(start, None);
        self.programs.start(Order {
            start,
            run: run.clone(),
            window: Arc::clone(&door),
            journal,
            origin,
            program: None,
            cancel: cancel.clone(),
            identity: Arc::clone(&identity),
        });
        let window = ShellWindow::new(model, presenter, door);
        self.places.push(Place {
            window,
            inside: Inside::Program(run),
            source,
            start,
            identity,
            program: None,
            cancel,
            process: None,
            asking: Asking::default(),
            reload: None,
            native: None,
        });
        id
    }

    /// What every window begins with: its name, its pictures, and the program's side of it.
    fn frame(&mut self) -> (WindowId, Arc<Presenter>, Arc<portico_portals::Window>) {
        let id = WindowId(self.next);
        self.next += 1;
        let post = self.post.clone();
        let presenter = Presenter::new(Box::new(move |notice| post.send(Event::Notice(id, notice))));
        let door = door(&presenter);
        (id, presenter, door)
    }

    /// Makes room for a window of the shell's own; returns its name.
    fn prepare_page(&mut self, kind: PageKind) -> WindowId {
        let (id, presenter, door) = self.frame();
        let page: Box<dyn Page> = match kind {
            PageKind::Home => {
                self.want_programs();
                let post = self.post.clone();
                let news = move || post.send(Event::PageChanged(PageKind::Home));
                Box::new(pages::Home::new(self.library.clone(), news))
            }
            PageKind::Settings => self.settings_page(),
            PageKind::Tasks => self.tasks_page(),
            PageKind::Log => self.log_page(),
        };
        let model = WindowModel::own(id, strings::page(kind));
        self.places.push(Place {
            window: ShellWindow::new(model, presenter, door).showing(page),
            inside: Inside::Page(kind),
            source: SourceId::SHELL,
            start: Start { window: id, turn: 0 },
            identity: Arc::new(OnceLock::from(format!("//{kind:?}"))),
            program: None,
            cancel: Cancel::default(),
            process: None,
            asking: Asking::default(),
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
        self.recall_preferences();
        let missing: Vec<_> = self
            .places
            .iter()
            .filter(|place| place.native.is_none())
            .map(|p| p.window.id())
            .collect();
        for id in missing {
            let opened = self.with(target, id, |window, cx, surfaces| window.open(cx, surfaces));
            match opened {
                Some(Ok(())) => {
                    if let Some(place) = self.place(id) {
                        place.native = place.window.native().map(|native| native.id());
                    }
                    #[cfg(all(unix, not(target_vendor = "apple")))]
                    if let (Some(drops), Some(native)) =
                        (self.drops.clone(), self.place(id).and_then(|place| place.native))
                    {
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

    fn place(&mut self, id: WindowId) -> Option<&mut Place> {
        self.places.iter_mut().find(|place| place.window.id() == id)
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
        let place = self.places.iter_mut().find(|place| place.window.id() == id)?;
        let progress = place.progress();
        let skin = self.skin.as_deref_mut();
        let size = place.identity.get().and_then(|identity| self.state.size(identity));
        let wishes = self.desktop.with(&self.preferences);
        let clipboard = self.programs.clipboard();
        let mut cx = Context {
            target,
            proxy,
            shell: &mut self.shell,
            skin,
            progress,
            size,
            wishes,
            clipboard,
        };
        Some(act(&mut place.window, &mut cx, surfaces))
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
                Effect::Ask(ask) => self.asked(target, id, ask),
                Effect::Drop(files) => self.dropped(id, files),
                Effect::Learned => {
                    if let Some(latest) = self.shell.learned.latest() {
                        self.state.keep_choice(latest);
                    }
                }
                // The window itself has done the others.
                _ => {}
            }
        }
        if self.shell.programs.is_none() && self.place(id).is_some_and(|place| place.window.model().hud().is_some()) {
            self.want_programs();
        }
    }

    /// Does something with every window.
    fn each_window(
        &mut self,
        target: &ActiveEventLoop,
        act: impl Fn(&mut ShellWindow, &mut Context<'_>) -> Vec<Effect>,
    ) {
        let ids: Vec<_> = self.places.iter().map(|place| place.window.id()).collect();
        for id in ids {
            self.handle(target, id, &act);
        }
    }

    fn end(&mut self, id: WindowId) {
        if let Some(place) = self.place(id) {
            place.end();
        }
    }

    fn restart(&mut self, id: WindowId) {
        let Some(place) = self.places.iter_mut().find(|place| place.window.id() == id) else {
            return;
        };
        let Inside::Program(run) = &place.inside else { return };
        place.end();
        place.process = None;
        place.cancel = Cancel::default();
        place.start.turn += 1;
        place.asking = Asking::default();
        let presenter = Arc::clone(place.window.presenter());
        presenter.program_ended();
        let door = door(&presenter);
        place.window.restarted(Arc::clone(&door));
        let origin = place.reload.take();
        let journal = Arc::new(Journal::new(place.source, origin.as_ref()));
        // Another version of the file may be there by now, if that is what somebody asks for.
        let program = if origin.is_some() { None } else { place.program.clone() };
        self.alive.insert(place.start, None);
        self.programs.start(Order {
            start: place.start,
            run: run.clone(),
            window: door,
            journal,
            origin,
            program,
            cancel: place.cancel.clone(),
            identity: Arc::clone(&place.identity),
        });
    }

    /// Closes a window; its program goes with it.
    fn close(&mut self, id: WindowId) {
        let Some(at) = self.places.iter().position(|place| place.window.id() == id) else {
            return;
        };
        self.keep_size(at, true);
        let mut place = self.places.remove(at);
        place.end();
        place.window.close(self.skin.as_deref_mut());
        self.waiting.retain_mut(|waiting| waiting.survives(id));
        self.grants_changed();
    }

    /// Remembers the size of a window that the user has given it.
    fn keep_size(&mut self, at: usize, at_once: bool) {
        let place = &mut self.places[at];
        if let Some((identity, size)) = place.identity.get().zip(place.window.take_size(at_once)) {
            self.state.keep_size(identity, size);
        }
    }

    fn started(&mut self, target: &ActiveEventLoop, started: Started) {
        let Started {
            start,
            name,
            program,
            process,
            grants,
        } = started;
        if let Some(alive) = self.alive.get_mut(&start) {
            *alive = Some(process.clone());
        }
        // It may be installed, wherever this start of it was read from.
        self.library.used(*program.hash());
        let place = self.place(start.window).filter(|place| place.start == start);
        let Some(place) = place else {
            // Its window was closed, or it was restarted, before it had begun.
            return process.end();
        };
        place.process = Some(process);
        place.asking.grants = Some(grants);
        logs::book().rename(place.source, &name);
        place.window.set_name(name);
        if let Some(identity) = place.identity.get() {
            place.window.set_program(identity);
        }
        place.program = Some(program);
        self.handle(target, start.window, |window, cx| {
            window.apply(cx, Happening::Started, None)
        });
        self.grants_changed();
        self.list_windows(target);
    }

    fn exited(&mut self, target: &ActiveEventLoop, exited: Exited) {
        let Exited { start, outcome } = exited;
        self.alive.remove(&start);
        let Some(place) = self.place(start.window).filter(|place| place.start == start) else {
            return;
        };
        place.process = None;
        place.asking = Asking::default();
        place.window.presenter().program_ended();
        if outcome != Outcome::Code(0) {
            tracing::info!("a program has ended: {outcome:?}");
        }
        self.handle(target, start.window, |window, cx| {
            window.apply(cx, Happening::Ended(outcome), None)
        });
        self.grants_changed();
    }

    fn notice(&mut self, target: &ActiveEventLoop, id: WindowId, notice: Notice) {
        match notice {
            Notice::FirstFrame => {
                self.handle(target, id, ShellWindow::first_frame);
            }
            Notice::Chrome => {
                self.handle(target, id, ShellWindow::chrome_changed);
                self.list_windows(target);
                self.chrome_changed();
            }
            Notice::Watched => self.check_waiting(),
            Notice::SurfaceLost => {
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
        (0..self.places.len()).for_each(|at| self.keep_size(at, true));
        for mut place in self.places.drain(..) {
            place.end();
            place.window.close(self.skin.as_deref_mut());
        }
    }

    /// Assistive technology wants to know or to do something.
    fn access(&mut self, target: &ActiveEventLoop, event: accesskit_winit::Event) {
        if !std::mem::replace(&mut self.access_watched, true) {
            let post = self.post.clone();
            access_bus::watch(move || post.send(Event::AccessRenewed));
        }
        let Some(place) = self.places.iter().find(|place| place.native == Some(event.window_id)) else {
            return;
        };
        let id = place.window.id();
        self.with(target, id, |window, cx, _| window.access(cx, event.window_event));
    }

    /// Brings the list of windows up to date, for the HUDs that show it.
    fn list_windows(&mut self, target: &ActiveEventLoop) {
        let open = |place: &Place| OpenWindow {
            id: place.window.id(),
            title: place.window.model().title().to_string(),
        };
        let windows: Vec<_> = self.places.iter().map(open).collect();
        if windows == self.shell.windows {
            return;
        }
        self.shell.windows = windows;
        self.each_window(target, |window, cx| window.apply(cx, Happening::WindowsChanged, None));
    }
}

/// A program's side of a window, which has the focus no sooner than somebody says so.
fn door(presenter: &Arc<Presenter>) -> Arc<portico_portals::Window> {
    let door = portico_portals::Window::new(Arc::new(Door(Arc::clone(presenter))));
    door.state(portico_portals::WindowState {
        focused: false,
        ..portico_portals::WindowState::default()
    });
    door
}

impl ApplicationHandler<Event> for App {
    fn resumed(&mut self, target: &ActiveEventLoop) {
        self.resumed = true;
        self.open_windows(target);
    }

    fn user_event(&mut self, target: &ActiveEventLoop, event: Event) {
        match event {
            Event::Access(event) => self.access(target, event),
            Event::AccessRenewed => self.places.iter_mut().for_each(|place| place.window.renew_access()),
            Event::DisplayLost => display::leave(),
            Event::Link(request, reply) => self.request(target, *request, reply),
            Event::ClientGone(id) => self.close(id),
            Event::Notice(id, notice) => self.notice(target, id, notice),
            Event::Started(started) => self.started(target, *started),
            Event::Icon(start, icon) => {
                if let Some(place) = self.place(start.window).filter(|place| place.start == start) {
                    place.window.set_icon(icon);
                }
            }
            Event::Exited(exited) => self.exited(target, *exited),
            Event::Saved(id, text) => {
                self.handle(target, id, |window, cx| window.apply(cx, Happening::Notice(text), None));
            }
            Event::Forgotten(trouble) => {
                let text = match trouble {
                    Trouble::SetAside(kept) => strings::set_aside(&kept.display().to_string()),
                    Trouble::Unread(why) => strings::not_remembered(&why),
                };
                // All windows that are open would be too many.
                if let Some(id) = self.places.first().map(|place| place.window.id()) {
                    self.handle(target, id, |window, cx| window.apply(cx, Happening::Notice(text), None));
                }
            }
            Event::Pasted(id, number, text) => self.handle(target, id, |window, cx| window.pasted(cx, number, text)),
            Event::Desk(start, what) => self.desk(target, start, what),
            Event::Reread(reply) => reply.finish(crate::link::Response::Done),
            Event::Granted(changes) => self.granted(target, &changes),
            Event::Recalled(learned) => {
                self.shell.learned = *learned;
                self.recall_preferences();
                self.tell_wishes(target);
            }
            Event::Wishes(wishes) => {
                self.desktop = wishes;
                self.tell_wishes(target);
            }
            Event::ProfileChanged => self.profile_changed(),
            Event::Kept(id, kept) => self.detail_kept(target, id, kept),
            Event::Broker(overview) => self.broker_looked_at(overview),
            Event::PageChanged(kind) => {
                let shown = |place: &&mut Place| matches!(place.inside, Inside::Page(inside) if inside == kind);
                if let Some(place) = self.places.iter_mut().find(shown) {
                    place.window.redraw();
                }
            }
            Event::Front(id) => self.focus(id),
            #[cfg(all(unix, not(target_vendor = "apple")))]
            Event::Drops(drops) => {
                let windows = self.places.iter().filter_map(|place| place.native);
                windows.for_each(|native| drops.take(native.into()));
                self.drops = Some(drops);
            }
            #[cfg(all(unix, not(target_vendor = "apple")))]
            Event::Dropped(native, dropped) => self.came(target, native.into(), dropped),
            Event::Launch(hash, arguments, launched) => self.launch(target, hash, arguments, launched),
            Event::LaunchFound(run, launched) => self.launch_found(target, *run, launched),
            Event::Library(News::Listed) => self.library_read(target),
            Event::Library(News::Icon) => self.library_icon_read(),
            Event::Found(id, found) => self.found(target, id, *found),
            Event::LibraryChanged => self.library_changed(),
            Event::Skin(skin) => {
                skin.set_zoom(self.desktop.with(&self.preferences).zoom());
                self.skin = Some(skin);
                self.check_waiting();
            }
            Event::Fonts => {
                if let Some(skin) = &self.skin {
                    skin.use_found_fonts();
                }
                self.places.iter_mut().for_each(|place| place.window.redraw());
            }
        }
    }

    fn window_event(&mut self, target: &ActiveEventLoop, native: winit::window::WindowId, event: WindowEvent) {
        let Some(place) = self.places.iter().find(|place| place.native == Some(native)) else {
            return;
        };
        let id = place.window.id();
        if matches!(event, WindowEvent::Destroyed) {
            return self.close(id);
        }
        if matches!(event, WindowEvent::Focused(true)) {
            // Only one has the focus; that the other has lost it is not always told.
            let focused = |place: &&Place| place.window.id() != id && place.window.model().is_focused();
            let others: Vec<_> = self
                .places
                .iter()
                .filter(focused)
                .map(|place| place.window.id())
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
            .places
            .iter()
            .find(|place| place.window.model().is_focused())
            .map(|place| place.window.id());
        if let Some(id) = focused {
            self.handle(target, id, |window, cx| window.device_moved(cx, dx, dy));
        }
    }

    fn about_to_wait(&mut self, target: &ActiveEventLoop) {
        self.look_at_tasks();
        self.look_at_broker();
        self.each_window(target, ShellWindow::turn);
        (0..self.places.len()).for_each(|at| self.keep_size(at, false));
        self.list_windows(target);
        self.expire_waiting();
        if self.places.is_empty() && self.alive.is_empty() {
            return target.exit();
        }
        let early = |place: &Place| place.window.is_shown() || matches!(place.inside, Inside::Page(_));
        if !self.skin_wanted && self.places.iter().any(early) {
            // A page is waiting for it, or the first picture is out: now there is time for fonts, and for the desktop's settings.
            self.skin_wanted = true;
            let post = self.post.clone();
            let make = move || {
                let found = post.clone();
                post.send(Event::Skin(Box::new(Skin::new(move || found.send(Event::Fonts)))));
            };
            if let Err(error) = std::thread::Builder::new().name("fonts".into()).spawn(make) {
                tracing::error!("no thread for the fonts: {error}");
            }
            self.aside(|_| host::repair());
            let post = self.post.clone();
            desktop::ask(move |wishes| post.send(Event::Wishes(wishes)));
            self.hear_drops(target);
        }
        let wakes = self.places.iter().filter_map(|place| place.window.wake_at());
        let looks = [self.look_at(), self.broker_due()].into_iter().flatten();
        let wake = wakes
            .chain(self.waiting.iter().filter_map(Waiting::deadline))
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
