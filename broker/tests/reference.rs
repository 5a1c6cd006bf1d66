//! The odd cases in which the original fails, one by one, over real sockets.
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg_attr(not(unix), allow(unused_imports, reason = "some tests are for that alone"))]

mod support;

use portico_broker::server::Limits;
use portico_broker::wire::{
    ClosePort, ClosedPort, Code, FIRST, Failed, Fixed, Kind, LAST, OpenPort, OpenedPort, Reboot, Resolve, Resolved,
    Serve, Serving, Shutdown,
};
use std::net;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};
use support::{PATIENCE, Raw, Running, chunk, each, message};

#[test]
fn frames_are_as_the_original_writes_them() {
    each(|_, connect| {
        let mut client = connect();
        client.write(&[
            0, 8, 1, 0, 0, 0, 0, 24, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11, 101,
        ]);
        assert_eq!(
            client.frame().1,
            [
                0, 8, 2, 0, 0, 0, 0, 24, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11, 101
            ]
        );
        // The test programs of the original write version 1; answers have 0.
        let mut send = vec![
            1, 8, 5, 0, 0, 0, 0, 35, 0, 0, 0, 0, 0, 0, 11, 101, 0, 0, 0, 0, 0, 0, 11, 101,
        ];
        send.extend([0, 0, 0, 3, 0, 0, 0, 0, b'a', b'b', b'c']);
        client.write(&send);
        send[..3].copy_from_slice(&[0, 8, 7]);
        assert_eq!(client.frame().1, send);
        client.write(&[
            0, 8, 3, 0, 0, 0, 0, 24, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11, 101,
        ]);
        assert_eq!(
            client.frame().1,
            [
                0, 8, 4, 0, 0, 0, 0, 24, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11, 101
            ]
        );
    });
}

#[test]
fn a_thousand_messages_in_one_write_all_come_in_order() {
    each(|_, connect| {
        let (mut from, mut to) = (connect(), connect());
        let (source, destination) = (from.open(0), to.open(2917));
        let all: Vec<u8> = (0..1000_u32)
            .flat_map(|n| message(source, destination, n, &n.to_be_bytes()))
            .collect();
        from.write(&all);
        for n in 0..1000_u32 {
            assert_eq!(to.receive(&n.to_be_bytes()), (source, destination));
        }
        to.quiet();
    });
}

#[test]
fn a_frame_may_come_byte_by_byte() {
    each(|_, connect| {
        let (mut from, mut to) = (connect(), connect());
        let (source, destination) = (from.open(0), to.open(0));
        let mut bytes = message(source, destination, 0, b"slowly");
        bytes.extend(message(source, destination, 0, b"but surely"));
        for byte in bytes {
            from.write(&[byte]);
            thread::sleep(Duration::from_micros(300));
        }
        to.receive(b"slowly");
        to.receive(b"but surely");
    });
}

#[test]
fn every_frame_of_a_session_may_come_byte_by_byte() {
    each(|_, connect| {
        let (mut slow, mut to) = (connect(), connect());
        let destination = to.open_extended(0);
        let open = OpenPort {
            request: 1.into(),
            port: 2917.into(),
            ..Default::default()
        };
        let text = b"public.text";
        let serve = Serve {
            port: 2917.into(),
            size: (text.len() as u32).into(),
            ..Default::default()
        };
        let id = b"public.text::x";
        let resolve = Resolve {
            size: (id.len() as u32).into(),
            ..Default::default()
        };
        let session = [
            open.frame(&[]),
            serve.frame(text),
            resolve.frame(id),
            message(2917, destination, 0, b"slowly"),
            chunk(2917, destination, (1, 0), FIRST, b"but "),
            chunk(2917, destination, (1, 4), LAST, b"surely"),
            message(2917, 9, 5, b"?"),
            Reboot::default().frame(&[]),
            ClosePort {
                port: 2917.into(),
                ..Default::default()
            }
            .frame(&[]),
        ];
        for byte in session.concat() {
            slow.write(&[byte]);
            thread::sleep(Duration::from_micros(100));
        }
        assert_eq!(slow.expect::<OpenedPort>().0.port.get(), 2917);
        assert_eq!(slow.expect::<Serving>().0.code, 0);
        assert_eq!(slow.expect::<Resolved>().0.port.get(), 2917);
        assert_eq!(slow.failed(), (Kind::SendMessage, 9, 5, Code::NoSuchPort));
        assert_eq!(slow.expect::<ClosedPort>().0.code, 0);
        to.receive(b"slowly");
        assert_eq!(to.piece(), (1, 0, FIRST, b"but ".to_vec()));
        assert_eq!(to.piece(), (1, 4, LAST, b"surely".to_vec()));
    });
}

