//! What is where in the window, and how it is drawn.

use crate::page::{HEIGHT, Page, WIDTH};
use crate::palette::{COLOURS, HANDY, find};
use crate::state::{BRUSHES, State};
use draw::{Area, Canvas, Colour, Font, blend, ink_on};
use portico_sdk::frame::rgb;

/// What lies under the cursor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Target {
    /// The page, at these of its pixels; they may lie beyond its edges.
    Page(f32, f32),
    Brush(usize),
    Eraser,
    /// One of the colours, by index.
    Colour(usize),
    Nothing,
}

/// Colours of the surroundings.
struct Theme {
    desk: Colour,
    rail: Colour,
    line: Colour,
    ink: Colour,
    faint: Colour,
    accent: Colour,
}

fn theme(dark: bool) -> Theme {
    if dark {
        Theme {
            desk: rgb(30, 32, 36),
            rail: rgb(40, 43, 48),
            line: rgb(58, 62, 69),
            ink: rgb(232, 234, 238),
            faint: rgb(150, 156, 166),
            accent: rgb(94, 160, 255),
        }
    } else {
        Theme {
            desk: rgb(228, 231, 236),
            rail: rgb(246, 247, 249),
            line: rgb(212, 216, 222),
            ink: rgb(30, 33, 38),
            faint: rgb(96, 103, 114),
            accent: rgb(28, 100, 216),
        }
    }
}

/// Where everything lies, for a picture of a certain size.
pub(crate) struct Layout {
    width: i32,
    height: i32,
    unit: f32,
}

impl Layout {
    /// `scale` is display pixels per point.
    pub(crate) fn new(width: u32, height: u32, scale: f32) -> Self {
        Self {
            width: width as i32,
            height: height as i32,
            unit: scale,
        }
    }

    fn px(&self, points: f32) -> i32 {
        (points * self.unit).round() as i32
    }

    /// Height of one entry of the rail: all of them fit.
    fn step(&self) -> i32 {
        let entries = (BRUSHES.len() + 1 + HANDY.len()) as i32;
        self.px(40.0).min((self.height - self.px(40.0)) / entries).max(1)
    }

    fn rail(&self) -> Area {
        Area::new(0, 0, self.px(56.0), self.height)
    }

    /// Middle of an entry of the rail. Three groups: brushes, the eraser, colours.
    fn entry(&self, index: usize) -> (f32, f32) {
        let group = usize::from(index > BRUSHES.len()) as i32;
        let y = self.px(8.0) + self.step() * index as i32 + self.step() / 2 + self.px(16.0) * group;
        (self.rail().width() as f32 / 2.0, y as f32)
    }

    /// Where the page lies: as large as fits, centred.
    fn page(&self) -> Area {
        let room = Area {
            left: self.rail().right,
            top: 0,
            right: self.width,
            bottom: self.height,
        }
        .inset(self.px(24.0));
        let scale = (room.width() as f32 / WIDTH as f32)
            .min(room.height() as f32 / HEIGHT as f32)
            .max(0.01);
        let (width, height) = ((WIDTH as f32 * scale) as i32, (HEIGHT as f32 * scale) as i32);
        Area::new(
            room.left + (room.width() - width) / 2,
            room.top + (room.height() - height) / 2,
            width.max(1),
            height.max(1),
        )
    }

    /// Page pixels per display pixel.
    fn zoom(&self) -> f32 {
        WIDTH as f32 / self.page().width() as f32
    }

    /// Swatches of the colour chooser that show, with what is found by a query.
    fn swatches(&self, query: &str) -> Vec<(usize, Area)> {
        let room = Area::new(0, 0, self.width, self.height).inset(self.px(32.0));
        let gap = self.px(12.0);
        let across = ((room.width() + gap) / (self.px(148.0) + gap)).max(1);
        let width = (room.width() - gap * (across - 1)) / across;
        let found = find(query);
        let down = (found.len() as i32 + across - 1) / across;
        let height = ((room.height() + gap) / down.max(1) - gap)
            .min(self.px(88.0))
            .max(self.px(20.0));
        let place = |at: usize| {
            let (x, y) = (at as i32 % across, at as i32 / across);
            Area::new(
                room.left + x * (width + gap),
                room.top + y * (height + gap),
                width,
                height,
            )
        };
        found
            .into_iter()
            .enumerate()
            .map(|(at, colour)| (colour, place(at)))
            .collect()
    }

