//! What a command does is up to a portal: a row of the host's table, and the channels that it opens.

use crate::closed::Closed;
use crate::family::{Child, Kept, Nursery, Order};
use crate::fault::{Code, Failure, Fault};
use crate::grants::{Grants, Standing};
use crate::mailbox::{Bell, Mailbox, Waker};
use crate::memory::Memory;
use crate::process::Exit;
use std::sync::Arc;
use std::time::Instant;

/// Bytes of a program's last words that its report has.
const LONGEST_WORDS: usize = 4 << 10;

/// What a program may do with a portal before the user has said anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// Every program may use it.
    Open,
    /// The user is asked first.
    Ask,
}

/// A row of the table of portals: commands that share one permission.
pub struct Portal<H: 'static> {
    /// Name of the permission, for example `keys`.
    pub name: &'static str,
    /// One line for the user: what a program can do with it.
    pub summary: &'static str,
    /// What holds before the user has said anything.
    pub default: Default,
    /// Whether the user is shown that a program uses it now.
    pub watched: bool,
    /// The commands that stand behind it. None: channels of another portal ask for it ([`Cx::ask`]).
    pub commands: &'static [Served<H>],
}

/// How one command is served.
pub struct Served<H: 'static> {
    /// Number of the command.
    pub number: u32,
    /// Name of the command, for traps and the log.
    pub name: &'static str,
    /// Whether a program can have only one such channel; a second open fails with Limit.
    pub single: bool,
    /// Opens a channel, before its first message is taken. `None`: this host does not serve the command yet.
    pub open: Option<Open<H>>,
}

/// Opens a channel; its first message comes through [`Channel::send`] right after. Touches no device while
/// [`Cx::is_permitted`] says no.
pub type Open<H> = fn(&mut Cx<'_, H>) -> Result<Box<dyn Channel<H>>, Failure>;

/// An open channel. Dropping it closes it: everything that it holds of the host is let go of.
///
/// All of these run on the process's thread, inside `ar()`; events from elsewhere come through a [`Waker`].
pub trait Channel<H: 'static>: Send {
    /// Takes the message at `at`, which is never 0: reads its *in* fields and remembers its *out* fields.
    ///
    /// Checks are made in this order: the struct's range, values, buffer ranges and UTF-8. That is all that is done while
    /// [`Cx::is_permitted`] says no: what the message asks for begins in [`Channel::granted`].
    ///
    /// # Errors
    /// A trap ends the program, a failure closes this channel.
    fn send(&mut self, cx: &mut Cx<'_, H>, at: u32) -> Result<Sent, Fault>;

    /// Takes a message after a delivery that was [`Received::TooSmall`]: only its *out* fields count, so that a request is
    /// not made twice. The default takes it as any other, which is right where sending has no effect.
    ///
    /// # Errors
    /// As [`Channel::send`].
    fn repost(&mut self, cx: &mut Cx<'_, H>, at: u32) -> Result<(), Fault> {
        self.send(cx, at).map(|_| ())
    }

    /// Sends without a message (`(N, N, data 0)`). Only command 18 gives this a meaning.
    ///
    /// # Errors
    /// As [`Channel::send`].
    fn send_nothing(&mut self, _cx: &mut Cx<'_, H>) -> Result<Sent, Fault> {
        Ok(Sent::Waiting)
    }

    /// The user has said yes to a channel that had to wait for that: begins what [`Channel::send`] has only taken in, of
    /// which the last message counts. The default is for channels whose messages do nothing but receive.
    ///
    /// # Errors
    /// A failure closes this channel. What is wrong with a message was told when it was sent.
    fn granted(&mut self, _cx: &mut Cx<'_, H>) -> Result<Sent, Failure> {
        Ok(Sent::Ready)
    }

    /// Writes what is ready into the posted message. Called when the channel has become ready, in whichever way.
    ///
    /// # Errors
    /// A failure closes this channel.
    fn receive(&mut self, cx: &mut Cx<'_, H>) -> Result<Received, Failure>;
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The channel is ready: it will be received in this very call.
    Ready,
    /// It becomes ready through its [`Waker`] or at its deadline.
    Waiting,
}

/// What became of a receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// The message was written; nothing more is queued.
    Delivered,
    /// The message was written and more is queued: the channel is ready again in the next call.
    More,
    /// There was nothing to write after all: the channel does not stand in the list.
    Nothing,
    /// [`Memory::fill`] said that the value does not fit: it stays queued until the program posts again.
    TooSmall,
}

/// What a channel has at hand inside `ar()`.
pub struct Cx<'a, H: 'static> {
    /// The program's memory.
    pub memory: Memory<'a>,
    /// The host's state of this process.
    pub host: &'a mut H,
    pub(crate) bell: &'a mut Bell,
    pub(crate) mailbox: &'a Arc<Mailbox>,
    pub(crate) closed: &'a Closed,
    pub(crate) grants: &'a dyn Grants,
    pub(crate) leave: &'a mut Leave,
    pub(crate) nursery: &'a Nursery<H>,
}

/// Whether a channel may go on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leave {
    pub(crate) waits: Waits,
    /// The portal that the channel's last message has asked for beside its own.
    pub(crate) further: Option<Permission>,
}

