//! A channel that delivers queued events as a list: commands 26 and 28.

use crate::Host;
use crate::channels::subscribe;
use crate::feed::Feeds;
use crate::queue::{Queue, QueuedEvent};
use crate::window::{Window, WindowSubscription};
use portico_kernel::{Buffer, Channel, Cx, Failure, Fault, Reading, Received, Sent};
use std::time::Instant;
use zerocopy::{Immutable, IntoBytes};

/// An event in the form that programs read.
pub(crate) trait Packed: IntoBytes + Immutable + Clone + Default + Send + 'static {
    /// The event as the window has it.
    type Event: QueuedEvent + Send;

    /// Packs an event for a program that was started then.
    fn pack(started: Instant, event: Self::Event) -> Self;
}

/// Opens a channel for the events of a window's `feeds`.
pub(crate) fn open<P: Packed>(feeds: fn(&Window) -> &Feeds<Queue<P::Event>>) -> Box<dyn Channel<Host>> {
    Box::new(Listed {
        feeds,
        queue: None,
        buffer: Buffer::default(),
        taken: Vec::<P>::new(),
    })
}

struct Listed<P: Packed> {
    feeds: fn(&Window) -> &Feeds<Queue<P::Event>>,
    queue: Option<WindowSubscription<Queue<P::Event>>>,
    buffer: Buffer,
    /// Reused for each delivery.
    taken: Vec<P>,
}

impl<P: Packed> Channel<Host> for Listed<P> {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        self.buffer = cx.memory.buffer::<P>(at, "events")?;
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let queue = self.queue.get_or_insert_with(|| subscribe(cx, self.feeds));
        Ok(if queue.lock().is_empty() {
            Sent::Waiting
        } else {
            Sent::Ready
        })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let started = cx.started();
        let Some(mut queue) = self
            .queue
            .as_ref()
            .map(WindowSubscription::lock)
            .filter(|queue| !queue.is_empty())
        else {
            return Ok(Received::Nothing);
        };
        if self.buffer.capacity() == 0 {
            let needed = vec![P::default(); queue.len()];
            cx.memory.fill_list(self.buffer, &needed);
            return Ok(Received::TooSmall);
        }
        self.taken.clear();
        self.taken
            .extend(queue.take(self.buffer.capacity()).map(|event| P::pack(started, event)));
        let more = !queue.is_empty();
        drop(queue);
        cx.memory.fill_list(self.buffer, &self.taken);
        Ok(if more { Received::More } else { Received::Delivered })
    }
}
