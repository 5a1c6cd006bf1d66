//! Many ports, many connections, and peers that are killed.
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg_attr(
    not(target_os = "linux"),
    allow(unused_imports, reason = "some tests are for that alone")
)]

mod support;

use portico_broker::client::{Address, Client, Event};
use portico_broker::server::{Broker, Config, Limits};
use portico_broker::wire::{FIRST, Fixed, LAST, OpenPort, OpenedPort};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use support::{MOMENT, PATIENCE, Raw, Running, chunk, each, message};

#[test]
fn ten_thousand_ports() {
    each(|_, connect| {
        let (mut owner, mut other) = (connect(), connect());
        let mut writer = owner.twin();
        let writing = thread::spawn(move || {
            for port in 1..=10_000_u64 {
                writer.write(
                    &OpenPort {
                        port: port.into(),
                        ..Default::default()
                    }
                    .frame(&[]),
                );
            }
        });
        for port in 1..=10_000 {
            let (opened, _) = owner.expect::<OpenedPort>();
            assert_eq!((opened.code, opened.port.get()), (0, port));
        }
        writing.join().unwrap();
        let source = other.open(0);
        for port in (1..=10_000).step_by(97) {
            other.send(source, port, 0, b"there?");
            assert_eq!(owner.receive(b"there?"), (source, port));
        }
        drop(owner);
        let mut third = connect();
        for port in (1..=10_000).step_by(97) {
            third.open(port);
        }
    });
}

#[test]
#[cfg(target_os = "linux")]
fn five_thousand_connections_cost_little() {
    let broker = Running::new(Vec::new(), Limits::default());
    // Half of the files are the clients' of this test.
    let count = 5000;
    let before = support::resident();
    let mut clients: Vec<Raw> = (0..count).map(|_| broker.local()).collect();
    let ports: Vec<u64> = clients.iter_mut().map(|client| client.open(0)).collect();
    let each = (support::resident().saturating_sub(before)) / count;
    // What the test keeps of a client is in it as well.
    assert!(each <= 4096, "{each} bytes for each connection");
    for (from, to) in [(0, count - 1), (count / 2, 1)].map(|(from, to)| (from as usize, to as usize)) {
        clients[from].send(ports[from], ports[to], 0, b"far away");
        clients[to].receive(b"far away");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_quiet_broker_never_wakes() {
    let switches = || -> u64 {
        std::fs::read_dir("/proc/self/task")
            .unwrap()
            .map(|task| task.unwrap().path())
            .filter(|task| std::fs::read_to_string(task.join("comm")).unwrap().trim() == "broker-quiet")
            .map(|task| {
                let status = std::fs::read_to_string(task.join("status")).unwrap();
                let line = status
                    .lines()
                    .find(|line| line.starts_with("voluntary_ctxt_switches"))
                    .unwrap();
                line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
            })
            .sum()
    };
    let broker = Running::named("broker-quiet");
    let mut clients: Vec<Raw> = (0..20)
        .map(|n| if n % 2 == 0 { broker.tcp() } else { broker.local() })
        .collect();
    let ports: Vec<u64> = clients.iter_mut().map(|client| client.open(0)).collect();
    clients[0].send(ports[0], ports[1], 0, b"then silence");
    clients[1].receive(b"then silence");
    thread::sleep(support::MOMENT);
    let before = switches();
    assert!(before > 0, "the thread was found");
    thread::sleep(support::MOMENT * 8);
    assert_eq!(switches(), before);
}

/// A process of its own that serves until its standard input ends, so that its memory is the broker's alone.
#[test]
fn process_of_a_broker() {
    let Ok(socket) = std::env::var("TEST_SOCKET") else {
        return;
    };
    let address = Some("127.0.0.1:0".parse().unwrap());
    let broker = Broker::bind(Config {
        address,
        socket: Some(socket.into()),
        ..Config::default()
    })
    .unwrap();
    let stopper = broker.stopper();
    eprintln!("{}", broker.address().unwrap());
    thread::spawn(move || {
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        stopper.stop();
    });
    broker.run().unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn neither_long_messages_nor_who_does_not_read_cost_much_memory() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = this("process_of_a_broker")
        .env("TEST_SOCKET", folder.path().join("broker.sock"))
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line.trim().parse().unwrap();
    let peak = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    };
    let before = peak();
    let (mut from, mut to) = (Raw::connect(address), Raw::connect(address));
    let (source, destination) = (from.open(0), to.open_extended(0));
    // A stream in pieces of 25 MiB, then a message of 60 MiB.
    let mut writer = from.twin();
    let writing = thread::spawn(move || {
        let piece = vec![7; 25 << 20];
        for n in 0..4 {
            let flags = if n == 0 { FIRST } else { 0 } | if n == 3 { LAST } else { 0 };
            writer.write(&chunk(source, destination, (1, n * piece.len() as u64), flags, &piece));
        }
        writer.write(&message(source, destination, 0, &vec![7; 60 << 20]));
    });
    let mut left = 160 << 20;
    while left > 0 {
        left -= to.piece().3.len();
    }
    writing.join().unwrap();
    assert!(
        peak() - before < 4 << 20,
        "{} bytes more for long frames",
        peak() - before
    );
    // Eight who send, in turn, to one who doesn't read.
    let before = peak();
    let mut deaf = Raw::connect(address);
    let deaf_port = deaf.open(0);
    let senders: Vec<Raw> = (0..8)
        .map(|_| {
            let mut from = Raw::connect(address);
            let source = from.open(0);
            from.write_until_stuck(&message(source, deaf_port, 0, &[7; 60_000]));
            from
        })
        .collect();
    // The queue of the one, and what was read of each of the others before it was seen to be full.
    let (queue, each) = (512 << 10, 192 << 10);
    assert!(
        peak() - before < queue + each * 8,
        "{} bytes more for one who doesn't read",
        peak() - before
    );
    from.send(source, destination, 0, b"others go on");
    to.receive(b"others go on");
    drop((senders, deaf, child.stdin.take()));
    assert!(child.wait().unwrap().success());
}

/// This program again, to run one of its tests in a process of its own.
fn this(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).stdout(Stdio::null());
    command
}

