//! The notification service of the desktop, over the session's D-Bus.

use parking_lot::Mutex;
use portico_kernel::{Failure, ProgramText};
use portico_portals::{Code, NoteId, Notification, Notifier, Outcome, Reply};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use zbus::blocking::{Connection, MessageIterator, Proxy, fdo::DBusProxy};
use zbus::zvariant::Value;

const SERVICE: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// Notifications that may wait to be handed to the service.
const WAITING: usize = 64;
/// Name of the action that a click on the notification itself stands for.
const CLICK: &str = "default";

/// The notification service of the desktop. It is connected to when the first notification is shown.
#[derive(Default)]
pub struct DesktopNotifications {
    requests: Mutex<Option<SyncSender<ShowRequest>>>,
}

/// A notification to be shown.
struct ShowRequest {
    id: NoteId,
    /// The program's name.
    program: ProgramText,
    note: Notification,
    ended: Reply<Outcome>,
    clicked: Clicked,
}

/// Called for a click, also when the program waits for it no more. Must not block.
pub type Clicked = Arc<dyn Fn() + Send + Sync>;

/// Notifications on the screen, by the numbers of the service.
#[derive(Default)]
struct Screen(HashMap<u32, OnScreen>);

struct OnScreen {
    id: NoteId,
    ended: Reply<Outcome>,
    clicked: Clicked,
}

impl Screen {
    /// The number of that notification, which a new one may replace.
    fn number(&self, id: NoteId) -> u32 {
        self.0
            .iter()
            .find(|(_, shown)| shown.id == id)
            .map_or(0, |(number, _)| *number)
    }

    fn ended(&mut self, number: u32, how: Outcome) {
        if let Some(OnScreen { ended, clicked, .. }) = self.0.remove(&number) {
            ended.give(Ok(how));
            if how == Outcome::Clicked {
                clicked();
            }
        }
    }
}

impl DesktopNotifications {
    /// Notifications of the program that its user knows by this name; `clicked` hears of clicks on them.
    pub fn of(self: &Arc<Self>, program: impl Into<ProgramText>, clicked: Clicked) -> Arc<dyn Notifier> {
        Arc::new(OfProgram {
            program: program.into(),
            desktop: Arc::clone(self),
            clicked,
        })
    }

    fn request(&self, request: ShowRequest) {
        let mut requests = self.requests.lock();
        let mut left = Some(request);
        // The thread ends when the service can't be reached; the next notification tries again.
        for _ in 0..2 {
            let Some(request) = left.take() else { return };
            let sender = match &*requests {
                Some(sender) => sender.clone(),
                None => match start() {
                    Some(sender) => requests.insert(sender).clone(),
                    // Dropped: there is nobody who could show it.
                    None => return,
                },
            };
            match sender.try_send(request) {
                Ok(()) => {}
                Err(TrySendError::Full(request)) => {
                    let busy = "too many notifications are waiting to be shown";
                    request.ended.give(Err(Failure::new(Code::Limit, busy)));
                }
                Err(TrySendError::Disconnected(request)) => {
                    *requests = None;
                    left = Some(request);
                }
            }
        }
    }
}

struct OfProgram {
    program: ProgramText,
    desktop: Arc<DesktopNotifications>,
    clicked: Clicked,
}

impl Notifier for OfProgram {
    fn show(&self, id: NoteId, note: Notification, ended: Reply<Outcome>) {
        let (program, clicked) = (self.program.clone(), Arc::clone(&self.clicked));
        self.desktop.request(ShowRequest {
            id,
            program,
            note,
            ended,
            clicked,
        });
    }
}

/// Starts the thread that talks to the service.
fn start() -> Option<SyncSender<ShowRequest>> {
    let (sender, requests) = sync_channel::<ShowRequest>(WAITING);
    // What is left when it ends is dropped: there is nobody who could show it.
    let serve = move || {
        // The first waits already.
        let Ok(first) = requests.recv() else { return };
        match Service::connect() {
            Ok(service) => {
                std::iter::once(first)
                    .chain(requests)
                    .try_for_each(|request| service.show(request));
            }
            Err(error) => first.ended.give(Err(unavailable(&error))),
        }
    };
    std::thread::Builder::new()
        .name("notifications".into())
        .spawn(serve)
        .ok()?;
    Some(sender)
}

