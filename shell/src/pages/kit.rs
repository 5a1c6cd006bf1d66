//! What the pages of the settings are built from: a column of headings, texts and choices, and buttons in rows.

use crate::chrome::controls::{Canvas, Face, Manner};
use crate::chrome::fonts;
use crate::chrome::theme::{self, CONTROL_RADIUS, UNIT};
use egui::{Color32, CornerRadius, FontId, Id, Rect, Role, Sense, Stroke, StrokeKind, WidgetInfo, pos2, vec2};

/// Height of buttons and of choices.
pub(super) const BUTTON: f32 = 32.0;
/// Space beside the text of a button.
const PADDING: f32 = 12.0;

/// Something that can be chosen: what it is called, and whether it is now.
pub(super) type Choice<'a> = (&'a str, bool);

/// Things below each other, as wide as the place that they are in.
pub(super) struct Column<'a, 'b> {
    pub(super) canvas: &'a mut Canvas<'b>,
}

impl Column<'_, '_> {
    /// The next so many points of the column.
    pub(super) fn row(&mut self, height: f32) -> Rect {
        self.canvas.ui.allocate_exact_size(vec2(self.canvas.ui.available_width(), height), Sense::hover()).0
    }

    pub(super) fn gap(&mut self, height: f32) {
        self.row(height);
    }

    fn paragraph(&mut self, text: &str, font: FontId, colour: Color32) {
        let width = self.canvas.ui.available_width();
        let galley = self.canvas.paragraph(text, font, colour, width);
        let place = self.row(galley.size().y);
        self.canvas.heard(place, ("text", text), Role::Label, text);
        self.canvas.painter().galley(place.min, galley, colour);
    }

    /// The heading of a section.
    pub(super) fn title(&mut self, text: &str) {
        self.paragraph(text, fonts::strong(theme::TITLE), self.canvas.palette.text);
        self.gap(UNIT);
    }

    /// The heading of a setting.
    pub(super) fn heading(&mut self, text: &str) {
        self.paragraph(text, fonts::strong(theme::BODY), self.canvas.palette.text);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.paragraph(text, fonts::text(theme::BODY), self.canvas.palette.text);
    }

    /// What explains something.
    pub(super) fn note(&mut self, text: &str) {
        self.paragraph(text, fonts::text(theme::SMALL), self.canvas.palette.weak);
    }

    /// Some choices of which one holds, in as many lines as they need; says which was chosen. `name` is what they are about.
    pub(super) fn choices(&mut self, name: &str, choices: &[Choice<'_>]) -> Option<usize> {
        let mut chosen = None;
        let width = self.canvas.ui.available_width();
        let mut line = self.row(BUTTON);
        let mut left = line.left();
        for (index, (text, holds)) in choices.iter().enumerate() {
            let wide = (self.canvas.text_width(text) + 2.0 * PADDING).min(width);
            if left + wide > line.right() + 0.5 && left > line.left() {
                self.gap(UNIT / 2.0);
                line = self.row(BUTTON);
                left = line.left();
            }
            let place = Rect::from_min_size(pos2(left, line.top()), vec2(wide, BUTTON));
            left += wide + UNIT / 2.0;
            let said = format!("{name}: {text}");
            if option(self.canvas, place, (name, index), &said, text, *holds) {
                chosen = Some(index);
            }
        }
        chosen
    }

    /// A button of its own line.
    pub(super) fn button(&mut self, name: &str) -> bool {
        let line = self.row(BUTTON);
        let wide = (self.canvas.text_width(name) + 2.0 * PADDING).min(line.width());
        let place = Rect::from_min_size(line.min, vec2(wide, BUTTON));
        self.canvas.button(place, ("column", name), name, Face::Text(name), Manner::default()).clicked()
    }

    /// A name at the left and its value at the right.
    pub(super) fn fact(&mut self, name: &str, value: &str) {
        let line = self.row(24.0);
        let palette = self.canvas.palette;
        self.canvas.heard(line, ("fact", name), Role::Label, &format!("{name}: {value}"));
        let value = self.canvas.line(value, fonts::text(theme::BODY), palette.text, line.width() * 0.6);
        let left = line.right() - value.size().x;
        self.canvas.put_line(left, line.center().y, value);
        let name = self.canvas.line(name, fonts::text(theme::BODY), palette.weak, left - line.left() - UNIT);
        self.canvas.put_line(line.left(), line.center().y, name);
    }
}

/// One of several choices; says whether it was chosen.
pub(super) fn option(
    canvas: &mut Canvas<'_>,
    place: Rect,
    id: impl egui::AsIdSalt,
    said: &str,
    text: &str,
    holds: bool,
) -> bool {
    let palette = canvas.palette;
    let response = canvas.ui.interact(place, Id::unique(id), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, holds, said));
    let radius = CornerRadius::same(CONTROL_RADIUS);
    let fill = match () {
        () if holds => palette.selected,
        () if response.is_pointer_button_down_on() => palette.press,
        () if response.hovered() => palette.hover,
        () => palette.panel,
    };
    let stroke = match () {
        () if response.has_focus() => Stroke::new(2.0, palette.accent),
        () if holds => Stroke::new(1.0, palette.accent),
        () => Stroke::new(1.0, palette.outline),
    };
    canvas.painter().rect(place, radius, fill, stroke, StrokeKind::Inside);
    let font = if holds { fonts::strong(theme::BODY) } else { fonts::text(theme::BODY) };
    let galley = canvas.line(text, font, palette.text, place.width() - PADDING);
    canvas.put_line(place.center().x - galley.size().x / 2.0, place.center().y, galley);
    response.clicked()
}

/// A line of a list of which one is shown; says whether it was chosen.
pub(super) fn entry(canvas: &mut Canvas<'_>, place: Rect, name: &str, shown: bool) -> bool {
    let palette = canvas.palette;
    let response = canvas.ui.interact(place, Id::unique(("section", name)), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, shown, name));
    let radius = CornerRadius::same(CONTROL_RADIUS);
    let fill = match () {
        () if shown => palette.selected,
        () if response.hovered() => palette.hover,
        () => Color32::TRANSPARENT,
    };
    canvas.painter().rect_filled(place, radius, fill);
    if response.has_focus() {
        canvas.painter().rect_stroke(place, radius, Stroke::new(2.0, palette.accent), StrokeKind::Inside);
    }
    let font = if shown { fonts::strong(theme::BODY) } else { fonts::text(theme::BODY) };
    let galley = canvas.line(name, font, palette.text, place.width() - 2.0 * PADDING);
    canvas.put_line(place.left() + PADDING, place.center().y, galley);
    response.clicked()
}

/// A button as wide as its name needs, at the right of what is free of a line; takes its place from there.
pub(super) fn button_at_right(
    canvas: &mut Canvas<'_>,
    free: &mut Rect,
    id: impl egui::AsIdSalt,
    said: &str,
    text: &str,
) -> bool {
    let wide = (canvas.text_width(text) + 2.0 * PADDING).min(free.width().max(0.0));
    let place = Rect::from_min_max(pos2(free.right() - wide, free.top()), free.max);
    free.max.x -= wide + UNIT / 2.0;
    canvas.button(place, id, said, Face::Text(text), Manner::default()).clicked()
}
