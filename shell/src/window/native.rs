//! The window of the window system: made invisible, shown with its first picture, and told what the model decides.

use super::Context;
use super::hold::Hold;
use super::ime::{self, Caret};
use super::sizing::Sizing;
use super::skin::{Skin, Viewports};
use crate::model::{Edge, TOOLBAR_HEIGHT, WindowModel};
use crate::state::Size;
use crate::surface::{Layer, Rect};
use egui_winit::accesskit_winit;
use portico_portals::CursorShape;
use std::sync::Arc;
use std::time::{Duration, Instant};
use winit::dpi::{LogicalSize, PhysicalPosition, PhysicalSize};
use winit::event::WindowEvent;
use winit::event_loop::ActiveEventLoop;
use winit::raw_window_handle::{HasDisplayHandle, RawDisplayHandle};
use winit::window::{CursorIcon, Fullscreen, Icon, ResizeDirection, Window};

/// What decides on a new window's size.
#[derive(Clone, Copy, Debug)]
pub(super) enum Room {
    /// The user gave it this size before, in points.
    Given(Size),
    /// The first frame, in pixels.
    Frame((u32, u32)),
    /// The picture's place as it is to be while there is no frame, in points.
    Blank(Size),
}
/// Smallest window, in points: the toolbar still has room for its buttons.
const SMALLEST: (f64, f64) = (320.0, 160.0);

/// A window of the window system, and what it was told last.
pub(super) struct Native {
    pub(super) window: Arc<Window>,
    /// egui's translation of input; made after the first picture, which does not need it.
    widgets: Option<egui_winit::State>,
    /// Assistive technology's way in, which has to be there before the window is shown; then part of `widgets`.
    access: Option<accesskit_winit::Adapter>,
    viewport: usize,
    wayland: bool,
    /// Where the input method was last told that the caret is.
    caret: Option<Caret>,
    cursor: Option<CursorIcon>,
    locked: bool,
    hold: Option<Hold>,
    title: String,
    focused: bool,
    pub(super) sizing: Sizing,
    pub(super) shown: bool,
    pub(super) layers: Vec<Arc<Layer>>,
    /// How much larger everything is than the display would have it.
    zoom: f64,
}

impl Native {
    /// Makes an invisible window.
    pub(super) fn open(
        cx: &Context<'_>,
        title: &str,
        icon: Option<Icon>,
        room_for: Room,
        viewport: usize,
    ) -> Result<Self, winit::error::OsError> {
        let (target, zoom) = (cx.target, f64::from(cx.wishes.zoom()));
        let monitor = target.primary_monitor().or_else(|| target.available_monitors().next());
        let scale = zoom * monitor.as_ref().map_or(1.0, winit::monitor::MonitorHandle::scale_factor);
        let room = monitor.map(|monitor| room_on(monitor.size()));
        let size = match room_for {
            Room::Given(size) => size_again(size, scale, room),
            Room::Frame(frame) => size_for(frame, scale, room),
            Room::Blank(size) => size_again((size.0, size.1 + f64::from(TOOLBAR_HEIGHT)), scale, room),
        };
        let attributes = Window::default_attributes()
            .with_title(title)
            .with_window_icon(icon)
            .with_inner_size(size)
            .with_min_inner_size(LogicalSize::new(SMALLEST.0 * zoom, SMALLEST.1 * zoom))
            .with_decorations(false)
            .with_visible(false);
        #[cfg(all(unix, not(target_vendor = "apple")))]
        let attributes = {
            use winit::platform::wayland::WindowAttributesExtWayland;
            // Sets the class on X11 and the application's id on Wayland.
            attributes.with_name("portico", "portico")
        };
        let window = Arc::new(target.create_window(attributes)?);
        let access = accesskit_winit::Adapter::with_event_loop_proxy(target, &window, cx.proxy.clone());
        let wayland = matches!(window.display_handle().map(|handle| handle.as_raw()), Ok(RawDisplayHandle::Wayland(_)));
        Ok(Self {
            window,
            widgets: None,
            access: Some(access),
            viewport,
            wayland,
            caret: None,
            cursor: None,
            locked: false,
            hold: None,
            title: title.to_owned(),
            focused: false,
            sizing: Sizing::new(size.to_logical::<f64>(scale).into(), matches!(room_for, Room::Given(_))),
            shown: false,
            layers: Vec::new(),
            zoom,
        })
    }

    /// Whether the compositor paces the window by callbacks.
    pub(super) fn is_wayland(&self) -> bool {
        self.wayland
    }

    fn is_x11(&self) -> bool {
        cfg!(all(unix, not(target_vendor = "apple"))) && !self.wayland
    }

