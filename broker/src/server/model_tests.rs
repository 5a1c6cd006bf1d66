//! The rules of queueing, against the simplest model there is: everything that is sent arrives once and in order, or its sender
//! is told.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::Limits;
use super::peer::{BlockedOn, ClientId};
use super::queue::FULL;
use super::registry::Registry;
use super::router::Router;
use crate::wire::{
    self, ABORT, Code, DeliverChunk, DeliverMessage, EXTENDED, Failed, Fixed, Kind, LAST, OpenPort, SendMessage, WHOLE,
};
use proptest::prelude::*;
use std::collections::HashMap;
use std::io::IoSlice;
use std::time::Duration;

const LIMITS: Limits = Limits {
    message: 400_000,
    gathered: 500_000,
    ports: 4,
    streams: 4,
};
const CLIENTS: usize = 4;

#[derive(Clone, Debug)]
enum Step {
    /// One writes a message to another, into the system's buffers.
    Send { from: usize, to: usize, size: usize },
    /// The broker reads so many bytes of one's buffer.
    Read { of: usize, count: usize },
    /// One takes so many bytes.
    Take { by: usize, count: usize },
    /// The broker uses its buffer again.
    Settle,
    /// One goes.
    Leave(usize),
}

#[derive(Debug)]
struct Client {
    key: ClientId,
    alive: bool,
    unread: Vec<u8>,
    taken: Vec<u8>,
    /// By sender: numbers of the messages that came whole.
    received: HashMap<u8, Vec<u32>>,
    long: HashMap<u64, Vec<u8>>,
    /// By receiver: how many were sent, and how many of them it was told are lost.
    sent: HashMap<usize, u32>,
    lost: HashMap<usize, u32>,
}

struct Simulation {
    router: Router,
    clients: Vec<Client>,
}

impl Simulation {
    /// Every other client knows pieces.
    fn new() -> Self {
        let mut router = Router::new(LIMITS, Registry::default());
        let clients = (0..CLIENTS).map(|at| {
            let key = router.join(format!("client {at}"), None);
            let flags = if at % 2 == 0 { EXTENDED } else { 0 };
            let open = OpenPort {
                port: (at as u64 + 1).into(),
                flags: flags.into(),
                ..Default::default()
            };
            router.feed_copy(key, &open.frame(&[])).unwrap();
            Client {
                key,
                alive: true,
                unread: Vec::new(),
                taken: Vec::new(),
                received: HashMap::new(),
                long: HashMap::new(),
                sent: HashMap::new(),
                lost: HashMap::new(),
            }
        });
        let clients = clients.collect();
        Self { router, clients }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Send { from, to, size } if self.clients[from].alive => {
                let number = self.clients[from].sent.entry(to).or_default();
                let mut data = vec![from as u8; size.max(5)];
                data[1..5].copy_from_slice(&number.to_be_bytes());
                *number += 1;
                let (source, destination, size) = (from as u64 + 1, to as u64 + 1, data.len() as u32);
                let message = SendMessage {
                    source: source.into(),
                    destination: destination.into(),
                    size: size.into(),
                    ..Default::default()
                };
                self.clients[from].unread.extend(message.frame(&data));
            }
            Step::Read { of, count } if self.clients[of].alive && !self.router.is_blocked(self.clients[of].key) => {
                let count = count.min(self.clients[of].unread.len());
                let bytes: Vec<u8> = self.clients[of].unread.drain(..count).collect();
                self.router.feed_copy(self.clients[of].key, &bytes).unwrap();
            }
            Step::Settle => self.router.settle(),
            Step::Take { by, count } if self.clients[by].alive => self.take(by, count),
            Step::Leave(who) if self.clients[who].alive => {
                self.clients[who].alive = false;
                self.router.leave(self.clients[who].key);
            }
            _ => {}
        }
        while let Some(key) = self.router.next_runnable() {
            self.router.feed(key, 0).unwrap();
        }
        self.check();
    }

    fn check(&self) {
        for client in self.clients.iter().filter(|client| client.alive) {
            let peer = &self.router.peers[client.key];
            // Notices of what one has lost come besides.
            assert!(
                peer.out.waiting() <= FULL + WHOLE + LIMITS.gathered + 4096,
                "{} wait",
                peer.out.waiting()
            );
            if let BlockedOn::Room(of) = peer.blocked_on {
                assert!(!self.router.peers[of].out.has_room(), "it waits for one that has room");
            }
        }
        assert!(self.router.gathered <= LIMITS.gathered, "{}", self.router.gathered);
    }

    fn take(&mut self, by: usize, mut count: usize) {
        let key = self.clients[by].key;
        while count > 0 {
            let mut slices = [IoSlice::new(&[]); 4];
            let filled = self.router.slices(key, &mut slices);
            let bytes: Vec<u8> = slices[..filled]
                .iter()
                .flat_map(|slice| slice.iter().copied())
                .take(count)
                .collect();
            if bytes.is_empty() {
                break;
            }
            count -= bytes.len();
            self.clients[by].taken.extend(&bytes);
            self.router.written(key, bytes.len());
        }
        while let Some(head) = wire::head(&self.clients[by].taken).unwrap()
            && self.clients[by].taken.len() >= head.length
        {
            let frame: Vec<u8> = self.clients[by].taken.drain(..head.length).collect();
            self.clients[by].frame(head, &frame);
        }
    }
}

