//! A connection over TCP, a Unix socket, or a named pipe, on either side of it.

use crate::client::Address;
use mio::event::Source;
use mio::net::TcpStream;
use std::io::{self, IoSlice, Read, Write};

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
                let socket = std::net::TcpStream::connect(address)?;
                socket.set_nodelay(true)?;
                socket.set_nonblocking(true)?;
                Ok(Self::Tcp(TcpStream::from_std(socket)))
            }
            #[cfg(unix)]
            Address::Socket(path) => {
                let socket = std::os::unix::net::UnixStream::connect(path)?;
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
            Self::Pipe(pipe) => pipe.write_vectored(slices),
        }
    }
}
