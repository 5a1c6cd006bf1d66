//! The limit of what can carry messages: bytes from one connection to another, and nothing else.

use anyhow::Result;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::thread;

/// Bytes that are read at once.
const READ: usize = 64 * 1024;
/// A buffer that begins with a page is read to fastest.
const PAGE: usize = 4096;

/// Joins each two connections that come, for good. Says where on a line of its own.
pub(crate) fn run() -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    // As the broker has it: the relay is not to wait for timers of the system's either.
    #[cfg(target_os = "linux")]
    rustix::net::sockopt::set_tcp_congestion(&listener, "reno")?;
    writeln!(std::io::stdout(), "Ready on {}", listener.local_addr()?)?;
    loop {
        let (one, other) = (listener.accept()?.0, listener.accept()?.0);
        one.set_nodelay(true)?;
        other.set_nodelay(true)?;
        let (from, to) = (one.try_clone()?, other.try_clone()?);
        thread::spawn(move || carry(from, to));
        thread::spawn(move || carry(other, one));
    }
}

/// A thread that sleeps in a read is woken sooner than one that asks first which of its connections is ready.
fn carry(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = vec![0; READ + PAGE];
    let start = buffer.as_ptr().align_offset(PAGE) % PAGE;
    let buffer = &mut buffer[start..start + READ];
    loop {
        let count = match from.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Ok(count) => count,
            Err(_) => 0,
        };
        if count == 0 || to.write_all(&buffer[..count]).is_err() {
            // Whoever is at the other end may have gone already.
            let _ = to.shutdown(Shutdown::Both);
            let _ = from.shutdown(Shutdown::Both);
            return;
        }
    }
}
