//! Files that are dropped on the window: command 59.

use crate::Host;
use crate::window::{Dropped, Drops, Subscription};
use portico_abi::{Drop as Message, which};
use portico_kernel::{Buffer, Channel, Cx, Default as Grant, Failure, Fault, Portal, Received, Sent, Served};
use std::mem::offset_of;
use std::sync::Arc;
use zerocopy::little_endian::F32;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "drop",
    summary: "Receive files that you drop on its window",
    default: Grant::Open,
    watched: false,
    commands: &[Served { number: which::DROP, name: "drop", single: false, open: Some(open) }],
};

fn open(cx: &mut Cx<'_, Host>) -> Result<Box<dyn Channel<Host>>, Failure> {
    let window = Arc::clone(&cx.host.window);
    let drops = Subscription::new(&window, |window| &window.drops, Drops::default(), cx.waker());
    window.change(|chrome| chrome.drops = true);
    Ok(Box::new(Files { drops: Some(drops), at: 0, name: Buffer::default(), window }))
}

struct Files {
    /// Gone only while the channel is dropped.
    drops: Option<Subscription<Drops>>,
    at: u32,
    name: Buffer,
    window: Arc<crate::Window>,
}

impl Channel<Host> for Files {
    fn send(&mut self, cx: &mut Cx<'_, Host>, at: u32) -> Result<Sent, Fault> {
        cx.memory.read::<Message>(at, "Drop")?;
        self.name = cx.memory.buffer::<u8>(at.wrapping_add(offset_of!(Message, name) as u32), "name")?;
        self.at = at;
        let empty = self.drops.as_ref().is_none_or(|drops| drops.lock().first().is_none());
        Ok(if empty { Sent::Waiting } else { Sent::Ready })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let Some(mut drops) = self.drops.as_ref().map(Subscription::lock) else { return Ok(Received::Nothing) };
        let Some(Dropped { x, y, name }) = drops.first() else { return Ok(Received::Nothing) };
        if !cx.memory.fill(&[(self.name, name.as_bytes())]) {
            return Ok(Received::TooSmall);
        }
        cx.memory.deliver(self.at, &[F32::new(*x), F32::new(*y)]);
        Ok(if drops.drop_first() { Received::More } else { Received::Delivered })
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        self.drops = None;
        if self.window.drops.is_empty() {
            self.window.change(|chrome| chrome.drops = false);
        }
    }
}
