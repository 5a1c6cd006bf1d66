//! The host's system: commands 7 to 10.

use crate::channel::{ask_number, ask_text};
use crate::error::Error;
use portico_abi::which;
pub use portico_abi::{Environment, Platform, Runtime};

/// Its kernel.
///
/// # Errors
/// Why the host did not answer.
pub async fn kernel() -> Result<Platform, Error> {
    Ok(Platform::from_number(ask_number(which::KERNEL, 0).await?).unwrap_or(Platform::Unknown))
}

/// Name of the operating system.
///
/// # Errors
/// Why the host did not answer.
pub async fn os_name() -> Result<String, Error> {
    ask_text(which::OS_NAME).await
}

/// Its desktop environment.
///
/// # Errors
/// Why the host did not answer.
pub async fn desktop() -> Result<Environment, Error> {
    Ok(Environment::from_number(ask_number(which::DESKTOP, 0).await?).unwrap_or(Environment::Unknown))
}

/// The WebAssembly runtime that this program runs in.
///
/// # Errors
/// Why the host did not answer.
pub async fn runtime() -> Result<Runtime, Error> {
    Ok(Runtime::from_number(ask_number(which::RUNTIME, 0).await?).unwrap_or(Runtime::Unknown))
}
