//! A process's connection to the broker, and its ports.
//!
//! The program's thread writes what it sends straight into the socket; the reactor's thread reads, and writes what waited. When
//! more waits for the program than it takes, nothing is read, and the broker makes the senders wait.

use super::Activation;
use super::inbound::{Inbound, Incoming};
use super::outbound::{MOST, Outbound, ROOM};
use super::reactor::Reactor;
use parking_lot::Mutex;
use portico_broker::Socket;
use portico_broker::wire::{
    ABORT, Authenticate, ClosePort, Code as Said, EXTENDED, FIRST, LAST, Label, OpenPort, Resolve, SendChunk,
    SendMessage, Serve, TEXT,
};
use portico_kernel::{Failure, Waker};
use portico_portals::{Code, Part, Port, PortEvent, Reply};
use std::collections::{HashMap, HashSet, VecDeque};
use std::io::{self, ErrorKind};
use std::sync::Arc;

/// Bytes that are read at once.
const READ: usize = 16 << 10;
/// Bytes that wait for the program before nothing more is read.
const WAITING: usize = 256 << 10;
/// Bytes that an event counts for besides its own.
const EVENT: usize = 128;
/// Bits of a stream's number, as programs see it.
const NUMBER: u32 = (1 << 30) - 1;

/// A connection of a process to the broker.
pub(super) struct Connection(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    /// Where it is watched, once it is connected.
    watched: Option<(Socket, Arc<Reactor>, usize)>,
    /// Why there is no connection any more.
    ended: Option<Failure>,
    /// It is no longer used, and ends when all is written.
    leaving: bool,
    out: Outbound,
    inbound: Inbound,
    /// The type or object that the next open port is to handle.
    serve: Option<String>,
    requests: u32,
    ports: HashMap<u32, State>,
    /// Names of open ports, which are the numbers of the requests that opened them.
    names: HashMap<u64, u32>,
    resolving: HashMap<u32, Reply<u64>>,
    /// Bytes that the events of all ports count for.
    waiting: usize,
    /// It isn't read.
    paused: bool,
}

/// A port as the program has it.
struct State {
    waker: Waker,
    /// Once it is open.
    number: Option<u64>,
    events: VecDeque<PortEvent>,
    closed: Option<Failure>,
    /// The program waits for room.
    wants_room: bool,
    /// Streams that the program has begun.
    outgoing: HashSet<(u64, u32)>,
    /// Streams that have begun to come, and what the program knows them by.
    incoming: HashMap<(u64, u64), u32>,
    numbers: u32,
}

impl State {
    /// The program's number for a stream that comes.
    fn incoming(&mut self, peer: u64, stream: u64) -> u32 {
        if let Some(number) = self.incoming.get(&(peer, stream)) {
            return *number;
        }
        loop {
            self.numbers = (self.numbers + 1) & NUMBER;
            if !self.incoming.values().any(|number| *number == self.numbers) {
                self.incoming.insert((peer, stream), self.numbers);
                return self.numbers;
            }
        }
    }
}

fn cost(event: &PortEvent) -> usize {
    match event {
        PortEvent::Message { body, .. } => EVENT + body.len(),
        PortEvent::Opened(_) | PortEvent::Lost { .. } => EVENT,
    }
}

/// The code for programs of a code of the broker.
fn code(said: Said) -> Code {
    match said {
        Said::Taken
        | Said::NoSuchPort
        | Said::NoHandler
        | Said::Unavailable
        | Said::TimedOut
        | Said::Resting
        | Said::Starting => Code::Unavailable,
        Said::NotPermitted => Code::Denied,
        Said::TooMany | Said::NoneLeft | Said::TooLarge => Code::Limit,
        Said::ReceiverGone => Code::Disconnected,
        Said::OutOfOrder | Said::NotAnId => Code::Invalid,
        Said::NotUnderstood => Code::Unsupported,
        Said::StartFailed | Said::NotYours | Said::Done => Code::Failed,
    }
}

