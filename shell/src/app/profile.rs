//! What programs are told about the user: the settings show it, and it is set there.

use super::App;
use super::event::AppEvent;
use crate::model::{self, PageKind, WindowId};
use crate::pages::settings::User;
use crate::strings;
use portico_portals::{Detail, Person};
use winit::event_loop::ActiveEventLoop;

impl App {
    /// Finds out what the system says of its user, on another thread, for the settings that have been opened.
    pub(super) fn ask_for_user(&self) {
        let (state, profile) = (self.page_states.settings.clone(), self.state.profile().clone());
        self.spawn_background(move |events| {
            let system = Person::of_system();
            // What is not read yet is told later.
            let set = profile.person().unwrap_or_default();
            state.lock().user = Some(User { set, system });
            events.send(AppEvent::ProfileChanged);
        });
    }

    /// What programs are told has been read, or has changed, here or by a program: the settings follow.
    pub(super) fn profile_changed(&mut self) {
        // What is still being kept is what the user sees already.
        if self.page_states.keeping == 0
            && let Some(set) = self.state.profile().person()
            && let Some(user) = &mut self.page_states.settings.lock().user
        {
            user.set = set;
        }
        self.redraw_page(PageKind::Settings);
    }

    /// The user sets something at a window: it shows at once, and programs are told when it is kept.
    pub(super) fn tell_programs(&mut self, window: WindowId, detail: Detail) {
        if let Some(user) = &mut self.page_states.settings.lock().user {
            user.set.set(detail.clone());
        }
        self.page_states.keeping += 1;
        let events = self.events.clone();
        self.state
            .profile()
            .set(detail, move |kept| events.send(AppEvent::UserInfoSaved(window, kept)));
        self.redraw_page(PageKind::Settings);
    }

    /// It has been kept, or could not be.
    pub(super) fn detail_kept(&mut self, target: &ActiveEventLoop, window: WindowId, kept: Result<(), String>) {
        self.page_states.keeping -= 1;
        self.profile_changed();
        if let Err(why) = kept {
            let text = strings::you_not_kept(&why);
            self.handle(target, window, |window, cx| {
                window.apply(cx, model::Event::Notice(text), None)
            });
        }
    }
}
