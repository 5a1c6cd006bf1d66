//! Compiles modules: the compiler's interface, its budget, and its errors.
//!
//! A module is as hostile as whoever made it, and a compiler is large: it may be led to run for hours, to take all memory
//! there is, or to do what the module wants. So a kernel does not compile by itself. It has a [`Compiler`], and checks what
//! that returns as it checks what lies on the disk.

use crate::cache;
use crate::cancel::Cancel;
use crate::engine::{EngineError, engine, engine_without_map};
use crate::hash::Hash;
use crate::text::one_line;
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

/// How a program is loaded.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// Ends the load.
    pub cancel: Cancel,
    /// Amount of work that the compilation may be.
    pub budget: Budget,
}

/// How many times as much as usual compiling may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget(pub NonZeroU32);

impl Budget {
    /// The largest budget.
    pub const MOST: NonZeroU32 = NonZeroU32::new(100).expect("100 is not 0");

    /// The next budget to try, four times as large; `None` where this is the most.
    pub fn larger(self) -> Option<Self> {
        (self.0 < Self::MOST).then(|| Self(self.0.saturating_mul(NonZeroU32::MIN.saturating_add(3)).min(Self::MOST)))
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self(NonZeroU32::MIN)
    }
}

/// Compiles modules for a kernel.
pub trait Compiler: Send + Sync {
    /// Calls [`compile`], in this process or another, and returns its result. Blocks; returns soon after it was cancelled.
    ///
    /// # Errors
    /// When there is no compiled code.
    fn compile(&self, module: &[u8], options: &LoadOptions) -> Result<Vec<u8>, CompileError>;
}

/// Compiles in this process, where nothing bounds it and nothing can stop it: for modules that are trusted, as those of
/// tests are.
#[derive(Clone, Copy, Debug, Default)]
pub struct InProcess;

impl Compiler for InProcess {
    fn compile(&self, module: &[u8], _options: &LoadOptions) -> Result<Vec<u8>, CompileError> {
        compile(module)
    }
}

/// Why there is no compiled code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// WebAssembly's validation, or the compiler, turned the module down.
    #[error("it is not a valid WebAssembly module: {0}")]
    Invalid(String),
    /// It takes more than it may.
    #[error("compiling it takes more than {0}")]
    OverBudget(Bound, Budget),
    /// It was given up.
    #[error("it was ended before it was compiled")]
    Cancelled,
    /// The compiler failed, through no fault of the module's that could be named.
    #[error("the compiler failed: {0}")]
    Failed(String),
}

/// Bound that a compilation has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Bytes of memory.
    Memory(u64),
    /// Time of the processor.
    Time(Duration),
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(bytes) => write!(f, "{} MiB of memory", bytes >> 20),
            Self::Time(time) => write!(f, "{} s of processor time", time.as_secs()),
        }
    }
}

/// Bytes of a module from which on it is compiled without a map from its code to its file: that takes a third of the
/// memory, and only the places in a trap's stack are missed.
const HUGE: usize = 16 << 20;

/// Compiles a module in this process, for this machine: code in the form in which a kernel keeps it on disk.
///
/// # Errors
/// When the module is not valid.
pub fn compile(module: &[u8]) -> Result<Vec<u8>, CompileError> {
    let failed = |error: EngineError| CompileError::Failed(error.to_string());
    let engine = engine().map_err(failed)?;
    let spare = if module.len() > HUGE {
        Some(engine_without_map().map_err(failed)?)
    } else {
        None
    };
    let compiled = spare.as_ref().unwrap_or(&engine).precompile_module(module);
    let code = compiled.map_err(|error| CompileError::Invalid(one_line(&format!("{error:#}"))))?;
    Ok(cache::seal(code, &engine, &Hash::of(module)))
}
