//! The details below the matrix: the meaning of the selected cell and the choices for it, or the legend.

use super::grid::mark;
use super::{Matrix, Permissions, access, choices, say, words};
use crate::chrome::controls::{ButtonContent, ButtonStyle, Canvas};
use crate::chrome::fonts;
use crate::chrome::theme::{self, UNIT};
use crate::grants::{Access, ProgramAccess};
use crate::pages::widgets::{self, BUTTON};
use crate::state::grants::{Decision, today};
use crate::strings;
use egui::{EventFilter, Id, Key, Modifiers, Rect, Role, Stroke, pos2, vec2};
use portico_kernel::Permission;

/// From this width on text and choices stand side by side.
const WIDE: f32 = 640.0;
/// Space beside the text of a choice.
const PADDING: f32 = 12.0;

/// Height of a line of the legend.
const MARK: f32 = 22.0;

/// How high it is.
pub(super) fn height(width: f32) -> f32 {
    if width >= WIDE { 72.0 } else { 120.0 }
}

impl Matrix {
    /// Draws it over `place`.
    pub(super) fn details(&mut self, canvas: &mut Canvas<'_>, place: Rect, margin: f32, all: &Permissions) {
        let palette = canvas.palette;
        canvas.painter().rect_filled(place, 0, palette.panel);
        canvas
            .painter()
            .hline(place.x_range(), place.top(), Stroke::new(1.0, palette.line));
        let inner = place.shrink2(vec2(margin, 0.0));
        match self.selected(all) {
            None => legend(canvas, inner, all),
            Some((line, None)) => self.program(canvas, inner, line, all),
            Some((line, Some(permission))) => {
                let access = access(line, &permission);
                let said = all.decision(&line.program, &permission);
                let heading = strings::grant_of(&line.name, &strings::permission(&permission));
                let free = self.choose(canvas, inner, line, &permission, said);
                tell(canvas, free, &heading, &meaning(access, said));
            }
        }
    }

    /// The choices for a cell; says where there is room for text.
    fn choose(
        &mut self,
        canvas: &mut Canvas<'_>,
        inner: Rect,
        line: &ProgramAccess,
        permission: &Permission,
        said: Option<Decision>,
    ) -> Rect {
        let choices = choices(permission);
        let now = said.map(|said| said.allowed);
        // Where a portal is open to everybody, it makes no difference whether that was said.
        let now = if choices.iter().any(|(_, means)| *means == now) {
            now
        } else {
            None
        };
        let widths: Vec<f32> = choices
            .iter()
            .map(|(name, _)| canvas.text_width(name()) + 2.0 * PADDING)
            .collect();
        let all = widths.iter().sum::<f32>() + (widths.len() - 1) as f32 * UNIT / 2.0;
        let wide = height(inner.width() + 48.0) < 100.0;
        let (mut left, top, free) = match wide {
            true => {
                let left = (inner.right() - all).max(inner.left());
                (
                    left,
                    inner.center().y - BUTTON / 2.0,
                    inner.with_max_x(left - 2.0 * UNIT),
                )
            }
            false => {
                let top = inner.bottom() - BUTTON - 1.5 * UNIT;
                (inner.left(), top, inner.with_max_y(top))
            }
        };
        let enter = std::mem::take(&mut self.enter);
        for ((name, means), width) in choices.iter().zip(widths) {
            let place = Rect::from_min_size(pos2(left, top), vec2(width.min(inner.right() - left), BUTTON));
            left = place.right() + UNIT / 2.0;
            let id = ("choice", *means);
            let text = strings::grant_choice(name(), &strings::permission(permission));
            if widgets::option(canvas, place, id, &text, name(), *means == now) {
                say(canvas, line, permission, *means);
            }
            let id = Id::unique(id);
            if enter && *means == now {
                canvas.ui.memory_mut(|memory| memory.request_focus(id));
                canvas.ui.ctx().request_repaint();
            }
            if canvas.ui.memory(|memory| memory.has_focus(id)) {
                self.goes_back(canvas, id);
            }
        }
        free
    }

    /// Esc leads from what has the keyboard below the matrix to the selected cell.
    fn goes_back(&mut self, canvas: &Canvas<'_>, id: Id) {
        let filter = EventFilter {
            escape: true,
            ..EventFilter::default()
        };
        canvas.ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        if canvas
            .ui
            .input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
        {
            self.grab = true;
            canvas.ui.ctx().request_repaint();
        }
    }

