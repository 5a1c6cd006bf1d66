//! Windows: the native window's events in, the model's effects out, and the program's frames straight through.

mod chrome_renderer;
mod clipboard;
mod fonts;
mod ime;
mod input;
mod native;
mod pacing;
mod pointer;
mod pointer_lock;
mod presenter;
mod script;
mod sizing;

pub use chrome_renderer::ChromeRenderer;
pub use presenter::{Composition, Notify, Presenter, PresenterEvent, ProgramScreen};

use crate::backend::{AccessEvent, Backend, NativeId, PhysicalSize};
use crate::chrome::Look;
use crate::chrome::Page;
use crate::desktop::SystemSettings;
use crate::icons::{Icon, Side};
use crate::state::{Size, UnsavedSizes};
use crate::strings;
use clipboard::Pasting;
use native::{InitialSize, Native};
use pointer::{Owner, Pointer};
use portico_abi::modifier;
use portico_kernel::{Failure, ProgramText};
use portico_model::{
    Effect, Event, KeyState, Keyboard, Now, Phase, ProgramEffect, Progress, Shell, ShellEffect, WindowEffect, WindowId,
    WindowModel,
};
use portico_portals as portals;
use portico_surface::{Layer, Rect, Surface};
use std::sync::Arc;
use std::time::Instant;

/// Size of the picture while the program has not shown any, in points.
const UNKNOWN: Size = (640.0, 400.0);

/// The parts of the shell that a window needs while it handles an event.
pub struct Context<'a> {
    /// The backend that native windows are on.
    pub backend: &'a dyn Backend,
    /// What all windows share.
    pub shell: &'a mut Shell,
    /// The chrome renderer; `None` until the first picture is on the screen.
    pub renderer: Option<&'a mut ChromeRenderer>,
    /// How far the window's program has got.
    pub progress: Progress,
    /// Key under which the window's size is stored; `None` until its program's file has been read.
    pub identity: Option<&'a str>,
    /// The size in points that the user gave this program's window before, if that is known by now.
    pub size: Option<Size>,
    /// Sizes of all windows that are about to be stored.
    pub unsaved_sizes: &'a UnsavedSizes,
    /// Settings of the desktop and of the shell.
    pub settings: SystemSettings,
    /// The clipboard.
    pub clipboard: &'a dyn portals::Clipboard,
}

/// An event of a window for the shell, which comes from another thread.
#[derive(Clone, Debug)]
pub enum ShellEvent {
    /// Of its presenter.
    Presenter(PresenterEvent),
    /// A text was not put on the clipboard: the message that says so.
    NotCopied(String),
    /// The clipboard's text for the paste with this number, or why it can't be read.
    Pasted(u64, Result<String, Failure>),
}

/// Sends a window's events to the shell, from any thread, without blocking.
pub type NotifyShell = Arc<dyn Fn(ShellEvent) + Send + Sync>;

/// One window of the shell.
pub struct ShellWindow {
    model: WindowModel,
    /// The built-in page, if the window has one.
    page: Option<Box<dyn Page>>,
    presenter: Arc<Presenter>,
    notify: NotifyShell,
    /// The program's side, a new one at each start.
    program: Arc<portals::Window>,
    opened: Instant,
    /// The program's icon, if it has one and that has been decoded.
    icon: Option<Icon>,
    /// The same for the chrome, once it has been drawn.
    texture: Option<egui::TextureHandle>,
    native: Option<Native>,
    /// The surface until the first picture is there.
    surface: Option<Box<dyn Surface>>,
    pointer: Pointer,
    modifiers: u8,
    /// When the chrome wants to be drawn again by itself.
    redraw_at: Option<Instant>,
    /// The chrome has changed since it was drawn.
    stale: bool,
    /// Typed input is queued for the chrome's widgets, which have not processed it yet.
    unheard: bool,
    /// The accessibility tree is up to date.
    told_access: bool,
    /// The cursor that the chrome wants, and the caret of its text field.
    chrome_cursor: egui::CursorIcon,
    chrome_caret: Option<egui::Rect>,
    /// The chrome widget that had the keyboard when it was last drawn.
    focus: Option<egui::Id>,
    /// A paste that waits for the clipboard, and the number of pastes so far.
    pasting: Option<Pasting>,
    pastes: u64,
}

