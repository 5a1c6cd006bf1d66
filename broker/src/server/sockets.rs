//! The broker's I/O layer: its sockets, its loop, and the processes of services.
//!
//! One thread, on mio: a connection costs no stack, a message no change of threads, and a quiet broker never wakes.

use super::peer::ClientId;
use super::queue::SLICES;
use super::registry::Start;
use super::router::{READ, Router};
use super::{Config, Stopper};
use crate::service::Service;
use crate::socket::Socket;
use mio::event::Event;
use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Registry, Token, Waker};
use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

const TCP: Token = Token(usize::MAX - 1);
const LOCAL: Token = Token(usize::MAX - 2);
const WAKE: Token = Token(usize::MAX - 3);

/// Bytes of a read after which its results are written before the next read.
const FLUSH: usize = 32 * 1024;
/// Pause between two looks for files to accept connections with, and for senders that have stalled.
const RETRY: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Connection {
    socket: Socket,
    /// There may be something to read.
    readable: bool,
    /// The end of what is to be read was announced.
    ending: bool,
    /// It stands in line to be read.
    in_line: bool,
    /// It took no more; the system says when it does.
    full: bool,
}

/// A process of a service that has ended.
#[derive(Debug)]
struct Ended {
    service: usize,
    instance: u64,
    success: bool,
}

/// The broker, with its sockets open.
#[derive(Debug)]
pub struct Broker {
    tcp: Option<TcpListener>,
    address: Option<SocketAddr>,
    #[cfg(unix)]
    unix: Option<super::unix::Listener>,
    #[cfg(windows)]
    pipe: Option<crate::pipe::Listener>,
    /// No file was left to accept a connection with.
    starved: bool,
    router: Router,
    connections: Vec<Option<Connection>>,
    line: VecDeque<ClientId>,
    waker: Arc<Waker>,
    stop: Arc<AtomicBool>,
    ended: (Sender<Ended>, Receiver<Ended>),
    /// Goes last: it gives back what the system has lent to pipes that have gone.
    poll: Poll,
}

impl Drop for Broker {
    fn drop(&mut self) {
        for connection in self.connections.iter().flatten() {
            connection.socket.abandon();
        }
    }
}

