//! The matrix itself: names of programs stay at the top and purposes of permissions at the left while the cells move.

use super::{At, Matrix, Permissions, access, permissions, words};
use crate::chrome::controls::Canvas;
use crate::chrome::fonts;
use crate::chrome::glyph;
use crate::chrome::theme::{self, CONTROL_RADIUS, UNIT};
use crate::grants::{Access, ProgramAccess};
use crate::strings;
use egui::{
    Color32, CornerRadius, EventFilter, ImageData, Key, Painter, Pos2, Rect, Response, Role, ScrollArea, Sense, Stroke,
    StrokeKind, TextureOptions, UiBuilder, WidgetInfo, pos2, vec2,
};
use portico_kernel::{DefaultAccess, Permission};

/// Width of a program's column.
const COLUMN: f32 = 88.0;
/// Height of the names of programs, with their icons.
const HEAD: f32 = 84.0;
/// Height of a permission's row.
const ROW: f32 = 40.0;
/// Height of the heading of a group of permissions.
const GROUP: f32 = 36.0;
/// Side of a program's icon.
const ICON: f32 = 32.0;

/// A line of the matrix.
#[derive(Clone, Copy)]
enum Entry<'a> {
    Group(&'static str),
    Permission(&'a Permission),
}

impl Entry<'_> {
    fn height(self) -> f32 {
        match self {
            Self::Group(_) => GROUP,
            Self::Permission(_) => ROW,
        }
    }
}

impl Matrix {
    /// Draws it over `place`, its text `margin` away from the edge.
    pub(super) fn grid(
        &mut self,
        canvas: &mut Canvas<'_>,
        place: Rect,
        margin: f32,
        lines: &[&ProgramAccess],
        all: &Permissions,
    ) {
        let entries: Vec<Entry<'_>> = permissions(&all.lines)
            .into_iter()
            .filter(|(_, permissions)| !permissions.is_empty())
            .flat_map(|(default, permissions)| {
                let heading = if default == DefaultAccess::Ask {
                    strings::group_ask()
                } else {
                    strings::group_open()
                };
                [Entry::Group(heading)]
                    .into_iter()
                    .chain(permissions.into_iter().map(Entry::Permission))
            })
            .collect();
        let label = margin + (place.width() * 0.4).clamp(128.0, 336.0);
        let wide = label + lines.len() as f32 * COLUMN + margin;
        let high = HEAD + entries.iter().map(|entry| entry.height()).sum::<f32>() + UNIT;
        let palette = canvas.palette;
        let events = &mut canvas.events;
        canvas
            .ui
            .scope_builder(UiBuilder::new().max_rect(place).id_salt("matrix"), |ui| {
                // Bars have room beside the rows: over them they would hide words.
                let bars = &mut ui.spacing_mut().scroll;
                bars.floating_allocated_width = bars.bar_width;
                ScrollArea::both()
                    .animated(false)
                    .auto_shrink([false, false])
                    .show_viewport(ui, |ui, viewport| {
                        ui.set_min_size(vec2(wide.max(viewport.width()), high));
                        let origin = ui.max_rect().min;
                        let seen = Rect::from_min_size(origin + viewport.min.to_vec2(), viewport.size());
                        let mut inner = Canvas::new(ui, palette);
                        let sheet = Sheet {
                            origin,
                            seen,
                            label,
                            margin,
                            lines,
                            entries: &entries,
                        };
                        self.cells(&mut inner, &sheet);
                        self.labels(&mut inner, &sheet);
                        self.heads(&mut inner, &sheet, all);
                        let corner = Rect::from_min_size(seen.min, vec2(label, HEAD));
                        inner.painter().rect_filled(corner, 0, palette.bar);
                        events.append(&mut inner.events);
                    });
            });
        canvas
            .painter()
            .hline(place.x_range(), place.top() + HEAD, Stroke::new(1.0, palette.line));
    }

