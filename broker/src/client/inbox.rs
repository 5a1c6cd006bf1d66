//! Inbox of a client: bytes in, events and answers out.

use super::{Error, Event, Lost, Message, Piece, StreamId};
use crate::wire::{
    self, ABORT, Code, DeliverChunk, DeliverMessage, DeliverRight, FIRST, Failed, Fixed, Head, Kind, LAST, MESSAGE,
    Malformed,
};
use std::collections::{BTreeSet, HashMap, VecDeque};

#[derive(Debug, Default)]
pub(super) struct Inbox {
    /// Bytes of an unfinished frame.
    bytes: Vec<u8>,
    events: VecDeque<Event>,
    answers: VecDeque<(Head, Vec<u8>)>,
    /// Long messages of which there are pieces.
    long: HashMap<StreamId, Vec<u8>>,
    /// Streams that have begun and not ended.
    streams: BTreeSet<StreamId>,
    rights: BTreeSet<u64>,
}

impl Inbox {
    pub(super) fn feed(&mut self, new: &[u8]) -> Result<(), Malformed> {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.extend_from_slice(new);
        let mut at = 0;
        while let Some(head) = wire::head(&bytes[at..])?
            && let Some(frame) = bytes.get(at..at + head.length)
        {
            self.frame(head, frame)?;
            at += head.length;
        }
        bytes.drain(..at);
        self.bytes = bytes;
        Ok(())
    }

    fn frame(&mut self, head: Head, bytes: &[u8]) -> Result<(), Malformed> {
        match head.kind {
            Kind::DeliverMessage => {
                let (of, data) = wire::whole::<DeliverMessage>(head, bytes)?;
                let (source, destination, tag) = (of.source.get(), of.destination.get(), of.tag.get());
                let message = Message {
                    source,
                    destination,
                    tag,
                    data: data.to_vec(),
                    right: None,
                };
                self.events.push_back(Event::Message(message));
            }
            Kind::DeliverRight => {
                let (of, data) = wire::whole::<DeliverRight>(head, bytes)?;
                let (source, destination, tag) = (of.source.get(), of.destination.get(), of.tag.get());
                let right = Some(of.right.get());
                self.rights.insert(of.right.get());
                self.events.push_back(Event::Message(Message {
                    source,
                    destination,
                    tag,
                    data: data.to_vec(),
                    right,
                }));
            }
            Kind::DeliverChunk => {
                let (of, data) = wire::whole::<DeliverChunk>(head, bytes)?;
                let stream = (of.source.get(), of.destination.get(), of.stream.get());
                self.piece(stream, of.offset.get(), of.flags.get(), data);
            }
            Kind::Failed => {
                let (of, _) = wire::whole::<Failed>(head, bytes)?;
                let lost = Lost {
                    source: of.source.get(),
                    destination: of.destination.get(),
                    stream: (of.kind == Kind::SendChunk as u8).then_some(of.stream.get()),
                    tag: of.tag.get(),
                    count: of.count.get(),
                    code: Code::of(of.code).unwrap_or(Code::ReceiverGone),
                };
                self.events.push_back(Event::Lost(lost));
            }
            Kind::OpenedPort
            | Kind::ClosedPort
            | Kind::Authenticated
            | Kind::Challenge
            | Kind::Serving
            | Kind::Resolved
            | Kind::Listing => self.answers.push_back((head, bytes.to_vec())),
            kind => return Err(Malformed::Direction(kind)),
        }
        Ok(())
    }

    fn piece(&mut self, stream: StreamId, offset: u64, flags: u32, data: &[u8]) {
        if flags & MESSAGE == 0 {
            if flags & (LAST | ABORT) != 0 {
                self.streams.remove(&stream);
            } else {
                self.streams.insert(stream);
            }
            let flags = flags & (FIRST | LAST | ABORT);
            return self.events.push_back(Event::Piece(Piece {
                stream,
                offset,
                flags,
                data: data.to_vec(),
            }));
        }
        self.long.entry(stream).or_default().extend_from_slice(data);
        if flags & (LAST | ABORT) != 0 {
            let whole = self.long.remove(&stream).filter(|_| flags & ABORT == 0);
            let (source, destination, tag) = (stream.0, stream.1, stream.2 as u32);
            let message = |data| {
                Event::Message(Message {
                    source,
                    destination,
                    tag,
                    data,
                    right: None,
                })
            };
            self.events.extend(whole.map(message));
        }
    }

    /// Throws away answers that nobody waits for.
    pub(super) fn forget_answers(&mut self) {
        self.answers.clear();
    }

    /// The answer to a request.
    pub(super) fn answer<T: Fixed>(&mut self, kind: Kind, request: u32) -> Result<Option<(T, Vec<u8>)>, Error> {
        let wanted =
            |(head, bytes): &(Head, Vec<u8>)| head.kind == kind && bytes.get(8..12) == Some(&request.to_be_bytes());
        let Some((head, bytes)) = self
            .answers
            .iter()
            .position(wanted)
            .and_then(|at| self.answers.remove(at))
        else {
            return Ok(None);
        };
        let (fixed, data) = wire::whole::<T>(head, &bytes)?;
        Ok(Some((*fixed, data.to_vec())))
    }

    /// The first event that is wanted, besides those that were looked at before.
    pub(super) fn take(&mut self, looked_at: &mut usize, wanted: impl Fn(&Event) -> bool) -> Option<Event> {
        let at = self
            .events
            .iter()
            .skip(*looked_at)
            .position(wanted)
            .map(|at| at + *looked_at);
        *looked_at = self.events.len();
        at.and_then(|at| self.events.remove(at))
    }

    /// Forgets what can't go on after the connection has broken; returns which streams and rights that were.
    pub(super) fn broken(&mut self) -> (Vec<StreamId>, Vec<u64>) {
        self.bytes.clear();
        self.long.clear();
        self.answers.clear();
        (
            std::mem::take(&mut self.streams).into_iter().collect(),
            std::mem::take(&mut self.rights).into_iter().collect(),
        )
    }
}

/// Feeds a client with these bytes, cut where the first of them says: what a broker that lies could send.
#[cfg(feature = "fuzz")]
pub fn drive(data: &[u8]) {
    let Some((cut, data)) = data.split_first() else { return };
    let (first, second) = data.split_at(data.len().min(usize::from(*cut)));
    let mut inbox = Inbox::default();
    if inbox.feed(first).and_then(|()| inbox.feed(second)).is_ok() {
        while inbox.take(&mut 0, |_| true).is_some() {}
        inbox.broken();
    }
}