impl ShellWindow {
    /// A window that is not there yet, for a program that is about to start.
    pub fn new(
        model: WindowModel,
        presenter: Arc<Presenter>,
        program: Arc<portals::Window>,
        notify: NotifyShell,
    ) -> Self {
        Self {
            model,
            page: None,
            presenter,
            notify,
            program,
            opened: Instant::now(),
            icon: None,
            texture: None,
            native: None,
            surface: None,
            pointer: Pointer::default(),
            modifiers: 0,
            redraw_at: None,
            stale: true,
            unheard: false,
            told_access: true,
            chrome_cursor: egui::CursorIcon::Default,
            chrome_caret: None,
            focus: None,
            pasting: None,
            pastes: 0,
        }
    }

    /// Makes it show a built-in page.
    #[must_use]
    pub fn showing(mut self, page: Box<dyn Page>) -> Self {
        self.page = Some(page);
        self
    }

    /// Requests a redraw of the chrome and the page.
    pub fn redraw(&mut self) {
        self.stale = true;
    }

    /// Its id.
    pub fn id(&self) -> WindowId {
        self.model.id()
    }

    /// Its state.
    pub fn model(&self) -> &WindowModel {
        &self.model
    }

    /// Its pictures.
    pub fn presenter(&self) -> &Arc<Presenter> {
        &self.presenter
    }

    /// The program's side of it.
    pub fn program_window(&self) -> &Arc<portals::Window> {
        &self.program
    }

    /// The native window's id, if it is there.
    pub fn native(&self) -> Option<NativeId> {
        self.native.as_ref().map(|native| native.window.id())
    }

    /// Brings it to the front.
    pub fn focus(&self) {
        if let Some(native) = &self.native {
            native.window.focus();
        }
    }

    /// Height of the toolbar in display pixels.
    pub fn toolbar(&self) -> u32 {
        native::area(&self.model).y.unsigned_abs()
    }

    /// The program is restarted, with a new program's side of the window.
    pub fn restarted(&mut self, program: Arc<portals::Window>) {
        self.program = program;
        self.tell_state();
    }

    /// Whether it is on the screen.
    pub fn is_shown(&self) -> bool {
        self.native.as_ref().is_some_and(|native| native.shown)
    }

    /// The program's own name is known.
    pub fn set_name(&mut self, name: impl Into<ProgramText>) {
        self.model.set_name(name);
        self.stale = true;
    }

    /// What the program's choices in the HUD are remembered under is known.
    pub fn set_program(&mut self, program: &str) {
        self.model.set_program(program);
    }

    /// Where the cursor was last, in pixels of the program's frame; the middle of the picture if it never was there.
    pub fn cursor_place(&self) -> (f32, f32) {
        let area = native::area(&self.model);
        let middle = (
            f64::from(area.width) / 2.0,
            f64::from(area.y) + f64::from(area.height) / 2.0,
        );
        let (x, y) = self.pointer.at().unwrap_or(middle);
        self.in_frame(x, y)
    }

    /// Gives a line to the program's debug console.
    pub fn console_line(&self, line: &str) {
        self.program.console_line(line);
    }

    /// Fires an action of the program's menu, as the HUD would.
    pub fn fire(&self, index: u32) {
        self.program.fire(index);
    }

    /// Asks the window system for another size of the window.
    pub fn ask_size(&mut self, cx: &mut Context<'_>, size: PhysicalSize<u32>) -> Vec<ShellEffect> {
        let answered = self.native.as_mut().and_then(|native| native.ask(size));
        if answered.is_some() {
            self.resized(cx)
        } else {
            Vec::new()
        }
    }

