//! Clients that speak each system's own protocol, with as little around it as there can be, so that the systems are measured
//! and not their libraries. All of them block, and read and write in pieces of the same size.

use super::servers::Server;
use anyhow::{Context, Result, ensure};
use portico_broker::wire::{DeliverChunk, EXTENDED, Fixed, LAST, OpenPort, OpenedPort, PIECE, SendMessage};
use rustix::net::sockopt::{set_socket_send_buffer_size, set_tcp_congestion};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::Duration;
use zerocopy::FromBytes;

/// Bytes that are written at once, unless one message is longer, and read at most.
const BATCH: usize = 64 * 1024;
const READ: usize = 256 * 1024;
/// A processor that copies to a little behind the source, as counted within a page, can be four times as slow. So that this
/// doesn't meet one system and spare another, buffers begin with a page, and each read goes a little further on.
const PAGE: usize = 4096;
const SHIFT: usize = 64;
/// How long nothing may come.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who carries messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carrier {
    /// Portico's broker over TCP.
    Tcp,
    /// Portico's broker over its Unix socket.
    Unix,
    /// A plain relay, for two.
    Relay,
    Nats,
    /// Redis' channels; who gets messages sends none.
    Redis,
}

trait Socket: Read + Write + Send {}
impl<T: Read + Write + Send> Socket for T {}

/// A client that has a message to send again and again, and gets messages of the same length.
pub(super) struct End {
    socket: Box<dyn Socket>,
    buffer: Vec<u8>,
    /// Where in the buffer is read to next.
    at: usize,
    /// The message as it is sent, as often as fits into a batch.
    batch: Vec<u8>,
    /// How often.
    times: usize,
    /// Bytes that come for one message; nothing if it comes in pieces.
    incoming: Option<usize>,
}

/// Clients, each with a message of so many bytes for the other side: some on one side, one on the other.
pub(super) fn connect(carrier: Carrier, server: &Server, size: usize, senders: usize) -> Result<(Vec<End>, End)> {
    match carrier {
        Carrier::Tcp | Carrier::Unix => {
            let mut last = Portico::connect(carrier, server)?;
            let many = (0..senders)
                .map(|_| Portico::connect(carrier, server))
                .collect::<Result<Vec<_>>>()?;
            let to = many.first().map_or(0, |first| first.port);
            let destination = last.port;
            let many = many.into_iter().map(|one| one.end(destination, size)).collect();
            last.socket.flush()?;
            Ok((many, last.end(to, size)))
        }
        Carrier::Relay => {
            ensure!(senders == 1, "a relay has two sides");
            let end = |socket| End::new(Box::new(socket), payload(size), Some(size));
            Ok((vec![end(tcp(server)?)], end(tcp(server)?)))
        }
        Carrier::Nats => {
            let last = nats(server, "b", "a", size)?;
            Ok((
                (0..senders)
                    .map(|_| nats(server, "a", "b", size))
                    .collect::<Result<_>>()?,
                last,
            ))
        }
        Carrier::Redis => {
            let mut last = tcp(server)?;
            last.write_all(b"SUBSCRIBE b\r\n")?;
            expect(&mut last, b"*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:1\r\n")?;
            let incoming = format!("*3\r\n$7\r\nmessage\r\n$1\r\nb\r\n${size}\r\n").len() + size + 2;
            let one = || -> Result<End> {
                let mut socket = tcp(server)?;
                // From here on nothing is answered.
                socket.write_all(b"PING\r\n")?;
                expect(&mut socket, b"+PONG\r\n")?;
                socket.write_all(b"CLIENT REPLY OFF\r\n")?;
                let mut message = format!("*3\r\n$7\r\nPUBLISH\r\n$1\r\nb\r\n${size}\r\n").into_bytes();
                message.extend(payload(size));
                message.extend(b"\r\n");
                Ok(End::new(Box::new(socket), message, Some(0)))
            };
            let many = (0..senders).map(|_| one()).collect::<Result<_>>()?;
            Ok((many, End::new(Box::new(last), Vec::new(), Some(incoming))))
        }
    }
}

impl End {
    fn new(socket: Box<dyn Socket>, message: Vec<u8>, incoming: Option<usize>) -> Self {
        let times = (BATCH / message.len().max(1)).max(1);
        let buffer = vec![0; READ + 3 * PAGE];
        let at = buffer.as_ptr().align_offset(PAGE) % PAGE;
        Self {
            socket,
            buffer,
            at,
            batch: message.repeat(times),
            times,
            incoming,
        }
    }

    /// How many messages go at once.
    pub(super) fn times(&self) -> usize {
        self.times
    }

    /// Sends all that go at once, so often.
    pub(super) fn send(&mut self, batches: usize) -> Result<()> {
        for _ in 0..batches {
            self.socket.write_all(&self.batch)?;
        }
        Ok(())
    }

    /// Sends one message.
    pub(super) fn send_one(&mut self) -> Result<()> {
        Ok(self.socket.write_all(&self.batch[..self.batch.len() / self.times])?)
    }

