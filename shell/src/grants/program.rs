//! Grants of one launch of a program.

use super::{RunGrants, names};
use crate::state::{PermissionStore, decision};
use parking_lot::Mutex;
use portico_kernel::{DefaultAccess, Grants, Permission, PermissionRequest, PermissionStatus, Program, ProgramText};
use std::collections::{BTreeMap, HashMap};

/// Permission events that a process sends to the shell.
#[derive(Debug)]
pub enum PermissionEvent {
    /// A request, and the program's reason for it.
    Asked(PermissionRequest, Option<ProgramText>),
    /// No channel waits for the answer any more.
    Withdrawn(Permission),
    /// How many channels use a permission whose use is shown.
    Used(Permission, u32),
}

/// Sends permission events, from the process's thread, without blocking.
type SendEvent = Box<dyn Fn(PermissionEvent) + Send + Sync>;

/// Grants of one launch of a program.
pub struct ProgramGrants {
    program: String,
    reasons: BTreeMap<String, ProgramText>,
    store: PermissionStore,
    /// Answers that hold until the program ends, from its command line or the user: once, or not now.
    answers: Mutex<HashMap<Permission, bool>>,
    send: SendEvent,
}

impl ProgramGrants {
    /// Grants of `program`, started as `run` says.
    pub fn new(
        run: &RunGrants,
        program: &Program,
        store: PermissionStore,
        send: impl Fn(PermissionEvent) + Send + Sync + 'static,
    ) -> Self {
        let (reasons, program) = (program.manifest().portals.clone(), program.identity().to_string());
        let said = names()
            .into_iter()
            .filter_map(|portal| Some((Permission::whole(portal), run.decision(portal)?)));
        Self {
            program,
            reasons,
            store,
            answers: Mutex::new(said.collect()),
            send: Box::new(send),
        }
    }

    /// The program's identity.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// Sets an answer that holds until the program ends.
    pub fn answer(&self, permission: &Permission, yes: bool) {
        self.answers.lock().insert(permission.clone(), yes);
    }

    /// The answer that holds until the program ends.
    pub fn answered(&self, permission: &Permission) -> Option<bool> {
        let answers = self.answers.lock();
        decision(permission, |permission| answers.get(permission).copied())
    }

    /// Forgets the answer that holds until the program ends.
    pub fn forget_answer(&self, permission: &Permission) {
        self.answers.lock().remove(permission);
    }

    /// A newer permanent decision replaces the answer that holds until the program ends. If the decision was removed, a denial stays.
    pub fn said_for_good(&self, permission: &Permission) {
        let said = self.store.decision(&self.program, permission).is_some();
        self.answers
            .lock()
            .retain(|other, yes| other != permission || !(said || *yes));
    }

    /// As [`Grants::status`], without waiting for the permanent decisions to be loaded.
    pub fn status_now(&self, permission: &Permission, default: DefaultAccess) -> PermissionStatus {
        status(
            self.answered(permission)
                .or_else(|| self.store.decision(&self.program, permission)),
            default,
        )
    }
}

fn status(said: Option<bool>, default: DefaultAccess) -> PermissionStatus {
    match (said, default) {
        (Some(yes), _) => PermissionStatus::from(yes),
        (None, DefaultAccess::Open) => PermissionStatus::Allowed,
        (None, DefaultAccess::Ask) => PermissionStatus::Ask,
    }
}

impl Grants for ProgramGrants {
    fn status(&self, permission: &Permission, default: DefaultAccess) -> PermissionStatus {
        // Waits until the database has been read, once for all programs: what the user has shut must not be open for a
        // moment. The window is being made meanwhile, which takes longer.
        status(
            self.answered(permission)
                .or_else(|| self.store.wait_for_decision(&self.program, permission)),
            default,
        )
    }

    fn ask(&self, request: PermissionRequest) {
        // It may have been answered since the channel was opened.
        match self.status(request.permission(), DefaultAccess::Ask) {
            PermissionStatus::Allowed => request.allow(),
            PermissionStatus::Denied => drop(request),
            PermissionStatus::Ask => {
                let reason = self
                    .reasons
                    .get(request.permission().portal)
                    .filter(|reason| !reason.is_empty())
                    .cloned();
                (self.send)(PermissionEvent::Asked(request, reason));
            }
        }
    }

    fn withdraw(&self, permission: &Permission) {
        (self.send)(PermissionEvent::Withdrawn(permission.clone()));
    }

    fn used(&self, permission: &Permission, channels: u32) {
        (self.send)(PermissionEvent::Used(permission.clone(), channels));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portico_kernel::Scope;

    #[test]
    fn a_no_to_the_portal_or_to_the_one_thing_is_a_no() {
        let whole = Permission::whole("http");
        let one = Permission {
            portal: "http",
            scope: Scope::new("https://example.org"),
        };
        let said = |of_whole, of_one| {
            let said = |permission: &Permission| if *permission == whole { of_whole } else { of_one };
            (decision(&whole, said), decision(&one, said))
        };
        assert_eq!(said(None, None), (None, None));
        assert_eq!(said(Some(true), None), (Some(true), Some(true)));
        assert_eq!(said(Some(true), Some(false)), (Some(true), Some(false)));
        assert_eq!(said(Some(false), Some(true)), (Some(false), Some(false)));
        assert_eq!(said(None, Some(true)), (None, Some(true)));
    }
}
