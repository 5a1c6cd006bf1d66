//! The open channels of one command, and the queue of each.

use parking_lot::{Mutex, MutexGuard};
use portico_kernel::Waker;
use std::sync::Arc;

/// A channel's queue, and its waker.
struct Feed<Q> {
    queue: Mutex<Q>,
    waker: Waker,
}

/// The queues of all open channels of one command. The list is replaced as a whole when a channel opens or closes, so that an
/// event takes no lock but that of the queue that it goes into.
pub(crate) struct Feeds<Q>(Arc<Mutex<List<Q>>>);

type List<Q> = Arc<[Arc<Feed<Q>>]>;

impl<Q> Default for Feeds<Q> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Arc::new([]))))
    }
}

impl<Q> Feeds<Q> {
    /// Puts something into every queue. The caller rings when it holds no lock.
    #[must_use]
    pub(crate) fn queue(&self, put: impl Fn(&mut Q)) -> Ring<Q> {
        let feeds = Arc::clone(&self.0.lock());
        for feed in &*feeds {
            put(&mut feed.queue.lock());
        }
        Ring(feeds)
    }

    /// Puts something into every queue and wakes the program.
    pub(crate) fn post(&self, put: impl Fn(&mut Q)) {
        self.queue(put).ring();
    }

    /// Whether no channel is open.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }
}

/// The channels whose queues have just changed.
pub(crate) struct Ring<Q>(List<Q>);

impl<Q> Ring<Q> {
    /// Wakes them. A ring with nothing to receive says nothing to the program.
    pub(crate) fn ring(self) {
        for feed in &*self.0 {
            feed.waker.ready();
        }
    }
}

/// Subscription of a channel: its queue, which is removed when this is dropped.
pub(crate) struct Subscription<Q> {
    feeds: Feeds<Q>,
    feed: Arc<Feed<Q>>,
}

impl<Q> Subscription<Q> {
    /// Adds a queue to the feeds.
    pub(crate) fn new(feeds: &Feeds<Q>, queue: Q, waker: Waker) -> Self {
        let feed = Arc::new(Feed {
            queue: Mutex::new(queue),
            waker,
        });
        let mut list = feeds.0.lock();
        *list = list.iter().chain([&feed]).cloned().collect();
        drop(list);
        Self {
            feeds: Feeds(Arc::clone(&feeds.0)),
            feed,
        }
    }

    /// The queue.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Q> {
        self.feed.queue.lock()
    }
}

impl<Q> Drop for Subscription<Q> {
    fn drop(&mut self) {
        let mut list = self.feeds.0.lock();
        *list = list
            .iter()
            .filter(|feed| !Arc::ptr_eq(feed, &self.feed))
            .cloned()
            .collect();
    }
}
