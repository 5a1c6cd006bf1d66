//! The registry: handlers of objects, reserved ports and types, and services that are to be started.
//!
//! It decides and keeps count; the I/O layer starts the processes that [`Registry::starts`] asks for, and says when they end.

use super::peer::ClientId;
use crate::object::ObjectId;
use crate::service::{Each, Restart, Service};
use crate::wire::Code;
use serde_json::json;
use std::collections::HashMap;
use std::mem;
use std::time::{Duration, Instant};

/// Failures in a row after which a service has to rest.
const PATIENT: u32 = 3;
/// Time after which the end of a process does not count as one more failure in a row.
const STEADY: Duration = Duration::from_secs(60);
/// The first rest; each further one is twice as long.
const REST: Duration = Duration::from_secs(1);
/// The longest rest.
const LONGEST: Duration = Duration::from_secs(60);

/// Number of requests waiting for handlers from which on each client may have only a [`FEW`] of them.
const MANY: usize = 1024;
const FEW: usize = 64;

/// A process of a service that is to be started.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(crate) service: usize,
    /// Number of the process, to say that it ended.
    pub(crate) instance: u64,
    /// The object that it is for, if each has its own.
    pub(crate) object: Option<String>,
    pub(crate) token: [u8; 16],
}

#[derive(Debug)]
struct Instance {
    number: u64,
    /// What it handles: the type, or one object.
    name: String,
    token: [u8; 16],
    since: Instant,
    /// It has handled what it is for.
    ready: bool,
}

#[derive(Debug)]
struct Entry {
    service: Service,
    instances: Vec<Instance>,
    failures: u32,
    rests_until: Option<Instant>,
    /// To be started again as soon as the rest is over.
    again: Vec<String>,
}

/// A client's request that waits for a handler.
#[derive(Debug)]
struct Waiting {
    who: (ClientId, u32),
    name: String,
    until: Instant,
    /// Why it failed meanwhile.
    failed: Option<Code>,
}

#[derive(Debug, Default)]
pub(crate) struct Registry {
    entries: Vec<Entry>,
    reserved: HashMap<u64, usize>,
    kinds: HashMap<String, usize>,
    /// Types and object ids, and the ports that handle them.
    served: HashMap<String, u64>,
    /// The same from the other side.
    by_port: HashMap<u64, Vec<String>>,
    waiting: Vec<Waiting>,
    instances: u64,
    /// Processes that are to be started.
    pub(crate) starts: Vec<Start>,
}

impl Registry {
    /// Of several services with the same type or port, the first has it.
    pub(crate) fn new(services: Vec<Service>) -> Self {
        let mut registry = Self::default();
        for service in services {
            let index = registry.entries.len();
            if registry.kinds.contains_key(&service.kind) {
                tracing::warn!(
                    service = service.kind,
                    "there are two service files for this type; the second is not taken"
                );
                continue;
            }
            for port in &service.ports {
                if registry.reserved.contains_key(port) {
                    tracing::warn!(
                        service = service.kind,
                        port,
                        "this port is reserved for another service"
                    );
                }
                registry.reserved.entry(*port).or_insert(index);
            }
            registry.kinds.insert(service.kind.clone(), index);
            registry.entries.push(Entry {
                service,
                instances: Vec::new(),
                failures: 0,
                rests_until: None,
                again: Vec::new(),
            });
        }
        registry
    }

    pub(crate) fn service(&self, index: usize) -> &Service {
        &self.entries[index].service
    }

    pub(crate) fn may_open(&self, port: u64, services: &[usize]) -> bool {
        self.reserved
            .get(&port)
            .is_none_or(|service| services.contains(service))
    }

    /// The service that a token was given to; it can be shown once.
    pub(crate) fn redeem(&mut self, token: &[u8; 16]) -> Option<usize> {
        if *token == [0; 16] {
            return None;
        }
        for (index, entry) in self.entries.iter_mut().enumerate() {
            if let Some(instance) = entry.instances.iter_mut().find(|instance| instance.token == *token) {
                instance.token = [0; 16];
                return Some(index);
            }
        }
        None
    }

