//! What the program has posted and what has come back: the table of channels and the list for the next `ar()`.

use crate::buffer::Buffer;
use crate::error::Error;
use crate::host;
use portico_abi::{CLOSED, Code, Command, Why, which};
use std::any::Any;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// What is posted on a channel: a packed struct that the host reads and writes, with the buffers that it names.
///
/// It lives in an `Rc`, so its address stays the same, and the host touches it only inside `ar()`, when nothing borrows it.
pub(crate) trait Message: 'static {
    /// Makes the struct ready to be sent, with the full capacity of its buffers, and says where it is.
    fn prepare(&mut self) -> u32;

    /// Takes what the host has written, right after the `ar()` that wrote it: the next one may write the same place again.
    fn receive(&mut self) -> Next {
        Next::Ready
    }
}

/// What becomes of a message after a receive.
pub(crate) enum Next {
    /// The program may look at it.
    Ready,
    /// It was too small and has more room now: post it again.
    Again,
    /// The program may look at it, and it is another one for what comes next.
    Changed,
}

enum State {
    Waiting,
    Ready,
    /// The host has closed the channel; command 45 has been asked why.
    Closed,
    Failed(Error),
}

struct Slot {
    message: Rc<RefCell<dyn Message>>,
    state: State,
    waker: Option<Waker>,
    /// Nobody holds the channel any more; its id is free once command 45 has answered.
    dropped: bool,
    /// The turn in which its message was last posted.
    posted: u64,
    /// The channel that this one asks command 45 about.
    why_of: Option<(u32, Rc<RefCell<Ask>>)>,
}

#[derive(Default)]
struct Runtime {
    commands: Vec<Command>,
    done: Vec<u32>,
    /// Channel `id` is in slot `id - 1`.
    slots: Vec<Option<Slot>>,
    free: Vec<u32>,
    /// Channels that are open as the host counts.
    open: usize,
    /// What the host may read in the next `ar()` although nobody holds it any more.
    kept: Vec<Box<dyn Any>>,
    /// Those that wait for anything to happen.
    watchers: Vec<Waker>,
    turns: u64,
}

thread_local! {
    static RUNTIME: RefCell<Runtime> = RefCell::default();
}

fn with<R>(action: impl FnOnce(&mut Runtime) -> R) -> R {
    RUNTIME.with(|runtime| action(&mut runtime.borrow_mut()))
}

/// As [`with`], for what is dropped: when a thread ends, the runtime may have gone before what it keeps.
fn with_last(action: impl FnOnce(&mut Runtime)) {
    let _ = RUNTIME.try_with(|runtime| action(&mut runtime.borrow_mut()));
}

/// Opens a channel for command `which` and sends `message`.
pub(crate) fn open(which: u32, message: Rc<RefCell<dyn Message>>) -> u32 {
    let data = message.borrow_mut().prepare();
    with(|runtime| runtime.open(which, data, message, None))
}

/// Sends the channel's message, again. On a channel that the host has closed this does nothing.
pub(crate) fn send(id: u32) {
    with(|runtime| {
        let turn = runtime.turns;
        let Some(slot) = runtime.slot(id) else { return };
        if matches!(slot.state, State::Closed | State::Failed(_)) {
            return;
        }
        slot.state = State::Waiting;
        let data = slot.message.borrow_mut().prepare();
        // The host has not read it since it was posted: it will read what is there now.
        if std::mem::replace(&mut slot.posted, turn) != turn {
            runtime.post(id, id, 0, data);
        }
    });
}

/// Sends a message other than the channel's own, which the host only reads.
pub(crate) fn send_other(id: u32, mut message: Box<dyn Message>) {
    let data = message.prepare();
    with(|runtime| {
        runtime.post(id, id, 0, data);
        runtime.kept.push(Box::new(message));
    });
}

/// Posts a channel's own message after another one, which may have come after it in the same turn.
pub(crate) fn post_again(id: u32) {
    with(|runtime| {
        let turn = runtime.turns;
        let Some(slot) = runtime.slot(id) else { return };
        slot.posted = turn;
        let data = slot.message.borrow_mut().prepare();
        runtime.post(id, id, 0, data);
    });
}

