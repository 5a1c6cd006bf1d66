//! Who may use which portal.

use crate::portal::Default;

/// What the user has allowed one program.
pub trait Grants: Send + Sync {
    /// Whether the program may open a channel of this portal now; `default` is what the portal's row says.
    fn allows(&self, portal: &'static str, default: Default) -> bool;
}