    /// Takes in so many messages, and looks whether the last ends as it was sent.
    pub(super) fn receive(&mut self, messages: usize) -> Result<()> {
        let (mut count, mut pieces) = (0, Pieces::default());
        let mut last = 0..0;
        while self
            .incoming
            .map_or(pieces.whole < messages || pieces.left > 0, |of| count < messages * of)
        {
            self.at += SHIFT;
            if self.at > 2 * PAGE {
                self.at -= PAGE;
            }
            let came = self
                .socket
                .read(&mut self.buffer[self.at..self.at + READ])
                .context("nothing comes")?;
            ensure!(came > 0, "the connection was closed");
            count += came;
            last = self.at..self.at + came;
            if self.incoming.is_none() {
                pieces.take(&self.buffer[last.clone()])?;
            }
        }
        ensure!(
            self.incoming.is_none_or(|of| count == messages * of),
            "more came than was sent"
        );
        ensure!(
            self.buffer[last].trim_ascii_end().ends_with(b"!"),
            "another message came than was sent"
        );
        Ok(())
    }
}

/// What a message says: its last byte is told from all others.
fn payload(size: usize) -> Vec<u8> {
    let mut bytes = vec![b'm'; size];
    if let Some(last) = bytes.last_mut() {
        *last = b'!';
    }
    bytes
}

fn tcp(server: &Server) -> Result<TcpStream> {
    let socket = socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    // As Portico's clients do it; timers that hold back what these send would be counted as the server's time.
    set_tcp_congestion(&socket, "reno")?;
    rustix::net::connect(&socket, &server.address)?;
    let socket = TcpStream::from(socket);
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    Ok(socket)
}

fn expect(socket: &mut impl Read, answer: &[u8]) -> Result<()> {
    let mut came = vec![0; answer.len()];
    socket.read_exact(&mut came)?;
    ensure!(came == answer, "an unknown answer: {}", String::from_utf8_lossy(&came));
    Ok(())
}

/// A client of Portico's broker with one port.
struct Portico {
    socket: Box<dyn Socket>,
    port: u64,
}

impl Portico {
    fn connect(carrier: Carrier, server: &Server) -> Result<Self> {
        let mut socket: Box<dyn Socket> = match (carrier, &server.socket) {
            (Carrier::Unix, Some(path)) => {
                let socket = UnixStream::connect(path)?;
                // As Portico's clients do it.
                set_socket_send_buffer_size(&socket, 208 * 1024)?;
                socket.set_read_timeout(Some(PATIENCE))?;
                Box::new(socket)
            }
            _ => Box::new(tcp(server)?),
        };
        socket.write_all(
            &OpenPort {
                flags: EXTENDED.into(),
                ..Default::default()
            }
            .frame(&[]),
        )?;
        let mut answer = [0; size_of::<OpenedPort>()];
        socket.read_exact(&mut answer)?;
        let opened = OpenedPort::read_from_bytes(&answer)
            .ok()
            .filter(|opened| opened.code == 0);
        let port = opened.context("no port was opened")?.port.get();
        Ok(Self { socket, port })
    }

    fn end(self, destination: u64, size: usize) -> End {
        let message = SendMessage {
            source: self.port.into(),
            destination: destination.into(),
            size: (size as u32).into(),
            ..Default::default()
        };
        let incoming = (size <= PIECE).then_some(size_of::<SendMessage>() + size);
        End::new(self.socket, message.frame(&payload(size)), incoming)
    }
}

fn nats(server: &Server, own: &str, other: &str, size: usize) -> Result<End> {
    let mut socket = tcp(server)?;
    let mut byte = [0];
    // It greets with one line.
    while byte != [b'\n'] {
        socket.read_exact(&mut byte)?;
    }
    let hello = format!("CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\nSUB {own} 1\r\nPING\r\n");
    socket.write_all(hello.as_bytes())?;
    expect(&mut socket, b"PONG\r\n")?;
    let mut message = format!("PUB {other} {size}\r\n").into_bytes();
    message.extend(payload(size));
    message.extend(b"\r\n");
    let incoming = format!("MSG {own} 1 {size}\r\n").len() + size + 2;
    Ok(End::new(Box::new(socket), message, Some(incoming)))
}

/// Finds the ends of messages that come in pieces.
#[derive(Default)]
struct Pieces {
    fixed: Vec<u8>,
    /// Bytes of a piece that are still to come.
    left: usize,
    /// Messages whose last piece has begun.
    whole: usize,
}

impl Pieces {
    fn take(&mut self, mut bytes: &[u8]) -> Result<()> {
        loop {
            let skipped = self.left.min(bytes.len());
            self.left -= skipped;
            bytes = &bytes[skipped..];
            if bytes.is_empty() {
                return Ok(());
            }
            let more = bytes.len().min(size_of::<DeliverChunk>() - self.fixed.len());
            self.fixed.extend_from_slice(&bytes[..more]);
            bytes = &bytes[more..];
            if let Ok(piece) = DeliverChunk::read_from_bytes(&self.fixed) {
                ensure!(piece.header.kind == DeliverChunk::KIND as u8, "this is no piece");
                self.left = piece.size.get() as usize;
                self.whole += usize::from(piece.flags.get() & LAST != 0);
                self.fixed.clear();
            }
        }
    }
}
