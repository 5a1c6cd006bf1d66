//! Ports on the message broker, where native programs and other Portico programs are: commands 57 and 58.
//!
//! The user is asked before a program opens its first one. What answers a message is found by the number of its port, or
//! by the object that is wanted ([`resolve`]).
//!
//! ```
//! # async fn program() -> Result<(), portico_sdk::Error> {
//! use portico_sdk::port::{Event, Port};
//!
//! // A service: answers whatever comes.
//! let mut port = Port::open(2917).await?;
//! loop {
//!     if let Event::Message { peer, body } = port.next().await? {
//!         port.send(peer, &body.to_ascii_uppercase()).await?;
//!     }
//! }
//! # }
//! # async fn other() -> Result<(), portico_sdk::Error> {
//! # use portico_sdk::port::Port;
//! use std::time::Duration;
//!
//! // Who uses it.
//! let mut port = Port::open(0).await?;
//! assert_eq!(port.request(2917, b"hello", Duration::from_secs(5)).await?, b"HELLO");
//! # Ok(())
//! # }
//! ```

use crate::buffer::Buffer;
use crate::channel::{Channel, text};
use crate::error::Error;
use crate::host;
use crate::runtime::{Message, Next};
use crate::timer;
use futures_core::Stream;
use portico_abi::{Code, List, Port as Packed, PortOp, Resolve, which};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Bytes of a part that a stream sends at once.
const PART: usize = 64 << 10;
/// Bytes that wait here before no more are taken from the host.
const WAITING: usize = 1 << 20;
/// What a receipt counts besides its bytes.
const RECEIPT: usize = 64;
/// Bits of a stream's number.
const NUMBER: u32 = !(Packed::LAST | Packed::ABORT);

/// What comes on a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message.
    Message {
        /// Port that it comes from.
        peer: u64,
        /// What it says.
        body: Vec<u8>,
    },
    /// A part of a stream.
    Part(Part),
    /// Something was not delivered.
    Lost(Lost),
}

/// A part of a stream that has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Port that it comes from.
    pub peer: u64,
    /// Number of the stream: no other unfinished one of this port has it.
    pub stream: u32,
    /// Where it belongs: parts come in order and without gaps.
    pub offset: u64,
    /// Whether the stream ends with it.
    pub end: End,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// Whether a stream goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Another part follows.
    Open,
    /// It has ended and is whole.
    Whole,
    /// It has ended and is not whole: its sender gave up or went.
    Aborted,
}

/// What was sent and not delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Port that it was sent to.
    pub peer: u64,
    /// The stream that has ended with that, or nothing for messages.
    pub stream: Option<u32>,
    /// How many messages; 1 for a stream.
    pub count: u32,
    /// Why: `Unavailable` where nobody has the port, `Denied` where it is private, `Disconnected` where its owner went,
    /// `Limit` for more than the broker takes, `Unsupported` where the owner takes no streams.
    pub code: Code,
}

/// What is posted for receipts, and what has come.
struct Mail {
    packed: Packed,
    buffer: Buffer<u8>,
    /// The number, once it is open.
    number: Option<u64>,
    /// The host has room for what is sent next.
    room: bool,
    events: VecDeque<Event>,
    /// What `events` count.
    waiting: usize,
    /// No room is posted for what comes: enough waits here.
    full: bool,
    /// The host has something that is not taken for that reason.
    held: bool,
}

impl Mail {
    fn new(number: u64) -> Self {
        let packed = Packed {
            port: number.into(),
            ..Packed::default()
        };
        let (events, buffer) = (VecDeque::new(), Buffer::new(4096));
        Self {
            packed,
            buffer,
            number: None,
            room: true,
            events,
            waiting: 0,
            full: false,
            held: false,
        }
    }

    /// What says where receipts go.
    fn post(&mut self) -> Packed {
        let op = if self.number.is_some() {
            PortOp::Message
        } else {
            PortOp::Open
        };
        let body = if self.full { List::default() } else { self.buffer.list() };
        Packed {
            op: op.number().into(),
            port: self.packed.port,
            body,
            ..Packed::default()
        }
    }

