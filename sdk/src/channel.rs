//! Channels as futures and streams.

use crate::buffer::Buffer;
use crate::error::Error;
use crate::host;
use crate::runtime::{self, Message, Next};
use futures_core::Stream;
use portico_abi::Text;
use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// An open channel. Dropping it discards it.
pub(crate) struct Channel<M: ?Sized> {
    pub(crate) id: u32,
    pub(crate) message: Rc<RefCell<M>>,
}

impl<M: Message> Channel<M> {
    pub(crate) fn open(which: u32, message: M) -> Self {
        let message = Rc::new(RefCell::new(message));
        let shared: Rc<RefCell<dyn Message>> = Rc::clone(&message) as _;
        Self {
            id: runtime::open(which, shared),
            message,
        }
    }

    /// Opens a channel again after a failure, else sends its message.
    pub(crate) fn send_or_open(&mut self, which: u32) {
        if runtime::is_closed(self.id) {
            let shared: Rc<RefCell<dyn Message>> = Rc::clone(&self.message) as _;
            let id = runtime::open(which, shared);
            runtime::discard(std::mem::replace(&mut self.id, id));
        } else {
            runtime::send(self.id);
        }
    }
}

impl<M: ?Sized> Channel<M> {
    /// Sends the message, again.
    pub(crate) fn send(&self) {
        runtime::send(self.id);
    }

    /// Sends other messages, which the host only reads, and then this one again, which is where the host writes.
    pub(crate) fn send_after<O: Message>(&self, others: impl IntoIterator<Item = O>) {
        if !runtime::is_closed(self.id) {
            others
                .into_iter()
                .for_each(|other| runtime::send_other(self.id, Box::new(other)));
            runtime::post_again(self.id);
        }
    }

    pub(crate) fn poll(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        runtime::poll(self.id, context)
    }

    /// Waits until something has come.
    pub(crate) async fn ready(&self) -> Result<(), Error> {
        poll_fn(|context| self.poll(context)).await
    }

    /// Looks at the message.
    pub(crate) fn with<R>(&self, action: impl FnOnce(&mut M) -> R) -> R {
        action(&mut self.message.borrow_mut())
    }
}

impl<M: ?Sized> Drop for Channel<M> {
    fn drop(&mut self) {
        runtime::discard(self.id);
    }
}

/// A message that is one packed struct.
pub(crate) struct Fixed<T>(pub(crate) T);

impl<T: 'static> Message for Fixed<T> {
    fn prepare(&mut self) -> u32 {
        host::address(&raw const self.0)
    }
}

/// A message that is one text, written by the host.
pub(crate) struct Received {
    text: Text,
    buffer: Buffer<u8>,
    value: String,
}

impl Received {
    pub(crate) fn new() -> Self {
        Self {
            text: Text::default(),
            buffer: Buffer::new(256),
            value: String::new(),
        }
    }
}

impl Message for Received {
    fn prepare(&mut self) -> u32 {
        self.text = self.buffer.list();
        host::address(&raw const self.text)
    }

    fn receive(&mut self) -> Next {
        let Some(bytes) = self.buffer.received(self.text) else {
            return Next::Again;
        };
        self.value.clear();
        self.value.push_str(&String::from_utf8_lossy(bytes));
        Next::Ready
    }
}

/// A message that is one text, written by the program.
pub(crate) struct Sent {
    text: Text,
    value: String,
}

impl Sent {
    pub(crate) fn new(value: &str) -> Self {
        Self {
            text: Text::default(),
            value: value.to_owned(),
        }
    }

    pub(crate) fn set(&mut self, value: &str) {
        // The host may not have read the old one yet.
        runtime::keep(std::mem::replace(&mut self.value, value.to_owned()));
    }
}

impl Message for Sent {
    fn prepare(&mut self) -> u32 {
        self.text = text(&self.value);
        host::address(&raw const self.text)
    }
}

/// A text as the host reads it.
pub(crate) fn text(value: &str) -> Text {
    Text {
        size: (value.len() as u32).into(),
        data: host::address(value.as_ptr()).into(),
    }
}

/// Sends a number and waits for the one that is written over it.
pub(crate) async fn ask_number(which: u32, number: u32) -> Result<u32, Error> {
    let channel = Channel::open(which, Fixed(portico_abi::Number::from(number)));
    channel.ready().await?;
    Ok(channel.with(|message| message.0.get()))
}

/// Waits for a text.
pub(crate) async fn ask_text(which: u32) -> Result<String, Error> {
    let channel = Channel::open(which, Received::new());
    channel.ready().await?;
    Ok(channel.with(|message| std::mem::take(&mut message.value)))
}

/// A message whose newest value counts.
pub(crate) trait Value<T>: Message {
    fn value(&self) -> T;
}

impl Value<String> for Received {
    fn value(&self) -> String {
        self.value.clone()
    }
}

/// A value of the host that changes over time: its newest one, once at first and then after every change.
///
/// Also a [`Stream`], which ends after the first failure.
pub struct Watch<T> {
    channel: Channel<dyn Value<T>>,
    ended: bool,
}

impl<T: 'static> Watch<T> {
    pub(crate) fn open(which: u32, message: impl Value<T>) -> Self {
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

    /// Waits for the first value, then for the next change.
    ///
    /// # Errors
    /// Why the host closed the channel.
    pub async fn next(&mut self) -> Result<T, Error> {
        self.channel.ready().await?;
        Ok(self.channel.with(|message| message.value()))
    }

    /// The newest value if it has changed since the last look; never waits.
    pub fn take(&mut self) -> Option<T> {
        let ready = self.channel.poll(&mut Context::from_waker(std::task::Waker::noop()));
        matches!(ready, Poll::Ready(Ok(()))).then(|| self.channel.with(|message| message.value()))
    }
}

impl<T: 'static> Stream for Watch<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let ready = std::task::ready!(self.channel.poll(context));
        self.ended = ready.is_err();
        Poll::Ready(Some(ready.map(|()| self.channel.with(|message| message.value()))))
    }
}
