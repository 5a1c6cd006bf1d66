//! The host's CPU: commands 0 to 4.

use crate::channel::{ask_number, ask_text};
use crate::error::Error;
use portico_abi::which;
pub use portico_abi::{Architecture, Overclock, RefSize};

/// Its architecture.
///
/// # Errors
/// Why the host did not answer.
pub async fn architecture() -> Result<Architecture, Error> {
    let number = ask_number(which::ARCHITECTURE, 0).await?;
    Ok(Architecture::from_number(number).unwrap_or(Architecture::Unknown))
}

/// Size of a reference; `None` for one that this crate does not know.
///
/// # Errors
/// Why the host did not answer.
pub async fn reference_size() -> Result<Option<RefSize>, Error> {
    Ok(RefSize::from_number(ask_number(which::REFERENCE_SIZE, 0).await?))
}

/// Names of its extensions, separated by spaces.
///
/// # Errors
/// Why the host did not answer.
pub async fn extensions() -> Result<String, Error> {
    ask_text(which::CPU_EXTENSIONS).await
}

/// Its frequency boost; `None` for a setting that this crate does not know.
///
/// # Errors
/// Why the host did not answer.
pub async fn overclock() -> Result<Option<Overclock>, Error> {
    Ok(Overclock::from_number(ask_number(which::OVERCLOCK, 0).await?))
}

/// Sets its frequency boost.
///
/// # Errors
/// Why the host did not do it.
pub async fn set_overclock(setting: Overclock) -> Result<(), Error> {
    ask_number(which::SET_OVERCLOCK, setting.number()).await.map(|_| ())
}
