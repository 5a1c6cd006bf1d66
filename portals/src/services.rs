//! The services that portals use once the user allows it, and what takes their place where there are none.

use crate::clipboard::Clipboard;
use crate::launch::{Launched, Launcher};
use crate::notifications::{NoteId, Notification, Notifier, Outcome};
use crate::ports::{Broker, Part, Port, PortEvent};
use crate::profile::Profile;
use crate::reply::Reply;
use portico_kernel::{Code, Failure, Waker};
use std::sync::Arc;

/// The services of one process. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// Starts other programs.
    pub launcher: Arc<dyn Launcher>,
    /// Tells who the user is.
    pub profile: Arc<Profile>,
    /// Holds what is copied.
    pub clipboard: Arc<dyn Clipboard>,
    /// Shows notifications.
    pub notifier: Arc<dyn Notifier>,
    /// Opens ports.
    pub broker: Arc<dyn Broker>,
}

impl Services {
    /// No services: every request fails with Unavailable, and the user's profile is the system's.
    pub fn absent() -> Self {
        let absent = Arc::new(Absent);
        Self {
            launcher: Arc::clone(&absent) as _,
            profile: Profile::of_system(),
            clipboard: Arc::clone(&absent) as _,
            notifier: Arc::clone(&absent) as _,
            broker: absent,
        }
    }
}

/// Stands in for a service that is not there.
struct Absent;

impl Launcher for Absent {
    fn launch(&self, _hash: [u8; 32], _arguments: Vec<String>, launched: Launched) {
        launched.failed(Code::Unavailable, "there are no windows here to start it in");
    }
}

impl Clipboard for Absent {
    fn read(&self, told: Reply<String>) {
        told.failed(Code::Unavailable, "there is no clipboard here");
    }

    fn write(&self, _text: String, told: Reply<String>) {
        told.failed(Code::Unavailable, "there is no clipboard here");
    }
}

impl Notifier for Absent {
    fn show(&self, _id: NoteId, _note: Notification, ended: Reply<Outcome>) {
        ended.failed(Code::Unavailable, "there is nothing here that shows notifications");
    }
}

impl Broker for Absent {
    fn open(&self, _number: u64, waker: Waker) -> Box<dyn Port> {
        waker.ready();
        Box::new(Self)
    }

    fn resolve(&self, _object: &str, told: Reply<u64>) {
        told.give(Err(no_broker()));
    }
}

fn no_broker() -> Failure {
    Failure::new(Code::Unavailable, "there is no message broker here")
}

impl Port for Absent {
    fn send(&mut self, _peer: u64, _part: Option<Part>, _body: &[u8]) -> Result<(), Failure> {
        Err(no_broker())
    }

    fn has_room(&self) -> bool {
        true
    }

    fn take(&mut self) -> Result<Option<PortEvent>, Failure> {
        Err(no_broker())
    }
}
