//! Where this user's files of the shell belong on this system.

use directories::ProjectDirs;

/// The shell's folders for data, state, caches and settings, which need not be there yet; `None` where the system has no
/// place for them.
pub(crate) fn folders() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "portico")
}
