//! The table of open ports, and their owners.

use super::peer::ClientId;
use std::collections::HashMap;

/// The lowest number that the broker chooses by itself.
const EPHEMERAL: std::ops::RangeInclusive<u64> = 16_384..=1 << 32;

#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) owner: ClientId,
    /// Tells it from an earlier port of the same number.
    pub(crate) serial: u64,
    pub(crate) private: bool,
    pub(crate) extended: bool,
    /// Unfinished streams to it.
    pub(crate) streams: usize,
    /// Clients that were handed the right to send to it.
    pub(crate) holders: Vec<ClientId>,
}

#[derive(Debug, Default)]
pub(crate) struct Ports {
    open: HashMap<u64, Port>,
    /// Changes whenever a route may have: what was looked up before is looked up again.
    pub(crate) epoch: u64,
    serials: u64,
}

impl Ports {
    pub(crate) fn get(&self, number: u64) -> Option<&Port> {
        self.open.get(&number)
    }

    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut Port> {
        self.epoch += 1;
        self.open.get_mut(&number)
    }

    /// The port of that number if it is still the one with that serial.
    pub(crate) fn same(&self, number: u64, serial: u64) -> Option<&Port> {
        self.open.get(&number).filter(|port| port.serial == serial)
    }

    /// As [`Self::same`], to change what routes don't depend on.
    pub(crate) fn same_mut(&mut self, number: u64, serial: u64) -> Option<&mut Port> {
        self.open.get_mut(&number).filter(|port| port.serial == serial)
    }

    pub(crate) fn open(&mut self, number: u64, owner: ClientId, private: bool, extended: bool) {
        self.epoch += 1;
        self.serials += 1;
        self.open.insert(
            number,
            Port {
                owner,
                serial: self.serials,
                private,
                extended,
                streams: 0,
                holders: Vec::new(),
            },
        );
    }

    pub(crate) fn close(&mut self, number: u64) -> Option<Port> {
        self.epoch += 1;
        self.open.remove(&number)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &Port)> {
        self.open.iter().map(|(number, port)| (*number, port))
    }

    /// A free number, chosen at random as the original does, so that a stale one is unlikely to reach somebody else.
    pub(crate) fn free(&self, allowed: impl Fn(u64) -> bool) -> Option<u64> {
        let span = EPHEMERAL.end() - EPHEMERAL.start() + 1;
        // With four thousand million numbers even a million open ports leave hardly a chance that all of these are taken.
        (0..64)
            .filter_map(|_| getrandom::u64().ok())
            .map(|random| EPHEMERAL.start() + random % span)
            .find(|number| !self.open.contains_key(number) && allowed(*number))
    }
}
