//! The kernel by itself, without a window system: its calls, wake-ups, starts and idle processes.

pub(crate) mod calls;
pub(crate) mod compile;
mod host;
pub(crate) mod idle;
pub(crate) mod start;
pub(crate) mod wake;

/// wasmtime has an error type of its own, which is none of the standard library's.
#[allow(clippy::needless_pass_by_value, reason = "given to map_err")]
fn plain(error: wasmtime::Error) -> anyhow::Error {
    anyhow::anyhow!("{error:#}")
}
