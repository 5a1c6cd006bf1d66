//! The cursor and its shape: commands 28 and 49.

use crate::channel::{Channel, Fixed};
use crate::error::Error;
use crate::events::{Event, Events, listen};
pub use portico_abi::{CursorKind, CursorShape, MouseButton};
use portico_abi::{Number, which};
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

impl Event for Cursor {
    type Packed = portico_abi::Cursor;

    fn unpack(event: &Self::Packed) -> Option<Self> {
        Some(Self {
            at: Duration::from_micros(event.micros.get()),
            x: event.x.get(),
            y: event.y.get(),
            dx: event.dx.get(),
            dy: event.dy.get(),
            kind: CursorKind::from_number(event.kind)?,
            button: MouseButton::from_number(event.button)?,
            pointer: event.pointer.get(),
        })
    }
}

/// What the mouse and fingers do over the picture.
pub fn open() -> Events<Cursor> {
    listen(which::CURSOR)
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
