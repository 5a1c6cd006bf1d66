//! The clipboard: command 50.

mod memory;

pub use memory::MemoryClipboard;

use crate::Host;
use crate::reply::{Pending, Reply};
use portico_abi::{Clipboard as Message, ClipboardOp, Code, which};
use portico_kernel::{
    Buffer, Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, Reading, Received, Sent,
};
use std::mem::offset_of;

/// Longest text, in bytes.
const LONGEST: usize = 16 << 20;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "clipboard",
    summary: "Use the clipboard while its window has the focus",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[CommandEntry {
        number: which::CLIPBOARD,
        name: "clipboard",
        single: false,
        open: Some(|| Box::<Use>::default()),
    }],
};

/// The portal that reading requires as well while another window has the focus.
pub(crate) const UNFOCUSED: Portal<Host> = Portal {
    name: "clipboard-unfocused",
    summary: "Read the clipboard while another window has the focus",
    default: DefaultAccess::Ask,
    watched: true,
    commands: &[],
};

/// A clipboard. Called on programs' threads; must not block.
pub trait Clipboard: Send + Sync {
    /// Reads its text, which is empty where it holds none.
    fn read(&self, told: Reply<String>);

    /// Replaces what it holds by a text.
    fn write(&self, text: String, told: Reply<String>);
}

/// Request of a message.
enum Wanted {
    Read,
    Write(String),
}

#[derive(Default)]
struct Use {
    /// Request of the last message.
    posted: Option<Wanted>,
    /// The program's buffer for the text that is read.
    buffer: Option<Buffer>,
    pending: Pending<String>,
    /// What has been read and did not fit.
    text: Option<String>,
}

impl Use {
    fn buffer(cx: &Reading<'_, Host>, at: u32) -> Result<Buffer, Fault> {
        cx.memory
            .buffer::<u8>(at.wrapping_add(offset_of!(Message, text) as u32), "text")
    }
}

impl Channel<Host> for Use {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        let message: Message = cx.memory.read(at, "Clipboard")?;
        let op = ClipboardOp::from_number(message.op.get())
            .ok_or_else(|| Fault::failure(Code::Unsupported, format!("there is no clipboard op {}", message.op)))?;
        (self.text, self.pending) = (None, Pending::default());
        self.posted = Some(match op {
            ClipboardOp::Read => {
                self.buffer = Some(Self::buffer(cx, at)?);
                if !cx.facts().focused {
                    cx.require(&UNFOCUSED, None);
                }
                Wanted::Read
            }
            ClipboardOp::Write => {
                if message.text.size.get() as usize > LONGEST {
                    return Err(Fault::failure(Code::Limit, format!("at most {LONGEST} bytes of text")));
                }
                self.buffer = None;
                Wanted::Write(cx.memory.text(message.text, "text")?.to_owned())
            }
        });
        Ok(())
    }

    fn repost(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        cx.memory.read::<Message>(at, "Clipboard")?;
        self.buffer = Some(Self::buffer(cx, at)?);
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let Some(wanted) = self.posted.take() else {
            return Ok(Sent::Waiting);
        };
        // One ready comes, for the last message.
        let told = self.pending.begin(cx.waker());
        match wanted {
            Wanted::Read => cx.host.services.clipboard.read(told),
            Wanted::Write(text) => cx.host.services.clipboard.write(text, told),
        }
        Ok(self.pending.sent())
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        if let Some(outcome) = self.pending.take() {
            self.text = Some(outcome?);
        }
        let Some(text) = &self.text else {
            return Ok(Received::Nothing);
        };
        if let Some(buffer) = self.buffer {
            if text.len() > LONGEST {
                return Err(Failure::new(Code::Limit, "what is on the clipboard is too long"));
            }
            if !cx.memory.fill(&[(buffer, text.as_bytes())]) {
                return Ok(Received::TooSmall);
            }
        }
        self.text = None;
        Ok(Received::Delivered)
    }
}
