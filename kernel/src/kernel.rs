//! The kernel: makes a file a program that can be started.

use crate::cache::{self, Cache};
use crate::call::State;
use crate::cancel::Cancel;
use crate::channels::Commands;
use crate::compile::{CompileError, Compiler, LoadOptions};
use crate::engine::{EngineError, engine};
use crate::hash::Hash;
use crate::identity::Identity;
use crate::inspect::{Bodies, Info, inspect_hashed};
use crate::manifest::Manifest;
use crate::module_lru::ModuleLru;
use crate::personality::{self, Personality};
use crate::portal::Portal;
use crate::refusal::{Refusal, reasons};
use crate::signature::Publisher;
use crate::stack::DebugLines;
use crate::text::escape_lines;
use portico_abi::which;
use std::path::PathBuf;
use std::sync::Arc;
use wasmtime::{Engine, InstancePre, Linker, Module};

/// Bytes of compiled code of programs that are kept after their end, to be started again at once. From the disk a start takes a few
/// tenths of a millisecond more.
const RECENT_BYTES: usize = 8 << 20;
/// Programs that are kept.
const RECENT: usize = 8;

/// Runs programs on one engine. Cheap to clone.
///
/// ```
/// use portico_kernel::{DefaultAccess, Exit, Grants, InProcess, Kernel, Limits, LoadOptions, Permission, PermissionStatus};
/// use std::sync::{Arc, mpsc};
///
/// /// Allows what every program may do, and asks nobody for more.
/// struct Defaults;
///
/// impl Grants for Defaults {
///     fn status(&self, _permission: &Permission, default: DefaultAccess) -> PermissionStatus {
///         (default == DefaultAccess::Open).into()
///     }
/// }
///
/// // A host without portals, and a program that needs none.
/// let kernel = Kernel::<()>::new(&[], None, InProcess)?;
/// let file = wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "run")))"#)?;
/// let program = kernel.load(&file, &LoadOptions::default())?;
///
/// let (send, exits) = mpsc::channel();
/// let on_exit = move |exit| drop(send.send(exit));
/// kernel.start(&program, (), Arc::new(Defaults), Limits::default(), on_exit)?;
/// assert_eq!(exits.recv()?, Exit::Code(0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Kernel<H: 'static> {
    shared: Arc<Shared<H>>,
}

impl<H> Clone for Kernel<H> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

struct Shared<H: 'static> {
    engine: Engine,
    linker: Linker<State<H>>,
    commands: Arc<Commands<H>>,
    cache: Option<Cache>,
    recent: ModuleLru<Program>,
    compiler: Box<dyn Compiler>,
}

/// A program that can be started. Cheap to clone.
#[derive(Clone)]
pub struct Program {
    module: Module,
    about: Arc<About>,
}

struct About {
    hash: Hash,
    personality: Personality,
    entry: &'static str,
    manifest: Manifest,
    publisher: Option<Publisher>,
    identity: Identity,
    icon: Option<Vec<u8>>,
    /// Where its code comes from, if it brings that along.
    lines: Option<DebugLines>,
    size: usize,
}

impl Program {
    /// The hash of its file.
    pub fn hash(&self) -> &Hash {
        &self.about.hash
    }

    /// Who signed it; `None` when nobody did.
    pub fn publisher(&self) -> Option<Publisher> {
        self.about.publisher
    }

    /// What its storage and grants belong to: publisher and name where it is signed, else its hash.
    pub fn identity(&self) -> &Identity {
        &self.about.identity
    }

    /// Its manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.about.manifest
    }

    /// Its icon: the bytes of a PNG or SVG file, not looked into.
    pub fn icon(&self) -> Option<&[u8]> {
        self.about.icon.as_deref()
    }

    /// Size of its file in bytes.
    pub fn size(&self) -> usize {
        self.about.size
    }

    pub(crate) fn lines(&self) -> Option<&DebugLines> {
        self.about.lines.as_ref()
    }

    pub(crate) fn personality(&self) -> Personality {
        self.about.personality
    }

    pub(crate) fn entry(&self) -> &'static str {
        self.about.entry
    }
}

/// Why a program can't be started.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It lacks something, or wants something that is not there.
    #[error("it can't run: {}", reasons(.0))]
    Refused(Vec<Refusal>),
    /// It can't be compiled, or not within its budget, or that was given up.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// wasmtime turned its imports down.
    #[error("it can't be linked: {0}")]
    Link(String),
    /// The operating system has no thread for it.
    #[error("the system has no thread for it: {0}")]
    Thread(std::io::Error),
}

/// A host's table by command number.
fn commands<H>(portals: &'static [Portal<H>]) -> Result<Commands<H>, EngineError> {
    let mut commands: Commands<H> = [None; which::TEST as usize + 1];
    for (portal, entry) in portals
        .iter()
        .flat_map(|portal| portal.commands.iter().map(move |entry| (portal, entry)))
    {
        let row = commands
            .get_mut(entry.number as usize)
            .ok_or(EngineError::Unknown(entry.number))?;
        if row.replace((portal, entry)).is_some() {
            return Err(EngineError::Twice(entry.number));
        }
    }
    Ok(commands)
}

