//! Puts a window's picture together in a buffer of `0x__RRGGBB` pixels. Knows no window system.
//!
//! The hot path is a frame at 1:1 with nothing over it, into a buffer that persists: it is converted straight into the buffer
//! and kept nowhere else. Everything else (scaled, under an overlay, or a buffer that alternates) goes through a kept copy.
//! Before something covers a frame that is in the buffer alone, it is read back ([`Canvas::read_back`]).

use super::{Frame, Layer, Placement, Rect, blit};
use portico_portals::Scale;
use std::sync::Arc;

/// Rectangles that have changed. They may overlap.
#[derive(Clone, Debug, Default)]
pub(super) struct Damage(Vec<Rect>);

impl Damage {
    /// More than these become one rectangle around all: each costs a request to the window system.
    const MOST: usize = 8;

    pub(super) fn add(&mut self, rect: Rect) {
        if rect.is_empty() || self.0.iter().any(|other| other.contains(&rect)) {
            return;
        }
        self.0.retain(|other| !rect.contains(other));
        self.0.push(rect);
        if self.0.len() > Self::MOST {
            let all = self.0.iter().fold(Rect::default(), |all, rect| all.union(rect));
            self.0 = vec![all];
        }
    }

    pub(super) fn rects(&self) -> &[Rect] {
        &self.0
    }
}

/// The program's last frame.
struct LastFrame {
    placement: Placement,
    scale: Scale,
    /// The frame in its own size; `None`: its only copy is in the target, 1:1 and uncovered, at `placement.rect`.
    pixels: Option<Vec<u32>>,
}

/// What a window shows and which parts of its target are out of date. A *target* is the buffer that is composed into:
/// `width * height` pixels of the size that was set last.
#[derive(Default)]
pub(super) struct Canvas {
    width: u32,
    height: u32,
    area: Rect,
    background: u32,
    layers: Vec<Arc<Layer>>,
    last_frame: Option<LastFrame>,
    /// To be composed.
    stale: Damage,
    /// Composed, to be presented.
    fresh: Damage,
}

impl Canvas {
    pub(super) fn window(&self) -> Rect {
        Rect::new(0, 0, self.width, self.height)
    }

    pub(super) fn placement(&self) -> Option<Placement> {
        self.last_frame.as_ref().map(|last_frame| last_frame.placement)
    }

    /// Whether the frame's only copy is in the target, so that it has to be read back before it is covered.
    pub(super) fn is_in_target(&self) -> bool {
        self.last_frame
            .as_ref()
            .is_some_and(|last_frame| last_frame.pixels.is_none())
    }

    /// Takes the frame's only copy out of the target.
    pub(super) fn read_back(&mut self, target: &[u32]) {
        let stride = self.width as usize;
        let Some(last_frame) = self
            .last_frame
            .as_mut()
            .filter(|last_frame| last_frame.pixels.is_none())
        else {
            return;
        };
        let rect = last_frame.placement.rect;
        let first = rect.y.unsigned_abs() as usize * stride + rect.x.unsigned_abs() as usize;
        let mut pixels = Vec::with_capacity(usize::try_from(rect.pixels()).unwrap_or(0));
        for row in target[first..].chunks(stride).take(rect.height as usize) {
            pixels.extend_from_slice(&row[..rect.width as usize]);
        }
        last_frame.pixels = Some(pixels);
    }

    /// Changes the size; the target's contents are void from here on, so the frame must have been read back.
    pub(super) fn set_size(&mut self, width: u32, height: u32) {
        debug_assert!(!self.is_in_target(), "the frame would be lost");
        (self.width, self.height) = (width, height);
        self.damage_all();
    }

    pub(super) fn area(&self) -> Rect {
        self.area
    }

    /// Moves the framebuffer area; the frame must have been read back.
    pub(super) fn set_area(&mut self, area: Rect) {
        debug_assert!(!self.is_in_target(), "the frame would be lost");
        let before = std::mem::replace(&mut self.area, area);
        self.damage(before);
        self.damage(area);
        if let Some(last_frame) = &mut self.last_frame {
            let (width, height) = last_frame.placement.frame;
            last_frame.placement = Placement::new(width, height, last_frame.scale, area);
        }
    }