    /// Assistive technology wants to know or to do something.
    fn access(&mut self, cx: &mut Context<'_>, event: AccessEvent) -> Vec<ShellEffect> {
        let mut rest = Vec::new();
        match event {
            // It may come before there is anything to tell.
            AccessEvent::TreeRequested => self.told_access = false,
            AccessEvent::Action(request) => {
                if self.model.is_chrome_composing() {
                    rest.extend(self.apply(cx, Event::CompositionLeft));
                }
                self.chrome_event(cx, egui::Event::AccessKitActionRequest(request));
            }
        }
        self.stale = true;
        rest
    }

    /// The program's icon is known, or that it has none.
    pub fn set_icon(&mut self, icon: Option<Icon>) {
        if self.icon == icon {
            return;
        }
        if let Some(native) = &self.native {
            native.window.set_icon(icon.as_ref().map(native::icon));
        }
        self.icon = icon;
        self.texture = None;
        self.stale = true;
    }

    /// Makes the window system's window, invisible until there is something to see.
    ///
    /// # Errors
    /// When the window system or the graphics refuse.
    pub fn open(&mut self, cx: &mut Context<'_>) -> anyhow::Result<()> {
        let icon = self.icon.as_ref().map(native::icon);
        let frame = self.presenter.early_size();
        let blank = self.page.as_ref().map_or(UNKNOWN, |page| page.size());
        let fixed = cx.backend.looks().filter(|_| self.page.is_none());
        let room = fixed
            .map(|looks| InitialSize::Fixed(looks.area))
            .or(cx.size.map(InitialSize::Given))
            .or(frame.map(InitialSize::Frame))
            .unwrap_or(InitialSize::Blank(blank));
        let native = Native::open(cx, self.model.title(), icon, room)?;
        self.surface = Some(native.window.surface()?);
        let (width, height, scale) = native.size();
        let focused = native.window.is_focused();
        self.apply(cx, Event::Resized { width, height, scale });
        self.native = Some(native);
        if focused {
            self.focus_changed(cx, true);
        }
        self.apply_settings(cx);
        self.tell_state();
        if frame.is_some() || (self.page.is_some() && cx.renderer.is_some()) {
            self.reveal(cx);
        }
        Ok(())
    }

    /// Applies the settings of the desktop and of the shell: theme, motion, zoom.
    pub fn apply_settings(&mut self, cx: &mut Context<'_>) -> Vec<ShellEffect> {
        let dark = cx
            .settings
            .dark(self.native.as_ref().and_then(|native| native.window.is_dark()));
        let mut rest = self.apply(cx, Event::Dark(dark));
        rest.extend(self.apply(cx, Event::ReducedMotion(cx.settings.reduced_motion())));
        if self
            .native
            .as_mut()
            .is_some_and(|native| native.set_zoom(cx.settings.zoom().into()))
        {
            rest.extend(self.resized(cx));
        }
        rest
    }

    /// Redraws all texts in the present language.
    pub fn retranslate(&mut self, cx: &mut Context<'_>) -> Vec<ShellEffect> {
        self.stale = true;
        self.apply(cx, Event::WindowsChanged)
    }