fn failure(said: Said) -> Failure {
    Failure::new(code(said), format!("the message broker says: {said}"))
}

impl Connection {
    /// A connection that is not established yet. Requests are queued meanwhile.
    pub(super) fn new(label: &str, activation: Option<Activation>) -> Self {
        let mut inner = Inner::default();
        // More than the broker takes would end the connection.
        let label = &label.as_bytes()[..label.floor_char_boundary(TEXT)];
        inner.out.push(
            Label {
                size: (label.len() as u32).into(),
                ..Default::default()
            },
            label,
        );
        if let Some(Activation { token, name }) = activation {
            match u128::from_str_radix(&token, 16) {
                Ok(token) => {
                    let request = inner.request();
                    let token = token.to_be_bytes();
                    inner.out.push(
                        Authenticate {
                            request: request.into(),
                            token,
                            ..Default::default()
                        },
                        &[],
                    );
                }
                Err(_) => tracing::warn!(name, "what the broker gave this program to show is no token"),
            }
            inner.serve = Some(name);
        }
        Self(Mutex::new(inner))
    }

    /// Starts to use the established socket.
    pub(super) fn begin(self: &Arc<Self>, mut socket: Socket, reactor: &Arc<Reactor>) -> io::Result<()> {
        let mut inner = self.0.lock();
        let token = reactor.watch(&mut socket, self)?;
        inner.watched = Some((socket, Arc::clone(reactor), token));
        inner.go_on();
        Ok(())
    }

    /// Ends it, or reports that it could not be established.
    pub(super) fn end(&self, why: &Failure) {
        self.0.lock().end(why);
    }

    /// Whether it has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.0.lock().ended.is_some()
    }

    /// Ends it when all is written.
    pub(super) fn leave(&self) {
        let mut inner = self.0.lock();
        inner.leaving = true;
        inner.go_on();
    }

    /// Continues: its socket is readable or writable.
    pub(super) fn go_on(&self) {
        self.0.lock().go_on();
    }

    /// Asks which port handles an object.
    pub(super) fn resolve(&self, object: &str, told: Reply<u64>) {
        let mut inner = self.0.lock();
        if let Some(why) = &inner.ended {
            return told.give(Err(why.clone()));
        }
        let request = inner.request();
        let size = (object.len() as u32).into();
        inner.out.push(
            Resolve {
                request: request.into(),
                size,
                ..Default::default()
            },
            object.as_bytes(),
        );
        inner.resolving.insert(request, told);
        inner.go_on();
    }
}

impl Inner {
    fn request(&mut self) -> u32 {
        self.requests = self.requests.wrapping_add(1);
        self.requests
    }

    fn go_on(&mut self) {
        if let Err(error) = self.write().and_then(|()| self.read()) {
            let why = format!("the connection to the message broker has ended: {error}");
            self.end(&Failure::new(Code::Disconnected, why));
        } else if self.leaving && self.watched.is_some() && self.out.waiting() == 0 {
            self.end(&Failure::new(Code::Disconnected, "the program has ended"));
        }
    }

    fn write(&mut self) -> io::Result<()> {
        let Some((socket, ..)) = &mut self.watched else {
            return Ok(());
        };
        self.out.write(socket)?;
        if self.out.waiting() < ROOM {
            for port in self.ports.values_mut().filter(|port| port.wants_room) {
                port.wants_room = false;
                port.waker.ready();
            }
        }
        Ok(())
    }

