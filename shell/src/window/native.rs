//! Native windows: created invisible, shown with the first picture, and kept in line with the model.

use super::Context;
use super::chrome_renderer::ChromeRenderer;
use super::ime::{self, Caret};
use super::pacing::Clock;
use super::pointer_lock::PointerLock;
use super::sizing::{Sizing, room_on, size_again, size_for, smallest};
use crate::backend::{
    Attributes, CursorIcon, IconPixels, LogicalSize, NativeWindow, PhysicalPosition, PhysicalSize, Refused, System,
};
use crate::icons::{self, Side};
use crate::state::Size;
use portico_model::{Edge, TOOLBAR_HEIGHT, WindowModel};
use portico_portals::CursorShape;
use portico_surface::{Layer, Rect};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Initial size of a window.
#[derive(Clone, Copy, Debug)]
pub(super) enum InitialSize {
    /// The user gave it this size before, in points.
    Given(Size),
    /// The first frame, in pixels.
    Frame((u32, u32)),
    /// The picture's place as it is to be while there is no frame, in points.
    Blank(Size),
    /// The picture's place has this size in pixels, whatever the program and its user have liked before.
    Fixed((u32, u32)),
}

/// A native window, and the state that was last applied to it.
pub(super) struct Native {
    pub(super) window: Rc<dyn NativeWindow>,
    /// Input that the chrome's widgets have not heard yet. Its viewport is taken with the first picture.
    input: egui::RawInput,
    has_viewport: bool,
    system: System,
    /// Where the input method was last told that the caret is.
    caret: Option<Caret>,
    cursor: Option<CursorIcon>,
    locked: bool,
    pointer_lock: Option<PointerLock>,
    title: String,
    focused: bool,
    pub(super) sizing: Sizing,
    pub(super) shown: bool,
    pub(super) layers: Vec<Arc<Layer>>,
    /// Display pixels across and down, as the window system has told them last.
    pixels: PhysicalSize<u32>,
    /// Display pixels a point as the window system has told them last. On X11 the window library itself may be behind.
    display_scale: f64,
    /// Zoom, relative to the display's scale.
    zoom: f64,
    /// The smallest size is to be set when the window is no smaller any more: it would be resized to that before.
    grows: bool,
}

impl Native {
    /// Makes an invisible window.
    pub(super) fn open(
        cx: &Context<'_>,
        title: &str,
        icon: Option<IconPixels<'_>>,
        initial_size: InitialSize,
    ) -> anyhow::Result<Self> {
        let zoom = f64::from(cx.settings.zoom());
        let monitor = cx.backend.screen();
        let scale = zoom * monitor.map_or(1.0, |monitor| monitor.scale);
        let room = monitor.map(|monitor| room_on(monitor.size));
        let (size, is_given) = match initial_size {
            InitialSize::Given(size) => (size_again(size, scale, room), true),
            InitialSize::Frame(frame) => (size_for(frame, scale, room), false),
            InitialSize::Blank(size) => {
                let size = (size.0, size.1 + f64::from(TOOLBAR_HEIGHT));
                (size_again(size, scale, room), false)
            }
            InitialSize::Fixed((width, height)) => {
                let toolbar = toolbar_pixels(TOOLBAR_HEIGHT, scale);
                (PhysicalSize::new(width, height.saturating_add(toolbar)), true)
            }
        };
        let min_size: LogicalSize<f64> = smallest(zoom).to_logical(1.0);
        let window = cx.backend.open(&Attributes {
            title,
            icon,
            size,
            min_size,
        })?;
        let display_scale = window.scale();
        let asked = size.to_logical::<f64>(scale).into();
        Ok(Self {
            sizing: Sizing::new(asked, display_scale * zoom, is_given),
            pixels: window.size(),
            display_scale,
            focused: window.is_focused(),
            window,
            input: egui::RawInput {
                focused: false,
                ..egui::RawInput::default()
            },
            has_viewport: false,
            system: cx.backend.system(),
            caret: None,
            cursor: None,
            locked: false,
            pointer_lock: None,
            title: title.to_owned(),
            shown: false,
            layers: Vec::new(),
            zoom,
            grows: false,
        })
    }

    /// Whether the compositor paces the window by callbacks.
    pub(super) fn is_wayland(&self) -> bool {
        self.system == System::Wayland
    }

    fn is_x11(&self) -> bool {
        self.system == System::X11
    }

    /// The window's size in display pixels, and display pixels a point.
    pub(super) fn size(&self) -> (u32, u32, f32) {
        // Precise enough: scales are small.
        (self.pixels.width, self.pixels.height, self.sizing.scale() as f32)
    }