    /// Shows the window: its first picture is there, or has not come in time.
    fn reveal(&mut self, cx: &mut Context<'_>) {
        let (Some(native), Some(mut surface)) = (&mut self.native, self.surface.take()) else {
            return;
        };
        if let Some(size) = cx.size {
            native.restore_size(size);
        } else if let Some(frame) = self.presenter.early_size() {
            native.fit_frame(frame);
        }
        native.measure();
        let (width, height, scale) = native.size();
        self.apply(cx, Event::Resized { width, height, scale });
        let Some(native) = &self.native else { return };
        let (clock, pacer) = (native.clock(), native.window.pacer());
        let background = background(self.model.is_dark());
        // Until the chrome is drawn, its ground stands in for it.
        let strip = Rect::new(0, 0, width, self.toolbar());
        let ground = Arc::new(Layer::filled(strip, chrome_ground(self.model.is_dark()), 255));
        let area = native::area(&self.model);
        surface.set_background(background);
        let laid = surface.resize(width, height).and_then(|()| surface.set_area(area));
        if let Err(error) = laid.and_then(|()| surface.set_layers(std::slice::from_ref(&ground))) {
            tracing::warn!("a window's first picture failed: {error}");
        }
        self.presenter.install(surface, pacer, clock);
        let Some(native) = &mut self.native else { return };
        native.layers = vec![ground];
        native.window.show();
        native.shown = true;
        self.pointer.set_chrome(vec![strip]);
        self.stale = true;
    }

    /// The surface was lost: opens another.
    pub fn reopen(&mut self) -> anyhow::Result<()> {
        let Some(native) = &mut self.native else { return Ok(()) };
        let mut surface = native.window.another_surface()?;
        let (width, height, _) = native.size();
        surface.set_background(background(self.model.is_dark()));
        surface.resize(width, height)?;
        surface.set_area(native::area(&self.model))?;
        surface.set_layers(&native.layers)?;
        let (clock, pacer) = (native.clock(), native.window.pacer());
        self.presenter.install(surface, pacer, clock);
        Ok(())
    }

    /// The program has handed over its first frame.
    pub fn first_frame(&mut self, cx: &mut Context<'_>) -> Vec<ShellEffect> {
        let Some(native) = &mut self.native else {
            return Vec::new();
        };
        if !native.shown {
            self.reveal(cx);
            return Vec::new();
        }
        let placement = self.presenter.placement();
        let resized = placement.is_some_and(|placement| native.fit_frame(placement.frame));
        if resized { self.resized(cx) } else { Vec::new() }
    }

    /// Gives an event to the model and carries out its effects. Returns those that concern the shell.
    pub fn apply(&mut self, cx: &mut Context<'_>, event: Event) -> Vec<ShellEffect> {
        self.apply_input(cx, event, Vec::new())
    }

    /// The same for an event that the chrome's widgets hear as `widgets`, if it is for them.
    fn apply_input(&mut self, cx: &mut Context<'_>, event: Event, mut widgets: Vec<egui::Event>) -> Vec<ShellEffect> {
        let mut rest = Vec::new();
        // What has been typed is the field's that has the keyboard now. What acts on it, or may give the keyboard to another,
        // comes after it: Enter or a click may follow in the same breath.
        if (self.unheard && !types(&event)) || (self.stale && acts(&event) && types_into_chrome(&self.model)) {
            rest.extend(self.run_chrome(cx));
        }
        let owner = self.model.text_owner();
        let now = Now {
            time: Instant::now(),
            progress: cx.progress,
        };
        for effect in self.model.apply(now, event, cx.shell) {
            match effect {
                Effect::Program(effect) => self.tell_program(effect),
                Effect::Window(WindowEffect::Chrome) => self.give_to_chrome(cx, std::mem::take(&mut widgets)),
                Effect::Window(effect) => rest.extend(self.carry_out(cx, effect)),
                Effect::Shell(effect) => rest.push(effect),
            }
        }
        if self.model.text_owner() != owner {
            // Another field has the text: the widgets know it before any comes.
            rest.extend(self.run_chrome(cx));
        }
        self.sync_native(cx);
        rest
    }

    fn tell_program(&self, effect: ProgramEffect) {
        let program = &self.program;
        match effect {
            ProgramEffect::Key(key) => program.key(key),
            ProgramEffect::Text(text) => program.text(&text),
            ProgramEffect::Preedit(text) => program.preedit(&text),
            ProgramEffect::Cursor(cursor) => program.cursor(cursor),
            ProgramEffect::Fire(index) => program.fire(index),
            ProgramEffect::PressAction(index) => program.press_action(index),
            ProgramEffect::PressNavigation(index) => program.press_navigation(index),
            ProgramEffect::ChooseTab(index) => program.choose_tab(index),
            ProgramEffect::Search { query, entered } => program.search(&query, entered),
            ProgramEffect::State => self.tell_state(),
        }
    }