    /// How many swatches stand in a row of the chooser.
    pub(crate) fn across(&self, query: &str) -> usize {
        let swatches = self.swatches(query);
        swatches
            .iter()
            .take_while(|(_, area)| area.top == swatches[0].1.top)
            .count()
            .max(1)
    }

    pub(crate) fn target(&self, state: &State, x: f32, y: f32) -> Target {
        if state.choosing {
            let hit = self
                .swatches(&state.query)
                .into_iter()
                .find(|(_, area)| area.contains(x, y));
            return hit.map_or(Target::Nothing, |(colour, _)| Target::Colour(colour));
        }
        if self.rail().contains(x, y) {
            let reach = self.step() as f32 / 2.0;
            let entries = BRUSHES.len() + 1 + HANDY.len();
            return match (0..entries).find(|index| (self.entry(*index).1 - y).abs() <= reach) {
                Some(index) if index < BRUSHES.len() => Target::Brush(index),
                Some(index) if index == BRUSHES.len() => Target::Eraser,
                Some(index) => Target::Colour(HANDY[index - BRUSHES.len() - 1]),
                None => Target::Nothing,
            };
        }
        let page = self.page();
        Target::Page(
            (x - page.left as f32) * self.zoom(),
            (y - page.top as f32) * self.zoom(),
        )
    }

    /// Draws everything.
    pub(crate) fn draw(&self, pixels: &mut [Colour], state: &State) {
        let theme = theme(state.dark);
        let mut canvas = Canvas::new(pixels, self.width as u32, self.height as u32);
        canvas.fill(canvas.area(), theme.desk);
        if state.choosing {
            self.draw_chooser(&mut canvas, state, &theme);
            return;
        }
        let page = self.page();
        for (reach, cover) in [(7.0, 10), (4.0, 18), (2.0, 30)] {
            let shade = blend(theme.desk, rgb(0, 0, 0), cover);
            let shadow = page.inset(-self.px(reach));
            canvas.rounded(
                Area {
                    top: shadow.top + self.px(3.0),
                    ..shadow
                },
                reach * self.unit,
                shade,
            );
        }
        self.draw_rail(&mut canvas, state, &theme);
        self.draw_page(pixels, state.page(), Area::new(0, 0, WIDTH as i32, HEIGHT as i32));
    }

    /// Draws a part of the page, given in its own pixels.
    pub(crate) fn draw_page(&self, pixels: &mut [Colour], page: &Page, part: Area) {
        let (place, zoom) = (self.page(), self.zoom());
        let shown = Area {
            left: place.left + (part.left as f32 / zoom) as i32 - 1,
            top: place.top + (part.top as f32 / zoom) as i32 - 1,
            right: place.left + (part.right as f32 / zoom).ceil() as i32 + 1,
            bottom: place.top + (part.bottom as f32 / zoom).ceil() as i32 + 1,
        };
        let shown = shown
            .intersect(place)
            .intersect(Area::new(0, 0, self.width, self.height));
        let source = page.pixels();
        for y in shown.top..shown.bottom {
            let (up, down, across) = between((y - place.top) as f32, zoom, HEIGHT);
            let row = &mut pixels[(y * self.width) as usize..][shown.left as usize..shown.right as usize];
            for (x, pixel) in (shown.left..).zip(row) {
                let (left, right, along) = between((x - place.left) as f32, zoom, WIDTH);
                let at = |x: u32, y: u32| source[(y * WIDTH + x) as usize];
                let corners = [at(left, up), at(right, up), at(left, down), at(right, down)];
                // Most of a page is one colour.
                *pixel = if corners.iter().all(|corner| *corner == corners[0]) {
                    corners[0]
                } else {
                    blend(
                        blend(corners[0], corners[1], along),
                        blend(corners[2], corners[3], along),
                        across,
                    )
                };
            }
        }
    }

