//! Queue of frames to the broker.

use portico_broker::Socket;
use portico_broker::wire::Fixed;
use std::io::{self, ErrorKind, IoSlice};

/// Bytes that wait before a program is told to wait.
pub(super) const ROOM: usize = 256 << 10;
/// Bytes that wait before a program that goes on all the same is refused.
pub(super) const MOST: usize = 64 << 20;

/// Frames, one behind the other.
#[derive(Default)]
pub(super) struct Outbound {
    bytes: Vec<u8>,
    /// How much of them has been written.
    written: usize,
}

impl Outbound {
    /// Adds a frame.
    pub(super) fn push<T: Fixed>(&mut self, frame: T, data: &[u8]) {
        self.bytes.extend_from_slice(frame.with_header(data.len()).as_bytes());
        self.bytes.extend_from_slice(data);
    }

    /// Bytes that wait.
    pub(super) fn waiting(&self) -> usize {
        self.bytes.len() - self.written
    }

    /// Writes what the socket takes now.
    pub(super) fn write(&mut self, socket: &mut Socket) -> io::Result<()> {
        while self.waiting() > 0 {
            match socket.write(&[IoSlice::new(&self.bytes[self.written..])]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        if self.waiting() == 0 {
            self.bytes.clear();
            self.bytes.shrink_to(ROOM);
            self.written = 0;
        } else if self.written >= self.bytes.len() / 2 {
            self.bytes.drain(..self.written);
            self.written = 0;
        }
        Ok(())
    }
}
