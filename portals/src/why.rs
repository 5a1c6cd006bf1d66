//! Why a channel closed: command 45, which the kernel itself answers.

use crate::Host;
use portico_abi::which;
use portico_kernel::{CommandEntry, DefaultAccess, Portal};

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "why",
    summary: "Learn why a request failed",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[CommandEntry {
        number: which::WHY,
        name: "why",
        single: false,
        open: Some(portico_kernel::why::<Host>),
    }],
};
