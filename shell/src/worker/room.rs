//! The memory that all workers share: each takes what it may use before it starts, and those that find no room wait.

use parking_lot::{Condvar, Mutex};
use portico_kernel::Cancel;
use std::sync::Arc;

/// Most bytes that small work takes.
const SMALL: u64 = 128 << 20;

/// An amount of memory, and the queues of work that waits for some of it.
///
/// Large and small work wait in two lines, each in its order. An eighth of the room is kept for small work, so that a small
/// program never waits for a huge one; it takes of the rest, too, while nothing large waits, so that it can't hold up the
/// large ones for ever either. What is larger than all that large work may have is let in when no other large work runs, and
/// counts as all that it may have.
pub(super) struct Room {
    total: u64,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    /// Bytes taken, and tickets of the work that waits, oldest first.
    small: Line,
    large: Line,
    next: u64,
}

#[derive(Default)]
struct Line {
    taken: u64,
    waiting: Vec<u64>,
}

impl State {
    fn line(&mut self, small: bool) -> &mut Line {
        if small { &mut self.small } else { &mut self.large }
    }

    /// Whether the one with this ticket is let in.
    fn admits(&self, ticket: u64, bytes: u64, small: bool, total: u64) -> bool {
        let kept = total / 8;
        let large = self.large.taken.min(total - kept);
        let fits = self.small.taken + large + bytes <= total;
        if small {
            let first = self.small.waiting.first() == Some(&ticket);
            first && fits && (self.large.waiting.is_empty() || self.small.taken + bytes <= kept)
        } else {
            let first = self.large.waiting.first() == Some(&ticket);
            first && (fits && self.large.taken + bytes <= total - kept || self.large.taken == 0 && bytes > total - kept)
        }
    }
}

impl Room {
    /// Room for so many bytes.
    pub(super) fn new(total: u64) -> Self {
        Self {
            total,
            state: Mutex::default(),
            freed: Condvar::new(),
        }
    }

    /// Waits until there are so many bytes, and takes them; `None` when it is cancelled before.
    pub(super) fn reserve(self: &Arc<Self>, bytes: u64, cancel: &Cancel) -> Option<Reserved> {
        let small = bytes <= SMALL.min(self.total / 8);
        let room = Arc::clone(self);
        let _on_cancel = cancel.on_cancel(move || {
            // Whoever waits has looked before this, or looks after it.
            drop(room.state.lock());
            room.freed.notify_all();
        });
        let mut state = self.state.lock();
        let ticket = state.next;
        state.next += 1;
        state.line(small).waiting.push(ticket);
        while !cancel.is_cancelled() && !state.admits(ticket, bytes, small, self.total) {
            self.freed.wait(&mut state);
        }
        let line = state.line(small);
        line.waiting.retain(|waiting| *waiting != ticket);
        let admitted = !cancel.is_cancelled();
        if admitted {
            line.taken += bytes;
        }
        drop(state);
        // The next in line is another one now.
        self.freed.notify_all();
        admitted.then(|| Reserved {
            room: Arc::clone(self),
            bytes,
            small,
        })
    }
}

/// Bytes that were taken; dropped, they are free again.
pub(super) struct Reserved {
    room: Arc<Room>,
    bytes: u64,
    small: bool,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.room.state.lock().line(self.small).taken -= self.bytes;
        self.room.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    const MIB: u64 = 1 << 20;

    /// Asks for room on another thread, which holds it until the sender is dropped; says when it has it, and waits until it
    /// stands in line.
    fn ask(room: &Arc<Room>, bytes: u64, cancel: &Cancel) -> (mpsc::Receiver<bool>, mpsc::Sender<()>) {
        let (tell, told) = mpsc::channel();
        let (hold, held) = mpsc::channel::<()>();
        let before = room.state.lock().next;
        let (asked, cancel) = (Arc::clone(room), cancel.clone());
        thread::spawn(move || {
            let reserved = asked.reserve(bytes, &cancel);
            let _ = tell.send(reserved.is_some());
            let _ = held.recv();
            drop(reserved);
        });
        while room.state.lock().next == before {
            thread::yield_now();
        }
        (told, hold)
    }

