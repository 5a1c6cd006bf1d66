//! Arguments: command 60.

use crate::channel::ask_text;
use crate::error::Error;
use portico_abi::which;

/// What this program was started with.
///
/// # Errors
/// Why the host did not answer.
pub async fn all() -> Result<Vec<String>, Error> {
    let text = ask_text(which::ARGUMENTS).await?;
    Ok(if text.is_empty() {
        Vec::new()
    } else {
        text.split('\n').map(str::to_owned).collect()
    })
}
