//! A page: its pixels, and what each stroke covered, so that it can be taken back.

use draw::{Area, Canvas, Colour};
use portico_sdk::frame::rgb;

/// Size of every page in pixels.
pub(crate) const WIDTH: u32 = 1200;
/// Size of every page in pixels.
pub(crate) const HEIGHT: u32 = 800;

const TILE: usize = 50;
const ACROSS: usize = WIDTH as usize / TILE;
const DOWN: usize = HEIGHT as usize / TILE;
/// Strokes that can be taken back.
const MOST: usize = 100;

/// What the tiles that a stroke touched were before (or, for redoing, after) it.
type Patch = Vec<(usize, Box<[Colour; TILE * TILE]>)>;

/// A page.
pub(crate) struct Page {
    pixels: Vec<Colour>,
    done: Vec<Patch>,
    undone: Vec<Patch>,
    /// Tiles that the stroke in progress has touched.
    stroke: Option<Patch>,
}

impl Page {
    pub(crate) fn new() -> Self {
        let pixels = vec![rgb(255, 255, 255); (WIDTH * HEIGHT) as usize];
        Self {
            pixels,
            done: Vec::new(),
            undone: Vec::new(),
            stroke: None,
        }
    }

    pub(crate) fn pixels(&self) -> &[Colour] {
        &self.pixels
    }

    pub(crate) fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    pub(crate) fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Begins what one undo takes back.
    pub(crate) fn begin(&mut self) {
        self.end();
        self.stroke = Some(Patch::new());
    }

    /// Draws a line with round ends, and says what it has changed.
    pub(crate) fn line(&mut self, from: (f32, f32), to: (f32, f32), radius: f32, colour: Colour) -> Area {
        let reach = radius.ceil() as i32 + 2;
        let (left, top) = (
            from.0.min(to.0).floor() as i32 - reach,
            from.1.min(to.1).floor() as i32 - reach,
        );
        let (right, bottom) = (
            from.0.max(to.0).ceil() as i32 + reach,
            from.1.max(to.1).ceil() as i32 + reach,
        );
        let area = Area {
            left,
            top,
            right,
            bottom,
        }
        .intersect(all());
        self.save(area);
        Canvas::new(&mut self.pixels, WIDTH, HEIGHT).capsule(from, to, radius, colour);
        area
    }

    /// Makes it white, which can be taken back like a stroke.
    pub(crate) fn clear(&mut self) {
        self.begin();
        self.save(all());
        self.pixels.fill(rgb(255, 255, 255));
        self.end();
    }

    /// Ends the stroke in progress.
    pub(crate) fn end(&mut self) {
        if let Some(stroke) = self.stroke.take().filter(|stroke| !stroke.is_empty()) {
            self.undone.clear();
            if self.done.len() == MOST {
                self.done.remove(0);
            }
            self.done.push(stroke);
        }
    }

    /// Takes the last stroke back.
    pub(crate) fn undo(&mut self) {
        self.end();
        if let Some(patch) = self.done.pop() {
            let patch = self.swap(patch);
            self.undone.push(patch);
        }
    }

    /// Draws again what was taken back last.
    pub(crate) fn redo(&mut self) {
        self.end();
        if let Some(patch) = self.undone.pop() {
            let patch = self.swap(patch);
            self.done.push(patch);
        }
    }

    fn swap(&mut self, mut patch: Patch) -> Patch {
        for (tile, saved) in &mut patch {
            let mut rows = saved.chunks_exact_mut(TILE);
            each_row(*tile, |range| {
                if let Some(row) = rows.next() {
                    row.swap_with_slice(&mut self.pixels[range]);
                }
            });
        }
        patch
    }

    fn save(&mut self, area: Area) {
        let Some(stroke) = &mut self.stroke else { return };
        if area.width() <= 0 || area.height() <= 0 {
            return;
        }
        for down in area.top as usize / TILE..=(area.bottom as usize - 1) / TILE {
            for across in area.left as usize / TILE..=(area.right as usize - 1) / TILE {
                let tile = down.min(DOWN - 1) * ACROSS + across.min(ACROSS - 1);
                if stroke.iter().any(|(saved, _)| *saved == tile) {
                    continue;
                }
                let mut saved = Box::new([0; TILE * TILE]);
                let mut rows = saved.chunks_exact_mut(TILE);
                each_row(tile, |range| {
                    if let Some(row) = rows.next() {
                        row.copy_from_slice(&self.pixels[range]);
                    }
                });
                stroke.push((tile, saved));
            }
        }
    }
}

fn each_row(tile: usize, mut visit: impl FnMut(std::ops::Range<usize>)) {
    let (left, top) = (tile % ACROSS * TILE, tile / ACROSS * TILE);
    for y in top..top + TILE {
        let start = y * WIDTH as usize + left;
        visit(start..start + TILE);
    }
}

fn all() -> Area {
    Area::new(0, 0, WIDTH as i32, HEIGHT as i32)
}