    fn read(&mut self) -> io::Result<()> {
        let mut buffer = [0; READ];
        loop {
            self.paused = self.waiting >= WAITING;
            let Some((socket, ..)) = self.watched.as_mut().filter(|_| !self.paused) else {
                return Ok(());
            };
            match socket.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    let mut all = Vec::new();
                    let fed = self.inbound.feed(&buffer[..count], |incoming| all.push(incoming));
                    all.into_iter().for_each(|incoming| self.handle(incoming));
                    fed.map_err(|malformed| io::Error::new(ErrorKind::InvalidData, malformed))?;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        // What was heard may have been answered.
        self.write()
    }

    fn handle(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::Opened { request, outcome } => self.opened(request, outcome),
            // That it takes a while is no answer.
            Incoming::Resolved {
                outcome: Err(Said::Starting),
                ..
            } => {}
            Incoming::Resolved { request, outcome } => {
                if let Some(told) = self.resolving.remove(&request) {
                    told.give(outcome.map_err(failure));
                }
            }
            Incoming::Claimed(Said::Done) => {}
            Incoming::Claimed(said) => tracing::warn!("a program that was started to serve may not: {said}"),
            Incoming::Message {
                source,
                destination,
                body,
            } => {
                self.deliver(destination, |_| PortEvent::Message {
                    peer: source,
                    part: None,
                    body,
                });
            }
            Incoming::Piece {
                source,
                destination,
                stream,
                offset,
                flags,
                body,
            } => {
                let (last, aborted) = (flags & LAST != 0, flags & ABORT != 0);
                self.deliver(destination, |port| {
                    let part = Part {
                        stream: port.incoming(source, stream),
                        offset,
                        last,
                        aborted,
                    };
                    if last || aborted {
                        port.incoming.remove(&(source, stream));
                    }
                    PortEvent::Message {
                        peer: source,
                        part: Some(part),
                        body,
                    }
                });
            }
            Incoming::Lost {
                source,
                destination,
                stream,
                count,
                code: said,
            } => {
                let stream = stream.map(|stream| stream as u32 & NUMBER);
                self.deliver(source, |port| {
                    if let Some(stream) = stream {
                        port.outgoing.remove(&(destination, stream));
                    }
                    PortEvent::Lost {
                        peer: destination,
                        stream,
                        count,
                        code: code(said),
                    }
                });
            }
        }
    }

    fn opened(&mut self, request: u32, outcome: Result<u64, Said>) {
        let Some(port) = self.ports.get_mut(&request) else {
            // The program has closed it meanwhile.
            if let Ok(number) = outcome {
                self.close(number);
            }
            return;
        };
        match outcome {
            Ok(number) => {
                port.number = Some(number);
                self.names.insert(number, request);
                if let Some(name) = self.serve.take() {
                    let (request, size) = (self.request().into(), (name.len() as u32).into());
                    let serve = Serve {
                        request,
                        port: number.into(),
                        size,
                        ..Default::default()
                    };
                    self.out.push(serve, name.as_bytes());
                }
                self.deliver(number, |_| PortEvent::Opened(number));
            }
            Err(said) => {
                port.closed = Some(failure(said));
                port.waker.ready();
            }
        }
    }

    /// Hands a event to a port, unless the program has closed it.
    fn deliver(&mut self, number: u64, event: impl FnOnce(&mut State) -> PortEvent) {
        let port = self.names.get(&number).and_then(|name| self.ports.get_mut(name));
        let Some(port) = port else { return };
        let event = event(port);
        self.waiting += cost(&event);
        port.events.push_back(event);
        port.waker.ready();
    }

    fn close(&mut self, number: u64) {
        let request = self.request().into();
        self.out.push(
            ClosePort {
                request,
                port: number.into(),
                ..Default::default()
            },
            &[],
        );
    }

    fn end(&mut self, why: &Failure) {
        if let Some((mut socket, reactor, token)) = self.watched.take() {
            reactor.forget(&mut socket, token);
        }
        if self.ended.is_some() {
            return;
        }
        self.ended = Some(why.clone());
        self.out = Outbound::default();
        for port in self.ports.values_mut() {
            port.closed.get_or_insert_with(|| why.clone());
            port.waker.ready();
        }
        for (_, told) in self.resolving.drain() {
            told.give(Err(why.clone()));
        }
    }
}

