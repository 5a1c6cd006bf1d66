//! Clients that send anything at all, without sockets: what the fuzz targets do a million times, and a test a few.
//!
//! After each step everything that the broker knows has to fit together, and what clients are handed has to be what the book
//! says; at the end nobody waits for ever, and nothing is left of those who have gone.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test, whose failures are panics"
)]

use super::Limits;
use super::peer::{BlockedOn, Body, ClientId};
use super::queue::FULL;
use super::registry::{Registry, Start};
use super::router::{READ, Router};
use crate::service::Service;
use crate::wire::{
    self, ABORT, Authenticate, Challenge, ClosedPort, Code, DeliverChunk, DeliverMessage, EXTENDED, FIRST, Fixed, Head,
    Kind, LAST, Listing, MESSAGE, OpenPort, PIECE, PROOF_CONTEXT, Proof, Prove, Resolve, Resolved, WHOLE,
};
use ed25519_dalek::{Signer, SigningKey};
use std::collections::HashMap;
use std::io::IoSlice;
use std::time::Duration;

const LIMITS: Limits = Limits {
    message: 300_000,
    gathered: 400_000,
    ports: 6,
    streams: 3,
};
const CLIENTS: usize = 4;
/// The last client knows only what the original does, and must never be handed anything else.
const OLD: usize = CLIENTS - 1;
/// Ports that the clients know; the first is reserved.
const PORTS: [u64; 8] = [11_001, 1, 2, 3, 4, 1 << 40, 0, u64::MAX];
/// Texts where an id or a type is wanted.
const TEXTS: [&str; 8] = [
    "a.b",
    "a.b::c",
    "reserved.type::x",
    "each.object::y",
    "each.object",
    "a:b:c",
    "",
    "::",
];
/// Types that clients send, the more often the more can go wrong with them.
const KINDS: [u8; 21] = [1, 1, 1, 3, 5, 5, 5, 5, 6, 6, 6, 6, 22, 24, 26, 26, 28, 17, 19, 21, 30];
/// Answers that clients don't read and that nobody holds back: those to what others do.
const ANSWERS: usize = 128 * 1024;

/// The port that a client opens first, if nobody has it.
fn own(who: usize) -> u64 {
    PORTS[1 + who]
}

/// Drives a broker by these bytes.
///
/// # Panics
/// If it does anything wrong.
pub fn run(data: &[u8]) {
    let mut simulation = Simulation::new();
    let mut bytes = data.iter().copied();
    while let Some(what) = bytes.next() {
        simulation.step(what, &mut bytes);
        simulation.turn();
        simulation.check();
    }
    simulation.end();
}

/// A frame that is mostly right, by these bytes.
pub fn likely(bytes: &mut impl Iterator<Item = u8>) -> Vec<u8> {
    let mut next = || bytes.next().unwrap_or(0);
    let kind = match next() {
        // Types that clients don't send, and those that there aren't.
        other @ 240.. => other % 32,
        of => KINDS[usize::from(of) % KINDS.len()],
    };
    let size = Kind::of(kind).map_or(8, Kind::fixed);
    let mut body = vec![0; size - 8];
    let with_text = [22, 24, 30].contains(&kind);
    let data: Vec<u8> = match next() {
        at if with_text => TEXTS[usize::from(at) % TEXTS.len()].into(),
        255 => vec![7; 200_000],
        254 => vec![7; PIECE + 17],
        253 => vec![7; PIECE],
        length if [5, 6, 26].contains(&kind) => vec![length; usize::from(length)],
        _ => Vec::new(),
    };
    // Words of eight bytes: ports, then streams and offsets, which are small.
    for (at, word) in body.chunks_mut(8).enumerate() {
        let byte = next();
        let value = if at < 2 || kind < 4 || (kind == 26 && at == 3) {
            PORTS[usize::from(byte) % PORTS.len()]
        } else {
            u64::from(byte % 4)
        };
        let length = word.len();
        word.copy_from_slice(&value.to_be_bytes()[8 - length..]);
    }
    let at = match kind {
        5 | 26 => 16,
        6 => 32,
        22 => 4,
        24 => 8,
        30 => 0,
        _ => usize::MAX,
    };
    if let Some(size) = at.checked_add(4).and_then(|end| body.get_mut(at..end)) {
        size.copy_from_slice(&(data.len() as u32).to_be_bytes());
    }
    let flags = match kind {
        1 => 7,
        6 => 39,
        _ => usize::MAX,
    };
    if let Some(flags) = body.get_mut(flags) {
        *flags = next() % 8;
    }
    let mut frame = vec![0, 8, kind, 0];
    frame.extend((8 + body.len() as u32 + data.len() as u32).to_be_bytes());
    frame.extend(body);
    frame.extend(data);
    frame
}

