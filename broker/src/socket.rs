//! A connection over TCP or a Unix socket, on either side of it.

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
            #[cfg(not(unix))]
            Address::Socket(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// What the system tells of when something can be read or written.
    pub fn source(&mut self) -> &mut dyn Source {
        match self {
            Self::Tcp(socket) => socket,
            #[cfg(unix)]
            Self::Unix(socket) => socket,
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
        }
    }
}