    fn cells(&mut self, canvas: &mut Canvas<'_>, sheet: &Sheet<'_>) {
        let palette = canvas.palette;
        let columns = sheet.columns(self.at.as_ref());
        for (permission, row) in sheet.rows() {
            let purpose = strings::permission(permission);
            canvas
                .painter()
                .hline(sheet.seen.x_range(), row.bottom(), Stroke::new(1.0, palette.line));
            for column in &columns {
                let line = sheet.lines[*column];
                let place = Rect::from_x_y_ranges(sheet.column(*column), row.y_range());
                let at = At {
                    program: line.program.clone(),
                    permission: Some(permission.clone()),
                };
                let access = access(line, permission);
                let said = strings::grant_cell(words(access), &line.name, &purpose);
                let response = self.cell(canvas, sheet, place, at, Role::GridCell, &said);
                if canvas.ui.is_rect_visible(place) {
                    mark(canvas, place.center(), access, response.hovered());
                }
            }
        }
    }

    fn heads(&mut self, canvas: &mut Canvas<'_>, sheet: &Sheet<'_>, all: &Permissions) {
        let palette = canvas.palette;
        let head = Rect::from_min_size(sheet.seen.min, vec2(sheet.seen.width(), HEAD));
        canvas.painter().rect_filled(head, 0, palette.bar);
        for column in sheet.columns(self.at.as_ref()) {
            let line = sheet.lines[column];
            let place = Rect::from_x_y_ranges(sheet.column(column), head.y_range());
            let at = At {
                program: line.program.clone(),
                permission: None,
            };
            let said = if line.runs {
                strings::program_runs(&line.name)
            } else {
                line.name.to_string()
            };
            self.cell(canvas, sheet, place, at, Role::ColumnHeader, &said);
            let icon = Rect::from_center_size(pos2(place.center().x, place.top() + 8.0 + ICON / 2.0), vec2(ICON, ICON));
            match all.looks.get(&line.program).and_then(|look| look.icon.as_ref()) {
                Some(image) => {
                    let texture = self.icons.entry(line.program.clone()).or_insert_with(|| {
                        let image = ImageData::Color(image.clone());
                        canvas.ui.ctx().load_texture("icon", image, TextureOptions::LINEAR)
                    });
                    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                    canvas.painter().image(texture.id(), icon, whole, Color32::WHITE);
                }
                None => glyph::program(canvas.painter(), icon, palette.weak),
            }
            if line.runs {
                let dot = icon.right_bottom() - vec2(2.0, 2.0);
                canvas
                    .painter()
                    .circle(dot, 5.0, palette.accent, Stroke::new(2.0, palette.bar));
            }
            let name = canvas.centred_lines(&line.name, fonts::text(theme::SMALL), palette.text, COLUMN - UNIT, 2);
            let corner = pos2(place.center().x, icon.bottom() + 4.0);
            canvas.painter().galley(corner.round(), name, palette.text);
        }
    }

    fn labels(&self, canvas: &mut Canvas<'_>, sheet: &Sheet<'_>) {
        let palette = canvas.palette;
        let left = sheet.seen.left();
        let strip = sheet.seen.with_max_x(left + sheet.label);
        canvas.painter().rect_filled(strip, 0, palette.bar);
        let width = sheet.label - sheet.margin - UNIT;
        let mut top = sheet.origin.y + HEAD;
        for entry in sheet.entries {
            let row = Rect::from_min_size(pos2(left, top), vec2(sheet.label, entry.height()));
            top = row.bottom();
            let (text, galley, middle) = match *entry {
                Entry::Group(text) => {
                    let width = sheet.seen.width() - 2.0 * sheet.margin;
                    let galley = canvas.line(text, fonts::strong(theme::SMALL), palette.weak, width);
                    (text.to_owned(), galley, row.bottom() - 12.0)
                }
                Entry::Permission(permission) => {
                    let chosen = self
                        .at
                        .as_ref()
                        .is_some_and(|at| at.permission.as_ref() == Some(permission));
                    let font = if chosen {
                        fonts::strong(theme::SMALL)
                    } else {
                        fonts::text(theme::SMALL)
                    };
                    let text = strings::permission(permission);
                    let galley = canvas.lines(&text, font, palette.text, width, 2);
                    (text, galley, row.center().y)
                }
            };
            canvas.heard(row, ("permission", &*text), Role::RowHeader, &text);
            let corner = pos2(left + sheet.margin, middle - galley.size().y / 2.0);
            canvas.painter().galley(corner.round(), galley, palette.text);
            if matches!(entry, Entry::Permission(_)) {
                canvas
                    .painter()
                    .hline(row.x_range(), row.bottom(), Stroke::new(1.0, palette.line));
            }
        }
    }