    fn push(&mut self, event: Event) {
        self.waiting += RECEIPT + length(&event);
        self.full = self.waiting >= WAITING;
        self.events.push_back(event);
    }

    fn remove(&mut self, at: usize) -> Option<Event> {
        let event = self.events.remove(at)?;
        self.waiting -= RECEIPT + length(&event);
        Some(event)
    }
}

fn length(event: &Event) -> usize {
    match event {
        Event::Message { body, .. } | Event::Part(Part { body, .. }) => body.len(),
        Event::Lost(_) => 0,
    }
}

impl Message for Mail {
    fn prepare(&mut self) -> u32 {
        self.packed = self.post();
        host::address(&raw const self.packed)
    }

    fn receive(&mut self) -> Next {
        let Packed {
            op,
            port,
            peer,
            stream,
            offset,
            body,
        } = self.packed;
        let (peer, stream) = (peer.get(), stream.get());
        if self.full && body.size.get() > 0 {
            self.held = true;
            return Next::Ready;
        }
        let Some(body) = self.buffer.received(body) else {
            return Next::Again;
        };
        let body = body.to_vec();
        let code = || Code::from_number(offset.get() as u32).unwrap_or(Code::Failed);
        let event = match PortOp::from_number(op.get()) {
            Some(PortOp::Open) => {
                self.number = Some(port.get());
                return Next::Ready;
            }
            Some(PortOp::Send | PortOp::SendPart) => {
                self.room = true;
                return Next::Ready;
            }
            Some(PortOp::Message) => Event::Message { peer, body },
            Some(PortOp::Part) => {
                let end = match stream & !NUMBER {
                    0 => End::Open,
                    Packed::LAST => End::Whole,
                    _ => End::Aborted,
                };
                Event::Part(Part {
                    peer,
                    stream: stream & NUMBER,
                    offset: offset.get(),
                    end,
                    body,
                })
            }
            Some(PortOp::Lost) => Event::Lost(Lost {
                peer,
                stream: None,
                count: stream,
                code: code(),
            }),
            Some(PortOp::StreamLost) => Event::Lost(Lost {
                peer,
                stream: Some(stream),
                count: 1,
                code: code(),
            }),
            // What a later host may tell is not for this program.
            None => return Next::Ready,
        };
        self.push(event);
        // What stays posted has room for a receipt; when enough waits, it must not.
        if self.full { Next::Changed } else { Next::Ready }
    }
}

/// A message that only takes something out of the program, or makes room.
struct Other {
    packed: Packed,
    body: Vec<u8>,
}

impl Message for Other {
    fn prepare(&mut self) -> u32 {
        if !self.body.is_empty() {
            self.packed.body = text_of(&self.body);
        }
        host::address(&raw const self.packed)
    }
}

fn text_of(bytes: &[u8]) -> List {
    List {
        size: (bytes.len() as u32).into(),
        data: host::address(bytes.as_ptr()).into(),
    }
}

/// An open port. Dropping it closes it: streams from and to it end.
///
/// What comes waits here until it is taken; when a MiB does, senders wait. Also a [`Stream`], which ends after the first
/// failure.
pub struct Port {
    channel: Channel<Mail>,
    number: u64,
    streams: u32,
    ended: bool,
}

impl Port {
    /// Opens a port with this number, or with one that the broker chooses for 0. The user may be asked first.
    ///
    /// # Errors
    /// `Denied` when the user says no, or the number is reserved; `Unavailable` when somebody else has it, or where there is
    /// no broker.
    pub async fn open(number: u64) -> Result<Self, Error> {
        let channel = Channel::open(which::PORT, Mail::new(number));
        let number = poll_fn(|context| {
            loop {
                if let Some(number) = channel.with(|mail| mail.number) {
                    return Poll::Ready(Ok(number));
                }
                std::task::ready!(channel.poll(context))?;
            }
        });
        let number = number.await?;
        Ok(Self {
            channel,
            number,
            streams: 0,
            ended: false,
        })
    }

