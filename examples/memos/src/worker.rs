//! The task that asks the services, one thing after the other, so that the window never waits for them.

use crate::services::{Deed, Memo, Services, Trouble};
use portico_sdk::anything;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    /// Look again what there is.
    Look,
    /// Keep a new memo.
    Keep(String),
    /// Change the memo with this id.
    Change(String, String),
    /// Forget it.
    Delete(String),
    /// Note that it was opened.
    Open(String),
}

/// What there is, as far as the services have said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// The newest first.
    pub(crate) memos: Vec<Memo>,
    /// The newest first.
    pub(crate) deeds: Vec<Deed>,
    /// Whether they have been looked at.
    pub(crate) looked: bool,
    /// What went wrong last, and whether it is that the user doesn't want it.
    pub(crate) trouble: Option<(String, bool)>,
}

#[derive(Default)]
struct Desk {
    jobs: VecDeque<Job>,
    /// How many are not done, the one that is being done too.
    left: usize,
    known: Known,
    fresh: bool,
    worker: Option<Waker>,
    window: Option<Waker>,
}

/// The window's side of it.
#[derive(Clone, Default)]
pub(crate) struct Worker(Rc<RefCell<Desk>>);

impl Worker {
    /// Begins, and looks what there is.
    pub(crate) fn begin() -> Self {
        let worker = Self::default();
        worker.add(Job::Look);
        portico_sdk::spawn(worker.clone().work());
        worker
    }

    /// Gives it something to do.
    pub(crate) fn add(&self, job: Job) {
        let mut desk = self.0.borrow_mut();
        desk.jobs.push_back(job);
        desk.left += 1;
        desk.worker.take().into_iter().for_each(Waker::wake);
    }

    /// Whether something is not done yet.
    pub(crate) fn is_busy(&self) -> bool {
        self.0.borrow().left > 0
    }

    /// What there is now, if that is new.
    pub(crate) fn take(&self) -> Option<Known> {
        let mut desk = self.0.borrow_mut();
        std::mem::take(&mut desk.fresh).then(|| desk.known.clone())
    }

    /// Waits for the host or for the worker.
    pub(crate) async fn anything(&self) {
        let mut host = pin!(anything());
        poll_fn(|context| {
            let mut desk = self.0.borrow_mut();
            if desk.fresh {
                return Poll::Ready(());
            }
            desk.window = Some(context.waker().clone());
            drop(desk);
            host.as_mut().poll(context)
        })
        .await;
    }

    async fn next(&self) -> Job {
        poll_fn(|context| {
            let mut desk = self.0.borrow_mut();
            if let Some(job) = desk.jobs.pop_front() {
                return Poll::Ready(job);
            }
            desk.worker = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    async fn work(self) {
        let mut services = None;
        loop {
            let job = self.next().await;
            let mut known = self.0.borrow().known.clone();
            let done = act(&mut services, &mut known, job).await;
            known.trouble = done.err().map(|trouble| {
                if trouble.breaks() {
                    // The port goes with it: an answer that is late finds nobody.
                    services = None;
                    known.looked = false;
                }
                (trouble.to_string(), trouble.is_denied())
            });
            let mut desk = self.0.borrow_mut();
            desk.known = known;
            desk.fresh = true;
            desk.left -= 1;
            desk.window.take().into_iter().for_each(Waker::wake);
        }
    }
}

async fn act(services: &mut Option<Services>, known: &mut Known, job: Job) -> Result<(), Trouble> {
    let services = match services {
        Some(services) => services,
        none => none.insert(Services::open().await?),
    };
    if !known.looked || job == Job::Look {
        known.memos = services.memos().await?;
        known.looked = true;
    }
    match job {
        Job::Look => {}
        Job::Keep(text) => known.memos.insert(0, services.keep(text).await?),
        Job::Change(id, text) => {
            services.change(&id, &text).await?;
            known
                .memos
                .iter_mut()
                .filter(|memo| memo.id == id)
                .for_each(|memo| memo.text.clone_from(&text));
        }
        Job::Delete(id) => {
            services.delete(&id).await?;
            known.memos.retain(|memo| memo.id != id);
        }
        Job::Open(id) => services.note(&id, "read").await?,
    }
    known.deeds = services.deeds().await?;
    Ok(())
}
