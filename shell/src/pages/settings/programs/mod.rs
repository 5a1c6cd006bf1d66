//! What programs may do: a matrix of programs and permissions in which every cell can be changed, and acts at once.
//!
//! Programs stand side by side and permissions below each other, so that what one is for can be read in full. One cell is
//! selected; what it means stands below the matrix, with the choices that there are for it. The arrows go from cell to cell,
//! Enter goes to the choices and Esc back.

mod details;
mod grid;

use crate::chrome::controls::Canvas;
use crate::chrome::fonts;
use crate::chrome::theme::{self, UNIT};
use crate::grants::{Access, ProgramAccess, portal_row};
use crate::state::grants::{AllDecisions, Decision};
use crate::strings;
use egui::{ColorImage, Id, Rect, Role, TextEdit, TextureHandle, pos2, vec2};
use portico_kernel::{DefaultAccess, Permission};
use portico_model::{Event, PermissionChange, ShellCommand, fold::fold};
use std::collections::HashMap;
use std::sync::Arc;

/// From how many programs on they can be searched.
const MANY: usize = 7;

/// Icon and publisher of a program.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Its icon.
    pub icon: Option<Arc<ColorImage>>,
    /// Its publisher, if it is signed.
    pub publisher: Option<String>,
}

/// Permissions of every known program. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    /// Access of each program, sorted by name.
    pub lines: Arc<[ProgramAccess]>,
    /// The permanent decisions, with their last use.
    pub decisions: Arc<AllDecisions>,
    /// Icons and publishers, by identity.
    pub looks: Arc<HashMap<String, Look>>,
}

impl Permissions {
    fn decision(&self, program: &str, permission: &Permission) -> Option<Decision> {
        self.decisions
            .get(program)?
            .decisions
            .get(&permission.to_string())
            .copied()
    }
}

/// A cell of the matrix, or with no permission the head of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
struct At {
    program: String,
    permission: Option<Permission>,
}

impl At {
    fn id(&self) -> Id {
        Id::unique(("grant", self.program.as_str(), &self.permission))
    }
}

/// The matrix, and where the user is in it.
#[derive(Default)]
pub(super) struct Matrix {
    filter: String,
    at: Option<At>,
    /// The selected cell is to get the keyboard.
    grab: bool,
    /// The choices for the selected cell are to get it.
    enter: bool,
    icons: HashMap<String, TextureHandle>,
}

impl Matrix {
    /// Shows what one program may do.
    pub(super) fn select(&mut self, program: String) {
        self.filter.clear();
        self.at = Some(At {
            program,
            permission: None,
        });
        self.grab = true;
    }

    /// Draws it over `place`.
    pub(super) fn show(&mut self, canvas: &mut Canvas<'_>, place: Rect, all: &Permissions) {
        let margin = if place.width() < 400.0 { 2.0 * UNIT } else { 3.0 * UNIT };
        let inner = place.shrink2(vec2(margin, 2.0 * UNIT));
        let mut top = inner.top();
        let palette = canvas.palette;
        let about = [
            (
                strings::settings_programs(),
                fonts::strong(theme::TITLE),
                palette.text,
                UNIT / 2.0,
            ),
            (
                strings::programs_about(),
                fonts::text(theme::SMALL),
                palette.weak,
                1.5 * UNIT,
            ),
        ];
        for (text, font, colour, gap) in about {
            let galley = canvas.paragraph(text, font, colour, inner.width());
            let line = Rect::from_min_size(pos2(inner.left(), top), galley.size());
            canvas.heard(line, ("programs", text), Role::Label, text);
            canvas.painter().galley(line.min, galley, colour);
            top = line.bottom() + gap;
        }
        let nothing = |canvas: &mut Canvas<'_>, top: f32, why: &'static str| {
            let galley = canvas.paragraph(why, fonts::text(theme::BODY), palette.text, inner.width());
            let line = Rect::from_min_size(pos2(inner.left(), top + UNIT), galley.size());
            canvas.heard(line, "no programs", Role::Label, why);
            canvas.painter().galley(line.min, galley, palette.text);
        };
        if all.lines.is_empty() {
            return nothing(canvas, top, strings::programs_none());
        }
        if all.lines.len() >= MANY {
            let field = Rect::from_min_size(pos2(inner.left(), top), vec2(inner.width().min(280.0), 32.0));
            let hint = strings::programs_find();
            let edit = TextEdit::singleline(&mut self.filter)
                .id(Id::unique("find programs"))
                .hint_text(egui::RichText::new(hint).color(palette.weak))
                .min_size(vec2(0.0, field.height()))
                .desired_width(field.width())
                .align(egui::Align2::LEFT_CENTER);
            canvas.ui.put(field, edit).accessible_name(hint);
            top = field.bottom() + UNIT;
        }
        let wanted = fold(self.filter.trim());
        let fits = |line: &&ProgramAccess| wanted.is_empty() || fold(&line.name).contains(&*wanted);
        let lines: Vec<&ProgramAccess> = all.lines.iter().filter(fits).collect();
        if self
            .at
            .as_ref()
            .is_some_and(|at| lines.iter().all(|line| line.program != at.program))
        {
            self.at = None;
        }
        if lines.is_empty() {
            return nothing(canvas, top, strings::nothing_found());
        }
        let details = place.with_min_y(place.bottom() - details::height(place.width()));
        let grid = Rect::from_min_max(pos2(place.left(), top), pos2(place.right(), details.top()));
        self.grid(canvas, grid, margin, &lines, all);
        self.details(canvas, details, margin, all);
    }