/// What the broker says about its work, of all tests of this file.
struct Said;

static SAID: Mutex<String> = Mutex::new(String::new());

impl tracing::Subscriber for Said {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = format!("{} ", event.metadata().level());
        event.record(&mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
            line += &format!("{field}={value:?} ");
        });
        *SAID.lock().unwrap() += &(line + "\n");
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn the_log_says_why_somebody_was_closed_and_nothing_of_what_was_sent() {
    tracing::subscriber::set_global_default(Said).unwrap();
    each(|_, connect| {
        let (mut from, mut to, mut bad) = (connect(), connect(), connect());
        let (source, destination) = (from.open(0), to.open_extended(0));
        let secret = b"the secret of the messages";
        from.send(source, destination, 0, secret);
        from.write(&chunk(source, destination, (1, 0), FIRST | LAST, secret));
        from.send(source, 9, 0, secret);
        to.receive(secret);
        to.piece();
        assert_eq!(from.failed().3, Code::NoSuchPort);
        bad.open(0);
        let mut lie = message(1, destination, 0, secret);
        lie[27] += 1;
        bad.write(&lie);
        bad.closes();
        connect().open(0);
    });
    let said = SAID.lock().unwrap().clone();
    assert!(
        said.contains("closed: it sent SendMessage of 58 bytes that claims 27 bytes of data"),
        "{said}"
    );
    // Neither as text nor as numbers.
    for form in ["secret of", "115, 101, 99, 114, 101, 116", "736563726574"] {
        assert!(!said.contains(form), "{form} in {said}");
    }
}

#[test]
#[cfg(unix)]
fn a_connection_that_is_reset_ends_alone() {
    let broker = Running::new(Vec::new(), Limits::default());
    let mut to = broker.local();
    let destination = to.open(0);
    let socket = net::TcpStream::connect(broker.address).unwrap();
    rustix::net::sockopt::set_socket_linger(&socket, Some(Duration::ZERO)).unwrap();
    let mut reset = Raw::over(socket);
    let port = reset.open(0);
    reset.send(port, destination, 0, b"before");
    to.receive(b"before");
    // Closed with an answer unread, and in the middle of a frame.
    to.send(destination, port, 0, b"unread");
    reset.write(&message(port, destination, 0, b"half")[..20]);
    drop(reset);
    let mut third = broker.tcp();
    let until = Instant::now() + PATIENCE;
    while third.open_as(port, 0).0 != Code::Done {
        assert!(Instant::now() < until, "its port is not freed");
    }
    to.send(destination, port, 1, b"whose is it now?");
    third.receive(b"whose is it now?");
}

#[test]
fn frames_may_be_cut_anywhere() {
    each(|_, connect| {
        let (mut from, mut to) = (connect(), connect());
        let (source, destination) = (from.open(0), to.open(0));
        let whole: Vec<u8> = [&b"one"[..], b"", b"three"]
            .iter()
            .flat_map(|data| message(source, destination, 0, data))
            .collect();
        for cut in 1..whole.len() {
            from.write(&whole[..cut]);
            thread::sleep(Duration::from_micros(500));
            from.write(&whole[cut..]);
            to.receive(b"one");
            to.receive(b"");
            to.receive(b"three");
        }
    });
}

#[test]
fn ports_that_the_broker_chooses_are_ephemeral_and_differ() {
    each(|_, connect| {
        let mut client = connect();
        let ports: std::collections::HashSet<u64> = (0..200).map(|_| client.open(0)).collect();
        assert_eq!(ports.len(), 200);
        assert!(ports.iter().all(|port| (16_384..=1 << 32).contains(port)));
        assert_eq!(client.open(u64::MAX), u64::MAX);
    });
}

