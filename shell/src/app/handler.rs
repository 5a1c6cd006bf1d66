//! Dispatches events of the backend.

use super::{App, AppEvent};
use crate::backend::{Application, Backend, NativeId, Wait, WindowEvent};
use crate::background;
use crate::desktop;
use crate::library::{LibraryEvent, host};
use crate::script::Input;
use crate::state::Trouble;
use crate::strings;
use crate::window::{ChromeRenderer, ShellEvent, ShellWindow};
use portico_kernel::Exit;
use portico_model as model;
use std::time::Instant;

impl Application for App {
    type Event = AppEvent;

    fn resumed(&mut self, backend: &dyn Backend) {
        self.is_resumed = true;
        self.open_windows(backend);
    }

    fn event(&mut self, backend: &dyn Backend, event: AppEvent) {
        match event {
            AppEvent::Ipc(request, reply) => self.request(backend, *request, reply),
            AppEvent::ClientGone(id) => self.close(id),
            AppEvent::Window(id, ShellEvent::Presenter(event)) => self.presenter_event(backend, id, event),
            AppEvent::Window(id, ShellEvent::Pasted(number, text)) => {
                self.handle(backend, id, |window, cx| window.pasted(cx, number, text));
            }
            AppEvent::Window(id, ShellEvent::NotCopied(text)) => {
                self.handle(backend, id, |window, cx| window.apply(cx, model::Event::Notice(text)));
            }
            AppEvent::Started(started) => self.started(backend, *started),
            AppEvent::Icon(launch_id, icon) => {
                if let Some(toplevel) = self.windows.of_launch(launch_id) {
                    toplevel.window.set_icon(icon);
                }
            }
            AppEvent::Exited(exited) => self.exited(backend, *exited),
            AppEvent::Saved(id, text) => {
                self.handle(backend, id, |window, cx| window.apply(cx, model::Event::Notice(text)));
            }
            AppEvent::Forgotten(trouble) => {
                let text = match trouble {
                    Trouble::SetAside(kept) => strings::set_aside(&kept.display().to_string()),
                    Trouble::Unread(why) => strings::not_remembered(&why),
                };
                // All windows that are open would be too many.
                let id = self.windows.shell.desktop.used().next();
                if let Some(id) = id {
                    self.handle(backend, id, |window, cx| window.apply(cx, model::Event::Notice(text)));
                }
            }
            AppEvent::Permission(launch_id, what) => self.permission_event(backend, launch_id, what),
            AppEvent::Reread(reply) => reply.finish(portico_ipc::Response::Done),
            AppEvent::PermissionsChanged(changes) => self.permissions_changed(backend, &changes),
            AppEvent::HistoryLoaded(learned) => {
                self.windows.shell.learned = *learned;
                self.load_preferences();
                self.apply_system_settings(backend);
            }
            AppEvent::SystemSettings(settings) => {
                self.settings.system = settings;
                self.apply_system_settings(backend);
            }
            AppEvent::ProfileChanged => self.profile_changed(),
            AppEvent::UserInfoSaved(id, kept) => self.detail_kept(backend, id, kept),
            AppEvent::Broker(overview) => self.broker_looked_at(overview),
            AppEvent::PageChanged(kind) => self.windows.redraw_page(kind),
            AppEvent::FocusWindow(id) => self.windows.focus(id),
            AppEvent::Launch(hash, arguments, launched) => self.launch(backend, hash, arguments, launched),
            AppEvent::LaunchFound(run, launched) => {
                self.open_program(backend, *run);
                launched.done();
            }
            AppEvent::Library(LibraryEvent::Listed) => self.library_read(backend),
            AppEvent::Library(LibraryEvent::Icon) => self.library_icon_read(),
            AppEvent::Found(id, found) => self.found(backend, id, *found),
            AppEvent::LibraryChanged => self.launcher.reload_library(),
            AppEvent::RendererReady(renderer) => {
                self.windows.set_renderer(renderer);
                self.windows.set_zoom(self.settings.in_force().zoom());
                self.requests.check(&self.windows, &self.events);
            }
            AppEvent::Fonts => self.windows.use_found_fonts(),
        }
    }

    fn window_event(&mut self, backend: &dyn Backend, native: NativeId, event: WindowEvent) {
        let Some(id) = self.windows.of_native(native) else {
            return;
        };
        match event {
            WindowEvent::Destroyed => return self.close(id),
            WindowEvent::Script(Input::Action(name)) => return self.play_action(id, &name),
            WindowEvent::Script(Input::Screenshot(file)) => {
                self.handle(backend, id, ShellWindow::update);
                return self.play_screenshot(id, &file);
            }
            _ => {}
        }
        if matches!(event, WindowEvent::Focused(true))
            && let Some(other) = self.windows.shell.desktop.gives_up_to(id)
        {
            self.handle(backend, other, |window, cx| window.focus_changed(cx, false));
        }
        self.handle(backend, id, |window, cx| window.window_event(cx, event));
    }

    fn mouse_moved(&mut self, backend: &dyn Backend, dx: f64, dy: f64) {
        if let Some(id) = self.windows.shell.desktop.focused() {
            self.handle(backend, id, |window, cx| window.device_moved(cx, dx, dy));
        }
    }

    fn about_to_wait(&mut self, backend: &dyn Backend) -> Wait {
        self.look_at_tasks();
        self.look_at_broker();
        for id in self.windows.due(Instant::now()) {
            self.handle(backend, id, ShellWindow::update);
        }
        if self.setup.answer.is_some() {
            // Nobody is there who would want to end a program that takes its time.
            for id in self.windows.unresponsive() {
                self.handle(backend, id, |window, cx| {
                    window.apply(cx, model::Event::UnresponsiveWait)
                });
            }
        }
        self.save_sizes(None, false);
        self.list_windows(backend);
        self.requests.expire();
        let is_over = self.setup.ends_with_program && self.launcher.has_ended();
        if is_over || (self.windows.is_empty() && !self.launcher.is_busy()) {
            return Wait::Exit;
        }
        if self.windows.wants_renderer() {
            // There is time for the desktop's settings, too.
            self.spawn_background(move |events| {
                let found = events.clone();
                events.send(AppEvent::RendererReady(Box::new(ChromeRenderer::new(move || {
                    found.send(AppEvent::Fonts)
                }))));
            });
            if self.setup.has_desktop {
                background::spawn(host::repair);
                let events = self.events.clone();
                desktop::watch(move |settings| events.send(AppEvent::SystemSettings(settings)));
            }
            backend.settle();
        }
        let wakes = [
            self.windows.wake_at(),
            self.requests.deadline(),
            self.look_at(),
            self.broker_due(),
        ];
        let wake = wakes.into_iter().flatten().min();
        wake.map_or(Wait::Event, Wait::Until)
    }

    fn finish(&mut self, lost: bool) {
        if lost {
            self.launcher.end_with(Exit::Ended.code());
        }
        self.save_sizes(None, true);
        self.windows.close_all(lost);
    }
}
