//! Arguments: command 60.

use crate::Host;
use crate::channels::text;
use portico_abi::which;
use portico_kernel::{CommandEntry, DefaultAccess, Portal};

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "arguments",
    summary: "Read the arguments that it was started with",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[CommandEntry {
        number: which::ARGUMENTS,
        name: "arguments",
        single: false,
        open: Some(|| text(|host| host.arguments.join("\n"))),
    }],
};
