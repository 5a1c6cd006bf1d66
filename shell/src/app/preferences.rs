//! Preferences: applied to every window at once, and stored for the next shell.

use super::App;
use crate::backend::Backend;
use crate::background;
use crate::desktop::SystemSettings;
use crate::strings::{self, Language};
use crate::window::ShellWindow;
use portico_ipc::Response;
use portico_model::preferences::Preferences;
use std::time::Duration;

/// Delay until the message broker starts with the shell: the first window comes first.
const NOT_AT_ONCE: Duration = Duration::from_millis(500);

/// The settings of this user: the preferences of the shell, and what the desktop says.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) preferences: Preferences,
    /// Whether the stored preferences have been applied.
    is_read: bool,
    /// The desktop's settings.
    pub(super) system: SystemSettings,
}

impl Settings {
    /// The desktop's settings where the preferences say nothing else.
    pub(super) fn in_force(&self) -> SystemSettings {
        self.system.with(&self.preferences)
    }
}

impl App {
    /// Applies the stored preferences as soon as they have been read.
    pub(super) fn load_preferences(&mut self) {
        if let Some(read) = self.state.preferences().filter(|_| !self.settings.is_read) {
            self.settings.preferences = read.clone();
            self.settings.is_read = true;
            strings::set_language(strings::spoken(&self.settings.preferences));
            self.windows.shell.shortcuts = self.settings.preferences.shortcuts;
            self.windows.rename_pages();
            self.preferences_changed();
            if self.settings.preferences.broker {
                self.start_broker(NOT_AT_ONCE);
            }
        }
        self.state
            .profile()
            .speak(self.settings.preferences.language.map(Language::code));
    }

    /// Starts the message broker after a delay, unless one runs.
    fn start_broker(&self, after: Duration) {
        let broker = self.setup.services.broker().clone();
        background::spawn(move || {
            std::thread::sleep(after);
            if let Err(error) = broker.start() {
                tracing::warn!("the message broker can't be started: {error}");
            }
        });
    }

    /// A client over IPC sets something.
    pub(super) fn set_preference(&mut self, backend: &dyn Backend, key: &str, value: &str) -> Response {
        let mut preferences = self.settings.preferences.clone();
        if !preferences.change(key, value) {
            let known: Vec<_> = preferences.rows().into_iter().map(|(key, _)| key).collect();
            return Response::error(format!(
                "{key} can't be {value}; what can be set is: {}",
                known.join(", ")
            ));
        }
        self.set_preferences(backend, preferences);
        Response::Done
    }

    /// Applies and stores preferences.
    pub(super) fn set_preferences(&mut self, backend: &dyn Backend, preferences: Preferences) {
        if preferences == self.settings.preferences {
            return;
        }
        self.state.save_preferences(&preferences);
        let had_broker = self.settings.preferences.broker;
        let spoken = strings::spoken(&preferences) != strings::spoken(&self.settings.preferences);
        self.settings.preferences = preferences;
        // What an earlier shell had set counts less from now on, even if it is still being read.
        self.settings.is_read = true;
        self.windows.shell.shortcuts = self.settings.preferences.shortcuts;
        if spoken {
            strings::set_language(strings::spoken(&self.settings.preferences));
            self.windows.rename_pages();
            self.each_window(backend, ShellWindow::retranslate);
        }
        self.state
            .profile()
            .speak(self.settings.preferences.language.map(Language::code));
        self.apply_system_settings(backend);
        self.preferences_changed();
        if self.settings.preferences.broker && !had_broker {
            self.start_broker(Duration::ZERO);
        }
    }

    /// Applies the settings of the desktop and of the shell to every window.
    pub(super) fn apply_system_settings(&mut self, backend: &dyn Backend) {
        self.windows.set_zoom(self.settings.in_force().zoom());
        self.each_window(backend, ShellWindow::apply_settings);
    }
}
