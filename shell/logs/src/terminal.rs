//! Writes the shell's own messages to the terminal that it was started from.
//!
//! A terminal may have been stopped (Ctrl+S), and a pipe may be full: while windows are open a thread of its own writes, and no
//! other thread waits for the reader.

use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

/// Lines that wait for the thread; what comes beyond is lost.
const WAITING: usize = 1_024;
/// How long a shell that ends waits until its last lines have been written.
const PATIENCE: Duration = Duration::from_millis(500);

/// The thread that writes, once there is one.
static THREAD: OnceLock<SyncSender<Line>> = OnceLock::new();

enum Line {
    Text(Vec<u8>),
    /// All before it has been written.
    End(Sender<()>),
}

/// Standard error, as the shell's own log writes to it.
#[derive(Clone, Copy, Debug)]
pub struct Terminal;

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match THREAD.get() {
            // One line less is better than a shell that waits.
            Some(thread) => drop(thread.try_send(Line::Text(bytes.to_vec()))),
            // Nobody could be told that it fails.
            None => drop(io::stderr().write_all(bytes)),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the last lines when it is dropped, if that can be done soon.
#[must_use]
pub struct TerminalWriter(());

/// Starts the thread that writes.
pub fn write_on_thread() -> TerminalWriter {
    if THREAD.get().is_none() {
        let (sender, lines) = sync_channel(WAITING);
        match std::thread::Builder::new()
            .name("terminal".into())
            .spawn(move || write(&lines))
        {
            // A shell is run once.
            Ok(_) => drop(THREAD.set(sender)),
            Err(error) => tracing::warn!("no thread for the terminal: {error}"),
        }
    }
    TerminalWriter(())
}

fn write(lines: &Receiver<Line>) {
    for line in lines {
        match line {
            // Where it can't be read, it is in the log of the shell all the same.
            Line::Text(text) => drop(io::stderr().write_all(&text)),
            Line::End(done) => done.send(()).unwrap_or_default(),
        }
    }
}

impl Drop for TerminalWriter {
    fn drop(&mut self) {
        let (done, written) = channel();
        if THREAD
            .get()
            .is_some_and(|thread| thread.try_send(Line::End(done)).is_ok())
        {
            // Nobody reads it, then.
            let _ = written.recv_timeout(PATIENCE);
        }
    }
}
