//! Children and parents: commands 17 and 18.
//!
//! A parent and its child share memory by turns, and each one's memory is touched only inside its own `ar()`: what goes from
//! one to the other waits in a [`Link`] between them.

mod link;

use crate::{Frame, Host, Level, Log, Presented, Screen, Services, Window};
use link::Link;
use portico_abi::{Code, Message, Task, which};
use portico_kernel::{
    Buffer, Bulk, Channel, Child, CommandEntry, Cx, DefaultAccess, Exit, Failure, Fault, MemoryReservation, Portal,
    Reading, Received, Sent, Waker, escape,
};
use std::mem::offset_of;
use std::sync::Arc;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "tasks",
    summary: "Start tasks of its own",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[
        CommandEntry {
            number: which::SPAWN,
            name: "spawn child task",
            single: false,
            open: Some(|| Box::<Spawn>::default()),
        },
        CommandEntry {
            number: which::PARENT,
            name: "connect to parent",
            single: true,
            open: Some(|| Box::<Connected>::default()),
        },
    ],
};

/// Portals that a child may use, as far as its parent may.
const HELD: &[&str] = &["log", "tasks", "why"];

/// Tasks of a process, and its link to its own parent if it is a task.
#[derive(Default)]
pub(crate) struct Tasks {
    parent: Option<Arc<Link>>,
    /// How many it has started so far.
    started: u32,
}

/// A parent's side.
#[derive(Default)]
struct Spawn {
    module: Bulk,
    shared: Buffer,
    running: Option<Running>,
}

struct Running {
    link: Arc<Link>,
    /// The child, which ends when this is dropped.
    _child: Child,
    /// Accounts for what is in the link.
    _kept: MemoryReservation,
}

impl Channel<Host> for Spawn {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        let task: Task = cx.memory.read(at, "Task")?;
        cx.memory.list::<u8>(task.spawn_wasm, "spawn_wasm")?;
        let (size, data) = (task.spawn_wasm.size.get(), task.spawn_wasm.data.get());
        self.module = Bulk::new(cx.memory, data, size.into(), "spawn_wasm")?;
        self.shared = cx
            .memory
            .buffer::<u8>(at.wrapping_add(offset_of!(Task, shared_memory) as u32), "shared_memory")?;
        Ok(())
    }

    fn hold(&mut self, cx: &mut Reading<'_, Host>) -> Result<(), Failure> {
        self.module.hold(cx)
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let module = std::mem::take(&mut self.module);
        // The one before it ends first, so that it makes room.
        self.running = None;
        let kept = cx.keep(self.shared.capacity())?;
        let waker = cx.waker();
        let link = Arc::new(Link::new(cx.memory.contents(self.shared), waker));
        let (host, name) = cx.host.task(&link);
        let (told, log) = (Arc::clone(&link), Arc::clone(&cx.host.log));
        let child = cx.start_child(module.bytes(&cx.memory), PORTAL.name, HELD, host, move |exit| {
            report(&exit, &*log, &name);
            if let Some(failure) = failure(&exit) {
                told.end(failure);
            }
        })?;
        self.running = Some(Running {
            link,
            _child: child,
            _kept: kept,
        });
        Ok(Sent::Waiting)
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let Some(running) = &self.running else {
            return Ok(Received::Nothing);
        };
        let mut link = running.link.lock();
        link.answer(cx.memory.contents(self.shared));
        if let Some(bytes) = link.delivered() {
            cx.memory.fill(&[(self.shared, bytes)]);
            // Ready again in the next call: that is when the answer is taken.
            return Ok(Received::More);
        }
        link.failure().map_or(Ok(Received::Nothing), Err)
    }
}

/// A child's side.
#[derive(Default)]
struct Connected {
    /// `None` before the first message.
    link: Option<Arc<Link>>,
    /// The memory that the last message names.
    posted: Buffer,
    /// That of the last message that counts; `None` before the first.
    shared: Option<Buffer>,
    /// The parent's bytes were copied in as it opened, and the program has not been told.
    greeted: bool,
}