impl Broker {
    /// Opens the sockets. From now on clients can connect; they are served once it runs.
    ///
    /// # Errors
    /// If a socket can't be opened, as when a broker is there already.
    pub fn bind(config: Config) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut tcp = config.address.map(TcpListener::bind).transpose()?;
        if let Some(listener) = &mut tcp {
            #[cfg(target_os = "linux")]
            crate::socket::unpaced::set(&*listener, listener.local_addr()?);
            poll.registry().register(listener, TCP, Interest::READABLE)?;
        }
        let address = tcp.as_ref().map(TcpListener::local_addr).transpose()?;
        #[cfg(unix)]
        let mut unix = config.socket.as_deref().map(super::unix::Listener::bind).transpose()?;
        #[cfg(unix)]
        if let Some(listener) = &mut unix {
            poll.registry()
                .register(&mut listener.socket, LOCAL, Interest::READABLE)?;
        }
        #[cfg(windows)]
        let pipe = config
            .socket
            .as_deref()
            .map(|path| crate::pipe::Listener::bind(path, poll.registry(), LOCAL))
            .transpose()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
        Ok(Self {
            tcp,
            address,
            #[cfg(unix)]
            unix,
            #[cfg(windows)]
            pipe,
            starved: false,
            router: Router::new(config.limits, super::registry::Registry::new(config.services)),
            connections: Vec::new(),
            line: VecDeque::new(),
            waker,
            stop: Arc::default(),
            ended: mpsc::channel(),
            poll,
        })
    }

    /// The TCP address that it listens on, with the port that the system chose if it was left to it.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// A handle that stops the broker from another thread.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        Stopper {
            waker: Arc::clone(&self.waker),
            stop: Arc::clone(&self.stop),
        }
    }

    /// Serves until it is stopped. Then every connection is closed; services are expected to end with theirs.
    ///
    /// # Errors
    /// If the system can't say any more which sockets are ready.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(256);
        loop {
            let patience = self.patience();
            self.turn(&mut events, patience)?;
            if self.stop.load(Ordering::Acquire) {
                return Ok(());
            }
        }
    }

    /// Waits so long for something to happen, and deals with it.
    fn turn(&mut self, events: &mut Events, patience: Option<Duration>) -> io::Result<()> {
        match self.poll.poll(events, patience) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            other => other?,
        }
        self.router.now = Instant::now();
        for event in &*events {
            self.event(event);
        }
        self.work();
        Ok(())
    }

    /// How long to sleep if nothing happens.
    fn patience(&self) -> Option<Duration> {
        if !self.line.is_empty() || self.router.has_runnable() {
            return Some(Duration::ZERO);
        }
        let retry = (self.starved || self.router.wants_memory()).then_some(RETRY);
        let names = self
            .router
            .registry
            .next()
            .map(|at| at.saturating_duration_since(Instant::now()));
        // Rounded up by the system: a little late is better than twice.
        retry.into_iter().chain(names).min()
    }

    fn event(&mut self, event: &Event) {
        match event.token() {
            TCP | LOCAL => self.accept(),
            WAKE => {}
            Token(key) => {
                let Some(connection) = self.connections.get_mut(key).and_then(Option::as_mut) else {
                    return;
                };
                if event.is_readable() || event.is_read_closed() || event.is_error() {
                    connection.readable = true;
                    connection.ending |= event.is_read_closed() || event.is_error();
                    self.queue(key);
                }
                if event.is_writable() {
                    self.writable(key);
                }
            }
        }
    }

    /// One turn: everybody who has sent something is read once, and what that led to is written.
    fn work(&mut self) {
        for _ in 0..self.line.len() {
            if let Some(key) = self.line.pop_front() {
                self.read(key);
            }
        }
        self.flush();
        while let Some(key) = self.router.next_runnable() {
            self.feed(key, 0);
            self.queue(key);
        }
        for key in self.router.stalled() {
            self.leave(
                key,
                "it holds a long message, and neither sends nor takes any of it; others wait for the memory",
            );
        }
        let mut ended = false;
        while let Ok(Ended {
            service,
            instance,
            success,
        }) = self.ended.1.try_recv()
        {
            self.router.registry.ended(service, instance, success, self.router.now);
            ended = true;
        }
        if ended || self.router.registry.next().is_some_and(|at| at <= self.router.now) {
            self.router.registry.wake(self.router.now);
            self.router.answer_resolves();
        }
        for start in std::mem::take(&mut self.router.registry.starts) {
            self.start(start);
        }
        self.flush();
        self.router.settle();
        if self.starved {
            self.accept();
        }
    }

    /// Puts a connection in line to be read, if there may be something and nobody has to be waited for.
    fn queue(&mut self, key: ClientId) {
        let Some(connection) = self.connections.get_mut(key).and_then(Option::as_mut) else {
            return;
        };
        if connection.readable && !connection.in_line && !self.router.is_blocked(key) {
            connection.in_line = true;
            self.line.push_back(key);
        }
    }

    fn read(&mut self, key: ClientId) {
        if self.router.room().is_none() {
            self.flush();
            self.router.settle();
        }
        let Some(connection) = self.connections.get_mut(key).and_then(Option::as_mut) else {
            return;
        };
        connection.in_line = false;
        if self.router.is_blocked(key) {
            return;
        }
        let Some(room) = self.router.room() else { return };
        match connection.socket.read(room) {
            Ok(0) => self.leave(key, "it has closed the connection"),
            Ok(count) => {
                // Less than was asked for is all there was; only Windows wants to be asked until there is nothing.
                if cfg!(unix) && count < READ && !connection.ending {
                    connection.readable = false;
                }
                self.feed(key, count);
                self.queue(key);
                if count >= FLUSH {
                    self.flush();
                    self.router.settle();
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => connection.readable = false,
            Err(error) if error.kind() == ErrorKind::Interrupted => self.queue(key),
            Err(error) => self.leave(key, &error.to_string()),
        }
    }

    /// Deals with the bytes that were read, and with those that waited.
    fn feed(&mut self, key: ClientId, count: usize) {
        if let Err(malformed) = self.router.feed(key, count) {
            tracing::warn!(client = %self.router.peers[key].name, "closed: it sent {malformed}");
            self.leave(key, "it sent no frame");
        }
    }

    fn flush(&mut self) {
        while let Some(key) = self.router.dirty.pop() {
            if let Some(peer) = self.router.peers.get_mut(key) {
                peer.out.listed = false;
                self.write(key);
            }
        }
    }

    fn writable(&mut self, key: ClientId) {
        if let Some(Some(connection)) = self.connections.get_mut(key)
            && connection.full
        {
            connection.full = false;
            if let Err(error) = connection.socket.watch_room(self.poll.registry(), Token(key), false) {
                self.leave(key, &error.to_string());
            } else {
                self.write(key);
            }
        }
    }

    fn write(&mut self, key: ClientId) {
        let Some(Some(connection)) = self.connections.get_mut(key) else {
            return;
        };
        while !connection.full && !self.router.peers[key].mute && self.router.peers[key].out.waiting() > 0 {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let count = self.router.slices(key, &mut slices);
            match connection.socket.write(&slices[..count]) {
                Ok(0) => self.router.mute(key),
                Ok(count) => self.router.written(key, count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    connection.full = true;
                    if let Err(error) = connection.socket.watch_room(self.poll.registry(), Token(key), true) {
                        return self.leave(key, &error.to_string());
                    }
                }
                // It reads no more, but what it sent before is on its way, and its end will be.
                Err(_) => {
                    self.router.mute(key);
                    connection.readable = true;
                    connection.ending = true;
                }
            }
        }
        if self.router.peers[key].mute {
            self.queue(key);
        }
    }

    fn accept(&mut self) {
        self.starved = false;
        while let Some(listener) = &self.tcp {
            match listener.accept() {
                Ok((socket, address)) => {
                    if let Err(error) = socket.set_nodelay(true) {
                        tracing::debug!(%address, %error, "messages to it may be late");
                    }
                    self.join(Socket::Tcp(socket), address.to_string(), None);
                }
                Err(error) => {
                    if self.cannot_accept(&error) {
                        break;
                    }
                }
            }
        }
        #[cfg(unix)]
        while let Some(listener) = &self.unix {
            match listener.socket.accept() {
                Ok((socket, _)) => {
                    crate::socket::roomy(&socket);
                    let (name, process) = super::unix::who(&socket);
                    self.join(Socket::Unix(socket), name, process);
                }
                Err(error) => {
                    if self.cannot_accept(&error) {
                        break;
                    }
                }
            }
        }
        #[cfg(windows)]
        while let Some(listener) = &mut self.pipe {
            match listener.accept(self.poll.registry(), LOCAL) {
                Ok(pipe) => {
                    let (name, process) = crate::pipe::who(&pipe);
                    self.join(Socket::Pipe(pipe), name, process);
                }
                Err(error) => {
                    if self.cannot_accept(&error) {
                        break;
                    }
                }
            }
        }
    }

    /// Whether there is no use in trying again now.
    fn cannot_accept(&mut self, error: &io::Error) -> bool {
        match error.kind() {
            ErrorKind::WouldBlock => true,
            ErrorKind::Interrupted | ErrorKind::ConnectionAborted => false,
            _ => {
                if !std::mem::replace(&mut self.starved, true) {
                    tracing::debug!(%error, "no connection can be accepted now");
                }
                true
            }
        }
    }

    fn join(&mut self, mut socket: Socket, name: String, process: Option<u32>) {
        let key = self.router.join(name, process);
        let registry: &Registry = self.poll.registry();
        if let Err(error) = registry.register(socket.source(), Token(key), Interest::READABLE) {
            tracing::warn!(%error, "a connection can't be watched");
            return self.router.leave(key);
        }
        if key >= self.connections.len() {
            self.connections.resize_with(key + 1, || None);
        }
        tracing::debug!(client = %self.router.peers[key].name, "connected");
        // Not asked yet whether there is something to read: the system says so. Of a pipe it may have done that already, while
        // that waited to be accepted.
        let readable = cfg!(windows);
        self.connections[key] = Some(Connection {
            socket,
            readable,
            ending: false,
            in_line: false,
            full: false,
        });
        self.queue(key);
    }

    /// Closes a connection. What waits for it is written as far as it takes it at once.
    fn leave(&mut self, key: ClientId, why: &str) {
        let Some(mut connection) = self.connections.get_mut(key).and_then(Option::take) else {
            return;
        };
        let peer = &self.router.peers[key];
        tracing::debug!(client = %peer.name, why, "disconnected");
        if !connection.full && !peer.mute && peer.out.waiting() > 0 {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let count = self.router.slices(key, &mut slices);
            if let Ok(count) = connection.socket.write(&slices[..count]) {
                self.router.written(key, count);
            }
        }
        if connection.full {
            connection.socket.abandon();
        }
        if let Err(error) = self.poll.registry().deregister(connection.socket.source()) {
            tracing::debug!(%error, "a socket was not watched");
        }
        self.router.leave(key);
    }

    /// Starts a process of a service, and a thread that waits for its end.
    fn start(&mut self, start: Start) {
        let service = self.router.registry.service(start.service);
        let started = self.spawn(service, &start);
        if let Err(error) = started {
            tracing::warn!(service = service.kind, %error, "the service could not be started");
            self.router
                .registry
                .ended(start.service, start.instance, false, self.router.now);
            self.router.answer_resolves();
        }
    }

    fn spawn(&self, service: &Service, start: &Start) -> io::Result<()> {
        let Some((program, arguments)) = service.command.split_first() else {
            return Err(io::Error::new(
                ErrorKind::Unsupported,
                "it is a program, which only the shell can start",
            ));
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(&service.environment)
            .stdin(Stdio::null())
            .stdout(io::stderr());
        command.env(super::TOKEN, crate::service::hex(&start.token));
        for name in [super::OBJECT, super::ADDRESS, super::SOCKET] {
            command.env_remove(name);
        }
        if let Some(object) = &start.object {
            command.env(super::OBJECT, object);
        }
        if let Some(address) = self.address {
            command.env(super::ADDRESS, address.to_string());
        }
        #[cfg(unix)]
        let socket = self.unix.as_ref().map(|listener| &listener.path);
        #[cfg(windows)]
        let socket = self.pipe.as_ref().map(|listener| &listener.path);
        #[cfg(any(unix, windows))]
        if let Some(path) = socket {
            command.env(super::SOCKET, path);
        }
        let mut child = command.spawn()?;
        tracing::info!(service = service.kind, process = child.id(), "started");
        let (sender, waker) = (self.ended.0.clone(), Arc::clone(&self.waker));
        let (service, instance) = (start.service, start.instance);
        let waits = move || {
            let success = child.wait().is_ok_and(|status| status.success());
            // If the broker is gone, nobody wants to know.
            if sender
                .send(Ended {
                    service,
                    instance,
                    success,
                })
                .is_ok()
                && waker.wake().is_err()
            {
                tracing::debug!("the broker could not be woken");
            }
        };
        thread::Builder::new()
            .name("broker-child".into())
            .stack_size(64 * 1024)
            .spawn(waits)?;
        Ok(())
    }
}

#[cfg(all(test, unix))]
#[path = "sockets_tests.rs"]
mod tests;
