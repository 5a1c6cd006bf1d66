//! Starts a worker, feeds it its input, and waits for its answer, on the shell's side.

use super::answer::{self, Kind};
use super::sandbox::Sandbox;
use super::serve::ARGUMENT;
use super::{Limits, Task, WorkerError};
use crate::environment;
use parking_lot::Mutex;
use portico_kernel::Cancel;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Once, OnceLock};
use std::thread;

/// Starts a worker, and returns its answer. None of it is left when this returns.
pub(super) fn run(
    file: &Path,
    task: Task,
    input: &[u8],
    limits: &Limits,
    cancel: &Cancel,
) -> Result<Vec<u8>, WorkerError> {
    let mut worker = Worker::spawn(file, task, input.len(), limits)?;
    let (Some(mut feed), Some(output)) = (worker.child.stdin.take(), worker.child.stdout.take()) else {
        return Err(io::Error::from(io::ErrorKind::BrokenPipe).into());
    };
    let worker = Arc::new(Running {
        worker: Mutex::new(worker),
        stopped: OnceLock::new(),
    });
    let stopped = Arc::clone(&worker);
    let _on_cancel = cancel.on_cancel(move || stopped.stop(Stop::Cancelled));
    let (done, expired) = channel::<()>();
    let (late, deadline) = (Arc::clone(&worker), limits.deadline);
    thread::Builder::new().name("worker deadline".into()).spawn(move || {
        if expired.recv_timeout(deadline) == Err(RecvTimeoutError::Timeout) {
            late.stop(Stop::Late);
        }
    })?;
    // One that has stopped reading may still have answered why.
    let _ = feed.write_all(input);
    drop(feed);
    let answer = answer::read(output, limits.answer);
    let status = worker.end();
    drop(done);
    let why = match (answer, worker.stopped.get()) {
        (_, Some(Stop::Cancelled)) => WorkerError::Cancelled,
        (Ok(answer), _) => {
            let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            match answer.kind {
                Kind::Done => {
                    say_what_is_missing(answer.sandbox);
                    return Ok(answer.bytes);
                }
                Kind::Refused => WorkerError::Refused(words(&answer.bytes)),
                Kind::Failed => WorkerError::Failed(words(&answer.bytes)),
                Kind::Memory => WorkerError::Memory(limits.memory),
            }
        }
        (Err(_), Some(Stop::Late)) => WorkerError::Time(limits.deadline),
        (Err(error), None) => match status {
            Ok(status) if out_of_time(status) => WorkerError::Time(limits.processor),
            Ok(status) if error.kind() == io::ErrorKind::UnexpectedEof => {
                WorkerError::Failed(format!("it ended early, {status}"))
            }
            _ => WorkerError::Failed(error.to_string()),
        },
    };
    Err(why)
}

/// The process.
struct Worker {
    child: Child,
    /// Ends it with this process.
    #[cfg(windows)]
    _job: super::job::Job,
}

impl Worker {
    fn spawn(file: &Path, task: Task, input: usize, limits: &Limits) -> io::Result<Self> {
        let mut command = Command::new(file);
        command.arg(ARGUMENT).arg(task.name());
        let seconds = limits.processor.as_secs_f64().ceil() as u64;
        for number in [
            u64::from(std::process::id()),
            limits.threads as u64,
            limits.memory,
            seconds,
            input as u64,
        ] {
            command.arg(number.to_string());
        }
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .env_clear();
        command.envs(environment::of_worker());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::arg0(&mut command, "portico");
        #[cfg_attr(not(windows), expect(unused_mut, reason = "it is killed where it can't be bounded"))]
        let mut child = command.spawn()?;
        // It has had no input yet: there is nothing that could have turned it against us.
        #[cfg(windows)]
        let _job = super::job::Job::around(&child, limits).inspect_err(|_| drop(child.kill()))?;
        Ok(Self {
            child,
            #[cfg(windows)]
            _job,
        })
    }
}

/// A worker that can be stopped from another thread.
struct Running {
    worker: Mutex<Worker>,
    stopped: OnceLock<Stop>,
}

/// Reason why a worker was stopped.
#[derive(Clone, Copy, Debug)]
enum Stop {
    Cancelled,
    Late,
}

impl Running {
    fn stop(&self, why: Stop) {
        let _ = self.stopped.set(why);
        // One that is gone already can't be killed, and another process never is in its place: nobody has waited for it.
        let _ = self.worker.lock().child.kill();
    }

    /// Kills the worker, whatever it is at.
    fn end(&self) -> io::Result<ExitStatus> {
        let mut worker = self.worker.lock();
        let _ = worker.child.kill();
        worker.child.wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // For the paths on which nobody has.
        let _ = self.end();
    }
}

/// Whether a worker was ended by its limit of processor time.
fn out_of_time(status: ExitStatus) -> bool {
    #[cfg(unix)]
    {
        use rustix::process::Signal;
        use std::os::unix::process::ExitStatusExt as _;
        status.signal() == Some(Signal::XCPU.as_raw())
    }
    #[cfg(windows)]
    {
        status.code() == Some(super::job::OUT_OF_TIME)
    }
}

/// Logs once which part of the sandbox this system does not have.
fn say_what_is_missing(sandbox: Sandbox) {
    static SAID: Once = Once::new();
    if let Some(missing) = sandbox.missing() {
        SAID.call_once(|| tracing::warn!("workers are less well shut in than they could be: {missing}"));
    }
}
