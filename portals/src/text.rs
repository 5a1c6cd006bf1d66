//! Text that is typed: command 27.

use crate::Host;
use crate::channels::subscribe;
use crate::window::{TextQueue, WindowSubscription};
use portico_abi::{TextInput, which};
use portico_kernel::{
    Buffer, Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, Reading, Received, Sent,
};
use std::mem::offset_of;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "text",
    summary: "Receive text that is typed into its window",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[CommandEntry {
        number: which::TEXT,
        name: "text",
        single: true,
        open: Some(|| Box::<TextChannel>::default()),
    }],
};

#[derive(Default)]
struct TextChannel {
    typed: Option<WindowSubscription<TextQueue>>,
    text: Buffer,
    preedit: Buffer,
    /// Where the caret is by the last message: x, y, width and height.
    caret: Option<(i16, i16, u16, u16)>,
}

impl Channel<Host> for TextChannel {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        let input: TextInput = cx.memory.read(at, "TextInput")?;
        self.repost(cx, at)?;
        self.caret = Some((
            input.caret_x.get(),
            input.caret_y.get(),
            input.caret_w.get(),
            input.caret_h.get(),
        ));
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let typed = self.typed.get_or_insert_with(|| subscribe(cx, |window| &window.typed));
        typed.window().change(|chrome| chrome.caret = self.caret);
        Ok(if typed.lock().waiting().is_some() {
            Sent::Ready
        } else {
            Sent::Waiting
        })
    }

    fn repost(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        cx.memory.read::<TextInput>(at, "TextInput")?;
        self.text = cx
            .memory
            .buffer::<u8>(at.wrapping_add(offset_of!(TextInput, text) as u32), "text")?;
        self.preedit = cx
            .memory
            .buffer::<u8>(at.wrapping_add(offset_of!(TextInput, preedit) as u32), "preedit")?;
        Ok(())
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let Some(mut typed) = self.typed.as_ref().map(WindowSubscription::lock) else {
            return Ok(Received::Nothing);
        };
        let Some((text, preedit)) = typed.waiting() else {
            return Ok(Received::Nothing);
        };
        if !cx
            .memory
            .fill(&[(self.text, text.as_bytes()), (self.preedit, preedit.as_bytes())])
        {
            return Ok(Received::TooSmall);
        }
        typed.delivered();
        Ok(Received::Delivered)
    }
}

impl Drop for TextChannel {
    fn drop(&mut self) {
        if let Some(typed) = &self.typed {
            typed.window().change(|chrome| chrome.caret = None);
        }
    }
}