    /// Carries out what changes about the window.
    fn carry_out(&mut self, cx: &mut Context<'_>, effect: WindowEffect) -> Vec<ShellEffect> {
        let mut rest = Vec::new();
        match effect {
            // Where the event is at hand that it is about.
            WindowEffect::Chrome => {}
            WindowEffect::EndComposition => rest.extend(self.end_composition(cx)),
            WindowEffect::InputMethod(on) => rest.extend(self.set_ime(cx, on)),
            WindowEffect::Repaint => self.stale = true,
            WindowEffect::CopyReport(report) => self.copy(cx, strings::end_report(&report)),
            WindowEffect::Minimise => {
                if let Some(native) = &self.native {
                    native.window.minimise();
                }
                // Not every window system tells; getting the focus again brings it back.
                self.presenter.set_hidden(true);
                rest.extend(self.apply(cx, Event::Focused(false)));
                rest.extend(self.apply(cx, Event::Visible(false)));
            }
            WindowEffect::ToggleMaximise => {
                if let Some(native) = &self.native {
                    native.window.set_maximised(!self.model.is_maximised());
                }
            }
            WindowEffect::ToggleFullscreen => {
                let on = !self.model.is_fullscreen();
                if let Some(native) = &self.native {
                    native.window.set_fullscreen(on);
                }
                rest.extend(self.apply(cx, Event::Fullscreen(on)));
            }
            WindowEffect::MakeRoom { width, height } => {
                let size = native_size((width, height), self.model.scale(), self.model.size());
                if self.native.as_ref().is_some_and(|native| !native.is_filling()) {
                    rest.extend(self.ask_size(cx, size));
                }
            }
            WindowEffect::StartMove => {
                self.pointer.taken_away();
                if let Some(native) = &self.native {
                    native.start_move();
                }
            }
            WindowEffect::StartResize(edge) => {
                self.pointer.taken_away();
                if let Some(native) = &self.native {
                    native.start_resize(edge);
                }
            }
        }
        rest
    }

    /// Brings the native window in line with the model: title, cursor, caret.
    fn sync_native(&mut self, cx: &Context<'_>) {
        let Some(native) = &mut self.native else { return };
        native.set_title(self.model.title());
        let shape = self.model.cursor_shape();
        let home = self.pointer.at().unwrap_or_default();
        if native.set_locked(shape == portals::CursorShape::Locked, home) {
            let hears = native.pointer_lock().is_some_and(|lock| lock.hears_mouse());
            cx.backend.tell_mouse(hears);
        }
        let edge = self
            .pointer
            .at()
            .filter(|_| !self.pointer.is_held())
            .and_then(|at| input::edge(&self.model, at));
        let cursor = match (edge, self.pointer.owner()) {
            (Some(edge), _) if !native.is_locked() => Some(native::edge_cursor(edge)),
            (_, Some(Owner::Chrome)) => Some(native::chrome_cursor(self.chrome_cursor)),
            _ => native::program_cursor(shape),
        };
        native.set_cursor(cursor);
        let caret = self.caret();
        if let Some(native) = &mut self.native {
            native.set_caret(caret);
        }
    }

    /// The program's chrome has changed.
    pub fn chrome_changed(&mut self, cx: &mut Context<'_>) -> Vec<ShellEffect> {
        self.presenter.chrome_heard();
        let chrome = self.program.chrome();
        self.apply(cx, Event::Chrome(chrome))
    }

