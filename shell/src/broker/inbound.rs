//! Decodes frames from the broker, and assembles long messages.

use portico_broker::wire::{
    self, ABORT, Authenticated, Code, DeliverChunk, DeliverMessage, DeliverRight, FIRST, Failed, Head, Kind, LAST,
    MESSAGE, Malformed, OpenedPort, Resolved, Serving,
};
use std::collections::HashMap;

/// Bytes of long messages that may be unfinished at once. One always may.
const GATHERED: usize = 64 << 20;

/// A decoded frame or message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    /// A port is open, or why not.
    Opened { request: u32, outcome: Result<u64, Code> },
    /// What handles an object, or why there is nothing.
    Resolved { request: u32, outcome: Result<u64, Code> },
    /// Whether this is the service, or serves, that it claimed.
    Claimed(Code),
    /// A message.
    Message {
        source: u64,
        destination: u64,
        body: Vec<u8>,
    },
    /// A piece of a stream.
    Piece {
        source: u64,
        destination: u64,
        stream: u64,
        offset: u64,
        flags: u32,
        body: Vec<u8>,
    },
    /// Something was not delivered: a stream, or so many messages.
    Lost {
        source: u64,
        destination: u64,
        stream: Option<u64>,
        count: u32,
        code: Code,
    },
}

/// A long message of which pieces have come; nothing if it is dropped.
type Long = Option<Vec<u8>>;

#[derive(Default)]
pub(super) struct Inbound {
    /// Bytes of an unfinished frame.
    bytes: Vec<u8>,
    /// By source, destination and number.
    long: HashMap<(u64, u64, u64), Long>,
    /// Bytes in them.
    gathered: usize,
}

fn outcome(code: u8, port: u64) -> Result<u64, Code> {
    match Code::of(code) {
        Some(Code::Done) => Ok(port),
        Some(code) => Err(code),
        // What a later broker may say is a no that this one can't tell apart.
        None => Err(Code::NotPermitted),
    }
}

impl Inbound {
    /// Decodes bytes, and emits what they contain.
    pub(super) fn feed(&mut self, new: &[u8], mut emit: impl FnMut(Incoming)) -> Result<(), Malformed> {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.extend_from_slice(new);
        let mut at = 0;
        while let Some(head) = wire::head(&bytes[at..])?
            && let Some(frame) = bytes.get(at..at + head.length)
        {
            if let Some(incoming) = self.frame(head, frame)? {
                emit(incoming);
            }
            at += head.length;
        }
        if at < bytes.len() {
            bytes.drain(..at);
            self.bytes = bytes;
        }
        Ok(())
    }

    fn frame(&mut self, head: Head, bytes: &[u8]) -> Result<Option<Incoming>, Malformed> {
        Ok(Some(match head.kind {
            Kind::OpenedPort => {
                let (of, _) = wire::whole::<OpenedPort>(head, bytes)?;
                Incoming::Opened {
                    request: of.request.get(),
                    outcome: outcome(of.code, of.port.get()),
                }
            }
            Kind::Resolved => {
                let (of, _) = wire::whole::<Resolved>(head, bytes)?;
                Incoming::Resolved {
                    request: of.request.get(),
                    outcome: outcome(of.code, of.port.get()),
                }
            }
            Kind::Authenticated => {
                let code = wire::whole::<Authenticated>(head, bytes)?.0.code;
                Incoming::Claimed(outcome(code, 0).err().unwrap_or(Code::Done))
            }
            Kind::Serving => {
                let code = wire::whole::<Serving>(head, bytes)?.0.code;
                Incoming::Claimed(outcome(code, 0).err().unwrap_or(Code::Done))
            }
            Kind::ClosedPort => return Ok(None),
            Kind::DeliverMessage => {
                let (of, body) = wire::whole::<DeliverMessage>(head, bytes)?;
                let (source, destination) = (of.source.get(), of.destination.get());
                Incoming::Message {
                    source,
                    destination,
                    body: body.to_vec(),
                }
            }
            // Programs know no rights: it is a message like any other.
            Kind::DeliverRight => {
                let (of, body) = wire::whole::<DeliverRight>(head, bytes)?;
                let (source, destination) = (of.source.get(), of.destination.get());
                Incoming::Message {
                    source,
                    destination,
                    body: body.to_vec(),
                }
            }
            Kind::DeliverChunk => {
                let (of, body) = wire::whole::<DeliverChunk>(head, bytes)?;
                let (source, destination, stream) = (of.source.get(), of.destination.get(), of.stream.get());
                let (offset, flags) = (of.offset.get(), of.flags.get());
                if flags & MESSAGE != 0 {
                    return Ok(self.gather((source, destination, stream), flags, body));
                }
                Incoming::Piece {
                    source,
                    destination,
                    stream,
                    offset,
                    flags,
                    body: body.to_vec(),
                }
            }
            Kind::Failed => {
                let (of, _) = wire::whole::<Failed>(head, bytes)?;
                Incoming::Lost {
                    source: of.source.get(),
                    destination: of.destination.get(),
                    stream: (of.kind == Kind::SendChunk as u8).then_some(of.stream.get()),
                    count: of.count.get(),
                    code: Code::of(of.code).unwrap_or(Code::ReceiverGone),
                }
            }
            kind => return Err(Malformed::Direction(kind)),
        }))
    }

