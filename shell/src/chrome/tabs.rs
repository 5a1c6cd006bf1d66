//! The list behind the hamburger button.

use super::controls::{ButtonContent, ButtonStyle, Canvas, scroll_area};
use super::fonts;
use super::glyph::Glyph;
use super::theme::{self, CONTROL_RADIUS, UNIT};
use crate::strings;
use egui::{CornerRadius, Id, Rect, Role, Sense, UiBuilder, WidgetInfo, pos2, vec2};
use portico_model::{Event, WindowModel};
use portico_portals::Tab;

const WIDTH: f32 = 264.0;
const ROW: f32 = 36.0;
const HEAD: f32 = 40.0;

/// Draws the tab list at the left of the picture where it is open; says how far it reaches.
pub(super) fn show(canvas: &mut Canvas<'_>, model: &WindowModel, picture: Rect) -> Option<Rect> {
    let (tabs, selected) = model.chrome().tabs.as_ref().filter(|_| model.tabs().open)?;
    let most = picture.height() - 2.0 * UNIT;
    let height = (HEAD + tabs.len() as f32 * ROW + UNIT).min(most);
    let width = WIDTH.min(picture.width() - 2.0 * UNIT);
    if height < HEAD + UNIT || width < 2.0 * ROW {
        return None;
    }
    let panel = Rect::from_min_size(picture.min + vec2(UNIT, UNIT), vec2(width, height));
    let reach = canvas.panel(panel, "tab list");
    let head = Rect::from_min_size(panel.min, vec2(width, HEAD));
    let heading = canvas.line(
        strings::tabs(),
        fonts::strong(theme::SMALL),
        canvas.palette.weak,
        width - 64.0,
    );
    canvas.put_line(head.left() + 2.0 * UNIT, head.center().y, heading);
    let pin = Rect::from_center_size(pos2(head.right() - 24.0, head.center().y), vec2(28.0, 28.0));
    let pinned = model.tabs().pinned;
    let name = if pinned { strings::unpin() } else { strings::pin() };
    let style = ButtonStyle {
        on: pinned,
        tooltip: true,
        ..ButtonStyle::default()
    };
    if canvas
        .button(pin, "pin", name, ButtonContent::Glyph(Glyph::Pin), style)
        .clicked()
    {
        canvas.events.push(Event::PinToggled);
    }
    let list = Rect::from_min_max(
        pos2(panel.left(), head.bottom()),
        pos2(panel.right(), panel.bottom() - UNIT),
    );
    let keyboard = model.tabs().keyboard.then_some(model.tabs().selected as usize);
    let palette = canvas.palette;
    let events = &mut canvas.events;
    canvas
        .ui
        .scope_builder(UiBuilder::new().max_rect(list).id_salt("tabs"), |ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            scroll_area().show(ui, |ui| {
                let mut inner = Canvas::new(ui, palette);
                for (index, tab) in tabs.iter().enumerate() {
                    row(
                        &mut inner,
                        index,
                        tab,
                        *selected == Some(index as u32),
                        keyboard == Some(index),
                    );
                }
                events.append(&mut inner.events);
            });
        });
    Some(reach)
}

fn row(canvas: &mut Canvas<'_>, index: usize, tab: &Tab, selected: bool, marked: bool) {
    let palette = canvas.palette;
    let place = canvas
        .ui
        .allocate_exact_size(vec2(canvas.ui.available_width(), ROW), Sense::hover())
        .0;
    let rect = place.shrink2(vec2(UNIT, 2.0));
    let response = canvas.ui.interact(rect, Id::unique(("tab", index)), Sense::click());
    let title = if tab.title.trim().is_empty() {
        strings::untitled()
    } else {
        &*tab.title
    };
    let name = strings::tab(title, tab.badge);
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, selected, &name));
    let fill = match () {
        () if selected => Some(palette.selected),
        () if response.hovered() || marked => Some(palette.hover),
        () => None,
    };
    if let Some(fill) = fill {
        canvas
            .painter()
            .rect_filled(rect, CornerRadius::same(CONTROL_RADIUS), fill);
    }
    if marked || response.has_focus() {
        let stroke = egui::Stroke::new(2.0, palette.accent);
        canvas.painter().rect_stroke(
            rect,
            CornerRadius::same(CONTROL_RADIUS),
            stroke,
            egui::StrokeKind::Inside,
        );
    }
    if marked {
        canvas.ui.scroll_to_rect(place, None);
    }
    let middle = rect.center().y;
    if let Some(icon) = tab.icon {
        canvas.symbol(pos2(rect.left() + 18.0, middle), icon, 16.0, palette.text);
    }
    let mut right = rect.right() - UNIT;
    if tab.badge > 0 {
        let number = if tab.badge > 999 {
            "999+".into()
        } else {
            tab.badge.to_string()
        };
        let galley = canvas
            .painter()
            .layout_no_wrap(number, fonts::strong(theme::SMALL), palette.on_accent);
        let size = vec2((galley.size().x + 12.0).max(20.0), 20.0);
        let badge = Rect::from_min_size(pos2(right - size.x, middle - 10.0), size);
        canvas
            .painter()
            .rect_filled(badge, CornerRadius::same(10), palette.accent);
        canvas
            .painter()
            .galley(badge.center() - galley.size() / 2.0, galley, palette.on_accent);
        right = badge.left() - UNIT;
    }
    let left = rect.left() + if tab.icon.is_some() { 36.0 } else { 12.0 };
    let galley = canvas.line(title, fonts::text(theme::BODY), palette.text, right - left);
    canvas.put_line(left, middle, galley);
    if response.clicked() {
        canvas.events.push(Event::TabChosen(index as u32));
    }
}
