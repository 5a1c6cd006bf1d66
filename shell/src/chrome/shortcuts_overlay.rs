//! The shortcuts overlay, in the middle of the picture while the logo key is held.

use super::controls::Canvas;
use super::theme::{self, UNIT};
use super::{fonts, glyph};
use crate::strings;
use egui::{Rect, Role, pos2, vec2};
use portico_model::WindowModel;

const ROW: f32 = 30.0;
const LABEL: f32 = 28.0;
const COLUMN: f32 = 320.0;
const PADDING: f32 = 16.0;

/// A heading, or a shortcut with what it does.
enum Line<'a> {
    Heading(&'a str),
    Shortcut(&'a str, String),
}

/// Draws the overlay if it is shown; returns its area. Entries without room are left out at the end.
pub(super) fn show(canvas: &mut Canvas<'_>, model: &WindowModel, picture: Rect) -> Option<Rect> {
    let overlay = model.shortcuts_overlay()?;
    let mut lines = Vec::new();
    if !overlay.program.is_empty() {
        lines.push(Line::Heading(strings::program_actions()));
    }
    for (name, keys) in &overlay.program {
        lines.push(Line::Shortcut(name, strings::shortcut(*keys)));
    }
    if !overlay.shell.is_empty() {
        lines.push(Line::Heading(strings::shell_actions()));
    }
    for (what, keys) in &overlay.shell {
        lines.push(Line::Shortcut(strings::shell_shortcut(*what), strings::shortcut(*keys)));
    }
    let room = picture.size() - vec2(4.0 * UNIT + 2.0 * PADDING, 4.0 * UNIT + 2.0 * PADDING);
    let width = COLUMN.min(room.x);
    let most_columns = (room.x / width).floor().max(1.0) as usize;
    let fitting = (room.y / ROW).floor().max(1.0) as usize;
    let columns = lines.len().div_ceil(fitting).clamp(1, most_columns);
    let rows = lines.len().div_ceil(columns).min(fitting);
    let size = vec2(columns as f32 * width, rows as f32 * ROW) + vec2(2.0 * PADDING, 2.0 * PADDING);
    let corner = picture.center() - size / 2.0;
    let panel = Rect::from_min_size(corner.round(), size);
    let reach = canvas.panel(panel, "shortcuts");
    canvas.heard(panel, "shortcuts name", Role::Dialog, strings::shortcuts());
    let palette = canvas.palette;
    for (index, line) in lines.iter().enumerate().take(columns * rows) {
        let corner = vec2((index / rows) as f32 * width, (index % rows) as f32 * ROW);
        let place = Rect::from_min_size(panel.min + vec2(PADDING, PADDING) + corner, vec2(width, ROW));
        let place = place.shrink2(vec2(UNIT, 0.0));
        match line {
            Line::Heading(text) => {
                canvas.heard(place, ("shortcut heading", index), Role::Label, text);
                let galley = canvas.line(text, fonts::strong(theme::SMALL), palette.weak, place.width());
                canvas.put_line(place.left(), place.bottom() - LABEL / 2.0, galley);
            }
            Line::Shortcut(name, keys) => {
                canvas.heard(place, ("shortcut", index), Role::Label, &format!("{name}, {keys}"));
                let chip = glyph::chip(canvas.painter(), pos2(place.right(), place.center().y), keys, palette);
                let galley = canvas.line(
                    name,
                    fonts::text(theme::BODY),
                    palette.text,
                    place.width() - chip - UNIT,
                );
                canvas.put_line(place.left(), place.center().y, galley);
            }
        }
    }
    Some(reach)
}
