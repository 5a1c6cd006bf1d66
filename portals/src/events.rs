//! A channel on which queued events come, as a list: commands 26 and 28.

use crate::Host;
use crate::window::{Events, Feeds, Subscription, Window};
use portico_kernel::{Buffer, Channel, Cx, Failure, Fault, Received, Sent};
use std::time::Instant;
use zerocopy::{Immutable, IntoBytes};

/// How an event looks to a program, given when that was started.
pub(crate) trait Packed: IntoBytes + Immutable + Clone + std::default::Default + Send + 'static {
    /// What the window hears.
    type Event;

    /// Packs it.
    fn pack(started: Instant, event: Self::Event) -> Self;
}

/// Opens a channel for the events of a window's `feeds`.
pub(crate) fn open<P, Q>(cx: &mut Cx<'_, Host>, feeds: fn(&Window) -> &Feeds<Q>) -> Box<dyn Channel<Host>>
where
    P: Packed,
    Q: Events<Event = P::Event> + std::default::Default + Send + 'static,
{
    let queue = Subscription::new(&cx.host.window.clone(), feeds, Q::default(), cx.waker());
    Box::new(Listed { queue, buffer: Buffer::default(), taken: Vec::<P>::new() })
}

struct Listed<P, Q: 'static> {
    queue: Subscription<Q>,
    buffer: Buffer,
    /// Reused for each delivery.
    taken: Vec<P>,
}

impl<P: Packed, Q: Events<Event = P::Event> + Send> Channel<Host> for Listed<P, Q> {
    fn send(&mut self, cx: &mut Cx<'_, Host>, at: u32) -> Result<Sent, Fault> {
        self.buffer = cx.memory.buffer::<P>(at, "events")?;
        Ok(if self.queue.lock().len() > 0 { Sent::Ready } else { Sent::Waiting })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let started = cx.started();
        let mut queue = self.queue.lock();
        if queue.len() == 0 {
            return Ok(Received::Nothing);
        }
        if self.buffer.capacity() == 0 {
            let needed = vec![P::default(); queue.len()];
            cx.memory.fill_list(self.buffer, &needed);
            return Ok(Received::TooSmall);
        }
        self.taken.clear();
        self.taken.extend(queue.take(self.buffer.capacity()).map(|event| P::pack(started, event)));
        let more = queue.len() > 0;
        drop(queue);
        cx.memory.fill_list(self.buffer, &self.taken);
        Ok(if more { Received::More } else { Received::Delivered })
    }
}
