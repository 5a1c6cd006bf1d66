//! Permission requests of programs, the user's answers, and changes of permissions.

use super::App;
use super::event::AppEvent;
use super::program::LaunchId;
use super::windows::Toplevel;
use crate::backend::Backend;
use crate::background;
use crate::grants::{self, PermissionEvent, ProgramAccess, ProgramGrants, Running, portal_row};
use crate::state::ChangedPermission;
use portico_ipc::{Endpoint, Reply, Request, notify_all};
use portico_kernel::{Permission, PermissionRequest, PermissionStatus, ProgramText};
use portico_model::{self as model, Answer, PermissionChange, Question, WindowId};
use std::sync::Arc;

/// The grants of a window's program and its pending permission requests.
#[derive(Default)]
pub(super) struct PendingPrompts {
    /// `None` until the program has started.
    pub(super) grants: Option<Arc<ProgramGrants>>,
    questions: Vec<PermissionRequest>,
}

impl PendingPrompts {
    /// Removes and returns the pending request for a permission.
    fn take(&mut self, permission: &Permission) -> Option<PermissionRequest> {
        let at = self
            .questions
            .iter()
            .position(|asked| asked.permission() == permission)?;
        Some(self.questions.swap_remove(at))
    }
}

impl App {
    /// Handles a permission event of a process.
    pub(super) fn permission_event(&mut self, backend: &dyn Backend, launch_id: LaunchId, what: PermissionEvent) {
        let id = launch_id.window;
        // Events of a closed window or an earlier launch are dropped, and with them its requests.
        let Some(toplevel) = self.windows.of_launch(launch_id) else {
            return;
        };
        let event = match what {
            PermissionEvent::Asked(asked, reason) => {
                let permission = asked.permission().clone();
                tracing::info!("{} asks for {permission}", name(toplevel));
                toplevel.prompts.questions.push(asked);
                if self.setup.answer.is_some() {
                    return self.answer_unasked(id);
                }
                model::Event::Asked(Question { permission, reason })
            }
            PermissionEvent::Withdrawn(permission) => {
                toplevel.prompts.take(&permission);
                model::Event::Settled(permission)
            }
            PermissionEvent::Used(permission, channels) => model::Event::Used { permission, channels },
        };
        let used = matches!(event, model::Event::Used { .. });
        self.handle(backend, id, |window, cx| window.apply(cx, event));
        if used {
            self.grants_changed();
        }
    }

    /// Answers what a program asks for in place of the user, if nobody is to be asked. A program may ask before its start is told.
    pub(super) fn answer_unasked(&mut self, id: WindowId) {
        let Some(is_allowed) = self.setup.answer else { return };
        let Some(toplevel) = self
            .windows
            .get(id)
            .filter(|toplevel| toplevel.prompts.grants.is_some())
        else {
            return;
        };
        let asked = toplevel.prompts.questions.iter();
        let answer = if is_allowed { Answer::Once } else { Answer::NotNow };
        for permission in asked.map(|asked| asked.permission().clone()).collect::<Vec<_>>() {
            self.answer(id, &permission, answer);
        }
    }

    /// Carries out the user's answer to a prompt.
    pub(super) fn answer(&mut self, id: WindowId, permission: &Permission, answer: Answer) {
        let store = self.state.permissions().clone();
        let Some(toplevel) = self.windows.get_mut(id) else {
            return;
        };
        let Some((asked, grants)) = toplevel.prompts.take(permission).zip(toplevel.prompts.grants.clone()) else {
            return;
        };
        let (program, name) = (grants.program(), name(toplevel));
        tracing::info!("{name} asked for {permission}: {answer:?}");
        match answer {
            Answer::Once => grants.answer(permission, true),
            Answer::NotNow => grants.answer(permission, false),
            Answer::Always => store.set(program, &name, permission, Some(true)),
            Answer::Never => store.set(program, &name, permission, Some(false)),
        }
        if matches!(answer, Answer::Once | Answer::Always) {
            asked.allow();
        }
        if matches!(answer, Answer::Always | Answer::Never) {
            self.tell_other_shells();
        }
        self.grants_changed();
    }

    /// Sets a permission outside of a prompt. It takes effect at once and replaces answers that hold until the program ends.
    pub(super) fn set_permission(&mut self, change: &PermissionChange) {
        let held = self
            .windows
            .iter()
            .filter_map(|toplevel| toplevel.prompts.grants.as_ref());
        held.filter(|held| held.program() == change.program)
            .for_each(|held| held.forget_answer(&change.permission));
        self.state
            .permissions()
            .set(&change.program, &change.name, &change.permission, change.allowed);
        self.tell_other_shells();
    }

