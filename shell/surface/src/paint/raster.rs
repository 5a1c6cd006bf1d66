//! Fills triangles as a GPU does: corners on a grid of 256ths of a pixel, a pixel belongs to the triangle that covers its
//! centre, and a centre on an edge belongs to the triangle whose top or left edge that is. Neighbours never overlap nor gape.

use super::texture::{self, Texture, channels};
use crate::{Rect, over};
use egui::epaint::Vertex;

/// Steps a pixel.
const GRID: i32 = 256;
const HALF: i32 = GRID / 2;
/// Corners further out than this many pixels are held there; with that, no product below overflows.
const FAR: f32 = 2_000_000.0;

/// Where painting is allowed, in pixels of the bitmap: from first to last, last excluded.
#[derive(Clone, Copy)]
pub(super) struct Clip {
    left: i32,
    top: i32,
    right: i32,
    bottom: i32,
}

impl Clip {
    /// egui's clip rectangle (points) within the bitmap that covers `rect` (pixels).
    pub(super) fn new(clip: egui::Rect, pixels_per_point: f32, rect: Rect) -> Self {
        // A cast of a float saturates, and takes NaN for 0: an empty clip at worst.
        let edge = |points: f32, origin: i32, size: u32| {
            let pixels = (points * pixels_per_point).round().max(0.0) as i32;
            pixels
                .saturating_sub(origin)
                .clamp(0, i32::try_from(size).unwrap_or(i32::MAX))
        };
        Self {
            left: edge(clip.min.x, rect.x, rect.width),
            top: edge(clip.min.y, rect.y, rect.height),
            right: edge(clip.max.x, rect.x, rect.width),
            bottom: edge(clip.max.y, rect.y, rect.height),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }
}

/// A corner, in steps of the bitmap's grid, with its place in the texture (texels) and its colour.
#[derive(Clone, Copy)]
pub(super) struct Point {
    x: i32,
    y: i32,
    u: f32,
    v: f32,
    colour: u32,
}

impl Point {
    /// `None` when a coordinate is not a number.
    pub(super) fn new(vertex: &Vertex, pixels_per_point: f32, rect: Rect, texture: &Texture) -> Option<Self> {
        let steps = |points: f32, origin: i32| {
            let pixels = points * pixels_per_point - origin as f32;
            (!pixels.is_nan()).then(|| (pixels.clamp(-FAR, FAR) * GRID as f32).round() as i32)
        };
        let (width, height) = texture.size();
        let texel = |at: f32, size: f32| (!at.is_nan()).then(|| (at * size).clamp(-FAR, FAR));
        Some(Self {
            x: steps(vertex.pos.x, rect.x)?,
            y: steps(vertex.pos.y, rect.y)?,
            u: texel(vertex.uv.x, width)?,
            v: texel(vertex.uv.y, height)?,
            colour: texture::pixel(vertex.color.to_array()),
        })
    }
}

/// First pixel whose centre is at or after this step.
fn first_at(step: i32) -> i32 {
    (step + HALF - 1) >> 8
}

/// The bitmap, what may be painted of it, and the texture in use.
pub(super) struct Raster<'a> {
    pub(super) pixels: &'a mut [u32],
    pub(super) width: usize,
    pub(super) clip: Clip,
    pub(super) texture: &'a Texture,
}