    /// Tells the program the window's state (command 47).
    fn tell_state(&self) {
        let area = native::area(&self.model);
        let model = &self.model;
        self.program.state(portals::WindowState {
            width: area.width,
            height: area.height,
            scale: model.scale(),
            focused: model.is_focused(),
            visible: model.is_visible(),
            fullscreen: model.is_fullscreen(),
            dark: model.is_dark(),
            reduced_motion: model.is_motion_reduced(),
            closing: model.is_closing(),
        });
    }

    /// When the window has something to do by itself; `None`: never.
    pub fn wake_at(&self) -> Option<Instant> {
        let sized = self.native.as_ref().and_then(|native| native.sizing.settled_at());
        let reveal = (self.native.is_some() && self.surface.is_some()).then(|| native::reveal_at(self.opened));
        [self.model.wake_at(), self.redraw_at, reveal, sized]
            .into_iter()
            .flatten()
            .min()
    }

    /// The size in points that the user has just given the window, once; `at_once` if it is about to go.
    pub fn take_size(&mut self, at_once: bool) -> Option<Size> {
        let filling = self.model.is_maximised() || self.model.is_fullscreen();
        self.native.as_mut()?.take_size(at_once, filling)
    }

    /// The size in points that the user has given the window, while it is not certain that it stays.
    pub(super) fn unsaved_size(&self) -> Option<Size> {
        let filling = self.model.is_maximised() || self.model.is_fullscreen();
        self.native.as_ref()?.sizing.unsaved().filter(|_| !filling)
    }

    /// Whether [`ShellWindow::update`] has anything to do; `can_draw` where the chrome's renderer is there.
    pub fn is_due(&self, now: Instant, can_draw: bool) -> bool {
        let ready = (self.page.is_some() && can_draw) || now >= native::reveal_at(self.opened);
        let reveals = ready && self.surface.is_some() && self.native.is_some();
        let timers = [self.model.wake_at(), self.redraw_at];
        (self.stale && can_draw) || reveals || timers.into_iter().flatten().any(|at| now >= at)
    }

    /// Does what is due, and draws the chrome if it has changed.
    pub fn update(&mut self, cx: &mut Context<'_>) -> Vec<ShellEffect> {
        let now = Instant::now();
        let mut rest = Vec::new();
        // A page has nothing to show without its painter.
        let ready = self.page.is_some() && cx.renderer.is_some();
        if self.surface.is_some() && self.native.is_some() && (ready || now >= native::reveal_at(self.opened)) {
            self.reveal(cx);
            if *self.model.phase() == Phase::Opening {
                rest.extend(self.apply(cx, Event::Loading(None)));
            }
        }
        if self.model.wake_at().is_some_and(|at| now >= at) {
            rest.extend(self.apply(cx, Event::Tick));
        }
        if self.redraw_at.is_some_and(|at| now >= at) {
            self.stale = true;
        }
        rest.extend(self.run_chrome(cx));
        rest
    }

    /// Draws the chrome until it has nothing more to say. What the user did to a control may change it again; more than a few
    /// rounds would be a fault.
    fn run_chrome(&mut self, cx: &mut Context<'_>) -> Vec<ShellEffect> {
        let mut rest = Vec::new();
        for _ in 0..4 {
            if !self.stale {
                break;
            }
            let events = self.draw(cx, false);
            for event in events {
                rest.extend(self.apply(cx, event));
            }
        }
        rest
    }

