//! Streams as [`Write`](std::io::Write) and [`Read`](std::io::Read).

use super::session::{Writing, broken, failed};
use super::{Client, Event, Piece, StreamId};
use crate::wire::{ABORT, Code, LAST, PIECE};
use std::io::{self, Read, Write};

/// A stream that is written. It has to be [finished](Outgoing::finish): when it is dropped before, the receiver is told that it
/// is not whole.
#[derive(Debug)]
pub struct Outgoing<'a> {
    client: &'a mut Client,
    writing: Writing,
}

impl<'a> Outgoing<'a> {
    pub(super) fn new(client: &'a mut Client, id: StreamId) -> Self {
        Self {
            client,
            writing: Writing::new(id),
        }
    }

    /// Finishes the stream.
    ///
    /// # Errors
    /// If the connection fails, or the stream has.
    pub fn finish(mut self) -> io::Result<()> {
        self.piece(LAST, &[])
    }

    fn piece(&mut self, flags: u32, data: &[u8]) -> io::Result<()> {
        while self.client.fill().map_err(broken)? {}
        let chunk = self.writing.piece(&mut self.client.session, flags, data.len())?;
        self.client.write(chunk, data).map_err(broken)
    }
}

impl Write for Outgoing<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let data = &data[..data.len().min(PIECE)];
        if !data.is_empty() {
            self.piece(0, data)?;
        }
        Ok(data.len())
    }

    /// Nothing is kept back.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Outgoing<'_> {
    fn drop(&mut self) {
        if self.writing.is_open(&self.client.session)
            && let Err(error) = self.piece(ABORT, &[])
        {
            tracing::debug!(%error, "the receiver learns of the stream's end otherwise");
        }
    }
}

/// A stream that is read. An error of the kind [`BrokenPipe`](io::ErrorKind::BrokenPipe) says that it ended and is not whole.
#[derive(Debug)]
pub struct Incoming<'a> {
    client: &'a mut Client,
    piece: Piece,
    read: usize,
}

impl<'a> Incoming<'a> {
    pub(super) fn new(client: &'a mut Client, piece: Piece) -> Self {
        Self { client, piece, read: 0 }
    }
}

impl Read for Incoming<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.piece.data.len() {
            if self.piece.flags & ABORT != 0 {
                return Err(failed(Code::ReceiverGone));
            }
            if self.piece.flags & LAST != 0 {
                return Ok(0);
            }
            let stream = self.piece.stream;
            let next = |event: &Event| matches!(event, Event::Piece(piece) if piece.stream == stream);
            if let Some(Event::Piece(piece)) = self.client.take(None, next).map_err(broken)? {
                (self.piece, self.read) = (piece, 0);
            }
        }
        let count = buffer.len().min(self.piece.data.len() - self.read);
        buffer[..count].copy_from_slice(&self.piece.data[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}
