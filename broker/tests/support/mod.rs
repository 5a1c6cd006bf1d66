//! A broker on sockets of its own, and clients that write and read plain bytes.
#![allow(
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "shared by tests, none of which uses all of it"
)]

#[cfg(windows)]
mod pipe;

use portico_broker::Service;
use portico_broker::client::{Address, Client};
use portico_broker::server::{Broker, Config, Limits, Stopper};
use portico_broker::wire::{
    self, ClosePort, ClosedPort, Code, DeliverChunk, DeliverMessage, EXTENDED, Failed, Fixed, Head, Kind, OpenPort,
    OpenedPort, SendChunk, SendMessage,
};
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tempfile::TempDir;

/// How long a test waits for what has to come.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// How long a test waits for what must not come.
pub const MOMENT: Duration = Duration::from_millis(150);

/// A broker that runs, and ends with the test.
pub struct Running {
    pub address: SocketAddr,
    pub socket: PathBuf,
    stopper: Stopper,
    thread: Option<JoinHandle<io::Result<()>>>,
    _folder: TempDir,
}

impl Running {
    pub fn new(services: Vec<Service>, limits: Limits) -> Self {
        Self::start("broker", services, limits)
    }

    /// One whose thread has a name of its own.
    pub fn named(name: &str) -> Self {
        Self::start(name, Vec::new(), Limits::default())
    }

    fn start(name: &str, services: Vec<Service>, limits: Limits) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), name, services, limits)
    }

    /// One in the place of another that has ended.
    pub fn at(address: SocketAddr) -> Self {
        Self::start_at(address, "broker", Vec::new(), Limits::default())
    }

    fn start_at(address: SocketAddr, name: &str, services: Vec<Service>, limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("run/broker.sock");
        let address = Some(address);
        let broker = Broker::bind(Config {
            address,
            socket: Some(socket.clone()),
            services,
            limits,
        })
        .unwrap();
        let (address, stopper) = (broker.address().unwrap(), broker.stopper());
        let thread = Some(
            thread::Builder::new()
                .name(name.into())
                .spawn(move || broker.run())
                .unwrap(),
        );
        Self {
            address,
            socket,
            stopper,
            thread,
            _folder: folder,
        }
    }

    pub fn tcp(&self) -> Raw {
        Raw::connect(self.address)
    }

    pub fn client(&self) -> Client {
        Client::connect(&Address::Tcp(self.address)).unwrap()
    }

    /// How many clients call themselves so.
    pub fn labelled(&self, label: &str) -> usize {
        let directory = self.client().directory().unwrap();
        directory["connections"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|of| of["label"] == label)
            .count()
    }

    /// One over the Unix socket, or the named pipe.
    pub fn local_client(&self) -> Client {
        Client::connect(&Address::Socket(self.socket.clone())).unwrap()
    }

    /// As [`Self::local_client`], of plain bytes.
    pub fn local(&self) -> Raw {
        #[cfg(unix)]
        let stream = Stream::Local(std::os::unix::net::UnixStream::connect(&self.socket).unwrap());
        #[cfg(windows)]
        let stream = Stream::Local(pipe::Pipe::connect(&self.socket));
        Raw::new(stream)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopper.stop();
        self.thread.take().unwrap().join().unwrap().unwrap();
    }
}

/// Runs a test with a broker and a way to connect to it, for each way that there is.
pub fn each(test: impl Fn(&Running, &dyn Fn() -> Raw)) {
    let broker = Running::new(Vec::new(), Limits::default());
    test(&broker, &|| broker.tcp());
    drop(broker);
    let broker = Running::new(Vec::new(), Limits::default());
    test(&broker, &|| broker.local());
}

enum Stream {
    Tcp(TcpStream),
    #[cfg(unix)]
    Local(std::os::unix::net::UnixStream),
    #[cfg(windows)]
    Local(pipe::Pipe),
}

macro_rules! either {
    ($stream:expr, $socket:ident => $what:expr) => {
        match $stream {
            Stream::Tcp($socket) => $what,
            Stream::Local($socket) => $what,
        }
    };
}

/// A connection of plain bytes.
pub struct Raw {
    stream: Stream,
    bytes: Vec<u8>,
}

