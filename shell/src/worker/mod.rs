//! Work on what a program brought along, done in a process of its own: a *worker*.
//!
//! A module that is compiled or a picture that is decoded is as hostile as whoever made it. A worker is this same program,
//! started again with nothing but bytes on its standard input; it answers with bytes on its standard output. Before it reads
//! the first of them it has given up what it does not need ([`sandbox`]): files, sockets, other processes, and memory and
//! processor time beyond its [`Limits`]. So whatever its input makes of it, it can only return a wrong answer, which
//! whoever asked has to check, or none.
//!
//! # To have something done by a worker
//! [`Workers::run`] does all of it: it waits for room in the memory that all workers share, starts a worker, feeds it, and
//! returns its answer; or says why there is none. It blocks, for [`Limits::deadline`] at most from when the worker started,
//! so never call it on the event thread. [`Cancel::cancel`] ends it within milliseconds from any thread, whatever it is at.
//!
//! ```no_run
//! # use portico::worker::{Limits, Task, Workers};
//! # use portico_kernel::Cancel;
//! # use std::time::Duration;
//! # let module: Vec<u8> = Vec::new();
//! let limits = Limits {
//!     memory: 64 << 20,
//!     processor: Duration::from_secs(2),
//!     deadline: Duration::from_secs(4),
//!     answer: 1 << 20,
//!     threads: 1,
//! };
//! let answer = Workers::shared().run(Task::Compile, &module, &limits, &Cancel::default());
//! ```
//!
//! # To add a kind of work
//! Add it to [`Task`]: its name, and the function that a worker calls with its whole input. That function returns the answer, or
//! the words that say what is wrong with the input ([`WorkerError::Refused`]). A panic there, a memory allocation that
//! fails, and an end by a signal are all answers, too. What is needed of files has to be opened in [`Task::prepare`].

mod allocator;
mod answer;
mod compiler;
#[cfg(windows)]
mod job;
mod room;
pub mod sandbox;
mod serve;
mod start;

pub use compiler::{WorkerCompiler, limits};
pub use serve::serve;

use crate::executable::running_file;
use crate::icon_decoder;
use portico_kernel::Cancel;
use room::Room;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// Bytes that all workers of this process may use together, but for one that may use more than that by itself.
pub const MEMORY: u64 = 1 << 30;

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Compiles a module: the answer is an entry of the kernel's cache.
    Compile,
    /// Decodes a program's icon: the answer are its pictures ([`crate::icon_decoder::pictures`]).
    Icon,
}

impl Task {
    const ALL: [Self; 2] = [Self::Compile, Self::Icon];

    fn name(self) -> &'static str {
        match self {
            Self::Compile => "compile",
            Self::Icon => "icon",
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.name() == name)
    }

    /// Starts the threads that can't be started in the sandbox any more.
    fn prepare(self, threads: usize) {
        match self {
            Self::Compile => compiler::prepare(threads),
            Self::Icon => {}
        }
    }

    /// Does the work, in the worker: returns the answer, or what is wrong with the input.
    fn perform(self, input: &[u8]) -> Result<Vec<u8>, String> {
        match self {
            Self::Compile => compiler::perform(input),
            Self::Icon => icon_decoder::pictures(input).ok_or_else(|| "it is no picture".to_owned()),
        }
    }
}

/// Limits of one worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory, its input included.
    pub memory: u64,
    /// Time of all its threads on the processor; counted in whole seconds.
    pub processor: Duration,
    /// Time on the clock from its start to its whole answer.
    pub deadline: Duration,
    /// Bytes of its answer.
    pub answer: u64,
    /// Threads that share the work.
    pub threads: usize,
}

/// Reason why a worker has not answered.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// Something is wrong with its input; the words are the worker's.
    #[error("{0}")]
    Refused(String),
    /// It needs more than these bytes of memory.
    #[error("it needs more than {} MiB of memory", .0 >> 20)]
    Memory(u64),
    /// It takes longer than this, on the processor or on the clock.
    #[error("it takes longer than {} s", .0.as_secs_f32())]
    Time(Duration),
    /// It was cancelled.
    #[error("it was given up")]
    Cancelled,
    /// It ended without an answer, or with one that makes no sense.
    #[error("its process failed: {0}")]
    Failed(String),
    /// It could not be started.
    #[error("no process can be started for it: {0}")]
    Start(#[from] io::Error),
}

/// Starts workers of one file, which share an amount of memory. Cheap to clone.
#[derive(Clone)]
pub struct Workers {
    /// The file that they run; `None` for the running one.
    file: Option<PathBuf>,
    room: Arc<Room>,
}

impl Workers {
    /// The workers of this process, which share [`MEMORY`].
    pub fn shared() -> Self {
        static SHARED: LazyLock<Workers> = LazyLock::new(|| Workers {
            file: None,
            room: Arc::new(Room::new(MEMORY)),
        });
        SHARED.clone()
    }

    /// Workers that run another file, whose `main` calls [`serve`] first, and share `memory` bytes: for tests, whose own
    /// file is none such.
    pub fn of(file: impl Into<PathBuf>, memory: u64) -> Self {
        Self {
            file: Some(file.into()),
            room: Arc::new(Room::new(memory)),
        }
    }

    /// Starts a worker, feeds it the input, and returns its answer. Blocks.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn run(&self, task: Task, input: &[u8], limits: &Limits, cancel: &Cancel) -> Result<Vec<u8>, WorkerError> {
        let _room = self.room.reserve(limits.memory, cancel).ok_or(WorkerError::Cancelled)?;
        let file = self.file.clone().map_or_else(running_file, Ok)?;
        start::run(&file, task, input, limits, cancel)
    }
}