impl Client {
    fn frame(&mut self, head: wire::Head, bytes: &[u8]) {
        match head.kind {
            Kind::DeliverMessage => {
                let (of, data) = wire::whole::<DeliverMessage>(head, bytes).unwrap();
                self.message(of.source.get(), data);
            }
            Kind::DeliverChunk => {
                let (of, data) = wire::whole::<DeliverChunk>(head, bytes).unwrap();
                let (stream, flags) = (of.stream.get(), of.flags.get());
                let whole = self.long.entry(stream).or_default();
                assert_eq!(of.offset.get(), whole.len() as u64);
                whole.extend_from_slice(data);
                if flags & (LAST | ABORT) != 0 {
                    let whole = self.long.remove(&stream).unwrap();
                    if flags & ABORT == 0 {
                        self.message(of.source.get(), &whole);
                    }
                }
            }
            Kind::Failed => {
                let (failed, _) = wire::whole::<Failed>(head, bytes).unwrap();
                assert!(
                    [Code::ReceiverGone as u8, Code::NoSuchPort as u8].contains(&failed.code),
                    "{}",
                    failed.code
                );
                *self.lost.entry(failed.destination.get() as usize - 1).or_default() += failed.count.get();
            }
            kind => assert_eq!(kind, Kind::OpenedPort),
        }
    }

    fn message(&mut self, source: u64, data: &[u8]) {
        assert!(data[5..].iter().all(|byte| *byte == data[0]) && u64::from(data[0]) + 1 == source);
        let number = u32::from_be_bytes(data[1..5].try_into().unwrap());
        self.received.entry(data[0]).or_default().push(number);
    }
}

fn step() -> impl Strategy<Value = Step> {
    let size = prop_oneof![5 => 5..2000_usize, 3 => 2000..70_000_usize, 1 => 70_000..400_000_usize];
    prop_oneof![
        80 => (0..CLIENTS, 0..CLIENTS, size).prop_map(|(from, to, size)| Step::Send { from, to, size }),
        80 => (0..CLIENTS, prop_oneof![1..100_usize, 1..140_000_usize]).prop_map(|(of, count)| Step::Read { of, count }),
        40 => (0..CLIENTS, prop_oneof![1..100_usize, 1..300_000_usize]).prop_map(|(by, count)| Step::Take { by, count }),
        10 => Just(Step::Settle),
        // Rare, or there would soon be nobody left.
        2 => (0..CLIENTS).prop_map(Step::Leave),
    ]
}

/// Memory for messages to clients that can't take pieces comes back from one that doesn't take its own.
#[test]
fn who_takes_nothing_keeps_no_memory_from_others() {
    for gone in [false, true] {
        let mut router = Router::new(LIMITS, Registry::default());
        let clients: Vec<ClientId> = (0..4).map(|_| router.join(String::new(), None)).collect();
        for (key, port) in clients.iter().zip(1_u64..) {
            router
                .feed_copy(
                    *key,
                    &OpenPort {
                        port: port.into(),
                        ..Default::default()
                    }
                    .frame(&[]),
                )
                .unwrap();
            router.peers[*key].out.written(&mut Default::default(), 24);
        }
        let long = |source: u64, destination: u64| {
            let (source, destination) = (source.into(), destination.into());
            let size = 300_000_u32.into();
            SendMessage {
                source,
                destination,
                size,
                ..Default::default()
            }
            .frame(&[0; 300_000])
        };
        router.feed_copy(clients[0], &long(1, 2)).unwrap();
        router.feed_copy(clients[2], &long(3, 4)).unwrap();
        assert!(router.wants_memory() && router.is_blocked(clients[2]));
        assert!(router.stalled().is_empty());
        if gone {
            router.mute(clients[1]);
        } else {
            router.now += Duration::from_secs(11);
            assert_eq!(router.stalled(), clients[1..2]);
            router.leave(clients[1]);
        }
        // The sender is told, and the other goes on.
        assert_eq!(router.peers[clients[0]].out.waiting(), Kind::Failed.fixed());
        assert_eq!(router.next_runnable(), Some(clients[2]));
        router.feed(clients[2], 0).unwrap();
        assert_eq!(router.peers[clients[3]].out.waiting(), 300_032);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn anything_at_all(data in proptest::collection::vec(any::<u8>(), 0..800)) {
        super::simulation::run(&data);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn everything_arrives_once_and_in_order_or_is_said_to_be_lost(steps in proptest::collection::vec(step(), 1..150)) {
        let mut simulation = Simulation::new();
        for step in &steps {
            simulation.step(step);
        }
        // Everybody reads and is read until nothing moves any more.
        for _ in 0..400 {
            for who in 0..CLIENTS {
                simulation.step(&Step::Read { of: who, count: 1 << 17 });
                simulation.step(&Step::Take { by: who, count: usize::MAX });
            }
        }
        for (at, client) in simulation.clients.iter().enumerate() {
            if client.alive {
                prop_assert!(client.unread.is_empty() && !simulation.router.is_blocked(client.key), "{} waits for ever", at);
            }
            for (to, sent) in &client.sent {
                let receiver = &simulation.clients[*to];
                let received = receiver.received.get(&(at as u8)).map_or(&[][..], Vec::as_slice);
                let in_order: Vec<u32> = (0..received.len() as u32).collect();
                prop_assert_eq!(received, &*in_order);
                let lost = client.lost.get(to).copied().unwrap_or_default();
                match (client.alive, receiver.alive) {
                    (true, true) => prop_assert_eq!((received.len() as u32, lost), (*sent, 0)),
                    (true, false) => prop_assert_eq!(received.len() as u32 + lost, *sent),
                    (false, _) => prop_assert!(received.len() as u32 + lost <= *sent),
                }
            }
        }
        prop_assert!(!simulation.router.wants_memory());
        for client in simulation.clients.iter().filter(|client| client.alive) {
            prop_assert_eq!(simulation.router.peers[client.key].out.waiting(), 0);
        }
        prop_assert_eq!(simulation.router.gathered, 0);
    }
}