    /// Its number.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Sends a message of at most 64 MiB, and waits until the next can follow. Whether it arrives isn't known then: if it does
    /// not, an [`Event::Lost`] comes.
    ///
    /// # Errors
    /// Why the host closed the port.
    pub async fn send(&mut self, peer: u64, body: &[u8]) -> Result<(), Error> {
        self.post(PortOp::Send, peer, 0, 0, body);
        self.room().await
    }

    /// Sends a message and waits for one from there that was not taken yet, for so long at most. What else comes is kept.
    ///
    /// # Errors
    /// Why it was not delivered, as [`Lost::code`] says; `Unavailable` when no answer came in time; why the host closed the
    /// port.
    pub async fn request(&mut self, peer: u64, body: &[u8], patience: Duration) -> Result<Vec<u8>, Error> {
        self.post(PortOp::Send, peer, 0, 0, body);
        let mut sleep = pin!(timer::sleep(patience));
        let answers = |event: &Event| match event {
            Event::Message { peer: from, .. } => *from == peer,
            Event::Lost(lost) => lost.peer == peer && lost.stream.is_none(),
            Event::Part(_) => false,
        };
        let answer = poll_fn(|context| {
            if let Poll::Ready(event) = self.poll(context, answers) {
                return Poll::Ready(event.map(Some));
            }
            sleep.as_mut().poll(context).map(|slept| slept.map(|_| None))
        });
        match answer.await? {
            Some(Event::Message { body, .. }) => Ok(body),
            Some(Event::Lost(lost)) => Err(Error::new(lost.code, "the message was not delivered")),
            Some(Event::Part(_)) | None => Err(Error::new(Code::Unavailable, "no answer came in time")),
        }
    }

    /// Begins a stream, which may be as long as it wants.
    pub fn stream(&mut self, peer: u64) -> Outgoing<'_> {
        self.streams = self.streams.wrapping_add(1) & NUMBER;
        Outgoing {
            peer,
            stream: self.streams,
            offset: 0,
            state: Sending::Begun,
            port: self,
        }
    }

    /// Waits for what comes next.
    ///
    /// # Errors
    /// Why the host closed the port; what came before that is handed out first.
    pub async fn next(&mut self) -> Result<Event, Error> {
        poll_fn(|context| self.poll(context, |_| true)).await
    }

    /// What has come, if anything has; never waits.
    pub fn take(&mut self) -> Option<Event> {
        match self.poll(&mut Context::from_waker(Waker::noop()), |_| true) {
            Poll::Ready(event) => event.ok(),
            Poll::Pending => None,
        }
    }

    fn poll(&self, context: &mut Context<'_>, wanted: impl Fn(&Event) -> bool) -> Poll<Result<Event, Error>> {
        loop {
            if let Some(event) = self.find(&wanted) {
                return Poll::Ready(Ok(event));
            }
            std::task::ready!(self.channel.poll(context))?;
        }
    }

    /// Takes the first event that is wanted, of those that have come.
    fn find(&self, wanted: impl Fn(&Event) -> bool) -> Option<Event> {
        let (event, room) = self.channel.with(|mail| {
            let at = mail.events.iter().position(wanted);
            let event = at.and_then(|at| mail.remove(at));
            // Who looks for something else must not wait for ever because enough waits that is not wanted.
            let room = mail.waiting < WAITING || event.is_none();
            (event, room)
        });
        if room {
            self.take_more();
        }
        event
    }

    /// Posts room for what comes, if there was none.
    fn take_more(&self) {
        let full = self.channel.with(|mail| {
            mail.held = false;
            std::mem::take(&mut mail.full)
        });
        if full {
            self.channel.send();
        }
    }

    fn post(&self, op: PortOp, peer: u64, stream: u32, offset: u64, body: &[u8]) {
        let packed = Packed {
            op: op.number().into(),
            port: self.number.into(),
            peer: peer.into(),
            stream: stream.into(),
            offset: offset.into(),
            body: List::default(),
        };
        let sent = Other {
            packed,
            body: body.to_vec(),
        };
        let room = self.channel.with(|mail| {
            mail.room = false;
            // The host heeds nothing else while what it holds has no room.
            let held = std::mem::take(&mut mail.held);
            held.then(|| Other {
                packed: Packed {
                    body: mail.buffer.list(),
                    ..mail.post()
                },
                body: Vec::new(),
            })
        });
        self.channel.send_after(room.into_iter().chain([sent]));
    }

    /// Waits until the host has room. Two programs that send each other more than they take must not wait for ever.
    async fn room(&self) -> Result<(), Error> {
        poll_fn(|context| {
            loop {
                let (room, held) = self.channel.with(|mail| (mail.room, mail.held));
                if room {
                    return Poll::Ready(Ok(()));
                }
                if held {
                    self.take_more();
                }
                std::task::ready!(self.channel.poll(context))?;
            }
        })
        .await
    }
}