/// Lets go of a channel. Its message is kept until the host has seen that.
pub(crate) fn discard(id: u32) {
    with_last(|runtime| {
        let Some(slot) = runtime.slot(id) else { return };
        match slot.state {
            State::Closed => slot.dropped = true,
            State::Failed(_) => runtime.release(id),
            State::Waiting | State::Ready => {
                runtime.post(id, 0, 0, 0);
                runtime.open -= 1;
                runtime.release(id);
            }
        }
    });
}

/// Whether something has come on a channel since the last time that this said so; if not, `context` is woken when it has.
pub(crate) fn poll(id: u32, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
    with(|runtime| {
        let Some(slot) = runtime.slot(id) else {
            return Poll::Pending;
        };
        match &slot.state {
            State::Ready => {
                slot.state = State::Waiting;
                Poll::Ready(Ok(()))
            }
            State::Failed(error) => Poll::Ready(Err(error.clone())),
            State::Waiting | State::Closed => {
                match &mut slot.waker {
                    Some(waker) => waker.clone_from(context.waker()),
                    None => slot.waker = Some(context.waker().clone()),
                }
                Poll::Pending
            }
        }
    })
}

/// Whether the host has closed a channel.
pub(crate) fn is_closed(id: u32) -> bool {
    with(|runtime| {
        runtime
            .slot(id)
            .is_none_or(|slot| matches!(slot.state, State::Closed | State::Failed(_)))
    })
}

/// Keeps a value until the next `ar()` has read it.
pub(crate) fn keep(value: impl Any) {
    with_last(|runtime| runtime.kept.push(Box::new(value)));
}

/// Resolves after the next `ar()`.
pub(crate) fn poll_turn(since: &mut Option<u64>, context: &mut Context<'_>) -> Poll<()> {
    with(|runtime| {
        let since = *since.get_or_insert(runtime.turns);
        if since != runtime.turns {
            return Poll::Ready(());
        }
        if !runtime.watchers.iter().any(|waker| waker.will_wake(context.waker())) {
            runtime.watchers.push(context.waker().clone());
        }
        Poll::Pending
    })
}

/// Hands everything posted to the host and waits until it has something. Says whether anything can still happen.
pub(crate) fn turn() -> bool {
    let (mut commands, mut done, mut kept) = with(|runtime| {
        let mut done = std::mem::take(&mut runtime.done);
        done.resize(runtime.open, 0);
        (
            std::mem::take(&mut runtime.commands),
            done,
            std::mem::take(&mut runtime.kept),
        )
    });
    let ready = host::ar(&commands, &mut done);
    commands.clear();
    kept.clear();
    with(|runtime| {
        runtime.turns += 1;
        for entry in done.iter().take(ready) {
            runtime.deliver(*entry);
        }
        // Delivering may have posted already: what is in the runtime's own list stays first.
        commands.append(&mut runtime.commands);
        runtime.commands = commands;
        runtime.done = done;
        kept.append(&mut runtime.kept);
        runtime.kept = kept;
        runtime.watchers.drain(..).for_each(Waker::wake);
        ready > 0 || runtime.open > 0
    })
}

/// Hands everything posted to the host and ends the program. Comes back only where the host is not a host.
pub(crate) fn exit(code: u8) {
    with(|runtime| runtime.post(0, 0, u32::from(code), 0));
    turn();
}

/// What the panic hook may still send: everything posted so far, and room for the ready list. `None` in the middle of a
/// change.
#[cfg(target_arch = "wasm32")]
pub(crate) fn last_words() -> Option<(Vec<Command>, Vec<u32>)> {
    RUNTIME.with(|runtime| {
        let mut runtime = runtime.try_borrow_mut().ok()?;
        Some((std::mem::take(&mut runtime.commands), vec![0; runtime.open + 1]))
    })
}

impl Runtime {
    fn post(&mut self, channel: u32, new: u32, which: u32, data: u32) {
        self.commands.push(Command {
            channel: channel.into(),
            new: new.into(),
            which: which.into(),
            data: data.into(),
        });
    }

    fn slot(&mut self, id: u32) -> Option<&mut Slot> {
        self.slots.get_mut(id as usize - 1)?.as_mut()
    }

