//! A connection over TCP, a Unix socket, or a named pipe, on either side of it.

use crate::client::Address;
use mio::event::Source;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use std::io::{self, IoSlice, Read, Write};
use std::net::SocketAddr;

/// A connection that never waits, over which frames go ([`wire`](crate::wire)).
#[derive(Debug)]
pub enum Socket {
    /// TCP.
    Tcp(TcpStream),
    /// A Unix socket.
    #[cfg(unix)]
    Unix(mio::net::UnixStream),
    /// A named pipe.
    #[cfg(windows)]
    Pipe(mio::windows::NamedPipe),
}

impl Socket {
    /// Connects to a broker; this may wait.
    ///
    /// # Errors
    /// If there is none.
    pub fn connect(address: &Address) -> io::Result<Self> {
        match address {
            Address::Tcp(address) => {
                let socket = dial(*address)?;
                socket.set_nodelay(true)?;
                socket.set_nonblocking(true)?;
                Ok(Self::Tcp(TcpStream::from_std(socket)))
            }
            #[cfg(unix)]
            Address::Socket(path) => {
                let socket = std::os::unix::net::UnixStream::connect(path)?;
                roomy(&socket);
                socket.set_nonblocking(true)?;
                Ok(Self::Unix(mio::net::UnixStream::from_std(socket)))
            }
            #[cfg(windows)]
            Address::Socket(path) => Ok(Self::Pipe(crate::pipe::connect(path)?)),
            #[cfg(not(any(unix, windows)))]
            Address::Socket(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// What the system tells of when something can be read or written.
    pub fn source(&mut self) -> &mut dyn Source {
        match self {
            Self::Tcp(socket) => socket,
            #[cfg(unix)]
            Self::Unix(socket) => socket,
            #[cfg(windows)]
            Self::Pipe(pipe) => pipe,
        }
    }

    /// Reads what is there.
    ///
    /// # Errors
    /// `WouldBlock` when nothing is; whatever else the system says.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(socket) => socket.read(buffer),
            #[cfg(unix)]
            Self::Unix(socket) => socket.read(buffer),
            #[cfg(windows)]
            Self::Pipe(pipe) => match pipe.read(buffer) {
                // So a pipe says what a socket says with nothing.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(0),
                other => other,
            },
        }
    }

    /// Writes what it takes.
    ///
    /// # Errors
    /// `WouldBlock` when it takes nothing now; whatever else the system says.
    pub fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Tcp(socket) => socket.write_vectored(slices),
            #[cfg(unix)]
            Self::Unix(socket) => socket.write_vectored(slices),
            #[cfg(windows)]
            Self::Pipe(pipe) => crate::pipe::write(pipe, slices),
        }
    }

    /// Has the system tell when something can be written, too, or no longer.
    pub(crate) fn watch_room(&mut self, registry: &Registry, token: Token, watch: bool) -> io::Result<()> {
        // A pipe always does.
        #[cfg(windows)]
        if let Self::Pipe(_) = self {
            return Ok(());
        }
        let interest = if watch { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
        registry.reregister(self.source(), token, interest)
    }

    /// Whether what it has taken is on its way within this process still, and lost if that ends; that it has gone the system tells
    /// as it tells of room.
    pub(crate) fn keeps(&self) -> bool {
        #[cfg(windows)]
        if let Self::Pipe(_) = self {
            return true;
        }
        false
    }

    /// Gives up what is on its way within this process.
    pub(crate) fn abandon(&self) {
        #[cfg(windows)]
        if let Self::Pipe(pipe) = self {
            crate::pipe::abandon(pipe);
        }
    }
}

/// Has the system keep more of what is written to a Unix socket than by itself, which is less than is read at once: who writes
/// then sleeps half as often. This is what Linux allows everybody; it doubles that, as it counts its own trouble with it.
#[cfg(unix)]
pub(crate) fn roomy(socket: impl std::os::fd::AsFd) {
    if let Err(error) = rustix::net::sockopt::set_socket_send_buffer_size(socket, 208 * 1024) {
        tracing::debug!(%error, "long messages may be slower");
    }
}

fn dial(address: SocketAddr) -> io::Result<std::net::TcpStream> {
    #[cfg(target_os = "linux")]
    {
        let socket = unpaced::socket(address, rustix::net::SocketFlags::CLOEXEC)?;
        rustix::net::connect(&socket, &address)?;
        Ok(socket.into())
    }
    #[cfg(not(target_os = "linux"))]
    std::net::TcpStream::connect(address)
}

/// Connections within the machine have nothing to wait for, but where the system's choice is BBR they are paced by timers all
/// the same, whose work is counted as anybody's.
#[cfg(target_os = "linux")]
pub(crate) mod unpaced {
    use rustix::fd::{AsFd, OwnedFd};
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with, sockopt};
    use std::io;
    use std::net::SocketAddr;

    /// A TCP socket that can be connected to this address.
    pub(crate) fn socket(address: SocketAddr, flags: SocketFlags) -> io::Result<OwnedFd> {
        let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let socket = socket_with(family, SocketType::STREAM, flags, None)?;
        // Once it is connected it would be too late: what was paced stays so.
        set(&socket, address);
        Ok(socket)
    }

    /// Does the same for a listener, from which those that it accepts have it.
    pub(crate) fn set(socket: impl AsFd, address: SocketAddr) {
        if address.ip().is_loopback()
            && let Err(error) = sockopt::set_tcp_congestion(socket, "reno")
        {
            tracing::debug!(%error, "messages may be slower");
        }
    }
}
