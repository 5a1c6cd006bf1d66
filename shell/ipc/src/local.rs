//! Sockets of this machine.

use std::io;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Connects to the socket at a path. Waits, for `time` at most, only if the queue of the listener is full, as that of a stopped
/// process; the error is [`io::ErrorKind::WouldBlock`] then.
pub(crate) fn connect(path: &Path, time: Duration) -> io::Result<UnixStream> {
    #[cfg(target_os = "linux")]
    {
        use rustix::net::sockopt::{Timeout, set_socket_timeout};
        use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        set_socket_timeout(&socket, Timeout::Send, Some(time))?;
        connect(&socket, &SocketAddrUnix::new(path)?)?;
        set_socket_timeout(&socket, Timeout::Send, None)?;
        Ok(socket.into())
    }
    // Elsewhere that is refused at once.
    #[cfg(not(target_os = "linux"))]
    {
        let _ = time;
        UnixStream::connect(path)
    }
}