    /// Asks the window system for the window's size, of a change of which it may not have told yet.
    pub(super) fn measure(&mut self) {
        self.pixels = self.window.size();
    }

    /// Sets the zoom, relative to the display's scale; returns whether it has changed.
    pub(super) fn set_zoom(&mut self, zoom: f64) -> bool {
        if self.zoom == zoom {
            return false;
        }
        self.zoom = zoom;
        self.sizing.zoom(self.display_scale * zoom, self.pixels);
        self.window.set_min_size(smallest(self.sizing.scale()));
        true
    }

    /// The display has another scale: the window keeps its size in points, by one change of its pixels.
    pub(super) fn rescale(&mut self, display_scale: f64, set_size: &dyn Fn(PhysicalSize<u32>) -> Result<(), Refused>) {
        let is_new = self.display_scale != display_scale;
        self.display_scale = display_scale;
        let wanted = if is_new {
            self.grows = display_scale * self.zoom > self.sizing.scale() && self.system == System::X11;
            let wanted = self
                .sizing
                .rescale(display_scale * self.zoom, self.room(), self.is_filling());
            if !self.grows {
                self.window.set_min_size(smallest(self.sizing.scale()));
            }
            wanted
        } else {
            None
        };
        if self.system != System::X11 {
            self.measure();
            return;
        }
        // The window library tells of each change twice, as soon as the window is moved, and would resize it each time.
        let wanted = wanted.unwrap_or_else(|| self.window.size());
        if let Err(error) = set_size(wanted) {
            tracing::debug!("a window does not get its size on a display of another scale: {error}");
        }
    }

    /// The room for a window on its screen.
    fn room(&self) -> Option<PhysicalSize<u32>> {
        self.window.monitor().map(|monitor| room_on(monitor.size))
    }

    /// Asks for room for a first frame of this size, unless the user has sized the window. Says whether the window has it
    /// already.
    pub(super) fn fit_frame(&mut self, frame: (u32, u32)) -> bool {
        if self.sizing.is_by_user() || self.is_filling() {
            return false;
        }
        let monitor = self.window.monitor();
        let room = monitor.map(|monitor| room_on(monitor.size));
        let (before, size) = (self.pixels, size_for(frame, self.sizing.scale(), room));
        if size == before {
            return false;
        }
        let answered = self.ask(size).is_some();
        // Where windows know their place, one that grows on the screen stays on the screen. Finding it out takes X11 eight requests.
        if self.shown
            && let (Some(monitor), Some(place)) = (monitor, self.window.position())
        {
            let screen = (monitor.position, monitor.size);
            self.window.set_position(grown(place, before, size, screen));
        }
        answered
    }

    /// Asks for the size in points that the user gave the window before, unless it has that already.
    pub(super) fn restore_size(&mut self, given: Size) {
        if self.sizing.is_by_user() {
            return;
        }
        let size = size_again(given, self.sizing.scale(), self.room());
        self.sizing.restore(size);
        let _ = self.window.request_size(size);
    }

    /// Whether the screen and not the user gives the window its size.
    pub(super) fn is_filling(&self) -> bool {
        self.window.is_maximised() || self.window.is_fullscreen()
    }

    /// Asks for a size. The answer comes as an event, unless there is no one to ask.
    pub(super) fn ask(&mut self, size: PhysicalSize<u32>) -> Option<PhysicalSize<u32>> {
        self.sizing.change(self.pixels, size, Instant::now());
        let answered = self.window.request_size(size);
        if let Some(size) = answered {
            self.pixels = size;
        }
        answered
    }

    /// Notes a size of the window, which may be one that the user has chosen.
    pub(super) fn note_size(&mut self, pixels: PhysicalSize<u32>) {
        self.pixels = pixels;
        if !self.shown || pixels.width == 0 || pixels.height == 0 {
            return;
        }
        if std::mem::take(&mut self.grows) {
            self.window.set_min_size(smallest(self.sizing.scale()));
        }
        if !self.is_filling()
            && let Some(own) = self.sizing.note(pixels, self.room(), self.focused, Instant::now())
        {
            let _ = self.window.request_size(own);
        }
    }

    /// The size in points that the user has just given the window, once; `at_once` if it is about to go.
    /// A window that is `filling` the screen has none of its own.
    pub(super) fn take_size(&mut self, at_once: bool, filling: bool) -> Option<Size> {
        let now = (!at_once).then(Instant::now);
        (self.sizing.take(now) && !filling).then(|| self.sizing.size())
    }

    /// The clock of the window's pictures: the compositor, or the clock of the monitor that it is on.
    pub(super) fn clock(&self) -> Clock {
        if self.is_wayland() {
            return Clock::Callback;
        }
        let period = self.window.monitor().and_then(|monitor| monitor.period);
        Clock::Grid(period.unwrap_or(Duration::from_nanos(1_000_000_000 / 60)))
    }

