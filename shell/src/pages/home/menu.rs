//! What can be done with a program besides opening it: a menu where the pointer or the keyboard is.

use super::Notify;
use crate::background;
use crate::chrome::controls::Canvas;
use crate::chrome::fonts;
use crate::chrome::theme::{self, CONTROL_RADIUS, PANEL_RADIUS, UNIT};
use crate::library::{Item, file_store};
use crate::pages::settings::storage;
use crate::strings;
use egui::{
    Area, Color32, CornerRadius, EventFilter, Frame, Id, Key, Margin, Modifiers, Order, Pos2, Rect, Role, Sense,
    Stroke, StrokeKind, WidgetInfo, vec2,
};
use portico_kernel::Hash;
use portico_model::{Event, ProgramRef, ShellCommand, link};
use std::sync::{Arc, OnceLock};

const WIDTH: f32 = 224.0;
const ROW: f32 = 32.0;

/// An open menu.
pub(super) struct Menu {
    hash: Hash,
    at: Pos2,
    selected: usize,
    /// Bytes of the files that the program keeps, once they have been counted.
    files: Arc<OnceLock<u64>>,
    /// It has been drawn: a press elsewhere closes it from now on.
    shown: bool,
}

/// Result of drawing the menu.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Chosen {
    /// It is still open.
    Nothing,
    /// It is closed; what was chosen, if anything, has been done.
    Closed,
    /// The program is to be opened.
    Open,
    /// The program is to be removed.
    Remove,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Open,
    Permissions,
    Install,
    CopyHash,
    Share,
    Remove,
}

impl Line {
    fn name(self) -> &'static str {
        match self {
            Self::Open => strings::open(),
            Self::Permissions => strings::settings_permissions(),
            Self::Install => strings::install(),
            Self::CopyHash => strings::copy_hash(),
            Self::Share => strings::share(),
            Self::Remove => strings::remove(),
        }
    }
}

impl Menu {
    /// A menu for a program; `news` hears from another thread when its files have been counted.
    pub(super) fn new(item: &Item, at: Pos2, news: Notify) -> Self {
        let files = Arc::new(OnceLock::new());
        let (counted, folder) = (Arc::clone(&files), item.identity.folder());
        let count = move || {
            let bytes = file_store::folder().map(|all| storage::folder(&all.join(folder)));
            counted.get_or_init(|| bytes.unwrap_or(0));
            news();
        };
        background::spawn(count);
        Self {
            hash: item.hash,
            at,
            selected: 0,
            files,
            shown: false,
        }
    }

    /// Whose menu it is.
    pub(super) fn hash(&self) -> Hash {
        self.hash
    }

    /// Draws it within `place`.
    pub(super) fn show(&mut self, canvas: &mut Canvas<'_>, item: &Item, place: Rect, keyboard: bool) -> Chosen {
        let lines: &[Line] = match item.installed {
            Some(_) => &[Line::Open, Line::Permissions, Line::CopyHash, Line::Share, Line::Remove],
            None => &[Line::Open, Line::Install, Line::CopyHash, Line::Share],
        };
        let mut fresh = !std::mem::replace(&mut self.shown, true);
        let pressed = |key| canvas.ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if keyboard && (pressed(Key::Escape) || pressed(Key::Tab)) {
            return Chosen::Closed;
        }
        for (key, by) in [(Key::ArrowUp, -1), (Key::ArrowDown, 1)] {
            if keyboard && !fresh && pressed(key) {
                self.selected = self.selected.saturating_add_signed(by).min(lines.len() - 1);
                fresh = true;
            }
        }
        let palette = canvas.palette;
        let frame = Frame::new()
            .fill(palette.panel)
            .stroke(Stroke::new(1.0, palette.line))
            .corner_radius(CornerRadius::same(PANEL_RADIUS))
            .shadow(theme::shadow(palette))
            .inner_margin(Margin::same(6));
        let area = Area::new(Id::unique("program menu"))
            .order(Order::Foreground)
            .fixed_pos(self.at)
            .constrain_to(place);
        let shown = area.show(canvas.ui.ctx(), |ui| {
            frame.show(ui, |ui| {
                ui.set_width(WIDTH);
                ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
                let mut inner = Canvas::new(ui, palette);
                about(&mut inner, item, self.files.get().copied());
                let mut chosen = None;
                for (index, line) in lines.iter().enumerate() {
                    let focus = fresh && index == self.selected;
                    if row(&mut inner, *line, focus) {
                        chosen = Some(*line);
                    }
                }
                chosen
            })
        });
        let outside = |input: &egui::InputState| {
            input.pointer.any_pressed()
                && input
                    .pointer
                    .interact_pos()
                    .is_some_and(|at| !shown.response.rect.contains(at))
        };
        match shown.inner.inner {
            Some(line) => self.choose(canvas, line, item),
            None if self.shown && !fresh && canvas.ui.input(outside) => Chosen::Closed,
            None => Chosen::Nothing,
        }
    }

