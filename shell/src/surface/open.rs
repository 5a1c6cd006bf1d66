//! Which route a window takes.

use super::{Surface, SurfaceError, cpu};
use std::sync::Arc;
use winit::event_loop::OwnedDisplayHandle;
use winit::window::Window;

/// How windows get their pictures onto the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Composed by the CPU in memory shared with the display server.
    Cpu,
    /// Composed by a GPU.
    Gpu,
}

/// Opens surfaces for windows of one display.
pub struct Surfaces {
    display: OwnedDisplayHandle,
    cpu: std::sync::OnceLock<cpu::Display>,
}

impl Surfaces {
    /// For windows of this display. Opens nothing yet.
    pub fn new(display: OwnedDisplayHandle) -> Self {
        Self { display, cpu: std::sync::OnceLock::new() }
    }

    /// Opens a window's surface on the best route.
    ///
    /// # Errors
    /// [`SurfaceError`] when no route works for this window.
    pub fn open(&self, window: &Arc<Window>) -> Result<Box<dyn Surface>, SurfaceError> {
        self.open_on(window, Route::Cpu)
    }

    /// Opens a window's surface on one route. A surface that was lost must be dropped before its window gets another.
    ///
    /// # Errors
    /// [`SurfaceError`] when that route does not work for this window.
    pub fn open_on(&self, window: &Arc<Window>, _route: Route) -> Result<Box<dyn Surface>, SurfaceError> {
        let display = match self.cpu.get() {
            Some(display) => display,
            None => {
                let display = cpu::Display::new(self.display.clone()).map_err(cpu::lost)?;
                self.cpu.get_or_init(|| display)
            }
        };
        Ok(Box::new(cpu::CpuSurface::new(display, window.clone())?))
    }
}
