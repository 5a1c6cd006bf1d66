//! Which route a window takes.

use super::cpu::CpuSurface;
use super::{Gpu, GpuSurface, Surface, SurfaceError};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant};
use winit::event_loop::OwnedDisplayHandle;
use winit::window::{Window, WindowId};

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
    /// There is no GPU: not looked for again.
    no_gpu: Mutex<bool>,
    losses: Mutex<Losses<WindowId>>,
}

/// Windows that have lost their surface on the GPU lately.
#[derive(Debug)]
struct Losses<W>(Vec<(W, Instant)>);

impl<W: PartialEq> Losses<W> {
    /// Time in which a second loss means that the GPU does not serve the window.
    const SOON: Duration = Duration::from_secs(10);

    /// Notes a loss; says whether it is the window's second in a short time.
    fn is_again(&mut self, window: W, now: Instant) -> bool {
        self.0.retain(|(_, at)| now.duration_since(*at) < Self::SOON);
        let again = self.0.iter().any(|(lost, _)| *lost == window);
        self.0.push((window, now));
        again
    }
}

impl Surfaces {
    /// For windows of this display, which have their pixels as `visual` says. Opens nothing yet. `PORTICO_RENDERER`, the one variable of
    /// the environment that this crate reads, chooses the route: `cpu` or `gpu`, and then even a GPU that the processor plays.
    #[allow(clippy::disallowed_methods, reason = "it is read here, and nowhere else")]
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
            losses: Mutex::new(Losses(Vec::new())),
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

    /// Opens another surface for a window whose surface failed with [`SurfaceError::Lost`] and has been dropped: on the GPU, opened
    /// anew if it is the device that was lost, or on the CPU for a window that loses one surface after the other.
    ///
    /// # Errors
    /// As [`Surfaces::open`].
    pub fn reopen(&self, window: &Arc<Window>) -> Result<Box<dyn Surface>, SurfaceError> {
        // Another window of the same device may have come before, and have had it opened anew.
        self.gpu.lock().take_if(|gpu| gpu.is_lost());
        if self.losses.lock().is_again(window.id(), Instant::now()) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_of_a_window_count_for_a_short_time_and_for_no_other() {
        let (mut losses, start) = (Losses(Vec::new()), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        // One device takes all its windows with it.
        assert!(!losses.is_again(1, start) && !losses.is_again(2, start));
        assert!(losses.is_again(1, after(3)));
        assert!(!losses.is_again(2, after(12)), "a driver may be restarted now and then");
        assert!(losses.is_again(1, after(12)));
        assert_eq!(losses.0.len(), 3, "what is long ago is forgotten");
    }
}
