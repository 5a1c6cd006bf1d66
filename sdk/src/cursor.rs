//! The cursor and its shape: commands 28 and 49.

use crate::buffer::Buffer;
use crate::channel::{Channel, Events, Fixed, Source};
use crate::error::Error;
use crate::host;
use crate::runtime::{Message, Next, Queue};
pub use portico_abi::{CursorKind, CursorShape, MouseButton};
use portico_abi::{List, Number, which};
use std::time::Duration;

/// What happened to the mouse, or to a finger.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cursor {
    /// When, on the program's clock.
    pub at: Duration,
    /// Where, in pixels of the program's last frame, beyond its edges too.
    pub x: f32,
    /// Where, in pixels of the program's last frame, beyond its edges too.
    pub y: f32,
    /// How far it moved in pixels, or lines scrolled.
    pub dx: f32,
    /// How far it moved in pixels, or lines scrolled, positive away from the user.
    pub dy: f32,
    /// What happened.
    pub kind: CursorKind,
    /// Which button, for a press or a release.
    pub button: MouseButton,
    /// Which finger, 0 for the mouse.
    pub pointer: u16,
}

struct Cursors {
    list: List,
    buffer: Buffer<portico_abi::Cursor>,
    queue: Queue<Cursor>,
}

impl Message for Cursors {
    fn prepare(&mut self) -> u32 {
        self.list = self.buffer.list();
        host::address(&raw const self.list)
    }

    fn receive(&mut self) -> Next {
        let Some(events) = self.buffer.received(self.list) else { return Next::Again };
        for event in events {
            // What a later host may add is not for this program.
            let kind = CursorKind::from_number(event.kind);
            let button = MouseButton::from_number(event.button);
            let (Some(kind), Some(button)) = (kind, button) else { continue };
            self.queue.push(Cursor {
                at: Duration::from_micros(event.micros.get()),
                x: event.x.get(),
                y: event.y.get(),
                dx: event.dx.get(),
                dy: event.dy.get(),
                kind,
                button,
                pointer: event.pointer.get(),
            });
        }
        Next::Ready
    }
}

impl Source<Cursor> for Cursors {
    fn pop(&mut self) -> Option<Cursor> {
        self.queue.pop()
    }
}

/// What the mouse and fingers do over the picture.
pub fn open() -> Events<Cursor> {
    Events::open(which::CURSOR, Cursors { list: List::default(), buffer: Buffer::new(64), queue: Queue::new(256) })
}

/// Shape of the cursor over the picture, for as long as this is held.
#[derive(Default)]
pub struct Shape {
    channel: Option<Channel<Fixed<Number>>>,
}

impl Shape {
    /// The usual arrow, until it is set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets it.
    ///
    /// # Errors
    /// Why the host did not do it.
    pub async fn set(&mut self, shape: CursorShape) -> Result<(), Error> {
        set_number(&mut self.channel, which::CURSOR_SHAPE, shape.number()).await
    }
}

/// Sends a number on a channel that stays open, opening it where it is not.
pub(crate) async fn set_number(
    channel: &mut Option<Channel<Fixed<Number>>>,
    which: u32,
    number: u32,
) -> Result<(), Error> {
    match channel {
        Some(channel) => {
            channel.with(|message| message.0 = number.into());
            channel.send_or_open(which);
            channel.ready().await
        }
        None => channel.insert(Channel::open(which, Fixed(number.into()))).ready().await,
    }
}
