//! Streams as what Rust writes to and reads from.

use super::{Client, Error, Event, Piece, StreamId};
use crate::wire::{ABORT, Code, FIRST, LAST, PIECE, SendChunk};
use std::io::{self, ErrorKind, Read, Write};

fn failed(code: Code) -> io::Error {
    io::Error::new(ErrorKind::BrokenPipe, code)
}

fn broken(error: Error) -> io::Error {
    match error {
        Error::Connection(error) => error,
        Error::Ended => ErrorKind::UnexpectedEof.into(),
        other => io::Error::other(other),
    }
}

/// A stream that is written. It has to be [finished](Outgoing::finish): when it is dropped before, the receiver is told that it
/// is not whole.
#[derive(Debug)]
pub struct Outgoing<'a> {
    client: &'a mut Client,
    id: StreamId,
    next: u64,
    ended: bool,
}

impl<'a> Outgoing<'a> {
    pub(super) fn new(client: &'a mut Client, id: StreamId) -> Self {
        Self { client, id, next: 0, ended: false }
    }

    /// Says that this was all.
    ///
    /// # Errors
    /// If the connection fails, or the stream has.
    pub fn finish(mut self) -> io::Result<()> {
        self.piece(LAST, &[])
    }

    fn piece(&mut self, flags: u32, data: &[u8]) -> io::Result<()> {
        if self.ended {
            return Err(failed(Code::ReceiverGone));
        }
        if let Some(code) = self.lost()? {
            self.ended = true;
            return Err(failed(code));
        }
        let first = if self.next == 0 && !self.client.outgoing.contains(&self.id) { FIRST } else { 0 };
        let (source, destination, stream) = self.id;
        let chunk = SendChunk {
            source: source.into(),
            destination: destination.into(),
            stream: stream.into(),
            offset: self.next.into(),
            size: (data.len() as u32).into(),
            flags: (flags | first).into(),
            ..Default::default()
        };
        self.client.write(chunk, data).map_err(broken)?;
        self.next += data.len() as u64;
        if flags & (LAST | ABORT) == 0 {
            self.client.outgoing.insert(self.id);
        } else {
            self.client.outgoing.remove(&self.id);
            self.ended = true;
        }
        Ok(())
    }

    /// Whether the broker has said that the stream has ended.
    fn lost(&mut self) -> io::Result<Option<Code>> {
        let (source, destination, stream) = self.id;
        let mine = |event: &Event| {
            matches!(event, Event::Lost(lost)
                if (lost.source, lost.destination, lost.stream) == (source, destination, Some(stream)))
        };
        while self.client.fill().map_err(broken)? {}
        let lost = self.client.inbox.take(&mut 0, mine);
        let Some(Event::Lost(lost)) = lost else { return Ok(None) };
        self.client.outgoing.remove(&self.id);
        Ok(Some(lost.code))
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
        if !self.ended
            && self.client.outgoing.contains(&self.id)
            && let Err(error) = self.piece(ABORT, &[])
        {
            tracing::debug!(%error, "the receiver learns of the stream's end otherwise");
        }
    }
}

/// A stream that is read. An error of the kind [`ErrorKind::BrokenPipe`] says that it ended and is not whole.
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
