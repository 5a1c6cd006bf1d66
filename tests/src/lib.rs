//! The harness of the end-to-end tests: a private display server with a window manager, the built shell on it, input as a
//! person gives it, and assertions about what is on the screen.
//!
//! Everything that a [`Desktop`] starts lives in a directory of its own and ends with it, so that tests know nothing of one
//! another and nothing of the user who runs them.

pub mod access;
pub mod author;
pub mod desktop;
mod drag;
pub mod hostile;
pub mod input_methods;
pub mod notifications;
pub mod owner;
pub mod picture;
pub mod programs;
mod seat;
pub mod shell;
mod wayland;
mod x11;

pub use access::Node;
pub use author::Author;
pub use desktop::{Desktop, Window};
pub use input_methods::{InputMethod, Method};
pub use notifications::Notifications;
pub use picture::Picture;
pub use shell::Running;
pub use x11::{Screen, Settings, Sizes};

use std::time::{Duration, Instant};

/// How long a test waits for something that should happen at once, on a machine that is busy.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// Height of the toolbar at scale 1, in pixels.
pub const TOOLBAR: i32 = 40;

/// Polls until `probe` has a value, for at most [`PATIENCE`]; `None` then.
pub fn poll<T>(mut probe: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = probe() {
            return Some(value);
        }
        if Instant::now() > deadline {
            return None;
        }
        std::thread::sleep(Duration::from_millis(15));
    }
}

/// Whether all these programs are installed; says which is missing if not, so that a test can be skipped.
pub fn installed(programs: &[&str]) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let missing: Vec<_> = programs
        .iter()
        .filter(|program| !std::env::split_paths(&path).any(|directory| directory.join(program).is_file()))
        .collect();
    if !missing.is_empty() {
        eprintln!("skipped: {missing:?} not installed (`cargo xtask test` installs them)");
    }
    missing.is_empty()
}

/// Makes of each function a test on a virtual X server and one on a headless Wayland compositor.
#[macro_export]
macro_rules! on_each_desktop {
    ($($test:ident),* $(,)?) => {
        mod x11 {
            $(#[test]
            fn $test() {
                if let Some(desktop) = $crate::Desktop::x11() {
                    super::$test(&desktop);
                }
            })*
        }
        mod wayland {
            $(#[test]
            fn $test() {
                if let Some(desktop) = $crate::Desktop::wayland() {
                    super::$test(&desktop);
                }
            })*
        }
    };
}
