#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use super::Painter;
use crate::{Gpu, Layer, Rect};
use egui::epaint::{Mesh, Primitive, Vertex};
use egui::{ClippedPrimitive, Color32, Pos2, TextureId, TexturesDelta, pos2, vec2};
use std::time::Instant;
use winit::event_loop::OwnedDisplayHandle;

/// What egui drew in one frame.
struct Drawn {
    primitives: Vec<ClippedPrimitive>,
    textures: TexturesDelta,
    scale: f32,
    size: [u32; 2],
}

/// Draws a scene at a scale, `width` × `height` points.
fn draw(scale: f32, width: f32, height: f32, mut scene: impl FnMut(&mut egui::Ui)) -> Drawn {
    let context = egui::Context::default();
    let mut input = egui::RawInput {
        screen_rect: Some(egui::Rect::from_min_size(Pos2::ZERO, vec2(width, height))),
        ..Default::default()
    };
    input
        .viewports
        .get_mut(&egui::ViewportId::ROOT)
        .unwrap()
        .native_pixels_per_point = Some(scale);
    // Windows are measured in the first pass and shown in the second.
    let mut output = context.run_ui(input.clone(), &mut scene);
    let mut textures = std::mem::take(&mut output.textures_delta);
    let mut output = context.run_ui(input, &mut scene);
    textures.append(std::mem::take(&mut output.textures_delta));
    let primitives = context.tessellate(output.shapes, output.pixels_per_point);
    Drawn {
        primitives,
        textures,
        scale,
        size: [(width * scale) as u32, (height * scale) as u32],
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        // egui minds when changes of textures are thrown away unseen.
        self.textures.clear();
    }
}

impl Drawn {
    fn paint(&self) -> Layer {
        let mut painter = Painter::new();
        painter.update(self.textures.clone());
        painter.paint(
            &self.primitives,
            self.scale,
            Rect::new(0, 0, self.size[0], self.size[1]),
        )
    }

    /// The same by egui's own renderer.
    fn render(&self, gpu: &Gpu) -> Vec<u32> {
        let (device, queue) = gpu.device();
        let format = wgpu::TextureFormat::Rgba8Unorm;
        let mut renderer = egui_wgpu::Renderer::new(device, format, egui_wgpu::RendererOptions::PREDICTABLE);
        for (id, changes) in &self.textures.set {
            changes
                .iter()
                .for_each(|change| renderer.update_texture(device, queue, *id, change));
        }
        let [width, height] = self.size;
        let screen = egui_wgpu::ScreenDescriptor {
            size_in_pixels: self.size,
            pixels_per_point: self.scale,
        };
        let texture = device.create_texture(&wgpu::TextureDescriptor {
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
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        renderer.update_buffers(device, queue, &mut encoder, &self.primitives, &screen);
        let mut pass = encoder
            .begin_render_pass(&wgpu::RenderPassDescriptor {
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: &view,
                    depth_slice: None,
                    resolve_target: None,
                    ops: wgpu::Operations {
                        load: wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT),
                        store: wgpu::StoreOp::Store,
                    },
                })],
                ..Default::default()
            })
            .forget_lifetime();
        renderer.render(&mut pass, &self.primitives, &screen);
        drop(pass);
        let stride = (4 * width).next_multiple_of(256);
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: u64::from(stride * height),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let layout = wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(stride),
            rows_per_image: None,
        };
        let copy = wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout,
        };
        encoder.copy_texture_to_buffer(texture.as_image_copy(), copy, texture.size());
        queue.submit([encoder.finish()]);
        buffer.map_async(wgpu::MapMode::Read, .., |_| {});
        device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
        let bytes = buffer.get_mapped_range(..).unwrap();
        let rows = bytes.chunks(stride as usize).map(|row| &row[..4 * width as usize]);
        rows.flat_map(|row| row.as_chunks::<4>().0)
            .map(|[r, g, b, a]| u32::from_be_bytes([*a, *r, *g, *b]))
            .collect()
    }
}

