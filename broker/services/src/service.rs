//! Requests and answers in JSON.

use crate::FileError;
use portico_broker::client::{Client, Error, Event, is_service};
use portico_broker::wire::Code;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::ops::ControlFlow;

/// Bytes of the longest answer: what the broker takes.
pub(crate) const MOST: usize = 64 << 20;

/// The fields of a request, or of an answer.
pub type Fields = Map<String, Value>;

/// A service that answers requests in JSON.
pub trait Service {
    /// The command that starts it.
    const NAME: &'static str;
    /// What it does, in a line.
    const ABOUT: &'static str;
    /// The type that it handles.
    const TYPE: &'static str;
    /// The port that it is known by.
    const PORT: u64;
    /// Name of the file that it keeps everything in.
    const FILE: &'static str;

    /// Does what a request wants, and says what the answer has besides `result`, or which result it has instead of true.
    ///
    /// # Errors
    /// What the answer says instead.
    fn answer(&mut self, method: &str, fields: Value) -> Result<Fields, Failure>;
}

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There is no such method.
    #[error("unknown method `{0}`")]
    Method(String),
    /// A field is missing, or not what it has to be.
    #[error("{0}")]
    Fields(#[from] serde_json::Error),
    /// Something else is wrong with it.
    #[error("{0}")]
    Refused(String),
    /// The answer would be longer than a message may be.
    #[error("the answer would be too long for a message; ask for less at once")]
    TooMuch,
    /// It could not be kept or read: the service ends after this answer.
    #[error("the file fails: {0}")]
    File(#[from] redb::Error),
}

/// Why a service has ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It has no database.
    #[error("{0}")]
    Open(#[from] FileError),
    /// Its database fails.
    #[error("the file fails: {0}")]
    File(redb::Error),
    /// Its port, or its type, belongs to another one.
    #[error("the broker doesn't let it have port {0}: {1}")]
    Refused(u64, Code),
    /// The broker is not there, or no more.
    #[error("{0}")]
    Broker(#[from] Error),
}

/// A request's fields as what a method wants.
pub(crate) fn wanted<T: DeserializeOwned>(fields: Value) -> Result<T, Failure> {
    Ok(serde_json::from_value(fields)?)
}

/// An answer's fields.
pub(crate) fn fields<const N: usize>(all: [(&str, Value); N]) -> Fields {
    all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Answers requests until the service is shut down.
///
/// # Errors
/// If there is no broker any more, if the port is somebody else's, or if the database fails.
pub fn serve<S: Service>(client: &mut Client, service: &mut S) -> Result<(), ServeError> {
    let refused = |error| match error {
        Error::Refused(code) => ServeError::Refused(S::PORT, code),
        other => ServeError::Broker(other),
    };
    // What the broker has started shows so, and may have what is reserved.
    if is_service() {
        client.authenticate().map_err(refused)?;
    }
    client.label(S::NAME)?;
    let port = client.open(S::PORT).map_err(refused)?;
    client.serve(S::TYPE, port).map_err(refused)?;
    let mut failed = None;
    client.run(|client, event| {
        let Event::Message(asked) = event else {
            return Ok(ControlFlow::Continue(()));
        };
        let (answer, ends) = answer(service, &asked.data);
        client.send(asked.destination, asked.source, &answer)?;
        Ok(match ends {
            Ends::No => ControlFlow::Continue(()),
            Ends::Told => ControlFlow::Break(()),
            Ends::Failed(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        })
    })?;
    // When this is answered, the broker has the last answer too.
    client.close(port)?;
    failed.map_or(Ok(()), |error| Err(ServeError::File(error)))
}

/// Whether a service ends after an answer.
enum Ends {
    No,
    Told,
    Failed(redb::Error),
}

fn answer(service: &mut impl Service, request: &[u8]) -> (Vec<u8>, Ends) {
    let mut asked = match serde_json::from_slice::<Fields>(request) {
        Ok(asked) => asked,
        Err(error) => return (text(refusal(Fields::new(), &format!("no request: {error}"))), Ends::No),
    };
    let (method, xid) = (asked.remove("method"), asked.remove("xid").unwrap_or_default());
    let Some(Value::String(method)) = method else {
        return (text(refusal(Fields::new(), "no request: it names no method")), Ends::No);
    };
    let echoed = fields([("method", method.clone().into()), ("xid", xid)]);
    if method == "shutdown" {
        return (text(done(echoed, Fields::new())), Ends::Told);
    }
    match service.answer(&method, asked.into()) {
        Ok(more) => {
            let answer = text(done(echoed.clone(), more));
            let fits = answer.len() <= MOST;
            (
                if fits {
                    answer
                } else {
                    text(refusal(echoed, &Failure::TooMuch.to_string()))
                },
                Ends::No,
            )
        }
        Err(failure) => {
            let answer = text(refusal(echoed, &failure.to_string()));
            (
                answer,
                if let Failure::File(error) = failure {
                    Ends::Failed(error)
                } else {
                    Ends::No
                },
            )
        }
    }
}

fn done(mut echoed: Fields, more: Fields) -> Fields {
    echoed.insert("result".into(), true.into());
    echoed.extend(more);
    echoed
}

fn refusal(mut echoed: Fields, why: &str) -> Fields {
    echoed.extend(fields([("result", false.into()), ("description", why.into())]));
    echoed
}

fn text(answer: Fields) -> Vec<u8> {
    Value::Object(answer).to_string().into_bytes()
}