    /// What is known of a program, and the way to forget what was said about it.
    fn program(&mut self, canvas: &mut Canvas<'_>, inner: Rect, line: &ProgramAccess, all: &Permissions) {
        let said = all
            .decisions
            .get(&line.program)
            .map(|entry| entry.decisions.len())
            .unwrap_or_default();
        let mut free = inner;
        if said > 0 {
            let name = strings::programs_forget();
            let width = (canvas.text_width(name) + 2.0 * PADDING).min(inner.width());
            let place = match height(inner.width() + 48.0) < 100.0 {
                true => Rect::from_min_size(
                    pos2(inner.right() - width, inner.center().y - BUTTON / 2.0),
                    vec2(width, BUTTON),
                ),
                false => Rect::from_min_size(
                    pos2(inner.left(), inner.bottom() - BUTTON - 1.5 * UNIT),
                    vec2(width, BUTTON),
                ),
            };
            free = match height(inner.width() + 48.0) < 100.0 {
                true => inner.with_max_x(place.left() - 2.0 * UNIT),
                false => inner.with_max_y(place.top()),
            };
            let response = canvas.button(
                place,
                "forget grants",
                name,
                ButtonContent::Text(name),
                ButtonStyle::default(),
            );
            if std::mem::take(&mut self.enter) {
                response.request_focus();
                canvas.ui.ctx().request_repaint();
            }
            if response.has_focus() {
                self.goes_back(canvas, response.id);
            }
            if response.clicked() {
                for (permission, _) in &line.access {
                    if all.decision(&line.program, permission).is_some() {
                        say(canvas, line, permission, None);
                    }
                }
                self.grab = true;
            }
        } else {
            self.enter = false;
        }
        let look = all.looks.get(&line.program);
        let maker = match look.and_then(|look| look.publisher.as_ref()) {
            Some(publisher) => strings::signed_by(publisher),
            None => strings::known_by(&line.program[..line.program.floor_char_boundary(8)]),
        };
        let runs = line.runs.then(strings::runs_now);
        let said = (said > 0).then(|| strings::said_about(said as u64));
        let facts: Vec<String> = [Some(maker), runs.map(str::to_owned), said]
            .into_iter()
            .flatten()
            .collect();
        tell(canvas, free, &line.name, &facts.join(" · "));
    }
}

/// Two lines of text in the middle of a place.
fn tell(canvas: &mut Canvas<'_>, place: Rect, heading: &str, text: &str) {
    let palette = canvas.palette;
    let heading = canvas.lines(heading, fonts::strong(theme::BODY), palette.text, place.width(), 1);
    let text = canvas.lines(text, fonts::text(theme::SMALL), palette.weak, place.width(), 2);
    let height = heading.size().y + 4.0 + text.size().y;
    let at = pos2(place.left(), place.center().y - height / 2.0).round();
    let below = at + vec2(0.0, heading.size().y + 4.0);
    let both = format!("{}. {}", heading.text(), text.text());
    canvas.heard(
        Rect::from_min_max(at, pos2(place.right(), at.y + height)),
        "selected grant",
        Role::Label,
        &both,
    );
    canvas.painter().galley(at, heading, palette.text);
    canvas.painter().galley(below, text, palette.weak);
}

/// The legend.
fn legend(canvas: &mut Canvas<'_>, inner: Rect, all: &Permissions) {
    const ALL: [Access; 6] = [
        Access::Asks,
        Access::Open,
        Access::Always,
        Access::Never,
        Access::Once,
        Access::NotNow,
    ];
    let palette = canvas.palette;
    let occurs = |wanted: &Access| {
        all.lines
            .iter()
            .any(|line| line.access.iter().any(|(_, access)| access == wanted))
    };
    let galleys: Vec<_> = ALL
        .into_iter()
        .filter(occurs)
        .map(|access| {
            (
                access,
                canvas.line(
                    words(access),
                    fonts::text(theme::SMALL),
                    palette.weak,
                    inner.width() - 32.0,
                ),
            )
        })
        .collect();
    // As many lines as they need.
    let mut places = Vec::new();
    let (mut x, mut y) = (0.0, 0.0);
    for (_, galley) in &galleys {
        let wide = 28.0 + galley.size().x;
        if x > 0.0 && x + wide > inner.width() {
            (x, y) = (0.0, y + MARK);
        }
        places.push(vec2(x, y));
        x += wide + 2.0 * UNIT;
    }
    let top = inner.center().y - (y + MARK) / 2.0;
    for ((access, galley), at) in galleys.into_iter().zip(places) {
        let corner = pos2(inner.left(), top) + at;
        mark(canvas, corner + vec2(10.0, MARK / 2.0), access, false);
        canvas.heard(
            Rect::from_min_size(corner, vec2(28.0 + galley.size().x, MARK)),
            ("legend", words(access)),
            Role::Label,
            words(access),
        );
        canvas.put_line(corner.x + 28.0, corner.y + MARK / 2.0, galley);
    }
}

/// The access, in a sentence.
fn meaning(access: Access, said: Option<Decision>) -> String {
    let ago = |said: Decision| strings::days_ago(today().saturating_sub(said.day));
    match (access, said) {
        (Access::Always, Some(said)) => match said.lapses_in() {
            Some(days) => strings::always_used(days, &ago(said)),
            None => words(access).to_owned(),
        },
        (Access::Never, Some(said)) => strings::never_said(&ago(said)),
        _ => words(access).to_owned(),
    }
}