/// A portal as a permission.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Permission {
    pub(crate) name: &'static str,
    pub(crate) watched: bool,
}

impl<H> Portal<H> {
    pub(crate) fn permission(&self) -> Permission {
        Permission { name: self.name, watched: self.watched }
    }
}

/// What a channel waits for before it may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// Nothing: it may.
    No,
    /// The answer about its own portal.
    ForItsPortal,
    /// The answer about the further one.
    ForFurther,
    /// The answer was yes: it is about to begin.
    Begins,
}

impl std::default::Default for Leave {
    fn default() -> Self {
        Self { waits: Waits::No, further: None }
    }
}

impl<H: 'static> Cx<'_, H> {
    /// Whether this channel may do what it is there for. If not, the user is being asked: nothing is received, and
    /// [`Channel::granted`] is called on yes; on no the channel closes with Denied.
    pub fn is_permitted(&self) -> bool {
        self.leave.waits == Waits::No
    }

    /// Asks for a further portal, which this message needs, in [`Channel::send`]: says whether the channel may go on at
    /// once. If not, it waits as [`Cx::is_permitted`] says, unless another message takes the place of this one.
    ///
    /// # Errors
    /// Denied, when the answer is known to be no.
    pub fn ask(&mut self, portal: &Portal<H>) -> Result<bool, Failure> {
        if !self.is_permitted() {
            return Ok(false);
        }
        match self.grants.standing(portal.name, portal.default) {
            Standing::Allowed => {
                self.leave.further = Some(portal.permission());
                Ok(true)
            }
            Standing::Denied => Err(denied(portal.name)),
            Standing::Ask => {
                *self.leave = Leave { waits: Waits::ForFurther, further: Some(portal.permission()) };
                Ok(false)
            }
        }
    }

    /// What makes this channel ready from any thread.
    pub fn waker(&mut self) -> Waker {
        self.bell.waker(self.mailbox)
    }

    /// Makes this channel ready at `when` (`None`: never), instead of at an earlier such deadline. No thread and no wake-up
    /// before that: the process itself sleeps until then.
    pub fn ready_at(&mut self, when: Option<Instant>) {
        self.bell.at(when);
    }

    /// The program says what went wrong. If it gives up before it calls `ar()` again, that stands in its report.
    pub fn last_words(&self, text: &str) {
        self.mailbox.say(text[..text.floor_char_boundary(LONGEST_WORDS)].to_owned());
    }

    /// When this program started: the zero of its `micros`.
    pub fn started(&self) -> Instant {
        self.mailbox.started
    }

    /// Microseconds since this program started.
    pub fn micros(&self) -> u64 {
        u64::try_from(self.mailbox.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

impl<H: Send + 'static> Cx<'_, H> {
    /// Starts a child of this process: the same program where identity and limits are concerned, with the portals `held` as
    /// far as its parent holds them. `portal` is the one that it is started by: when that is taken back, the child ends.
    ///
    /// Returns before `module` is loaded; `on_exit` says what became of it, on another thread.
    ///
    /// # Errors
    /// Limit when there are too many children, too deep or too large; Failed when the system has no thread for it.
    pub fn start_child(
        &self,
        module: &[u8],
        portal: &'static str,
        held: &'static [&'static str],
        host: H,
        on_exit: impl FnOnce(Exit) + Send + 'static,
    ) -> Result<Child, Failure> {
        let child = self.nursery.start(Order { module, portal, held, host }, on_exit)?;
        // Whoever ended this process may have looked for its children before this one was among them.
        if self.mailbox.ended() {
            child.process().end();
        }
        Ok(child)
    }

    /// Accounts for bytes that the host keeps for this program.
    ///
    /// # Errors
    /// Limit when it would be more than the program may have in memory.
    pub fn keep(&self, bytes: usize) -> Result<Kept, Failure> {
        self.nursery.keep(bytes)
    }
}

/// The failure of a channel whose portal is shut.
pub(crate) fn denied(portal: &str) -> Failure {
    Failure::new(Code::Denied, format!("the portal `{portal}` is shut for this program"))
}
