//! What happened to which object, and when.

use crate::file::{self, FileError};
use crate::service::{Failure, Fields, MOST, Service, fields, wanted};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use redb::{
    AccessGuard, Database, ReadOnlyTable, ReadableDatabase, ReadableTableMetadata, StorageError, TableDefinition,
    TableError,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;

/// By the moment, in nanoseconds since 1970, and the number of the event: time as it was written, subject, event.
const EVENTS: TableDefinition<Moment, Words> = TableDefinition::new("events");

type Moment = (i128, u64);
type Words = (&'static str, &'static str, &'static str);
type Events = ReadOnlyTable<Moment, Words>;
type Row<'a> = (AccessGuard<'a, Moment>, AccessGuard<'a, Words>);

/// Keeps what happened to which object: `add_event`, `get_events` from a time on, `get_events_for_period`.
#[derive(Debug)]
pub struct History(Database);

#[derive(Deserialize)]
struct Event {
    timestamp: String,
    subject: String,
    event: String,
}

#[derive(Deserialize)]
struct From {
    start_time: String,
    count: usize,
    older: bool,
}

#[derive(Deserialize)]
struct Period {
    start_time: String,
    end_time: String,
}

/// Nanoseconds since 1970 of a time as RFC 3339 writes it. Without an offset it is UTC.
fn moment(text: &str) -> Result<i128, Failure> {
    let with_offset = text.parse::<Timestamp>();
    let time = with_offset.or_else(|_| {
        text.parse::<DateTime>()?
            .to_zoned(TimeZone::UTC)
            .map(|time| time.timestamp())
    });
    time.map(Timestamp::as_nanosecond)
        .map_err(|error| Failure::Refused(format!("no time: {error}")))
}

impl History {
    /// Opens a database; one that isn't there is made.
    ///
    /// # Errors
    /// If it can't be made or read, is damaged, or open in another process.
    pub fn open(file: &Path) -> Result<Self, FileError> {
        file::open(file).map(Self)
    }

    /// It is on the disk when this returns.
    fn add(&self, event: &Event) -> Result<(), Failure> {
        let at = moment(&event.timestamp)?;
        let write = || {
            let transaction = self.0.begin_write()?;
            {
                let mut events = transaction.open_table(EVENTS)?;
                // None is ever removed, so that this number is new.
                let number = events.len()?;
                events.insert((at, number), (&*event.timestamp, &*event.subject, &*event.event))?;
            }
            Ok::<_, redb::Error>(transaction.commit()?)
        };
        Ok(write()?)
    }

    /// The table; nothing as long as there is none.
    fn events(&self) -> Result<Option<Events>, redb::Error> {
        match self.0.begin_read()?.open_table(EVENTS) {
            Ok(events) => Ok(Some(events)),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn some(&self, from: &From) -> Result<Value, Failure> {
        let at = moment(&from.start_time)?;
        let Some(events) = self.events()? else {
            return Ok(json!([]));
        };
        if from.older {
            let older = events.range(..=(at, u64::MAX)).map_err(redb::Error::from)?;
            rows(older.rev().take(from.count))
        } else {
            rows(events.range((at, 0)..).map_err(redb::Error::from)?.take(from.count))
        }
    }

    fn of(&self, period: &Period) -> Result<Value, Failure> {
        let (start, end) = (moment(&period.start_time)?, moment(&period.end_time)?);
        // The database takes no range that ends before it begins.
        let Some(events) = self.events()?.filter(|_| start < end) else {
            return Ok(json!([]));
        };
        rows(events.range((start, 0)..(end, 0)).map_err(redb::Error::from)?)
    }
}

/// Events as the answer has them.
fn rows<'a>(events: impl Iterator<Item = Result<Row<'a>, StorageError>>) -> Result<Value, Failure> {
    let (mut rows, mut bytes) = (Vec::new(), 0);
    for event in events {
        let (_, event) = event.map_err(redb::Error::from)?;
        let (timestamp, subject, event) = event.value();
        bytes += timestamp.len() + subject.len() + event.len();
        if bytes > MOST {
            return Err(Failure::TooMuch);
        }
        rows.push(json!([timestamp, subject, event]));
    }
    Ok(rows.into())
}

impl Service for History {
    const NAME: &'static str = "portico-history";
    const ABOUT: &'static str = "Keeps what happened when, for whoever asks on port 11002 of the message broker";
    const TYPE: &'static str = "org.darqos.history";
    const PORT: u64 = 11_002;
    const FILE: &'static str = "history.redb";

    fn answer(&mut self, method: &str, asked: Value) -> Result<Fields, Failure> {
        Ok(match method {
            "add_event" => {
                self.add(&wanted(asked)?)?;
                Fields::new()
            }
            "get_events" => fields([("events", self.some(&wanted(asked)?)?)]),
            "get_events_for_period" => fields([("events", self.of(&wanted(asked)?)?)]),
            other => return Err(Failure::Method(other.to_owned())),
        })
    }
}
