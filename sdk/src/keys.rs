//! Keys: command 26. For text that is typed see [`text`](crate::text).

use crate::buffer::Buffer;
use crate::channel::{Events, Source};
use crate::host;
use crate::runtime::{Message, Next, Queue};
pub use portico_abi::{KeyState, key, modifier};
use portico_abi::{List, which};
use std::time::Duration;

/// What happened to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// When, on the program's clock.
    pub at: Duration,
    /// Which key: a position, one of [`key`].
    pub code: u16,
    /// What happened.
    pub state: KeyState,
    /// Bits of [`modifier`] that were down.
    pub modifiers: u8,
}

impl Key {
    /// Whether it went down or counts again because it is held.
    pub fn is_down(&self) -> bool {
        self.state != KeyState::Released
    }
}

struct Keys {
    list: List,
    buffer: Buffer<portico_abi::Key>,
    queue: Queue<Key>,
}

impl Message for Keys {
    fn prepare(&mut self) -> u32 {
        self.list = self.buffer.list();
        host::address(&raw const self.list)
    }

    fn receive(&mut self) -> Next {
        let Some(events) = self.buffer.received(self.list) else { return Next::Again };
        for event in events {
            // What a later host may add is not for this program.
            let Some(state) = KeyState::from_number(event.state) else { continue };
            let at = Duration::from_micros(event.micros.get());
            self.queue.push(Key { at, code: event.code.get(), state, modifiers: event.modifiers });
        }
        Next::Ready
    }
}

impl Source<Key> for Keys {
    fn pop(&mut self) -> Option<Key> {
        self.queue.pop()
    }
}

/// Keys, while the window has the focus. Those that are held when it goes are released.
pub fn open() -> Events<Key> {
    Events::open(which::KEYS, Keys { list: List::default(), buffer: Buffer::new(64), queue: Queue::new(256) })
}