impl<H: Send + 'static> Kernel<H> {
    /// A kernel for the host's table of portals, whose programs `compiler` compiles. Compiled code is kept in the directory
    /// `cache`, made if it is not there; when it can't be used, programs are compiled at every start.
    ///
    /// # Errors
    /// When the engine can't run on this machine, or the table has a command twice or one that does not exist.
    pub fn new(
        portals: &'static [Portal<H>],
        cache: Option<PathBuf>,
        compiler: impl Compiler + 'static,
    ) -> Result<Self, EngineError> {
        let fail = |error: wasmtime::Error| EngineError::Machine(error.to_string());
        let engine = engine()?;
        let mut linker = Linker::new(&engine);
        personality::link(&mut linker).map_err(fail)?;
        let commands = commands(portals)?;
        let cache = cache.and_then(|directory| Cache::open(directory).ok());
        let recent = ModuleLru::new(RECENT_BYTES, RECENT);
        let (commands, compiler) = (Arc::new(commands), Box::new(compiler));
        Ok(Self {
            shared: Arc::new(Shared {
                engine,
                linker,
                commands,
                cache,
                recent,
                compiler,
            }),
        })
    }

    /// Whether a start of this program finds compiled code.
    pub fn is_cached(&self, hash: &Hash) -> bool {
        let Shared {
            engine, cache, recent, ..
        } = &*self.shared;
        recent.find(hash).is_some() || cache.as_ref().is_some_and(|cache| cache.path(engine, hash).exists())
    }

    /// Makes a program of a file's bytes: the one that was made of them lately, or else one with compiled code from the
    /// cache. Without either it is looked into and compiled, which can take seconds for a large one, and ends at once when
    /// `options.cancel` says so.
    ///
    /// # Errors
    /// When it would not run (the reasons are named), takes more to compile than it may, or was given up.
    pub fn load(&self, bytes: &[u8], options: &LoadOptions) -> Result<Program, LoadError> {
        let Shared {
            engine, cache, recent, ..
        } = &*self.shared;
        not_given_up(&options.cancel)?;
        let hash = Hash::of(bytes);
        if let Some(program) = recent.find(&hash) {
            return Ok(program);
        }
        let kept = cache.as_ref().and_then(|cache| cache.load(engine, &hash));
        let info = inspect_hashed(bytes, hash, if kept.is_some() { Bodies::Skip } else { Bodies::Read });
        let Info {
            personality: Some(personality),
            entry: Some(entry),
            manifest,
            publisher,
            icon,
            size,
            sections,
            refusals,
            ..
        } = info
        else {
            return Err(LoadError::Refused(info.refusals));
        };
        if !refusals.is_empty() {
            return Err(LoadError::Refused(refusals));
        }
        let module = match kept {
            Some(module) => module,
            None => self.compile(bytes, &hash, options)?,
        };
        let code = module.image_range();
        let code = code.end.addr().saturating_sub(code.start.addr());
        let debug = sections.iter().any(|(name, _)| name == DebugLines::SECTION);
        let lines = if debug { DebugLines::of(bytes) } else { None };
        let identity = Identity::of(hash, publisher, manifest.exact_name.as_deref());
        let about = About {
            hash,
            personality,
            entry,
            manifest,
            publisher,
            identity,
            icon,
            lines,
            size,
        };
        let program = Program {
            module,
            about: Arc::new(about),
        };
        recent.keep(hash, program.clone(), code + size);
        Ok(program)
    }

    fn compile(&self, bytes: &[u8], hash: &Hash, options: &LoadOptions) -> Result<Module, CompileError> {
        let Shared {
            engine,
            cache,
            compiler,
            ..
        } = &*self.shared;
        not_given_up(&options.cancel)?;
        // The words are the worker's, and so the module's.
        let entry = compiler.compile(bytes, options).map_err(|error| match error {
            CompileError::Invalid(why) => CompileError::Invalid(escape_lines(&why)),
            CompileError::Failed(why) => CompileError::Failed(escape_lines(&why)),
            other => other,
        })?;
        not_given_up(&options.cancel)?;
        let garbage = || CompileError::Failed("what it returned is not the program's code".into());
        let module = cache::open(&entry, engine, hash).ok_or_else(garbage)?;
        if let Some(cache) = cache {
            // A start without a cache is slower, and that is all.
            let _ = cache.store(engine, hash, &entry);
        }
        Ok(module)
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    pub(crate) fn commands(&self) -> &Arc<Commands<H>> {
        &self.shared.commands
    }

    pub(crate) fn linked(&self, program: &Program) -> Result<InstancePre<State<H>>, LoadError> {
        self.shared
            .linker
            .instantiate_pre(&program.module)
            .map_err(|error| LoadError::Link(escape_lines(&format!("{error:#}"))))
    }
}

fn not_given_up(cancel: &Cancel) -> Result<(), CompileError> {
    if cancel.is_cancelled() {
        Err(CompileError::Cancelled)
    } else {
        Ok(())
    }
}
