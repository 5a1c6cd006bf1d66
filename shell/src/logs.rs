//! The log of this shell.

use crate::folders::folders;
use portico_logs::{Bounds, LogStore};
use std::sync::LazyLock;

static STORE: LazyLock<LogStore> = LazyLock::new(|| {
    let directories = folders();
    LogStore::new(
        Bounds::default(),
        directories.map(|directories| directories.cache_dir().join("log")),
    )
});

/// The log of this shell.
pub fn store() -> &'static LogStore {
    &STORE
}