    /// The ground of a cell or of a head, with what the pointer and the keyboard do there.
    fn cell(
        &mut self,
        canvas: &mut Canvas<'_>,
        sheet: &Sheet<'_>,
        place: Rect,
        at: At,
        role: Role,
        said: &str,
    ) -> Response {
        let palette = canvas.palette;
        let chosen = self.at.as_ref() == Some(&at);
        // One of all is a stop for Tab: the selected one, or the first.
        let first = || sheet.lines.first().is_some_and(|line| line.program == at.program) && at.permission.is_none();
        let stop = chosen || (self.at.is_none() && first());
        let sense = if stop { Sense::click() } else { Sense::CLICK };
        let id = at.id();
        let response = canvas.ui.interact(place, id, sense);
        response.widget_info(|| WidgetInfo::selected(role, true, chosen, said));
        if chosen && std::mem::take(&mut self.grab) {
            response.request_focus();
            // What stays at the top and at the left must not lie over it.
            let reach = Rect::from_min_max(place.min - vec2(sheet.label, HEAD), place.max);
            let reach = if at.permission.is_none() {
                reach.with_min_y(sheet.seen.top())
            } else {
                reach
            };
            canvas.ui.scroll_to_rect(reach, None);
        }
        let fill = match () {
            () if chosen => palette.selected,
            () if response.hovered() => palette.hover,
            () => Color32::TRANSPARENT,
        };
        let radius = CornerRadius::same(CONTROL_RADIUS);
        canvas.painter().rect_filled(place.shrink(2.0), radius, fill);
        if response.has_focus() {
            let stroke = Stroke::new(2.0, palette.accent);
            canvas
                .painter()
                .rect_stroke(place.shrink(2.0), radius, stroke, StrokeKind::Inside);
            let filter = EventFilter {
                horizontal_arrows: true,
                vertical_arrows: true,
                ..EventFilter::default()
            };
            canvas.ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
            if let Some(next) = self.moved(canvas, sheet, &at) {
                self.at = Some(next);
                self.grab = true;
                canvas.ui.ctx().request_repaint();
                return response;
            }
        }
        if response.clicked() || (response.gained_focus() && !chosen) {
            // Enter or a screen reader goes on to the choices, a press of the pointer leaves it at the cell.
            self.enter = chosen && !response.clicked_by(egui::PointerButton::Primary) && response.clicked();
            self.at = Some(at);
            self.grab = !self.enter;
            canvas.ui.ctx().request_repaint();
        }
        response
    }

    /// Where an arrow leads from a cell, if one is pressed.
    fn moved(&self, canvas: &Canvas<'_>, sheet: &Sheet<'_>, at: &At) -> Option<At> {
        let pressed = |key| canvas.ui.input(|input| input.key_pressed(key));
        let rows: Vec<Option<&Permission>> = [None]
            .into_iter()
            .chain(sheet.rows().map(|(permission, _)| Some(permission)))
            .collect();
        let column = sheet.lines.iter().position(|line| line.program == at.program)?;
        let row = rows.iter().position(|row| *row == at.permission.as_ref())?;
        let (across, down) = match () {
            () if pressed(Key::ArrowLeft) => (-1, 0),
            () if pressed(Key::ArrowRight) => (1, 0),
            () if pressed(Key::ArrowUp) => (0, -1),
            () if pressed(Key::ArrowDown) => (0, 1),
            () if pressed(Key::Home) => (isize::MIN, 0),
            () if pressed(Key::End) => (isize::MAX, 0),
            () if pressed(Key::PageUp) => (0, -8),
            () if pressed(Key::PageDown) => (0, 8),
            () => return None,
        };
        let column = column.saturating_add_signed(across).min(sheet.lines.len() - 1);
        let row = row.saturating_add_signed(down).min(rows.len() - 1);
        let next = At {
            program: sheet.lines[column].program.clone(),
            permission: rows[row].cloned(),
        };
        (next != *at).then_some(next)
    }
}

