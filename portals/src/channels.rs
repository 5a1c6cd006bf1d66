//! Kinds of channels, and checks of messages, that several portals share.

use crate::Host;
use crate::feed::Feeds;
use crate::window::{Choices, Window, WindowSubscription};
use portico_abi::{List, Text};
use portico_kernel::{Buffer, Channel, Cx, Failure, Fault, Memory, ProgramText, Reading, Received, Sent};
use std::time::Instant;
use zerocopy::little_endian::U32;

/// Bytes of texts and lists that a message may hand to the host to keep. More fails with Limit: lists that overlap could
/// otherwise make the host copy more than the program has memory.
const MAX_KEPT: usize = 1 << 20;
/// Bytes that an element counts besides its text.
const ELEMENT: usize = 32;

/// What is left of the bytes that one message may make the host keep.
pub(crate) struct Budget(usize);

impl Budget {
    pub(crate) fn new() -> Self {
        Self(MAX_KEPT)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Failure> {
        self.0 = self.0.checked_sub(bytes).ok_or_else(|| {
            Failure::new(
                portico_abi::Code::Limit,
                format!("a message may hold {MAX_KEPT} bytes of texts and entries"),
            )
        })?;
        Ok(())
    }

    /// Counts the elements of a list.
    pub(crate) fn elements(&mut self, list: List) -> Result<(), Failure> {
        self.spend((list.size.get() as usize).saturating_mul(ELEMENT))
    }

    /// Copies a text that the shell is to show.
    pub(crate) fn text(&mut self, memory: &Memory<'_>, text: Text, field: &'static str) -> Result<ProgramText, Fault> {
        self.spend(text.size.get() as usize)?;
        Ok(memory.text(text, field)?.into())
    }
}

/// The symbol of an `Icon`: `Some(None)` for a gap, `None` where it is no scalar value.
pub(crate) fn icon(number: u32) -> Option<Option<char>> {
    if number == 0 {
        Some(None)
    } else {
        char::from_u32(number).map(Some)
    }
}

/// A command that is answered with a number.
struct NumberChannel {
    at: u32,
    read: fn() -> Result<u32, Failure>,
    value: u32,
}

/// Opens a command that is answered with a number, read anew for each message.
pub(crate) fn number(read: fn() -> Result<u32, Failure>) -> Box<dyn Channel<Host>> {
    Box::new(NumberChannel { at: 0, read, value: 0 })
}

impl Channel<Host> for NumberChannel {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        cx.memory.read::<U32>(at, "number")?;
        self.at = at;
        Ok(())
    }

    fn begin(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        self.value = (self.read)()?;
        Ok(Sent::Ready)
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        cx.memory.deliver(self.at, &U32::new(self.value));
        Ok(Received::Delivered)
    }
}

/// A command that is answered with a text that is known from its first message on.
struct TextChannel {
    read: fn(&Host) -> String,
    value: Option<Vec<u8>>,
    buffer: Buffer,
    waiting: bool,
}

/// Opens a command that is answered with a text.
pub(crate) fn text(read: fn(&Host) -> String) -> Box<dyn Channel<Host>> {
    Box::new(TextChannel {
        read,
        value: None,
        buffer: Buffer::default(),
        waiting: false,
    })
}

impl Channel<Host> for TextChannel {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        self.buffer = cx.memory.buffer::<u8>(at, "text")?;
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        self.value.get_or_insert_with(|| (self.read)(cx.host).into_bytes());
        self.waiting = true;
        Ok(Sent::Ready)
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let Some(value) = self.value.as_ref().filter(|_| self.waiting) else {
            return Ok(Received::Nothing);
        };
        if !cx.memory.fill(&[(self.buffer, value)]) {
            return Ok(Received::TooSmall);
        }
        self.waiting = false;
        Ok(Received::Delivered)
    }
}

/// A command that does what its message says, and is answered when that is done.
pub(crate) struct RequestChannel<T: 'static> {
    read: fn(&mut Reading<'_, Host>, u32) -> Result<T, Fault>,
    act: fn(&mut Cx<'_, Host>, T) -> Result<(), Failure>,
    /// What the last message asks for.
    posted: Option<T>,
}

impl<T: Send + 'static> RequestChannel<T> {
    /// Opens a command whose message `read` takes in, given its address, and `act` carries out.
    pub(crate) fn open(
        read: fn(&mut Reading<'_, Host>, u32) -> Result<T, Fault>,
        act: fn(&mut Cx<'_, Host>, T) -> Result<(), Failure>,
    ) -> Box<dyn Channel<Host>> {
        Box::new(Self {
            read,
            act,
            posted: None,
        })
    }
}

impl<T: Send> Channel<Host> for RequestChannel<T> {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        self.posted = Some((self.read)(cx, at)?);
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        self.posted.take().map_or(Ok(()), |asked| (self.act)(cx, asked))?;
        Ok(Sent::Ready)
    }

    fn receive(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        Ok(Received::Delivered)
    }
}

/// Subscribes a channel to events of its window.
pub(crate) fn subscribe<Q: Default>(cx: &mut Cx<'_, Host>, feeds: fn(&Window) -> &Feeds<Q>) -> WindowSubscription<Q> {
    let waker = cx.waker();
    WindowSubscription::new(&cx.host.window, feeds, waker)
}

/// Delivers the oldest choice, if there is one.
pub(crate) fn choice(
    queue: Option<&WindowSubscription<Choices>>,
    deliver: impl FnOnce(u32),
) -> Result<Received, Failure> {
    let Some(mut queue) = queue.map(WindowSubscription::lock) else {
        return Ok(Received::Nothing);
    };
    let Some(index) = queue.pop() else {
        return Ok(Received::Nothing);
    };
    deliver(index);
    Ok(if queue.is_empty() {
        Received::Delivered
    } else {
        Received::More
    })
}

/// A moment on a program's clock.
pub(crate) fn micros(started: Instant, at: Instant) -> u64 {
    u64::try_from(at.saturating_duration_since(started).as_micros()).unwrap_or(u64::MAX)
}
