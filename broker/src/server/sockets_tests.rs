#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::wire::{DeliverMessage, Fixed, OpenPort, OpenedPort, SendMessage};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use zerocopy::FromBytes;

const MESSAGE: usize = size_of::<DeliverMessage>() + 1000;

/// A broker that does one turn after the other, so that it is certain what it hears of together.
struct Stepped {
    broker: Broker,
    events: Events,
}

impl Stepped {
    /// Until nothing more happens by itself.
    fn settle(&mut self) {
        loop {
            let busy = !self.broker.line.is_empty() || self.broker.router.has_runnable();
            self.broker.turn(&mut self.events, Some(Duration::ZERO)).unwrap();
            if self.events.is_empty() && !busy {
                return;
            }
        }
    }

    fn port(&mut self, of: &mut UnixStream) -> u64 {
        of.write_all(&OpenPort::default().frame(&[])).unwrap();
        self.settle();
        let mut answer = [0; size_of::<OpenedPort>()];
        of.read_exact(&mut answer).unwrap();
        OpenedPort::read_from_bytes(&answer).unwrap().port.get()
    }
}

/// Bytes that have come.
fn take(of: &mut UnixStream) -> usize {
    let mut all = Vec::new();
    assert_eq!(of.read_to_end(&mut all).unwrap_err().kind(), ErrorKind::WouldBlock);
    all.len()
}

/// What a client has sent is delivered also if it may go on and its end comes at the same moment.
#[test]
fn who_goes_when_it_may_go_on_has_sent_all_it_has_sent() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let config = Config {
        address: None,
        socket: Some(path.clone()),
        ..Config::default()
    };
    let mut stepped = Stepped {
        broker: Broker::bind(config).unwrap(),
        events: Events::with_capacity(16),
    };
    let (mut to, mut from) = (UnixStream::connect(&path).unwrap(), UnixStream::connect(&path).unwrap());
    let (destination, source) = (stepped.port(&mut to), stepped.port(&mut from));
    to.set_nonblocking(true).unwrap();
    let message = SendMessage {
        source: source.into(),
        destination: destination.into(),
        size: 1000.into(),
        ..Default::default()
    };
    let some = message.frame(&[7; 1000]).repeat(50);
    let mut sent = 0;
    let waits = |broker: &Broker| broker.router.peers.iter().any(|(key, _)| broker.router.is_blocked(key));
    // The receiver takes nothing until the sender has to wait, of whom everything has been read.
    while !waits(&stepped.broker) {
        from.write_all(&some).unwrap();
        sent += 50;
        stepped.settle();
    }
    let mut came = take(&mut to);
    drop(from);
    for _ in 0..100 {
        stepped.settle();
        came += take(&mut to);
    }
    assert_eq!(came, sent * MESSAGE);
}