/// Where everything is.
struct Sheet<'a> {
    /// The corner of it all, which may have been scrolled away.
    origin: Pos2,
    /// What can be seen.
    seen: Rect,
    /// How wide the purposes of permissions are, with the margin before them.
    label: f32,
    margin: f32,
    lines: &'a [&'a ProgramAccess],
    entries: &'a [Entry<'a>],
}

impl<'a> Sheet<'a> {
    fn column(&self, index: usize) -> egui::Rangef {
        let left = self.origin.x + self.label + index as f32 * COLUMN;
        egui::Rangef::new(left, left + COLUMN)
    }

    /// Columns that can be seen, and the selected one.
    fn columns(&self, at: Option<&At>) -> Vec<usize> {
        let selected = |index: usize| at.is_some_and(|at| at.program == self.lines[index].program);
        let seen = |index: usize| self.column(index).intersection(self.seen.x_range()).span() > 0.0;
        (0..self.lines.len())
            .filter(|index| seen(*index) || selected(*index))
            .collect()
    }

    /// Permissions, each with its row from the left of all to its right.
    fn rows(&self) -> impl Iterator<Item = (&'a Permission, Rect)> {
        let mut top = self.origin.y + HEAD;
        self.entries.iter().filter_map(move |entry| {
            let row = Rect::from_x_y_ranges(self.seen.x_range(), egui::Rangef::new(top, top + entry.height()));
            top = row.bottom();
            if let Entry::Permission(permission) = entry {
                Some((*permission, row))
            } else {
                None
            }
        })
    }
}

/// What stands in a cell: it can be told by its shape alone.
pub(super) fn mark(canvas: &Canvas<'_>, centre: Pos2, access: Access, strong: bool) {
    let (painter, palette) = (canvas.painter(), canvas.palette);
    let radius = 10.0;
    let ring = |colour| painter.circle_stroke(centre, radius, Stroke::new(1.5, colour));
    match access {
        Access::Always => {
            painter.circle_filled(centre, radius, palette.accent);
            check(painter, centre, palette.on_accent);
        }
        Access::Never => {
            painter.circle_filled(centre, radius, palette.danger);
            cross(painter, centre, palette.on_danger);
        }
        Access::Once => {
            ring(palette.accent);
            check(painter, centre, palette.accent);
        }
        Access::NotNow => {
            ring(palette.weak);
            cross(painter, centre, palette.weak);
        }
        Access::Open => check(painter, centre, if strong { palette.text } else { palette.weak }),
        Access::Asks => {
            let colour = if strong { palette.text } else { palette.weak };
            let galley = painter.layout_no_wrap("?".into(), fonts::strong(theme::BODY), colour);
            painter.galley(centre - galley.size() / 2.0, galley, colour);
        }
    }
}

fn check(painter: &Painter, centre: Pos2, colour: Color32) {
    let path = [vec2(-4.5, 0.5), vec2(-1.5, 3.5), vec2(4.5, -3.5)];
    painter.line(path.map(|v| centre + v).to_vec(), Stroke::new(2.0, colour));
}

fn cross(painter: &Painter, centre: Pos2, colour: Color32) {
    let stroke = Stroke::new(2.0, colour);
    painter.line_segment([centre + vec2(-3.5, -3.5), centre + vec2(3.5, 3.5)], stroke);
    painter.line_segment([centre + vec2(-3.5, 3.5), centre + vec2(3.5, -3.5)], stroke);
}
