//! The client library, against a broker.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use portico_broker::client::{Address, Broken, Client, Error, Event, Lost, Message};
use portico_broker::server::{Broker, Config, Limits};
use portico_broker::wire::{Code, OpenPort};
use std::io::{ErrorKind, Read, Write};
use std::ops::ControlFlow;
use std::time::Instant;
use std::{env, thread};
use support::{Between, MOMENT, PATIENCE, Running};

/// Runs a test with two clients, over each transport, with a port each.
fn each(test: impl Fn(Client, u64, Client, u64)) {
    let broker = Running::new(Vec::new(), Limits::default());
    for connect in [Running::client, Running::local_client] {
        let (mut one, mut two) = (connect(&broker), connect(&broker));
        let (of_one, of_two) = (one.open(0).unwrap(), two.open(0).unwrap());
        test(one, of_one, two, of_two);
    }
}

fn message(client: &mut Client) -> Message {
    match client.receive(Some(PATIENCE)).unwrap() {
        Some(Event::Message(message)) => message,
        other => panic!("{other:?}"),
    }
}

fn lost(client: &mut Client) -> Lost {
    match client.receive(Some(PATIENCE)).unwrap() {
        Some(Event::Lost(lost)) => lost,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_is_answered_and_others_wait_for_their_turn() {
    each(|mut one, of_one, mut two, of_two| {
        let serving = thread::spawn(move || {
            two.run(|two, event| {
                let Event::Message(asked) = event else {
                    panic!("{event:?}")
                };
                two.send(asked.destination, asked.source, &[&b"re: "[..], &asked.data].concat())?;
                Ok(if asked.data == b"end" {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                })
            })
        });
        one.send(of_one, of_one, b"to myself").unwrap();
        for text in ["one", "two", "end"] {
            let answer = one.request(of_one, of_two, text.as_bytes(), PATIENCE).unwrap();
            assert_eq!(answer.data, format!("re: {text}").as_bytes());
        }
        assert_eq!(message(&mut one).data, b"to myself");
        serving.join().unwrap().unwrap();
        // Whoever served is gone.
        assert!(matches!(
            one.request(of_one, of_two, b"?", PATIENCE),
            Err(Error::Refused(Code::NoSuchPort))
        ));
    });
}

#[test]
fn waiting_ends_in_time() {
    each(|mut one, of_one, _two, of_two| {
        assert_eq!(one.poll().unwrap(), None);
        let before = Instant::now();
        assert_eq!(one.receive(Some(MOMENT)).unwrap(), None);
        assert!(
            (MOMENT..MOMENT * 10).contains(&before.elapsed()),
            "{:?}",
            before.elapsed()
        );
        assert!(matches!(
            one.request(of_one, of_two, b"?", MOMENT),
            Err(Error::TimedOut)
        ));
    });
}

#[test]
fn what_is_lost_has_its_tag() {
    each(|mut one, of_one, _two, _| {
        assert!(matches!(one.open(of_one), Err(Error::Refused(Code::Taken))));
        assert!(matches!(one.close(3), Err(Error::Refused(Code::NoSuchPort))));
        let tag = one.send(of_one, 3, b"?").unwrap();
        let Lost {
            destination,
            stream,
            tag: of,
            code,
            ..
        } = lost(&mut one);
        assert_eq!((destination, stream, of, code), (3, None, tag, Code::NoSuchPort));
        one.close(of_one).unwrap();
        one.send(of_one, 3, b"?").unwrap();
        assert_eq!(lost(&mut one).code, Code::NotYours);
    });
}

#[test]
fn long_messages_come_whole() {
    each(|mut one, of_one, mut two, of_two| {
        let data: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 253) as u8).collect();
        let sent = data.clone();
        let sending = thread::spawn(move || one.send(of_one, of_two, &sent).map(|tag| (one, tag)));
        let got = message(&mut two);
        let (_one, tag) = sending.join().unwrap().unwrap();
        assert!(got.data == data);
        assert_eq!((got.source, got.destination, got.tag), (of_one, of_two, tag));
    });
}

#[test]
fn two_that_flood_each_other_do_not_wait_for_ever() {
    each(|one, of_one, two, of_two| {
        let flood = |mut client: Client, from, to| {
            thread::spawn(move || {
                for n in 0..300_u32 {
                    client
                        .send(from, to, &[&n.to_be_bytes()[..], &[0; 40_000]].concat())
                        .unwrap();
                }
                for n in 0..300_u32 {
                    assert_eq!(message(&mut client).data[..4], n.to_be_bytes());
                }
                client
            })
        };
        let both = [flood(one, of_one, of_two), flood(two, of_two, of_one)];
        // Neither goes before the other has all.
        let clients = both.map(|thread| thread.join().unwrap());
        drop(clients);
    });
}

