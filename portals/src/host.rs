//! The host's state of one process, which its portals share.

use crate::log::{Indices, Log};
use crate::notifications::Quota;
use crate::services::Services;
use crate::tasks::Tasks;
use crate::window::Window;
use portico_kernel::{HostFacts, ProgramText};
use std::sync::Arc;

/// The host's state of one process: what the shell gives it, and what its portals remember.
pub struct Host {
    pub(crate) window: Arc<Window>,
    pub(crate) arguments: Vec<String>,
    pub(crate) log: Arc<dyn Log>,
    pub(crate) services: Services,
    pub(crate) indices: Indices,
    pub(crate) tasks: Tasks,
    /// Names of the buttons of commands 22 and 21.
    pub(crate) navigation_names: Vec<ProgramText>,
    pub(crate) action_names: Vec<ProgramText>,
    pub(crate) quota: Quota,
}

impl Host {
    /// State of a process that shows itself in `window`, was started with `arguments`, logs to `log`, and uses `services`.
    pub fn new(window: Arc<Window>, arguments: Vec<String>, log: Arc<dyn Log>, services: Services) -> Self {
        Self {
            window,
            arguments,
            log,
            services,
            indices: Indices::default(),
            tasks: Tasks::default(),
            navigation_names: Vec::new(),
            action_names: Vec::new(),
            quota: Quota::default(),
        }
    }
}

/// Facts that a portal may read before the user's consent.
pub struct Facts {
    /// The program's window has the keyboard.
    pub focused: bool,
}

impl HostFacts for Host {
    type Facts = Facts;

    fn facts(&self) -> Facts {
        Facts {
            focused: self.window.is_focused(),
        }
    }
}
