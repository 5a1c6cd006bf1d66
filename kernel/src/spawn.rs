//! Starts processes: each is a thread with a store of its own.

use crate::call::State;
use crate::cancel::Cancel;
use crate::channels::Channels;
use crate::compile::{CompileError, LoadOptions};
use crate::engine::WASM_STACK;
use crate::exit::Exit;
use crate::fault::{Code, Failure};
use crate::grants::Grants;
use crate::kernel::{Kernel, LoadError, Program};
use crate::mailbox::Mailbox;
use crate::permission::{DefaultAccess, Permission, PermissionStatus};
use crate::process::{Children, End, OnExit, Process};
use crate::process_group::{
    Child, ChildSpawner, GroupLimiter, Limits, ProcessGroup, SlotGuard, SpawnRequest, TaskSlot,
};
use crate::run::{panicked, run};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use wasmtime::InstancePre;

/// Stack of a process's thread: what the program may use of it, and room for the host's own calls.
const STACK: usize = WASM_STACK + 768 * 1024;
/// Greatest depth of nested children; a program is at depth 0.
const DEPTH: u32 = 8;

/// A program, and what wasmtime makes a process of.
type Loaded<H> = (Program, InstancePre<State<H>>);

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
        let spawner = Spawner::root(self.clone(), grants, limits);
        let loaded = (program.clone(), self.linked(program)?);
        spawner.launch(name, host, |_| Ok(loaded), Box::new(on_exit))
    }
}

/// Starts one process, and is kept by it to start its children.
pub(crate) struct Spawner<H: 'static> {
    kernel: Kernel<H>,
    grants: Arc<dyn Grants>,
    group: Arc<ProcessGroup>,
    depth: u32,
    children: Arc<Children>,
    /// A child's slot: dropped with the last thing that it holds.
    _slot: Option<SlotGuard>,
}

impl<H: Send + 'static> Spawner<H> {
    /// The spawner of a program, at the root of its group.
    pub(crate) fn root(kernel: Kernel<H>, grants: Arc<dyn Grants>, limits: Limits) -> Self {
        Self {
            kernel,
            grants,
            group: Arc::new(ProcessGroup::new(limits)),
            depth: 0,
            children: Arc::default(),
            _slot: None,
        }
    }

    /// Starts the process, whose program `prepare` gives, on the process's own thread, unless that is cancelled.
    fn launch(
        self,
        name: String,
        host: H,
        prepare: impl FnOnce(&Cancel) -> Result<Loaded<H>, Exit> + Send + 'static,
        on_exit: OnExit,
    ) -> Result<Process, LoadError> {
        let mailbox = Arc::new(Mailbox::new());
        let process = Process {
            mailbox: Arc::clone(&mailbox),
            engine: self.kernel.engine().clone(),
            end: Arc::new(End::new(on_exit)),
            children: Arc::clone(&self.children),
            cancel: Cancel::default(),
        };
        let state = State {
            host,
            channels: Channels::new(),
            grants: Arc::clone(&self.grants),
            commands: Arc::clone(self.kernel.commands()),
            memory: None,
            limits: GroupLimiter::of(&self.group, &mailbox),
            mailbox,
            list: Vec::new(),
            exit: None,
            spawner: Box::new(self),
        };
        let (engine, end, cancel) = (process.engine.clone(), Arc::clone(&process.end), process.cancel.clone());
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

impl<H: Send + 'static> ChildSpawner<H> for Spawner<H> {
    fn group(&self) -> &Arc<ProcessGroup> {
        &self.group
    }

    fn start(&self, request: SpawnRequest<'_, H>, on_exit: OnExit) -> Result<Child, Failure> {
        let SpawnRequest {
            module,
            portal,
            held,
            host,
        } = request;
        if self.depth == DEPTH {
            return Err(Failure::new(Code::Limit, format!("tasks nest to a depth of {DEPTH}")));
        }
        let kept = self.group.keep(module.len())?;
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
            let loading = group.loading();
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
        let process = own
            .launch("task".to_owned(), host, prepare, on_exit)
            .map_err(|error| Failure::new(Code::Failed, error.to_string()))?;
        Ok(Child::new(process, portal, &self.children, slot))
    }
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
