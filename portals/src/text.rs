//! Typed text: command 27.

use crate::Host;
use crate::window::{Subscription, Typed};
use portico_abi::{TextInput, which};
use portico_kernel::{Buffer, Channel, Cx, Default as Grant, Failure, Fault, Portal, Received, Sent, Served};
use std::mem::offset_of;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "text",
    summary: "Receive text that is typed into its window",
    default: Grant::Open,
    watched: false,
    commands: &[Served { number: which::TEXT, name: "text", single: true, open: Some(open) }],
};

fn open(cx: &mut Cx<'_, Host>) -> Result<Box<dyn Channel<Host>>, Failure> {
    let typed = Subscription::new(&cx.host.window.clone(), |window| &window.typed, Typed::default(), cx.waker());
    Ok(Box::new(TextChannel { typed, text: Buffer::default(), preedit: Buffer::default() }))
}

struct TextChannel {
    typed: Subscription<Typed>,
    text: Buffer,
    preedit: Buffer,
}

impl Channel<Host> for TextChannel {
    fn send(&mut self, cx: &mut Cx<'_, Host>, at: u32) -> Result<Sent, Fault> {
        let input: TextInput = cx.memory.read(at, "TextInput")?;
        self.repost(cx, at)?;
        let caret = Some((input.caret_x.get(), input.caret_y.get(), input.caret_w.get(), input.caret_h.get()));
        self.typed.window().change(|chrome| chrome.caret = caret);
        Ok(if self.typed.lock().waiting().is_some() { Sent::Ready } else { Sent::Waiting })
    }

    fn repost(&mut self, cx: &mut Cx<'_, Host>, at: u32) -> Result<(), Fault> {
        cx.memory.read::<TextInput>(at, "TextInput")?;
        self.text = cx.memory.buffer::<u8>(at.wrapping_add(offset_of!(TextInput, text) as u32), "text")?;
        self.preedit = cx.memory.buffer::<u8>(at.wrapping_add(offset_of!(TextInput, preedit) as u32), "preedit")?;
        Ok(())
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let mut typed = self.typed.lock();
        let Some((text, preedit)) = typed.waiting() else { return Ok(Received::Nothing) };
        if !cx.memory.fill(&[(self.text, text.as_bytes()), (self.preedit, preedit.as_bytes())]) {
            return Ok(Received::TooSmall);
        }
        typed.delivered();
        Ok(Received::Delivered)
    }
}

impl Drop for TextChannel {
    fn drop(&mut self) {
        self.typed.window().change(|chrome| chrome.caret = None);
    }
}