    /// Puts a long message together; the whole of it, once it is there.
    fn gather(&mut self, of: (u64, u64, u64), flags: u32, body: &[u8]) -> Option<Incoming> {
        if flags & FIRST != 0 {
            self.long.insert(of, Some(Vec::new()));
        }
        let long = self.long.get_mut(&of)?;
        if let Some(message) = long {
            // Its own bytes don't keep it from going on: one message always fits.
            if self.gathered - message.len() + body.len() > GATHERED && self.gathered > message.len() {
                tracing::warn!(
                    source = of.0,
                    "a long message was dropped: too many others to this program are unfinished"
                );
                self.gathered -= message.len();
                *long = None;
            } else {
                message.extend_from_slice(body);
                self.gathered += body.len();
            }
        }
        if flags & (LAST | ABORT) == 0 {
            return None;
        }
        let message = self.long.remove(&of)??;
        self.gathered -= message.len();
        (flags & ABORT == 0).then_some(Incoming::Message {
            source: of.0,
            destination: of.1,
            body: message,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use portico_broker::wire::Fixed as _;

    fn piece(stream: u64, flags: u32, body: &[u8]) -> Vec<u8> {
        let (source, destination) = (7.into(), 500.into());
        let (size, flags) = ((body.len() as u32).into(), (flags | MESSAGE).into());
        DeliverChunk {
            source,
            destination,
            stream: stream.into(),
            size,
            flags,
            ..Default::default()
        }
        .frame(body)
    }

    fn incoming(inbound: &mut Inbound, bytes: &[u8]) -> Vec<Incoming> {
        let mut incoming = Vec::new();
        inbound.feed(bytes, |what| incoming.push(what)).unwrap();
        incoming
    }

    #[test]
    fn frames_come_in_any_cut() {
        let (source, destination) = (7.into(), 500.into());
        let message = DeliverMessage {
            source,
            destination,
            size: 5.into(),
            ..Default::default()
        }
        .frame(b"hello");
        let bytes = [&*message, &*piece(1, FIRST, b"a"), &*message, &*piece(1, LAST, b"b")].concat();
        for cut in 0..bytes.len() {
            let mut inbound = Inbound::default();
            let mut all = incoming(&mut inbound, &bytes[..cut]);
            all.extend(incoming(&mut inbound, &bytes[cut..]));
            let said = |body: &[u8]| Incoming::Message {
                source: 7,
                destination: 500,
                body: body.to_vec(),
            };
            assert_eq!(all, [said(b"hello"), said(b"hello"), said(b"ab")], "{cut}");
            assert_eq!((inbound.gathered, inbound.long.len(), inbound.bytes.len()), (0, 0, 0));
        }
    }

    #[test]
    fn a_long_message_that_is_aborted_never_comes() {
        let mut inbound = Inbound::default();
        let bytes = [piece(1, FIRST, b"a"), piece(1, ABORT, b"")].concat();
        assert_eq!(incoming(&mut inbound, &bytes), []);
        assert_eq!((inbound.gathered, inbound.long.len()), (0, 0));
    }

    #[test]
    fn unfinished_messages_have_a_limit_and_one_always_fits() {
        let mut inbound = Inbound::default();
        let part = vec![0; 1 << 20];
        let alone = GATHERED / part.len() + 8;
        for index in 0..alone {
            let flags = if index == 0 { FIRST } else { 0 };
            assert_eq!(incoming(&mut inbound, &piece(1, flags, &part)), []);
        }
        // Another one has no room now, nor later, and takes none.
        assert_eq!(incoming(&mut inbound, &piece(2, FIRST, &part)), []);
        assert_eq!(inbound.gathered, alone * part.len());
        let whole = incoming(&mut inbound, &piece(1, LAST, b""));
        assert!(matches!(&whole[..], [Incoming::Message { body, .. }] if body.len() == alone * part.len()));
        assert_eq!(incoming(&mut inbound, &piece(2, LAST, b"rest")), []);
        assert_eq!((inbound.gathered, inbound.long.len()), (0, 0));
        assert_eq!(incoming(&mut inbound, &piece(3, FIRST | LAST, b"next")).len(), 1);
    }

    #[test]
    fn what_only_clients_send_is_no_frame() {
        let open = wire::OpenPort::default().frame(&[]);
        assert!(Inbound::default().feed(&open, |_| {}).is_err());
    }
}
