//! A client of the broker, which waits for what it asks; [`asynchronous`] is one that lets others go on meanwhile.
//!
//! A service and who uses it:
//!
//! ```
//! use portico_broker::client::{Address, Client, Event};
//! use portico_broker::server::{Broker, Config};
//! use std::ops::ControlFlow;
//! use std::thread;
//! use std::time::Duration;
//!
//! # let broker = Broker::bind(Config { address: Some("127.0.0.1:0".parse()?), ..Config::default() })?;
//! # let address = Address::Tcp(broker.address().ok_or("no address")?);
//! # thread::spawn(move || broker.run());
//! let mut service = Client::connect(&address)?;
//! let port = service.open(2917)?;
//! let serving = thread::spawn(move || {
//!     service.run(|service, event| {
//!         let Event::Message(asked) = event else { return Ok(ControlFlow::Continue(())) };
//!         service.send(asked.destination, asked.source, &asked.data.to_ascii_uppercase())?;
//!         Ok(if asked.data == b"bye" { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
//!     })
//! });
//!
//! let mut client = Client::connect(&address)?;
//! let own = client.open(0)?;
//! let answer = client.request(own, port, b"hello", Duration::from_secs(5))?;
//! assert_eq!(answer.data, b"HELLO");
//! client.send(own, port, b"bye")?;
//! # serving.join().map_err(|_| "the service failed")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod asynchronous;
mod inbox;
#[cfg(windows)]
mod piped;
mod session;
mod stream;

pub use crate::address::{Address, is_service};
#[cfg(feature = "fuzz")]
pub use inbox::drive;
pub use stream::{Incoming, Outgoing};

use crate::object::ObjectId;
use crate::socket::Socket;
use crate::wire::{
    Authenticated, ClosedPort, Code, EXTENDED, Fixed, Listing, Malformed, OpenedPort, PRIVATE, Resolved, Serving,
};
use ed25519_dalek::SigningKey;
use mio::{Events, Interest, Poll, Token};
use session::{Session, done};
use std::io;
use std::io::{ErrorKind, IoSlice};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// Bytes that are read at once.
const READ: usize = 64 * 1024;

/// Reason why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The connection failed.
    #[error("the connection to the broker failed: {0}")]
    Connection(#[from] io::Error),
    /// The broker has closed the connection.
    #[error("the broker has closed the connection")]
    Ended,
    /// The broker, or who claims to be it, sent no frames.
    #[error("the broker sent {0}")]
    Malformed(#[from] Malformed),
    /// The broker says no.
    #[error("{0}")]
    Refused(Code),
    /// It took too long.
    #[error("no answer in time")]
    TimedOut,
    /// It can't be sent in one frame.
    #[error("longer than a frame may be")]
    TooLong,
}

/// A message that has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Port that it comes from.
    pub source: u64,
    /// The own port that it was sent to.
    pub destination: u64,
    /// Its sender's tag.
    pub tag: u32,
    /// Its bytes.
    pub data: Vec<u8>,
    /// The private port that may be sent to from now on, if it handed over that right.
    pub right: Option<u64>,
}

/// Names a stream: its source, its destination, and its sender's number for it.
pub type StreamId = (u64, u64, u64);

/// A piece of a stream that has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its stream.
    pub stream: StreamId,
    /// Where it belongs.
    pub offset: u64,
    /// [`FIRST`](crate::wire::FIRST), [`LAST`](crate::wire::LAST), [`ABORT`](crate::wire::ABORT).
    pub flags: u32,
    /// Its bytes.
    pub data: Vec<u8>,
}

/// Report of messages, or a stream, that did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The own port.
    pub source: u64,
    /// Port that it was sent to.
    pub destination: u64,
    /// The stream that has ended, or nothing for messages.
    pub stream: Option<u64>,
    /// Tag of the first message lost.
    pub tag: u32,
    /// How many messages from this source to this destination were lost, from that one on.
    pub count: u32,
    /// Why.
    pub code: Code,
}

/// An event that a client receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message.
    Message(Message),
    /// A piece of a stream.
    Piece(Piece),
    /// Something was not delivered.
    Lost(Lost),
}

