//! Process group: a program with the tasks that it has started, directly or not. The group shares the limits of one program.

use crate::cancel::Cancel;
use crate::compile::{CompileError, LoadOptions};
use crate::fault::{Code, Failure};
use crate::kernel::{Kernel, LoadError};
use crate::mailbox::Mailbox;
use crate::permission::{DefaultAccess, Grants, Permission, PermissionStatus};
use crate::process::{Exit, Limits, Process};
use crate::usage::Usage;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use wasmtime::ResourceLimiter;

/// Greatest depth of nested children; a program is at depth 0.
const DEPTH: u32 = 8;
/// Children of a group that run at once. As many again may be about to end.
const CHILDREN: usize = 64;
/// Tables of one process.
const TABLES: usize = 16;

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
    fn new(limits: Limits) -> Self {
        Self {
            limits,
            memory: Budget::new(limits.memory),
            elements: Budget::new(limits.table_elements.saturating_mul(TABLES)),
            kept: Budget::new(limits.memory),
            slots: Mutex::default(),
            loading: Mutex::default(),
        }
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
struct TaskSlot {
    group: Arc<ProcessGroup>,
    stage: Mutex<Stage>,
}

impl TaskSlot {
    fn take(group: &Arc<ProcessGroup>) -> Result<Arc<Self>, Failure> {
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
struct SlotGuard(Arc<TaskSlot>);

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

/// The children of one process: they end when it does.
#[derive(Default)]
pub(crate) struct Children(Mutex<Vec<(&'static str, Process)>>);

impl Children {
    pub(crate) fn end(&self) {
        self.0.lock().iter().for_each(|(_, child)| child.end());
    }

    /// Resources that the running children use, summed.
    pub(crate) fn usage(&self) -> Usage {
        self.0.lock().iter().map(|(_, child)| child.usage()).sum()
    }

    /// Revokes a permission of all children; ends them if it is the one that they were started by.
    pub(crate) fn revoke(&self, permission: &Permission) {
        for (by, child) in &*self.0.lock() {
            if *permission == Permission::whole(by) {
                child.end();
            } else {
                child.revoke(permission);
            }
        }
    }

    fn add(&self, portal: &'static str, child: Process) {
        self.0.lock().push((portal, child));
    }

    fn remove(&self, child: &Process) {
        self.0.lock().retain(|(_, other)| !other.is(child));
    }
}

/// Starts the children of one process.
pub(crate) struct ChildSpawner<H: 'static> {
    kernel: Kernel<H>,
    grants: Arc<dyn Grants>,
    group: Arc<ProcessGroup>,
    depth: u32,
    children: Arc<Children>,
    /// A child's slot: dropped with the last thing that it holds.
    _slot: Option<SlotGuard>,
}

impl<H: 'static> ChildSpawner<H> {
    /// The spawner of a program, at the root of its group.
    pub(crate) fn root(kernel: Kernel<H>, grants: Arc<dyn Grants>, limits: Limits) -> Self {
        let group = Arc::new(ProcessGroup::new(limits));
        Self {
            kernel,
            grants,
            group,
            depth: 0,
            children: Arc::default(),
            _slot: None,
        }
    }

    pub(crate) fn grants(&self) -> &Arc<dyn Grants> {
        &self.grants
    }

    pub(crate) fn group(&self) -> &Arc<ProcessGroup> {
        &self.group
    }

    pub(crate) fn children(&self) -> &Arc<Children> {
        &self.children
    }

    pub(crate) fn keep(&self, bytes: usize) -> Result<MemoryReservation, Failure> {
        if !self.group.kept.take(bytes) {
            let most = self.group.limits.memory;
            return Err(Failure::new(
                Code::Limit,
                format!("the host keeps {most} bytes for a program and its tasks"),
            ));
        }
        Ok(MemoryReservation {
            group: Arc::clone(&self.group),
            bytes,
        })
    }
}

impl<H: Send + 'static> ChildSpawner<H> {
    /// Starts a child: at once, though its module is loaded on its own thread, so that its parent need not wait for that.
    pub(crate) fn start(
        &self,
        order: SpawnRequest<'_, H>,
        on_exit: impl FnOnce(Exit) + Send + 'static,
    ) -> Result<Child, Failure> {
        let SpawnRequest {
            module,
            portal,
            held,
            host,
        } = order;
        if self.depth == DEPTH {
            return Err(Failure::new(Code::Limit, format!("tasks nest to a depth of {DEPTH}")));
        }
        let kept = self.keep(module.len())?;
        let slot = TaskSlot::take(&self.group)?;
        let module = module.to_vec();
        let own = Self {
            kernel: self.kernel.clone(),
            grants: Arc::new(ChildGrants {
                parent: Arc::clone(&self.grants),
                held,
            }),
            group: Arc::clone(&self.group),
            depth: self.depth + 1,
            children: Arc::default(),
            _slot: Some(SlotGuard(Arc::clone(&slot))),
        };
        let (kernel, group) = (self.kernel.clone(), Arc::clone(&self.group));
        let prepare = move |cancel: &Cancel| {
            let loading = group.loading.lock();
            let options = LoadOptions {
                cancel: cancel.clone(),
                ..LoadOptions::default()
            };
            let refused = |error: LoadError| match error {
                LoadError::Compile(CompileError::Cancelled) => Exit::Ended,
                error => Exit::Refused(error.to_string()),
            };
            let program = kernel.load(&module, &options).map_err(refused)?;
            drop((loading, module, kept));
            let linked = kernel.linked(&program).map_err(refused)?;
            Ok((program, linked))
        };
        let process = self
            .kernel
            .launch("task".to_owned(), host, own, prepare, on_exit)
            .map_err(|error| Failure::new(Code::Failed, error.to_string()))?;
        self.children.add(portal, process.clone());
        Ok(Child {
            process,
            siblings: Arc::clone(&self.children),
            slot,
        })
    }
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

/// Permissions of a child: those it was given, as long as its parent has them.
struct ChildGrants {
    parent: Arc<dyn Grants>,
    held: &'static [&'static str],
}

impl Grants for ChildGrants {
    fn status(&self, permission: &Permission, default: DefaultAccess) -> PermissionStatus {
        // Nobody is asked on behalf of a child.
        let held = self.held.contains(&permission.portal);
        (held && self.parent.status(permission, default) == PermissionStatus::Allowed).into()
    }
}