impl Channel<Host> for Connected {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        cx.memory.read::<Message>(at, "Message")?;
        self.posted = cx.memory.buffer::<u8>(at, "shared_memory")?;
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let Some(link) = &self.link else {
            let nobodys = || Failure::new(Code::Unavailable, "this program is nobody's task");
            let link = cx.host.tasks.parent.clone().ok_or_else(nobodys)?;
            link.lock().connect(cx.waker());
            cx.memory
                .fill(&[(self.posted, link.lock().present(self.posted.capacity()))]);
            (self.link, self.shared, self.greeted) = (Some(link), Some(self.posted), true);
            return Ok(Sent::Ready);
        };
        if !link.lock().is_childs() {
            return Ok(Sent::Waiting);
        }
        self.shared = Some(self.posted);
        self.send_nothing(cx)
    }

    fn send_nothing(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        if let (Some(shared), Some(link)) = (self.shared, &self.link)
            && link.lock().send(cx.memory.contents(shared))
        {
            self.greeted = false;
        }
        Ok(Sent::Waiting)
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let (Some(shared), Some(link)) = (self.shared, &self.link) else {
            return Ok(Received::Nothing);
        };
        let mut link = link.lock();
        if let Some(bytes) = link.answered(shared.capacity()) {
            cx.memory.fill(&[(shared, bytes)]);
            return Ok(Received::Delivered);
        }
        Ok(if std::mem::take(&mut self.greeted) {
            Received::Delivered
        } else {
            Received::Nothing
        })
    }
}

impl Host {
    /// The state of a task of this process, and what the log calls it.
    fn task(&mut self, link: &Arc<Link>) -> (Self, String) {
        self.tasks.started = self.tasks.started.wrapping_add(1);
        let name = format!("task {}", self.tasks.started);
        let log = Arc::new(TaskLog {
            parent: Arc::clone(&self.log),
            task: name.clone(),
        });
        let tasks = Tasks {
            parent: Some(Arc::clone(link)),
            started: 0,
        };
        let window = Window::new(Arc::new(NullScreen));
        (
            Self {
                tasks,
                ..Self::new(window, Vec::new(), log, Services::absent())
            },
            name,
        )
    }
}

/// The log of a task: its parent's, each line with the task's name.
struct TaskLog {
    parent: Arc<dyn Log>,
    task: String,
}

impl Log for TaskLog {
    fn line(&self, level: Level, name: &str, text: &str) {
        self.parent.line(level, &format!("{}/{name}", self.task), text);
    }
}

/// The screen of a task, which may show nothing.
struct NullScreen;

impl Screen for NullScreen {
    fn show(&self, _frame: &Frame<'_>, _shown: &Waker) -> Presented {
        Presented::Now
    }

    fn chrome_changed(&self) {}
}

/// Tells the user, by the log, of a task that broke.
fn report(exit: &Exit, log: &dyn Log, task: &str) {
    let Exit::Trap(report) = exit else { return };
    for text in std::iter::once(report.summary.as_str()).chain(report.details.lines()) {
        let mut line = String::new();
        escape(&mut line, text);
        log.line(Level::Error, task, &line);
    }
}

/// What the parent is told of the end. A task is ended from outside only by its parent, or with it, or because the
/// permission was taken back, which is what the parent is to hear then.
fn failure(exit: &Exit) -> Option<Failure> {
    let code = exit.code();
    let (kind, text) = match exit {
        Exit::Ended => return None,
        Exit::Refused(why) => (Code::Invalid, format!("the task's module can't be loaded: {why}")),
        Exit::Trap(report) => (
            Code::Disconnected,
            format!("the task ended with code {code}: {}", report.summary),
        ),
        Exit::Code(_) => (Code::Disconnected, format!("the task ended with code {code}")),
    };
    Some(Failure::new(kind, text))
}

#[cfg(test)]
mod tests;
