//! The log: command 19.

mod buffer;

pub use buffer::{LogBuffer, LogLine};
pub use portico_abi::Level;

use crate::Host;
use portico_abi::{Print, which};
use portico_kernel::{
    Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, Reading, Received, Sent, escape,
};
use rustc_hash::FxHashMap;

/// Bytes of a text.
const MAX_TEXT: usize = 64 * 1024;
/// Bytes that are kept of the name of an index.
const MAX_NAME: usize = 256;
/// The levels that an index prints at first, as the upper bits of [`Print::level`].
const ALL_LEVELS: u8 = 0xF0;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "log",
    summary: "Write to its log",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[CommandEntry {
        number: which::LOG,
        name: "log",
        single: false,
        open: Some(|| Box::<LogChannel>::default()),
    }],
};

/// Writes the lines of a program's log to their place: the terminal, a window's log, a file.
pub trait Log: Send + Sync {
    /// Takes a line: the name of its index, and its text. Both are free of control characters. Called on the program's
    /// thread.
    fn line(&self, level: Level, name: &str, text: &str);
}

/// Indices of a process's log, by number.
#[derive(Default)]
pub(crate) struct Indices(FxHashMap<u16, Index>);

struct Index {
    name: String,
    /// As the upper bits of [`Print::level`].
    levels: u8,
}

impl Indices {
    fn get(&mut self, number: u16) -> &mut Index {
        self.0.entry(number).or_insert_with(|| Index {
            name: number.to_string(),
            levels: ALL_LEVELS,
        })
    }
}

#[derive(Default)]
struct LogChannel {
    /// The message that was posted last.
    print: Print,
    set_name: bool,
    text: String,
    /// Reused for each line.
    escaped: String,
}

impl Channel<Host> for LogChannel {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        self.print = cx.memory.read(at, "Print")?;
        self.set_name = cx.memory.boolean(self.print.set_name, at.wrapping_add(3), "set_name")?;
        let text = cx.memory.text(self.print.text, "text")?;
        self.text.clear();
        self.text.push_str(&text[..text.floor_char_boundary(MAX_TEXT)]);
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let Self {
            print,
            set_name,
            text,
            escaped,
        } = self;
        let host = &mut *cx.host;
        let index = host.indices.get(print.which.get());
        if print.level & ALL_LEVELS != 0 {
            index.levels = print.level & ALL_LEVELS;
        }
        if *set_name {
            index.name.clear();
            escape(&mut index.name, text);
            index.name.truncate(index.name.floor_char_boundary(MAX_NAME));
        } else if let Some(level) = highest(print.level & index.levels >> 4) {
            for line in lines(text) {
                escaped.clear();
                escape(escaped, line);
                host.log.line(level, &index.name, escaped);
            }
            if level == Level::Error {
                cx.panic_message(text);
            }
        }
        Ok(Sent::Ready)
    }

    fn receive(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        Ok(Received::Delivered)
    }
}

/// The highest of these levels (bits 0 to 3).
fn highest(levels: u8) -> Option<Level> {
    Level::ALL
        .iter()
        .rev()
        .copied()
        .find(|level| levels & level.number() != 0)
}

/// Lines of a text: a newline at its end starts no further one.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.strip_suffix('\n').unwrap_or(text).split('\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newline_starts_a_line() {
        assert_eq!(lines("a\n\nb\n").collect::<Vec<_>>(), ["a", "", "b"]);
        assert_eq!(lines("").collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn a_text_prints_as_its_highest_level() {
        assert_eq!(highest(0b0101), Some(Level::Warning));
        assert_eq!(highest(0), None);
        assert_eq!(highest(0b1111), Some(Level::Error));
    }

    #[test]
    fn a_full_buffer_drops_the_oldest_and_counts() {
        let buffer = LogBuffer::new(3, 10);
        for text in ["a", "b", "c", "d"] {
            buffer.line(Level::Info, "n", text);
        }
        assert_eq!(
            buffer.lines().iter().map(|line| &*line.text).collect::<Vec<_>>(),
            ["b", "c", "d"]
        );
        buffer.line(Level::Info, "n", "123456");
        assert_eq!((buffer.lines().len(), buffer.dropped()), (2, 3));
        buffer.line(Level::Error, "n", "longer than all of it");
        assert_eq!((buffer.lines().len(), buffer.dropped()), (1, 5));
    }
}
