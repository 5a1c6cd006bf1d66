//! A window's surface on the GPU, or one without a window.

use super::Gpu;
use super::scene::{Scene, lost};
use crate::{Frame, Layer, Picture, Placement, Rect, Surface, SurfaceError};
use std::sync::Arc;
use winit::window::Window;

/// A window's picture, composed by a GPU.
pub struct GpuSurface {
    scene: Scene,
    output: Option<Output>,
}

/// The window's images.
struct Output {
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    /// The format that is drawn in: never one that encodes gamma by itself.
    format: wgpu::TextureFormat,
    configured: bool,
}

impl GpuSurface {
    /// For a window. Call it on the main thread.
    ///
    /// # Errors
    /// [`SurfaceError::Unavailable`] when this GPU can't show pictures in this window.
    pub fn new(gpu: &Arc<Gpu>, window: Arc<Window>) -> Result<Self, SurfaceError> {
        gpu.check()?;
        let unavailable = |what: &str| SurfaceError::Unavailable(what.to_owned());
        let surface = gpu
            .instance
            .create_surface(window)
            .map_err(|error| unavailable(&error.to_string()))?;
        let abilities = surface.get_capabilities(&gpu.adapter);
        let mut config = surface
            .get_default_config(&gpu.adapter, 1, 1)
            .ok_or_else(|| unavailable("the GPU can't show pictures in this window"))?;
        config.format = abilities
            .formats
            .iter()
            .copied()
            .find(|format| is_plain(*format))
            .unwrap_or(config.format);
        let format = config.format.remove_srgb_suffix();
        if format != config.format {
            config.view_formats = vec![format];
        }
        // Pacing is the caller's; a newer picture replaces one that waits.
        config.present_mode = if abilities.present_modes.contains(&wgpu::PresentMode::Mailbox) {
            wgpu::PresentMode::Mailbox
        } else {
            wgpu::PresentMode::AutoVsync
        };
        config.desired_maximum_frame_latency = 1;
        let output = Output {
            surface,
            config,
            format,
            configured: false,
        };
        Ok(Self {
            scene: Scene::new(gpu.clone()),
            output: Some(output),
        })
    }

    /// Without a window: only [`Surface::picture`] shows what it holds.
    pub fn offscreen(gpu: &Arc<Gpu>) -> Self {
        Self {
            scene: Scene::new(gpu.clone()),
            output: None,
        }
    }
}

/// Eight bits a channel, taken as they are.
fn is_plain(format: wgpu::TextureFormat) -> bool {
    matches!(
        format,
        wgpu::TextureFormat::Bgra8Unorm | wgpu::TextureFormat::Rgba8Unorm
    )
}

impl Output {
    /// Shows the scene; says whether it is on its way to the screen.
    fn show(&mut self, scene: &Scene) -> Result<bool, SurfaceError> {
        // An outdated surface is set up again once; whatever still fails then is tried with the next picture.
        for _ in 0..2 {
            if !self.configured {
                self.config.width = scene.window.width;
                self.config.height = scene.window.height;
                self.surface.configure(&scene.gpu().device, &self.config);
                scene.gpu().check()?;
                self.configured = true;
            }
            let image = match self.surface.get_current_texture() {
                wgpu::CurrentSurfaceTexture::Success(image) => image,
                wgpu::CurrentSurfaceTexture::Suboptimal(image) => {
                    // Good enough for now, and better next time.
                    self.configured = false;
                    image
                }
                wgpu::CurrentSurfaceTexture::Outdated => {
                    self.configured = false;
                    continue;
                }
                wgpu::CurrentSurfaceTexture::Timeout | wgpu::CurrentSurfaceTexture::Occluded => return Ok(false),
                wgpu::CurrentSurfaceTexture::Lost | wgpu::CurrentSurfaceTexture::Validation => {
                    return Err(lost("the window's images are gone"));
                }
            };
            let view = image.texture.create_view(&wgpu::TextureViewDescriptor {
                format: Some(self.format),
                ..Default::default()
            });
            scene.gpu().queue.submit([scene.draw(&view, self.format)]);
            scene.gpu().queue.present(image);
            scene.gpu().check()?;
            return Ok(true);
        }
        Ok(false)
    }
}

impl Surface for GpuSurface {
    fn resize(&mut self, width: u32, height: u32) -> Result<(), SurfaceError> {
        let window = Rect::new(0, 0, width, height);
        if window != self.scene.window {
            self.scene.window = window;
            self.scene.changed = true;
            if let Some(output) = &mut self.output {
                output.configured = false;
            }
        }
        self.scene.gpu().check()
    }

    fn set_area(&mut self, area: Rect) -> Result<(), SurfaceError> {
        self.scene.set_area(area);
        Ok(())
    }

    fn set_background(&mut self, colour: [u8; 3]) {
        self.scene.set_background(colour);
    }

    fn frame(&mut self, frame: &Frame<'_>) -> Result<(), SurfaceError> {
        self.scene.frame(frame)
    }

    fn placement(&self) -> Option<Placement> {
        self.scene.placement()
    }

    fn set_layers(&mut self, layers: &[Arc<Layer>]) -> Result<(), SurfaceError> {
        self.scene.set_layers(layers)
    }

    fn damage_all(&mut self) {
        self.scene.changed = true;
    }

    fn present(&mut self) -> Result<bool, SurfaceError> {
        self.scene.gpu().check()?;
        if !self.scene.changed || self.scene.window.is_empty() {
            return Ok(false);
        }
        let shown = match &mut self.output {
            Some(output) => output.show(&self.scene)?,
            None => true,
        };
        self.scene.changed = !shown;
        Ok(shown)
    }

    fn picture(&mut self) -> Result<Picture, SurfaceError> {
        self.scene.gpu().check()?;
        self.scene.picture()
    }
}
