//! Portals: rows of the host's table of commands, and the channels that they open.

use crate::close_reasons::CloseReasons;
use crate::exit::Exit;
use crate::fault::{Code, Failure, Fault};
use crate::grants::Grants;
use crate::mailbox::{Mailbox, Waker, WakerSlot};
use crate::memory::Memory;
use crate::permission::{DefaultAccess, Permission, PermissionStatus, Scope};
use crate::process_group::{Child, ChildSpawner, MemoryReservation, SpawnRequest};
use std::sync::Arc;
use std::time::Instant;

/// Most bytes of a program's panic message in its report.
const LONGEST_PANIC_MESSAGE: usize = 4 << 10;

/// A row of the table of portals: commands that share one permission.
pub struct Portal<H: 'static> {
    /// Name of the permission, for example `keys`.
    pub name: &'static str,
    /// One line for the user: what a program can do with it.
    pub summary: &'static str,
    /// What holds before the user has said anything.
    pub default: DefaultAccess,
    /// Whether the user is shown that a program uses it now.
    pub watched: bool,
    /// The commands that stand behind it. None: channels of another portal require it ([`Reading::require`]).
    pub commands: &'static [CommandEntry<H>],
}

/// How one command is served.
pub struct CommandEntry<H: 'static> {
    /// Number of the command.
    pub number: u32,
    /// Name of the command, for traps and the log.
    pub name: &'static str,
    /// Whether a program can have only one such channel; a second open fails with Limit.
    pub single: bool,
    /// Opens a channel. `None`: this host does not serve the command yet.
    pub open: Option<Open<H>>,
}

/// Opens a channel, which is handed its first message right after. It has nothing of the host yet.
pub type Open<H> = fn() -> Box<dyn Channel<H>>;