    fn choose(&self, canvas: &mut Canvas<'_>, line: Line, item: &Item) -> Chosen {
        match line {
            Line::Open => return Chosen::Open,
            Line::Remove => return Chosen::Remove,
            Line::Permissions => canvas
                .events
                .push(Event::Command(ShellCommand::Permissions(item.identity.to_string()))),
            Line::Install => {
                if let ProgramRef::File(file) = &item.program {
                    canvas.events.push(Event::Command(ShellCommand::Install(file.clone())));
                }
            }
            Line::CopyHash => {
                canvas.ui.ctx().copy_text(item.hash.to_string());
                canvas.events.push(Event::Notice(strings::hash_copied(&item.name)));
            }
            Line::Share => {
                canvas.ui.ctx().copy_text(link(&item.hash));
                canvas.events.push(Event::Notice(strings::link_copied(&item.name)));
            }
        }
        Chosen::Closed
    }
}

/// The program's name, how much room it and its files take, and who published it.
fn about(canvas: &mut Canvas<'_>, item: &Item, files: Option<u64>) {
    let palette = canvas.palette;
    let publisher = match item.publisher {
        Some(publisher) => strings::signed_by(&publisher.short()),
        None => strings::not_signed().to_owned(),
    };
    let files = match files {
        None => Some(strings::storage_counting().to_owned()),
        Some(0) => None,
        Some(bytes) => Some(strings::space_files(&strings::bytes(bytes))),
    };
    let room = [Some(strings::bytes(item.size)), files]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ");
    for (text, font, colour, height) in [
        (&*item.name, fonts::strong(theme::BODY), palette.text, 24.0),
        (room.as_str(), fonts::text(theme::SMALL), palette.weak, 18.0),
        (publisher.as_str(), fonts::text(theme::SMALL), palette.weak, 24.0),
    ] {
        let place = canvas.ui.allocate_exact_size(vec2(WIDTH, height), Sense::hover()).0;
        canvas.heard(place, ("menu about", text), Role::Label, text);
        let galley = canvas.line(text, font, colour, WIDTH - 2.0 * UNIT);
        canvas.put_line(place.left() + UNIT, place.center().y, galley);
    }
}

/// A line of the menu; says whether it was chosen.
fn row(canvas: &mut Canvas<'_>, line: Line, focus: bool) -> bool {
    let palette = canvas.palette;
    let place = canvas.ui.allocate_exact_size(vec2(WIDTH, ROW), Sense::hover()).0;
    let id = Id::unique(("menu line", line as u8));
    let response = canvas.ui.interact(place, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::MenuItem, true, line.name()));
    if focus {
        response.request_focus();
    }
    // The arrows choose among these lines only.
    let filter = EventFilter {
        tab: true,
        horizontal_arrows: true,
        vertical_arrows: true,
        escape: true,
    };
    canvas.ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    let fill = match () {
        () if response.is_pointer_button_down_on() => palette.press,
        () if response.hovered() || response.has_focus() => palette.hover,
        () => Color32::TRANSPARENT,
    };
    let radius = CornerRadius::same(CONTROL_RADIUS);
    canvas.painter().rect_filled(place, radius, fill);
    if response.has_focus() {
        canvas
            .painter()
            .rect_stroke(place, radius, Stroke::new(2.0, palette.accent), StrokeKind::Inside);
    }
    let galley = canvas.line(line.name(), fonts::text(theme::BODY), palette.text, WIDTH - 2.0 * UNIT);
    canvas.put_line(place.left() + UNIT, place.center().y, galley);
    response.clicked()
}
