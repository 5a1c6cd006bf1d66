//! The user profile that programs can read, as the settings show and set it.

use super::App;
use super::event::AppEvent;
use crate::backend::Backend;
use crate::pages::settings::User;
use crate::strings;
use portico_model::{self as model, PageKind, WindowId};
use portico_portals::{UserInfo, UserInfoField};

impl App {
    /// Reads the system's user information on another thread, for the settings page.
    pub(super) fn ask_for_user(&self) {
        let (state, profile) = (self.pages.settings.clone(), self.state.profile().clone());
        self.spawn_background(move |events| {
            let system = UserInfo::of_system();
            // What is not read yet is told later.
            let set = profile.person().unwrap_or_default();
            state.lock().user = Some(User { set, system });
            events.send(AppEvent::ProfileChanged);
        });
    }

    /// Updates the settings page after the profile was read or changed.
    pub(super) fn profile_changed(&mut self) {
        // What is still being kept is what the user sees already.
        if self.pages.keeping == 0
            && let Some(set) = self.state.profile().person()
            && let Some(user) = &mut self.pages.settings.lock().user
        {
            user.set = set;
        }
        self.windows.redraw_page(PageKind::Settings);
    }

    /// Sets a detail of the profile. It shows at once, and programs are told when it is saved.
    pub(super) fn tell_programs(&mut self, window: WindowId, detail: UserInfoField) {
        if let Some(user) = &mut self.pages.settings.lock().user {
            user.set.set(detail.clone());
        }
        self.pages.keeping += 1;
        let events = self.events.clone();
        self.state
            .profile()
            .set(detail, move |kept| events.send(AppEvent::UserInfoSaved(window, kept)));
        self.windows.redraw_page(PageKind::Settings);
    }

    /// Handles the end of saving a detail.
    pub(super) fn detail_kept(&mut self, backend: &dyn Backend, window: WindowId, kept: Result<(), String>) {
        self.pages.keeping -= 1;
        self.profile_changed();
        if let Err(why) = kept {
            let text = strings::profile_not_kept(&why);
            self.handle(backend, window, |window, cx| {
                window.apply(cx, model::Event::Notice(text))
            });
        }
    }
}
