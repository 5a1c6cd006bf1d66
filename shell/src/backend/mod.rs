//! The system that native windows are on: a window system through winit, or none at all.
//!
//! [`Application`] is what runs on it. It is told of events one after the other, on one thread, and is handed the [`Backend`] with
//! each, by which it opens windows. It can't tell one backend from another: without a window system there are the same windows,
//! with all that is in them, and nobody who sees them.

mod frames;
mod headless;
pub mod keys;
mod winit;

pub use self::winit::{Display, Lost};
pub use ::winit::dpi::{LogicalSize, PhysicalPosition, PhysicalSize};
pub use ::winit::window::CursorIcon;
pub use frames::{FrameError, FrameWriter};
pub use headless::{Headless, Looks};

use crate::script::Input;
use egui::accesskit::{ActionRequest, TreeUpdate};
use portico_model::Edge;
use portico_portals::{Key, KeyState};
use portico_surface::{Surface, SurfaceError};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The application that a backend runs.
pub trait Application {
    /// Events that other threads send it.
    type Event: Send + 'static;

    /// Windows can be opened from here on.
    fn resumed(&mut self, backend: &dyn Backend);

    /// Handles an event of another thread.
    fn event(&mut self, backend: &dyn Backend, event: Self::Event);

    /// Handles an event of a native window; one that it has not opened, or has closed, is none of its concern.
    fn window_event(&mut self, backend: &dyn Backend, window: NativeId, event: WindowEvent);

    /// The mouse has moved by so many display pixels, whatever the cursor does. Told only while that was asked for.
    fn mouse_moved(&mut self, backend: &dyn Backend, dx: f64, dy: f64);

    /// Everything that was queued has been handled: does what is due, and says what to wait for.
    fn about_to_wait(&mut self, backend: &dyn Backend) -> Wait;

    /// It ends, while windows can still be closed in order; `lost` where they are gone with their display.
    fn finish(&mut self, lost: bool);
}

/// Sends an application's events to it, from any thread. What comes after its end is dropped.
pub type Sender<E> = Box<dyn Fn(E) + Send>;

/// The next thing that an application waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The next event.
    Event,
    /// The next event, or this moment. In the past: as soon as everything that is queued has been handled.
    Until(Instant),
    /// Nothing any more: it ends.
    Exit,
}

/// Opens native windows.
pub trait Backend {
    /// Opens a window, which is not on the screen yet.
    ///
    /// # Errors
    /// When the window system refuses.
    fn open(&self, attributes: &Attributes<'_>) -> anyhow::Result<Rc<dyn NativeWindow>>;

    /// The screen on which new windows appear, as far as that can be told.
    fn screen(&self) -> Option<Monitor>;

    /// The window system, in what windows have to know of it.
    fn system(&self) -> System;

    /// Starts or stops telling how the mouse moves.
    fn tell_mouse(&self, on: bool);

    /// The first window is on the screen: starts what can wait until then.
    fn settle(&self);

    /// A program has started: what is played to it begins.
    fn program_started(&self, at: Instant);

    /// Size and scale of windows that nobody gives any, without a window system; `None` where there is one.
    fn looks(&self) -> Option<Looks>;
}

/// A native window, for the application's thread.
pub trait NativeWindow {
    /// Its id.
    fn id(&self) -> NativeId;

    /// Opens the surface that its pictures go to, on the GPU where there is one.
    ///
    /// # Errors
    /// [`SurfaceError`] when no route works for this window.
    fn surface(&self) -> Result<Box<dyn Surface>, SurfaceError>;

    /// Opens another surface, after the one before was lost and has been dropped.
    ///
    /// # Errors
    /// As [`NativeWindow::surface`].
    fn another_surface(&self) -> Result<Box<dyn Surface>, SurfaceError>;

    /// Width and height in display pixels.
    fn size(&self) -> PhysicalSize<u32>;

    /// Asks for a size. Returns it where it has it at once; else an event follows.
    fn request_size(&self, size: PhysicalSize<u32>) -> Option<PhysicalSize<u32>>;

    /// Sets the smallest size that its user can give it.
    fn set_min_size(&self, size: PhysicalSize<u32>);

    /// Display pixels a point.
    fn scale(&self) -> f64;

    /// The screen that it is on.
    fn monitor(&self) -> Option<Monitor>;

    /// Its place on the desktop, on systems where windows know that.
    fn position(&self) -> Option<PhysicalPosition<i32>>;

