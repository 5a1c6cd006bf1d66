//! Grants: the permissions that one process has, and its requests for more.

use crate::mailbox::{Mailbox, Signal};
use crate::permission::{DefaultAccess, Permission, PermissionStatus};
use std::sync::Arc;

/// The permissions of one process, as the user has given them. All of it is called on the process's thread, inside `ar()`, and must not wait for
/// the user.
pub trait Grants: Send + Sync {
    /// Whether the process may do this now; `default` is what the portal's row says.
    fn status(&self, permission: &Permission, default: DefaultAccess) -> PermissionStatus;

    /// Asks the user, while the program goes on. Not called again for this permission before the answer or
    /// [`Grants::withdraw`]. The default asks nobody: the answer is no.
    fn ask(&self, request: PermissionRequest) {
        drop(request);
    }

    /// Withdraws a request: no channel waits for the answer any more.
    fn withdraw(&self, permission: &Permission) {
        let _ = permission;
    }

    /// Reports how many open channels use a permission, where the portal's row says that the user is shown this.
    fn used(&self, permission: &Permission, channels: u32) {
        let _ = (permission, channels);
    }
}

/// A request that waits for the user's answer, which may come from any thread. Dropped without one, the answer is no.
#[derive(Debug)]
pub struct PermissionRequest {
    permission: Permission,
    number: u64,
    mailbox: Arc<Mailbox>,
    yes: bool,
}

impl PermissionRequest {
    /// The request with this number of a process.
    pub(crate) fn new(permission: Permission, number: u64, mailbox: Arc<Mailbox>) -> Self {
        Self {
            permission,
            number,
            mailbox,
            yes: false,
        }
    }

    /// The permission that is asked for.
    pub fn permission(&self) -> &Permission {
        &self.permission
    }

    /// Answers yes. [`Grants::status`] has to say so before.
    pub fn allow(mut self) {
        self.yes = true;
    }
}

impl Drop for PermissionRequest {
    fn drop(&mut self) {
        self.mailbox.post(Signal::Answered {
            question: self.number,
            yes: self.yes,
        });
    }
}
