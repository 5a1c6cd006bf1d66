//! Bounded queues of channels. Their storage is reused, so that an event in the steady state allocates nothing.

use super::input::{Cursor, Key};
use portico_abi::{CursorKind, KeyState};
use std::collections::VecDeque;

/// Events that wait for a channel before something gives way.
pub(crate) const MAX_EVENTS: usize = 1024;
/// Cursor events that wait when they are not moves, which coalesce before.
const MAX_CURSOR_EVENTS: usize = 2 * MAX_EVENTS;
/// Bytes of committed text that wait; what is typed beyond is dropped.
const MAX_TYPED: usize = 1 << 20;

/// A queue of events that come as a list.
pub(crate) trait Events {
    /// What waits in it.
    type Event;

    /// How many wait.
    fn len(&self) -> usize;

    /// Takes the oldest `count`, or as many as there are.
    fn take(&mut self, count: usize) -> impl Iterator<Item = Self::Event>;
}

/// Keys: when full, the oldest repeat goes, or else the oldest event.
#[derive(Debug, Default)]
pub(crate) struct KeyQueue(VecDeque<Key>);

impl KeyQueue {
    pub(crate) fn push(&mut self, key: Key) {
        self.0.push_back(key);
        if self.0.len() > MAX_EVENTS {
            let oldest_repeat = self.0.iter().position(|key| key.state == KeyState::Repeated);
            self.0.remove(oldest_repeat.unwrap_or(0));
        }
    }
}

impl Events for KeyQueue {
    type Event = Key;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn take(&mut self, count: usize) -> impl Iterator<Item = Key> {
        self.0.drain(..count.min(self.0.len()))
    }
}

/// Cursor events: when more than [`MAX_EVENTS`] would wait, a move is added to the move before it.
#[derive(Debug, Default)]
pub(crate) struct CursorQueue(VecDeque<Cursor>);

impl CursorQueue {
    pub(crate) fn push(&mut self, event: Cursor) {
        if self.0.len() >= MAX_EVENTS
            && is_move(&event)
            && let Some(last) = self.0.back_mut()
            && (last.kind, last.pointer) == (event.kind, event.pointer)
        {
            *last = Cursor {
                dx: last.dx + event.dx,
                dy: last.dy + event.dy,
                ..event
            };
            return;
        }
        self.0.push_back(event);
        if self.0.len() > MAX_CURSOR_EVENTS {
            let oldest_move = self.0.iter().position(is_move);
            self.0.remove(oldest_move.unwrap_or(0));
        }
    }
}

impl Events for CursorQueue {
    type Event = Cursor;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn take(&mut self, count: usize) -> impl Iterator<Item = Cursor> {
        self.0.drain(..count.min(self.0.len()))
    }
}

fn is_move(event: &Cursor) -> bool {
    matches!(event.kind, CursorKind::Moved | CursorKind::TouchMoved)
}

/// Indices that the user chose: buttons, menu entries, tabs. When full, the oldest goes.
#[derive(Debug, Default)]
pub(crate) struct Choices(VecDeque<u32>);

impl Choices {
    pub(crate) fn push(&mut self, index: u32) {
        if self.0.len() == MAX_EVENTS {
            self.0.pop_front();
        }
        self.0.push_back(index);
    }

    pub(crate) fn pop(&mut self) -> Option<u32> {
        self.0.pop_front()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// A file that was dropped on the window.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dropped {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) name: String,
}

/// Files that were dropped on the window. When full, the newest are not told: they are in the store all the same.
#[derive(Debug, Default)]
pub(crate) struct Drops(VecDeque<Dropped>);

impl Drops {
    pub(crate) fn push(&mut self, dropped: Dropped) {
        if self.0.len() < MAX_EVENTS {
            self.0.push_back(dropped);
        }
    }

    pub(crate) fn first(&self) -> Option<&Dropped> {
        self.0.front()
    }

    /// Drops the oldest; says whether there are more.
    pub(crate) fn drop_first(&mut self) -> bool {
        self.0.pop_front();
        !self.0.is_empty()
    }
}

/// Lines of the debug console. When full, the oldest goes.
#[derive(Debug, Default)]
pub(crate) struct ConsoleLines(VecDeque<String>);

impl ConsoleLines {
    pub(crate) fn push(&mut self, line: &str) {
        if self.0.len() == MAX_EVENTS {
            self.0.pop_front();
        }
        self.0.push_back(line.to_owned());
    }

    pub(crate) fn first(&self) -> Option<&str> {
        self.0.front().map(String::as_str)
    }

    pub(crate) fn drop_first(&mut self) {
        self.0.pop_front();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

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

/// A value of which only the newest counts.
#[derive(Debug)]
pub(crate) struct Newest<T> {
    value: T,
    changed: bool,
}

impl<T: Copy + PartialEq> Newest<T> {
    /// A value that has not been delivered.
    pub(crate) fn new(value: T) -> Self {
        Self { value, changed: true }
    }

    pub(crate) fn set(&mut self, value: T) {
        self.changed |= self.value != value;
        self.value = value;
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.changed
    }

    pub(crate) fn take(&mut self) -> Option<T> {
        std::mem::take(&mut self.changed).then_some(self.value)
    }
}

#[cfg(test)]
mod tests;
