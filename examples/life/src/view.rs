//! Which part of the plane is seen, and how it looks.

use crate::board::{Board, MEMORY};
use draw::{Area, Canvas, Font, blend};
use portico_sdk::frame::{Screen, rgb};

/// Sizes of a cell in points.
const ZOOMS: [i32; 10] = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48];
/// Which of them it is at first.
const FIRST_ZOOM: usize = 4;
/// Smallest cell, in points, that has a line around it.
const LINES_FROM: i32 = 6;

/// The view: the plane's pixel in the middle of the picture, and the size of a cell.
pub(crate) struct View {
    x: f64,
    y: f64,
    zoom: usize,
    /// Pixels per point.
    scale: f32,
    dark: bool,
    colours: [u32; 1 << MEMORY],
    /// The colours of one row of cells.
    row: Vec<u32>,
}

/// What is told in the corner.
pub(crate) struct Status<'a> {
    /// Text.
    pub(crate) text: &'a str,
    /// Cell under the cursor.
    pub(crate) hovered: Option<(i32, i32)>,
}

impl View {
    /// The origin in the middle, dark.
    pub(crate) fn new() -> Self {
        let mut view = Self {
            x: 0.0,
            y: 0.0,
            zoom: FIRST_ZOOM,
            scale: 1.0,
            dark: true,
            colours: [0; 1 << MEMORY],
            row: Vec::new(),
        };
        view.colours = colours(true);
        view
    }

    /// Follows the window's scale and the user's taste.
    pub(crate) fn suit(&mut self, scale: f32, dark: bool) {
        if self.dark != dark {
            (self.dark, self.colours) = (dark, colours(dark));
        }
        let before = self.cell();
        self.scale = scale;
        self.rescale(before, 0.0, 0.0);
    }

    /// The middle and the first zoom.
    pub(crate) fn reset(&mut self) {
        (self.x, self.y, self.zoom) = (0.0, 0.0, FIRST_ZOOM);
    }

    /// Moves by pixels.
    pub(crate) fn pan(&mut self, dx: f32, dy: f32) {
        self.x += f64::from(dx);
        self.y += f64::from(dy);
    }

    /// Zooms by steps around a point, given from the middle of the picture in pixels: that cell stays where it is.
    pub(crate) fn zoom(&mut self, steps: i32, x: f32, y: f32) {
        let before = self.cell();
        self.zoom = self.zoom.saturating_add_signed(steps as isize).min(ZOOMS.len() - 1);
        self.rescale(before, f64::from(x), f64::from(y));
    }

    fn rescale(&mut self, before: i32, x: f64, y: f64) {
        let ratio = f64::from(self.cell()) / f64::from(before);
        self.x = (self.x + x) * ratio - x;
        self.y = (self.y + y) * ratio - y;
    }

    /// Pixels a side of a cell.
    fn cell(&self) -> i32 {
        ((ZOOMS[self.zoom] as f32 * self.scale).round() as i32).max(1)
    }

    /// The cell at a point of the picture.
    pub(crate) fn cell_at(&self, x: f32, y: f32, width: u32, height: u32) -> (i32, i32) {
        let (left, top) = self.corner(width, height);
        (
            (left + x.floor() as i32).div_euclid(self.cell()),
            (top + y.floor() as i32).div_euclid(self.cell()),
        )
    }

    /// The cell in the middle of the picture.
    pub(crate) fn middle(&self) -> (i32, i32) {
        (
            (self.x / f64::from(self.cell())).floor() as i32,
            (self.y / f64::from(self.cell())).floor() as i32,
        )
    }

    /// The plane's pixel at the top left of the picture.
    fn corner(&self, width: u32, height: u32) -> (i32, i32) {
        (
            self.x.floor() as i32 - width as i32 / 2,
            self.y.floor() as i32 - height as i32 / 2,
        )
    }

    /// Draws the plane, and the status over it.
    pub(crate) fn draw(&mut self, board: &Board, screen: &mut Screen, status: &Status<'_>) {
        let (width, height) = (screen.width(), screen.height());
        let (cell, (left, top)) = (self.cell(), self.corner(width, height));
        let line = if ZOOMS[self.zoom] < LINES_FROM {
            0
        } else {
            (self.scale.round() as i32).max(1)
        };
        let pixels = screen.pixels();
        self.row.resize(width as usize, 0);
        let first = left.div_euclid(cell);
        let last = (left + width as i32 - 1).div_euclid(cell);
        let mut y = 0;
        while y < height as i32 {
            let row = (top + y).div_euclid(cell);
            // Rows of pixels down to the end of these cells, the line between them last.
            let end = ((row + 1) * cell - top).min(height as i32);
            let body = ((row + 1) * cell - line - top).clamp(y, end);
            if body > y {
                for column in first..=last {
                    let from = (column * cell - left).max(0) as usize;
                    let to = ((column + 1) * cell - left).min(width as i32) as usize;
                    let edge = ((column + 1) * cell - line - left).clamp(from as i32, to as i32) as usize;
                    self.row[from..edge].fill(self.colours[board.past(column, row)]);
                    let colour = self.grid(column + 1);
                    self.row[edge..to].fill(colour);
                }
            }
            for (target, row_end) in [(y..body, false), (body..end, true)] {
                let colour = self.grid(row + 1);
                for line in pixels[target.start as usize * width as usize..target.end as usize * width as usize]
                    .chunks_exact_mut(width as usize)
                {
                    if row_end {
                        line.fill(colour)
                    } else {
                        line.copy_from_slice(&self.row)
                    }
                }
            }
            y = end;
        }
        let mut canvas = Canvas::new(pixels, width, height);
        if let Some((x, y)) = status.hovered.filter(|_| line > 0) {
            let at = Area::new(x * cell - left, y * cell - top, cell - line, cell - line);
            outline(&mut canvas, at, line, self.ink());
        }
        self.tell(&mut canvas, status.text);
    }

