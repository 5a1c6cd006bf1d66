//! Bounded queues of channels, by what gives way when they are full. Their storage is reused, so that an event in the steady state
//! allocates nothing.

use std::collections::VecDeque;

/// Events that wait for a channel before something gives way.
pub(crate) const MAX_EVENTS: usize = 1024;

/// An event that can wait in a [`Queue`].
pub(crate) trait QueuedEvent {
    /// Most that wait. Above [`MAX_EVENTS`] for events that are merged first.
    const MOST: usize = MAX_EVENTS;

    /// Whether it goes before others when the queue is full.
    fn is_expendable(&self) -> bool {
        false
    }

    /// Adds a later event to this one, where the two can be told as one and the queue is full.
    fn merge(&mut self, _later: &Self) -> bool {
        false
    }
}

/// A queue whose oldest event goes when it is full, expendable ones first.
#[derive(Debug)]
pub(crate) struct Queue<T>(VecDeque<T>);

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T: QueuedEvent> Queue<T> {
    pub(crate) fn push(&mut self, event: T) {
        if self.0.len() >= MAX_EVENTS && self.0.back_mut().is_some_and(|last| last.merge(&event)) {
            return;
        }
        self.0.push_back(event);
        if self.0.len() > T::MOST {
            let expendable = self.0.iter().position(T::is_expendable);
            self.0.remove(expendable.unwrap_or(0));
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn first(&self) -> Option<&T> {
        self.0.front()
    }

    pub(crate) fn pop(&mut self) -> Option<T> {
        self.0.pop_front()
    }

    /// Takes the oldest `count`, or as many as there are.
    pub(crate) fn take(&mut self, count: usize) -> impl Iterator<Item = T> {
        self.0.drain(..count.min(self.0.len()))
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// A queue that takes no more when it is full.
#[derive(Debug)]
pub(crate) struct FullQueue<T>(VecDeque<T>);

impl<T> Default for FullQueue<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T> FullQueue<T> {
    /// Adds an event unless [`MAX_EVENTS`] wait; says whether it was added.
    pub(crate) fn push(&mut self, event: T) -> bool {
        let has_room = self.0.len() < MAX_EVENTS;
        if has_room {
            self.0.push_back(event);
        }
        has_room
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn first(&self) -> Option<&T> {
        self.0.front()
    }

    pub(crate) fn pop(&mut self) -> Option<T> {
        self.0.pop_front()
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
mod tests {
    use super::*;

    impl QueuedEvent for usize {}

    #[test]
    fn queue_drops_the_oldest_when_it_is_full() {
        let mut queue = Queue::default();
        (0..MAX_EVENTS + 2).for_each(|event| queue.push(event));
        assert_eq!((queue.len(), queue.first()), (MAX_EVENTS, Some(&2)));
        assert_eq!((queue.pop(), queue.take(2).collect()), (Some(2), vec![3, 4]));
    }

    #[test]
    fn full_queue_takes_no_more() {
        let mut queue = FullQueue::default();
        assert!((0..MAX_EVENTS).all(|event| queue.push(event)));
        assert!(!queue.push(MAX_EVENTS));
        assert_eq!((queue.pop(), queue.first()), (Some(0), Some(&1)));
    }

    #[test]
    fn newest_counts_alone() {
        let mut newest = Newest::new(1);
        newest.set(2);
        newest.set(3);
        assert_eq!((newest.take(), newest.take()), (Some(3), None));
        newest.set(3);
        assert_eq!(newest.take(), None);
    }
}
