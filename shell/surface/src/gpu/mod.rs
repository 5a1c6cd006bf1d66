//! The route with a GPU: the same layers, composed by a shader of our own. One device serves all windows.

mod scene;
mod window;

pub use window::GpuSurface;

use super::SurfaceError;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use wgpu::rwh::HasDisplayHandle;

/// A GPU that is worth using, opened. Shared by all windows; a lost one has to be probed for anew.
pub struct Gpu {
    instance: wgpu::Instance,
    adapter: wgpu::Adapter,
    device: wgpu::Device,
    queue: wgpu::Queue,
    shader: wgpu::ShaderModule,
    bindings: wgpu::BindGroupLayout,
    pipelines: Mutex<HashMap<wgpu::TextureFormat, wgpu::RenderPipeline>>,
    lost: Arc<Mutex<Option<String>>>,
}

impl Gpu {
    /// Looks for a GPU and opens it. A processor that plays GPU does not count, unless `force` says so (for tests): composing
    /// on the CPU directly is many times faster. On Linux and the BSDs a machine without render nodes is told without loading
    /// a driver. `display` is needed for windows; without it only [`GpuSurface::offscreen`] works everywhere.
    ///
    /// # Errors
    /// [`SurfaceError::Unavailable`] when there is none.
    pub fn probe(
        force: bool,
        display: Option<impl HasDisplayHandle + std::fmt::Debug + Send + Sync + 'static>,
    ) -> Result<Arc<Self>, SurfaceError> {
        if !force && !has_render_node() {
            return Err(SurfaceError::Unavailable("no GPU in this machine".into()));
        }
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        if let Some(display) = display {
            descriptor = descriptor.with_display_handle(Box::new(display));
        }
        let instance = wgpu::Instance::new(descriptor);
        let adapter = pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions {
            // Composing is light work; a second, stronger GPU may sleep on.
            power_preference: wgpu::PowerPreference::LowPower,
            ..Default::default()
        }))
        .map_err(unavailable)?;
        let info = adapter.get_info();
        if info.device_type == wgpu::DeviceType::Cpu && !force {
            return Err(SurfaceError::Unavailable(format!("{} is no GPU", info.name)));
        }
        let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("portico"),
            required_limits: wgpu::Limits::downlevel_webgl2_defaults().using_resolution(adapter.limits()),
            memory_hints: wgpu::MemoryHints::MemoryUsage,
            ..Default::default()
        }))
        .map_err(unavailable)?;
        let lost = Arc::new(Mutex::new(None));
        let note = |what: String, lost: &Mutex<Option<String>>| {
            tracing::warn!("GPU: {what}");
            lost.lock().get_or_insert(what);
        };
        let on_loss = lost.clone();
        device.set_device_lost_callback(move |reason, text| {
            // Dropping the device ends here too.
            if reason != wgpu::DeviceLostReason::Destroyed {
                note(format!("device lost: {text}"), &on_loss);
            }
        });
        let on_error = lost.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| note(error.to_string(), &on_error)));
        let shader = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("window"),
            source: wgpu::ShaderSource::Wgsl(include_str!("../../../../shaders/window.wgsl").into()),
        });
        let bindings = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("quad"),
            entries: &[
                wgpu::BindGroupLayoutEntry {
                    binding: 0,
                    visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                    ty: wgpu::BindingType::Buffer {
                        ty: wgpu::BufferBindingType::Uniform,
                        has_dynamic_offset: false,
                        min_binding_size: None,
                    },
                    count: None,
                },
                wgpu::BindGroupLayoutEntry {
                    binding: 1,
                    visibility: wgpu::ShaderStages::FRAGMENT,
                    ty: wgpu::BindingType::Texture {
                        sample_type: wgpu::TextureSampleType::Float { filterable: false },
                        view_dimension: wgpu::TextureViewDimension::D2,
                        multisampled: false,
                    },
                    count: None,
                },
            ],
        });
        tracing::debug!("composing on {} ({:?})", info.name, info.backend);
        let pipelines = Mutex::default();
        Ok(Arc::new(Self {
            instance,
            adapter,
            device,
            queue,
            shader,
            bindings,
            pipelines,
            lost,
        }))
    }

    /// The device and its queue, for what else draws on it.
    pub fn device(&self) -> (&wgpu::Device, &wgpu::Queue) {
        (&self.device, &self.queue)
    }

    /// Whether the device is gone or has refused something.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost.lock().is_some()
    }

    /// # Errors
    /// [`SurfaceError::Lost`] once the device is gone or has refused something.
    fn check(&self) -> Result<(), SurfaceError> {
        match &*self.lost.lock() {
            Some(what) => Err(SurfaceError::Lost(what.clone())),
            None => Ok(()),
        }
    }

    fn pipeline(&self, format: wgpu::TextureFormat) -> wgpu::RenderPipeline {
        self.pipelines
            .lock()
            .entry(format)
            .or_insert_with(|| self.make_pipeline(format))
            .clone()
    }

    fn make_pipeline(&self, format: wgpu::TextureFormat) -> wgpu::RenderPipeline {
        let layout = self.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("window"),
            bind_group_layouts: &[Some(&self.bindings)],
            immediate_size: 0,
        });
        self.device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("window"),
            layout: Some(&layout),
            vertex: wgpu::VertexState {
                module: &self.shader,
                entry_point: Some("corner"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers: &[],
            },
            primitive: wgpu::PrimitiveState {
                topology: wgpu::PrimitiveTopology::TriangleStrip,
                ..Default::default()
            },
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            fragment: Some(wgpu::FragmentState {
                module: &self.shader,
                entry_point: Some("pixel"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets: &[Some(wgpu::ColorTargetState {
                    format,
                    blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                    write_mask: wgpu::ColorWrites::ALL,
                })],
            }),
            multiview_mask: None,
            cache: None,
        })
    }
}

fn unavailable(error: impl std::fmt::Display) -> SurfaceError {
    SurfaceError::Unavailable(error.to_string())
}

/// Whether the kernel offers a GPU; where that can't be told so simply, yes.
fn has_render_node() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let named = |folder: &str, start: &str| {
        std::fs::read_dir(folder).is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with(start))
        })
    };
    named("/dev/dri", "renderD") || named("/dev", "nvidia")
}
