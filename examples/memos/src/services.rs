//! What the two services are asked, over the message broker: JSON in messages, one at a time.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use portico_sdk::port::{self, Port};
use portico_sdk::{Code, Error, clock};
use serde_json::{Value, json};
use std::fmt;
use std::time::Duration;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a memo's id begins with.
const KIND: &str = "org.portico.memo::";
/// Letters of a memo that its id has.
const LETTERS: usize = 48;
/// Memos that may begin alike.
const ALIKE: usize = 1000;
/// Events of the history that are shown.
const SHOWN: usize = 200;
/// The first and the last moment that there is.
const EVER: (&str, &str) = ("0001-01-02T00:00:00Z", "9999-12-30T00:00:00Z");

/// Something that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Memo {
    /// Names it in both services, `type:location:id`.
    pub(crate) id: String,
    pub(crate) text: String,
}

/// Something that happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Deed {
    pub(crate) time: String,
    pub(crate) subject: String,
    pub(crate) event: String,
}

impl Deed {
    fn new(row: &Value) -> Self {
        let text = |at: usize| row[at].as_str().unwrap_or_default().to_owned();
        Self {
            time: text(0),
            subject: text(1),
            event: text(2),
        }
    }

    /// What it happened to, and whether that is a memo.
    pub(crate) fn name(&self) -> (&str, bool) {
        self.subject
            .strip_prefix(KIND)
            .map_or((&self.subject, false), |name| (name, true))
    }
}

/// Why something was not done.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// This service can't be reached.
    Gone(&'static str, Error),
    /// This service refuses it.
    Refused(&'static str, String),
}

impl Trouble {
    /// Whether it is the user who doesn't want it.
    pub(crate) fn is_denied(&self) -> bool {
        matches!(self, Self::Gone(_, error) if matches!(error.code(), Code::Denied | Code::Revoked))
    }

    /// Whether another connection may help.
    pub(crate) fn breaks(&self) -> bool {
        matches!(self, Self::Gone(..))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone(..) if self.is_denied() => formatter
                .write_str("Memos are kept by other programs, and this one may not exchange messages with them."),
            Self::Gone(service, error) => write!(formatter, "The {service} can\u{2019}t be reached: {error}"),
            Self::Refused(service, why) => write!(formatter, "The {service} says: {why}"),
        }
    }
}

/// One of the services: what people call it, and an object that it handles.
type Service = (&'static str, &'static str);

const STORAGE: Service = ("storage", "org.darqos.storage::memos");
const HISTORY: Service = ("history", "org.darqos.history::memos");

/// A port of this program's own, and what is asked from there.
pub(crate) struct Services {
    own: Port,
    asked: u64,
}

impl Services {
    /// Opens a port, for which the user may be asked.
    pub(crate) async fn open() -> Result<Self, Trouble> {
        let own = Port::open(0).await.map_err(|error| Trouble::Gone(STORAGE.0, error))?;
        Ok(Self { own, asked: 0 })
    }

    /// Asks a service, which is started if it doesn't run.
    async fn ask(&mut self, (name, object): Service, method: &str, mut fields: Value) -> Result<Value, Trouble> {
        let gone = |error| Trouble::Gone(name, error);
        self.asked += 1;
        fields["method"] = method.into();
        fields["xid"] = self.asked.into();
        let port = port::resolve(object).await.map_err(gone)?;
        let request = fields.to_string();
        let answer = self
            .own
            .request(port, request.as_bytes(), PATIENCE)
            .await
            .map_err(gone)?;
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        if answer["xid"] != self.asked {
            return Err(Trouble::Refused(name, "something that is no answer".into()));
        }
        Ok(answer)
    }

    /// The same, for what has to be done.
    async fn tell(&mut self, service: Service, method: &str, fields: Value) -> Result<Value, Trouble> {
        let answer = self.ask(service, method, fields).await?;
        if answer["result"] == true {
            return Ok(answer);
        }
        Err(Trouble::Refused(
            service.0,
            answer["description"].as_str().unwrap_or("no").to_owned(),
        ))
    }

    /// All memos, the newest first. The storage doesn't tell which keys it has: the history knows which were made.
    pub(crate) async fn memos(&mut self) -> Result<Vec<Memo>, Trouble> {
        let ever = json!({ "start_time": EVER.0, "end_time": EVER.1 });
        let events = self.tell(HISTORY, "get_events_for_period", ever).await?;
        let deeds: Vec<Deed> = events["events"]
            .as_array()
            .into_iter()
            .flatten()
            .map(Deed::new)
            .collect();
        let mut memos = Vec::new();
        for id in alive(&deeds).into_iter().rev() {
            if let Some(text) = self.text(id).await? {
                memos.push(Memo {
                    id: id.to_owned(),
                    text,
                });
            }
        }
        Ok(memos)
    }

