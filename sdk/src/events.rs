//! Channels on which events come, one after the other.

use crate::buffer::Buffer;
use crate::channel::Channel;
use crate::error::Error;
use crate::host;
use crate::runtime::{self, Message, Next, Queue};
use futures_core::Stream;
use portico_abi::List;
use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// A message that queues what comes.
pub(crate) trait Source<T>: Message {
    fn pop(&mut self) -> Option<T>;
}

/// Events, one after the other.
///
/// Nothing is allocated for an event. At most 1,024 wait here; then the oldest goes. Also a [`Stream`], which ends after the
/// first failure.
pub struct Events<T> {
    channel: Channel<dyn Source<T>>,
    ended: bool,
}

impl<T: 'static> Events<T> {
    pub(crate) fn open(which: u32, message: impl Source<T>) -> Self {
        let message = Rc::new(RefCell::new(message));
        let shared: Rc<RefCell<dyn Message>> = Rc::clone(&message) as _;
        Self {
            channel: Channel {
                id: runtime::open(which, shared),
                message,
            },
            ended: false,
        }
    }

    /// Waits for the next event.
    ///
    /// # Errors
    /// Why the host closed the channel; events that came before that are handed out first.
    pub async fn next(&mut self) -> Result<T, Error> {
        poll_fn(|context| next(&self.channel, context)).await
    }

    /// The next event if there is one already; never waits.
    pub fn take(&mut self) -> Option<T> {
        self.channel.with(|message| message.pop())
    }
}

impl<T: 'static> Stream for Events<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let event = std::task::ready!(next(&self.channel, context));
        self.ended = event.is_err();
        Poll::Ready(Some(event))
    }
}

/// The next event of a channel that queues them.
pub(crate) fn next<T, M: Source<T> + ?Sized>(
    channel: &Channel<M>,
    context: &mut Context<'_>,
) -> Poll<Result<T, Error>> {
    loop {
        if let Some(event) = channel.with(|message| message.pop()) {
            return Poll::Ready(Ok(event));
        }
        std::task::ready!(channel.poll(context))?;
    }
}

/// An event that the host hands over in a list.
pub(crate) trait Event: Sized + 'static {
    /// How the host packs it.
    type Packed: Copy + Default + 'static;

    /// Reads it; `None` for what a later host may add, which is not for this program.
    fn unpack(packed: &Self::Packed) -> Option<Self>;
}

/// A list of events that the host fills.
pub(crate) struct Listed<E: Event> {
    list: List,
    buffer: Buffer<E::Packed>,
    queue: Queue<E>,
}

impl<E: Event> Message for Listed<E> {
    fn prepare(&mut self) -> u32 {
        self.list = self.buffer.list();
        host::address(&raw const self.list)
    }

    fn receive(&mut self) -> Next {
        let Some(events) = self.buffer.received(self.list) else {
            return Next::Again;
        };
        events
            .iter()
            .filter_map(E::unpack)
            .for_each(|event| self.queue.push(event));
        Next::Ready
    }
}

impl<E: Event> Source<E> for Listed<E> {
    fn pop(&mut self) -> Option<E> {
        self.queue.pop()
    }
}

/// Listens to a command that hands over lists.
pub(crate) fn listen<E: Event>(which: u32) -> Events<E> {
    Events::open(
        which,
        Listed {
            list: List::default(),
            buffer: Buffer::new(64),
            queue: Queue::new(256),
        },
    )
}

/// A channel on which the user chooses among what the message offers.
pub(crate) struct Choices<M> {
    channel: Channel<M>,
    ended: bool,
}

impl<M: Source<u32>> Choices<M> {
    pub(crate) fn open(which: u32, message: M) -> Self {
        Self {
            channel: Channel::open(which, message),
            ended: false,
        }
    }

    /// Changes what is offered.
    pub(crate) fn offer(&mut self, which: u32, change: impl FnOnce(&mut M)) {
        self.channel.with(change);
        self.channel.send_or_open(which);
        self.ended = false;
    }

    /// Waits for a choice: its index.
    pub(crate) async fn next(&mut self) -> Result<usize, Error> {
        poll_fn(|context| next(&self.channel, context))
            .await
            .map(|index| index as usize)
    }

    /// A choice if there is one already.
    pub(crate) fn take(&mut self) -> Option<usize> {
        self.channel.with(|message| message.pop()).map(|index| index as usize)
    }

    /// As a stream, which ends after the first failure.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<usize, Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let chosen = std::task::ready!(next(&self.channel, context));
        self.ended = chosen.is_err();
        Poll::Ready(Some(chosen.map(|index| index as usize)))
    }
}