    pub(crate) fn with_key(&self, key: &[u8; 32]) -> Vec<usize> {
        let holds = |entry: &Entry| entry.service.key.as_ref() == Some(key);
        (0..self.entries.len())
            .filter(|index| holds(&self.entries[*index]))
            .collect()
    }

    pub(crate) fn kinds(&self, services: &[usize]) -> Vec<&str> {
        services.iter().map(|index| &*self.service(*index).kind).collect()
    }

    /// Has a client's port handle a type or an object from now on.
    pub(crate) fn serve(
        &mut self,
        name: &str,
        kind: &str,
        port: u64,
        services: &[usize],
        of_another: impl Fn(u64) -> bool,
    ) -> Code {
        if self.kinds.get(kind).is_some_and(|service| !services.contains(service)) {
            return Code::NotPermitted;
        }
        if self.served.get(name).is_some_and(|port| of_another(*port)) {
            return Code::Taken;
        }
        if let Some(before) = self.served.insert(name.to_owned(), port)
            && let Some(names) = self.by_port.get_mut(&before)
        {
            names.retain(|of| of != name);
        }
        self.by_port.entry(port).or_default().push(name.to_owned());
        let instances = self.kinds.get(kind).map(|index| &mut self.entries[*index].instances);
        if let Some(instance) = instances.into_iter().flatten().find(|instance| instance.name == name) {
            instance.ready = true;
        }
        Code::Done
    }

    /// Removes a port that is gone, and what it handled.
    pub(crate) fn closed(&mut self, port: u64) {
        for name in self.by_port.remove(&port).into_iter().flatten() {
            self.served.remove(&name);
        }
    }

    /// Removes a client that is gone.
    pub(crate) fn left(&mut self, key: ClientId) {
        self.waiting.retain(|waiting| waiting.who.0 != key);
    }

    /// The port that handles an object; nothing if it is being started, for which the client then waits.
    pub(crate) fn resolve(
        &mut self,
        object: &ObjectId,
        who: (ClientId, u32),
        until: Instant,
        now: Instant,
    ) -> Result<Option<u64>, Code> {
        if !object.location().is_empty() {
            return Err(Code::Unavailable);
        }
        let text = object.to_string();
        let served = self.served.get(&text).copied();
        let Some(&index) = self.kinds.get(object.kind()) else {
            return served
                .or_else(|| self.served.get(object.kind()).copied())
                .map(Some)
                .ok_or(Code::NoHandler);
        };
        let entry = &self.entries[index];
        let name = match entry.service.each {
            Each::Service => object.kind().to_owned(),
            Each::Object => text,
        };
        if let Some(port) = served.or_else(|| self.served.get(&name).copied()) {
            return Ok(Some(port));
        }
        let mine = || self.waiting.iter().filter(|waiting| waiting.who.0 == who.0).count();
        if self.waiting.len() >= MANY && mine() >= FEW {
            return Err(Code::TooMany);
        }
        if !entry.instances.iter().any(|instance| instance.name == name) {
            if !entry.service.can_start() {
                return Err(Code::NoHandler);
            }
            if entry.rests_until.is_some_and(|until| until > now) {
                return Err(Code::Resting);
            }
            self.start(index, name.clone(), now)?;
        }
        self.waiting.push(Waiting {
            who,
            name,
            until,
            failed: None,
        });
        Ok(None)
    }

    fn start(&mut self, service: usize, name: String, now: Instant) -> Result<(), Code> {
        let mut token = [0; 16];
        getrandom::fill(&mut token).map_err(|_| Code::StartFailed)?;
        self.instances += 1;
        let entry = &mut self.entries[service];
        let object = (entry.service.each == Each::Object).then(|| name.clone());
        entry.instances.push(Instance {
            number: self.instances,
            name,
            token,
            since: now,
            ready: false,
        });
        self.starts.push(Start {
            service,
            instance: self.instances,
            object,
            token,
        });
        Ok(())
    }