#[test]
fn a_port_is_its_owners_alone() {
    each(|_, connect| {
        let (mut owner, mut other) = (connect(), connect());
        let port = owner.open(11_001);
        assert_eq!(owner.open_as(port, 0), (Code::Taken, 0), "the same client again");
        assert_eq!(other.open_as(port, 0), (Code::Taken, 0));
        assert_eq!(other.close(port), Code::NotYours);
        assert_eq!(other.close(4), Code::NoSuchPort);
        let own = other.open(0);
        other.send(own, port, 0, b"still yours?");
        owner.receive(b"still yours?");
        drop(other);
        let mut third = connect();
        let source = third.open(0);
        third.send(source, port, 0, b"and now?");
        owner.receive(b"and now?");
    });
}

#[test]
fn nobody_speaks_for_another() {
    each(|_, connect| {
        let (mut owner, mut liar, mut to) = (connect(), connect(), connect());
        let (source, destination) = (owner.open(0), to.open(0));
        liar.send(source, destination, 5, b"forged");
        assert_eq!(liar.failed(), (Kind::SendMessage, destination, 5, Code::NotYours));
        liar.send(0, destination, 6, b"no port at all");
        assert_eq!(liar.failed(), (Kind::SendMessage, destination, 6, Code::NotYours));
        to.quiet();
    });
}

#[test]
fn a_message_to_nobody_comes_to_nothing_else() {
    each(|_, connect| {
        let mut client = connect();
        let port = client.open(0);
        client.send(port, 12, 77, b"?");
        assert_eq!(client.failed(), (Kind::SendMessage, 12, 77, Code::NoSuchPort));
        client.send(port, port, 0, b"to myself");
        client.receive(b"to myself");
        assert_eq!(client.close(port), Code::Done);
        client.send(port, port, 1, b"?");
        assert_eq!(client.failed().3, Code::NotYours);
    });
}

#[test]
fn what_is_no_frame_ends_its_sender_and_nobody_else() {
    let frame = |kind: u8, length: u32, rest: usize| {
        let mut bytes = vec![0, 8, kind, 0];
        bytes.extend(length.to_be_bytes());
        bytes.extend(vec![0; rest]);
        bytes
    };
    let mut cases: Vec<(String, Vec<u8>)> = Vec::new();
    for length in 0..8 {
        cases.push((format!("length {length}"), frame(5, length, 8)));
    }
    for kind in [1, 3, 5, 6] {
        cases.push((format!("type {kind} of 8 bytes"), frame(kind, 8, 0)));
    }
    for kind in [0, 2, 4, 7, 8, 11, 15, 16, 255] {
        cases.push((format!("type {kind}"), frame(kind, 64, 56)));
    }
    cases.push(("type 0 and length 0, as the original's Reboot".into(), frame(0, 0, 0)));
    cases.push(("a long OpenPort".into(), frame(1, 32, 24)));
    let mut lie = message(0, 0, 0, b"abc");
    lie[27] = 4;
    cases.push(("more data than the frame has".into(), lie.clone()));
    lie[27] = 2;
    cases.push(("less data than the frame has".into(), lie));
    let mut header = OpenPort::default().frame(&[]);
    header[1] = 12;
    cases.push(("a header of 12 bytes".into(), header.clone()));
    header[..2].copy_from_slice(&[2, 8]);
    cases.push(("version 2".into(), header));
    cases.push((
        "another protocol".into(),
        b"GET / HTTP/1.1\r\nHost: localhost:11000\r\n\r\n".to_vec(),
    ));
    each(|_, connect| {
        let (mut from, mut to) = (connect(), connect());
        let (source, destination) = (from.open(0), to.open(0));
        for (what, bytes) in &cases {
            let mut bad = connect();
            let port = bad.open(0);
            bad.write(bytes);
            bad.closes();
            from.send(source, port, 0, b"its port is free");
            assert_eq!(from.failed().3, Code::NoSuchPort, "{what}");
        }
        from.send(source, destination, 0, b"none the worse");
        to.receive(b"none the worse");
    });
}

#[test]
fn a_client_may_go_in_the_middle_of_a_frame() {
    each(|_, connect| {
        let (mut from, mut to) = (connect(), connect());
        let (port, destination) = (from.open(0), to.open(0));
        from.write(&message(port, destination, 0, b"first"));
        from.write(&message(port, destination, 0, b"second")[..34]);
        drop(from);
        to.receive(b"first");
        to.quiet();
        assert_eq!(connect().open(port), port, "its port is free again");
    });
}