/// A little of everything that chrome is made of.
fn scene(ui: &mut egui::Ui) {
    ui.painter().rect_filled(
        egui::Rect::from_min_size(pos2(0.0, 0.0), vec2(400.0, 40.0)),
        0.0,
        Color32::from_gray(40),
    );
    ui.horizontal(|ui| {
        ui.label("Toolbar, Füße, ĉapelo");
        let _ = ui.button("Press");
        ui.checkbox(&mut true, "on");
        ui.spinner();
    });
    ui.heading("Heading");
    ui.text_edit_singleline(&mut String::from("typed text"));
    ui.add(egui::Slider::new(&mut 0.3, 0.0..=1.0));
    ui.collapsing("more", |_| {});
    let painter = ui.painter();
    painter.circle(
        pos2(300.0, 90.3),
        30.7,
        Color32::from_rgba_unmultiplied(200, 80, 20, 150),
        (2.0, Color32::WHITE),
    );
    painter.line_segment([pos2(210.2, 60.7), pos2(390.0, 140.1)], (1.5, Color32::LIGHT_BLUE));
    painter.rect(
        egui::Rect::from_min_size(pos2(220.5, 150.25), vec2(150.0, 60.0)),
        9.0,
        Color32::from_rgba_unmultiplied(30, 120, 220, 120),
        (1.0, Color32::from_gray(200)),
        egui::StrokeKind::Middle,
    );
    painter.add(egui::Shape::from(
        egui::epaint::Shadow {
            offset: [0, 4],
            blur: 20,
            spread: 0,
            color: Color32::from_black_alpha(120),
        }
        .as_shape(egui::Rect::from_min_size(pos2(40.0, 180.0), vec2(100.0, 40.0)), 6.0),
    ));
    egui::Window::new("Window")
        .fixed_pos(pos2(60.0, 120.0))
        .show(ui.ctx(), |ui| ui.label("over the rest"));
}

#[test]
fn painting_is_what_eguis_renderer_draws() {
    let gpu = match Gpu::probe(true, None::<OwnedDisplayHandle>) {
        Ok(gpu) => gpu,
        Err(error) => return println!("not compared with a GPU: {error}"),
    };
    for scale in [1.0, 1.25, 1.5, 2.0] {
        let drawn = draw(scale, 400.0, 240.0, scene);
        let (painted, rendered) = (drawn.paint(), drawn.render(&gpu));
        if let Some(folder) = std::env::var_os("PAINT_PICTURES") {
            save(&folder, &format!("painted-{scale}.png"), painted.pixels(), drawn.size);
            save(&folder, &format!("rendered-{scale}.png"), &rendered, drawn.size);
        }
        assert!(
            rendered.iter().filter(|pixel| **pixel != 0).count() > 1000,
            "the scene is there"
        );
        let width = drawn.size[0] as usize;
        let apart = |(one, other): (&u32, &u32)| {
            one.to_be_bytes()
                .iter()
                .zip(other.to_be_bytes())
                .map(|(a, b)| a.abs_diff(b))
                .max()
                .unwrap()
        };
        let (place, worst) = painted
            .pixels()
            .iter()
            .zip(&rendered)
            .map(apart)
            .enumerate()
            .max_by_key(|pair| pair.1)
            .unwrap();
        assert!(
            worst <= 3,
            "scale {scale}: {worst} apart at {},{}",
            place % width,
            place / width
        );
    }
}

fn save(folder: &std::ffi::OsStr, name: &str, pixels: &[u32], [width, height]: [u32; 2]) {
    let rgba = pixels
        .iter()
        .flat_map(|pixel| [(pixel >> 16) as u8, (pixel >> 8) as u8, *pixel as u8, 255])
        .collect();
    let image = image::RgbaImage::from_raw(width, height, rgba).unwrap();
    image.save(std::path::Path::new(folder).join(name)).unwrap();
}

#[test]
fn a_part_is_cut_from_the_whole() {
    let drawn = draw(1.25, 400.0, 240.0, scene);
    let whole = drawn.paint();
    let mut painter = Painter::new();
    painter.update(drawn.textures.clone());
    let rect = Rect::new(70, 30, 300, 180);
    let part = painter.paint(&drawn.primitives, drawn.scale, rect);
    for (y, row) in part.pixels().chunks(rect.width as usize).enumerate() {
        let from = (y + 30) * drawn.size[0] as usize + 70;
        for (x, (part, whole)) in row.iter().zip(&whole.pixels()[from..]).enumerate() {
            let apart = part
                .to_be_bytes()
                .iter()
                .zip(whole.to_be_bytes())
                .map(|(a, b)| a.abs_diff(b))
                .max();
            assert!(apart <= Some(1), "{part:08x} and {whole:08x} at {x},{y}");
        }
    }
}