#[derive(Default)]
struct Client {
    key: ClientId,
    /// What the system holds of what it has sent.
    unread: Vec<u8>,
    taken: Vec<u8>,
    /// Streams to it that have begun, and what comes next of each.
    streams: HashMap<(u64, u64, u64, u32), u64>,
    /// Offsets that its own streams have come to, so that some of its pieces are right.
    offsets: HashMap<(u64, u64, u64), u64>,
    nonce: [u8; 32],
}

struct Simulation {
    router: Router,
    clients: [Option<Client>; CLIENTS],
    /// Processes of services that run.
    started: Vec<Start>,
    key: SigningKey,
}

impl Simulation {
    fn new() -> Self {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = crate::service::hex(key.verifying_key().as_bytes());
        let services = [
            format!(
                "type = \"reserved.type\"\nports = [11001]\ncommand = [\"x\"]\nrestart = \"always\"\nkey = \"{public}\""
            ),
            "type = \"each.object\"\neach = \"object\"\ncommand = [\"x\"]".to_owned(),
        ];
        let services = services
            .iter()
            .map(|text| Service::parse(text).expect("a service file"))
            .collect();
        let router = Router::new(LIMITS, Registry::new(services));
        Self {
            router,
            clients: Default::default(),
            started: Vec::new(),
            key,
        }
    }

    fn step(&mut self, what: u8, bytes: &mut impl Iterator<Item = u8>) {
        let who = usize::from(what) % CLIENTS;
        let mut next = || bytes.next().unwrap_or(0);
        if self.clients[who].is_none() {
            let key = self.router.join(String::new(), None);
            self.clients[who] = Some(Client {
                key,
                ..Client::default()
            });
            let flags = if who == OLD { 0 } else { EXTENDED };
            let open = OpenPort {
                port: own(who).into(),
                flags: flags.into(),
                ..Default::default()
            };
            self.send(who, &open.frame(&[]));
        }
        match what >> 2 & 15 {
            8 if who != OLD => {
                let count = next();
                let raw: Vec<u8> = (0..count).map(|_| next()).collect();
                self.send(who, &raw);
            }
            9 => {
                let count = usize::from(next()) * 1024 + 1;
                self.take(who, count);
            }
            10 => {
                self.take(who, usize::MAX);
            }
            11 => self.leave(who),
            12 => {
                let key = self.clients[who].as_ref().unwrap().key;
                self.router.mute(key);
            }
            13 => self.router.now += Duration::from_millis(u64::from(next()) * 100),
            14 if !self.started.is_empty() => {
                let at = next();
                let ended = self.started.swap_remove(usize::from(at >> 1) % self.started.len());
                self.router
                    .registry
                    .ended(ended.service, ended.instance, at & 1 == 0, self.router.now);
            }
            15 => {
                let frame = self.identity(who, next());
                self.send(who, &frame);
            }
            kind => {
                let mut frame = likely(&mut std::iter::from_fn(|| Some(next())));
                if who == OLD && frame[2] == Kind::OpenPort as u8 {
                    frame[15] &= !(EXTENDED as u8);
                } else if kind != 0 && [5, 6, 26].contains(&frame[2]) {
                    frame[8..16].copy_from_slice(&own(who).to_be_bytes());
                    if frame[2] == Kind::SendChunk as u8 {
                        self.continue_stream(who, &mut frame);
                    }
                }
                if kind == 7 && who != OLD {
                    frame.truncate(frame.len() / 2);
                }
                self.send(who, &frame);
            }
        }
    }

    /// Puts the offset into a piece that it has to have.
    fn continue_stream(&mut self, who: usize, frame: &mut [u8]) {
        let word = |at: usize| u64::from_be_bytes(frame[at..at + 8].try_into().unwrap());
        let id = (word(8), word(16), word(24));
        let next = self.clients[who].as_mut().unwrap().offsets.entry(id).or_default();
        if frame[47] & FIRST as u8 != 0 {
            *next = 0;
        }
        frame[32..40].copy_from_slice(&next.to_be_bytes());
        *next += frame.len() as u64 - 48;
    }

    /// Shows a token, asks for a challenge, or answers one, mostly rightly.
    fn identity(&self, who: usize, how: u8) -> Vec<u8> {
        let wrong = how & 1;
        match how >> 1 & 3 {
            0 => {
                let mut token = self.started.last().map_or([1; 16], |start| start.token);
                token[0] ^= wrong;
                Authenticate {
                    token,
                    ..Default::default()
                }
                .frame(&[])
            }
            1 => Prove {
                key: self.key.verifying_key().to_bytes(),
                ..Default::default()
            }
            .frame(&[]),
            _ => {
                let nonce = self.clients[who].as_ref().unwrap().nonce;
                let mut signature = self.key.sign(&[PROOF_CONTEXT, &nonce].concat()).to_bytes();
                signature[0] ^= wrong;
                Proof {
                    signature,
                    ..Default::default()
                }
                .frame(&[])
            }
        }
    }

