//! Who may use which portal, and how a program comes to wait for the user's answer.

use crate::mailbox::{Mailbox, Signal};
use crate::portal::Default;
use std::sync::Arc;

/// What the user has allowed one process. All of it is called on the process's thread, inside `ar()`, and must not wait for
/// the user.
pub trait Grants: Send + Sync {
    /// Whether the process may use this portal now; `default` is what the portal's row says.
    fn standing(&self, portal: &'static str, default: Default) -> Standing;

    /// Asks the user, while the program goes on. Not called again for this portal before the answer or
    /// [`Grants::withdraw`]. The default asks nobody: the answer is no.
    fn ask(&self, portal: &'static str, asked: Asked) {
        let _ = (portal, asked);
    }

    /// No channel waits for the answer any more.
    fn withdraw(&self, portal: &'static str) {
        let _ = portal;
    }

    /// So many open channels use a portal whose row says that the user is shown this.
    fn used(&self, portal: &'static str, channels: u32) {
        let _ = (portal, channels);
    }
}

/// What holds for a process and a portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It may.
    Allowed,
    /// It may not.
    Denied,
    /// Nobody has said yet.
    Ask,
}

impl From<bool> for Standing {
    fn from(allowed: bool) -> Self {
        if allowed { Self::Allowed } else { Self::Denied }
    }
}

/// A question that waits for the user's answer, which may come from any thread. Dropped without one, the answer is no.
#[derive(Debug)]
pub struct Asked {
    portal: &'static str,
    number: u64,
    mailbox: Arc<Mailbox>,
    yes: bool,
}

impl Asked {
    /// The question with this number of a process.
    pub(crate) fn new(portal: &'static str, number: u64, mailbox: Arc<Mailbox>) -> Self {
        Self { portal, number, mailbox, yes: false }
    }

    /// The portal that is asked for.
    pub fn portal(&self) -> &'static str {
        self.portal
    }

    /// The user says yes. What [`Grants::standing`] says has changed before.
    pub fn allow(mut self) {
        self.yes = true;
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.mailbox.post(Signal::Answered { question: self.number, yes: self.yes });
    }
}
