//! Native windows: created invisible, shown with the first picture, and kept in line with the model.

use super::Context;
use super::access::Adapter;
use super::chrome_renderer::ChromeRenderer;
use super::ime::{self, Caret};
use super::pointer_lock::PointerLock;
use super::sizing::{Sizing, room_on, size_again, size_for, smallest};
use crate::icons::{self, Side};
use crate::state::Size;
use portico_model::{Edge, TOOLBAR_HEIGHT, WindowModel};
use portico_portals::CursorShape;
use portico_surface::{Layer, Rect, Visual};
use std::sync::Arc;
use std::time::{Duration, Instant};
use winit::dpi::{PhysicalPosition, PhysicalSize};
use winit::event::{InnerSizeWriter, WindowEvent};
use winit::event_loop::ActiveEventLoop;
use winit::raw_window_handle::{HasDisplayHandle, RawDisplayHandle};
use winit::window::{CursorIcon, Fullscreen, Icon, ResizeDirection, Window};

/// Initial size of a window.
#[derive(Clone, Copy, Debug)]
pub(super) enum InitialSize {
    /// The user gave it this size before, in points.
    Given(Size),
    /// The first frame, in pixels.
    Frame((u32, u32)),
    /// The picture's place as it is to be while there is no frame, in points.
    Blank(Size),
}

/// A native window, and the state that was last applied to it.
pub(super) struct Native {
    pub(super) window: Arc<Window>,
    /// egui's translation of input; made after the first picture, which does not need it.
    widgets: Option<egui_winit::State>,
    /// Assistive technology's way in, which has to be there before the window is shown.
    pub(super) access: Adapter,
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

/// Window systems that differ in what they leave to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    /// A window is resized by its own when the scale changes, and presented by a clock of ours.
    X11,
    /// The compositor keeps the size in points, and paces the window.
    Wayland,
    /// It keeps the size in points, and the window is presented by a clock of ours.
    Other,
}

