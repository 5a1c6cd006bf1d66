//! Ports of the message broker: commands 57 and 58.

use crate::Host;
use crate::reply::{Pending, Reply};
use portico_abi::{Code, Port as Message, PortOp, Resolve as Object, which};
use portico_kernel::{
    Buffer, Bulk, Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, Reading, Received, Sent, Waker,
};
use std::mem::offset_of;
use zerocopy::IntoBytes;
use zerocopy::little_endian::U64;

/// Longest message and longest part, in bytes.
const LONGEST: usize = 64 << 20;
/// Longest object id, in bytes.
const LONGEST_ID: usize = 1 << 10;
/// Bits of a stream's number.
const NUMBER: u32 = !(Message::LAST | Message::ABORT);

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "ports",
    summary: "Exchange messages with native programs",
    default: DefaultAccess::Ask,
    watched: true,
    commands: &[
        CommandEntry {
            number: which::PORT,
            name: "port",
            single: false,
            open: Some(|| Box::<OpenPort>::default()),
        },
        CommandEntry {
            number: which::RESOLVE,
            name: "resolve",
            single: false,
            open: Some(|| Box::<Resolve>::default()),
        },
    ],
};

/// Opens ports of the message broker for one process. Called on the program's thread; must not block.
pub trait Broker: Send + Sync {
    /// Opens a port, 0 for any that is free. `waker` is rung whenever [`Port::take`] has something, and when
    /// [`Port::has_room`] says yes again.
    fn open(&self, number: u64, waker: Waker) -> Box<dyn Port>;

    /// Tells the port of what handles an object, which is started if need be.
    fn resolve(&self, object: &str, told: Reply<u64>);
}

/// A port of a program. Dropping it closes it.
pub trait Port: Send {
    /// Hands on a message, or a part of a stream.
    ///
    /// # Errors
    /// Limit, when more waits already than may.
    fn send(&mut self, peer: u64, part: Option<Part>, body: &[u8]) -> Result<(), Failure>;

    /// Whether the port takes the next message now.
    fn has_room(&self) -> bool;

    /// Takes the oldest event that has come.
    ///
    /// # Errors
    /// The reason why the port is closed.
    fn take(&mut self) -> Result<Option<PortEvent>, Failure>;
}

/// Place of a body in a stream that it is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Number of the stream, below 2³⁰.
    pub stream: u32,
    /// Bytes of the stream before it.
    pub offset: u64,
    /// Whether the stream ends with it, and is whole.
    pub last: bool,
    /// Whether the stream ends here, and is not whole.
    pub aborted: bool,
}

/// Event of a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortEvent {
    /// It is open, with this number.
    Opened(u64),
    /// A message, or a part of a stream.
    Message {
        /// Port that it comes from.
        peer: u64,
        /// Its place, if it is a part.
        part: Option<Part>,
        /// The bytes.
        body: Vec<u8>,
    },
    /// Messages were not delivered, or a stream.
    Lost {
        /// Port that they were sent to.
        peer: u64,
        /// The stream, if it was one.
        stream: Option<u32>,
        /// How many messages.
        count: u32,
        /// Why.
        code: Code,
    },
}

#[derive(Default)]
struct OpenPort {
    /// The number that is to be opened.
    wanted: Option<u64>,
    /// What the last message sends: the message, where it belongs in a stream, and its body.
    posted: Option<(Message, Option<Part>, Bulk)>,
    port: Option<Box<dyn Port>>,
    /// Its number, once it is open.
    number: Option<u64>,
    at: u32,
    body: Buffer,
    /// What was sent last, and the program has not been told that the next can follow.
    sent: Option<Message>,
    /// The event that has come and did not fit.
    held: Option<PortEvent>,
}

impl OpenPort {
    fn take_body(&mut self, cx: &Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        self.body = cx
            .memory
            .buffer::<u8>(at.wrapping_add(offset_of!(Message, body) as u32), "body")?;
        self.at = at;
        Ok(())
    }

    /// Checks what the program sends.
    fn post_body(&mut self, cx: &Reading<'_, Host>, at: u32, op: PortOp, message: Message) -> Result<(), Fault> {
        let invalid = |why: &str| Fault::failure(Code::Invalid, why.to_owned());
        if self.number.is_none() {
            return Err(invalid("nothing can be sent before the port is open"));
        }
        if message.body.size.get() as usize > LONGEST {
            return Err(Fault::failure(Code::Limit, format!("at most {LONGEST} bytes at once")));
        }
        let part = (op == PortOp::SendPart).then(|| {
            let (stream, offset) = (message.stream.get(), message.offset.get());
            let (last, aborted) = (stream & Message::LAST != 0, stream & Message::ABORT != 0);
            Part {
                stream: stream & NUMBER,
                offset,
                last,
                aborted,
            }
        });
        if part.is_some_and(|part| part.last && part.aborted) {
            return Err(invalid("a stream that ends is whole or not"));
        }
        cx.memory.list::<u8>(message.body, "body")?;
        self.take_body(cx, at)?;
        let (size, data) = (message.body.size.get(), message.body.data.get());
        self.posted = Some((message, part, Bulk::new(cx.memory, data, size.into(), "body")?));
        Ok(())
    }