    fn send(&mut self, who: usize, bytes: &[u8]) {
        let client = self.clients[who].as_mut().unwrap();
        // A client that is not read can't send for ever.
        if client.unread.len() < 4 * READ {
            client.unread.extend(bytes);
        } else if who != OLD {
            return self.leave(who);
        }
        self.read(who);
    }

    /// As the I/O layer does it: reads some, and closes the connection of who sent what is no frame. Whether there was something.
    fn read(&mut self, who: usize) -> bool {
        let Some(client) = &mut self.clients[who] else {
            return false;
        };
        if self.router.is_blocked(client.key) || client.unread.is_empty() {
            return false;
        }
        let count = client.unread.len().min(READ);
        let bytes: Vec<u8> = client.unread.drain(..count).collect();
        if self.router.feed_copy(client.key, &bytes).is_err() {
            self.leave(who);
        }
        true
    }

    fn leave(&mut self, who: usize) {
        if let Some(client) = self.clients[who].take() {
            self.router.leave(client.key);
        }
    }

    fn leave_key(&mut self, key: ClientId) {
        let who = self
            .clients
            .iter()
            .position(|client| client.as_ref().is_some_and(|client| client.key == key));
        self.leave(who.expect("a client that is there"));
    }

    /// As the I/O layer does it after all have been read.
    fn turn(&mut self) {
        while let Some(key) = self.router.next_runnable() {
            if self.router.feed(key, 0).is_err() {
                self.leave_key(key);
            }
        }
        for key in self.router.stalled() {
            self.leave_key(key);
        }
        self.router.registry.wake(self.router.now);
        self.router.answer_resolves();
        self.started.append(&mut self.router.registry.starts);
        while let Some(key) = self.router.dirty.pop() {
            if let Some(peer) = self.router.peers.get_mut(key) {
                peer.out.listed = false;
            }
        }
    }

    /// A client takes so many bytes of what waits for it. Whether there was something.
    fn take(&mut self, who: usize, mut count: usize) -> bool {
        let Some(client) = &mut self.clients[who] else {
            return false;
        };
        let mut some = false;
        while count > 0 && !self.router.peers[client.key].mute {
            let mut slices = [IoSlice::new(&[]); 4];
            let filled = self.router.slices(client.key, &mut slices);
            let before = client.taken.len();
            for slice in &slices[..filled] {
                let left = count - (client.taken.len() - before);
                client.taken.extend(&slice[..slice.len().min(left)]);
            }
            let taken = client.taken.len() - before;
            if taken == 0 {
                break;
            }
            some = true;
            count -= taken;
            self.router.written(client.key, taken);
        }
        let mut at = 0;
        while let Some(head) = wire::head(&client.taken[at..]).expect("a frame")
            && client.taken.len() >= at + head.length
        {
            let frame = client.taken[at..at + head.length].to_vec();
            client.frame(head, &frame, who == OLD);
            at += head.length;
        }
        client.taken.drain(..at);
        some
    }

    /// Everything fits together.
    fn check(&self) {
        let Router { peers, ports, .. } = &self.router;
        let mut gathered = 0;
        for (key, peer) in peers {
            let waiting = peer.out.waiting();
            assert!(
                waiting <= FULL + WHOLE + LIMITS.gathered + ANSWERS,
                "{waiting} bytes wait for one client"
            );
            assert!(!peer.out.listed, "nobody writes what waits");
            assert!(peer.ports.len() <= LIMITS.ports && peer.streams.len() <= LIMITS.streams + 1);
            gathered += peer.out.gathered();
            if let Some(Body::Gather { frame, left, .. }) = &peer.body {
                gathered += frame.len() + left;
            }
            if let BlockedOn::Room(of) = peer.blocked_on {
                assert!(
                    !peers[of].mute && !peers[of].out.has_room(),
                    "it waits for one that has room"
                );
            }
            assert!(
                peer.ports
                    .iter()
                    .all(|number| ports.get(*number).is_some_and(|port| port.owner == key))
            );
            for (serial, number) in &peer.rights {
                assert!(
                    ports
                        .same(*number, *serial)
                        .is_some_and(|port| port.holders.contains(&key)),
                    "a stale right"
                );
            }
        }
        assert_eq!(self.router.gathered, gathered);
        for (number, port) in ports.iter() {
            assert!(peers[port.owner].ports.contains(&number));
            let streams = peers.iter().flat_map(|(_, peer)| &peer.streams);
            let to_it = streams.filter(|(id, stream)| id.1 == number && stream.serial == port.serial && !stream.failed);
            assert_eq!(to_it.count(), port.streams, "streams to {number}");
            for holder in &port.holders {
                assert_eq!(peers[*holder].rights.get(&port.serial), Some(&number));
            }
        }
    }