impl Raw {
    pub fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).unwrap())
    }

    pub fn over(socket: TcpStream) -> Self {
        Self::new(Stream::Tcp(socket))
    }

    fn new(mut stream: Stream) -> Self {
        either!(&mut stream, socket => socket.set_read_timeout(Some(PATIENCE)).unwrap());
        Self {
            stream,
            bytes: Vec::new(),
        }
    }

    /// A second handle to the same connection, to write on another thread.
    pub fn twin(&self) -> Self {
        let stream = match &self.stream {
            Stream::Tcp(socket) => Stream::Tcp(socket.try_clone().unwrap()),
            Stream::Local(socket) => Stream::Local(socket.try_clone().unwrap()),
        };
        Self {
            stream,
            bytes: Vec::new(),
        }
    }

    pub fn write(&mut self, bytes: &[u8]) {
        self.try_write(bytes).unwrap();
    }

    pub fn try_write(&mut self, bytes: &[u8]) -> io::Result<()> {
        either!(&mut self.stream, socket => socket.write_all(bytes))
    }

    /// Writes a frame again and again until nothing more is taken for a moment. Returns how many were begun, and what is left
    /// of the last.
    pub fn write_until_stuck(&mut self, frame: &[u8]) -> (usize, Vec<u8>) {
        let bytes = frame.repeat((1 << 16) / frame.len() + 1);
        either!(&mut self.stream, socket => socket.set_write_timeout(Some(MOMENT * 2)).unwrap());
        let mut total = 0;
        loop {
            match either!(&mut self.stream, socket => socket.write(&bytes[total % bytes.len()..])) {
                Ok(count) => total += count,
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => break,
                Err(error) => panic!("{error}"),
            }
        }
        either!(&mut self.stream, socket => socket.set_write_timeout(None).unwrap());
        let begun = total.div_ceil(frame.len());
        (begun, frame[frame.len() - (begun * frame.len() - total)..].to_vec())
    }

    /// Ends one direction; false where it has none that could end alone, as a pipe.
    pub fn shutdown(&self, how: Shutdown) -> bool {
        match &self.stream {
            Stream::Tcp(socket) => socket.shutdown(how).unwrap(),
            #[cfg(unix)]
            Stream::Local(socket) => socket.shutdown(how).unwrap(),
            #[cfg(windows)]
            Stream::Local(_) => return false,
        }
        true
    }

    /// The next frame, or nothing at the end of the connection.
    pub fn try_frame(&mut self) -> io::Result<Option<(Head, Vec<u8>)>> {
        loop {
            if let Some(head) = wire::head(&self.bytes).unwrap()
                && self.bytes.len() >= head.length
            {
                let rest = self.bytes.split_off(head.length);
                return Ok(Some((head, std::mem::replace(&mut self.bytes, rest))));
            }
            let mut buffer = [0; 65_536];
            match either!(&mut self.stream, socket => socket.read(&mut buffer))? {
                0 => return Ok(None),
                count => self.bytes.extend_from_slice(&buffer[..count]),
            }
        }
    }

    pub fn frame(&mut self) -> (Head, Vec<u8>) {
        self.try_frame()
            .expect("a frame in time")
            .expect("no end of the connection")
    }

    /// The next frame, which has to be of this type; its fixed part and its data.
    pub fn expect<T: Fixed>(&mut self) -> (T, Vec<u8>) {
        let (head, bytes) = self.frame();
        assert_eq!(head.kind, T::KIND, "{bytes:?}");
        assert_eq!(bytes[..2], [0, 8], "version and size of the header");
        let (fixed, data) = wire::whole::<T>(head, &bytes).unwrap();
        (*fixed, data.to_vec())
    }

    /// Nothing comes for a moment, and the connection stays.
    pub fn quiet(&mut self) {
        either!(&mut self.stream, socket => socket.set_read_timeout(Some(MOMENT)).unwrap());
        let came = self.try_frame();
        either!(&mut self.stream, socket => socket.set_read_timeout(Some(PATIENCE)).unwrap());
        match came {
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
            other => panic!("{other:?}"),
        }
    }

    /// The broker closes the connection.
    pub fn closes(&mut self) {
        match self.try_frame() {
            Ok(None) => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
            other => panic!("{other:?}"),
        }
    }

    pub fn open_as(&mut self, port: u64, flags: u32) -> (Code, u64) {
        let request = OpenPort {
            request: 7.into(),
            port: port.into(),
            flags: flags.into(),
            ..Default::default()
        };
        self.write(&request.frame(&[]));
        let (answer, _) = self.expect::<OpenedPort>();
        assert_eq!(answer.request.get(), 7);
        (Code::of(answer.code).unwrap(), answer.port.get())
    }

    /// Opens a port as an old client does.
    pub fn open(&mut self, port: u64) -> u64 {
        let (code, port) = self.open_as(port, 0);
        assert_eq!(code, Code::Done);
        port
    }

    /// Opens a port as a client that knows streams does.
    pub fn open_extended(&mut self, port: u64) -> u64 {
        let (code, port) = self.open_as(port, EXTENDED);
        assert_eq!(code, Code::Done);
        port
    }

    pub fn close(&mut self, port: u64) -> Code {
        self.write(
            &ClosePort {
                request: 8.into(),
                port: port.into(),
                ..Default::default()
            }
            .frame(&[]),
        );
        let (answer, _) = self.expect::<ClosedPort>();
        assert_eq!((answer.request.get(), answer.port.get()), (8, port));
        Code::of(answer.code).unwrap()
    }

    pub fn send(&mut self, source: u64, destination: u64, tag: u32, data: &[u8]) {
        self.write(&message(source, destination, tag, data));
    }

    /// The next frame is a message with these bytes; returns its source and destination.
    pub fn receive(&mut self, data: &[u8]) -> (u64, u64) {
        let (message, got) = self.expect::<DeliverMessage>();
        assert!(got == data, "{} bytes {:?}…", got.len(), &got[..got.len().min(40)]);
        (message.source.get(), message.destination.get())
    }

    /// The next frame says that something was not delivered: type, destination, tag, reason.
    pub fn failed(&mut self) -> (Kind, u64, u32, Code) {
        let (failed, _) = self.expect::<Failed>();
        let kind = Kind::of(failed.kind).unwrap();
        (
            kind,
            failed.destination.get(),
            failed.tag.get(),
            Code::of(failed.code).unwrap(),
        )
    }

    /// The next frame is a piece: stream, offset, flags, data.
    pub fn piece(&mut self) -> (u64, u64, u32, Vec<u8>) {
        let (piece, data) = self.expect::<DeliverChunk>();
        (piece.stream.get(), piece.offset.get(), piece.flags.get(), data)
    }
}

