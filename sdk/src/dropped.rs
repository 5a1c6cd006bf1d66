//! Files that are dropped on the window: command 59.

use crate::buffer::Buffer;
use crate::events::{Events, Source};
use crate::host;
use crate::runtime::{Message, Next, Queue};
use portico_abi::{Drop as Packed, which};

/// A file that was dropped on the window, and was copied into the program's store.
#[derive(Clone, Debug, PartialEq)]
pub struct Dropped {
    /// Where, in pixels of the last frame.
    pub x: f32,
    /// Where, in pixels of the last frame.
    pub y: f32,
    /// Its name in the program's store.
    pub name: String,
}

struct Files {
    packed: Packed,
    buffer: Buffer<u8>,
    queue: Queue<Dropped>,
}

impl Message for Files {
    fn prepare(&mut self) -> u32 {
        self.packed.name = self.buffer.list();
        host::address(&raw const self.packed)
    }

    fn receive(&mut self) -> Next {
        let Some(name) = self.buffer.received(self.packed.name) else {
            return Next::Again;
        };
        let name = String::from_utf8_lossy(name).into_owned();
        self.queue.push(Dropped {
            x: self.packed.x.get(),
            y: self.packed.y.get(),
            name,
        });
        Next::Ready
    }
}

impl Source<Dropped> for Files {
    fn pop(&mut self) -> Option<Dropped> {
        self.queue.pop()
    }
}

/// Files that are dropped on this program's window.
pub fn files() -> Events<Dropped> {
    let (packed, buffer) = (Packed::default(), Buffer::new(256));
    Events::open(
        which::DROP,
        Files {
            packed,
            buffer,
            queue: Queue::new(16),
        },
    )
}
