//! A program and the tasks that it has started, and those that they have started: one family, which uses together what one
//! program may use.

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

/// How deep children nest: a program is at 0.
const DEPTH: u32 = 8;
/// Children of a family that run at once. As many again may be about to end.
const CHILDREN: usize = 64;
/// Tables of one process.
const TABLES: usize = 16;

/// What all processes of a program share.
pub(crate) struct Family {
    limits: Limits,
    /// Bytes of linear memory.
    memory: Budget,
    /// Elements of tables.
    elements: Budget,
    /// Bytes that the host keeps for them: modules that are not loaded yet, memory on its way from one to another.
    kept: Budget,
    places: Mutex<Places>,
    /// Modules are compiled one after the other, so that the same one for many children is compiled once.
    loading: Mutex<()>,
}

impl Family {
    fn new(limits: Limits) -> Self {
        Self {
            limits,
            memory: Budget::new(limits.memory),
            elements: Budget::new(limits.table_elements.saturating_mul(TABLES)),
            kept: Budget::new(limits.memory),
            places: Mutex::default(),
            loading: Mutex::default(),
        }
    }
}

/// So much, and no more.
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
pub struct Kept {
    family: Arc<Family>,
    bytes: usize,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.family.kept.give_back(self.bytes);
    }
}

/// What one process uses of its family's limits.
pub(crate) struct Share {
    family: Arc<Family>,
    mailbox: Arc<Mailbox>,
    memory: usize,
    elements: usize,
}

impl Share {
    pub(crate) fn of(family: &Arc<Family>, mailbox: &Arc<Mailbox>) -> Self {
        Self {
            family: Arc::clone(family),
            mailbox: Arc::clone(mailbox),
            memory: 0,
            elements: 0,
        }
    }
}