/// An open channel. Dropping it closes it: everything that it holds of the host is let go of.
///
/// Every message goes the same way. [`Channel::post`] reads and checks it, with nothing at hand that it could use or disclose.
/// Then the kernel sees to the permissions: those of the portal, and those that the message requires. [`Channel::begin`]
/// carries the message out, in the same `ar()` where they stand, after the user's yes where the user has to be asked, else
/// never: after a no the channel closes with Denied.
///
/// All of these run on the process's thread, inside `ar()`; events from elsewhere come through a [`Waker`].
///
/// A command that counts how often it is asked, on a host whose state is a number:
///
/// ```
/// use portico_abi::which;
/// use portico_kernel::{Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, Reading, Received, Sent};
/// use zerocopy::little_endian::U32;
///
/// /// Its message is a `U32`, which the host writes.
/// #[derive(Default)]
/// struct Count {
///     at: u32,
/// }
///
/// impl Channel<u32> for Count {
///     fn post(&mut self, cx: &mut Reading<'_, u32>, at: u32) -> Result<(), Fault> {
///         cx.memory.read::<U32>(at, "count")?;
///         self.at = at;
///         Ok(())
///     }
///
///     fn begin(&mut self, cx: &mut Cx<'_, u32>) -> Result<Sent, Failure> {
///         *cx.host += 1;
///         Ok(Sent::Ready)
///     }
///
///     fn receive(&mut self, cx: &mut Cx<'_, u32>) -> Result<Received, Failure> {
///         cx.memory.deliver(self.at, &U32::new(*cx.host));
///         Ok(Received::Delivered)
///     }
/// }
///
/// static PORTALS: [Portal<u32>; 1] = [Portal {
///     name: "count",
///     summary: "Count",
///     default: DefaultAccess::Open,
///     watched: false,
///     commands: &[CommandEntry {
///         number: which::TEST,
///         name: "count",
///         single: false,
///         open: Some(|| Box::<Count>::default()),
///     }],
/// }];
///
/// # use portico_kernel::{Exit, Grants, InProcess, Kernel, Limits, LoadOptions, Permission, PermissionStatus};
/// # use std::sync::{Arc, mpsc};
/// # struct Defaults;
/// # impl Grants for Defaults {
/// #     fn status(&self, _permission: &Permission, default: DefaultAccess) -> PermissionStatus {
/// #         (default == DefaultAccess::Open).into()
/// #     }
/// # }
/// // Opens channel 1 with its message at 32, and exits with what stands there then.
/// let program = format!(
///     r#"(module
///         (import "daku" "ar" (func $ar (param i32 i32 i32) (result i32)))
///         (memory (export "memory") 1)
///         (func (export "run")
///             (i32.store (i32.const 4) (i32.const 1))
///             (i32.store (i32.const 8) (i32.const {}))
///             (i32.store (i32.const 12) (i32.const 32))
///             (drop (call $ar (i32.const 1) (i32.const 0) (i32.const 64)))
///             (i32.store (i32.const 24) (i32.load (i32.const 32)))
///             (drop (call $ar (i32.const 1) (i32.const 16) (i32.const 64)))))"#,
///     which::TEST
/// );
/// # let kernel = Kernel::new(&PORTALS, None, InProcess)?;
/// # let program = kernel.load(&wat::parse_str(program)?, &LoadOptions::default())?;
/// # let (send, exits) = mpsc::channel();
/// # kernel.start(&program, 41, Arc::new(Defaults), Limits::default(), move |exit| drop(send.send(exit)))?;
/// // The host's state was 41.
/// assert_eq!(exits.recv()?, Exit::Code(42));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The host is out of reach before the user's yes:
///
/// ```compile_fail,E0616
/// # use portico_kernel::{Channel, Cx, Failure, Fault, Reading, Received, Sent};
/// struct Camera { on: bool }
///
/// struct Look;
///
/// impl Channel<Camera> for Look {
///     fn post(&mut self, cx: &mut Reading<'_, Camera>, _at: u32) -> Result<(), Fault> {
///         cx.host.on = true; // Does not compile.
///         Ok(())
///     }
/// #   fn begin(&mut self, _cx: &mut Cx<'_, Camera>) -> Result<Sent, Failure> { Ok(Sent::Ready) }
/// #   fn receive(&mut self, _cx: &mut Cx<'_, Camera>) -> Result<Received, Failure> { Ok(Received::Delivered) }
/// }
/// ```
pub trait Channel<H: 'static>: Send {
    /// Reads and checks the message at `at`, which is never 0, and remembers its *out* fields. What stood there for
    /// [`Channel::begin`] of an earlier message is forgotten.
    ///
    /// Checks are made in this order: the struct's range, values, buffer ranges and UTF-8.
    ///
    /// # Errors
    /// A trap ends the program, a failure closes this channel.
    fn post(&mut self, cx: &mut Reading<'_, H>, at: u32) -> Result<(), Fault>;

    /// Takes a message after a delivery that was [`Received::TooSmall`]: only its *out* fields count, and
    /// [`Channel::begin`] does not follow, so that a request is not made twice.
    ///
    /// # Errors
    /// As [`Channel::post`].
    fn repost(&mut self, cx: &mut Reading<'_, H>, at: u32) -> Result<(), Fault> {
        self.post(cx, at)
    }

    /// Copies what [`Channel::begin`] would read from program memory ([`Bulk::hold`]): the message that was just posted has
    /// to wait for the user.
    ///
    /// # Errors
    /// A failure closes this channel.
    ///
    /// [`Bulk::hold`]: crate::Bulk::hold
    fn hold(&mut self, _cx: &mut Reading<'_, H>) -> Result<(), Failure> {
        Ok(())
    }

    /// Carries out what was posted last.
    ///
    /// # Errors
    /// A failure closes this channel.
    fn begin(&mut self, cx: &mut Cx<'_, H>) -> Result<Sent, Failure>;

    /// Sends without a message (`(N, N, data 0)`). Only command 18 gives this a meaning.
    ///
    /// # Errors
    /// A failure closes this channel.
    fn send_nothing(&mut self, _cx: &mut Cx<'_, H>) -> Result<Sent, Failure> {
        Ok(Sent::Waiting)
    }

    /// Writes what is ready into the posted message. Called when the channel has become ready, in whichever way.
    ///
    /// # Errors
    /// A failure closes this channel.
    fn receive(&mut self, cx: &mut Cx<'_, H>) -> Result<Received, Failure>;
}

/// Result of a message that was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The channel is ready: it will be received in this very call.
    Ready,
    /// It becomes ready through its [`Waker`] or at its deadline.
    Waiting,
}

/// Result of a receive.
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

/// Facts of a host that a channel may read before the user's consent.
pub trait HostFacts {
    /// Values without a way to any service.
    type Facts;

    /// The facts as they are now.
    fn facts(&self) -> Self::Facts;
}

/// What a channel has at hand while it reads a message: program memory and plain facts, and no service.
pub struct Reading<'a, H: 'static> {
    /// The program's memory.
    pub memory: &'a Memory<'a>,
    host: &'a H,
    spawner: &'a dyn ChildSpawner<H>,
    required: &'a mut Vec<Need<H>>,
}

impl<'a, H: 'static> Reading<'a, H> {
    pub(crate) fn new(
        memory: &'a Memory<'a>,
        host: &'a H,
        spawner: &'a dyn ChildSpawner<H>,
        required: &'a mut Vec<Need<H>>,
    ) -> Self {
        Self {
            memory,
            host,
            spawner,
            required,
        }
    }

    /// Requires a permission for this message, beside that of the channel's own portal: it is not begun before both stand.
    pub fn require(&mut self, portal: &'static Portal<H>, scope: Option<Scope>) {
        self.required.push(Need { portal, scope });
    }

    /// Accounts for bytes that the host keeps for this program.
    ///
    /// # Errors
    /// Limit when it would be more than the program may have in memory.
    pub fn keep(&self, bytes: usize) -> Result<MemoryReservation, Failure> {
        self.spawner.group().keep(bytes)
    }
}

