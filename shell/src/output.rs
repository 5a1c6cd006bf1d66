//! Standard output and standard error: whatever the shell and its commands write there goes through here.
//!
//! What a command was asked for goes to standard output, and a command that can't write it has failed. What is said beside
//! goes to standard error, where a write that fails changes nothing: least of all the exit code, which is the program's.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::panic;

/// Writes a command's whole output to standard output.
///
/// # Errors
/// When it can't be written. A closed pipe is no error: the reader has seen enough.
pub(crate) fn print(text: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    // Only what is flushed has met a full disk.
    match stdout.write_all(text).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Writes lines to standard error, and ignores failures.
pub(crate) fn say(what: impl Display) {
    // In one write, so that lines of several processes stay whole. Nobody could be told that it fails.
    let _ = io::stderr().lock().write_all(format!("{what}\n").as_bytes());
}

/// Installs a panic hook that reports panics without panicking again.
pub(crate) fn tell_of_panics() {
    panic::set_hook(Box::new(|panic| {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("without a name").to_owned();
        let backtrace = Backtrace::capture();
        let trace = match backtrace.status() {
            BacktraceStatus::Captured => format!("\n{backtrace}"),
            _ => String::new(),
        };
        say(format_args!(
            "portico: an error of the shell's own, in its thread {name}: {panic}{trace}"
        ));
    }));
}
