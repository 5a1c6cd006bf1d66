//! What a window shows, as textures, and drawing it.

use super::Gpu;
use crate::canvas::is_whole;
use crate::{Frame, Layer, Picture, Placement, Rect, SurfaceError};
use portico_portals::Scale;
use std::sync::Arc;
use zerocopy::IntoBytes;

/// A texture with what the shader is told about it.
struct Quad {
    texture: wgpu::Texture,
    uniform: wgpu::Buffer,
    bindings: wgpu::BindGroup,
}

/// Background, frame and layers of one window.
pub(super) struct Scene {
    gpu: Arc<Gpu>,
    pub(super) window: Rect,
    pub(super) area: Rect,
    background: [u8; 3],
    frame: Option<(Quad, Placement, Scale)>,
    layers: Vec<(Arc<Layer>, Quad)>,
    /// Whether what was drawn last is out of date.
    pub(super) changed: bool,
}

impl Scene {
    pub(super) fn new(gpu: Arc<Gpu>) -> Self {
        let (window, area) = (Rect::default(), Rect::default());
        Self {
            gpu,
            window,
            area,
            background: [0; 3],
            frame: None,
            layers: Vec::new(),
            changed: true,
        }
    }

    pub(super) fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    pub(super) fn set_area(&mut self, area: Rect) {
        self.changed |= self.area != area;
        self.area = area;
        if let Some((_, placement, scale)) = &mut self.frame {
            *placement = Placement::new(placement.frame.0, placement.frame.1, *scale, area);
        }
    }

    pub(super) fn set_background(&mut self, colour: [u8; 3]) {
        self.changed |= self.background != colour;
        self.background = colour;
    }

    pub(super) fn placement(&self) -> Option<Placement> {
        self.frame.as_ref().map(|(_, placement, _)| *placement)
    }

    pub(super) fn frame(&mut self, frame: &Frame<'_>) -> Result<(), SurfaceError> {
        self.gpu.check()?;
        if !is_whole(frame) {
            return Ok(());
        }
        let placement = Placement::new(frame.width, frame.height, frame.scale, self.area);
        let quad = match self.frame.take() {
            Some((quad, before, _)) if before.frame == placement.frame => quad,
            _ => self.quad(frame.width, frame.height, wgpu::TextureFormat::Rgba8Unorm)?,
        };
        if frame.stride.is_multiple_of(4) {
            self.write(&quad.texture, frame.pixels, frame.stride);
        } else {
            // The GPU's rows start at whole texels.
            let row = 4 * frame.width as usize;
            let rows = frame.pixels.chunks(frame.stride as usize).take(frame.height as usize);
            let packed: Vec<u8> = rows.flat_map(|bytes| &bytes[..row]).copied().collect();
            self.write(&quad.texture, &packed, 4 * frame.width);
        }
        self.frame = Some((quad, placement, frame.scale));
        self.changed = true;
        Ok(())
    }

    pub(super) fn set_layers(&mut self, layers: &[Arc<Layer>]) -> Result<(), SurfaceError> {
        let mut before = std::mem::take(&mut self.layers);
        self.changed |= before.len() != layers.len() || before.iter().zip(layers).any(|(a, b)| !Arc::ptr_eq(&a.0, b));
        for layer in layers {
            let quad = match before.iter().position(|(other, _)| Arc::ptr_eq(other, layer)) {
                Some(place) => before.swap_remove(place).1,
                None if layer.rect().is_empty() => continue,
                None => {
                    let Rect { width, height, .. } = layer.rect();
                    // Bytes of 0xAARRGGBB on the little-endian machines that there are.
                    let quad = self.quad(width, height, wgpu::TextureFormat::Bgra8Unorm)?;
                    self.write(&quad.texture, layer.pixels().as_bytes(), 4 * width);
                    quad
                }
            };
            self.layers.push((layer.clone(), quad));
        }
        Ok(())
    }

