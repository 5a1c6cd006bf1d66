//! Events of a window, and how they wait for a channel.

use super::input::{Cursor, Key};
use crate::queue::{FullQueue, MAX_EVENTS, Queue, QueuedEvent};
use portico_abi::{CursorKind, KeyState};

/// Bytes of committed text that wait; what is typed beyond is dropped.
const MAX_TYPED: usize = 1 << 20;

impl QueuedEvent for Key {
    fn is_expendable(&self) -> bool {
        self.state == KeyState::Repeated
    }
}

impl QueuedEvent for Cursor {
    const MOST: usize = 2 * MAX_EVENTS;

    fn is_expendable(&self) -> bool {
        matches!(self.kind, CursorKind::Moved | CursorKind::TouchMoved)
    }

    fn merge(&mut self, later: &Self) -> bool {
        let merges = later.is_expendable() && (self.kind, self.pointer) == (later.kind, later.pointer);
        if merges {
            *self = Self {
                dx: self.dx + later.dx,
                dy: self.dy + later.dy,
                ..*later
            };
        }
        merges
    }
}

/// Index of a button, menu entry or tab that the user chose.
pub(crate) type Choice = u32;

impl QueuedEvent for Choice {}

/// Choices of the user.
pub(crate) type Choices = Queue<Choice>;

/// A line of the debug console.
impl QueuedEvent for String {}

/// A file that was dropped on the window.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dropped {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) name: String,
}

/// Files that were dropped on the window.
pub(crate) type Drops = FullQueue<Dropped>;

/// Committed text, joined, and the composition in progress.
#[derive(Debug, Default)]
pub(crate) struct TextQueue {
    text: String,
    preedit: String,
    changed: bool,
}

impl TextQueue {
    pub(crate) fn commit(&mut self, text: &str) {
        for character in text.chars().filter(|character| !character.is_control()) {
            if self.text.len() + character.len_utf8() > MAX_TYPED {
                break;
            }
            self.text.push(character);
            self.changed = true;
        }
    }

    pub(crate) fn compose(&mut self, preedit: &str) {
        let shown = || preedit.chars().filter(|character| !character.is_control());
        if !shown().eq(self.preedit.chars()) {
            self.preedit.clear();
            self.preedit.extend(shown());
            self.changed = true;
        }
    }

    /// Text and composition, when there is anything new.
    pub(crate) fn waiting(&self) -> Option<(&str, &str)> {
        self.changed.then_some((&*self.text, &*self.preedit))
    }

    pub(crate) fn delivered(&mut self) {
        self.text.clear();
        self.changed = false;
    }
}

/// The search query: only what stands in the field now counts.
#[derive(Debug, Default)]
pub(crate) struct Query {
    query: String,
    changed: bool,
}

impl Query {
    pub(crate) fn set(&mut self, query: &str, entered: bool) {
        if self.query != query {
            self.query.clear();
            self.query.push_str(query);
            self.changed = true;
        }
        self.changed |= entered;
    }

    pub(crate) fn waiting(&self) -> Option<&str> {
        self.changed.then_some(&*self.query)
    }

    pub(crate) fn delivered(&mut self) {
        self.changed = false;
    }
}

#[cfg(test)]
mod tests;
