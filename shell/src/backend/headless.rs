//! No window system: windows that nobody sees, whose pictures are made all the same, 60 a second.
//!
//! The steps of a script come to the window that has the focus, in the way of real input.

use super::{
    Application, Attributes, Backend, CursorIcon, FrameError, FramePacer, FrameWriter, Grab, IconPixels, Monitor,
    NativeId, NativeWindow, PhysicalPosition, PhysicalSize, Refused, Sender, System, Wait, WindowEvent, frames,
};
use crate::script::{Script, Step};
use egui::accesskit::TreeUpdate;
use parking_lot::Mutex;
use portico_model::Edge;
use portico_portals::Frame;
use portico_surface::{Layer, MemorySurface, Picture, Placement, Rect, Surface, SurfaceError};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// Time from one picture to the next.
const PERIOD: Duration = Duration::from_nanos(1_000_000_000 / 60);

/// Size and scale of windows that nobody gives any.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Looks {
    /// Width and height of the framebuffer area of a program's window, in display pixels.
    pub area: (u32, u32),
    /// Display pixels a point.
    pub scale: f64,
}

impl Default for Looks {
    fn default() -> Self {
        Self {
            area: (1280, 720),
            scale: 1.0,
        }
    }
}

/// Runs an application without a window system.
pub struct Headless<E> {
    backend: HeadlessBackend,
    script: std::iter::Peekable<std::vec::IntoIter<Step>>,
    sender: mpsc::Sender<E>,
    events: mpsc::Receiver<E>,
}

impl<E: Send + 'static> Headless<E> {
    /// Plays `script` from the start of the first program on, and writes what that shows to `frames`.
    pub fn new(looks: Looks, script: Script, frames: Option<FrameWriter>) -> Self {
        let (sender, events) = mpsc::channel();
        Self {
            backend: HeadlessBackend {
                looks,
                desk: Rc::new(Desk {
                    frames: frames.map(|writer| Arc::new(Mutex::new(Some(writer)))),
                    state: RefCell::default(),
                }),
            },
            script: script.0.into_iter().peekable(),
            sender,
            events,
        }
    }

    /// The way to send the application events.
    pub fn sender(&self) -> Sender<E> {
        let sender = self.sender.clone();
        // After its end nobody hears them.
        Box::new(move |event| _ = sender.send(event))
    }

    /// The backend.
    pub fn backend(&self) -> &dyn Backend {
        &self.backend
    }

    /// Runs an application to its end.
    ///
    /// # Errors
    /// When a frame could not be written.
    pub fn run(mut self, app: &mut impl Application<Event = E>) -> Result<(), FrameError> {
        app.resumed(&self.backend);
        while self.turn(app, None) {}
        app.finish(false);
        let writer = self
            .backend
            .desk
            .frames
            .as_ref()
            .and_then(|frames| frames.lock().take());
        writer.map_or(Ok(()), FrameWriter::finish)
    }

    /// Waits for the next event, until the application or the script has something to do, or until then at most; and has all that
    /// is queued handled. Says whether the application goes on.
    pub fn turn(&mut self, app: &mut impl Application<Event = E>, until: Option<Instant>) -> bool {
        self.handle_queued(app);
        let due = match app.about_to_wait(&self.backend) {
            Wait::Exit => return false,
            Wait::Until(due) => Some(due),
            Wait::Event => None,
        };
        let step = self.next_step();
        let event = match [due, step, until].into_iter().flatten().min() {
            // Windows have been changed meanwhile.
            _ if !self.backend.desk.state.borrow_mut().queue.is_empty() => None,
            None => self.events.recv().ok(),
            Some(at) => self
                .events
                .recv_timeout(at.saturating_duration_since(Instant::now()))
                .ok(),
        };
        if let Some(event) = event {
            app.event(&self.backend, event);
        }
        self.handle_queued(app);
        true
    }

    /// Time at which the next step of the script is due.
    fn next_step(&mut self) -> Option<Instant> {
        let began = self.backend.desk.state.borrow_mut().began?;
        Some(began + self.script.peek()?.at())
    }

    fn handle_queued(&mut self, app: &mut impl Application<Event = E>) {
        loop {
            let queued = self.backend.desk.state.borrow_mut().queue.pop_front();
            if let Some((window, event)) = queued {
                app.window_event(&self.backend, window, event);
            } else if let Ok(event) = self.events.try_recv() {
                app.event(&self.backend, event);
            } else if self.next_step().is_some_and(|at| at <= Instant::now()) {
                let driven = self.backend.desk.state.borrow_mut().driven();
                if let Some((step, window)) = self.script.next().zip(driven) {
                    app.window_event(&self.backend, window, WindowEvent::Script(step.input));
                }
            } else {
                return;
            }
        }
    }
}

/// Opens windows that nobody sees.
struct HeadlessBackend {
    looks: Looks,
    desk: Rc<Desk>,
}

/// State that all windows share.
struct Desk {
    /// Writes the frames of the first window.
    frames: Option<Frames>,
    state: RefCell<DeskState>,
}

type Frames = Arc<Mutex<Option<FrameWriter>>>;

