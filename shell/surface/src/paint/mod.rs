//! Paints egui's output on the CPU into [`Layer`]s, the same picture that egui's GPU renderer makes (in gamma space, without
//! dithering). Chrome changes rarely: it is painted once per change and kept as a bitmap on both routes.

mod raster;
mod texture;

use crate::{Layer, Rect};
use egui::epaint::{Mesh, Primitive, Vertex};
use egui::{ClippedPrimitive, TextureId, TexturesDelta};
use raster::{Clip, Point, Raster};
use std::collections::HashMap;
use texture::Texture;

/// Holds the textures of one egui context and paints what that context draws.
#[derive(Default)]
pub struct Painter {
    textures: HashMap<TextureId, Texture>,
    /// Freed once what was drawn with them has been painted: at the next update.
    doomed: Vec<TextureId>,
}

impl Painter {
    /// A painter without textures.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the textures that a frame of egui has changed. Call it for every frame, before painting it; textures that the
    /// frame frees can still be painted with until the next call.
    pub fn update(&mut self, mut delta: TexturesDelta) {
        for id in self.doomed.drain(..) {
            self.textures.remove(&id);
        }
        for (id, changes) in delta.set.drain() {
            for change in &changes {
                match (change.pos, self.textures.get_mut(&id)) {
                    (Some(at), Some(texture)) => texture.patch(at, change),
                    (Some(_), None) => tracing::error!("egui patches a texture that it has not made: {id:?}"),
                    (None, _) => drop(self.textures.insert(id, Texture::new(change))),
                }
            }
        }
        self.doomed.extend(delta.free.drain());
    }

    /// Paints the part of the window that `rect` (physical pixels) covers, on transparent ground. `pixels_per_point` is the
    /// one that egui tessellated with.
    pub fn paint(&self, primitives: &[ClippedPrimitive], pixels_per_point: f32, rect: Rect) -> Layer {
        let mut pixels = vec![0; usize::try_from(rect.pixels()).unwrap_or(0)];
        if !pixels.is_empty() {
            for ClippedPrimitive { clip_rect, primitive } in primitives {
                let clip = Clip::new(*clip_rect, pixels_per_point, rect);
                if let Primitive::Mesh(mesh) = primitive
                    && !clip.is_empty()
                    && let Some(texture) = self.textures.get(&mesh.texture_id)
                {
                    let raster = Raster {
                        pixels: &mut pixels,
                        width: rect.width as usize,
                        clip,
                        texture,
                    };
                    paint_mesh(raster, mesh, |vertex| {
                        Point::new(vertex, pixels_per_point, rect, texture)
                    });
                }
            }
        }
        Layer::new(rect, pixels)
    }
}

fn paint_mesh(mut raster: Raster<'_>, mesh: &Mesh, point: impl Fn(&Vertex) -> Option<Point>) {
    let corner = |index: u32| mesh.vertices.get(index as usize).and_then(&point);
    let mut rest = mesh.indices.as_slice();
    while let [a, b, c, after @ ..] = rest {
        rest = after;
        let (Some(first), Some(second), Some(third)) = (corner(*a), corner(*b), corner(*c)) else {
            continue;
        };
        // egui's rectangles (glyphs and pictures among them) are these two triangles.
        if let [d, e, f, after @ ..] = after
            && (d, e) == (c, b)
            && let Some(fourth) = corner(*f)
            && raster.rectangle(&first, &second, &third, &fourth)
        {
            rest = after;
            continue;
        }
        raster.triangle([first, second, third]);
    }
}

#[cfg(test)]
mod tests;