pub fn message(source: u64, destination: u64, tag: u32, data: &[u8]) -> Vec<u8> {
    let size = (data.len() as u32).into();
    let (source, destination, tag) = (source.into(), destination.into(), tag.into());
    SendMessage {
        source,
        destination,
        size,
        tag,
        ..Default::default()
    }
    .frame(data)
}

pub fn chunk(source: u64, destination: u64, (stream, offset): (u64, u64), flags: u32, data: &[u8]) -> Vec<u8> {
    let (source, destination, size) = (source.into(), destination.into(), (data.len() as u32).into());
    let (stream, offset, flags) = (stream.into(), offset.into(), flags.into());
    SendChunk {
        source,
        destination,
        stream,
        offset,
        size,
        flags,
        ..Default::default()
    }
    .frame(data)
}

/// Resident memory of this process, in bytes.
#[cfg(target_os = "linux")]
pub fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// What stands between clients and a broker, and ends their connections. The broker has noticed the end before the client does.
pub struct Between {
    pub address: SocketAddr,
    /// Bytes that whoever connects next may send.
    next: Arc<AtomicUsize>,
    connections: Arc<Mutex<Vec<TcpStream>>>,
}

impl Between {
    pub fn new(broker: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, next) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(usize::MAX)));
        let connections = Arc::new(Mutex::new(Vec::new()));
        let (limit, connected) = (Arc::clone(&next), Arc::clone(&connections));
        // It ends with the tests' process.
        thread::spawn(move || {
            for client in listener.incoming() {
                let (mut client, mut to) = (client.unwrap(), TcpStream::connect(broker).unwrap());
                connected.lock().unwrap().push(to.try_clone().unwrap());
                let (mut back, mut from) = (client.try_clone().unwrap(), to.try_clone().unwrap());
                let limit = limit.load(Ordering::Relaxed) as u64;
                thread::spawn(move || {
                    let _ended = io::copy(&mut (&mut client).take(limit), &mut to);
                    let _ended = to.shutdown(Shutdown::Write);
                });
                thread::spawn(move || {
                    let _ended = io::copy(&mut from, &mut back);
                    let _ended = back.shutdown(Shutdown::Both);
                });
            }
        });
        Self {
            address,
            next,
            connections,
        }
    }

    /// Ends all connections; whoever connects from now on is cut off after so many bytes.
    pub fn cut(&self, next: usize) {
        self.next.store(next, Ordering::Relaxed);
        for to in self.connections.lock().unwrap().drain(..) {
            // It may have ended already.
            let _ended = to.shutdown(Shutdown::Write);
        }
    }
}
