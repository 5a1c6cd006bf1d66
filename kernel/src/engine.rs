//! The WebAssembly engine: how it is configured, and why it may be missing.

use crate::stack;
use std::num::NonZeroUsize;
use wasmtime::{Config, Engine};

/// Stack that a program may use, in bytes.
pub(crate) const WASM_STACK: usize = 1 << 20;

/// Reason why there is no kernel.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// wasmtime can't run here, for this reason.
    #[error("the WebAssembly engine can't run on this machine: {0}")]
    Machine(String),
    /// Two rows of the host's table serve the same command.
    #[error("command {0} stands twice in the table of portals")]
    Twice(u32),
    /// A row of the host's table serves a command that the ABI does not have.
    #[error("the table of portals has command {0}, which does not exist")]
    Unknown(u32),
}

/// An engine as all kernels have it.
///
/// # Errors
/// When it can't run on this machine.
pub fn engine() -> Result<Engine, EngineError> {
    Engine::new(&config()).map_err(|error| EngineError::Machine(error.to_string()))
}

/// An engine that makes no map from code to the module's file; its code runs on [`engine`]'s as well.
pub(crate) fn engine_without_map() -> Result<Engine, EngineError> {
    Engine::new(config().generate_address_map(false)).map_err(|error| EngineError::Machine(error.to_string()))
}

/// WebAssembly as it is finished and widely compiled to; what is younger or needs threads is off.
fn config() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK)
        .wasm_backtrace_max_frames(NonZeroUsize::new(stack::DEPTH))
        .wasm_simd(true)
        .wasm_relaxed_simd(true)
        .wasm_bulk_memory(true)
        .wasm_multi_value(true)
        .wasm_tail_call(true)
        .wasm_extended_const(true)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false);
    // For debuggers alone: our own reports don't need it, and every start would register it. Windows insists on it.
    #[cfg(not(windows))]
    config.native_unwind_info(false);
    config
}
