//! A client of the broker for programs that wait for many things at once.
//!
//! It does what [`super::Client`] does, on any executor. A future that is dropped loses nothing that has come, and never leaves
//! half a frame behind: what it had begun to send goes out before the next thing that is sent, or while something is waited for.
//!
//! A service and who uses it, on one thread:
//!
//! ```
//! use futures_lite::future;
//! use portico_broker::client::asynchronous::Client;
//! use portico_broker::client::{Address, Error, Event};
//! use portico_broker::server::{Broker, Config};
//! use std::ops::ControlFlow;
//! use std::time::Duration;
//!
//! async fn serve(mut service: Client) -> Result<(), Error> {
//!     service
//!         .run(async |service, event| {
//!             let Event::Message(asked) = event else { return Ok(ControlFlow::Continue(())) };
//!             service.send(asked.destination, asked.source, &asked.data.to_ascii_uppercase()).await?;
//!             Ok(if asked.data == b"bye" { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
//!         })
//!         .await
//! }
//!
//! async fn ask(address: &Address, port: u64) -> Result<(), Error> {
//!     let mut client = Client::connect(address).await?;
//!     let own = client.open(0).await?;
//!     let answer = client.request(own, port, b"hello", Duration::from_secs(5)).await?;
//!     assert_eq!(answer.data, b"HELLO");
//!     client.send(own, port, b"bye").await?;
//!     Ok(())
//! }
//!
//! # let broker = Broker::bind(Config { address: Some("127.0.0.1:0".parse()?), ..Config::default() })?;
//! # let address = Address::Tcp(broker.address().ok_or("no address")?);
//! # std::thread::spawn(move || broker.run());
//! future::block_on(async {
//!     let mut service = Client::connect(&address).await?;
//!     let port = service.open(2917).await?;
//!     future::try_zip(serve(service), ask(&address, port)).await
//! })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::session::{self, Session, Writing, broken, done, failed};
use super::{Address, Broken, Error, Event, Message, Piece, READ};
use crate::object::ObjectId;
use crate::wire::{
    ABORT, Authenticated, ClosedPort, Code, EXTENDED, Fixed, LAST, Listing, OpenedPort, PIECE, PRIVATE, Resolved,
    Serving,
};
use async_io::{Async, Timer};
use ed25519_dalek::SigningKey;
use futures_io::{AsyncRead, AsyncWrite};
use std::future::{Future, poll_fn};
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};

/// Bytes of memory that are kept for the next send.
const KEPT: usize = 256 * 1024;

#[derive(Debug)]
enum Socket {
    Tcp(Async<TcpStream>),
    #[cfg(unix)]
    Unix(Async<std::os::unix::net::UnixStream>),
    #[cfg(windows)]
    Pipe(super::piped::Piped),
}

async fn dial(address: SocketAddr) -> io::Result<Async<TcpStream>> {
    #[cfg(target_os = "linux")]
    {
        use rustix::io::Errno;
        use rustix::net::{SocketFlags, connect};
        let socket = crate::socket::unpaced::socket(address, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)?;
        match connect(&socket, &address) {
            Ok(()) | Err(Errno::INPROGRESS) => {}
            Err(error) => return Err(error.into()),
        }
        let socket = Async::new_nonblocking(TcpStream::from(socket))?;
        socket.writable().await?;
        socket.get_ref().take_error()?.map_or(Ok(socket), Err)
    }
    #[cfg(not(target_os = "linux"))]
    Async::<TcpStream>::connect(address).await
}