struct Service {
    connection: Connection,
    screen: Arc<Mutex<Screen>>,
    /// Whether it takes texts for markup.
    markup: bool,
}

impl Service {
    fn connect() -> zbus::Result<Self> {
        let connection = Connection::session()?;
        let rule = zbus::MatchRule::builder()
            .msg_type(zbus::message::Type::Signal)
            .sender(SERVICE)?
            .interface(SERVICE)?
            .path(PATH)?
            .build();
        let signals = MessageIterator::for_match_rule(rule, &connection, Some(WAITING))?;
        let owners = DBusProxy::new(&connection)?.receive_name_owner_changed_with_args(&[(0, SERVICE)])?;
        let screen = Arc::<Mutex<Screen>>::default();
        let heard = Arc::clone(&screen);
        thread("notification signals", move || {
            for signal in signals.flatten() {
                let how = match signal.header().member().map(|member| member.as_str()) {
                    Some("ActionInvoked") => Outcome::Clicked,
                    Some("NotificationClosed") => Outcome::Gone,
                    _ => continue,
                };
                let body = signal.body();
                let number = match how {
                    Outcome::Clicked => body
                        .deserialize::<(u32, &str)>()
                        .ok()
                        .filter(|said| said.1 == CLICK)
                        .map(|s| s.0),
                    Outcome::Gone => body.deserialize::<(u32, u32)>().ok().map(|said| said.0),
                };
                if let Some(number) = number {
                    heard.lock().ended(number, how);
                }
            }
        })?;
        let lost = Arc::clone(&screen);
        thread("notification service", move || {
            for change in owners {
                // What the old one has shown is gone with it; the numbers are another's now.
                if change.args().is_ok_and(|change| change.old_owner().is_some()) {
                    lost.lock()
                        .0
                        .drain()
                        .for_each(|(_, shown)| shown.ended.give(Ok(Outcome::Gone)));
                }
            }
        })?;
        // A service that does not say what it can is given plain text.
        let can: Vec<String> = proxy(&connection)?.call("GetCapabilities", &()).unwrap_or_default();
        Ok(Self {
            connection,
            screen,
            markup: can.iter().any(|can| can == "body-markup"),
        })
    }

    /// Shows it; `None` when the service can't be reached any more.
    fn show(
        &self,
        ShowRequest {
            id,
            program,
            note,
            ended,
            clicked,
        }: ShowRequest,
    ) -> Option<()> {
        let text = if self.markup {
            escaped(&note.text)
        } else {
            note.text.to_string()
        };
        // Held so that a signal about it is not heard before its number is known.
        let mut screen = self.screen.lock();
        let replaces = screen.number(id);
        let hints = HashMap::from([("urgency", Value::U8(1))]);
        // The service's own idea of how long it stays.
        let expires = -1_i32;
        // What can't be seen is called as its program is.
        let title = if note.title.is_empty() { &program } else { &note.title };
        let message = (
            &*program,
            replaces,
            "",
            &**title,
            text,
            [CLICK, ""].as_slice(),
            hints,
            expires,
        );
        let shown: zbus::Result<u32> = proxy(&self.connection).and_then(|proxy| proxy.call("Notify", &message));
        match shown {
            Ok(number) => {
                screen.0.retain(|_, shown| shown.id != id);
                screen.0.insert(number, OnScreen { id, ended, clicked });
                Some(())
            }
            Err(error) => {
                ended.give(Err(unavailable(&error)));
                // A service that refuses one may take the next.
                matches!(error, zbus::Error::MethodError(..)).then_some(())
            }
        }
    }
}

fn proxy(connection: &Connection) -> zbus::Result<Proxy<'static>> {
    zbus::blocking::proxy::Builder::new(connection)
        .destination(SERVICE)?
        .path(PATH)?
        .interface(SERVICE)?
        .cache_properties(zbus::proxy::CacheProperties::No)
        .build()
}

fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> zbus::Result<()> {
    std::thread::Builder::new().name(name.into()).spawn(run)?;
    Ok(())
}

fn unavailable(error: &zbus::Error) -> Failure {
    Failure::new(
        Code::Unavailable,
        format!("the desktop's notifications can't be reached: {error}"),
    )
}

/// A text as markup that shows it as it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(escaped("a < b & <b>c</b>\nd"), "a &lt; b &amp; &lt;b&gt;c&lt;/b&gt;\nd");
    }
}
