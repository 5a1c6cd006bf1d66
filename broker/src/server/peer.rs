//! A connected client, as the router keeps it.

use super::queue::Queue;
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Instant;

/// Number of a client, used again once it has gone.
pub(crate) type ClientId = usize;

/// Whom a client waits for before it is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlockedOn {
    /// For nobody.
    No,
    /// Until this client has read some of what waits for it.
    Room(ClientId),
    /// Until there is memory to gather a long message.
    Memory,
    /// For its turn: what it has sent already comes before what it sends now, its end above all.
    Turn,
}

/// Result of a frame that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Done,
    /// It waits for another client, and is on that one's list.
    Blocked,
}

/// Route of messages between two ports.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) source: u64,
    pub(crate) destination: u64,
    pub(crate) to: ClientId,
    pub(crate) serial: u64,
    pub(crate) extended: bool,
}

/// A stream that a client has begun and not ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stream {
    pub(crate) next: u64,
    pub(crate) serial: u64,
    /// It failed, the client was told, and what still comes of it is dropped.
    pub(crate) failed: bool,
}

/// Source, destination and number of a stream.
pub(crate) type StreamId = (u64, u64, u64);

/// Counters of messages, for the directory.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) messages_sent: u64,
    pub(crate) bytes_sent: u64,
    pub(crate) messages_received: u64,
    pub(crate) bytes_received: u64,
}

/// A connected client.
#[derive(Debug)]
pub(crate) struct Peer {
    /// Description for the log and the directory.
    pub(crate) name: String,
    /// Its process, where the system tells.
    pub(crate) process: Option<u32>,
    /// Name that it gives itself, unchecked; empty if it gives none.
    pub(crate) label: String,
    pub(crate) out: Queue,
    /// Time at which it last took something that waited for it.
    pub(crate) took: Instant,
    /// Bytes that came and could not be dealt with yet.
    pub(super) pending: Vec<u8>,
    /// The rest of a long frame.
    pub(crate) body: Option<Body>,
    pub(crate) blocked_on: BlockedOn,
    /// Nothing can be written to it any more; what it has sent is still dealt with.
    pub(crate) mute: bool,
    pub(super) waiters: VecDeque<ClientId>,
    pub(crate) ports: HashSet<u64>,
    pub(super) route: Option<(u64, Route)>,
    pub(crate) streams: HashMap<StreamId, Stream>,
    /// Serials of private ports that it may send to, with their numbers.
    pub(crate) rights: HashMap<u64, u64>,
    /// Services that it has shown to be.
    pub(crate) services: Vec<usize>,
    pub(crate) challenge: Option<Box<([u8; 32], [u8; 32])>>,
    pub(crate) traffic: Traffic,
}

/// The rest of a frame that is too long to be kept.
#[derive(Debug)]
pub(crate) enum Body {
    /// It was refused; these bytes are dropped.
    Skip(usize),
    /// It is handed on in pieces.
    Pieces(Pieces),
    /// It is kept until it is whole.
    Gather {
        frame: Vec<u8>,
        left: usize,
        route: Route,
        tag: u32,
        moved: Instant,
    },
}

#[derive(Debug)]
pub(crate) struct Pieces {
    pub(super) route: Route,
    pub(super) stream: u64,
    /// Of the next piece.
    pub(super) offset: u64,
    pub(super) left: usize,
    /// Flags of the first and of the last piece; [`MESSAGE`] is on every piece of a message.
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) message: Option<u32>,
}
