//! Session of a client: its requests, ports and streams, however its bytes travel.

use super::inbox::Inbox;
use super::{Broken, Error, Event, Message, StreamId};
use crate::address;
use crate::wire::{
    ABORT, Authenticate, Authenticated, Challenge, ClosePort, ClosedPort, Code, FIRST, Kind, LAST, Label, List,
    OpenPort, OpenedPort, PIECE, PROOF_CONTEXT, Proof, Prove, Resolve, SendChunk, SendMessage, SendRight, Serve, TEXT,
};
use ed25519_dalek::{Signer, SigningKey};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::mem;
use std::time::Duration;

#[derive(Debug, Default)]
pub(super) struct Session {
    pub(super) inbox: Inbox,
    requests: u32,
    tags: u32,
    streams: u64,
    /// What the client calls itself.
    label: String,
    /// Own ports and their flags.
    ports: BTreeMap<u64, u32>,
    /// Streams that were begun and not finished.
    outgoing: BTreeSet<StreamId>,
    /// Losses by the end of the last connection that the caller was not told yet.
    broken: Broken,
}

impl Session {
    /// Number of a request. Only one is under way at a time: answers to others are nobody's any more.
    fn number(&mut self) -> u32 {
        self.inbox.forget_answers();
        self.requests = self.requests.wrapping_add(1);
        self.requests
    }

    pub(super) fn open(&mut self, port: u64, flags: u32) -> (u32, OpenPort) {
        let request = self.number();
        (
            request,
            OpenPort {
                request: request.into(),
                port: port.into(),
                flags: flags.into(),
                ..Default::default()
            },
        )
    }

    pub(super) fn opened(&mut self, answer: &OpenedPort, flags: u32) -> Result<u64, Error> {
        done(answer.code)?;
        self.ports.insert(answer.port.get(), flags);
        Ok(answer.port.get())
    }

    pub(super) fn close(&mut self, port: u64) -> (u32, ClosePort) {
        let request = self.number();
        (
            request,
            ClosePort {
                request: request.into(),
                port: port.into(),
                ..Default::default()
            },
        )
    }

    pub(super) fn closed(&mut self, answer: &ClosedPort) -> Result<(), Error> {
        done(answer.code)?;
        let port = answer.port.get();
        self.ports.remove(&port);
        self.outgoing.retain(|stream| stream.0 != port);
        Ok(())
    }

    /// A message's fixed part, and its tag.
    pub(super) fn send(&mut self, source: u64, destination: u64, data: &[u8]) -> Result<(u32, SendMessage), Error> {
        let fixed = size_of::<SendMessage>() as u32;
        let size = u32::try_from(data.len())
            .ok()
            .filter(|data| data.checked_add(fixed).is_some());
        let size = size.ok_or(Error::TooLong)?.into();
        self.tags = self.tags.wrapping_add(1);
        let (tag, source, destination) = (self.tags, source.into(), destination.into());
        Ok((
            tag,
            SendMessage {
                source,
                destination,
                size,
                tag: tag.into(),
                ..Default::default()
            },
        ))
    }

    pub(super) fn send_right(
        &mut self,
        source: u64,
        destination: u64,
        right: u64,
        data: &[u8],
    ) -> Result<(u32, SendRight), Error> {
        if data.len() > PIECE {
            return Err(Error::TooLong);
        }
        self.tags = self.tags.wrapping_add(1);
        let (tag, source, destination, right) = (self.tags, source.into(), destination.into(), right.into());
        let size = (data.len() as u32).into();
        Ok((
            tag,
            SendRight {
                source,
                destination,
                size,
                tag: tag.into(),
                right,
                ..Default::default()
            },
        ))
    }

    pub(super) fn authenticate(&mut self) -> Result<(u32, Authenticate), Error> {
        let token = address::token().and_then(|text| crate::service::unhex(&text));
        let token = token.ok_or(Error::Refused(Code::NotPermitted))?;
        let request = self.number();
        Ok((
            request,
            Authenticate {
                request: request.into(),
                token,
                ..Default::default()
            },
        ))
    }

    pub(super) fn prove(&mut self, key: &SigningKey) -> (u32, Prove) {
        let request = self.number();
        let key = key.verifying_key().to_bytes();
        (
            request,
            Prove {
                request: request.into(),
                key,
                ..Default::default()
            },
        )
    }

    /// What is to be signed, once it has come.
    pub(super) fn challenged(&mut self, request: u32) -> Result<Option<Challenge>, Error> {
        if let Some((answer, _)) = self.inbox.answer::<Authenticated>(Kind::Authenticated, request)? {
            done(answer.code)?;
        }
        Ok(self
            .inbox
            .answer::<Challenge>(Kind::Challenge, request)?
            .map(|(challenge, _)| challenge))
    }

    pub(super) fn proof(&mut self, key: &SigningKey, challenge: &Challenge) -> (u32, Proof) {
        let request = self.number();
        let signature = key.sign(&[PROOF_CONTEXT, &challenge.nonce].concat()).to_bytes();
        (
            request,
            Proof {
                request: request.into(),
                signature,
                ..Default::default()
            },
        )
    }

    pub(super) fn serve(&mut self, name: &str, port: u64) -> Result<(u32, Serve), Error> {
        if name.len() > TEXT {
            return Err(Error::TooLong);
        }
        let (request, size) = (self.number(), (name.len() as u32).into());
        Ok((
            request,
            Serve {
                request: request.into(),
                port: port.into(),
                size,
                ..Default::default()
            },
        ))
    }