    fn has_it(asked: &(mpsc::Receiver<bool>, mpsc::Sender<()>)) -> bool {
        asked.0.recv_timeout(Duration::from_secs(10)).unwrap()
    }

    fn waits(asked: &(mpsc::Receiver<bool>, mpsc::Sender<()>)) -> bool {
        asked.0.recv_timeout(Duration::from_millis(30)).is_err()
    }

    #[test]
    fn room_is_never_overbooked_and_given_in_order() {
        let (room, cancel) = (Arc::new(Room::new(1024 * MIB)), Cancel::default());
        let huge = ask(&room, 700 * MIB, &cancel);
        assert!(has_it(&huge));
        let (second, third) = (ask(&room, 500 * MIB, &cancel), ask(&room, 200 * MIB, &cancel));
        assert!(
            waits(&second) && waits(&third),
            "the third does not overtake the second"
        );
        drop(huge);
        assert!(has_it(&second) && has_it(&third));
    }

    #[test]
    fn small_work_overtakes_large_work_that_waits() {
        let (room, cancel) = (Arc::new(Room::new(1024 * MIB)), Cancel::default());
        let huge = ask(&room, 896 * MIB, &cancel);
        assert!(has_it(&huge));
        let waiting = ask(&room, 896 * MIB, &cancel);
        let small = [ask(&room, 64 * MIB, &cancel), ask(&room, 64 * MIB, &cancel)];
        assert!(small.iter().all(has_it));
        assert!(waits(&ask(&room, 128 * MIB, &cancel)), "there is no more");
        drop(huge);
        assert!(has_it(&waiting));
    }

    #[test]
    fn small_work_does_not_hold_up_large_work() {
        let (room, cancel) = (Arc::new(Room::new(1024 * MIB)), Cancel::default());
        let mut small: Vec<_> = (0..8).map(|_| ask(&room, 128 * MIB, &cancel)).collect();
        assert!(small.iter().all(has_it), "all of it while nothing large waits");
        let large = ask(&room, 896 * MIB, &cancel);
        let more = ask(&room, 128 * MIB, &cancel);
        small.truncate(2);
        assert!(waits(&large) && waits(&more), "what becomes free is for the large one");
        small.truncate(1);
        assert!(has_it(&large));
        drop(small);
        assert!(has_it(&more));
    }

    #[test]
    fn what_is_larger_than_the_room_is_let_in_alone() {
        let (room, cancel) = (Arc::new(Room::new(1024 * MIB)), Cancel::default());
        let large = ask(&room, 200 * MIB, &cancel);
        assert!(has_it(&large));
        let giant = ask(&room, 4096 * MIB, &cancel);
        assert!(waits(&giant));
        let small = ask(&room, 64 * MIB, &cancel);
        assert!(has_it(&small));
        drop(large);
        assert!(has_it(&giant), "small work does not keep it out");
        assert!(
            has_it(&ask(&room, 64 * MIB, &cancel)),
            "nor does it keep small work out"
        );
        assert!(waits(&ask(&room, 200 * MIB, &cancel)));
    }

    #[test]
    fn who_gives_up_makes_way() {
        let (room, cancel, other) = (Arc::new(Room::new(1024 * MIB)), Cancel::default(), Cancel::default());
        let huge = ask(&room, 896 * MIB, &other);
        assert!(has_it(&huge));
        let given_up = ask(&room, 896 * MIB, &cancel);
        let next = ask(&room, 200 * MIB, &other);
        assert!(waits(&given_up) && waits(&next));
        cancel.cancel();
        assert!(!has_it(&given_up));
        drop(huge);
        assert!(has_it(&next));
        assert!(!has_it(&ask(&room, MIB, &cancel)), "cancelled before it began");
    }
}
