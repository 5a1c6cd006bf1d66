//! A window of winit's.

use super::access::Adapter;
use super::{News, Shared, display};
use crate::backend::{
    Attributes, FramePacer, Grab, IconPixels, Monitor, NativeId, NativeWindow, PhysicalPosition, PhysicalSize, Refused,
    System,
};
use egui::accesskit::TreeUpdate;
use portico_model::Edge;
use portico_surface::{Surface, SurfaceError};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use winit::error::OsError;
use winit::event_loop::ActiveEventLoop;
use winit::monitor::MonitorHandle;
use winit::window::{CursorGrabMode, CursorIcon, Fullscreen, Icon, ResizeDirection, Theme, Window, WindowId};

/// A window of winit's.
pub(super) struct WinitWindow {
    window: Arc<Window>,
    /// Assistive technology's way in, which has to be there before the window is shown.
    access: RefCell<Adapter>,
    shared: Rc<Shared>,
}

impl WinitWindow {
    /// Makes an invisible window.
    pub(super) fn open(
        target: &ActiveEventLoop,
        shared: &Rc<Shared>,
        attributes: &Attributes<'_>,
    ) -> Result<Self, OsError> {
        let window = Window::default_attributes()
            .with_title(attributes.title)
            .with_window_icon(attributes.icon.and_then(icon))
            .with_inner_size(attributes.size)
            .with_min_inner_size(attributes.min_size)
            .with_decorations(false)
            .with_visible(false);
        #[cfg(all(unix, not(target_vendor = "apple")))]
        let window = {
            use winit::platform::wayland::WindowAttributesExtWayland;
            use winit::platform::x11::WindowAttributesExtX11;
            // Sets the class on X11 and the application's id on Wayland.
            let window = WindowAttributesExtWayland::with_name(window, "portico", "portico");
            // On X11 the window library would scale a smallest size in points by itself, and too early.
            let window = match shared.system {
                System::X11 => {
                    let monitor = target.primary_monitor().or_else(|| target.available_monitors().next());
                    let scale = monitor.map_or(1.0, |monitor| monitor.scale_factor());
                    window.with_min_inner_size(attributes.min_size.to_physical::<u32>(scale))
                }
                System::Wayland | System::Other => window,
            };
            match shared.surfaces.visual() {
                Some(visual) => window.with_x11_visual(visual.id),
                None => window,
            }
        };
        let window = Arc::new(target.create_window(window)?);
        let (tell, id) = (Arc::clone(&shared.tell), NativeId(window.id().into()));
        let access = Adapter::new(target, &window, Arc::new(move |event| tell(News::Access(id, event))));
        Ok(Self {
            window,
            access: RefCell::new(access),
            shared: Rc::clone(shared),
        })
    }

    /// winit's id.
    pub(super) fn winit_id(&self) -> WindowId {
        self.window.id()
    }

    /// The window itself.
    pub(super) fn winit(&self) -> &Window {
        &self.window
    }

    /// Tells assistive technology what has happened to the window.
    pub(super) fn process_access(&self, event: &winit::event::WindowEvent) {
        self.access.borrow_mut().process_event(&self.window, event);
    }

    /// The bus of assistive technology has been started anew.
    pub(super) fn renew_access(&self) {
        self.access.borrow_mut().renew();
    }
}

impl NativeWindow for WinitWindow {
    fn id(&self) -> NativeId {
        NativeId(self.window.id().into())
    }

    fn surface(&self) -> Result<Box<dyn Surface>, SurfaceError> {
        self.shared.surfaces.open(&self.window)
    }

    fn another_surface(&self) -> Result<Box<dyn Surface>, SurfaceError> {
        let surface = self.shared.surfaces.reopen(&self.window);
        if surface.is_err() && self.shared.watch.is_soon_lost() {
            display::leave();
        }
        surface
    }

    fn size(&self) -> PhysicalSize<u32> {
        self.window.inner_size()
    }

    fn request_size(&self, size: PhysicalSize<u32>) -> Option<PhysicalSize<u32>> {
        self.window.request_inner_size(size)
    }

    fn set_min_size(&self, size: PhysicalSize<u32>) {
        self.window.set_min_inner_size(Some(size));
    }

    fn scale(&self) -> f64 {
        self.window.scale_factor()
    }

    fn monitor(&self) -> Option<Monitor> {
        self.window.current_monitor().as_ref().map(monitor)
    }