    /// Adds an event that the chrome's widgets hear when they are drawn next.
    pub(super) fn tell_widgets(&mut self, event: egui::Event) {
        self.input.events.push(event);
    }

    /// Events that the chrome's widgets have not heard yet.
    pub(super) fn widget_events(&mut self) -> &mut Vec<egui::Event> {
        &mut self.input.events
    }

    /// Takes the input of the chrome's widgets since the last time, and the size and the scale at which they are drawn now.
    pub(super) fn take_input(&mut self, renderer: &mut ChromeRenderer) -> egui::RawInput {
        if !std::mem::replace(&mut self.has_viewport, true) {
            self.input.viewport_id = renderer.take_viewport();
        }
        let (width, height, scale) = self.size();
        let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(width as f32, height as f32) / scale);
        let display_scale = self.display_scale as f32;
        let input = &mut self.input;
        input.screen_rect = (width > 0 && height > 0).then_some(screen);
        input
            .viewports
            .entry(input.viewport_id)
            .or_default()
            .native_pixels_per_point = Some(display_scale);
        input.take()
    }

    /// Closes the window and frees its viewport.
    pub(super) fn close(self, renderer: Option<&mut ChromeRenderer>) {
        if let (true, Some(renderer)) = (self.has_viewport, renderer) {
            renderer.free_viewport(self.input.viewport_id);
        }
    }

    /// Leaves the window alone, because its display is gone: giving back the window, or a cursor that it holds, would be requests,
    /// at which the window library panics and Xlib ends the process.
    pub(super) fn abandon(self) {
        std::mem::forget(self);
    }

    /// The window has the keyboard, or has it no more.
    pub(super) fn set_focused(&mut self, focused: bool) {
        self.focused = focused;
        self.input.focused = focused;
        self.tell_widgets(egui::Event::WindowFocused(focused));
    }

    /// The title in the window system's lists.
    pub(super) fn set_title(&mut self, title: &str) {
        if self.title != title {
            title.clone_into(&mut self.title);
            self.window.set_title(title);
        }
    }

    /// Turns the input method on or off.
    pub(super) fn allow_ime(&mut self, on: bool) {
        self.window.allow_ime(on);
        self.forget_caret();
        if self.is_x11() {
            // The window library does so with the next event of the X server: a property that is set brings one.
            self.window.set_title(&self.title);
        }
    }

    /// Tells the input method where the caret is, if that is new.
    pub(super) fn set_caret(&mut self, caret: Option<Caret>) {
        if let Some(caret) = caret.filter(|_| self.caret != caret) {
            let (position, size) = if self.is_x11() { ime::caret_bottom(caret) } else { caret };
            self.window.set_caret(position, size);
        }
        self.caret = caret;
    }

    /// The input method does not know any more where the caret is.
    pub(super) fn forget_caret(&mut self) {
        self.caret = None;
    }

    /// The look of the cursor; `None` hides it.
    pub(super) fn set_cursor(&mut self, icon: Option<CursorIcon>) {
        if self.cursor == icon && self.shown {
            return;
        }
        self.window.set_cursor(icon);
        self.cursor = icon;
    }

    /// Locks the cursor, which is at `home`, or releases it. Returns whether that changed anything.
    pub(super) fn set_locked(&mut self, locked: bool, home: (f64, f64)) -> bool {
        if self.locked == locked {
            return false;
        }
        self.locked = locked;
        self.pointer_lock = None;
        if locked {
            match PointerLock::new(&self.window, home) {
                Ok(pointer_lock) => self.pointer_lock = Some(pointer_lock),
                Err(error) => tracing::debug!("the cursor can't be held: {error}"),
            }
        }
        true
    }

    /// Whether the cursor is to stay in its place.
    pub(super) fn is_locked(&self) -> bool {
        self.locked
    }

    /// The pointer lock.
    pub(super) fn pointer_lock(&mut self) -> Option<&mut PointerLock> {
        self.pointer_lock.as_mut()
    }

    /// Lets the window system move the window with the pointer.
    pub(super) fn start_move(&self) {
        if let Err(error) = self.window.drag() {
            tracing::debug!("the window can't be moved: {error}");
        }
    }

    /// Lets the window system resize the window with the pointer.
    pub(super) fn start_resize(&self, edge: Edge) {
        if let Err(error) = self.window.drag_edge(edge) {
            tracing::debug!("the window can't be resized: {error}");
        }
    }
}

