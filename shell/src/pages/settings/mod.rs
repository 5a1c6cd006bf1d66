//! Settings: a list of sections at the left, and the section that is chosen beside it.

mod about;
mod broker;
mod look;
mod profile;
pub mod programs;
mod shortcuts;
pub(super) mod storage;

pub use profile::User;
pub use storage::{Places, Space, Storage, StorageEntry};

use super::widgets::{self, Column};
use crate::broker::Overview;
use crate::chrome::Page;
use crate::chrome::controls::{Canvas, scroll_area};
use crate::chrome::theme::UNIT;
use crate::strings;
use egui::{Rect, UiBuilder, pos2, vec2};
use parking_lot::Mutex;
use portico_model::{Event, ShellCommand, ShellShortcut, preferences::Preferences};
use portico_portals::Shortcut;
use profile::ProfilePage;
use programs::{Matrix, Permissions};
use std::sync::Arc;

/// State of the settings, which the shell updates while they are open. Cheap to clone.
pub type SharedState = Arc<Mutex<SettingsState>>;

/// State of the settings.
#[derive(Clone, Debug, Default)]
pub struct SettingsState {
    /// The preferences.
    pub preferences: Preferences,
    /// The action whose shortcut is being recorded.
    pub recording: Option<ShellShortcut>,
    /// Shortcuts of programs that run.
    pub others: Vec<OtherShortcut>,
    /// The user's profile, once it is known.
    pub user: Option<User>,
    /// Used storage, once it is known.
    pub storage: Option<Storage>,
    /// Overview of the message broker, once it is known; `Some(None)` if none runs.
    pub broker: Option<Option<Overview>>,
    /// Whether the message broker is what is looked at: the page says so, and the shell keeps [`Self::broker`] true meanwhile.
    pub at_broker: bool,
    /// Permissions of every known program.
    pub programs: Permissions,
    /// Identity of the program whose permissions are to be shown, if that was requested.
    pub show: Option<String>,
}

/// A shortcut of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherShortcut {
    /// Title of the program.
    pub program: String,
    /// What it does.
    pub action: String,
    /// The shortcut.
    pub shortcut: Shortcut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Programs,
    Profile,
    Look,
    Shortcuts,
    Storage,
    Broker,
    About,
}

impl Section {
    const ALL: [Self; 7] = [
        Self::Programs,
        Self::Profile,
        Self::Look,
        Self::Shortcuts,
        Self::Storage,
        Self::Broker,
        Self::About,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Programs => strings::settings_permissions(),
            Self::Profile => strings::settings_profile(),
            Self::Look => strings::settings_look(),
            Self::Shortcuts => strings::settings_shortcuts(),
            Self::Storage => strings::settings_storage(),
            Self::Broker => strings::settings_broker(),
            Self::About => strings::settings_about(),
        }
    }
}

/// The page.
pub struct Settings {
    state: SharedState,
    section: Section,
    matrix: Matrix,
    profile: ProfilePage,
}

impl Settings {
    /// Settings that show what is known.
    pub fn new(state: SharedState) -> Self {
        Self {
            state,
            section: Section::Programs,
            matrix: Matrix::default(),
            profile: ProfilePage::default(),
        }
    }
}

impl Page for Settings {
    fn size(&self) -> crate::state::Size {
        (880.0, 640.0)
    }

    fn view(&mut self, canvas: &mut Canvas<'_>, place: Rect, _keyboard: bool) {
        let state = {
            let mut state = self.state.lock();
            if let Some(program) = state.show.take() {
                self.section = Section::Programs;
                self.matrix.select(program);
            }
            state.clone()
        };
        let side = (place.width() * 0.3).clamp(128.0, 224.0);
        let mut at = pos2(place.left() + UNIT, place.top() + 2.0 * UNIT);
        for section in Section::ALL {
            let line = Rect::from_min_size(at, vec2(side - 2.0 * UNIT, 36.0));
            at.y += 38.0;
            if widgets::entry(canvas, line, section.name(), self.section == section) {
                self.section = section;
                if state.recording.is_some() {
                    canvas.events.push(Event::Record(None));
                }
                canvas.ui.ctx().request_repaint();
            }
        }
        self.state.lock().at_broker = self.section == Section::Broker;
        let palette = canvas.palette;
        let edge = egui::Stroke::new(1.0, palette.line);
        canvas.painter().vline(place.left() + side, place.y_range(), edge);
        let content = place.with_min_x(place.left() + side + 1.0);
        if self.section == Section::Programs {
            return self.matrix.show(canvas, content, &state.programs);
        }
        let events = &mut canvas.events;
        canvas
            .ui
            .scope_builder(UiBuilder::new().max_rect(content).id_salt(self.section.name()), |ui| {
                ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
                scroll_area().show(ui, |ui| {
                    let margin = if content.width() < 400.0 {
                        2.0 * UNIT
                    } else {
                        3.0 * UNIT
                    };
                    let inner = ui.available_rect_before_wrap().shrink2(vec2(margin, 0.0));
                    let height = ui
                        .scope_builder(UiBuilder::new().max_rect(inner), |ui| {
                            let mut inner = Canvas::new(ui, palette);
                            let mut column = Column { canvas: &mut inner };
                            column.gap(2.0 * UNIT);
                            match self.section {
                                // It has a place of its own.
                                Section::Programs => {}
                                Section::Profile => self.profile.show(&mut column, &state),
                                Section::Look => look::show(&mut column, &state.preferences),
                                Section::Shortcuts => shortcuts::show(&mut column, &state),
                                Section::Storage => storage::show(&mut column, state.storage.as_ref()),
                                Section::Broker => broker::show(&mut column, &state.preferences, state.broker.as_ref()),
                                Section::About => about::show(&mut column),
                            }
                            column.gap(3.0 * UNIT);
                            events.append(&mut inner.events);
                            ui.min_rect().height()
                        })
                        .inner;
                    ui.allocate_space(vec2(0.0, (height - ui.min_rect().height()).max(0.0)));
                });
            });
        if self.section == Section::Profile {
            self.profile.undo(canvas, content);
        }
    }
}

/// Sets something.
fn set(column: &mut Column<'_, '_>, preferences: Preferences) {
    column
        .canvas
        .events
        .push(Event::Command(ShellCommand::Set(Box::new(preferences))));
}
