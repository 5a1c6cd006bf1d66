//! Text that is typed, with the help of the user's input method: command 27. For single keys see [`keys`](crate::keys).

use crate::buffer::Buffer;
use crate::channel::Channel;
use crate::error::Error;
use crate::host;
use crate::runtime::{Message, Next};
use portico_abi::{TextInput, which};
use std::task::{Context, Waker};

/// What has been typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Typed<'a> {
    /// Text to take in; may be empty.
    pub text: &'a str,
    /// The composition in progress, to be shown at the caret; empty when there is none.
    pub preedit: &'a str,
}

struct Input {
    message: TextInput,
    text_buffer: Buffer<u8>,
    preedit_buffer: Buffer<u8>,
    text: String,
    preedit: String,
}

impl Message for Input {
    fn prepare(&mut self) -> u32 {
        self.message.text = self.text_buffer.list();
        self.message.preedit = self.preedit_buffer.list();
        host::address(&raw const self.message)
    }

    fn receive(&mut self) -> Next {
        let text = self.text_buffer.received(self.message.text);
        let preedit = self.preedit_buffer.received(self.message.preedit);
        let (Some(text), Some(preedit)) = (text, preedit) else {
            return Next::Again;
        };
        self.text.push_str(&String::from_utf8_lossy(text));
        self.preedit.clear();
        self.preedit.push_str(&String::from_utf8_lossy(preedit));
        Next::Ready
    }
}

/// Says that text is wanted, for as long as it is held. Nothing is allocated for a short text.
pub struct Typing {
    channel: Channel<Input>,
    text: String,
    preedit: String,
}

/// Begins to take text.
pub fn open() -> Typing {
    let input = Input {
        message: TextInput::default(),
        text_buffer: Buffer::new(256),
        preedit_buffer: Buffer::new(256),
        text: String::with_capacity(256),
        preedit: String::with_capacity(256),
    };
    Typing {
        channel: Channel::open(which::TEXT, input),
        text: String::with_capacity(256),
        preedit: String::with_capacity(256),
    }
}

impl Typing {
    /// Says where the caret is, in pixels of the frame, so that the input method's window can stand beside it.
    pub fn caret(&mut self, x: i16, y: i16, width: u16, height: u16) {
        self.channel.with(|input| {
            input.message.caret_x = x.into();
            input.message.caret_y = y.into();
            input.message.caret_w = width.into();
            input.message.caret_h = height.into();
        });
        self.channel.send();
    }

    /// Waits for text, or for a change of the composition.
    ///
    /// # Errors
    /// Why the host closed the channel.
    pub async fn next(&mut self) -> Result<Typed<'_>, Error> {
        loop {
            if self.changed() {
                return Ok(Typed {
                    text: &self.text,
                    preedit: &self.preedit,
                });
            }
            self.channel.ready().await?;
        }
    }

    /// What has been typed since the last look, if anything has; never waits.
    pub fn take(&mut self) -> Option<Typed<'_>> {
        // The flag is of no use here, but it must not make `next` return twice.
        let _ = self.channel.poll(&mut Context::from_waker(Waker::noop()));
        self.changed().then_some(Typed {
            text: &self.text,
            preedit: &self.preedit,
        })
    }

    fn changed(&mut self) -> bool {
        self.channel.with(|input| {
            if input.text.is_empty() && input.preedit == self.preedit {
                return false;
            }
            std::mem::swap(&mut self.text, &mut input.text);
            input.text.clear();
            self.preedit.clone_from(&input.preedit);
            true
        })
    }
}
