//! The permission prompt, which hangs from the toolbar over everything that the program draws.
//!
//! All of it is in the window, or there are no buttons that answer: a question that can't be read is none that can be answered.
//! Where there is little room it takes less, and where there is too little it says so.

use super::controls::{ButtonContent, ButtonStyle, Canvas};
use super::glyph::{self, Glyph};
use super::theme::{self, UNIT};
use super::toolbar::take_focus;
use super::{Look, fonts};
use crate::strings;
use egui::{Color32, FontId, Galley, Id, Rect, Role, Vec2, pos2, vec2};
use portico_kernel::ProgramText;
use portico_model::{Answer, Event, Keyboard, PromptView, Question, WindowModel};
use std::sync::Arc;

const WIDTH: f32 = 480.0;
/// Digits that tell one program from another of its name: too many for anybody to make a second one with the same.
const DIGITS: usize = 16;
/// Columns of a program's name that can be read in any case.
const LEAST_NAME: usize = 8;

/// Measures of a prompt, by the room that there is.
#[derive(Clone, Copy)]
struct Room {
    /// Around everything.
    padding: f32,
    /// Above the buttons.
    gap: f32,
    /// Beside the name of a button, both sides together.
    beside: f32,
    /// Between buttons.
    between: f32,
    /// Least width of a button, and its height.
    button: Vec2,
    /// Side of the program's icon; nothing where it has no room.
    icon: f32,
    /// Lines of the heading, and of the program's reason.
    rows: (usize, usize),
    /// Sizes of the heading's text, and of the text that says what is asked for.
    sizes: (f32, f32),
}

const ROOMY: Room = Room {
    padding: 24.0,
    gap: 16.0,
    beside: 32.0,
    between: UNIT,
    button: Vec2::new(88.0, 36.0),
    icon: 32.0,
    rows: (2, 4),
    sizes: (theme::BODY, theme::LARGE),
};
/// In a window that is hardly higher than a prompt.
const TIGHT: Room = Room {
    padding: 12.0,
    beside: 20.0,
    button: Vec2::new(0.0, 36.0),
    ..ROOMY
};
/// In the smallest window.
const TINY: Room = Room {
    padding: 6.0,
    gap: 4.0,
    beside: 10.0,
    between: UNIT / 2.0,
    button: Vec2::new(0.0, 28.0),
    icon: 0.0,
    rows: (1, 1),
    sizes: (theme::SMALL, theme::BODY),
};

