//! A connection over TCP, a Unix socket, or a named pipe, on either side of it.

use crate::address::Address;
use mio::event::Source;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use std::io::{self, IoSlice, Read, Write};
use std::net::SocketAddr;

/// How long connecting waits.
#[cfg(target_os = "linux")]
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

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
    /// Connects to a broker. One that is stopped takes connections for a while all the same; then this waits, for two seconds at
    /// most.
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
                let socket = dial_path(path)?;
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
        let interest = if watch {
            Interest::READABLE | Interest::WRITABLE
        } else {
            Interest::READABLE
        };
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

    /// The process at the other end, where the system tells.
    pub(crate) fn process(&self) -> Option<u32> {
        match self {
            #[cfg(unix)]
            Self::Unix(socket) => process(socket),
            _ => None,
        }
    }

    /// Gives up what is on its way within this process.
    pub(crate) fn abandon(&self) {
        #[cfg(windows)]
        if let Self::Pipe(pipe) = self {
            crate::pipe::abandon(pipe);
        }
    }
}

/// The process at the other end of a Unix socket, where the system tells.
#[cfg(target_os = "linux")]
pub(crate) fn process(socket: &mio::net::UnixStream) -> Option<u32> {
    let of = rustix::net::sockopt::socket_peercred(socket).ok()?;
    Some(of.pid.as_raw_nonzero().get().unsigned_abs())
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn process(_socket: &mio::net::UnixStream) -> Option<u32> {
    None
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
        connect(&socket, &address)?;
        Ok(socket.into())
    }
    #[cfg(not(target_os = "linux"))]
    std::net::TcpStream::connect(address)
}

#[cfg(unix)]
fn dial_path(path: &std::path::Path) -> io::Result<std::os::unix::net::UnixStream> {
    #[cfg(target_os = "linux")]
    {
        use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, socket_with};
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        connect(&socket, &SocketAddrUnix::new(path)?)?;
        Ok(socket.into())
    }
    // Elsewhere who takes no more refuses at once.
    #[cfg(not(target_os = "linux"))]
    std::os::unix::net::UnixStream::connect(path)
}

/// Connects, and does not wait for ever for one that takes no more connections, as a process that was stopped a while ago.
#[cfg(target_os = "linux")]
fn connect(socket: &rustix::fd::OwnedFd, address: &impl rustix::net::addr::SocketAddrArg) -> io::Result<()> {
    use rustix::net::sockopt::{Timeout, set_socket_timeout};
    set_socket_timeout(socket, Timeout::Send, Some(PATIENCE))?;
    rustix::net::connect(socket, address)?;
    // It never waits from here on.
    set_socket_timeout(socket, Timeout::Send, None)?;
    Ok(())
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
        let family = if address.is_ipv4() {
            AddressFamily::INET
        } else {
            AddressFamily::INET6
        };
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
