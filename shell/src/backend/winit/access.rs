//! Accessibility of a window.
//!
//! On Linux the bus of assistive technology may be started anew under a window. The library finds the new bus, but shows it
//! only adapters that are new, too, so a window has to have another one then ([`Adapter::renew`]).

#[cfg(not(all(unix, not(target_vendor = "apple"))))]
pub(super) use other::Adapter;
#[cfg(all(unix, not(target_vendor = "apple")))]
pub(super) use unix::Adapter;

use crate::backend::AccessEvent;
use egui::accesskit::{ActionHandler, ActionRequest, ActivationHandler, DeactivationHandler, TreeUpdate};
use std::sync::Arc;

/// Sends what assistive technology wants to the application.
pub(super) type Tell = Arc<dyn Fn(AccessEvent) + Send + Sync>;

/// Takes what assistive technology wants to the event loop.
#[derive(Clone)]
struct Handler(Tell);

impl ActivationHandler for Handler {
    fn request_initial_tree(&mut self) -> Option<TreeUpdate> {
        (self.0)(AccessEvent::TreeRequested);
        None
    }
}

impl ActionHandler for Handler {
    fn do_action(&mut self, request: ActionRequest) {
        (self.0)(AccessEvent::Action(request));
    }
}

impl DeactivationHandler for Handler {
    // Other windows may still be listened to.
    fn deactivate_accessibility(&mut self) {}
}

#[cfg(all(unix, not(target_vendor = "apple")))]
mod unix {
    use super::{Handler, Tell};
    use egui::accesskit::{Rect, TreeUpdate};
    use winit::dpi::{PhysicalPosition, PhysicalSize};
    use winit::event::WindowEvent;
    use winit::event_loop::ActiveEventLoop;
    use winit::window::Window;

    /// What assistive technology sees of a window.
    pub(in crate::backend) struct Adapter {
        adapter: accesskit_unix::Adapter,
        handler: Handler,
        focused: bool,
        /// Where the window is, with the window manager's border and without it.
        bounds: Option<(Rect, Rect)>,
    }

    impl Adapter {
        /// For a window that is not shown yet.
        pub(in crate::backend) fn new(_target: &ActiveEventLoop, _window: &Window, tell: Tell) -> Self {
            let handler = Handler(tell);
            Self {
                adapter: adapter(&handler),
                handler,
                focused: false,
                bounds: None,
            }
        }

        /// Another one of the same window, which is not known to assistive technology until the next update.
        pub(in crate::backend) fn renew(&mut self) {
            self.adapter = adapter(&self.handler);
            self.adapter.update_window_focus_state(self.focused);
            if let Some((outer, inner)) = self.bounds {
                self.adapter.set_root_window_bounds(outer, inner);
            }
        }

        /// Something has happened to the window.
        pub(in crate::backend) fn process_event(&mut self, window: &Window, event: &WindowEvent) {
            let rect = |position: PhysicalPosition<i32>, size: PhysicalSize<u32>| {
                Rect::from_origin_size(
                    <(f64, f64)>::from(position.cast::<f64>()),
                    <(f64, f64)>::from(size.cast::<f64>()),
                )
            };
            let (outer, size) = match event {
                WindowEvent::Moved(position) => (*position, window.inner_size()),
                WindowEvent::Resized(size) => (window.outer_position().unwrap_or_default(), *size),
                WindowEvent::Focused(focused) => {
                    self.focused = *focused;
                    return self.adapter.update_window_focus_state(*focused);
                }
                _ => return,
            };
            let inner = window.inner_position().unwrap_or_default();
            let (outer, inner) = (rect(outer, window.outer_size()), rect(inner, size));
            self.bounds = Some((outer, inner));
            self.adapter.set_root_window_bounds(outer, inner);
        }

        /// Tells of the window's contents, if anybody wants to know.
        pub(in crate::backend) fn update_if_active(&mut self, update: impl FnOnce() -> TreeUpdate) {
            self.adapter.update_if_active(update);
        }
    }

    fn adapter(handler: &Handler) -> accesskit_unix::Adapter {
        accesskit_unix::Adapter::new(handler.clone(), handler.clone(), handler.clone())
    }
}

#[cfg(not(all(unix, not(target_vendor = "apple"))))]
mod other {
    use super::{Handler, Tell};
    use egui::accesskit::TreeUpdate;
    use egui_winit::accesskit_winit;
    use winit::event::WindowEvent;
    use winit::event_loop::ActiveEventLoop;
    use winit::window::Window;

    /// What assistive technology sees of a window.
    pub(in crate::backend) struct Adapter(accesskit_winit::Adapter);

    impl Adapter {
        /// For a window that is not shown yet.
        pub(in crate::backend) fn new(target: &ActiveEventLoop, window: &Window, tell: Tell) -> Self {
            let handler = Handler(tell);
            Self(accesskit_winit::Adapter::with_direct_handlers(
                target,
                window,
                handler.clone(),
                handler.clone(),
                handler,
            ))
        }

        /// There is no bus that could be started anew.
        pub(in crate::backend) fn renew(&mut self) {}

        /// Something has happened to the window.
        pub(in crate::backend) fn process_event(&mut self, window: &Window, event: &WindowEvent) {
            self.0.process_event(window, event);
        }

        /// Tells of the window's contents, if anybody wants to know.
        pub(in crate::backend) fn update_if_active(&mut self, update: impl FnOnce() -> TreeUpdate) {
            self.0.update_if_active(update);
        }
    }
}
