//! The IPC client.

use super::endpoint::{Endpoint, platform};
use super::{IpcError, Payload, Request, Response};
use interprocess::local_socket::{Stream, prelude::*};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::time::Duration;

/// How long the shell has until it says that a request has arrived.
const ACCEPTANCE: Duration = Duration::from_secs(2);

/// A connection to a running shell. Dropping it ends the program that it started, if that still runs.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<Stream>,
    /// The shell's process, where the system tells.
    process: Option<u32>,
}

impl Client {
    /// Connects to the shell at `endpoint`.
    ///
    /// # Errors
    /// [`IpcError::NoShell`] if none listens, [`IpcError::Stranger`] if another user does, [`IpcError::Full`] if so many
    /// clients wait for it that there is no room for another.
    pub fn connect(endpoint: &Endpoint) -> Result<Self, IpcError> {
        let stream = endpoint.connect(ACCEPTANCE)?;
        if !platform::is_this_user(&stream) {
            return Err(IpcError::Stranger);
        }
        let process = platform::process(&stream);
        Ok(Self {
            stream: BufReader::new(stream),
            process,
        })
    }

    /// Sends a request and gives every response but the last to `meanwhile`; returns the last.
    ///
    /// # Errors
    /// [`IpcError::Gone`] if the shell ends first, [`IpcError::Silent`] if it does not say within two seconds that the request
    /// has arrived, or has no answer then to one that it could answer soon.
    pub fn ask(&mut self, request: &Request, mut meanwhile: impl FnMut(Response)) -> Result<Response, IpcError> {
        let mut line = serde_json::to_vec(request).map_err(|error| IpcError::Garbage(error.to_string()))?;
        line.push(b'\n');
        self.limit(Some(ACCEPTANCE));
        self.stream
            .get_mut()
            .write_all(&line)
            .map_err(|error| self.failed(error))?;
        if let Some(Payload::Here(bytes)) = request.payload() {
            self.stream
                .get_mut()
                .write_all(bytes)
                .map_err(|error| self.failed(error))?;
        }
        loop {
            line.clear();
            self.stream
                .read_until(b'\n', &mut line)
                .map_err(|error| self.failed(error))?;
            if line.pop() != Some(b'\n') {
                return Err(IpcError::Gone);
            }
            let response: Response =
                serde_json::from_slice(&line).map_err(|error| IpcError::Garbage(error.to_string()))?;
            match response {
                Response::Accepted => self.limit(request.timeout()),
                // It goes on for as long as its program does.
                Response::Started { .. } => {
                    self.limit(None);
                    meanwhile(response);
                }
                Response::Ended => return Err(IpcError::Gone),
                response if response.more_follows() => meanwhile(response),
                response => return Ok(response),
            }
        }
    }

    /// How long the shell may take for what comes next.
    fn limit(&self, time: Option<Duration>) {
        // Pipes know no such limits.
        let _ = self.stream.get_ref().set_send_timeout(time);
        let _ = self.stream.get_ref().set_recv_timeout(time);
    }

    fn failed(&self, error: std::io::Error) -> IpcError {
        match error.kind() {
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof => IpcError::Gone,
            ErrorKind::WouldBlock | ErrorKind::TimedOut => IpcError::Silent { process: self.process },
            _ => IpcError::io("talking to the shell")(error),
        }
    }
}

/// Sends news to all shells of this user, on every display, except the one at `but`; returns the errors of those that run and did
/// not accept it.
pub fn notify_all(news: &Request, but: Option<&Endpoint>) -> Vec<IpcError> {
    let tell = |endpoint: &Endpoint| match Client::connect(endpoint).and_then(|mut shell| shell.ask(news, drop)) {
        Ok(Response::Done) | Err(IpcError::Gone | IpcError::NoShell) => None,
        Ok(Response::Error { error }) => Some(IpcError::Refused(error)),
        Ok(other) => Some(IpcError::Garbage(format!("{other:?}"))),
        Err(error) => Some(error),
    };
    let endpoints = Endpoint::all().unwrap_or_default();
    // All at once, so that those that do not answer cost their time together.
    std::thread::scope(|scope| {
        let others = endpoints.iter().filter(|endpoint| Some(*endpoint) != but);
        let told: Vec<_> = others.map(|endpoint| scope.spawn(move || tell(endpoint))).collect();
        told.into_iter().filter_map(|told| told.join().ok().flatten()).collect()
    })
}