impl<H: HostFacts + 'static> Reading<'_, H> {
    /// The facts of the host.
    pub fn facts(&self) -> H::Facts {
        self.host.facts()
    }
}

/// What a channel has at hand inside `ar()` once it is permitted.
pub struct Cx<'a, H: 'static> {
    /// The program's memory.
    pub memory: Memory<'a>,
    /// The host's state of this process.
    pub host: &'a mut H,
    pub(crate) waker_slot: &'a mut WakerSlot,
    pub(crate) mailbox: &'a Arc<Mailbox>,
    pub(crate) close_reasons: &'a CloseReasons,
    pub(crate) grants: &'a dyn Grants,
    pub(crate) permission: &'a mut PermissionState<H>,
    pub(crate) spawner: &'a dyn ChildSpawner<H>,
}

/// A permission that a channel needs, by its portal's row.
pub(crate) struct Need<H: 'static> {
    pub(crate) portal: &'static Portal<H>,
    pub(crate) scope: Option<Scope>,
}

impl<H> Need<H> {
    pub(crate) fn permission(&self) -> Permission {
        Permission {
            portal: self.portal.name,
            scope: self.scope.clone(),
        }
    }
}

/// Progress of a channel's message through the permissions that it needs: that of the channel's own portal first, then those
/// that it requires.
pub(crate) struct PermissionState<H: 'static> {
    /// `None`: no portal, nothing is needed.
    pub(crate) own: Option<&'static Portal<H>>,
    pub(crate) required: Vec<Need<H>>,
    /// How many of them stand, in order.
    granted: usize,
    /// The user is asked for the next one.
    waiting: bool,
    /// The user has said yes to what was asked: the channel is about to go on.
    pub(crate) answered: bool,
    /// The last message is still to be begun, once they stand.
    pub(crate) begins: bool,
}

