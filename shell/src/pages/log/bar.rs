//! The bar above the rows: filter and buttons.

use super::{Log, level_name};
use crate::chrome::controls::{ButtonContent, ButtonStyle, Canvas};
use crate::chrome::theme::UNIT;
use crate::strings;
use egui::{ComboBox, Rect, Stroke, TextEdit, UiBuilder, pos2, vec2};
use portico_logs::{Filter, Source, SourceId};
use portico_portals::Level;

/// Height of one line of it.
const LINE: f32 = 32.0;
/// Width from which all of it stands in one line.
const WIDE: f32 = 860.0;

impl Log {
    /// Draws it at the top of `place`; says how far it reaches.
    pub(super) fn bar(&mut self, canvas: &mut Canvas<'_>, place: Rect) -> Rect {
        let wide = place.width() >= WIDE;
        let lines = if wide { 1.0 } else { 2.0 };
        let bar = Rect::from_min_size(place.min, vec2(place.width(), lines * (LINE + UNIT) + UNIT));
        let palette = canvas.palette;
        canvas
            .painter()
            .hline(bar.x_range(), bar.bottom() - 0.5, Stroke::new(1.0, palette.line));
        let top = Rect::from_min_size(bar.min + vec2(UNIT, UNIT), vec2(bar.width() - 2.0 * UNIT, LINE));
        let second = if wide {
            top
        } else {
            top.translate(vec2(0.0, LINE + UNIT))
        };

        let mut free = second;
        self.buttons(canvas, &mut free);
        let mut filter = self.filter.clone();
        let fields = if wide {
            let combos = (free.width() * 0.42).min(330.0);
            self.combos(canvas, free.with_max_x(free.left() + combos), &mut filter);
            free.with_min_x(free.left() + combos + UNIT)
        } else {
            self.combos(canvas, free, &mut filter);
            top
        };
        let index = (fields.width() * 0.34).min(180.0);
        field(
            canvas,
            fields.with_max_x(fields.left() + index),
            &mut filter.index,
            strings::log_index(),
        );
        field(
            canvas,
            fields.with_min_x(fields.left() + index + UNIT),
            &mut filter.text,
            strings::log_text(),
        );
        self.set_filter(filter);
        bar
    }

    /// Buttons at the right; what is left of the line stays free.
    fn buttons(&mut self, canvas: &mut Canvas<'_>, free: &mut Rect) {
        let follow = self.list.follows();
        let names = [
            ("clear", strings::log_clear(), false),
            ("copy", strings::log_copy(), false),
            ("follow", strings::log_follow(), follow),
        ];
        for (id, name, on) in names {
            let width = canvas.text_width(name) + 24.0;
            let place = Rect::from_min_max(pos2(free.right() - width, free.top()), free.max);
            free.max.x -= width + UNIT / 2.0;
            let style = ButtonStyle {
                on,
                ..ButtonStyle::default()
            };
            if !canvas
                .button(place, ("log", id), name, ButtonContent::Text(name), style)
                .clicked()
            {
                continue;
            }
            match id {
                "clear" => {
                    self.store.clear(self.filter.source);
                    self.list.begin_again();
                    self.look();
                }
                "copy" => canvas.ui.ctx().copy_text(self.copied()),
                _ => self.list.follow(!follow),
            }
            canvas.ui.ctx().request_repaint();
        }
        free.max.x -= UNIT / 2.0;
    }

    fn combos(&self, canvas: &mut Canvas<'_>, place: Rect, filter: &mut Filter) {
        let sources = self.store.sources();
        let width = (place.width() - UNIT) / 2.0;
        canvas
            .ui
            .scope_builder(UiBuilder::new().max_rect(place).id_salt("log filter"), |ui| {
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = UNIT;
                    let shown = filter.source.map_or_else(
                        || strings::log_all().to_owned(),
                        |id| {
                            sources
                                .iter()
                                .find(|source| source.id == id)
                                .map_or(String::new(), title)
                        },
                    );
                    let combo = ComboBox::from_id_salt("source")
                        .selected_text(shown)
                        .width(width)
                        .truncate();
                    let response = combo.show_ui(ui, |ui| {
                        ui.selectable_value(&mut filter.source, None, strings::log_all());
                        // The newest programs first.
                        let (shell, programs) = sources.split_at(1.min(sources.len()));
                        for source in shell.iter().chain(programs.iter().rev()) {
                            ui.selectable_value(&mut filter.source, Some(source.id), title(source));
                        }
                    });
                    response.response.accessible_name(strings::log_program());
                    let combo = ComboBox::from_id_salt("level")
                        .selected_text(level_name(filter.least))
                        .width(width);
                    let response = combo.truncate().show_ui(ui, |ui| {
                        for level in Level::ALL {
                            ui.selectable_value(&mut filter.least, *level, level_name(*level));
                        }
                    });
                    response.response.accessible_name(strings::log_level());
                });
            });
    }
}

/// A source as people tell it from others of its name.
fn title(source: &Source) -> String {
    match source.id {
        SourceId::SHELL => source.title.clone(),
        id => strings::log_source(&source.title, &id.number().to_string()),
    }
}

fn field(canvas: &mut Canvas<'_>, place: Rect, text: &mut String, hint: &'static str) {
    let weak = canvas.palette.weak;
    let edit = TextEdit::singleline(text)
        .id(egui::Id::unique(("log field", hint)))
        .hint_text(egui::RichText::new(hint).color(weak))
        .min_size(vec2(0.0, place.height()))
        .desired_width(place.width())
        .align(egui::Align2::LEFT_CENTER);
    canvas.ui.put(place, edit).accessible_name(hint);
}
