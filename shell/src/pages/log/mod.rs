//! The log viewer: all programs' lines and the shell's own, through a filter; below them the debug console of one program.
//!
//! Rows are counted, not laid out: whatever their number, only those that can be seen are read and drawn.

mod bar;
mod list;

use crate::chrome::Page;
use crate::chrome::controls::{Canvas, scroll_area};
use crate::chrome::fonts;
use crate::chrome::theme::{self, UNIT};
use crate::strings;
use egui::{Id, Key, Modifiers, Rect, Role, Stroke, TextEdit, UiBuilder, vec2};
use list::List;
use parking_lot::Mutex;
use portico_logs::{Filter, Line, LogStore, Search, SourceId};
use portico_model::{Event, LogSource, ShellCommand};
use portico_portals::Level;
use std::collections::HashSet;
use std::sync::Arc;

/// Height of the line of the debug console.
const CONSOLE: f32 = 44.0;
/// Most rows that are copied at once.
const MOST_COPIED: usize = 20_000;

/// State that the shell shares with the log viewer while it is open. Cheap to clone.
pub type SharedState = Arc<Mutex<LogState>>;

/// State of the log viewer that the shell sets.
#[derive(Clone, Debug, Default)]
pub struct LogState {
    /// The source to show, if that was requested.
    pub source: Option<SourceId>,
    /// Programs that read their debug console.
    pub listening: HashSet<SourceId>,
}

/// The page.
pub struct Log {
    store: LogStore,
    /// `None` if the system had no thread to look for lines.
    search: Option<Search>,
    state: SharedState,
    filter: Filter,
    list: List,
    console: String,
}

impl Log {
    /// A viewer of `store`; `news` is called on other threads when there is something new to show.
    pub fn new(store: LogStore, state: SharedState, news: impl Fn() + Send + 'static) -> Self {
        let search = Search::new(store.clone(), news);
        let search = search
            .inspect_err(|error| tracing::error!("the log can't be looked through: {error}"))
            .ok();
        Self {
            store,
            search,
            state,
            filter: Filter::default(),
            list: List::default(),
            console: String::new(),
        }
    }

    fn set_filter(&mut self, filter: Filter) {
        if filter != self.filter {
            self.filter = filter;
            self.list.begin_again();
            self.look();
        }
    }

    fn look(&self) {
        if let Some(search) = &self.search {
            search.find(self.filter.clone());
        }
    }

    /// What is selected, or else all rows, as text.
    fn copied(&self) -> String {
        let Some(search) = &self.search else {
            return String::new();
        };
        let (rows, _) = search.progress();
        let range = self.list.selected().unwrap_or(0..rows);
        let end = range.end.min(range.start.saturating_add(MOST_COPIED));
        let sources = self.store.sources();
        let title = |id: SourceId| {
            sources
                .iter()
                .find(|source| source.id == id)
                .map_or("", |source| &source.title)
        };
        let text = |line: &Line| {
            let time = list::time(line.time, true);
            format!(
                "{time} {} {} {}: {}\n",
                level_code(line.level),
                title(line.source),
                line.name,
                line.text
            )
        };
        search.rows(range.start..end).iter().flatten().map(text).collect()
    }

    fn console(&mut self, canvas: &mut Canvas<'_>, place: Rect, listening: bool) {
        let palette = canvas.palette;
        canvas
            .painter()
            .hline(place.x_range(), place.top(), Stroke::new(1.0, palette.line));
        let inner = place.shrink2(vec2(UNIT, 6.0));
        let (hint, enabled) = match self.filter.source {
            Some(source) if source != SourceId::SHELL && listening => (strings::console_hint(), true),
            Some(source) if source != SourceId::SHELL => (strings::console_deaf(), false),
            _ => (strings::console_choose(), false),
        };
        let id = Id::unique("console");
        let edit = TextEdit::singleline(&mut self.console)
            .id(id)
            .hint_text(egui::RichText::new(hint).color(palette.weak))
            .desired_width(inner.width())
            .return_key(None);
        let response = canvas
            .ui
            .scope_builder(UiBuilder::new().max_rect(inner).id_salt("console line"), |ui| {
                ui.add_enabled(enabled, edit).accessible_name(strings::console())
            })
            .inner;
        let enter = canvas
            .ui
            .input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        if enabled && enter && response.has_focus() {
            let line = std::mem::take(&mut self.console);
            if let Some(source) = self.filter.source {
                canvas
                    .events
                    .push(Event::Command(ShellCommand::Console(LogSource(source.number()), line)));
            }
            canvas.ui.ctx().request_repaint();
        }
    }

