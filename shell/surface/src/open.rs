//! Which route a window takes.

use super::cpu::CpuSurface;
use super::{Gpu, GpuSurface, Surface, SurfaceError};
use parking_lot::Mutex;
use std::sync::Arc;
use winit::event_loop::OwnedDisplayHandle;
use winit::window::Window;

/// How windows get their pictures onto the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Composed by the CPU, in memory that is shared with the window system where it can be.
    Cpu,
    /// Composed by a GPU.
    Gpu,
}

/// How windows have their pixels on an X11 display that has its own in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visual {
    /// The server's number for it.
    pub id: u32,
    /// The fourth byte of a pixel says how opaque it is.
    pub alpha: bool,
}

/// Opens surfaces for the windows of one display.
pub struct Surfaces {
    display: OwnedDisplayHandle,
    visual: Option<Visual>,
    wish: Option<Route>,
    gpu: Mutex<Option<Arc<Gpu>>>,
    /// No GPU, or one that has failed: not looked for again.
    no_gpu: Mutex<bool>,
}

impl Surfaces {
    /// For windows of this display, which have their pixels as `visual` says. Opens nothing yet. `PORTICO_RENDERER=cpu` or `gpu` in the environment chooses the route;
    /// `gpu` then takes even a GPU that the processor plays.
    pub fn new(display: OwnedDisplayHandle, visual: Option<Visual>) -> Self {
        let wish = match std::env::var("PORTICO_RENDERER").as_deref() {
            Ok("cpu") => Some(Route::Cpu),
            Ok("gpu") => Some(Route::Gpu),
            _ => None,
        };
        Self {
            display,
            visual,
            wish,
            gpu: Mutex::default(),
            no_gpu: Mutex::new(wish == Some(Route::Cpu)),
        }
    }

    /// How windows have their pixels, where that is not as the display has its own.
    pub fn visual(&self) -> Option<Visual> {
        self.visual
    }

    /// Opens a window's surface, on the GPU where there is one. Call it on the main thread.
    ///
    /// # Errors
    /// [`SurfaceError`] when no route works for this window.
    pub fn open(&self, window: &Arc<Window>) -> Result<Box<dyn Surface>, SurfaceError> {
        let open = self.gpu().and_then(|gpu| GpuSurface::new(&gpu, window.clone()));
        let error = match open {
            Ok(surface) => return Ok(Box::new(surface)),
            Err(error) => error,
        };
        if self.wish == Some(Route::Gpu) {
            return Err(error);
        }
        tracing::debug!("not on the GPU: {error}");
        self.open_on_cpu(window)
    }

    /// Opens another surface for a window whose surface failed with [`SurfaceError::Lost`] and has been dropped: on the CPU. From
    /// then on no window is opened on the GPU that was lost.
    ///
    /// # Errors
    /// As [`Surfaces::open`].
    pub fn reopen(&self, window: &Arc<Window>) -> Result<Box<dyn Surface>, SurfaceError> {
        if self.gpu.lock().take().is_some() {
            *self.no_gpu.lock() = true;
        }
        if *self.no_gpu.lock() {
            return self.open_on_cpu(window);
        }
        self.open(window)
    }

    fn gpu(&self) -> Result<Arc<Gpu>, SurfaceError> {
        if *self.no_gpu.lock() {
            return Err(SurfaceError::Unavailable("not wanted, or tried before".into()));
        }
        let mut gpu = self.gpu.lock();
        if let Some(gpu) = &*gpu {
            return Ok(gpu.clone());
        }
        let found = Gpu::probe(self.wish == Some(Route::Gpu), Some(self.display.clone()));
        match &found {
            Ok(found) => *gpu = Some(found.clone()),
            Err(_) => *self.no_gpu.lock() = true,
        }
        found
    }

    fn open_on_cpu(&self, window: &Arc<Window>) -> Result<Box<dyn Surface>, SurfaceError> {
        Ok(Box::new(CpuSurface::new(&self.display, window.clone(), self.visual)?))
    }
}
