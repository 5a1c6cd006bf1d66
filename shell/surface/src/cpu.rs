//! The route without a GPU: composes straight into memory that is shared with the window system, where it can be.

use super::canvas::{Canvas, Damage, is_spare};
use super::connection::Connection;
use super::{Frame, Layer, Picture, Placement, Rect, Surface, SurfaceError, Visual};
use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::Arc;
use winit::event_loop::OwnedDisplayHandle;
use winit::window::Window;

/// Whether the buffers of a window that has been made smaller stay as large as they were. Elsewhere each size has new ones.
const BUFFERS_ONLY_GROW: bool = cfg!(all(unix, not(target_vendor = "apple")));

/// A window's picture through softbuffer.
///
/// On X11 and Windows there is one buffer, which persists. On Wayland two alternate: the one to draw into lacks what was presented
/// from the other, which can't be read; so the frame is always kept there, and what is lacking is composed again. On macOS each
/// picture has a buffer of its own, which is composed whole.
pub(super) struct CpuSurface {
    surface: softbuffer::Surface<Arc<Connection>, Arc<Window>>,
    context: softbuffer::Context<Arc<Connection>>,
    connection: Arc<Connection>,
    window: Arc<Window>,
    /// Pixels that the buffers have had room for: they only ever grow.
    room: u64,
    canvas: Canvas,
    persists: bool,
    /// A pixel is seen only as far as its fourth byte says.
    alpha: bool,
    /// Damage of the last presents since the size changed, newest first.
    history: VecDeque<Damage>,
}

impl CpuSurface {
    /// As many presents are remembered as a buffer can lag behind.
    const HISTORY: usize = 4;

    pub(super) fn new(
        display: &OwnedDisplayHandle,
        window: Arc<Window>,
        visual: Option<Visual>,
    ) -> Result<Self, SurfaceError> {
        let connection = Arc::new(Connection::open(display)?);
        let context = softbuffer::Context::new(Arc::clone(&connection)).map_err(lost)?;
        let surface = softbuffer::Surface::new(&context, Arc::clone(&window)).map_err(lost)?;
        let (persists, canvas, history) = (connection.buffers_persist(), Canvas::default(), VecDeque::new());
        let alpha = visual.is_some_and(|visual| visual.alpha);
        Ok(Self {
            surface,
            context,
            connection,
            window,
            room: 0,
            canvas,
            persists,
            alpha,
            history,
        })
    }

    fn read_back(&mut self) -> Result<(), SurfaceError> {
        if self.canvas.is_in_target() {
            self.canvas.read_back(&self.surface.buffer_mut().map_err(lost)?);
        }
        Ok(())
    }
}

impl Surface for CpuSurface {
    fn resize(&mut self, width: u32, height: u32) -> Result<(), SurfaceError> {
        if Rect::new(0, 0, width, height) == self.canvas.window() {
            return Ok(());
        }
        self.read_back()?;
        if let (Some(width), Some(height)) = (NonZeroU32::new(width), NonZeroU32::new(height)) {
            let pixels = u64::from(width.get()) * u64::from(height.get());
            if BUFFERS_ONLY_GROW && is_spare(self.room, pixels) {
                // The system gets the memory of a window that was huge back: with new buffers.
                self.surface = softbuffer::Surface::new(&self.context, Arc::clone(&self.window)).map_err(lost)?;
                self.room = 0;
            }
            self.surface.resize(width, height).map_err(lost)?;
            self.room = self.room.max(pixels);
            self.history.clear();
        }
        self.canvas.set_size(width, height);
        Ok(())
    }

    fn set_area(&mut self, area: Rect) -> Result<(), SurfaceError> {
        if area != self.canvas.area() {
            self.read_back()?;
            self.canvas.set_area(area);
        }
        Ok(())
    }

    fn set_background(&mut self, colour: [u8; 3]) {
        self.canvas.set_background(colour);
    }

    fn frame(&mut self, frame: &Frame<'_>) -> Result<(), SurfaceError> {
        if self.persists && self.canvas.is_direct(frame) {
            let mut buffer = self.surface.buffer_mut().map_err(lost)?;
            self.canvas.frame(frame, Some(&mut buffer));
        } else {
            self.canvas.frame(frame, None);
        }
        Ok(())
    }

    fn placement(&self) -> Option<Placement> {
        self.canvas.placement()
    }

    fn set_layers(&mut self, layers: &[Arc<Layer>]) -> Result<(), SurfaceError> {
        if self.canvas.would_cover(layers) {
            self.read_back()?;
        }
        self.canvas.set_layers(layers);
        Ok(())
    }

    fn damage_all(&mut self) {
        self.canvas.damage_all();
    }

    fn present(&mut self) -> Result<bool, SurfaceError> {
        if self.canvas.window().is_empty() || !self.canvas.is_changed() {
            return Ok(false);
        }
        let mut buffer = self.surface.buffer_mut().map_err(lost)?;
        if !self.persists {
            // softbuffer keeps a buffer's age across a change of size, which voids its contents.
            match usize::from(buffer.age()) {
                age if age == 0 || age > self.history.len() => self.canvas.compose(&mut buffer, self.canvas.window()),
                age => {
                    for rect in self.history.iter().take(age - 1).flat_map(Damage::rects) {
                        self.canvas.compose(&mut buffer, *rect);
                    }
                }
            }
        }
        self.canvas.repaint(&mut buffer);
        let damage = self.canvas.take_damage();
        if self.alpha {
            self.canvas.make_opaque(&mut buffer, &damage);
        }
        let rects: Vec<_> = damage.rects().iter().filter_map(rect).collect();
        buffer.present_with_damage(&rects).map_err(lost)?;
        self.connection.flush()?;
        if !self.persists {
            self.history.push_front(damage);
            self.history.truncate(Self::HISTORY);
        }
        Ok(true)
    }

    fn picture(&mut self) -> Result<Picture, SurfaceError> {
        let window = self.canvas.window();
        if window.is_empty() || !self.persists {
            let mut pixels = vec![0; usize::try_from(window.pixels()).unwrap_or(usize::MAX)];
            self.canvas.compose(&mut pixels, window);
            return Ok(Picture::from_window(window.width, window.height, &pixels));
        }
        let mut buffer = self.surface.buffer_mut().map_err(lost)?;
        self.canvas.repaint(&mut buffer);
        Ok(Picture::from_window(window.width, window.height, &buffer))
    }
}

fn rect(rect: &Rect) -> Option<softbuffer::Rect> {
    Some(softbuffer::Rect {
        x: u32::try_from(rect.x).ok()?,
        y: u32::try_from(rect.y).ok()?,
        width: NonZeroU32::new(rect.width)?,
        height: NonZeroU32::new(rect.height)?,
    })
}

pub(super) fn lost(error: softbuffer::SoftBufferError) -> SurfaceError {
    SurfaceError::Lost(error.to_string())
}
