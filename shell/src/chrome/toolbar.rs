//! The strip above the picture.

use super::controls::{ButtonContent, ButtonStyle, Canvas};
use super::glyph::{self, Glyph};
use super::layout::{ToolbarItems, ToolbarLayout, places};
use super::theme::{self, CONTROL_RADIUS};
use super::{Look, fonts, privacy_indicators};
use crate::strings;
use egui::{Color32, CornerRadius, Id, Rect, Role, Sense, Stroke, StrokeKind, TextEdit, pos2, vec2};
use portico_model::{Event, Keyboard, TOOLBAR_HEIGHT, WindowModel};

/// Size of the program's icon.
const ICON: f32 = 20.0;

/// Draws the toolbar at the top of `window`; says what it covers.
pub(super) fn show(canvas: &mut Canvas<'_>, model: &WindowModel, look: &Look, window: Rect) -> Rect {
    let bar = Rect::from_min_size(window.min, vec2(window.width(), TOOLBAR_HEIGHT));
    canvas.painter().rect_filled(bar, 0, canvas.palette.bar);
    let edge = bar.bottom() - 0.5 / canvas.ui.pixels_per_point();
    let hair = Stroke::new(1.0 / canvas.ui.pixels_per_point(), canvas.palette.line);
    canvas.painter().hline(bar.x_range(), edge, hair);
    drag(canvas, bar);

    let chrome = model.chrome();
    let navigation = chrome.navigation.as_deref().unwrap_or_default();
    let actions = chrome.actions.as_deref().unwrap_or_default();
    let items = ToolbarItems {
        navigation: navigation.len(),
        tabs: chrome.tabs.is_some(),
        search: model.shows_search(),
        searching: model.keyboard() == Keyboard::Search,
        actions: actions.len(),
        indicators: model.privacy_indicators().len(),
    };
    let places = places(bar.min, bar.width(), items);
    let named = |name: &str, or: String| if name.trim().is_empty() { or } else { name.to_owned() };
    let tooltip = ButtonStyle {
        tooltip: true,
        ..ButtonStyle::default()
    };
    let mut first = None;
    let mut number = |canvas: &mut Canvas<'_>, rect, id: Id, name: &str, content, style, event: Event| {
        let response = canvas.button(rect, id, name, content, style);
        first.get_or_insert(response.id);
        if response.clicked() {
            canvas.events.push(event);
        }
    };

    for (index, (button, rect)) in navigation.iter().zip(&places.navigation).enumerate() {
        let Some(icon) = button.icon else { continue };
        let name = named(&button.name, strings::navigation_button(index as u64 + 1));
        let id = Id::unique(("navigation", index));
        number(
            canvas,
            *rect,
            id,
            &name,
            ButtonContent::Symbol(icon),
            tooltip,
            Event::Navigation(index as u32),
        );
    }
    if let Some(rect) = places.tabs {
        let open = model.tabs().open;
        let name = if open {
            strings::hide_tabs()
        } else {
            strings::show_tabs()
        };
        let style = ButtonStyle { on: open, ..tooltip };
        number(
            canvas,
            rect,
            Id::unique("hamburger"),
            name,
            ButtonContent::Glyph(Glyph::Menu),
            style,
            Event::TabsToggled,
        );
    }
    title(canvas, model, look, &places);
    if let Some(rect) = places.search {
        if places.search_folded {
            let content = ButtonContent::Glyph(Glyph::Search);
            let name = search_hint(model);
            number(
                canvas,
                rect,
                Id::unique("search button"),
                &name,
                content,
                tooltip,
                Event::SearchFocused(true),
            );
        } else {
            search(canvas, model, rect);
        }
    }
    for (index, (button, rect)) in actions.iter().zip(&places.actions).enumerate() {
        let Some(icon) = button.icon else { continue };
        let name = named(&button.name, strings::action_button(index as u64 + 1));
        let id = Id::unique(("action", index));
        number(
            canvas,
            *rect,
            id,
            &name,
            ButtonContent::Symbol(icon),
            tooltip,
            Event::Action(index as u32),
        );
    }
    for (indicator, rect) in model.privacy_indicators().iter().zip(&places.indicators) {
        let name = strings::privacy_indicator(&strings::permission(&indicator.permission));
        let style = ButtonStyle {
            on: model.open_indicator() == Some(indicator),
            lit: indicator.until.is_none(),
            ..tooltip
        };
        let content = ButtonContent::Glyph(privacy_indicators::glyph(indicator.permission.portal));
        let id = Id::unique(("privacy-indicator", &indicator.permission));
        number(
            canvas,
            *rect,
            id,
            &name,
            content,
            style,
            Event::IndicatorPressed(indicator.permission.clone()),
        );
    }
    let (size, size_name) = match model.is_maximised() || model.is_fullscreen() {
        true => (Glyph::Restore, strings::restore()),
        false => (Glyph::Maximise, strings::maximise()),
    };
    let danger = ButtonStyle {
        danger: true,
        ..tooltip
    };
    for (rect, glyph, name, style, event) in [
        (
            places.window[0],
            Glyph::Minimise,
            strings::minimise(),
            tooltip,
            Event::Minimise,
        ),
        (places.window[1], size, size_name, tooltip, Event::Maximise),
        (places.window[2], Glyph::Close, strings::close(), danger, Event::Close),
    ] {
        number(
            canvas,
            rect,
            Id::unique(("window", glyph as u8)),
            name,
            ButtonContent::Glyph(glyph),
            style,
            event,
        );
    }
    let first = first.filter(|_| model.keyboard() == Keyboard::Toolbar);
    if let Some(first) = first.filter(|_| canvas.ui.memory(|m| m.focused().is_none())) {
        canvas.ui.memory_mut(|m| m.request_focus(first));
    }
    bar
}