/// Losses by the end of a connection. Messages on their way at that time may be lost without a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Broken {
    /// Ports that could not be opened again.
    pub ports: Vec<(u64, Code)>,
    /// Unfinished streams, in both directions.
    pub streams: Vec<StreamId>,
    /// Private ports of others that can't be sent to any more.
    pub rights: Vec<u64>,
}

/// A connection to the broker.
///
/// Whatever comes while it waits for something else is kept for [`Client::receive`], in order. While it can't write because
/// the broker waits for a slow receiver, it goes on reading, so that two clients that flood each other don't wait for ever.
#[derive(Debug)]
pub struct Client {
    address: Address,
    socket: Socket,
    /// Goes after the socket: it gives back what the system has lent to one that has gone.
    poll: Poll,
    events: Events,
    /// What was written last may be within this process still.
    writing: bool,
    buffer: Box<[u8]>,
    session: Session,
}

impl Client {
    /// Connects to a broker.
    ///
    /// # Errors
    /// If there is none.
    pub fn connect(address: &Address) -> Result<Self, Error> {
        let mut events = Events::with_capacity(4);
        let (socket, poll) = Self::dial(address, &mut events)?;
        Ok(Self {
            address: address.clone(),
            socket,
            poll,
            events,
            writing: false,
            buffer: vec![0; READ].into(),
            session: Session::default(),
        })
    }

    fn dial(address: &Address, events: &mut Events) -> io::Result<(Socket, Poll)> {
        let mut socket = Socket::connect(address)?;
        let mut poll = Poll::new()?;
        poll.registry()
            .register(socket.source(), Token(0), Interest::READABLE)?;
        if socket.keeps() {
            // That there is room at first is no news.
            poll.poll(events, Some(Duration::ZERO))?;
        }
        Ok((socket, poll))
    }

    /// Connects again, and opens the same ports again. What had come already stays.
    ///
    /// # Errors
    /// If there is no broker; the client can then only try again.
    pub fn reconnect(&mut self) -> Result<Broken, Error> {
        let (socket, poll) = Self::dial(&self.address, &mut self.events)?;
        self.socket.abandon();
        self.socket = socket;
        self.poll = poll;
        self.writing = false;
        let ports = self.session.broken();
        let label = self.session.called().to_owned();
        if !label.is_empty() {
            self.label(&label)?;
        }
        for (port, flags) in ports {
            let opened = self.open_with(port, flags);
            self.session.opened_again(port, opened)?;
        }
        Ok(self.session.what_broke())
    }

    /// Opens a port; 0 for one that the broker chooses. Returns its number.
    ///
    /// # Errors
    /// [`Code::Taken`], [`Code::NotPermitted`] if it is reserved, [`Code::TooMany`].
    pub fn open(&mut self, port: u64) -> Result<u64, Error> {
        self.open_with(port, EXTENDED)
    }

    /// Opens a port that only those can send to who were handed the right, with [`Client::send_right`].
    ///
    /// # Errors
    /// As [`Client::open`].
    pub fn open_private(&mut self, port: u64) -> Result<u64, Error> {
        self.open_with(port, EXTENDED | PRIVATE)
    }

    fn open_with(&mut self, port: u64, flags: u32) -> Result<u64, Error> {
        let (request, ask) = self.session.open(port, flags);
        self.write(ask, &[])?;
        let (answer, _) = self.answer::<OpenedPort>(request)?;
        self.session.opened(&answer, flags)
    }

    /// Closes a port. Streams from and to it end.
    ///
    /// # Errors
    /// If it isn't the client's.
    pub fn close(&mut self, port: u64) -> Result<(), Error> {
        let (request, ask) = self.session.close(port);
        self.write(ask, &[])?;
        let (answer, _) = self.answer::<ClosedPort>(request)?;
        self.session.closed(&answer)
    }

    /// Sends a message. Returns the tag that an [`Event::Lost`] would have.
    ///
    /// # Errors
    /// If the connection fails. Whether it arrives isn't known when this returns.
    pub fn send(&mut self, source: u64, destination: u64, data: &[u8]) -> Result<u32, Error> {
        let (tag, message) = self.session.send(source, destination, data)?;
        self.write(message, data)?;
        Ok(tag)
    }