    /// Everybody reads and is read until nothing moves. Then all go, and nothing is left of them.
    fn end(mut self) {
        loop {
            let mut moved = false;
            for who in 0..CLIENTS {
                moved |= self.read(who);
                moved |= self.take(who, usize::MAX);
                self.turn();
            }
            self.check();
            if !moved && !self.router.wants_memory() {
                break;
            }
            if !moved {
                // Who has stopped in the middle of a message that others wait for has to go.
                self.router.now += Duration::from_secs(11);
            }
        }
        for client in self.clients.iter().flatten() {
            assert!(
                client.unread.is_empty() && !self.router.is_blocked(client.key),
                "it waits for ever"
            );
        }
        for who in 0..CLIENTS {
            self.leave(who);
            self.turn();
            self.check();
        }
        assert!(self.router.peers.is_empty() && self.router.ports.iter().next().is_none());
        assert_eq!(self.router.gathered, 0);
        let key = self.router.join(String::new(), None);
        let text = "a.b::c";
        let ask = Resolve {
            size: (text.len() as u32).into(),
            ..Default::default()
        };
        self.router
            .feed_copy(key, &ask.frame(text.as_bytes()))
            .expect("a frame");
        self.clients[0] = Some(Client {
            key,
            ..Client::default()
        });
        let mut slices = [IoSlice::new(&[]); 1];
        assert_eq!(self.router.slices(key, &mut slices), 1);
        let head = wire::head(&slices[0]).unwrap().unwrap();
        let (answer, _) = wire::whole::<Resolved>(head, &slices[0]).expect("an answer");
        assert_eq!(answer.code, Code::NoHandler as u8, "one that has gone still serves");
    }
}

impl Client {
    /// A frame has come: one that the broker sends, that is right, and follows on what came before.
    fn frame(&mut self, head: Head, bytes: &[u8], old: bool) {
        match head.kind {
            Kind::DeliverMessage => {
                wire::whole::<DeliverMessage>(head, bytes).expect("a whole message");
            }
            Kind::DeliverRight => assert!(!old, "it doesn't know rights"),
            Kind::DeliverChunk => {
                assert!(!old, "it doesn't know pieces");
                let (piece, data) = wire::whole::<DeliverChunk>(head, bytes).expect("a whole piece");
                assert!(data.len() <= PIECE);
                self.piece(piece, data.len() as u64);
            }
            Kind::ClosedPort => {
                let (closed, _) = wire::whole::<ClosedPort>(head, bytes).expect("an answer");
                if closed.code == Code::Done as u8 {
                    self.streams.retain(|id, _| id.1 != closed.port.get());
                }
            }
            Kind::Challenge => self.nonce = wire::whole::<Challenge>(head, bytes).expect("a challenge").0.nonce,
            Kind::Listing => {
                let (_, text) = wire::whole::<Listing>(head, bytes).expect("a directory");
                serde_json::from_slice::<serde_json::Value>(text).expect("JSON");
            }
            Kind::OpenedPort | Kind::Failed | Kind::Authenticated | Kind::Serving | Kind::Resolved => {
                let code = if head.kind == Kind::Failed {
                    bytes[40]
                } else {
                    bytes[12]
                };
                assert!(Code::of(code).is_some());
            }
            kind => panic!("{kind:?} is not for clients"),
        }
    }

    fn piece(&mut self, piece: &DeliverChunk, size: u64) {
        let (offset, flags) = (piece.offset.get(), piece.flags.get());
        let id = (
            piece.source.get(),
            piece.destination.get(),
            piece.stream.get(),
            flags & MESSAGE,
        );
        if flags & FIRST != 0 {
            assert_eq!(offset, 0);
            assert!(self.streams.insert(id, 0).is_none(), "it has begun already");
        }
        match self.streams.get_mut(&id) {
            Some(next) => {
                assert_eq!(offset, *next, "a hole");
                *next += size;
            }
            // Its sender went before any of it came.
            None => assert_eq!((flags & !MESSAGE, offset, size), (ABORT, 0, 0), "it has not begun"),
        }
        if flags & (LAST | ABORT) != 0 {
            self.streams.remove(&id);
        }
    }
}