    /// Moves it, where windows know their place.
    fn set_position(&self, position: PhysicalPosition<i32>);

    /// Puts it on the screen.
    fn show(&self);

    /// Whether it has the keyboard.
    fn is_focused(&self) -> bool;

    /// Brings it to the front, and gives it the keyboard.
    fn focus(&self);

    /// Whether it is put away, where the window system tells.
    fn is_minimised(&self) -> Option<bool>;

    /// Puts it away.
    fn minimise(&self);

    /// Whether it fills the screen beside panels and the like.
    fn is_maximised(&self) -> bool;

    /// Fills the screen beside panels and the like, or no more.
    fn set_maximised(&self, on: bool);

    /// Whether it fills the whole screen.
    fn is_fullscreen(&self) -> bool;

    /// Fills the whole screen, or no more.
    fn set_fullscreen(&self, on: bool);

    /// Sets its title.
    fn set_title(&self, title: &str);

    /// Sets its icon.
    fn set_icon(&self, icon: Option<IconPixels<'_>>);

    /// Whether the window system wants it to be dark, where it says so.
    fn is_dark(&self) -> Option<bool>;

    /// Sets the look of the cursor; `None` hides it.
    fn set_cursor(&self, icon: Option<CursorIcon>);

    /// Moves the cursor, to a place in display pixels of the window.
    ///
    /// # Errors
    /// When the window system does not do such a thing.
    fn set_cursor_position(&self, position: (f64, f64)) -> Result<(), Refused>;

    /// Holds the cursor, or lets go of it.
    ///
    /// # Errors
    /// When the window system does not do such a thing.
    fn grab_cursor(&self, grab: Grab) -> Result<(), Refused>;

    /// Turns the input method on or off.
    fn allow_ime(&self, on: bool);

    /// Tells the input method where the caret is, in display pixels of the window.
    fn set_caret(&self, position: PhysicalPosition<i32>, size: PhysicalSize<u32>);

    /// Lets the window system move it with the pointer.
    ///
    /// # Errors
    /// When the window system does not do such a thing.
    fn drag(&self) -> Result<(), Refused>;

    /// Lets the window system resize it with the pointer.
    ///
    /// # Errors
    /// When the window system does not do such a thing.
    fn drag_edge(&self, edge: Edge) -> Result<(), Refused>;

    /// Tells assistive technology what is in it, if anybody wants to know.
    fn update_access(&self, update: TreeUpdate);

    /// The pacer of its pictures, if the compositor paces them (Wayland).
    fn pacer(&self) -> Option<Arc<dyn FramePacer>>;
}

/// Paces the pictures of a window, for whatever thread presents them.
pub trait FramePacer: Send + Sync {
    /// A picture is about to be presented.
    fn before_present(&self);

    /// Asks for [`WindowEvent::Redraw`], which comes when the compositor wants the next picture.
    fn request_redraw(&self);
}

/// Identifies a native window of one backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NativeId(pub u64);

/// Attributes of a new window.
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its icon.
    pub icon: Option<IconPixels<'a>>,
    /// Its width and height in display pixels.
    pub size: PhysicalSize<u32>,
    /// The smallest size that its user can give it, in points of the display.
    pub min_size: LogicalSize<f64>,
}

/// A square picture: red, green, blue and alpha, 8 bits each, rows top down.
#[derive(Clone, Copy, Debug)]
pub struct IconPixels<'a> {
    /// Pixels a side.
    pub side: u32,
    /// `side * side * 4` bytes.
    pub rgba: &'a [u8],
}

/// A screen, in display pixels.
#[derive(Clone, Copy, Debug)]
pub struct Monitor {
    /// Its upper left corner on the desktop.
    pub position: PhysicalPosition<i32>,
    /// Width and height.
    pub size: PhysicalSize<u32>,
    /// Display pixels a point.
    pub scale: f64,
    /// Time from one picture to the next.
    pub period: Option<Duration>,
}

/// Window systems that differ in what they leave to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// A window is resized by its own when the scale changes, and presented by a clock of ours.
    X11,
    /// The compositor keeps the size in points, and paces the window.
    Wayland,
    /// It keeps the size in points, and the window is presented by a clock of ours.
    Other,
}

/// A grab of the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grab {
    /// Not at all.
    None,
    /// It stays in the window.
    Confined,
    /// It stays in its place.
    Locked,
}