    /// Colour of the line before a column or a row: every tenth stands out a little.
    fn grid(&self, at: i32) -> u32 {
        match (self.dark, at.rem_euclid(10) == 0) {
            (true, false) => rgb(20, 26, 38),
            (true, true) => rgb(32, 41, 59),
            (false, false) => rgb(232, 235, 240),
            (false, true) => rgb(213, 219, 228),
        }
    }

    fn ink(&self) -> u32 {
        if self.dark { rgb(230, 236, 245) } else { rgb(32, 40, 56) }
    }

    fn tell(&self, canvas: &mut Canvas<'_>, text: &str) {
        let points = |points: f32| (points * self.scale).round() as i32;
        let font = Font::regular(16.0 * self.scale);
        let (width, height) = (
            font.advance() * text.chars().count() as i32 + points(24.0),
            font.height() + points(12.0),
        );
        let area = canvas.area();
        let pill = Area::new(
            area.left + points(16.0),
            area.bottom - points(16.0) - height,
            width,
            height,
        );
        let (ground, rim) = if self.dark {
            (rgb(24, 31, 46), rgb(48, 60, 84))
        } else {
            (rgb(255, 255, 255), rgb(206, 213, 224))
        };
        canvas.rounded(pill, height as f32 / 2.0, rim);
        canvas.rounded(pill.inset(points(1.0).max(1)), height as f32 / 2.0, ground);
        canvas.text(pill.left + points(12.0), pill.top + points(6.0), font, text, self.ink());
    }
}

fn outline(canvas: &mut Canvas<'_>, area: Area, thickness: i32, colour: u32) {
    let Area {
        left,
        top,
        right,
        bottom,
    } = area;
    for side in [
        Area {
            bottom: top + thickness,
            ..area
        },
        Area {
            top: bottom - thickness,
            ..area
        },
        Area {
            right: left + thickness,
            ..area
        },
        Area {
            left: right - thickness,
            ..area
        },
    ] {
        canvas.fill(side, colour);
    }
}

/// The colour for each past of a cell: one that lives goes from its first colour to its last as it ages, one that died
/// fades away.
fn colours(dark: bool) -> [u32; 1 << MEMORY] {
    let (ground, trail, ages) = if dark {
        (
            rgb(12, 16, 25),
            rgb(78, 62, 150),
            [
                rgb(255, 226, 138),
                rgb(255, 190, 92),
                rgb(150, 222, 160),
                rgb(74, 214, 196),
                rgb(58, 178, 226),
            ],
        )
    } else {
        (
            rgb(250, 251, 253),
            rgb(190, 176, 240),
            [
                rgb(240, 140, 20),
                rgb(222, 108, 40),
                rgb(40, 160, 120),
                rgb(14, 134, 136),
                rgb(28, 98, 190),
            ],
        )
    };
    std::array::from_fn(|past| {
        let past = past as u32;
        let age = past.trailing_ones();
        if age > 0 {
            return ages[(age as usize - 1).min(ages.len() - 1)];
        }
        let dead = past.trailing_zeros().min(MEMORY as u32);
        let cover = 190 * (MEMORY as u32 - dead) / MEMORY as u32;
        blend(ground, trail, cover)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_the_cell_under_the_cursor() {
        let mut view = View::new();
        view.pan(137.0, -61.0);
        let at = |view: &View| view.cell_at(500.0, 90.0, 640, 400);
        let before = at(&view);
        for steps in [1, 1, 3, -2, -1, -2] {
            view.zoom(steps, 500.0 - 320.0, 90.0 - 200.0);
            assert_eq!(at(&view), before);
        }
    }

    #[test]
    fn cells_and_lines_are_where_the_view_says() {
        let (mut view, mut board, mut screen) = (View::new(), Board::new(), Screen::new(64, 48));
        board.set(-1, 1, true);
        view.draw(
            &board,
            &mut screen,
            &Status {
                text: "",
                hovered: None,
            },
        );
        let pixels = screen.pixels();
        let at = |x: usize, y: usize| pixels[y * 64 + x];
        // Cells are 8 pixels wide, and the origin is in the middle.
        assert_eq!((at(24, 32), at(30, 38)), (view.colours[1], view.colours[1]));
        assert_eq!(
            (at(23, 33), at(31, 33), at(26, 39)),
            (view.grid(-1), view.grid(0), view.grid(2))
        );
        assert_eq!(at(33, 33), view.colours[0]);
    }
}