/// A port of a process. Dropping it closes it.
pub(super) struct Opened {
    connection: Arc<Connection>,
    name: u32,
}

impl Opened {
    /// Asks the broker for a port.
    pub(super) fn new(connection: Arc<Connection>, number: u64, waker: Waker) -> Self {
        let name = {
            let mut inner = connection.0.lock();
            let name = inner.request();
            let closed = inner.ended.clone();
            if closed.is_some() {
                waker.ready();
            }
            let port = State {
                waker,
                number: None,
                events: VecDeque::new(),
                closed,
                wants_room: false,
                outgoing: HashSet::new(),
                incoming: HashMap::new(),
                numbers: 0,
            };
            inner.ports.insert(name, port);
            let (request, flags) = (name.into(), EXTENDED.into());
            inner.out.push(
                OpenPort {
                    request,
                    port: number.into(),
                    flags,
                    ..Default::default()
                },
                &[],
            );
            inner.go_on();
            name
        };
        Self { connection, name }
    }
}

impl Port for Opened {
    fn send(&mut self, peer: u64, part: Option<Part>, body: &[u8]) -> Result<(), Failure> {
        let mut inner = self.connection.0.lock();
        let inner = &mut *inner;
        let Some(port) = inner.ports.get_mut(&self.name) else {
            return Ok(());
        };
        // Why it is closed is told when it is received.
        let Some(number) = port.number.filter(|_| port.closed.is_none()) else {
            return Ok(());
        };
        if inner.out.waiting() > MOST {
            return Err(Failure::new(Code::Limit, "more was sent than the message broker takes"));
        }
        let (source, destination, size) = (number.into(), peer.into(), (body.len() as u32).into());
        match part {
            None => inner.out.push(
                SendMessage {
                    source,
                    destination,
                    size,
                    ..Default::default()
                },
                body,
            ),
            Some(Part {
                stream,
                offset,
                last,
                aborted,
            }) => {
                let begins = offset == 0 && !port.outgoing.contains(&(peer, stream));
                let flags = [(begins, FIRST), (last, LAST), (aborted, ABORT)];
                let flags = flags
                    .iter()
                    .filter(|(is, _)| *is)
                    .fold(0, |flags, (_, flag)| flags | flag);
                if last || aborted {
                    port.outgoing.remove(&(peer, stream));
                } else {
                    port.outgoing.insert((peer, stream));
                }
                let (stream, offset, flags) = (u64::from(stream).into(), offset.into(), flags.into());
                let chunk = SendChunk {
                    source,
                    destination,
                    stream,
                    offset,
                    size,
                    flags,
                    ..Default::default()
                };
                inner.out.push(chunk, body);
            }
        }
        inner.go_on();
        Ok(())
    }

    fn has_room(&self) -> bool {
        let mut inner = self.connection.0.lock();
        let room = inner.out.waiting() < ROOM;
        if let Some(port) = inner.ports.get_mut(&self.name) {
            port.wants_room = !room;
        }
        room
    }

    fn take(&mut self) -> Result<Option<PortEvent>, Failure> {
        let mut inner = self.connection.0.lock();
        let Some(port) = inner.ports.get_mut(&self.name) else {
            return Ok(None);
        };
        let Some(event) = port.events.pop_front() else {
            return port.closed.clone().map_or(Ok(None), Err);
        };
        inner.waiting -= cost(&event);
        if inner.paused && inner.waiting < WAITING / 2 {
            inner.go_on();
        }
        Ok(Some(event))
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let mut inner = self.connection.0.lock();
        let Some(port) = inner.ports.remove(&self.name) else {
            return;
        };
        inner.waiting -= port.events.iter().map(cost).sum::<usize>();
        if let Some(number) = port.number {
            inner.names.remove(&number);
            inner.close(number);
        }
        inner.go_on();
    }
}