    /// The whole text of the one line that is selected.
    fn detail(&self, canvas: &mut Canvas<'_>, place: Rect, line: &Line) {
        let palette = canvas.palette;
        canvas.painter().rect_filled(place, 0, palette.panel);
        canvas
            .painter()
            .hline(place.x_range(), place.top(), Stroke::new(1.0, palette.line));
        let inner = place.shrink(UNIT);
        canvas
            .ui
            .scope_builder(UiBuilder::new().max_rect(inner).id_salt("detail"), |ui| {
                scroll_area().show(ui, |ui| {
                    let text = egui::RichText::new(&line.text)
                        .font(fonts::fixed(theme::SMALL))
                        .color(palette.text);
                    ui.add(egui::Label::new(text).wrap());
                });
            });
    }
}

impl Page for Log {
    fn size(&self) -> crate::state::Size {
        (960.0, 600.0)
    }

    fn view(&mut self, canvas: &mut Canvas<'_>, place: Rect, keyboard: bool) {
        let (wanted, listening) = {
            let mut state = self.state.lock();
            let listens = |source: &SourceId| state.listening.contains(source);
            let listening = self.filter.source.as_ref().is_some_and(listens);
            (state.source.take(), listening)
        };
        if let Some(source) = wanted {
            self.set_filter(Filter {
                source: Some(source),
                ..self.filter.clone()
            });
        }
        let bar = self.bar(canvas, place);
        let console = place.with_min_y(place.bottom() - CONSOLE);
        let mut list = Rect::from_min_max(bar.left_bottom(), console.right_top());
        let Some(search) = &self.search else { return };
        let single = self
            .list
            .selected()
            .filter(|rows| rows.len() == 1)
            .and_then(|rows| search.rows(rows).pop()?);
        let detail = single.filter(|line| line.text.len() > 60 && list.height() > 200.0);
        let below = detail.as_ref().map(|_| {
            let below = list.with_min_y(list.bottom() - 88.0);
            list.max.y = below.top();
            below
        });
        self.list
            .show(canvas, list, search, &self.store, self.filter.source.is_none());
        let asked = keyboard && self.list.has_focus(canvas.ui.ctx());
        let copy = asked
            && canvas
                .ui
                .input(|input| input.events.iter().any(|e| matches!(e, egui::Event::Copy)));
        if copy {
            canvas.ui.ctx().copy_text(self.copied());
        }
        if let (Some(line), Some(below)) = (detail, below) {
            self.detail(canvas, below, &line);
        }
        let (rows, done) = self.search.as_ref().map_or((0, true), Search::progress);
        if rows == 0 && done {
            canvas.heard(list, "nothing", Role::Label, strings::log_nothing());
            let text = canvas.line(
                strings::log_nothing(),
                fonts::text(theme::BODY),
                canvas.palette.weak,
                list.width() - 32.0,
            );
            canvas.put_line(list.left() + 2.0 * UNIT, list.top() + 24.0, text);
        }
        self.console(canvas, console, listening);
    }
}

/// What the user reads for a level.
fn level_name(level: Level) -> &'static str {
    match level {
        Level::Debug => strings::level_debug(),
        Level::Info => strings::level_info(),
        Level::Warning => strings::level_warning(),
        Level::Error => strings::level_error(),
    }
}

/// What stands in a text for a level, whatever the language.
fn level_code(level: Level) -> &'static str {
    match level {
        Level::Debug => "DEBUG",
        Level::Info => "INFO",
        Level::Warning => "WARNING",
        Level::Error => "ERROR",
    }
}
