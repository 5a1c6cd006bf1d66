//! Cards over or instead of the picture: the program loads, does not answer, closes, or has ended.

use super::controls::{ButtonContent, ButtonStyle, Canvas};
use super::fonts;
use super::theme::{self, CONTROL_RADIUS, UNIT};
use crate::strings;
use egui::{
    Color32, CornerRadius, Galley, Id, Rect, Role, ScrollArea, Stroke, StrokeKind, UiBuilder, WidgetInfo, pos2, vec2,
};
use portico_model::{Event, Outcome, Page, Phase, WindowModel};
use std::sync::Arc;

const WIDTH: f32 = 440.0;
const PADDING: f32 = 24.0;
const BUTTON: f32 = 36.0;
const DETAILS: f32 = 160.0;

/// Draws the card that the phase calls for; says how far it reaches, and what fills the picture's place.
pub(super) fn show(canvas: &mut Canvas<'_>, model: &WindowModel, picture: Rect) -> (Option<Rect>, Option<Color32>) {
    let bar = canvas.palette.bar;
    match model.phase() {
        Phase::Running if model.is_slow_to_close() => (closing(canvas, model, picture), Some(canvas.palette.dimming)),
        Phase::Running if model.is_unresponsive() => {
            (unresponsive(canvas, model, picture), Some(canvas.palette.dimming))
        }
        Phase::Running | Phase::Builtin => (None, None),
        Phase::Opening => (None, Some(bar)),
        Phase::Loading(done) => (loading(canvas, model, *done, picture), Some(bar)),
        Phase::Ended(page) => (ended(canvas, model, page, picture), Some(bar)),
    }
}

/// A button of a card: its name, its face, and what it does.
struct Choice {
    name: &'static str,
    primary: bool,
    event: Event,
}

/// What stands in a card, from its top to its bottom.
struct Card {
    heading: Arc<Galley>,
    text: Arc<Galley>,
    /// Height of what stands between the text and the buttons.
    extra: f32,
}

impl Card {
    fn new(canvas: &Canvas<'_>, heading: &str, text: &str, extra: f32, picture: Rect) -> Self {
        let width = inner_width(picture);
        let heading = canvas.paragraph(heading, fonts::strong(theme::TITLE), canvas.palette.text, width);
        let text = canvas.paragraph(text, fonts::text(theme::BODY), canvas.palette.weak, width);
        Self { heading, text, extra }
    }

    /// Draws ground, heading and text in the middle of the picture's place; gives the card and the rest to fill.
    fn show(self, canvas: &mut Canvas<'_>, picture: Rect, buttons: bool) -> (Rect, Rect) {
        let buttons = if buttons { BUTTON + PADDING } else { 0.0 };
        let extra = if self.extra > 0.0 { self.extra + 2.0 * UNIT } else { 0.0 };
        let height = 2.0 * PADDING + self.heading.size().y + UNIT + self.text.size().y + extra + buttons;
        let size = vec2(
            inner_width(picture) + 2.0 * PADDING,
            height.min(picture.height() - 2.0 * UNIT),
        );
        // A little above the middle looks like the middle.
        let top = ((picture.height() - size.y) * 0.42).round().max(UNIT);
        let left = ((picture.width() - size.x) / 2.0).round();
        let card = Rect::from_min_size(picture.min + vec2(left, top), size);
        canvas.panel(card, "card");
        let inner = card.shrink(PADDING);
        let heading_end = inner.top() + self.heading.size().y;
        let text_end = heading_end + UNIT + self.text.size().y;
        let heading = Rect::from_min_max(inner.min, pos2(inner.right(), heading_end));
        canvas.heard(heading, "card heading", Role::Label, self.heading.text());
        canvas.painter().galley(inner.min, self.heading, canvas.palette.text);
        let text = Rect::from_min_max(pos2(inner.left(), heading_end + UNIT), pos2(inner.right(), text_end));
        canvas.heard(text, "card text", Role::Label, self.text.text());
        canvas.painter().galley(text.min, self.text, canvas.palette.weak);
        let rest = Rect::from_min_max(pos2(inner.left(), text_end + 2.0 * UNIT), inner.max);
        (card, rest)
    }
}

fn inner_width(picture: Rect) -> f32 {
    WIDTH.min(picture.width() - 2.0 * UNIT) - 2.0 * PADDING
}

/// Buttons in a row that ends at the card's lower right, the main one last.
fn buttons(canvas: &mut Canvas<'_>, rest: Rect, choices: Vec<Choice>) {
    let mut right = rest.right();
    let mut places = Vec::new();
    for choice in choices.into_iter().rev() {
        let text = canvas
            .painter()
            .layout_no_wrap(choice.name.into(), fonts::strong(theme::BODY), Color32::WHITE);
        let width = (text.size().x + 32.0).max(88.0);
        places.push((
            Rect::from_min_size(pos2(right - width, rest.bottom() - BUTTON), vec2(width, BUTTON)),
            choice,
        ));
        right -= width + UNIT;
    }
    for (rect, Choice { name, primary, event }) in places.into_iter().rev() {
        let content = if primary {
            ButtonContent::Primary(name)
        } else {
            ButtonContent::Text(name)
        };
        if canvas
            .button(rect, ("card", name), name, content, ButtonStyle::default())
            .clicked()
        {
            canvas.events.push(event);
        }
    }
}