impl Native {
    /// Makes an invisible window.
    pub(super) fn open(
        cx: &Context<'_>,
        title: &str,
        icon: Option<Icon>,
        initial_size: InitialSize,
        #[cfg_attr(
            any(not(unix), target_vendor = "apple"),
            expect(unused_variables, reason = "X11's alone")
        )]
        visual: Option<Visual>,
    ) -> Result<Self, winit::error::OsError> {
        let (target, zoom) = (cx.target, f64::from(cx.settings.zoom()));
        let monitor = target.primary_monitor().or_else(|| target.available_monitors().next());
        let scale = zoom
            * monitor
                .as_ref()
                .map_or(1.0, winit::monitor::MonitorHandle::scale_factor);
        let room = monitor.map(|monitor| room_on(monitor.size()));
        let size = match initial_size {
            InitialSize::Given(size) => size_again(size, scale, room),
            InitialSize::Frame(frame) => size_for(frame, scale, room),
            InitialSize::Blank(size) => size_again((size.0, size.1 + f64::from(TOOLBAR_HEIGHT)), scale, room),
        };
        let attributes = Window::default_attributes()
            .with_title(title)
            .with_window_icon(icon)
            .with_inner_size(size)
            .with_decorations(false)
            .with_visible(false);
        #[cfg(not(all(unix, not(target_vendor = "apple"))))]
        let attributes = attributes.with_min_inner_size(smallest(zoom).to_logical::<f64>(1.0));
        #[cfg(all(unix, not(target_vendor = "apple")))]
        let attributes = {
            use winit::platform::wayland::WindowAttributesExtWayland;
            use winit::platform::x11::{ActiveEventLoopExtX11, WindowAttributesExtX11};
            // Sets the class on X11 and the application's id on Wayland.
            let attributes = WindowAttributesExtWayland::with_name(attributes, "portico", "portico");
            // On X11 the window library would scale a smallest size in points by itself, and too early.
            let attributes = match target.is_x11() {
                true => attributes.with_min_inner_size(smallest(scale)),
                false => attributes.with_min_inner_size(smallest(zoom).to_logical::<f64>(1.0)),
            };
            match visual {
                Some(visual) => attributes.with_x11_visual(visual.id),
                None => attributes,
            }
        };
        let window = Arc::new(target.create_window(attributes)?);
        let access = Adapter::new(target, &window, cx.proxy);
        let system = match window.display_handle().map(|handle| handle.as_raw()) {
            Ok(RawDisplayHandle::Xlib(_) | RawDisplayHandle::Xcb(_)) => System::X11,
            Ok(RawDisplayHandle::Wayland(_)) => System::Wayland,
            _ => System::Other,
        };
        let display_scale = window.scale_factor();
        let asked = size.to_logical::<f64>(scale).into();
        Ok(Self {
            sizing: Sizing::new(
                asked,
                display_scale * zoom,
                matches!(initial_size, InitialSize::Given(_)),
            ),
            pixels: window.inner_size(),
            display_scale,
            window,
            widgets: None,
            access,
            system,
            caret: None,
            cursor: None,
            locked: false,
            pointer_lock: None,
            title: title.to_owned(),
            focused: false,
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
        self.pixels = self.window.inner_size();
    }

    /// Sets the zoom, relative to the display's scale; returns whether it has changed.
    pub(super) fn set_zoom(&mut self, zoom: f64) -> bool {
        if self.zoom == zoom {
            return false;
        }
        self.zoom = zoom;
        self.sizing.zoom(self.display_scale * zoom, self.pixels);
        self.window.set_min_inner_size(Some(smallest(self.sizing.scale())));
        true
    }

    /// The display has another scale: the window keeps its size in points, by one change of its pixels.
    pub(super) fn rescale(&mut self, display_scale: f64, writer: &InnerSizeWriter) {
        let is_new = self.display_scale != display_scale;
        self.display_scale = display_scale;
        let wanted = if is_new {
            self.grows = display_scale * self.zoom > self.sizing.scale() && self.system == System::X11;
            let wanted = self
                .sizing
                .rescale(display_scale * self.zoom, self.room(), self.is_filling());
            if !self.grows {
                self.window.set_min_inner_size(Some(smallest(self.sizing.scale())));
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
        let wanted = wanted.unwrap_or_else(|| self.window.inner_size());
        if let Err(error) = writer.clone().request_inner_size(wanted) {
            tracing::debug!("a window does not get its size on a display of another scale: {error}");
        }
    }

    /// The room for a window on its screen.
    fn room(&self) -> Option<PhysicalSize<u32>> {
        self.window.current_monitor().map(|monitor| room_on(monitor.size()))
    }

    /// Asks for room for a first frame of this size, unless the user has sized the window. Says whether the window has it
    /// already.
    pub(super) fn fit_frame(&mut self, frame: (u32, u32)) -> bool {
        if self.sizing.is_by_user() || self.is_filling() {
            return false;
        }
        let monitor = self.window.current_monitor();
        let room = monitor.as_ref().map(|monitor| room_on(monitor.size()));
        let (before, size) = (self.pixels, size_for(frame, self.sizing.scale(), room));
        if size == before {
            return false;
        }
        let answered = self.ask(size).is_some();
        // Where windows know their place, one that grows on the screen stays on the screen.
        if let (true, Some(monitor), Ok(place)) = (self.shown, monitor, self.window.outer_position()) {
            let screen = (monitor.position(), monitor.size());
            self.window.set_outer_position(grown(place, before, size, screen));
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
        let _ = self.window.request_inner_size(size);
    }

    /// Whether the screen and not the user gives the window its size.
    pub(super) fn is_filling(&self) -> bool {
        self.window.is_maximized() || self.window.fullscreen().is_some()
    }

    /// Asks for a size. The answer comes as an event, unless there is no one to ask.
    pub(super) fn ask(&mut self, size: PhysicalSize<u32>) -> Option<PhysicalSize<u32>> {
        self.sizing.change(self.pixels, size, Instant::now());
        let answered = self.window.request_inner_size(size);
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
            self.window.set_min_inner_size(Some(smallest(self.sizing.scale())));
        }
        if !self.is_filling()
            && let Some(own) = self.sizing.note(pixels, self.room(), self.focused, Instant::now())
        {
            let _ = self.window.request_inner_size(own);
        }
    }

    /// The size in points that the user has just given the window, once; `at_once` if it is about to go.
    /// A window that is `filling` the screen has none of its own.
    pub(super) fn take_size(&mut self, at_once: bool, filling: bool) -> Option<Size> {
        let now = (!at_once).then(Instant::now);
        (self.sizing.take(now) && !filling).then(|| self.sizing.size())
    }

    /// The period of the monitor that the window is on.
    pub(super) fn period(&self) -> Duration {
        let millihertz = self
            .window
            .current_monitor()
            .and_then(|monitor| monitor.refresh_rate_millihertz());
        let millihertz = millihertz
            .filter(|rate| (1_000..=1_000_000).contains(rate))
            .unwrap_or(60_000);
        Duration::from_nanos(1_000_000_000_000 / u64::from(millihertz))
    }

    /// egui's translation of input, made on first use.
    pub(super) fn widgets(
        &mut self,
        renderer: &mut ChromeRenderer,
        target: &ActiveEventLoop,
    ) -> &mut egui_winit::State {
        let (window, focused, scale) = (&self.window, self.focused, self.display_scale as f32);
        self.widgets.get_or_insert_with(|| {
            let viewport = renderer.take_viewport();
            let mut state = egui_winit::State::new(
                renderer.context().clone(),
                viewport,
                target,
                Some(scale),
                window.theme(),
                None,
            );
            // It would be set only with the input that the state itself takes.
            state.egui_input_mut().viewport_id = viewport;
            // They would be read in the middle of an event.
            state.set_clipboard_shortcuts(false);
            // What it would have heard had it been there.
            let _ = state.on_window_event(window, &WindowEvent::Focused(focused));
            state
        })
    }

    /// What the chrome's widgets have heard since the last time, and the size and the scale at which they are drawn now. (The
    /// window library would be asked for both, and may be behind what it has told.)
    pub(super) fn take_input(&mut self, renderer: &mut ChromeRenderer, target: &ActiveEventLoop) -> egui::RawInput {
        let (width, height, scale) = self.size();
        let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(width as f32, height as f32) / scale);
        let display_scale = self.display_scale as f32;
        let input = self.widgets(renderer, target).egui_input_mut();
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
        if let (Some(widgets), Some(renderer)) = (self.widgets, renderer) {
            renderer.free_viewport(widgets.egui_input().viewport_id);
        }
    }

    /// Leaves the window alone, because its display is gone: giving back the window, or a cursor that it holds, would be requests,
    /// at which the window library panics and Xlib ends the process.
    pub(super) fn abandon(self) {
        std::mem::forget(self);
    }

    /// Gives an event to egui's translation if that is there.
    pub(super) fn tell_widgets(&mut self, event: &WindowEvent) {
        if let WindowEvent::Focused(focused) = event {
            self.focused = *focused;
        }
        self.access.process_event(&self.window, event);
        if let Some(widgets) = &mut self.widgets {
            let _ = widgets.on_window_event(&self.window, event);
        }
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
        self.window.set_ime_allowed(on);
        self.forget_caret();
        if self.is_x11() {
            // winit does so with the next event of the X server: a property that is set brings one.
            self.window.set_title(&self.title);
        }
    }

    /// Tells the input method where the caret is, if that is new.
    pub(super) fn set_caret(&mut self, caret: Option<Caret>) {
        if let Some(caret) = caret.filter(|_| self.caret != caret) {
            let (position, size) = if self.is_x11() { ime::caret_bottom(caret) } else { caret };
            self.window.set_ime_cursor_area(position, size);
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
        match icon {
            Some(icon) => {
                self.window.set_cursor(icon);
                self.window.set_cursor_visible(true);
            }
            None => self.window.set_cursor_visible(false),
        }
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

    /// Fills the screen or leaves it.
    pub(super) fn set_fullscreen(&self, on: bool) {
        self.window.set_fullscreen(on.then_some(Fullscreen::Borderless(None)));
    }

    /// Lets the window system move the window with the pointer.
    pub(super) fn start_move(&self) {
        if let Err(error) = self.window.drag_window() {
            tracing::debug!("the window can't be moved: {error}");
        }
    }

    /// Lets the window system resize the window with the pointer.
    pub(super) fn start_resize(&self, edge: Edge) {
        if let Err(error) = self.window.drag_resize_window(direction(edge)) {
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
    direction(edge).into()
}

fn direction(edge: Edge) -> ResizeDirection {
    match edge {
        Edge::Top => ResizeDirection::North,
        Edge::TopRight => ResizeDirection::NorthEast,
        Edge::Right => ResizeDirection::East,
        Edge::BottomRight => ResizeDirection::SouthEast,
        Edge::Bottom => ResizeDirection::South,
        Edge::BottomLeft => ResizeDirection::SouthWest,
        Edge::Left => ResizeDirection::West,
        Edge::TopLeft => ResizeDirection::NorthWest,
    }
}

/// A program's icon for the window system.
pub(super) fn icon(icon: &icons::Icon) -> Option<Icon> {
    let side = Side::Window as u32;
    Icon::from_rgba(icon.rgba(Side::Window).to_vec(), side, side).ok()
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
