//! Process group: a program with the tasks that it has started, directly or not. The group shares the limits of one program.

use crate::fault::{Code, Failure};
use crate::mailbox::Mailbox;
use crate::process::{Children, OnExit, Process};
use parking_lot::{Mutex, MutexGuard};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use wasmtime::ResourceLimiter;

/// Children of a group that run at once. As many again may be about to end.
const CHILDREN: usize = 64;
/// Tables of one process.
const TABLES: usize = 16;

/// Limits of one program, its tasks counted.
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

/// State that all processes of a program share.
pub(crate) struct ProcessGroup {
    limits: Limits,
    /// Bytes of linear memory.
    memory: Budget,
    /// Elements of tables.
    elements: Budget,
    /// Bytes that the host keeps for them: modules that are not loaded yet, memory on its way from one to another.
    kept: Budget,
    slots: Mutex<TaskSlots>,
    /// Modules are compiled one after the other, so that the same one for many children is compiled once.
    loading: Mutex<()>,
}

impl ProcessGroup {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            memory: Budget::new(limits.memory),
            elements: Budget::new(limits.table_elements.saturating_mul(TABLES)),
            kept: Budget::new(limits.memory),
            slots: Mutex::default(),
            loading: Mutex::default(),
        }
    }

    /// Accounts for bytes that the host keeps for the group.
    ///
    /// # Errors
    /// Limit when it would be more than the group may have in memory.
    pub(crate) fn keep(self: &Arc<Self>, bytes: usize) -> Result<MemoryReservation, Failure> {
        if !self.kept.take(bytes) {
            let most = self.limits.memory;
            return Err(Failure::new(
                Code::Limit,
                format!("the host keeps {most} bytes for a program and its tasks"),
            ));
        }
        Ok(MemoryReservation {
            group: Arc::clone(self),
            bytes,
        })
    }

    /// Waits until no other child of the group loads its module.
    pub(crate) fn loading(&self) -> MutexGuard<'_, ()> {
        self.loading.lock()
    }
}

/// A counter with an upper bound.
struct Budget {
    most: usize,
    taken: AtomicUsize,
}

impl Budget {
    fn new(most: usize) -> Self {
        Self {
            most,
            taken: AtomicUsize::new(0),
        }
    }

    fn take(&self, amount: usize) -> bool {
        let take = |taken: usize| taken.checked_add(amount).filter(|taken| *taken <= self.most);
        self.taken
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, take)
            .is_ok()
    }

    fn give_back(&self, amount: usize) {
        self.taken.fetch_sub(amount, Ordering::AcqRel);
    }
}

/// Bytes of the host's memory that it keeps for a program. They are given back when this is dropped.
pub struct MemoryReservation {
    group: Arc<ProcessGroup>,
    bytes: usize,
}

impl Drop for MemoryReservation {
    fn drop(&mut self) {
        self.group.kept.give_back(self.bytes);
    }
}

/// Counts the memory and table elements of one process against its group's limits.
pub(crate) struct GroupLimiter {
    group: Arc<ProcessGroup>,
    mailbox: Arc<Mailbox>,
    memory: usize,
    elements: usize,
}

impl GroupLimiter {
    pub(crate) fn of(group: &Arc<ProcessGroup>, mailbox: &Arc<Mailbox>) -> Self {
        Self {
            group: Arc::clone(group),
            mailbox: Arc::clone(mailbox),
            memory: 0,
            elements: 0,
        }
    }
}

impl ResourceLimiter for GroupLimiter {
    fn memory_growing(&mut self, _current: usize, desired: usize, _most: Option<usize>) -> wasmtime::Result<bool> {
        // A growth that was allowed and has failed all the same counts for the next.
        let more = desired.saturating_sub(self.memory);
        let allowed = self.group.memory.take(more);
        if allowed {
            self.memory += more;
            self.mailbox.meter.grown_to(self.memory);
        }
        Ok(allowed)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _most: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        let allowed = desired <= self.group.limits.table_elements && self.group.elements.take(more);
        if allowed {
            self.elements += more;
        }
        Ok(allowed)
    }

    fn instances(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        1
    }
}

impl Drop for GroupLimiter {
    fn drop(&mut self) {
        self.group.memory.give_back(self.memory);
        self.group.elements.give_back(self.elements);
    }
}

/// Numbers of a group's children.
#[derive(Default)]
struct TaskSlots {
    living: usize,
    /// Asked to end, and not gone yet.
    leaving: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Living,
    Leaving,
    Gone,
}

/// One child among [`TaskSlots`].
pub(crate) struct TaskSlot {
    group: Arc<ProcessGroup>,
    stage: Mutex<Stage>,
}

impl TaskSlot {
    /// Takes one of the group's.
    ///
    /// # Errors
    /// Limit when all are taken.
    pub(crate) fn take(group: &Arc<ProcessGroup>) -> Result<Arc<Self>, Failure> {
        let mut slots = group.slots.lock();
        if slots.living >= CHILDREN || slots.leaving >= CHILDREN {
            return Err(Failure::new(Code::Limit, format!("{CHILDREN} tasks may run at once")));
        }
        slots.living += 1;
        Ok(Arc::new(Self {
            group: Arc::clone(group),
            stage: Mutex::new(Stage::Living),
        }))
    }

    fn to(&self, next: Stage) {
        let mut slots = self.group.slots.lock();
        let mut stage = self.stage.lock();
        match (*stage, next) {
            (Stage::Living, Stage::Leaving) => {
                slots.living -= 1;
                slots.leaving += 1;
            }
            (Stage::Living, Stage::Gone) => slots.living -= 1,
            (Stage::Leaving, Stage::Gone) => slots.leaving -= 1,
            // It has been there.
            _ => return,
        }
        *stage = next;
    }
}

/// Frees a child's slot when the last thing that its thread holds is dropped, however the child ends.
pub(crate) struct SlotGuard(pub(crate) Arc<TaskSlot>);

impl Drop for SlotGuard {
    fn drop(&mut self) {
        self.0.to(Stage::Gone);
    }
}

/// A child as its parent holds it. Dropping it ends the child and all of its own.
pub struct Child {
    process: Process,
    siblings: Arc<Children>,
    slot: Arc<TaskSlot>,
}

impl Child {
    /// Holds a process that `portal` has started: adds it to its siblings.
    pub(crate) fn new(process: Process, portal: &'static str, siblings: &Arc<Children>, slot: Arc<TaskSlot>) -> Self {
        siblings.add(portal, process.clone());
        Self {
            process,
            siblings: Arc::clone(siblings),
            slot,
        }
    }

    /// Its process.
    pub fn process(&self) -> &Process {
        &self.process
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.slot.to(Stage::Leaving);
        self.siblings.remove(&self.process);
        self.process.end();
    }
}

/// Starts the children of one process.
pub(crate) trait ChildSpawner<H>: Send {
    /// The group that the process belongs to, and its children will.
    fn group(&self) -> &Arc<ProcessGroup>;

    /// Starts a child: at once, though its module is loaded on its own thread, so that its parent need not wait for that.
    ///
    /// # Errors
    /// Limit when there are too many children, too deep or too large; Failed when the system has no thread for it.
    fn start(&self, request: SpawnRequest<'_, H>, on_exit: OnExit) -> Result<Child, Failure>;
}

/// Request to start a child.
pub(crate) struct SpawnRequest<'a, H> {
    /// Bytes of its file.
    pub(crate) module: &'a [u8],
    /// The portal that its parent starts it by.
    pub(crate) portal: &'static str,
    /// Portals that it may use, as far as its parent may.
    pub(crate) held: &'static [&'static str],
    pub(crate) host: H,
}