    /// Lays out and paints the chrome and puts it over the picture; `at_once` if the window has changed its size.
    fn draw(&mut self, cx: &mut Context<'_>, at_once: bool) -> Vec<Event> {
        let (Some(native), Some(renderer)) = (&mut self.native, cx.renderer.as_deref_mut()) else {
            return Vec::new();
        };
        if !native.shown {
            return Vec::new();
        }
        (self.stale, self.unheard) = (false, false);
        self.redraw_at = None;
        if !std::mem::replace(&mut self.told_access, true) {
            renderer.context().enable_accesskit();
        }
        let input = native.take_input(renderer);
        let (width, height) = self.model.size();
        if let (None, Some(icon)) = (&self.texture, &self.icon) {
            self.texture = Some(renderer.texture(Side::Toolbar as usize, icon.rgba(Side::Toolbar)));
        }
        let look = Look {
            icon: self.texture.as_ref().map(egui::TextureHandle::id),
        };
        let drawn = renderer.draw(
            input,
            &self.model,
            &look,
            native::area(&self.model),
            self.page.as_deref_mut(),
        );
        self.redraw_at = drawn.again.map(|delay| Instant::now() + delay);
        self.chrome_cursor = drawn.output.cursor_icon;
        self.chrome_caret = drawn.output.ime.map(|ime| ime.cursor_rect);
        if let Some(update) = drawn.output.accesskit_update {
            native.window.update_access(update);
        }
        self.pointer.set_chrome(drawn.areas);
        native.layers = drawn.layers;
        self.presenter.compose(Composition {
            size: Some((width, height)),
            area: Some(native::area(&self.model)),
            background: Some(background(self.model.is_dark())),
            layers: Some(native.layers.clone()),
            damaged: false,
            at_once,
        });
        for command in drawn.output.commands {
            if let egui::OutputCommand::CopyText(text) = command {
                self.copy(cx, text);
            }
        }
        self.set_focus(drawn.focus);
        self.sync_native(cx);
        let mut events = drawn.events;
        // What has the keyboard while an overlay is open is not the page's.
        let field = drawn.field.filter(|_| self.model.keyboard() == Keyboard::Page);
        if field != self.model.field() {
            events.push(Event::FieldFocused(field));
        }
        events
    }

    /// Gives up a window whose display is gone.
    pub fn abandon(&mut self) {
        self.presenter.close();
        self.surface = None;
        if let Some(native) = self.native.take() {
            native.abandon();
        }
    }

    /// Gives everything back that the window has. The window system's window goes with it.
    pub fn close(&mut self, renderer: Option<&mut ChromeRenderer>) {
        self.presenter.close();
        self.surface = None;
        if let Some(native) = self.native.take() {
            native.close(renderer);
        }
    }
}

/// Whether an event only types, or only tells what is being typed.
fn types(event: &Event) -> bool {
    match event {
        Event::Key { key, .. } => key.state != KeyState::Pressed || !acts(event),
        Event::Text(_) | Event::Commit(_) | Event::Preedit(_) | Event::Tick => true,
        _ => false,
    }
}

/// Whether an event is a key that goes down and types nothing.
fn acts(event: &Event) -> bool {
    let Event::Key { key, text } = event else { return false };
    let types = text.as_ref().is_some_and(|text| !text.chars().any(char::is_control));
    key.state == KeyState::Pressed && !(types && key.modifiers & !modifier::SHIFT == 0)
}

/// Whether what is typed goes into a text field of the chrome.
fn types_into_chrome(model: &WindowModel) -> bool {
    match model.keyboard() {
        Keyboard::Hud | Keyboard::Search => true,
        Keyboard::Page => model.is_builtin(),
        _ => false,
    }
}

/// A window with room for so many points, and none smaller than it is.
fn native_size(wanted: (f32, f32), scale: f32, now: (u32, u32)) -> PhysicalSize<u32> {
    // Points are few and scales small.
    let pixels = |points: f32| (points * scale).ceil() as u32;
    PhysicalSize::new(pixels(wanted.0).max(now.0), pixels(wanted.1).max(now.1))
}

/// What shows where a picture does not reach.
fn background(dark: bool) -> [u8; 3] {
    if dark { [0x10, 0x11, 0x13] } else { [0xE9, 0xEA, 0xED] }
}

/// The toolbar's own colour.
fn chrome_ground(dark: bool) -> [u8; 3] {
    let [red, green, blue, _] = crate::chrome::palette(dark).bar.to_array();
    [red, green, blue]
}