    fn draw_rail(&self, canvas: &mut Canvas<'_>, state: &State, theme: &Theme) {
        let rail = self.rail();
        canvas.fill(rail, theme.rail);
        canvas.fill(
            Area {
                left: rail.right - self.px(1.0).max(1),
                ..rail
            },
            theme.line,
        );
        let reach = self.step() as f32 / 2.0 - self.unit * 2.0;
        for (index, brush) in BRUSHES.iter().enumerate() {
            let (x, y) = self.entry(index);
            if state.brush == index {
                let area = Area::new(
                    (x - reach) as i32,
                    (y - reach) as i32,
                    (2.0 * reach) as i32,
                    (2.0 * reach) as i32,
                );
                canvas.rounded(area, 8.0 * self.unit, blend(theme.rail, theme.accent, 48));
            }
            canvas.disc(
                x,
                y,
                (brush.radius.sqrt() * 2.1 * self.unit).min(reach - self.unit * 3.0),
                theme.ink,
            );
        }
        let (x, y) = self.entry(BRUSHES.len());
        if state.erasing {
            let area = Area::new(
                (x - reach) as i32,
                (y - reach) as i32,
                (2.0 * reach) as i32,
                (2.0 * reach) as i32,
            );
            canvas.rounded(area, 8.0 * self.unit, blend(theme.rail, theme.accent, 48));
        }
        let (dx, dy) = (5.0 * self.unit, 5.0 * self.unit);
        canvas.capsule((x - dx, y + dy), (x + dx, y - dy), 5.5 * self.unit, theme.ink);
        canvas.capsule(
            (x - dx * 0.2, y + dy * 0.2),
            (x + dx, y - dy),
            4.0 * self.unit,
            rgb(240, 130, 150),
        );
        canvas.capsule(
            (x - dx, y + dy),
            (x - dx * 0.5, y + dy * 0.5),
            4.0 * self.unit,
            rgb(255, 255, 255),
        );
        let radius = (reach - self.unit * 4.0).max(2.0);
        for (index, colour) in HANDY.iter().enumerate() {
            let (x, y) = self.entry(BRUSHES.len() + 1 + index);
            canvas.disc(x, y, radius, COLOURS[*colour].colour);
            canvas.ring(x, y, radius, self.unit, blend(theme.rail, theme.ink, 60));
            if state.colour == *colour && !state.erasing {
                canvas.ring(x, y, radius + 2.5 * self.unit, 2.0 * self.unit, theme.accent);
            }
        }
    }

    fn draw_chooser(&self, canvas: &mut Canvas<'_>, state: &State, theme: &Theme) {
        let font = Font::regular(15.0 * self.unit);
        let swatches = self.swatches(&state.query);
        if swatches.is_empty() {
            let text = format!("No colour is called \u{ab}{}\u{bb}.", state.query);
            let font = Font::regular(20.0 * self.unit);
            let width = font.advance() * text.chars().count() as i32;
            canvas.text(
                (self.width - width) / 2,
                self.height / 2 - font.height(),
                font,
                &text,
                theme.faint,
            );
        }
        for (index, area) in swatches {
            let named = &COLOURS[index];
            if state.cursor == index {
                canvas.rounded(area.inset(-self.px(4.0)), 12.0 * self.unit, theme.accent);
                canvas.rounded(area.inset(-self.px(2.0)), 10.0 * self.unit, theme.desk);
            }
            canvas.rounded(area, 8.0 * self.unit, named.colour);
            let y = area.bottom - font.height() - self.px(8.0).min((area.height() - font.height()) / 2);
            canvas.text(area.left + self.px(12.0), y, font, named.name, ink_on(named.colour));
        }
    }
}

/// The two pixels of the page that a display pixel lies between, and how far towards the second, of 255.
fn between(at: f32, zoom: f32, size: u32) -> (u32, u32, u32) {
    let at = ((at + 0.5) * zoom - 0.5).clamp(0.0, (size - 1) as f32);
    let first = at as u32;
    (first, (first + 1).min(size - 1), ((at - first as f32) * 255.0) as u32)
}