impl Raster<'_> {
    /// Fills an upright rectangle (left top, right top, left bottom, right bottom). Says whether it was one.
    pub(super) fn rectangle(&mut self, a: &Point, b: &Point, c: &Point, d: &Point) -> bool {
        let upright = a.y == b.y && c.y == d.y && a.x == c.x && b.x == d.x && a.x <= b.x && a.y <= c.y;
        let straight = a.v == b.v && c.v == d.v && a.u == c.u && b.u == d.u;
        let plain = a.colour == b.colour && a.colour == c.colour && a.colour == d.colour;
        if !(upright && straight && plain) {
            return false;
        }
        let left = first_at(a.x).max(self.clip.left);
        let right = first_at(b.x).min(self.clip.right);
        let top = first_at(a.y).max(self.clip.top);
        let bottom = first_at(c.y).min(self.clip.bottom);
        if left >= right || top >= bottom {
            return true;
        }
        if (a.u, a.v) == (d.u, d.v) {
            let colour = tint(self.texture.sample(a.u, a.v), channels(a.colour));
            for y in top..bottom {
                fill(self.row(y, left, right), colour);
            }
            return true;
        }
        // Texels a pixel, and the place in the texture of the first pixel's centre.
        let across = (b.u - a.u) / (b.x - a.x) as f32 * GRID as f32;
        let down = (c.v - a.v) / (c.y - a.y) as f32 * GRID as f32;
        let u = a.u + ((left * GRID + HALF - a.x) as f32 / GRID as f32) * across;
        let v = a.v + ((top * GRID + HALF - a.y) as f32 / GRID as f32) * down;
        let length = left.abs_diff(right) as usize;
        let texture = self.texture;
        for y in top..bottom {
            let v = v + (y - top) as f32 * down;
            let exact = is_exact(u, across, length).zip(is_exact(v, down, bottom.abs_diff(top) as usize));
            let run = exact.and_then(|_| texture.run(u.floor() as i64, v.floor() as i64, length));
            let row = self.row(y, left, right);
            if let Some(run) = run {
                for (to, texel) in row.iter_mut().zip(run) {
                    put(to, times(*texel, a.colour));
                }
            } else {
                let colour = channels(a.colour);
                for (x, to) in row.iter_mut().enumerate() {
                    put(to, tint(texture.sample(u + x as f32 * across, v), colour));
                }
            }
        }
        true
    }

    /// Fills a triangle of any shape.
    pub(super) fn triangle(&mut self, [a, mut b, mut c]: [Point; 3]) {
        let area = cross(&a, &b, &c);
        if area == 0 {
            return;
        }
        if area < 0 {
            std::mem::swap(&mut b, &mut c);
        }
        let top = first_at(a.y.min(b.y).min(c.y)).max(self.clip.top);
        let bottom = first_at(a.y.max(b.y).max(c.y)).min(self.clip.bottom);
        let left = first_at(a.x.min(b.x).min(c.x)).max(self.clip.left);
        let right = first_at(a.x.max(b.x).max(c.x)).min(self.clip.right);
        if left >= right || top >= bottom {
            return;
        }
        let edges = [Edge::new(&a, &b), Edge::new(&b, &c), Edge::new(&c, &a)];
        let paint = Paint::new([&a, &b, &c], self.texture);
        for y in top..bottom {
            let (mut from, mut to) = (left, right);
            for edge in &edges {
                edge.narrow(y, &mut from, &mut to);
            }
            if from < to {
                let texture = self.texture;
                paint.span(self.row(y, from, to), from, y, texture);
            }
        }
    }

    fn row(&mut self, y: i32, left: i32, right: i32) -> &mut [u32] {
        let start = y as usize * self.width;
        &mut self.pixels[start + left as usize..start + right as usize]
    }
}

/// Whether these pixels show one texel each, undivided: then the first lies in the texel of the given place.
fn is_exact(at: f32, step: f32, length: usize) -> Option<()> {
    // Less than a 64th of a texel is lost on screen.
    const SLACK: f32 = 1.0 / 64.0;
    let last = at + step * length.saturating_sub(1) as f32;
    let centred = |at: f32| ((at - at.floor()) - 0.5).abs() < SLACK;
    let straight = (last - at - length.saturating_sub(1) as f32).abs() < SLACK;
    (centred(at) && straight).then_some(())
}

fn cross(a: &Point, b: &Point, c: &Point) -> i64 {
    let (ax, ay) = (i64::from(a.x), i64::from(a.y));
    (i64::from(b.x) - ax) * (i64::from(c.y) - ay) - (i64::from(c.x) - ax) * (i64::from(b.y) - ay)
}

/// A side of a triangle that has its inside to the right, seen along it (y down).
struct Edge {
    x: i64,
    y: i64,
    across: i64,
    down: i64,
    /// 0 where centres on the edge belong to the triangle, else -1.
    bias: i64,
}

impl Edge {
    fn new(a: &Point, b: &Point) -> Self {
        let (across, down) = (i64::from(b.x) - i64::from(a.x), i64::from(b.y) - i64::from(a.y));
        let owns = down < 0 || (down == 0 && across > 0);
        Self {
            x: a.x.into(),
            y: a.y.into(),
            across,
            down,
            bias: if owns { 0 } else { -1 },
        }
    }

    /// Narrows a row's span to the pixels whose centres are inside.
    #[inline]
    fn narrow(&self, row: i32, from: &mut i32, to: &mut i32) {
        let y = i64::from(row) * i64::from(GRID) + i64::from(HALF);
        // Inside: rest - down * x >= 0.
        let rest = self.across * (y - self.y) + self.down * self.x + self.bias;
        if self.down > 0 {
            let last = (rest.div_euclid(self.down) - i64::from(HALF)) >> 8;
            *to = (*to).min(clamp(last + 1));
        } else if self.down < 0 {
            let first = (-rest.div_euclid(-self.down) + i64::from(HALF) - 1) >> 8;
            *from = (*from).max(clamp(first));
        } else if rest < 0 {
            *to = *from;
        }
    }
}

fn clamp(pixel: i64) -> i32 {
    pixel.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
}

/// What a triangle is filled with.
enum Paint {
    Solid(u32),
    /// One texel; the colour changes.
    Gradient {
        colour: [Plane; 4],
    },
    Textured {
        colour: [Plane; 4],
        place: [Plane; 2],
    },
}

