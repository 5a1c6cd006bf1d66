//! The last lines of a log, bounded in number and bytes.

use super::{Level, Log};
use parking_lot::Mutex;
use std::collections::VecDeque;

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Its level.
    pub level: Level,
    /// Name of its index.
    pub name: String,
    /// Its text, without control characters.
    pub text: String,
}

/// The last lines of a log. When it is full the oldest go, and are counted.
#[derive(Debug)]
pub struct LogBuffer {
    max_lines: usize,
    max_bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    lines: VecDeque<LogLine>,
    bytes: usize,
    dropped: u64,
}

impl LogBuffer {
    /// Keeps at most so many lines with so many bytes of names and texts, but always the last line.
    pub fn new(max_lines: usize, max_bytes: usize) -> Self {
        Self {
            max_lines,
            max_bytes,
            kept: Mutex::default(),
        }
    }

    /// The lines that are kept, oldest first.
    pub fn lines(&self) -> Vec<LogLine> {
        self.kept.lock().lines.iter().cloned().collect()
    }

    /// How many lines came before those that are kept.
    pub fn dropped(&self) -> u64 {
        self.kept.lock().dropped
    }
}

impl Log for LogBuffer {
    fn line(&self, level: Level, name: &str, text: &str) {
        let line = LogLine {
            level,
            name: name.to_owned(),
            text: text.to_owned(),
        };
        let mut kept = self.kept.lock();
        kept.bytes += size(&line);
        kept.lines.push_back(line);
        while kept.lines.len() > 1 && (kept.lines.len() > self.max_lines || kept.bytes > self.max_bytes) {
            if let Some(oldest) = kept.lines.pop_front() {
                kept.bytes -= size(&oldest);
                kept.dropped += 1;
            }
        }
    }
}

fn size(line: &LogLine) -> usize {
    line.name.len() + line.text.len()
}