/// The free space of the bar moves the window and, on a double click, maximises it.
fn drag(canvas: &mut Canvas<'_>, bar: Rect) {
    let response = canvas
        .ui
        .interact(bar, Id::unique("toolbar"), Sense::CLICK | Sense::DRAG);
    if response.double_clicked() {
        canvas.events.push(Event::Maximise);
    } else if response.drag_started_by(egui::PointerButton::Primary) {
        canvas.events.push(Event::DragStarted);
    }
}

fn title(canvas: &mut Canvas<'_>, model: &WindowModel, look: &Look, places: &ToolbarLayout) {
    let place = places.title.shrink2(vec2(4.0, 0.0));
    let colour = if model.is_focused() {
        canvas.palette.text
    } else {
        canvas.palette.weak
    };
    let text = model.title();
    canvas.heard(places.title, "title", Role::Label, text);
    if place.width() < ICON {
        return;
    }
    let icon = Rect::from_center_size(pos2(place.left() + ICON / 2.0, place.center().y), vec2(ICON, ICON));
    match look.icon {
        Some(texture) => {
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            canvas.painter().image(texture, icon, whole, Color32::WHITE);
        }
        // As large as the signs beside it.
        None => glyph::program(
            canvas.painter(),
            icon.shrink((icon.width() - 16.0) / 2.0),
            canvas.palette.weak,
        ),
    }
    let left = icon.right() + theme::UNIT;
    if place.right() - left >= 2.0 * theme::UNIT {
        let galley = canvas.line(text, fonts::strong(theme::BODY), colour, place.right() - left);
        canvas.put_line(left, place.center().y, galley);
    }
}

fn search_hint(model: &WindowModel) -> String {
    let hint = model
        .chrome()
        .search
        .as_ref()
        .map(|s| s.hint.trim())
        .unwrap_or_default();
    if hint.is_empty() {
        strings::search().into()
    } else {
        hint.into()
    }
}

fn search(canvas: &mut Canvas<'_>, model: &WindowModel, place: Rect) {
    let palette = canvas.palette;
    let rect = place.shrink2(vec2(0.0, 2.0));
    let focused = model.keyboard() == Keyboard::Search;
    let stroke = if focused {
        Stroke::new(2.0, palette.accent)
    } else {
        Stroke::new(1.0, palette.outline)
    };
    let radius = CornerRadius::same(CONTROL_RADIUS);
    canvas
        .painter()
        .rect(rect, radius, palette.field, stroke, StrokeKind::Inside);
    glyph::draw(
        canvas.painter(),
        Glyph::Search,
        pos2(rect.left() + 16.0, rect.center().y),
        palette.weak,
    );
    let text = Rect::from_min_max(rect.min + vec2(30.0, 0.0), rect.max - vec2(8.0, 0.0));
    let mut query = model.search_query().to_owned();
    let hint = search_hint(model);
    let id = Id::unique("search");
    if focused {
        take_focus(canvas, id);
    }
    let response = field(canvas, text, id, &mut query, &hint, theme::BODY);
    // A text field leaves it to others to answer assistive technology that presses it rather than focuses it.
    let pressed = canvas
        .ui
        .input(|input| input.has_accesskit_action_request(id, egui::accesskit::Action::Click));
    if !focused && (response.gained_focus() || pressed) {
        canvas.events.push(Event::SearchFocused(true));
    } else if !focused && response.has_focus() {
        response.surrender_focus();
        canvas.ui.ctx().request_repaint();
    }
    if response.changed() {
        canvas.events.push(Event::SearchEdited(query));
    }
}

/// Gives a control the keyboard before it is drawn, once: asking again would break off an input method's composition.
pub(super) fn take_focus(canvas: &mut Canvas<'_>, id: Id) {
    canvas.ui.memory_mut(|memory| {
        if !memory.has_focus(id) {
            memory.request_focus(id);
        }
    });
}

/// A bare text field of one line, in the middle of a place.
pub(crate) fn field(
    canvas: &mut Canvas<'_>,
    place: Rect,
    id: Id,
    text: &mut String,
    hint: &str,
    size: f32,
) -> egui::Response {
    let weak = canvas.palette.weak;
    let edit = TextEdit::singleline(text)
        .id(id)
        .font(fonts::text(size))
        .text_color(canvas.palette.text)
        .hint_text(egui::RichText::new(hint).color(weak).font(fonts::text(size)))
        .frame(egui::Frame::NONE)
        .align(egui::Align2::LEFT_CENTER)
        .min_size(vec2(0.0, place.height()))
        .desired_width(place.width())
        .return_key(None);
    canvas.ui.put(place, edit).accessible_name(hint)
}