impl<H: 'static> PermissionState<H> {
    pub(crate) fn new(own: Option<&'static Portal<H>>) -> Self {
        Self {
            own,
            required: Vec::new(),
            granted: 0,
            waiting: false,
            answered: false,
            begins: false,
        }
    }

    /// Starts over with a new message: what the one before required does not count any more.
    #[inline]
    pub(crate) fn restart(&mut self) {
        self.required.clear();
        self.granted = self.granted.min(1);
        self.begins = false;
    }

    /// What is needed, in order.
    pub(crate) fn needs(&self) -> impl Iterator<Item = Need<H>> {
        let own = self.own.map(|portal| Need { portal, scope: None });
        own.into_iter().chain(self.required.iter().map(|need| Need {
            portal: need.portal,
            scope: need.scope.clone(),
        }))
    }

    /// The permission that the user is asked for.
    pub(crate) fn awaited(&self) -> Option<Permission> {
        let waits = self.waiting && !self.answered;
        waits
            .then(|| self.needs().nth(self.granted))
            .flatten()
            .map(|need| need.permission())
    }

    /// Whether all stand.
    #[inline]
    pub(crate) fn stands(&self) -> bool {
        !self.waiting
    }

    /// Notes the user's yes to what was asked.
    pub(crate) fn allow(&mut self) {
        self.granted += 1;
        self.answered = true;
    }

    /// Checks the permissions that are needed, in order, and returns whether all of them stand. If not, the user is to be asked
    /// for the next one.
    ///
    /// # Errors
    /// Denied, when the answer is known to be no.
    #[inline]
    pub(crate) fn advance(&mut self, grants: &dyn Grants) -> Result<bool, Failure> {
        (self.waiting, self.answered) = (false, false);
        // So it is with nearly every message after a channel's first.
        if self.granted == usize::from(self.own.is_some()) + self.required.len() {
            return Ok(true);
        }
        self.look(grants)
    }

    fn look(&mut self, grants: &dyn Grants) -> Result<bool, Failure> {
        loop {
            let next = self.needs().nth(self.granted);
            let Some(need) = next else { return Ok(true) };
            let permission = need.permission();
            match grants.status(&permission, need.portal.default) {
                PermissionStatus::Allowed => self.granted += 1,
                PermissionStatus::Denied => {
                    // It closes, and uses none of them.
                    self.required.clear();
                    return Err(denied(&permission));
                }
                PermissionStatus::Ask => {
                    self.waiting = true;
                    return Ok(false);
                }
            }
        }
    }
}

impl<H: 'static> Cx<'_, H> {
    /// Requires a permission whose need shows only now, as when an address turns out to be another; returns whether it stands.
    /// If not, the user is being asked; the caller returns [`Sent::Waiting`] or [`Received::Nothing`], and
    /// [`Channel::receive`] is called when the answer is yes.
    ///
    /// # Errors
    /// Denied, when the answer is known to be no.
    pub fn require(&mut self, portal: &'static Portal<H>, scope: Option<Scope>) -> Result<bool, Failure> {
        let known = self
            .permission
            .required
            .iter()
            .any(|need| need.portal.name == portal.name && need.scope == scope);
        if !known {
            self.permission.required.push(Need { portal, scope });
        }
        self.permission.advance(self.grants)
    }

    /// What makes this channel ready from any thread.
    pub fn waker(&mut self) -> Waker {
        self.waker_slot.waker(self.mailbox)
    }

    /// Makes this channel ready at `when` (`None`: never), instead of at an earlier such deadline. No thread and no wake-up
    /// before that: the process itself sleeps until then.
    pub fn ready_at(&mut self, when: Option<Instant>) {
        self.waker_slot.at(when);
    }

    /// Keeps the program's own words on what went wrong: if it gives up before it calls `ar()` again, its report has them.
    pub fn panic_message(&self, text: &str) {
        self.mailbox
            .set_panic_message(text[..text.floor_char_boundary(LONGEST_PANIC_MESSAGE)].to_owned());
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
        let child = self.spawner.start(
            SpawnRequest {
                module,
                portal,
                held,
                host,
            },
            Box::new(on_exit),
        )?;
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
    pub fn keep(&self, bytes: usize) -> Result<MemoryReservation, Failure> {
        self.spawner.group().keep(bytes)
    }
}

/// The failure of a channel that lacks a permission.
pub(crate) fn denied(permission: &Permission) -> Failure {
    Failure::new(
        Code::Denied,
        format!("the portal `{permission}` is shut for this program"),
    )
}
