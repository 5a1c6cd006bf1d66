//! Many ports, many connections, and peers that are killed.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use portico_broker::server::Limits;
use portico_broker::wire::{Code, Fixed, Kind, OpenPort, OpenedPort};
use std::collections::HashMap;
use std::thread;
use support::{Raw, Running, each, message};

#[test]
fn ten_thousand_ports() {
    each(|_, connect| {
        let (mut owner, mut other) = (connect(), connect());
        let mut writer = owner.twin();
        let writing = thread::spawn(move || {
            for port in 1..=10_000_u64 {
                writer.write(&OpenPort { port: port.into(), ..Default::default() }.frame(&[]));
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
    let mut clients: Vec<Raw> = (0..count).map(|_| broker.unix()).collect();
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
                let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches")).unwrap();
                line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
            })
            .sum()
    };
    let broker = Running::named("broker-quiet");
    let mut clients: Vec<Raw> = (0..20).map(|n| if n % 2 == 0 { broker.tcp() } else { broker.unix() }).collect();
    let ports: Vec<u64> = clients.iter_mut().map(|client| client.open(0)).collect();
    clients[0].send(ports[0], ports[1], 0, b"then silence");
    clients[1].receive(b"then silence");
    thread::sleep(support::MOMENT);
    let before = switches();
    assert!(before > 0, "the thread was found");
    thread::sleep(support::MOMENT * 8);
    assert_eq!(switches(), before);
}

/// A client process that sends numbered messages to a port until it is killed.
#[test]
fn sender_that_is_killed() {
    let (Ok(address), Ok(port)) = (std::env::var("TEST_BROKER"), std::env::var("TEST_PORT")) else { return };
    let mut client = Raw::connect(address.parse().unwrap());
    let source = client.open(0);
    let port = port.parse().unwrap();
    for n in 0.. {
        client.send(source, port, n, &[&n.to_be_bytes()[..], &[7; 500]].concat());
    }
}

#[test]
fn peers_are_killed_under_load() {
    let broker = Running::new(Vec::new(), Limits::default());
    let mut to = broker.tcp();
    let destination = to.open(0);
    let spawn = || {
        std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "sender_that_is_killed", "--nocapture"])
            .env("TEST_BROKER", broker.address.to_string())
            .env("TEST_PORT", destination.to_string())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    // Two that live, whose messages must all come, once and in order.
    let steady: Vec<_> = (0..2_u8)
        .map(|number| {
            let mut from = broker.unix();
            let source = from.open(0);
            let writing = thread::spawn(move || {
                for n in 0..20_000_u32 {
                    from.write(&message(source, destination, n, &[&n.to_be_bytes()[..], &[number; 100]].concat()));
                }
                from
            });
            (source, writing)
        })
        .collect();
    let mut children: Vec<_> = (0..4).map(|_| spawn()).collect();
    let (mut next, mut got): (HashMap<u64, u32>, u32) = (HashMap::new(), 0);
    let lives = |next: &HashMap<u64, u32>| steady.iter().all(|(source, _)| next.get(source) == Some(&20_000));
    let mut killed = 0;
    while !lives(&next) || killed < 12 {
        let (delivered, data) = to.expect::<portico_broker::wire::DeliverMessage>();
        let of = next.entry(delivered.source.get()).or_default();
        assert_eq!(data[..4], of.to_be_bytes(), "from {}", delivered.source.get());
        *of += 1;
        got += 1;
        if got.is_multiple_of(3000) && killed < 12 {
            let at = killed % children.len();
            children[at].kill().unwrap();
            children[at].wait().unwrap();
            killed += 1;
            children[at] = spawn();
        }
    }
    for mut child in children {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    for (source, writing) in steady {
        let mut from = writing.join().unwrap();
        from.send(source, 1, 9, b"still here");
        assert_eq!(from.failed(), (Kind::SendMessage, 1, 9, Code::NoSuchPort), "and nothing was lost before");
    }
}