/// What a prompt consists of.
struct Form {
    room: Room,
    lines: Vec<Line>,
    buttons: Vec<(Answer, &'static str, Rect)>,
    /// Height of the buttons together.
    rows: f32,
    /// Height of the whole.
    height: f32,
    /// Whether nothing of it is wider than the prompt, and nothing is left out that has to be read.
    legible: bool,
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
    let width = WIDTH.min(picture.width() - 2.0 * UNIT);
    let fits = |form: &Form| form.legible && form.height <= picture.height();
    let form = [ROOMY, TIGHT, TINY]
        .into_iter()
        .map(|room| form(canvas, model, question, width, room))
        .find(fits);
    let height = form.as_ref().map_or(0.0, |form| form.height.round());
    let left = (picture.center().x - width / 2.0).round();
    let prompt = Rect::from_min_size(pos2(left, picture.top()), vec2(width, height));
    let wants = match form {
        Some(_) => (0.0, 0.0),
        None => {
            let form = self::form(canvas, model, question, WIDTH, ROOMY);
            (WIDTH + 2.0 * UNIT, form.height.ceil() + model.toolbar_height() + UNIT)
        }
    };
    let place = [prompt.left(), prompt.top(), prompt.width(), prompt.height()];
    let view = PromptView {
        whole: form.is_some(),
        place,
        wants,
    };
    // Before anything that the user may have pressed in it.
    if !model.is_prompt_covered() && model.prompt_view() != Some(&view) {
        canvas.events.push(Event::PromptShown(view));
    }
    if !model.is_prompt_armed() && canvas.ui.input(|input| input.pointer.any_pressed()) {
        canvas.events.push(Event::PromptDisturbed);
    }
    Some(match form {
        Some(form) => whole(canvas, model, look, prompt, form),
        None => no_room(canvas, model, picture, width),
    })
}

/// A prompt of which all can be seen.
fn whole(canvas: &mut Canvas<'_>, model: &WindowModel, look: &Look, prompt: Rect, form: Form) -> Rect {
    let reach = canvas.panel(prompt, "prompt");
    canvas.heard(
        prompt,
        "prompt name",
        Role::AlertDialog,
        &strings::prompt_heading(&model.name().quoted()),
    );
    let Form {
        room,
        lines,
        buttons,
        rows,
        ..
    } = form;
    let at = prompt.min + Vec2::splat(room.padding);
    let mut place = at;
    if room.icon > 0.0 {
        let icon = Rect::from_min_size(at, Vec2::splat(room.icon));
        match look.icon {
            Some(texture) => {
                let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                canvas.painter().image(texture, icon, whole, Color32::WHITE);
            }
            None => glyph::program(canvas.painter(), icon, canvas.palette.weak),
        }
        place.x = icon.right() + 2.0 * UNIT;
    }
    for Line { id, galley, above } in lines {
        place.y += above;
        canvas.heard(
            Rect::from_min_size(place, galley.size()),
            id,
            Role::Label,
            galley.text(),
        );
        let height = galley.size().y;
        canvas.painter().galley(place, galley, canvas.palette.text);
        place.y += height;
    }
    not_now(canvas, prompt, room);
    let origin = pos2(prompt.left() + room.padding, prompt.bottom() - room.padding - rows);
    let style = ButtonStyle {
        off: !model.is_prompt_armed(),
        ..ButtonStyle::default()
    };
    for (answer, name, rect) in buttons {
        let id = ("answer", answer as u8);
        if model.keyboard() == Keyboard::Prompt && model.selected_answer() == Some(answer) {
            take_focus(canvas, Id::unique(id));
        }
        let response = canvas.button(
            rect.translate(origin.to_vec2()),
            id,
            name,
            ButtonContent::Text(name),
            style,
        );
        if response.clicked() {
            canvas.events.push(Event::Answered(answer));
        }
    }
    reach
}

/// Says that there is no room for the prompt, and offers to make some.
fn no_room(canvas: &mut Canvas<'_>, model: &WindowModel, picture: Rect, width: f32) -> Rect {
    let room = TINY;
    let inner = width - 2.0 * room.padding;
    let palette = canvas.palette;
    // There is little room for a name.
    let text = strings::prompt_no_room(&ProgramText::cut(model.name(), 2 * LEAST_NAME).quoted());
    let galley = canvas.paragraph(&text, fonts::text(theme::SMALL), palette.text, inner - side(room));
    let name = strings::prompt_make_room();
    let button = vec2(
        (canvas.text_width(name) + room.beside).min(inner.max(0.0)),
        room.button.y,
    );
    // What fills the screen can't be larger.
    let offers = !model.is_maximised() && !model.is_fullscreen();
    let text_height = galley.size().y.max(side(room));
    let height = 2.0 * room.padding + text_height + if offers { room.gap + button.y } else { 0.0 };
    let left = (picture.center().x - width / 2.0).round();
    let sheet = Rect::from_min_size(pos2(left, picture.top()), vec2(width.max(1.0), height.round()));
    let reach = canvas.panel(sheet, "prompt");
    canvas.heard(sheet, "prompt name", Role::AlertDialog, &text);
    let at = sheet.min + Vec2::splat(room.padding);
    canvas.heard(
        Rect::from_min_size(at, galley.size()),
        "prompt room",
        Role::Label,
        &text,
    );
    canvas.painter().galley(at, galley, palette.text);
    not_now(canvas, sheet, room);
    if offers {
        let style = ButtonStyle {
            off: !model.is_room_wanted(),
            ..ButtonStyle::default()
        };
        let place = Rect::from_min_size(at + vec2(0.0, text_height + room.gap), button);
        if canvas
            .button(place, "make room", name, ButtonContent::Text(name), style)
            .clicked()
        {
            canvas.events.push(Event::RoomWanted);
        }
    }
    reach
}

/// The button in the upper corner that puts the question off.
fn not_now(canvas: &mut Canvas<'_>, sheet: Rect, room: Room) {
    let side = side(room);
    let margin = if room.icon > 0.0 { 4.0 } else { 2.0 };
    let place = Rect::from_min_size(
        pos2(sheet.right() - side - margin, sheet.top() + margin),
        Vec2::splat(side),
    );
    let name = strings::not_now();
    let tooltip = ButtonStyle {
        tooltip: true,
        ..ButtonStyle::default()
    };
    if canvas
        .button(place, "not now", name, ButtonContent::Glyph(Glyph::Close), tooltip)
        .clicked()
    {
        canvas.events.push(Event::Answered(Answer::NotNow));
    }
}

/// Side of that button.
fn side(room: Room) -> f32 {
    if room.icon > 0.0 { 32.0 } else { 24.0 }
}

fn form(canvas: &Canvas<'_>, model: &WindowModel, question: &Question, width: f32, room: Room) -> Form {
    let inner = width - 2.0 * room.padding;
    let beside = if room.icon > 0.0 { room.icon + 2.0 * UNIT } else { 0.0 };
    let room_for_text = inner - beside;
    let (lines, complete) = lines(canvas, model, question, room_for_text, room);
    let text: f32 = lines.iter().map(|line| line.above + line.galley.size().y).sum();
    let (buttons, rows) = buttons(canvas, inner, room);
    let height = 2.0 * room.padding + text.max(room.icon) + room.gap + rows;
    let narrow = lines.iter().all(|line| line.galley.size().x <= room_for_text + 0.5);
    // A letter's width at least: what is narrower than its own edges is no button.
    let pressable = buttons
        .iter()
        .all(|(.., rect)| rect.left() >= -0.5 && rect.right() <= inner + 0.5);
    Form {
        room,
        lines,
        buttons,
        rows,
        height,
        legible: complete && narrow && pressable,
    }
}

/// The lines of text, and whether they say all that has to be read.
fn lines(canvas: &Canvas<'_>, model: &WindowModel, question: &Question, width: f32, room: Room) -> (Vec<Line>, bool) {
    let palette = canvas.palette;
    // The close button stands beside it.
    let heading = heading(
        canvas,
        model.name(),
        fonts::text(room.sizes.0),
        width - side(room),
        room.rows.0,
    );
    let complete = heading.is_some();
    let what = canvas.paragraph(
        &strings::permission(&question.permission),
        fonts::strong(room.sizes.1),
        palette.text,
        width,
    );
    let reason = match &question.reason {
        Some(reason) => strings::prompt_reason(&reason.quoted()),
        None => strings::prompt_no_reason().to_owned(),
    };
    let digits = digits(model.program());
    let mut lines = Vec::new();
    let mut add = |id, galley, above| lines.push(Line { id, galley, above });
    if let Some(galley) = heading {
        add("prompt heading", galley, 0.0);
    }
    if room.icon > 0.0 {
        if let Some(digits) = digits {
            let signed = model.program().contains(':');
            let text = if signed {
                strings::signed_by(digits)
            } else {
                strings::known_by(digits)
            };
            add(
                "prompt program",
                canvas.paragraph(&text, fonts::text(theme::SMALL), palette.weak, width),
                2.0,
            );
        }
        add("prompt text", what, UNIT);
        let reason = canvas.lines(&reason, fonts::text(theme::BODY), palette.weak, width, room.rows.1);
        add("prompt reason", reason, UNIT);
        if model.waiting_questions() > 0 {
            let more = strings::prompt_more(model.waiting_questions() as u64);
            add(
                "prompt more",
                canvas.paragraph(&more, fonts::text(theme::SMALL), palette.weak, width),
                UNIT,
            );
        }
    } else {
        add("prompt text", what, 2.0);
        // What tells the program from others comes first, so that no reason is long enough to hide it.
        let text = digits.into_iter().chain([&*reason]).collect::<Vec<_>>().join(" · ");
        add(
            "prompt reason",
            canvas.lines(&text, fonts::text(theme::SMALL), palette.weak, width, room.rows.1),
            2.0,
        );
    }
    (lines, complete)
}

/// Who asks. A long name is cut, so that the heading has so many lines at most; `None` where too little of it could be read.
fn heading(canvas: &Canvas<'_>, name: &ProgramText, font: FontId, width: f32, rows: usize) -> Option<Arc<Galley>> {
    let colour = canvas.palette.weak;
    let laid = |columns: usize| {
        let name = ProgramText::cut(name, columns);
        canvas.paragraph(&strings::prompt_heading(&name.quoted()), font.clone(), colour, width)
    };
    let fits = |galley: &Arc<Galley>| galley.rows.len() <= rows && galley.size().x <= width + 0.5;
    let most = ProgramText::width(name);
    Some(laid(most)).filter(fits).or_else(|| {
        let columns: Vec<usize> = (LEAST_NAME.min(most)..most).collect();
        let columns = columns[..columns.partition_point(|columns| fits(&laid(*columns)))].last()?;
        Some(laid(*columns))
    })
}

/// What tells the program from others that call themselves the same: the beginning of the key that signed it, or of its hash.
fn digits(program: &str) -> Option<&str> {
    program
        .get(..DIGITS)
        .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
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
        (answer, name, (canvas.text_width(name) + room.beside).max(room.button.x))
    });
    let row = sizes.iter().map(|(.., width)| width + room.between).sum::<f32>() - room.between;
    let height = room.button.y;
    let mut places = Vec::new();
    if row <= width {
        let mut left = width - row;
        for (answer, name, width) in sizes {
            places.push((answer, name, Rect::from_min_size(pos2(left, 0.0), vec2(width, height))));
            left += width + room.between;
        }
        return (places, height);
    }
    let mut top = 0.0;
    for (answer, name, least) in sizes {
        places.push((
            answer,
            name,
            Rect::from_min_size(pos2(0.0, top), vec2(width.max(least), height)),
        ));
        top += height + room.between;
    }
    (places, top - room.between)
}