impl Socket {
    async fn connect(address: &Address) -> io::Result<Self> {
        match address {
            Address::Tcp(address) => {
                let socket = dial(*address).await?;
                socket.get_ref().set_nodelay(true)?;
                Ok(Self::Tcp(socket))
            }
            #[cfg(unix)]
            Address::Socket(path) => {
                let socket = Async::<std::os::unix::net::UnixStream>::connect(path).await?;
                crate::socket::roomy(&socket);
                Ok(Self::Unix(socket))
            }
            #[cfg(windows)]
            Address::Socket(path) => Ok(Self::Pipe(super::piped::Piped::connect(path).await?)),
            #[cfg(not(any(unix, windows)))]
            Address::Socket(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(socket) => Pin::new(socket).poll_read(cx, buffer),
            #[cfg(unix)]
            Self::Unix(socket) => Pin::new(socket).poll_read(cx, buffer),
            #[cfg(windows)]
            Self::Pipe(pipe) => pipe.poll_read(cx, buffer),
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(socket) => Pin::new(socket).poll_write(cx, data),
            #[cfg(unix)]
            Self::Unix(socket) => Pin::new(socket).poll_write(cx, data),
            #[cfg(windows)]
            Self::Pipe(pipe) => pipe.poll_write(cx, data),
        }
    }

    /// Waits until the system has what was written.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(socket) => Pin::new(socket).poll_flush(cx),
            #[cfg(unix)]
            Self::Unix(socket) => Pin::new(socket).poll_flush(cx),
            #[cfg(windows)]
            Self::Pipe(pipe) => pipe.poll_flush(cx),
        }
    }
}

/// A connection to the broker.
///
/// Whatever comes while it waits for something else is kept for [`Client::receive`], in order. While it can't write because
/// the broker waits for a slow receiver, it goes on reading, so that two clients that flood each other don't wait for ever.
#[derive(Debug)]
pub struct Client {
    address: Address,
    socket: Socket,
    buffer: Box<[u8]>,
    /// Frames that are on their way, and how much of them has gone.
    out: Vec<u8>,
    gone: usize,
    /// How often something was read.
    reads: u64,
    session: Session,
}

impl Client {
    /// Connects to a broker.
    ///
    /// # Errors
    /// If there is none.
    pub async fn connect(address: &Address) -> Result<Self, Error> {
        Ok(Self {
            socket: Socket::connect(address).await?,
            address: address.clone(),
            buffer: vec![0; READ].into(),
            out: Vec::new(),
            gone: 0,
            reads: 0,
            session: Session::default(),
        })
    }

    /// Connects again, and opens the same ports again. What had come already stays.
    ///
    /// # Errors
    /// If there is no broker; the client can then only try again.
    pub async fn reconnect(&mut self) -> Result<Broken, Error> {
        self.socket = Socket::connect(&self.address).await?;
        self.out.clear();
        self.gone = 0;
        let ports = self.session.broken();
        let label = self.session.called().to_owned();
        if !label.is_empty() {
            self.label(&label).await?;
        }
        for (port, flags) in ports {
            let opened = self.open_with(port, flags).await;
            self.session.opened_again(port, opened)?;
        }
        Ok(self.session.what_broke())
    }

    /// Opens a port; 0 for one that the broker chooses. Returns its number.
    ///
    /// # Errors
    /// [`Code::Taken`], [`Code::NotPermitted`] if it is reserved, [`Code::TooMany`].
    pub async fn open(&mut self, port: u64) -> Result<u64, Error> {
        self.open_with(port, EXTENDED).await
    }

    /// Opens a port that only those can send to who were handed the right, with [`Client::send_right`].
    ///
    /// # Errors
    /// As [`Client::open`].
    pub async fn open_private(&mut self, port: u64) -> Result<u64, Error> {
        self.open_with(port, EXTENDED | PRIVATE).await
    }

    async fn open_with(&mut self, port: u64, flags: u32) -> Result<u64, Error> {
        let (request, ask) = self.session.open(port, flags);
        self.write(ask, &[]).await?;
        let (answer, _) = self.answer::<OpenedPort>(request).await?;
        self.session.opened(&answer, flags)
    }

    /// Closes a port. Streams from and to it end.
    ///
    /// # Errors
    /// If it isn't the client's.
    pub async fn close(&mut self, port: u64) -> Result<(), Error> {
        let (request, ask) = self.session.close(port);
        self.write(ask, &[]).await?;
        let (answer, _) = self.answer::<ClosedPort>(request).await?;
        self.session.closed(&answer)
    }

