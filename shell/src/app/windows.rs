//! The windows of the app, and what they share: the model of all of them, and the renderer of their chrome.

use super::event::{AppEvent, EventSender};
use super::grants::PendingPrompts;
use super::program::{LaunchId, Origin};
use crate::backend::{Backend, NativeId};
use crate::chrome::Page;
use crate::desktop::SystemSettings;
use crate::state::{Size, State, UnsavedSizes};
use crate::strings;
use crate::window::{ChromeRenderer, Context, NotifyShell, Presenter, ProgramScreen, ShellEvent, ShellWindow};
use parking_lot::Mutex;
use portico_ipc::Run;
use portico_kernel::{Cancel, Process, Program};
use portico_logs::SourceId;
use portico_model::{PageKind, Progress, Shell, WindowId, WindowModel};
use portico_portals::{Clipboard, WindowState};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// The content of a window.
#[allow(clippy::large_enum_variant, reason = "nearly all are programs")]
pub(super) enum Content {
    /// A program, with its launch options.
    Program(Run),
    /// A built-in page.
    Page(PageKind),
}

/// A window with its content and, if that is a program, its process.
pub(super) struct Toplevel {
    pub(super) window: ShellWindow,
    pub(super) content: Content,
    /// The program's source in the shell's log, over all its restarts.
    pub(super) source: SourceId,
    pub(super) launch_id: LaunchId,
    /// Key under which window size and HUD choices are stored; set once the program's file has been read.
    pub(super) identity: Arc<OnceLock<String>>,
    pub(super) program: Option<Program>,
    /// Cancels a launch that has no process yet.
    pub(super) cancel: Cancel,
    pub(super) process: Option<Process>,
    /// Its grants and its pending permission requests.
    pub(super) prompts: PendingPrompts,
    /// The requester of the program's start, until it has been told of its end.
    pub(super) origin: Arc<Mutex<Option<Origin>>>,
    /// The client that has requested a reload.
    pub(super) reload: Option<Origin>,
    native: Option<NativeId>,
}

impl Toplevel {
    fn new(window: ShellWindow, content: Content, source: SourceId, identity: Arc<OnceLock<String>>) -> Self {
        let launch_id = LaunchId {
            window: window.id(),
            generation: 0,
        };
        Self {
            window,
            content,
            source,
            launch_id,
            identity,
            program: None,
            cancel: Cancel::default(),
            process: None,
            prompts: PendingPrompts::default(),
            origin: Arc::default(),
            reload: None,
            native: None,
        }
    }

    /// Whether it shows this built-in page.
    fn is_page(&self, kind: PageKind) -> bool {
        matches!(self.content, Content::Page(content) if content == kind)
    }

    fn progress(&self) -> Progress {
        let process = self.process.as_ref();
        process.map_or(Progress::default(), |process| Progress {
            calls: process.calls(),
            parked: process.parked(),
        })
    }

    /// Ends the process, or cancels the launch.
    pub(super) fn end(&self) {
        self.cancel.cancel();
        if let Some(process) = &self.process {
            process.end();
        }
    }
}

/// The parts of the app beside the windows that a window may use.
pub(super) struct Surroundings<'a> {
    pub(super) backend: &'a dyn Backend,
    pub(super) state: &'a State,
    pub(super) settings: SystemSettings,
    pub(super) clipboard: &'a dyn Clipboard,
}

/// All windows.
pub(super) struct Windows {
    /// The model of what they share.
    pub(super) shell: Shell,
    toplevels: Vec<Toplevel>,
    renderer: Option<Box<ChromeRenderer>>,
    is_renderer_wanted: bool,
    unsaved_sizes: UnsavedSizes,
    /// State of a program's window until the window is there.
    first_state: WindowState,
    events: EventSender,
}

impl Windows {
    /// No windows yet; the state of a program's window is `first_state` until the window is there.
    pub(super) fn new(events: EventSender, first_state: WindowState) -> Self {
        Self {
            shell: Shell::new(strings::WORDING),
            toplevels: Vec::new(),
            renderer: None,
            is_renderer_wanted: false,
            unsaved_sizes: UnsavedSizes::default(),
            first_state,
            events,
        }
    }

    /// A window.
    pub(super) fn get(&self, id: WindowId) -> Option<&Toplevel> {
        self.iter().find(|toplevel| toplevel.window.id() == id)
    }

    /// A window, to be changed.
    pub(super) fn get_mut(&mut self, id: WindowId) -> Option<&mut Toplevel> {
        self.iter_mut().find(|toplevel| toplevel.window.id() == id)
    }

    /// The window of a launch, unless it was closed or has been restarted since.
    pub(super) fn of_launch(&mut self, launch_id: LaunchId) -> Option<&mut Toplevel> {
        self.iter_mut().find(|toplevel| toplevel.launch_id == launch_id)
    }