#[test]
fn a_stream_is_written_and_read_like_any_other() {
    each(|mut one, of_one, mut two, of_two| {
        let data: Vec<u8> = (0..20_000_000_u32).map(|n| (n % 241) as u8).collect();
        let sent = data.clone();
        let writing = thread::spawn(move || {
            let mut stream = one.stream(of_one, of_two);
            stream.write_all(&sent).unwrap();
            stream.finish().unwrap();
            one.send(of_one, of_two, b"behind it").unwrap();
            one.stream(of_one, of_two).finish().unwrap();
            one
        });
        let Some(Event::Piece(first)) = two.receive(Some(PATIENCE)).unwrap() else {
            panic!("no piece")
        };
        let mut got = Vec::new();
        two.read_stream(first).read_to_end(&mut got).unwrap();
        assert!(got == data);
        assert_eq!(message(&mut two).data, b"behind it");
        let Some(Event::Piece(empty)) = two.receive(Some(PATIENCE)).unwrap() else {
            panic!("no piece")
        };
        assert_eq!(two.read_stream(empty).read(&mut [0; 9]).unwrap(), 0);
        drop(writing.join().unwrap());
    });
}

#[test]
fn a_stream_that_is_not_whole_says_so_to_both() {
    each(|mut one, of_one, mut two, of_two| {
        let mut stream = one.stream(of_one, of_two);
        stream.write_all(b"not all").unwrap();
        drop(stream);
        let Some(Event::Piece(first)) = two.receive(Some(PATIENCE)).unwrap() else {
            panic!("no piece")
        };
        let mut got = Vec::new();
        let error = two.read_stream(first).read_to_end(&mut got).unwrap_err();
        assert_eq!((&*got, error.kind()), (&b"not all"[..], ErrorKind::BrokenPipe));

        let mut stream = one.stream(of_one, of_two);
        stream.write_all(b"again").unwrap();
        assert!(matches!(two.receive(Some(PATIENCE)), Ok(Some(Event::Piece(_)))));
        two.close(of_two).unwrap();
        let until = Instant::now() + PATIENCE;
        let error = loop {
            match stream.write_all(b"more") {
                Ok(()) => assert!(Instant::now() < until),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        assert!(error.to_string().contains("gone"), "{error}");
        assert!(stream.finish().is_err());
    });
}

#[test]
fn rights_are_handed_on_and_end_with_the_port() {
    let broker = Running::new(Vec::new(), Limits::default());
    let (mut owner, mut friend, mut third) = (broker.client(), broker.local_client(), broker.client());
    let secret = owner.open_private(0).unwrap();
    let (public, of_friend, of_third) = (owner.open(0).unwrap(), friend.open(0).unwrap(), third.open(0).unwrap());
    friend.send(of_friend, secret, b"may I?").unwrap();
    assert_eq!(lost(&mut friend).code, Code::NotPermitted);
    // Nobody hands over what it doesn't have.
    friend.send_right(of_friend, of_third, secret, b"take it").unwrap();
    assert_eq!(lost(&mut friend).code, Code::NotPermitted);
    owner.send_right(public, of_friend, secret, b"you may").unwrap();
    let got = message(&mut friend);
    assert_eq!((got.right, &*got.data), (Some(secret), &b"you may"[..]));
    friend.send(of_friend, secret, b"thanks").unwrap();
    assert_eq!(message(&mut owner).data, b"thanks");
    friend.send_right(of_friend, of_third, secret, b"you too").unwrap();
    assert_eq!(message(&mut third).right, Some(secret));
    third.send(of_third, secret, b"hello").unwrap();
    assert_eq!(message(&mut owner).data, b"hello");
    // The same number is another port afterwards.
    owner.close(secret).unwrap();
    assert_eq!(owner.open_private(secret).unwrap(), secret);
    third.send(of_third, secret, b"still?").unwrap();
    assert_eq!(lost(&mut third).code, Code::NotPermitted);
    // An old client never sees any of it.
    let mut old = broker.tcp();
    let of_old = old.open(0);
    owner.send_right(public, of_old, secret, b"?").unwrap();
    assert_eq!(lost(&mut owner).code, Code::NotUnderstood);
    old.quiet();
}

#[test]
fn who_connects_again_knows_what_was_lost() {
    let broker = Running::new(Vec::new(), Limits::default());
    let address = broker.address;
    let (mut one, mut other) = (broker.client(), broker.client());
    let (kept, taken) = (one.open(4000).unwrap(), one.open(4001).unwrap());
    let of_other = other.open(0).unwrap();
    let secret = other.open_private(0).unwrap();
    other.send_right(of_other, kept, secret, b"yours").unwrap();
    one.label("One").unwrap();
    let mut stream = other.stream(of_other, kept);
    stream.write_all(b"half").unwrap();
    // It is not finished when the broker ends.
    std::mem::forget(stream);
    assert_eq!(message(&mut one).right, Some(secret));
    let Some(Event::Piece(piece)) = one.receive(Some(PATIENCE)).unwrap() else {
        panic!("no piece")
    };
    drop(broker);
    assert!(matches!(
        one.receive(Some(PATIENCE)),
        Err(Error::Ended | Error::Connection(_))
    ));
    assert!(matches!(one.reconnect(), Err(Error::Connection(_))));

    let broker = Running::at(address);
    let mut thief = broker.client();
    thief.open(taken).unwrap();
    let broken = one.reconnect().unwrap();
    assert_eq!(broken.ports, [(taken, Code::Taken)]);
    assert_eq!(
        (&*broken.streams, &*broken.rights),
        (&[piece.stream][..], &[secret][..])
    );
    assert_eq!(other.reconnect().unwrap().streams, [piece.stream]);
    thief.open(4002).unwrap();
    thief.send(4002, kept, b"there again").unwrap();
    assert_eq!(message(&mut one).data, b"there again");
    assert_eq!(broker.labelled("One"), 1);
}

#[test]
fn who_fails_to_connect_again_loses_nothing_by_it() {
    let broker = Running::new(Vec::new(), Limits::default());
    let between = Between::new(broker.address);
    let (mut one, mut other) = (
        Client::connect(&Address::Tcp(between.address)).unwrap(),
        broker.client(),
    );
    let (of_other, secret) = (other.open(0).unwrap(), other.open_private(0).unwrap());
    let kept = [4000, 4001, 4002].map(|port| one.open(port).unwrap());
    let taken = one.open(3999).unwrap();
    other.send_right(of_other, kept[0], secret, b"yours").unwrap();
    assert_eq!(message(&mut one).right, Some(secret));
    let mut stream = one.stream(kept[0], of_other);
    stream.write_all(b"half").unwrap();
    std::mem::forget(stream);
    let Some(Event::Piece(half)) = other.receive(Some(PATIENCE)).unwrap() else {
        panic!("no piece")
    };

    // The connection ends in the middle of what opens the second port again, and later the last.
    let open = size_of::<OpenPort>();
    between.cut(open + 1);
    assert!(matches!(
        one.receive(Some(PATIENCE)),
        Err(Error::Ended | Error::Connection(_))
    ));
    let mut thief = broker.client();
    thief.open(taken).unwrap();
    for next in [open + 12, 3 * open - 1, usize::MAX] {
        assert!(matches!(one.reconnect(), Err(Error::Ended | Error::Connection(_))));
        between.cut(next);
    }
    let broken = one.reconnect().unwrap();
    assert_eq!(
        (broken.ports, broken.streams, broken.rights),
        (vec![(taken, Code::Taken)], vec![half.stream], vec![secret])
    );
    for port in kept {
        other.send(of_other, port, b"there again").unwrap();
        let got = message(&mut one);
        assert_eq!((got.destination, &*got.data), (port, &b"there again"[..]));
    }
    // And it is told once.
    between.cut(usize::MAX);
    assert!(matches!(
        one.receive(Some(PATIENCE)),
        Err(Error::Ended | Error::Connection(_))
    ));
    assert_eq!(one.reconnect().unwrap(), Broken::default());
}

#[test]
fn what_was_sent_comes_though_its_sender_goes_at_once() {
    each(|mut one, of_one, mut two, of_two| {
        for n in 0..5 {
            one.send(of_one, of_two, &[n; 40_000]).unwrap();
        }
        drop(one);
        for n in 0..5 {
            assert_eq!(message(&mut two).data, [n; 40_000]);
        }
        // It has gone with its ports, and not only once its process ends.
        let until = Instant::now() + PATIENCE;
        while two.open(of_one).is_err() {
            assert!(Instant::now() < until, "its port is not freed");
        }
    });
}

#[test]
fn a_socket_has_one_broker_and_then_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("broker.sock");
    let bind = || {
        Broker::bind(Config {
            address: None,
            socket: Some(socket.clone()),
            ..Config::default()
        })
    };
    let address = Address::Socket(socket.clone());
    assert!(matches!(Client::connect(&address), Err(Error::Connection(error)) if error.kind() == ErrorKind::NotFound));
    let mut clients = Vec::new();
    for _ in 0..2 {
        let broker = bind().unwrap();
        let stopper = broker.stopper();
        let running = thread::spawn(move || broker.run());
        // Wine doesn't know of first instances.
        if env::var_os("WINELOADER").is_none() {
            assert_eq!(bind().map(drop).unwrap_err().kind(), ErrorKind::AddrInUse);
        }
        // One that doesn't read what waits for it, and two that do.
        let (mut deaf, mut one) = (Client::connect(&address).unwrap(), Client::connect(&address).unwrap());
        let (of_deaf, of_one) = (deaf.open(0).unwrap(), one.open(0).unwrap());
        for _ in 0..5 {
            one.send(of_one, of_deaf, &[7; 40_000]).unwrap();
        }
        assert_eq!(one.request(of_one, of_one, b"me", PATIENCE).unwrap().data, b"me");
        stopper.stop();
        running.join().unwrap().unwrap();
        assert!(matches!(
            one.receive(Some(PATIENCE)),
            Err(Error::Ended | Error::Connection(_))
        ));
        clients.push(deaf);
    }
    for mut deaf in clients {
        let until = Instant::now() + PATIENCE;
        while deaf.receive(Some(PATIENCE)).is_ok() {
            assert!(Instant::now() < until, "it is not told");
        }
    }
}
