//! The cursor: its events (command 28) and its shape (49).

use crate::Host;
use crate::message::Setting;
use crate::window::{CursorQueue, Subscription};
use portico_abi::{Code, Cursor, CursorShape, which};
use portico_kernel::{Buffer, Channel, Cx, Default as Grant, Failure, Fault, Portal, Received, Sent, Served};
use zerocopy::little_endian::U32;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "cursor",
    summary: "Follow the cursor over its window, and change its shape there",
    default: Grant::Open,
    commands: &[
        Served { number: which::CURSOR, name: "cursor", single: false, open: Some(open) },
        Served {
            number: which::CURSOR_SHAPE,
            name: "cursor shape",
            single: true,
            open: Some(|_| Setting::open(shape)),
        },
    ],
};

fn shape(cx: &mut Cx<'_, Host>, at: u32) -> Result<(), Fault> {
    let number: U32 = cx.memory.read(at, "shape")?;
    let shape = CursorShape::from_number(number.get())
        .ok_or_else(|| Fault::failure(Code::Unsupported, format!("there is no cursor shape {number}")))?;
    cx.host.window.change(|chrome| chrome.cursor = shape);
    Ok(())
}

fn open(cx: &mut Cx<'_, Host>) -> Result<Box<dyn Channel<Host>>, Failure> {
    let queue = Subscription::new(&cx.host.window.clone(), |window| &window.cursor, CursorQueue::default(), cx.waker());
    Ok(Box::new(Cursors { queue, buffer: Buffer::default(), taken: Vec::new() }))
}

struct Cursors {
    queue: Subscription<CursorQueue>,
    buffer: Buffer,
    /// Reused for each delivery.
    taken: Vec<Cursor>,
}

impl Channel<Host> for Cursors {
    fn send(&mut self, cx: &mut Cx<'_, Host>, at: u32) -> Result<Sent, Fault> {
        self.buffer = cx.memory.buffer::<Cursor>(at, "events")?;
        Ok(if self.queue.lock().len() > 0 { Sent::Ready } else { Sent::Waiting })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let started = cx.started();
        let mut queue = self.queue.lock();
        if queue.len() == 0 {
            return Ok(Received::Nothing);
        }
        if self.buffer.capacity() == 0 {
            let needed = vec![Cursor::default(); queue.len()];
            cx.memory.fill_list(self.buffer, &needed);
            return Ok(Received::TooSmall);
        }
        self.taken.clear();
        self.taken.extend(queue.take(self.buffer.capacity()).map(|event| Cursor {
            micros: crate::message::micros(started, event.at).into(),
            x: event.x.into(),
            y: event.y.into(),
            dx: event.dx.into(),
            dy: event.dy.into(),
            kind: event.kind.number(),
            button: event.button,
            pointer: event.pointer.into(),
        }));
        let more = queue.len() > 0;
        drop(queue);
        cx.memory.fill_list(self.buffer, &self.taken);
        Ok(if more { Received::More } else { Received::Delivered })
    }
}
