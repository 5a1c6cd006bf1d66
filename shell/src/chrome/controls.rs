//! Building blocks of the chrome: a canvas that collects events, buttons, and text that elides.

use super::fonts;
use super::glyph::{self, Glyph};
use super::theme::{self, CONTROL_RADIUS, PANEL_RADIUS, Palette};
use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align, Color32, CornerRadius, FontId, Galley, Id, Painter, Pos2, Rect, Response, Role, ScrollArea, Sense, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2,
};
use portico_model::Event;
use std::sync::Arc;

/// An area that fills its place and scrolls down without motion.
pub(crate) fn scroll_area() -> ScrollArea {
    ScrollArea::vertical().animated(false).auto_shrink([false, false])
}

/// Target of drawing the chrome: the place, the colours, and the events that result.
pub struct Canvas<'a> {
    pub(crate) ui: &'a mut Ui,
    pub(crate) palette: &'static Palette,
    pub(crate) events: Vec<Event>,
}

/// Content of a button.
#[derive(Clone, Copy)]
pub(crate) enum ButtonContent<'a> {
    /// An icon of the shell.
    Glyph(Glyph),
    /// A character of the symbol font.
    Symbol(char),
    /// Words on a plain ground.
    Text(&'a str),
    /// Words on the accent colour.
    Primary(&'a str),
}

/// Style of a button.
#[derive(Clone, Copy, Default)]
pub(crate) struct ButtonStyle {
    /// Something is open or on because of it.
    pub(crate) on: bool,
    /// It closes or ends something: red under the pointer.
    pub(crate) danger: bool,
    /// Its name also appears as a tooltip.
    pub(crate) tooltip: bool,
    /// It is a privacy indicator in use.
    pub(crate) lit: bool,
    /// It can't be pressed yet.
    pub(crate) off: bool,
}

impl<'a> Canvas<'a> {
    pub(crate) fn new(ui: &'a mut Ui, palette: &'static Palette) -> Self {
        Self {
            ui,
            palette,
            events: Vec::new(),
        }
    }

    pub(crate) fn painter(&self) -> &Painter {
        self.ui.painter()
    }

    /// A button at a place; `id` tells it from all others and `name` is what a screen reader says.
    pub(crate) fn button(
        &mut self,
        rect: Rect,
        id: impl egui::AsIdSalt,
        name: &str,
        content: ButtonContent<'_>,
        style: ButtonStyle,
    ) -> Response {
        let palette = self.palette;
        let sense = if style.off { Sense::hover() } else { Sense::click() };
        let response = self.ui.interact(rect, Id::unique(id), sense);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, !style.off, name));
        let (hovered, pressed) = (response.hovered(), response.is_pointer_button_down_on());
        let painter = self.ui.painter();
        let radius = CornerRadius::same(CONTROL_RADIUS);
        let alarmed = style.danger && (hovered || pressed);
        let fill = match content {
            ButtonContent::Primary(_) => palette.accent,
            _ if alarmed => palette.danger,
            _ if pressed => palette.press,
            _ if (hovered && !style.off) || style.on => palette.hover,
            _ => Color32::TRANSPARENT,
        };
        painter.rect_filled(rect, radius, fill);
        let colour = match content {
            _ if alarmed => palette.on_danger,
            _ if style.off => palette.disabled,
            _ if style.lit => palette.accent,
            ButtonContent::Primary(_) => palette.on_accent,
            _ => palette.text,
        };
        match content {
            ButtonContent::Glyph(glyph) => glyph::draw(painter, glyph, rect.center(), colour),
            ButtonContent::Symbol(symbol) => self.symbol(rect.center(), symbol, 18.0, colour),
            ButtonContent::Text(text) | ButtonContent::Primary(text) => {
                if matches!(content, ButtonContent::Text(_)) {
                    painter.rect_stroke(rect, radius, Stroke::new(1.0, palette.outline), StrokeKind::Inside);
                } else if hovered {
                    painter.rect_stroke(rect, radius, Stroke::new(2.0, palette.text), StrokeKind::Inside);
                }
                let galley = painter.layout_no_wrap(text.into(), fonts::strong(theme::BODY), colour);
                painter.galley(rect.center() - galley.size() / 2.0, galley, colour);
            }
        }
        if response.has_focus() {
            painter.rect_stroke(rect, radius, Stroke::new(2.0, palette.accent), StrokeKind::Inside);
        }
        if style.tooltip {
            response.on_hover_text(name)
        } else {
            response
        }
    }

    /// A character of the symbol font, centred by what it inks rather than by its line.
    pub(crate) fn symbol(&self, centre: Pos2, symbol: char, size: f32, colour: Color32) {
        let galley = self
            .painter()
            .layout_no_wrap(symbol.into(), fonts::symbol(size), colour);
        let ink = if galley.mesh_bounds.is_positive() {
            galley.mesh_bounds
        } else {
            galley.rect
        };
        self.painter().galley(centre - ink.center().to_vec2(), galley, colour);
    }

    /// Text on one line that ends with an ellipsis where it would be wider.
    pub(crate) fn line(&self, text: &str, font: FontId, colour: Color32, width: f32) -> Arc<Galley> {
        let mut job = LayoutJob::single_section(text.replace(['\n', '\r'], " "), TextFormat::simple(font, colour));
        job.wrap = egui::text::TextWrapping::truncate_at_width(width.max(0.0));
        self.painter().layout_job(job)
    }

    /// How wide a button's words are.
    pub(crate) fn text_width(&self, text: &str) -> f32 {
        self.painter()
            .layout_no_wrap(text.into(), fonts::strong(theme::BODY), Color32::WHITE)
            .size()
            .x
    }

    /// Text that may take several lines.
    pub(crate) fn paragraph(&self, text: &str, font: FontId, colour: Color32, width: f32) -> Arc<Galley> {
        self.painter().layout(text.into(), font, colour, width.max(1.0))
    }

    /// Text of at most so many lines; the last ends with an ellipsis where there would be more.
    pub(crate) fn lines(&self, text: &str, font: FontId, colour: Color32, width: f32, most: usize) -> Arc<Galley> {
        self.aligned_lines(text, font, colour, width, most, Align::Min)
    }

    /// The same with each line centred: the galley's own origin is the middle of its width then.
    pub(crate) fn centred_lines(
        &self,
        text: &str,
        font: FontId,
        colour: Color32,
        width: f32,
        most: usize,
    ) -> Arc<Galley> {
        self.aligned_lines(text, font, colour, width, most, Align::Center)
    }

    fn aligned_lines(
        &self,
        text: &str,
        font: FontId,
        colour: Color32,
        width: f32,
        most: usize,
        align: Align,
    ) -> Arc<Galley> {
        let mut job = LayoutJob::single_section(text.replace(['\n', '\r'], " "), TextFormat::simple(font, colour));
        job.halign = align;
        job.wrap = egui::text::TextWrapping {
            max_width: width.max(1.0),
            max_rows: most,
            overflow_character: Some('…'),
            // Nothing would be left of a single line that goes on with one long word.
            break_anywhere: most == 1,
        };
        self.painter().layout_job(job)
    }

    /// Draws text with its left end at `x` and the middle of its line at `y`.
    pub(crate) fn put_line(&self, x: f32, y: f32, galley: Arc<Galley>) {
        let place = pos2(x, y - galley.size().y / 2.0);
        self.painter().galley(place, galley, self.palette.text);
    }

    /// The ground of a panel with its shadow, which takes the pointer from what is below; says how far it reaches.
    pub(crate) fn panel(&mut self, rect: Rect, id: impl egui::AsIdSalt) -> Rect {
        let palette = self.palette;
        self.ui.interact(rect, Id::unique(id), Sense::CLICK);
        let radius = CornerRadius::same(PANEL_RADIUS);
        let painter = self.ui.painter();
        painter.add(theme::shadow(palette).as_shape(rect, radius));
        painter.rect(
            rect,
            radius,
            palette.panel,
            Stroke::new(1.0, palette.line),
            StrokeKind::Inside,
        );
        rect.expand(theme::SHADOW)
    }

    /// A name for what is only painted, so that it is also heard.
    pub(crate) fn heard(&mut self, rect: Rect, id: impl egui::AsIdSalt, role: Role, name: &str) -> Response {
        let response = self.ui.interact(rect, Id::unique(id), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(role, true, name));
        response
    }
}
