//! Dispatches events of the event loop and of the window system.

use super::*;
use crate::background;
use winit::application::ApplicationHandler;

impl ApplicationHandler<AppEvent> for App {
    fn resumed(&mut self, target: &ActiveEventLoop) {
        self.resumed = true;
        self.open_windows(target);
    }

    fn user_event(&mut self, target: &ActiveEventLoop, event: AppEvent) {
        match event {
            AppEvent::Access(event) => self.access(target, event),
            AppEvent::AccessRenewed => self
                .toplevels
                .iter_mut()
                .for_each(|toplevel| toplevel.window.renew_access()),
            AppEvent::DisplayLost => display::leave(),
            AppEvent::Ipc(request, reply) => self.request(target, *request, reply),
            AppEvent::ClientGone(id) => self.close(id),
            AppEvent::Presenter(id, event) => self.presenter_event(target, id, event),
            AppEvent::Started(started) => self.started(target, *started),
            AppEvent::Icon(launch_id, icon) => {
                if let Some(toplevel) = self
                    .toplevel(launch_id.window)
                    .filter(|toplevel| toplevel.launch_id == launch_id)
                {
                    toplevel.window.set_icon(icon);
                }
            }
            AppEvent::Exited(exited) => self.exited(target, *exited),
            AppEvent::Saved(id, text) => {
                self.handle(target, id, |window, cx| {
                    window.apply(cx, model::Event::Notice(text), None)
                });
            }
            AppEvent::Forgotten(trouble) => {
                let text = match trouble {
                    Trouble::SetAside(kept) => strings::set_aside(&kept.display().to_string()),
                    Trouble::Unread(why) => strings::not_remembered(&why),
                };
                // All windows that are open would be too many.
                if let Some(id) = self.toplevels.first().map(|toplevel| toplevel.window.id()) {
                    self.handle(target, id, |window, cx| {
                        window.apply(cx, model::Event::Notice(text), None)
                    });
                }
            }
            AppEvent::Pasted(id, number, text) => self.handle(target, id, |window, cx| window.pasted(cx, number, text)),
            AppEvent::Permission(launch_id, what) => self.permission_event(target, launch_id, what),
            AppEvent::Reread(reply) => reply.finish(portico_ipc::Response::Done),
            AppEvent::PermissionsChanged(changes) => self.permissions_changed(target, &changes),
            AppEvent::HistoryLoaded(learned) => {
                self.shell.learned = *learned;
                self.load_preferences();
                self.apply_system_settings(target);
            }
            AppEvent::SystemSettings(settings) => {
                self.system_settings = settings;
                self.apply_system_settings(target);
            }
            AppEvent::ProfileChanged => self.profile_changed(),
            AppEvent::UserInfoSaved(id, kept) => self.detail_kept(target, id, kept),
            AppEvent::Broker(overview) => self.broker_looked_at(overview),
            AppEvent::PageChanged(kind) => {
                let shown =
                    |toplevel: &&mut Toplevel| matches!(toplevel.content, Content::Page(content) if content == kind);
                if let Some(toplevel) = self.toplevels.iter_mut().find(shown) {
                    toplevel.window.redraw();
                }
            }
            AppEvent::FocusWindow(id) => self.focus(id),
            #[cfg(all(unix, not(target_vendor = "apple")))]
            AppEvent::Drops(drops) => {
                let windows = self.toplevels.iter().filter_map(|toplevel| toplevel.native);
                windows.for_each(|native| drops.take(native.into()));
                self.drops = Some(drops);
            }
            #[cfg(all(unix, not(target_vendor = "apple")))]
            AppEvent::Dropped(native, dropped) => self.dropped_on_native(target, native.into(), dropped),
            AppEvent::Launch(hash, arguments, launched) => self.launch(target, hash, arguments, launched),
            AppEvent::LaunchFound(run, launched) => self.launch_found(target, *run, launched),
            AppEvent::Library(LibraryEvent::Listed) => self.library_read(target),
            AppEvent::Library(LibraryEvent::Icon) => self.library_icon_read(),
            AppEvent::Found(id, found) => self.found(target, id, *found),
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

    fn window_event(&mut self, target: &ActiveEventLoop, native: winit::window::WindowId, event: WindowEvent) {
        let Some(toplevel) = self.toplevels.iter().find(|toplevel| toplevel.native == Some(native)) else {
            return;
        };
        let id = toplevel.window.id();
        if matches!(event, WindowEvent::Destroyed) {
            return self.close(id);
        }
        if matches!(event, WindowEvent::Focused(true)) {
            // Only one has the focus; that the other has lost it is not always told.
            let focused = |toplevel: &&Toplevel| toplevel.window.id() != id && toplevel.window.model().is_focused();
            let others: Vec<_> = self
                .toplevels
                .iter()
                .filter(focused)
                .map(|toplevel| toplevel.window.id())
                .collect();
            for other in others {
                self.handle(target, other, |window, cx| {
                    window.window_event(cx, &WindowEvent::Focused(false))
                });
            }
        }
        self.handle(target, id, |window, cx| window.window_event(cx, &event));
    }

    fn device_event(&mut self, target: &ActiveEventLoop, _device: DeviceId, event: DeviceEvent) {
        let DeviceEvent::MouseMotion { delta: (dx, dy) } = event else {
            return;
        };
        let focused = self
            .toplevels
            .iter()
            .find(|toplevel| toplevel.window.model().is_focused())
            .map(|toplevel| toplevel.window.id());
        if let Some(id) = focused {
            self.handle(target, id, |window, cx| window.device_moved(cx, dx, dy));
        }
    }

    fn about_to_wait(&mut self, target: &ActiveEventLoop) {
        self.look_at_tasks();
        self.look_at_broker();
        self.update_windows(target);
        (0..self.toplevels.len()).for_each(|at| self.save_size(at, false));
        self.list_windows(target);
        self.expire_pending();
        if self.toplevels.is_empty() && self.alive.is_empty() {
            return target.exit();
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
            background::spawn(host::repair);
            let events = self.events.clone();
            desktop::watch(move |settings| events.send(AppEvent::SystemSettings(settings)));
            self.listen_for_drops(target);
        }
        let wakes = self.toplevels.iter().filter_map(|toplevel| toplevel.window.wake_at());
        let looks = [self.look_at(), self.broker_due()].into_iter().flatten();
        let wake = wakes
            .chain(self.pending.iter().filter_map(PendingRequest::deadline))
            .chain(looks)
            .min();
        target.set_control_flow(match wake {
            // In the past means: as soon as everything that is queued has been handled.
            Some(at) => ControlFlow::WaitUntil(at.max(Instant::now())),
            None => ControlFlow::Wait,
        });
    }

    fn exiting(&mut self, _target: &ActiveEventLoop) {
        // While there is still an event loop for windows to end with.
        self.finish(false);
    }
}
