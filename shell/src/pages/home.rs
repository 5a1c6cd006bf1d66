//! Home: the programs that can be opened.

use super::Page;
use crate::chrome::controls::Canvas;
use crate::chrome::fonts;
use crate::chrome::glyph::{self, Glyph};
use crate::chrome::theme::{self, PANEL_RADIUS, UNIT};
use crate::library::{Item, Library};
use crate::model::{Ask, Event};
use crate::strings;
use egui::{
    Color32, CornerRadius, Id, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, TextureHandle, TextureOptions,
    UiBuilder, WidgetInfo, pos2, vec2,
};
use std::collections::HashMap;
use std::path::PathBuf;

/// Space around everything.
const MARGIN: f32 = 24.0;
/// Size of a card, at least.
const CARD: egui::Vec2 = egui::Vec2::new(240.0, 96.0);
/// Size of an icon.
const ICON: f32 = 48.0;

/// The page.
pub struct Home {
    library: Library,
    icons: HashMap<PathBuf, TextureHandle>,
}

impl Home {
    /// A page that shows what is in `library`.
    pub fn new(library: Library) -> Self {
        Self { library, icons: HashMap::new() }
    }

    fn card(&mut self, canvas: &mut Canvas<'_>, item: &Item, place: Rect) {
        let palette = canvas.palette;
        let response = canvas.ui.interact(place, Id::unique(("program", &item.file)), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &item.name));
        let fill = match () {
            () if response.is_pointer_button_down_on() => palette.press,
            () if response.hovered() => palette.hover,
            () => palette.panel,
        };
        let stroke = match response.has_focus() {
            true => Stroke::new(2.0, palette.accent),
            false => Stroke::new(1.0, palette.line),
        };
        canvas.painter().rect(place, CornerRadius::same(PANEL_RADIUS), fill, stroke, StrokeKind::Inside);
        let inner = place.shrink(2.0 * UNIT);
        let icon = Rect::from_min_size(inner.min, vec2(ICON, ICON));
        match &item.icon {
            Some(image) => {
                let texture = self.icons.entry(item.file.clone()).or_insert_with(|| {
                    canvas.ui.ctx().load_texture("icon", egui::ImageData::Color(image.clone()), TextureOptions::LINEAR)
                });
                let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                canvas.painter().image(texture.id(), icon, whole, Color32::WHITE);
            }
            None => glyph::draw(canvas.painter(), Glyph::Program, icon.center(), palette.weak),
        }
        let left = icon.right() + 2.0 * UNIT;
        let width = inner.right() - left;
        let name = canvas.line(&item.name, fonts::strong(theme::LARGE), palette.text, width);
        let below = inner.top() + name.size().y + 4.0;
        canvas.painter().galley(pos2(left, inner.top()), name, palette.text);
        let summary = canvas.paragraph(&item.summary, fonts::text(theme::SMALL), palette.weak, width);
        let clip = canvas.painter().with_clip_rect(inner);
        clip.galley(pos2(left, below), summary, palette.weak);
        if response.clicked() {
            canvas.events.push(Event::Ask(Ask::Run(item.file.clone())));
        }
    }
}

impl Page for Home {
    fn view(&mut self, canvas: &mut Canvas<'_>, place: Rect, _keyboard: bool) {
        let palette = canvas.palette;
        let inner = place.shrink(MARGIN);
        let heading = canvas.line(strings::home_programs(), fonts::strong(theme::TITLE), palette.text, inner.width());
        let below = inner.top() + heading.size().y + 2.0 * UNIT;
        canvas.heard(Rect::from_min_size(inner.min, heading.size()), "heading", Role::Label, strings::home_programs());
        canvas.painter().galley(inner.min, heading, palette.text);
        let Some(items) = self.library.items() else { return };
        let list = Rect::from_min_max(pos2(place.left(), below), place.max);
        let columns = ((inner.width() + 2.0 * UNIT) / (CARD.x + 2.0 * UNIT)).floor().max(1.0);
        let width = (inner.width() - (columns - 1.0) * 2.0 * UNIT) / columns;
        let events = &mut canvas.events;
        canvas.ui.scope_builder(UiBuilder::new().max_rect(list).id_salt("programs"), |ui| {
            ui.spacing_mut().item_spacing = vec2(2.0 * UNIT, 2.0 * UNIT);
            ScrollArea::vertical().animated(false).auto_shrink([false, false]).show(ui, |ui| {
                let mut inside = Canvas::new(ui, palette);
                for row in items.chunks(columns as usize) {
                    let line =
                        inside.ui.allocate_exact_size(vec2(inside.ui.available_width(), CARD.y), Sense::hover()).0;
                    for (index, item) in row.iter().enumerate() {
                        let left = inner.left() + index as f32 * (width + 2.0 * UNIT);
                        let card = Rect::from_min_size(pos2(left, line.top()), vec2(width, CARD.y));
                        self.card(&mut inside, item, card);
                    }
                }
                events.append(&mut inside.events);
            });
        });
    }
}
