//! Keys: command 26.

use crate::Host;
use crate::window::{KeyQueue, Subscription};
use portico_abi::{Key, which};
use portico_kernel::{Buffer, Channel, Cx, Default as Grant, Failure, Fault, Portal, Received, Sent, Served};

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "keys",
    summary: "Hear the keyboard while its window has the focus",
    default: Grant::Open,
    commands: &[Served { number: which::KEYS, name: "keys", single: false, open: Some(open) }],
};

fn open(cx: &mut Cx<'_, Host>) -> Result<Box<dyn Channel<Host>>, Failure> {
    let queue = Subscription::new(&cx.host.window.clone(), |window| &window.keys, KeyQueue::default(), cx.waker());
    Ok(Box::new(Keys { queue, buffer: Buffer::default(), taken: Vec::new() }))
}

struct Keys {
    queue: Subscription<KeyQueue>,
    buffer: Buffer,
    /// Reused for each delivery.
    taken: Vec<Key>,
}

impl Channel<Host> for Keys {
    fn send(&mut self, cx: &mut Cx<'_, Host>, at: u32) -> Result<Sent, Fault> {
        self.buffer = cx.memory.buffer::<Key>(at, "keys")?;
        Ok(if self.queue.lock().len() > 0 { Sent::Ready } else { Sent::Waiting })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let started = cx.started();
        let mut queue = self.queue.lock();
        if queue.len() == 0 {
            return Ok(Received::Nothing);
        }
        if self.buffer.capacity() == 0 {
            let needed = vec![Key::default(); queue.len()];
            cx.memory.fill_list(self.buffer, &needed);
            return Ok(Received::TooSmall);
        }
        self.taken.clear();
        self.taken.extend(queue.take(self.buffer.capacity()).map(|key| Key {
            micros: crate::message::micros(started, key.at).into(),
            code: key.code.into(),
            state: key.state.number(),
            modifiers: key.modifiers,
        }));
        let more = queue.len() > 0;
        drop(queue);
        cx.memory.fill_list(self.buffer, &self.taken);
        Ok(if more { Received::More } else { Received::Delivered })
    }
}
