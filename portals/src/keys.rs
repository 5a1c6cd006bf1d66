//! Keys: command 26.

use crate::Host;
use crate::events::{self, Packed};
use portico_abi::{Key, which};
use portico_kernel::{CommandEntry, DefaultAccess, Portal};
use std::time::Instant;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "keys",
    summary: "Hear the keyboard while its window has the focus",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[CommandEntry {
        number: which::KEYS,
        name: "keys",
        single: false,
        open: Some(|| events::open::<Key>(|window| &window.keys)),
    }],
};

impl Packed for Key {
    type Event = crate::window::Key;

    fn pack(started: Instant, event: Self::Event) -> Self {
        Self {
            micros: crate::channels::micros(started, event.time).into(),
            code: event.code.into(),
            state: event.state.number(),
            modifiers: event.modifiers,
        }
    }
}