    /// Notes that a process of a service has ended, or could not be started.
    pub(crate) fn ended(&mut self, service: usize, instance: u64, success: bool, now: Instant) {
        let entry = &mut self.entries[service];
        let Some(at) = entry.instances.iter().position(|of| of.number == instance) else {
            return;
        };
        let ended = entry.instances.swap_remove(at);
        let asked = self.waiting.iter().any(|waiting| waiting.name == ended.name);
        if now.duration_since(ended.since) >= STEADY {
            entry.failures = 0;
        }
        if !success || (asked && !ended.ready) {
            entry.failures += 1;
        }
        entry.rests_until = entry.failures.checked_sub(PATIENT).map(|rests| {
            let rest = REST.saturating_mul(1 << rests.min(16)).min(LONGEST);
            tracing::warn!(
                service = entry.service.kind,
                ?rest,
                "the service keeps ending and rests"
            );
            now + rest
        });
        let again = match entry.service.restart {
            Restart::WhenNeeded => false,
            Restart::OnFailure => !success,
            Restart::Always => true,
        };
        if again {
            entry.again.push(ended.name.clone());
        }
        // Who asked while one that had done its work was going gets the next.
        let failed = match (ended.ready, entry.rests_until) {
            (false, _) => Some(Code::StartFailed),
            (true, Some(_)) => Some(Code::Resting),
            (true, None) if asked => self.start(service, ended.name.clone(), now).err(),
            (true, None) => None,
        };
        for waiting in self.waiting.iter_mut().filter(|waiting| waiting.name == ended.name) {
            waiting.failed = failed;
        }
    }

    /// Answers for those who have waited, whose handler is there now or will not come.
    pub(crate) fn answers(&mut self, now: Instant) -> Vec<((ClientId, u32), Code, u64)> {
        let mut answers = Vec::new();
        for waiting in mem::take(&mut self.waiting) {
            if let Some(port) = self.served.get(&waiting.name) {
                answers.push((waiting.who, Code::Done, *port));
            } else if let Some(code) = waiting.failed {
                answers.push((waiting.who, code, 0));
            } else if waiting.until <= now {
                answers.push((waiting.who, Code::TimedOut, 0));
            } else {
                self.waiting.push(waiting);
            }
        }
        answers
    }

    /// Starts what has rested long enough.
    pub(crate) fn wake(&mut self, now: Instant) {
        for index in 0..self.entries.len() {
            let entry = &mut self.entries[index];
            if entry.again.is_empty() || entry.rests_until.is_some_and(|until| until > now) {
                continue;
            }
            for name in mem::take(&mut entry.again) {
                let runs = self.entries[index]
                    .instances
                    .iter()
                    .any(|instance| instance.name == name);
                if !runs && let Err(code) = self.start(index, name, now) {
                    tracing::warn!(service = self.entries[index].service.kind, "{code}");
                }
            }
        }
    }

    /// When [`Self::wake`] and [`Self::answers`] have something to do next.
    pub(crate) fn next(&self) -> Option<Instant> {
        let waiting = self.waiting.iter().map(|waiting| waiting.until).min();
        let resting = self
            .entries
            .iter()
            .filter(|entry| !entry.again.is_empty())
            .filter_map(|entry| entry.rests_until)
            .min();
        waiting.into_iter().chain(resting).min()
    }

    pub(crate) fn served_by(&self, port: u64) -> &[String] {
        self.by_port.get(&port).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn directory(&self, now: Instant) -> serde_json::Value {
        let each = |entry: &Entry| {
            json!({
                "type": entry.service.kind, "ports": entry.service.ports, "each": entry.service.each,
                "restart": entry.service.restart, "processes": entry.instances.len(), "failures": entry.failures,
                "rests_seconds": entry.rests_until.map(|until| until.saturating_duration_since(now).as_secs_f32()),
            })
        };
        self.entries.iter().map(each).collect()
    }
}