    /// Sends a message. Returns the tag that an [`Event::Lost`] would have.
    ///
    /// # Errors
    /// If the connection fails. Whether it arrives isn't known when this returns.
    pub async fn send(&mut self, source: u64, destination: u64, data: &[u8]) -> Result<u32, Error> {
        let (tag, message) = self.session.send(source, destination, data)?;
        self.write(message, data).await?;
        Ok(tag)
    }

    /// Sends a message of at most 64 KiB that hands over the right to send to a private port, the client's own or one that it
    /// was handed the right to.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn send_right(&mut self, source: u64, destination: u64, right: u64, data: &[u8]) -> Result<u32, Error> {
        let (tag, message) = self.session.send_right(source, destination, right, data)?;
        self.write(message, data).await?;
        Ok(tag)
    }

    /// Begins a stream.
    pub fn stream(&mut self, source: u64, destination: u64) -> Outgoing<'_> {
        let writing = Writing::new(self.session.stream(source, destination));
        Outgoing {
            client: self,
            writing,
            closed: false,
        }
    }

    /// Reads a stream of which a piece has come, from that piece on.
    pub fn read_stream(&mut self, piece: Piece) -> Incoming<'_> {
        Incoming {
            client: self,
            piece,
            read: 0,
        }
    }

    /// Waits for the next event; nothing if the time is over first. Without a time it waits for as long as it takes.
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn receive(&mut self, time: Option<Duration>) -> Result<Option<Event>, Error> {
        let until = time.map(|time| Instant::now() + time);
        self.take(until, |_| true).await
    }

    /// Returns an event that has come already.
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn poll(&mut self) -> Result<Option<Event>, Error> {
        self.receive(Some(Duration::ZERO)).await
    }

    /// Sends a message and waits for the next one from there to the same port.
    ///
    /// # Errors
    /// [`Error::TimedOut`], or [`Error::Refused`] if it could not be delivered.
    pub async fn request(
        &mut self,
        source: u64,
        destination: u64,
        data: &[u8],
        time: Duration,
    ) -> Result<Message, Error> {
        let until = Instant::now() + time;
        let tag = self.send(source, destination, data).await?;
        session::answered(
            self.take(Some(until), session::answers(source, destination, tag))
                .await?,
        )
    }

    /// Deals with everything that comes until the handler breaks.
    ///
    /// # Errors
    /// If the connection fails, or what the handler returns.
    pub async fn run(
        &mut self,
        mut handler: impl AsyncFnMut(&mut Self, Event) -> Result<ControlFlow<()>, Error>,
    ) -> Result<(), Error> {
        loop {
            if let Some(event) = self.receive(None).await?
                && handler(self, event).await?.is_break()
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
    pub async fn authenticate(&mut self) -> Result<(), Error> {
        let (request, ask) = self.session.authenticate()?;
        self.write(ask, &[]).await?;
        done(self.answer::<Authenticated>(request).await?.0.code)
    }

    /// Proves to hold a service's key: the client is that service from now on.
    ///
    /// # Errors
    /// [`Code::NotPermitted`] if no service has that key.
    pub async fn prove(&mut self, key: &SigningKey) -> Result<(), Error> {
        let (request, ask) = self.session.prove(key);
        self.write(ask, &[]).await?;
        let challenge = loop {
            if let Some(challenge) = self.session.challenged(request)? {
                break challenge;
            }
            self.more(&mut None).await?;
        };
        let (request, proof) = self.session.proof(key, &challenge);
        self.write(proof, &[]).await?;
        done(self.answer::<Authenticated>(request).await?.0.code)
    }

    /// Says that a port handles a type, or one object.
    ///
    /// # Errors
    /// [`Code::NotPermitted`] if there is a service for it that this client isn't, [`Code::Taken`], [`Code::NotAnId`].
    pub async fn serve(&mut self, name: &str, port: u64) -> Result<(), Error> {
        let (request, ask) = self.session.serve(name, port)?;
        self.write(ask, name.as_bytes()).await?;
        done(self.answer::<Serving>(request).await?.0.code)
    }

    /// Finds the port that handles an object, whose service is started if need be. Waits at most so long, to the millisecond;
    /// without a time, for as long as the broker thinks right.
    ///
    /// # Errors
    /// [`Error::Refused`] with why there is none.
    pub async fn resolve(&mut self, object: &ObjectId, time: Option<Duration>) -> Result<u64, Error> {
        let text = object.to_string();
        let (request, ask) = self.session.resolve(&text, time);
        self.write(ask, text.as_bytes()).await?;
        loop {
            let (answer, _) = self.answer::<Resolved>(request).await?;
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
    pub async fn label(&mut self, label: &str) -> Result<(), Error> {
        let frame = self.session.label(label);
        let label = self.session.called().to_owned();
        self.write(frame, label.as_bytes()).await
    }

    /// Reads the directory: connections with their traffic, ports and services, as the book's page says.
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn directory(&mut self) -> Result<serde_json::Value, Error> {
        let (request, ask) = self.session.list();
        self.write(ask, &[]).await?;
        session::directory(&self.answer::<Listing>(request).await?.1)
    }

    async fn answer<T: Fixed>(&mut self, request: u32) -> Result<(T, Vec<u8>), Error> {
        loop {
            if let Some(answer) = self.session.inbox.answer(T::KIND, request)? {
                return Ok(answer);
            }
            self.more(&mut None).await?;
        }
    }

    /// The first event that is wanted, of those that came and then of those that come.
    async fn take(&mut self, until: Option<Instant>, wanted: impl Fn(&Event) -> bool) -> Result<Option<Event>, Error> {
        let mut timer = until.map(Timer::at);
        let mut looked_at = 0;
        loop {
            if let Some(event) = self.session.inbox.take(&mut looked_at, &wanted) {
                return Ok(Some(event));
            }
            if !self.more(&mut timer).await? {
                return Ok(None);
            }
        }
    }

    /// Waits until something was read; false if the time is over first.
    async fn more(&mut self, timer: &mut Option<Timer>) -> Result<bool, Error> {
        poll_fn(|cx| {
            if let Poll::Ready(read) = self.poll_more(cx) {
                return Poll::Ready(read.map(|()| true));
            }
            match timer.as_mut().map(|timer| Pin::new(timer).poll(cx)) {
                Some(Poll::Ready(_)) => Poll::Ready(Ok(false)),
                _ => Poll::Pending,
            }
        })
        .await
    }

    /// Reads something. What a dropped future has left goes out meanwhile.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let before = self.reads;
        if let Poll::Ready(Err(error)) = self.poll_flush(cx) {
            return Poll::Ready(Err(error));
        }
        if self.reads == before {
            self.poll_fill(cx)
        } else {
            Poll::Ready(Ok(()))
        }
    }

    /// Reads once.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        match ready!(self.socket.poll_read(cx, &mut self.buffer))? {
            0 => Poll::Ready(Err(Error::Ended)),
            count => {
                self.reads += 1;
                Poll::Ready(Ok(self.session.inbox.feed(&self.buffer[..count])?))
            }
        }
    }

    /// Writes what is on its way, and reads as long as that doesn't go.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while self.gone < self.out.len() {
            match self.socket.poll_write(cx, &self.out[self.gone..])? {
                Poll::Ready(0) => return Poll::Ready(Err(Error::Ended)),
                Poll::Ready(count) => self.gone += count,
                Poll::Pending => ready!(self.poll_fill(cx))?,
            }
        }
        self.gone = 0;
        self.out.clear();
        self.out.shrink_to(KEPT);
        while self.socket.poll_flush(cx)?.is_pending() {
            ready!(self.poll_fill(cx))?;
        }
        Poll::Ready(Ok(()))
    }

    fn append<T: Fixed>(&mut self, frame: T, data: &[u8]) {
        self.out.extend_from_slice(frame.with_header(data.len()).as_bytes());
        self.out.extend_from_slice(data);
    }

    async fn write<T: Fixed>(&mut self, frame: T, data: &[u8]) -> Result<(), Error> {
        poll_fn(|cx| self.poll_flush(cx)).await?;
        self.append(frame, data);
        poll_fn(|cx| self.poll_flush(cx)).await
    }
}

