//! Files that are dropped on the window: command 59.

use crate::Host;
use crate::channels::subscribe;
use crate::window::{Dropped, Drops, WindowSubscription};
use portico_abi::{Drop as Message, which};
use portico_kernel::{
    Buffer, Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, Reading, Received, Sent,
};
use std::mem::offset_of;
use zerocopy::little_endian::F32;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "drop",
    summary: "Receive files that you drop on its window",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[CommandEntry {
        number: which::DROP,
        name: "drop",
        single: false,
        open: Some(|| Box::<Files>::default()),
    }],
};

#[derive(Default)]
struct Files {
    drops: Option<WindowSubscription<Drops>>,
    at: u32,
    name: Buffer,
}

impl Channel<Host> for Files {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        cx.memory.read::<Message>(at, "Drop")?;
        self.name = cx
            .memory
            .buffer::<u8>(at.wrapping_add(offset_of!(Message, name) as u32), "name")?;
        self.at = at;
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let drops = self.drops.get_or_insert_with(|| {
            cx.host.window.change(|chrome| chrome.drops = true);
            subscribe(cx, |window| &window.drops)
        });
        Ok(if drops.lock().first().is_none() {
            Sent::Waiting
        } else {
            Sent::Ready
        })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let Some(mut drops) = self.drops.as_ref().map(WindowSubscription::lock) else {
            return Ok(Received::Nothing);
        };
        let Some(Dropped { x, y, name }) = drops.first() else {
            return Ok(Received::Nothing);
        };
        if !cx.memory.fill(&[(self.name, name.as_bytes())]) {
            return Ok(Received::TooSmall);
        }
        cx.memory.deliver(self.at, &[F32::new(*x), F32::new(*y)]);
        drops.pop();
        Ok(if drops.is_empty() {
            Received::Delivered
        } else {
            Received::More
        })
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let Some(drops) = self.drops.take() else { return };
        let window = drops.leave();
        if window.drops.is_empty() {
            window.change(|chrome| chrome.drops = false);
        }
    }
}