    pub(super) fn resolve(&mut self, object: &str, time: Option<Duration>) -> (u32, Resolve) {
        let request = self.number();
        let patience = time
            .map_or(0, |time| u32::try_from(time.as_millis()).unwrap_or(u32::MAX).max(1))
            .into();
        let size = (object.len() as u32).into();
        (
            request,
            Resolve {
                request: request.into(),
                patience,
                size,
                ..Default::default()
            },
        )
    }

    pub(super) fn list(&mut self) -> (u32, List) {
        let request = self.number();
        (
            request,
            List {
                request: request.into(),
                ..Default::default()
            },
        )
    }

    /// What to say the client is called from now on.
    pub(super) fn label(&mut self, label: &str) -> Label {
        // Of a longer one the broker would not even take the frame.
        label[..label.floor_char_boundary(TEXT)].clone_into(&mut self.label);
        Label {
            size: (self.label.len() as u32).into(),
            ..Default::default()
        }
    }

    /// What the client is called.
    pub(super) fn called(&self) -> &str {
        &self.label
    }

    /// The name of a new stream.
    pub(super) fn stream(&mut self, source: u64, destination: u64) -> StreamId {
        self.streams += 1;
        (source, destination, self.streams)
    }

    /// Ends all that went over a connection that has broken. Returns the ports that are to be opened again, with their flags.
    pub(super) fn broken(&mut self) -> Vec<(u64, u32)> {
        let (incoming, rights) = self.inbox.broken();
        self.broken
            .streams
            .extend(mem::take(&mut self.outgoing).into_iter().chain(incoming));
        self.broken.rights.extend(rights);
        self.ports.iter().map(|(port, flags)| (*port, *flags)).collect()
    }

    /// Notes that a port was opened again, or could not be.
    pub(super) fn opened_again(&mut self, port: u64, opened: Result<u64, Error>) -> Result<(), Error> {
        match opened {
            Ok(_) => Ok(()),
            Err(Error::Refused(code)) => {
                self.ports.remove(&port);
                self.broken.ports.push((port, code));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Takes the losses by the end of the connection.
    pub(super) fn what_broke(&mut self) -> Broken {
        mem::take(&mut self.broken)
    }
}

/// Whether a request was done.
pub(super) fn done(code: u8) -> Result<(), Error> {
    match Code::of(code) {
        Some(Code::Done) => Ok(()),
        Some(code) => Err(Error::Refused(code)),
        None => Err(Error::Connection(io::Error::new(
            ErrorKind::InvalidData,
            format!("the broker answers with {code}"),
        ))),
    }
}

/// Returns `true` for an event that answers a message: a message from where it went, or the report that it was lost.
pub(super) fn answers(source: u64, destination: u64, tag: u32) -> impl Fn(&Event) -> bool {
    move |event| match event {
        Event::Message(message) => message.source == destination && message.destination == source,
        Event::Lost(lost) => {
            let since = tag.wrapping_sub(lost.tag);
            lost.stream.is_none() && (lost.source, lost.destination) == (source, destination) && since < lost.count
        }
        Event::Piece(_) => false,
    }
}

/// The message that has answered, if one has.
pub(super) fn answered(event: Option<Event>) -> Result<Message, Error> {
    match event {
        Some(Event::Message(message)) => Ok(message),
        Some(Event::Lost(lost)) => Err(Error::Refused(lost.code)),
        Some(Event::Piece(_)) | None => Err(Error::TimedOut),
    }
}

/// The directory, out of its text.
pub(super) fn directory(text: &[u8]) -> Result<serde_json::Value, Error> {
    serde_json::from_slice(text).map_err(|error| Error::Connection(error.into()))
}

/// Where a stream that is written has come to.
#[derive(Debug)]
pub(super) struct Writing {
    id: StreamId,
    next: u64,
    ended: bool,
}

impl Writing {
    pub(super) fn new(id: StreamId) -> Self {
        Self {
            id,
            next: 0,
            ended: false,
        }
    }

    /// Whether there is a receiver that has to be told if it ends before it is finished.
    pub(super) fn is_open(&self, session: &Session) -> bool {
        !self.ended && session.outgoing.contains(&self.id)
    }

    /// The fixed part of its next piece, which is to be written. Fails if the broker has said that the stream has ended.
    pub(super) fn piece(&mut self, session: &mut Session, flags: u32, size: usize) -> io::Result<SendChunk> {
        if self.ended {
            return Err(failed(Code::ReceiverGone));
        }
        let (source, destination, stream) = self.id;
        let mine = |event: &Event| {
            matches!(event, Event::Lost(lost)
                if (lost.source, lost.destination, lost.stream) == (source, destination, Some(stream)))
        };
        if let Some(Event::Lost(lost)) = session.inbox.take(&mut 0, mine) {
            session.outgoing.remove(&self.id);
            self.ended = true;
            return Err(failed(lost.code));
        }
        let first = if session.outgoing.contains(&self.id) { 0 } else { FIRST };
        let chunk = SendChunk {
            source: source.into(),
            destination: destination.into(),
            stream: stream.into(),
            offset: self.next.into(),
            size: (size as u32).into(),
            flags: (flags | first).into(),
            ..Default::default()
        };
        self.next += size as u64;
        if flags & (LAST | ABORT) == 0 {
            session.outgoing.insert(self.id);
        } else {
            session.outgoing.remove(&self.id);
            self.ended = true;
        }
        Ok(chunk)
    }
}

/// A stream that has ended and is not whole.
pub(super) fn failed(code: Code) -> io::Error {
    io::Error::new(ErrorKind::BrokenPipe, code)
}

/// Error of a stream whose connection has failed.
pub(super) fn broken(error: Error) -> io::Error {
    match error {
        Error::Connection(error) => error,
        Error::Ended => ErrorKind::UnexpectedEof.into(),
        other => io::Error::other(other),
    }
}
