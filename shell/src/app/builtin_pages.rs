//! Built-in pages: keeps the state that they show up to date while they are open, and carries out their commands.

use super::App;
use super::event::AppEvent;
use super::windows::Toplevel;
use crate::backend::Backend;
use crate::background;
use crate::broker::Overview;
use crate::chrome::Page;
use crate::engine;
use crate::library::{Item, file_store};
use crate::logs;
use crate::pages;
use crate::pages::settings::programs::{Look, Permissions};
use crate::pages::settings::{OtherShortcut, Places, Storage, StorageEntry};
use crate::pages::tasks::Task;
use crate::state;
use portico_kernel::Usage;
use portico_model::{LogSource, PageKind, ShellShortcut, WindowId, preferences::Preferences};
use portico_portals::Shortcut;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Refresh interval of the task list and of the broker overview.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The state that the built-in pages show.
#[derive(Default)]
pub(super) struct PageStates {
    pub(super) settings: pages::settings::SharedState,
    /// Number of profile changes that are still being saved.
    pub(super) keeping: usize,
    log: pages::log::SharedState,
    tasks: pages::tasks::Table,
    sampler: Sampler,
    /// Time of the last request for the broker overview.
    broker_at: Option<Instant>,
    /// Whether that request is still running.
    broker_asked: bool,
}

/// The last sample of the task list.
#[derive(Default)]
struct Sampler {
    at: Option<Instant>,
    seen: HashMap<WindowId, Seen>,
}

/// A program's counters at that time.
#[derive(Clone, Copy)]
struct Seen {
    cpu: Option<Duration>,
    messages: u64,
    frames: u64,
}

impl App {
    /// Creates the settings page with the present preferences.
    pub(super) fn settings_page(&mut self) -> Box<dyn Page> {
        *self.pages.settings.lock() = pages::settings::SettingsState {
            preferences: self.settings.preferences.clone(),
            ..pages::settings::SettingsState::default()
        };
        self.list_shortcuts();
        self.pages.settings.lock().programs = self.permissions();
        self.launcher.want_library();
        self.measure_storage();
        self.ask_for_user();
        Box::new(pages::Settings::new(self.pages.settings.clone()))
    }

    /// Creates a task list, filled by the first sample.
    pub(super) fn tasks_page(&mut self) -> Box<dyn Page> {
        self.pages.sampler = Sampler::default();
        self.pages.tasks.lock().clear();
        Box::new(pages::Tasks::new(self.pages.tasks.clone()))
    }

    /// Creates a log viewer.
    pub(super) fn log_page(&mut self) -> Box<dyn Page> {
        self.list_listening();
        let events = self.events.clone();
        let news = move || events.send(AppEvent::PageChanged(PageKind::Log));
        Box::new(pages::Log::new(logs::store().clone(), self.pages.log.clone(), news))
    }

    /// Updates the pages that show parts of a program's chrome, which has changed.
    pub(super) fn chrome_changed(&mut self) {
        if self.windows.page(PageKind::Settings).is_some() && self.list_shortcuts() {
            self.windows.redraw_page(PageKind::Settings);
        }
        if self.windows.page(PageKind::Log).is_some() && self.list_listening() {
            self.windows.redraw_page(PageKind::Log);
        }
    }

    /// Updates the list of programs' shortcuts; returns whether it has changed.
    fn list_shortcuts(&self) -> bool {
        let of = |toplevel: &Toplevel| {
            let program = toplevel.window.model().title().to_string();
            let menu = toplevel.window.model().chrome().menu.clone().unwrap_or_default();
            let shortcuts = menu.iter().filter_map(move |action| {
                let action_name = action.name.to_string();
                let program = program.clone();
                action.shortcut.map(|shortcut| OtherShortcut {
                    program,
                    action: action_name,
                    shortcut,
                })
            });
            shortcuts.collect::<Vec<_>>()
        };
        let others: Vec<_> = self.windows.iter().flat_map(of).collect();
        let mut state = self.pages.settings.lock();
        let changed = state.others != others;
        state.others = others;
        changed
    }

