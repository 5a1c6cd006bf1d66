//! Requests of clients to the broker itself: ports, who they are, who handles what, the directory.

use super::peer::ClientId;
use super::router::Router;
use crate::object::{ObjectId, is_type};
use crate::wire::{
    self, Authenticate, Authenticated, Challenge, ClosePort, ClosedPort, Code, EXTENDED, Head, Kind, Label, List,
    Listing, Malformed, OpenPort, OpenedPort, PRIVATE, PROOF_CONTEXT, Proof, Prove, Resolve, Resolved, Serve, Serving,
};
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::json;
use std::str;
use std::time::Duration;
use zerocopy::big_endian::U32;

/// How long a client waits for a service to start if it doesn't say.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest that a client may want to wait.
const LONG: Duration = Duration::from_secs(600);
/// Characters that are kept of a label.
const LABEL: usize = 64;

/// Cuts a client's label to what can be shown in a line: nothing in it moves a cursor or turns the direction of what
/// stands beside it.
fn label(text: &[u8]) -> String {
    let shown = |character: &char| {
        !character.is_control()
            && !matches!(character, '\u{fffd}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    String::from_utf8_lossy(text)
        .chars()
        .filter(shown)
        .take(LABEL)
        .collect::<String>()
        .trim()
        .to_owned()
}

impl Router {
    pub(crate) fn control(&mut self, key: ClientId, head: Head, bytes: &[u8]) -> Result<(), Malformed> {
        match head.kind {
            Kind::OpenPort => self.open(key, wire::whole(head, bytes)?.0),
            Kind::ClosePort => {
                let (request, _) = wire::whole::<ClosePort>(head, bytes)?;
                let number = request.port.get();
                let code = match self.ports.get(number).map(|port| port.owner) {
                    Some(owner) if owner == key => {
                        self.close(key, number);
                        Code::Done
                    }
                    Some(_) => Code::NotYours,
                    None => Code::NoSuchPort,
                };
                let port = request.port;
                self.tell(
                    key,
                    ClosedPort {
                        request: request.request,
                        code: code as u8,
                        port,
                        ..Default::default()
                    },
                    &[],
                );
            }
            Kind::Reboot | Kind::Shutdown => {
                tracing::warn!(client = %self.peers[key].name, "{:?} is not for clients to ask for", head.kind);
            }
            Kind::Authenticate => {
                let (request, _) = wire::whole::<Authenticate>(head, bytes)?;
                let code = match self.registry.redeem(&request.token) {
                    Some(service) => self.is_service(key, &[service]),
                    None => Code::NotPermitted,
                };
                self.authenticated(key, request.request, code);
            }
            Kind::Prove => self.challenge(key, wire::whole(head, bytes)?.0),
            Kind::Proof => {
                let (request, _) = wire::whole::<Proof>(head, bytes)?;
                let code = self.check(key, &request.signature);
                self.authenticated(key, request.request, code);
            }
            Kind::Serve => {
                let (request, text) = wire::whole::<Serve>(head, bytes)?;
                let code = self.serve(key, request.port.get(), text);
                // Answered first, so that a service knows that it serves before anybody's message comes.
                self.tell(
                    key,
                    Serving {
                        request: request.request,
                        code: code as u8,
                        ..Default::default()
                    },
                    &[],
                );
                self.answer_resolves();
            }
            Kind::Resolve => {
                let (request, text) = wire::whole::<Resolve>(head, bytes)?;
                let patience = match request.patience.get() {
                    0 => PATIENCE,
                    milliseconds => Duration::from_millis(milliseconds.into()).min(LONG),
                };
                let object = str::from_utf8(text).ok().and_then(|text| text.parse::<ObjectId>().ok());
                let asked = object.ok_or(Code::NotAnId).and_then(|object| {
                    self.registry
                        .resolve(&object, (key, request.request.get()), self.now + patience, self.now)
                });
                let (code, port) = match asked {
                    Ok(Some(port)) => (Code::Done, port),
                    Ok(None) => (Code::Starting, 0),
                    Err(code) => (code, 0),
                };
                self.resolved(key, request.request.get(), code, port);
            }
            Kind::List => {
                let (request, _) = wire::whole::<List>(head, bytes)?;
                let text = self.directory().to_string();
                let size = (text.len() as u32).into();
                self.tell(
                    key,
                    Listing {
                        request: request.request,
                        size,
                        ..Default::default()
                    },
                    text.as_bytes(),
                );
            }
            Kind::Label => self.peers[key].label = label(wire::whole::<Label>(head, bytes)?.1),
            _ => return Err(Malformed::Direction(head.kind)),
        }
        Ok(())
    }

    fn open(&mut self, key: ClientId, request: &OpenPort) {
        let (wanted, flags) = (request.port.get(), request.flags.get());
        let allowed = |number| self.registry.may_open(number, &self.peers[key].services);
        let opened = if self.peers[key].ports.len() >= self.limits.ports {
            Err(Code::TooMany)
        } else if wanted == 0 {
            self.ports.free(allowed).ok_or(Code::NoneLeft)
        } else if !allowed(wanted) {
            Err(Code::NotPermitted)
        } else if self.ports.get(wanted).is_some() {
            Err(Code::Taken)
        } else {
            Ok(wanted)
        };
        let (code, port) = match opened {
            Ok(number) => {
                self.ports
                    .open(number, key, flags & PRIVATE != 0, flags & EXTENDED != 0);
                self.peers[key].ports.insert(number);
                (Code::Done, number)
            }
            Err(code) => (code, 0),
        };
        let answer = OpenedPort {
            request: request.request,
            code: code as u8,
            port: port.into(),
            ..Default::default()
        };
        self.tell(key, answer, &[]);
    }

    /// Answers a client that has tried to prove which service it is.
    fn authenticated(&mut self, key: ClientId, request: U32, code: Code) {
        let answer = Authenticated {
            request,
            code: code as u8,
            ..Default::default()
        };
        self.tell(key, answer, &[]);
    }

    /// Closes a client's port: who streamed to it or held a right to it is told or loses it.
    pub(crate) fn close(&mut self, key: ClientId, number: u64) {
        let Some((serial, inbound)) = self.ports.get(number).map(|port| (port.serial, port.streams)) else {
            return;
        };
        self.end_streams(key, number, serial, inbound);
        self.peers[key].ports.remove(&number);
        self.registry.closed(number);
        if let Some(port) = self.ports.close(number) {
            for holder in port.holders {
                self.peers[holder].rights.remove(&serial);
            }
        }
    }

    fn is_service(&mut self, key: ClientId, services: &[usize]) -> Code {
        self.peers[key].services.extend_from_slice(services);
        if services.is_empty() {
            Code::NotPermitted
        } else {
            Code::Done
        }
    }

    fn challenge(&mut self, key: ClientId, request: &Prove) {
        let mut nonce = [0; 32];
        let known = !self.registry.with_key(&request.key).is_empty() && getrandom::fill(&mut nonce).is_ok();
        if known {
            self.peers[key].challenge = Some(Box::new((request.key, nonce)));
            self.tell(
                key,
                Challenge {
                    request: request.request,
                    nonce,
                    ..Default::default()
                },
                &[],
            );
        } else {
            let code = Code::NotPermitted as u8;
            self.tell(
                key,
                Authenticated {
                    request: request.request,
                    code,
                    ..Default::default()
                },
                &[],
            );
        }
    }

    fn check(&mut self, key: ClientId, signature: &[u8; 64]) -> Code {
        let Some(challenge) = self.peers[key].challenge.take() else {
            return Code::NotPermitted;
        };
        let (public, nonce) = *challenge;
        let signed = [PROOF_CONTEXT, &nonce].concat();
        let proven = VerifyingKey::from_bytes(&public)
            .is_ok_and(|public| public.verify_strict(&signed, &Signature::from_bytes(signature)).is_ok());
        let services = if proven {
            self.registry.with_key(&public)
        } else {
            Vec::new()
        };
        self.is_service(key, &services)
    }

    fn serve(&mut self, key: ClientId, port: u64, text: &[u8]) -> Code {
        let Ok(text) = str::from_utf8(text) else {
            return Code::NotAnId;
        };
        let kind = match text.parse::<ObjectId>() {
            Ok(object) if object.location().is_empty() => object.kind().to_owned(),
            Ok(_) => return Code::Unavailable,
            Err(_) if is_type(text) => text.to_owned(),
            Err(_) => return Code::NotAnId,
        };
        match self.ports.get(port) {
            None => Code::NoSuchPort,
            Some(of) if of.owner != key => Code::NotYours,
            Some(_) => {
                let ports = &self.ports;
                let of_another = |port| ports.get(port).is_some_and(|port| port.owner != key);
                self.registry
                    .serve(text, &kind, port, &self.peers[key].services, of_another)
            }
        }
    }

    pub(crate) fn resolved(&mut self, key: ClientId, request: u32, code: Code, port: u64) {
        let answer = Resolved {
            request: request.into(),
            code: code as u8,
            port: port.into(),
            ..Default::default()
        };
        self.tell(key, answer, &[]);
    }

    /// Tells those who wait for a service what has become of it.
    pub(crate) fn answer_resolves(&mut self) {
        for ((key, request), code, port) in self.registry.answers(self.now) {
            self.resolved(key, request, code, port);
        }
    }

    /// Lists connections with their traffic, ports and services, and nothing of what was sent.
    fn directory(&self) -> serde_json::Value {
        let connections: Vec<_> = (self.peers.iter())
            .map(|(key, peer)| {
                json!({
                    "connection": key, "name": peer.name, "process": peer.process, "label": peer.label,
                    "services": self.registry.kinds(&peer.services),
                    "ports": peer.ports.len(), "streams": peer.streams.len(), "waiting_bytes": peer.out.waiting(),
                    "messages_sent": peer.traffic.messages_sent, "bytes_sent": peer.traffic.bytes_sent,
                    "messages_received": peer.traffic.messages_received,
                    "bytes_received": peer.traffic.bytes_received,
                })
            })
            .collect();
        let mut ports: Vec<_> = self.ports.iter().collect();
        ports.sort_unstable_by_key(|(number, _)| *number);
        let ports: Vec<_> = ports
            .into_iter()
            .map(|(number, port)| {
                json!({
                    "port": number, "connection": port.owner, "private": port.private, "extended": port.extended,
                    "serves": self.registry.served_by(number),
                })
            })
            .collect();
        json!({ "connections": connections, "ports": ports, "services": self.registry.directory(self.now) })
    }
}