    pub(super) fn set_background(&mut self, [red, green, blue]: [u8; 3]) {
        let colour = u32::from_be_bytes([0, red, green, blue]);
        if self.background != colour {
            self.background = colour;
            self.damage_all();
        }
    }

    /// Whether one of these layers would lie over a frame whose only copy is in the target.
    pub(super) fn would_cover(&self, layers: &[Arc<Layer>]) -> bool {
        let Some(last_frame) = self
            .last_frame
            .as_ref()
            .filter(|last_frame| last_frame.pixels.is_none())
        else {
            return false;
        };
        layers
            .iter()
            .any(|layer| layer.rect().intersects(&last_frame.placement.rect))
    }

    pub(super) fn set_layers(&mut self, layers: &[Arc<Layer>]) {
        debug_assert!(!self.would_cover(layers), "the frame would be lost");
        let before = std::mem::take(&mut self.layers);
        let stays = |list: &[Arc<Layer>], layer: &Arc<Layer>| list.iter().any(|other| Arc::ptr_eq(other, layer));
        let kept_before = before.iter().filter(|layer| stays(layers, layer));
        let kept_now = layers.iter().filter(|layer| stays(&before, layer));
        if kept_before.zip(kept_now).any(|(a, b)| !Arc::ptr_eq(a, b)) {
            // The order has changed: whatever overlaps may look different.
            before.iter().chain(layers).for_each(|layer| self.damage(layer.rect()));
        } else {
            before
                .iter()
                .filter(|layer| !stays(layers, layer))
                .for_each(|layer| self.damage(layer.rect()));
            layers
                .iter()
                .filter(|layer| !stays(&before, layer))
                .for_each(|layer| self.damage(layer.rect()));
        }
        self.layers = layers.to_vec();
    }

    /// Whether a frame can go straight into a persistent target.
    pub(super) fn is_direct(&self, frame: &Frame<'_>) -> bool {
        let placement = Placement::new(frame.width, frame.height, frame.scale, self.area);
        let rect = placement.rect;
        placement.is_exact()
            && placement.visible == rect
            && self.window().contains(&rect)
            && !self.layers.iter().any(|layer| layer.rect().intersects(&rect))
    }

    /// Takes a frame: into the target where [`Canvas::is_direct`] allows it and there is one that persists, else into a
    /// copy. A frame that breaks its own rules (too few bytes) is ignored.
    pub(super) fn frame(&mut self, frame: &Frame<'_>, target: Option<&mut [u32]>) {
        if !is_whole(frame) {
            return;
        }
        let direct = self.is_direct(frame);
        let placement = Placement::new(frame.width, frame.height, frame.scale, self.area);
        let before = self.last_frame.take();
        let old = before.as_ref().map(|last_frame| last_frame.placement.visible);
        let spare = before.and_then(|last_frame| last_frame.pixels);
        let rows = frame.pixels.chunks(frame.stride as usize).take(frame.height as usize);
        let width = frame.width as usize;
        let pixels = match target.filter(|_| direct) {
            Some(target) => {
                let stride = self.width as usize;
                let first =
                    placement.rect.y.unsigned_abs() as usize * stride + placement.rect.x.unsigned_abs() as usize;
                for (to, from) in target[first..].chunks_mut(stride).zip(rows) {
                    blit::swizzle(&mut to[..width], &from[..4 * width]);
                }
                self.fresh.add(placement.rect);
                None
            }
            None => {
                let needed = width * frame.height as usize;
                let mut pixels = spare.unwrap_or_default();
                if is_spare(pixels.capacity() as u64, needed as u64) {
                    pixels = Vec::new();
                }
                pixels.resize(needed, 0);
                for (to, from) in pixels.chunks_mut(width).zip(rows) {
                    blit::swizzle(to, &from[..4 * width]);
                }
                self.damage(placement.visible);
                Some(pixels)
            }
        };
        if let Some(old) = old.filter(|old| *old != placement.visible) {
            self.damage(old);
        }
        self.last_frame = Some(LastFrame {
            placement,
            scale: frame.scale,
            pixels,
        });
    }

    pub(super) fn damage_all(&mut self) {
        self.damage(self.window());
    }

    fn damage(&mut self, rect: Rect) {
        self.stale.add(rect.intersection(&self.window()));
    }