impl Stream for Port {
    type Item = Result<Event, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let event = std::task::ready!(self.poll(context, |_| true));
        self.ended = event.is_err();
        Poll::Ready(Some(event))
    }
}

/// How far a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sending {
    Begun,
    Going,
    Ended,
}

/// A stream to another port. Dropped before [`Outgoing::finish`], it is aborted.
pub struct Outgoing<'a> {
    port: &'a mut Port,
    peer: u64,
    stream: u32,
    offset: u64,
    state: Sending,
}

impl Outgoing<'_> {
    /// Its number, as [`Lost::stream`] has it.
    pub fn number(&self) -> u32 {
        self.stream
    }

    /// Sends more of it, and waits until the next can follow.
    ///
    /// # Errors
    /// Why it can't be delivered, as [`Lost::code`] says, or why the host closed the port.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        for part in bytes.chunks(PART) {
            self.send(0, part).await?;
        }
        Ok(())
    }

    /// Ends it.
    ///
    /// # Errors
    /// As [`Outgoing::write`].
    pub async fn finish(mut self) -> Result<(), Error> {
        self.send(Packed::LAST, &[]).await
    }

    async fn send(&mut self, flags: u32, part: &[u8]) -> Result<(), Error> {
        let (peer, stream) = (self.peer, self.stream);
        let lost =
            |event: &Event| matches!(event, Event::Lost(lost) if (lost.peer, lost.stream) == (peer, Some(stream)));
        if let Some(Event::Lost(lost)) = self.port.find(lost) {
            self.state = Sending::Ended;
            return Err(Error::new(lost.code, "the stream was not delivered"));
        }
        self.state = if flags == 0 { Sending::Going } else { Sending::Ended };
        self.port
            .post(PortOp::SendPart, peer, stream | flags, self.offset, part);
        self.offset += part.len() as u64;
        self.port.room().await
    }
}

impl Drop for Outgoing<'_> {
    fn drop(&mut self) {
        if self.state == Sending::Going {
            self.port.post(
                PortOp::SendPart,
                self.peer,
                self.stream | Packed::ABORT,
                self.offset,
                &[],
            );
        }
    }
}

struct Wanted {
    packed: Resolve,
    object: String,
}

impl Message for Wanted {
    fn prepare(&mut self) -> u32 {
        self.packed.object = text(&self.object);
        host::address(&raw const self.packed)
    }
}

/// The port of what handles an object, `type:location:id` with an empty location for this machine. It is started if need be.
/// The user may be asked first.
///
/// # Errors
/// `Denied` when the user says no; `Unavailable` when nothing handles it, or it does not come up in time; `Failed` when it
/// could not be started; `Invalid` when that is no id of an object.
pub async fn resolve(object: &str) -> Result<u64, Error> {
    let wanted = Wanted {
        packed: Resolve::default(),
        object: object.to_owned(),
    };
    let channel = Channel::open(which::RESOLVE, wanted);
    channel.ready().await?;
    Ok(channel.with(|wanted| wanted.packed.port.get()))
}