/// The window system does not do what it was asked for.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// An event of a native window.
pub enum WindowEvent {
    /// It has another size, in display pixels.
    Resized(PhysicalSize<u32>),
    /// The display has another scale.
    Rescaled {
        /// Display pixels a point.
        scale: f64,
        /// Sets the size in display pixels that the window has there, while this event is handled.
        set_size: Box<dyn Fn(PhysicalSize<u32>) -> Result<(), Refused> + Send>,
    },
    /// It has been moved.
    Moved,
    /// Its user wants to close it.
    CloseRequested,
    /// It is gone.
    Destroyed,
    /// It has the keyboard, or has it no more.
    Focused(bool),
    /// Nothing of it can be seen any more, or something again.
    Occluded(bool),
    /// The window system has another theme.
    ThemeChanged,
    /// Its picture has to be presented again, or may be followed by the next.
    Redraw,
    /// Modifiers that are down, as bits of the ABI.
    Modifiers(u8),
    /// A key.
    Key(KeyEvent),
    /// The input method.
    Ime(ImeEvent),
    /// The pointer has come over it.
    CursorEntered,
    /// The pointer is at this place, in display pixels.
    CursorMoved(f64, f64),
    /// The pointer has left it.
    CursorLeft,
    /// A button of the mouse goes down or up.
    Button {
        /// Left 0, right 1, middle 2, back 3, forward 4.
        button: u8,
        /// Whether it goes down.
        pressed: bool,
    },
    /// The wheel turns.
    Scrolled(Scroll),
    /// A finger.
    Touch {
        /// Its phase.
        phase: TouchPhase,
        /// Tells it from others that are down.
        id: u64,
        /// Where, in display pixels from the left edge.
        x: f64,
        /// Where, in display pixels from the upper edge.
        y: f64,
    },
    /// Something was dropped on it.
    Dropped(Dropped),
    /// Assistive technology wants something.
    Access(AccessEvent),
    /// A step of a script, where there is no window system.
    Script(Input),
}

/// A key of a native window.
#[derive(Clone, Debug)]
pub struct KeyEvent {
    /// USB HID usage id of page 7.
    pub code: u16,
    /// Pressed, repeated or released.
    pub state: KeyState,
    /// The text that it types, none when it goes up.
    pub text: Option<String>,
    /// The same for the widgets of the chrome, which go by what the key means in the user's layout.
    pub widgets: Vec<egui::Event>,
}

/// An event of the input method.
#[derive(Clone, Debug)]
pub enum ImeEvent {
    /// It is on.
    Enabled,
    /// It is off.
    Disabled,
    /// The text that is being composed; empty when none is.
    Preedit {
        /// The text.
        text: String,
        /// The same for the widgets of the chrome.
        widgets: Vec<egui::Event>,
    },
    /// Text that was composed.
    Commit(String),
}

/// A turn of the wheel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scroll {
    /// In lines: to the right, and away from the user.
    Lines(f32, f32),
    /// In display pixels: to the right, and away from the user.
    Pixels(f64, f64),
}

/// The phase of a touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TouchPhase {
    /// It comes down.
    Began,
    /// It moves.
    Moved,
    /// It goes up.
    Ended,
    /// It turns out to be something else.
    Cancelled,
}

/// Files and other entries that were dropped on a window, together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dropped {
    /// The files, in the order in which they are named.
    pub files: Vec<PathBuf>,
    /// Entries that are no files of this machine, as they are named.
    pub others: Vec<String>,
    /// The place of the drop, in display pixels from the window's corner, as far as that is known.
    pub at: Option<(f64, f64)>,
}

/// An event of assistive technology.
#[derive(Clone, Debug)]
pub enum AccessEvent {
    /// It wants to know what is in the window, from here on.
    TreeRequested,
    /// It does something in the window.
    Action(ActionRequest),
}

/// Events for the chrome's widgets of a key that a script or another process presses: it is that of a US keyboard, and types nothing.
pub fn typed_by(key: Key) -> Vec<egui::Event> {
    let Some(name) = keys::widget_key(key.code) else {
        return Vec::new();
    };
    vec![egui::Event::Key {
        key: name,
        physical_key: Some(name),
        pressed: key.state != KeyState::Released,
        repeat: key.state == KeyState::Repeated,
        modifiers: keys::widget_modifiers(key.modifiers),
    }]
}