    /// Permissions of every known program, with icons and publishers.
    fn permissions(&self) -> Permissions {
        let items = self.launcher.library.items().unwrap_or_default();
        let look = |item: &Item| Look {
            icon: item.icon.clone(),
            publisher: item.publisher.map(|publisher| publisher.short()),
        };
        Permissions {
            lines: self.permission_matrix().into(),
            decisions: Arc::new(self.state.permissions().all()),
            looks: Arc::new(
                items
                    .iter()
                    .map(|item| (item.identity.to_string(), look(item)))
                    .collect(),
            ),
        }
    }

    /// Opens the settings at a program's permissions; `program` is its identity.
    pub(super) fn show_permissions(&mut self, backend: &dyn Backend, program: String) {
        self.open_page(backend, PageKind::Settings);
        self.pages.settings.lock().show = Some(program);
        self.windows.redraw_page(PageKind::Settings);
    }

    /// Updates the settings page after a change of permissions or of the known programs.
    pub(super) fn grants_changed(&mut self) {
        if self.windows.page(PageKind::Settings).is_some() {
            self.pages.settings.lock().programs = self.permissions();
            self.windows.redraw_page(PageKind::Settings);
        }
    }

    /// Updates the list of programs that read their debug console; returns whether it has changed.
    fn list_listening(&self) -> bool {
        let listens = |toplevel: &&Toplevel| toplevel.window.model().chrome().console;
        let listening = self
            .windows
            .iter()
            .filter(listens)
            .map(|toplevel| toplevel.source)
            .collect();
        let mut state = self.pages.log.lock();
        let changed = state.listening != listening;
        state.listening = listening;
        changed
    }

    /// Updates the settings page after a change of preferences.
    pub(super) fn preferences_changed(&mut self) {
        self.pages.settings.lock().preferences = self.settings.preferences.clone();
        self.windows.redraw_page(PageKind::Settings);
    }

    pub(super) fn recording(&mut self, what: Option<ShellShortcut>) {
        self.pages.settings.lock().recording = what;
        self.windows.redraw_page(PageKind::Settings);
    }

    pub(super) fn recorded(&mut self, backend: &dyn Backend, what: ShellShortcut, shortcut: Shortcut) {
        let mut preferences: Preferences = self.settings.preferences.clone();
        preferences.shortcuts.set(what, Some(shortcut));
        self.set_preferences(backend, preferences);
    }

    /// Opens the log viewer, filtered to one window's program.
    pub(super) fn show_log(&mut self, backend: &dyn Backend, window: WindowId) {
        let source = self.windows.get(window).map(|toplevel| toplevel.source);
        self.pages.log.lock().source = source;
        self.open_page(backend, PageKind::Log);
        self.windows.redraw_page(PageKind::Log);
    }

    /// Sends a line to the debug console of a program, and logs it.
    pub(super) fn console(&mut self, source: LogSource, line: &str) {
        let listens =
            |toplevel: &&Toplevel| toplevel.source.number() == source.0 && toplevel.window.model().chrome().console;
        if let Some(toplevel) = self.windows.iter().find(listens) {
            logs::store().note(toplevel.source, portico_portals::Level::Info, ">", line);
            toplevel.window.console_line(line);
        }
    }

    pub(super) fn clear_log(&self) {
        logs::store().clear(None);
        self.measure_storage();
    }

    /// Deletes the cache of compiled code. Running programs keep theirs.
    pub(super) fn forget_compiled(&self) {
        let measure = self.measure();
        background::spawn(move || {
            let emptied = |folder: std::path::PathBuf| match std::fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
            if let Some(Err(error)) = engine::cache().map(emptied) {
                tracing::warn!("the compiled code can't be thrown away: {error}");
            }
            measure();
        });
    }

    /// Updates storage and permissions in the settings after the library was read.
    pub(super) fn programs_read(&mut self) {
        if self.windows.page(PageKind::Settings).is_some() {
            self.measure_storage();
        }
        self.grants_changed();
    }

    /// Measures storage on another thread.
    fn measure_storage(&self) {
        let measure = self.measure();
        background::spawn(measure);
    }