    /// The window with this native window.
    pub(super) fn of_native(&self, native: NativeId) -> Option<WindowId> {
        let toplevel = self.iter().find(|toplevel| toplevel.native == Some(native))?;
        Some(toplevel.window.id())
    }

    /// The windows, in the order of their opening.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Toplevel> {
        self.toplevels.iter()
    }

    /// The same, to be changed.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Toplevel> {
        self.toplevels.iter_mut()
    }

    /// Their ids.
    pub(super) fn ids(&self) -> Vec<WindowId> {
        self.iter().map(|toplevel| toplevel.window.id()).collect()
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.toplevels.is_empty()
    }

    /// The window of a built-in page.
    pub(super) fn page(&mut self, kind: PageKind) -> Option<&mut Toplevel> {
        self.iter_mut().find(|toplevel| toplevel.is_page(kind))
    }

    /// Whether a built-in page is visible.
    pub(super) fn is_page_visible(&self, kind: PageKind) -> bool {
        self.iter()
            .any(|toplevel| toplevel.is_page(kind) && toplevel.window.model().is_visible())
    }

    /// Requests a redraw of a built-in page, if it is open.
    pub(super) fn redraw_page(&mut self, kind: PageKind) {
        if let Some(toplevel) = self.page(kind) {
            toplevel.window.redraw();
        }
    }

    /// Updates the titles of built-in pages to the present language.
    pub(super) fn rename_pages(&mut self) {
        for toplevel in &mut self.toplevels {
            if let Content::Page(kind) = toplevel.content {
                toplevel.window.set_name(strings::page(kind));
            }
        }
    }

    /// Registers a window with a model and a content, whose native window is opened by [`Windows::open`].
    pub(super) fn add(
        &mut self,
        model: WindowModel,
        content: Content,
        source: SourceId,
        identity: Arc<OnceLock<String>>,
        page: Option<Box<dyn Page>>,
    ) -> &mut Toplevel {
        let id = model.id();
        let kind = match content {
            Content::Program(_) => None,
            Content::Page(kind) => Some(kind),
        };
        self.shell.desktop.open(id, model.title(), kind);
        let events = self.events.clone();
        let notify: NotifyShell = Arc::new(move |event| events.send(AppEvent::Window(id, event)));
        let tell = Arc::clone(&notify);
        let presenter = Presenter::new(Box::new(move |event| tell(ShellEvent::Presenter(event))));
        let program_window = self.program_window(&presenter);
        let mut window = ShellWindow::new(model, presenter, program_window, notify);
        if let Some(page) = page {
            window = window.showing(page);
        }
        self.toplevels.push(Toplevel::new(window, content, source, identity));
        let at = self.toplevels.len() - 1;
        &mut self.toplevels[at]
    }

    /// The program's side of a window with this presenter.
    fn program_window(&self, presenter: &Arc<Presenter>) -> Arc<portico_portals::Window> {
        let program_window = portico_portals::Window::new(Arc::new(ProgramScreen(Arc::clone(presenter))));
        program_window.state(self.first_state);
        program_window
    }

    /// Opens the native windows that are missing; returns the windows that can't be opened.
    pub(super) fn open(&mut self, around: &Surroundings<'_>) -> Vec<WindowId> {
        let missing = self.iter().filter(|toplevel| toplevel.native.is_none());
        let missing: Vec<_> = missing.map(|toplevel| toplevel.window.id()).collect();
        let mut failed = Vec::new();
        for id in missing {
            match self.with(around, id, ShellWindow::open) {
                Some(Ok(())) => {
                    if let Some(toplevel) = self.get_mut(id) {
                        toplevel.native = toplevel.window.native();
                    }
                }
                Some(Err(error)) => {
                    tracing::error!("a window can't be opened: {error:#}");
                    failed.push(id);
                }
                None => {}
            }
        }
        failed
    }

    /// Calls `act` with a window and its context.
    pub(super) fn with<R>(
        &mut self,
        around: &Surroundings<'_>,
        id: WindowId,
        act: impl FnOnce(&mut ShellWindow, &mut Context<'_>) -> R,
    ) -> Option<R> {
        let toplevel = self.toplevels.iter_mut().find(|toplevel| toplevel.window.id() == id)?;
        let progress = toplevel.progress();
        let identity = toplevel.identity.get().map(String::as_str);
        let mut cx = Context {
            backend: around.backend,
            shell: &mut self.shell,
            renderer: self.renderer.as_deref_mut(),
            progress,
            identity,
            size: identity.and_then(|identity| around.state.size(identity)),
            unsaved_sizes: &self.unsaved_sizes,
            settings: around.settings,
            clipboard: around.clipboard,
        };
        let result = act(&mut toplevel.window, &mut cx);
        self.shell.desktop.set_focused(id, toplevel.window.model().is_focused());
        Some(result)
    }

    /// The windows that have something to do; the others cost nothing.
    pub(super) fn due(&self, now: Instant) -> Vec<WindowId> {
        let can_draw = self.renderer.is_some();
        let windows = self.iter().map(|toplevel| &toplevel.window);
        let due = windows.filter(|window| window.is_due(now, can_draw));
        due.map(ShellWindow::id).collect()
    }

    /// The windows whose programs do not answer.
    pub(super) fn unresponsive(&self) -> Vec<WindowId> {
        let windows = self.iter().map(|toplevel| &toplevel.window);
        let unresponsive = windows.filter(|window| window.model().is_unresponsive());
        unresponsive.map(ShellWindow::id).collect()
    }

    /// Time at which the next of them has something to do without an event.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        let wakes = self.iter().filter_map(|toplevel| toplevel.window.wake_at());
        wakes.min()
    }

    /// Brings a window to the front.
    pub(super) fn focus(&self, id: WindowId) {
        if let Some(toplevel) = self.get(id) {
            toplevel.window.focus();
        }
    }

    /// Ends the program of a window.
    pub(super) fn end(&self, id: WindowId) {
        if let Some(toplevel) = self.get(id) {
            toplevel.end();
        }
    }

    /// Ends the program of a window, and makes it ready for another launch. `None` if it has no program.
    pub(super) fn restart(&mut self, id: WindowId) -> Option<&mut Toplevel> {
        let toplevel = self.get(id)?;
        if matches!(toplevel.content, Content::Page(_)) {
            return None;
        }
        let program_window = self.program_window(toplevel.window.presenter());
        let toplevel = self.get_mut(id)?;
        toplevel.end();
        toplevel.process = None;
        toplevel.cancel = Cancel::default();
        toplevel.launch_id.generation += 1;
        toplevel.prompts = PendingPrompts::default();
        toplevel.window.restarted(program_window);
        Some(toplevel)
    }

    /// Closes a window; its program goes with it. Returns whether it was there.
    pub(super) fn close(&mut self, id: WindowId) -> bool {
        let Some(at) = self.toplevels.iter().position(|toplevel| toplevel.window.id() == id) else {
            return false;
        };
        let mut toplevel = self.toplevels.remove(at);
        self.shell.desktop.close(id);
        toplevel.end();
        toplevel.window.close(self.renderer.as_deref_mut());
        true
    }

    /// Closes all of them; `lost` where their native windows are gone with the display.
    pub(super) fn close_all(&mut self, lost: bool) {
        for mut toplevel in self.toplevels.drain(..) {
            toplevel.end();
            if lost {
                toplevel.window.abandon();
            } else {
                toplevel.window.close(self.renderer.as_deref_mut());
            }
        }
    }

    /// Takes the sizes that the user has given to windows and that are to be stored now, with the identities of their programs;
    /// `at_once` also those that may change in a moment.
    pub(super) fn take_sizes(&mut self, only: Option<WindowId>, at_once: bool) -> Vec<(String, Size)> {
        let wanted = self
            .toplevels
            .iter_mut()
            .filter(|toplevel| only.is_none_or(|only| toplevel.window.id() == only));
        let sizes = wanted.filter_map(|toplevel| {
            let identity = toplevel.identity.get()?;
            Some((identity.clone(), toplevel.window.take_size(at_once)?))
        });
        sizes.collect()
    }

    /// The sizes that are not stored yet.
    pub(super) fn unsaved_sizes(&self) -> &UnsavedSizes {
        &self.unsaved_sizes
    }

    /// Whether the titles, the order or the number of windows has changed since this was asked last.
    pub(super) fn take_changed(&mut self) -> bool {
        for toplevel in &self.toplevels {
            let window = &toplevel.window;
            self.shell.desktop.set_title(window.id(), window.model().title());
        }
        self.shell.desktop.take_changed()
    }

    /// Whether the chrome can be drawn.
    pub(super) fn has_renderer(&self) -> bool {
        self.renderer.is_some()
    }

    /// Whether it is time to make the renderer, once: a page is waiting for it, or the first picture is out and there is time for
    /// fonts.
    pub(super) fn wants_renderer(&mut self) -> bool {
        let early = |toplevel: &Toplevel| toplevel.window.is_shown() || matches!(toplevel.content, Content::Page(_));
        let is_wanted = !self.is_renderer_wanted && self.iter().any(early);
        self.is_renderer_wanted |= is_wanted;
        is_wanted
    }

    /// Draws the chrome with this renderer from here on.
    pub(super) fn set_renderer(&mut self, renderer: Box<ChromeRenderer>) {
        self.renderer = Some(renderer);
    }

    /// Makes the chrome larger or smaller, once it can be drawn.
    pub(super) fn set_zoom(&self, zoom: f32) {
        if let Some(renderer) = &self.renderer {
            renderer.set_zoom(zoom);
        }
    }

    /// Draws all chrome again, with the fonts that were found.
    pub(super) fn use_found_fonts(&mut self) {
        if let Some(renderer) = &self.renderer {
            renderer.use_found_fonts();
        }
        self.iter_mut().for_each(|toplevel| toplevel.window.redraw());
    }
}
