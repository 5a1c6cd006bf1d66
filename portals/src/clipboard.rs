//! The clipboard: command 50.

mod own;
mod system;

pub use own::OwnClipboard;
pub use system::SystemClipboard;

use crate::Host;
use crate::reply::{Pending, Reply};
use portico_abi::{Clipboard as Message, ClipboardOp, Code, which};
use portico_kernel::{Buffer, Channel, Cx, Default as Grant, Failure, Fault, Portal, Received, Sent, Served};
use std::mem::offset_of;

/// Longest text, in bytes.
const LONGEST: usize = 16 << 20;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "clipboard",
    summary: "Use the clipboard while its window has the focus",
    default: Grant::Open,
    watched: false,
    commands: &[Served { number: which::CLIPBOARD, name: "clipboard", single: false, open: Some(open) }],
};

/// What reading needs further while another window has the focus.
pub(crate) const UNFOCUSED: Portal<Host> = Portal {
    name: "clipboard-unfocused",
    summary: "Read the clipboard while another window has the focus",
    default: Grant::Ask,
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

fn open(_cx: &mut Cx<'_, Host>) -> Result<Box<dyn Channel<Host>>, Failure> {
    Ok(Box::new(Use { wanted: None, buffer: None, pending: Pending::default(), text: None }))
}

/// What a message wants.
enum Wanted {
    Read,
    Write(String),
}

struct Use {
    /// What is to be done once the user has said yes.
    wanted: Option<Wanted>,
    /// Where the text goes that is read.
    buffer: Option<Buffer>,
    pending: Pending<String>,
    /// What has been read and did not fit.
    text: Option<String>,
}

impl Use {
    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let Some(wanted) = self.wanted.take() else { return Ok(Sent::Waiting) };
        // One ready comes, for the last message.
        let told = self.pending.begin(cx.waker());
        match wanted {
            Wanted::Read => cx.host.clipboard.read(told),
            Wanted::Write(text) => cx.host.clipboard.write(text, told),
        }
        Ok(Sent::Waiting)
    }

    fn posted(cx: &Cx<'_, Host>, at: u32) -> Result<Buffer, Fault> {
        cx.memory.buffer::<u8>(at.wrapping_add(offset_of!(Message, text) as u32), "text")
    }
}

impl Channel<Host> for Use {
    fn send(&mut self, cx: &mut Cx<'_, Host>, at: u32) -> Result<Sent, Fault> {
        let message: Message = cx.memory.read(at, "Clipboard")?;
        let op = ClipboardOp::from_number(message.op.get())
            .ok_or_else(|| Fault::failure(Code::Unsupported, format!("there is no clipboard op {}", message.op)))?;
        (self.text, self.pending) = (None, Pending::default());
        let further = match op {
            ClipboardOp::Read => {
                self.buffer = Some(Self::posted(cx, at)?);
                self.wanted = Some(Wanted::Read);
                !cx.host.window.is_focused()
            }
            ClipboardOp::Write => {
                if message.text.size.get() as usize > LONGEST {
                    return Err(Fault::failure(Code::Limit, format!("at most {LONGEST} bytes of text")));
                }
                self.buffer = None;
                self.wanted = Some(Wanted::Write(cx.memory.text(message.text, "text")?.to_owned()));
                false
            }
        };
        let goes_on = if further { cx.ask(&UNFOCUSED)? } else { cx.is_permitted() };
        if goes_on { Ok(self.begin(cx)?) } else { Ok(Sent::Waiting) }
    }

    fn repost(&mut self, cx: &mut Cx<'_, Host>, at: u32) -> Result<(), Fault> {
        cx.memory.read::<Message>(at, "Clipboard")?;
        self.buffer = Some(Self::posted(cx, at)?);
        Ok(())
    }

    fn granted(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        self.begin(cx)
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        if let Some(outcome) = self.pending.take() {
            self.text = Some(outcome?);
        }
        let Some(text) = &self.text else { return Ok(Received::Nothing) };
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
