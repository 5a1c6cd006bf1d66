//! Widgets of the settings: a column of headings, texts and choices, and buttons in rows.

use crate::chrome::controls::{ButtonContent, ButtonStyle, Canvas};
use crate::chrome::fonts;
use crate::chrome::theme::{self, CONTROL_RADIUS, UNIT};
use crate::strings;
use egui::{
    Align2, Color32, CornerRadius, FontId, Id, Rect, Response, RichText, Role, Sense, Stroke, StrokeKind, TextEdit,
    WidgetInfo, pos2, vec2,
};
use std::time::{Duration, Instant};

/// Height of buttons and of choices.
pub(super) const BUTTON: f32 = 32.0;
/// Space beside the text of a button.
const PADDING: f32 = 12.0;
/// How wide a field for a name is, where there is room.
const FIELD: f32 = 320.0;
/// How long a removal can be undone.
pub const UNDO: Duration = Duration::from_secs(10);

/// Something that can be chosen: what it is called, and whether it is now.
pub(super) type Choice<'a> = (&'a str, bool);

/// Things below each other, as wide as the place that they are in.
pub(super) struct Column<'a, 'b> {
    pub(super) canvas: &'a mut Canvas<'b>,
}

impl Column<'_, '_> {
    /// The next so many points of the column.
    pub(super) fn row(&mut self, height: f32) -> Rect {
        self.canvas
            .ui
            .allocate_exact_size(vec2(self.canvas.ui.available_width(), height), Sense::hover())
            .0
    }

    pub(super) fn gap(&mut self, height: f32) {
        self.row(height);
    }

    fn paragraph(&mut self, text: &str, font: FontId, colour: Color32) {
        let place = self.painted(text, font, colour);
        self.canvas.heard(place, ("text", text), Role::Label, text);
    }

