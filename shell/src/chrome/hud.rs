//! The HUD: a panel in the upper third of the picture.

use super::controls::{Canvas, scroll_area};
use super::fonts;
use super::glyph;
use super::theme::{self, CONTROL_RADIUS, UNIT};
use super::toolbar::{field, take_focus};
use crate::strings;
use egui::{CornerRadius, Id, Rect, Role, Sense, UiBuilder, WidgetInfo, pos2, vec2};
use portico_model::{Entry, Event, Group, Hud, WindowModel};

const WIDTH: f32 = 600.0;
const FIELD: f32 = 48.0;
const ROW: f32 = 36.0;
const LABEL: f32 = 28.0;

/// Draws the HUD over the picture where it is open; says how far it reaches.
pub(super) fn show(canvas: &mut Canvas<'_>, model: &WindowModel, picture: Rect) -> Option<Rect> {
    let Some(hud) = model.hud() else {
        canvas
            .ui
            .data_mut(|data| data.remove::<LastSelection>(Id::unique("hud selection")));
        return None;
    };
    let groups = 1 + hud
        .entries()
        .windows(2)
        .filter(|pair| pair[0].group != pair[1].group)
        .count();
    let content = match hud.entries() {
        [] => ROW,
        entries => entries.len() as f32 * ROW + groups as f32 * LABEL,
    };
    let top = (picture.height() * 0.12).round().max(UNIT);
    let width = WIDTH.min(picture.width() - 4.0 * UNIT);
    let most = (picture.height() - top - 2.0 * UNIT).min(FIELD + 11.0 * ROW);
    let height = (FIELD + UNIT + content).min(most);
    if width < 2.0 * FIELD || height < FIELD {
        return None;
    }
    let left = ((picture.width() - width) / 2.0).round();
    let panel = Rect::from_min_size(picture.min + vec2(left, top), vec2(width, height));
    let reach = canvas.panel(panel, "hud");
    query(canvas, hud, Rect::from_min_size(panel.min, vec2(width, FIELD)));
    let list = Rect::from_min_max(
        pos2(panel.left(), panel.top() + FIELD),
        pos2(panel.right(), panel.bottom() - UNIT),
    );
    let palette = canvas.palette;
    canvas
        .painter()
        .hline(panel.x_range(), list.top() - 0.5, egui::Stroke::new(1.0, palette.line));
    if hud.entries().is_empty() {
        canvas.heard(list, "nothing", Role::Label, strings::nothing_found());
        let galley = canvas.line(strings::nothing_found(), fonts::text(theme::BODY), palette.weak, width);
        canvas.put_line(list.left() + 2.0 * UNIT, list.top() + ROW / 2.0 + 4.0, galley);
        return Some(reach);
    }
    let events = &mut canvas.events;
    canvas
        .ui
        .scope_builder(UiBuilder::new().max_rect(list).id_salt("hud list"), |ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            scroll_area().id_salt("hud").show(ui, |ui| {
                let moved = moved(ui, hud);
                let mut inner = Canvas::new(ui, palette);
                let mut group = None;
                let all = inner
                    .ui
                    .allocate_exact_size(vec2(inner.ui.available_width(), content), Sense::hover())
                    .0;
                let mut below = all.top();
                let mut next = |height: f32| {
                    let place = Rect::from_min_size(pos2(all.left(), below), vec2(all.width(), height));
                    below += height;
                    place
                };
                // Of thousands of lines only those that are seen are laid out.
                for (index, entry) in hud.entries().iter().enumerate() {
                    let starts = group.replace(entry.group) != Some(entry.group);
                    let heading = starts.then(|| next(LABEL));
                    if let Some(place) = heading.filter(|place| inner.ui.is_rect_visible(*place)) {
                        label(&mut inner, entry.group, place);
                    }
                    let place = next(ROW);
                    if moved && hud.selected() == Some(index) {
                        // The first line of a group brings its heading with it.
                        inner
                            .ui
                            .scroll_to_rect(heading.map_or(place, |heading| heading.union(place)), None);
                    }
                    if inner.ui.is_rect_visible(place) {
                        row(&mut inner, index, entry, hud.selected() == Some(index), place);
                    }
                }
                events.append(&mut inner.events);
            });
        });
    Some(reach)
}