    /// Writes what it says over the posted message, unless the body does not fit.
    fn deliver(&self, cx: &mut Cx<'_, Host>, message: Message, body: &[u8]) -> bool {
        let fits = cx.memory.fill(&[(self.body, body)]);
        if fits {
            cx.memory
                .deliver(self.at, &message.as_bytes()[..offset_of!(Message, body)]);
        }
        fits
    }
}

impl Channel<Host> for OpenPort {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        let message: Message = cx.memory.read(at, "Port")?;
        let op = PortOp::from_number(message.op.get())
            .ok_or_else(|| Fault::failure(Code::Unsupported, format!("there is no port op {}", message.op)))?;
        if matches!(op, PortOp::Send | PortOp::SendPart) {
            return self.post_body(cx, at, op, message);
        }
        self.take_body(cx, at)?;
        match op {
            PortOp::Open if self.port.is_none() => self.wanted = Some(message.port.get()),
            _ if self.port.is_none() && self.wanted.is_none() => {
                return Err(Fault::failure(Code::Invalid, "a port is opened first"));
            }
            _ => {}
        }
        Ok(())
    }

    fn repost(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        cx.memory.read::<Message>(at, "Port")?;
        self.take_body(cx, at)
    }

    fn hold(&mut self, cx: &mut Reading<'_, Host>) -> Result<(), Failure> {
        self.posted.as_mut().map_or(Ok(()), |(_, _, body)| body.hold(cx))
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        if let Some(number) = self.wanted.take() {
            let waker = cx.waker();
            self.port = Some(cx.host.services.broker.open(number, waker));
            // Where there is no broker it has failed already.
            return Ok(Sent::Ready);
        }
        let (Some((message, part, body)), Some(port)) = (self.posted.take(), &mut self.port) else {
            return Ok(Sent::Waiting);
        };
        port.send(message.peer.get(), part, body.bytes(&cx.memory))?;
        self.sent = Some(message);
        Ok(if port.has_room() { Sent::Ready } else { Sent::Waiting })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let Some(port) = &mut self.port else {
            return Ok(Received::Nothing);
        };
        let of = |op: PortOp| Message {
            op: op.number().into(),
            ..Message::default()
        };
        if let Some(sent) = self.sent.take_if(|_| port.has_room()) {
            let number = self.number.unwrap_or_default();
            self.deliver(
                cx,
                Message {
                    port: number.into(),
                    ..sent
                },
                &[],
            );
            return Ok(Received::More);
        }
        let event = match self.held.take() {
            Some(held) => Some(held),
            None => port.take()?,
        };
        let Some(event) = event else {
            return Ok(Received::Nothing);
        };
        if let PortEvent::Opened(number) = event {
            self.number = Some(number);
        }
        let port = self.number.unwrap_or_default().into();
        let fits = match &event {
            PortEvent::Opened(_) => self.deliver(
                cx,
                Message {
                    port,
                    ..of(PortOp::Open)
                },
                &[],
            ),
            PortEvent::Message { peer, part: None, body } => self.deliver(
                cx,
                Message {
                    port,
                    peer: (*peer).into(),
                    ..of(PortOp::Message)
                },
                body,
            ),
            PortEvent::Message {
                peer,
                part: Some(part),
                body,
            } => {
                let last = if part.last { Message::LAST } else { 0 };
                let aborted = if part.aborted { Message::ABORT } else { 0 };
                let (stream, offset) = ((part.stream | last | aborted).into(), part.offset.into());
                self.deliver(
                    cx,
                    Message {
                        port,
                        peer: (*peer).into(),
                        stream,
                        offset,
                        ..of(PortOp::Part)
                    },
                    body,
                )
            }
            PortEvent::Lost {
                peer,
                stream,
                count,
                code,
            } => {
                let op = if stream.is_some() {
                    PortOp::StreamLost
                } else {
                    PortOp::Lost
                };
                let (peer, stream) = ((*peer).into(), stream.unwrap_or(*count).into());
                self.deliver(
                    cx,
                    Message {
                        port,
                        peer,
                        stream,
                        offset: (*code as u64).into(),
                        ..of(op)
                    },
                    &[],
                )
            }
        };
        if !fits {
            self.held = Some(event);
            return Ok(Received::TooSmall);
        }
        Ok(Received::More)
    }
}

#[derive(Default)]
struct Resolve {
    at: u32,
    /// What the last message wants resolved.
    posted: Option<String>,
    pending: Pending<u64>,
}

impl Channel<Host> for Resolve {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        let message: Object = cx.memory.read(at, "Resolve")?;
        if message.object.size.get() as usize > LONGEST_ID {
            return Err(Fault::failure(
                Code::Invalid,
                format!("an id has at most {LONGEST_ID} bytes"),
            ));
        }
        self.posted = Some(cx.memory.text(message.object, "object")?.to_owned());
        self.at = at;
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        if let Some(object) = self.posted.take() {
            // One ready comes, for the last message.
            let told = self.pending.begin(cx.waker());
            cx.host.services.broker.resolve(&object, told);
        }
        Ok(self.pending.sent())
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let Some(port) = self.pending.take() else {
            return Ok(Received::Nothing);
        };
        let port = U64::new(port?);
        cx.memory
            .deliver(self.at.wrapping_add(offset_of!(Object, port) as u32), &port);
        Ok(Received::Delivered)
    }
}
