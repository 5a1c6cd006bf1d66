//! The clipboard: command 50.

use crate::buffer::Buffer;
use crate::channel::{Channel, text};
use crate::error::Error;
use crate::host;
use crate::runtime::{Message, Next};
use portico_abi::{Clipboard as Packed, ClipboardOp, Text, which};

struct Read {
    packed: Packed,
    buffer: Buffer<u8>,
    text: String,
}

impl Message for Read {
    fn prepare(&mut self) -> u32 {
        self.packed = Packed {
            op: ClipboardOp::Read.number().into(),
            text: self.buffer.list(),
        };
        host::address(&raw const self.packed)
    }

    fn receive(&mut self) -> Next {
        let Some(bytes) = self.buffer.received(self.packed.text) else {
            return Next::Again;
        };
        self.text = String::from_utf8_lossy(bytes).into_owned();
        Next::Ready
    }
}

struct Write {
    packed: Packed,
    text: String,
}

impl Message for Write {
    fn prepare(&mut self) -> u32 {
        self.packed = Packed {
            op: ClipboardOp::Write.number().into(),
            text: text(&self.text),
        };
        host::address(&raw const self.packed)
    }
}

/// The text on the clipboard; empty where it holds none. While another window has the focus the user is asked.
///
/// # Errors
/// Denied when the user says no; Unavailable where there is no clipboard.
pub async fn read() -> Result<String, Error> {
    let packed = Packed {
        op: 0.into(),
        text: Text::default(),
    };
    let channel = Channel::open(
        which::CLIPBOARD,
        Read {
            packed,
            buffer: Buffer::new(1024),
            text: String::new(),
        },
    );
    channel.ready().await?;
    Ok(channel.with(|message| std::mem::take(&mut message.text)))
}

/// Puts a text on the clipboard, where it stays when this program ends.
///
/// # Errors
/// Limit beyond 16 MiB; Unavailable where there is no clipboard.
pub async fn write(text: &str) -> Result<(), Error> {
    let packed = Packed {
        op: 0.into(),
        text: Text::default(),
    };
    Channel::open(
        which::CLIPBOARD,
        Write {
            packed,
            text: text.to_owned(),
        },
    )
    .ready()
    .await
}
