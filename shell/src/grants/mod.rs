//! Grants of programs: from the command line of a run, the user's permanent decisions ([`PermissionStore`](crate::state::PermissionStore)) and answers that hold
//! until the program ends; else the default of each portal.

mod matrix;
mod program;
mod run;

pub use matrix::{Access, ProgramAccess, Running, matrix};
pub use program::{PermissionEvent, ProgramGrants};
pub use run::{RunGrants, UnknownPortal, permission, portal};

use portico_kernel::Portal;
use portico_portals::{Host, TABLE};

/// The row of a portal, by its name.
pub fn portal_row(portal: &str) -> Option<&'static Portal<Host>> {
    TABLE.iter().find(|row| row.name == portal)
}

/// Names of all portals.
pub fn names() -> Vec<&'static str> {
    TABLE.iter().map(|portal| portal.name).collect()
}
