//! Preferences: applied to every window at once, and stored for the next shell.

use super::{App, Content};
use crate::backend::Backend;
use crate::background;
use crate::strings::{self, Language};
use crate::window::ShellWindow;
use portico_ipc::Response;
use portico_model::preferences::Preferences;
use std::time::Duration;

/// Delay until the message broker starts with the shell: the first window comes first.
const NOT_AT_ONCE: Duration = Duration::from_millis(500);

impl App {
    /// Applies the stored preferences as soon as they have been read.
    pub(super) fn load_preferences(&mut self) {
        if let Some(read) = self.state.preferences().filter(|_| !self.preferences_read) {
            self.preferences = if self.setup.remembers {
                read.clone()
            } else {
                // What an earlier shell had of sizes, themes and keys would make runs differ.
                Preferences {
                    language: read.language,
                    ..Preferences::default()
                }
            };
            self.preferences_read = true;
            strings::set_language(strings::spoken(&self.preferences));
            self.shell.shortcuts = self.preferences.shortcuts;
            self.rename_builtin_pages();
            self.preferences_changed();
            if self.preferences.broker {
                self.start_broker(NOT_AT_ONCE);
            }
        }
        self.state
            .profile()
            .speak(self.preferences.language.map(Language::code));
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

    /// Updates the titles of built-in pages to the present language.
    fn rename_builtin_pages(&mut self) {
        for toplevel in &mut self.toplevels {
            if let Content::Page(kind) = toplevel.content {
                toplevel.window.set_name(strings::page(kind));
            }
        }
    }

    /// A client over IPC sets something.
    pub(super) fn set_preference(&mut self, backend: &dyn Backend, key: &str, value: &str) -> Response {
        let mut preferences = self.preferences.clone();
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
        if preferences == self.preferences {
            return;
        }
        if self.setup.remembers {
            self.state.save_preferences(&preferences);
        }
        let had_broker = self.preferences.broker;
        let spoken = strings::spoken(&preferences) != strings::spoken(&self.preferences);
        self.preferences = preferences;
        // What an earlier shell had set counts less from now on, even if it is still being read.
        self.preferences_read = true;
        self.shell.shortcuts = self.preferences.shortcuts;
        if spoken {
            strings::set_language(strings::spoken(&self.preferences));
            self.rename_builtin_pages();
            self.each_window(backend, ShellWindow::retranslate);
        }
        self.state
            .profile()
            .speak(self.preferences.language.map(Language::code));
        self.apply_system_settings(backend);
        self.preferences_changed();
        if self.preferences.broker && !had_broker {
            self.start_broker(Duration::ZERO);
        }
    }

    /// Applies the settings of the desktop and of the shell to every window.
    pub(super) fn apply_system_settings(&mut self, backend: &dyn Backend) {
        if let Some(renderer) = &self.renderer {
            renderer.set_zoom(self.system_settings.with(&self.preferences).zoom());
        }
        self.each_window(backend, ShellWindow::apply_settings);
    }
}
