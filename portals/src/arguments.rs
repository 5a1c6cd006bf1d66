//! Arguments: command 60.

use crate::Host;
use crate::message::text;
use portico_abi::which;
use portico_kernel::{Default as Grant, Portal, Served};

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "arguments",
    summary: "Read the arguments that it was started with",
    default: Grant::Open,
    watched: false,
    commands: &[Served {
        number: which::ARGUMENTS,
        name: "arguments",
        single: false,
        open: Some(|cx| text(cx.host.arguments.join("\n"))),
    }],
};
