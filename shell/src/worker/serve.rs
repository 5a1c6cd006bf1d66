//! The worker's side: from its start to its answer.

use super::answer::{self, Kind};
use super::sandbox::{self, Sandbox};
use super::{Limits, Task};
use std::env;
use std::fs::File;
use std::io::{self, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Duration;

/// The first argument of a worker.
pub(super) const ARGUMENT: &str = "--worker";

/// The file that the answer is written to, once this process is a worker.
static OUTPUT: OnceLock<File> = OnceLock::new();

/// Does a worker's work, if this process was started as one: to be called before anything else is done.
pub fn serve() -> Option<ExitCode> {
    let mut arguments = env::args_os().skip(1);
    if arguments.next()? != ARGUMENT {
        return None;
    }
    let arguments: Vec<_> = arguments.filter_map(|argument| argument.into_string().ok()).collect();
    Some(match work(&arguments) {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(_)) => ExitCode::FAILURE,
        // Somebody has typed this.
        None => ExitCode::from(2),
    })
}

/// `None` when it was not started by a shell.
fn work(arguments: &[String]) -> Option<io::Result<()>> {
    let [task, numbers @ ..] = arguments else { return None };
    let task = Task::of_name(task)?;
    let numbers: Vec<u64> = numbers.iter().filter_map(|number| number.parse().ok()).collect();
    let [parent, threads, memory, seconds, length] = *numbers else {
        return None;
    };
    let limits = Limits {
        memory,
        processor: Duration::from_secs(seconds),
        // These two are the parent's to keep.
        deadline: Duration::MAX,
        answer: u64::MAX,
        threads: usize::try_from(threads).ok()?,
    };
    Some(answer(
        task,
        u32::try_from(parent).ok()?,
        &limits,
        usize::try_from(length).ok()?,
    ))
}

fn answer(task: Task, parent: u32, limits: &Limits, length: usize) -> io::Result<()> {
    sandbox::stay_with(parent)?;
    let output = standard_output()?;
    let output = OUTPUT.get_or_init(|| output);
    // Nobody reads what a panic prints, and looking for what is on the stack takes files.
    set_hook(Box::new(|_| ()));
    let sandbox = sandbox::enter(limits, || task.prepare(limits.threads))?;
    let mut input = Vec::with_capacity(length);
    io::stdin().lock().read_to_end(&mut input)?;
    let done = catch_unwind(AssertUnwindSafe(|| task.perform(&input)));
    drop(input);
    match done {
        Ok(Ok(bytes)) => answer::write(output, Kind::Done, sandbox, &bytes),
        Ok(Err(words)) => answer::write(output, Kind::Refused, sandbox, answer::cut(&words).as_bytes()),
        Err(panic) => {
            let words = panic.downcast_ref::<String>().map(String::as_str);
            let words = words
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("it panicked");
            answer::write(output, Kind::Failed, sandbox, answer::cut(words).as_bytes())
        }
    }
}

/// Standard output without a buffer, which may need memory when there is none.
fn standard_output() -> io::Result<File> {
    #[cfg(unix)]
    let owned = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?;
    #[cfg(windows)]
    let owned = std::os::windows::io::AsHandle::as_handle(&io::stdout()).try_clone_to_owned()?;
    Ok(File::from(owned))
}

/// Answers that there is no more memory, if this process is a worker.
pub(super) fn out_of_memory() {
    if let Some(output) = OUTPUT.get() {
        let _ = answer::write(output, Kind::Memory, Sandbox::default(), &[]);
    }
}
