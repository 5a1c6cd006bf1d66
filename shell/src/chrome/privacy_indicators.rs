//! Privacy indicators, and the panel that opens from one of them.

use super::controls::{ButtonContent, ButtonStyle, Canvas};
use super::fonts;
use super::glyph::Glyph;
use super::theme::{self, UNIT};
use crate::strings;
use egui::{Color32, Id, Rect, Role, pos2, vec2};
use portico_model::{Event, Keyboard, WindowModel};

const WIDTH: f32 = 300.0;
const PADDING: f32 = 16.0;
const BUTTON: f32 = 36.0;

/// The icon of a portal whose use is shown.
pub(super) fn glyph(portal: &str) -> Glyph {
    match portal {
        "microphone" => Glyph::Microphone,
        "camera" => Glyph::Camera,
        "http" => Glyph::Network,
        "bluetooth" => Glyph::Bluetooth,
        "gpio" => Glyph::Pins,
        "ports" => Glyph::Ports,
        "clipboard-unfocused" => Glyph::Clipboard,
        _ => Glyph::Dot,
    }
}

/// Draws the panel of the open privacy indicator; returns its area.
pub(super) fn show(canvas: &mut Canvas<'_>, model: &WindowModel, picture: Rect) -> Option<Rect> {
    let indicator = model.open_indicator()?;
    let width = WIDTH.min(picture.width() - 2.0 * UNIT);
    let inner = width - 2.0 * PADDING;
    let heading = match indicator.until {
        None => strings::in_use(model.name()),
        Some(_) => strings::just_used(model.name()),
    };
    let what = strings::permission(&indicator.permission);
    let heading = canvas.paragraph(&heading, fonts::text(theme::BODY), canvas.palette.weak, inner);
    let text = canvas.paragraph(&what, fonts::strong(theme::BODY), canvas.palette.text, inner);
    let height = 2.0 * PADDING + heading.size().y + UNIT / 2.0 + text.size().y + 2.0 * UNIT + BUTTON;
    let panel = Rect::from_min_size(
        pos2((picture.right() - width - UNIT).round(), picture.top() + UNIT / 2.0),
        vec2(width, height.round()),
    );
    let reach = canvas.panel(panel, "light panel");
    let at = panel.min + vec2(PADDING, PADDING);
    let below = at + vec2(0.0, heading.size().y + UNIT / 2.0);
    canvas.heard(
        Rect::from_min_size(at, heading.size()),
        "light heading",
        Role::Label,
        heading.text(),
    );
    canvas.heard(
        Rect::from_min_size(below, text.size()),
        "light text",
        Role::Label,
        text.text(),
    );
    canvas.painter().galley(at, heading, canvas.palette.weak);
    canvas.painter().galley(below, text, canvas.palette.text);
    let name = strings::take_back();
    let label = canvas
        .painter()
        .layout_no_wrap(name.into(), fonts::strong(theme::BODY), Color32::WHITE);
    let size = vec2((label.size().x + 32.0).min(inner), BUTTON);
    let button = Rect::from_min_size(panel.max - vec2(PADDING, PADDING) - size, size);
    let response = canvas.button(
        button,
        "take back",
        name,
        ButtonContent::Text(name),
        ButtonStyle::default(),
    );
    if response.clicked() {
        canvas.events.push(Event::TakenBack);
    }
    if model.keyboard() == Keyboard::Indicator && canvas.ui.memory(|memory| memory.focused().is_none()) {
        canvas
            .ui
            .memory_mut(|memory| memory.request_focus(Id::unique("take back")));
    }
    Some(reach)
}