    fn open(
        &mut self,
        which: u32,
        data: u32,
        message: Rc<RefCell<dyn Message>>,
        why_of: Option<(u32, Rc<RefCell<Ask>>)>,
    ) -> u32 {
        let id = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() as u32
        });
        self.slots[id as usize - 1] = Some(Slot {
            message,
            state: State::Waiting,
            waker: None,
            dropped: false,
            posted: self.turns,
            why_of,
        });
        self.post(0, id, which, data);
        self.open += 1;
        id
    }

    fn release(&mut self, id: u32) {
        if let Some(slot) = self.slots.get_mut(id as usize - 1).and_then(Option::take) {
            self.kept.push(Box::new(slot.message));
            self.free.push(id);
        }
    }

    fn deliver(&mut self, entry: u32) {
        let id = entry & !CLOSED;
        if entry & CLOSED != 0 {
            return self.closed(id);
        }
        let Some(slot) = self.slot(id) else { return };
        let message = Rc::clone(&slot.message);
        let next = message.borrow_mut().receive();
        if matches!(next, Next::Again | Next::Changed) {
            let data = message.borrow_mut().prepare();
            self.post(id, id, 0, data);
        }
        let Some(slot) = self.slot(id).filter(|_| !matches!(next, Next::Again)) else {
            return;
        };
        match slot.why_of.take() {
            Some((of, ask)) => {
                self.post(id, 0, 0, 0);
                self.open -= 1;
                self.release(id);
                let error = ask.borrow().error();
                self.fail(of, error);
            }
            None => {
                slot.state = State::Ready;
                if let Some(waker) = slot.waker.take() {
                    waker.wake();
                }
            }
        }
    }

    fn closed(&mut self, id: u32) {
        self.open -= 1;
        let Some(slot) = self.slot(id) else { return };
        if let Some((of, _)) = slot.why_of.take() {
            self.release(id);
            return self.fail(of, Error::new(Code::Failed, ""));
        }
        slot.state = State::Closed;
        let ask = Rc::new(RefCell::new(Ask::new(id)));
        let data = ask.borrow_mut().prepare();
        let message: Rc<RefCell<dyn Message>> = Rc::clone(&ask) as _;
        self.open(which::WHY, data, message, Some((id, ask)));
    }

    fn fail(&mut self, id: u32, error: Error) {
        let Some(slot) = self.slot(id) else { return };
        slot.state = State::Failed(error);
        if slot.dropped {
            self.release(id);
        } else if let Some(waker) = slot.waker.take() {
            waker.wake();
        }
    }
}

/// Asks command 45 why a channel closed.
struct Ask {
    message: Why,
    text: Buffer<u8>,
    why: String,
}

impl Ask {
    fn new(id: u32) -> Self {
        let message = Why {
            channel: id.into(),
            ..Why::default()
        };
        Self {
            message,
            text: Buffer::new(256),
            why: String::new(),
        }
    }

    fn error(&self) -> Error {
        Error::new(
            Code::from_number(self.message.code.get()).unwrap_or(Code::Failed),
            &self.why,
        )
    }
}

impl Message for Ask {
    fn prepare(&mut self) -> u32 {
        self.message.text = self.text.list();
        host::address(&raw const self.message)
    }

    fn receive(&mut self) -> Next {
        match self.text.received(self.message.text) {
            Some(text) => {
                self.why = String::from_utf8_lossy(text).into_owned();
                Next::Ready
            }
            None => Next::Again,
        }
    }
}

/// Events that wait for the program, in the order in which they came.
///
/// The host's queue is bounded; so is this one, for a program that opens a channel and never looks at it. The oldest goes.
pub(crate) struct Queue<T>(VecDeque<T>);

const QUEUED: usize = 1024;

impl<T> Queue<T> {
    /// An empty queue that takes `expected` events without growing.
    pub(crate) fn new(expected: usize) -> Self {
        Self(VecDeque::with_capacity(expected))
    }

    pub(crate) fn push(&mut self, event: T) {
        if self.0.len() == QUEUED {
            self.0.pop_front();
        }
        self.0.push_back(event);
    }

    pub(crate) fn pop(&mut self) -> Option<T> {
        self.0.pop_front()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
