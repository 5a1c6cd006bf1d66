//! The link between a parent and a child: a copy of the memory that they share, and whose turn it is.

use parking_lot::{Mutex, MutexGuard};
use portico_kernel::{Failure, Waker};

/// The link between a parent and a child. Each side locks it inside its own `ar()`, for a copy and no longer.
pub(super) struct Link {
    inside: Mutex<Inside>,
    parent: Waker,
}

impl Link {
    /// A link to a new child, with what its parent shares.
    pub(super) fn new(shared: &[u8], parent: Waker) -> Self {
        let exchange = Exchange::new(shared);
        Self {
            inside: Mutex::new(Inside {
                exchange,
                child: None,
                ended: None,
            }),
            parent,
        }
    }

    pub(super) fn lock(&self) -> Locked<'_> {
        Locked {
            inside: self.inside.lock(),
            parent: &self.parent,
        }
    }

    /// Notes that the child has ended; its parent is told after what the child has sent.
    pub(super) fn end(&self, failure: Failure) {
        self.inside.lock().ended = Some(failure);
        self.parent.ready();
    }
}

struct Inside {
    exchange: Exchange,
    child: Option<Waker>,
    ended: Option<Failure>,
}

/// A link that one side has locked.
pub(super) struct Locked<'a> {
    inside: MutexGuard<'a, Inside>,
    parent: &'a Waker,
}

impl Locked<'_> {
    /// Connects the child's channel, in place of the one before.
    pub(super) fn connect(&mut self, child: Waker) {
        self.inside.child = Some(child);
    }

    /// As [`Exchange::present`].
    pub(super) fn present(&self, room: usize) -> &[u8] {
        self.inside.exchange.present(room)
    }

    /// As [`Exchange::is_childs`].
    pub(super) fn is_childs(&self) -> bool {
        self.inside.exchange.is_childs()
    }

    /// As [`Exchange::send`]; wakes the parent.
    pub(super) fn send(&mut self, memory: &[u8]) -> bool {
        let sent = self.inside.exchange.send(memory);
        if sent {
            self.parent.ready();
        }
        sent
    }

    /// As [`Exchange::delivered`].
    pub(super) fn delivered(&mut self) -> Option<&[u8]> {
        self.inside.exchange.delivered()
    }

    /// As [`Exchange::answer`]; wakes the child.
    pub(super) fn answer(&mut self, memory: &[u8]) {
        if self.inside.exchange.answer(memory)
            && let Some(child) = &self.inside.child
        {
            child.ready();
        }
    }

    /// As [`Exchange::answered`].
    pub(super) fn answered(&mut self, room: usize) -> Option<&[u8]> {
        self.inside.exchange.answered(room)
    }

    /// Reason why the child has ended.
    pub(super) fn failure(&self) -> Option<Failure> {
        self.inside.ended.clone()
    }
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// The child may send.
    Child,
    /// What the child has sent waits for the parent.
    Sent,
    /// The parent has it, and has not called `ar()` since.
    Parent,
    /// The answer waits for the child.
    Answered,
}

/// The copy in between, as long as what the parent shares.
#[derive(Debug)]
pub(super) struct Exchange {
    copy: Vec<u8>,
    /// Bytes of it that the child has sent.
    sent: usize,
    turn: Turn,
}

impl Exchange {
    pub(super) fn new(shared: &[u8]) -> Self {
        Self {
            copy: shared.to_vec(),
            sent: 0,
            turn: Turn::Child,
        }
    }

    /// The bytes that the parent has shared last, as far as there is room.
    pub(super) fn present(&self, room: usize) -> &[u8] {
        &self.copy[..room.min(self.copy.len())]
    }

    /// Whether the child may send.
    pub(super) fn is_childs(&self) -> bool {
        self.turn == Turn::Child
    }

    /// Sends the child's memory; returns whether it was its turn.
    pub(super) fn send(&mut self, memory: &[u8]) -> bool {
        let mine = self.is_childs();
        if mine {
            self.sent = memory.len().min(self.copy.len());
            self.copy[..self.sent].copy_from_slice(&memory[..self.sent]);
            self.turn = Turn::Sent;
        }
        mine
    }

    /// Takes the bytes that the child has sent, once.
    pub(super) fn delivered(&mut self) -> Option<&[u8]> {
        if self.turn != Turn::Sent {
            return None;
        }
        self.turn = Turn::Parent;
        Some(&self.copy[..self.sent])
    }

    /// Sends the parent's memory back; returns whether the child waits for that.
    pub(super) fn answer(&mut self, memory: &[u8]) -> bool {
        let mine = self.turn == Turn::Parent;
        if mine {
            let size = memory.len().min(self.copy.len());
            self.copy[..size].copy_from_slice(&memory[..size]);
            self.turn = Turn::Answered;
        }
        mine
    }

    /// Takes the answer, once, as far as there is room.
    pub(super) fn answered(&mut self, room: usize) -> Option<&[u8]> {
        if self.turn != Turn::Answered {
            return None;
        }
        self.turn = Turn::Child;
        Some(self.present(room))
    }
}