impl Paint {
    fn new(corners: [&Point; 3], texture: &Texture) -> Self {
        let [a, b, c] = corners;
        let same_place = (a.u, a.v) == (b.u, b.v) && (a.u, a.v) == (c.u, c.v);
        let colours = corners.map(|corner| channels(corner.colour));
        if same_place {
            let texel = texture.sample(a.u, a.v);
            if a.colour == b.colour && a.colour == c.colour {
                return Self::Solid(tint(texel, colours[0]));
            }
            let colour = std::array::from_fn(|i| {
                Plane::new(corners, colours.map(|colour| f64::from(colour[i] * texel[i] / 255.0)))
            });
            return Self::Gradient { colour };
        }
        Self::Textured {
            colour: std::array::from_fn(|i| Plane::new(corners, colours.map(|colour| f64::from(colour[i])))),
            place: [
                Plane::new(corners, corners.map(|corner| f64::from(corner.u))),
                Plane::new(corners, corners.map(|corner| f64::from(corner.v))),
            ],
        }
    }

    fn span(&self, row: &mut [u32], x: i32, y: i32, texture: &Texture) {
        match self {
            Self::Solid(colour) => fill(row, *colour),
            Self::Gradient { colour } => {
                let (start, step) = (
                    colour.each_ref().map(|plane| plane.at(x, y)),
                    colour.each_ref().map(Plane::step),
                );
                for (i, to) in row.iter_mut().enumerate() {
                    put(to, pack(std::array::from_fn(|c| start[c] + step[c] * i as f32)));
                }
            }
            Self::Textured { colour, place: [u, v] } => {
                let (start, step) = (
                    colour.each_ref().map(|plane| plane.at(x, y)),
                    colour.each_ref().map(Plane::step),
                );
                let (u, across, v, down) = (u.at(x, y), u.step(), v.at(x, y), v.step());
                for (i, to) in row.iter_mut().enumerate() {
                    let i = i as f32;
                    let texel = texture.sample(u + across * i, v + down * i);
                    put(to, tint(texel, std::array::from_fn(|c| start[c] + step[c] * i)));
                }
            }
        }
    }
}

/// A value that changes evenly over a triangle.
struct Plane {
    origin: f64,
    across: f64,
    down: f64,
}

impl Plane {
    fn new([a, b, c]: [&Point; 3], [at_a, at_b, at_c]: [f64; 3]) -> Self {
        let area = cross(a, b, c) as f64;
        let (bx, by) = (f64::from(b.x) - f64::from(a.x), f64::from(b.y) - f64::from(a.y));
        let (cx, cy) = (f64::from(c.x) - f64::from(a.x), f64::from(c.y) - f64::from(a.y));
        let across = ((at_b - at_a) * cy - (at_c - at_a) * by) / area;
        let down = ((at_c - at_a) * bx - (at_b - at_a) * cx) / area;
        Self {
            origin: at_a - across * f64::from(a.x) - down * f64::from(a.y),
            across,
            down,
        }
    }

    /// At a pixel's centre.
    fn at(&self, x: i32, y: i32) -> f32 {
        let centre = |pixel: i32| f64::from(pixel) * f64::from(GRID) + f64::from(HALF);
        (self.origin + self.across * centre(x) + self.down * centre(y)) as f32
    }

    /// From one pixel to the next in a row.
    fn step(&self) -> f32 {
        (self.across * f64::from(GRID)) as f32
    }
}

#[inline]
fn fill(row: &mut [u32], colour: u32) {
    if colour >> 24 == 0xFF {
        row.fill(colour);
    } else if colour != 0 {
        row.iter_mut().for_each(|to| *to = over(colour, *to));
    }
}

#[inline]
fn put(to: &mut u32, colour: u32) {
    if colour >> 24 == 0xFF {
        *to = colour;
    } else if colour != 0 {
        *to = over(colour, *to);
    }
}

/// Rounds alpha, red, green and blue; the casts hold them between 0 and 255.
#[inline]
fn pack(colour: [f32; 4]) -> u32 {
    u32::from_be_bytes(colour.map(|channel| (channel + 0.5) as u8))
}

#[inline]
fn tint(texel: [f32; 4], colour: [f32; 4]) -> u32 {
    pack(std::array::from_fn(|i| texel[i] * colour[i] * (1.0 / 255.0)))
}

/// The product of two colours, a channel at a time.
#[inline]
fn times(texel: u32, colour: u32) -> u32 {
    if texel == 0 {
        return 0;
    }
    if texel == u32::MAX {
        return colour;
    }
    let (texel, colour) = (texel.to_be_bytes(), colour.to_be_bytes());
    u32::from_be_bytes(std::array::from_fn(|i| {
        let product = u32::from(texel[i]) * u32::from(colour[i]) + 128;
        ((product + (product >> 8)) >> 8) as u8
    }))
}
