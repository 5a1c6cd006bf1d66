//! The prompt that asks the user, which hangs from the toolbar over everything that the program draws.

use super::controls::{Canvas, Face, Manner};
use super::glyph::{self, Glyph};
use super::theme::{self, UNIT};
use super::toolbar::take_focus;
use super::{Look, fonts};
use crate::model::{Answer, Event, Keyboard, WindowModel};
use crate::strings;
use egui::{Color32, Galley, Id, Rect, Role, Vec2, pos2, vec2};
use std::sync::Arc;

const WIDTH: f32 = 480.0;
const BUTTON: f32 = 36.0;
const ICON: f32 = 32.0;
/// Lines of a reason that are shown.
const REASON_LINES: usize = 4;

/// How much room there is.
#[derive(Clone, Copy)]
struct Room {
    /// Around everything.
    padding: f32,
    /// Beside the name of a button, both sides together.
    beside: f32,
    /// Least width of a button.
    button: f32,
}

const ROOMY: Room = Room { padding: 24.0, beside: 32.0, button: 88.0 };
/// In a window that is no higher than a prompt.
const TIGHT: Room = Room { padding: 12.0, beside: 20.0, button: 0.0 };

/// What a prompt consists of.
struct Form {
    room: Room,
    lines: Vec<Line>,
    buttons: Vec<(Answer, &'static str, Rect)>,
    /// Height of the buttons together.
    rows: f32,
    /// Height of the whole.
    height: f32,
}

/// A line of text and where it stands.
struct Line {
    id: &'static str,
    galley: Arc<Galley>,
    /// Space above it.
    above: f32,
}

/// Draws the prompt if there is a question; says how far it reaches.
pub(super) fn show(canvas: &mut Canvas<'_>, model: &WindowModel, look: &Look, picture: Rect) -> Option<Rect> {
    let question = model.question()?;
    if !model.is_prompt_seen() {
        canvas.events.push(Event::PromptSeen);
    }
    let width = WIDTH.min(picture.width() - 2.0 * UNIT);
    let mut form = form(canvas, model, question, width, ROOMY);
    if form.height > picture.height() {
        form = self::form(canvas, model, question, width, TIGHT);
    }
    let Form { room, lines, buttons, rows, height } = form;
    let left = (picture.center().x - width / 2.0).round();
    let prompt = Rect::from_min_size(pos2(left, picture.top()), vec2(width, height.round()));
    let reach = canvas.panel(prompt, "prompt");
    canvas.heard(prompt, "prompt name", Role::AlertDialog, &strings::prompt_heading(model.name()));
    if !model.is_prompt_armed() && canvas.ui.input(|input| input.pointer.any_pressed()) {
        canvas.events.push(Event::PromptDisturbed);
    }

    let at = prompt.min + Vec2::splat(room.padding);
    let icon = Rect::from_min_size(at, Vec2::splat(ICON));
    match look.icon {
        Some(texture) => {
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            canvas.painter().image(texture, icon, whole, Color32::WHITE);
        }
        None => glyph::draw(canvas.painter(), Glyph::Program, icon.center(), canvas.palette.weak),
    }
    let mut place = pos2(icon.right() + 2.0 * UNIT, at.y);
    for Line { id, galley, above } in lines {
        place.y += above;
        canvas.heard(Rect::from_min_size(place, galley.size()), id, Role::Label, galley.text());
        let height = galley.size().y;
        canvas.painter().galley(place, galley, canvas.palette.text);
        place.y += height;
    }
    let close = Rect::from_min_size(pos2(prompt.right() - 36.0, prompt.top() + 4.0), Vec2::splat(32.0));
    let name = strings::not_now();
    let tooltip = Manner { tooltip: true, ..Manner::default() };
    if canvas.button(close, "not now", name, Face::Glyph(Glyph::Close), tooltip).clicked() {
        canvas.events.push(Event::Answered(Answer::NotNow));
    }
    let origin = pos2(prompt.left() + room.padding, prompt.bottom() - room.padding - rows);
    let manner = Manner { off: !model.is_prompt_armed(), ..Manner::default() };
    for (answer, name, rect) in buttons {
        let id = ("answer", answer as u8);
        if model.keyboard() == Keyboard::Prompt && model.selected_answer() == Some(answer) {
            take_focus(canvas, Id::unique(id));
        }
        let response = canvas.button(rect.translate(origin.to_vec2()), id, name, Face::Text(name), manner);
        if response.clicked() {
            canvas.events.push(Event::Answered(answer));
        }
    }
    Some(reach)
}

fn form(canvas: &Canvas<'_>, model: &WindowModel, question: &crate::model::Question, width: f32, room: Room) -> Form {
    let inner = width - 2.0 * room.padding;
    let lines = lines(canvas, model, question, inner - ICON - 2.0 * UNIT);
    let text: f32 = lines.iter().map(|line| line.above + line.galley.size().y).sum();
    let (buttons, rows) = buttons(canvas, inner, room);
    let height = 2.0 * room.padding + text.max(ICON) + 2.0 * UNIT + rows;
    Form { room, lines, buttons, rows, height }
}

fn lines(canvas: &Canvas<'_>, model: &WindowModel, question: &crate::model::Question, width: f32) -> Vec<Line> {
    let palette = canvas.palette;
    let heading = strings::prompt_heading(model.name());
    let what = strings::portal(question.portal).unwrap_or(question.portal);
    let reason = match &question.reason {
        Some(reason) => strings::prompt_reason(reason),
        None => strings::prompt_no_reason().to_owned(),
    };
    let mut job = egui::text::LayoutJob::simple(reason, fonts::text(theme::BODY), palette.weak, width);
    job.wrap.max_rows = REASON_LINES;
    let mut lines = vec![
        Line {
            id: "prompt heading",
            // The close button stands beside it.
            galley: canvas.paragraph(&heading, fonts::text(theme::BODY), palette.weak, width - UNIT),
            above: 0.0,
        },
        Line {
            id: "prompt text",
            galley: canvas.paragraph(what, fonts::strong(theme::LARGE), palette.text, width),
            above: UNIT / 2.0,
        },
        Line { id: "prompt reason", galley: canvas.painter().layout_job(job), above: UNIT },
    ];
    if model.waiting_questions() > 0 {
        let more = strings::prompt_more(model.waiting_questions() as u64);
        let galley = canvas.paragraph(&more, fonts::text(theme::SMALL), palette.weak, width);
        lines.push(Line { id: "prompt more", galley, above: UNIT });
    }
    lines
}

/// The buttons with their places, which count from the upper left of where they stand, and how high that is: in a row that ends
/// at the right, or below each other where that is too wide.
fn buttons(canvas: &Canvas<'_>, width: f32, room: Room) -> (Vec<(Answer, &'static str, Rect)>, f32) {
    let sizes = Answer::BUTTONS.map(|answer| {
        let name = match answer {
            Answer::Never => strings::dont_allow(),
            Answer::Once => strings::allow_once(),
            Answer::Always => strings::allow(),
            Answer::NotNow => strings::not_now(),
        };
        let text = canvas.painter().layout_no_wrap(name.into(), fonts::strong(theme::BODY), Color32::WHITE);
        (answer, name, (text.size().x + room.beside).max(room.button))
    });
    let row = sizes.iter().map(|(.., width)| width + UNIT).sum::<f32>() - UNIT;
    let mut places = Vec::new();
    if row <= width {
        let mut left = width - row;
        for (answer, name, width) in sizes {
            places.push((answer, name, Rect::from_min_size(pos2(left, 0.0), vec2(width, BUTTON))));
            left += width + UNIT;
        }
        return (places, BUTTON);
    }
    let mut top = 0.0;
    for (answer, name, _) in sizes {
        places.push((answer, name, Rect::from_min_size(pos2(0.0, top), vec2(width, BUTTON))));
        top += BUTTON + UNIT;
    }
    (places, top - UNIT)
}