    /// Sends a message of at most 64 KiB that hands over the right to send to a private port, the client's own or one that it
    /// was handed the right to.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub fn send_right(&mut self, source: u64, destination: u64, right: u64, data: &[u8]) -> Result<u32, Error> {
        let (tag, message) = self.session.send_right(source, destination, right, data)?;
        self.write(message, data)?;
        Ok(tag)
    }

    /// Begins a stream.
    pub fn stream(&mut self, source: u64, destination: u64) -> Outgoing<'_> {
        let id = self.session.stream(source, destination);
        Outgoing::new(self, id)
    }

    /// Reads a stream of which a piece has come, from that piece on.
    pub fn read_stream(&mut self, piece: Piece) -> Incoming<'_> {
        Incoming::new(self, piece)
    }

    /// Waits for the next event; nothing if the time is over first. Without a time it waits for as long as it takes.
    ///
    /// # Errors
    /// If the connection fails.
    pub fn receive(&mut self, time: Option<Duration>) -> Result<Option<Event>, Error> {
        let until = time.map(|time| Instant::now() + time);
        self.take(until, |_| true)
    }

    /// Returns an event that has come already.
    ///
    /// # Errors
    /// If the connection fails.
    pub fn poll(&mut self) -> Result<Option<Event>, Error> {
        self.receive(Some(Duration::ZERO))
    }

    /// Sends a message and waits for the next one from there to the same port.
    ///
    /// # Errors
    /// [`Error::TimedOut`], or [`Error::Refused`] if it could not be delivered.
    pub fn request(&mut self, source: u64, destination: u64, data: &[u8], time: Duration) -> Result<Message, Error> {
        let until = Instant::now() + time;
        let tag = self.send(source, destination, data)?;
        session::answered(self.take(Some(until), session::answers(source, destination, tag))?)
    }

    /// Deals with everything that comes until the handler breaks.
    ///
    /// # Errors
    /// If the connection fails, or what the handler returns.
    pub fn run(
        &mut self,
        mut handler: impl FnMut(&mut Self, Event) -> Result<ControlFlow<()>, Error>,
    ) -> Result<(), Error> {
        loop {
            if let Some(event) = self.receive(None)?
                && handler(self, event)?.is_break()
            {
                return Ok(());
            }
        }
    }

    /// Shows the token that the broker has put into this process's environment: the client is the service from now on. It can
    /// be shown once.
    ///
    /// # Errors
    /// [`Code::NotPermitted`] if there is none, or it isn't good any more.
    pub fn authenticate(&mut self) -> Result<(), Error> {
        let (request, ask) = self.session.authenticate()?;
        self.write(ask, &[])?;
        done(self.answer::<Authenticated>(request)?.0.code)
    }

    /// Proves to hold a service's key: the client is that service from now on.
    ///
    /// # Errors
    /// [`Code::NotPermitted`] if no service has that key.
    pub fn prove(&mut self, key: &SigningKey) -> Result<(), Error> {
        let (request, ask) = self.session.prove(key);
        self.write(ask, &[])?;
        let challenge = loop {
            if let Some(challenge) = self.session.challenged(request)? {
                break challenge;
            }
            self.more(None)?;
        };
        let (request, proof) = self.session.proof(key, &challenge);
        self.write(proof, &[])?;
        done(self.answer::<Authenticated>(request)?.0.code)
    }

    /// Says that a port handles a type, or one object.
    ///
    /// # Errors
    /// [`Code::NotPermitted`] if there is a service for it that this client isn't, [`Code::Taken`], [`Code::NotAnId`].
    pub fn serve(&mut self, name: &str, port: u64) -> Result<(), Error> {
        let (request, ask) = self.session.serve(name, port)?;
        self.write(ask, name.as_bytes())?;
        done(self.answer::<Serving>(request)?.0.code)
    }

    /// Finds the port that handles an object, whose service is started if need be. Waits at most so long, to the millisecond;
    /// without a time, for as long as the broker thinks right.
    ///
    /// # Errors
    /// [`Error::Refused`] with why there is none.
    pub fn resolve(&mut self, object: &ObjectId, time: Option<Duration>) -> Result<u64, Error> {
        let text = object.to_string();
        let (request, ask) = self.session.resolve(&text, time);
        self.write(ask, text.as_bytes())?;
        loop {
            let (answer, _) = self.answer::<Resolved>(request)?;
            if answer.code != Code::Starting as u8 {
                done(answer.code)?;
                return Ok(answer.port.get());
            }
        }
    }

    /// Says what this client calls itself, for people who look at the directory; nobody checks it.
    ///
    /// # Errors
    /// If the connection fails.
    pub fn label(&mut self, label: &str) -> Result<(), Error> {
        let frame = self.session.label(label);
        let label = self.session.called().to_owned();
        self.write(frame, label.as_bytes())
    }

    /// Reads the directory: connections with their traffic, ports and services, as the book's page says.
    ///
    /// # Errors
    /// If the connection fails.
    pub fn directory(&mut self) -> Result<serde_json::Value, Error> {
        self.list(None)
    }

    /// Reads the directory of a broker that may be stopped: waits for so long at most.
    ///
    /// # Errors
    /// [`Error::TimedOut`], or if the connection fails.
    pub fn directory_within(&mut self, time: Duration) -> Result<serde_json::Value, Error> {
        self.list(Some(Instant::now() + time))
    }

    /// The broker's process, where the system tells.
    pub fn process(&self) -> Option<u32> {
        self.socket.process()
    }

    fn list(&mut self, until: Option<Instant>) -> Result<serde_json::Value, Error> {
        let (request, ask) = self.session.list();
        self.write(ask, &[])?;
        session::directory(&self.answer_by::<Listing>(request, until)?.1)
    }

    fn answer<T: Fixed>(&mut self, request: u32) -> Result<(T, Vec<u8>), Error> {
        self.answer_by(request, None)
    }

    fn answer_by<T: Fixed>(&mut self, request: u32, until: Option<Instant>) -> Result<(T, Vec<u8>), Error> {
        loop {
            if let Some(answer) = self.session.inbox.answer(T::KIND, request)? {
                return Ok(answer);
            }
            if !self.more(until)? {
                return Err(Error::TimedOut);
            }
        }
    }

    /// The first event that is wanted, of those that came and then of those that come.
    fn take(&mut self, until: Option<Instant>, wanted: impl Fn(&Event) -> bool) -> Result<Option<Event>, Error> {
        let mut looked_at = 0;
        loop {
            if let Some(event) = self.session.inbox.take(&mut looked_at, &wanted) {
                return Ok(Some(event));
            }
            if !self.more(until)? {
                return Ok(None);
            }
        }
    }

    /// Waits for bytes and reads them; false if the time is over first.
    fn more(&mut self, until: Option<Instant>) -> Result<bool, Error> {
        loop {
            if self.fill()? {
                return Ok(true);
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            self.wait(left)?;
            if left == Some(Duration::ZERO) {
                return self.fill();
            }
        }
    }

    /// Reads what is there; false if there is nothing.
    fn fill(&mut self) -> Result<bool, Error> {
        loop {
            match self.socket.read(&mut self.buffer) {
                Ok(0) => return Err(Error::Ended),
                Ok(count) => {
                    self.session.inbox.feed(&self.buffer[..count])?;
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn wait(&mut self, time: Option<Duration>) -> Result<(), Error> {
        match self.poll.poll(&mut self.events, time) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            other => other?,
        }
        self.writing &= !self.events.iter().any(|event| event.is_writable());
        Ok(())
    }

    fn write<T: Fixed>(&mut self, frame: T, data: &[u8]) -> Result<(), Error> {
        let frame = frame.with_header(data.len());
        let (mut first, mut second) = (frame.as_bytes(), data);
        let mut full = false;
        while !first.is_empty() || !second.is_empty() {
            match self.socket.write(&[IoSlice::new(first), IoSlice::new(second)]) {
                Ok(0) => return Err(Error::Ended),
                Ok(count) => {
                    self.writing = self.socket.keeps();
                    let of_first = count.min(first.len());
                    first = &first[of_first..];
                    second = &second[count - of_first..];
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if !full {
                        full = true;
                        self.socket.watch_room(self.poll.registry(), Token(0), true)?;
                    }
                    if !self.fill()? {
                        self.wait(None)?;
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        if full {
            self.socket.watch_room(self.poll.registry(), Token(0), false)?;
        }
        while self.writing {
            if !self.fill()? {
                self.wait(None)?;
            }
        }
        Ok(())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // Nothing is, but after an error.
        self.socket.abandon();
    }
}
