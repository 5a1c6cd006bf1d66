//! A process: a thread with a store of its own, from its start to its end.

use crate::call::State;
use crate::cancel::Cancel;
use crate::channels::Channels;
use crate::kernel::{Kernel, LoadError, Program};
use crate::mailbox::{Mailbox, Signal};
use crate::permission::{Grants, Permission};
use crate::process_group::{ChildSpawner, Children, GroupLimiter};
use crate::stack::{self, DebugLines};
use crate::text::{escape, escape_lines};
use crate::usage::Usage;
use parking_lot::{Condvar, Mutex};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use wasmtime::{Engine, InstancePre, Store, UpdateDeadline, WasmBacktrace};

/// Stack of a process's thread: what the program may use of it, and room for the host's own calls.
const STACK: usize = crate::kernel::WASM_STACK + 768 * 1024;

/// How long an end is waited for before it is told all the same. One instruction can fill or copy all memory that a program
/// has, which takes longer than anybody should have to wait, and nothing can stop it half-way.
const EXIT_GRACE: Duration = Duration::from_millis(80);

/// Bytes of a program's last words in the sentence for the user.
const LONGEST_SUMMARY: usize = 200;

/// What one program may use, its tasks counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of linear memory.
    pub memory: usize,
    /// Elements of each table; all tables together may have 16 times as many.
    pub table_elements: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 1 << 30,
            table_elements: 1 << 20,
        }
    }
}

/// How a program came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(u32),
    /// It broke a rule of the ABI or of WebAssembly.
    Trap(Box<Report>),
    /// It was ended from outside.
    Ended,
    /// It could not be started.
    Refused(String),
}

impl Exit {
    /// Exit code of a run, 0 to 122.
    pub fn code(&self) -> u8 {
        match self {
            Self::Code(code) => u8::try_from(*code).unwrap_or(119).min(119),
            Self::Trap(_) => 120,
            Self::Ended => 121,
            Self::Refused(_) => 122,
        }
    }
}

/// What happened when a program trapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// One sentence for the user.
    pub summary: String,
    /// The rest, for the author: command, channel, field and address, or the stack; several lines.
    pub details: String,
}

/// A running program. Cheap to clone; outlives its program without harm.
#[derive(Clone)]
pub struct Process {
    mailbox: Arc<Mailbox>,
    engine: Engine,
    end: Arc<End>,
    children: Arc<Children>,
    /// Gives up what is still being prepared of it.
    cancel: Cancel,
}

/// Tells of a process's end, once.
struct End {
    on_exit: Mutex<Option<OnExit>>,
    told: Condvar,
}

type OnExit = Box<dyn FnOnce(Exit) + Send>;

/// An end, and until when it is to be told.
type Watched = (Instant, Arc<End>);

impl End {
    fn tell(&self, exit: Exit) {
        let on_exit = self.on_exit.lock().take();
        self.told.notify_all();
        if let Some(on_exit) = on_exit {
            on_exit(exit);
        }
    }

    /// Has it told at the latest after [`EXIT_GRACE`], by a thread that all processes share.
    fn watch(self: &Arc<Self>) {
        static WATCHED: OnceLock<Option<Sender<Watched>>> = OnceLock::new();
        let watched = WATCHED.get_or_init(|| {
            let (send, ends) = channel::<Watched>();
            let watcher = move || ends.into_iter().for_each(|(when, end)| end.late(when));
            // Without a thread for it an end is told when the program is gone.
            std::thread::Builder::new()
                .name("exit-watchdog".into())
                .spawn(watcher)
                .ok()
                .map(|_| send)
        });
        if let Some(watched) = watched {
            let _ = watched.send((Instant::now() + EXIT_GRACE, Arc::clone(self)));
        }
    }

    /// Waits until it is told; tells it when it was not by then.
    fn late(&self, when: Instant) {
        let mut on_exit = self.on_exit.lock();
        self.told
            .wait_while_until(&mut on_exit, |on_exit| on_exit.is_some(), when);
        drop(on_exit);
        self.tell(Exit::Ended);
    }
}

impl Process {
    /// Ends the program and its tasks, in the middle of a loop or of `ar()`. Returns at once; the exit is reported when it is gone, or
    /// after 80 ms when it is in the middle of an instruction that takes longer. From here on it carries out no command.
    pub fn end(&self) {
        let first = self.mailbox.end();
        self.engine.increment_epoch();
        if first {
            self.cancel.cancel();
            self.end.watch();
            self.children.end();
        }
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.mailbox, &other.mailbox)
    }

    /// How often it has called `ar()` so far. A program that stops calling while input waits is not answering.
    pub fn calls(&self) -> u64 {
        self.mailbox.calls()
    }

    /// Whether it sleeps in `ar()`.
    pub fn parked(&self) -> bool {
        self.mailbox.parked()
    }

    /// What it takes of the computer, with the tasks that run for it.
    pub fn usage(&self) -> Usage {
        self.mailbox.meter.usage() + self.children.usage()
    }

    /// Takes a permission back: open channels that need it close with Revoked, those of its tasks, too.
    pub fn revoke(&self, permission: &Permission) {
        self.mailbox.post(Signal::Revoked(permission.clone()));
        self.children.revoke(permission);
    }

    /// When it started: the zero of its `micros`.
    pub fn started(&self) -> Instant {
        self.mailbox.started
    }
}

