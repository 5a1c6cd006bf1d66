//! The kernel's compiler: workers, and the limits of each.

use super::{Limits, Task, WorkerError, Workers};
use portico_kernel::{Bound, Budget, CompileError, Compiler, LoadOptions, compile};
use std::thread::available_parallelism;
use std::time::Duration;

/// Has modules compiled by workers.
#[derive(Clone)]
pub struct WorkerCompiler(pub Workers);

impl Compiler for WorkerCompiler {
    fn compile(&self, module: &[u8], options: &LoadOptions) -> Result<Vec<u8>, CompileError> {
        let limits = limits(module.len(), options.budget);
        self.0
            .run(Task::Compile, module, &limits, &options.cancel)
            .map_err(|error| match error {
                WorkerError::Refused(why) => CompileError::Invalid(why),
                WorkerError::Memory(bytes) => CompileError::OverBudget(Bound::Memory(bytes), options.budget),
                WorkerError::Time(_) => CompileError::OverBudget(Bound::Time(limits.processor), options.budget),
                WorkerError::Cancelled => CompileError::Cancelled,
                other @ (WorkerError::Failed(_) | WorkerError::Start(_)) => CompileError::Failed(other.to_string()),
            })
    }
}

const MIB: u64 = 1 << 20;
/// Bytes of memory for any module, and for each byte of it.
const MEMORY: (u64, u64) = (96 * MIB, 48);
/// Seconds of processor time for any module, and for each MiB of it.
const SECONDS: (u64, u64) = (10, 10);
/// The most memory that a module is given, so that small ones have room beside it;
const MOST_MEMORY: u64 = 896 * MIB;
/// but for a huge one, of more than 30 MiB: the compiler keeps some kilobytes for each function until the last is compiled, and
/// with so many for each byte of the module the largest that are in use (LLVM as a module: 72 MiB, 133,000 functions) come
/// through.
const HUGE_MEMORY: u64 = 30;
/// Most threads, whose number helps less and less; and for a huge module, for each takes memory.
const MOST_THREADS: usize = 4;
const HUGE_THREADS: usize = 2;

/// Limits of compiling a module of this size.
pub fn limits(size: usize, budget: Budget) -> Limits {
    let (size, times) = (size as u64, u64::from(budget.0.get()));
    let huge = HUGE_MEMORY * size > MOST_MEMORY;
    let memory = times
        * if huge {
            HUGE_MEMORY * size
        } else {
            (MEMORY.0 + MEMORY.1 * size).min(MOST_MEMORY)
        };
    let processor = Duration::from_secs((SECONDS.0 + SECONDS.1 * size / MIB) * times);
    let threads = available_parallelism()
        .map_or(1, usize::from)
        .min(if huge { HUGE_THREADS } else { MOST_THREADS });
    // A machine that is busy with other things may take several times as long by the clock.
    Limits {
        memory,
        processor,
        deadline: processor * 4,
        answer: memory / 2,
        threads,
    }
}

/// Starts the compiler's threads.
pub(super) fn prepare(threads: usize) {
    // Without them it compiles on the one that there is.
    if rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .is_ok()
    {
        // One that is still starting could not go on without what is given up next.
        rayon::broadcast(|_| ());
    }
}

pub(super) fn perform(module: &[u8]) -> Result<Vec<u8>, String> {
    compile(module).map_err(|error| match error {
        // Whoever asked says that it is not valid.
        CompileError::Invalid(why) => why,
        other => other.to_string(),
    })
}
