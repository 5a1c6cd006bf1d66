//! One program: a tile with its icon and name, or a card that also says what it does.

use super::TileAction;
use crate::chrome::controls::Canvas;
use crate::chrome::fonts;
use crate::chrome::glyph;
use crate::chrome::theme::{self, PANEL_RADIUS, UNIT};
use crate::library::Item;
use egui::{
    Color32, CornerRadius, Id, ImageData, Key, Modifiers, Rect, Role, Sense, Stroke, StrokeKind, TextureHandle,
    TextureOptions, Vec2, WidgetInfo, pos2, vec2,
};
use portico_kernel::Hash;
use std::collections::HashMap;

/// Size of a tile, at least.
pub(super) const TILE: Vec2 = Vec2::new(112.0, 112.0);
/// Size of a card, at least.
pub(super) const CARD: Vec2 = Vec2::new(312.0, 92.0);
/// Size of an icon.
const ICON: f32 = 48.0;

/// Draws a program; `focus` gives it the keyboard. Says what was done to it.
pub(super) fn show(
    canvas: &mut Canvas<'_>,
    icons: &mut HashMap<Hash, TextureHandle>,
    item: &Item,
    place: Rect,
    card: bool,
    focus: bool,
) -> Option<TileAction> {
    let id = Id::unique(("program", item.hash.as_bytes()));
    let response = canvas.ui.interact(place, id, Sense::click());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Button, true, &item.name);
        info.hint_text = Some(item.summary.to_string()).filter(|summary| !summary.is_empty());
        info
    });
    if focus {
        response.request_focus();
    }
    if focus || response.gained_focus() {
        canvas.ui.scroll_to_rect(place, None);
    }
    if canvas.ui.is_rect_visible(place) {
        paint(canvas, icons, item, place, card, &response);
    }
    let key = |modifiers, key| response.has_focus() && canvas.ui.input_mut(|input| input.consume_key(modifiers, key));
    if response.clicked() {
        Some(TileAction::Open)
    } else if response.secondary_clicked() {
        Some(TileAction::Menu(
            response.interact_pointer_pos().unwrap_or(place.center()),
        ))
    } else if key(Modifiers::NONE, Key::Menu) || key(Modifiers::SHIFT, Key::F10) {
        Some(TileAction::Menu(place.center()))
    } else if key(Modifiers::NONE, Key::Delete) {
        Some(TileAction::Remove)
    } else {
        None
    }
}

fn paint(
    canvas: &mut Canvas<'_>,
    icons: &mut HashMap<Hash, TextureHandle>,
    item: &Item,
    place: Rect,
    card: bool,
    response: &egui::Response,
) {
    let palette = canvas.palette;
    let fill = match () {
        () if response.is_pointer_button_down_on() => palette.press,
        () if response.hovered() => palette.hover,
        () if card => palette.panel,
        () => Color32::TRANSPARENT,
    };
    let stroke = match () {
        () if response.has_focus() => Stroke::new(2.0, palette.accent),
        () if card => Stroke::new(1.0, palette.line),
        () => Stroke::NONE,
    };
    canvas.painter().rect(
        place,
        CornerRadius::same(PANEL_RADIUS),
        fill,
        stroke,
        StrokeKind::Inside,
    );
    let corner = match card {
        true => place.min + vec2(2.0 * UNIT, (place.height() - ICON) / 2.0),
        false => pos2(place.center().x - ICON / 2.0, place.top() + 1.5 * UNIT).round(),
    };
    let icon = Rect::from_min_size(corner, vec2(ICON, ICON));
    match &item.icon {
        Some(image) => {
            let texture = icons.entry(item.hash).or_insert_with(|| {
                canvas
                    .ui
                    .ctx()
                    .load_texture("icon", ImageData::Color(image.clone()), TextureOptions::LINEAR)
            });
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            canvas.painter().image(texture.id(), icon, whole, Color32::WHITE);
        }
        None => glyph::program(canvas.painter(), icon, palette.weak),
    }
    if card {
        let left = icon.right() + 2.0 * UNIT;
        let width = place.right() - 2.0 * UNIT - left;
        let name = canvas.line(&item.name, fonts::strong(theme::BODY), palette.text, width);
        let summary = canvas.lines(&item.summary, fonts::text(theme::SMALL), palette.weak, width, 3);
        let top = place.center().y - (name.size().y + 4.0 + summary.size().y) / 2.0;
        let below = top + name.size().y + 4.0;
        canvas.painter().galley(pos2(left, top), name, palette.text);
        canvas.painter().galley(pos2(left, below), summary, palette.weak);
    } else {
        let width = place.width() - 2.0 * UNIT;
        let name = canvas.centred_lines(&item.name, fonts::text(theme::BODY), palette.text, width, 2);
        canvas
            .painter()
            .galley(pos2(place.center().x, icon.bottom() + 6.0).round(), name, palette.text);
    }
}
