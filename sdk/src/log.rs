//! The log: command 19. Nothing here waits: texts go out with the next `ar()`.

use crate::channel::{Channel, text};
use crate::host;
use crate::runtime::{self, Message};
pub use portico_abi::Level;
use portico_abi::{Print, which};
use std::cell::RefCell;

struct Line {
    message: Print,
    text: String,
}

impl Line {
    fn new(index: u16, level: u8, set_name: bool, text: &str) -> Self {
        let message = Print {
            which: index.into(),
            level,
            set_name: set_name.into(),
            ..Print::default()
        };
        Self {
            message,
            text: text.to_owned(),
        }
    }
}

impl Message for Line {
    fn prepare(&mut self) -> u32 {
        self.message.text = text(&self.text);
        host::address(&raw const self.message)
    }
}

thread_local! {
    static LOG: RefCell<Option<Channel<Line>>> = const { RefCell::new(None) };
}

fn send(line: Line) {
    LOG.with(|log| {
        let mut log = log.borrow_mut();
        match &*log {
            Some(channel) => channel.send_other(line),
            None => *log = Some(Channel::open(which::LOG, line)),
        }
    });
}

/// Prints a text into the log `index`: 0 unless the program has several. A newline starts a new line. Also through
/// [`debug!`](crate::debug), [`info!`](crate::info), [`warning!`](crate::warning) and [`error!`](crate::error!).
pub fn print(level: Level, index: u16, text: &str) {
    send(Line::new(index, level.number(), false, text));
}

/// Names a log.
pub fn name(index: u16, name: &str) {
    send(Line::new(index, 0, true, name));
}

/// Chooses what a log prints from now on: all levels at first.
pub fn levels(index: u16, levels: &[Level]) {
    let set = levels.iter().fold(0, |set, level| set | level.number());
    send(Line::new(index, set << 4, false, ""));
}

impl Channel<Line> {
    fn send_other(&self, line: Line) {
        if !runtime::is_closed(self.id) {
            runtime::send_other(self.id, Box::new(line));
        }
    }
}

/// Prints into log 0 for those who mend the program; takes what `format!` takes.
#[macro_export]
macro_rules! debug {
    ($($argument:tt)*) => { $crate::log::print($crate::log::Level::Debug, 0, &::std::format!($($argument)*)) };
}

/// Prints into log 0 what is worth knowing; takes what `format!` takes.
#[macro_export]
macro_rules! info {
    ($($argument:tt)*) => { $crate::log::print($crate::log::Level::Info, 0, &::std::format!($($argument)*)) };
}

/// Prints into log 0 what is not as it should be; takes what `format!` takes.
#[macro_export]
macro_rules! warning {
    ($($argument:tt)*) => { $crate::log::print($crate::log::Level::Warning, 0, &::std::format!($($argument)*)) };
}

/// Prints into log 0 what did not work; takes what `format!` takes.
#[macro_export]
macro_rules! error {
    ($($argument:tt)*) => { $crate::log::print($crate::log::Level::Error, 0, &::std::format!($($argument)*)) };
}
