//! Dispatches events of the backend.

use super::*;
use crate::backend::{Application, Wait, WindowEvent};
use crate::background;
use crate::script::Input;

impl Application for App {
    type Event = AppEvent;

    fn resumed(&mut self, backend: &dyn Backend) {
        self.resumed = true;
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
                if let Some(toplevel) = self
                    .toplevel(launch_id.window)
                    .filter(|toplevel| toplevel.launch_id == launch_id)
                {
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
                let id = self.shell.desktop.used().next();
                if let Some(id) = id {
                    self.handle(backend, id, |window, cx| window.apply(cx, model::Event::Notice(text)));
                }
            }
            AppEvent::Permission(launch_id, what) => self.permission_event(backend, launch_id, what),
            AppEvent::Reread(reply) => reply.finish(portico_ipc::Response::Done),
            AppEvent::PermissionsChanged(changes) => self.permissions_changed(backend, &changes),
            AppEvent::HistoryLoaded(learned) => {
                self.shell.learned = *learned;
                self.load_preferences();
                self.apply_system_settings(backend);
            }
            AppEvent::SystemSettings(settings) => {
                self.system_settings = settings;
                self.apply_system_settings(backend);
            }
            AppEvent::ProfileChanged => self.profile_changed(),
            AppEvent::UserInfoSaved(id, kept) => self.detail_kept(backend, id, kept),
            AppEvent::Broker(overview) => self.broker_looked_at(overview),
            AppEvent::PageChanged(kind) => {
                let shown =
                    |toplevel: &&mut Toplevel| matches!(toplevel.content, Content::Page(content) if content == kind);
                if let Some(toplevel) = self.toplevels.iter_mut().find(shown) {
                    toplevel.window.redraw();
                }
            }
            AppEvent::FocusWindow(id) => self.focus(id),
            AppEvent::Launch(hash, arguments, launched) => self.launch(backend, hash, arguments, launched),
            AppEvent::LaunchFound(run, launched) => self.launch_found(backend, *run, launched),
            AppEvent::Library(LibraryEvent::Listed) => self.library_read(backend),
            AppEvent::Library(LibraryEvent::Icon) => self.library_icon_read(),
            AppEvent::Found(id, found) => self.found(backend, id, *found),
            AppEvent::LibraryChanged => self.library_changed(),
            AppEvent::RendererReady(renderer) => {
                renderer.set_zoom(self.system_settings.with(&self.preferences).zoom());
                self.renderer = Some(renderer);
                self.check_pending();
            }
            AppEvent::Fonts => {
                if let Some(renderer) = &self.renderer {
                    renderer.use_found_fonts();
                }
                self.toplevels.iter_mut().for_each(|toplevel| toplevel.window.redraw());
            }
        }
    }

    fn window_event(&mut self, backend: &dyn Backend, native: NativeId, event: WindowEvent) {
        let Some(toplevel) = self.toplevels.iter().find(|toplevel| toplevel.native == Some(native)) else {
            return;
        };
        let id = toplevel.window.id();
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
            && let Some(other) = self.shell.desktop.gives_up_to(id)
        {
            self.handle(backend, other, |window, cx| window.focus_changed(cx, false));
        }
        self.handle(backend, id, |window, cx| window.window_event(cx, event));
    }

    fn mouse_moved(&mut self, backend: &dyn Backend, dx: f64, dy: f64) {
        if let Some(id) = self.shell.desktop.focused() {
            self.handle(backend, id, |window, cx| window.device_moved(cx, dx, dy));
        }
    }

    fn about_to_wait(&mut self, backend: &dyn Backend) -> Wait {
        self.look_at_tasks();
        self.look_at_broker();
        self.update_windows(backend);
        (0..self.toplevels.len()).for_each(|at| self.save_size(at, false));
        self.list_windows(backend);
        self.expire_pending();
        let is_over = self.setup.ends_with_program && self.exit.as_ref().is_some_and(|exit| exit.lock().is_some());
        if is_over || (self.toplevels.is_empty() && self.alive.is_empty()) {
            return Wait::Exit;
        }
        let early = |toplevel: &Toplevel| toplevel.window.is_shown() || matches!(toplevel.content, Content::Page(_));
        if !self.renderer_wanted && self.toplevels.iter().any(early) {
            // A page is waiting for it, or the first picture is out: now there is time for fonts, and for the desktop's settings.
            self.renderer_wanted = true;
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
        let wakes = self.toplevels.iter().filter_map(|toplevel| toplevel.window.wake_at());
        let looks = [self.look_at(), self.broker_due()].into_iter().flatten();
        let wake = wakes
            .chain(self.pending.iter().filter_map(PendingRequest::deadline))
            .chain(looks)
            .min();
        wake.map_or(Wait::Event, Wait::Until)
    }

    fn finish(&mut self, lost: bool) {
        if let (true, Some(exit)) = (lost, &self.exit) {
            // The end of the whole run, which is told by itself.
            exit.lock().get_or_insert(Exit::Ended.code());
        }
        (0..self.toplevels.len()).for_each(|at| self.save_size(at, true));
        for mut toplevel in self.toplevels.drain(..) {
            toplevel.end();
            if lost {
                toplevel.window.abandon();
            } else {
                toplevel.window.close(self.renderer.as_deref_mut());
            }
        }
    }
}
