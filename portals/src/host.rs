//! The host's state of one process, which its portals share.

use crate::clipboard::{Clipboard, OwnClipboard};
use crate::launch::Launcher;
use crate::log::{Indices, Log};
use crate::notifications::{Notifier, Quota};
use crate::ports::Broker;
use crate::profile::Profile;
use crate::tasks::Tasks;
use crate::window::Window;
use portico_kernel::ProgramText;
use std::sync::Arc;

/// The host's state of one process: what the shell gives it, and what its portals remember.
pub struct Host {
    pub(crate) window: Arc<Window>,
    pub(crate) arguments: Vec<String>,
    pub(crate) log: Arc<dyn Log>,
    pub(crate) indices: Indices,
    pub(crate) tasks: Tasks,
    /// Names of the buttons of commands 22 and 21.
    pub(crate) navigation_names: Vec<ProgramText>,
    pub(crate) action_names: Vec<ProgramText>,
    pub(crate) launcher: Option<Arc<dyn Launcher>>,
    pub(crate) profile: Arc<Profile>,
    pub(crate) clipboard: Arc<dyn Clipboard>,
    pub(crate) notifier: Option<Arc<dyn Notifier>>,
    pub(crate) quota: Quota,
    pub(crate) broker: Option<Arc<dyn Broker>>,
}

impl Host {
    /// State of a process that shows itself in `window`, was started with `arguments`, and logs to `log`.
    pub fn new(window: Arc<Window>, arguments: Vec<String>, log: Arc<dyn Log>) -> Self {
        Self {
            window,
            arguments,
            log,
            indices: Indices::default(),
            tasks: Tasks::default(),
            navigation_names: Vec::new(),
            action_names: Vec::new(),
            launcher: None,
            profile: Profile::of_system(),
            clipboard: Arc::new(OwnClipboard::default()),
            notifier: None,
            quota: Quota::default(),
            broker: None,
        }
    }

    /// Lets the process start other programs, where the user has allowed it.
    #[must_use]
    pub fn with_launcher(self, launcher: Arc<dyn Launcher>) -> Self {
        Self { launcher: Some(launcher), ..self }
    }

    /// Tells the process of the user what stands in `profile`, rather than what the system says.
    #[must_use]
    pub fn with_profile(self, profile: Arc<Profile>) -> Self {
        Self { profile, ..self }
    }

    /// Gives the process a clipboard that others have too; without this it has one of its own.
    #[must_use]
    pub fn with_clipboard(self, clipboard: Arc<dyn Clipboard>) -> Self {
        Self { clipboard, ..self }
    }

    /// Lets the process show notifications, where the user has allowed it.
    #[must_use]
    pub fn with_notifier(self, notifier: Arc<dyn Notifier>) -> Self {
        Self { notifier: Some(notifier), ..self }
    }

    /// Lets the process open ports of the message broker, where the user has allowed it.
    #[must_use]
    pub fn with_broker(self, broker: Arc<dyn Broker>) -> Self {
        Self { broker: Some(broker), ..self }
    }
}
