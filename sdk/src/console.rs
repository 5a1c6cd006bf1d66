//! The debug console: command 20.

use crate::buffer::Buffer;
use crate::events::{Events, Source};
use crate::host;
use crate::runtime::{Message, Next, Queue};
use portico_abi::{Text, which};

struct Lines {
    text: Text,
    buffer: Buffer<u8>,
    queue: Queue<String>,
}

impl Message for Lines {
    fn prepare(&mut self) -> u32 {
        self.text = self.buffer.list();
        host::address(&raw const self.text)
    }

    fn receive(&mut self) -> Next {
        let Some(line) = self.buffer.received(self.text) else {
            return Next::Again;
        };
        self.queue.push(String::from_utf8_lossy(line).into_owned());
        Next::Ready
    }
}

impl Source<String> for Lines {
    fn pop(&mut self) -> Option<String> {
        self.queue.pop()
    }
}

/// Lines that are typed into this program's debug console.
pub fn lines() -> Events<String> {
    Events::open(
        which::CONSOLE,
        Lines {
            text: Text::default(),
            buffer: Buffer::new(256),
            queue: Queue::new(16),
        },
    )
}