impl<H: Send + 'static> Kernel<H> {
    /// Starts a program on a thread of its own. `on_exit` is called on that thread, once, when everything that the process
    /// held has been let go of; on another one, and before that, when it is late to end.
    ///
    /// # Errors
    /// When the operating system has no thread for it.
    pub fn start(
        &self,
        program: &Program,
        host: H,
        grants: Arc<dyn Grants>,
        limits: Limits,
        on_exit: impl FnOnce(Exit) + Send + 'static,
    ) -> Result<Process, LoadError> {
        let name = format!("program {}", program.hash().short());
        let spawner = ChildSpawner::root(self.clone(), grants, limits);
        let loaded = (program.clone(), self.linked(program)?);
        self.launch(name, host, spawner, |_| Ok(loaded), on_exit)
    }

    /// Starts a process whose program `prepare` gives, on the process's own thread, unless that is cancelled.
    pub(crate) fn launch(
        &self,
        name: String,
        host: H,
        spawner: ChildSpawner<H>,
        prepare: impl FnOnce(&Cancel) -> Result<Loaded<H>, Exit> + Send + 'static,
        on_exit: impl FnOnce(Exit) + Send + 'static,
    ) -> Result<Process, LoadError> {
        let mailbox = Arc::new(Mailbox::new());
        let end = Arc::new(End {
            on_exit: Mutex::new(Some(Box::new(on_exit))),
            told: Condvar::new(),
        });
        let children = Arc::clone(spawner.children());
        let (engine, end_of_process, cancel) = (self.engine().clone(), Arc::clone(&end), Cancel::default());
        let process = Process {
            mailbox: Arc::clone(&mailbox),
            engine,
            end: end_of_process,
            children,
            cancel: cancel.clone(),
        };
        let state = State {
            host,
            channels: Channels::new(),
            grants: Arc::clone(spawner.grants()),
            commands: Arc::clone(self.commands()),
            memory: None,
            limits: GroupLimiter::of(spawner.group(), &mailbox),
            mailbox,
            list: Vec::new(),
            exit: None,
            spawner,
        };
        let engine = self.engine().clone();
        let live = move || {
            state.mailbox.attach();
            let (program, linked) = prepare(&cancel)?;
            Ok(run(&engine, &linked, &program, state))
        };
        let thread = std::thread::Builder::new().name(name).stack_size(STACK);
        thread
            .spawn(move || {
                let exit = catch_unwind(AssertUnwindSafe(live)).map(|exit| exit.unwrap_or_else(|exit| exit));
                end.tell(exit.unwrap_or_else(|panic| Exit::Trap(Box::new(panicked(panic.as_ref())))));
            })
            .map_err(LoadError::Thread)?;
        Ok(process)
    }
}

/// A program, and what wasmtime makes a process of.
pub(crate) type Loaded<H> = (Program, InstancePre<State<H>>);

fn run<H: 'static>(engine: &Engine, linked: &InstancePre<State<H>>, program: &Program, state: State<H>) -> Exit {
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limits);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|cx| {
        Ok(if cx.data().mailbox.ended() {
            UpdateDeadline::Interrupt
        } else {
            UpdateDeadline::Continue(1)
        })
    });
    if store.data().mailbox.ended() {
        return Exit::Ended;
    }
    let result = program.personality().run(linked, &mut store, program.entry());
    let stopped = store.data_mut().exit.take();
    match (result, stopped) {
        (Ok(()), _) => Exit::Code(0),
        (Err(_), Some(exit)) => exit,
        (Err(_), None) if store.data().mailbox.ended() => Exit::Ended,
        (Err(error), None) => {
            let words = store.data().mailbox.panic_message();
            Exit::Trap(Box::new(trapped(&error, words.as_deref(), program.lines())))
        }
    }
}

/// What WebAssembly's own traps mean to a user, with what the program itself has said of it.
fn trapped(error: &wasmtime::Error, words: Option<&str>, lines: Option<&DebugLines>) -> Report {
    use wasmtime::Trap;
    let summary = match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => "The program ran out of stack.",
        Some(Trap::MemoryOutOfBounds | Trap::HeapMisaligned) => "The program reached outside its memory.",
        Some(Trap::TableOutOfBounds | Trap::IndirectCallToNull | Trap::BadSignature) => {
            "The program called a function that is not there."
        }
        Some(Trap::IntegerOverflow | Trap::IntegerDivisionByZero | Trap::BadConversionToInteger) => {
            "The program made an impossible calculation."
        }
        Some(Trap::UnreachableCodeReached) => "The program gave up (it reached an `unreachable` instruction).",
        Some(_) | None => "The program can't go on.",
    };
    let (mut summary, mut details) = (summary.to_owned(), String::new());
    let gave_up = matches!(error.downcast_ref::<Trap>(), Some(Trap::UnreachableCodeReached));
    if let Some(words) = words.filter(|_| gave_up) {
        for line in words.trim_end().split('\n') {
            escape(&mut details, line);
            details.push('\n');
        }
        // Rust says the place first, which a user has no use for.
        let mut said = words
            .lines()
            .filter(|line| !line.starts_with("panicked at ") && !line.trim().is_empty());
        if let Some(line) = said.next() {
            summary = "The program gave up: ".to_owned();
            escape(&mut summary, &line[..line.floor_char_boundary(LONGEST_SUMMARY)]);
        }
    }
    details.push_str(&escape_lines(&error.root_cause().to_string()));
    if let Some(trace) = error.downcast_ref::<WasmBacktrace>() {
        stack::write(&mut details, trace.frames(), lines);
    }
    Report { summary, details }
}

fn panicked(panic: &(dyn Any + Send)) -> Report {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Report {
        summary: "A portal failed while it served the program. That is a fault of the shell.".to_owned(),
        details: format!("panic: {text}"),
    }
}