    /// The window's size in display pixels, and display pixels a point.
    pub(super) fn size(&self) -> (u32, u32, f32) {
        let size = self.window.inner_size();
        // Precise enough: scales are small.
        (size.width, size.height, self.scale() as f32)
    }

    /// Display pixels a point.
    fn scale(&self) -> f64 {
        self.window.scale_factor() * self.zoom
    }

    /// Everything is to be so much larger than the display would have it; says whether that is new.
    pub(super) fn set_zoom(&mut self, zoom: f64) -> bool {
        if self.zoom == zoom {
            return false;
        }
        self.zoom = zoom;
        // The same size, in points of another size: not the user's wish.
        self.sizing.ask(self.in_points(self.window.inner_size()));
        self.window.set_min_inner_size(Some(LogicalSize::new(SMALLEST.0 * zoom, SMALLEST.1 * zoom)));
        true
    }

    /// Asks for room for a first frame of this size, unless the user has sized the window. Says whether the window has it
    /// already.
    pub(super) fn fit_frame(&mut self, frame: (u32, u32)) -> bool {
        if self.sizing.is_by_user() || self.is_filling() {
            return false;
        }
        let monitor = self.window.current_monitor();
        let room = monitor.as_ref().map(|monitor| room_on(monitor.size()));
        let (before, size) = (self.window.inner_size(), size_for(frame, self.scale(), room));
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
        let room = self.window.current_monitor().map(|monitor| room_on(monitor.size()));
        let size = size_again(given, self.scale(), room);
        self.sizing.restore(self.in_points(size));
        let _ = self.window.request_inner_size(size);
    }

    /// Whether the screen and not the user gives the window its size.
    pub(super) fn is_filling(&self) -> bool {
        self.window.is_maximized() || self.window.fullscreen().is_some()
    }

    /// Asks for a size. The answer comes as an event, unless there is no one to ask.
    pub(super) fn ask(&mut self, size: PhysicalSize<u32>) -> Option<PhysicalSize<u32>> {
        self.sizing.ask(self.in_points(size));
        self.window.request_inner_size(size)
    }

    /// The window may have a new size: was it the user's wish?
    pub(super) fn note_size(&mut self) {
        let size = self.window.inner_size();
        if self.shown && size.width > 0 && size.height > 0 && !self.is_filling() {
            self.sizing.note(self.in_points(size), Instant::now());
        }
    }

    fn in_points(&self, size: PhysicalSize<u32>) -> Size {
        size.to_logical::<f64>(self.scale()).into()
    }

    /// The size in points that the user has just given the window, once; `at_once` if it is about to go.
    pub(super) fn take_size(&mut self, at_once: bool) -> Option<Size> {
        let now = (!at_once).then(Instant::now);
        if !self.sizing.take(now) || self.is_filling() {
            return None;
        }
        Some(self.in_points(self.window.inner_size()))
    }

    /// The period of the monitor that the window is on.
    pub(super) fn period(&self) -> Duration {
        let millihertz = self.window.current_monitor().and_then(|monitor| monitor.refresh_rate_millihertz());
        let millihertz = millihertz.filter(|rate| (1_000..=1_000_000).contains(rate)).unwrap_or(60_000);
        Duration::from_nanos(1_000_000_000_000 / u64::from(millihertz))
    }

    /// egui's translation of input, made on first use.
    pub(super) fn widgets(&mut self, skin: &Skin, target: &ActiveEventLoop) -> &mut egui_winit::State {
        let window = &self.window;
        let (focused, viewport) = (self.focused, Viewports::id(self.viewport));
        let access = &mut self.access;
        self.widgets.get_or_insert_with(|| {
            let scale = window.scale_factor() as f32;
            let mut state =
                egui_winit::State::new(skin.context().clone(), viewport, target, Some(scale), window.theme(), None);
            state.accesskit = access.take();
            // What it would have heard had it been there.
            let _ = state.on_window_event(window, &WindowEvent::Focused(focused));
            state
        })
    }

    /// egui's translation of input, if it is there.
    pub(super) fn made_widgets(&mut self) -> Option<(&mut egui_winit::State, &Arc<Window>)> {
        self.widgets.as_mut().map(|widgets| (widgets, &self.window))
    }