    /// The program and what holds for it that are selected.
    fn selected<'a>(&self, all: &'a Permissions) -> Option<(&'a ProgramAccess, Option<Permission>)> {
        let at = self.at.as_ref()?;
        Some((
            all.lines.iter().find(|line| line.program == at.program)?,
            at.permission.clone(),
        ))
    }
}

/// Permissions in the order of the matrix: those of portals that ask, then of those that are open to every program.
fn permissions(lines: &[ProgramAccess]) -> [(DefaultAccess, Vec<&Permission>); 2] {
    // What no program could use by now stands there only if something holds for it.
    let matters = |wanted: &Permission| {
        lines.iter().any(|line| {
            line.access
                .iter()
                .any(|(other, access)| other == wanted && !is_default(*access))
        })
    };
    // All lines have the same.
    let all = lines.first().map(|line| &*line.access).unwrap_or_default();
    [DefaultAccess::Ask, DefaultAccess::Open].map(|default| {
        let served = |permission: &&Permission| {
            portal_row(permission.portal).is_some_and(|row| row.default == default)
                && (permission.scope.is_some() || is_served(permission.portal) || matters(permission))
        };
        (
            default,
            all.iter().map(|(permission, _)| permission).filter(served).collect(),
        )
    })
}

/// Whether this host does anything for a portal.
fn is_served(portal: &str) -> bool {
    portal_row(portal)
        .is_some_and(|row| row.commands.is_empty() || row.commands.iter().any(|command| command.open.is_some()))
}

fn is_default(access: Access) -> bool {
    matches!(access, Access::Open | Access::Asks)
}

/// The access of a program to a permission.
fn access(line: &ProgramAccess, permission: &Permission) -> Access {
    line.access
        .iter()
        .find(|(other, _)| other == permission)
        .map_or(Access::Open, |(_, access)| *access)
}

/// The access, in words.
fn words(access: Access) -> &'static str {
    match access {
        Access::Open => strings::holds_open(),
        Access::Asks => strings::holds_asks(),
        Access::Always => strings::holds_always(),
        Access::Never => strings::holds_never(),
        Access::Once => strings::holds_once(),
        Access::NotNow => strings::holds_not_now(),
    }
}

/// A choice of the user: its name, and the decision that it sets.
type Choice = (fn() -> &'static str, Option<bool>);

/// The choices for a permission.
fn choices(permission: &Permission) -> &'static [Choice] {
    match portal_row(permission.portal).map(|row| row.default) {
        Some(DefaultAccess::Ask) => &[
            (strings::choice_ask, None),
            (strings::choice_allow, Some(true)),
            (strings::choice_deny, Some(false)),
        ],
        _ => &[(strings::choice_allow, None), (strings::choice_deny, Some(false))],
    }
}

/// Sends a change of a permission to the shell.
fn say(canvas: &mut Canvas<'_>, line: &ProgramAccess, permission: &Permission, allowed: Option<bool>) {
    let (program, name) = (line.program.clone(), line.name.clone());
    let say = PermissionChange {
        program,
        name,
        permission: permission.clone(),
        allowed,
    };
    canvas
        .events
        .push(Event::Command(ShellCommand::SetPermission(Box::new(say))));
}