/// Where a window belongs that gets another size: its middle stays where it is, as far as the screen reaches.
fn grown(
    place: PhysicalPosition<i32>,
    before: PhysicalSize<u32>,
    size: PhysicalSize<u32>,
    (corner, screen): (PhysicalPosition<i32>, PhysicalSize<u32>),
) -> PhysicalPosition<i32> {
    let along = |place: i32, before: u32, size: u32, corner: i32, screen: u32| {
        let middle = i64::from(place) + i64::from(before) / 2 - i64::from(size) / 2;
        let (first, last) = (
            i64::from(corner),
            i64::from(corner) + i64::from(screen) - i64::from(size),
        );
        // Between two numbers of 32 bits.
        middle.min(last).max(first) as i32
    };
    PhysicalPosition::new(
        along(place.x, before.width, size.width, corner.x, screen.width),
        along(place.y, before.height, size.height, corner.y, screen.height),
    )
}

/// Height in points as whole display pixels.
pub(super) fn toolbar_pixels(height: f32, scale: f64) -> u32 {
    (f64::from(height) * scale).round() as u32
}

/// The part of a window that the program's picture has for itself.
pub(super) fn area(model: &WindowModel) -> Rect {
    let (width, height) = model.size();
    let toolbar = toolbar_pixels(model.toolbar_height(), model.scale().into()).min(height);
    Rect::new(0, i32::try_from(toolbar).unwrap_or(i32::MAX), width, height - toolbar)
}

/// The cursor that a program has chosen; `None` hides it.
pub(super) fn program_cursor(shape: CursorShape) -> Option<CursorIcon> {
    Some(match shape {
        CursorShape::Hidden | CursorShape::Locked => return None,
        CursorShape::Default => CursorIcon::Default,
        CursorShape::Text => CursorIcon::Text,
        CursorShape::Hand => CursorIcon::Pointer,
        CursorShape::Cross => CursorIcon::Crosshair,
        CursorShape::Wait => CursorIcon::Wait,
        CursorShape::ResizeHorizontal => CursorIcon::EwResize,
        CursorShape::ResizeVertical => CursorIcon::NsResize,
        CursorShape::ResizeFalling => CursorIcon::NwseResize,
        CursorShape::ResizeRising => CursorIcon::NeswResize,
    })
}

/// The cursor that a control of the chrome wants.
pub(super) fn chrome_cursor(icon: egui::CursorIcon) -> CursorIcon {
    match icon {
        egui::CursorIcon::PointingHand => CursorIcon::Pointer,
        egui::CursorIcon::Text => CursorIcon::Text,
        egui::CursorIcon::Wait | egui::CursorIcon::Progress => CursorIcon::Progress,
        egui::CursorIcon::NotAllowed => CursorIcon::NotAllowed,
        egui::CursorIcon::Grab => CursorIcon::Grab,
        egui::CursorIcon::Grabbing => CursorIcon::Grabbing,
        _ => CursorIcon::Default,
    }
}

/// The cursor over an edge.
pub(super) fn edge_cursor(edge: Edge) -> CursorIcon {
    match edge {
        Edge::Top => CursorIcon::NResize,
        Edge::TopRight => CursorIcon::NeResize,
        Edge::Right => CursorIcon::EResize,
        Edge::BottomRight => CursorIcon::SeResize,
        Edge::Bottom => CursorIcon::SResize,
        Edge::BottomLeft => CursorIcon::SwResize,
        Edge::Left => CursorIcon::WResize,
        Edge::TopLeft => CursorIcon::NwResize,
    }
}

/// A program's icon for the window system.
pub(super) fn icon(icon: &icons::Icon) -> IconPixels<'_> {
    IconPixels {
        side: Side::Window as u32,
        rgba: icon.rgba(Side::Window),
    }
}

/// When a window without a first frame is shown all the same.
pub(super) fn reveal_at(opened: Instant) -> Instant {
    opened + Duration::from_millis(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_grows_around_its_middle_and_stays_on_its_screen() {
        let (corner, screen) = (PhysicalPosition::new(100, 0), PhysicalSize::new(1600, 1000));
        let (small, large) = (PhysicalSize::new(640, 440), PhysicalSize::new(1080, 800));
        let grown = |x, y| {
            let place = grown(PhysicalPosition::new(x, y), small, large, (corner, screen));
            (place.x, place.y)
        };
        assert_eq!(grown(580, 280), (360, 100));
        assert_eq!(grown(110, 900), (100, 200));
        assert_eq!(grown(1600, -50), (620, 0));
        let vast = PhysicalSize::new(4000, 4000);
        assert_eq!(
            super::grown(PhysicalPosition::new(0, 0), small, vast, (corner, screen)),
            corner
        );
    }
}