const PEERS: u64 = 6;

/// Sends numbered messages in turn to all ports up to [`PEERS`] and to those of the test, and looks at the numbers of those that
/// come, until it is killed. A number that is not the next of its sender is what the broker must never hand over.
#[test]
fn peer_that_is_killed() {
    let (Ok(address), Ok(port)) = (std::env::var("TEST_BROKER"), std::env::var("TEST_PORT")) else {
        return;
    };
    let address: SocketAddr = address.parse().unwrap();
    let mut client = Client::connect(&Address::Tcp(address)).unwrap();
    let port: u64 = port.parse().unwrap();
    // Who had it was killed a moment ago.
    while client.open(port).is_err() {}
    let (mut sent, mut seen) = (HashMap::new(), Seen::default());
    loop {
        for to in (1..=PEERS + 2).filter(|to| *to != port) {
            let next = sent.entry(to).or_insert(0_u32);
            client.send(port, to, &numbered(process::id(), *next, 300)).unwrap();
            *next += 1;
        }
        while let Some(event) = client.poll().unwrap() {
            if let Event::Message(message) = event
                && let Err(wrong) = seen.see(&message.data)
            {
                std::fs::write(std::env::var("TEST_WRONG").unwrap(), wrong).unwrap();
            }
        }
    }
}

fn numbered(sender: u32, number: u32, size: usize) -> Vec<u8> {
    [&sender.to_be_bytes()[..], &number.to_be_bytes(), &vec![7; size]].concat()
}

/// The numbers that came from each sender.
#[derive(Default)]
struct Seen(HashMap<u32, u32>);