#[derive(Default)]
struct DeskState {
    /// Events of windows that have not been handled.
    queue: VecDeque<(NativeId, WindowEvent)>,
    /// Windows on the screen, the one that had the focus last at the end.
    shown: Vec<NativeId>,
    /// Windows that have been put away, the last one at the end.
    minimised: Vec<NativeId>,
    focused: Option<NativeId>,
    opened: u64,
    /// Start of the first program.
    began: Option<Instant>,
}

impl DeskState {
    /// Takes a window off the screen.
    fn remove(&mut self, window: NativeId) {
        self.shown.retain(|shown| *shown != window);
        self.minimised.retain(|minimised| *minimised != window);
    }

    /// Puts a window in front of all others, and gives it the focus.
    fn raise(&mut self, window: NativeId) {
        self.remove(window);
        self.shown.push(window);
        self.focus(Some(window));
    }

    /// The window that a script drives: the one with the focus, else the one that was put away last.
    fn driven(&self) -> Option<NativeId> {
        self.focused.or(self.minimised.last().copied())
    }

    fn focus(&mut self, window: Option<NativeId>) {
        if self.focused == window {
            return;
        }
        let before = std::mem::replace(&mut self.focused, window);
        self.queue.extend(before.map(|id| (id, WindowEvent::Focused(false))));
        self.queue.extend(window.map(|id| (id, WindowEvent::Focused(true))));
    }
}

impl Backend for HeadlessBackend {
    fn open(&self, attributes: &Attributes<'_>) -> anyhow::Result<Rc<dyn NativeWindow>> {
        let mut state = self.desk.state.borrow_mut();
        state.opened += 1;
        let id = NativeId(state.opened);
        // The first one has the focus before anything runs in it.
        state.focused.get_or_insert(id);
        let frames = self.desk.frames.clone().filter(|_| state.opened == 1);
        drop(state);
        Ok(Rc::new(HeadlessWindow {
            id,
            monitor: self.monitor(),
            frames,
            desk: Rc::downgrade(&self.desk),
            state: RefCell::new(WindowState {
                size: attributes.size,
                own_size: attributes.size,
                is_maximised: false,
                is_fullscreen: false,
                is_minimised: false,
            }),
        }))
    }

    fn screen(&self) -> Option<Monitor> {
        Some(self.monitor())
    }

    fn system(&self) -> System {
        System::Other
    }

    fn tell_mouse(&self, _on: bool) {}

    fn settle(&self) {}

    fn program_started(&self, at: Instant) {
        self.desk.state.borrow_mut().began.get_or_insert(at);
    }

    fn looks(&self) -> Option<Looks> {
        Some(self.looks)
    }
}

impl HeadlessBackend {
    /// The only screen: one of 1920 by 1080 points, or one with room for a larger window.
    fn monitor(&self) -> Monitor {
        let side = |points: f64, pixels: u32| ((points * self.looks.scale) as u32).max(pixels.saturating_mul(2));
        let (width, height) = self.looks.area;
        Monitor {
            position: PhysicalPosition::new(0, 0),
            size: PhysicalSize::new(side(1920.0, width), side(1080.0, height)),
            scale: self.looks.scale,
            period: Some(PERIOD),
        }
    }
}

/// A window that nobody sees.
struct HeadlessWindow {
    id: NativeId,
    monitor: Monitor,
    frames: Option<Frames>,
    desk: Weak<Desk>,
    state: RefCell<WindowState>,
}

struct WindowState {
    size: PhysicalSize<u32>,
    /// The size that it has while it does not fill the screen.
    own_size: PhysicalSize<u32>,
    is_maximised: bool,
    is_fullscreen: bool,
    is_minimised: bool,
}

impl HeadlessWindow {
    fn with_desk(&self, act: impl FnOnce(&mut DeskState)) {
        if let Some(desk) = self.desk.upgrade() {
            act(&mut desk.state.borrow_mut());
        }
    }

    fn tell(&self, event: WindowEvent) {
        self.with_desk(|desk| desk.queue.push_back((self.id, event)));
    }

    /// Changes how it is, and tells of another size.
    fn change(&self, change: impl FnOnce(&mut WindowState)) {
        let mut state = self.state.borrow_mut();
        change(&mut state);
        let size = if state.is_fullscreen || state.is_maximised {
            self.monitor.size
        } else {
            state.own_size
        };
        let is_new = std::mem::replace(&mut state.size, size) != size;
        drop(state);
        if is_new {
            self.tell(WindowEvent::Resized(size));
        }
    }
}

impl Drop for HeadlessWindow {
    fn drop(&mut self) {
        self.with_desk(|desk| {
            desk.queue.retain(|(window, _)| *window != self.id);
            desk.remove(self.id);
            if desk.focused == Some(self.id) {
                desk.focused = None;
                desk.focus(desk.shown.last().copied());
            }
        });
    }
}

impl NativeWindow for HeadlessWindow {
    fn id(&self) -> NativeId {
        self.id
    }

    fn surface(&self) -> Result<Box<dyn Surface>, SurfaceError> {
        Ok(Box::new(HeadlessSurface {
            memory: MemorySurface::new(),
            staged: None,
            frames: self.frames.clone(),
        }))
    }