    /// Whether there is anything to present.
    pub(super) fn is_changed(&self) -> bool {
        !self.stale.rects().is_empty() || !self.fresh.rects().is_empty()
    }

    /// Brings the parts of the target that are out of date up to date.
    pub(super) fn repaint(&mut self, target: &mut [u32]) {
        for rect in std::mem::take(&mut self.stale).0 {
            self.compose(target, rect);
            self.fresh.add(rect);
        }
    }

    /// What has changed since the last time, for the window system; it counts as presented from here on.
    pub(super) fn take_damage(&mut self) -> Damage {
        std::mem::take(&mut self.fresh)
    }

    /// Sets the fourth byte of the pixels that have changed, for a window whose pixels may be seen through.
    pub(super) fn make_opaque(&self, target: &mut [u32], damage: &Damage) {
        for rect in damage.rects() {
            for row in rows(target, self.width, *rect) {
                row.iter_mut().for_each(|pixel| *pixel |= 0xFF00_0000);
            }
        }
    }

    /// Composes a part of the target from the bottom up. Pixels of a frame that is in the target alone are left.
    pub(super) fn compose(&self, target: &mut [u32], part: Rect) {
        let part = part.intersection(&self.window());
        if part.is_empty() {
            return;
        }
        let lid = self
            .layers
            .iter()
            .rposition(|layer| layer.is_opaque() && layer.rect().contains(&part));
        if lid.is_none() {
            self.base(target, part);
        }
        for layer in &self.layers[lid.unwrap_or(0)..] {
            self.layer(target, layer, part);
        }
    }

    /// Background and frame.
    fn base(&self, target: &mut [u32], part: Rect) {
        let hole = self
            .last_frame
            .as_ref()
            .map(|last_frame| last_frame.placement.visible)
            .unwrap_or_default();
        for bar in part.without(&hole) {
            for row in rows(target, self.width, bar) {
                row.fill(self.background);
            }
        }
        if let Some(last_frame) = &self.last_frame
            && let Some(pixels) = &last_frame.pixels
        {
            let (width, height) = last_frame.placement.frame;
            let source = blit::Source {
                width: width as usize,
                height: height as usize,
                pixels,
            };
            blit::draw(
                target,
                self.width as usize,
                source,
                &last_frame.placement,
                part.intersection(&hole),
            );
        }
    }

    fn layer(&self, target: &mut [u32], layer: &Layer, part: Rect) {
        let rect = layer.rect();
        let part = part.intersection(&rect);
        if part.is_empty() {
            return;
        }
        let left = part.x.abs_diff(rect.x) as usize;
        let top = part.y.abs_diff(rect.y) as usize;
        let from = layer.pixels().chunks(rect.width as usize).skip(top);
        for (to, from) in rows(target, self.width, part).zip(from) {
            let from = &from[left..left + to.len()];
            if layer.is_opaque() {
                to.iter_mut().zip(from).for_each(|(to, from)| *to = from & 0xFF_FFFF);
            } else {
                blit::blend(to, from);
            }
        }
    }
}

/// Whether room for so many pixels is far more than is needed: a window that was huge gives it back. What a few sizes of an
/// ordinary window need is kept.
pub(super) fn is_spare(room: u64, needed: u64) -> bool {
    room > 1 << 22 && room / 4 > needed
}

/// Whether the bytes that its numbers promise are there.
pub(super) fn is_whole(frame: &Frame<'_>) -> bool {
    let (width, height, stride) = (u64::from(frame.width), u64::from(frame.height), u64::from(frame.stride));
    width > 0 && height > 0 && stride >= 4 * width && frame.pixels.len() as u64 >= stride * (height - 1) + 4 * width
}

/// The rows of a rectangle that is within the target.
fn rows(target: &mut [u32], stride: u32, rect: Rect) -> impl Iterator<Item = &mut [u32]> {
    let (x, y) = (rect.x.unsigned_abs() as usize, rect.y.unsigned_abs() as usize);
    let count = if rect.is_empty() { 0 } else { rect.height as usize };
    // An empty rectangle may stand anywhere; it has no rows.
    let first = if count == 0 { 0 } else { y * stride as usize };
    target[first..]
        .chunks_mut((stride as usize).max(1))
        .take(count)
        .map(move |row| &mut row[x..x + rect.width as usize])
}
