//! A notification service for the tests, in the place of the desktop's.

use crate::{Desktop, poll};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use zbus::blocking::{Connection, connection};
use zbus::zvariant::OwnedValue;

const SERVICE: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// A notification that is on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The service's number for it.
    pub number: u32,
    /// Who shows it.
    pub program: String,
    /// Its title.
    pub title: String,
    /// Its text, with markup.
    pub text: String,
}

/// The service. It is gone from the bus when this is dropped.
pub struct Notifications {
    connection: Connection,
    shown: Arc<Mutex<Vec<Shown>>>,
}

struct Service {
    shown: Arc<Mutex<Vec<Shown>>>,
    last: u32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    fn get_capabilities(&self) -> Vec<String> {
        ["actions", "body", "body-markup"].map(str::to_owned).into()
    }

    #[allow(clippy::too_many_arguments, reason = "the protocol's")]
    fn notify(
        &mut self,
        app_name: String,
        replaces_id: u32,
        _app_icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        assert_eq!(actions.first().map(String::as_str), Some("default"), "a click is told");
        let number = if replaces_id == 0 { self.last + 1 } else { replaces_id };
        self.last = self.last.max(number);
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.retain(|other| other.number != number);
        shown.push(Shown {
            number,
            program: app_name,
            title: summary,
            text: body,
        });
        number
    }
}

impl Notifications {
    /// Puts the service on a desktop's bus.
    ///
    /// # Panics
    /// When it can't be put there.
    pub fn on(desktop: &Desktop) -> Self {
        let shown = Arc::<Mutex<Vec<Shown>>>::default();
        let service = Service {
            shown: Arc::clone(&shown),
            last: 0,
        };
        let connect = || {
            connection::Builder::address(desktop.bus())?
                .name(SERVICE)?
                .serve_at(PATH, service)?
                .build()
        };
        match connect() {
            Ok(connection) => Self { connection, shown },
            Err(error) => panic!("no notification service: {error}"),
        }
    }

    /// What is on the screen.
    pub fn shown(&self) -> Vec<Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until something is on the screen; the first.
    ///
    /// # Panics
    /// When nothing comes.
    pub fn first(&self) -> Shown {
        match poll(|| self.shown().into_iter().next()) {
            Some(shown) => shown,
            None => panic!("there is no notification"),
        }
    }

    /// Clicks a notification, which then goes away, as most services have it.
    pub fn click(&self, number: u32) {
        self.signal("ActionInvoked", &(number, "default"));
        self.dismiss(number);
    }

    /// Makes a notification go away.
    pub fn dismiss(&self, number: u32) {
        self.shown
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|shown| shown.number != number);
        self.signal("NotificationClosed", &(number, 2_u32));
    }

    fn signal(&self, name: &str, body: &(impl serde::Serialize + zbus::zvariant::DynamicType)) {
        if let Err(error) = self.connection.emit_signal(None::<&str>, PATH, SERVICE, name, body) {
            panic!("the signal {name} can't be sent: {error}");
        }
    }
}