fn unresponsive(canvas: &mut Canvas<'_>, model: &WindowModel, picture: Rect) -> Option<Rect> {
    let heading = strings::not_answering(model.title());
    let (card, rest) =
        Card::new(canvas, &heading, strings::not_answering_text(), 0.0, picture).show(canvas, picture, true);
    let choices = vec![
        Choice {
            name: strings::end(),
            primary: false,
            event: Event::UnresponsiveEnd,
        },
        Choice {
            name: strings::wait(),
            primary: true,
            event: Event::UnresponsiveWait,
        },
    ];
    buttons(canvas, rest, choices);
    Some(card.expand(theme::SHADOW))
}

fn closing(canvas: &mut Canvas<'_>, model: &WindowModel, picture: Rect) -> Option<Rect> {
    let heading = strings::closing(model.title());
    let (card, _) = Card::new(canvas, &heading, strings::closing_text(), 0.0, picture).show(canvas, picture, false);
    Some(card.expand(theme::SHADOW))
}

fn loading(canvas: &mut Canvas<'_>, model: &WindowModel, done: Option<f32>, picture: Rect) -> Option<Rect> {
    let heading = strings::opening(model.title());
    let (card, rest) = Card::new(canvas, &heading, strings::loading(), 6.0, picture).show(canvas, picture, false);
    let palette = canvas.palette;
    let track = Rect::from_min_size(rest.min, vec2(rest.width(), 6.0));
    // Where nobody can tell how far it is, a line that is filled by a third: nothing moves.
    let filled = track.with_max_x(track.left() + track.width() * done.unwrap_or(0.33));
    canvas
        .painter()
        .rect_filled(track, CornerRadius::same(3), palette.press);
    canvas
        .painter()
        .rect_filled(filled, CornerRadius::same(3), palette.accent);
    let response = canvas.ui.interact(track, Id::unique("progress"), egui::Sense::hover());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, strings::progress());
        info.value = done.map(|done| f64::from((done * 100.0).floor()));
        info
    });
    Some(card.expand(theme::SHADOW))
}

fn ended(canvas: &mut Canvas<'_>, model: &WindowModel, page: &Page, picture: Rect) -> Option<Rect> {
    let details = page.outcome.details();
    let heading = strings::page_title(&page.outcome, model.title());
    let room = (picture.height() - 240.0).clamp(48.0, DETAILS);
    let extra = match (details.is_empty(), page.details) {
        (true, _) => 0.0,
        (false, false) => 24.0,
        (false, true) => 24.0 + UNIT + room,
    };
    let text = strings::outcome(&page.outcome);
    let (card, rest) = Card::new(canvas, &heading, &text, extra, picture).show(canvas, picture, true);
    if !details.is_empty() {
        let name = if page.details {
            strings::hide_details()
        } else {
            strings::show_details()
        };
        let palette = canvas.palette;
        let galley = canvas.line(name, fonts::text(theme::BODY), palette.accent, rest.width());
        let fold = Rect::from_min_size(rest.min - vec2(4.0, 0.0), vec2(galley.size().x + 8.0, 24.0));
        let response = canvas.ui.interact(fold, Id::unique("details"), egui::Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
        if response.hovered() || response.has_focus() {
            canvas.painter().rect_filled(fold, CornerRadius::same(4), palette.hover);
        }
        canvas.put_line(rest.left(), fold.center().y, galley);
        if response.clicked() {
            canvas.events.push(Event::DetailsToggled);
        }
        if page.details {
            let place = Rect::from_min_size(pos2(rest.left(), fold.bottom() + UNIT), vec2(rest.width(), room));
            details_text(canvas, place, details);
        }
    }
    // What was refused would most likely be refused again.
    let refused = matches!(page.outcome, Outcome::Refused { .. });
    let mut choices = vec![
        Choice {
            name: strings::close_window(),
            primary: refused,
            event: Event::Close,
        },
        Choice {
            name: strings::restart_button(),
            primary: !refused,
            event: Event::Restart,
        },
    ];
    choices.sort_by_key(|choice| choice.primary);
    if !details.is_empty() {
        choices.insert(
            1,
            Choice {
                name: strings::copy_report(),
                primary: false,
                event: Event::CopyReport,
            },
        );
    }
    buttons(canvas, rest, choices);
    Some(card.expand(theme::SHADOW))
}

fn details_text(canvas: &mut Canvas<'_>, place: Rect, details: &str) {
    let palette = canvas.palette;
    let radius = CornerRadius::same(CONTROL_RADIUS);
    canvas.painter().rect(
        place,
        radius,
        palette.field,
        Stroke::new(1.0, palette.line),
        StrokeKind::Inside,
    );
    canvas
        .ui
        .scope_builder(UiBuilder::new().max_rect(place.shrink(UNIT)).id_salt("details"), |ui| {
            ScrollArea::both()
                .animated(false)
                .auto_shrink([false, false])
                .show(ui, |ui| {
                    let text = egui::RichText::new(details)
                        .font(fonts::fixed(theme::SMALL))
                        .color(palette.text);
                    ui.add(egui::Label::new(text).wrap_mode(egui::TextWrapMode::Extend));
                });
        });
}