/// A mesh of its own, on one white texel.
fn mesh(corners: &[(f32, f32)], indices: &[u32], colour: Color32) -> (ClippedPrimitive, TexturesDelta) {
    let mut textures = TexturesDelta::default();
    let image = egui::ColorImage::filled([1, 1], Color32::WHITE);
    textures.push(
        TextureId::default(),
        egui::epaint::ImageDelta::full(image, egui::TextureOptions::LINEAR),
    );
    let vertices = corners
        .iter()
        .map(|(x, y)| Vertex {
            pos: pos2(*x, *y),
            uv: pos2(0.0, 0.0),
            color: colour,
        })
        .collect();
    let mesh = Mesh {
        indices: indices.to_vec(),
        vertices,
        texture_id: TextureId::default(),
    };
    let clip_rect = egui::Rect::from_min_max(pos2(f32::NEG_INFINITY, -1e30), pos2(1e30, f32::INFINITY));
    (
        ClippedPrimitive {
            clip_rect,
            primitive: Primitive::Mesh(mesh),
        },
        textures,
    )
}

fn painted(corners: &[(f32, f32)], indices: &[u32], colour: Color32) -> Layer {
    let (primitive, textures) = mesh(corners, indices, colour);
    let mut painter = Painter::new();
    painter.update(textures);
    painter.paint(&[primitive], 1.0, Rect::new(0, 0, 20, 20))
}

#[test]
fn neighbours_neither_overlap_nor_gape() {
    let colour = Color32::from_rgba_premultiplied(100, 100, 100, 100);
    // A fan around a point that is on no pixel's centre, and one that is.
    for centre in [(7.3, 9.1), (8.5, 10.5)] {
        let corners = [centre, (0.0, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0)];
        let layer = painted(&corners, &[0, 1, 2, 0, 2, 3, 0, 4, 3, 0, 1, 4], colour);
        assert!(
            layer.pixels().iter().all(|pixel| *pixel == 0x6464_6464),
            "every pixel once"
        );
    }
}

#[test]
fn nonsense_is_painted_as_nothing_or_cut_off() {
    let far = [(-1e30, -1e30), (1e30, -1e30), (0.0, 1e30)];
    assert!(
        painted(&far, &[0, 1, 2], Color32::RED).is_opaque(),
        "a triangle around everything"
    );
    for corners in [
        [(f32::NAN, 0.0), (20.0, 0.0), (0.0, 20.0)],
        [(5.0, 5.0), (5.0, 5.0), (5.0, 5.0)],
        [
            (f32::INFINITY, f32::INFINITY),
            (f32::INFINITY, 0.0),
            (f32::INFINITY, 1.0),
        ],
    ] {
        let layer = painted(&corners, &[0, 1, 2, 2, 1, 3, 0, 9], Color32::RED);
        assert!(layer.pixels().iter().all(|pixel| *pixel == 0));
    }
}

proptest::proptest! {
    #[test]
    fn no_mesh_breaks_it(
        corners in proptest::collection::vec((proptest::num::f32::ANY, proptest::num::f32::ANY), 4..10),
        indices in proptest::collection::vec(0_u32..11, 0..40),
        scale in proptest::num::f32::ANY,
    ) {
        let (primitive, textures) = mesh(&corners, &indices, Color32::RED);
        let mut painter = Painter::new();
        painter.update(textures);
        painter.paint(&[primitive], scale, Rect::new(-5, 3, 20, 20));
    }
}

/// Run with `--release -- --nocapture times` to see what painting costs.
#[test]
fn times() {
    let toolbar = draw(1.0, 1920.0, 40.0, |ui| {
        ui.painter()
            .rect_filled(ui.ctx().content_rect(), 0.0, Color32::from_gray(40));
        ui.horizontal(|ui| (0..12).for_each(|i| drop(ui.button(format!("Button {i}")))));
    });
    let hud = draw(1.0, 1280.0, 720.0, |ui| {
        ui.painter()
            .rect_filled(ui.ctx().content_rect(), 0.0, Color32::from_black_alpha(120));
        ui.painter()
            .rect_filled(ui.ctx().content_rect().shrink(40.0), 12.0, Color32::from_gray(30));
        ui.add_space(60.0);
        for i in 0..24 {
            ui.horizontal(|ui| {
                ui.add_space(80.0);
                ui.label(format!(
                    "Action number {i}, with a long description of what it does, and its shortcut"
                ));
                let _ = ui.button("Ctrl+Shift+K");
            });
        }
    });
    for (what, drawn) in [("toolbar of 1920×40", toolbar), ("HUD over 1280×720", hud)] {
        let mut painter = Painter::new();
        painter.update(drawn.textures.clone());
        let mut best = f64::MAX;
        for _ in 0..10 {
            let start = Instant::now();
            painter.paint(
                &drawn.primitives,
                drawn.scale,
                Rect::new(0, 0, drawn.size[0], drawn.size[1]),
            );
            best = best.min(start.elapsed().as_secs_f64() * 1e3);
        }
        println!("{what}: {best:.3} ms");
    }
}
