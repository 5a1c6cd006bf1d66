//! Starting other programs: command 53.

use crate::channel::Channel;
use crate::error::Error;
use crate::host;
use crate::runtime::Message;
use portico_abi::{Launch as Packed, Text, which};

struct Launch {
    packed: Packed,
    arguments: String,
}

impl Message for Launch {
    fn prepare(&mut self) -> u32 {
        let data = host::address(self.arguments.as_ptr());
        self.packed.arguments = Text {
            size: (self.arguments.len() as u32).into(),
            data: data.into(),
        };
        host::address(&raw const self.packed)
    }
}

/// Starts the program with this BLAKE3-256 hash, one that the user has, in a window of its own. The user is asked. Newlines in
/// an argument end it.
///
/// # Errors
/// Denied when the user says no, Unavailable when there is no such program.
pub async fn program(hash: [u8; 32], arguments: &[&str]) -> Result<(), Error> {
    let message = Launch {
        packed: Packed {
            hash,
            arguments: Text::default(),
        },
        arguments: arguments.join("\n"),
    };
    Channel::open(which::LAUNCH, message).ready().await
}