/// A stream that is written. It has to be [finished](Outgoing::finish), or closed, which is the same: when it is dropped before,
/// the receiver is told that it is not whole.
#[derive(Debug)]
pub struct Outgoing<'a> {
    client: &'a mut Client,
    writing: Writing,
    /// Its last piece is on its way, or has gone.
    closed: bool,
}

impl Outgoing<'_> {
    /// Finishes the stream.
    ///
    /// # Errors
    /// If the connection fails, or the stream has.
    pub async fn finish(mut self) -> io::Result<()> {
        poll_fn(|cx| Pin::new(&mut self).poll_close(cx)).await
    }

    /// Puts a piece on its way once those before it have gone. Until this is ready, nothing of it has.
    fn poll_piece(&mut self, cx: &mut Context<'_>, flags: u32, data: &[u8]) -> Poll<io::Result<()>> {
        ready!(self.client.poll_flush(cx)).map_err(broken)?;
        while let Poll::Ready(read) = self.client.poll_fill(cx) {
            read.map_err(broken)?;
        }
        let chunk = self.writing.piece(&mut self.client.session, flags, data.len())?;
        self.client.append(chunk, data);
        if let Poll::Ready(Err(error)) = self.client.poll_flush(cx) {
            return Poll::Ready(Err(broken(error)));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Outgoing<'_> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let data = &data[..data.len().min(PIECE)];
        if !data.is_empty() {
            ready!(self.poll_piece(cx, 0, data))?;
        }
        Poll::Ready(Ok(data.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.client.poll_flush(cx).map_err(broken)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.closed {
            ready!(self.poll_piece(cx, LAST, &[]))?;
            self.closed = true;
        }
        self.client.poll_flush(cx).map_err(broken)
    }
}

impl Drop for Outgoing<'_> {
    fn drop(&mut self) {
        if !self.writing.is_open(&self.client.session) {
            return;
        }
        match self.writing.piece(&mut self.client.session, ABORT, 0) {
            // Nobody waits for it: what doesn't go now goes with what comes next.
            Ok(chunk) => {
                self.client.append(chunk, &[]);
                if let Poll::Ready(Err(error)) = self.client.poll_flush(&mut Context::from_waker(Waker::noop())) {
                    tracing::debug!(%error, "the receiver learns of the stream's end otherwise");
                }
            }
            Err(error) => tracing::debug!(%error, "the stream has ended already"),
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

impl AsyncRead for Incoming<'_> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        while self.read == self.piece.data.len() {
            if self.piece.flags & ABORT != 0 {
                return Poll::Ready(Err(failed(Code::ReceiverGone)));
            }
            if self.piece.flags & LAST != 0 {
                return Poll::Ready(Ok(0));
            }
            let stream = self.piece.stream;
            let next = |event: &Event| matches!(event, Event::Piece(piece) if piece.stream == stream);
            match self.client.session.inbox.take(&mut 0, next) {
                Some(Event::Piece(piece)) => (self.piece, self.read) = (piece, 0),
                Some(_) | None => ready!(self.client.poll_more(cx)).map_err(broken)?,
            }
        }
        let count = buffer.len().min(self.piece.data.len() - self.read);
        buffer[..count].copy_from_slice(&self.piece.data[self.read..self.read + count]);
        self.read += count;
        Poll::Ready(Ok(count))
    }
}