/// The entries and the selection when the HUD was last drawn; `None` before that.
type LastSelection = Option<(String, Option<usize>)>;

/// Whether another entry is selected than when the HUD was last drawn.
fn moved(ui: &egui::Ui, hud: &Hud) -> bool {
    let now = Some((hud.query().to_owned(), hud.selected()));
    ui.data_mut(|data| {
        let before = data.get_temp_mut_or_default::<LastSelection>(Id::unique("hud selection"));
        let moved = *before != now;
        *before = now;
        moved
    })
}

fn query(canvas: &mut Canvas<'_>, hud: &Hud, place: Rect) {
    let palette = canvas.palette;
    glyph::draw(
        canvas.painter(),
        glyph::Glyph::Search,
        pos2(place.left() + 26.0, place.center().y),
        palette.weak,
    );
    let text = Rect::from_min_max(place.min + vec2(6.0 * UNIT, 0.0), place.max - vec2(2.0 * UNIT, 0.0));
    let mut query = hud.query().to_owned();
    let id = Id::unique("hud query");
    take_focus(canvas, id);
    let response = field(canvas, text, id, &mut query, strings::hud_hint(), theme::LARGE);
    if response.changed() {
        canvas.events.push(Event::HudEdited(query));
    }
}

fn label(canvas: &mut Canvas<'_>, group: Group, place: Rect) {
    let name = match group {
        Group::Program => strings::program_actions(),
        Group::Shell => strings::shell_actions(),
        Group::Windows => strings::open_windows(),
        Group::Programs => strings::home_programs(),
        Group::Typed => strings::as_typed(),
    };
    canvas.heard(place, ("group", name), Role::Label, name);
    let galley = canvas.line(name, fonts::strong(theme::SMALL), canvas.palette.weak, place.width());
    canvas.put_line(place.left() + 2.0 * UNIT, place.center().y + 2.0, galley);
}

fn row(canvas: &mut Canvas<'_>, index: usize, entry: &Entry, selected: bool, place: Rect) {
    let palette = canvas.palette;
    let rect = place.shrink2(vec2(UNIT, 1.0));
    // What is listed is chosen with the arrows: the keyboard's focus stays in the query.
    let response = canvas.ui.interact(rect, Id::unique(("entry", index)), Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(Role::Button, entry.enabled, selected, &entry.name));
    if selected {
        canvas
            .painter()
            .rect_filled(rect, CornerRadius::same(CONTROL_RADIUS), palette.selected);
    }
    let (strong, weak) = if entry.enabled {
        (palette.text, palette.weak)
    } else {
        (palette.disabled, palette.disabled)
    };
    let middle = rect.center().y;
    let mut right = rect.right() - UNIT;
    if let Some(shortcut) = entry.shortcut {
        let keys = strings::shortcut(shortcut);
        right -= glyph::chip(canvas.painter(), pos2(right, middle), &keys, palette) + UNIT;
    }
    let left = rect.left() + UNIT;
    let name = canvas.line(&entry.name, fonts::text(theme::BODY), strong, right - left);
    let after = left + name.size().x + 1.5 * UNIT;
    canvas.put_line(left, middle, name);
    if !entry.description.is_empty() && right - after > 6.0 * UNIT {
        let description = canvas.line(&entry.description, fonts::text(theme::SMALL), weak, right - after);
        canvas.put_line(after, middle + 0.5, description);
    }
    let pointer_moved = canvas.ui.input(|input| input.pointer.delta() != egui::Vec2::ZERO);
    if response.clicked() {
        canvas.events.push(Event::HudChosen(index));
    } else if response.hovered() && pointer_moved && !selected && entry.enabled {
        canvas.events.push(Event::HudHovered(index));
    }
}