#[test]
fn who_stops_writing_has_gone() {
    each(|_, connect| {
        let (mut half, mut to) = (connect(), connect());
        let (port, destination) = (half.open(5000), to.open(0));
        half.send(port, destination, 0, b"last words");
        half.write(
            &OpenPort {
                request: 1.into(),
                ..Default::default()
            }
            .frame(&[]),
        );
        let stopped = half.shutdown(net::Shutdown::Write);
        to.receive(b"last words");
        assert_eq!(half.frame().0.kind, Kind::OpenedPort, "what it is owed still comes");
        if !stopped {
            return;
        }
        half.closes();
        assert_eq!(connect().open(port), port);
    });
}

#[test]
fn messages_to_one_who_has_gone_say_so() {
    each(|_, connect| {
        let (mut from, mut to) = (connect(), connect());
        let (source, destination) = (from.open(0), to.open(0));
        let one = message(source, destination, 7, &[0; 1000]);
        let (sent, rest) = from.write_until_stuck(&one);
        drop(to);
        // The rest of the last one, and one more whose answer comes last.
        let mut writer = from.twin();
        let rest = [rest, message(source, destination, 8, b"?")].concat();
        let writing = thread::spawn(move || writer.write(&rest));
        let mut lost = [0; 2];
        loop {
            let (failed, _) = from.expect::<Failed>();
            assert_eq!(failed.destination.get(), destination);
            match (Code::of(failed.code), failed.tag.get()) {
                (Some(Code::ReceiverGone), 7) => lost[0] += failed.count.get(),
                (Some(Code::NoSuchPort), 7) => lost[1] += failed.count.get(),
                (Some(Code::NoSuchPort), 8) => break,
                other => panic!("{other:?}"),
            }
        }
        writing.join().unwrap();
        let sent = sent as u32;
        assert!(
            lost[0] >= 250 && lost[1] > 0 && lost[0] + lost[1] < sent,
            "{lost:?} of {sent}"
        );
    });
}

#[test]
fn reboot_and_shutdown_are_not_for_clients() {
    each(|_, connect| {
        let mut client = connect();
        client.write(&[Reboot::default().frame(&[]), Shutdown::default().frame(&[])].concat());
        client.open(0);
    });
}

#[test]
fn a_huge_length_reserves_nothing_and_a_long_message_is_refused_as_it_comes() {
    let limits = Limits {
        message: 1 << 20,
        ..Limits::default()
    };
    let broker = Running::new(Vec::new(), limits);
    let (mut huge, mut other) = (broker.tcp(), broker.local());
    let (source, destination) = (huge.open(0), other.open(0));
    let mut bytes = message(source, destination, 3, &[]);
    bytes[4..8].copy_from_slice(&u32::MAX.to_be_bytes());
    bytes[24..28].copy_from_slice(&(u32::MAX - 32).to_be_bytes());
    huge.write(&bytes);
    assert_eq!(huge.failed(), (Kind::SendMessage, destination, 3, Code::TooLarge));
    other.send(destination, destination, 0, b"others go on");
    other.receive(b"others go on");
    // One byte too long, then one that is just right, over the same connection.
    let mut third = broker.local();
    let source = third.open(0);
    third.send(source, destination, 4, &vec![1; (1 << 20) + 1]);
    assert_eq!(third.failed(), (Kind::SendMessage, destination, 4, Code::TooLarge));
    third.send(source, destination, 5, &vec![2; 1 << 20]);
    other.receive(&vec![2; 1 << 20]);
}

#[test]
fn one_client_has_so_many_ports_and_no_more() {
    let broker = Running::new(
        Vec::new(),
        Limits {
            ports: 3,
            ..Limits::default()
        },
    );
    let (mut client, mut other) = (broker.local(), broker.local());
    let ports: Vec<u64> = (0..3).map(|_| client.open(0)).collect();
    assert_eq!(client.open_as(0, 0), (Code::TooMany, 0));
    other.open(0);
    assert_eq!(client.close(ports[1]), Code::Done);
    client.open(0);
}