    /// Returns the work that measures storage and shows the result. It reads folders.
    fn measure(&self) -> impl FnOnce() + Send + 'static {
        let (state, events) = (self.pages.settings.clone(), self.events.clone());
        let items = self.launcher.library.items().unwrap_or_default();
        move || {
            let places = Places {
                compiled: engine::cache(),
                remembered: state::file(),
                files: file_store::folder(),
            };
            let entries: Vec<_> = items.iter().map(storage_entry).collect();
            let storage = Storage::measure(&places, &entries, logs::store().bytes());
            state.lock().storage = Some(storage);
            events.send(AppEvent::PageChanged(PageKind::Settings));
        }
    }

    /// When the broker overview is due: only while it is visible, and one request at a time.
    pub(super) fn broker_due(&self) -> Option<Instant> {
        let there = self.windows.is_page_visible(PageKind::Settings)
            && !self.pages.broker_asked
            && self.pages.settings.lock().at_broker;
        there.then(|| self.pages.broker_at.map_or_else(Instant::now, |at| at + LOOK_EVERY))
    }

    /// Requests the broker overview on another thread, if it is due.
    pub(super) fn look_at_broker(&mut self) {
        let Some(due) = self.broker_due() else { return };
        // Later than what is due at once.
        let now = Instant::now();
        if due > now {
            return;
        }
        self.pages.broker_at = Some(now);
        self.pages.broker_asked = true;
        self.spawn_background(|events| events.send(AppEvent::Broker(Overview::of_running())));
    }

    /// Shows a broker overview.
    pub(super) fn broker_looked_at(&mut self, overview: Option<Overview>) {
        self.pages.broker_asked = false;
        let overview = Some(overview);
        let mut state = self.pages.settings.lock();
        if state.broker != overview {
            state.broker = overview;
            drop(state);
            self.windows.redraw_page(PageKind::Settings);
        }
    }

    /// When the next sample of the task list is due: only while it is visible.
    pub(super) fn look_at(&self) -> Option<Instant> {
        let there = self.windows.is_page_visible(PageKind::Tasks);
        there.then(|| self.pages.sampler.at.map_or_else(Instant::now, |at| at + LOOK_EVERY))
    }

    /// Samples what programs use, if it is due.
    pub(super) fn look_at_tasks(&mut self) {
        let Some(due) = self.look_at() else { return };
        // Later than what is due at once.
        let now = Instant::now();
        if due > now {
            return;
        }
        let Self { windows, pages, .. } = self;
        let sampler = &mut pages.sampler;
        let passed = sampler.at.map(|at| (now - at).as_secs_f64());
        let before = std::mem::take(&mut sampler.seen);
        let tasks = windows.iter().filter_map(|toplevel| {
            let process = toplevel.process.as_ref()?;
            let Usage { cpu, memory, messages } = process.usage();
            let seen = Seen {
                cpu,
                messages,
                frames: toplevel.window.presenter().frames(),
            };
            let window = toplevel.window.id();
            sampler.seen.insert(window, seen);
            let then = before.get(&window).zip(passed);
            let rate = |count: fn(&Seen) -> u64| {
                then.map(|(before, passed)| count(&seen).saturating_sub(count(before)) as f64 / passed)
            };
            let cpu = then.and_then(|(before, passed)| {
                Some(seen.cpu?.saturating_sub(before.cpu?).as_secs_f64() / passed * 100.0)
            });
            let model = toplevel.window.model();
            Some(Task {
                window,
                title: model.title().to_string(),
                answers: !model.is_unresponsive(),
                cpu,
                memory,
                frames: rate(|seen| seen.frames),
                messages: rate(|seen| seen.messages),
                uses: model
                    .privacy_indicators()
                    .iter()
                    .filter(|used| used.until.is_none())
                    .map(|used| used.permission.clone())
                    .collect(),
            })
        });
        *pages.tasks.lock() = tasks.collect();
        sampler.at = Some(now);
        self.windows.redraw_page(PageKind::Tasks);
    }
}

/// The storage entry of a program.
fn storage_entry(item: &Item) -> StorageEntry {
    StorageEntry {
        name: item.name.clone(),
        hash: item.hash.to_string(),
        folder: item.identity.folder(),
        program: if item.installed.is_some() { item.size } else { 0 },
    }
}