    fn another_surface(&self) -> Result<Box<dyn Surface>, SurfaceError> {
        self.surface()
    }

    fn size(&self) -> PhysicalSize<u32> {
        self.state.borrow_mut().size
    }

    fn request_size(&self, size: PhysicalSize<u32>) -> Option<PhysicalSize<u32>> {
        let mut state = self.state.borrow_mut();
        state.own_size = size;
        if state.is_fullscreen || state.is_maximised {
            return None;
        }
        state.size = size;
        Some(size)
    }

    fn set_min_size(&self, _size: PhysicalSize<u32>) {}

    fn scale(&self) -> f64 {
        self.monitor.scale
    }

    fn monitor(&self) -> Option<Monitor> {
        Some(self.monitor)
    }

    fn position(&self) -> Option<PhysicalPosition<i32>> {
        None
    }

    fn set_position(&self, _position: PhysicalPosition<i32>) {}

    fn show(&self) {
        self.with_desk(|desk| desk.raise(self.id));
    }

    fn is_focused(&self) -> bool {
        self.desk
            .upgrade()
            .is_some_and(|desk| desk.state.borrow_mut().focused == Some(self.id))
    }

    fn focus(&self) {
        self.state.borrow_mut().is_minimised = false;
        self.with_desk(|desk| desk.raise(self.id));
    }

    fn is_minimised(&self) -> Option<bool> {
        Some(self.state.borrow_mut().is_minimised)
    }

    fn minimise(&self) {
        self.state.borrow_mut().is_minimised = true;
        self.with_desk(|desk| {
            desk.remove(self.id);
            desk.minimised.push(self.id);
            desk.focus(desk.shown.last().copied());
        });
    }

    fn is_maximised(&self) -> bool {
        self.state.borrow_mut().is_maximised
    }

    fn set_maximised(&self, on: bool) {
        self.change(|state| state.is_maximised = on);
    }

    fn is_fullscreen(&self) -> bool {
        self.state.borrow_mut().is_fullscreen
    }

    fn set_fullscreen(&self, on: bool) {
        self.change(|state| state.is_fullscreen = on);
    }

    fn set_title(&self, _title: &str) {}

    fn set_icon(&self, _icon: Option<IconPixels<'_>>) {}

    fn is_dark(&self) -> Option<bool> {
        None
    }

    fn set_cursor(&self, _icon: Option<CursorIcon>) {}

    fn set_cursor_position(&self, _position: (f64, f64)) -> Result<(), Refused> {
        Ok(())
    }

    fn grab_cursor(&self, _grab: Grab) -> Result<(), Refused> {
        Ok(())
    }

    fn allow_ime(&self, _on: bool) {}

    fn set_caret(&self, _position: PhysicalPosition<i32>, _size: PhysicalSize<u32>) {}

    fn drag(&self) -> Result<(), Refused> {
        Ok(())
    }

    fn drag_edge(&self, _edge: Edge) -> Result<(), Refused> {
        Ok(())
    }

    fn update_access(&self, _update: TreeUpdate) {}

    fn pacer(&self) -> Option<Arc<dyn FramePacer>> {
        None
    }
}

/// A surface in memory, whose frames may be written to files.
struct HeadlessSurface {
    memory: MemorySurface,
    /// The frame that is presented next; kept only if it is to be written.
    staged: Option<frames::Picture>,
    frames: Option<Frames>,
}

impl HeadlessSurface {
    /// Writes the frame that is on the screen now. Waits when the disk does not keep up: slower, but nothing is lost.
    fn write(&mut self) {
        if let (Some(picture), Some(frames)) = (self.staged.take(), &self.frames)
            && let Some(writer) = &*frames.lock()
        {
            writer.write(picture);
        }
    }
}

impl Drop for HeadlessSurface {
    fn drop(&mut self) {
        // It stays on the screen when its program has ended.
        self.write();
    }
}

impl Surface for HeadlessSurface {
    fn resize(&mut self, width: u32, height: u32) -> Result<(), SurfaceError> {
        self.memory.resize(width, height)
    }

    fn set_area(&mut self, area: Rect) -> Result<(), SurfaceError> {
        self.memory.set_area(area)
    }

    fn set_background(&mut self, colour: [u8; 3]) {
        self.memory.set_background(colour);
    }

    fn frame(&mut self, frame: &Frame<'_>) -> Result<(), SurfaceError> {
        if self.frames.is_some() {
            self.staged = Some(frames::Picture::of(frame));
        }
        self.memory.frame(frame)
    }

    fn placement(&self) -> Option<Placement> {
        self.memory.placement()
    }

    fn set_layers(&mut self, layers: &[Arc<Layer>]) -> Result<(), SurfaceError> {
        self.memory.set_layers(layers)
    }

    fn damage_all(&mut self) {
        self.memory.damage_all();
    }

    fn present(&mut self) -> Result<bool, SurfaceError> {
        self.write();
        self.memory.present()
    }

    fn picture(&mut self) -> Result<Picture, SurfaceError> {
        self.memory.picture()
    }
}
