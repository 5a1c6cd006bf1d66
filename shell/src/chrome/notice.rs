//! Notices: a line at the bottom of the window about what the shell has done.

use super::controls::Canvas;
use super::fonts;
use super::theme::{self, UNIT};
use egui::{Rect, Role, pos2, vec2};
use portico_model::WindowModel;

const HEIGHT: f32 = 40.0;
const PADDING: f32 = 16.0;

/// Draws the notice if there is one; says how far it reaches.
pub(super) fn show(canvas: &mut Canvas<'_>, model: &WindowModel, picture: Rect) -> Option<Rect> {
    let text = model.notice()?;
    let room = picture.width() - 4.0 * UNIT - 2.0 * PADDING;
    let galley = canvas.paragraph(text, fonts::text(theme::BODY), canvas.palette.text, room.min(640.0));
    let height = (galley.size().y + 2.0 * UNIT).max(HEIGHT);
    let size = vec2(galley.size().x + 2.0 * PADDING, height).round();
    let left = (picture.center().x - size.x / 2.0).round();
    let rect = Rect::from_min_size(pos2(left, picture.bottom() - 3.0 * UNIT - size.y), size);
    let reach = canvas.panel(rect, "notice");
    canvas.heard(rect, "notice text", Role::Label, text);
    let place = rect.center() - galley.size() / 2.0;
    canvas.painter().galley(place, galley, canvas.palette.text);
    Some(reach)
}