    async fn text(&mut self, id: &str) -> Result<Option<String>, Trouble> {
        let answer = self.ask(STORAGE, "get", json!({ "key": id })).await?;
        let bytes = answer["value"]
            .as_str()
            .and_then(|value| BASE64_STANDARD.decode(value).ok())
            .unwrap_or_default();
        Ok((answer["result"] == true).then(|| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// What happened last, the newest first, to anything that the history knows of.
    pub(crate) async fn deeds(&mut self) -> Result<Vec<Deed>, Trouble> {
        let before = json!({ "start_time": EVER.1, "count": SHOWN, "older": true });
        let events = self.tell(HISTORY, "get_events", before).await?;
        Ok(events["events"]
            .as_array()
            .into_iter()
            .flatten()
            .map(Deed::new)
            .collect())
    }

    /// Keeps a new memo. Its id begins as it does; that the storage sets no key twice makes it the only one.
    pub(crate) async fn keep(&mut self, text: String) -> Result<Memo, Trouble> {
        let value = BASE64_STANDARD.encode(&text);
        for number in 1..ALIKE {
            let id = id(&text, number);
            let answer = self.ask(STORAGE, "set", json!({ "key": id, "value": value })).await?;
            if answer["result"] == true {
                self.note(&id, "created").await?;
                return Ok(Memo { id, text });
            }
            if self.ask(STORAGE, "exists", json!({ "key": id })).await?["result"] != true {
                return Err(Trouble::Refused(
                    STORAGE.0,
                    answer["description"].as_str().unwrap_or("no").to_owned(),
                ));
            }
        }
        Err(Trouble::Refused(STORAGE.0, "too many memos begin like this one".into()))
    }

    /// Changes a memo.
    pub(crate) async fn change(&mut self, id: &str, text: &str) -> Result<(), Trouble> {
        let value = BASE64_STANDARD.encode(text);
        self.tell(STORAGE, "update", json!({ "key": id, "value": value }))
            .await?;
        self.note(id, "modified").await
    }

    /// Forgets a memo; the history remembers that there was one.
    pub(crate) async fn delete(&mut self, id: &str) -> Result<(), Trouble> {
        self.tell(STORAGE, "delete", json!({ "key": id })).await?;
        self.note(id, "deleted").await
    }

    /// Notes in the history what happened now.
    pub(crate) async fn note(&mut self, id: &str, event: &str) -> Result<(), Trouble> {
        let now = clock::utc()
            .next()
            .await
            .map_err(|error| Trouble::Gone("clock", error))?;
        let timestamp = crate::moment::write(&now);
        self.tell(
            HISTORY,
            "add_event",
            json!({ "timestamp": timestamp, "subject": id, "event": event }),
        )
        .await?;
        Ok(())
    }
}

/// Memos that were made and not deleted since, in the order in which they were made.
fn alive(deeds: &[Deed]) -> Vec<&str> {
    let mut alive: Vec<&str> = Vec::new();
    for deed in deeds.iter().filter(|deed| deed.name().1) {
        match &*deed.event {
            "created" if !alive.contains(&&*deed.subject) => alive.push(&deed.subject),
            "deleted" => alive.retain(|id| *id != deed.subject),
            _ => {}
        }
    }
    alive
}

/// An id for a memo; a number tells those apart that begin alike. Its last part has no colons and no control characters.
fn id(text: &str, number: usize) -> String {
    let plain = |letter: char| {
        if letter == ':' || letter.is_control() {
            ' '
        } else {
            letter
        }
    };
    let begin: String = text.trim().chars().take(LETTERS).map(plain).collect();
    let more = if number > 1 {
        format!(" ({number})")
    } else {
        String::new()
    };
    format!("{KIND}{}{more}", begin.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deeds(all: &[(&str, &str)]) -> Vec<Deed> {
        all.iter()
            .map(|(name, event)| Deed::new(&json!(["", format!("{KIND}{name}"), event])))
            .collect()
    }

    #[test]
    fn the_history_tells_which_memos_there_are() {
        let mut all = deeds(&[
            ("a", "created"),
            ("b", "created"),
            ("a", "modified"),
            ("b", "deleted"),
            ("c", "created"),
        ]);
        all.push(Deed::new(&json!(["", "public.text::d", "created"])));
        assert_eq!(alive(&all), [format!("{KIND}a"), format!("{KIND}c")]);
        all.extend(deeds(&[("b", "created"), ("a", "created")]));
        assert_eq!(alive(&all), ["a", "c", "b"].map(|name| format!("{KIND}{name}")));
        assert_eq!(all[5].name(), ("public.text::d", false));
        assert_eq!(Deed::new(&json!("no row")), Deed::default());
    }

    #[test]
    fn ids_are_ids_of_objects() {
        assert_eq!(id(" Buy bread ", 1), "org.portico.memo::Buy bread");
        assert_eq!(id("at 5:30\tgo", 2), "org.portico.memo::at 5 30 go (2)");
        assert_eq!(id(&"ĉ".repeat(100), 1).chars().count(), KIND.len() + LETTERS);
    }
}