impl Seen {
    /// The first from a sender may have any number if this one began to listen later.
    fn see(&mut self, data: &[u8]) -> Result<(u32, u32), String> {
        let word = |at: usize| u32::from_be_bytes(data[at..at + 4].try_into().unwrap());
        let (sender, number) = (word(0), word(4));
        let next = self.0.entry(sender).or_insert(number);
        if *next != number || data[8..].iter().any(|byte| *byte != 7) {
            return Err(format!("{number} of {sender} instead of {next}"));
        }
        *next += 1;
        Ok((sender, number))
    }
}

/// Two that stay, and six that all send to all and are killed in turn.
#[test]
fn peers_are_killed_under_load() {
    const STEADY: u32 = 20_000;
    const KILLS: usize = 18;
    let broker = Running::new(Vec::new(), Limits::default());
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong");
    let spawn = |port: u64| {
        let mut command = this("peer_that_is_killed");
        command
            .env("TEST_BROKER", broker.address.to_string())
            .env("TEST_PORT", port.to_string());
        command.env("TEST_WRONG", &wrong).stderr(Stdio::null()).spawn().unwrap()
    };
    let (done, until) = (AtomicBool::new(false), Instant::now() + PATIENCE * 6);
    let steady = |mut client: Client, own: u64, other: u64| {
        let done = &done;
        move || {
            let (mut seen, mut sent) = (Seen::default(), 0);
            let mut whole = 0;
            while whole < STEADY || sent < STEADY || !done.load(Ordering::Relaxed) {
                assert!(Instant::now() < until, "{whole} of {STEADY} came, {sent} were sent");
                if sent < STEADY {
                    client.send(own, other, &numbered(own as u32, sent, 100)).unwrap();
                    // What is lost with one that is killed is no fault.
                    client
                        .send(
                            own,
                            u64::from(sent) % PEERS + 1,
                            &numbered(own as u32, sent / PEERS as u32, 100),
                        )
                        .unwrap();
                    sent += 1;
                }
                let time = if sent < STEADY { Duration::ZERO } else { MOMENT };
                while let Some(event) = client.receive(Some(time)).unwrap() {
                    match event {
                        Event::Message(message) => {
                            let (sender, number) = seen.see(&message.data).unwrap();
                            if u64::from(sender) == other {
                                assert_eq!(number, whole, "once, in order, from the first");
                                whole += 1;
                            }
                        }
                        Event::Lost(lost) => assert_ne!(lost.destination, other, "{lost:?}"),
                        Event::Piece(piece) => panic!("{piece:?}"),
                    }
                    if sent == STEADY {
                        break;
                    }
                }
            }
            // It stays until the other has everything.
            (seen.0.len(), client)
        }
    };
    let (mut one, mut two) = (broker.client(), broker.local_client());
    let (of_one, of_two) = (one.open(PEERS + 1).unwrap(), two.open(PEERS + 2).unwrap());
    let senders = thread::scope(|scope| {
        let both = [
            scope.spawn(steady(one, of_one, of_two)),
            scope.spawn(steady(two, of_two, of_one)),
        ];
        let mut children: Vec<_> = (1..=PEERS).map(|port| (port, spawn(port))).collect();
        let mut random = 12_345_usize;
        for _ in 0..KILLS {
            thread::sleep(Duration::from_millis(100));
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let (port, child) = &mut children[(random >> 33) % PEERS as usize];
            child.kill().unwrap();
            child.wait().unwrap();
            *child = spawn(*port);
        }
        for (_, mut child) in children {
            assert!(child.try_wait().unwrap().is_none(), "one has ended by itself");
            child.kill().unwrap();
            child.wait().unwrap();
        }
        done.store(true, Ordering::Relaxed);
        both.map(|thread| thread.join().unwrap()).map(|(senders, _)| senders)
    });
    assert!(!wrong.exists(), "{}", std::fs::read_to_string(wrong).unwrap());
    assert!(
        senders.iter().all(|senders| *senders > PEERS as usize),
        "{senders:?}: of the killed, some had got through"
    );
}