    /// Draws all of it.
    pub(super) fn draw(&self, view: &wgpu::TextureView, format: wgpu::TextureFormat) -> wgpu::CommandBuffer {
        let mut encoder = self
            .gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let [r, g, b] = self.background.map(|channel| f64::from(channel) / 255.0);
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("window"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(wgpu::Color { r, g, b, a: 1.0 }),
                    store: wgpu::StoreOp::Store,
                },
            })],
            ..Default::default()
        });
        pass.set_pipeline(&self.gpu.pipeline(format));
        if let Some((quad, placement, _)) = &self.frame {
            let mode = if placement.is_multiple() { 1 } else { 2 };
            self.draw_quad(&mut pass, quad, placement.rect, placement.visible, mode);
        }
        for (layer, quad) in &self.layers {
            self.draw_quad(&mut pass, quad, layer.rect(), layer.rect(), 0);
        }
        drop(pass);
        encoder.finish()
    }

    fn draw_quad(&self, pass: &mut wgpu::RenderPass<'_>, quad: &Quad, rect: Rect, visible: Rect, mode: u32) {
        let visible = visible.intersection(&self.window);
        if visible.is_empty() {
            return;
        }
        let numbers = [
            rect.x as f32,
            rect.y as f32,
            rect.width as f32,
            rect.height as f32,
            self.window.width as f32,
            self.window.height as f32,
            f32::from_bits(mode),
            0.0,
        ];
        self.gpu.queue.write_buffer(&quad.uniform, 0, numbers.as_bytes());
        pass.set_scissor_rect(
            visible.x.unsigned_abs(),
            visible.y.unsigned_abs(),
            visible.width,
            visible.height,
        );
        pass.set_bind_group(0, &quad.bindings, &[]);
        pass.draw(0..4, 0..1);
    }

    /// Draws into memory.
    pub(super) fn picture(&self) -> Result<Picture, SurfaceError> {
        let Rect { width, height, .. } = self.window;
        if self.window.is_empty() {
            return Ok(Picture {
                width,
                height,
                rgba: Vec::new(),
            });
        }
        let format = wgpu::TextureFormat::Rgba8Unorm;
        let usage = wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC;
        let texture = self.texture(width, height, format, usage)?;
        let drawn = self.draw(&texture.create_view(&wgpu::TextureViewDescriptor::default()), format);
        let stride = (4 * width).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let buffer = self.gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("picture"),
            size: u64::from(stride) * u64::from(height),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = self
            .gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_texture_to_buffer(
            texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &buffer,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(stride),
                    rows_per_image: None,
                },
            },
            texture.size(),
        );
        self.gpu.queue.submit([drawn, encoder.finish()]);
        buffer.map_async(wgpu::MapMode::Read, .., |_| {});
        self.gpu
            .device
            .poll(wgpu::PollType::wait_indefinitely())
            .map_err(lost)?;
        self.gpu.check()?;
        let bytes = buffer.get_mapped_range(..).map_err(lost)?;
        let row = 4 * width as usize;
        let rgba = bytes
            .chunks(stride as usize)
            .flat_map(|bytes| &bytes[..row])
            .copied()
            .collect();
        Ok(Picture { width, height, rgba })
    }

    fn texture(
        &self,
        width: u32,
        height: u32,
        format: wgpu::TextureFormat,
        usage: wgpu::TextureUsages,
    ) -> Result<wgpu::Texture, SurfaceError> {
        let most = self.gpu.device.limits().max_texture_dimension_2d;
        if width > most || height > most {
            return Err(SurfaceError::Lost(format!(
                "{width} × {height} pixels are more than the GPU takes"
            )));
        }
        Ok(self.gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: None,
            size: wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage,
            view_formats: &[],
        }))
    }

    fn quad(&self, width: u32, height: u32, format: wgpu::TextureFormat) -> Result<Quad, SurfaceError> {
        let usage = wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST;
        let texture = self.texture(width, height, format, usage)?;
        let uniform = self.gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("quad"),
            size: 32,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let bindings = self.gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("quad"),
            layout: &self.gpu.bindings,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: uniform.as_entire_binding(),
                },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::TextureView(&view),
                },
            ],
        });
        Ok(Quad {
            texture,
            uniform,
            bindings,
        })
    }

    fn write(&self, texture: &wgpu::Texture, bytes: &[u8], stride: u32) {
        let layout = wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(stride),
            rows_per_image: None,
        };
        self.gpu
            .queue
            .write_texture(texture.as_image_copy(), bytes, layout, texture.size());
    }
}

pub(super) fn lost(error: impl std::fmt::Display) -> SurfaceError {
    SurfaceError::Lost(error.to_string())
}
