//! Tasks, and the loop that runs them: each until it waits, then one `ar()` with everything that they have posted.

use crate::log;
use crate::runtime;
use portico_abi::Level;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt::Display;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// What a program or a task may end with.
pub trait Outcome {
    /// Logs what went wrong, if anything did, and gives the exit code: 0 for success.
    fn finish(self) -> u8;
}

impl Outcome for () {
    fn finish(self) -> u8 {
        0
    }
}

/// An exit code, 0 to 119.
impl Outcome for u8 {
    fn finish(self) -> u8 {
        self
    }
}

/// What a loop without an end ends with. Its type has no name of its own yet outside of a function's signature.
impl Outcome for <fn() -> ! as Returns>::Output {
    fn finish(self) -> u8 {
        self
    }
}

/// A function type, by what it returns.
pub trait Returns {
    /// What it returns.
    type Output;
}

impl<T> Returns for fn() -> T {
    type Output = T;
}

impl<T: Outcome, E: Display> Outcome for Result<T, E> {
    fn finish(self) -> u8 {
        match self {
            Ok(value) => value.finish(),
            Err(error) => {
                log::print(Level::Error, 0, &error.to_string());
                1
            }
        }
    }
}

struct Task {
    /// Not there while it is polled.
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
    waker: Waker,
    alarm: Arc<Alarm>,
}

#[derive(Default)]
struct Tasks {
    tasks: Vec<Option<Task>>,
    free: Vec<usize>,
    woken: VecDeque<usize>,
}

thread_local! {
    static TASKS: RefCell<Tasks> = RefCell::default();
}

struct Alarm {
    task: usize,
    rung: AtomicBool,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.rung.swap(true, Ordering::Relaxed) {
            TASKS.with(|tasks| tasks.borrow_mut().woken.push_back(self.task));
        }
    }
}

/// Runs a future beside the program's main one. It goes on until it ends or the main one does; an error that it ends with is
/// logged.
pub fn spawn(future: impl Future<Output: Outcome> + 'static) {
    let future = Box::pin(async move {
        future.await.finish();
    });
    TASKS.with(|tasks| {
        let mut tasks = tasks.borrow_mut();
        let task = tasks.free.pop().unwrap_or_else(|| {
            tasks.tasks.push(None);
            tasks.tasks.len() - 1
        });
        let alarm = Arc::new(Alarm {
            task,
            rung: AtomicBool::new(true),
        });
        tasks.tasks[task] = Some(Task {
            future: Some(future),
            waker: Arc::clone(&alarm).into(),
            alarm,
        });
        tasks.woken.push_back(task);
    });
}

/// Waits until the host has something for any channel of this program: for a loop that looks at its channels with `take`.
pub async fn anything() {
    let mut since = None;
    poll_fn(|context| runtime::poll_turn(&mut since, context)).await;
}

/// Runs a program's main future, and the tasks that it spawns, to its end. Gives the exit code.
pub(crate) fn run(main: impl Future<Output: Outcome> + 'static) -> u8 {
    let code = std::rc::Rc::new(std::cell::Cell::new(None));
    let ended = std::rc::Rc::clone(&code);
    spawn(async move { ended.set(Some(main.await.finish())) });
    loop {
        while let Some(task) = TASKS.with(|tasks| tasks.borrow_mut().woken.pop_front()) {
            poll(task);
            if let Some(code) = code.get() {
                return code;
            }
        }
        if !runtime::turn() && TASKS.with(|tasks| tasks.borrow().woken.is_empty()) {
            log::print(
                Level::Error,
                0,
                "every task waits, and no channel is open that could wake one",
            );
            return 1;
        }
    }
}

/// Polls one task. None is borrowed meanwhile, so that it may spawn others.
fn poll(index: usize) {
    let taken = TASKS.with(|tasks| {
        let mut tasks = tasks.borrow_mut();
        let task = tasks.tasks[index].as_mut()?;
        task.alarm.rung.store(false, Ordering::Relaxed);
        Some((task.future.take()?, task.waker.clone()))
    });
    let Some((mut future, waker)) = taken else { return };
    let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
    let ended = TASKS.with(|tasks| {
        let mut tasks = tasks.borrow_mut();
        match polled {
            Poll::Pending => {
                if let Some(task) = &mut tasks.tasks[index] {
                    task.future = Some(future);
                }
                None
            }
            Poll::Ready(()) => {
                tasks.free.push(index);
                Some((future, tasks.tasks[index].take()))
            }
        }
    });
    // What a task held may wake others when it goes.
    drop(ended);
}
