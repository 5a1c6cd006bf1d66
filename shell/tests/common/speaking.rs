//! The language that a test has the shell speak.

use parking_lot::{Mutex, MutexGuard};
use portico::strings::{self, Language};

/// Speaks a language for as long as the guard lives: it is the whole process's.
pub(crate) fn speaking(language: Language) -> MutexGuard<'static, ()> {
    static SPEAKING: Mutex<()> = Mutex::new(());
    let guard = SPEAKING.lock();
    strings::set_language(language);
    guard
}
