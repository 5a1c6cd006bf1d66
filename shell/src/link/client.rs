//! The client's end of the link.

use super::place::{Place, platform};
use super::{LinkError, Payload, Request, Response};
use interprocess::local_socket::Stream;
use std::io::{BufRead, BufReader, ErrorKind, Write};

/// A connection to a running shell. Dropping it ends the program that it started, if that still runs.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<Stream>,
}

impl Client {
    /// Connects to the shell at `place`.
    ///
    /// # Errors
    /// [`LinkError::NoShell`] if none listens, [`LinkError::Stranger`] if another user does.
    pub fn connect(place: &Place) -> Result<Self, LinkError> {
        let stream = place.connect()?;
        if !platform::is_this_user(&stream) {
            return Err(LinkError::Stranger);
        }
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Sends a request and gives every response but the last to `meanwhile`; returns the last.
    ///
    /// # Errors
    /// [`LinkError::Gone`] if the shell ends first.
    pub fn ask(&mut self, request: &Request, mut meanwhile: impl FnMut(Response)) -> Result<Response, LinkError> {
        let mut line = serde_json::to_vec(request).map_err(|error| LinkError::Garbage(error.to_string()))?;
        line.push(b'\n');
        self.stream.get_mut().write_all(&line).map_err(gone)?;
        if let Some(Payload::Here(bytes)) = request.payload() {
            self.stream.get_mut().write_all(bytes).map_err(gone)?;
        }
        loop {
            line.clear();
            self.stream.read_until(b'\n', &mut line).map_err(gone)?;
            if line.pop() != Some(b'\n') {
                return Err(LinkError::Gone);
            }
            let response: Response =
                serde_json::from_slice(&line).map_err(|error| LinkError::Garbage(error.to_string()))?;
            if !response.more_follows() {
                return Ok(response);
            }
            meanwhile(response);
        }
    }
}

/// Asks the same of all shells of this user but the one at `but`, whichever display they are on; says how many of those that
/// run did not do it.
pub fn ask_all(request: &Request, but: Option<&Place>) -> usize {
    let places = Place::all().unwrap_or_default();
    let others = places.iter().filter(|place| Some(*place) != but);
    let failed = others.filter(|place| match Client::connect(place) {
        Ok(mut shell) => !matches!(shell.ask(request, drop), Ok(Response::Done) | Err(LinkError::Gone)),
        Err(LinkError::NoShell) => false,
        Err(_) => true,
    });
    failed.count()
}

fn gone(error: std::io::Error) -> LinkError {
    match error.kind() {
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof => LinkError::Gone,
        _ => LinkError::io("talking to the shell")(error),
    }
}