    /// The permission matrix of all known programs: running, installed, or with a stored decision.
    pub(super) fn permission_matrix(&self) -> Vec<ProgramAccess> {
        let items = self.launcher.library.items().unwrap_or_default();
        let installed = items.iter().filter(|item| item.installed.is_some());
        let installed = installed.map(|item| (item.identity.to_string(), item.name.clone()));
        let running = self.windows.iter().filter_map(|toplevel| {
            let indicators = toplevel
                .window
                .model()
                .privacy_indicators()
                .iter()
                .filter(|indicator| indicator.until.is_none());
            let uses = indicators.map(|indicator| indicator.permission.clone());
            Some(Running {
                grants: toplevel.prompts.grants.as_deref()?,
                name: name(toplevel),
                uses: uses.collect(),
            })
        });
        grants::matrix(&self.state.permissions().all(), installed, running)
    }

    /// Revokes a permission at once and forgets its decision. The user is not asked again before the program is restarted.
    pub(super) fn take_back(&mut self, id: WindowId, permission: &Permission) {
        let store = self.state.permissions().clone();
        let Some(toplevel) = self.windows.get_mut(id) else {
            return;
        };
        let Some(grants) = toplevel.prompts.grants.clone() else {
            return;
        };
        let said = store.decision(grants.program(), permission);
        grants.answer(permission, false);
        if let Some(process) = &toplevel.process {
            process.revoke(permission);
        }
        if said.is_some() {
            store.set(grants.program(), &name(toplevel), permission, None);
            self.tell_other_shells();
        }
        self.grants_changed();
    }

    /// Applies changed permanent decisions to the running programs.
    pub(super) fn permissions_changed(&mut self, backend: &dyn Backend, changes: &[ChangedPermission]) {
        for (program, permission) in changes {
            let Ok(permission) = grants::permission(permission) else {
                continue;
            };
            let holds = |toplevel: &&Toplevel| {
                toplevel
                    .prompts
                    .grants
                    .as_ref()
                    .is_some_and(|held| held.program() == program)
            };
            let ids: Vec<_> = self
                .windows
                .iter()
                .filter(holds)
                .map(|toplevel| toplevel.window.id())
                .collect();
            for id in ids {
                if let Some(held) = self
                    .windows
                    .get(id)
                    .and_then(|toplevel| toplevel.prompts.grants.as_ref())
                {
                    held.said_for_good(&permission);
                }
                self.regrant(backend, id, &permission);
            }
        }
        self.grants_changed();
    }

    /// Applies the present status of a permission, and of those that it covers, to a running program.
    fn regrant(&mut self, backend: &dyn Backend, id: WindowId, changed: &Permission) {
        let Some(toplevel) = self.windows.get_mut(id) else {
            return;
        };
        let (Some(grants), Some(row)) = (toplevel.prompts.grants.clone(), portal_row(changed.portal)) else {
            return;
        };
        let waiting = toplevel
            .prompts
            .questions
            .iter()
            .map(|asked| asked.permission().clone());
        let waiting: Vec<_> = waiting.filter(|waiting| changed.covers(waiting)).collect();
        let mut settled = Vec::new();
        for permission in &waiting {
            let status = grants.status_now(permission, row.default);
            if status == PermissionStatus::Ask {
                continue;
            }
            let asked = toplevel.prompts.take(permission);
            if let Some(asked) = asked.filter(|_| status == PermissionStatus::Allowed) {
                asked.allow();
            }
            settled.push(permission.clone());
        }
        // What the program uses of it goes on only while it is allowed.
        if grants.status_now(changed, row.default) != PermissionStatus::Allowed
            && (waiting.is_empty() || !settled.is_empty())
        {
            if let Some(process) = &toplevel.process {
                process.revoke(changed);
            }
            if settled.is_empty() {
                settled.push(changed.clone());
            }
        }
        for permission in settled {
            self.handle(backend, id, |window, cx| {
                window.apply(cx, model::Event::Settled(permission))
            });
        }
    }

    /// Reads the permissions again after another process has changed the database.
    pub(super) fn reread_grants(&mut self, reply: Reply) {
        let store = self.state.permissions().clone();
        self.spawn_background(move |events| {
            store.reread();
            // Behind the changes, so that they hold when this is answered.
            events.send(AppEvent::Reread(reply));
        });
    }

    /// Notifies this user's shells on other displays once the change is on the disk, unless it holds for this run alone.
    fn tell_other_shells(&self) {
        if !self.setup.has_desktop {
            return;
        }
        let database = self.state.database().clone();
        background::spawn(move || {
            database.finish();
            for error in notify_all(&Request::Grants, Endpoint::of_this_display().ok().as_ref()) {
                tracing::warn!("another shell does not go by what programs may do now: {error}");
            }
        });
    }
}

/// The name by which the user knows a program, not the title that it sets.
fn name(toplevel: &Toplevel) -> ProgramText {
    toplevel.window.model().name().clone()
}
