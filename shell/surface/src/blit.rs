//! The inner loops: program pixels into window pixels. Window pixels are `0x__RRGGBB` in a `u32`, layers `0xAARRGGBB`.

use super::{Placement, Rect};

/// Converts a row of RGBA bytes; alpha is ignored.
pub(super) fn swizzle(to: &mut [u32], from: &[u8]) {
    for (to, from) in to.iter_mut().zip(from.as_chunks::<4>().0) {
        *to = u32::from_le_bytes(*from).swap_bytes() >> 8;
    }
}

/// Blends a row of premultiplied pixels over opaque ones, in gamma space, each channel rounded and held at 255.
pub(super) fn blend(to: &mut [u32], from: &[u32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = over(*from, *to) & 0xFF_FFFF;
    }
}

/// One premultiplied pixel over another.
#[inline]
pub(crate) fn over(top: u32, below: u32) -> u32 {
    const LANES: u32 = 0x00FF_00FF;
    let through = 255 - (top >> 24);
    // Two channels at a time, 16 bits each: x * through / 255, rounded.
    let dim = |lanes: u32| {
        let product = lanes * through + 0x0080_0080;
        ((product + ((product >> 8) & LANES)) >> 8) & LANES
    };
    // Colour above its alpha is additive light: held at 255 instead of spilling into the next channel.
    let add = |a: u32, b: u32| {
        let sum = a + b;
        let spilt = sum & 0x0100_0100;
        (sum | (spilt - (spilt >> 8))) & LANES
    };
    let even = add(top & LANES, dim(below & LANES));
    let odd = add((top >> 8) & LANES, dim((below >> 8) & LANES));
    even | odd << 8
}

/// A program's picture in window pixels.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    /// `width * height` of them.
    pub(super) pixels: &'a [u32],
}

/// Draws the part of a placed picture that lies in `part`, which is inside `placement.visible` and inside the window.
pub(super) fn draw(to: &mut [u32], to_width: usize, source: Source<'_>, placement: &Placement, part: Rect) {
    if part.is_empty() || placement.rect.is_empty() {
        return;
    }
    let left = part.x.abs_diff(placement.rect.x) as usize;
    let top = part.y.abs_diff(placement.rect.y) as usize;
    let width = part.width as usize;
    let first = part.y.unsigned_abs() as usize * to_width + part.x.unsigned_abs() as usize;
    let rows = to[first..].chunks_mut(to_width).take(part.height as usize).enumerate();
    if placement.is_exact() {
        for (y, row) in rows {
            let from = (top + y) * source.width + left;
            row[..width].copy_from_slice(&source.pixels[from..from + width]);
        }
    } else if placement.is_multiple() {
        let across = placement.rect.width as usize / source.width;
        let down = placement.rect.height as usize / source.height;
        for (y, row) in rows {
            let from = (top + y) / down * source.width;
            repeat(
                &mut row[..width],
                &source.pixels[from..from + source.width],
                left,
                across,
            );
        }
    } else {
        smooth(rows, source, placement, (left, top), width);
    }
}

/// Bilinear: rows are mixed first, over the columns that are needed, then columns, with 8 bits in between.
fn smooth<'a>(
    rows: impl Iterator<Item = (usize, &'a mut [u32])>,
    source: Source<'_>,
    placement: &Placement,
    (left, top): (usize, usize),
    width: usize,
) {
    let columns: Vec<Tap> = (left..left + width)
        .map(|x| Tap::new(x, placement.rect.width as usize, source.width))
        .collect();
    let [Some(from), Some(to)] = [columns.first(), columns.last()].map(|tap| tap.copied()) else {
        return;
    };
    let (from, to) = (from.first, to.second + 1);
    let mut mixed = vec![0; to - from];
    for (y, row) in rows {
        let tap = Tap::new(top + y, placement.rect.height as usize, source.height);
        let upper = &source.pixels[tap.first * source.width..][from..to];
        let lower = &source.pixels[tap.second * source.width..][from..to];
        for ((mixed, upper), lower) in mixed.iter_mut().zip(upper).zip(lower) {
            *mixed = mix(spread(*upper), spread(*lower), tap.weight);
        }
        for (to, column) in row.iter_mut().zip(&columns) {
            *to = gather(mix(
                mixed[column.first - from],
                mixed[column.second - from],
                column.weight,
            ));
        }
    }
}

/// Fills a row with each pixel `times` times, from the `skip`th window pixel on.
fn repeat(to: &mut [u32], from: &[u32], skip: usize, times: usize) {
    let mut x = skip / times;
    let lead = (times - skip % times) % times;
    let (head, body) = to.split_at_mut(lead.min(to.len()));
    if !head.is_empty() {
        head.fill(from[x]);
        x += 1;
    }
    for (to, pixel) in body.chunks_mut(times).zip(&from[x..]) {
        to.fill(*pixel);
    }
}

/// The two neighbours that a window pixel lies between on one axis, and how far towards the second, in 256ths.
#[derive(Clone, Copy)]
struct Tap {
    first: usize,
    second: usize,
    weight: u32,
}

impl Tap {
    /// For pixel `at` of `to` that show `from` pixels. The centres of both grids' outer pixels are clamped to the edge.
    fn new(at: usize, to: usize, from: usize) -> Self {
        // In 256ths of a source pixel: (at + 1/2) * from / to - 1/2, rounded.
        let (at, to, from) = (at as u64, to as u64, from as u64);
        let place = (((2 * at + 1) * from * 256 + to) / (2 * to)).saturating_sub(128);
        let first = (place / 256).min(from - 1);
        Self {
            first: first as usize,
            second: (first + 1).min(from - 1) as usize,
            weight: (place % 256) as u32,
        }
    }
}

/// The channels of a pixel in 16 bits each, so that one multiplication serves all.
#[inline]
fn spread(pixel: u32) -> u64 {
    u64::from(pixel & 0xFF_00FF) | u64::from(pixel & 0xFF00) << 24
}

/// The inverse of [`spread`].
#[inline]
fn gather(lanes: u64) -> u32 {
    lanes as u32 & 0xFF_00FF | (lanes >> 24) as u32 & 0xFF00
}

/// From one pixel towards another, in 256ths, rounded.
#[inline]
fn mix(first: u64, second: u64, weight: u32) -> u64 {
    let weight = u64::from(weight);
    (first * (256 - weight) + second * weight + 0x0080_0080_0080) >> 8 & 0x00FF_00FF_00FF
}