impl ResourceLimiter for Share {
    fn memory_growing(&mut self, _current: usize, desired: usize, _most: Option<usize>) -> wasmtime::Result<bool> {
        // A growth that was allowed and has failed all the same counts for the next.
        let more = desired.saturating_sub(self.memory);
        let allowed = self.family.memory.take(more);
        if allowed {
            self.memory += more;
            self.mailbox.meter.grown_to(self.memory);
        }
        Ok(allowed)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _most: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        let allowed = desired <= self.family.limits.table_elements && self.family.elements.take(more);
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

impl Drop for Share {
    fn drop(&mut self) {
        self.family.memory.give_back(self.memory);
        self.family.elements.give_back(self.elements);
    }
}

/// How many children a family has.
#[derive(Default)]
struct Places {
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

/// One child among [`Places`].
struct Place {
    family: Arc<Family>,
    stage: Mutex<Stage>,
}

impl Place {
    fn take(family: &Arc<Family>) -> Result<Arc<Self>, Failure> {
        let mut places = family.places.lock();
        if places.living >= CHILDREN || places.leaving >= CHILDREN {
            return Err(Failure::new(Code::Limit, format!("{CHILDREN} tasks may run at once")));
        }
        places.living += 1;
        Ok(Arc::new(Self {
            family: Arc::clone(family),
            stage: Mutex::new(Stage::Living),
        }))
    }

    fn to(&self, next: Stage) {
        let mut places = self.family.places.lock();
        let mut stage = self.stage.lock();
        match (*stage, next) {
            (Stage::Living, Stage::Leaving) => {
                places.living -= 1;
                places.leaving += 1;
            }
            (Stage::Living, Stage::Gone) => places.living -= 1,
            (Stage::Leaving, Stage::Gone) => places.leaving -= 1,
            // It has been there.
            _ => return,
        }
        *stage = next;
    }
}

/// Says that a child is gone, however it ends: it belongs to what its thread holds.
struct Gone(Arc<Place>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.to(Stage::Gone);
    }
}

/// A child as its parent holds it. Dropping it ends the child and all of its own.
pub struct Child {
    process: Process,
    siblings: Arc<Children>,
    place: Arc<Place>,
}

impl Child {
    /// Its process.
    pub fn process(&self) -> &Process {
        &self.process
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.place.to(Stage::Leaving);
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

    /// What those that live take of the computer.
    pub(crate) fn usage(&self) -> Usage {
        self.0.lock().iter().map(|(_, child)| child.usage()).sum()
    }

    /// A permission was taken back: theirs, too. If it was that to have them, they end.
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

/// What a process needs to have children.
pub(crate) struct Nursery<H: 'static> {
    kernel: Kernel<H>,
    grants: Arc<dyn Grants>,
    family: Arc<Family>,
    depth: u32,
    children: Arc<Children>,
    /// Of a child: dropped with the last that it holds.
    _gone: Option<Gone>,
}

impl<H: 'static> Nursery<H> {
    /// That of a program.
    pub(crate) fn root(kernel: Kernel<H>, grants: Arc<dyn Grants>, limits: Limits) -> Self {
        let family = Arc::new(Family::new(limits));
        Self {
            kernel,
            grants,
            family,
            depth: 0,
            children: Arc::default(),
            _gone: None,
        }
    }

    pub(crate) fn grants(&self) -> &Arc<dyn Grants> {
        &self.grants
    }

    pub(crate) fn family(&self) -> &Arc<Family> {
        &self.family
    }

    pub(crate) fn children(&self) -> &Arc<Children> {
        &self.children
    }

    pub(crate) fn keep(&self, bytes: usize) -> Result<Kept, Failure> {
        if !self.family.kept.take(bytes) {
            let most = self.family.limits.memory;
            return Err(Failure::new(
                Code::Limit,
                format!("the host keeps {most} bytes for a program and its tasks"),
            ));
        }
        Ok(Kept {
            family: Arc::clone(&self.family),
            bytes,
        })
    }
}

impl<H: Send + 'static> Nursery<H> {
    /// Starts a child: at once, though its module is loaded on its own thread, so that its parent need not wait for that.
    pub(crate) fn start(
        &self,
        order: Order<'_, H>,
        on_exit: impl FnOnce(Exit) + Send + 'static,
    ) -> Result<Child, Failure> {
        let Order {
            module,
            portal,
            held,
            host,
        } = order;
        if self.depth == DEPTH {
            return Err(Failure::new(Code::Limit, format!("tasks nest to a depth of {DEPTH}")));
        }
        let kept = self.keep(module.len())?;
        let place = Place::take(&self.family)?;
        let module = module.to_vec();
        let own = Self {
            kernel: self.kernel.clone(),
            grants: Arc::new(Inherited {
                parent: Arc::clone(&self.grants),
                held,
            }),
            family: Arc::clone(&self.family),
            depth: self.depth + 1,
            children: Arc::default(),
            _gone: Some(Gone(Arc::clone(&place))),
        };
        let (kernel, family) = (self.kernel.clone(), Arc::clone(&self.family));
        let prepare = move |cancel: &Cancel| {
            let loading = family.loading.lock();
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
            place,
        })
    }
}

/// What a child is to be.
pub(crate) struct Order<'a, H> {
    /// Bytes of its file.
    pub(crate) module: &'a [u8],
    /// The portal that its parent starts it by.
    pub(crate) portal: &'static str,
    /// The portals that it holds, as far as its parent does.
    pub(crate) held: &'static [&'static str],
    pub(crate) host: H,
}

/// What a child may do: what it was given, and not what its parent may not.
struct Inherited {
    parent: Arc<dyn Grants>,
    held: &'static [&'static str],
}

impl Grants for Inherited {
    fn status(&self, permission: &Permission, default: DefaultAccess) -> PermissionStatus {
        // Nobody is asked on behalf of a child.
        let held = self.held.contains(&permission.portal);
        (held && self.parent.status(permission, default) == PermissionStatus::Allowed).into()
    }
}