    /// Gives an event to egui's translation if that is there.
    pub(super) fn tell_widgets(&mut self, event: &WindowEvent) {
        if let WindowEvent::Focused(focused) = event {
            self.focused = *focused;
        }
        if let Some(widgets) = &mut self.widgets {
            let _ = widgets.on_window_event(&self.window, event);
        } else if let Some(access) = &mut self.access {
            access.process_event(&self.window, event);
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
            let (position, size) = if self.is_x11() { ime::foot(caret) } else { caret };
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

    /// Holds the cursor, which is at `home`, in its place, or lets it go. Says whether that changed anything.
    pub(super) fn set_locked(&mut self, locked: bool, home: (f64, f64)) -> bool {
        if self.locked == locked {
            return false;
        }
        self.locked = locked;
        self.hold = None;
        if locked {
            match Hold::new(&self.window, home) {
                Ok(hold) => self.hold = Some(hold),
                Err(error) => tracing::debug!("the cursor can't be held: {error}"),
            }
        }
        true
    }

    /// Whether the cursor is to stay in its place.
    pub(super) fn is_locked(&self) -> bool {
        self.locked
    }

    /// What holds the cursor in its place.
    pub(super) fn hold(&mut self) -> Option<&mut Hold> {
        self.hold.as_mut()
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

/// What a new window may take of a screen: some of it is left for panels and other windows.
fn room_on(screen: PhysicalSize<u32>) -> PhysicalSize<u32> {
    PhysicalSize::new(screen.width - screen.width / 16, screen.height - screen.height / 16)
}

/// Size of a window with a toolbar and room for a frame, in `room` display pixels. A frame pixel is a display pixel, or the
/// next whole multiple of the display's scale; where that has no room, a point.
fn size_for((width, height): (u32, u32), scale: f64, room: Option<PhysicalSize<u32>>) -> PhysicalSize<u32> {
    let toolbar = toolbar_pixels(TOOLBAR_HEIGHT, scale);
    // A frame is at most 16,384 pixels a side, and a scale is a small number.
    let times = |times: f64| PhysicalSize::new((f64::from(width) * times) as u32, (f64::from(height) * times) as u32);
    let fits = |size: &PhysicalSize<u32>| {
        room.is_none_or(|room| size.width <= room.width && size.height + toolbar <= room.height)
    };
    let picture = Some(times(scale.ceil().max(1.0))).filter(fits).unwrap_or_else(|| times(scale.max(1.0)));
    within(PhysicalSize::new(picture.width, picture.height.saturating_add(toolbar)), scale, room)
}

/// The size that the user gave a window before, in points, on a display with `room` pixels.
fn size_again(given: Size, scale: f64, room: Option<PhysicalSize<u32>>) -> PhysicalSize<u32> {
    within(LogicalSize::new(given.0, given.1).to_physical(scale), scale, room)
}

/// A size that leaves no room and is none too small.
fn within(size: PhysicalSize<u32>, scale: f64, room: Option<PhysicalSize<u32>>) -> PhysicalSize<u32> {
    let smallest: PhysicalSize<u32> = LogicalSize::new(SMALLEST.0, SMALLEST.1).to_physical(scale);
    let room = room.filter(|room| room.width > smallest.width && room.height > smallest.height);
    let room = room.unwrap_or(PhysicalSize::new(u32::MAX, u32::MAX));
    PhysicalSize::new(size.width.clamp(smallest.width, room.width), size.height.clamp(smallest.height, room.height))
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
        let (first, last) = (i64::from(corner), i64::from(corner) + i64::from(screen) - i64::from(size));
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

/// A program's icon (PNG or SVG) for the window system, 64 pixels a side. `None` when it can't be read.
pub(super) fn icon(bytes: &[u8]) -> Option<Icon> {
    super::icon::pixels(bytes, 64).and_then(|rgba| Icon::from_rgba(rgba, 64, 64).ok())
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
        assert_eq!(super::grown(PhysicalPosition::new(0, 0), small, vast, (corner, screen)), corner);
    }

    #[test]
    fn a_window_fits_its_first_frame() {
        let size = |frame, scale| size_for(frame, scale, Some(PhysicalSize::new(1920, 1080)));
        assert_eq!(size((640, 400), 1.0), PhysicalSize::new(640, 440));
        assert_eq!(size((640, 400), 1.5), PhysicalSize::new(1280, 860));
        assert_eq!(size((1000, 600), 1.5), PhysicalSize::new(1500, 960));
        assert_eq!(size((640, 400), 2.0), PhysicalSize::new(1280, 880));
        assert_eq!(size((16_384, 16_384), 2.0), PhysicalSize::new(1920, 1080));
        assert_eq!(size((1, 1), 1.0), PhysicalSize::new(320, 160));
    }

    #[test]
    fn a_size_is_given_again_in_points_within_the_screen() {
        let size = |given, scale| size_again(given, scale, Some(PhysicalSize::new(1920, 1080)));
        assert_eq!(size((700.0, 500.0), 1.0), PhysicalSize::new(700, 500));
        assert_eq!(size((641.0 / 1.5, 501.0 / 1.5), 1.5), PhysicalSize::new(641, 501));
        assert_eq!(size((3000.0, 500.0), 1.0), PhysicalSize::new(1920, 500));
        assert_eq!(size((1.0, f64::NAN), 1.0), PhysicalSize::new(320, 160));
    }
}
