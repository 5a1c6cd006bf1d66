//! Writes the shell's own messages to the log.

use super::{LogStore, SourceId};
use portico_abi::Level;
use std::fmt::{self, Write as _};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Bytes of a text that are kept.
const LONGEST: usize = 16 << 10;

/// Writes the shell's own lines to a log.
pub struct ShellLog(pub &'static LogStore);

impl<S: Subscriber> Layer<S> for ShellLog {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let level = match *event.metadata().level() {
            tracing::Level::ERROR => Level::Error,
            tracing::Level::WARN => Level::Warning,
            tracing::Level::INFO => Level::Info,
            tracing::Level::DEBUG | tracing::Level::TRACE => Level::Debug,
        };
        let mut text = Text(String::new());
        event.record(&mut text);
        let text = &text.0[..text.0.floor_char_boundary(LONGEST)];
        for line in text.lines() {
            // What others said may be quoted in it.
            let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            self.0.note(SourceId::SHELL, level, event.metadata().target(), &line);
        }
    }
}

/// The message, then the other fields by name.
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a String can't fail.
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}