    /// A text without a name for a screen reader; says where it is.
    fn painted(&mut self, text: &str, font: FontId, colour: Color32) -> Rect {
        let width = self.canvas.ui.available_width();
        let galley = self.canvas.paragraph(text, font, colour, width);
        let place = self.row(galley.size().y);
        self.canvas.painter().galley(place.min, galley, colour);
        place
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

    /// An explanation.
    pub(super) fn note(&mut self, text: &str) {
        self.paragraph(text, fonts::text(theme::SMALL), self.canvas.palette.weak);
    }

    /// Some choices of which one holds, in as many lines as they need; says which was chosen. `name` is what they are about.
    pub(super) fn choices(&mut self, name: &str, choices: &[Choice<'_>]) -> Option<usize> {
        let texts = choices.iter().map(|(text, _)| *text);
        self.flow(texts, |canvas, place, index, text| {
            option(
                canvas,
                place,
                (name, index),
                &format!("{name}: {text}"),
                text,
                choices[index].1,
            )
        })
    }

    /// Some buttons, in as many lines as they need; says which was pressed. `name` is what they are for.
    pub(super) fn buttons(&mut self, name: &str, texts: &[String]) -> Option<usize> {
        self.flow(texts.iter().map(String::as_str), |canvas, place, _, text| {
            let said = format!("{name}: {text}");
            canvas
                .button(
                    place,
                    (name, text),
                    &said,
                    ButtonContent::Text(text),
                    ButtonStyle::default(),
                )
                .clicked()
        })
    }

    /// Draws something for each text beside and below each other; says for which that was true.
    fn flow<'t>(
        &mut self,
        texts: impl Iterator<Item = &'t str>,
        mut draw: impl FnMut(&mut Canvas<'_>, Rect, usize, &'t str) -> bool,
    ) -> Option<usize> {
        let mut chosen = None;
        let width = self.canvas.ui.available_width();
        let mut line = self.row(BUTTON);
        let mut left = line.left();
        for (index, text) in texts.enumerate() {
            let wide = button_width(self.canvas, text).min(width);
            if left + wide > line.right() + 0.5 && left > line.left() {
                self.gap(UNIT / 2.0);
                line = self.row(BUTTON);
                left = line.left();
            }
            let place = Rect::from_min_size(pos2(left, line.top()), vec2(wide, BUTTON));
            left += wide + UNIT / 2.0;
            if draw(self.canvas, place, index, text) {
                chosen = Some(index);
            }
        }
        chosen
    }

    /// A field for a text below its name; `hint` stands in it while it is empty.
    pub(super) fn field(&mut self, id: Id, name: &str, hint: &str, text: &mut String) -> Response {
        // It is the field that has the name for a screen reader.
        self.painted(name, fonts::strong(theme::BODY), self.canvas.palette.text);
        self.gap(UNIT / 2.0);
        let line = self.row(BUTTON);
        let place = line.with_max_x(line.right().min(line.left() + FIELD));
        let edit = TextEdit::singleline(text)
            .id(id)
            .hint_text(RichText::new(hint).color(self.canvas.palette.weak))
            .min_size(vec2(0.0, place.height()))
            .desired_width(place.width())
            .return_key(None)
            .align(Align2::LEFT_CENTER);
        self.canvas.ui.put(place, edit).accessible_name(name)
    }

    /// A button of its own line.
    pub(super) fn button(&mut self, name: &str) -> bool {
        let line = self.row(BUTTON);
        let wide = button_width(self.canvas, name).min(line.width());
        let place = Rect::from_min_size(line.min, vec2(wide, BUTTON));
        self.canvas
            .button(
                place,
                ("column", name),
                name,
                ButtonContent::Text(name),
                ButtonStyle::default(),
            )
            .clicked()
    }

    /// A name at the left and its value at the right.
    pub(super) fn fact(&mut self, name: &str, value: &str) {
        let line = self.row(24.0);
        let palette = self.canvas.palette;
        self.canvas
            .heard(line, ("fact", name), Role::Label, &format!("{name}: {value}"));
        let value = self
            .canvas
            .line(value, fonts::text(theme::BODY), palette.text, line.width() * 0.6);
        let left = line.right() - value.size().x;
        self.canvas.put_line(left, line.center().y, value);
        let name = self
            .canvas
            .line(name, fonts::text(theme::BODY), palette.weak, left - line.left() - UNIT);
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
    let font = if holds {
        fonts::strong(theme::BODY)
    } else {
        fonts::text(theme::BODY)
    };
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
        canvas
            .painter()
            .rect_stroke(place, radius, Stroke::new(2.0, palette.accent), StrokeKind::Inside);
    }
    let font = if shown {
        fonts::strong(theme::BODY)
    } else {
        fonts::text(theme::BODY)
    };
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
    let wide = button_width(canvas, text).min(free.width().max(0.0));
    let place = Rect::from_min_max(pos2(free.right() - wide, free.top()), free.max);
    free.max.x -= wide + UNIT / 2.0;
    canvas
        .button(place, id, said, ButtonContent::Text(text), ButtonStyle::default())
        .clicked()
}

/// How wide a button with such a text is.
pub(super) fn button_width(canvas: &Canvas<'_>, text: &str) -> f32 {
    canvas.text_width(text) + 2.0 * PADDING
}

/// Says at the bottom of a place that something was removed, with a button that brings it back, until that moment; says
/// whether it was pressed.
pub(super) fn undo(canvas: &mut Canvas<'_>, place: Rect, text: &str, until: Instant) -> bool {
    canvas
        .ui
        .ctx()
        .request_repaint_after(until.saturating_duration_since(Instant::now()));
    let palette = canvas.palette;
    let size = vec2((place.width() - 6.0 * UNIT).min(420.0), 48.0);
    let left = ((place.width() - size.x) / 2.0).round();
    let bar = Rect::from_min_size(pos2(place.left() + left, place.bottom() - size.y - 2.0 * UNIT), size);
    canvas.panel(bar, "removed");
    let button = Rect::from_min_max(bar.max - vec2(96.0, 40.0), bar.max - vec2(UNIT, UNIT));
    let words = canvas.line(
        text,
        fonts::text(theme::BODY),
        palette.text,
        button.left() - bar.left() - 3.0 * UNIT,
    );
    let heard = Rect::from_min_max(bar.min, pos2(button.left(), bar.bottom()));
    canvas.heard(heard, "removed text", Role::Status, text);
    canvas.put_line(bar.left() + 2.0 * UNIT, bar.center().y, words);
    let name = strings::undo();
    canvas
        .button(button, "undo", name, ButtonContent::Text(name), ButtonStyle::default())
        .clicked()
}