    fn position(&self) -> Option<PhysicalPosition<i32>> {
        self.window.outer_position().ok()
    }

    fn set_position(&self, position: PhysicalPosition<i32>) {
        self.window.set_outer_position(position);
    }

    fn show(&self) {
        self.window.set_visible(true);
    }

    fn is_focused(&self) -> bool {
        self.window.has_focus()
    }

    fn focus(&self) {
        self.window.set_minimized(false);
        self.window.focus_window();
    }

    fn is_minimised(&self) -> Option<bool> {
        self.window.is_minimized()
    }

    fn minimise(&self) {
        self.window.set_minimized(true);
    }

    fn is_maximised(&self) -> bool {
        self.window.is_maximized()
    }

    fn set_maximised(&self, on: bool) {
        self.window.set_maximized(on);
    }

    fn is_fullscreen(&self) -> bool {
        self.window.fullscreen().is_some()
    }

    fn set_fullscreen(&self, on: bool) {
        self.window.set_fullscreen(on.then_some(Fullscreen::Borderless(None)));
    }

    fn set_title(&self, title: &str) {
        self.window.set_title(title);
    }

    fn set_icon(&self, pixels: Option<IconPixels<'_>>) {
        self.window.set_window_icon(pixels.and_then(icon));
    }

    fn is_dark(&self) -> Option<bool> {
        self.window.theme().map(|theme| theme == Theme::Dark)
    }

    fn set_cursor(&self, icon: Option<CursorIcon>) {
        if let Some(icon) = icon {
            self.window.set_cursor(icon);
        }
        self.window.set_cursor_visible(icon.is_some());
    }

    fn set_cursor_position(&self, (x, y): (f64, f64)) -> Result<(), Refused> {
        let position = PhysicalPosition::new(x, y);
        self.window.set_cursor_position(position).map_err(refused)
    }

    fn grab_cursor(&self, grab: Grab) -> Result<(), Refused> {
        let grab = match grab {
            Grab::None => CursorGrabMode::None,
            Grab::Confined => CursorGrabMode::Confined,
            Grab::Locked => CursorGrabMode::Locked,
        };
        self.window.set_cursor_grab(grab).map_err(refused)
    }

    fn allow_ime(&self, on: bool) {
        self.window.set_ime_allowed(on);
    }

    fn set_caret(&self, position: PhysicalPosition<i32>, size: PhysicalSize<u32>) {
        self.window.set_ime_cursor_area(position, size);
    }

    fn drag(&self) -> Result<(), Refused> {
        self.window.drag_window().map_err(refused)
    }

    fn drag_edge(&self, edge: Edge) -> Result<(), Refused> {
        let direction = match edge {
            Edge::Top => ResizeDirection::North,
            Edge::TopRight => ResizeDirection::NorthEast,
            Edge::Right => ResizeDirection::East,
            Edge::BottomRight => ResizeDirection::SouthEast,
            Edge::Bottom => ResizeDirection::South,
            Edge::BottomLeft => ResizeDirection::SouthWest,
            Edge::Left => ResizeDirection::West,
            Edge::TopLeft => ResizeDirection::NorthWest,
        };
        self.window.drag_resize_window(direction).map_err(refused)
    }

    fn update_access(&self, update: TreeUpdate) {
        self.access.borrow_mut().update_if_active(|| update);
    }

    fn pacer(&self) -> Option<Arc<dyn FramePacer>> {
        let is_paced = self.shared.system == System::Wayland;
        is_paced.then(|| Arc::clone(&self.window) as _)
    }
}

impl FramePacer for Window {
    fn before_present(&self) {
        self.pre_present_notify();
    }

    fn request_redraw(&self) {
        Window::request_redraw(self);
    }
}

/// A screen.
pub(super) fn monitor(monitor: &MonitorHandle) -> Monitor {
    let millihertz = monitor
        .refresh_rate_millihertz()
        .filter(|rate| (1_000..=1_000_000).contains(rate));
    Monitor {
        position: monitor.position(),
        size: monitor.size(),
        scale: monitor.scale_factor(),
        period: millihertz.map(|rate| Duration::from_nanos(1_000_000_000_000 / u64::from(rate))),
    }
}

/// An icon for the window system.
fn icon(pixels: IconPixels<'_>) -> Option<Icon> {
    Icon::from_rgba(pixels.rgba.to_vec(), pixels.side, pixels.side).ok()
}

fn refused(error: impl std::fmt::Display) -> Refused {
    Refused(error.to_string())
}
